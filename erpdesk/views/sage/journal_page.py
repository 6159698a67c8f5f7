"""The page on which people compare export journal and database with Sage, and unlock the exports (5.10)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople, NotAllowed
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, Muted, Title
from erpdesk.views.kit.dialogs import ask_comment
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.sage import journal_words as words
from erpdesk.views.session import LayoutStore
from erpdesk.workflows.journal_acts import JournalActs
from erpdesk.workflows.journal_rows import Compared, JournalState


@dataclass(frozen=True)
class _Answer:
    state: JournalState | None
    """None for a person who may not look at it."""
    refusals: tuple[str, ...]


class JournalPage(QWidget):
    """Lists what is in question after a restored backup; nothing here runs on the GUI thread but the drawing.

    ``acting`` tells the id of the acting person; ``sync_now`` has the worker look at the journal again. ``changed``
    carries the Changes of an act.
    """

    changed = Signal(object)

    def __init__(
        self,
        acts: JournalActs,
        jobs: Jobs,
        acting: Callable[[], str],
        sync_now: Callable[[], object],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._acts, self._jobs, self._acting, self._sync_now = acts, jobs, acting, sync_now
        self._state: JournalState | None = None
        self._refusals: tuple[str, ...] = ()
        self._busy = False
        self.messages = Messages()
        self.why = Banner()
        self.table = RecordTable(
            "export-journal",
            words.COLUMNS,
            store=store,
            empty_title=words.WAIT[0],
            empty_hint=words.WAIT[1],
            noun=("item", "items"),
            totals=False,
        )
        self.filter = ListBar(self.table, (), "Filter items", store=store, title="Export journal")
        self.note = Muted()
        self.in_sage = ReasonButton("Compared: in &Sage", primary=True)
        self.absent = ReasonButton("Compared: &not in Sage")
        self.unlock = ReasonButton("&Unlock exports…", danger=True)
        self.fewer = ReasonButton("Sage holds &fewer on purpose…")
        self._build()
        self.table.current_changed.connect(self._offer)
        self.table.selection_changed.connect(self._offer)
        self.in_sage.pressed_ok.connect(lambda: self._compare(Compared.IN_SAGE))
        self.absent.pressed_ok.connect(lambda: self._compare(Compared.ABSENT))
        self.unlock.pressed_ok.connect(self._ask_unlock)
        self.fewer.pressed_ok.connect(self._ask_fewer)
        self.reload()

    def reload(self) -> None:
        """Compares journal, database and Sage again."""
        acts, actor = self._acts, self._acting()
        if not actor:
            return
        self._offer()

        def read() -> _Answer:
            try:
                return _Answer(acts.state(actor), acts.why_not(actor))
            except NotAllowed as problem:
                return _Answer(None, problem.reasons)

        with suppress(JobsClosed):
            self._jobs.read(read, self._take, self._failed, key=(id(self), "journal"))

    def _build(self) -> None:
        card = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addWidget(Muted(words.EXPLAIN))
        top.addWidget(self.why)
        top.addWidget(self.filter)
        card.body.addLayout(top)
        card.add(self.table, 1)
        below = QVBoxLayout()
        below.setContentsMargins(14, 4, 14, 10)
        below.setSpacing(8)
        below.addWidget(self.note)
        buttons = FlowLayout(spacing=8)
        for button in (self.in_sage, self.absent, self.unlock, self.fewer):
            buttons.addWidget(button)
        below.addLayout(buttons)
        card.body.addLayout(below)
        self.note.setWordWrap(True)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        around.addWidget(Title("Export journal"))
        around.addWidget(self.messages)
        around.addWidget(card, 1)
        self.setFocusProxy(self.table)
        self._offer()

    def _take(self, answer: _Answer) -> None:
        if not shiboken6.isValid(self):
            return
        self._state, self._refusals = answer.state, answer.refusals
        state = answer.state
        self.table.set_empty(*(words.NOTHING if state is not None else words.HIDDEN))
        self.table.set_rows(state.rows if state is not None else ())
        if state is None:
            self.why.show_words("lock", *answer.refusals)
        elif state.why:
            self.why.show_words("error", state.why, words.BARE if not state.rows else "", state.unread)
        elif state.rows:
            self.why.show_words("warning", words.HELD, state.unread)
        else:
            self.why.show_words("success", words.AGREE)
        self._offer()

    def _offer(self, *_: object) -> None:
        state = self._state
        common = words.BUSY if self._busy else self._refusals or (words.READING if state is None else ())
        chosen = self._chosen()
        current = self.table.current_id()
        self.note.setText(words.about(self.table.row(current) if current is not None else None))
        for button in (self.in_sage, self.absent):
            reasons = common or (() if chosen else words.NO_ROW)
            button.set_offer(not reasons, reasons)
        reasons = common or (words.not_yet(state) if state is not None else ())
        self.unlock.set_offer(not reasons, reasons)
        self.fewer.set_offer(not common, common)

    def _chosen(self) -> tuple[str, ...]:
        ids = self.table.selected_ids()
        current = self.table.current_id()
        return tuple(map(str, ids)) or ((str(current),) if current is not None else ())

    def _compare(self, found: Compared) -> None:
        acts, actor, ids = self._acts, self._acting(), self._chosen()
        count = "One item is" if len(ids) == 1 else f"{len(ids)} items are"
        self._act(lambda: acts.compare(actor, ids, found), f"{count} noted as {found.value}.")

    def _ask_unlock(self) -> None:
        if self._state is None:
            return
        acts, actor, seen = self._acts, self._acting(), self._state.head
        ask_comment(
            self.window(),
            "Unlock exports",
            words.UNLOCK_PROMPT,
            "Unlock exports",
            then=lambda note: self._act(lambda: acts.unlock(actor, note, seen), "Exports go on.", wake=True),
            required=True,
            danger=True,
        )

    def _ask_fewer(self) -> None:
        acts, actor = self._acts, self._acting()
        ask_comment(
            self.window(),
            "Sage holds fewer records on purpose",
            words.FEWER_PROMPT,
            "They are fewer on purpose",
            then=lambda note: self._act(
                lambda: acts.accept_fewer(actor, note), "Noted. What Sage shows now is the measure.", wake=True
            ),
            required=True,
            danger=True,
        )

    def _act(self, run: Callable[[], Changes], said: str, *, wake: bool = False) -> None:
        self._busy = True
        self._offer()
        sync_now = self._sync_now

        def work() -> Changes:
            changes = run()
            if wake:
                # Asked for here, so that exports go on even when this page was closed meanwhile.
                sync_now()
            return changes

        def done(changes: Changes) -> None:
            if shiboken6.isValid(self):
                self._busy = False
                self.messages.success(said)
                self.reload()
                self.changed.emit(changes)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._busy = False
                self.reload()
            self._failed(error)

        try:
            self._jobs.write(work, done, failed)
        except JobsClosed:
            self._busy = False

    def _failed(self, error: BaseException) -> None:
        if not shiboken6.isValid(self):
            return
        if isinstance(error, ForPeople):
            self.messages.report(error)
        self._offer()
