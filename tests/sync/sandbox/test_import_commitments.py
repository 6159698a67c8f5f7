"""The stand-in's commitment import: what the golden cases leave to it, its journal, its reject file, its stops."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import pytest

from erpdesk.sync.sandbox import running
from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import FILE, PRINT, REJECT, Withdrawn, import_commitments

C = '"C","{id}",{type},"Steel","STEEL",01/02/2026,10,{committed},0,0'
CI = '"CI","{id}",{item},"Line",,,,"{job}","{extra}","{code}","{category}","",{tax},{units},{cost},"",{amount}'
CCO = '"CCO","{id}","{co}","More",,01/02/2026,,,{status}'
Deliver = Callable[..., None]

CCOI = '"CCOI","{id}","{co}",{item},"More",{units},{amount}'


def c(id: str = "SC-1", type: int = 1, committed: int = 1) -> str:
    """A header line."""
    return C.format(id=id, type=type, committed=committed)


def ci(amount: str = "100.00", **changed: object) -> str:
    """An item line on job J1."""
    usual: dict[str, object] = {"id": "SC-1", "item": 1, "job": "J1", "extra": "", "code": "05-100", "category": "S"}
    return CI.format(amount=amount, **({"tax": "", "units": "", "cost": ""} | usual | changed))


def cco(id: str = "OPEN", co: str = "1", status: object = 5) -> str:
    """A change order header."""
    return CCO.format(id=id, co=co, status=status)


def ccoi(amount: str = "50.00", id: str = "OPEN", co: str = "1", item: int = 1, units: str = "") -> str:
    """A change order line."""
    return CCOI.format(amount=amount, id=id, co=co, item=item, units=units)


def printed(company: SandboxCompany) -> list[str]:
    """The lines of the journal."""
    text = (company.imports / PRINT).read_bytes().decode("cp1252")
    assert text.endswith("\r\n")
    return text.split("\r\n")[:-1]


def value(company: SandboxCompany, sql: str) -> object:
    """One value, read through the door."""
    with closing(company.connect()) as connection:
        assert ties(connection) == []
        found: object = connection.execute(sql).fetchone()[0]
        return found


CASES = [
    ([c(), ci(job="J9")], "unknown_job", "job J9 does not exist."),
    ([c(), ci(job="")], "unknown_job", "the job is missing."),
    ([c(), ci(job="J2")], "closed_job", "job J2 is closed."),
    ([c(), ci(extra="X9")], "extra_unknown", "extra X9 does not exist in job J1."),
    ([c(), ci(extra="X2")], "closed_extra", "extra X2 of job J1 is closed."),
    ([c(), ci(code="05-999")], "unknown_cost_code", "cost code 05-999 does not exist in job J1."),
    ([c(), ci(extra="X1", code="05-200")], "unknown_cost_code", "does not exist in job J1 extra X1."),
    ([c(), ci(code="05-200")], "closed_cost_code", "cost code 05-200 of job J1 is closed."),
    ([c(), ci(category="L")], "unknown_category", "category L does not exist in job J1 cost code 05-100."),
    ([c(), ci(category="M")], "closed_category", "category M of job J1 cost code 05-100 is closed."),
    ([c(), ci(units="3", cost="10", amount="31.00")], "number_range", "come to 30.00, not to the amount."),
    ([c(), ci(), ci(item=1)], "number_range", "item 1 stands twice in this commitment."),
    ([c("SC-12345678"), ci(id="SC-12345678")], "width", "is 11 characters wide; 10 fit."),
    ([c("sc-1"), ci(id="sc-1")], "id_mask", "must be in capital letters."),
    ([c("OPEN"), ci(id="OPEN")], "duplicate_commitment", "commitment OPEN already exists."),
    ([c().replace("STEEL", "IRON"), ci()], "vendor_unknown", "vendor IRON does not exist."),
    ([c().replace("STEEL", ""), ci()], "vendor_unknown", "the vendor is missing."),
    ([c().replace("01/02/2026", ""), ci()], "bad_date", "the date is missing."),
    ([c() + "," * 11 + "Joe", ci()], "layout_mismatch", "are for purchase orders only."),
    ([c()], "header_not_lines", "the header is not followed by its lines."),
    ([c(), ci(id="SC-2")], "header_not_lines", "the line does not follow the header of its commitment."),
    ([ci()], "header_not_lines", "the line does not follow the header of its commitment."),
    ([cco()], "header_not_lines", "the header is not followed by its lines."),
    ([ccoi()], "header_not_lines", "the line does not follow the header of its change order."),
    ([cco("NONE"), ccoi(id="NONE")], "commitment_unknown", "commitment NONE does not exist."),
    ([cco("SHUT"), ccoi(id="SHUT")], "closed_commitment", "commitment SHUT is closed."),
    ([cco(), ccoi(item=2)], "commitment_unknown", "commitment OPEN has no item 2."),
    ([cco(), ccoi(units="2", amount="24.00")], "unit_cost_changed", "2 units come to 25.00."),
    ([cco(), ccoi(), ccoi()], "co_line_twice", "item 1 is changed twice in this change order."),
    ([cco().replace("01/02/2026", ""), ccoi()], "bad_date", "the date is missing."),
]


@pytest.mark.parametrize(("lines", "reason", "sentence"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_refusals(company: SandboxCompany, deliver: Deliver, lines: list[str], reason: str, sentence: str) -> None:
    """Each rule refuses its document whole, says why in the journal, and hands every record back."""
    before = value(company, "SELECT Revised_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'")
    deliver(*lines)
    result = import_commitments(company)
    assert reason in {verdict.reason for verdict in result.verdicts}
    assert not any(verdict.accepted for verdict in result.verdicts)
    assert any(line.endswith(sentence) for line in printed(company)), printed(company)
    assert printed(company)[-1] == f"Records read {len(lines)}   accepted 0   rejected {len(lines)}"
    assert (company.imports / REJECT).read_bytes() == (company.imports / FILE).read_bytes()
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT") == 2
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT_CO") == 0
    assert value(company, "SELECT Revised_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'") == before


def test_the_journal_and_the_reject_file(company: SandboxCompany, deliver: Deliver) -> None:
    """One line for each accepted document and each rejected record, in file order; rejects byte for byte."""
    deliver(c(), ci("248500.00"), c("SC-2"), ci(id="SC-2", job="J9"), ci(id="SC-2", item=2), cco(), ccoi("-12.34"))
    import_commitments(company)
    lines = printed(company)
    assert lines[0] == "Small & Sons"
    assert lines[-8:] == [
        "",
        "  Line    1  C     SC-1          Accepted   248500.00",
        "  Line    3  C     SC-2          Rejected: line 4 of the same document was rejected.",
        "  Line    4  CI    SC-2          Rejected: job J9 does not exist.",
        "  Line    5  CI    SC-2          Rejected: line 4 of the same document was rejected.",
        "  Line    6  CCO   OPEN          Accepted   -12.34",
        "",
        "Records read 7   accepted 4   rejected 3",
    ]
    delivered = (company.imports / FILE).read_bytes().split(b"\r\n")
    assert (company.imports / REJECT).read_bytes() == b"\r\n".join(delivered[2:5]) + b"\r\n"
    assert [path.name for path in company.imports.glob("*.tmp")] == []


def test_a_corrected_reject_file_goes_in_and_leaves_no_reject_file(company: SandboxCompany, deliver: Deliver) -> None:
    """Rejects are in the import's own form: corrected and imported again, nothing is left over."""
    deliver(c(), ci(job="J9"))
    import_commitments(company)
    deliver(data=(company.imports / REJECT).read_bytes().replace(b"J9", b"J1"))
    assert all(verdict.accepted for verdict in import_commitments(company).verdicts)
    assert not (company.imports / REJECT).exists()
    assert value(company, "SELECT Amount FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-1'") == 100.0


def test_an_unreadable_line_takes_its_document_with_it(company: SandboxCompany, deliver: Deliver) -> None:
    """A line that nothing can read may have been an item: the commitment around it stays out, the next goes in."""
    deliver(c(), ci(), "garbage", ci(item=2), c("SC-2"), ci(id="SC-2"))
    result = import_commitments(company)
    assert [verdict.accepted for verdict in result.verdicts] == [False] * 4 + [True] * 2
    assert result.verdicts[2].reason == "layout_mismatch"


def test_the_same_new_id_twice(company: SandboxCompany, deliver: Deliver) -> None:
    """Of two commitments with one id the first goes in."""
    deliver(c(), ci("1.00"), c(), ci("2.00"))
    result = import_commitments(company)
    assert [verdict.reason for verdict in result.verdicts] == ["", "", "duplicate_commitment", "with_its_header"]
    assert value(company, "SELECT Amount FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-1'") == 1.0


def test_what_is_not_committed_is_no_committed_cost(company: SandboxCompany, deliver: Deliver) -> None:
    """With the committed flag 0 the commitment is there, but job totals do not move, nor by its change orders."""
    deliver(c(committed=0), ci(), cco("SC-1"), ccoi(id="SC-1"))
    assert all(verdict.accepted for verdict in import_commitments(company).verdicts)
    assert value(company, "SELECT Amount FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-1'") == 100.0
    assert value(company, "SELECT Approved_Commitment_CO_Amount FROM JCM_MASTER__COMMITMENT WHERE Amount = 100") == 50.0
    assert value(company, "SELECT Revised_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 0.0


def test_an_extra_and_the_base_stay_apart(company: SandboxCompany, deliver: Deliver) -> None:
    """A line on an extra raises the extra and the job's column of extras, not the job's own."""
    deliver(c(), ci("10.10"), ci("20.20", item=2, extra="X1"))
    import_commitments(company)
    job = "SELECT {} FROM JCM_MASTER__JOB WHERE Job = 'J1'"
    assert value(company, job.format("Original_Commitment")) == 10.1
    assert value(company, job.format("Extra_Original_Commitment")) == 270.2
    assert value(company, job.format("Total_Sub_Commitment")) == 10.1
    assert value(company, "SELECT Original_Commitment FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'") == 270.2


def test_a_change_order_that_is_not_approved_is_pending(company: SandboxCompany, deliver: Deliver) -> None:
    """Other statuses than 5, also a blank one, are pending changes and leave the commitment as it is."""
    deliver(cco(co="1", status=1), ccoi(co="1"), cco(co="2", status=""), ccoi(co="2", amount="0.05"))
    assert all(verdict.accepted for verdict in import_commitments(company).verdicts)
    extra = "SELECT {} FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'"
    assert value(company, extra.format("Pending_Commitment_Changes")) == 50.05
    assert value(company, extra.format("Revised_Commitment")) == 250.0
    assert value(company, "SELECT MAX(Status) FROM JCM_MASTER__COMMITMENT_CO") == "Not issued"


def test_rows_are_stamped_and_typed(company: SandboxCompany, deliver: Deliver) -> None:
    """Stored as Sage shows it: type as text, flag, date, retainage, operator and date on every changed row."""
    deliver(
        c("PO-1", 2) + ',"1 Way","","Town","WA","98001","","","","","","Joe","Net 30","Truck","Site"', ci(id="PO-1")
    )
    import_commitments(company)
    with closing(company.connect()) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'PO-1'").fetchone()
        assert (row["Commitment_Type"], row["Committed"], row["Closed"], row["Job"]) == ("Purchase order", 1, 0, "J1")
        assert (row["Date"], row["Retainage_Percent"], row["Operator_Stamp"]) == ("2026-01-02", 10.0, "SAGEOPER")
        assert (row["To_City"], row["Ordered_By"], row["FOB"]) == ("Town", "Joe", "Site")
        category = connection.execute("SELECT Date_Stamp FROM JCM_MASTER__CATEGORY WHERE Original_Commitment = 100")
        assert category.fetchone()["Date_Stamp"] == company.stamp()["Date_Stamp"]


def test_large_lines_are_warned_about(company: SandboxCompany, deliver: Deliver) -> None:
    """A line over 999,999.99 goes in with a warning among the headings."""
    deliver(c(), ci("1000000.00"))
    result = import_commitments(company)
    assert result.warnings == ("the amount on line 2 is over 999,999.99.",)
    assert "Warning: the amount on line 2 is over 999,999.99." in printed(company)
    assert printed(company)[-1] == "Records read 2   accepted 2   rejected 0"


@pytest.mark.parametrize(
    ("faults", "words"),
    [({"lock": True}, "is in use"), ({"no_licence": True}, "licences are in use"), ({}, "holds no records")],
)
def test_an_import_that_stops(company: SandboxCompany, deliver: Deliver, faults: dict[str, bool], words: str) -> None:
    """A locked file, no licence, an empty file: the journal's last line says so, nothing was imported."""
    deliver(c(), ci())
    if not faults:
        (company.imports / FILE).write_bytes(b"")
    company.set_faults(**faults)
    assert words in import_commitments(company).stopped
    last = printed(company)[-1]
    assert last.startswith("Import stopped: ") and words in last and last.endswith("Nothing was imported.")
    assert not (company.imports / REJECT).exists()
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT") == 2


def test_a_file_that_cannot_be_opened_stops_the_import(company: SandboxCompany) -> None:
    """The operating system's own refusal ends in the journal."""
    (company.imports / FILE).mkdir()
    assert "cannot be opened" in import_commitments(company).stopped
    assert printed(company)[-1].startswith("Import stopped: ")


def test_a_file_that_was_taken_away_leaves_no_journal(company: SandboxCompany) -> None:
    """Withdrawn before the import read it: no import, no journal."""
    with pytest.raises(Withdrawn):
        import_commitments(company)
    assert not (company.imports / PRINT).exists()


def test_tables_in_use_stop_the_import(
    company: SandboxCompany, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program holds the tables the import waits, then stops; asked to give up, it prints nothing."""
    deliver(c(), ci())
    monkeypatch.setattr(running, "BUSY_SECONDS", 0.0)
    with closing(company.writable()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM JCM_MASTER__JOB").fetchone()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            import_commitments(company, give_up=lambda: True)
        assert not (company.imports / PRINT).exists()
        assert "in use by another program" in import_commitments(company).stopped
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT") == 2


def test_sage_rejects_the_next_commitment_once(company: SandboxCompany, deliver: Deliver) -> None:
    """A reason of Sage's own hits the first sound document, and only once."""
    company.set_faults(reject_next="the vendor is on hold.")
    deliver(c(), ci(job="J9"), c("SC-2"), ci(id="SC-2"), c("SC-3"), ci(id="SC-3"))
    result = import_commitments(company)
    reasons = [verdict.reason for verdict in result.verdicts]
    assert reasons == ["with_its_header", "unknown_job", "refused_by_sage", "with_its_header", "", ""]
    assert any(line.endswith("Rejected: the vendor is on hold.") for line in printed(company))
    assert company.faults.reject_next == ""


def test_pennies_add_up(company: SandboxCompany, deliver: Deliver) -> None:
    """A thousand lines of awkward cents come to the exact total, in the commitment and in the job."""
    amounts = [Decimal(n * 37 % 101) / 100 for n in range(1, 1001)]
    deliver(c(), *(ci(f"{amount:.2f}", item=n) for n, amount in enumerate(amounts, 1)))
    import_commitments(company)
    total = float(sum(amounts))
    assert value(company, "SELECT Amount FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-1'") == total
    assert value(company, "SELECT Original_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'") == total
