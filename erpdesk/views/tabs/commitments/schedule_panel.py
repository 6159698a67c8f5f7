"""The schedule of values with its buttons, its total and the place where problems are said."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
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


class SchedulePanel(QWidget):
    """The grid and what belongs to it; ``changed`` when a line changed."""

    changed = Signal()

    def __init__(self, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._closed = ""
        self._said_above = False
        self.grid = LinesGrid(self)
        self._said = QLabel()
        self._said.setProperty("tone", "red")
        self._said.setWordWrap(True)
        self._count = QLabel()
        self._total = QLabel()
        self._total.setProperty("role", "value")
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
        self.grid.setMinimumHeight(120)
        self.grid.lines.edited.connect(self._on_edited)
        self.grid.refused.connect(self.say)
        self.grid.closed_asked.connect(self._on_closed_asked)

    def _footer(self) -> QWidget:
        strip = QFrame()
        strip.setObjectName("totals")
        strip.setStyleSheet("QFrame#totals { background: palette(alternate-base); }")
        across = QHBoxLayout(strip)
        across.setContentsMargins(12, 6, 12, 6)
        self._count.setProperty("role", "value")
        across.addWidget(self._count)
        across.addStretch(1)
        across.addWidget(self._total)
        return strip

    def lines(self) -> tuple[LineDraft, ...]:
        """The lines as they stand; empty ones are left out."""
        return tuple(line for line in self.grid.lines.lines() if not schedule.is_empty(line))

    def load(self, lines: Sequence[LineDraft], method: str, book: CodeBook, closed: str, said_above: bool) -> None:
        """Shows other lines; ``closed`` says why they can not be edited ('' = they can).

        ``said_above`` tells that the page says so already.
        """
        self._closed = closed
        self._said_above = said_above
        self.grid.lines.load(lines, method, book, not closed)
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
        self._total.setText(f"Total  {show_amount(amount)}")
        self._total.setAccessibleName(f"Total of {len(lines)} {word}: {show_amount(amount)}")
        self._total.setAlignment(Qt.AlignmentFlag.AlignRight)
        closed = "" if self._said_above else self._closed
        self._note.setText(closed if self._closed else "Ctrl+V pastes from a spreadsheet")
        self._note.setToolTip(self._note.text())
        found = schedule.problems(lines, self.grid.lines.book, self.grid.lines.method) if not self._closed else ()
        more = f" And {len(found) - MOST_PROBLEMS} more." if len(found) > MOST_PROBLEMS else ""
        self.say(" ".join(found[:MOST_PROBLEMS]) + more)
