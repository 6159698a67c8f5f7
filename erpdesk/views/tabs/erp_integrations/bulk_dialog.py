"""The one question before a bulk act: how many, how much, what can not be done and why, in which order, the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from erpdesk.views.kit.card import Check, CheckList, SectionLabel
from erpdesk.views.kit.dialogs import CommentDialog, ConfirmDialog
from erpdesk.views.kit.shown import set_look
from erpdesk.views.tabs.erp_integrations.bulk import count_words, money
from erpdesk.views.tabs.erp_integrations.bulk_items import Warned, items_table
from erpdesk.workflows.console_rows import BulkPreview
from erpdesk.workflows.rows import QueueRow

WIDE = 780
MOST_LINES = 5
REASON_FIRST = "Write the reason first: it stands in the audit trail of each item."


def picked_words(preview: BulkPreview, noun: tuple[str, str]) -> str:
    """How many and how much: ``12 commitments, $150,000.00``."""
    return f"{count_words(len(preview.picks), noun)}, {money(preview.total)}"


def left_words(preview: BulkPreview, done: str) -> str:
    """What stays as it is: ``2 can not be accepted and stay as they are:``; '' when all can."""
    left = len(preview.cannot)
    if not left:
        return ""
    return f"{left:,} can not be {done} and {'stays as it is' if left == 1 else 'stay as they are'}:"


def order_words(preview: BulkPreview, names: Mapping[str, str]) -> str:
    """The order in which they go to Sage, when it is not that of ``names`` (the list); '' when it is, and for none."""
    going = set(preview.order)
    if not names or preview.order == tuple(each for each in names if each in going):
        return ""
    return ", then ".join(names.get(each, each) for each in preview.order)


class _Lines(QScrollArea):
    """Sentences with icons, scrolled when there are many."""

    def __init__(self, cannot: Sequence[tuple[QueueRow, tuple[str, ...]]]) -> None:
        super().__init__()
        self.list = CheckList()
        self.list.set_checks([Check(f"{row.number}: {' '.join(reasons)}", "warning") for row, reasons in cannot])
        page = QWidget()
        page.setProperty("page", True)
        down = QVBoxLayout(page)
        down.setContentsMargins(0, 0, 6, 0)
        down.addWidget(self.list)
        down.addStretch(1)
        self.setWidgetResizable(True)
        self.setAccessibleName("What can not be done, and why")
        self.setWidget(page)
        self.setFixedHeight(min(len(cannot), MOST_LINES) * (2 * self.fontMetrics().height() + 4) + 8)


def _explain(inside: QVBoxLayout, preview: BulkPreview, done: str, names: Mapping[str, str]) -> None:
    if preview.cannot:
        inside.addWidget(SectionLabel(left_words(preview, done)))
        inside.addWidget(_Lines(preview.cannot))
    order = order_words(preview, names)
    if order:
        inside.addWidget(SectionLabel("They go to Sage in this order, because one needs the other:"))
        words = QLabel(order)
        words.setWordWrap(True)
        inside.addWidget(words)


class AcceptSeveral(ConfirmDialog):
    """Asks once for all; the reason is compulsory when the data of Sage are older than the limit."""

    def __init__(
        self,
        parent: QWidget | None,
        preview: BulkPreview,
        noun: tuple[str, str],
        rows: Sequence[QueueRow],
        warned: Warned,
    ) -> None:
        count = count_words(len(preview.picks), noun)
        super().__init__(
            parent,
            f"Accept {count}?",
            f"{picked_words(preview, noun)}, will be written for Sage exactly as they stand now.",
            f"Accept {count}",
        )
        self.setMinimumWidth(WIDE)
        self._needs = preview.needs_reason
        self.items = items_table(preview, rows, warned)
        self.inside.addWidget(self.items)
        _explain(self.inside, preview, "accepted", {row.id: row.number for row in rows})
        self.field = QPlainTextEdit()
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(64)
        self.field.setAccessibleName("Reason")
        self.note = QLabel()
        self.note.setProperty("tone", "red")
        self.note.setWordWrap(True)
        self.note.hide()
        if self._needs:
            why = QLabel(self._needs)
            why.setWordWrap(True)
            why.setProperty("tone", "yellow")
            name = QLabel("&Reason")
            name.setBuddy(self.field)
            for part in (why, name, self.field, self.note):
                self.inside.addWidget(part)
            self.field.setFocus()
            self.field.textChanged.connect(self._on_typed)
        else:
            self.field.setParent(self)
            self.field.hide()
            self.note.setParent(self)

    def reason(self) -> str:
        """What was typed, without blanks around it."""
        return self.field.toPlainText().strip()

    @Slot()
    def on_yes(self) -> None:
        """Agrees, unless a reason is needed and missing."""
        if self._needs and not self.reason():
            self.note.setText(REASON_FIRST)
            self.note.show()
            set_look(self.field, "wrong", True)
            self.field.setFocus()
            self.grow()
            return
        self.accept()

    @Slot()
    def _on_typed(self) -> None:
        self.note.hide()
        set_look(self.field, "wrong", False)


class RejectSeveral(CommentDialog):
    """Asks once for all; one comment goes to every sender."""

    def __init__(self, parent: QWidget | None, preview: BulkPreview, noun: tuple[str, str]) -> None:
        count = count_words(len(preview.picks), noun)
        super().__init__(
            parent,
            f"Reject {count}?",
            f"{picked_words(preview, noun)}, go back to the project side, who can correct them and send them again. "
            "Your comment tells each of them why.",
            f"Reject {count}",
        )
        self.setMinimumWidth(WIDE)
        _explain(self.inside, preview, "rejected", {})
        self.field.setFocus()


def ask_accept(
    parent: QWidget,
    preview: BulkPreview,
    noun: tuple[str, str],
    rows: Sequence[QueueRow],
    warned: Warned,
    then: Callable[[str], object],
) -> AcceptSeveral:
    """Asks, and calls ``then(reason)`` when the person agrees; returns at once."""
    dialog = AcceptSeveral(parent, preview, noun, rows, warned)
    dialog.accepted.connect(lambda: then(dialog.reason()))
    dialog.open()
    return dialog


def ask_reject(
    parent: QWidget, preview: BulkPreview, noun: tuple[str, str], then: Callable[[str], object]
) -> RejectSeveral:
    """Asks, and calls ``then(comment)`` when the person agrees; returns at once."""
    dialog = RejectSeveral(parent, preview, noun)
    dialog.accepted.connect(lambda: then(dialog.comment()))
    dialog.open()
    return dialog
