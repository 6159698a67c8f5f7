"""Carries out what a person asks for on the page of a commitment, and keeps buttons and reasons in step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.session import Session, new_press
from erpdesk.views.tabs.commitments.actions import DONE_WORDS
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.keeper import DraftKeeper
from erpdesk.views.tabs.commitments.offers import show_offers
from erpdesk.views.tabs.commitments.page import CommitmentPage, Place
from erpdesk.views.tabs.commitments.typed import draft_of_detail, from_body
from erpdesk.workflows.rows import CommitmentDetail, CommitmentDraft, ProjectRow

if TYPE_CHECKING:
    from erpdesk.workflows.doubt_rows import Rejection
    from erpdesk.workflows.drafts_kept import Kept

T = TypeVar("T")


class CommitmentEditor(QObject):
    """Opens, saves, sends and retrieves the commitment on the page.

    ``opened`` carries the id that is shown ('' for a new one), ``closed`` tells that the page is empty.
    """

    opened = Signal(str)
    closed = Signal()
    focus_given_up = Signal()
    """The button with the keyboard goes away; somebody else has to take it."""
    offers_changed = Signal()
    """What is typed or open changed, and with it what can be done."""
    act_begun = Signal()
    """Something else is being done: what was said about the act before is over."""
    done = Signal(str)
    """An act is done that can be taken back; the words say which."""

    def __init__(self, page: CommitmentPage, session: Session, registry: ActionRegistry) -> None:
        super().__init__(page)
        self.page = page
        self._session = session
        self._registry = registry
        self._running = False
        self._saved = False
        """The page was saved a moment ago and is about to be read again."""
        self._open = False
        self._wanted = ""
        self._left_alone: tuple[str, ...] = ()
        self._books: dict[str, CodeBook] = {}
        self.keeper = DraftKeeper(page, session)
        for verb, slot in (
            ("save", self.save),
            ("revert", self.revert),
            ("send", partial(self._hand_over, "send")),
            ("resend", partial(self._hand_over, "resend")),
            ("retrieve", partial(self._hand_over, "retrieve")),
            ("delete", self._ask_delete),
            ("duplicate", self.duplicate),
        ):
            registry.on(f"commitment.{verb}", slot)
        registry.on("line.add", page.schedule.grid.add_line)
        registry.on("line.duplicate", page.schedule.grid.duplicate_lines)
        registry.on("line.delete", page.schedule.grid.delete_lines)
        registry.on("line.fill", page.schedule.grid.fill_down)
        registry.on("line.undo", page.schedule.grid.undo)
        registry.on("line.redo", page.schedule.grid.redo)
        page.focus_given_up.connect(self.focus_given_up)
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

    def open(self, commitment_id: str, focus: Place | None = None) -> None:
        """Reads a commitment and shows it; ``focus`` is the field and line where the cursor goes then."""
        desk, actor = self._session.desk, self._session.actor
        self._wanted = commitment_id

        def read() -> tuple[CommitmentDetail, Kept | None, Rejection | None]:
            rejection = desk.doubts.rejection("commitment", commitment_id, actor)
            return desk.queries.commitment(commitment_id, actor), self.keeper.found(actor, commitment_id), rejection

        not_opened = partial(self._not_opened, commitment_id)
        self._session.read(read, lambda answer: self._show(*answer, focus), "commitment page", not_opened)

    def _not_opened(self, commitment_id: str, error: BaseException) -> None:
        """A commitment that is gone, or that this person may not see, does not stay on the page."""
        if isinstance(error, ForPeople):
            self._session.messages.report(error)
            if self._open and self.page.commitment_id == commitment_id:
                self.close()

    def forget(self) -> None:
        """Closes the page of a person who is gone; what they had typed is kept for them."""
        if self._open:
            self.keeper.let_be()
            self.page.revert()
            self.close()
        self._wanted, self._left_alone = "", ()

    def reload(self) -> None:
        """Reads the shown commitment again, unless somebody is typing into it."""
        if self._open and self.page.editing:
            if not self._saved:
                self.keeper.look_behind()
        elif self._wanted:
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

    def start_new(self, kind: str, project: ProjectRow, like: CommitmentDraft | None = None) -> None:
        """Shows a commitment with the next number of its type: an empty one, or one ``like`` another."""
        desk, actor = self._session.desk, self._session.actor
        self._wanted = ""

        def read() -> tuple[Kept | None, str, ProjectRow, str, Decimal | None]:
            # What was being written before is offered first, as what it was.
            kept, type_, where = self.keeper.found(actor, ""), kind, project
            if kept is not None:
                mine = from_body(kept.body).mine
                type_ = mine.type
                where = next((each for each in desk.queries.projects(actor) if each.id == mine.project_id), project)
            number = desk.queries.next_number(where.id, type_, actor)
            return kept, type_, where, number, desk.queries.job_committed(where.id, actor)

        def show(answer: tuple[Kept | None, str, ProjectRow, str, Decimal | None]) -> None:
            kept, type_, where, number, committed = answer
            self._open = True
            self._session.messages.leave_item()
            self._read_codes(where.id)
            self.page.rejected.show_rejection(None, None)
            self.page.start_new(type_, where, number, committed)
            self.keeper.offer(kept, lambda: self.start_new(kind, project))
            if kept is None and like is not None:
                self.page.put_draft(replace(like, number=number, id="", version=0))
            self.show_offers()
            self.opened.emit("")

        self._session.read(read, show, key="commitment page")

    def duplicate(self) -> None:
        """Starts a draft with everything of the commitment on the page, but a number of its own."""
        detail = self.page.detail
        project = next((each for each in self._session.projects if detail and each.id == detail.project_id), None)
        if detail is None or project is None:
            return
        like = draft_of_detail(detail)
        like = replace(like, date=CLOCK.today(), lines=tuple(replace(line, id="") for line in like.lines))
        self.leave(lambda: self.start_new(like.type, project, like))

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
            self.keeper.drop()
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

    def _show(
        self, detail: CommitmentDetail, kept: Kept | None, rejection: Rejection | None, focus: Place | None
    ) -> None:
        known = self._open and not self.page.dirty and self.page.detail == detail
        if self.page.commitment_id != detail.row.id:
            self._session.messages.leave_item()
        self._open = True
        self._saved = False
        if not known:
            self._read_codes(detail.project_id)
            self.page.show_detail(detail)
            self.keeper.offer(kept)
        self.page.rejected.show_rejection(rejection, detail)
        if self._left_alone:
            self.page.banner.show_words("error", *self._left_alone)
            self._left_alone = ()
        self.show_offers()
        self.opened.emit(detail.row.id)
        if focus is not None:
            self.page.focus_field(*focus)

    def _read_codes(self, project_id: str) -> None:
        known = self._books.get(project_id)
        self.page.set_book(known or CodeBook())
        if known is None:
            self._ask_codes(project_id)

    def _ask_codes(self, project_id: str) -> None:
        if project_id:
            desk, actor = self._session.desk, self._session.actor
            self._session.read(
                lambda: CodeBook(desk.queries.codes(project_id, actor)),
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
            self.keeper.drop()
            self._saved = then is None
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
            lambda _changes: self._after_status(row.id, status),
        )

    def _after_status(self, commitment_id: str, status: str) -> None:
        self.done.emit(f"{self.page.title.text()}: {status}.")
        self.open(commitment_id)

    def _hand_over(self, verb: str) -> None:
        if self._running or not self.page.commitment_id:
            return
        desk, actor, item, press = self._session.desk, self._session.actor, self.page.commitment_id, new_press()
        act = desk.erp.retrieve if verb == "retrieve" else desk.erp.send

        def done(result: BulkResult) -> None:
            words = f"{self.page.title.text()}: {DONE_WORDS[verb]}"
            if result.done and verb == "retrieve":
                self._session.messages.success(words)
            elif result.done:
                self.done.emit(words)
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
            self.done.emit(f"Deleted {name}.")
            self.close()

        self._run(lambda: desk.commitments.delete(actor, commitment_id), done)

    def _run(self, fn: Callable[[], T], done: Callable[[T], object], draft: CommitmentDraft | None = None) -> None:
        self._running = True
        self.act_begun.emit()
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
        """Shows what somebody else saved; what was typed here stands beside it and can be taken field by field."""
        action = None
        base = self.page.detail
        if draft is not None and draft.id and base is not None:
            typed_over = draft_of_detail(base)
            action = ("Compare with mine…", lambda: self._compare(typed_over, draft))
        self._session.messages.warning(" ".join(error.reasons), action)
        if self.page.commitment_id:
            self.keeper.let_be()
            self.page.revert()
            self.open(self.page.commitment_id)
        self._session.publish(Changes.of("commitment", self.page.commitment_id))

    def _compare(self, base: CommitmentDraft, mine: CommitmentDraft) -> None:
        detail = self.page.detail
        if detail is not None and detail.row.id == mine.id:
            self.keeper.compare(base, mine, draft_of_detail(detail))

    def show_offers(self) -> None:
        """Allows and forbids what the page offers, with a reason for each act that is not possible."""
        self.offers_changed.emit()
        show_offers(self._registry, self.page, is_open=self._open, running=self._running)
