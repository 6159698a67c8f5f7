"""The bar above a list: words, filters by column, saved views."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import Refused
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.list_chips import RemovableChip
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_export import focused_bar
from erpdesk.views.kit.record_table import MemoryStore, RecordTable
from tests.views.kit.lists import COLUMNS, PAPERS, D, ids, shown

CHIPS = (ChipSpec("all", "All"), ChipSpec("sent", "Sent"))


def a_list(qtbot: QtBot, store: MemoryStore | None = None) -> ListBar:
    """A bar on screen, over a list of four papers."""
    store = store or MemoryStore()
    table = RecordTable("papers", COLUMNS, store=store)
    table.set_rows(PAPERS)
    qtbot.addWidget(table)
    bar = ListBar(table, CHIPS, store=store, title="Papers")
    bar.chip_changed.connect(lambda key: table.set_where(None if key == "all" else lambda row: row.state is not None))
    shown(qtbot, bar)
    return bar


@pytest.fixture
def bar(qtbot: QtBot) -> ListBar:
    return a_list(qtbot)


def said(bar: ListBar) -> list[str]:
    return [chip.words for chip in bar.findChildren(RemovableChip) if chip.isVisible()]


def papers(bar: ListBar) -> list[str]:
    assert isinstance(bar.table, RecordTable)
    return ids(bar.table)


def entries(menu: QMenu | None) -> dict[str, bool]:
    assert menu is not None
    menu.aboutToShow.emit()
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def press(menu: QMenu | None, words: str) -> None:
    assert menu is not None
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_words_narrow_the_list_by_themselves(bar: ListBar) -> None:
    bar.set_text("steel")
    assert papers(bar) == ["SC-1"]


def test_only_columns_on_screen_are_searched(bar: ListBar) -> None:
    bar.table.show_column("title", False)
    bar.set_text("steel")
    assert papers(bar) == []
    bar.table.show_column("title", True)
    assert papers(bar) == ["SC-1"]


def test_letters_typed_into_the_list_go_to_the_field(bar: ListBar) -> None:
    bar.table.typed.emit("do")
    assert bar.search.text() == "do"


@pytest.mark.parametrize(
    ("condition", "expected", "words"),
    [
        (Condition("amount", low=D("1000"), high=D("100000")), ["SC-2"], "Amount 1,000.00 to 100,000.00"),
        (Condition("amount", high=D("0")), ["PO-1"], "Amount up to 0.00"),
        (Condition("amount", low=D("96400.00")), ["SC-1", "SC-2"], "Amount from 96,400.00"),
        (Condition("sent", low=date(2026, 11, 21)), ["SC-1"], "Sent from 11/21/2026"),
        (Condition("sent", high=date(2026, 11, 20)), ["SC-2", "PO-2"], "Sent up to 11/20/2026"),
        (Condition("state", ("Sent",)), ["SC-1", "PO-2"], "Status: Sent"),
        (Condition("state", ("Sent", "")), ["SC-1", "PO-1", "PO-2"], "Status: Sent or empty"),
        (Condition("count", low=D(2), high=D(3)), ["SC-1", "PO-1"], "Lines 2 to 3"),
    ],
)
def test_a_condition_narrows_and_stands_as_a_chip(
    bar: ListBar, condition: Condition, expected: list[str], words: str
) -> None:
    bar.set_conditions((condition,))
    assert papers(bar) == expected
    assert said(bar) == [words] == bar.words_of_filter()
    bar.findChildren(RemovableChip)[-1].close_button.click()
    assert papers(bar) == ["SC-1", "SC-2", "PO-1", "PO-2"]
    assert said(bar) == []


def test_conditions_words_and_chip_hold_together(bar: ListBar) -> None:
    bar.set_conditions((Condition("amount", low=D(0)),))
    bar.set_text("wall")
    bar.set_chip("sent")
    bar.chip_changed.emit("sent")
    assert papers(bar) == ["SC-2"]
    assert bar.words_of_filter() == ["Sent", "Amount from 0.00", "“wall”"]


def test_a_view_keeps_columns_order_sort_filter_and_chip(qtbot: QtBot, bar: ListBar) -> None:
    bar.table.show_column("count", True)
    bar.table.horizontalHeader().moveSection(2, 0)
    bar.table.sort_by_all((("state", False), ("amount", True)))
    bar.set_conditions((Condition("sent", low=date(2025, 1, 1)),))
    bar.set_text("s")
    before = bar.state()
    bar.save_view("Mine, this month")
    assert said(bar)[0] == "View: Mine, this month"
    bar.leave_view()
    assert papers(bar) == ["SC-1", "SC-2", "PO-1", "PO-2"] and bar.text() == "" and bar.view() == ""
    press(bar.views_button.menu(), "Mine, this month")
    assert bar.state() == before
    assert bar.table.sorts() == (("state", False), ("amount", True))


def test_a_changed_view_says_so_until_it_is_saved(bar: ListBar) -> None:
    bar.save_view("Mine")
    assert not entries(bar.views_button.menu())["Save changes to “Mine”"]
    bar.table.sort_by("title")
    assert said(bar) == ["View: Mine (changed)"]
    press(bar.views_button.menu(), "Save changes to “Mine”")
    assert said(bar) == ["View: Mine"]


def test_a_column_that_grew_is_no_change_of_the_view(bar: ListBar) -> None:
    bar.save_view("Mine")
    bar.table.setColumnWidth(0, 240)
    assert not bar.view_is_changed()


def test_the_default_view_opens_the_list(qtbot: QtBot) -> None:
    store = MemoryStore()
    first = a_list(qtbot, store)
    first.set_chip("sent")
    first.table.sort_by("title", descending=True)
    first.save_view("Sent")
    press(first.views_button.menu(), "Open the list with this view")
    first.leave_view()
    again = a_list(qtbot, store)
    assert again.view() == "Sent" and again.chip() == "sent"
    assert papers(again) == ["SC-1", "PO-2", "SC-2"]
    press(again.views_button.menu(), "Open the list with this view")
    assert a_list(qtbot, store).view() == ""


def test_views_are_renamed_and_deleted(qtbot: QtBot) -> None:
    store = MemoryStore()
    bar = a_list(qtbot, store)
    bar.save_view("One")
    bar.save_view("Two")
    bar.rename_view("Three & more")
    assert [view.name for view in bar.views.all()] == ["One", "Three & more"]
    assert "Three && more" in entries(bar.views_button.menu()), "no letter becomes a mnemonic"
    with pytest.raises(Refused, match="already a view"):
        bar.rename_view("One")
    bar.delete_view()
    assert [view.name for view in a_list(qtbot, store).views.all()] == ["One"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name_of_some_length(bar: ListBar, name: str) -> None:
    with pytest.raises(Refused):
        bar.save_view(name)
    assert bar.views.all() == ()


def test_a_view_of_columns_that_are_gone_still_opens(qtbot: QtBot) -> None:
    store = MemoryStore()
    bar = a_list(qtbot, store)
    bar.table.sort_by("title")
    bar.set_conditions((Condition("amount", low=D(1)),))
    bar.save_view("Old")
    kept = json.loads(store.value("views/papers"))
    text = json.dumps(kept).replace('"title"', '"gone"').replace('"key": "amount"', '"key": "gone"')
    store.setValue("views/papers", text)
    again = a_list(qtbot, store)
    again.use_view("Old")
    assert again.conditions() == () and again.table.sorts() == ()
    assert {column.key for column in again.table.visible_columns()} == {"number", "title", "amount", "sent", "state"}


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"views": 3}', '{"views": {"A": {"layout": 1}}}'])
def test_views_that_cannot_be_read_are_passed_over(qtbot: QtBot, kept: str) -> None:
    store = MemoryStore()
    store.setValue("views/papers", kept)
    assert a_list(qtbot, store).views.all() == ()


def test_what_can_not_be_done_says_why(bar: ListBar) -> None:
    menu = bar.views_button.menu()
    assert not entries(menu)["&Delete…"]
    blocked = [action for action in menu.actions() if action.text() and not action.isEnabled()]
    assert {action.toolTip() for action in blocked} == {"Choose or save a view first."}


def test_ctrl_f_finds_the_list_with_the_keyboard_among_several(qtbot: QtBot) -> None:
    page, bars = QWidget(), []
    across = QHBoxLayout(page)
    for name in ("left", "right"):
        side = QWidget()
        down = QVBoxLayout(side)
        table = RecordTable(name, COLUMNS)
        table.set_rows(PAPERS)
        bars.append(ListBar(table))
        down.addWidget(bars[-1])
        down.addWidget(table)
        across.addWidget(side)
    shown(qtbot, page)
    for bar in reversed(bars):
        bar.table.setFocus()
        qtbot.keyClick(bar.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert bar.search.hasFocus()
        assert focused_bar(page) is bar


def test_one_bar_serves_several_lists_and_each_keeps_its_own_filter_and_view(qtbot: QtBot) -> None:
    page, store = QWidget(), MemoryStore()
    tables = [RecordTable(name, COLUMNS, store=store, parent=page) for name in ("one", "two")]
    for table in tables:
        table.set_rows(PAPERS)
    bar = ListBar(tables[0], CHIPS, store=store, title="One", parent=page)
    shown(qtbot, page)
    bar.show_table(tables[0], "One")
    bar.set_conditions((Condition("amount", low=D(0)),))
    bar.save_view("Mine")
    bar.set_text("steel")
    bar.show_table(tables[1], "Two")
    assert (bar.title, bar.view(), bar.conditions(), said(bar)) == ("Two", "", (), [])
    assert ids(tables[1]) == ["SC-1"], "the words hold for every list"
    bar.show_table(tables[0], "One")
    assert bar.view() == "Mine" and said(bar)[1:] == ["Amount from 0.00"]
    assert "Sent" not in bar.words_of_filter()


def test_the_window_starts_without_what_only_files_need() -> None:
    heavy = ("xlsxwriter", "erpdesk.views.kit.paper", "erpdesk.views.kit.list_export", "PySide6.QtPrintSupport")
    asked = f"import sys, erpdesk.views.kit.list_bar; print([name for name in {heavy!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
