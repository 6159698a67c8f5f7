"""Budgets and their changes are found again among all that happens in Sage meanwhile, or it is said why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.estimates import BUDGET, BUDGET_CHANGE, kind_of
from erpdesk.sync.export.kinds.kind import Look, Presence
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import EstimateFile
from tests.sync.export.kinds.unkeyed_town import (
    AS_CHANGE,
    BUDGETS,
    CATEGORY,
    CHANGED,
    CURRENT,
    DAY,
    NEW,
    OTHER_DAY,
    UnkeyedTown,
    budget,
    line,
    told,
)
from tests.sync.mirror.kit import DOORS


@pytest.fixture
def town(tmp_path: Path) -> UnkeyedTown:
    return UnkeyedTown.build(tmp_path / "sage", BUDGET, "jce")


@pytest.mark.parametrize("way", DOORS)
@pytest.mark.parametrize("document", [BUDGETS, CHANGED], ids=["budget", "change"])
def test_the_way_of_an_estimate(way: str, document: EstimateFile, tmp_path: Path) -> None:
    """Nothing, nothing, waiting to be posted, posted; in what stood there before it nothing is recognised."""
    kind = BUDGET_CHANGE if document.approved_change else BUDGET
    town = UnkeyedTown.build(tmp_path / "sage", kind, "jce", way)
    earlier = budget(line("9.99"))
    town.bring_in(earlier)
    assert town.look(document, None).presence is Presence.ABSENT
    before = town.before(document)
    absent = town.look(document, before)
    assert (absent.presence, absent.count, absent.problem) == (Presence.ABSENT, 1, "")
    town.bring_in(document, **{AS_CHANGE: document.approved_change})
    waits = town.look(document, before)
    assert (waits.presence, waits.source, waits.count) == (Presence.UNPOSTED, Source.ODBC_NEW, 4)
    town.post()
    there = town.look(document, before)
    assert (there.presence, there.source, there.count) == (Presence.EQUAL, Source.ODBC_MASTER, 4)
    assert town.look(document, None).presence is Presence.ABSENT
    assert told(there) == [] and there.problem == ""


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize("document", [BUDGETS, CHANGED], ids=["budget", "change"])
def test_the_wrong_tick(post: bool, document: EstimateFile, town: UnkeyedTown) -> None:
    """What a person ticked at the import is another column of Sage's totals, and is said before it is posted too."""
    before = town.before(document)
    town.bring_in(document, **{AS_CHANGE: not document.approved_change})
    if post:
        town.post()
    found = town.look(document, before)
    assert found.presence is Presence.DIFFERENT
    wanted, other = "an original estimate", "an approved estimate change"
    if document.approved_change:
        wanted, other = other, wanted
    assert told(found) == [f"imported as: approved {wanted}, in Sage {other}"]


def test_totals_decide_where_words_do_not(town: UnkeyedTown) -> None:
    """Nobody knows how Sage spells the two types: once posted, the column that moved says which it was."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    for word in ("Aprvd estimate chng", "Orig est", "Xyz"):
        town.alter((f"UPDATE {NEW} SET Transaction_Type = ?", (word,)))
        expected = Presence.DIFFERENT if word.startswith("Aprvd") else Presence.UNPOSTED
        assert town.look(BUDGETS, before).presence is expected, word
    town.alter(f"UPDATE {NEW} SET Transaction_Type = 'Original estimate'")
    town.post()
    for word in ("Aprvd estimate chng", "Orig est", "Xyz"):
        town.alter((f"UPDATE {CURRENT} SET Transaction_Type = ?", (word,)))
        assert town.look(BUDGETS, before).presence is Presence.EQUAL, word
    # The word says one thing and the totals another: the totals are Sage's own sums.
    town.alter(
        f"UPDATE {CURRENT} SET Transaction_Type = 'Original estimate'",
        f"UPDATE {CATEGORY} SET Approved_Estimate_Changes = Original_Estimate, Original_Estimate = 0",
    )
    assert told(town.look(BUDGETS, before)) == [
        "imported as: approved an original estimate, in Sage an approved estimate change"
    ]
    # Totals that say neither leave it to the word; and nobody knows this one.
    town.alter(f"UPDATE {CATEGORY} SET Approved_Estimate_Changes = 1, Original_Estimate = 1")
    assert town.look(BUDGETS, before).presence is Presence.EQUAL
    town.alter(f"UPDATE {CURRENT} SET Transaction_Type = 'Xyz'")
    assert told(town.look(BUDGETS, before)) == ["imported as: approved an original estimate, in Sage “Xyz”"]


@pytest.mark.parametrize("word", ["Original estimate", "Orig est", "Estimate", "Budget"])
def test_words_of_an_original(word: str) -> None:
    """Whatever names an estimate and no change of one."""
    assert kind_of(word) == "an original estimate"


@pytest.mark.parametrize("word", ["Aprvd estimate chng", "Approved Estimate Change", "Apprv est chg", "Est change"])
def test_words_of_a_change(word: str) -> None:
    """Whatever names a change of an estimate."""
    assert kind_of(word) == "an approved estimate change"


@pytest.mark.parametrize(
    "word", ["AP cost", "JC cost", "PR cost", "Scheduled value", "Aprvd schdl val chng", "GL entry"]
)
def test_words_of_something_else(word: str) -> None:
    """What real companies have for other things is not looked at; what nobody knows may be one."""
    assert kind_of(word) == "" and kind_of("Cmmt") == "something else"


@pytest.mark.parametrize("posts", [(False, False), (True, False), (True, True), (False, True)])
def test_imported_twice(posts: tuple[bool, bool], town: UnkeyedTown) -> None:
    """Sage only warns; the second whole set is an alarm, wherever the two stand."""
    before = town.before(BUDGETS)
    for post in posts:
        town.bring_in(BUDGETS)
        if post:
            town.post()
    assert town.look(BUDGETS, before).presence is Presence.SEVERAL


def test_imported_again_with_the_other_tick(town: UnkeyedTown) -> None:
    """The money is there twice, whatever the two are called."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS, **{AS_CHANGE: True})
    town.bring_in(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.SEVERAL


@pytest.mark.parametrize("post", [False, True])
def test_part_of_it(post: bool, town: UnkeyedTown) -> None:
    """Sage takes an estimate line by line: the one that it rejected is missing."""
    before = town.before(BUDGETS)
    town.alter("UPDATE JCM_MASTER__COST_CODE SET Status = 'Closed' WHERE Extra = 'X1' AND Cost_Code = '05-100'")
    town.bring_in(BUDGETS, all_of_it=False)
    if post:
        town.post()
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.DIFFERENT
    assert told(found) == ["05-100 MAT of extra X1: approved (700.25), in Sage nothing"]


def test_somebody_changed_it_in_sage(town: UnkeyedTown) -> None:
    """Another amount, day, quantity or code: each is named, line by line."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    town.alter(
        f"UPDATE {NEW} SET Amount = 5400.06 WHERE Cost_Code = '03-100'",
        f"UPDATE {NEW} SET Transaction_Date = '2026-11-30', Units = 4 WHERE Cost_Code = '05-100' AND Extra = ''",
        f"UPDATE {NEW} SET Extra = '' WHERE Extra = 'X1'",
    )
    found = town.look(BUDGETS, before)
    assert (found.presence, found.source) == (Presence.DIFFERENT, Source.ODBC_NEW)
    assert told(found) == [
        "03-100 SUB, amount: approved 5,400.05, in Sage 5,400.06",
        "05-100 MAT, date: approved 2026-11-24, in Sage 2026-11-30",
        "05-100 MAT, quantity: approved 3.5, in Sage 4",
        "05-100 MAT of extra X1, cost code and category: approved 05-100 MAT of extra X1, in Sage 05-100 MAT",
    ]


def test_a_cent_and_the_noise_of_doubles(town: UnkeyedTown) -> None:
    """Equal is equal to the cent; what a double cannot hold is no difference."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    town.alter(f"UPDATE {NEW} SET Amount = Amount + 0.0000000001")
    assert town.look(BUDGETS, before).presence is Presence.UNPOSTED
    town.alter(f"UPDATE {NEW} SET Amount = Amount + 0.01 WHERE Cost_Code = '03-100'")
    assert town.look(BUDGETS, before).presence is Presence.DIFFERENT


OTHERS = [
    (budget(line("77.00", OTHER_DAY)), False),
    (budget(line("5000.00", OTHER_DAY), line("400.05", OTHER_DAY, "05-100", "MAT")), True),
    (budget(line("77.00", OTHER_DAY), change=True), True),
]


@pytest.mark.parametrize(("theirs", "post"), OTHERS)
def test_what_others_enter_is_not_taken_for_it(theirs: EstimateFile, post: bool, town: UnkeyedTown) -> None:
    """Other days and amounts on the same categories are somebody else's, before ours comes and after."""
    before = town.before(BUDGETS)
    town.bring_in(theirs, **{AS_CHANGE: theirs.approved_change})
    if post:
        town.post()
    assert town.look(BUDGETS, before).presence is Presence.ABSENT
    town.bring_in(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.UNPOSTED
    town.bring_in(theirs, **{AS_CHANGE: theirs.approved_change})
    assert town.look(BUDGETS, before).presence is Presence.UNPOSTED
    town.post()
    assert town.look(BUDGETS, before).presence is Presence.EQUAL


def test_others_that_come_to_the_same_total(town: UnkeyedTown) -> None:
    """Two entries of somebody else that add up to ours are not ours, although the totals are as expected."""
    ours = budget(line("100.00"))
    before = town.before(ours)
    town.bring_in(budget(line("60.00", OTHER_DAY), line("40.00", OTHER_DAY)))
    assert town.look(ours, before).presence is Presence.ABSENT
    town.post()
    assert town.look(ours, before).presence is Presence.ABSENT


def test_what_may_be_it_is_not_absent(town: UnkeyedTown) -> None:
    """The same day on the same category: ours with another amount, or another's. A person decides."""
    ours = budget(line("100.00"))
    before = town.before(ours)
    town.bring_in(budget(line("90.00")))
    assert told(town.look(ours, before)) == ["03-100 SUB, amount: approved 100.00, in Sage 90.00"]


def test_a_line_of_it_once_more(town: UnkeyedTown) -> None:
    """The whole is there, and one of its lines again: neither a second import nor as approved."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    town.bring_in(budget(BUDGETS.lines[0]))
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.DIFFERENT
    assert told(found) == ["03-100 SUB, 5,400.05: approved once, in Sage more than once"]


def test_the_same_lines_in_one_estimate(town: UnkeyedTown) -> None:
    """A budget may hold a line twice: then twice is once."""
    ours = budget(line("10.00"), line("10.00"), line("10.00"))
    before = town.before(ours)
    town.bring_in(ours)
    assert town.look(ours, before).presence is Presence.UNPOSTED
    town.post()
    assert town.look(ours, before).presence is Presence.EQUAL
    town.bring_in(budget(line("10.00")))
    assert town.look(ours, before).presence is Presence.DIFFERENT


def test_what_waited_before_and_is_posted_since(town: UnkeyedTown) -> None:
    """The same budget of somebody else waited already: that one is not ours, posted or not."""
    town.bring_in(BUDGETS)
    before = town.before(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.ABSENT
    town.post()
    assert town.look(BUDGETS, before).presence is Presence.ABSENT
    town.bring_in(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.UNPOSTED
    town.post()
    assert town.look(BUDGETS, before).presence is Presence.EQUAL


def test_what_erpdesk_brought_since_is_another_item(town: UnkeyedTown) -> None:
    """A second budget with the same lines, accepted later, is no second import of the first."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    town.bring_in(BUDGETS)
    town.bring_in(CHANGED, **{AS_CHANGE: True})
    assert town.look(BUDGETS, before).presence is Presence.SEVERAL
    assert town.look(BUDGETS, before, also=(BUDGETS, CHANGED)).presence is Presence.UNPOSTED
    town.post()
    assert town.look(BUDGETS, before, also=(BUDGETS, CHANGED)).presence is Presence.EQUAL
    assert town.look(BUDGETS, before, also=(BUDGETS, BUDGETS, CHANGED)).presence is Presence.ABSENT


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize("padding", ["ljust", "rjust"])
def test_padding(post: bool, padding: str, town: UnkeyedTown) -> None:
    """Sage may pad IDs to either side, in the entries and in the job."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    if post:
        town.post()
    spelled = [getattr(each, padding)(width) for each, width in (("14-500", 10), ("03-100", 12), ("SUB", 3))]
    town.alter(
        (f"UPDATE {CURRENT if post else NEW} SET Job = ?", (spelled[0],)),
        (f"UPDATE {CURRENT if post else NEW} SET Cost_Code = ? WHERE Cost_Code = '03-100'", (spelled[1],)),
        (f"UPDATE {CATEGORY} SET Job = ?", (spelled[0],)),
        ("UPDATE JCM_MASTER__JOB SET Job = ?", (spelled[0],)),
    )
    assert town.look(BUDGETS, before).presence is (Presence.EQUAL if post else Presence.UNPOSTED)


WHY_NOT = [
    (replace(BUDGETS, job="14-999"), "Sage has no job 14-999 any more."),
    (budget(line("1.00", DAY, "77-100")), "Line 1: job 14-500 has no 77-100 SUB in Sage."),
    (
        budget(line("1.00", DAY, "03-100", "QQQ")),
        "QQQ is not a standard category in Sage, which stops the whole import",
    ),
    (
        EstimateFile("14-500", "Pier", (replace(line("1.00"), extra="X9"),), {"X9": "New"}),
        "Line 1: Sage has no extra X9 in job 14-500.",
    ),
]


@pytest.mark.parametrize(("document", "reason"), WHY_NOT)
def test_nothing_is_created(document: EstimateFile, reason: str, town: UnkeyedTown) -> None:
    """Sage's import would make jobs, extras, codes and categories; what it does not have is refused."""
    assert any(reason in each for each in town.reasons(document)), town.reasons(document)
    assert town.reasons(BUDGETS) == () == town.reasons(CHANGED)


CLOSED = [
    ("UPDATE JCM_MASTER__JOB SET Status = 'Closed'", "leave the budget change out of Sage"),
    ("UPDATE JCM_MASTER__EXTRA SET Status = 'Closed'", "extra X1 of job 14-500 is closed"),
    ("UPDATE JCM_MASTER__COST_CODE SET Status = 'Closed' WHERE Cost_Code = '03-100'", "03-100 SUB is closed"),
    ("UPDATE JCM_MASTER__COST_CODE SET Group_Cost_Code = 1 WHERE Cost_Code = '03-100'", "a group cost code"),
    ("UPDATE JCM_MASTER__CATEGORY SET Status = 'Closed' WHERE Cost_Code = '03-100'", "03-100 SUB is closed"),
]


@pytest.mark.parametrize(("statement", "reason"), CLOSED)
def test_what_is_closed_takes_nothing(statement: str, reason: str, town: UnkeyedTown) -> None:
    """Job, extra, cost code, group code, category: as Sage holds them now."""
    town.alter(statement)
    assert any(reason in each for each in town.reasons(CHANGED)), town.reasons(CHANGED)


def test_what_the_kinds_declare(town: UnkeyedTown) -> None:
    """A file of its own for each job; no ID that could be counted; a payload of the other kind is refused."""
    for kind, document in ((BUDGET, BUDGETS), (BUDGET_CHANGE, CHANGED)):
        payload = document_text.to_text(document)
        assert kind.document(payload, "14-500") == document
        assert kind.lane(document) == kind.printed(document) == "14-500"
        assert not kind.together and not kind.keyed
        assert kind.place.file == "estimates.jce" and "Post Entries" in kind.posting
        with town.reader() as reader:
            assert kind.read_back.times(reader, ["14-500"]) == {}
    with pytest.raises(TypeError):
        BUDGET.document(document_text.to_text(CHANGED), "")
    with pytest.raises(ForPeople):
        BUDGET.document("{}", "")


def test_a_look_is_evidence(town: UnkeyedTown) -> None:
    """What was seen is kept as text: count, differences, and whether what waits could be read."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    seen: Look = town.look(BUDGETS, before)
    assert seen.observation().result == "unposted" and '"waiting_shown": true' in seen.observation().detail
