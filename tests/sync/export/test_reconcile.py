"""Whether export journal and database agree, told from their facts alone."""

from __future__ import annotations

from typing import Any

from erpdesk.sync.export.journal import Entry
from erpdesk.sync.export.reconcile import disagreement, fork, journal_says_sent, why_not_again

TRAIL = {number: f"{number:064x}" for number in range(1, 21)}


def lines(*told: tuple[str, dict[str, Any]]) -> list[Entry]:
    return [
        Entry(seq, f"2026-11-24T0{seq}:00:00Z", what, {"company": "C", **body}, "", "")
        for seq, (what, body) in enumerate(told, 1)
    ]


def armed(file: str, *sage_ids: str, kind: str = "commitment", seq: int = 0) -> tuple[str, dict[str, Any]]:
    items = [{"export_key": f"K{each}", "attempt": 1, "sage_id": each, "amount": "12.50"} for each in sage_ids]
    return "armed", {"kind": kind, "file": file, "items": items, "audit_seq": seq, "audit_hash": TRAIL.get(seq, "")}


def old(file: str, sage_id: str) -> tuple[str, dict[str, Any]]:
    """A line of an erpdesk that sent each item in a file of its own."""
    return "armed", {"file": file, "export_key": "K", "attempt": 1, "sage_id": sage_id, "amount": "1.00"}


def lookup(top: int) -> Any:
    return lambda seq: TRAIL[seq] if 0 < seq <= top else ""


def test_what_both_know_and_an_intact_trail_agree() -> None:
    entries = lines(armed("F1", "A", "B", seq=3), old("F2", "C"), ("head", {"audit_seq": 5, "audit_hash": TRAIL[5]}))
    assert disagreement(entries, {"F1", "F2"}, {"F1"}, lookup(9), company="C") is None
    assert disagreement([], set(), set(), lookup(0)) is None


def test_each_way_of_contradicting_locks_and_names_what_it_is_about() -> None:
    entries = lines(armed("F1", "A", "B", seq=3), old("F2", "C"))
    found = disagreement(entries, {"F1"}, {"F1"}, lookup(9), company="C")
    assert found is not None and (found.ahead, found.sage_ids) == (("F2",), ("C",))
    assert "sent to Sage (C) that this database does not" in found.sentence()
    # The file is known, but the database is older than the moment it went out: STAGED there, armed here.
    found = disagreement(entries, set(), set(), lookup(9), company="C")
    assert found is not None and found.ahead == ("F1", "F2")
    found = disagreement(entries, {"F1", "F2", "F3"}, {"F3"}, lookup(9), company="C")
    assert found is not None and found.unwritten == ("F3",) and "does not hold" in found.sentence()
    found = disagreement(entries, {"F1", "F2"}, {"F1"}, lookup(2), company="C")
    assert found is not None and found.older == 3 and "entry 3 of an audit trail that is not" in found.sentence()
    found = disagreement([], set(), set(), lookup(9), restores=["mark"])
    assert found is not None and found.restored == ("mark",) and "a backup was put back" in found.sentence()


def test_only_what_was_answered_for_by_name_is_settled() -> None:
    word = {"files": ["F2"], "restores": ["mark"], "audit_seq": 6, "audit_hash": TRAIL[6]}
    entries = lines(armed("F1", "A"), old("F2", "C"), ("reconciled", word))
    assert disagreement(entries, {"F1"}, {"F1"}, lookup(9), company="C", restores=["mark"]) is None
    # A still older backup: F1 was known when somebody answered for F2.
    found = disagreement(entries, set(), set(), lookup(6), company="C", restores=["mark", "second"])
    assert found is not None and (found.ahead, found.restored) == (("F1",), ("second",))


def test_another_companys_files_are_not_ours() -> None:
    entries = lines(("armed", {"company": "D", "file": "F9", "items": [], "audit_seq": 9, "audit_hash": "x"}))
    assert disagreement(entries, set(), set(), lookup(3), company="C") is None


def test_the_fork_is_the_newest_entry_that_both_hold() -> None:
    entries = lines(armed("F1", "A", seq=3), armed("F2", "B", seq=7), ("head", {"audit_seq": 9, "audit_hash": "x"}))
    assert fork(entries, lookup(8)) == 7 and fork(entries, lookup(5)) == 3 and fork(entries, lookup(1)) == 0


def test_a_lost_sending_without_an_id_is_not_sent_again_until_somebody_looked() -> None:
    told = [armed("F1", "21-001", kind="budget"), ("reconciled", {"files": ["F1"]})]
    lost = journal_says_sent(lines(*told), "budget", " 21-001 ")
    assert lost is not None and lost.file == "F1"
    assert "went to Sage on 11/24/2026" in why_not_again(lost, "budget")
    assert journal_says_sent(lines(*told), "budget", "21-002") is None
    assert journal_says_sent(lines(*told), "commitment", "21-001") is None
    assert journal_says_sent(lines(*told), "budget", "21-001", {"F1"}) is None, "a newer backup knows it"
    told.append(("compared", {"ids": ["F1/K21-001"], "found": "in Sage", "who": "Priya"}))
    assert journal_says_sent(lines(*told), "budget", "21-001") is not None
    told.append(("compared", {"ids": ["F1/K21-001"], "found": "not in Sage", "who": "Priya"}))
    assert journal_says_sent(lines(*told), "budget", "21-001") is None
