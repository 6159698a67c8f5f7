"""A form with its titles, errors and locks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.forms import Choice, ChoiceCombo, DateEdit, Form, MoneyEdit, NotesEdit, SearchCombo, TextEdit

# The offscreen platform says so of every window with a size and of every popup.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

KEYS = ("title", "vendor", "date", "amount", "method", "notes")
LOCKED = "Sage has this commitment. Retrieve it to change it."


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form()
    made.add_row("title", "&Title", TextEdit(limit=30))
    vendor = SearchCombo()
    vendor.set_choices([Choice("v1", "Hollis Steel"), Choice("v2", "Quill Electric")])
    made.add_row("vendor", "&Vendor", vendor)
    made.add_section("Figures")
    made.add_row("date", "&Date", DateEdit(optional=False))
    made.add_row("amount", "&Amount", MoneyEdit(), hint="Without tax.", unit="USD")
    made.add_row("method", "Acco&unting", ChoiceCombo([("amount", "Amount based"), ("unit", "Unit based")]))
    made.add_row("notes", "&Notes", NotesEdit())
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    return made


def widget(form: Form, key: str) -> QWidget:
    return form.row(key).widget


def test_each_title_leads_to_its_field(form: Form) -> None:
    for key in KEYS:
        row = form.row(key)
        assert row.label.buddy() is row.widget
        assert row.widget.accessibleName() == row.label.text().replace("&", "")
    assert widget(form, "amount").accessibleDescription() == "Without tax."
    assert "Figures" in [label.text() for label in form.findChildren(QLabel)]


def test_a_key_is_used_once(form: Form) -> None:
    with pytest.raises(ValueError, match="already"):
        form.add_row("title", "Again", TextEdit())


def test_values_come_and_go_by_key_without_signals(form: Form) -> None:
    heard: list[str] = []
    form.changed.connect(heard.append)
    values = {
        "title": "Steel",
        "vendor": "v1",
        "date": date(2026, 11, 24),
        "amount": Decimal("12.50"),
        "method": "unit",
        "notes": "Two\nlines",
    }
    form.set_values(values)
    assert form.values() == values
    assert form.value("amount") == Decimal("12.50")
    assert heard == []
    with pytest.raises(KeyError):
        form.set_values({"other": 1})


def test_a_change_names_its_field(qtbot: QtBot, form: Form) -> None:
    heard: list[str] = []
    form.changed.connect(heard.append)
    qtbot.keyClicks(widget(form, "amount"), "5")
    qtbot.keyClick(widget(form, "method"), Qt.Key.Key_Down)
    qtbot.keyClicks(widget(form, "notes"), "n")
    assert heard == ["amount", "method", "notes"]


def test_check_marks_what_can_not_be_used_and_goes_there(qtbot: QtBot, form: Form) -> None:
    form.set_values({"date": date(2026, 11, 24)})
    assert form.check()
    qtbot.keyClicks(widget(form, "amount"), "twelve")
    assert not form.check()
    row = form.row("amount")
    assert row.note.isVisible()
    assert row.note.text() == row.error == "Type a number such as 1,234.56."
    assert row.widget.accessibleDescription() == row.error
    assert row.widget.property("wrong")
    qtbot.waitUntil(row.widget.hasFocus)


def test_an_error_goes_when_the_field_is_corrected(qtbot: QtBot, form: Form) -> None:
    form.set_errors({"amount": "Sage takes no amount of zero.", "title": "Enter a title."})
    assert form.errors() == {"title": "Enter a title.", "amount": "Sage takes no amount of zero."}
    qtbot.waitUntil(widget(form, "title").hasFocus)
    qtbot.keyClicks(widget(form, "title"), "S")
    assert list(form.errors()) == ["amount"]
    form.set_error("amount", None)
    assert form.row("amount").note.text() == "Without tax."
    form.set_error("amount", "Too much.")
    form.clear_errors()
    assert form.errors() == {}
    assert not widget(form, "amount").property("wrong")


def test_a_field_says_what_is_wrong_when_it_is_left(qtbot: QtBot, form: Form) -> None:
    field = widget(form, "vendor")
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "zebra")
    assert form.errors() == {}
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert list(form.errors()) == ["vendor"]


def test_a_locked_form_says_why_when_somebody_types(qtbot: QtBot, form: Form) -> None:
    form.set_values({"title": "Steel", "date": date(2026, 11, 24)})
    before = form.values()
    form.lock(LOCKED)
    for key in KEYS:
        field = widget(form, key)
        assert field.toolTip() == LOCKED
        assert field.accessibleDescription() == LOCKED
        field.setFocus()
        qtbot.keyClicks(field, "t")
        assert form.row(key).note.text() == LOCKED
        assert form.row(key).note.isVisible()
    assert form.values() == before
    widget(form, "title").setFocus()
    assert not form.row("notes").note.isVisible()
    form.unlock()
    assert widget(form, "title").toolTip() == ""
    qtbot.keyClicks(widget(form, "title"), "!")
    assert form.value("title") != before["title"]


def test_single_fields_are_locked_with_the_reason_below(qtbot: QtBot, form: Form) -> None:
    form.lock("Fixed by the first line.", keys=["method"])
    assert form.row("method").note.isVisible()
    assert form.row("method").note.text() == "Fixed by the first line."
    assert form.row("method").locked == "Fixed by the first line."
    assert form.row("title").locked == ""
    qtbot.keyClick(widget(form, "method"), Qt.Key.Key_Down)
    assert form.value("method") == "amount"
    form.unlock(keys=["method"])
    assert not form.row("method").note.isVisible()
    qtbot.keyClick(widget(form, "method"), Qt.Key.Key_Down)
    assert form.value("method") == "unit"


@pytest.mark.parametrize("key", KEYS)
def test_control_enter_submits_from_every_field(qtbot: QtBot, form: Form, key: str) -> None:
    before = form.values()
    with qtbot.waitSignal(form.submitted):
        qtbot.keyClick(widget(form, key), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert form.values() == before


def test_forms_below_each_other_start_their_fields_at_one_line(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    first, second = Form(page), Form(page)
    first.add_row("a", "No", TextEdit())
    second.add_row("b", "Description", TextEdit())
    first.resize(400, 100)
    second.resize(400, 100)
    page.resize(400, 300)
    page.show()
    assert first.row("a").beside.x() == second.row("b").beside.x()
