"""The ERP Integrations tab: kinds at the left, the list of a view, the review of the chosen item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.core.steps import Offer
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.dialogs import ask_comment
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.kit.side_nav import NavItem, SideNav
from erpdesk.views.scoped import scope
from erpdesk.views.session import LayoutStore, Session, new_press
from erpdesk.views.tabs.erp_integrations.actions import SPECS
from erpdesk.views.tabs.erp_integrations.kinds import KINDS, VIEWS, waiting
from erpdesk.views.tabs.erp_integrations.outcomes import outcome_words, read_outcomes
from erpdesk.views.tabs.erp_integrations.queue import QueueList
from erpdesk.views.tabs.erp_integrations.review import ReviewPage
from erpdesk.views.tabs.erp_integrations.vendor_names import names_of_vendors, with_vendor_name
from erpdesk.workflows.rows import CommitmentDetail, ErpState, QueueCounts, QueueRow, Review

TOUCHED = frozenset({"commitment", "submission", "sage"})
KIND = KINDS[0]
RAIL = 150
NEEDS_RAIL = 1300
"""Width of the tool below which the kinds give their room to list and review."""
LIST, SHORT_LIST = 526, 350
USUAL_POINTS = 10
NEEDS_LIST = 1150
"""Width of the tool below which the list shows fewer columns, so that the review has its room."""
WORKING = ("This is being done just now.",)
CHECKING = ("The Sage commitment ID is being checked.",)
NONE_CHOSEN = ("Choose an item first.",)
LOOK_FIRST = ("This is another item, which has just come up. Look at it first.",)
DECISIONS = ("erp.accept", "erp.reject")
Answer = tuple[tuple[QueueRow, ...], QueueCounts, frozenset[str], tuple[QueueRow, ...]]


class ErpIntegrationsTab(QWidget):
    """What waits for accounting and what became of it.

    ``summary_changed`` carries the selection for the status bar, ``counts_changed`` the QueueCounts, ``go_to_asked``
    the id of a commitment to open in its own tab.
    """

    summary_changed = Signal(str)
    counts_changed = Signal(object)
    go_to_asked = Signal(str)

    def __init__(
        self, session: Session, registry: ActionRegistry, store: LayoutStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._view = VIEWS[0].key
        self._wanted: str | None = None
        self._running = False
        self._decided = ""
        self._under_way: frozenset[str] = frozenset()
        # After a decision another item stands under the same button: it opens when it can have been seen.
        self._looking = Pause(self)
        self._looking.timeout.connect(self._show_offers)
        self.nav = SideNav([NavItem(kind.key, kind.title) for kind in KINDS])
        self.queue = QueueList(store)
        self.page = ReviewPage(registry)
        self.rail = Card(margins=False)
        self.rail.add(self.nav)
        self.rail.body.addStretch(1)
        self.rail.setFixedWidth(RAIL)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(10)
        for part in (self.rail, self.queue, self.page):
            self._split.addWidget(part)
        self._split.setStretchFactor(2, 1)
        self._shape: tuple[int, int] | None = None
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(self._split)
        self.setFocusProxy(self.queue.table)
        self.nav.set_chosen(KIND.key)
        self._connect()
        self.show_view(self._view)

    def _connect(self) -> None:
        for key, slot in (
            ("erp.accept", self.accept),
            ("erp.reject", self._ask_reject),
            ("erp.next", partial(self._move, 1)),
            ("erp.previous", partial(self._move, -1)),
            ("erp.go_to", self._go_to),
        ):
            self._registry.on(key, slot)
        scope(self._registry, (spec.key for spec in SPECS), self)
        self.queue.view_chosen.connect(self.show_view)
        self.queue.table.selection_changed.connect(self._on_selected)
        self.queue.table.summary_changed.connect(self.summary_changed)
        self.page.id_typed.connect(self._check_id)
        self.page.sage_id.value_changed.connect(lambda _value: self._show_offers())
        self._session.changed.connect(self._on_changes)
        self._session.project_changed.connect(self.reload)
        self._session.person_changed.connect(self._read_again)
        self._session.sage_read.connect(self._read_again)
        self._session.ticked.connect(self._on_tick)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the room out anew when the window becomes small or large; in between it is the person's to share."""
        super().resizeEvent(event)
        self._share_room()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_split"):
            self._share_room()

    def _share_room(self) -> None:
        scale = max(1.0, self.font().pointSizeF() / USUAL_POINTS)
        shown, listed = self.width() >= NEEDS_RAIL * scale, LIST if self.width() >= NEEDS_LIST * scale else SHORT_LIST
        rail, listed = (round(RAIL * scale) if shown else 0), listed if listed == SHORT_LIST else round(listed * scale)
        if self._shape != (rail, listed):
            self._shape = (rail, listed)
            self.rail.setVisible(shown)
            self.rail.setFixedWidth(max(rail, RAIL))
            self._split.setSizes([rail, listed, max(1, self._split.width() - listed - rail)])

    # What is shown

    def show_view(self, key: str) -> None:
        """Shows another view of the items."""
        self._view = key
        self.queue.set_view(key)
        self._wanted = None
        self.queue.table.select_ids(())
        self.reload()

    def reload(self) -> None:
        """Reads the list and the counts again."""
        desk, project, view, before = self._session.desk, self._session.project_id, self._view, self._under_way

        def read() -> Answer:
            names = names_of_vendors(desk)
            rows = tuple(with_vendor_name(row, names) for row in desk.queries.queue(view, project))
            return rows, desk.queries.queue_counts(project), *read_outcomes(desk, before)

        self._session.read(read, self._take, key="erp queue")

    def _take(self, answer: Answer) -> None:
        rows, counts, self._under_way, arrived = answer
        for row in arrived:
            well, words = outcome_words(row)
            messages = self._session.messages
            (messages.success if well else messages.warning)(words, topic=row.id)
        self.queue.set_counts(counts)
        self.nav.set_counts({KIND.key: waiting(counts)})
        self.counts_changed.emit(counts)
        self.queue.set_rows(rows)
        ids = [row.id for row in self.queue.table.shown_rows()]
        now = self.page.review.row.id if self.page.review else ""
        chosen = next((each for each in (self._wanted, now, *ids[:1]) if each in ids), None)
        self._wanted = None
        if chosen is None:
            view = next(view for view in VIEWS if view.key == self._view)
            self.page.show_nothing(view.empty_title, view.empty_hint)
            self._session.jobs.forget("review")
            self._show_offers()
        elif len(self.queue.table.selected_ids()) < 2:
            self._go_to_row(chosen)
            self._read_review(chosen)

    def _go_to_row(self, item: str) -> None:
        """Selects an item; the keyboard goes on from there."""
        table = self.queue.table
        if table.current_id() != item or table.selected_ids() != (item,):
            table.set_current_id(item)

    def _on_tick(self) -> None:
        self.page.refresh()
        self.queue.table.viewport().update()

    def _on_selected(self, ids: tuple[str, ...]) -> None:
        if len(ids) == 1 and not (self.page.review and self.page.review.row.id == ids[0]):
            self._read_review(ids[0])

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            self.reload()

    def _read_again(self) -> None:
        if self.page.review:
            self._read_review(self.page.review.row.id)

    # The review

    def _read_review(self, item: str, sage_id: str | None = None) -> None:
        desk, actor = self._session.desk, self._session.actor
        shown = self.page.review
        if sage_id is None and shown and shown.row.id == item and shown.row.state is ErpState.SENT:
            sage_id = self.page.typed_id()

        def read() -> tuple[Review, CommitmentDetail | None]:
            review = desk.queries.review(item, sage_id, actor)
            review = replace(review, row=with_vendor_name(review.row, names_of_vendors(desk)))
            synced = review.row.state is ErpState.SYNCED
            return review, desk.queries.commitment(review.row.commitment_id, actor) if synced else None

        self._session.read(read, partial(self._show, sage_id), key="review")

    def _show(self, sage_id: str | None, answer: tuple[Review, CommitmentDetail | None]) -> None:
        review, detail = answer
        shown = self.page.review
        if shown is None or shown.row.id != review.row.id:
            self._registry.renew(DECISIONS)
            self._session.messages.leave_item()
        if self._decided:
            self._decided = ""
            self._looking.start()
        person = self._session.person
        may_push = bool(person and person.can_push)
        self.page.show_review(review, detail, sage_id, may_push, self._why_closed(review))
        self._show_offers()

    def _why_closed(self, review: Review) -> str:
        """Why the acting person can not accept the item, whatever its ID; '' when they can."""
        person = self._session.person
        barred = person is not None and (not person.can_push or review.row.sent_by == person.name)
        reasons = (reason for offer in review.offers for reason in offer.reasons)
        return next(reasons, "") if barred else ""

    def _check_id(self, sage_id: str) -> None:
        review = self.page.review
        if review and review.row.state is ErpState.SENT:
            self._read_review(review.row.id, sage_id)

    def _move(self, by: int) -> None:
        review = self.page.review
        other = self.queue.neighbour(review.row.id, by) if review else None
        if other:
            self._go_to_row(other)
        elif review:
            end = "This is the last item of the list." if by > 0 else "This is the first item."
            self._session.messages.info(end, topic="end of list")

    def _go_to(self) -> None:
        if self.page.review:
            self.go_to_asked.emit(self.page.review.row.commitment_id)

    # Decisions

    def accept(self) -> None:
        """Accepts exactly what is shown, under the ID in the field."""
        review = self.page.review
        if review is None or self._running or not self._decision("accept").allowed:
            return
        desk, actor, press, row = self._session.desk, self._session.actor, new_press(), review.row
        sage_id = self.page.typed_id()
        after = self.queue.neighbour(row.id, 1) or self.queue.neighbour(row.id, -1)

        def done(_changes: Changes) -> None:
            self._wanted = after
            self._decide(row)
            self._session.messages.success(f"{row.number} is accepted and goes to Sage as {sage_id}.")

        self._run(lambda: desk.erp.accept(actor, row.id, sage_id, review.sha256, press), done)

    def _ask_reject(self) -> None:
        review = self.page.review
        if review is None or self._running or not self._decision("reject").allowed:
            return
        row = review.row
        ask_comment(
            self.window(),
            f"Reject {row.number} {row.title}".strip(),
            "It goes back to the project side, who can correct it and send it again. Your comment tells them why.",
            "Reject",
            then=partial(self._reject, row),
        )

    def _reject(self, row: QueueRow, comment: str) -> None:
        desk, actor, press = self._session.desk, self._session.actor, new_press()
        after = self.queue.neighbour(row.id, 1) or self.queue.neighbour(row.id, -1)

        def done(_changes: Changes) -> None:
            self._wanted = after
            self._decide(row)
            self._session.messages.success(f"{row.number} is rejected and can be corrected in Commitments.")

        self._run(lambda: desk.erp.reject(actor, row.id, comment, press), done)

    def _decide(self, row: QueueRow) -> None:
        """The item is decided; until another one is shown nothing can be decided here."""
        self._decided = row.id
        if self.page.isAncestorOf(self.focusWidget() or self):
            self.queue.table.setFocus()

    def _run(self, fn: Callable[[], Changes], done: Callable[[Changes], object]) -> None:
        self._running = True
        self._show_offers()
        self._session.act(fn, done, self._on_refused, self._on_ended)

    def _on_ended(self) -> None:
        self._running = False
        self._show_offers()

    def _on_refused(self, error: ForPeople) -> None:
        if isinstance(error, ChangedMeanwhile):
            self._session.messages.warning(reasons_text(error.reasons), topic="decision")
            self.reload()
        elif isinstance(error, Refused):
            self.reload()
            self._session.messages.error(reasons_text(error.reasons) + f" {error.kept}".rstrip(), topic="decision")
        else:
            self._session.messages.report(error)

    def _decision(self, verb: str) -> Offer:
        """Whether the act may be done now, and why not."""
        review = self.page.review
        offer = next((offer for offer in review.offers if offer.verb == verb), None) if review else None
        if offer is None:
            return Offer(verb, verb, False, NONE_CHOSEN)
        if self._running or (review is not None and review.row.id == self._decided):
            return Offer(verb, offer.title, False, WORKING)
        if self._looking.on:
            return Offer(verb, offer.title, False, LOOK_FIRST)
        if verb == "accept" and self.page.id_pending:
            return Offer(verb, offer.title, False, CHECKING)
        return offer

    def _show_offers(self) -> None:
        for verb in ("accept", "reject"):
            offer = self._decision(verb)
            self._registry.set_offer(f"erp.{verb}", offer.allowed, offer.reasons)
        chosen = self.page.review is not None
        for key in ("erp.next", "erp.previous", "erp.go_to"):
            self._registry.set_offer(key, chosen, NONE_CHOSEN)
