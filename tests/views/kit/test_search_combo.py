"""Finding one of thousands by a few letters."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit import forms
from erpdesk.views.kit.search_combo import Choice, SearchCombo

# The offscreen platform says so of every window with a size and of every popup.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CHOICES = [
    Choice("v1", "Acme Concrete", "ACME"),
    Choice("v2", "Hollis Steel", "HOLLIS"),
    Choice("v3", "Northern Hollis Paving", "NHP"),
    Choice("v4", "Quill Electric", "QUILL"),
    Choice("v5", "Twin Brothers", "TWIN1"),
    Choice("v6", "Twin Brothers", "TWIN2"),
]


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[SearchCombo]:
    page = QWidget()
    down = QVBoxLayout(page)
    combo = SearchCombo("Type a name")
    combo.set_choices(CHOICES)
    down.addWidget(combo)
    down.addWidget(QLineEdit())
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    combo.setFocus()
    qtbot.waitUntil(combo.hasFocus)
    # Not returned: the window lives as long as this function.
    yield combo


def heard(field: SearchCombo) -> list[object]:
    values: list[object] = []
    field.value_changed.connect(values.append)
    return values


def labels(field: SearchCombo) -> list[str]:
    return [choice.label for choice in field.list.shown()]


def test_the_form_offers_it_too() -> None:
    assert forms.SearchCombo is SearchCombo
    assert forms.Choice is Choice


def test_words_narrow_the_list_and_enter_takes_the_first(qtbot: QtBot, field: SearchCombo) -> None:
    values = heard(field)
    qtbot.keyClicks(field, "holl")
    assert field.list.is_open()
    assert labels(field) == ["Hollis Steel", "Northern Hollis Paving"]
    assert field.value() is None
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.list.is_open()
    assert field.value() == "v2"
    assert field.text() == "Hollis Steel"
    assert values[-1] == "v2"
    assert field.problem() is None


def test_all_words_must_occur_in_name_or_number(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "nhp north")
    assert labels(field) == ["Northern Hollis Paving"]


def test_down_goes_to_the_next_entry(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "holl")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == "v3"


def test_tab_takes_the_marked_entry_and_goes_on(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "qui")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.value() == "v4"
    assert field.text() == "Quill Electric"
    assert not field.hasFocus()
    assert not field.list.is_open()


def test_tab_that_reaches_the_list_does_so_too(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "qui")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    qtbot.keyClick(popup, Qt.Key.Key_Tab)
    assert field.value() == "v4"
    assert not field.hasFocus()
    assert not field.list.is_open()


def test_the_whole_list_opens_at_the_chosen_entry(qtbot: QtBot, field: SearchCombo) -> None:
    field.set_value("v3")
    qtbot.keyClick(field, Qt.Key.Key_F4)
    assert len(labels(field)) == len(CHOICES)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == "v4"


def test_enter_in_an_untouched_list_chooses_nothing(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClick(field, Qt.Key.Key_F4)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() is None


def test_keys_that_reach_the_list_reach_the_field(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "h")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    qtbot.keyClicks(popup, "ollis p")
    assert field.text() == "hollis p"
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert field.value() == "v3"


def test_escape_brings_back_what_stood_there(qtbot: QtBot, field: SearchCombo) -> None:
    field.set_value("v1")
    values = heard(field)
    field.selectAll()
    qtbot.keyClicks(field, "tw")
    assert field.value() is None
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.value() == "v1"
    assert field.text() == "Acme Concrete"
    assert values == [None, None, "v1"] or values == [None, "v1"]


def test_words_that_match_nothing_are_kept_and_named(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "zebra")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "zebra"
    assert field.value() is None
    assert field.problem() == "Nothing in the list matches “zebra”. Type other words, or clear the field."


def test_a_name_written_out_needs_no_list(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "acme concrete")
    assert field.value() == "v1"


def test_one_of_two_with_the_same_name_has_to_be_chosen(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "twin brothers")
    assert field.value() is None
    assert "Choose one entry" in (field.problem() or "")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == "v6"
    assert field.problem() is None


def test_an_emptied_field_holds_nothing(qtbot: QtBot, field: SearchCombo) -> None:
    field.set_value("v1")
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.value() is None
    assert field.problem() is None


def test_a_value_is_kept_until_its_entry_arrives(qtbot: QtBot) -> None:
    field = SearchCombo()
    qtbot.addWidget(field)
    values = heard(field)
    field.set_value("v2")
    assert field.value() == "v2"
    assert field.text() == ""
    field.set_choices(CHOICES)
    assert field.text() == "Hollis Steel"
    field.set_choices(CHOICES[:1])
    assert field.value() == "v2"
    assert values == []


def test_a_click_takes_an_entry(qtbot: QtBot, field: SearchCombo) -> None:
    qtbot.keyClicks(field, "holl")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    view = field.list.view()
    assert view is not None
    place = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert field.value() == "v3"
    assert not field.list.is_open()


def test_a_closed_field_opens_no_list(qtbot: QtBot, field: SearchCombo) -> None:
    field.set_value("v1")
    field.set_read_only(True)
    qtbot.keyClick(field, Qt.Key.Key_F4)
    qtbot.keyClicks(field, "q")
    assert not field.list.is_open()
    assert field.value() == "v1"


def test_thousands_are_searched_between_two_keys(qtbot: QtBot, field: SearchCombo) -> None:
    field.set_choices([Choice(f"v{i}", f"Vendor number {i}", f"V{i:05}") for i in range(20_000)])
    began = time.perf_counter()
    qtbot.keyClicks(field, "19999")
    assert labels(field) == ["Vendor number 19999"]
    assert time.perf_counter() - began < 2
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == "v19999"
