"""The *Stand-in Sage* window of the sample company: a trainee plays the person in Sage."""

from __future__ import annotations

import threading
from typing import Protocol

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QStatusTipEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.office import Office
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.side_nav import NavItem, SideNav
from erpdesk.views.sage.standin_books import CommitmentsPage, MonthPage, PayPage, PostPage, VendorPage
from erpdesk.views.sage.standin_faults import FaultsPage
from erpdesk.views.sage.standin_import import ImportPage
from erpdesk.views.sage.standin_page import StandInDesk, StandInPage, Tick, counted
from erpdesk.views.session import LayoutStore

PLACE = "standin/geometry"
LOOK_AGAIN_MS = 2000
PLAYS = "This plays Sage. Nothing here is erpdesk."
# A ground of its own, in light and dark, so that nobody takes this window for erpdesk's.
LOOK = """
QFrame#band { background: #1f5f43; border: none; }
QFrame#band QLabel { color: #ffffff; }
QPushButton[primary="true"][blocked="false"] { background: #1f5f43; border: 1px solid #1f5f43; color: #ffffff; }
QPushButton[primary="true"][blocked="false"]:hover { background: #17482f; }
QPushButton[primary="true"][blocked="false"]:focus { border: 1px solid #9fd8b8; }
"""


class Switchable(Protocol):
    """The person in Sage who runs imports by himself, and who can be told to wait."""

    paused: bool


class StandInWindow(QDialog):
    """Imports, posting, paying, vendors, commitments, months and troubles of the stand-in company, one page each.

    ``changed`` comes after each act that may have changed Sage's data. ``operator`` runs imports by itself unless its
    ``paused`` is set; without one, the switch says that nobody does.
    """

    changed = Signal()

    def __init__(
        self,
        company: SandboxCompany,
        jobs: Jobs,
        store: LayoutStore,
        parent: QWidget | None = None,
        operator: Switchable | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Stand-in Sage")
        self.setStyleSheet(LOOK)
        self._store = store
        self._operator = operator
        self._left = threading.Event()
        self.messages = Messages()
        self.desk = StandInDesk(company, jobs, store, self.messages, self)
        self.imports = ImportPage(self.desk, self._left.is_set)
        self.post = PostPage(self.desk)
        self.pay = PayPage(self.desk)
        self.vendors = VendorPage(self.desk)
        self.commitments = CommitmentsPage(self.desk)
        self.month = MonthPage(self.desk)
        self.faults = FaultsPage(self.desk)
        self.pages: dict[str, tuple[str, StandInPage]] = {
            "import": ("Imports", self.imports),
            "post": ("Post", self.post),
            "pay": ("Pay invoices", self.pay),
            "vendors": ("Vendors", self.vendors),
            "commitments": ("Commitments", self.commitments),
            "month": ("Close month", self.month),
            "faults": ("What can go wrong", self.faults),
        }
        self.nav = SideNav([NavItem(key, words) for key, (words, _) in self.pages.items()])
        self.stack = QStackedWidget()
        self.company_name = QLabel()
        self.mailbox = Muted()
        self.by_itself = Tick("Run each import as its &file arrives")
        self._build()
        self.nav.chosen.connect(self.show_page)
        self.by_itself.toggled.connect(self._turn_operator)
        self.desk.seen.connect(self._show_office)
        self.desk.acted.connect(self.changed)
        # The mailbox fills and empties while the window is open, without anybody telling.
        self._timer = QTimer(self, interval=LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._look_again)
        self._timer.start()
        self.desk.read()
        self.nav.setFocus()

    def show_page(self, key: str) -> None:
        """Brings a page to the front; raises KeyError for an unknown one."""
        self.nav.set_chosen(key)
        self.stack.setCurrentWidget(self.pages[key][1])
        self.messages.clear()

    @property
    def settled(self) -> bool:
        """Whether nothing of this window is under way."""
        return not self.desk.under_way and self.desk.jobs.idle

    def done(self, result: int) -> None:
        """Remembers place and size; an import that waits for an answer is given up."""
        self._leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaves as Esc does."""
        self._leave()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)

    def _leave(self) -> None:
        if not self._left.is_set():
            self._left.set()
            self._timer.stop()
            self.desk.forget()
            self._store.setValue(PLACE, self.saveGeometry())

    def _build(self) -> None:
        band = QFrame()
        band.setObjectName("band")
        across = QHBoxLayout(band)
        across.setContentsMargins(16, 10, 16, 10)
        names = QVBoxLayout()
        names.setSpacing(1)
        title = QLabel("Stand-in Sage")
        title.setProperty("role", "title")
        names.addWidget(title)
        self.company_name.setTextFormat(Qt.TextFormat.PlainText)
        names.addWidget(self.company_name)
        across.addLayout(names, 1)
        plays = QLabel(PLAYS)
        plays.setWordWrap(True)
        plays.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        across.addWidget(plays, 1)
        self.nav.setAccessibleName("Tasks in Sage")
        tasks = Card(margins=False)
        tasks.add(self.nav)
        tasks.body.addStretch(1)
        tasks.setMinimumWidth(self.nav.sizeHint().width() + 2)
        for _, page in self.pages.values():
            self.stack.addWidget(page)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(tasks)
        middle.addWidget(self.stack, 1)
        refresh = QPushButton("&Look again")
        refresh.setAutoDefault(False)
        refresh.setToolTip("Read Sage's books and the mailbox again (F5)")
        refresh.clicked.connect(self.desk.read)
        QShortcut(QKeySequence(Qt.Key.Key_F5), self, self.desk.read)
        close = QPushButton("&Close window")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        self.by_itself.setChecked(self._operator is not None and not self._operator.paused)
        self.by_itself.setEnabled(self._operator is not None)
        bottom = QHBoxLayout()
        bottom.setSpacing(10)
        bottom.addWidget(self.by_itself)
        bottom.addStretch(1)
        bottom.addWidget(refresh)
        bottom.addWidget(close)
        inner = QVBoxLayout()
        inner.setContentsMargins(12, 10, 12, 12)
        inner.setSpacing(10)
        inner.addWidget(self.messages)
        inner.addLayout(middle, 1)
        inner.addWidget(self.mailbox)
        inner.addLayout(bottom)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(0)
        around.addWidget(band)
        around.addLayout(inner, 1)
        self.setMinimumSize(820, 560)
        self.resize(1120, 760)
        kept = self._store.value(PLACE)
        if isinstance(kept, QByteArray):
            self.restoreGeometry(kept)

    def _show_office(self, office: Office) -> None:
        self.company_name.setText(office.name)
        files = ", ".join(each.id for each in office.mailbox)
        count = counted(len(office.mailbox), "file lies", "files lie")
        self.mailbox.setText(f"{count} in the mailbox: {files}." if files else "The mailbox is empty.")
        waiting = office.waiting
        self.nav.set_counts({"import": 0, "post": waiting.entries + waiting.invoices, "pay": len(office.unpaid)})

    def _look_again(self) -> None:
        if self.isVisible() and not self.desk.under_way:
            self.desk.read()

    def _turn_operator(self, on: bool) -> None:
        if self._operator is not None:
            self._operator.paused = not on


def show_standin(
    company: SandboxCompany, jobs: Jobs, store: LayoutStore, parent: QWidget, operator: Switchable | None = None
) -> StandInWindow:
    """Opens the window, or brings the open one to the front."""
    found = parent.findChild(StandInWindow)
    window = found if found is not None else StandInWindow(company, jobs, store, parent, operator)
    window.show()
    window.raise_()
    window.activateWindow()
    return window
