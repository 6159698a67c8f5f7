"""The job-cost transactions of the chosen project as Sage holds them, in a window beside the main one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.errors import ForPeople
from erpdesk.core.money import show_amount, show_quantity
from erpdesk.views.kit.card import Card, Check, CheckList, KeyValue, KeyValueGrid, Title
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.windowed_table import WindowedTable
from erpdesk.views.session import LayoutStore, Session
from erpdesk.workflows.rows import CostTotal

if TYPE_CHECKING:
    from erpdesk.workflows.ports import CostTransactions

TOUCHED = frozenset({SAGE, "project"})
PLACE = "job-costs/geometry"
ALL_JOBS = "All jobs"
MOST_EXTRAS = 4
NOT_SHOWN = "Not shown to you"
NOT_SYNCED = ("This project has no job in Sage", "Job costs appear once the project is synced with a Sage job.")
NOT_READ = ("No job-cost transactions", "They appear when Sage has been read. Press F5 in the main window to read it.")

COLUMNS = (
    Column("day", "Date", "date", 96, group="Transaction", value=attrgetter("day"), tooltip="Date of the transaction"),
    Column(
        "accounting_day",
        "Acctg date",
        "date",
        96,
        group="Transaction",
        value=attrgetter("accounting_day"),
        tooltip="Accounting date",
    ),
    Column("job", "Job", width=90, show=False, group="Where", value=attrgetter("job")),
    Column("cost_code", "Cost code", width=92, group="Where", value=attrgetter("cost_code")),
    Column("category", "Category", width=84, group="Where", value=attrgetter("category")),
    Column("extra", "Extra", width=66, group="Where", value=attrgetter("extra"), tooltip="Empty for the base job"),
    Column("type", "Type", width=82, group="Transaction", value=attrgetter("type")),
    Column("vendor", "Vendor", width=92, group="Source", value=attrgetter("vendor")),
    Column("invoice", "Invoice", width=104, group="Source", value=attrgetter("invoice")),
    Column("commitment", "Commitment", width=108, group="Source", value=attrgetter("commitment")),
    Column("description", "Description", width=148, stretch=True, group="Transaction", value=attrgetter("description")),
    Column(
        "units",
        "Units",
        "quantity",
        76,
        group="Transaction",
        value=attrgetter("units"),
        text=lambda units: show_quantity(units) if units else "",
    ),
    Column("amount", "Amount", "money", 112, group="Transaction", value=attrgetter("amount")),
)


class JobCostsWindow(QDialog):
    """Lists the transactions of the project that is chosen in the main window, and follows it.

    Above the list stands what Sage itself keeps as cost to date, beside what the listed cost transactions add up to.
    """

    def __init__(self, session: Session, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Job cost transactions")
        self._session = session
        self._store = store
        self._transactions: CostTransactions | None = None
        self.title = Title("Job cost transactions")
        self.about = QLabel()
        self.messages = Messages()
        self.totals = KeyValueGrid(columns=3)
        self.checks = CheckList()
        self.table = WindowedTable(
            "job-costs",
            COLUMNS,
            read=session.jobs.read,
            store=store,
            sort=("day", True),
            noun=("transaction", "transactions"),
        )
        self.filter = ListBar(
            self.table,
            placeholder="Filter by any word, number or amount",
            title="Job cost transactions",
            heading=self.about.text,
        )
        self._build()
        self.table.copied.connect(lambda count: self.messages.success(f"{_rows(count)} copied."))
        session.project_changed.connect(self.follow_project)
        session.changed.connect(self._on_changes)
        self.follow_project()
        self.table.setFocus()

    def follow_project(self) -> None:
        """Shows the project that is chosen now."""
        session = self._session
        project = session.project
        if project is None:
            self.about.setText(ALL_JOBS)
        else:
            job = f"Sage job {project.sage_job}" if project.sage_job else "not synced with Sage"
            self.about.setText(f"{project.number} · {project.name} · {job}")
        queries, project_id, actor = session.desk.queries, session.project_id, session.actor
        session.read(
            lambda: queries.transactions(project_id, actor), self._take_source, (id(self), "source"), self._not_shown
        )

    def _not_shown(self, error: BaseException) -> None:
        """Nothing stays of what the acting person may not see; the list says why."""
        if isinstance(error, ForPeople):
            self._take_source(None)
            self.table.set_empty(NOT_SHOWN, error.what)

    def done(self, result: int) -> None:
        """Remembers place and size; answers that are still under way find nobody."""
        for what in ("source", "totals"):
            self._session.jobs.forget((id(self), what))
        self._store.setValue(PLACE, self.saveGeometry())
        super().done(result)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)

    def _build(self) -> None:
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        close = QPushButton("&Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        summary = Card("Cost to date")
        summary.add(self.totals)
        summary.add(self.checks)
        listed = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.addWidget(self.filter)
        listed.body.addLayout(top)
        listed.add(self.table, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        for part in (self.title, self.about, self.messages, summary):
            around.addWidget(part)
        around.addWidget(listed, 1)
        around.addLayout(buttons)
        self.setMinimumSize(760, 480)
        self.resize(1300, 800)
        kept = self._store.value(PLACE)
        if isinstance(kept, QByteArray):
            self.restoreGeometry(kept)

    def _take_source(self, source: CostTransactions | None) -> None:
        self._transactions = source
        self.table.set_empty(*(NOT_SYNCED if source is None else NOT_READ))
        self.table.set_source(source)
        self.table.show_column("job", self._session.project is None)
        if source is None:
            self._take_totals(())
        else:
            self._read_totals(source)

    def _read_totals(self, source: CostTransactions) -> None:
        self._session.read(source.standing, self._take_totals, key=(id(self), "totals"))

    def _take_totals(self, totals: Sequence[CostTotal]) -> None:
        self.totals.set_values(facts(totals))
        self.checks.set_checks(checks(totals))

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            if self._transactions is None:
                self.follow_project()
            else:
                self.table.reload()
                self._read_totals(self._transactions)


def facts(totals: Sequence[CostTotal]) -> list[KeyValue]:
    """Sage's own cost to date of the base job and of each extra; many jobs or extras are added up."""
    bases = [each for each in totals if not each.extra]
    extras = [each for each in totals if each.extra]
    found = []
    if len(bases) > 1:
        found.append(_fact(f"JTD cost of {len(bases)} base jobs", bases))
    else:
        found += [_fact(f"JTD cost, base job {each.job}", [each]) for each in bases]
    other = sum((each.listed_other for each in totals), Decimal("0.00"))
    if other:
        found.append(KeyValue("Budget and other entries in this list, no cost", show_amount(other)))
    if len(extras) > MOST_EXTRAS or (extras and len(bases) > 1):
        found.append(_fact(f"JTD cost of {len(extras)} extras", extras))
    else:
        found += [_fact(f"JTD cost, extra {each.extra} {each.title}".rstrip(), [each]) for each in extras]
    return found


def checks(totals: Sequence[CostTotal]) -> list[Check]:
    """Whether the listed cost transactions add up to what Sage keeps, for base jobs and extras apart."""
    odd = [each for each in totals if each.jtd_cost != each.listed_cost]
    if not totals:
        return []
    if not odd:
        return [Check("The cost transactions add up to these amounts, to the cent.")]
    found = [
        Check(
            f"{_place(each)}: the cost transactions add up to {show_amount(each.listed_cost)}, "
            f"Sage keeps {show_amount(each.jtd_cost)}.",
            "warning",
        )
        for each in odd[:MOST_EXTRAS]
    ]
    if len(odd) > MOST_EXTRAS:
        found.append(Check(f"{len(odd) - MOST_EXTRAS} more jobs or extras differ.", "warning"))
    return found


def show_job_costs(session: Session, store: LayoutStore, parent: QWidget) -> JobCostsWindow:
    """Opens the window, or brings the open one to the front."""
    found = parent.findChild(JobCostsWindow)
    window = found if found is not None else JobCostsWindow(session, store, parent)
    window.show()
    window.raise_()
    window.activateWindow()
    return window


def _fact(name: str, totals: Sequence[CostTotal]) -> KeyValue:
    return KeyValue(name, show_amount(sum((each.jtd_cost for each in totals), Decimal("0.00"))))


def _place(total: CostTotal) -> str:
    return f"Job {total.job}, extra {total.extra}" if total.extra else f"Job {total.job}"


def _rows(count: int) -> str:
    return "One transaction" if count == 1 else f"{count:,} transactions"
