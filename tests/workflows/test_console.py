"""The console for every kind alike: its sub-tabs, views and counts, the approver's page, the map, archive, home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, event

from erpdesk.core.clock import Clock
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.erp import ExportState
from erpdesk.models.people import KindRight, Person, ProjectMember
from erpdesk.sync.export.store import ExportStore
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.erp_item import KINDS, join
from erpdesk.workflows.erp_kind import SUB_TABS, TO_SAGE
from erpdesk.workflows.erp_map import next_of
from erpdesk.workflows.rows import ErpState, LineDraft
from erpdesk.workflows.search_sources import SEARCHED
from tests.town import Town, press
from tests.workflows.console_town import Items, age, with_table
from tests.workflows.second_kind import NAME, declared, joined

VIEWS = (
    View.READY_TO_EXPORT,
    View.FAILED_TO_EXPORT,
    View.SYNCED,
    View.ARCHIVED,
    View.EXPORTING,
    View.IN_DOUBT,
)


@pytest.fixture(params=[KIND, NAME])
def items(request: pytest.FixtureRequest, town: Town) -> Iterator[Items]:
    """Items of each kind; the second kind joins by its declaration alone."""
    with joined():
        with_table(town)
        yield Items(town, request.param)


@pytest.fixture(params=[KIND, NAME])
def items_anywhere(request: pytest.FixtureRequest, any_town: Town) -> Iterator[Items]:
    """Items of each kind on each database."""
    with joined():
        with_table(any_town)
        yield Items(any_town, request.param)


@pytest.fixture
def both(town: Town) -> Iterator[tuple[Items, Items]]:
    """Commitments, and the second kind beside them."""
    with joined():
        with_table(town)
        yield Items(town, KIND), Items(town, NAME)


def test_a_kind_stands_where_its_title_stands_with_its_views_in_order(items: Items) -> None:
    kinds = items.town.console.kinds()
    assert [each.title for each in kinds] == ["Commitments", "Commitment Change Orders"]
    row = next(each for each in kinds if each.key == items.kind)
    assert row.views == VIEWS
    assert len(row.noun) == 2


def test_without_the_declaration_there_is_no_second_kind_and_an_unknown_title_is_a_mistake(town: Town) -> None:
    assert [each.key for each in town.console.kinds()] == [KIND]
    with pytest.raises(ValueError, match="none of the sub-tabs"):
        join(replace(declared(), title="Timesheets"))
    assert set(KINDS) == {KIND}
    assert set(SUB_TABS) == set(TO_SAGE)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_lists_and_counts_the_same_items(items_anywhere: Items, view: View) -> None:
    items = items_anywhere
    row = items.at(view)
    town = items.town
    counts = town.console.counts(town.approver)
    for each in VIEWS:
        rows = town.console.queue(items.kind, each, None, town.approver)
        assert len(rows) == counts.count(items.kind, each) == (each is view), each
    assert counts.total(view) >= 1
    (found,) = town.console.queue(items.kind, view, row.project_id, town.approver)
    assert (found.id, found.kind, found.item_id) == (row.id, items.kind, row.item_id)
    assert (found.number, found.sage_id) == (row.number, row.number)
    assert found.job == town.project().sage_job
    assert found.amount > 0
    assert town.console.queue(items.kind, view, town.project(1).id, town.approver) == ()
    assert town.console.counts(town.approver, town.project(1).id).count(items.kind, view) == 0


def test_the_counts_of_a_kind_are_one_query_and_no_payload_is_read_for_a_list(both: tuple[Items, Items]) -> None:
    first, second = both
    first.at(View.SYNCED)
    second.sent()
    town = first.town
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(town.store.engine, "before_cursor_execute", note)
    try:
        town.console.counts(town.approver)
        counting = [each for each in seen if "FROM submission" in each]
        for view in VIEWS:
            for kind in (KIND, NAME):
                town.console.queue(kind, view, None, town.approver)
        listing = list(seen)
    finally:
        event.remove(town.store.engine, "before_cursor_execute", note)
    assert len(counting) == 2
    assert not any("payload" in each for each in listing)


def test_a_commitment_in_the_queue_shows_its_company(town: Town) -> None:
    made, _ = town.sent()
    (row,) = town.queue(View.READY_TO_EXPORT)
    company = next(each for each in town.desk.queries.companies() if each.id == town.company())
    assert (row.vendor, row.vendor_name) == (company.sage_vendor, company.name)
    assert (row.type, row.item_id, row.project_id) == ("Subcontract", made, town.project().id)


def test_the_page_holds_what_the_approver_needs(items: Items) -> None:
    row = items.sent()
    town = items.town
    page = town.console.review(row.id, None, town.approver)
    assert page.item_id == row.item_id
    assert [offer.verb for offer in page.offers] == [
        "accept",
        "reject",
        "try_again",
        "send_now",
        "archive",
        "unarchive",
    ]
    assert [offer.verb for offer in page.offers if offer.allowed] == ["accept", "reject"]
    assert page.file_lines and len(page.sha256) == 64
    assert page.needs_reason == "" and page.read_at is not None
    assert page.differences == ()
    assert page.history[0].act == "Sent to ERP"
    with pytest.raises(Refused, match="no longer there"):
        town.console.review("gone", None, town.approver)


def test_an_item_is_found_by_number_and_title(items: Items) -> None:
    row = items.sent()
    with items.town.store.reading() as session:
        (found,) = SEARCHED[items.kind].read(session, [row.item_id])
        assert row.item_id in {each.ref for each in SEARCHED[items.kind].read(session, None)}
    assert (found.kind, found.ref, found.number, found.title) == (items.kind, row.item_id, row.number, row.title)
    assert found.project == row.project_id


def test_what_was_corrected_since_the_last_version_is_shown(town: Town) -> None:
    code, other = town.codes()[:2]
    steel = LineDraft("", code.cost_code, "S", "Steel", amount=Decimal("100.00"))
    paint = LineDraft("", other.cost_code, "S", "Paint", amount=Decimal("20.00"))
    made, submission = town.sent(lines=(steel, paint), title="Steel")
    assert town.console.review(submission, None, town.approver).differences == ()
    town.desk.erp.reject(town.approver, submission, "Once more.", press())
    detail = town.desk.queries.commitment(made, town.manager)
    town.desk.commitments.set_status(town.manager, made, "Draft", detail.version)
    detail = town.desk.queries.commitment(made, town.manager)
    number = detail.row.number
    bolts = LineDraft("", code.cost_code, "S", "Bolts", amount=Decimal("5.00"))
    lines = (bolts, steel, replace(paint, amount=Decimal("25.50")))
    town.desk.commitments.save(
        town.manager, town.draft(id=made, version=detail.version, number=number, title="Steel and paint", lines=lines)
    )
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.set_status(town.manager, made, "Approved", version)
    row = Items(town, KIND).send(made)
    found = {each.field: (each.before, each.after) for each in town.console.review(row.id, None, town.both).differences}
    assert found == {
        "Title": ("Steel", "Steel and paint"),
        "Line 1 added": ("", f"{code.cost_code} S Bolts, 5.00"),
        "Line 3, amount": ("20.00", "25.50"),
        "Total": ("120.00", "130.50"),
    }


def test_the_map_says_what_is_done_by_whom_and_who_acts_next(items: Items) -> None:
    town, tool = items.town, "Commitments" if items.kind == KIND else "Change Orders"
    row = items.sent()

    def nodes() -> dict[str, tuple[str, str, str]]:
        page = town.console.review(row.id, None, town.approver)
        assert sum(node.state == "current" for node in page.map) == 1
        return {node.title: (node.state, node.who, node.where) for node in page.map}

    waiting = town.console.review(row.id, None, town.approver)
    step = next_of(waiting.map)
    assert step is not None
    assert (step.title, step.who, step.where) == ("Accept", "Accounting", "ERP Integrations")
    assert nodes()["Approved"] == ("done", "Project side", tool)
    assert nodes()["Send"] == ("done", "Project side", tool)
    sent = next(node for node in waiting.map if node.title == "Send")
    assert sent.by == "Dana Whitfield" and sent.at is not None
    assert {node.title for node in waiting.map if node.optional} >= {"Retrieve", "Reject"}
    items.accept(row)
    exporting = town.console.review(row.id, None, town.approver)
    step = next_of(exporting.map)
    assert step is not None and step.who == "erpdesk"
    assert next(node for node in exporting.map if node.title == "Accept").by == "Morgan Reyes"
    items.reach(row.id, "post")
    done = town.console.review(row.id, None, town.approver)
    assert next_of(done.map) is None
    sage = [node for node in done.map if node.who == "Sage"]
    assert len(sage) == (1 if items.kind == KIND else 2)
    assert all(node.state == "done" for node in done.map if not node.optional)


@pytest.mark.parametrize(
    ("view", "title", "who"),
    [
        (View.FAILED_TO_EXPORT, "Reject", "Accounting"),
        (View.EXPORTING, "Write file", "erpdesk"),
    ],
)
def test_the_map_names_the_next_step_in_each_view(town: Town, view: View, title: str, who: str) -> None:
    row = Items(town, KIND).at(view)
    step = next_of(town.console.review(row.id, None, town.approver).map)
    assert step is not None
    assert (step.title, step.who) == (title, who)


def test_in_doubt_and_failed_say_where_it_stuck(town: Town) -> None:
    items = Items(town, KIND)
    for view, stuck in ((View.IN_DOUBT, "Read back"), (View.FAILED_TO_EXPORT, "Import in Sage")):
        row = items.at(view)
        page = town.console.review(row.id, None, town.approver)
        assert [node.title for node in page.map if node.state == "failed"] == [stuck]
        done = [node.title for node in page.map if node.state == "done"]
        assert stuck not in done and not {"Retrieve", "Out for Bid"} & {node.title for node in page.map}


def test_what_erpdesk_refused_stuck_before_sage(town: Town) -> None:
    items = Items(town, KIND)
    row = items.sent()
    items.accept(row)
    age(town, row.id, state=ExportState.REFUSED)
    page = town.console.review(row.id, None, town.approver)
    states = {node.title: node.state for node in page.map}
    assert [title for title, state in states.items() if state == "failed"] == ["Write file"]
    assert states["Import in Sage"] == states["Read back"] == "later"


def test_a_delivered_item_waits_for_a_person_in_sage(town: Town) -> None:
    items = Items(town, KIND)
    row = items.at(View.EXPORTING)
    items.reach(row.id, "import")
    assert items.queue(View.SYNCED)[0].id == row.id
    other = items.at(View.EXPORTING)
    exports = ExportStore(town.store.sessions, town.settings.company, "a test")
    item = next(each for each in exports.items((ExportState.INTENT,)) if each.submission_id == other.id)
    for verb in ("stage", "arm", "deliver"):
        item = exports.advance(item, verb, f"{verb}.")
    step = next_of(town.console.review(other.id, None, town.approver).map)
    assert step is not None and step.who == "Sage" and "Job Cost" in step.where


def test_archive_puts_synced_items_aside_and_takes_them_back(items: Items) -> None:
    row = items.at(View.SYNCED)
    town = items.town
    once = press()
    result = town.desk.erp.archive(town.approver, [row.id], once)
    assert result.done == (row.id,) and result.not_done == ()
    assert town.desk.erp.archive(town.approver, [row.id], once) == result
    assert items.queue(View.SYNCED) == ()
    (aside,) = items.queue(View.ARCHIVED)
    assert aside.archived and aside.state is ErpState.SYNCED
    page = town.console.review(row.id, None, town.approver)
    assert [offer.verb for offer in page.offers if offer.allowed] == ["unarchive"]
    again = town.desk.erp.archive(town.approver, [row.id], press())
    assert again.not_done[0].reasons == ("It is archived already.",)
    assert town.desk.erp.unarchive(town.approver, [row.id], press()).done == (row.id,)
    assert [each.id for each in items.queue(View.SYNCED)] == [row.id]
    acts = [each.act for each in town.console.review(row.id, None, town.approver).history]
    assert len([each for each in acts if "rchive" in each]) == 2
    assert town.desk.erp.archive(town.viewer, [row.id], press()).not_done


def test_only_finished_items_are_archived_and_sending_again_takes_them_back(items: Items) -> None:
    town = items.town
    row = items.sent()
    refused = town.desk.erp.archive(town.approver, [row.id], press())
    assert "in Sage, or that was rejected" in refused.not_done[0].reasons[0]
    town.desk.erp.reject(town.approver, row.id, "Not needed.", press())
    assert town.desk.erp.archive(town.approver, [row.id], press()).done == (row.id,)
    (aside,) = items.queue(View.ARCHIVED)
    assert aside.message == "Not needed."
    items.send(row.item_id)
    assert items.queue(View.ARCHIVED) == ()
    assert town.console.counts(town.approver).count(items.kind, View.ARCHIVED) == 0


def test_home_lists_what_waits_for_each_person_oldest_first(items: Items) -> None:
    town = items.town
    oldest, second, failed = items.sent(), items.sent(), items.at(View.FAILED_TO_EXPORT)
    doubted = items.at(View.IN_DOUBT)
    rejected, back = items.sent(), items.sent()
    town.desk.erp.reject(town.approver, rejected.id, "No.", press())
    assert town.desk.erp.retrieve(town.manager, [back.item_id], press(), items.kind).done
    home = town.console.home(town.approver)
    mine = [row.id for row in home.waiting if row.kind == items.kind]
    assert mine == [oldest.id, second.id, failed.id, doubted.id]
    assert next(row.why for row in home.waiting if row.kind == items.kind) == "Accept or reject"
    assert (home.failed, home.in_doubt) == (1, 1)
    assert [row.since for row in home.waiting] == sorted(row.since for row in home.waiting)
    theirs = [(row.id, row.why) for row in town.console.home(town.manager).waiting]
    assert theirs == [(back.id, "Finish and send again"), (rejected.id, "Correct and re-send")]
    assert town.console.home(town.viewer).waiting == ()
    assert home.waiting[0].project == town.project().number
    assert {each.title for each in home.tables} >= {"Jobs", "Vendors", "Commitments"}
    assert not any(each.stale for each in home.tables)
    assert home.more == 0


def test_home_counts_todays_exports(town: Town) -> None:
    items = Items(town, KIND)
    before = town.console.home(town.approver)
    assert (before.exported_today, before.exported_today_amount) == (0, Decimal("0.00"))
    rows = [items.at(View.SYNCED), items.at(View.SYNCED)]
    home = town.console.home(town.approver)
    assert (home.exported_today, home.exported_today_amount) == (2, sum(row.amount for row in rows))


def test_a_voided_item_waits_for_nobody(town: Town) -> None:
    made, submission = town.sent()
    town.desk.erp.reject(town.approver, submission, "No.", press())
    assert len(town.console.home(town.manager).waiting) == 1
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.set_status(town.manager, made, "Void", version)
    assert town.console.home(town.manager).waiting == ()


def test_a_person_sees_and_decides_only_on_their_own_projects_and_kinds(items: Items) -> None:
    town = items.town
    row = items.sent()
    with town.store.writing() as session:
        session.get_one(Person, town.approver).all_projects = False
    assert town.console.counts(town.approver).total(View.READY_TO_EXPORT) == 0
    assert town.console.queue(items.kind, View.READY_TO_EXPORT, None, town.approver) == ()
    assert town.console.home(town.approver).waiting == ()
    assert town.desk.queries.projects(town.approver) == ()
    assert town.desk.queries.commitments(actor=town.approver) == ()
    with pytest.raises(NotAllowed, match="does not belong to this project"):
        town.console.review(row.id, None, town.approver)
    with pytest.raises(Refused, match="does not belong to this project"):
        town.desk.erp.accept(town.approver, row.id, row.sage_id, "0" * 64, press())
    with pytest.raises(Refused, match="does not belong to this project"):
        town.desk.erp.reject(town.approver, row.id, "", press())
    with town.store.writing() as session:
        session.add(ProjectMember(person_id=town.approver, project_id=row.project_id))
    assert town.console.counts(town.approver).count(items.kind, View.READY_TO_EXPORT) == 1
    assert [each.id for each in town.desk.queries.projects(town.approver)] == [row.project_id]
    with town.store.writing() as session:
        session.add(KindRight(person_id=town.approver, kind=items.kind, can_import=False, can_export=False))
    assert row.id not in {each.id for each in town.console.home(town.approver).waiting}
    assert not town.console.review(row.id, None, town.approver).offers[0].allowed
    with pytest.raises(Refused, match="may not export"):
        items.accept(row)
    with town.store.writing() as session:
        session.execute(delete(KindRight))
    items.accept(row)


def test_nobody_rejects_what_they_sent(items: Items) -> None:
    town = items.town
    with town.store.writing() as session:
        person = session.get_one(Person, town.both)
        assert person.can_push
    row = items.send(items.made(), town.both)
    with pytest.raises(Refused, match="Retrieve it instead of rejecting it"):
        town.desk.erp.reject(town.both, row.id, "", press())
    items.accept(row)
    items.reach(row.id, "sage_reject")
    with pytest.raises(Refused, match="another approver has to reject it"):
        town.desk.erp.reject(town.both, row.id, "", press())
    town.desk.erp.reject(town.approver, row.id, "", press())


def test_on_old_data_an_accept_needs_a_reason(items: Items) -> None:
    town, now = items.town, Clock().now()
    row = items.sent()
    later = replace(town.desk.office, clock=Clock(lambda: now + timedelta(hours=25)))
    page = Console(later).review(row.id, None, town.approver)
    assert "over 24 hours ago" in page.needs_reason
    assert page.needs_reason in {each.text for each in page.checks}
    assert Console(later).accept_preview(town.approver, [row.id]).needs_reason
    assert all(each.stale for each in Console(later).home(town.approver).tables)
    acts = ErpActs(later)
    for empty in ("", "   ", "\u200b", "\u3164", "…"):
        with pytest.raises(Refused, match="say why you accept"):
            acts.accept(town.approver, row.id, row.sage_id, page.sha256, press(), empty)
    acts.accept(town.approver, row.id, row.sage_id, page.sha256, press(), "Sage is being upgraded.")
    shown = Console(later).review(row.id, None, town.approver)
    assert any("Sage is being upgraded." in each.text for each in shown.history)
    assert shown.row.state is ErpState.EXPORTING


def test_a_clock_that_was_set_back_does_not_make_old_data_fresh(items: Items) -> None:
    town, now = items.town, Clock().now()
    row = items.sent()
    back = replace(town.desk.office, clock=Clock(lambda: now - timedelta(days=300)))
    page = Console(back).review(row.id, None, town.approver)
    assert "still to come" in page.needs_reason
    with pytest.raises(Refused, match="clock"):
        ErpActs(back).accept(town.approver, row.id, row.sage_id, page.sha256, press())


def test_a_table_that_was_never_read_asks_for_a_reason(items: Items) -> None:
    row = items.sent()
    kind = KINDS[items.kind]
    KINDS[items.kind] = replace(kind, tables=(*kind.tables, "Payroll"))
    try:
        page = items.town.console.review(row.id, None, items.town.approver)
        home = items.town.console.home(items.town.approver)
    finally:
        KINDS[items.kind] = kind
    assert page.read_at is None and "never read" in page.needs_reason
    assert [each.title for each in home.tables if each.stale] == ["Payroll"]
