"""The Commitments tab on a real company: from an empty page to Sage's queue and back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from erpdesk.core.money import show_amount
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.erp_words import LOOK_THERE, erp_pill
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.pills import pill_size
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.tabs.commitments.columns import CHIPS, row_pill
from erpdesk.views.tabs.commitments.merge_dialog import MergeDialog
from erpdesk.views.tabs.commitments.merging import MINE, THEIRS
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.views.tabs.commitments.schedule_panel import CELL_EDGE
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import GONE, CommitmentDetail, ErpState, LineDraft
from tests.town import press
from tests.views.house import House, type_into, wait_until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def page(house: House) -> CommitmentPage:
    return house.commitments.page


def show(house: House, commitment: str) -> CommitmentDetail:
    house.reload()
    house.commitments.open(commitment)
    house.settle()
    detail = page(house).detail
    assert detail is not None and detail.row.id == commitment
    return detail


def saved(house: House, commitment: str) -> CommitmentDetail:
    return house.town.desk.queries.commitment(commitment, house.town.manager)


def test_a_subcontract_is_written_saved_approved_and_sent(house: House) -> None:
    town = house.town
    code = town.codes()[0]
    house.trigger("commitment.new_subcontract")
    form = page(house).header_form
    assert form.number.value() == town.desk.queries.next_number(town.project().id, "Subcontract", town.manager)
    type_into(form.title, "Structural steel")
    form.vendor.set_value(town.company())
    form.left.changed.emit("vendor")
    QGuiApplication.clipboard().setText(f"{code.cost_code}\tS\tFurnish and erect\t1,234.56")
    grid = page(house).schedule.grid
    grid.setCurrentIndex(grid.lines.index(0, 0))
    grid.paste(QGuiApplication.clipboard().text())
    assert page(house).dirty
    house.trigger("commitment.save")
    detail = page(house).detail
    assert detail is not None and not page(house).dirty
    assert (detail.row.title, detail.row.amount, detail.row.status) == (
        "Structural steel",
        Decimal("1234.56"),
        "Draft",
    )
    assert [row.id for row in house.commitments.table.selected_rows()] == [detail.row.id]
    approve = next(offer for offer in detail.statuses if offer.title == "Approved")
    page(house).status.choose(approve)
    house.settle()
    assert house.reasons("commitment.send") == ()
    house.trigger("commitment.send")
    detail = page(house).detail
    assert detail is not None and detail.row.erp_state is ErpState.SENT
    assert "waiting for accounting" in page(house).banner.text()
    assert page(house).buttons["retrieve"].isVisible() and not page(house).buttons["send"].isVisible()
    assert not page(house).schedule.grid.lines.editable


def test_a_purchase_order_starts_by_quantity(house: House) -> None:
    house.trigger("commitment.new_order")
    assert page(house).header_form.method.value() == "unit"
    assert [column.key for column in page(house).schedule.grid.lines.columns][-4:] == [
        "quantity",
        "unit",
        "unit_cost",
        "amount",
    ]
    code = house.town.codes("M")[0]
    grid = page(house).schedule.grid
    grid.setCurrentIndex(grid.lines.index(0, 0))
    grid.paste(f"{code.cost_code}\tM\tBeams\t12.5\teach\t4.04")
    house.trigger("commitment.save")
    detail = page(house).detail
    assert detail is not None and detail.method == "unit" and detail.row.amount == Decimal("50.50")


def test_pressing_send_twice_sends_once(house: House) -> None:
    made = house.town.approved()
    show(house, made)
    house.window.registry.trigger("commitment.send")
    house.window.registry.trigger("commitment.send")
    assert house.reasons("commitment.send") == ("This is being done just now.",)
    house.settle()
    assert [row.item_id for row in house.town.queue(View.READY_TO_EXPORT)] == [made]
    assert [entry.act for entry in saved(house, made).history].count("Sent to ERP") == 1


def test_a_sent_commitment_is_retrieved_and_edited(house: House) -> None:
    made, _ = house.town.sent()
    show(house, made)
    house.trigger("commitment.retrieve")
    detail = page(house).detail
    assert detail is not None and detail.row.erp_state is ErpState.RETRIEVED
    type_into(page(house).header_form.title, "Miscellaneous steel")
    house.trigger("commitment.save")
    assert saved(house, made).row.title == "Miscellaneous steel"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "SC-03-0041-LONG"}, "12"),
        ({"title": "A title that is longer than thirty characters"}, "30"),
        ({"lines": ()}, "line"),
    ],
)
def test_what_can_not_be_sent_says_why_on_the_button(house: House, changes: dict[str, object], words: str) -> None:
    made = house.town.approved(**changes)
    show(house, made)
    button = page(house).buttons["send"]
    assert not button.allowed
    assert any(words in reason for reason in button.reasons()), button.reasons()


def test_a_vendor_that_sage_does_not_have_is_named(house: House) -> None:
    made = house.town.approved(company_id=house.town.company(linked=False))
    show(house, made)
    assert any("vendor" in reason.lower() for reason in house.reasons("commitment.send"))


def test_changes_have_to_be_saved_before_anything_else(house: House) -> None:
    made = house.town.approved()
    show(house, made)
    type_into(page(house).header_form.title, "Other")
    assert house.reasons("commitment.send") == ("Save or revert your changes first.",)
    house.trigger("commitment.revert")
    assert page(house).header_form.title.value() == "Structural steel"
    assert house.reasons("commitment.send") == ()


def test_a_refused_save_keeps_what_was_typed(house: House) -> None:
    town = house.town
    first = town.approved(number="SC-03-0001")
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-03-0002"))
    show(house, made)
    type_into(page(house).header_form.number, "SC-03-0001")
    house.trigger("commitment.save")
    assert "already used" in page(house).banner.text()
    assert page(house).header_form.number.value() == "SC-03-0001" and page(house).dirty
    assert saved(house, first).row.number == "SC-03-0001"


def test_somebody_else_saved_first(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    show(house, made)
    type_into(page(house).header_form.title, "Mine")
    version = saved(house, made).version
    town.desk.commitments.save(town.both, replace(town.draft(title="Theirs"), id=made, version=version))
    house.trigger("commitment.save")
    assert any("Somebody else saved" in text for text in house.window.messages.texts())
    assert page(house).header_form.title.value() == "Theirs"
    compare = [each for each in house.window.messages.findChildren(QPushButton) if each.text() == "Compare with mine…"]
    compare[0].click()
    dialog = house.dialog(MergeDialog)
    assert dialog.choices()["title"] == MINE
    dialog.choose_all(THEIRS)
    dialog.choose("title", MINE)
    dialog.use.click()
    house.settle()
    assert page(house).header_form.title.value() == "Mine"
    house.trigger("commitment.save")
    assert saved(house, made).row.title == "Mine"


def test_unsaved_changes_are_never_lost_by_choosing_another_row(house: House) -> None:
    town = house.town
    first, _ = town.desk.commitments.save(town.manager, town.draft(title="First"))
    second, _ = town.desk.commitments.save(town.manager, town.draft(title="Second"))
    show(house, first)
    type_into(page(house).header_form.title, "Changed")
    house.commitments.table.select_ids((second,))
    house.settle()
    assert page(house).commitment_id == first
    house.dialog(UnsavedDialog).keep.click()
    assert page(house).header_form.title.value() == "Changed"
    house.commitments.table.select_ids((second,))
    house.settle()
    house.dialog(UnsavedDialog).save.click()
    house.settle()
    assert saved(house, first).row.title == "Changed"
    assert page(house).commitment_id == second
    type_into(page(house).header_form.title, "Dropped")
    house.commitments.close_page()
    house.dialog(UnsavedDialog).discard.click()
    house.settle()
    assert saved(house, second).row.title == "Second"


def test_a_rejected_commitment_shows_the_comment_and_is_sent_again(house: House) -> None:
    made, submission = house.town.sent()
    house.town.desk.erp.reject(house.town.approver, submission, "Split the bolts.", press())
    show(house, made)
    assert "“Split the bolts.”" in page(house).banner.text()
    assert page(house).buttons["resend"].isVisible()
    house.trigger("commitment.resend")
    assert saved(house, made).row.erp_state is ErpState.SENT


def test_several_are_sent_at_once_and_each_one_left_says_why(house: House) -> None:
    town = house.town
    good, bad = town.approved(), town.approved(title="x" * 31)
    house.reload()
    house.commitments.table.select_ids((good, bad))
    house.settle()
    bulk = house.commitments.bulk
    assert bulk.isVisible()
    bulk.send.click()
    house.settle()
    assert bulk.outcome.text() == "Sent 1. 1 left as they were:"
    assert len(bulk.left_alone.checks()) == 1 and "30" in bulk.left_alone.checks()[0].text
    assert saved(house, good).row.erp_state is ErpState.SENT
    assert saved(house, bad).row.erp_state is ErpState.NOT_SENT


def test_a_draft_is_deleted_after_a_question(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    show(house, made)
    house.trigger("commitment.delete")
    house.dialog(ConfirmDialog).yes.click()
    house.settle()
    assert made not in {row.id for row in town.desk.queries.commitments(None)}
    assert not house.commitments.editor.is_open


def test_who_lacks_the_right_reads_which_one(house: House) -> None:
    made = house.town.approved()
    show(house, made)
    house.act_as(house.town.viewer)
    assert any("Commitments" in reason and "needs" in reason for reason in house.reasons("commitment.send"))


def test_who_may_not_edit_can_neither_start_nor_change_one(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    house.act_as(house.town.viewer)
    for key in ("commitment.new_subcontract", "commitment.new_order", "commitment.save", "line.add"):
        assert "needs Admin in Commitments" in " ".join(house.reasons(key)), key
    house.trigger("commitment.new_order")
    assert page(house).commitment_id == made
    assert "You can read this and not change it." in page(house).banner.text()
    assert page(house).header_form.title.isReadOnly() and not page(house).schedule.grid.lines.editable
    assert page(house).status.property("blocked")
    assert not page(house).buttons["save"].isVisible()
    house.act_as(house.town.manager)
    assert not page(house).header_form.title.isReadOnly() and page(house).schedule.grid.lines.editable
    assert house.reasons("commitment.new_order") == ()


def test_who_may_not_save_is_not_offered_it(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    type_into(page(house).header_form.title, "Changed")
    house.act_as(house.town.viewer)
    assert page(house).header_form.title.value() == "Changed" and page(house).header_form.title.isReadOnly()
    house.commitments.close_page()
    dialog = house.dialog(UnsavedDialog)
    assert not dialog.save.isVisible() and dialog.discard.isVisible()
    dialog.keep.click()
    house.act_as(house.town.manager)
    house.trigger("commitment.save")
    assert saved(house, made).row.title == "Changed"


def test_another_sage_id_is_named_on_the_page_and_in_the_list(house: House) -> None:
    town, table = house.town, house.commitments.table
    assert "sage_id" not in [column.key for column in table.visible_columns()]
    made, submission = town.sent(number="PO-0014-013")
    town.accept(submission, "PO-0014-713")
    house.export()
    show(house, made)
    assert page(house).banner.text().startswith("In Sage as PO-0014-713.")
    assert "sage_id" in [column.key for column in table.visible_columns()]
    assert next(row for row in table.shown_rows() if row.id == made).sage_id == "PO-0014-713"
    table.show_column("sage_id", False)
    house.reload()
    assert "sage_id" not in [column.key for column in table.visible_columns()], "who hides it wants it hidden"


def test_what_is_gone_from_sage_is_a_warning_everywhere(house: House) -> None:
    town, table = house.town, house.commitments.table
    made, submission = town.sent(number="SC-21-001")
    town.accept(submission, "SC-21-001")
    house.export()
    with town.sage.changing() as connection:
        connection.execute("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-21-001'")
    town.read_sage()
    house.reload()
    detail = show(house, made)
    banner, last = page(house).banner, page(house).map.steps()[-1]
    assert banner.text().splitlines() == [f"{GONE}.", detail.message, LOOK_THERE]
    assert banner.property("message") == "warning" and (last.text, last.state) == (GONE, "current")
    row = next(each for each in table.shown_rows() if each.id == made)
    pill = row_pill(row)
    assert (pill.text, pill.tone) == (GONE, "yellow")
    place = [column.key for column in table.records.columns].index("erp")
    assert table.columnWidth(place) >= pill_size(pill, table.fontMetrics()).width() + 2 * PAD
    assert next(test for chip, test in CHIPS if chip.key == "back")(row)


def test_every_erp_state_can_be_read_in_the_list(house: House) -> None:
    table = house.commitments.table
    place = [column.key for column in table.records.columns].index("erp")

    def needed() -> int:
        return max(pill_size(erp_pill(state), table.fontMetrics()).width() for state in ErpState) + 2 * PAD

    usual = needed()
    assert table.columnWidth(place) >= usual
    house.theme.set_points(15)
    house.settle()
    assert table.columnWidth(place) >= needed() > usual
    house.theme.usual_size()


def test_what_is_wrong_with_a_line_is_said_once(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    grid = page(house).schedule.grid
    grid.setCurrentIndex(grid.lines.index(0, 0))
    grid.paste("99-9999\tS\tNothing\t10.00")
    house.trigger("commitment.save")
    assert "99-9999" not in page(house).banner.text()
    assert "Nothing was saved" in page(house).banner.text()
    assert page(house).schedule.said().count("99-9999") == 1
    assert page(house).schedule.said().startswith("Line 1: ")


def test_asking_for_the_status_leaves_the_errors_of_a_save(house: House) -> None:
    town = house.town
    town.approved(number="SC-03-0001")
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-03-0002"))
    show(house, made)
    type_into(page(house).header_form.number, "SC-03-0001")
    house.trigger("commitment.save")
    said = page(house).banner.text()
    page(house).status.click()
    assert page(house).banner.text() == said and "already used" in said
    assert page(house).status.property("blocked")
    assert page(house).status.toolTip() == "Save or revert your changes first."


def test_a_new_commitment_shows_the_committed_cost_of_its_job(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    cost = house.town.desk.queries.job_committed(house.town.project().id, house.town.manager)
    assert cost is not None
    assert show_amount(cost) in [label.text() for label in page(house).figures.findChildren(QLabel)]


def test_after_sending_the_keyboard_is_in_the_list_and_nothing_stands_where_send_was(house: House) -> None:
    made = house.town.approved()
    show(house, made)
    house.window.activateWindow()
    send, retrieve = page(house).buttons["send"], page(house).buttons["retrieve"]
    send.setFocus()
    wait_until(send.hasFocus, "the button has the keyboard")
    place = send.mapTo(page(house), send.rect().center())
    send.click()
    house.settle()
    assert house.commitments.table.hasFocus()
    assert retrieve.isVisible() and page(house).childAt(place) is not retrieve


def test_why_a_send_was_refused_stays_when_the_page_is_read_again(house: House) -> None:
    made = house.town.approved()
    show(house, made)
    version = saved(house, made).version
    house.town.desk.commitments.set_status(house.town.both, made, "Draft", version)
    house.trigger("commitment.send")
    house.reload()
    assert "Approved" in page(house).banner.text()


def test_the_total_stands_below_the_amounts(house: House) -> None:
    lines = tuple(
        LineDraft("", code.cost_code, "S", "Line", amount=Decimal("1234.56")) for code in house.town.codes()[:9]
    )
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(lines=lines))
    house.window.resize(1386, 840)
    show(house, made)
    panel = page(house).schedule
    grid, total = panel.grid, panel.total
    for height in (840, 1400):
        house.window.resize(1386, height)
        house.settle()
        assert grid.verticalScrollBar().isVisible() is (height == 840)
        cell = grid.visualRect(grid.lines.index(0, grid.lines.column_of("amount")))
        right = grid.viewport().mapTo(panel, cell.topRight()).x()
        # The rectangle of a cell leaves out its grid line.
        assert right + 1 - total.mapTo(panel, total.rect().topRight()).x() == CELL_EDGE


def test_a_low_window_scrolls_the_page_and_keeps_the_lines_in_sight(house: House) -> None:
    lines = tuple(LineDraft("", code.cost_code, "S", "Line", amount=Decimal("1.00")) for code in house.town.codes()[:4])
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(lines=lines))
    house.window.resize(1000, 640)
    show(house, made)
    grid = page(house).schedule.grid
    assert grid.visualRect(grid.lines.index(4, 0)).bottom() <= grid.viewport().height()
    area = page(house).findChild(QScrollArea)
    assert area is not None and area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() > 0
    house.window.activateWindow()
    grid.setFocus()
    wait_until(grid.hasFocus, "the grid has the keyboard")
    grid.setCurrentIndex(grid.lines.index(4, 0))
    cell = grid.visualRect(grid.currentIndex())
    seen = area.viewport().rect()
    assert seen.contains(grid.viewport().mapTo(area.viewport(), cell.center()))


def test_control_z_brings_a_deleted_line_back_from_anywhere_on_the_page(house: House, qtbot: QtBot) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    house.window.activateWindow()
    schedule = page(house).schedule
    schedule.grid.setCurrentIndex(schedule.grid.lines.index(0, 0))
    house.trigger("line.delete")
    assert page(house).draft().lines == () and "Ctrl+Z" in schedule.note()
    page(house).parts.setFocus()
    qtbot.keyClick(page(house).parts, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(page(house).draft().lines) == 1 and not page(house).dirty


def test_saving_takes_the_cell_that_is_being_typed_and_keeps_the_cursor(house: House, qtbot: QtBot) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    house.window.activateWindow()
    grid = page(house).schedule.grid
    grid.edit_cell(0, "amount")
    field = grid.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "=1200*3")
    qtbot.keyClick(field, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    house.settle()
    assert saved(house, made).row.amount == Decimal("3600.00")
    assert grid.currentIndex().row() == 0
    grid.edit_cell(0, "amount")
    field = next(each for each in grid.findChildren(QLineEdit) if each.isVisible())
    qtbot.keyClicks(field, "abc")
    house.commitments.close_page()
    assert field.isVisible() and "Type a number" in page(house).schedule.said()
    qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_a_read_of_sage_leaves_a_cell_that_is_being_typed_alone(house: House, qtbot: QtBot) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    grid = page(house).schedule.grid
    grid.edit_cell(0, "description")
    field = grid.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "Beams")
    house.reload()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page(house).draft().lines[0].description == "Beams"


def test_the_schedule_is_closed_while_approved_and_says_so(house: House) -> None:
    show(house, house.town.approved())
    schedule = page(house).schedule
    assert not schedule.grid.lines.editable
    schedule.grid.add_line()
    assert "closed while the status is Approved" in schedule.said()


def test_the_list_is_filtered_by_chip_and_by_words(house: House) -> None:
    town = house.town
    town.approved(title="Roofing")
    sent, _ = town.sent(title="Glazing")
    house.reload()
    tab = house.commitments
    tab.filter.chip_changed.emit("sent")
    assert [row.id for row in tab.table.shown_rows()] == [sent]
    tab.filter.chip_changed.emit("all")
    tab.filter.set_text("roof")
    assert [row.title for row in tab.table.shown_rows()] == ["Roofing"]


def test_figures_stand_beside_each_other_after_sync(house: House) -> None:
    made, _ = house.town.accepted()
    house.export()
    detail = show(house, made)
    assert detail.row.erp_state is ErpState.SYNCED
    assert page(house).figures.verdict() == "Agrees with Sage"
    assert "Synced with Sage" in page(house).banner.text()


def test_a_line_typed_by_hand_reaches_the_draft(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    code = house.town.codes()[0]
    grid = page(house).schedule.grid
    index = grid.lines.index(0, grid.lines.column_of("cost_code"))
    assert grid.lines.setData(index, code.cost_code)
    line = page(house).draft().lines[0]
    assert isinstance(line, LineDraft) and line.cost_code == code.cost_code
