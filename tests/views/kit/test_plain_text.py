"""What people and Sage wrote is shown letter by letter: nothing reads it as rich text or loads what it names."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views import kit
from erpdesk.views.kit.card import Card, Check, CheckList, CodeBlock, KeyValue, KeyValueGrid, Muted, SectionLabel, Title
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.dialogs import BugDialog, CommentDialog, ConfirmDialog
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.list_chips import RemovableChip
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_name import NameDialog
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.pills import Badge, Pill, PillLabel
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import MemoryStore, RecordTable
from erpdesk.views.kit.theme import Theme
from erpdesk.views.kit.workflow_map import MapStep, WorkflowMap
from tests.views.kit.lists import COLUMNS, STEEL, shown

EVIL = '<img src="file:///etc/hostname"><b>bold</b>'
DECLARED = ("shortcut_sheet.py",)
"""Their words are declared in the code of the program alone."""
VIEWS = Path(kit.__file__).parents[1]


def titled(text: str) -> QWidget:
    card = Card(text)
    for part in (Title(text), SectionLabel(text), Muted(text), PillLabel(Pill(text, "blue"))):
        card.add(part)
    return card


def facts(text: str) -> QWidget:
    grid = KeyValueGrid()
    grid.set_values([KeyValue(text, text)])
    return grid


def checks(text: str) -> QWidget:
    listed = CheckList()
    listed.set_checks([Check(text, "warning")])
    return listed


def code(text: str) -> QWidget:
    block = CodeBlock()
    block.set_text(text)
    return block


def messages(text: str) -> QWidget:
    made = Messages()
    made.info(text)
    made.report(ForPeople(text, kept=text, next_step=text))
    return made


def steps(text: str) -> QWidget:
    made = WorkflowMap()
    made.set_steps((MapStep(text, "current", who=text, where=text),))
    return made


def reasons(text: str) -> QWidget:
    button = ReasonButton("Send")
    button.set_offer(False, (text,))
    return button


def a_list(text: str) -> QWidget:
    page = QWidget()
    table = RecordTable("papers", COLUMNS, store=MemoryStore(), empty_title=text, empty_hint=text)
    bar = ListBar(table, title=text)
    bar.setParent(page)
    table.setParent(page)
    bar.save_view("V")
    bar.set_conditions((Condition("title", (text,)),))
    return page


MAKERS: dict[str, Callable[[str], QWidget]] = {
    "titles": titled,
    "facts": facts,
    "checks": checks,
    "code": code,
    "messages": messages,
    "workflow map": steps,
    "reasons": reasons,
    "list": a_list,
    "chip": lambda text: RemovableChip(text, "Take away"),
    "badge": lambda _text: Badge(3),
    "confirm": lambda text: ConfirmDialog(None, text, text, "Yes"),
    "comment": lambda text: CommentDialog(None, text, text, "Yes"),
    "bug": lambda text: BugDialog(None, text, text),
    "name": lambda text: NameDialog(None, text, text, "Save", text, lambda _name: None),
}


@pytest.mark.parametrize("what", MAKERS)
def test_labels_show_markup_as_it_was_written(qtbot: QtBot, theme: Theme, what: str) -> None:
    made = MAKERS[what](EVIL)
    qtbot.addWidget(made)
    labels = [made, *made.findChildren(QLabel)] if isinstance(made, QLabel) else made.findChildren(QLabel)
    rich = [label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText]
    assert not [text for text in rich if "<" in text]


@pytest.mark.parametrize("what", MAKERS)
def test_tips_show_markup_as_it_was_written(qtbot: QtBot, theme: Theme, what: str) -> None:
    made = MAKERS[what](EVIL)
    qtbot.addWidget(made)
    tips = [part.toolTip() for part in (made, *made.findChildren(QWidget)) if "<img" in part.toolTip()]
    assert not tips, "a tip that looks like rich text would be read as such"


def test_cells_and_their_tips_show_markup_as_it_was_written(qtbot: QtBot, theme: Theme) -> None:
    column = Column("t", "Title", width=60, value=lambda row: row.title)
    table = RecordTable("evil", (column, COLUMNS[2]))
    table.set_rows([type(STEEL)("1", EVIL)])
    shown(qtbot, table, 200)
    assert table.records.index(0, 0).data() == EVIL
    at = table.visualRect(table.records.index(0, 0)).center()
    table.setColumnWidth(0, 50)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at))
    QApplication.sendEvent(table.viewport(), event)
    assert QToolTip.text() == "" or "&lt;img" in QToolTip.text()
    assert "<img" not in QToolTip.text()
    QToolTip.hideText()


def test_titles_of_columns_are_plain(qtbot: QtBot) -> None:
    table = RecordTable("evil", (Column("t", EVIL, value=lambda row: row.title),))
    shown(qtbot, table, 200)
    assert str(table.records.headerData(0, Qt.Orientation.Horizontal)).startswith(EVIL)


def test_nothing_in_the_window_is_rich_text_or_a_message_box() -> None:
    """Labels guess what they hold unless told; a message box of Qt guesses too."""
    wrong = []
    for path in VIEWS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("RichText", "MarkdownText", "setHtml", "setMarkdown"):
                wrong.append(f"{path.name}:{node.lineno} {node.attr}")
            if isinstance(node, ast.Name) and node.id in (QMessageBox.__name__, "QErrorMessage", "QTextBrowser"):
                wrong.append(f"{path.name}:{node.lineno} {node.id}")
    assert not wrong


def test_a_label_of_the_kit_that_takes_words_from_outside_is_told_that_they_are_plain() -> None:
    """Each QLabel of the kit whose text is not written in the code stands in a class that sets its format."""
    wrong = []
    for path in (VIEWS / "kit").glob("*.py"):
        for outer in ast.parse(path.read_text(encoding="utf-8")).body:
            plain = "setTextFormat" in ast.unparse(outer)
            for node in ast.walk(outer):
                made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "QLabel"
                written = isinstance(node, ast.Call) and all(
                    isinstance(each, ast.Constant | ast.IfExp) for each in node.args
                )
                if made and not written and not plain and path.name not in DECLARED:
                    wrong.append(f"{path.name}: {ast.unparse(node)}")
    assert not wrong
