"""Ticks as fields: what is ticked, what a closed one lets through, and how a long list is narrowed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from erpdesk.models.people import Tool
from erpdesk.views.kit.theme import Theme
from erpdesk.views.people.levels import KindsGrid, LevelsGrid
from erpdesk.views.people.ticks import TickBox, TickList


def test_a_tick_tells_and_a_closed_one_keeps_still(qtbot: QtBot, theme: Theme) -> None:
    box = TickBox("Daily summary")
    heard: list[object] = []
    qtbot.addWidget(box)
    box.value_changed.connect(heard.append)
    box.set_value(True)
    assert heard == []
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert heard == [False]
    box.set_read_only(True)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert heard == [False] and not box.value()


def test_a_long_list_is_narrowed_and_ticked_by_keyboard(qtbot: QtBot, theme: Theme) -> None:
    ticks = TickList("Projects", "Filter projects")
    qtbot.addWidget(ticks)
    ticks.set_choices([(str(number), f"{number:03} Project") for number in range(300)])
    ticks.set_value({"7", "299"})
    heard: list[object] = []
    ticks.value_changed.connect(heard.append)
    ticks.show()
    QTest.keyClicks(ticks.filter, "042")
    assert [item for item in range(300) if not ticks.list.item(item).isHidden()] == [42]
    ticks.list.setCurrentRow(42)
    QTest.keyClick(ticks.list, Qt.Key.Key_Space)
    assert ticks.value() == {"7", "42", "299"} and heard == [{"7", "42", "299"}]
    QTest.keyClick(ticks.filter, Qt.Key.Key_Escape)
    assert ticks.filter.text() == ""
    ticks.set_read_only(True)
    QTest.keyClick(ticks.list, Qt.Key.Key_Space)
    assert ticks.value() == {"7", "42", "299"}


def test_choices_that_are_read_again_keep_their_ticks(qtbot: QtBot, theme: Theme) -> None:
    ticks = TickList("Projects", "Filter projects")
    qtbot.addWidget(ticks)
    ticks.set_choices([("a", "A"), ("b", "B")])
    ticks.set_value({"a"})
    ticks.set_choices([("a", "A"), ("c", "C")])
    assert ticks.value() == {"a"} and ticks.choices() == {"a", "c"}


def test_a_kind_with_both_ticks_is_not_narrowed(qtbot: QtBot, theme: Theme) -> None:
    grid = KindsGrid({"budget": "budgets", "vendor": "vendors"})
    qtbot.addWidget(grid)
    grid.set_value({})
    assert grid.value() == {}
    grid.ticks["budget"][1].click()
    assert grid.value() == {"budget": (True, False)}
    grid.set_value({"vendor": (True, True)})
    assert grid.value() == {"vendor": (True, True)}


def test_levels_stand_in_as_many_columns_as_fit(qtbot: QtBot, theme: Theme) -> None:
    grid = LevelsGrid()
    qtbot.addWidget(grid)
    grid.resize(900, 200)
    grid.show()
    first, last = grid.combos[Tool.ADMIN], grid.combos[list(Tool)[-1]]
    qtbot.waitUntil(lambda: last.x() > first.x())
    grid.resize(grid.minimumSizeHint().width(), 400)
    qtbot.waitUntil(lambda: last.x() == first.x())
