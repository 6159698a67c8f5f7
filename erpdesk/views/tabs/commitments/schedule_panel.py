"""The schedule of values with its buttons, its total and the place where problems are said."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from erpdesk.core.money import show_amount
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import SectionLabel
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.tabs.commitments import lines as schedule
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.lines_grid import LinesGrid
from erpdesk.workflows.rows import LineDraft

MOST_PROBLEMS = 2
CELL_EDGE = 10
"""Pixels between the words of a cell and its right edge."""
USUAL_NOTE = "Ctrl+V pastes a block, Ctrl+D fills down, Ctrl+Z undoes"


class SchedulePanel(QWidget):
    """The grid and what belongs to it; ``changed`` when a line changed."""

    changed = Signal()

    def __init__(self, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._closed = ""
        self._said_above = False
        self._across = QHBoxLayout()
        self.grid = LinesGrid(self)
        self._said = QLabel()
        self._said.setProperty("tone", "red")
        self._said.setWordWrap(True)
        self._count = QLabel()
        self.total = QLabel()
        self.total.setProperty("role", "value")
        self._buttons = [registry.button(key) for key in ("line.add", "line.duplicate", "line.delete")]
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(SectionLabel("Schedule of values"))
        self._note = QLabel()
        self._note.setProperty("role", "small")
        # The note gives way when the page is narrow; its tool tip says it whole.
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        above.addWidget(self._note, 1)
        for button in self._buttons:
            above.addWidget(button)
        frame = QFrame()
        frame.setProperty("card", True)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        inside.addWidget(self.grid, 1)
        inside.addWidget(self._footer())
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(6)
        around.addLayout(above)
        around.addWidget(self._said)
        around.addWidget(frame, 1)
        self._said.hide()
        self.grid.lines.edited.connect(self._on_edited)
        self.grid.refused.connect(self.say)
        self.grid.told.connect(self._note_down)
        self.grid.viewport().installEventFilter(self)
        titles, bar = self.grid.horizontalHeader(), self.grid.horizontalScrollBar()
        for signal in (titles.sectionResized, titles.geometriesChanged, bar.valueChanged, self.grid.lines.modelReset):
            signal.connect(lambda *_news: self._line_up())
        self.grid.closed_asked.connect(self._on_closed_asked)

    def _footer(self) -> QWidget:
        strip = QFrame()
        strip.setObjectName("totals")
        strip.setStyleSheet("QFrame#totals { background: palette(alternate-base); }")
        across = self._across
        strip.setLayout(across)
        across.setContentsMargins(12, 6, CELL_EDGE, 6)
        self._count.setProperty("role", "value")
        across.addWidget(self._count)
        across.addStretch(1)
        across.addWidget(self.total)
        return strip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the width of the grid, which a scroll bar makes smaller."""
        if event.type() == QEvent.Type.Resize:
            self._line_up()
        return super().eventFilter(watched, event)

    def _line_up(self) -> None:
        """Puts the total below the amounts; scrolled out of sight they leave it at the right end."""
        titles, port = self.grid.horizontalHeader(), self.grid.viewport()
        last = len(self.grid.lines.columns) - 1
        right = titles.sectionViewportPosition(last) + titles.sectionSize(last)
        beside = self.grid.width() - port.x() - min(right, port.width())
        self._across.setContentsMargins(12, 6, max(beside, 0) + CELL_EDGE, 6)

    def lines(self) -> tuple[LineDraft, ...]:
        """The lines as they stand; empty ones are left out."""
        return tuple(line for line in self.grid.lines.lines() if not schedule.is_empty(line))

    def lines_as_typed(self) -> tuple[LineDraft, ...]:
        """The lines with what stands in an open cell, as far as the cell could take it now."""
        return tuple(line for line in self.grid.lines_as_typed() if not schedule.is_empty(line))

    def load(self, lines: Sequence[LineDraft], method: str, book: CodeBook, closed: str, said_above: bool) -> None:
        """Shows other lines; ``closed`` says why they can not be edited ('' = they can).

        ``said_above`` tells that the page says so already.
        """
        grid = self.grid
        at = (grid.currentIndex().row(), grid.currentIndex().column()) if grid.hasFocus() else (-1, -1)
        grid.lines.load(lines, method, book, not closed)
        if at[0] >= 0:
            # Somebody saves while writing lines: the cursor stays.
            grid.setCurrentIndex(grid.lines.index(min(at[0], grid.lines.rowCount() - 1), at[1]))
        self.set_closed(closed, said_above)

    def set_closed(self, closed: str, said_above: bool) -> None:
        """Opens or closes the lines as they stand; ``closed`` says why they can not be edited."""
        self._closed = closed
        self._said_above = said_above
        self.grid.lines.set_editable(not closed)
        for button in self._buttons:
            set_shown(button, not closed)
        self._show_state()

    def set_book(self, book: CodeBook) -> None:
        """Takes the codes of the job, which are read after the page is shown."""
        self.grid.lines.set_book(book)
        self._show_state()

    def set_method(self, method: str) -> None:
        """Shows the columns of another accounting method."""
        self.grid.lines.set_method(method)

    def say(self, words: str) -> None:
        """Says above the grid why something was not taken."""
        self._said.setText(words)
        set_shown(self._said, bool(words))

    def said(self) -> str:
        """What is said above the grid."""
        return self._said.text()

    def say_refused(self, sentences: Sequence[str]) -> None:
        """Says what speaks against saving the lines, in place of what was noticed while typing."""
        self.say(_few(sentences))

    def note(self) -> str:
        """The quiet words beside the title."""
        return self._note.text()

    def _note_down(self, words: str) -> None:
        self._note.setText(words)
        self._note.setToolTip(words)

    def _on_closed_asked(self) -> None:
        self.say(self._closed)

    def _on_edited(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        lines = self.lines()
        amount = schedule.total(lines)
        word = "line" if len(lines) == 1 else "lines"
        self._count.setText(f"{len(lines)} {word}")
        self.total.setText(f"Total  {show_amount(amount)}")
        self.total.setAccessibleName(f"Total of {len(lines)} {word}: {show_amount(amount)}")
        self.total.setAlignment(Qt.AlignmentFlag.AlignRight)
        closed = "" if self._said_above else self._closed
        self._note_down(closed if self._closed else USUAL_NOTE)
        found = schedule.problems(lines, self.grid.lines.book, self.grid.lines.method) if not self._closed else ()
        self.say(_few(found))


def _few(sentences: Sequence[str]) -> str:
    more = f" And {len(sentences) - MOST_PROBLEMS} more." if len(sentences) > MOST_PROBLEMS else ""
    return " ".join(sentences[:MOST_PROBLEMS]) + more
