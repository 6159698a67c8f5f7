"""The tools of an open company: made when they are needed, and tied to each other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.tabs.commitments.tab import CommitmentsTab
from erpdesk.views.tabs.directory.tab import DirectoryTab
from erpdesk.views.tabs.erp_integrations.tab import ErpIntegrationsTab
from erpdesk.views.tabs.home.tab import HomeTab
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import QueueCounts
from erpdesk.workflows.search_rows import Found

ONLY_IN_SAGE = "{} {} is in Sage only, without a record in erpdesk. Menu > Sage > Reading lists what was made in Sage."


class CompanyTabs(QObject):
    """Makes each tool once. Tools do not know each other: what leads from one to another goes through here."""

    summary_changed = Signal(str, str)
    counts_changed = Signal(object)
    waiting_changed = Signal()
    front_asked = Signal(str)
    project_asked = Signal(str)

    def __init__(self, session: Session, registry: ActionRegistry, store: LayoutStore, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._store = store
        self._made: dict[str, QWidget] = {}
        self.waiting = 0
        self._away = self._trouble = ""
        self.to_correct = 0

    def made(self, key: str) -> bool:
        """Whether the tool is there."""
        return key in self._made

    def make(self, key: str) -> QWidget:
        """The tool with this key, made at the first call."""
        if key not in self._made:
            self._made[key] = {
                "home": self._make_home,
                "commitments": self._make_commitments,
                "directory": self._make_directory,
                "erp": self._make_erp,
            }[key]()
        return self._made[key]

    def _make_home(self) -> QWidget:
        tab = HomeTab(self._session, self._store)
        tab.summary_changed.connect(lambda words: self.summary_changed.emit("home", words))
        tab.go_to.connect(self._go_to)
        tab.counted.connect(self._on_waiting)
        tab.show_trouble(self._trouble)
        return tab

    def _make_commitments(self) -> QWidget:
        tab = CommitmentsTab(self._session, self._registry, self._store)
        tab.summary_changed.connect(lambda words: self.summary_changed.emit("commitments", words))
        tab.front_asked.connect(lambda: self.front_asked.emit("commitments"))
        return tab

    def _make_directory(self) -> QWidget:
        tab = DirectoryTab(self._session, self._store)
        tab.summary_changed.connect(lambda words: self.summary_changed.emit("directory", words))
        return tab

    def _make_erp(self) -> QWidget:
        tab = ErpIntegrationsTab(self._session, self._registry, self._store)
        tab.summary_changed.connect(lambda words: self.summary_changed.emit("erp", words))
        tab.counts_changed.connect(self._on_counts)
        if self._away:
            tab.show_away(self._away)
        tab.go_to_asked.connect(lambda item, kind: self._go_to(kind, None, item))
        tab.fix_asked.connect(self._fix)
        return tab

    @property
    def home(self) -> HomeTab:
        """The page where a person begins."""
        tab = self.make("home")
        assert isinstance(tab, HomeTab)
        return tab

    @property
    def commitments(self) -> CommitmentsTab:
        """The Commitments tool."""
        tab = self.make("commitments")
        assert isinstance(tab, CommitmentsTab)
        return tab

    @property
    def directory(self) -> DirectoryTab:
        """The Directory tool."""
        tab = self.make("directory")
        assert isinstance(tab, DirectoryTab)
        return tab

    @property
    def erp(self) -> ErpIntegrationsTab:
        """The ERP Integrations tool."""
        tab = self.make("erp")
        assert isinstance(tab, ErpIntegrationsTab)
        return tab

    @property
    def dirty(self) -> bool:
        """Whether something typed is not saved."""
        return self.made("commitments") and self.commitments.dirty

    def forget(self) -> None:
        """Whoever acted is gone: their pages are closed and their lists are empty until somebody else comes in."""
        if self.made("commitments"):
            self.commitments.forget()
        if self.made("erp"):
            self.erp.forget()
        if self.made("home"):
            self.home.forget()
        self._on_counts(QueueCounts())
        self._on_waiting(0, 0)

    def leave(self, then: Callable[[], object]) -> None:
        """Asks about changes that are not saved, then goes on."""
        if self.dirty:
            self.front_asked.emit("commitments")
            self.commitments.leave(then)
        else:
            then()

    def _on_counts(self, counts: QueueCounts) -> None:
        self.counts_changed.emit(counts)

    def _on_waiting(self, in_erp: int, to_correct: int) -> None:
        self.waiting, self.to_correct = in_erp, to_correct
        self.waiting_changed.emit()

    def go_to_found(self, record: Found) -> None:
        """Shows a record that was searched for, in the tool where it is at home."""
        if record.kind == "commitment":
            self._go_to("commitment", None, record.ref)
        elif record.kind in ("vendor", "company"):
            self.front_asked.emit("directory")
            self.directory.show_record(record.ref)
        elif record.kind == "project":
            self.project_asked.emit(record.ref)
        else:
            self._session.messages.info(ONLY_IN_SAGE.format(record.kind_title, record.number))

    def tell_away(self, why: str, trouble: str = "") -> None:
        """Says in ERP Integrations why nothing reaches Sage, and that review goes on; '' when it does again.

        ``trouble`` is what a person has to put right; it stands on Home too, for as long as it lasts.
        """
        self._away, self._trouble = trouble or why, trouble
        if self.made("erp"):
            self.erp.show_away(self._away)
        if self.made("home"):
            self.home.show_trouble(trouble)

    def _fix(self, item: str, kind: str, field: str, line: int) -> None:
        """Opens an item in its own tool at the field that Sage’s reason means."""
        if kind == "commitment":
            self.front_asked.emit("commitments")
            self.commitments.open(item, (field, line))

    def _go_to(self, kind: str, view: View | None, item: str) -> None:
        """Shows an item: in its view of ERP Integrations, or in its own tool when it stands in none."""
        if view is not None:
            self.front_asked.emit("erp")
            self.erp.open_at(kind, view, item)
        elif kind == "commitment":
            self.front_asked.emit("commitments")
            self.commitments.open(item)
