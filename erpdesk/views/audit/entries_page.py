"""The entries of the audit trail: narrowed by person, act, kind and days, searched, exported, and one of them whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.views.audit.check_bar import CheckBar
from erpdesk.views.audit.entry_detail import EntryDetail
from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.card import Card, Title
from erpdesk.views.kit.choice_list import Choice
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.date_field import DateEdit
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.jobs import JobsClosed
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.search_combo import SearchCombo
from erpdesk.views.kit.windowed_table import WindowedTable
from erpdesk.workflows.trail_rows import TrailChoices, TrailDetail, TrailFilter

if TYPE_CHECKING:
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.workflows.audit_trail import AuditTrail
    from erpdesk.workflows.trail_source import TrailSource

T = TypeVar("T")

COLUMNS = (
    Column("id", "Entry", "number", 66, group="Entry", value=attrgetter("id"), text=lambda seq: f"{seq:,}"),
    Column("at", "When", "date", 112, group="Entry", value=attrgetter("at"), text=day_and_time),
    Column("who", "Who", width=112, group="Who and where", value=attrgetter("who")),
    Column("act", "What", width=140, group="Entry", value=attrgetter("act")),
    Column("kind", "Kind", width=112, show=False, group="Entry", value=attrgetter("kind")),
    Column("record", "Record", width=134, group="Entry", value=lambda row: f"{row.record} · {row.kind}".strip(" ·")),
    Column("what", "Changes", width=140, stretch=True, group="Entry", value=attrgetter("what")),
    Column("why", "Reason", width=116, group="Entry", value=attrgetter("why")),
    Column("login", "Windows account", width=130, show=False, group="Who and where", value=attrgetter("login")),
    Column("machine", "Computer", width=110, show=False, group="Who and where", value=attrgetter("machine")),
    Column("version", "Program", width=80, show=False, group="Who and where", value=attrgetter("version")),
    Column("hash", "Hash", width=150, show=False, group="Proof", value=attrgetter("hash")),
)
EMPTY = ("No entries", "Every act of the program is written here.")
WAIT_MS = 150


class EntriesPage(QWidget):
    """Newest first; what the filters leave is read when it is looked at, however long the trail is."""

    def __init__(self, session: Session, trail: AuditTrail, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._trail = session, trail
        self._wanted = TrailFilter()
        self.check = CheckBar(session, trail)
        self.person = SearchCombo("Everybody")
        self.act = SearchCombo("Every act")
        self.kind = SearchCombo("Every kind")
        self.since, self.until = DateEdit(), DateEdit()
        self.clear = QPushButton("C&lear filters")
        self.table = WindowedTable(
            "audit-entries", COLUMNS, read=session.jobs.read, store=store, noun=("entry", "entries"), totals=False
        )
        self.bar = ListBar(
            self.table,
            placeholder="Filter by any word, number or amount",
            store=store,
            title="Audit trail",
            heading=self.heading,
        )
        self.detail = EntryDetail()
        self._soon = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._build()
        for field in (self.person, self.act, self.kind, self.since, self.until):
            field.value_changed.connect(self._on_filter)
        self.clear.clicked.connect(self.clear_filters)
        self.table.current_changed.connect(self._on_current)
        self._soon.timeout.connect(self._read_source)
        session.changed.connect(self._on_changes)
        session.person_changed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Reads choices, entries and head for whoever acts now."""
        self.check.reload()
        actor, trail = self._session.actor, self._trail
        self._read("choices", lambda: trail.choices(actor), self._take_choices)
        self._read_source()

    def heading(self) -> str:
        """What narrows the list, and the head of the trail, for files and paper."""
        return " · ".join(part for part in (self.narrowed(), self.check.head.text()) if part)

    def narrowed(self) -> str:
        """The filters in words; '' without any."""
        named = ((self.person, "by"), (self.act, "act"), (self.kind, "kind"))
        parts = [f"{word} {field.text()}" for field, word in named if field.value()]
        days = ((self._wanted.since, "from"), (self._wanted.until, "to"))
        return ", ".join([*parts, *(f"{word} {day:%m/%d/%Y}" for day, word in days if day)])

    @property
    def waiting(self) -> bool:
        """Whether a filter was chosen a moment ago and is not asked for yet."""
        return self._soon.isActive()

    def stop(self) -> None:
        """The window closes: answers that are under way find nobody."""
        self._soon.stop()
        self.check.forget()
        for what in ("choices", "source", "detail"):
            self._session.jobs.forget((id(self), what))

    @Slot()
    def clear_filters(self) -> None:
        """Shows everything again."""
        for combo in (self.person, self.act, self.kind):
            combo.set_value(None)
        for day in (self.since, self.until):
            day.set_value(None)
        self.bar.set_text("")
        self._on_filter()

    def _build(self) -> None:
        self.clear.setAutoDefault(False)
        self.clear.setToolTip("Take every filter away")
        filters = FlowLayout(spacing=10)
        letter = self.fontMetrics().averageCharWidth()
        for name, field, width in (
            ("&Person", self.person, 21 * letter),
            ("&Act", self.act, 23 * letter),
            ("&Kind", self.kind, 18 * letter),
            ("&From", self.since, 16 * letter),
            ("&To", self.until, 16 * letter),
        ):
            field.setFixedWidth(width)
            field.setAccessibleName(name.replace("&", ""))
            filters.addWidget(_under(name, field))
        self.bar.add_widget(self.clear)
        listed = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addLayout(filters)
        top.addWidget(self.bar)
        listed.body.addLayout(top)
        listed.add(self.table, 1)
        held = Card(margins=False)
        held.add(self.detail, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        for part, share in ((listed, 3), (held, 2)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, share)
        self.splitter.setSizes([420, 260])
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        around.addWidget(Title("Audit trail"))
        around.addWidget(self.check)
        around.addWidget(self.splitter, 1)

    @Slot()
    def _on_filter(self) -> None:
        self._soon.start()

    @Slot()
    def _read_source(self) -> None:
        wanted = TrailFilter(
            person=self.person.value() or "",
            act=self.act.value() or "",
            kind=self.kind.value() or "",
            since=self.since.value(),
            until=self.until.value(),
        )
        self._wanted = wanted
        actor, trail = self._session.actor, self._trail
        self._read("source", lambda: trail.source(actor, wanted), self._take_source)

    def _take_source(self, source: TrailSource) -> None:
        self.table.set_empty(*EMPTY)
        self.table.set_source(source)
        self.detail.show_entry(None)

    def _take_choices(self, choices: TrailChoices) -> None:
        for combo, pairs in ((self.person, choices.people), (self.act, choices.acts), (self.kind, choices.kinds)):
            chosen = combo.value()
            combo.set_choices([Choice(key, words) for key, words in pairs])
            combo.set_value(chosen if any(key == chosen for key, _ in pairs) else None)

    @Slot(object)
    def _on_current(self, seq: int | None) -> None:
        if seq is None:
            self.detail.show_entry(None)
            return
        actor, trail = self._session.actor, self._trail
        self._read("detail", lambda: trail.detail(actor, seq), self._take_detail)

    def _take_detail(self, detail: TrailDetail | None) -> None:
        self.detail.show_entry(detail)

    @Slot(object)
    def _on_changes(self, _: Changes) -> None:
        # Every act adds an entry, whatever it touched.
        self.check.reload()
        self.table.reload()

    def _read(self, what: str, work: Callable[[], T], take: Callable[[T], object]) -> None:
        def done(answer: T) -> None:
            if shiboken6.isValid(self):
                take(answer)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self) and isinstance(error, ForPeople):
                self.table.set_source(None)
                self.table.set_empty(error.what, error.next_step)

        with contextlib.suppress(JobsClosed):
            self._session.jobs.read(work, done, failed, (id(self), what))


def _under(name: str, field: QWidget) -> QWidget:
    """A field below its name."""
    label = QLabel(name)
    label.setBuddy(field)
    pair = QWidget()
    down = QVBoxLayout(pair)
    down.setContentsMargins(0, 0, 0, 0)
    down.setSpacing(3)
    down.addWidget(label)
    down.addWidget(field)
    return pair
