"""Chooses fields to confirm or to withdraw, with how each was settled; it stays until the act is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Muted, Title
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.text_fields import NotesEdit
from erpdesk.views.sage.layouts_words import CHOICE_COLUMNS
from erpdesk.workflows.layout_acts import LONGEST_COMMENT
from erpdesk.workflows.layout_rows import LayoutFieldRow


class FieldsDialog(QDialog):
    """Lists fields with boxes to tick; ``agreed`` carries the ticked rows and the comment."""

    agreed = Signal(object, str)

    def __init__(
        self,
        title: str,
        prompt: str,
        comment: str,
        yes: str,
        rows: Sequence[LayoutFieldRow],
        ticked: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = RecordTable(
            "layout-choice", CHOICE_COLUMNS, checkboxes=True, noun=("field", "fields"), totals=False
        )
        self.table.set_rows(rows)
        self.table.select_ids([each.id for each in rows if each.id in ticked])
        self.comment = NotesEdit(LONGEST_COMMENT)
        self.comment.setAccessibleName(comment.replace("&", ""))
        self.comment.setFixedHeight(84)
        self.problem = Banner()
        self.yes = ReasonButton(yes, primary=True)
        name = QLabel(comment)
        name.setBuddy(self.comment)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        every = QPushButton("Tick &all")
        every.setAutoDefault(False)
        every.clicked.connect(lambda: self.table.select_ids([each.id for each in rows]))
        buttons = QHBoxLayout()
        buttons.addWidget(every)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.yes)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(10)
        around.addWidget(Title(title))
        around.addWidget(Muted(prompt))
        around.addWidget(self.table, 1)
        around.addWidget(name)
        around.addWidget(self.comment)
        around.addWidget(self.problem)
        around.addLayout(buttons)
        self.resize(960, 560)
        self.table.selection_changed.connect(self._offer)
        self.comment.textChanged.connect(self._offer)
        self.yes.pressed_ok.connect(self._on_yes)
        self._busy = False
        self._offer()
        self.table.setFocus()

    def ticked(self) -> tuple[LayoutFieldRow, ...]:
        """The chosen rows, in file order."""
        chosen = set(self.table.selected_ids())
        return tuple(each for each in self.table.all_rows() if each.id in chosen)

    def say(self, problem: str) -> None:
        """The act was refused: says why, and lets the person correct it."""
        self._busy = False
        self.problem.show_words("error", problem)
        self._offer()

    def _on_yes(self) -> None:
        self._busy = True
        self.problem.clear()
        self._offer()
        self.agreed.emit(self.ticked(), self.comment.value().strip())

    def _offer(self, *_: object) -> None:
        reasons = []
        if self._busy:
            reasons.append("This is being noted just now.")
        if not self.ticked():
            reasons.append("Tick at least one field.")
        if not self.comment.value().strip():
            reasons.append("Write the comment; it is kept in the audit trail.")
        self.yes.set_offer(not reasons, reasons)
