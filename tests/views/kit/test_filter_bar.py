"""The search field and the chips above a list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.filter_bar import ChipSpec, FilterBar
from erpdesk.views.kit.flow_layout import FlowLayout
from tests.views.kit.lists import shown

CHIPS = (ChipSpec("ready", "Ready to export", 4), ChipSpec("failed", "Failed", 1), ChipSpec("synced", "Synced"))


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    made = FilterBar(CHIPS)
    shown(qtbot, made, 600, 90)
    return made


@pytest.fixture
def told(bar: FilterBar) -> list[str]:
    found: list[str] = []
    bar.text_changed.connect(found.append)
    return found


def chips(bar: FilterBar) -> list[QPushButton]:
    return [button for button in bar.findChildren(QPushButton) if button.isCheckable()]


def test_typing_is_told_once_after_a_moment(qtbot: QtBot, bar: FilterBar, told: list[str]) -> None:
    qtbot.keyClicks(bar.search, "hollis")
    assert told == []
    qtbot.waitUntil(lambda: told == ["hollis"])


def test_enter_tells_at_once_and_never_twice(qtbot: QtBot, bar: FilterBar, told: list[str]) -> None:
    qtbot.keyClicks(bar.search, " steel ")
    qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    assert told == ["steel"]
    qtbot.keyClick(bar.search, Qt.Key.Key_Enter)
    qtbot.keyClicks(bar.search, "x")
    qtbot.keyClick(bar.search, Qt.Key.Key_Backspace)
    qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    assert told == ["steel"]


def test_escape_empties(qtbot: QtBot, bar: FilterBar, told: list[str]) -> None:
    bar.set_text("steel")
    qtbot.keyClick(bar.search, Qt.Key.Key_Escape)
    assert (bar.text(), told) == ("", ["steel", ""])


def test_ctrl_f_goes_to_the_field_and_marks_its_words(qtbot: QtBot, bar: FilterBar) -> None:
    bar.set_text("old")
    chips(bar)[0].setFocus()
    qtbot.keyClick(chips(bar)[0], Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.search.hasFocus()
    assert bar.search.selectedText() == "old"


def test_one_chip_is_always_chosen(qtbot: QtBot, bar: FilterBar) -> None:
    chosen: list[str] = []
    bar.chip_changed.connect(chosen.append)
    assert bar.chip() == "ready"
    qtbot.mouseClick(chips(bar)[1], Qt.MouseButton.LeftButton)
    assert (bar.chip(), chosen) == ("failed", ["failed"])
    bar.set_chip("synced")
    assert (bar.chip(), chosen) == ("synced", ["failed"])
    with pytest.raises(KeyError):
        bar.set_chip("lost")


def test_a_chip_is_chosen_with_the_keyboard(qtbot: QtBot, bar: FilterBar) -> None:
    chips(bar)[2].setFocus()
    with qtbot.waitSignal(bar.chip_changed) as told:
        qtbot.keyClick(chips(bar)[2], Qt.Key.Key_Space)
    assert told.args == ["synced"]


def test_counts_stand_in_the_chips(bar: FilterBar) -> None:
    assert [chip.text() for chip in chips(bar)] == ["Ready to export 4", "Failed 1", "Synced"]
    bar.set_counts({"ready": 0, "synced": 1118})
    assert [chip.text() for chip in chips(bar)] == ["Ready to export 0", "Failed", "Synced 1,118"]
    assert chips(bar)[2].accessibleName() == "Synced, 1,118"


def test_without_chips_there_is_none_chosen(qtbot: QtBot) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    extra = QPushButton("Columns")
    bar.add_widget(extra)
    assert bar.chip() == ""
    assert extra.parentWidget() is bar


def test_what_does_not_fit_goes_on_below(qtbot: QtBot) -> None:
    box = QWidget()
    row = FlowLayout(box, spacing=5)
    parts = [QWidget() for _ in range(5)]
    for part in parts:
        part.setFixedSize(100, 20)
        row.addWidget(part)
    shown(qtbot, box, 330, 100)
    assert [(part.x(), part.y()) for part in parts] == [(0, 0), (105, 0), (210, 0), (0, 25), (105, 25)]
    assert (row.heightForWidth(330), row.heightForWidth(100), row.heightForWidth(900)) == (45, 120, 20)
    parts[0].hide()
    box.resize(340, 100)
    qtbot.waitUntil(lambda: parts[1].x() == 0)
    assert row.takeAt(9) is None and row.takeAt(0) is not None and row.count() == 4
