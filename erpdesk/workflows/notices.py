"""Notices by mail: the daily summary and rejections; each is made once, kept in the database, and sent at most once.

A mail that is being handed in when the program dies is unsure from then on: only a person sends it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.changes import Changes
from erpdesk.core.clock import Clock
from erpdesk.core.declared import is_address
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.base import new_id
from erpdesk.models.erp import Closing, Outbox, Submission
from erpdesk.models.office import Mail, MailState
from erpdesk.models.people import Person
from erpdesk.settings import CompanySettings
from erpdesk.workflows import audit, doubts, erp_queue, notice_readers, notice_words, rights
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.notice_readers import CLOSING, DIGEST, REJECTION
from erpdesk.workflows.operation import Office, Operation, operation, person

READ, RETRY, TEST = "mail.read", "mail.retry", "settings.change"
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240))
"""How long a mail that did not go waits for its next try; the last one from then on."""

LONGEST_SENDING = timedelta(minutes=10)
"""Longer than one mail can take: whoever was sending it has died."""

SUPERSEDED = "A newer daily summary takes its place."
LEFT_SENDING = "erpdesk ended while the mail server was taking this mail: it may have gone or not."
WHY_OFF = "erpdesk sends no mail here until a mail server and a sender are entered under Settings > Mail."
WHY_SAMPLE = "The sample company sends no mail."


@dataclass(frozen=True)
class Taken:
    """A mail that this program is handing in now; nobody else has it."""

    id: str
    address: str
    subject: str
    body: str
    made_at: datetime
    tries: int


@dataclass(frozen=True)
class MailRow:
    """A mail in the list of those that wait: to whom, about what, how far it got, and why not further."""

    id: str
    what: str
    person: str
    address: str
    subject: str
    state: MailState
    tries: int
    problem: str
    made_at: datetime
    next_at: datetime | None
    retry: tuple[str, ...]
    """Why the acting person can not send it again now; empty when they can."""
    give_up: tuple[str, ...]


def rejection(running: Operation, submission: Submission, item: Any) -> None:
    """Makes the mails of a rejection, in the same transaction: to whoever sent the item and whoever created it.

    Each gets one who may still look at the item, and not the rejecter; nobody without an address, and none while the
    company sends no mail.
    """
    office, session = running.office, running.session
    if not office.settings().mails:
        return
    session.flush()
    row = erp_queue.by_id(office, session, [submission.id]).get(submission.id)
    if row is None:
        return
    kind = KINDS[submission.kind]
    wanted = dict.fromkeys((submission.sent_by, str(getattr(item, "created_by", None) or submission.sent_by)))
    for person_id in wanted:
        to = session.get(Person, person_id)
        if to is None or to.id == running.person.id or not notice_readers.may_hear(to, row):
            continue
        subject, body = notice_words.rejected(
            office.settings().company, kind, row, running.person.name, submission.comment, running.at
        )
        mail = _mail(f"{REJECTION}:{submission.id}:{to.id}", to, subject, body, running.at)
        session.add(mail)
        session.flush()
        running.changes |= Changes.of("mail", mail.id)


def closing_waits(running: Operation, submission: Submission, outbox: Outbox, closing: Closing) -> None:
    """Makes the mails about a statement that waits for a second person, in its own transaction: to whoever may confirm.

    None while the company sends no mail, and nobody without an address.
    """
    office, session = running.office, running.session
    if not office.settings().mails:
        return
    session.flush()
    row = erp_queue.by_id(office, session, [submission.id]).get(submission.id)
    if row is None:
        return
    everybody = session.scalars(select(Person).where(Person.active, Person.can_push).order_by(Person.name))
    for to in doubts.who_may_confirm(session, submission, outbox, closing, everybody):
        if not notice_readers.may_hear(to, row):
            continue
        kind, name = KINDS[submission.kind], running.person.name
        subject, body = notice_words.closing(office.settings().company, kind, row, name, closing)
        mail = _mail(f"{CLOSING}:{closing.id}:{to.id}", to, subject, body, running.at)
        session.add(mail)
        session.flush()
        running.changes |= Changes.of("mail", mail.id)


class Notices:
    """What is due, what is on its way, and what could not go."""

    def __init__(self, office: Office) -> None:
        self._office = office

    # What the post asks

    def make_due(self) -> int:
        """Makes today's summary for each approver to whom something waits, once a person and day; answers how many.

        Nothing is made before the set time of day, and summaries of earlier days that did not go are given up.
        """
        office, settings = self._office, self._office.settings()
        today = _due_day(office.clock, settings)
        if today is None or not settings.mails:
            return 0
        with office.store.reading() as session:
            planned = self._planned(session, settings, today)
            old = session.scalars(_digests_before(today)).all()
        if not planned and not old:
            return 0
        made = 0
        with office.store.writing() as session:
            for mail in session.scalars(_digests_before(today)):
                mail.state, mail.problem = MailState.GIVEN_UP, SUPERSEDED
            for mail in planned:
                try:
                    with session.begin_nested():
                        session.add(mail)
                except IntegrityError:
                    # Another program made the same one a moment ago.
                    continue
                made += 1
        return made

    def _planned(self, session: Session, settings: CompanySettings, today: date) -> list[Mail]:
        """The summaries that are due and not there yet, one for each approver to whom something waits."""
        readers = self._to_make(session, today)
        waiting = notice_readers.waiting(self._office, session) if readers else []
        at = self._office.clock.now()
        planned = []
        for to in readers:
            made = notice_readers.summary_for(settings.company, to, waiting, today, at)
            if made is not None:
                planned.append(_mail(_digest_key(to.id, today), to, *made, at))
        return planned

    def take(self) -> Taken | None:
        """Claims the mail that waits longest of those whose time has come; None when there is none.

        It is noted as being sent before it is handed in, so that a program that dies meanwhile leaves a mail that is
        not sure, and no second program takes the same one. A mail whose reader has left, or may not see any more what
        it is about, is given up instead.
        """
        office = self._office
        while True:
            now = office.clock.now()
            with office.store.reading() as session:
                mail = session.scalar(_ready(now).limit(1))
                if mail is None:
                    return None
                # Looked up before the claim, which others wait for: a summary reads everything that waits.
                fit = notice_readers.fit(office, session, mail)
            try:
                with office.store.writing() as session:
                    mail = session.scalar(_ready(now).where(Mail.id == mail.id).with_for_update(skip_locked=True))
                    if mail is None:
                        return None
                    why = fit.why or notice_readers.still_there(session, mail)
                    if why:
                        mail.state, mail.problem = MailState.GIVEN_UP, why
                        self._audit(session, mail, "give_up", why)
                        continue
                    mail.state, mail.tries, mail.next_at = MailState.SENDING, mail.tries + 1, now
                    mail.address, mail.subject, mail.body = fit.address, fit.subject[:200], fit.body
                    session.flush()
                    return Taken(mail.id, mail.address, mail.subject, mail.body, mail.made_at, mail.tries)
            except StaleDataError:
                return None

    def sent(self, taken: Taken) -> Changes:
        """The server has taken it."""
        return self._note(taken, MailState.SENT, "")

    def unsure(self, taken: Taken, problem: str) -> Changes:
        """Nobody can tell whether the server has taken it; it is not sent again by itself."""
        return self._note(taken, MailState.UNSURE, problem)

    def failed(self, taken: Taken, problem: str, *, final: bool = False, others_too: bool = False) -> Changes:
        """It did not go: it waits, longer each time. ``final`` waits longest at once; ``others_too`` holds up all."""
        wait = WAITS[-1] if final else WAITS[min(taken.tries, len(WAITS)) - 1]
        until = self._office.clock.now() + wait
        changes = self._note(taken, MailState.WAITING, problem, until)
        if others_too:
            with self._office.store.writing() as session:
                for other in session.scalars(_ready(self._office.clock.now())):
                    other.next_at = until
        return changes

    def hindered(self, problem: str) -> Changes:
        """Says at every mail whose time has come why this computer can not send it; '' changes nothing."""
        if not problem:
            return Changes()
        ready = _ready(self._office.clock.now()).where(Mail.problem != problem)
        with self._office.store.reading() as session:
            if session.scalar(ready.limit(1)) is None:
                return Changes()
        with self._office.store.writing() as session:
            found = session.scalars(ready).all()
            for mail in found:
                mail.problem = problem
            return Changes.of("mail", *(mail.id for mail in found))

    def put_back(self, taken: Taken) -> Changes:
        """The program ends before the mail was handed in: as if it had not been taken."""
        return self._note(taken, MailState.WAITING, "", self._office.clock.now(), tries=taken.tries - 1)

    def give_over(self) -> Changes:
        """Mails that a program was sending when it died: from now on nobody is sure whether they have gone."""
        office = self._office
        old = select(Mail).where(Mail.state == MailState.SENDING, Mail.next_at < office.clock.now() - LONGEST_SENDING)
        with office.store.reading() as session:
            if session.scalar(old.limit(1)) is None:
                return Changes()
        with office.store.writing() as session:
            found = session.scalars(old).all()
            for mail in found:
                mail.state, mail.problem = MailState.UNSURE, LEFT_SENDING
                self._audit(session, mail, "unsure", LEFT_SENDING)
            return Changes.of("mail", *(mail.id for mail in found))

    def _note(
        self, taken: Taken, state: MailState, problem: str, next_at: datetime | None = None, tries: int | None = None
    ) -> Changes:
        with self._office.store.writing() as session:
            mail = session.get(Mail, taken.id)
            # A person may have given it up meanwhile; that it went after all is worth knowing.
            if mail is None or mail.state not in (MailState.SENDING, MailState.UNSURE, MailState.GIVEN_UP):
                return Changes()
            if mail.state is not MailState.SENDING and state is not MailState.SENT:
                return Changes()
            mail.state, mail.problem = state, problem
            mail.next_at = next_at or mail.next_at
            mail.tries = mail.tries if tries is None else tries
            if state is MailState.SENT:
                mail.sent_at = self._office.clock.now()
            if state in (MailState.SENT, MailState.UNSURE):
                self._audit(session, mail, state.value.lower(), problem)
            return Changes.of("mail", mail.id)

    def _audit(self, session: Session, mail: Mail, act: str, problem: str) -> None:
        audit.append(
            session,
            at=self._office.clock.now(),
            who=audit.SYSTEM,
            act=act,
            kind="mail",
            ref=mail.id,
            body={"key": mail.key, "subject": mail.subject},
            reason=problem,
            station=self._office.station,
        )

    # What people see and decide

    def listed(self, actor: str) -> tuple[MailRow, ...]:
        """Every mail that waits, is on its way or is unsure, oldest first; raises NotAllowed without the right."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if why := rights.why_not(acting, READ):
                raise Refused([why])
            may_not = rights.why_not(acting, RETRY)
            names = {each.id: each.name for each in session.scalars(select(Person))}
            open_states = (MailState.WAITING, MailState.SENDING, MailState.UNSURE)
            found = session.scalars(select(Mail).where(Mail.state.in_(open_states)).order_by(Mail.made_at, Mail.id))
            return tuple(_row(mail, names.get(mail.person_id, ""), may_not) for mail in found)

    def retry(self, actor: str, mail_id: str) -> Changes:
        """Sends a mail again at the next moment; of one that is not sure, the person takes it on themselves."""
        return self._decide(actor, mail_id, MailState.WAITING)

    def give_up(self, actor: str, mail_id: str, reason: str) -> Changes:
        """Gives a mail up: it is not sent any more."""
        return self._decide(actor, mail_id, MailState.GIVEN_UP, reason.strip())

    def _decide(self, actor: str, mail_id: str, state: MailState, reason: str = "") -> Changes:
        with operation(self._office, actor) as running:
            running.demand(RETRY)
            mail = running.session.get(Mail, mail_id)
            if mail is None or mail.state not in (MailState.WAITING, MailState.UNSURE):
                raise ChangedMeanwhile(["This mail has gone meanwhile, or is just being sent. The list was read anew."])
            before = mail.state
            mail.state, mail.next_at = state, running.at
            act = "retry" if state is MailState.WAITING else "give_up"
            running.record(act, "mail", mail.id, before=before.value, after=state.value, reason=reason, key=mail.key)
        self._office.wake.wake()
        return running.changes

    def why_no_test(self, actor: str) -> tuple[str, ...]:
        """Why this person can not have a test mail sent to them; empty when they can."""
        settings = self._office.settings()
        with self._office.store.reading() as session:
            acting = person(session, actor)
            reasons = [rights.why_not(acting, TEST) or ""]
            if not is_address(acting.email):
                reasons.append(f"{acting.name} has no e-mail address that can be used. Enter it under People.")
            if settings.stand_in:
                reasons.append(WHY_SAMPLE)
            elif not settings.mails:
                reasons.append(WHY_OFF)
        return tuple(reason for reason in reasons if reason)

    def test_letter(self, actor: str) -> tuple[Taken, CompanySettings]:
        """A mail to the acting person that proves the settings, and these; raises Refused with every reason."""
        if reasons := self.why_no_test(actor):
            raise Refused(reasons)
        settings, now = self._office.settings(), self._office.clock.now()
        with self._office.store.reading() as session:
            address = person(session, actor).email
        subject, body = notice_words.trial(settings.company)
        return Taken(new_id(), address, subject, body, now, 1), settings

    # Who gets what

    def _to_make(self, session: Session, today: date) -> list[Person]:
        """The approvers who subscribe, have an address, and have no summary of today yet."""
        day = f"%:{today.isoformat()}"
        made = set(session.scalars(select(Mail.key).where(Mail.key.like(f"{DIGEST}:{day}"))))
        return [each for each in notice_readers.subscribers(session) if _digest_key(each.id, today) not in made]


def _due_day(clock: Clock, settings: CompanySettings) -> date | None:
    """Today, once the set time of day at this workstation has come; None before."""
    local = clock.now().astimezone()
    hours, minutes = settings.summary_time.split(":")
    return local.date() if local.time() >= time(int(hours), int(minutes)) else None


def _digest_key(person_id: str, day: date) -> str:
    return f"{DIGEST}:{person_id}:{day.isoformat()}"


def _digests_before(day: date) -> Any:
    """Summaries of earlier days that still wait to be sent."""
    older = func.substr(Mail.key, func.length(Mail.key) - 9) < day.isoformat()
    return select(Mail).where(Mail.key.like(f"{DIGEST}:%"), Mail.state == MailState.WAITING, older)


def _ready(now: datetime) -> Any:
    return select(Mail).where(Mail.state == MailState.WAITING, Mail.next_at <= now).order_by(Mail.next_at, Mail.id)


def _mail(key: str, to: Person, subject: str, body: str, at: datetime) -> Mail:
    return Mail(
        key=key,
        person_id=to.id,
        address=to.email,
        subject=subject[:200],
        body=body,
        state=MailState.WAITING,
        made_at=at,
        next_at=at,
    )


def _row(mail: Mail, name: str, may_not: str | None) -> MailRow:
    kind = mail.key.partition(":")[0]
    reasons = list(_reasons(mail, may_not))
    return MailRow(
        id=mail.id,
        what={DIGEST: "Daily summary", REJECTION: "Rejection", CLOSING: "Doubt to confirm"}.get(kind, kind),
        person=name,
        address=mail.address,
        subject=mail.subject,
        state=mail.state,
        tries=mail.tries,
        problem=mail.problem,
        made_at=mail.made_at,
        next_at=mail.next_at if mail.state is MailState.WAITING else None,
        retry=tuple(reasons),
        give_up=tuple(reasons),
    )


def _reasons(mail: Mail, may_not: str | None) -> Iterator[str]:
    if may_not:
        yield may_not
    if mail.state is MailState.SENDING:
        yield "The mail is being handed in at this moment."
