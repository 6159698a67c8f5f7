"""The ERP Integrations tab: kinds at the left, the list of a view, beside it the review or what several can do."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.side_nav import NavItem, SideNav
from erpdesk.views.scoped import scope
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.tabs.erp_integrations.actions import SPECS
from erpdesk.views.tabs.erp_integrations.away import AwayBanner
from erpdesk.views.tabs.erp_integrations.bulk import BulkPanel
from erpdesk.views.tabs.erp_integrations.bulk_acts import BulkActs
from erpdesk.views.tabs.erp_integrations.decisions import NONE_CHOSEN, VERBS, Decisions
from erpdesk.views.tabs.erp_integrations.doubt.acts import DoubtActs
from erpdesk.views.tabs.erp_integrations.doubt.alarm import AlarmBanner
from erpdesk.views.tabs.erp_integrations.doubt.words import why_no_fix
from erpdesk.views.tabs.erp_integrations.item_words import Read, read_review, why_closed
from erpdesk.views.tabs.erp_integrations.kinds import totals, view_of
from erpdesk.views.tabs.erp_integrations.outcomes import read_outcomes, tell_outcomes
from erpdesk.views.tabs.erp_integrations.queue import QueueList
from erpdesk.views.tabs.erp_integrations.review import ReviewPage
from erpdesk.views.tabs.erp_integrations.split import ConsoleSplit
from erpdesk.workflows.console_rows import FIRST_ROWS, ConsoleCounts, View
from erpdesk.workflows.doubt_rows import Alarms, Shape
from erpdesk.workflows.rows import ErpState, QueueRow

TOUCHED = frozenset({"commitment", "submission", "sage", "person"})
DECISIONS = tuple(f"erp.{verb}" for verb in VERBS)
ONE_ONLY = ("Several items are selected. Select one of them first.",)
NOTHING_CHOSEN = "No item chosen"
LOOK = "sync.now"
LOOKS = (Shape.DOUBT, Shape.CONFLICT, Shape.TWICE)
NOT_IN_DOUBT = ("This is for items that are in doubt.",)
NOT_REJECTED = ("This is for items that Sage rejected.",)
ENDS = ("This is the first item.", "This is the last item of the list.")
Answer = tuple[tuple[QueueRow, ...], ConsoleCounts, frozenset[str], tuple[QueueRow, ...], Alarms]


class ErpIntegrationsTab(QWidget):
    """What waits for accounting and what became of it.

    ``summary_changed`` carries the selection for the status bar, ``counts_changed`` the QueueCounts, ``go_to_asked``
    id and kind of an item to open in its own tab, ``fix_asked`` those and the field and line to go to there.
    """

    summary_changed = Signal(str)
    counts_changed = Signal(object)
    go_to_asked = Signal(str, str)
    fix_asked = Signal(str, str, str, int)

    def __init__(
        self, session: Session, registry: ActionRegistry, store: LayoutStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._store = store
        self._console = session.desk.console
        self._kinds = {kind.key: kind for kind in self._console.kinds()}
        self._lists: dict[str, QueueList] = {}
        self._wanted: str | None = None
        self._shown: tuple[str, View, str | None, str] | None = None
        self._under_way: frozenset[str] = frozenset()
        self.nav = SideNav([NavItem(kind.key, kind.title) for kind in self._kinds.values()])
        self.page = ReviewPage(session, registry)
        self.bulk = BulkPanel(registry)
        self.decisions = Decisions(session, self.page)
        self.doubt_acts = DoubtActs(session, self.page.doubt, self)
        self.bulk_acts = BulkActs(session, self._console, self.bulk, self)
        self.away = AwayBanner(session, self._console)
        self.alarm = AlarmBanner()
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._kind = next(iter(self._kinds))
        self._show_kind(self._kind)

    def _lay_out(self) -> None:
        self.side = QStackedWidget()
        self.side.addWidget(self.page)
        self.side.addWidget(self.bulk)
        self._split = ConsoleSplit(self.nav, self._stack, self.side, several_kinds=len(self._kinds) > 1)
        self.rail = self._split.rail
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.setSpacing(8)
        around.addWidget(self.alarm)
        around.addWidget(self.away)
        around.addWidget(self._split, 1)

    def _connect(self) -> None:
        for key, slot in (
            ("erp.accept", partial(self._decide, "accept")),
            ("erp.reject", partial(self._decide, "reject")),
            ("erp.archive", partial(self._decide, "archive")),
            ("erp.unarchive", partial(self._decide, "unarchive")),
            ("erp.next", partial(self._move, 1)),
            ("erp.previous", partial(self._move, -1)),
            ("erp.next_view", partial(self._move_view, 1)),
            ("erp.previous_view", partial(self._move_view, -1)),
            ("erp.list", lambda: self.queue.table.setFocus(Qt.FocusReason.ShortcutFocusReason)),
            ("erp.go_to", self._go_to),
            ("erp.look_again", self._look_again),
            ("erp.close", self.doubt_acts.state),
            ("erp.acknowledge", self.doubt_acts.acknowledge),
            ("erp.fix", self._fix),
            ("erp.try_again", self._try_again),
        ):
            self._registry.on(key, slot)
        scope(self._registry, (spec.key for spec in SPECS), self)
        self.nav.chosen.connect(self._show_kind)
        self.page.id_typed.connect(self._check_id)
        self.page.sage_id.value_changed.connect(self._show_offers)
        self.page.reason.value_changed.connect(self._show_offers)
        self.decisions.changed.connect(self._show_offers)
        self.doubt_acts.changed.connect(self._show_doubt)
        self.doubt_acts.stale.connect(self.reload)
        self.page.doubt.files_asked.connect(self.page.attach_file)
        self.alarm.show_asked.connect(lambda kind, item: self.open_at(kind, View.IN_DOUBT, item))
        self.decisions.stale.connect(self.reload)
        self.decisions.went_on.connect(self._on_decided)
        self.bulk_acts.changed.connect(self._show_offers)
        self.bulk_acts.left.connect(self._on_bulk_done)
        self._session.changed.connect(self._on_changes)
        self._session.project_changed.connect(self.reload)
        self._session.person_changed.connect(self._on_person)
        self._session.sage_read.connect(self._read_again)
        self._session.ticked.connect(self._on_tick)

    # What is shown

    @property
    def queue(self) -> QueueList:
        """The list of the chosen kind."""
        return self._lists[self._kind]

    def show_view(self, key: str) -> None:
        """Shows another view of the items, by its key such as ``in_doubt``."""
        self.open_at(self._kind, view_of(key))

    def open_at(self, kind: str, view: View, item: str = "") -> None:
        """Shows a view of a kind, and an item in it; an empty kind stays with the one on screen."""
        if kind and kind != self._kind:
            self.nav.set_chosen(kind)
            self._put_kind(kind)
        if view not in self.queue.kind.views:
            view = self.queue.view
        self.queue.set_view(view)
        self.queue.table.select_ids(())
        self.bulk.forget()
        self._wanted = item or None
        self.reload()

    def show_away(self, why: str) -> None:
        """Says in one line why Sage is not reached, that work goes on, and how old the data is; '' = it is reached."""
        self.decisions.away = self.bulk_acts.away = why
        self.away.say(why)

    def _show_kind(self, kind: str) -> None:
        self._put_kind(kind)
        self.open_at(kind, self.queue.view)

    def _put_kind(self, kind: str) -> None:
        self._kind = kind
        if kind not in self._lists:
            made = self._lists[kind] = QueueList(self._kinds[kind], self._store, self._heading)
            made.view_chosen.connect(lambda view: self.open_at("", view))
            made.table.selection_changed.connect(self._on_selected)
            made.table.summary_changed.connect(self.summary_changed)
            self._stack.addWidget(made)
        self._stack.setCurrentWidget(self.queue)
        self.page.set_noun(self._kinds[kind].noun[0])
        self.setFocusProxy(self.queue.table)

    def _heading(self) -> str:
        project = self._session.project
        return f"{project.number} {project.name}" if project else "All projects"

    def reload(self) -> None:
        """Reads the list and the counts again."""
        console, actor, project = self._console, self._session.actor, self._session.project_id
        doubts = self._session.desk.doubts
        kind, view, before = self._kind, self.queue.view, self._under_way
        if not actor:
            return
        # A list that is opened shows its oldest items at once, the rest follows; one that is on screen stays whole.
        limit = None if self._shown == (kind, view, project, actor) else FIRST_ROWS
        self._shown = (kind, view, project, actor)

        def read() -> Answer:
            rows = console.queue(kind, view, project, actor, limit)
            return rows, console.counts(actor, project), *read_outcomes(console, actor, before), doubts.alarms(actor)

        self._session.read(read, partial(self._take, limit), key="erp queue")

    def _take(self, limit: int | None, answer: Answer) -> None:
        rows, counts, self._under_way, arrived, alarms = answer
        self.alarm.show_alarms(alarms)
        tell_outcomes(self._session.messages, arrived)
        self.queue.set_counts(counts)
        self.nav.set_counts({kind: counts.waiting(kind) for kind in self._kinds})
        self.counts_changed.emit(totals(counts))
        self.queue.say_empty(counts.closed.get(self._kind, ""))
        self.queue.set_rows(rows)
        if self.bulk.tells_of(self._selected):
            self._show_several()
            return
        ids = [row.id for row in self.queue.table.shown_rows()]
        if len(rows) == limit:
            self.reload()
            if self._wanted and self._wanted not in ids:
                return
        now = self.page.review.row.id if self.page.review else ""
        chosen = next((each for each in (self._wanted, now, *ids[:1]) if each in ids), None)
        self._wanted = None
        if chosen is None:
            self.side.setCurrentWidget(self.page)
            self.page.show_nothing(NOTHING_CHOSEN, "")
            self._session.jobs.forget("review")
            self._show_offers()
        elif len(self._selected) < 2:
            self.queue.go_to(chosen)
            self._read_review(chosen)
        else:
            self._show_several()

    def _on_tick(self) -> None:
        self.page.refresh()
        self.queue.table.viewport().update()

    def _on_selected(self, ids: tuple[str, ...]) -> None:
        if self.sender() is not None and self.sender() is not self.queue.table:
            return
        if len(ids) > 1 or self.bulk.tells_of(ids):
            self._show_several()
        elif len(ids) == 1 and not self.bulk_acts.running:
            self.bulk.forget()
            self.side.setCurrentWidget(self.page)
            if not (self.page.review and self.page.review.row.id == ids[0]):
                self._read_review(ids[0])
            self._show_offers()

    def _show_several(self) -> None:
        rows, kind = self.queue.table.selected_rows(), self.queue.kind
        self.bulk_acts.show(rows, self.queue.view, kind.noun, self._may_push)
        self.side.setCurrentWidget(self.bulk)
        self._show_offers()

    @property
    def _selected(self) -> tuple[str, ...]:
        return tuple(str(each) for each in self.queue.table.selected_ids())

    @property
    def _several(self) -> bool:
        return self.side.currentWidget() is self.bulk

    @property
    def _may_push(self) -> bool:
        person = self._session.person
        return bool(person and person.can_push)

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            self.reload()

    def forget(self) -> None:
        """Whoever acted is gone: no item of theirs stays, in no list, count or review."""
        self._session.jobs.forget("erp queue")
        self._session.jobs.forget("review")
        self._under_way, self._wanted = frozenset(), None
        self.bulk.forget()
        for made in self._lists.values():
            made.set_rows(())
            made.set_counts(ConsoleCounts({}))
        self.nav.set_counts(dict.fromkeys(self._kinds, 0))
        self.alarm.show_alarms(Alarms())
        self.side.setCurrentWidget(self.page)
        self.page.show_nothing(NOTHING_CHOSEN, "Choose an item in the list to review it.")
        self.page.history.set_rows(())
        self.page.attachments.show_record("", "")

    def _on_person(self) -> None:
        # What one person had under way is not told to the next one.
        self._under_way = frozenset()
        self.bulk.forget()
        self.reload()
        self._read_again()

    def _read_again(self) -> None:
        if self.page.review:
            self._read_review(self.page.review.row.id)

    # The review

    def _read_review(self, item: str, sage_id: str | None = None) -> None:
        desk, actor = self._session.desk, self._session.actor
        shown = self.page.review
        if sage_id is None and shown and shown.row.id == item and shown.row.state is ErpState.SENT:
            sage_id = self.page.typed_id()

        self._session.read(lambda: read_review(desk, item, sage_id, actor), partial(self._show, sage_id), key="review")

    def _show(self, sage_id: str | None, answer: Read) -> None:
        review, detail, doubt = answer
        shown = self.page.review
        if shown is None or shown.row.id != review.row.id:
            self._registry.renew(DECISIONS)
            self._session.messages.leave_item()
        self.decisions.another_shown()
        self.page.show_review(review, detail, sage_id, self._may_push, why_closed(review, self._session.person))
        self.page.show_doubt(doubt, self._may_push, self.doubt_acts.working)
        self._show_offers()

    def _check_id(self, sage_id: str) -> None:
        review = self.page.review
        if review and review.row.state is ErpState.SENT:
            self._read_review(review.row.id, sage_id)

    def _move(self, by: int) -> None:
        review = self.page.review
        other = self.queue.neighbour(review.row.id, by) if review else None
        if other:
            self.queue.go_to(other)
        elif review:
            self._session.messages.info(ENDS[by > 0], topic="end of list")

    def _move_view(self, by: int) -> None:
        view = self.queue.beside(by)
        if view is not None:
            self.open_at("", view)

    def _go_to(self) -> None:
        if self.page.review:
            self.go_to_asked.emit(self.page.review.item_id, self.page.review.row.kind)

    def _look_again(self) -> None:
        self._registry.trigger(LOOK)

    def _try_again(self) -> None:
        review = self.page.review
        if review is not None:
            self.doubt_acts.try_again(review.row.id, review.row.number)

    def _fix(self) -> None:
        doubt = self.page.doubt.page
        if doubt is not None and doubt.hint is not None and doubt.hint.fixable:
            self.fix_asked.emit(doubt.item_id, doubt.kind, doubt.hint.field, doubt.hint.line)

    def _show_doubt(self) -> None:
        self.page.show_doubt(self.page.doubt.page, self._may_push, self.doubt_acts.working)
        self._show_offers()

    # Decisions

    def _decide(self, verb: str) -> None:
        if self._several:
            self.bulk_acts.begin(verb)
        elif verb == "accept":
            self.decisions.accept()
        elif verb == "reject":
            self.decisions.ask_reject()
        else:
            self.decisions.shelve(verb)

    def _on_decided(self, row: QueueRow) -> None:
        """The item is decided; until another one is shown nothing can be decided here."""
        self._wanted = self.queue.neighbour(row.id, 1) or self.queue.neighbour(row.id, -1)
        if self.side.isAncestorOf(self.focusWidget() or self):
            self.queue.table.setFocus()

    def _on_bulk_done(self, left: tuple[str, ...]) -> None:
        """What was not done stays selected, with the reasons beside it."""
        self.queue.table.select_ids(left)
        if self.side.isAncestorOf(self.focusWidget() or self):
            self.queue.table.setFocus()
        self.reload()

    def _show_offers(self, *_news: object) -> None:
        several = self._several
        for verb in VERBS:
            offer = self.bulk_acts.offer(verb) if several else self.decisions.offer(verb)
            self._registry.set_offer(f"erp.{verb}", offer.allowed, offer.reasons)
        for key in ("erp.next_view", "erp.previous_view", "erp.list"):
            self._registry.set_offer(key, True)
        self._offer_doubt(several)
        chosen = self.page.review is not None
        for key in ("erp.next", "erp.previous", "erp.go_to"):
            self._registry.set_offer(key, chosen and not several, ONE_ONLY if several else NONE_CHOSEN)

    def _offer_doubt(self, several: bool) -> None:
        """What can be done about the doubt on screen, and why not."""
        doubt = None if several else self.page.doubt.page
        none = ONE_ONLY if several else NOT_IN_DOUBT
        for key, verb in (("erp.close", "state"), ("erp.acknowledge", "acknowledge")):
            offer = self.doubt_acts.offer(verb)
            self._registry.set_offer(key, doubt is not None and offer.allowed, none if doubt is None else offer.reasons)
        looks = doubt is not None and doubt.shape in LOOKS
        why = self._registry.reasons(LOOK) if looks else none
        self._registry.set_offer("erp.look_again", looks and not why, why)
        again = self.decisions.offer("try_again")
        self._registry.set_offer("erp.try_again", again.allowed and not several, ONE_ONLY if several else again.reasons)
        now = self.decisions.offer("send_now")
        self._registry.set_offer("erp.send_now", now.allowed and not several, ONE_ONLY if several else now.reasons)
        fixes = doubt is not None and doubt.shape is Shape.REJECTED
        why = why_no_fix(doubt) if fixes else (ONE_ONLY if several else NOT_REJECTED)
        self._registry.set_offer("erp.fix", not why, why)
