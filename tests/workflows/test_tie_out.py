"""Both sides of the tie-out report over a real company: exact figures, for every state, period, cut-off and person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from erpdesk.core.errors import NotAllowed
from erpdesk.core.money import ZERO
from erpdesk.models.erp import ExportState, Submission, SubmissionState
from erpdesk.models.people import Person, ProjectMember
from erpdesk.sync.mirror.tie_out import MirrorHoldings
from erpdesk.workflows import tie_out
from erpdesk.workflows.tie_out import OF_EXPORT, StoppedGathering, TieOut, part_of
from erpdesk.workflows.tie_out_ports import NothingHeld
from erpdesk.workflows.tie_out_rows import Level, Origin, Part, TieAsk, TieItemRow, TieRow
from tests.sync.mirror.kit import alter, ask
from tests.town import Town, copy_of
from tests.workflows.tie_out_town import LATER, Office

D = Decimal


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


@pytest.fixture(scope="module")
def full(prepared_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An item in each part, a commitment changed in Sage, one made there by hand, the others from before.

    Nobody changes anything in it.
    """
    town = copy_of(prepared_town, tmp_path_factory.mktemp("full"))
    office = Office(town)
    office.every_part()
    yield office
    town.store.close()


@pytest.fixture
def one(office: Office) -> Office:
    """One item that is in Sage as accepted."""
    office.accepted("SC-EQUAL", "100.01", "200.02")
    office.import_all("SC-EQUAL")
    office.stand("SC-EQUAL", ExportState.POSTED)
    office.read_sage()
    return office


def item(office: Office, sage_id: str, ask_: TieAsk = LATER) -> TieItemRow:
    return next(row for row in office.book().item_rows(ask_) if row.item.sage_id == sage_id)


def leaves(rows: tuple[TieRow, ...]) -> Iterator[Decimal]:
    for row in rows:
        yield from (row.off_accepted, row.off_sage, row.off_link)


def test_every_state_has_its_part_and_nothing_is_left_over(full: Office) -> None:
    assert full.states() == {
        "SC-EQUAL": Part.EQUAL,
        "SC-CHANGED": Part.CHANGED,
        "SC-GONE": Part.CHANGED,
        "SC-UNPOSTED": Part.UNPOSTED,
        "SC-EXPORT": Part.EXPORTING,
        "SC-YOUNG": Part.EXPORTING,
        "SC-FAILED": Part.FAILED,
        "SC-ABSENT": Part.FAILED,
        "SC-DOUBT": Part.IN_DOUBT,
        "SC-CONFL": Part.IN_DOUBT,
        "SC-REJECT": Part.REJECTED,
        "SC-HAND": Part.BY_HAND,
    }
    total = full.book().summary(LATER).total
    assert total.accepted == D("1360.03")
    assert dict(total.parts) == {
        Part.EQUAL: D("300.03"),
        Part.CHANGED: D("340.00"),
        Part.UNPOSTED: D("50.00"),
        Part.EXPORTING: D("125.00"),
        Part.FAILED: D("145.00"),
        Part.IN_DOUBT: D("170.00"),
        Part.REJECTED: D("110.00"),
        Part.BY_HAND: D("120.00"),
    }
    assert sum(total.parts.values(), ZERO) == total.accepted and total.gross == ZERO


def test_sages_side_is_split_by_where_it_comes_from(full: Office) -> None:
    total = full.book().summary(LATER).total
    by_hand = ask(
        full.town.sage.folder,
        "SELECT round(sum(Amount) * 100) FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = 'BY-HAND-1'",
    )[0][0]
    everything = ask(full.town.sage.folder, "SELECT round(sum(Amount) * 100) FROM JCM_MASTER__COMMITMENT_ITEM")[0][0]
    made = D("300.03") + D("120.00")
    foreign = D(int(by_hand)) / 100 + D("350.00") + D("85.50")
    assert total.in_sage == D(int(everything)) / 100
    assert dict(total.origins) == {
        Origin.MADE: made,
        Origin.FOREIGN: foreign,
        Origin.BEFORE: total.in_sage - made - foreign,
    }
    assert total.seen == made


def test_differences_of_what_ought_to_be_in_sage_are_shown_item_by_item(full: Office) -> None:
    found = {row.item.sage_id: row.differs for row in full.book().item_rows(LATER) if row.differs is not None}
    assert found == {"SC-CHANGED": D("50.00"), "SC-CONFL": D("-4.50"), "SC-GONE": D("-40.00")}
    summary = full.book().summary(LATER)
    assert summary.proven
    assert summary.verdict() == (
        "Ties out, with 3 known differences: Sage holds 50.00 more and 44.50 less than it should, 5.50 net."
    )
    assert summary.equations()[0].startswith(
        "Accepted 1,360.03 = equal in Sage 300.03 + changed or gone in Sage 340.00"
    )


@pytest.mark.parametrize("level", list(Level)[:-1])
def test_lines_of_each_level_add_up_to_the_total_and_leave_nothing_over(full: Office, level: Level) -> None:
    book = full.book()
    total, rows = book.summary(LATER).total, book.rows(LATER, level)
    assert sum((row.accepted for row in rows), ZERO) == total.accepted
    assert sum((row.in_sage for row in rows), ZERO) == total.in_sage
    for part in Part:
        assert sum((row.parts.get(part, ZERO) for row in rows), ZERO) == total.parts.get(part, ZERO)
    for origin in Origin:
        assert sum((row.origins.get(origin, ZERO) for row in rows), ZERO) == total.origins.get(origin, ZERO)
    assert set(leaves(rows)) == {ZERO}
    assert len({row.id for row in rows}) == len(rows)


def test_a_line_opens_into_finer_ones_down_to_its_items(full: Office) -> None:
    book = full.book()
    place: tuple[str, ...] = ()
    for level in list(Level)[:-1]:
        rows = book.rows(LATER, level, place)
        row = next(each for each in rows if not each.ties)
        items = book.item_rows(LATER, row.place)
        assert len(items) == row.items
        assert sum((each.accepted or ZERO for each in items), ZERO) == row.accepted
        assert sum((each.in_sage or ZERO for each in items), ZERO) == row.in_sage
        assert sum((each.differs or ZERO for each in items), ZERO) == row.sage_differs
        place = row.place
    # The items that need a look stand first.
    assert book.item_rows(LATER, place)[0].differs is not None


def test_an_item_on_several_cost_codes_is_counted_once_in_each_and_once_in_all(full: Office) -> None:
    book = full.book()
    codes = [row for row in book.rows(LATER, Level.CODE) if row.parts.get(Part.EQUAL)]
    assert sorted(row.parts[Part.EQUAL] for row in codes) == [D("100.01"), D("200.02")]
    (kind,) = book.rows(LATER, Level.KIND)
    assert kind.items == len(book.item_rows(LATER))


def test_without_a_cut_off_the_start_of_the_last_good_read_is_it(office: Office) -> None:
    office.accepted("SC-1", "10.00")
    office.read_sage()
    office.accepted("SC-2", "20.00")
    summary = office.book().summary(TieAsk())
    assert summary.cut_off == summary.read_began is not None
    assert summary.total.accepted == D("10.00")
    assert "Lines for 20.00 were accepted after the cut-off and are not in the report." in summary.notes
    assert office.book().summary(LATER).total.accepted == D("30.00")


def test_what_reached_sage_from_an_accept_after_the_cut_off_has_a_column_of_its_own(full: Office) -> None:
    before = min(each.accepted_at for each in full.book().items if each.accepted_at) - timedelta(seconds=1)
    total = full.book().summary(TieAsk(cut_off=before)).total
    assert total.accepted == ZERO and not any(total.parts.values())
    assert total.origins[Origin.LATER] == D("420.03") and Origin.MADE not in total.origins
    assert total.gross == ZERO


def test_the_period_leaves_only_what_is_dated_in_it_on_both_sides(full: Office) -> None:
    book = full.book()
    day = item(full, "SC-EQUAL").day
    assert day is not None
    inside, outside = TieAsk("", "", day, day, LATER.cut_off), TieAsk("", "", date(1990, 1, 1), date(1990, 12, 31))
    assert book.summary(inside).total.accepted == D("1360.03")
    assert book.summary(inside).total.in_sage < book.summary(LATER).total.in_sage
    assert set(leaves(book.rows(inside, Level.CATEGORY))) == {ZERO}
    assert book.rows(outside, Level.KIND) == () and book.item_rows(outside) == ()


def test_another_date_in_sage_makes_it_changed_so_that_no_period_loses_it(one: Office) -> None:
    day = item(one, "SC-EQUAL").day
    assert day is not None and one.states() == {"SC-EQUAL": Part.EQUAL}
    moved = "UPDATE JCM_MASTER__COMMITMENT SET Date = '1999-05-05' WHERE Commitment = 'SC-EQUAL'"
    alter(one.town.sage.folder, moved)
    one.read_sage()
    book = one.book()
    ours, theirs = TieAsk("", "", day, day, LATER.cut_off), TieAsk("", "", None, date(1999, 12, 31), LATER.cut_off)
    assert book.summary(ours).total.parts == {Part.CHANGED: D("300.03")}
    assert book.summary(theirs).total.origins[Origin.FOREIGN] == D("300.03")
    assert book.summary(ours).total.gross == book.summary(theirs).total.gross == ZERO
    assert book.summary(LATER).total.gross == ZERO


def test_kind_and_job_narrow_both_sides(full: Office) -> None:
    book = full.book()
    mine = full.town.project().sage_job
    other = next(job for job in book.all_jobs() if job != mine)
    assert book.summary(TieAsk(job=mine, cut_off=LATER.cut_off)).total.accepted == D("1360.03")
    there = book.summary(TieAsk(job=other, cut_off=LATER.cut_off)).total
    assert there.accepted == ZERO and there.in_sage > ZERO and there.ties
    assert book.rows(TieAsk(kind="invoice"), Level.KIND) == ()


def test_an_item_that_was_given_back_without_a_reject_is_unlinked(office: Office) -> None:
    assert part_of(SubmissionState.RETRIEVED, ExportState.POSTED, equal=True, proven_later=False) is Part.UNLINKED


def test_every_export_state_has_a_part() -> None:
    assert set(OF_EXPORT) == set(ExportState)


def test_a_state_without_a_part_is_left_over_and_named(full: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(OF_EXPORT, ExportState.DELIVERED)
    summary = full.book().summary(LATER)
    assert summary.total.off_accepted == summary.total.gross == D("60.00")
    assert summary.verdict() == "Does not tie out: 60.00 unexplained." and not summary.proven


def test_what_sage_holds_and_no_item_accounts_for_is_left_over(full: Office) -> None:
    book = full.book()
    fewer = replace(book, items=tuple(each for each in book.items if each.sage_id != "BY-HAND-1"))
    summary = fewer.summary(LATER)
    assert summary.total.gross == summary.total.off_sage > ZERO and not summary.proven


def test_a_payload_that_can_not_be_read_is_counted_and_named(office: Office) -> None:
    office.accepted("SC-1", "10.00")
    with office.town.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER submission_kept")
    with office.town.store.writing() as session:
        session.execute(update(Submission).values(payload='{"format":9}'))
    summary = office.book().summary(LATER)
    assert summary.broken == ("Commitments: 1 accepted item is in no figure, because what was sent can not be read.",)
    assert summary.verdict() == "Does not tie out: not everything could be read." and not summary.proven


def test_without_a_reading_nothing_is_proven(office: Office) -> None:
    office.accepted("SC-1", "10.00")
    office.stand("SC-1", ExportState.POSTED)
    summary = TieOut(office.town.desk.office, NothingHeld()).gather(office.town.approver).summary(TieAsk())
    assert summary.read_began is None and not summary.proven
    assert summary.total.parts == {Part.EXPORTING: D("10.00")}
    assert "never read" in summary.broken[0]


def test_it_is_read_in_pieces_and_can_be_stopped(full: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = full.book().items
    monkeypatch.setattr(tie_out, "AT_ONCE", 5)
    assert full.book().items == whole
    with pytest.raises(StoppedGathering):
        full.town.desk.tie_out.gather(full.town.both, lambda: True)


def test_who_may_not_look_at_erp_integrations_gets_nothing(full: Office) -> None:
    with pytest.raises(NotAllowed):
        full.book(full.town.manager)
    assert full.book(full.town.viewer).items


def test_a_member_of_some_projects_sees_the_jobs_of_those_on_both_sides(office: Office) -> None:
    office.accepted("SC-1", "10.00")
    town = office.town
    with town.store.writing() as session:
        person = session.get_one(Person, town.viewer)
        person.all_projects = False
        session.add(ProjectMember(person_id=person.id, project_id=town.project(1).id))
    book = office.book(town.viewer)
    assert book.all_jobs() == (town.project(1).sage_job,)
    summary = book.summary(LATER)
    assert summary.total.accepted == ZERO and summary.total.in_sage > ZERO and summary.proven
    assert summary.warnings[0] == "Only the jobs of your projects are in this report."


def test_rows_of_sage_that_could_not_be_used_leave_nothing_proven(one: Office) -> None:
    alter(
        one.town.sage.folder,
        "INSERT INTO JCM_MASTER__COMMITMENT_ITEM (Commitment, Item_Number, Job, Cost_Code, Category, Amount) "
        "SELECT Commitment, 99, Job, Cost_Code, Category, 'many' FROM JCM_MASTER__COMMITMENT_ITEM "
        "WHERE Commitment = 'SC-EQUAL' LIMIT 1",
    )
    one.read_sage()
    summary = one.book().summary(LATER)
    assert not summary.proven and summary.verdict() == "Does not tie out: not everything could be read."
    assert summary.broken == ("Commitment lines: 1 row could not be used and is in no figure (Sage > Reading).",)


def test_a_proof_from_a_clock_that_ran_ahead_hides_nothing(one: Office) -> None:
    one.stand("SC-EQUAL", ExportState.POSTED, ahead=timedelta(days=365))
    for table in ("JCM_MASTER__COMMITMENT_ITEM", "JCM_MASTER__COMMITMENT"):
        alter(one.town.sage.folder, f"DELETE FROM {table} WHERE Commitment = 'SC-EQUAL'")
    one.read_sage()
    assert one.states() == {"SC-EQUAL": Part.CHANGED}
    assert one.book().summary(LATER).verdict() == (
        "Ties out, with 1 known difference: Sage holds 300.03 less than it should."
    )


@pytest.mark.parametrize("state", [ExportState.SAGE_REJECTED, ExportState.CLOSED_ABSENT])
def test_a_failed_item_that_sage_holds_exactly_is_a_difference(one: Office, state: ExportState) -> None:
    one.stand("SC-EQUAL", state)
    book = one.book()
    summary, row = book.summary(LATER), item(one, "SC-EQUAL")
    assert summary.total.parts == {Part.FAILED: D("300.03")} and summary.total.gross == ZERO
    # Nobody knows who made it; it was not there before erpdesk.
    assert summary.total.origins[Origin.FOREIGN] == D("300.03") and Origin.MADE not in summary.total.origins
    assert row.differs == D("300.03") == summary.total.sage_differs
    assert row.item.message.startswith("It failed, but Sage holds exactly this under its Sage ID.")
    assert summary.verdict() == "Ties out, with 1 known difference: Sage holds 300.03 more than it should."


def test_a_failed_item_has_no_claim_on_another_record_under_its_id(one: Office) -> None:
    one.stand("SC-EQUAL", ExportState.REFUSED)
    one.change_in_sage("SC-EQUAL", "1.00")
    one.read_sage()
    summary = one.book().summary(LATER)
    assert summary.total.parts == {Part.FAILED: D("300.03")} and Origin.MADE not in summary.total.origins
    assert summary.total.gross == ZERO and not summary.total.differing


def test_what_was_rejected_and_accepted_again_counts_for_the_one_that_is_in_sage(office: Office) -> None:
    office.accepted("SC-TWICE", "70.00")
    office.stand("SC-TWICE", ExportState.SAGE_REJECTED)
    office.reject("SC-TWICE")
    office.accept_again("SC-TWICE")
    office.import_all("SC-TWICE")
    office.stand("SC-TWICE", ExportState.POSTED)
    office.read_sage()
    total = office.book().summary(LATER).total
    assert total.parts == {Part.EQUAL: D("70.00"), Part.REJECTED: D("70.00")}
    assert total.ties and total.seen == total.origins[Origin.MADE] == D("70.00")


def test_a_total_in_sage_that_is_not_the_sum_of_our_lines_is_a_difference(one: Office) -> None:
    alter(one.town.sage.folder, "UPDATE JCM_MASTER__COMMITMENT SET Amount = 9999 WHERE Commitment = 'SC-EQUAL'")
    one.read_sage()
    book = one.book()
    summary, row = book.summary(LATER), item(one, "SC-EQUAL")
    assert row.item.part is Part.CHANGED and row.differs == D("9698.97") == summary.total.sage_differs
    assert row.item.message.startswith("Its total in Sage is not the sum of its lines: 9,698.97 apart.")
    assert summary.total.gross == ZERO
    assert summary.verdict() == "Ties out, with 1 known difference: Sage holds 9,698.97 more than it should."
    rows = book.rows(LATER, Level.CATEGORY)
    assert sum((each.sage_differs for each in rows), ZERO) == D("9698.97")


def test_what_is_no_longer_committed_in_sage_is_a_difference_though_no_amount_differs(one: Office) -> None:
    alter(one.town.sage.folder, "UPDATE JCM_MASTER__COMMITMENT SET Committed = 0 WHERE Commitment = 'SC-EQUAL'")
    one.read_sage()
    row = item(one, "SC-EQUAL")
    assert row.item.part is Part.CHANGED and row.differs == ZERO
    assert row.item.message.startswith("It is not committed to Job Cost in Sage.")
    assert one.book().summary(LATER).verdict() == (
        "Ties out, with 1 known difference: no amount, but a date, a place or a mark is different in Sage."
    )


def test_with_nothing_on_either_side_there_is_nothing_to_tie_out(one: Office) -> None:
    summary = one.book().summary(TieAsk(since=date(2990, 1, 1), cut_off=LATER.cut_off))
    assert summary.verdict() == "Nothing to tie out." and summary.nothing and summary.equations() == ()


def test_capitals_in_a_sage_id_do_not_count(office: Office) -> None:
    office.accepted("SC-CASE", "70.00")
    office.import_all("SC-CASE")
    office.stand("SC-CASE", ExportState.POSTED)
    for table in ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"):
        alter(office.town.sage.folder, f"UPDATE {table} SET Commitment = 'sc-case' WHERE Commitment = 'SC-CASE'")
    office.read_sage()
    assert office.states() == {"SC-CASE": Part.EQUAL}


def test_the_mirror_answers_nothing_for_a_kind_that_it_does_not_hold(town: Town) -> None:
    assert MirrorHoldings(town.mirror.store).hold("nothing such") is None
