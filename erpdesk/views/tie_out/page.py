"""The tie-out report: its verdict, its filters, and its lines, which open into finer ones down to the items."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, Muted, Title
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.choice_list import Choice
from erpdesk.views.kit.date_field import DateEdit
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.search_combo import SearchCombo
from erpdesk.views.tie_out import columns, words
from erpdesk.views.tie_out.filters import end_of, offer, under
from erpdesk.workflows.search_rows import Found
from erpdesk.workflows.tie_out_rows import Level, Place, TieAsk, TieItemRow, TieRow, TieSummary

if TYPE_CHECKING:
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.workflows.tie_out_sums import TieBook

TITLE = "Tie-out report"
WAIT_MS = 150
TOUCHED = frozenset({SAGE, "submission"})
CHIPS = (ChipSpec("all", "All"), ChipSpec("off", "Differs"))
Lines = tuple[TieRow, ...] | tuple[TieItemRow, ...]


class TieOutPage(QWidget):
    """A snapshot: it is added up when it opens and when asked again, since it may take seconds.

    ``found`` carries an item that shall be shown where it is at home.
    """

    found = Signal(object)

    def __init__(self, session: Session, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._book: TieBook | None = None
        self._summary: TieSummary | None = None
        self._scope: Place = ()
        self._level = Level.KIND
        self._stop = threading.Event()
        self._soon = QTimer(self, singleShot=True, interval=WAIT_MS)
        self.verdict = Banner()
        self.cautions = Banner()
        self.stale = Banner()
        self.equations = QLabel()
        self.read_line = Muted()
        self.messages = Messages()
        self.kind = SearchCombo("Every kind")
        self.job = SearchCombo("Every job")
        self.since, self.until, self.accepted_to = DateEdit(), DateEdit(), DateEdit()
        self.levels = ChoiceCombo([(level.name, level.value) for level in Level])
        self.sides = ChoiceCombo(columns.SIDES)
        self.refresh = QPushButton("&Refresh")
        self.back = QPushButton("&Back")
        self.trail = QLabel()
        self.lines = RecordTable("tie-out", columns.GROUPED, store=store, noun=("line", "lines"))
        self.items = RecordTable("tie-out-items", columns.ITEMS, store=store, noun=("item", "items"))
        self.lines_bar = ListBar(self.lines, CHIPS, store=store, title=TITLE, heading=self.heading)
        self.items_bar = ListBar(self.items, CHIPS, store=store, title=TITLE, heading=self.heading)
        self.stack = QStackedWidget()
        self._build()
        for field in (self.kind, self.job, self.since, self.until, self.accepted_to):
            field.value_changed.connect(lambda *_: self._soon.start())
        self._soon.timeout.connect(self._on_filter)
        self.levels.value_changed.connect(self._on_level)
        self.sides.value_changed.connect(lambda *_: self._show_columns())
        self.lines_bar.chip_changed.connect(partial(_narrow, self.lines))
        self.items_bar.chip_changed.connect(partial(_narrow, self.items))
        self.lines.opened.connect(self._on_line)
        self.items.opened.connect(self._on_item)
        self.refresh.clicked.connect(self.reload)
        self.back.clicked.connect(self.go_back)
        for keys in (QKeySequence("Alt+Left"), QKeySequence(Qt.Key.Key_Backspace)):
            QShortcut(keys, self.stack, self.go_back, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        session.changed.connect(self._on_changes)
        session.person_changed.connect(self.reload)
        self.reload()

    @property
    def waiting(self) -> bool:
        """Whether a filter was chosen a moment ago and is not asked for yet."""
        return self._soon.isActive()

    @property
    def scope(self) -> Place:
        """The place that is shown; () = all of it."""
        return self._scope

    @property
    def level(self) -> Level:
        """How far it is broken down."""
        return self._level

    @property
    def summary(self) -> TieSummary | None:
        """The verdict and totals on screen; None until they are there."""
        return self._summary

    def ask(self) -> TieAsk:
        """What the filters ask for."""
        until = self.accepted_to.value()
        return TieAsk(
            kind=self.kind.value() or "",
            job=self.job.value() or "",
            since=self.since.value(),
            until=self.until.value(),
            cut_off=end_of(until) if until else None,
        )

    def heading(self) -> str:
        """What stands above the lines in files and on paper."""
        summary, session = self._summary, self._session
        person = session.person.name if session.person else ""
        if summary is None:
            return ""
        company = session.desk.office.settings().company
        return "\n".join(words.lines_above(summary, company, self._said_scope(), person))

    @Slot()
    def reload(self) -> None:
        """Gathers the report anew."""
        self._stop.set()
        self._stop = threading.Event()
        actor, tie_out, stop = self._session.actor, self._session.desk.tie_out, self._stop
        for table in (self.lines, self.items):
            table.set_empty(*words.WORKING)
            table.set_rows(())
        self.verdict.show_words("info", words.WORKING[0])
        self.stale.show_words("info")
        self._session.read(
            lambda: tie_out.gather(actor, stop.is_set), self._take_book, (id(self), "book"), self._on_error
        )

    def stop(self) -> None:
        """The window closes: what is under way ends, and its answers find nobody."""
        self._stop.set()
        self._soon.stop()
        for what in ("book", "rows"):
            self._session.jobs.forget((id(self), what))

    @Slot()
    def go_back(self) -> None:
        """Shows the next coarser level, one place up."""
        if self._scope:
            self._show(self._scope[:-1], tuple(Level)[len(self._scope) - 1])

    def drill(self, place: Place) -> None:
        """Shows what a place is made of."""
        self._show(place, tuple(Level)[len(place)])

    def _build(self) -> None:
        for label in (self.equations, self.trail):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.equations.setWordWrap(True)
        self.read_line.setWordWrap(True)
        set_icon(self.refresh, "refresh")
        for button in (self.refresh, self.back):
            button.setAutoDefault(False)
        self.refresh.setToolTip("Read items and Sage's figures anew and add them up")
        filters = FlowLayout(spacing=10)
        letter = self.fontMetrics().averageCharWidth()
        for name, field, width in (
            ("&Kind", self.kind, 20),
            ("&Job", self.job, 22),
            ("&From", self.since, 15),
            ("&To", self.until, 15),
            ("&Accepted up to", self.accepted_to, 16),
            ("&Group by", self.levels, 19),
            ("&Show", self.sides, 28),
        ):
            field.setFixedWidth(width * letter)
            field.setAccessibleName(name.replace("&", ""))
            filters.addWidget(under(name, field))
        self.accepted_to.setToolTip("The cut-off: to the end of this day. Empty: to the start of the last read of Sage")
        filters.addWidget(under("", self.refresh))
        for bar, table in ((self.lines_bar, self.lines), (self.items_bar, self.items)):
            page = QWidget()
            down = QVBoxLayout(page)
            down.setContentsMargins(0, 0, 0, 0)
            top = QVBoxLayout()
            top.setContentsMargins(12, 0, 12, 4)
            top.addWidget(bar)
            down.addLayout(top)
            down.addWidget(table, 1)
            self.stack.addWidget(page)
        where = QHBoxLayout()
        where.setContentsMargins(12, 8, 12, 0)
        where.addWidget(self.back)
        where.addWidget(self.trail, 1)
        listed = Card(margins=False)
        listed.body.addLayout(where)
        listed.add(self.stack, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(8)
        around.addWidget(Title(TITLE))
        around.addLayout(filters)
        for part in (self.messages, self.stale, self.verdict, self.cautions, self.equations, self.read_line):
            around.addWidget(part)
        around.addWidget(listed, 1)

    def _take_book(self, book: TieBook) -> None:
        if not shiboken6.isValid(self):
            return
        self._book = book
        jobs = [Choice(job, f"{job}  {book.jobs.get(job, '')}".strip()) for job in book.all_jobs()]
        offer(self.kind, [Choice(key, title) for key, title in book.titles.items()])
        offer(self.job, jobs)
        self._read_rows()

    def _show(self, scope: Place, level: Level) -> None:
        self._scope, self._level = scope, level
        self.levels.set_value(level.name)
        self._read_rows()

    def _read_rows(self) -> None:
        book, ask, level, scope = self._book, self.ask(), self._level, self._scope
        if book is None:
            return

        def work() -> tuple[TieSummary, Lines]:
            rows = book.item_rows(ask, scope) if level is Level.ITEM else book.rows(ask, level, scope)
            return book.summary(ask), rows

        self._session.read(work, self._take_rows, (id(self), "rows"), self._on_error)

    def _take_rows(self, answer: tuple[TieSummary, Lines]) -> None:
        if not shiboken6.isValid(self):
            return
        self._summary, rows = answer
        at_items = self._level is Level.ITEM
        bar, table = (self.items_bar, self.items) if at_items else (self.lines_bar, self.lines)
        focused = QApplication.focusWidget()
        here = focused is not None and self.stack.isAncestorOf(focused)
        turned = self.stack.currentIndex() != int(at_items)
        self.stack.setCurrentIndex(int(at_items))
        if here and turned:
            # Else the keyboard would be left on a button, and Enter would not open a line.
            table.setFocus()
        table.set_empty(*words.EMPTY)
        table.set_rows(rows)
        bar.set_counts({"all": len(rows), "off": sum(map(columns.differs, rows))})
        self._show_columns()
        self._say()
        self.back.setEnabled(bool(self._scope))
        self.back.setToolTip(words.BACK if self._scope else words.NO_BACK)
        self.trail.setText(self._said_scope())

    def _show_columns(self) -> None:
        if self._level is Level.ITEM:
            return
        keep = columns.wanted(self._level, self.sides.value(), self.lines.all_rows())
        for column in columns.GROUPED:
            self.lines.show_column(column.key, column.key in keep)

    def _say(self) -> None:
        summary = self._summary
        if summary is None:
            return
        kind = "success" if summary.proven else "error"
        if summary.proven and summary.total.differing:
            kind = "warning"
        elif summary.nothing:
            kind = "info"
        self.verdict.show_words(kind, summary.verdict(), *summary.broken)
        self.cautions.show_words("warning", *summary.warnings)
        self.equations.setText("\n".join(summary.equations()))
        told = f"{words.period(summary.ask)} · Accepted up to {words.moment(summary.cut_off)}"
        read = f"Sage's figures as read from {words.moment(summary.read_began)}"
        self.read_line.setText("\n".join((f"{told} · {read}", *summary.notes)))

    def _said_scope(self) -> str:
        titles = dict(self._book.titles) if self._book is not None else {}
        return " > ".join(words.path(self._scope, titles))

    def _on_error(self, error: BaseException) -> None:
        if shiboken6.isValid(self) and isinstance(error, ForPeople):
            self._book = self._summary = None
            for table in (self.lines, self.items):
                table.set_rows(())
                table.set_empty(error.what, error.next_step)
            self.verdict.show_words("info")
            self.equations.setText("")

    @Slot()
    def _on_filter(self) -> None:
        ask = self.ask()
        # A place outside of what is asked for has nothing in it.
        if (ask.kind and self._scope[:1] not in ((), (ask.kind,))) or (
            ask.job and len(self._scope) > 1 and self._scope[1] != ask.job
        ):
            self._show((), Level.KIND)
        else:
            self._read_rows()

    @Slot(object)
    def _on_level(self, name: str) -> None:
        level = Level[name]
        self._show(self._scope[: level.depth - 1], level)

    @Slot(object)
    def _on_line(self, row: TieRow) -> None:
        self.drill(row.place)

    @Slot(object)
    def _on_item(self, row: TieItemRow) -> None:
        item = row.item
        if not item.item_id:
            self.messages.info(words.ONLY_IN_SAGE.format(item.sage_id), topic="only in Sage")
            return
        self.found.emit(Found(item.kind, row.kind, item.item_id, item.sage_id, item.title))

    @Slot(object)
    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED and self._book is not None:
            self.stale.show_words("info", words.STALE)


def _narrow(table: RecordTable, chip: str) -> None:
    table.set_where(columns.differs if chip == "off" else None)
