"""The Home tab: what waits for the acting person, oldest first; what failed; how fresh Sage's data is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSplitter, QVBoxLayout, QWidget

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.money import show_amount
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.missing import why_no_project
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.tabs.home.columns import TABLES, WAITING
from erpdesk.views.tabs.home.figures import Figure
from erpdesk.workflows.console_rows import HomePage, View, WaitingRow

TOUCHED = frozenset({"commitment", "submission", "person", SAGE})
BESIDE = 1180
"""Width below which the two lists stand under each other, at the usual text size."""
FOUR_CARDS = 1000
FRESHNESS = 490
USUAL_POINTS = 10
NOTHING_WAITS = "Nothing waits for you"
NOTHING_HINT = "What needs your decision or your correction appears here, the oldest first."
FIGURES = (
    (View.FAILED_TO_EXPORT, "Failed to export", "error", "red", "Sage did not take them; see the reason of each"),
    (View.IN_DOUBT, "In doubt", "warning", "yellow", "It is not certain whether Sage has them"),
    (View.EXPORTING, "Exporting", "clock", "blue", "Accepted, on their way to Sage"),
    (View.SYNCED, "Exported today", "check", "green", "Read back from Sage today, equal to what was approved"),
)


class HomeTab(QWidget):
    """Where a person begins.

    ``go_to`` carries kind, view and id of what to open: a submission for a view of ERP Integrations, the item itself
    when the view is None; an empty kind and id mean the view of whatever kind has items there. ``summary_changed``
    carries the selection for the status bar.
    """

    go_to = Signal(str, object, str)
    summary_changed = Signal(str)
    counted = Signal(int, int)
    """How many items wait for the person in ERP Integrations, and how many in their own tools."""

    def __init__(self, session: Session, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._console = session.desk.console
        self.page: HomePage | None = None
        self.figures = {view: Figure(title, icon, tone, hint) for view, title, icon, tone, hint in FIGURES}
        self.banner = Banner()
        self.alarm = Banner()
        self.waiting = RecordTable(
            "home-waiting",
            WAITING,
            store=store,
            noun=("item", "items"),
            empty_title=NOTHING_WAITS,
            empty_hint=NOTHING_HINT,
        )
        self.waiting.setAccessibleName("What waits for you")
        self.filter = ListBar(self.waiting, (), "Filter what waits", store=store, title="Waits for me")
        self.tables = RecordTable(
            "home-tables",
            TABLES,
            row_id=lambda row: row.title,
            store=store,
            noun=("table", "tables"),
            totals=False,
            empty_title="Sage was not read yet",
            empty_hint="Press F5 to read it now.",
        )
        self.tables.setAccessibleName("How fresh Sage's data is")
        self.tables_filter = ListBar(self.tables, (), "Filter the tables", store=store, title="Freshness of Sage")
        self._lay_out()
        self.setFocusProxy(self.waiting)
        self._connect()
        self._explain_empty()
        self.reload()

    def _lay_out(self) -> None:
        self._cards = QGridLayout()
        self._cards.setSpacing(10)
        self._columns = 0
        mine = Card("Waits for you")
        self.hint = Muted("Press Enter to go there.")
        self.hint.setWordWrap(False)
        mine.add_to_header(self.hint, right=True)
        mine.add(self.filter)
        mine.add(self.waiting, 1)
        self.freshness = Card("How fresh Sage’s data is")
        self.freshness.add(self.banner)
        self.freshness.add(self.tables_filter)
        self.freshness.add(self.tables, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(10)
        self._split.addWidget(mine)
        self._split.addWidget(self.freshness)
        self._split.setStretchFactor(0, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.setSpacing(10)
        around.addWidget(self.alarm)
        around.addLayout(self._cards)
        around.addWidget(self._split, 1)
        self._share_room()

    def _connect(self) -> None:
        self.waiting.opened.connect(self._on_opened)
        self.waiting.summary_changed.connect(self.summary_changed)
        for view, figure in self.figures.items():
            figure.asked.connect(partial(self._on_figure, view))
        self._session.changed.connect(self._on_changes)
        self._session.sage_read.connect(self.reload)
        self._session.person_changed.connect(self.reload)
        self._session.projects_changed.connect(self._explain_empty)
        self._session.ticked.connect(self._on_tick)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stands the lists beside or under each other."""
        super().resizeEvent(event)
        self._share_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size and the colours of the theme."""
        super().changeEvent(event)
        if not hasattr(self, "_split"):
            return
        if event.type() == QEvent.Type.FontChange:
            self._share_room()
        elif event.type() == QEvent.Type.PaletteChange:
            for figure in self.figures.values():
                figure.tint()

    def _share_room(self) -> None:
        scale = max(1.0, self.font().pointSizeF() / USUAL_POINTS)
        columns = 4 if self.width() >= FOUR_CARDS * scale else 2
        if columns != self._columns:
            self._columns = columns
            for place, figure in enumerate(self.figures.values()):
                self._cards.addWidget(figure, *divmod(place, columns))
            for column in range(4):
                self._cards.setColumnStretch(column, 1 if column < columns else 0)
        wide = self.width() >= BESIDE * scale
        direction = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._split.orientation() is not direction or not any(self._split.sizes()):
            self._split.setOrientation(direction)
            self._split.setSizes([640, 480] if wide else [600, 200])
        self.freshness.setMinimumWidth(round(FRESHNESS * scale) if wide else 0)

    def forget(self) -> None:
        """Whoever acted is gone: nothing of their page stays."""
        self._session.jobs.forget("home")
        self.page = None
        self.filter.clear()
        self.waiting.set_rows(())
        self.tables.set_rows(())
        self.banner.clear()
        self.hint.setText("")
        for figure in self.figures.values():
            figure.set_figure(0)

    def show_trouble(self, why: str) -> None:
        """Shows for as long as it lasts what keeps accepted items from Sage; '' when it is over."""
        if why:
            self.alarm.show_words("error", why)
        else:
            self.alarm.clear()

    def reload(self) -> None:
        """Reads the page again."""
        console, actor = self._console, self._session.actor
        if not actor:
            return
        self._session.read(lambda: console.home(actor), self._take, key="home")

    def _take(self, page: HomePage) -> None:
        self.page = page
        own = sum(row.view is None for row in page.waiting)
        self.counted.emit(len(page.waiting) - own + page.more, own)
        self.waiting.set_rows(page.waiting)
        # Where nothing waits there is nothing to scroll to.
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.waiting.setHorizontalScrollBarPolicy(needed if page.waiting else never)
        if self.waiting.current_id() is None and page.waiting:
            self.waiting.set_current_id(page.waiting[0].id)
        self.tables.set_rows(sorted(page.tables, key=lambda table: not (table.stale or table.problem)))
        more = f" The oldest {len(page.waiting):,} are listed; {page.more:,} more wait." if page.more else ""
        self.hint.setText(f"Press Enter to go there.{more}" if page.waiting else "")
        counts = {View.FAILED_TO_EXPORT: page.failed, View.IN_DOUBT: page.in_doubt, View.EXPORTING: page.exporting}
        for view, count in counts.items():
            self.figures[view].set_figure(count)
        amount = f"${show_amount(page.exported_today_amount)}" if page.exported_today else ""
        self.figures[View.SYNCED].set_figure(page.exported_today, amount)
        self._say_age(page)

    def _say_age(self, page: HomePage) -> None:
        old = [table.title for table in page.tables if table.stale or table.read_began is None]
        if not old:
            self.banner.clear()
            return
        names = ", ".join(old[:3]) + (f" and {len(old) - 3} more" if len(old) > 3 else "")
        self.banner.show_words(
            "warning",
            f"Old data: {names}.",
            "Accepting asks for a reason.",
        )

    def _explain_empty(self) -> None:
        title, why = why_no_project(self._session)
        self.waiting.set_empty(title or NOTHING_WAITS, why or NOTHING_HINT)

    def _on_opened(self, row: WaitingRow) -> None:
        self.go_to.emit(row.kind, row.view, row.id if row.view else row.item_id)

    def _on_figure(self, view: View) -> None:
        self.go_to.emit("", view, "")

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            self.reload()

    def _on_tick(self) -> None:
        for table in (self.waiting, self.tables):
            table.viewport().update()
