"""Carries out what a person asks for on the page of a commitment, and keeps buttons and reasons in step."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.session import Session, new_press
from erpdesk.views.tabs.commitments.actions import DONE_WORDS, OF_DETAIL, OF_LINES
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.workflows.rows import CommitmentDetail, CommitmentDraft, ErpState, ProjectRow

T = TypeVar("T")
SAVE_FIRST = ("Save or revert your changes first.",)
WORKING = ("This is being done just now.",)
NONE_OPEN = ("Open a commitment first.",)
UNSAVED_NEW = ("Save it first, then set its status to Approved.",)


class CommitmentEditor(QObject):
    """Opens, saves, sends and retrieves the commitment on the page.

    ``opened`` carries the id that is shown ('' for a new one), ``closed`` tells that the page is empty.
    """

    opened = Signal(str)
    closed = Signal()
    focus_given_up = Signal()
    """The button with the keyboard goes away; somebody else has to take it."""

    def __init__(self, page: CommitmentPage, session: Session, registry: ActionRegistry) -> None:
        super().__init__(page)
        self.page = page
        self._session = session
        self._registry = registry
        self._running = False
        self._open = False
        self._wanted = ""
        self._left_alone: tuple[str, ...] = ()
        self._books: dict[str, CodeBook] = {}
        for verb, slot in (
            ("save", self.save),
            ("revert", self.revert),
            ("send", partial(self._hand_over, "send")),
            ("resend", partial(self._hand_over, "resend")),
            ("retrieve", partial(self._hand_over, "retrieve")),
            ("delete", self._ask_delete),
        ):
            registry.on(f"commitment.{verb}", slot)
        registry.on("line.add", page.schedule.grid.add_line)
        registry.on("line.duplicate", page.schedule.grid.duplicate_lines)
        registry.on("line.delete", page.schedule.grid.delete_lines)
        registry.on("line.undo", page.schedule.grid.undo)
        registry.on("line.redo", page.schedule.grid.redo)
        page.dirty_changed.connect(lambda _dirty: self.show_offers())
        page.status_chosen.connect(self._set_status)
        page.status.refused.connect(lambda reasons: session.messages.warning(" ".join(reasons), topic="status"))
        page.close_asked.connect(lambda: self.leave(self.close))
        self.show_offers()

    @property
    def is_open(self) -> bool:
        """Whether a commitment is on the page."""
        return self._open

    # Opening and leaving

    def open(self, commitment_id: str) -> None:
        """Reads a commitment and shows it."""
        desk, actor = self._session.desk, self._session.actor
        self._wanted = commitment_id
        self._session.read(lambda: desk.queries.commitment(commitment_id, actor), self._show, key="commitment page")

    def reload(self) -> None:
        """Reads the shown commitment again, unless somebody is typing into it."""
        if self._wanted and not (self._open and self.page.editing):
            self.open(self._wanted)

    def set_right(self, no_right: str) -> None:
        """Opens or closes the form for the person who acts now; ``no_right`` says why they may not edit."""
        self.page.set_right(no_right)
        self.show_offers()

    def forget_codes(self) -> None:
        """Reads the codes of the job again the next time they are needed, because Sage was read."""
        self._books.clear()
        if self._open:
            self._ask_codes(self.page.project_id)

    def start_new(self, kind: str, project: ProjectRow) -> None:
        """Shows an empty commitment with the next number of its type."""
        desk = self._session.desk
        self._wanted = ""

        def read() -> tuple[str, Decimal | None]:
            return desk.queries.next_number(project.id, kind), desk.queries.job_committed(project.id)

        def show(answer: tuple[str, Decimal | None]) -> None:
            self._open = True
            self._session.messages.leave_item()
            self._read_codes(project.id)
            self.page.start_new(kind, project, *answer)
            self.show_offers()
            self.opened.emit("")

        self._session.read(read, show, key="commitment page")

    def leave(self, then: Callable[[], object]) -> None:
        """Goes on with ``then``, after asking what to do with changes that are not saved."""
        if self._open and not self.page.finish_typing():
            return
        if not (self._open and self.page.dirty):
            then()
            return
        name = self.page.title.text()
        dialog = UnsavedDialog(name, self.page.window())
        if self.page.no_right:
            dialog.save.hide()
            dialog.keep.setDefault(True)
        dialog.save_asked.connect(lambda: self.save(then))

        def discard() -> None:
            self.page.revert()
            then()

        dialog.discard_asked.connect(discard)
        dialog.open()

    def close(self) -> None:
        """Empties the page."""
        self._session.jobs.forget("commitment page")
        self._open = False
        self._wanted = ""
        self.show_offers()
        self.closed.emit()

    def _show(self, detail: CommitmentDetail) -> None:
        known = self._open and not self.page.dirty and self.page.detail == detail
        if self.page.commitment_id != detail.row.id:
            self._session.messages.leave_item()
        self._open = True
        if not known:
            self._read_codes(detail.project_id)
            self.page.show_detail(detail)
        if self._left_alone:
            self.page.banner.show_words("error", *self._left_alone)
            self._left_alone = ()
        self.show_offers()
        self.opened.emit(detail.row.id)

    def _read_codes(self, project_id: str) -> None:
        known = self._books.get(project_id)
        self.page.set_book(known or CodeBook())
        if known is None:
            self._ask_codes(project_id)

    def _ask_codes(self, project_id: str) -> None:
        if project_id:
            desk = self._session.desk
            self._session.read(
                lambda: CodeBook(desk.queries.codes(project_id)),
                lambda book: self._take_codes(project_id, book),
                key=("codes", project_id),
            )

    def _take_codes(self, project_id: str, book: CodeBook) -> None:
        self._books[project_id] = book
        if self._open and self.page.project_id == project_id:
            self.page.set_book(book)

    # Acts

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Saves what is on the page; what was typed stays there when it is refused."""
        if self._running or self.page.no_right or not (self.page.finish_typing() and self.page.header_form.check()):
            return
        draft, desk, actor = self.page.draft(), self._session.desk, self._session.actor

        def done(answer: tuple[str, Changes]) -> None:
            self._session.messages.success("Saved.")
            if then is None:
                self.open(answer[0])
            else:
                self.page.mark_saved()
                then()

        self._run(lambda: desk.commitments.save(actor, draft), done, draft)

    def revert(self) -> None:
        """Goes back to what was saved last."""
        self.page.revert()
        self.show_offers()

    def _set_status(self, status: str) -> None:
        detail = self.page.detail
        if detail is None or self._running:
            return
        desk, actor, row = self._session.desk, self._session.actor, detail.row
        self._run(
            lambda: desk.commitments.set_status(actor, row.id, status, detail.version),
            lambda _changes: self.open(row.id),
        )

    def _hand_over(self, verb: str) -> None:
        if self._running or not self.page.commitment_id:
            return
        desk, actor, item, press = self._session.desk, self._session.actor, self.page.commitment_id, new_press()
        act = desk.erp.retrieve if verb == "retrieve" else desk.erp.send

        def done(result: BulkResult) -> None:
            if result.done:
                self._session.messages.success(f"{self.page.title.text()}: {DONE_WORDS[verb]}")
            self._left_alone = tuple(reason for left in result.not_done for reason in left.reasons)
            self.open(item)

        self._run(lambda: act(actor, [item], press), done)

    def _ask_delete(self) -> None:
        detail = self.page.detail
        if detail is None or self._running:
            return
        name = f"{detail.row.number} {detail.row.title}".strip() or "this commitment"
        confirm(
            self.page.window(),
            f"Delete {name}?",
            "It is deleted for good with its schedule of values. Its history stays in the audit trail.",
            "Delete",
            then=lambda: self._delete(detail.row.id, name),
            danger=True,
        )

    def _delete(self, commitment_id: str, name: str) -> None:
        desk, actor = self._session.desk, self._session.actor

        def done(_changes: Changes) -> None:
            self._session.messages.success(f"Deleted {name}.")
            self.close()

        self._run(lambda: desk.commitments.delete(actor, commitment_id), done)

    def _run(self, fn: Callable[[], T], done: Callable[[T], object], draft: CommitmentDraft | None = None) -> None:
        self._running = True
        self.show_offers()
        self._session.act(fn, done, lambda error: self._on_refused(error, draft), self._on_ended)

    def _on_ended(self) -> None:
        self._running = False
        self.show_offers()

    def _on_refused(self, error: ForPeople, draft: CommitmentDraft | None) -> None:
        if isinstance(error, ChangedMeanwhile):
            self._take_newer(error, draft)
        elif isinstance(error, Refused):
            self._say_refused(error)
        else:
            self.page.banner.show_words("error", str(error))

    def _say_refused(self, error: Refused) -> None:
        """Says each reason once: what speaks against a line stands above the lines, all else above the form."""
        of_lines = tuple(reason for reason in error.reasons if reason.startswith("Line "))
        others = [reason for reason in error.reasons if reason not in of_lines]
        where = "Correct the schedule of values as it says there, then save again." if of_lines else ""
        self.page.banner.show_words("error", *others, error.kept, where)
        if of_lines:
            self.page.schedule.say_refused(of_lines)

    def _take_newer(self, error: ChangedMeanwhile, draft: CommitmentDraft | None) -> None:
        """Shows what somebody else saved; what was typed here can be put back with one press."""
        action = None
        if draft is not None and draft.id:
            action = ("Put my changes back", lambda: self.page.put_draft(draft))
        self._session.messages.warning(" ".join(error.reasons), action)
        if self.page.commitment_id:
            self.page.revert()
            self.open(self.page.commitment_id)
        self._session.publish(Changes.of("commitment", self.page.commitment_id))

    # Buttons

    def show_offers(self) -> None:
        """Allows and forbids what the page offers, with a reason for each act that is not possible."""
        page = self.page
        detail = page.detail if self._open else None
        offers = {offer.verb: offer for offer in detail.offers} if detail else {}
        for verb in OF_DETAIL:
            allowed = False
            reasons: tuple[str, ...] = NONE_OPEN
            if self._running:
                reasons = WORKING
            elif self._open and page.no_right and (detail is None or page.dirty):
                reasons = (page.no_right,)
            elif self._open and detail is None:
                reasons = UNSAVED_NEW
            elif page.dirty and self._open:
                reasons = SAVE_FIRST
            elif verb in offers:
                allowed, reasons = offers[verb].allowed, offers[verb].reasons
            self._registry.set_offer(f"commitment.{verb}", allowed, reasons)
        page.status.block(self._why_no_status())
        can_save = self._open and (page.dirty or detail is None) and not self._running
        why = WORKING if self._running else NONE_OPEN if not self._open else (self._why_nothing_to_save(),)
        self._registry.set_offer("commitment.save", can_save and not page.no_right, why)
        self._registry.set_offer("commitment.revert", can_save and page.dirty, why)
        closed = "" if self._open else NONE_OPEN[0]
        closed = closed or page.no_right or (detail.lines_locked if detail else "")
        for key in OF_LINES:
            self._registry.set_offer(key, not closed, (closed,))
        self._show_buttons(detail)

    def _why_no_status(self) -> str:
        if self._running:
            return WORKING[0]
        if self._open and self.page.no_right:
            return self.page.no_right
        if self.page.dirty:
            return SAVE_FIRST[0]
        return "" if self.page.detail else "Save it first; it begins as a draft."

    def _why_nothing_to_save(self) -> str:
        detail = self.page.detail
        return (detail.locked if detail else "") or self.page.no_right or "Nothing has changed since it was saved."

    def _show_buttons(self, detail: CommitmentDetail | None) -> None:
        state = detail.row.erp_state if detail else ErpState.NOT_SENT
        waits = state in (ErpState.SENT, ErpState.EXPORTING)
        leading = "retrieve" if waits else "resend" if state is ErpState.REJECTED else "send"
        past = state in (ErpState.SYNCED, ErpState.FAILED, ErpState.IN_DOUBT)
        open_ = not (detail and detail.locked) and not self.page.no_right
        seen = {verb: verb == leading and not past for verb in ("send", "resend", "retrieve")}
        seen |= {"save": open_, "revert": open_ or (self._open and self.page.dirty)}
        if any(self.page.buttons[verb].hasFocus() for verb, shown in seen.items() if not shown):
            # Left to Qt, the keyboard would go to Delete.
            self.focus_given_up.emit()
        for verb, shown in seen.items():
            set_shown(self.page.buttons[verb], shown)
