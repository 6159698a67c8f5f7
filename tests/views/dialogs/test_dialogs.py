"""Small windows and bars that belong to no tab."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from erpdesk.views.dialogs.about import AboutDialog
from erpdesk.views.dialogs.sample_hint import SampleHint
from erpdesk.views.dialogs.set_aside import ALL_WELL, SetAsideDialog
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.card import CheckList
from erpdesk.views.kit.record_table import MemoryStore

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def test_about_copies_its_facts(qtbot: QtBot) -> None:
    dialog = AboutDialog((("Company", "Harbor Point Builders"),))
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "&Copy").click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert "Company: Harbor Point Builders" in copied
    assert copied[0].startswith("Version: ")
    dialog.deleteLater()


def test_no_problem_is_said_as_well(qtbot: QtBot) -> None:
    dialog = SetAsideDialog(())
    checks = dialog.findChild(CheckList)
    assert checks is not None and [check.text for check in checks.checks()] == [ALL_WELL]
    dialog.deleteLater()


def test_problems_can_be_copied_and_sage_read_again(qtbot: QtBot) -> None:
    dialog = SetAsideDialog(("First.", "Second."))
    asked: list[bool] = []
    dialog.sync_asked.connect(lambda: asked.append(True))
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    buttons["&Copy"].click()
    assert QGuiApplication.clipboard().text() == "First.\nSecond."
    buttons["&Sync now"].click()
    assert asked == [True]
    QApplication.processEvents()


def test_unsaved_has_three_ways_out(qtbot: QtBot) -> None:
    heard: list[str] = []
    for name in ("save", "discard", "keep"):
        dialog = UnsavedDialog("SC-03-0041")
        dialog.save_asked.connect(lambda: heard.append("save"))
        dialog.discard_asked.connect(lambda: heard.append("discard"))
        getattr(dialog, name).click()
        QApplication.processEvents()
    assert heard == ["save", "discard"]


def test_the_hint_is_shown_until_dismissed(qtbot: QtBot) -> None:
    store = MemoryStore()
    hint = SampleHint(store)
    qtbot.addWidget(hint)
    hint.show_once()
    assert hint.isVisible()
    hint.dismiss()
    hint.show_once()
    assert not hint.isVisible()
