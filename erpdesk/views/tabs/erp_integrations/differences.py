"""What changed since the version that was sent last: field, before, after."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from erpdesk.workflows.console_rows import FieldChange

NOTHING = "–"
AMOUNT = re.compile(r"-?\(?\$?\d[\d,]*\.\d{2}\)?")
"""How an amount is written; it stands at the right, as in every list."""
TITLES = ("Field", "Before", "Now")


class Differences(QFrame):
    """A small table that shows all its rows, whole; long words wrap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAccessibleName("Differences from the version sent last")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 10, 8)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(5)
        for column, stretch in enumerate((2, 3, 3)):
            self._grid.setColumnStretch(column, stretch)
            title = QLabel(TITLES[column])
            title.setProperty("role", "section")
            self._grid.addWidget(title, 0, column)
        self._changes: tuple[FieldChange, ...] = ()
        self._cells: list[QLabel] = []

    def changes(self) -> tuple[FieldChange, ...]:
        """What is shown."""
        return self._changes

    def set_changes(self, changes: Sequence[FieldChange]) -> None:
        """Shows other differences."""
        self._changes = tuple(changes)
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for row, change in enumerate(self._changes, 1):
            said = f"{change.field}: before {change.before or 'empty'}, now {change.after or 'empty'}"
            for column, (words, role) in enumerate(
                ((change.field, "muted"), (change.before or NOTHING, ""), (change.after or NOTHING, "value"))
            ):
                cell = QLabel(words)
                cell.setTextFormat(Qt.TextFormat.PlainText)
                cell.setWordWrap(True)
                cell.setProperty("role", role)
                cell.setAccessibleName(said)
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                amount = column > 0 and _amounts(change)
                cell.setAlignment(Qt.AlignmentFlag.AlignRight if amount else Qt.AlignmentFlag.AlignLeft)
                self._grid.addWidget(cell, row, column)
                self._cells.append(cell)


def _amounts(change: FieldChange) -> bool:
    """Whether both sides are amounts, or one is and the other empty."""
    said = [words for words in (change.before, change.after) if words]
    return bool(said) and all(AMOUNT.fullmatch(words) for words in said)
