"""One entry of the audit trail whole: who and where, before and after field by field, reason, evidence, hash."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from erpdesk.core.clock import iso
from erpdesk.views.kit.card import Check, CheckList, KeyValue, KeyValueGrid, Muted, SectionLabel, Title
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.workflows.trail_rows import TrailDetail

COLUMNS = (
    Column("field", "Field", width=170, value=lambda row: row.field),
    Column("before", "Before", width=200, value=lambda row: row.before),
    Column("after", "After", width=200, stretch=True, value=lambda row: row.after),
)
MOST_ROWS = 7
ROW_HEIGHT = 30
GROUP = 16
NOTHING = "Choose an entry to see all that it holds."


class EntryDetail(QScrollArea):
    """Everything of the entry that is chosen in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("The chosen entry")
        self.title = Title()
        self.hint = Muted(NOTHING)
        self.facts = KeyValueGrid(columns=2)
        self.reason_label, self.reason = SectionLabel("Reason"), Muted()
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.changes_label = SectionLabel("Before and after")
        self.changes = RecordTable("audit-changes", COLUMNS, noun=("field", "fields"), totals=False)
        self.evidence_label, self.evidence = SectionLabel("Evidence"), KeyValueGrid(columns=1)
        self.chain_label, self.chain = SectionLabel("Chain"), KeyValueGrid(columns=1)
        self.fits = CheckList()
        inside = QWidget()
        down = QVBoxLayout(inside)
        down.setContentsMargins(14, 10, 14, 12)
        down.setSpacing(8)
        self._parts: tuple[QWidget, ...] = (
            *(self.title, self.facts, self.reason_label, self.reason, self.changes_label, self.changes),
            *(self.evidence_label, self.evidence, self.chain_label, self.chain, self.fits),
        )
        for part in (self.hint, *self._parts):
            down.addWidget(part)
        down.addStretch(1)
        self.setWidget(inside)
        # The card around it gives the ground.
        for ground in (self.viewport(), inside):
            ground.setAutoFillBackground(False)
        self.show_entry(None)

    def show_entry(self, detail: TrailDetail | None) -> None:
        """Shows another entry, or that none is chosen."""
        self.hint.setVisible(detail is None)
        for part in self._parts:
            part.setVisible(detail is not None)
        if detail is None:
            self.changes.set_rows(())
            return
        row = detail.row
        self.title.setText(f"{row.id:,} · {row.act} · {f'{row.kind} {row.record}'.strip()}")
        self.facts.set_values(
            [
                KeyValue("Who", row.who),
                KeyValue("When", f"{row.at.astimezone():%m/%d/%Y %H:%M:%S}"),
                KeyValue("Windows account", row.login or "Not noted"),
                KeyValue("Computer", row.machine or "Not noted"),
                KeyValue("Program", f"erpdesk {row.version}" if row.version else "Not noted"),
                *(KeyValue(name, value) for name, value in detail.facts),
            ]
        )
        self.reason.setText(row.why)
        self.evidence.set_values([KeyValue(name, value) for name, value in detail.evidence])
        self.chain.set_values(
            [
                KeyValue("Hash of this entry", in_groups(row.hash)),
                KeyValue("Hash of the entry before", in_groups(detail.prev)),
                KeyValue("Time in UTC", iso(row.at)),
            ]
        )
        fits = "What this entry says and its hash go together."
        odd = "What this entry says and its hash do not go together: it was changed after it was written."
        self.fits.set_checks([Check(fits) if detail.fits else Check(odd, "error")])
        self.changes.set_rows(detail.changes)
        rows = min(MOST_ROWS, len(detail.changes))
        self.changes.setFixedHeight((rows + 1) * max(ROW_HEIGHT, self.fontMetrics().height() + 14) + 6)
        for part, filled in (
            (self.reason_label, row.why),
            (self.reason, row.why),
            (self.changes_label, detail.changes),
            (self.changes, detail.changes),
            (self.evidence_label, detail.evidence),
            (self.evidence, detail.evidence),
        ):
            part.setVisible(bool(filled))
        self.verticalScrollBar().setValue(0)


def in_groups(hashed: str) -> str:
    """A hash in groups of sixteen signs, so that people can compare it and a narrow window can break it."""
    return " ".join(hashed[start : start + GROUP] for start in range(0, len(hashed), GROUP))
