"""Small blocks of the screens of doubt: a table of words with a title row, steps to take, a text to look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from erpdesk.views.kit.card import CodeBlock, Muted, Title
from erpdesk.views.kit.icons import set_icon

AMOUNT = re.compile(r"-?\(?\$?\d[\d,]*\.\d{2}\)?")
EMPTY = "–"
Cell = tuple[str, str]
"""The words of a cell and their role: ``muted``, ``value`` or ''."""


class WordTable(QFrame):
    """A small table that shows all its rows, whole; long words wrap."""

    def __init__(self, name: str, titles: Sequence[str], stretch: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAccessibleName(name)
        self._titles = tuple(titles)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 10, 8)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(5)
        for column, title in enumerate(titles):
            self._grid.setColumnStretch(column, stretch[column])
            words = QLabel(title)
            words.setProperty("role", "section")
            self._grid.addWidget(words, 0, column)
        self._parts: list[QWidget] = []
        self._rows: tuple[tuple[str, ...], ...] = ()

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The words that are shown, row by row."""
        return self._rows

    def buttons(self) -> tuple[QToolButton, ...]:
        """The buttons at the ends of rows, in their order."""
        return tuple(each for each in self._parts if isinstance(each, QToolButton))

    def set_rows(
        self,
        rows: Sequence[Sequence[Cell]],
        shows: Sequence[tuple[str, Callable[[], object]] | None] = (),
    ) -> None:
        """Shows other rows; amounts stand at the right, as in every list.

        ``shows`` are the accessible name and the act of a button at the end of each, or None.
        """
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = []
        self._rows = tuple(tuple(words for words, _ in row) for row in rows)
        for at, row in enumerate(rows, 1):
            said = ", ".join(
                f"{title}: {words or 'empty'}" for title, (words, _) in zip(self._titles, row, strict=False) if title
            )
            told = [words for words, _ in row[1:] if words not in ("", EMPTY)]
            amounts = bool(told) and all(AMOUNT.fullmatch(words) for words in told)
            show = shows[at - 1] if at <= len(shows) else None
            # Beside a button, which is higher than a line of words, they stand in its middle.
            up = Qt.AlignmentFlag.AlignTop if show is None else Qt.AlignmentFlag.AlignVCenter
            for column, (words, role) in enumerate(row):
                side = Qt.AlignmentFlag.AlignRight if column and amounts else Qt.AlignmentFlag.AlignLeft
                self._put(at, column, _label(words, role, said, side | up))
            if show is not None:
                name, act = show
                button = QToolButton()
                button.setText("Show…")
                button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                set_icon(button, "search")
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                button.setAccessibleName(name)
                button.setToolTip(name)
                button.clicked.connect(lambda _checked=False, act=act: act())
                self._put(at, len(self._titles) - 1, button)

    def _put(self, row: int, column: int, part: QWidget) -> None:
        button = isinstance(part, QToolButton)
        self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignVCenter if button else Qt.AlignmentFlag(0))
        self._parts.append(part)


def _label(words: str, role: str, said: str, sides: Qt.AlignmentFlag) -> QLabel:
    cell = QLabel(words)
    cell.setTextFormat(Qt.TextFormat.PlainText)
    cell.setWordWrap(True)
    cell.setProperty("role", role)
    cell.setAccessibleName(said)
    cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    cell.setAlignment(sides)
    return cell


class Steps(QWidget):
    """What to do, step by step, each with its number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._parts: list[QLabel] = []
        self._steps: tuple[str, ...] = ()

    def steps(self) -> tuple[str, ...]:
        """What is shown."""
        return self._steps

    def set_steps(self, steps: Sequence[str]) -> None:
        """Shows other steps; a single one has no number."""
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self._steps = [], tuple(steps)
        top = Qt.AlignmentFlag.AlignTop
        for at, words in enumerate(self._steps):
            place = f"{at + 1}." if len(self._steps) > 1 else ""
            number = _label(place, "muted", "", Qt.AlignmentFlag.AlignRight | top)
            text = _label(words, "", f"Step {at + 1}: {words}", Qt.AlignmentFlag.AlignLeft | top)
            self._grid.addWidget(number, at, 0, top)
            self._grid.addWidget(text, at, 1, top)
            self._parts += [number, text]


class TextDialog(QDialog):
    """A text as Sage printed it, to read and to copy."""

    def __init__(self, parent: QWidget | None, title: str, about: str, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.block = CodeBlock(lines=12)
        self.block.set_text(text)
        self.block.setAccessibleName(title)
        copy = QPushButton("&Copy")
        copy.setAutoDefault(False)
        close = QPushButton("Close")
        close.setDefault(True)
        across = QHBoxLayout()
        across.addWidget(copy)
        across.addStretch(1)
        across.addWidget(close)
        down = QVBoxLayout(self)
        down.setContentsMargins(20, 18, 20, 16)
        down.setSpacing(10)
        down.addWidget(Title(title))
        down.addWidget(Muted(about))
        down.addWidget(self.block, 1)
        down.addLayout(across)
        self.resize(760, 420)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close.clicked.connect(self.accept)
        close.setFocus()
