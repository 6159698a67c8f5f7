"""Decisions need a press each that was meant for the item on screen; what became of an item is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from erpdesk.core.clock import CLOCK
from erpdesk.sync.events import Idle
from erpdesk.views.erp_words import LOOK_THERE
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.status_light import describe
from erpdesk.views.tabs.erp_integrations.decisions import LOOK_FIRST
from erpdesk.views.tabs.erp_integrations.file_block import FileBlock
from erpdesk.views.tabs.erp_integrations.queue import COLUMNS
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import CHANGED, GONE, LineDraft, QueueRow
from tests.town import Town
from tests.views.house import House, calm, type_into

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def queue(town: Town, view: View) -> tuple[QueueRow, ...]:
    return town.queue(view)


def review_as(house: House, person: str, view: View = View.READY_TO_EXPORT) -> None:
    house.act_as(person)
    house.window.show_tab("erp")
    house.erp.open_at("commitment", view)
    house.settle()


def shown_id(house: House) -> str:
    review = house.erp.page.review
    return review.row.id if review else ""


# One press, one decision


def test_a_double_click_on_accept_accepts_one_item(house: House, qtbot: QtBot) -> None:
    town = house.town
    for title in ("First", "Second", "Third"):
        town.sent(title=title)
    review_as(house, town.approver)
    accept = house.erp.page.accept_button
    calm(house.window)
    first = shown_id(house)
    QTest.mouseClick(accept, LEFT)
    house.settle()
    assert shown_id(house) != first
    QTest.mouseDClick(accept, LEFT)
    QTest.mouseRelease(accept, LEFT)
    QTest.mouseClick(accept, LEFT)
    QTest.keyClick(house.erp.queue.table, Qt.Key.Key_Return, CTRL)
    house.settle()
    assert [row.id for row in queue(town, View.EXPORTING)] == [first]
    calm(house.window)
    QTest.mouseClick(accept, LEFT)
    house.settle()
    assert len(queue(town, View.EXPORTING)) == 2


def test_after_a_decision_the_next_item_is_closed_until_it_can_have_been_seen(house: House, qtbot: QtBot) -> None:
    town = house.town
    for title in ("First", "Second"):
        town.sent(title=title)
    review_as(house, town.approver)
    calm(house.window)
    house.window.activateWindow()
    house.erp.page.accept_button.setFocus()
    QTest.mouseClick(house.erp.page.accept_button, LEFT)
    house.settle()
    assert house.reasons("erp.accept") == LOOK_FIRST and not house.erp.page.accept_button.allowed
    assert house.erp.queue.table.hasFocus(), "the keyboard is in the list"
    qtbot.waitUntil(lambda: house.erp.page.accept_button.allowed)
    assert house.reasons("erp.accept") == ()


def test_a_held_control_enter_accepts_one_item(house: House, qtbot: QtBot) -> None:
    for title in ("First", "Second"):
        house.town.sent(title=title)
    review_as(house, house.town.approver)
    calm(house.window)
    house.window.activateWindow()
    for _ in range(4):
        QTest.keyClick(house.erp.queue.table, Qt.Key.Key_Return, CTRL)
        house.settle()
    assert len(queue(house.town, View.EXPORTING)) == 1
    assert not house.window.registry.action("erp.accept").autoRepeat()


def test_a_press_right_after_going_to_another_item_is_not_meant_for_it(house: House, qtbot: QtBot) -> None:
    for title in ("First", "Second"):
        house.town.sent(title=title)
    review_as(house, house.town.approver)
    calm(house.window)
    house.trigger("erp.next")
    QTest.mouseClick(house.erp.page.accept_button, LEFT)
    house.settle()
    assert queue(house.town, View.EXPORTING) == ()


def test_being_done_vanishes(house: House, qtbot: QtBot) -> None:
    house.town.sent()
    review_as(house, house.town.approver)
    calm(house.window)
    QTest.mouseClick(house.erp.page.accept_button, LEFT)
    QTest.mouseClick(house.erp.page.accept_button, LEFT)
    house.settle()
    assert not any("just now" in words for words in house.window.messages.texts())
    assert "just now" not in house.window.status.help.text()
    assert house.reasons("erp.accept") == ("Choose an item first.",)


def test_rejecting_without_a_reason_is_asked_once(house: House, qtbot: QtBot) -> None:
    house.town.sent()
    review_as(house, house.town.approver)
    house.trigger("erp.reject")
    dialog = house.dialog(CommentDialog)
    QTest.mouseClick(dialog.yes, LEFT)
    assert dialog.note.text().startswith("Reject without a reason?")
    qtbot.waitUntil(lambda: not any(pause.on for pause in dialog.findChildren(Pause)))
    QTest.mouseClick(dialog.yes, LEFT)
    house.settle()
    assert queue(house.town, View.READY_TO_EXPORT) == ()


# Who may


def test_without_the_right_to_accept_the_id_is_only_read_and_says_why(house: House) -> None:
    town = house.town
    town.sent()
    for person in (town.viewer, town.manager):
        review_as(house, person)
        field = house.erp.page.sage_id
        assert field.isReadOnly() and field.toolTip() == house.erp.page.hint.text() != ""
    review_as(house, town.approver)
    assert not house.erp.page.sage_id.isReadOnly() and house.erp.page.sage_id.toolTip() == ""


def test_another_person_does_not_inherit_what_was_typed(house: House) -> None:
    town = house.town
    town.sent()
    review_as(house, town.approver)
    field = house.erp.page.sage_id
    proposed = field.value()
    type_into(field, "SC-TYPED")
    house.act_as(town.manager)
    assert field.value() == proposed and not house.erp.page.id_pending


# What became of it


def test_an_item_that_is_in_sage_is_told(house: House) -> None:
    town = house.town
    _, submission = town.accepted()
    house.reload()
    house.export()
    house.reload()
    row = next(row for row in queue(town, View.SYNCED) if row.id == submission)
    assert house.window.messages.texts() == [f"{row.sage_id} is in Sage, equal to what was approved."]
    house.window.messages.clear()
    house.reload()
    assert house.window.messages.texts() == [], "once"


def test_an_item_that_failed_is_told_with_the_reason(house: House) -> None:
    town = house.town
    town.accepted()
    house.reload()
    with town.sage.changing() as connection:
        connection.execute("UPDATE JCM_MASTER__JOB SET Status = 'Closed' WHERE Job = ?", (town.project().sage_job,))
    house.export()
    house.reload()
    (words,) = house.window.messages.texts()
    assert "did not go into Sage" in words and "closed in Sage" in words


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-21-001'", GONE),
        ("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 1 WHERE Commitment = 'SC-21-001'", CHANGED),
    ],
)
def test_drift_is_yellow_and_explained(house: House, sql: str, words: str) -> None:
    town = house.town
    _, submission = town.accepted(number="SC-21-001")
    house.export()
    with town.sage.changing() as connection:
        connection.execute(sql)
    town.read_sage()
    review_as(house, town.approver, View.SYNCED)
    row = next(row for row in house.erp.queue.table.shown_rows() if row.id == submission)
    assert row.state_text == words and row.message
    state = next(column for column in COLUMNS if column.key == "state").value(row)
    assert isinstance(state, Pill) and (state.text, state.tone) == (words, "yellow")
    assert house.erp.page.banner.text().splitlines() == [f"{words}.", row.message, LOOK_THERE]
    assert house.erp.page.banner.property("message") == "warning"
    last = house.erp.page.map.steps()[-1]
    assert (last.text, last.state) == (words, "current")


def test_an_item_that_is_in_sage_has_a_good_banner(house: House) -> None:
    town = house.town
    town.accepted(number="SC-21-001")
    house.export()
    review_as(house, town.approver, View.SYNCED)
    assert house.erp.page.banner.text() == "Synced.\nCommitment SC-21-001 is in Sage as approved."
    assert house.erp.page.banner.property("message") == "success"
    steps = house.erp.page.map.steps()
    assert {step.state for step in steps if not step.optional} == {"done"} and house.erp.page.map.next_words() == ""


# Times


def test_the_times_agree_and_age_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.town.sent()
    review_as(house, house.town.approver)
    review = house.erp.page.review
    session = house.window.session
    assert review is not None and review.read_at is not None and session is not None
    house.window.sync_event(Idle(review.read_at, 10))
    house.settle()
    later = review.read_at + timedelta(minutes=7)
    monkeypatch.setattr(type(CLOCK), "now", lambda _self: later)
    session.ticked.emit()
    title = house.erp.page._checks_title.text()
    light = describe(house.window.status.light.state(), later)
    assert title == "Checks against Sage, read 7 min ago" and "read 7 min ago" in light.lower()
    assert house.window.status.light.text() == light


# Room


def test_in_a_small_window_everything_can_be_reached(house: House) -> None:
    code = next(each for each in house.town.codes() if each.budget > each.committed)
    lines = (LineDraft("", code.cost_code, "S", "Steel", amount=Decimal("1248500.00")),)
    house.town.sent(lines=lines)
    review_as(house, house.town.approver)
    house.window.setMinimumSize(10, 10)
    house.window.resize(1000, 640)
    usual = [house.erp.queue.table.columnWidth(place) for place in range(len(COLUMNS))]
    for points in (10, 14):
        house.theme.set_points(points)
        house.settle()
        page = house.erp.page
        inside = page.parts.currentWidget()
        assert isinstance(inside, QScrollArea)
        assert page.map.chip_room(4).bottom() < page.map.height(), "every station is in sight"
        content = inside.widget()
        assert content is not None
        assert house.erp.rail.isHidden()
        assert page.mapTo(house.window, page.rect().bottomRight()).x() <= 1000
        assert content.minimumSizeHint().width() <= content.width(), "what is wider is scrolled to"
        assert inside.horizontalScrollBar().maximum() == max(0, content.width() - inside.viewport().width())
        for table in (page.effect.table, house.erp.queue.table):
            metrics = table.fontMetrics()
            for place, column in enumerate(table.records.columns):
                if column.kind == "money" and not table.isColumnHidden(place):
                    widest = max(metrics.horizontalAdvance(column.shown(row)) for row in table.all_rows())
                    assert table.columnWidth(place) >= widest + 16, f"{column.title} is cut at {points} points"
        rows = page.effect.table
        assert rows.rowViewportPosition(0) + rows.rowHeight(0) <= rows.viewport().height()
    house.theme.usual_size()
    house.settle()
    assert [house.erp.queue.table.columnWidth(place) for place in range(len(COLUMNS))] == usual


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_first_five_columns_are_in_sight(house: House, width: int) -> None:
    house.town.sent()
    house.window.resize(width, 800)
    review_as(house, house.town.approver)
    table = house.erp.queue.table
    places = [COLUMNS.index(column) for column in COLUMNS if column.show][:5]
    assert sum(table.columnWidth(place) for place in places) <= table.viewport().width()


def test_lines_of_the_file_are_whole(qtbot: QtBot) -> None:
    block = FileBlock()
    qtbot.addWidget(block)
    block.resize(420, 100)
    block.show()
    lines = ['"CI","SC-0041",1,"Furnish and erect steel",,,,"03-0014","","01-1300","S","",,,,"",1248500.00', '"C"']
    block.set_lines(lines)
    assert block.horizontalScrollBar().maximum() == 0
    assert block.toPlainText().splitlines() == lines
    first = block.document().firstBlock()
    assert first.layout().lineCount() > 1 and first.blockFormat().textIndent() < 0
    tall = block.height()
    assert block.document().size().height() <= block.viewport().height() + 4
    block.resize(1400, tall)
    assert block.height() < tall
    block.selectAll()
    block.copy()
    assert QGuiApplication.clipboard().text().splitlines() == lines


def test_the_fingerprint_has_a_name(house: House) -> None:
    house.town.sent()
    review_as(house, house.town.approver)
    review = house.erp.page.review
    assert review is not None
    title = house.erp.page._file_title
    assert f"file fingerprint {review.sha256[:4]}…{review.sha256[-2:]}" in title.text()
    assert review.sha256 in title.toolTip()


def test_the_focus_follows_the_selection(house: House) -> None:
    for title in ("First", "Second"):
        house.town.sent(title=title)
    review_as(house, house.town.approver)
    table = house.erp.queue.table
    for key in ("", "erp.next", "erp.accept"):
        if key:
            house.trigger(key)
        assert table.current_id() == shown_id(house) == table.selected_ids()[0]
