"""The page about reading Sage: how fresh each table is, every run, what was set aside, and what Sage got without us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import shiboken6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.clock import CLOCK, ago
from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.card import Card, Muted, Title
from erpdesk.views.kit.dialogs import ask_comment
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage import reading_words as words
from erpdesk.views.sage.reading_part import ReadingPart
from erpdesk.views.session import TICK_MS, LayoutStore

if TYPE_CHECKING:
    from erpdesk.sync.mirror.book import RunRow, SyncBook, TableRow
    from erpdesk.sync.mirror.facts import OddRow
    from erpdesk.sync.mirror.foreign import ForeignRow
    from erpdesk.workflows.sage_acts import Loss, SageActs

TABLES, RUNS, ODD, FOREIGN = "tables", "runs", "odd", "foreign"
CHIPS = (
    ChipSpec(TABLES, "Tables"),
    ChipSpec(RUNS, "Runs"),
    ChipSpec(ODD, "Set aside"),
    ChipSpec(FOREIGN, "In Sage without erpdesk"),
)


class ReadingCommands(Protocol):
    """What this page asks of the sync worker."""

    def sync_now(self, full: bool = False) -> object:
        """Reads Sage now; ``full`` compares every row."""
        ...

    def accept_loss(self, table: str, loss: Loss) -> object:
        """Reads again and takes over once what is gone of this table, up to this loss."""
        ...


@dataclass(frozen=True)
class _Answer:
    tables: tuple[TableRow, ...]
    runs: tuple[RunRow, ...]
    odd: tuple[OddRow, ...]
    foreign: tuple[ForeignRow, ...]
    jobs: Mapping[str, str]
    since: Mapping[str, datetime]
    refusal: str


class ReadingPage(QWidget):
    """Shows what the book of readings holds; nothing is read from Sage here, the worker is asked to.

    ``acting`` tells the id of the acting person. ``changed`` carries the Changes of an act. Call ``reload`` when Sage
    was read or another person acts.
    """

    changed = Signal(object)

    def __init__(
        self,
        book: SyncBook,
        acts: SageActs,
        worker: ReadingCommands,
        jobs: Jobs,
        acting: Callable[[], str],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._book, self._acts, self._worker, self._jobs, self._acting = book, acts, worker, jobs, acting
        self._linked: Mapping[str, str] = {}
        self._since: Mapping[str, datetime] = {}
        self._tables: tuple[TableRow, ...] = ()
        self._refusal = ""
        self._noting = False
        self._newest = 0
        """The number of the newest run that is shown."""
        self._asked_after: int | None = None
        """The newest run when a person asked for a reading whose outcome is not told yet."""
        self.messages = Messages()
        self.about = Muted(words.NEVER)
        self.read_now = ReasonButton("&Read now")
        self.compare = ReasonButton("Compare &everything now")
        self.accept = ReasonButton("Accept the &loss…")
        self.parts = self._make_parts(store)
        self.filter = ListBar(self.parts[TABLES].table, CHIPS, "Filter this list")
        self.stack = QStackedWidget()
        self._build()
        self._connect()
        self.show_part(TABLES)
        self._show_offer()
        self.reload()

    def reload(self) -> None:
        """Reads the book again, off the GUI thread."""
        book, acts, actor = self._book, self._acts, self._acting()

        def read() -> _Answer:
            linked = acts.linked_jobs()
            return _Answer(
                book.tables(),
                book.runs(),
                book.odd_rows(),
                book.foreign(acts.known_commitments(), linked),
                linked,
                book.watch.since(),
                acts.loss_refusal(actor),
            )

        with suppress(JobsClosed):
            self._jobs.read(read, self._take, self._failed, key=(id(self), "book"))

    def show_part(self, key: str) -> None:
        """Shows one of the lists: tables, runs, odd or foreign."""
        part = self.parts[key]
        self.filter.set_chip(key)
        self.stack.setCurrentWidget(part)
        self.setFocusProxy(part)
        self.filter.show_table(part.table, self.filter.chip_words(key))
        if key == RUNS:
            self._to_newest()

    def _to_newest(self) -> None:
        """Runs are looked at from the newest on."""
        table = self.parts[RUNS].table
        if table.set_current_id(self._newest):
            table.scrollToTop() if table.sorted_by()[0] == "" else None

    # Building

    def _make_parts(self, store: LayoutStore) -> dict[str, ReadingPart]:
        return {
            TABLES: ReadingPart(
                "reading-tables",
                words.TABLES,
                store=store,
                noun=("table", "tables"),
                empty=("Nothing to read", "The list of Sage’s tables is empty."),
                about=words.about_table,
            ),
            RUNS: ReadingPart(
                "reading-runs",
                words.RUNS,
                store=store,
                noun=("run", "runs"),
                empty=("No runs yet", "Each reading of a table is listed here, with what came, changed and went."),
                about=words.about_run,
            ),
            ODD: ReadingPart(
                "reading-set-aside",
                words.ODD,
                store=store,
                noun=("row", "rows"),
                empty=words.NOT_READ,
                about=words.about_odd,
                raw=lambda row: str(row.raw),
            ),
            FOREIGN: ReadingPart(
                "reading-foreign",
                words.FOREIGN,
                store=store,
                noun=("entry", "entries"),
                empty=words.NOT_WATCHED,
                about=lambda row: words.about_foreign(row, self._linked, self._since),
            ),
        }

    def _build(self) -> None:
        for button, icon, help_text in (
            (self.read_now, "refresh", "Read from Sage what changed since the last time"),
            (self.compare, "search", "Read every row of every table and compare it; this takes longer"),
            (self.accept, "check", "Let the next reading take over this loss of the chosen table, and no more"),
        ):
            button.set_icon_name(icon)
            button.set_help(help_text)
        for part in self.parts.values():
            self.stack.addWidget(part)
        heading = QVBoxLayout()
        heading.setSpacing(2)
        heading.addWidget(Title("Reading Sage"))
        heading.addWidget(self.about)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addLayout(heading, 1)
        for button in (self.read_now, self.compare):
            top.addWidget(button)
        listed = Card(margins=False)
        bar = QVBoxLayout()
        bar.setContentsMargins(12, 10, 12, 4)
        bar.addWidget(self.filter)
        listed.body.addLayout(bar)
        listed.add(self.stack, 1)
        decide = QHBoxLayout()
        decide.setContentsMargins(14, 0, 14, 10)
        decide.addStretch(1)
        decide.addWidget(self.accept)
        self.parts[TABLES].add_below(decide)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        around.addLayout(top)
        around.addWidget(self.messages)
        around.addWidget(listed, 1)

    def _connect(self) -> None:
        self.filter.chip_changed.connect(self.show_part)
        self.read_now.pressed_ok.connect(lambda: self._read(full=False))
        self.compare.pressed_ok.connect(lambda: self._read(full=True))
        self.accept.pressed_ok.connect(self._ask_reason)
        self.parts[TABLES].chosen.connect(lambda _row: self._show_offer())
        for part in self.parts.values():
            part.told.connect(self.messages.success)
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self._on_tick)
        self._clock.start()

    # What is shown

    def _take(self, answer: _Answer) -> None:
        if not shiboken6.isValid(self):
            return
        self._linked, self._since, self._refusal = answer.jobs, answer.since, answer.refusal
        self._tables = answer.tables
        before, self._newest = self._newest, max((row.id for row in answer.runs), default=0)
        looked_at_newest = self.parts[RUNS].table.current_id() in (None, before)
        tables: list[TableRow] = sorted(answer.tables, key=_urgency)
        rows: dict[str, Sequence[TableRow | RunRow | OddRow | ForeignRow]] = {
            TABLES: tables,
            RUNS: answer.runs,
            ODD: answer.odd,
            FOREIGN: answer.foreign,
        }
        for key, part in self.parts.items():
            part.set_rows(rows[key])
        if looked_at_newest:
            self._to_newest()
        self._tell_outcome(answer.runs)
        counts = {
            TABLES: sum(bool(row.problem) for row in answer.tables),
            ODD: len(answer.odd),
            FOREIGN: len(answer.foreign),
        }
        self.filter.set_counts({key: count for key, count in counts.items() if count})
        read = any(row.as_of is not None for row in answer.tables)
        self.parts[ODD].table.set_empty(*(words.NOTHING_ODD if read else words.NOT_READ))
        self.parts[FOREIGN].table.set_empty(*(words.NOTHING_FOREIGN if answer.since else words.NOT_WATCHED))
        self._show_about()
        self._show_offer()

    def _tell_outcome(self, runs: Sequence[RunRow]) -> None:
        """Puts what came out in the place of the note that Sage is being read."""
        asked = self._asked_after
        fresh = [row for row in runs if asked is not None and row.id > asked]
        if fresh:
            self._asked_after = None
            well, said = words.came_out(fresh)
            tell = self.messages.success if well else self.messages.warning
            tell(said, topic="read")

    def _show_about(self) -> None:
        read = [row for row in self._tables if row.as_of is not None]
        if not read:
            self.about.setText(words.NEVER)
            return
        oldest = min(row.as_of for row in read if row.as_of is not None)
        problems = sum(bool(row.problem) for row in self._tables)
        parts = [
            f"Oldest table {ago(oldest, CLOCK.now())}",
            f"{sum(row.rows for row in read):,} rows",
            "every table as in Sage"
            if not problems
            else f"{problems} {'table needs' if problems == 1 else 'tables need'} a look",
        ]
        self.about.setText(" · ".join(parts))

    def _show_offer(self) -> None:
        row = self.parts[TABLES].current()
        reasons: tuple[str, ...]
        if self._noting:
            reasons = words.WORKING
        elif row is None or not row.waits:
            reasons = words.NO_LOSS
        else:
            reasons = (self._refusal,) if self._refusal else ()
        self.accept.set_offer(not reasons, reasons)

    def _on_tick(self) -> None:
        self._show_about()
        self.parts[TABLES].tick()

    # What a person asks for

    def _read(self, *, full: bool) -> None:
        self._asked_after = self._newest
        self._worker.sync_now(full=full)
        what = "Every row of Sage is read and compared now." if full else "Sage is read now."
        self.messages.info(f"{what} The lists follow when it is done.", topic="read")

    def _ask_reason(self) -> None:
        row = self.parts[TABLES].current()
        if row is None or row.loss is None:
            return
        loss: Loss = row.loss
        ask_comment(
            self.window(),
            f"Accept the loss in {row.title}",
            words.PROMPT.format(problem=row.problem),
            "Accept the loss",
            then=lambda reason: self._accept(row.title, reason, loss),
            required=True,
            danger=True,
        )

    def _accept(self, table: str, reason: str, loss: Loss) -> None:
        acts, worker, actor = self._acts, self._worker, self._acting()
        self._noting = True
        self._show_offer()

        def note() -> Changes:
            changes = acts.accept_loss(actor, table, reason, loss)
            # Asked for here, so that the loss is taken over even when this page was closed meanwhile.
            worker.accept_loss(table, loss)
            return changes

        def done(changes: Changes) -> None:
            if shiboken6.isValid(self):
                self._noting = False
                self.messages.success(f"Noted. The next reading takes over this loss of {table}.")
                self._show_offer()
                self.changed.emit(changes)

        self._jobs.write(note, done, self._failed)

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self._noting = False
            if isinstance(error, ForPeople):
                self.messages.report(error)
            self._show_offer()


def _urgency(row: TableRow) -> tuple[bool, bool, bool]:
    """Tables that need a look stand first, those that this company does not have last."""
    return (not row.waits, not row.problem, row.state.value == "Not in this company")
