"""The window "Audit trail": its entries with their check, and a page for auditors about what the trail proves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent, QStatusTipEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.views.audit.entries_page import EntriesPage
from erpdesk.views.audit.meaning_page import MeaningPage
from erpdesk.views.kit.side_nav import NavItem, SideNav

if TYPE_CHECKING:
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.workflows.audit_trail import AuditTrail

PLACE = "audit-window/geometry"
NAV_WIDTH, NAV_ROOM = 150, 62
PAGES = (("entries", "Entries"), ("meaning", "What it proves"))


class AuditWindow(QDialog):
    """Stays beside the main window; only those with the right see entries in it."""

    def __init__(self, session: Session, trail: AuditTrail, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Audit trail")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        self.entries = EntriesPage(session, trail, store)
        self._pages: dict[str, QWidget] = {"entries": self.entries}
        self._makers: dict[str, Callable[[], QWidget]] = {"meaning": MeaningPage}
        self.nav = SideNav([NavItem(key, title) for key, title in PAGES])
        self.nav.setAccessibleName("Pages about the audit trail")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.entries)
        side = QFrame()
        longest = max(self.fontMetrics().horizontalAdvance(title) for _, title in PAGES)
        side.setFixedWidth(max(NAV_WIDTH, longest + NAV_ROOM))
        down = QVBoxLayout(side)
        down.setContentsMargins(0, 6, 0, 6)
        down.addWidget(self.nav)
        down.addStretch(1)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(side)
        across.addWidget(self.stack, 1)
        self.nav.chosen.connect(self.show_page)
        self.nav.set_chosen("entries")
        self.setMinimumSize(820, 520)
        self.resize(1240, 780)
        place = store.value(PLACE)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)

    def show_page(self, key: str) -> QWidget:
        """Shows ``entries`` or ``meaning`` and answers it."""
        if key not in self._pages:
            self._pages[key] = self._makers[key]()
            self.stack.addWidget(self._pages[key])
        self.nav.set_chosen(key)
        self.stack.setCurrentWidget(self._pages[key])
        return self._pages[key]

    def done(self, result: int) -> None:
        """Leaves by Esc as the close button does."""
        self._leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keeps where the window lay, and ends a check that runs."""
        self._leave()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)

    def _leave(self) -> None:
        self._store.setValue(PLACE, self.saveGeometry())
        self.entries.stop()


def show_audit(session: Session, trail: AuditTrail, store: LayoutStore, parent: QWidget) -> AuditWindow:
    """Opens the window about the audit trail, or brings the open one to the front."""
    found = parent.findChild(AuditWindow)
    window = found if found is not None else AuditWindow(session, trail, store, parent)
    window.show()
    window.raise_()
    window.activateWindow()
    return window
