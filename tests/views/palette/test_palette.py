"""The box over everything, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.actions import ActionRegistry, ActionSpec
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.palette.palette import NOTHING, Palette, show_palette
from erpdesk.views.session import Session
from erpdesk.workflows.search_rows import Found
from tests.town import Town

SPECS = (
    ActionSpec("palette.show", "Search everything", "Ctrl+K"),
    ActionSpec("sync.now", "Sync &now", "F5", "", "Read Sage now"),
    ActionSpec("theme.dark", "&Dark", "", "", "Dark colours"),
)


class Desk:
    """A window with a session, acts and the box."""

    def __init__(self, town: Town, qtbot: QtBot) -> None:
        self.bot, self.window, self.root = qtbot, QWidget(), QObject()
        qtbot.addWidget(self.window)
        self.window.show()
        self.messages = Messages()
        qtbot.addWidget(self.messages)
        self.bridge = Bridge(self.root)
        self.jobs = Jobs(self.bridge, self.messages.report)
        self.session = Session(town.desk, self.jobs, self.messages, self.root)
        self.session.set_person(next(each for each in town.desk.queries.people() if each.id == town.manager))
        self.registry = ActionRegistry(SPECS, self.window)
        self.done: list[str] = []
        for spec in SPECS:
            self.registry.on(spec.key, partial(self.done.append, spec.key))
        self.found: list[Found] = []

    def open(self) -> Palette:
        made = show_palette(self.session, self.registry, self.window)
        made.found.connect(self.found.append)
        return made

    def type(self, box: Palette, text: str) -> None:
        QTest.keyClicks(box.field, text)
        self.bot.waitUntil(box.settled)

    def lines(self, box: Palette) -> list[str]:
        return [entry.spoken for entry in box.model.entries]


@pytest.fixture
def desk(town: Town, qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(town, qtbot)
    yield made
    made.jobs.close(5)
    made.bridge.close()


def test_a_record_is_gone_to_with_the_keyboard(town: Town, desk: Desk) -> None:
    made = town.approved(number="SC-90-0001", title="Gondola")
    box = desk.open()
    desk.type(box, "gondo")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert [each.ref for each in desk.found] == [made]
    assert not desk.done


def test_enter_right_after_the_last_letter_goes_to_what_these_letters_find(town: Town, desk: Desk) -> None:
    town.approved(number="SC-91-0001", title="Elevator")
    wanted = town.approved(number="SC-92-0002", title="Elevator pit")
    box = desk.open()
    QTest.keyClicks(box.field, "SC-92")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    desk.bot.waitUntil(lambda: bool(desk.found))
    assert [each.ref for each in desk.found] == [wanted]


def test_an_act_is_carried_out(desk: Desk) -> None:
    box = desk.open()
    desk.type(box, "read sage")
    assert desk.lines(box)[-1] == "Act, Sync now, F5"
    QTest.keyClick(box.field, Qt.Key.Key_End)
    for _ in range(60):
        QTest.keyClick(box.field, Qt.Key.Key_Down)
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert desk.done == ["sync.now"]


def test_an_act_that_is_not_possible_says_why(desk: Desk) -> None:
    desk.registry.set_offer("sync.now", False, ("Syncing is paused by somebody.",))
    box = desk.open()
    desk.type(box, "sync now")
    assert "Act, Sync now, Syncing is paused by somebody." in desk.lines(box)


def test_words_that_nothing_holds_are_said(desk: Desk) -> None:
    box = desk.open()
    assert "Act, Dark" in desk.lines(box)
    assert not any("Search everything" in line for line in desk.lines(box))
    desk.type(box, "zzzz nowhere")
    assert box.model.rowCount() == 0
    assert box.words.text() == NOTHING
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert box.isVisible()


def test_escape_closes_while_a_search_is_under_way(town: Town, desk: Desk) -> None:
    box = desk.open()
    QTest.keyClicks(box.field, "SC")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    desk.bot.waitUntil(lambda: desk.jobs.idle)
    assert not desk.found


def test_what_is_found_is_shown_as_it_stands(town: Town, desk: Desk) -> None:
    town.approved(number="SC-93-0001", title="<img src='file:///nowhere'>")
    box = desk.open()
    desk.type(box, "SC-93")
    assert "<img src='file:///nowhere'>" in desk.lines(box)[0]
    box.grab()
