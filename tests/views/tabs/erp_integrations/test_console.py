"""The console's own parts: views and counts, differences, the reason on old data, the map, archive, Sage away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.tabs.erp_integrations.decisions import REASON_FIRST
from erpdesk.views.tabs.erp_integrations.kinds import VIEWS, spec_of
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import QueueRow
from tests.town import Town, press
from tests.views.house import House, calm, type_into
from tests.workflows.doubtful import doubt

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def queue(town: Town, view: View) -> tuple[QueueRow, ...]:
    return town.queue(view)


def show(house: House, person: str, view: View = View.READY_TO_EXPORT) -> None:
    house.act_as(person)
    house.window.show_tab("erp")
    house.erp.open_at("commitment", view)
    house.settle()


def corrected(town: Town) -> str:
    """An item that was rejected, corrected and sent again; its newest submission."""
    made, submission = town.sent(title="Steel")
    town.desk.erp.reject(town.approver, submission, "Another title, please.", press())
    detail = town.desk.queries.commitment(made, town.manager)
    lines = tuple(town.draft().lines)
    draft = replace(town.draft(title="Steel, phase 1", number=detail.row.number), id=made, version=detail.version)
    town.desk.commitments.set_status(town.manager, made, "Draft", detail.version)
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.save(town.manager, replace(draft, version=version, lines=lines))
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.set_status(town.manager, made, "Approved", version)
    town.desk.erp.send(town.manager, [made], press())
    return next(row.id for row in queue(town, View.READY_TO_EXPORT) if row.item_id == made)


def test_the_views_stand_in_their_order_with_counts(house: House) -> None:
    town = house.town
    town.sent()
    town.accepted(title="Other")
    show(house, town.approver)
    bar, (kind,) = house.erp.queue.filter, house.erp._console.kinds()
    assert bar.chip_keys() == tuple(spec_of(view).key for view in View if view in kind.views)
    counts = town.desk.console.counts(town.approver)
    assert counts.count("commitment", View.READY_TO_EXPORT) == counts.count("commitment", View.EXPORTING) == 1
    assert house.erp.nav.count_of("commitment") == 1
    assert {spec.view for spec in VIEWS} == set(View), "each view has its words for when it is empty"


def test_an_item_that_was_sent_before_shows_its_differences(house: House) -> None:
    town = house.town
    town.sent(title="First time")
    again = corrected(town)
    show(house, town.approver)
    assert not house.erp.page.differences.isVisible(), "it was not sent before"
    house.erp.queue.table.set_current_id(again)
    house.settle()
    changes = {change.field: (change.before, change.after) for change in house.erp.page.differences.changes()}
    assert changes["Title"] == ("Steel", "Steel, phase 1") and house.erp.page.differences.isVisible()


def test_on_old_data_an_accept_needs_a_reason(house: House, qtbot: QtBot) -> None:
    town = house.town
    _, submission = town.sent()
    town.change_settings(stale_hours=0)
    show(house, town.approver)
    page = house.erp.page
    assert page.reason.isVisible() and house.reasons("erp.accept") == REASON_FIRST
    type_into(page.reason, "Sage is away.")
    assert house.reasons("erp.accept") == ()
    calm(house.window)
    house.trigger("erp.accept")
    assert [row.id for row in queue(town, View.EXPORTING)] == [submission]
    town.sent(title="Other")
    house.reload()
    assert page.typed_reason() == "", "each item has a reason of its own"


def test_the_map_says_who_acts_next_and_where(house: House) -> None:
    town = house.town
    town.sent()
    show(house, town.approver)
    chips = house.erp.page.map
    assert chips.next_words() == "Next: Accept, by Accounting in ERP Integrations"
    assert {step.where for step in chips.steps()} >= {"Commitments", "ERP Integrations", "erpdesk"}
    assert any(step.apart for step in chips.steps()) and any(step.optional for step in chips.steps())
    assert all(step.apart == (step.tone == "green") for step in chips.steps()), "Sage has a colour and a lane"
    sent = next(step for step in chips.steps() if step.text == "Send")
    assert sent.state == "done" and "Dana Whitfield" in sent.note


def test_an_item_in_doubt_says_what_to_look_at_in_sage(house: House) -> None:
    town = house.town
    doubt(town)
    show(house, town.approver, View.IN_DOUBT)
    words = house.erp.page.doubt.todo.steps()[0]
    row = queue(town, View.IN_DOUBT)[0]
    assert f"look for commitment {row.sage_id} of job {row.job}" in words and "1,234.56" in words
    assert "Job Cost > Inquiry > Commitments" in words
    assert not house.erp.page.accept_button.isVisible() and not house.erp.page.reject_button.isVisible()


@pytest.mark.parametrize("view", [View.ARCHIVED, View.EXPORTING, View.IN_DOUBT, View.FAILED_TO_EXPORT])
def test_an_empty_view_says_what_would_stand_there(house: House, view: View) -> None:
    show(house, house.town.approver, view)
    assert house.erp.queue.table.empty_title == spec_of(view).empty_title
    assert house.erp.queue.table.empty_hint == spec_of(view).empty_hint
    assert house.erp.page.banner.text() == "", "it is said once"


def test_archive_goes_on_to_the_next(house: House, qtbot: QtBot) -> None:
    town = house.town
    for title in ("One", "Two"):
        town.accepted(title=title)
    house.export()
    show(house, town.approver, View.SYNCED)
    calm(house.window)
    assert house.erp.page.archive_button.isVisible() and not house.erp.page.unarchive_button.isVisible()
    house.trigger("erp.archive")
    assert len(queue(town, View.ARCHIVED)) == 1 and len(queue(town, View.SYNCED)) == 1
    review = house.erp.page.review
    assert review is not None and review.row.id == queue(town, View.SYNCED)[0].id
    house.act_as(town.viewer)
    assert not house.erp.page.archive_button.isVisible()


def test_with_sage_away_the_tab_says_that_work_goes_on(house: House) -> None:
    show(house, house.town.approver)
    assert house.erp.away.isHidden()
    house.erp.show_away("Sage can not be reached.")
    house.settle()
    words = house.erp.away.text()
    assert house.erp.away.isVisible() and "\n" not in words
    assert "Review goes on; accepted items wait" in words and "Data as of" in words
    house.erp.show_away("")
    assert house.erp.away.isHidden()


def test_everything_can_be_done_without_the_mouse(house: House, qtbot: QtBot) -> None:
    town = house.town
    for title in ("One", "Two", "Three"):
        town.sent(title=title)
    show(house, town.approver)
    house.window.activateWindow()
    table = house.erp.queue.table
    table.setFocus()
    first, second, third = [row.id for row in table.shown_rows()]

    def key(what: Qt.Key, with_: Qt.KeyboardModifier = CTRL) -> None:
        calm(house.window)
        house.window.activateWindow()
        qtbot.waitUntil(house.window.isActiveWindow)
        table.setFocus()
        QTest.keyClick(table, what, with_)
        house.settle()

    key(Qt.Key.Key_Down, ALT)
    key(Qt.Key.Key_Return)
    assert [row.id for row in queue(town, View.EXPORTING)] == [second]
    assert table.current_id() == third
    key(Qt.Key.Key_Up, ALT)
    key(Qt.Key.Key_R)
    dialog = house.dialog(CommentDialog)
    QTest.keyClicks(dialog.field, "No.")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return, CTRL)
    house.settle()
    assert [row.id for row in queue(town, View.READY_TO_EXPORT)] == [third] and first
    seen = [str(house.erp.queue.view)]
    for side in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        key(side)
        seen.append(str(house.erp.queue.view))
    assert seen == ["Ready to export", "Failed to export", "Ready to export"]


def test_the_sheet_of_keys_explains_them(house: House) -> None:
    from erpdesk.views.kit.shortcut_sheet import ShortcutSheet

    house.window.registry.show_shortcuts(house.window)
    lines = house.dialog(ShortcutSheet).lines()
    assert {"Accept and export", "Reject…", "Next", "Previous", "Archive"} <= set(lines)


def test_an_item_that_is_gone_is_told(house: House) -> None:
    town = house.town
    _, submission = town.sent()
    show(house, town.approver)
    made = queue(town, View.READY_TO_EXPORT)[0].item_id
    town.desk.erp.retrieve(town.manager, [made], press())
    house.trigger("erp.reject")
    house.dialog(CommentDialog).field.setPlainText("Late.")
    house.dialog(CommentDialog).yes.click()
    house.settle()
    assert house.window.messages.texts() and queue(town, View.READY_TO_EXPORT) == () and submission
    assert not isinstance(house.window.messages.texts()[0], ForPeople)
