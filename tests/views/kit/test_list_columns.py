"""Columns are chosen, ordered, locked and sorted by several at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_chooser import KEY, ColumnChooser
from erpdesk.views.kit.record_table import MemoryStore, RecordTable
from erpdesk.views.kit.table_layout import LayoutStore
from erpdesk.views.kit.theme import Theme
from tests.views.kit.lists import COLUMNS, PAPERS, D, ids, middle, shown

SHIFT, ALT, LEFT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier, Qt.MouseButton.LeftButton


def make(
    qtbot: QtBot, store: LayoutStore | None = None, columns: tuple[Column, ...] = COLUMNS, width: int = 800
) -> RecordTable:
    table = RecordTable("papers", columns, store=store)
    table.set_rows(PAPERS)
    shown(qtbot, table, width)
    return table


def titles(table: RecordTable) -> list[str]:
    return [column.title for column in table.visible_columns()]


def click_title(qtbot: QtBot, table: RecordTable, key: str, shift: bool = False) -> None:
    header = table.horizontalHeader()
    place = table.place_of(key)
    at = QPoint(header.sectionViewportPosition(place) + header.sectionSize(place) // 2, header.height() // 2)
    modifier = SHIFT if shift else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(header.viewport(), LEFT, modifier, at)


def over(table: RecordTable) -> bool:
    """Whether locked columns stand over scrolled ones."""
    return table._frozen.shown


def header_words(table: RecordTable) -> list[str]:
    return [str(table.records.headerData(place, Qt.Orientation.Horizontal)) for place in range(5)]


# Order by several


def test_shift_and_click_sort_by_one_more_column(qtbot: QtBot) -> None:
    store = MemoryStore()
    table = make(qtbot, store)
    click_title(qtbot, table, "state")
    click_title(qtbot, table, "amount", shift=True)
    click_title(qtbot, table, "amount", shift=True)
    assert table.sorts() == (("state", False), ("amount", True))
    assert ids(table) == ["SC-2", "SC-1", "PO-2", "PO-1"]
    assert header_words(table)[2:5:2] == ["Amount ↓2", "Status ↑1"]
    said = table.records.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Amount, sorted descending, sort 2 of 2"
    assert make(qtbot, store).sorts() == table.sorts()
    click_title(qtbot, table, "title")
    assert table.sorts() == (("title", False),) and header_words(table)[1] == "Title ↑"


# The chooser


@pytest.fixture
def chooser(qtbot: QtBot) -> Iterator[ColumnChooser]:
    made = ColumnChooser(make(qtbot), None)
    made.show()
    yield made
    made.close()


def listed(chooser: ColumnChooser) -> list[str]:
    lines = (chooser.listed.item(line) for line in range(chooser.listed.count()))
    return [item.text() for item in lines if not item.isHidden()]


def line_of(chooser: ColumnChooser, key: str) -> int:
    return next(line for line in range(chooser.listed.count()) if chooser.listed.item(line).data(KEY) == key)


def test_boxes_show_and_hide_columns(qtbot: QtBot, chooser: ColumnChooser) -> None:
    table = chooser.table
    assert isinstance(table, RecordTable)
    assert listed(chooser) == ["Number", "Title", "Amount", "Sent", "Status", "Lines"]
    chooser.listed.item(5).setCheckState(Qt.CheckState.Checked)
    chooser.listed.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert titles(table) == ["Number", "Amount", "Sent", "Status", "Lines"]
    chooser.restore.click()
    assert titles(table) == ["Number", "Title", "Amount", "Sent", "Status"]


def test_the_last_column_keeps_its_box(chooser: ColumnChooser) -> None:
    for line in range(5):
        chooser.listed.item(line).setCheckState(Qt.CheckState.Unchecked)
    assert len(chooser.table.visible_columns()) == 1
    assert [chooser.listed.item(line).checkState() == Qt.CheckState.Checked for line in range(5)].count(True) == 1


def test_columns_are_moved_by_key_and_by_dragging(qtbot: QtBot, chooser: ColumnChooser) -> None:
    table = chooser.table
    assert isinstance(table, RecordTable)
    chooser.listed.setCurrentRow(line_of(chooser, "amount"))
    qtbot.keyClick(chooser.listed, Qt.Key.Key_Up, ALT)
    assert titles(table) == ["Number", "Amount", "Title", "Sent", "Status"]
    qtbot.keyClick(chooser.listed, Qt.Key.Key_Down, ALT)
    assert titles(table) == ["Number", "Title", "Amount", "Sent", "Status"]
    chooser.listed.drop("state", chooser.listed.model().index(0, 0))
    assert titles(table) == ["Status", "Number", "Title", "Amount", "Sent"]


def test_groups_have_headings_and_many_columns_a_field(qtbot: QtBot) -> None:
    columns = [replace(column, group="In Sage" if place > 3 else "Columns") for place, column in enumerate(COLUMNS)]
    columns += [Column(f"more{place}", f"More {place}", show=False) for place in range(6)]
    chooser = ColumnChooser(make(qtbot, columns=tuple(columns)), None)
    chooser.show()
    assert listed(chooser)[0] == "Columns" and "In Sage" in listed(chooser)
    assert listed(chooser).index("In Sage") < listed(chooser).index("Status")
    assert chooser.search.isVisible()
    chooser.search.setText("more 3")
    assert listed(chooser) == ["More 3"]
    chooser.close()


# Locked columns


def test_locked_columns_stay_at_the_left(qtbot: QtBot, theme: Theme) -> None:
    store = MemoryStore()
    table = make(qtbot, store, width=360)
    table.set_locked("amount", True)
    assert titles(table)[0] == "Amount" and table.locked() == ("amount",)
    assert not over(table)
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    assert over(table)
    index = table.indexAt(QPoint(8, table.rowHeight(0) // 2))
    assert table.records.columns[index.column()].key == "amount", "the mouse meets what is seen"
    again = make(qtbot, store, width=360)
    assert again.locked() == ("amount",)
    again.set_locked("amount", False)
    assert again.locked() == ()


def test_locked_cells_are_painted_over_the_scrolled_ones(qtbot: QtBot, theme: Theme) -> None:
    table = make(qtbot, width=360)
    table.set_locked("number", True)
    room = table.visualRect(table.records.index(0, 0)).adjusted(2, 2, -3, -2)
    before = picture(table, room.width(), room.height())
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    assert picture(table, room.width(), room.height()) == before


def test_a_click_on_a_locked_title_sorts_by_it(qtbot: QtBot, theme: Theme) -> None:
    table = make(qtbot, width=360)
    table.set_locked("number", True)
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    qtbot.mouseClick(table._frozen._titles, LEFT, pos=QPoint(20, 10))
    assert table.sorts() == (("number", False),)


def test_a_click_on_a_locked_cell_selects_its_row(qtbot: QtBot, theme: Theme) -> None:
    table = make(qtbot, width=360)
    table.set_locked("number", True)
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    qtbot.mouseClick(table.viewport(), LEFT, pos=QPoint(10, middle(table, 1, 0).y()))
    assert table.selected_ids() == ("SC-2",)


def test_the_menu_of_a_title_sorts_locks_and_hides(qtbot: QtBot) -> None:
    table = make(qtbot)

    def press(words: str) -> None:
        place = table.place_of("amount")
        table.open_header_menu(place, QPoint(10, 10))
        menu = next(menu for menu in table.findChildren(QMenu) if menu.isVisible())
        next(action for action in menu.actions() if action.text().split("\t")[0] == words).trigger()
        menu.close()

    table.sort_by("title")
    press("Then by this column")
    assert table.sorts() == (("title", False), ("amount", False))
    press("Sort descending")
    assert table.sorts() == (("amount", True),)
    press("Keep in sight (lock)")
    assert table.locked() == ("amount",)
    press("Hide this column")
    assert "Amount" not in titles(table)
    press("Restore columns")
    assert titles(table) == ["Number", "Title", "Amount", "Sent", "Status"] and table.locked() == ()


def test_ctrl_a_takes_the_filtered_rows_and_adds_them_up(qtbot: QtBot) -> None:
    table = make(qtbot)
    table.set_where(lambda row: row.amount is not None and row.amount > D(0))
    told: list[str] = []
    table.summary_changed.connect(told.append)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_ids() == ("SC-1", "SC-2")
    assert told[-1] == "2 selected, $344,900.00"
    assert table.footer.texts() == ["2 items shown of 4  344,900.00", "2 selected  344,900.00"]


def picture(table: RecordTable, width: int, height: int) -> QImage:
    top = table.viewport().geometry().top()
    return table.grab().toImage().copy(2, top + 2, width, height).convertToFormat(QImage.Format.Format_RGB32)
