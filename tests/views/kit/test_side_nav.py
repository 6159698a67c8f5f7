"""The list of kinds at the left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.side_nav import BAR, NavItem, SideNav
from erpdesk.views.kit.theme import Theme, tokens_for
from tests.views.kit.lists import shown

ITEMS = (NavItem("jobs", "Jobs", 1), NavItem("vendors", "Vendors"), NavItem("commitments", "Commitments", 1204))


@pytest.fixture
def nav(qtbot: QtBot) -> SideNav:
    made = SideNav(ITEMS)
    shown(qtbot, made, 170, 200)
    made.setFocus()
    return made


@pytest.fixture
def told(nav: SideNav) -> list[str]:
    found: list[str] = []
    nav.chosen.connect(found.append)
    return found


def test_the_first_row_is_chosen(nav: SideNav) -> None:
    assert nav.chosen_key() == "jobs"


def test_a_click_chooses(qtbot: QtBot, nav: SideNav, told: list[str]) -> None:
    at = nav.visualItemRect(nav.item(2)).center()
    qtbot.mouseClick(nav.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseClick(nav.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told == ["commitments"] and nav.chosen_key() == "commitments"


def test_keys_choose(qtbot: QtBot, nav: SideNav, told: list[str]) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(nav, key)
    qtbot.keyClick(nav, "v")
    assert told == ["vendors", "commitments", "jobs", "vendors"]


def test_the_program_chooses_without_a_signal(nav: SideNav, told: list[str]) -> None:
    nav.set_chosen("vendors")
    assert (nav.chosen_key(), told) == ("vendors", [])
    with pytest.raises(KeyError):
        nav.set_chosen("lost")


def test_counts_are_shown_and_read(nav: SideNav) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert nav.item(2).data(role) == "Commitments, 1,204 waiting"
    nav.set_counts({"jobs": 7})
    assert [nav.count_of(item.key) for item in ITEMS] == [7, 0, 0]
    assert nav.item(2).data(role) == "Commitments"
    with pytest.raises(KeyError, match="lost"):
        nav.set_counts({"lost": 1})


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_chosen_row_has_a_bar_and_its_own_ground(nav: SideNav, theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    nav.clearFocus()
    tokens = tokens_for(QGuiApplication.palette())
    image = nav.viewport().grab().toImage()
    room = nav.visualItemRect(nav.item(0))
    bar = image.pixelColor(room.left() + BAR // 2, room.center().y()).name()
    ground = image.pixelColor(room.left() + BAR + 4, room.center().y()).name()
    assert (bar, ground) == (tokens.accent, tokens.selection)
    assert tokens.dark == (mode == "dark")


def test_in_a_column_it_is_as_high_as_its_rows(qtbot: QtBot, theme: Theme) -> None:
    window, nav = QWidget(), SideNav(ITEMS)
    down = QVBoxLayout(window)
    down.addWidget(nav)
    down.addStretch(1)
    shown(qtbot, window, 200, 500)
    last = nav.visualItemRect(nav.item(2))
    assert last.bottom() < nav.viewport().height() < last.bottom() + 8
    assert not nav.verticalScrollBar().isVisible()
    theme.set_points(16)
    qtbot.waitUntil(lambda: nav.visualItemRect(nav.item(2)).bottom() > last.bottom() + 8)
    qtbot.waitUntil(lambda: not nav.verticalScrollBar().isVisible())
