"""Columns are chosen, moved and remembered; lists are painted; scroll bars come and go in peace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.record_model import BOX_ROOM
from erpdesk.views.kit.record_table import Column, MemoryStore, RecordTable
from erpdesk.views.kit.table_layout import LayoutStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.kit.tokens import LIGHT
from erpdesk.views.kit.whole_columns import scale
from tests.views.kit.lists import COLUMNS, PAPERS, D, Paper, ids, shown


def make(qtbot: QtBot, store: LayoutStore | None = None, columns: tuple[Column, ...] = COLUMNS) -> RecordTable:
    table = RecordTable("papers", columns, store=store)
    table.set_rows(PAPERS)
    shown(qtbot, table)
    return table


def titles(table: RecordTable) -> list[str]:
    return [column.title for column in table.visible_columns()]


def colours(widget: QWidget) -> set[str]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


# Columns


def test_the_menu_is_on_the_titles_too(qtbot: QtBot) -> None:
    table = make(qtbot)
    table.horizontalHeader().customContextMenuRequested.emit(QPoint(10, 10))
    menus = [menu for menu in table.findChildren(QMenu) if menu.isVisible()]
    assert [action.text() for action in menus[0].actions()][-1] == "Restore columns"
    menus[0].close()


def test_the_last_column_stays(qtbot: QtBot) -> None:
    table = make(qtbot)
    for column in COLUMNS:
        table.show_column(column.key, False)
    assert len(titles(table)) == 1


@pytest.mark.parametrize("kind", ["memory", "QSettings"])
def test_the_layout_is_remembered(qtbot: QtBot, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("layout") / "layout.ini"
    store: LayoutStore = MemoryStore() if kind == "memory" else QSettings(str(file), QSettings.Format.IniFormat)
    table = make(qtbot, store)
    table.horizontalHeader().moveSection(3, 0)
    table.show_column("state", False)
    table.setColumnWidth(0, 177)
    table.sort_by_all((("amount", True), ("title", False)))
    again = make(qtbot, store)
    assert titles(again) == ["Sent", "Number", "Title", "Amount"]
    assert again.columnWidth(0) == 177
    assert again.sorts() == (("amount", True), ("title", False))
    assert ids(again) == ["SC-1", "SC-2", "PO-1", "PO-2"]
    again.reset_layout()
    third = make(qtbot, store)
    assert titles(third) == ["Number", "Title", "Amount", "Sent", "Status"]
    assert third.sorted_by() == ("", False)


def test_a_layout_from_before_fits_new_columns(qtbot: QtBot) -> None:
    store = MemoryStore()
    table = make(qtbot, store, COLUMNS[:3])
    table.horizontalHeader().moveSection(2, 0)
    table.sort_by("title")
    newer = make(qtbot, store, (COLUMNS[0], COLUMNS[2], COLUMNS[3]))
    assert set(titles(newer)) == {"Number", "Amount", "Sent"}
    assert titles(newer).index("Amount") < titles(newer).index("Number")
    assert newer.sorted_by() == ("", False), "a column that is gone does not sort"


@pytest.mark.parametrize("kept", ["", "not json", "[]", '{"order": 3}'])
def test_a_layout_that_cannot_be_read_is_passed_over(qtbot: QtBot, kept: str) -> None:
    store = MemoryStore()
    store.setValue("tables/papers", kept)
    assert titles(make(qtbot, store)) == ["Number", "Title", "Amount", "Sent", "Status"]


def test_boxes_have_room_of_their_own(qtbot: QtBot) -> None:
    table = RecordTable("boxed", COLUMNS, checkboxes=True)
    qtbot.addWidget(table)
    assert table.columnWidth(0) == round((COLUMNS[0].first_width + BOX_ROOM) * scale(table.font()))


def test_a_wrong_declaration_is_a_bug() -> None:
    with pytest.raises(ValueError, match="colour"):
        Column("key", "Title", kind="colour")
    with pytest.raises(ValueError, match="middle"):
        replace(COLUMNS[0], align="middle")


# Paint


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_two_lists_in_one_process_paint_themselves(qtbot: QtBot, theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    for name in ("first", "second"):
        table = RecordTable(name, COLUMNS, checkboxes=name == "second", empty_title="Nothing", empty_hint="at all")
        shown(qtbot, table)
        empty = colours(table)
        table.set_rows(PAPERS)
        table.select_ids(("SC-1", "PO-1"))
        full = colours(table)
        assert len(full) > len(empty) > 2
        assert table.footer.isVisible()


def test_every_row_in_sight_is_painted_after_the_list_grew(qtbot: QtBot, theme: Theme) -> None:
    table = RecordTable("growing", (Column("n", "Number", kind="status", value=lambda row: row.state),))
    table.set_rows([replace(PAPERS[0], id=str(place)) for place in range(8)])
    shown(qtbot, table, 300, 120)
    table.resize(300, 420)
    image = table.viewport().grab().toImage()
    for row in range(8):
        room = table.visualRect(table.model().index(row, 0))
        line = {image.pixelColor(x, room.center().y()).name() for x in range(room.left(), room.left() + 60)}
        assert LIGHT.blue[0] in line, f"row {row} is missing"


def test_the_text_size_makes_rows_higher(qtbot: QtBot, theme: Theme) -> None:
    table = make(qtbot)
    before = table.rowHeight(0)
    theme.set_points(16)
    qtbot.waitUntil(lambda: table.rowHeight(0) > before)


@pytest.mark.parametrize("width", [180, 272, 290, 400])
@pytest.mark.parametrize("height", [100, 150, 177, 205, 212, 260, 330])
def test_scroll_bars_settle(qtbot: QtBot, width: int, height: int) -> None:
    area, page = QScrollArea(), QWidget()
    area.setWidgetResizable(True)
    down = QVBoxLayout(page)
    tables = []
    for count in (2, 4, 5, 6, 9):
        table = RecordTable("small", COLUMNS[1:3])
        table.setFixedHeight(height)
        table.set_rows([Paper(str(place), f"Part {place}", D(place)) for place in range(count)])
        table.select_ids(("0", "1"))
        tables.append(table)
        down.addWidget(table)
    area.setWidget(page)
    shown(qtbot, area, width, 400)
    for table in tables:
        port = table.viewport().geometry()
        bars = table.verticalScrollBar().isVisible(), table.horizontalScrollBar().isVisible()
        rows, columns = table.verticalHeader().length(), table.horizontalHeader().length()
        assert bars == (rows > port.height(), columns > port.width())
        assert table.footer.geometry().bottom() < height


def test_the_room_left_over_goes_to_the_words(qtbot: QtBot) -> None:
    table = make(qtbot)
    table.resize(1000, 300)
    assert table.horizontalHeader().length() == table.viewport().width()
    usual = [round(column.first_width * scale(table.font())) for column in COLUMNS]
    assert table.columnWidth(1) > usual[1]
    assert table.columnWidth(2) == usual[2]
    assert table.horizontalHeader().sectionSize(1) == table.columnWidth(1)
    assert not table.horizontalScrollBar().isVisible()
    assert table.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
