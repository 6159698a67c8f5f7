"""Keeps what is typed into the page by itself, and offers it again after a crash."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.jobs import JobsClosed
from erpdesk.views.session import Session
from erpdesk.views.tabs.commitments.kept_strip import HELD
from erpdesk.views.tabs.commitments.merging import differences, merged
from erpdesk.views.tabs.commitments.typed import FORM, Typed, draft_of_detail, from_body, same, to_body
from erpdesk.workflows.rows import CommitmentDetail, CommitmentDraft

if TYPE_CHECKING:
    from erpdesk.views.tabs.commitments.page import CommitmentPage
    from erpdesk.workflows.drafts_kept import Kept, KeptDrafts

AFTER_MS = 700
"""How long after the last key it is kept."""


class DraftKeeper(QObject):
    """Watches the page of a commitment; everything that is written is written off the GUI thread.

    Only what an earlier run of the program left behind is offered: this one asks before it drops anything.
    """

    def __init__(self, page: CommitmentPage, session: Session) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._mine: set[tuple[str, str]] = set()
        self._written: tuple[str, str] | None = None
        self._offered: Typed | None = None
        self._on_thrown: Callable[[], object] | None = None
        self._agreed: tuple[str, str] | None = None
        """Of what the person said already that they go on with it."""
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self.flush)
        page.dirty_changed.connect(self._on_judged)
        page.kept.go_on.connect(self._go_on)
        page.kept.throw_away.connect(self._throw_away)

    @property
    def drafts(self) -> KeptDrafts:
        """Where it is kept."""
        return self._session.desk.drafts

    # Keeping

    def _on_judged(self, dirty: bool) -> None:
        if dirty:
            self._timer.start()
            return
        self._timer.stop()
        if self._written is not None and self._written[1] == self._page.commitment_id:
            self.drop()

    def flush(self) -> None:
        """Keeps at once what is typed now."""
        page, actor = self._page, self._session.actor
        if not (page.dirty and actor) or page.kept.offering:
            return
        mine = page.draft_as_typed()
        base = draft_of_detail(page.detail) if page.detail else None
        body = to_body(Typed(mine, base))
        key, drafts = (actor, mine.id), self.drafts
        if self._written not in (None, key):
            self.drop()
        self._mine.add(key)
        self._written = key
        self._write(lambda: drafts.keep(actor, FORM, mine.id, mine.version, body))

    def drop(self) -> None:
        """Forgets what was kept: it was saved or thrown away."""
        self._timer.stop()
        if self._written is None:
            return
        (actor, ref), drafts = self._written, self.drafts
        self._written = None
        self._write(lambda: drafts.drop(actor, FORM, ref))

    def let_be(self) -> None:
        """Keeps what is typed now and lets go of it: the form shows something else, and nothing is lost."""
        self.flush()
        self._timer.stop()
        self._written = None

    def _write(self, fn: Callable[[], object]) -> None:
        actor = self._session.actor

        def failed(error: BaseException) -> None:
            # Nobody else is told about what somebody who was let go had typed.
            if isinstance(error, ForPeople) and self._session.actor == actor:
                words = "What you type can not be kept by itself just now; save it soon."
                self._session.messages.warning(f"{words} {error}", topic="kept draft")

        with contextlib.suppress(JobsClosed):
            self._session.jobs.write(fn, None, failed)

    # Offering

    def found(self, actor: str, ref: str) -> Kept | None:
        """What an earlier run left of this record; call it off the GUI thread."""
        return None if (actor, ref) in self._mine else self.drafts.found(actor, FORM, ref)

    def offer(self, kept: Kept | None, thrown: Callable[[], object] | None = None) -> None:
        """Offers what was kept of the record on the page; ``thrown`` is called after it was thrown away."""
        page = self._page
        self._offered = None
        agreed, self._agreed = self._agreed, None
        if kept is None or (self._session.actor, kept.ref) in self._mine:
            page.hold("")
            return
        typed = from_body(kept.body)
        detail = page.detail
        if detail is not None and same(typed.mine, draft_of_detail(detail)):
            self._written = (self._session.actor, kept.ref)
            self.drop()
            page.hold("")
            return
        self._offered, self._on_thrown = typed, thrown
        at = f"{kept.saved_at.astimezone():%H:%M}"
        since = detail is not None and detail.version != typed.mine.version
        words = f"You were {'editing' if typed.base else 'writing'} {typed.name} at {at} and did not save it."
        if since:
            words += f" {self._who_saved(detail)} since. Compare both before you go on."
        why_not = self._why_not(typed, detail)
        if agreed == (self._session.actor, kept.ref) and not since and not why_not:
            self._go_on()
            return
        page.kept.offer(words, compare=since, why_not=why_not)
        page.hold(HELD)

    def _who_saved(self, detail: CommitmentDetail | None) -> str:
        newest = detail.history[0].who if detail and detail.history else ""
        return f"{newest} changed it" if newest else "It was changed"

    def _why_not(self, typed: Typed, detail: CommitmentDetail | None) -> str:
        if self._page.no_right:
            return self._page.no_right
        if detail is None:
            return ""
        if detail.locked:
            return detail.locked
        lines = draft_of_detail(detail).lines
        return detail.lines_locked if typed.mine.lines != lines else ""

    def _go_on(self) -> None:
        typed, page = self._offered, self._page
        if typed is None:
            return
        detail = page.detail
        if detail is None or detail.version == typed.mine.version:
            self._put(typed.mine)
        else:
            self.compare(typed.base or typed.mine, typed.mine, draft_of_detail(detail))

    def compare(
        self,
        base: CommitmentDraft,
        mine: CommitmentDraft,
        theirs: CommitmentDraft,
        first: Callable[[], object] = lambda: None,
    ) -> None:
        """Shows both versions beside each other; what is chosen is put into the form, after ``first`` was called."""
        from erpdesk.views.tabs.commitments.merge_dialog import MergeDialog

        page = self._page
        found = differences(base, mine, theirs, page.header_form.company_names())
        if not found:
            first()
            self._put(theirs)
            return

        def put(choices: dict[str, str]) -> None:
            first()
            self._put(merged(mine, theirs, choices))

        dialog = MergeDialog(theirs.number or theirs.title or "This commitment", found, page.window())
        dialog.chosen.connect(put)
        dialog.open()

    def look_behind(self) -> None:
        """While somebody types here: tells when somebody else saved the record meanwhile."""
        desk, actor, page = self._session.desk, self._session.actor, self._page
        shown = page.detail
        if shown is None:
            return

        def tell(now: CommitmentDetail) -> None:
            held = page.detail
            if held is None or held.row.id != now.row.id or held.version >= now.version or not page.editing:
                return
            self._session.messages.warning(
                f"{self._who_saved(now)} while you were editing it. Compare both before you save.",
                ("Compare…", lambda: self._compare_now(now)),
                topic="newer",
            )

        self._session.read(lambda: desk.queries.commitment(shown.row.id, actor), tell, key="newer commitment")

    def _compare_now(self, now: CommitmentDetail) -> None:
        page = self._page
        held = page.detail
        if held is None or held.row.id != now.row.id or not page.finish_typing():
            return
        mine = page.draft()
        self.compare(draft_of_detail(held), mine, draft_of_detail(now), lambda: self._show_newer(now))

    def _show_newer(self, now: CommitmentDetail) -> None:
        self.let_be()
        self._page.show_detail(now)

    def _put(self, draft: CommitmentDraft) -> None:
        """Puts it into the form; it is kept on until it is saved or thrown away."""
        self._answered(draft.id)
        self._page.put_draft(draft)
        if not self._page.dirty:
            self.drop()

    def _throw_away(self) -> None:
        thrown, self._on_thrown = self._on_thrown, None
        self._answered(self._page.commitment_id)
        self.drop()
        if thrown is not None:
            thrown()

    def _answered(self, ref: str) -> None:
        self._offered = None
        self._written = (self._session.actor, ref)
        self._mine.add(self._written)
        self._page.hold("")

    # After a start

    def look(self, go_on: Callable[[Kept], object]) -> None:
        """Tells after a start what was typed and not saved; ``go_on`` leads there."""
        actor, drafts = self._session.actor, self.drafts

        def tell(found: tuple[Kept, ...]) -> None:
            left = [each for each in found if each.form == FORM and (actor, each.ref) not in self._mine]
            if not left or actor != self._session.actor or self._page.kept.offering:
                return
            typed, at = from_body(left[0].body), f"{left[0].saved_at.astimezone():%H:%M}"

            def agree() -> None:
                self._agreed = (actor, left[0].ref)
                go_on(left[0])

            more = f" And {len(left) - 1} more." if len(left) > 1 else ""
            self._session.messages.warning(
                f"You were {'editing' if typed.base else 'writing'} {typed.name} at {at} and did not save it.{more}",
                ("Go on", agree),
                topic="kept draft",
            )

        if actor:
            self._session.read(lambda: drafts.all(actor), tell, key="kept drafts")
