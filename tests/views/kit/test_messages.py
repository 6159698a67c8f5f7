"""Messages above the tabs, errors as words, and the small questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.dialogs import BugDialog, CommentDialog, ask_comment, confirm
from erpdesk.views.kit.messages import MOST, STAYS_MS, WIDEST, MessageLine, Messages
from erpdesk.views.kit.theme import DARK, LIGHT, Theme
from tests.views.kit.lists import shown

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def messages(qtbot: QtBot) -> Iterator[Messages]:
    window = QWidget()
    made = Messages(window)
    down = QVBoxLayout(window)
    down.addWidget(made)
    down.addStretch(1)
    shown(qtbot, window, 500, 400)
    yield made


def button(parent: QWidget, text: str) -> QPushButton:
    return next(found for found in parent.findChildren(QPushButton) if found.text().replace("&", "") == text)


# Messages


def test_empty_it_takes_no_room(messages: Messages) -> None:
    assert not messages.isVisible()
    line = messages.info("A note.")
    assert messages.isVisible()
    line.close_message()
    assert not messages.isVisible() and messages.texts() == []


def test_newest_first_and_never_the_same_twice(messages: Messages) -> None:
    messages.error("One.")
    messages.warning("Two.")
    messages.error("One.")
    assert messages.texts() == ["One.", "Two."]


def test_notes_leave_by_themselves_errors_stay(messages: Messages) -> None:
    passing = [messages.info("Note."), messages.success("Done.")]
    staying = [messages.warning("Look."), messages.error("Wrong.")]
    for line in passing:
        assert line is not None
        timer = line.findChild(QTimer)
        assert timer is not None and timer.isActive() and timer.interval() == STAYS_MS
        timer.timeout.emit()
    assert [line.findChild(QTimer) for line in staying] == [None, None]
    assert messages.texts() == ["Wrong.", "Look."]


def test_many_notes_push_out_the_oldest_but_never_an_error(messages: Messages) -> None:
    messages.error("Wrong.")
    for number in range(9):
        messages.info(f"Note {number}", topic=str(number))
    assert messages.texts() == ["Note 8", "Note 7", "Note 6", "Wrong."] and len(messages.texts()) == MOST
    for number in range(9):
        messages.error(f"Wrong {number}")
    assert sum(text.startswith("Wrong") for text in messages.texts()) == 10


def test_an_action_is_carried_out_once_and_takes_the_message_away(qtbot: QtBot, messages: Messages) -> None:
    undone: list[bool] = []
    line = messages.success("SC-1 was deleted.", ("Undo", lambda: undone.append(True)))
    assert line is not None
    qtbot.mouseClick(button(line, "Undo"), Qt.MouseButton.LeftButton)
    assert undone == [True] and messages.texts() == []


def test_a_message_is_closed_with_the_keyboard(qtbot: QtBot, messages: Messages) -> None:
    line = messages.error("Wrong.")
    close = line.findChild(QToolButton)
    assert close is not None and close.accessibleName() == "Close this message"
    close.setFocus()
    qtbot.keyClick(close, Qt.Key.Key_Space)
    assert messages.texts() == []


def test_kind_is_said_and_not_only_coloured(messages: Messages) -> None:
    line = messages.warning("Look.")
    assert [label.accessibleName() for label in line.findChildren(QLabel)][-1] == "Warning: Look."


def test_clear_takes_all_away(messages: Messages) -> None:
    messages.error("One.")
    messages.info("Two.")
    messages.clear()
    assert messages.texts() == [] and not messages.isVisible()


def test_icons_follow_the_theme(theme: Theme, messages: Messages) -> None:
    theme.changed.connect(messages.retint)
    line = messages.error("Wrong.")

    def inks() -> set[str]:
        image = mark(line).pixmap().toImage()
        points = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
        return {point.name() for point in points if point.alpha() == 255}

    assert LIGHT.red[1] in inks()
    theme.set_mode("dark")
    assert DARK.red[1] in inks()


def mark(line: MessageLine) -> QLabel:
    return next(label for label in line.findChildren(QLabel) if not label.pixmap().isNull())


# One for each topic, over the page, and gone when what it is about is left


def test_a_topic_has_one_message(messages: Messages) -> None:
    messages.warning("Choose a vendor first.", topic="refusal")
    messages.warning("The total is 0.00.", topic="refusal")
    messages.success("SC-1 is sent.")
    messages.success("SC-2 is sent.")
    assert messages.texts() == ["SC-2 is sent.", "The total is 0.00."]


def test_what_is_left_takes_its_messages_along(messages: Messages, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill() -> None:
        messages.clear()
        messages.error("Sage is closed.", topic="sync", lasting=True)
        messages.warning("It changed meanwhile.")
        messages.success("SC-1 is sent.")

    fill()
    messages.leave_item()
    messages.leave_page()
    assert len(messages.texts()) == 3, "nobody can have read them yet"
    messages.leave_person()
    assert messages.texts() == ["Sage is closed."]
    monkeypatch.setattr("erpdesk.views.kit.messages.FRESH_MS", 0)
    fill()
    messages.leave_item()
    assert messages.texts() == ["SC-1 is sent.", "Sage is closed."]
    messages.leave_page()
    assert messages.texts() == ["Sage is closed."]


def test_floating_it_moves_nothing_and_follows_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    page = QLabel("Page")
    down = QVBoxLayout(window)
    down.addWidget(page)
    made = Messages()
    made.float_over(window, lambda: QRect(300, 10, window.width() - 360, 30))
    shown(qtbot, window, 1200, 400)
    before = page.geometry()
    noted: list[str] = []
    made.noted.connect(noted.append)
    made.warning("One.")
    made.error("Two. " * 60)
    qtbot.waitUntil(lambda: made.height() > 60)
    assert page.geometry() == before
    assert made.geometry().right() == 1200 - 61 and made.width() == WIDEST
    window.resize(800, 400)
    assert made.geometry().right() == 800 - 61 and made.geometry().left() == 300
    assert made.success("Saved.") is None and noted == ["Saved."]


# Errors


def test_an_error_for_people_says_what_was_kept_and_what_to_do(messages: Messages) -> None:
    messages.report(ForPeople("The disk is full.", kept="Nothing was lost.", next_step="Make room and try again."))
    assert messages.texts() == ["The disk is full. Nothing was lost. Make room and try again."]


@pytest.mark.loud
def test_a_bug_is_logged_and_shown_with_details_to_copy(
    qtbot: QtBot, messages: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        with caplog.at_level(logging.ERROR):
            messages.report(error)
    assert caplog.records[0].exc_info is not None
    dialog = messages.window().findChild(BugDialog)
    assert dialog is not None and dialog.isVisible() and messages.texts() == []
    assert "Traceback" in dialog.details and "a bug" in dialog.what
    qtbot.mouseClick(button(dialog, "Copy details"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("ZeroDivisionError: a bug") and "test_messages.py" in copied
    dialog.accept()


# Questions


def test_confirming(qtbot: QtBot, messages: Messages) -> None:
    done: list[bool] = []
    dialog = confirm(
        messages.window(), "Send 2 items?", "They go to accounting.", "Send to ERP", lambda: done.append(True)
    )
    assert dialog.isVisible() and done == []
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert done == [True] and not dialog.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_what_cannot_be_taken_back_is_not_done_by_a_stray_key(qtbot: QtBot, messages: Messages, key: Qt.Key) -> None:
    done: list[bool] = []
    dialog = confirm(messages.window(), "Delete?", "It is gone then.", "Delete", lambda: done.append(True), danger=True)
    qtbot.keyClick(dialog, key)
    assert done == [] and not dialog.isVisible()


def ask(qtbot: QtBot, messages: Messages, said: list[str], required: bool) -> CommentDialog:
    dialog = ask_comment(messages.window(), "Reject?", "The sender sees it.", "Reject", said.append, required=required)
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_a_comment_is_given(qtbot: QtBot, messages: Messages) -> None:
    said: list[str] = []
    dialog = ask(qtbot, messages, said, required=False)
    qtbot.keyClicks(dialog.field, "  Wrong vendor ")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return, CTRL)
    assert said == ["Wrong vendor"]


def test_without_a_comment_it_warns_once(qtbot: QtBot, messages: Messages, theme: Theme) -> None:
    said: list[str] = []
    dialog = ask(qtbot, messages, said, required=False)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == [] and dialog.note.text().startswith("Reject without a reason?")
    assert dialog.yes.text() == "Reject without a reason"
    qtbot.waitUntil(lambda: dialog.note.geometry().top() > dialog.field.geometry().bottom())
    assert dialog.note.geometry().bottom() < dialog.yes.geometry().top()
    assert dialog.note.height() >= dialog.note.heightForWidth(dialog.note.width())
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == [], "a double click does not run past the question"
    pause = dialog.findChild(Pause)
    assert pause is not None
    qtbot.waitUntil(lambda: not pause.on)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == [""]


def test_a_comment_takes_the_question_back(qtbot: QtBot, messages: Messages) -> None:
    said: list[str] = []
    dialog = ask(qtbot, messages, said, required=False)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(dialog.field, "Wrong")
    assert dialog.yes.text() == "Reject" and not dialog.note.isVisible()
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == ["Wrong"]


def test_a_required_comment_is_insisted_on(qtbot: QtBot, messages: Messages) -> None:
    said: list[str] = []
    dialog = ask(qtbot, messages, said, required=True)
    for _ in range(3):
        qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == [] and dialog.note.text() == "Write a comment first." and dialog.field.hasFocus()
    qtbot.keyClicks(dialog.field, "Because")
    assert not dialog.note.isVisible()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Tab)
    assert not dialog.field.hasFocus(), "Tab leaves the comment"
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    assert said == ["Because"]
