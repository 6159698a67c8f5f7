"""How each act is taken back and done again, and what speaks against it because somebody built upon it since."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import SubmissionState
from erpdesk.models.people import Person
from erpdesk.workflows import audit
from erpdesk.workflows.commitment_facts import Exact, bring_back, exact, facts, put_exact
from erpdesk.workflows.commitment_status import LINES_CLOSED, StatusFacts, set_status
from erpdesk.workflows.commitments import COMMITMENT, KIND, delete_problems, lock_reason
from erpdesk.workflows.erp_item import ERP_STEPS, Facts, derive, last_submission
from erpdesk.workflows.operation import Operation

OLDER = "It was done with an older erpdesk, which did not note enough to take it back."
GONE = "It was deleted since."
BESIDE = frozenset({"attach", "detach", "archive", "unarchive"})
"""Acts that leave the record itself as it was."""


@dataclass(frozen=True)
class Taken:
    """One entry that is being taken back (``verb`` undo) or done again (``redo``)."""

    running: Operation
    verb: str
    entry: AuditEntry
    what: str

    @property
    def session(self) -> Session:
        return self.running.session

    @property
    def was(self) -> Exact:
        """How the commitment was just before the entry; raises Refused when the entry does not say."""
        was = json.loads(self.entry.body).get("was")
        if not isinstance(was, dict):
            raise Refused([OLDER])
        return was

    def commitment(self, act: str) -> Commitment:
        """The commitment, after a look at the person's right to ``act`` and at what became of it meanwhile."""
        found = self.session.get(Commitment, self.entry.ref)
        if found is None:
            raise ChangedMeanwhile([GONE])
        self.running.demand(f"{KIND}.{act}", found.project_id)
        return found

    def record(self, *, before: object = None, after: object = None, **body: object) -> None:
        """Writes the entry of this undo or redo, which names the entry it takes back."""
        named = "undoes" if self.verb == "undo" else "redoes"
        told: dict[str, Any] = {named: self.entry.seq, "what": self.what, **body}
        self.running.record(self.verb, KIND, self.entry.ref, before=before, after=after, **told)


def built_upon(session: Session, entry: AuditEntry, acting: Person) -> str:
    """Why an entry can not be taken back any more, because of what followed on the same record; '' when nothing did."""
    followed = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.kind == entry.kind, AuditEntry.ref == entry.ref, AuditEntry.seq > entry.seq)
        .order_by(AuditEntry.seq)
    )
    standing: list[AuditEntry] = []
    for each in followed:
        if each.act in BESIDE:
            continue
        body = json.loads(each.body or "{}")
        gone = body.get("undoes") or body.get("redoes")
        if gone and any(one.seq == gone for one in standing):
            standing = [one for one in standing if one.seq != gone]
        elif each.act == "retrieve" and standing and _sent(standing[-1]) == body.get("submission"):
            standing.pop()
        else:
            standing.append(each)
    accepted = next((each for each in standing if each.act == "accept"), None)
    if accepted is not None:
        return f"It was accepted at {_clock(accepted)}: it is on its way to Sage and can not be taken back here."
    if not standing:
        return ""
    first = standing[0]
    if first.act == "reject":
        return f"Accounting rejected it at {_clock(first)}."
    if first.who == acting.id:
        return f"You {_DONE.get(first.act, 'changed it')} since. Take that back first."
    other = session.get(Person, first.who)
    return f"{other.name if other else 'erpdesk'} {_DONE.get(first.act, 'changed it')} since."


_DONE = {
    "edit": "changed it",
    "status": "changed its status",
    "delete": "deleted it",
    "send": "sent it to accounting",
    "resend": "sent it to accounting",
    "retrieve": "retrieved it",
}


def _clock(entry: AuditEntry) -> str:
    return f"{entry.at.astimezone():%H:%M}"


def _sent(entry: AuditEntry) -> str | None:
    return json.loads(entry.body or "{}").get("submission") if entry.act in ("send", "resend", "redo") else None


def _unmake(taken: Taken) -> None:
    """Takes a creation back, or a deletion again: the commitment goes, and can come back as it is now."""
    commitment = taken.commitment("delete")
    reasons = delete_problems(taken.session, taken.running.person, commitment)
    if reasons:
        raise Refused(reasons)
    taken.record(before=facts(commitment), was=exact(commitment))
    taken.session.delete(commitment)
    taken.session.flush()


def _make_again(taken: Taken) -> None:
    """Brings a deleted commitment back under its own id, with its number and its lines."""
    was = taken.was
    taken.running.demand(f"{KIND}.save", was["project"])
    if taken.session.get(Commitment, taken.entry.ref) is not None:
        raise ChangedMeanwhile(["It is there already."])
    _check_free(taken.session, taken.entry.ref, was)
    commitment = bring_back(taken.session, taken.entry.ref, was)
    taken.record(before={}, after=facts(commitment))


def _put_back(taken: Taken) -> None:
    """Gives the header and the lines back that stood before the entry."""
    was = taken.was
    commitment = taken.commitment("save")
    _check_open(taken, commitment)
    if json.loads(taken.entry.after) != json.loads(audit.as_text(facts(commitment))):
        raise ChangedMeanwhile(["It no longer is as this act left it, so it can not be taken back."])
    before, now = facts(commitment), exact(commitment)
    if was["lines"] != now["lines"] and commitment.status in LINES_CLOSED:
        raise Refused(
            [f"The schedule of values is closed while the status is {commitment.status}. Set it to Draft first."]
        )
    _check_free(taken.session, commitment.id, was)
    put_exact(commitment, was)
    commitment.version = commitment.version + 1
    taken.session.flush()
    taken.record(before=before, after=facts(commitment), was=now)


def _status_back(taken: Taken) -> None:
    """Sets the status that stood before the entry."""
    commitment = taken.commitment("set_status")
    before = commitment.status
    if json.loads(taken.entry.after) != before:
        raise ChangedMeanwhile([f"Its status is {before} now, so this change of status can not be taken back."])
    standing = StatusFacts(taken.running.person, lock_reason(taken.session, commitment))
    commitment.status = set_status(commitment.type, before, json.loads(taken.entry.before), standing)
    taken.session.flush()
    taken.record(before=before, after=commitment.status)


def _take_from_accounting(taken: Taken) -> None:
    """Takes a sent commitment back while nobody has decided on it."""
    commitment = taken.commitment("retrieve")
    submission, outbox = last_submission(taken.session, KIND, commitment.id)
    state = derive(submission.state if submission else None, outbox.state if outbox else None)
    ERP_STEPS.apply("retrieve", state, Facts(KIND, taken.running.person))
    if submission is None or submission.id != json.loads(taken.entry.body).get("submission"):
        raise ChangedMeanwhile(["It was sent once more since."])
    submission.state = SubmissionState.RETRIEVED
    taken.session.flush()
    taken.record(submission=submission.id, revision=submission.revision)
    taken.running.changes |= Changes.of("submission", submission.id)


def _send_again(taken: Taken) -> None:
    """Sends it again, with every check of a send; the entry names what it does again."""
    from erpdesk.workflows.erp_acts import ErpActs

    commitment = taken.commitment("send")
    before = taken.running
    named = _Named(before.office, before.session, before.person, before.at, before.changes, taken)
    ErpActs(before.office).send_one(named, COMMITMENT, commitment)
    before.changes |= named.changes


@dataclass
class _Named(Operation):
    """The same act, whose entry is written as the redo of another."""

    taken: Taken | None = None

    def record(self, act: str, kind: str, ref: str, **told: Any) -> None:
        """Writes the entry of the redo in place of the entry of the send."""
        assert self.taken is not None
        body = {name: value for name, value in told.items() if name not in ("reason", "evidence")}
        self.taken.record(**body)


def _check_open(taken: Taken, commitment: Commitment) -> None:
    locked = lock_reason(taken.session, commitment)
    if locked:
        raise Refused([locked])


def _check_free(session: Session, commitment_id: str, was: Exact) -> None:
    """What speaks against the header that comes back: its number given away, its company gone."""
    reasons: list[str] = []
    with session.no_autoflush:
        number = was["number"]
        asked = select(func.count()).where(Commitment.number == number, Commitment.id != commitment_id)
        if number and session.scalar(asked):
            reasons.append(f"The number {number} is used by another commitment now.")
        if was["company"] and session.get(DirectoryCompany, was["company"]) is None:
            reasons.append("Its contract company is no longer in the directory.")
    if reasons:
        raise Refused(reasons)


STEPS: dict[tuple[str, str], Callable[[Taken], None]] = {
    ("undo", "create"): _unmake,
    ("redo", "create"): _make_again,
    ("undo", "edit"): _put_back,
    ("redo", "edit"): _put_back,
    ("undo", "status"): _status_back,
    ("redo", "status"): _status_back,
    ("undo", "delete"): _make_again,
    ("redo", "delete"): _unmake,
    ("undo", "send"): _take_from_accounting,
    ("undo", "resend"): _take_from_accounting,
    ("redo", "send"): _send_again,
    ("redo", "resend"): _send_again,
}
"""What each act is taken back by, and done again by."""
