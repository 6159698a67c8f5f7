"""The figures of a commitment: what stands here beside what Sage holds, and the job's committed cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from erpdesk.core.money import show_amount
from erpdesk.views.kit.card import SectionLabel
from erpdesk.views.kit.pills import Pill, PillLabel
from erpdesk.views.kit.shown import set_look
from erpdesk.workflows.rows import CommitmentRow, ErpState

TITLES = ("Original", "Approved COs", "Revised", "Invoiced")
NOTHING = "–"


@dataclass(frozen=True)
class Figures:
    """The amounts shown: of this program, of Sage (None = Sage does not have it), and of the job."""

    here: Decimal
    sage: tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]
    state: ErpState
    committed_cost: Decimal | None
    job: str

    @classmethod
    def of(cls, row: CommitmentRow, committed_cost: Decimal | None, total: Decimal) -> Figures:
        """The figures of a commitment whose lines add up to ``total`` on screen."""
        sage = (row.sage_amount, row.sage_approved_changes, row.sage_revised, row.sage_invoiced)
        return cls(total, sage, row.erp_state, committed_cost, row.job)

    @property
    def verdict(self) -> Pill | None:
        """Whether both sides agree on the original amount; None while Sage does not have it."""
        if self.sage[0] is None:
            return None
        if self.sage[0] == self.here:
            return Pill("Agrees with Sage", "green", "check")
        return Pill(f"Differs by {show_amount(self.here - self.sage[0])}", "yellow", "warning")


class FiguresPanel(QWidget):
    """Two rows of amounts under four titles, and the committed cost of the job as Sage held it when last read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(3)
        for column, title in enumerate(TITLES, 1):
            label = SectionLabel(title)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(label, 0, column)
        self._here = self._row(grid, 1, "erpdesk")
        self._sage = self._row(grid, 2, "Sage")
        self._verdict = PillLabel()
        grid.addWidget(self._verdict, 2, len(TITLES) + 1, Qt.AlignmentFlag.AlignRight)
        self._job_title = SectionLabel("Job's committed cost in Sage")
        # It takes two lines when the page is narrow.
        self._job_title.setWordWrap(True)
        self._job = QLabel()
        self._job.setProperty("role", "value")
        both: tuple[QLabel, QLabel] = (self._job_title, self._job)
        for row, part in enumerate(both):
            part.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(part, row, len(TITLES) + 1)
        grid.setColumnStretch(len(TITLES) + 1, 1)

    def _row(self, grid: QGridLayout, row: int, name: str) -> list[QLabel]:
        title = SectionLabel(name)
        grid.addWidget(title, row, 0)
        labels = []
        for column in range(1, len(TITLES) + 1):
            label = QLabel(NOTHING)
            label.setProperty("role", "value")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, row, column)
            labels.append(label)
        return labels

    def verdict(self) -> str:
        """Whether both sides agree, in words; '' while Sage does not have the commitment."""
        pill = self._verdict.pill()
        return pill.text if pill else ""

    def show_figures(self, figures: Figures) -> None:
        """Shows other figures. Change orders and invoices live in Sage only, so the upper row leaves them out."""
        here: tuple[Decimal | None, ...] = (figures.here, None, None, None)
        for name, labels, amounts in (("erpdesk", self._here, here), ("Sage", self._sage, figures.sage)):
            for title, label, amount in zip(TITLES, labels, amounts, strict=True):
                label.setText(NOTHING if amount is None else show_amount(amount))
                set_look(label, "tone", "red" if amount is not None and amount < 0 else "grey")
                label.setAccessibleName(f"{title} in {name}: {label.text()}")
        self._verdict.set_pill(figures.verdict)
        known = figures.committed_cost is not None
        of_job = f"Committed cost of job {figures.job} in Sage"
        self._job_title.setText(of_job if figures.job else "Job's committed cost")
        self._job.setText(show_amount(figures.committed_cost) if figures.committed_cost is not None else NOTHING)
        self._job.setAccessibleName(f"{self._job_title.text()}: {self._job.text() if known else 'not known yet'}")
