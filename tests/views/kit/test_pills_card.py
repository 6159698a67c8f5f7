"""Pills, badges, cards and the facts on them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.card import Card, Check, CheckList, CodeBlock, KeyValue, KeyValueGrid, Muted
from erpdesk.views.kit.pills import Badge, Pill, PillLabel, paint_pill
from erpdesk.views.kit.tokens import LIGHT, TONES

WINDOWS: list[QWidget] = []


@pytest.fixture(autouse=True)
def forget_windows() -> Iterator[None]:
    """Windows live as long as the test that made them."""
    yield
    WINDOWS.clear()


def in_window(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for widget in widgets:
        layout.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    WINDOWS.append(window)
    return window


@pytest.mark.parametrize("tone", TONES)
def test_a_pill_has_the_ground_and_ink_of_its_tone(qapp: QApplication, tone: str) -> None:
    image = QImage(160, 30, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_pill(painter, QRect(0, 0, 160, 30), Pill("Sent", tone, "check"), LIGHT, 1.0)
    painter.end()
    colours = {image.pixelColor(x, y).name() for x in range(160) for y in range(30)}
    assert set(LIGHT.tone(tone)) <= colours


def test_a_pill_says_its_word_and_hides_when_there_is_none(qtbot: QtBot) -> None:
    pill = PillLabel(Pill("Ready to export", "blue"))
    window = in_window(qtbot, pill)
    assert pill.isVisible()
    assert pill.accessibleName() == "Status: Ready to export"
    wide = pill.sizeHint().width()
    pill.set_pill(Pill("OK", "green"))
    assert pill.sizeHint().width() < wide
    pill.set_pill(None)
    assert not pill.isVisible()
    assert pill.pill() is None
    assert not window.grab().isNull()


def test_parts_without_a_window_open_none_of_their_own(qtbot: QtBot) -> None:
    before = len(QApplication.topLevelWidgets())
    parts = [PillLabel(Pill("Sent")), Badge(3), Card("Title")]
    shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not shown
    assert len(QApplication.topLevelWidgets()) <= before + len(parts)
    for part in parts:
        qtbot.addWidget(part)


def test_a_badge_shows_a_count_and_hides_at_zero(qtbot: QtBot) -> None:
    badge = Badge(1204)
    in_window(qtbot, badge)
    assert (badge.text(), badge.isVisible()) == ("1,204", True)
    badge.set_count(0)
    assert not badge.isVisible()
    badge.set_count(2)
    assert badge.isVisible()
    assert badge.count() == 2


def test_a_card_keeps_pills_by_the_title_and_buttons_at_the_right(qtbot: QtBot) -> None:
    card = Card("SC-03-0041 Structural steel")
    pill, right = PillLabel(Pill("Sent", "blue")), QLabel("Next")
    card.add_to_header(right, right=True)
    card.add_to_header(pill)
    card.add(Muted("Below"))
    in_window(qtbot, card).resize(700, 200)
    assert card.title.text() == "SC-03-0041 Structural steel"
    assert card.title.x() < pill.x() < right.x()
    card.set_title("")
    assert not card.title.isVisible()
    assert pill.isVisible()


def test_a_card_without_title_has_no_empty_line(qtbot: QtBot) -> None:
    plain, titled = Card(), Card("Title")
    in_window(qtbot, plain, titled)
    assert plain.sizeHint().height() < titled.sizeHint().height()


def test_facts_change_in_place(qtbot: QtBot) -> None:
    grid = KeyValueGrid(columns=2)
    in_window(qtbot, grid)
    grid.set_values([KeyValue("Vendor", "HOLLIS"), KeyValue("Left", "(5,000.00)", tone="red"), KeyValue("Cat", "S")])
    assert grid.values() == {"Vendor": "HOLLIS", "Left": "(5,000.00)", "Cat": "S"}
    grid.set_values([KeyValue("Vendor", "NORTH")])
    assert grid.values() == {"Vendor": "NORTH"}
    names = {label.accessibleName() for label in grid.findChildren(QLabel)}
    assert "Vendor: NORTH" in names


def test_a_field_among_facts_has_its_label_as_buddy(qtbot: QtBot) -> None:
    grid, field = KeyValueGrid(), QLineEdit()
    grid.add_field("&Sage commitment ID", field)
    grid.set_values([KeyValue("Vendor", "HOLLIS")])
    in_window(qtbot, grid)
    assert field.accessibleName() == "Sage commitment ID"
    assert [label.buddy() for label in grid.findChildren(QLabel) if label.text() == "&Sage commitment ID"] == [field]


def test_text_of_people_is_never_read_as_markup(qtbot: QtBot) -> None:
    grid = KeyValueGrid()
    qtbot.addWidget(grid)
    grid.set_values([KeyValue("Title", "<b>5 < 6</b>")])
    checks = CheckList()
    qtbot.addWidget(checks)
    checks.set_checks([Check("<i>x</i>")])
    labels = [*grid.findChildren(QLabel), *checks.findChildren(QLabel)]
    assert all(label.textFormat().name == "PlainText" for label in labels if "<" in label.text())


def test_checks_stand_worst_first_with_a_word_for_the_ear(qtbot: QtBot) -> None:
    checks = CheckList()
    in_window(qtbot, checks)
    checks.set_checks([Check("ID is free"), Check("Insurance ends soon", "warning"), Check("Code is missing", "error")])
    assert [check.state for check in checks.checks()] == ["error", "warning", "ok"]
    spoken = [label.accessibleName() for label in checks.findChildren(QLabel) if label.accessibleName()]
    assert spoken == ["Problem: Code is missing", "Warning: Insurance ends soon", "Passed: ID is free"]
    checks.set_checks([])
    assert checks.checks() == ()


def test_a_block_of_file_lines_is_read_only_and_fixed_pitch(qtbot: QtBot) -> None:
    block = CodeBlock(lines=3)
    in_window(qtbot, block)
    block.set_text("C,SC-03-0041,1\nCI,SC-03-0041,1")
    assert block.isReadOnly()
    assert block.toPlainText().count("\n") == 1
    metrics = block.fontMetrics()
    assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("WWWW")
