"""The fields of a form, as keys reach them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.clock import CLOCK
from erpdesk.views.kit.date_field import parse_date
from erpdesk.views.kit.fields import Field
from erpdesk.views.kit.forms import ChoiceCombo, DateEdit, MoneyEdit, NotesEdit, PercentEdit, QuantityEdit, TextEdit

# The offscreen platform says so of every window with a size and of every popup.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

T = TypeVar("T", bound=QWidget)
TODAY = date(2026, 11, 24)


def shown(qtbot: QtBot, field: T) -> T:
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    return field


def heard(field: Field) -> list[object]:
    values: list[object] = []
    field.value_changed.connect(values.append)
    return values


@pytest.mark.parametrize(
    ("typed", "amount", "settled"),
    [
        ("1234.5", "1234.50", "1,234.50"),
        ("1,234.56", "1234.56", "1,234.56"),
        ("$12", "12", "12.00"),
        ("(12.00)", "-12", "(12.00)"),
        ("99-", "-99", "(99.00)"),
        ("-99", "-99", "(99.00)"),
        ("=1200*3", "3600", "3,600.00"),
        ("=100/3", "33.33", "33.33"),
    ],
)
def test_an_amount_is_read_as_people_write_it(qtbot: QtBot, typed: str, amount: str, settled: str) -> None:
    field = shown(qtbot, MoneyEdit())
    qtbot.keyClicks(field, typed)
    value = field.value()
    assert isinstance(value, Decimal)
    assert value == Decimal(amount)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == settled
    assert field.value() == value
    assert field.problem() is None


@pytest.mark.parametrize("typed", ["twelve", "1.005", "=1+", "=1/0", "--5", "(5)-", "-", "1e3", "nan"])
def test_what_is_no_amount_stays_and_is_named(qtbot: QtBot, typed: str) -> None:
    field = shown(qtbot, MoneyEdit())
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() is None
    assert (field.problem() or "").endswith(".")
    assert field.text() == typed


def test_an_amount_tells_a_person_s_changes_only(qtbot: QtBot) -> None:
    field = shown(qtbot, MoneyEdit())
    values = heard(field)
    field.set_value(Decimal("5"))
    assert field.text() == "5.00"
    assert values == []
    field.selectAll()
    qtbot.keyClicks(field, "12")
    assert values == [Decimal("1"), Decimal("12")]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert values == [Decimal("1"), Decimal("12")]
    qtbot.keyClicks(field, "x")
    assert values[-1] is None
    field.set_value(None)
    assert field.text() == ""
    assert field.problem() is None


def test_a_part_of_a_cent_is_never_rounded_away(qtbot: QtBot) -> None:
    field = shown(qtbot, MoneyEdit())
    with pytest.raises(ValueError, match="decimals"):
        field.set_value(Decimal("1.005"))


def test_a_quantity_keeps_four_decimals(qtbot: QtBot) -> None:
    field = shown(qtbot, QuantityEdit())
    qtbot.keyClicks(field, "1250.5125")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == Decimal("1250.5125")
    assert field.text() == "1,250.5125"
    qtbot.keyClicks(field, "1")
    assert field.value() is None
    assert field.problem() == "A quantity has at most four decimals."


@pytest.mark.parametrize(
    ("typed", "value"), [("10", "10"), ("2.5 %", "2.5"), ("100", "100"), ("0", "0"), ("=5*2", "10")]
)
def test_a_percentage_is_read(qtbot: QtBot, typed: str, value: str) -> None:
    field = shown(qtbot, PercentEdit())
    qtbot.keyClicks(field, typed)
    assert field.value() == Decimal(value)
    assert field.problem() is None


@pytest.mark.parametrize("typed", ["101", "-1", "100.01", "2.505", "ten", "=50*3"])
def test_what_is_no_percentage_is_refused(qtbot: QtBot, typed: str) -> None:
    field = shown(qtbot, PercentEdit())
    qtbot.keyClicks(field, typed)
    assert field.value() is None
    assert "percentage" in (field.problem() or "")


def test_too_long_a_text_is_kept_and_its_counter_turns_red(qtbot: QtBot) -> None:
    field = shown(qtbot, TextEdit(limit=5))
    assert field.counter is not None
    qtbot.keyClicks(field, "steel")
    assert field.counter.text() == "5 of 5"
    assert not field.counter.property("wrong")
    qtbot.keyClicks(field, "s")
    assert field.counter.text() == "6 of 5"
    assert field.counter.property("wrong")
    assert field.counter.accessibleName() == "6 of 5 characters, 1 too long"
    assert field.value() == "steels"
    assert field.problem() is None
    field.set_value("ok")
    assert field.counter.text() == "2 of 5"


def test_the_counter_stands_inside_the_field(qtbot: QtBot) -> None:
    for field in (TextEdit(limit=30), NotesEdit(limit=30)):
        shown(qtbot, field)
        field.resize(240, 90)
        assert field.counter is not None
        assert field.rect().contains(field.counter.geometry())


def test_capitals_are_made_while_typing_and_undone_as_typed(qtbot: QtBot) -> None:
    field = shown(qtbot, TextEdit(upper=True))
    values = heard(field)
    qtbot.keyClicks(field, "sc-03")
    assert field.value() == "SC-03"
    assert values[-1] == "SC-03"
    field.undo()
    assert field.value() != "SC-03"


def test_notes_take_lines_and_tab_leaves_them(qtbot: QtBot) -> None:
    around = QWidget()
    first, second = NotesEdit(limit=10, parent=around), NotesEdit(parent=around)
    first.move(0, 0)
    second.move(0, 120)
    qtbot.addWidget(around)
    around.show()
    around.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    values = heard(first)
    qtbot.keyClicks(first, "one")
    qtbot.keyClick(first, Qt.Key.Key_Return)
    qtbot.keyClicks(first, "two and three")
    assert first.value() == "one\ntwo and three"
    assert first.counter is not None and first.counter.over == 7
    assert values[-1] == first.value()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()
    count = len(values)
    first.set_value("other")
    assert len(values) == count


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("11/24/2026", TODAY),
        ("1/2/26", date(2026, 1, 2)),
        ("11-24-26", TODAY),
        ("11.24.2026", TODAY),
        ("3/1", date(2026, 3, 1)),
        ("112426", TODAY),
        ("11242026", TODAY),
        ("2026-11-24", TODAY),
        ("02/29/2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_read_as_people_write_it(typed: str, day: date) -> None:
    assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["soon", "13/1/2026", "2/29/2026", "1/1/1492", "1/2/3/4", "11/", ""])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Type a date such as 11/24/2026\."):
        parse_date(typed, TODAY)


@pytest.mark.parametrize("typed", ["11/24/2026", "11-24-2026", "2026-11-24", "112426"])
def test_a_date_typed_key_by_key_is_tidied_when_left(qtbot: QtBot, typed: str) -> None:
    field = shown(qtbot, DateEdit())
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == TODAY
    assert field.text() == "11/24/2026"


def test_the_keys_of_a_date(qtbot: QtBot) -> None:
    field = shown(qtbot, DateEdit())
    values = heard(field)
    qtbot.keyClicks(field, "t")
    today = CLOCK.today()
    assert field.value() == today
    qtbot.keyClicks(field, "+")
    assert field.value() == today + timedelta(days=1)
    qtbot.keyClicks(field, "--")
    assert field.value() == today - timedelta(days=1)
    qtbot.keyClick(field, Qt.Key.Key_Semicolon, Qt.KeyboardModifier.ControlModifier)
    assert field.value() == today
    assert len(values) == 5
    field.clear()
    assert field.value() is None
    assert field.problem() is None


def test_a_needed_date_is_asked_for(qtbot: QtBot) -> None:
    field = shown(qtbot, DateEdit(optional=False))
    assert field.problem() == "Enter a date."
    field.set_value(TODAY)
    assert field.problem() is None


@pytest.mark.parametrize("make", [MoneyEdit, QuantityEdit, PercentEdit, TextEdit, NotesEdit, DateEdit])
def test_a_closed_field_takes_no_key(qtbot: QtBot, make: Callable[[], QWidget]) -> None:
    field = shown(qtbot, make())
    assert isinstance(field, MoneyEdit | QuantityEdit | PercentEdit | TextEdit | NotesEdit | DateEdit)
    before = field.value()
    field.set_read_only(True)
    qtbot.keyClicks(field, "t1+")
    assert field.value() == before
    assert field.focusPolicy() & Qt.FocusPolicy.TabFocus
    field.set_read_only(False)
    qtbot.keyClicks(field, "1")
    qtbot.keyClicks(field, "1/25" if isinstance(field, DateEdit) else "")
    assert field.value() != before


METHODS = [("amount", "Amount based"), ("unit", "Unit/quantity based")]


def test_a_choice_is_made_with_the_arrows(qtbot: QtBot) -> None:
    field = shown(qtbot, ChoiceCombo(METHODS))
    values = heard(field)
    assert field.value() == "amount"
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == "unit"
    assert values == ["unit"]
    field.set_value("amount")
    assert values == ["unit"]
    with pytest.raises(ValueError):
        field.set_value("other")
    assert field.value() == "amount"


def test_a_closed_choice_can_be_reached_but_not_changed(qtbot: QtBot) -> None:
    field = shown(qtbot, ChoiceCombo(METHODS))
    field.set_read_only(True)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.value() == "amount"
    assert not field.view().isVisible()
    assert field.isEnabled()


def test_the_wheel_passes_over_a_choice_without_focus(qtbot: QtBot) -> None:
    field = shown(qtbot, ChoiceCombo(METHODS))
    field.clearFocus()
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, turn)
    assert field.value() == "amount"
