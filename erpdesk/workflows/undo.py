"""Undo and redo of a person's own acts of today that have not been sent to Sage, read from the audit trail.

There is no second book: what stands in the trail says what was done, how it was before, and who built upon it since.
Taking back is an act of its own, with the rights of now, one transaction and an entry that names what it takes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.core.steps import Offer
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.models.people import Person
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.operation import (
    Office,
    Operation,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    operation,
    person,
)
from erpdesk.workflows.undo_steps import OLDER, STEPS, Taken, built_upon

ACTS = ("create", "edit", "status", "delete", "send", "resend")
"""What can be taken back while nothing was built upon it and nobody in accounting decided."""
UNDO, REDO = "undo", "redo"
NOTHING = "You have done nothing today that could be taken back."
NOTHING_AGAIN = "You have taken nothing back that could be done again."
LOOK_BACK = 5000
"""How many entries of the trail are looked through for a person's acts of today."""


@dataclass(frozen=True)
class Act:
    """One act that stands and can be taken back, or was taken back and can be done again.

    ``entries`` are those of one transaction, so that what was done at once is taken back at once.
    """

    id: int
    entries: tuple[AuditEntry, ...]
    what: str


@dataclass(frozen=True)
class UndoRow:
    """One act of today in the list behind Undo: what it was, when, and why it can not be taken back ('' = it can)."""

    id: int
    title: str
    at: datetime
    reasons: tuple[str, ...]


class UndoActs:
    """Takes back what a person did, and does it again; never what accounting accepted."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def offers(self, actor: str) -> tuple[Offer, Offer]:
        """Undo and redo of the person's last act as buttons, with the act's name and why it is not possible.

        The verb is ``undo:<id>``: hand the id on, so that nothing else is taken back than what was shown.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            undo, redo = self._stacks(session, actor)
            return (
                self._offer(session, acting, "Undo", undo, NOTHING),
                self._offer(session, acting, "Redo", redo, NOTHING_AGAIN),
            )

    def acts(self, actor: str, most: int = 12) -> tuple[UndoRow, ...]:
        """The person's acts of today that stand, the newest first, each with why it can not be taken back."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            undo, _ = self._stacks(session, actor)
            return tuple(
                UndoRow(act.id, _title("Undo", session, act), act.entries[0].at, self._why_not(session, acting, act))
                for act in reversed(undo[-most:])
            )

    def undo(self, actor: str, op_id: str, act_id: int = 0) -> Changes:
        """Takes back the last act, or the one with this id; of several items at once, those that still can be.

        Raises Refused with why nothing could be taken back, ChangedMeanwhile when something else was done since.
        """
        return self._carry_out(actor, op_id, UNDO, act_id)

    def redo(self, actor: str, op_id: str, act_id: int = 0) -> Changes:
        """Does again what was taken back last; raises as ``undo`` does."""
        return self._carry_out(actor, op_id, REDO, act_id)

    def _carry_out(self, actor: str, op_id: str, verb: str, act_id: int) -> Changes:
        with operation(self._office, actor) as running:
            press = Press.of(op_id, verb, act_id)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            undo, redo = self._stacks(running.session, actor)
            act = _chosen(undo if verb == UNDO else redo, act_id, NOTHING if verb == UNDO else NOTHING_AGAIN)
            refusals: list[Refused] = []
            for entry in reversed(act.entries):
                try:
                    with running.session.begin_nested():
                        self._one(running, verb, entry, act.what)
                except Refused as refusal:
                    refusals.append(refusal)
            if len(refusals) == len(act.entries):
                if len(refusals) == 1:
                    raise refusals[0]
                raise Refused(tuple(dict.fromkeys(reason for each in refusals for reason in each.reasons)))
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        return running.changes

    def _one(self, running: Operation, verb: str, entry: AuditEntry, what: str) -> None:
        since = built_upon(running.session, entry, running.person)
        if since:
            raise Refused([since])
        taken = Taken(running, verb, entry, what)
        STEPS[verb, what](taken)

    def _stacks(self, session: Session, actor: str) -> tuple[list[Act], list[Act]]:
        """What stands and what was taken back, oldest first, as the trail of today tells it."""
        clock = self._office.clock
        midnight = datetime.combine(clock.today(), time.min).astimezone()
        last = session.scalar(select(func.max(AuditEntry.seq))) or 0
        asked = (
            select(AuditEntry)
            .where(
                AuditEntry.seq > last - LOOK_BACK,
                AuditEntry.who == actor,
                AuditEntry.kind == KIND,
                AuditEntry.at >= midnight,
            )
            .order_by(AuditEntry.seq)
        )
        return replay(session.scalars(asked))

    def _offer(self, session: Session, acting: Person, word: str, stack: Sequence[Act], nothing: str) -> Offer:
        verb = word.lower()
        if not stack:
            return Offer(verb, word, False, (nothing,))
        act = stack[-1]
        reasons = self._why_not(session, acting, act)
        return Offer(f"{verb}:{act.id}", _title(word, session, act), not reasons, reasons)

    def _why_not(self, session: Session, acting: Person, act: Act) -> tuple[str, ...]:
        """Why none of the act's items can be taken back (or done again); empty when one can."""
        reasons: list[str] = []
        for entry in act.entries:
            why = built_upon(session, entry, acting) or _lacking(entry, act.what)
            if not why:
                return ()
            reasons.append(why)
        return tuple(dict.fromkeys(reasons))


def replay(entries: Iterable[AuditEntry]) -> tuple[list[Act], list[Act]]:
    """The two stacks, undo and redo, after these entries of one person, oldest first."""
    undo: list[Act] = []
    redo: list[Act] = []
    for entry in entries:
        body = _body(entry)
        if entry.act == UNDO:
            _take(undo, int(body["undoes"]))
            _push(redo, entry, str(body["what"]))
        elif entry.act == REDO:
            _take(redo, int(body["redoes"]))
            _push(undo, entry, str(body["what"]))
        elif entry.act in ACTS:
            redo.clear()
            _push(undo, entry, entry.act)
        elif entry.act == "retrieve":
            # Taken back by the button: nothing of the send is left to be taken back.
            _take_send(undo, str(body.get("submission", "")))
            redo.clear()
    return undo, redo


def _push(stack: list[Act], entry: AuditEntry, what: str) -> None:
    top = stack[-1] if stack else None
    if top and top.what == what and top.entries[-1].at == entry.at and top.entries[-1].act == entry.act:
        stack[-1] = Act(top.id, (*top.entries, entry), what)
    else:
        stack.append(Act(entry.seq, (entry,), what))


def _take(stack: list[Act], seq: int) -> None:
    """Takes one entry out of the act that holds it."""
    for place, act in enumerate(stack):
        left = tuple(entry for entry in act.entries if entry.seq != seq)
        if len(left) < len(act.entries):
            stack[place : place + 1] = [Act(left[0].seq, left, act.what)] if left else []
            return


def _take_send(stack: list[Act], submission: str) -> None:
    for act in stack:
        for entry in act.entries:
            if act.what in ("send", "resend") and _body(entry).get("submission") == submission:
                _take(stack, entry.seq)
                return


def _chosen(stack: Sequence[Act], act_id: int, nothing: str) -> Act:
    if not stack:
        raise Refused([nothing])
    if not act_id:
        return stack[-1]
    found = next((act for act in stack if act.id == act_id), None)
    if found is None:
        raise ChangedMeanwhile(["Something else was done since. Look at what is offered now."])
    return found


def _lacking(entry: AuditEntry, what: str) -> str:
    """Why the entry itself does not say enough; '' when it does."""
    needs = {UNDO: ("create", "edit"), REDO: ("edit", "delete")}.get(entry.act, ("edit", "delete"))
    return OLDER if what in needs and not _body(entry).get("was") else ""


def _body(entry: AuditEntry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(entry.body or "{}")
    return body


def _title(word: str, session: Session, act: Act) -> str:
    """The button's words: ``Undo edit of SC-03-0041``, ``Undo approve SC-03-0041``, ``Undo send of 12 commitments``."""
    many = len(act.entries)
    name = f"{many} commitments" if many > 1 else _name(session, act.entries[0])
    if act.what == "status":
        entry = act.entries[0]
        status = json.loads((entry.before if entry.act == UNDO else entry.after) or '""')
        return f"{word} approve {name}" if status == "Approved" else f"{word} status {status} of {name}"
    words = {"create": "creation", "resend": "re-send"}.get(act.what, act.what)
    return f"{word} {words} of {name}"


def _name(session: Session, entry: AuditEntry) -> str:
    commitment = session.get(Commitment, entry.ref)
    if commitment is not None:
        return commitment.number or commitment.title or "a commitment without a number"
    known = _body(entry).get("was") or json.loads(entry.before or "null") or json.loads(entry.after or "null")
    held = known if isinstance(known, dict) else {}
    return str(held.get("number") or held.get("title") or "a commitment without a number")
