"""Who is told what, asked when a notice is made and again when it is sent: nobody hears of what they may not see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.erp import Closing, Outbox, Submission
from erpdesk.models.office import Mail
from erpdesk.models.people import Person
from erpdesk.workflows import doubts, erp_queue, notice_words, rights
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.notice_words import Waiting
from erpdesk.workflows.operation import Office
from erpdesk.workflows.rows import QueueRow

DIGEST, REJECTION, CLOSING = "digest", "rejection", "closing"

NO_PERSON = "Its reader is not there any more."
NOTHING_WAITS = "Nothing that its reader may decide on waits any more."
ITEM_GONE = "The item was deleted."
NOT_WAITING = "It was answered, withdrawn or settled meanwhile, or its reader may not confirm it any more."


@dataclass(frozen=True)
class Fit:
    """A mail as it may go now: its address and text; ``why`` says why it may not ('' = it may)."""

    address: str = ""
    subject: str = ""
    body: str = ""
    why: str = ""


def subscribers(session: Session) -> Iterable[Person]:
    """The approvers who want the daily summary and have an address, by name."""
    asked = select(Person).where(Person.active, Person.digest, Person.can_push, Person.email != "")
    return session.scalars(asked.order_by(Person.name))


def waiting(office: Office, session: Session) -> list[Waiting]:
    """Everything that waits for accounting, whoever may see it, kind by kind and oldest first."""
    found = [
        (kind, view, row)
        for kind in KINDS.values()
        for view in (View.READY_TO_EXPORT, View.FAILED_TO_EXPORT, View.IN_DOUBT)
        for row in erp_queue.queue(office, session, kind, view, None, None)
    ]
    sent_by: dict[str, str] = {}
    for part in erp_queue.in_parts([row.id for _kind, _view, row in found]):
        asked = select(Submission.id, Submission.sent_by).where(Submission.id.in_(part))
        sent_by |= {each.id: each.sent_by for each in session.execute(asked)}
    return [Waiting(kind, view, row, sent_by[row.id]) for kind, view, row in found]


def summary_for(
    company: str, to: Person, everything: Sequence[Waiting], day: date, now: datetime
) -> tuple[str, str] | None:
    """Subject and text of a person's daily summary; None when nothing waits that asks for one."""
    mine = [each for each in everything if _may_decide(to, each)]
    # What one sent oneself is counted in a summary, but is no reason for one.
    if not any(each.sent_by_id != to.id or each.view is not View.READY_TO_EXPORT for each in mine):
        return None
    return notice_words.summary(company, mine, to.id, day, now)


def may_hear(to: Person | None, row: QueueRow) -> bool:
    """Whether a person may be written to about an item: active, with an address, and allowed to look at it."""
    return to is not None and not _why_nobody(to) and not _why_hidden(to, row)


def fit(office: Office, session: Session, mail: Mail) -> Fit:
    """A mail that is about to be sent, under the rights, the address and the work of this moment.

    A summary is made anew, so that it holds nothing that its reader may not decide on any more.
    """
    to = session.get(Person, mail.person_id)
    if to is None or (why := _why_nobody(to)):
        return Fit(why=NO_PERSON if to is None else why)
    kind, _, rest = mail.key.partition(":")
    if kind == REJECTION:
        submission_id = rest.partition(":")[0]
        row = erp_queue.by_id(office, session, [submission_id]).get(submission_id)
        return Fit(to.email, mail.subject, mail.body, ITEM_GONE if row is None else _why_hidden(to, row))
    if kind == CLOSING:
        return Fit(to.email, mail.subject, mail.body, _why_not_confirm(session, to, rest.partition(":")[0]))
    if kind == DIGEST:
        if not to.digest or not to.can_push:
            return Fit(why=NOTHING_WAITS)
        day, company = date.fromisoformat(rest.rpartition(":")[2]), office.settings().company
        made = summary_for(company, to, waiting(office, session), day, office.clock.now())
        return Fit(why=NOTHING_WAITS) if made is None else Fit(to.email, *made)
    return Fit(to.email, mail.subject, mail.body)


def still_there(session: Session, mail: Mail) -> str:
    """What can be asked at once, while the mail is being taken: why its reader gets no mail, '' when they do."""
    to = session.get(Person, mail.person_id)
    return NO_PERSON if to is None else _why_nobody(to)


def _why_nobody(to: Person) -> str:
    if not to.active:
        return f"{to.name} is no longer active."
    return "" if to.email else f"{to.name} has no e-mail address any more."


def _why_hidden(to: Person, row: QueueRow) -> str:
    return rights.why_not(to, f"{row.kind}.read", row.project_id or None) or ""


def _why_not_confirm(session: Session, to: Person, closing_id: str) -> str:
    closing = session.get(Closing, closing_id)
    outbox = None if closing is None else session.get(Outbox, closing.outbox_id)
    submission = None if outbox is None else session.get(Submission, outbox.submission_id)
    if closing is None or outbox is None or submission is None:
        return NOT_WAITING
    return "" if doubts.who_may_confirm(session, submission, outbox, closing, (to,)) else NOT_WAITING


def _may_decide(to: Person, each: Waiting) -> bool:
    """Project membership, the right for the kind, and the privilege: what accept itself asks."""
    return rights.why_not(to, f"{each.kind.name}.accept", each.row.project_id or None) is None
