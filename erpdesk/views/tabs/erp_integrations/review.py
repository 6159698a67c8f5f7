"""The page of one item in ERP Integrations: what Sage will get, what it does, what speaks against it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.core.money import show_amount
from erpdesk.views.attachments_panel import AttachmentsPanel
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import day_and_time, erp_pill, map_steps, percent
from erpdesk.views.history import HistoryView
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import (
    Card,
    Check,
    CheckList,
    Divider,
    KeyValue,
    KeyValueGrid,
    Muted,
    SectionLabel,
)
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.forms import TextEdit
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.kit.workflow_map import WorkflowMap
from erpdesk.views.session import Session
from erpdesk.views.tabs.erp_integrations.differences import Differences
from erpdesk.views.tabs.erp_integrations.doubt.panel import DoubtPanel
from erpdesk.views.tabs.erp_integrations.file_block import FileBlock
from erpdesk.views.tabs.erp_integrations.impact import ImpactTable
from erpdesk.views.tabs.erp_integrations.item_words import NOTHING, say_where_it_stands, vendor_words
from erpdesk.workflows.doubt_rows import DoubtPage, Shape
from erpdesk.workflows.rows import CommitmentDetail, ErpState, Level, Review

CHECK_STATES = {Level.OK: "ok", Level.WARNING: "warning", Level.REFUSED: "error"}
LONGEST_ID = 12
PAUSE_MS = 250
SHOWS_EFFECT = (ErpState.SENT, ErpState.FAILED)
FILE_TITLES = {
    ErpState.SENT: "Exactly what Sage will get",
    ErpState.EXPORTING: "Exactly what Sage gets",
    ErpState.IN_DOUBT: "Exactly what was written for Sage",
    ErpState.FAILED: "Exactly what was meant for Sage",
    ErpState.SYNCED: "Exactly what Sage was sent",
    ErpState.CLOSED: "Exactly what was written for Sage",
}
NARROW = 76
"""Characters of width below which facts stand under each other."""
NARROWEST = 360
ATTACHMENTS = "Attachments"
REFUSED = "Failed to export"
"""What is said of an item that erpdesk refused before anything of it was sent."""


class ReviewPage(Card):
    """Shows a review; ``id_typed`` carries another Sage commitment ID a moment after the last key."""

    id_typed = Signal(str)

    def __init__(self, session: Session, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__("No item chosen", parent=parent)
        self._review: Review | None = None
        self._checked_id = ""
        # A long title is cut before the pill is, and never makes the page wider.
        self.title.setMinimumWidth(1)
        self.setMinimumWidth(NARROWEST)
        self._pill = PillLabel()
        self.add_to_header(self._pill)
        self.map = WorkflowMap()
        self.banner = Banner()
        self.facts = KeyValueGrid(columns=2)
        self.sage_id = TextEdit(limit=LONGEST_ID)
        self.facts.add_field("Sage commitment &ID", self.sage_id)
        self._id_name = next(each for each in self.facts.findChildren(QLabel) if each.buddy() is self.sage_id)
        self.held = KeyValueGrid(columns=2)
        self.doubt = DoubtPanel()
        self.differences = Differences()
        self.effect = ImpactTable()
        self.checks = CheckList()
        self.file = FileBlock()
        self.file.setAccessibleName("Exactly what Sage will get")
        self.history = HistoryView("erp-history")
        self._effect_title, self._checks_title, self._file_title = SectionLabel(), SectionLabel(), SectionLabel()
        self._held_title = SectionLabel("What Sage holds, as last read back")
        self._differences_title = SectionLabel("Differences from the version sent last")
        self.hint = Muted()
        self.parts = QTabWidget()
        self.parts.setDocumentMode(True)
        self.parts.setAccessibleName("Parts of the item")
        self.parts.addTab(self._inside(), "Review")
        self.attachments = AttachmentsPanel(session)
        self.attachments.counted.connect(self._on_counted)
        self.parts.addTab(self.attachments, ATTACHMENTS)
        self.parts.addTab(self.history, "History")
        self.accept_button = registry.button("erp.accept", primary=True)
        self.reject_button = registry.button("erp.reject")
        self.archive_button = registry.button("erp.archive")
        self.unarchive_button = registry.button("erp.unarchive")
        self.look_button = registry.button("erp.look_again", primary=True)
        self.close_button = registry.button("erp.close")
        self.acknowledge_button = registry.button("erp.acknowledge")
        self.again_button = registry.button("erp.try_again")
        self.send_button = registry.button("erp.send_now", primary=True)
        self.fix_button = registry.button("erp.fix")
        self.next_button = registry.button("erp.next")
        self.go_button = registry.button("erp.go_to")
        self.reason = TextEdit(placeholder="Why you accept it all the same")
        self.reason.setAccessibleName("Reason")
        self._why = QLabel("Re&ason (Sage’s data is older than the limit)")
        self._why.setWordWrap(True)
        self._why.setProperty("tone", "yellow")
        self._why.setBuddy(self.reason)
        self.add(self.banner)
        self.add(self.parts, 1)
        self._blank = QWidget()
        self._divider = Divider()
        self.add(self._blank, 1)
        self.add(self._divider)
        self.add(self.hint)
        self.add(self._why)
        self.add(self.reason)
        self.body.addLayout(self._actions())
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(lambda: self.id_typed.emit(self.typed_id()))
        self.sage_id.value_changed.connect(lambda _value: self._timer.start())
        self.sage_id.setAccessibleName("Sage commitment ID")
        self.show_nothing("No item chosen", "Choose an item in the list to review it.")

    def _on_counted(self, count: int) -> None:
        place = self.parts.indexOf(self.attachments)
        self.parts.setTabText(place, f"{ATTACHMENTS} ({count})" if count else ATTACHMENTS)

    def _inside(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("page", True)
        down = QVBoxLayout(inside)
        down.setContentsMargins(0, 10, 6, 4)
        down.setSpacing(7)
        down.addWidget(self.map)
        down.addSpacing(6)
        down.addWidget(self.doubt)
        down.addSpacing(6)
        down.addWidget(self.facts)
        down.addSpacing(6)
        for title, part in (
            (self._held_title, self.held),
            (self._differences_title, self.differences),
            (self._effect_title, self.effect),
            (self._checks_title, self.checks),
            (self._file_title, self.file),
        ):
            title.setWordWrap(True)
            down.addWidget(title)
            down.addWidget(part)
            down.addSpacing(8)
        down.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        return scroll

    def _actions(self) -> FlowLayout:
        across = FlowLayout(spacing=8)
        for button in (
            *(self.look_button, self.close_button, self.acknowledge_button),
            *(self.accept_button, self.reject_button, self.again_button, self.send_button, self.fix_button),
            *(self.archive_button, self.unarchive_button),
            *(self.next_button, self.go_button),
        ):
            across.addWidget(button)
        return across

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the facts under each other when there is no room for two columns of them."""
        super().resizeEvent(event)
        columns = 1 if self.width() < NARROW * self.fontMetrics().averageCharWidth() else 2
        for grid in (self.facts, self.held):
            grid.set_columns(columns)

    def refresh(self) -> None:
        """Brings "ago" up to date."""
        if self._review is not None:
            self._checks_title.setText(f"Checks against Sage, {self._read_words(self._review.read_at)}")

    def set_noun(self, noun: str) -> None:
        """Names things by what one item is called: ``commitment``."""
        self._id_name.setText(f"Sage {noun} &ID")
        self.sage_id.setAccessibleName(f"Sage {noun} ID")
        self.go_button.setText(f"Go to {noun}")

    @property
    def review(self) -> Review | None:
        """What is shown."""
        return self._review

    @property
    def reason_missing(self) -> bool:
        """Whether an accept still needs a reason."""
        return self._review is not None and bool(self._review.needs_reason) and not self.typed_reason()

    def typed_reason(self) -> str:
        """Why it is accepted on old data; '' when none is asked or typed."""
        return self.reason.value().strip()

    @property
    def id_pending(self) -> bool:
        """Whether an ID was typed that is not checked yet."""
        return self._review is not None and self.typed_id() != self._checked_id

    def typed_id(self) -> str:
        """The Sage commitment ID in the field."""
        return self.sage_id.value().strip()

    def show_nothing(self, title: str, hint: str) -> None:
        """Shows that no item is chosen, and what to do; an empty hint where the list says it already."""
        self._review = None
        self._timer.stop()
        self.set_title(title)
        self._pill.set_pill(None)
        self._show_parts(False)
        buttons = (self.accept_button, self.reject_button, self.archive_button, self.unarchive_button)
        self.show_doubt(None, False)
        for part in (self.hint, self._why, self.reason, *buttons):
            set_shown(part, False)
        if hint:
            self.banner.show_words("info", hint)
        else:
            self.banner.clear()

    def show_review(
        self, review: Review, detail: CommitmentDetail | None, sage_id: str | None, may_push: bool, closed: str = ""
    ) -> None:
        """Shows an item as judged under ``sage_id`` (None = the proposed one).

        ``closed`` says why the acting person can not accept it, so that the ID is only to be read. What was typed into
        the field stays when the same item is shown again.
        """
        row = review.row
        another = self._review is None or self._review.row.id != row.id
        self._review = review
        self._checked_id = row.sage_id if sage_id is None or closed or row.state is not ErpState.SENT else sage_id
        self.set_title(f"{row.number} {row.title}".strip())
        self.title.setToolTip(self.title.text())
        self._pill.set_pill(erp_pill(row.state, self._state_words(review)))
        self.map.set_steps(map_steps(review.map, row.state_text))
        self._show_parts(True)
        say_where_it_stands(self.banner, row)
        self._show_facts(review, another, closed)
        self._show_held(detail)
        self._show_differences(review)
        self._show_effect(review)
        self._show_checks(review)
        self._show_file(review)
        self.history.set_rows(review.history)
        self.attachments.show_record(row.kind, row.item_id)
        self._show_decision(review, may_push, closed, another)
        if another:
            self.parts.setCurrentIndex(0)

    def show_doubt(self, page: DoubtPage | None, may_push: bool, working: tuple[str, ...] = ()) -> None:
        """Shows what a person has to do about the item; None when nothing is."""
        self.doubt.show_page(page, may_push, working)
        shape = page.shape if page else None
        waits = page is not None and page.waiting is not None
        set_shown(self.look_button, shape in (Shape.DOUBT, Shape.CONFLICT, Shape.TWICE))
        set_shown(self.close_button, may_push and shape is Shape.DOUBT and not waits)
        seen = page is not None and bool(page.acknowledged_by)
        set_shown(self.acknowledge_button, may_push and shape is Shape.TWICE and not seen)
        refused = self._review is not None and self._review.row.state_text == REFUSED
        set_shown(self.again_button, may_push and shape is Shape.REJECTED and refused)
        set_shown(self.fix_button, shape is Shape.REJECTED)

    def attach_file(self) -> None:
        """Goes to the attachments and asks for a file."""
        self.parts.setCurrentWidget(self.attachments)
        self.attachments.choose()

    def _show_parts(self, shown: bool) -> None:
        for part in (self.parts, self._divider, self.next_button, self.go_button):
            set_shown(part, shown)
        set_shown(self._blank, not shown)

    def _state_words(self, review: Review) -> str:
        accept = next((offer for offer in review.offers if offer.verb == "accept"), None)
        mine = review.row.state is ErpState.SENT and accept is not None and accept.allowed
        return "Sent, waits for you" if mine else review.row.state_text

    def _show_facts(self, review: Review, another: bool, closed: str) -> None:
        row = review.row
        facts = [
            KeyValue("Vendor", vendor_words(row)),
            KeyValue("Amount", show_amount(row.amount)),
            KeyValue("Retainage", percent(review.retainage_percent)),
            KeyValue("Date", f"{review.date:%m/%d/%Y}"),
            KeyValue("Sent", f"{day_and_time(row.sent_at)}, {row.sent_by}"),
        ]
        if row.decided_at is not None and row.state is not ErpState.SENT:
            facts.append(KeyValue("Accepted", f"{day_and_time(row.decided_at)}, {row.decided_by}"))
        self.facts.set_values(facts)
        waits = row.state is ErpState.SENT
        if another or not waits or closed:
            self._timer.stop()
            self.sage_id.set_value(row.sage_id)
        self.sage_id.set_read_only(not waits or bool(closed))
        why = closed if waits else "It was decided under this ID."
        self.sage_id.setToolTip(why)
        self.sage_id.setAccessibleDescription(why)

    def _show_held(self, detail: CommitmentDetail | None) -> None:
        held = detail.row if detail is not None and detail.row.sage_amount is not None else None
        set_shown(self._held_title, held is not None)
        set_shown(self.held, held is not None)
        if held is None:
            return
        amounts = (
            ("Original amount", held.sage_amount),
            ("Approved COs", held.sage_approved_changes),
            ("Revised", held.sage_revised),
            ("Invoiced", held.sage_invoiced),
        )
        facts = [KeyValue(name, NOTHING if amount is None else show_amount(amount)) for name, amount in amounts]
        agrees = held.sage_amount == held.amount
        facts.append(KeyValue("Compared with erpdesk", "Agrees" if agrees else "Differs", "green" if agrees else "red"))
        if detail is not None and detail.committed_cost is not None:
            facts.append(KeyValue("Committed cost of the job", show_amount(detail.committed_cost)))
        self.held.set_values(facts)

    def _show_differences(self, review: Review) -> None:
        set_shown(self._differences_title, bool(review.differences))
        set_shown(self.differences, bool(review.differences))
        self.differences.set_changes(review.differences)

    def _show_effect(self, review: Review) -> None:
        # Once Sage may hold the item, its committed cost may count it already: "after" would count it twice.
        shown = review.row.state in SHOWS_EFFECT
        set_shown(self._effect_title, shown)
        set_shown(self.effect, shown)
        self._effect_title.setText(f"What changes in Sage: job {review.row.job}, committed cost")
        if shown:
            self.effect.set_rows(review.impact)

    def _show_checks(self, review: Review) -> None:
        set_shown(self._checks_title, bool(review.checks))
        set_shown(self.checks, bool(review.checks))
        self.refresh()
        self.checks.set_checks([Check(check.text, CHECK_STATES[check.level]) for check in review.checks])

    def _read_words(self, read_at: datetime | None) -> str:
        return f"read {ago(read_at, CLOCK.now())}" if read_at else "which was not read yet"

    def _show_file(self, review: Review) -> None:
        lines = review.file_lines
        set_shown(self._file_title, bool(lines))
        set_shown(self.file, bool(lines))
        count = f"{len(lines)} line" if len(lines) == 1 else f"{len(lines)} lines"
        short = f"file fingerprint {review.sha256[:4]}…{review.sha256[-2:]}" if review.sha256 else ""
        what = FILE_TITLES.get(review.row.state, FILE_TITLES[ErpState.EXPORTING])
        self._file_title.setText(" · ".join(part for part in (what, count, short) if part))
        self._file_title.setToolTip(
            "The fingerprint is computed from every character of the file. You accept exactly this file: if anything "
            f"in it changes, the fingerprint changes and nothing is exported.\nSHA-256: {review.sha256}"
        )
        self.file.set_lines(lines)

    def _show_decision(self, review: Review, may_push: bool, closed: str, another: bool) -> None:
        state = review.row.state
        open_ = state in (ErpState.SENT, ErpState.FAILED)
        set_shown(self.accept_button, may_push and state is ErpState.SENT)
        set_shown(self.reject_button, may_push and open_)
        done = state in (ErpState.SYNCED, ErpState.REJECTED, ErpState.CLOSED)
        set_shown(self.archive_button, may_push and done and not review.row.archived)
        set_shown(self.unarchive_button, may_push and review.row.archived)
        sends = any(each.verb == "send_now" and each.allowed for each in review.offers)
        set_shown(self.send_button, may_push and sends)
        asks = may_push and state is ErpState.SENT and bool(review.needs_reason) and not closed
        set_shown(self._why, asks)
        set_shown(self.reason, asks)
        self._why.setToolTip(review.needs_reason)
        self.reason.setToolTip(review.needs_reason)
        self.reason.setAccessibleDescription(review.needs_reason)
        if another or not asks:
            self.reason.set_value("")
        self.hint.setText(closed if open_ else "")
        set_shown(self.hint, bool(self.hint.text()))
