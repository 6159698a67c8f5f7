"""What the last read of Sage could not use: the problems, and the rows that were set aside."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.kit.card import Check, CheckList, Muted, Title
from erpdesk.views.kit.forms import NotesEdit

ALL_WELL = "Sage was read without problems."
EXPLAIN = (
    "A row that can not be read is set aside and everything else is used. Nothing was changed in Sage. When the row is "
    "corrected in Sage, it is taken at the next sync."
)


class SetAsideDialog(QDialog):
    """Lists problems as sentences; ``sync_asked`` reads Sage again."""

    sync_asked = Signal()

    def __init__(self, problems: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Reading Sage")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.problems = tuple(problems)
        around = QVBoxLayout(self)
        around.setContentsMargins(22, 20, 22, 16)
        around.setSpacing(12)
        around.addWidget(Title(self._title()))
        if self.problems:
            around.addWidget(Muted(EXPLAIN))
            around.addWidget(self._list(), 1)
        else:
            checks = CheckList()
            checks.set_checks([Check(ALL_WELL)])
            around.addWidget(checks)
            around.addStretch(1)
        around.addLayout(self._buttons())
        self.setMinimumSize(560, 240)

    def _title(self) -> str:
        count = len(self.problems)
        if not count:
            return "No problems"
        return "One thing needs a look" if count == 1 else f"{count:,} things need a look"

    def _list(self) -> NotesEdit:
        shown = NotesEdit()
        shown.set_value("\n\n".join(self.problems))
        shown.set_read_only(True)
        shown.setAccessibleName("Problems of the last read")
        shown.setMinimumHeight(160)
        return shown

    def _buttons(self) -> QHBoxLayout:
        again = QPushButton("&Sync now")
        again.setAutoDefault(False)
        copy = QPushButton("&Copy")
        copy.setAutoDefault(False)
        copy.setVisible(bool(self.problems))
        close = QPushButton("Close")
        close.setDefault(True)
        across = QHBoxLayout()
        across.addWidget(again)
        across.addWidget(copy)
        across.addStretch(1)
        across.addWidget(close)
        again.clicked.connect(self._sync)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(self.problems)))
        close.clicked.connect(self.accept)
        return across

    def _sync(self) -> None:
        self.accept()
        self.sync_asked.emit()
