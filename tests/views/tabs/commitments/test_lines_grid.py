"""The grid of the schedule of values under real keys."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.tabs.commitments.cell_editor import CellField
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.lines import AMOUNT, LONGEST, UNIT, problems
from erpdesk.views.tabs.commitments.lines_grid import LinesGrid
from erpdesk.views.tabs.commitments.lines_model import HINT
from erpdesk.workflows.commitment_checks import LINE_WIDTH, UNIT_WIDTH
from erpdesk.workflows.rows import CodeRow, LineDraft

# Type-ahead lists are windows of their own, which the offscreen platform can not raise.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

BUDGET = Decimal("240000.00")
BOOK = CodeBook(
    [
        CodeRow("", "05-1200", "S", "Structural steel", "Subcontracts", BUDGET, Decimal("0.00")),
        CodeRow("", "05-1200", "M", "Structural steel", "Materials", BUDGET, Decimal("0.00")),
        CodeRow("", "05-5000", "S", "Metal fabrications", "Subcontracts", BUDGET, Decimal("0.00")),
    ]
)
STEEL = LineDraft("", "05-1200", "S", "Steel", amount=Decimal("100.00"))
STAIRS = LineDraft("", "05-5000", "S", "Stairs", amount=Decimal("50.00"))


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[LinesGrid]:
    made = LinesGrid()
    made.resize(900, 300)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.setFocus()
    yield made


def load(grid: LinesGrid, *lines: LineDraft, method: str = AMOUNT, editable: bool = True) -> None:
    grid.lines.load(lines, method, BOOK, editable)


def editor(grid: LinesGrid) -> QLineEdit:
    found = [field for field in grid.findChildren(QLineEdit) if field.isVisible()]
    assert len(found) == 1
    return found[0]


def keys(qtbot: QtBot, grid: LinesGrid, text: str) -> None:
    """Types as a person does: the first key opens the field, the others go into it."""
    qtbot.keyClicks(grid, text[0])
    if text[1:]:
        qtbot.keyClicks(editor(grid), text[1:])
    QApplication.processEvents()


def to_popup(qtbot: QtBot, grid: LinesGrid, key: Qt.Key) -> None:
    """Presses a key as the system does while a list is open: it reaches the list first."""
    popup = QApplication.activePopupWidget()
    assert popup is not None
    press(qtbot, popup, key)


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key, with_: Qt.KeyboardModifier | None = None) -> None:
    qtbot.keyClick(widget, key, with_ or Qt.KeyboardModifier.NoModifier)
    QApplication.processEvents()


def at(grid: LinesGrid) -> tuple[int, str]:
    index = grid.currentIndex()
    return index.row(), grid.lines.columns[index.column()].key


def go(grid: LinesGrid, row: int, key: str) -> None:
    grid.setCurrentIndex(grid.lines.index(row, grid.lines.column_of(key)))


def test_a_line_is_typed_from_left_to_right_with_tab(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05-5000")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert at(grid) == (0, "category")
    press(qtbot, grid, Qt.Key.Key_Tab)
    assert at(grid) == (0, "description")
    keys(qtbot, grid, "Stairs")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    keys(qtbot, grid, "1,250.5")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert grid.lines.lines() == (LineDraft("", "05-5000", "S", "Stairs", amount=Decimal("1250.50")),)
    assert at(grid) == (1, "cost_code")


def test_enter_goes_down_in_the_same_column(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, STAIRS)
    go(grid, 0, "amount")
    keys(qtbot, grid, "7")
    press(qtbot, editor(grid), Qt.Key.Key_Return)
    assert at(grid) == (1, "amount")
    assert [line.amount for line in grid.lines.lines()] == [Decimal("7.00"), Decimal("50.00")]


def test_what_is_no_amount_stays_in_the_field_and_says_why(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL)
    said: list[str] = []
    grid.refused.connect(said.append)
    go(grid, 0, "amount")
    keys(qtbot, grid, "1.005")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert said == ["An amount has at most two decimals."]
    assert editor(grid).text() == "1.005"
    assert grid.lines.lines() == (STEEL,)
    press(qtbot, editor(grid), Qt.Key.Key_Escape)
    assert grid.lines.lines() == (STEEL,)


def test_the_one_code_that_matches_is_taken(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "fab")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert grid.lines.lines()[0].cost_code == "05-5000"


def test_quantity_and_unit_cost_make_the_amount(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, method=UNIT)
    go(grid, 0, "quantity")
    keys(qtbot, grid, "3")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert at(grid) == (0, "unit")
    press(qtbot, grid, Qt.Key.Key_Tab)
    keys(qtbot, grid, "0.335")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert grid.lines.lines()[0].amount == Decimal("1.01")
    assert at(grid) == (1, "cost_code"), "the computed amount is passed over"
    said: list[str] = []
    grid.refused.connect(said.append)
    go(grid, 0, "amount")
    keys(qtbot, grid, "9")
    assert said == ["Quantity × unit cost, rounded to the cent. Clear both to type an amount instead."]


def test_a_block_is_pasted_copied_and_taken_back(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    QGuiApplication.clipboard().setText("05-1200\tS\tSteel\t100.00\n05-5000\tS\tStairs\t50.00\n")
    press(qtbot, grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert grid.lines.lines() == (STEEL, STAIRS)
    grid.selectAll()
    press(qtbot, grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "05-1200\tS\tSteel\t100.00\n05-5000\tS\tStairs\t50.00"
    press(qtbot, grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert grid.lines.lines() == ()
    press(qtbot, grid, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert grid.lines.lines() == (STEEL, STAIRS)


def test_lines_are_duplicated_deleted_and_cells_cleared(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, STAIRS)
    go(grid, 0, "amount")
    grid.duplicate_lines()
    assert grid.lines.lines() == (STEEL, STEEL, STAIRS)
    grid.delete_lines()
    assert grid.lines.lines() == (STEEL, STAIRS)
    go(grid, 1, "amount")
    press(qtbot, grid, Qt.Key.Key_Delete)
    assert grid.lines.lines()[1].amount == Decimal("0.00")
    grid.lines.undo()
    assert grid.lines.lines() == (STEEL, STAIRS)


def test_a_copied_line_is_a_new_line(grid: LinesGrid) -> None:
    load(grid, LineDraft("", "05-1200", "S", "Steel", amount=Decimal("1.00"), id="a1"))
    go(grid, 0, "amount")
    grid.duplicate_lines()
    assert [line.id for line in grid.lines.lines()] == ["a1", ""]


def test_a_closed_schedule_says_that_it_is_closed(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, editable=False)
    asked: list[bool] = []
    grid.closed_asked.connect(lambda: asked.append(True))
    go(grid, 0, "amount")
    keys(qtbot, grid, "5")
    press(qtbot, grid, Qt.Key.Key_Delete)
    press(qtbot, grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 3
    assert grid.lines.lines() == (STEEL,)
    assert grid.lines.rowCount() == 1


def test_tab_leaves_the_grid_at_its_end(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL)
    go(grid, 1, "cost_code")
    assert grid.focusNextPrevChild(True) is False or grid.hasFocus() is False


def test_every_cell_is_spoken_with_its_title(grid: LinesGrid) -> None:
    load(grid, STEEL)
    spoken = [
        str(grid.lines.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole))
        for column in range(len(grid.lines.columns))
    ]
    assert spoken == [
        "Cost code: 05-1200  Structural steel",
        "Cat: S",
        "Description: Steel",
        "Amount: 100.00",
    ]


def test_tab_in_the_empty_row_goes_on_along_the_new_line(qtbot: QtBot) -> None:
    window = QWidget()
    down = QVBoxLayout(window)
    grid, after = LinesGrid(), QPushButton("Send to ERP")
    down.addWidget(grid)
    down.addWidget(after)
    qtbot.addWidget(window)
    window.resize(900, 400)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05-1200")
    to_popup(qtbot, grid, Qt.Key.Key_Tab)
    assert grid.lines.lines()[0].cost_code == "05-1200"
    assert at(grid) == (0, "category") and grid.hasFocus()
    keys(qtbot, grid, "mat")
    to_popup(qtbot, grid, Qt.Key.Key_Tab)
    keys(qtbot, grid, "Beams")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    keys(qtbot, grid, "=1200*3")
    press(qtbot, editor(grid), Qt.Key.Key_Tab)
    assert grid.lines.lines() == (LineDraft("", "05-1200", "M", "Beams", amount=Decimal("3600.00")),)
    assert at(grid) == (1, "cost_code") and grid.hasFocus()


def test_enter_takes_the_first_code_that_matches(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05")
    to_popup(qtbot, grid, Qt.Key.Key_Return)
    assert grid.lines.lines()[0].cost_code == "05-1200"
    assert at(grid) == (0, "category"), "two categories: one has to be chosen"
    keys(qtbot, grid, "mat")
    to_popup(qtbot, grid, Qt.Key.Key_Return)
    assert at(grid) == (0, "amount"), "the description came with the code"
    keys(qtbot, grid, "12")
    press(qtbot, editor(grid), Qt.Key.Key_Return)
    assert at(grid) == (1, "cost_code")


def test_a_text_that_sage_would_not_take_is_counted_and_said(grid: LinesGrid, qtbot: QtBot) -> None:
    assert {"description": LINE_WIDTH, "unit": UNIT_WIDTH} == LONGEST
    load(grid, STEEL)
    go(grid, 0, "description")
    keys(qtbot, grid, "x" * 31)
    field = editor(grid)
    assert isinstance(field, CellField) and field.counter is not None
    assert field.counter.text() == "31 of 30" and field.counter.over == 1
    press(qtbot, field, Qt.Key.Key_Return)
    assert len(grid.lines.lines()[0].description) == 31
    (said,) = problems(grid.lines.lines(), BOOK, AMOUNT)
    assert said == "Line 1: the description has 31 characters; Sage takes 30. Shorten it."


def test_down_walks_the_list_and_escape_leaves_it(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05")
    press(qtbot, editor(grid), Qt.Key.Key_Down)
    press(qtbot, editor(grid), Qt.Key.Key_Return)
    assert grid.lines.lines()[0].cost_code == "05-5000"
    go(grid, 1, "cost_code")
    keys(qtbot, grid, "05")
    press(qtbot, editor(grid), Qt.Key.Key_Escape)
    assert editor(grid).text() == "05", "the list is gone, the field is still there"
    press(qtbot, editor(grid), Qt.Key.Key_Escape)
    assert len(grid.lines.lines()) == 1


def test_a_click_into_the_list_goes_on_to_the_category(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05")
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QListView)
    place = popup.visualRect(popup.model().index(1, 0)).center()
    qtbot.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    assert grid.lines.lines()[0].cost_code == "05-5000"
    assert at(grid) == (0, "category") and grid.hasFocus()


def test_codes_have_as_much_room_as_vendors(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid)
    go(grid, 0, "cost_code")
    keys(qtbot, grid, "05")
    popup = QApplication.activePopupWidget()
    assert popup is not None and popup.width() >= 400
    field = editor(grid)
    assert isinstance(field, CellField) and field.list is not None
    first = popup.findChild(QListView) or popup
    assert isinstance(first, QListView) and first.currentIndex().row() == 0, "the first match is marked"
    metrics = grid.fontMetrics()
    assert metrics.horizontalAdvance(HINT) < grid.columnWidth(grid.lines.column_of("cost_code")) - 20


def test_after_tab_enter_goes_below_the_first_cell_of_the_run(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, STAIRS)
    go(grid, 0, "category")
    press(qtbot, grid, Qt.Key.Key_Tab)
    press(qtbot, grid, Qt.Key.Key_Tab)
    keys(qtbot, grid, "7")
    press(qtbot, editor(grid), Qt.Key.Key_Return)
    assert at(grid) == (1, "category")
    go(grid, 0, "amount")
    press(qtbot, grid, Qt.Key.Key_Return)
    assert at(grid) == (1, "amount"), "without Tab it stays in its column"


def test_tab_at_the_end_of_the_last_line_goes_to_the_empty_row(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, STAIRS)
    go(grid, 1, "amount")
    press(qtbot, grid, Qt.Key.Key_Tab)
    assert at(grid) == (2, "cost_code")


def test_a_deleted_line_comes_back_with_control_z(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL, STAIRS)
    told: list[str] = []
    grid.told.connect(told.append)
    go(grid, 0, "amount")
    grid.delete_lines()
    assert told == ["1 line deleted. Ctrl+Z brings it back."]
    press(qtbot, grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert grid.lines.lines() == (STEEL, STAIRS)
    assert at(grid) == (0, "amount"), "the cursor is where it was"
    press(qtbot, grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert told[-1] == "There is nothing to take back."


def test_new_codes_from_sage_leave_an_open_field_alone(grid: LinesGrid, qtbot: QtBot) -> None:
    load(grid, STEEL)
    go(grid, 0, "description")
    keys(qtbot, grid, "Beam")
    grid.lines.set_book(CodeBook([CodeRow("", "05-1200", "S", "Steel", "Subcontracts", BUDGET, BUDGET)]))
    qtbot.keyClicks(editor(grid), "s")
    press(qtbot, editor(grid), Qt.Key.Key_Return)
    assert grid.lines.lines()[0].description == "Beams"


def test_four_lines_and_the_empty_row_always_have_room(grid: LinesGrid) -> None:
    load(grid, STEEL, STAIRS, STEEL, STAIRS)
    grid.setFixedHeight(grid.minimumSizeHint().height())
    QApplication.processEvents()
    last = grid.visualRect(grid.lines.index(4, 0))
    assert last.isValid() and last.bottom() <= grid.viewport().height()


def test_amounts_stay_in_sight_on_a_narrow_page(grid: LinesGrid) -> None:
    load(grid, STEEL, method=UNIT)
    grid.resize(560, 300)
    QApplication.processEvents()
    assert grid.horizontalScrollBar().maximum() == 0
    place = grid.lines.column_of("cost_code")
    grid.setColumnWidth(place, 100)
    grid.resize(900, 300)
    assert grid.columnWidth(place) == 100, "a width that somebody chose stays"
