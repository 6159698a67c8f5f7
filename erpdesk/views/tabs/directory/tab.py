"""The Directory tab: Sage's vendors as last read, and the facts of the chosen one."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, KeyValue, KeyValueGrid, Muted
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.missing import NO_COMPANIES
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.tabs.directory.columns import CHIPS, COLUMNS, INACTIVE, company_row, is_vendor, status_of
from erpdesk.workflows.rows import VendorRow

TOUCHED = frozenset({"vendor", "sage", "company"})
NOT_LINKED = (
    "This company is not linked to a Sage vendor, so a commitment with it can not be sent to ERP.",
    "Linking comes with the vendor workflow; until then choose another company.",
)
NOTE = "Vendors come from Sage and are changed there. They are read again at every sync."


class VendorCard(Card):
    """The facts of one vendor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Vendor", parent=parent)
        self._pill = PillLabel()
        self.add_to_header(self._pill)
        self.banner = Banner()
        self.facts = KeyValueGrid(columns=1)
        self.add(self.banner)
        self.add(self.facts)
        self.body.addStretch(1)
        self.add(Muted(NOTE))

    def show_vendor(self, row: VendorRow | None) -> None:
        """Shows another vendor, or asks to choose one."""
        set_shown(self.facts, row is not None)
        if row is None:
            self.set_title("No vendor chosen")
            self._pill.set_pill(None)
            self.banner.show_words("info", "Choose a vendor in the list to see its facts and its linked company.")
            return
        self.set_title(row.name)
        self._pill.set_pill(status_of(row))
        if not is_vendor(row):
            self.banner.show_words("warning", *NOT_LINKED)
            self.facts.set_values([KeyValue("Company", row.name), KeyValue("Vendor in Sage", "None")])
            return
        if row.status == INACTIVE:
            self.banner.show_words("warning", "Inactive in Sage: a commitment with this vendor can not be exported.")
        elif not row.company:
            self.banner.show_words("info", "No company of the directory is linked to this vendor yet.")
        else:
            self.banner.clear()
        place = ", ".join(part for part in (row.city, row.state) if part)
        self.facts.set_values(
            [
                KeyValue("Vendor in Sage", row.vendor),
                KeyValue("Type", row.type or "–"),
                KeyValue("Place", place or "–"),
                KeyValue("Telephone", row.telephone or "–"),
                KeyValue("Linked company", row.company or "None"),
            ]
        )


class DirectoryTab(QWidget):
    """Lists vendors; ``summary_changed`` carries what is selected for the status bar."""

    summary_changed = Signal(str)

    def __init__(self, session: Session, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = ""
        self.table = RecordTable(
            "vendors",
            COLUMNS,
            store=store,
            noun=("vendor", "vendors"),
            empty_title="No vendors yet",
            empty_hint="They appear when Sage has been read. Press F5 to read it now.",
            totals=False,
        )
        self.filter = ListBar(self.table, [chip for chip, _ in CHIPS], "Filter vendors", title="Vendors")
        self.card = VendorCard()
        left = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        self.missing = Banner()
        top.addWidget(self.missing)
        top.addWidget(self.filter)
        left.body.addLayout(top)
        left.add(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(10)
        split.addWidget(left)
        split.addWidget(self.card)
        split.setStretchFactor(0, 1)
        split.setSizes([980, 380])
        self.card.setMinimumWidth(300)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(split)
        self.setFocusProxy(self.table)
        self.card.show_vendor(None)
        self.filter.chip_changed.connect(self._on_chip)
        self.table.selection_changed.connect(self._on_selected)
        self.table.summary_changed.connect(self.summary_changed)
        session.changed.connect(self._on_changes)
        self._on_chip(self.filter.chip())
        self.reload()

    def reload(self) -> None:
        """Reads the vendors again."""
        queries = self._session.desk.queries

        def read() -> tuple[tuple[VendorRow, ...], bool]:
            companies = queries.companies()
            unlinked = (each for each in companies if not each.sage_vendor)
            return (*queries.vendors(), *map(company_row, unlinked)), bool(companies)

        self._session.read(read, self._take_rows, key="vendors")

    def show_record(self, record_id: str) -> None:
        """Goes to a vendor or a company, whatever the list is narrowed to."""
        if not self.table.set_current_id(record_id):
            self.filter.clear()
            self._wanted = record_id
            self.reload()

    def _take_rows(self, answer: tuple[tuple[VendorRow, ...], bool]) -> None:
        rows, some = answer
        self.missing.show_words("info", *() if some else (NO_COMPANIES,))
        self.table.set_rows(rows)
        self.filter.set_counts({chip.key: sum(map(test, rows)) for chip, test in CHIPS})
        wanted, self._wanted = self._wanted, ""
        if not (wanted and self.table.set_current_id(wanted)):
            self._on_selected(self.table.selected_ids())

    def _on_chip(self, key: str) -> None:
        test = next(test for chip, test in CHIPS if chip.key == key)
        self.table.set_where(None if key == "all" else test)

    def _on_selected(self, ids: tuple[Hashable, ...]) -> None:
        self.card.show_vendor(self.table.row(ids[0]) if len(ids) == 1 else None)

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            self.reload()
