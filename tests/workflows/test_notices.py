"""The daily summary and rejection mails: who gets which, once, and what becomes of mails that do not go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from erpdesk.core.clock import Clock
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.models.erp import Submission, SubmissionState
from erpdesk.models.office import Mail, MailState
from erpdesk.models.people import KindRight, Person, ProjectMember
from erpdesk.workflows import notices as subject
from erpdesk.workflows.notices import Notices, rejection
from erpdesk.workflows.operation import Office, operation
from tests.town import Town, press

CHILD = Path(__file__).parent / "digest_child.py"


class Time:
    """A clock that a test sets; 09:00 at this workstation on a working day at first."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9).astimezone().astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def time() -> Time:
    return Time()


def office_of(town: Town, time: Callable[[], datetime]) -> Office:
    """The town's office, with mail set up, at a time that the test chooses."""
    town.change_settings(mail_host="mail.example.com", mail_from="books@cascade.example", stand_in=False)
    old = town.desk.office
    return Office(old.store, old.facts, old.preview, old.wake, Clock(time), old.settings)


def give_address(town: Town, *people: str, **values: object) -> None:
    """Gives these people an address and nobody else."""
    with town.store.writing() as session:
        for everybody in session.scalars(select(Person)):
            everybody.email = ""
        for person_id in people:
            person = session.get_one(Person, person_id)
            person.email = f"{person.name.split()[0].lower()}@cascade.example"
            for name, value in {"all_projects": True, **values}.items():
                setattr(person, name, value)


def mails(town: Town) -> list[Mail]:
    with town.store.reading() as session:
        return list(session.scalars(select(Mail).order_by(Mail.made_at, Mail.key)))


def state(town: Town) -> list[MailState]:
    return [each.state for each in mails(town)]


def test_an_approver_gets_one_summary_a_day_while_something_waits(any_town: Town, time: Time) -> None:
    any_town.sent(number="SC-014", title="Structural steel")
    any_town.sent(number="SC-015", title="Roofing")
    give_address(any_town, any_town.approver, any_town.manager, any_town.viewer)
    notices = Notices(office_of(any_town, time))
    assert notices.make_due() == 1 and notices.make_due() == 0
    (mail,) = mails(any_town)
    assert (mail.person_id, mail.address) == (any_town.approver, "morgan@cascade.example")
    assert mail.key == f"digest:{any_town.approver}:2026-11-24"
    assert mail.subject == "ERP Integrations Daily Summary"
    for words in (
        "2 items wait for a decision, $2,469.12 in all.",
        "SC-014  Structural steel",
        "sent by Dana Whitfield",
    ):
        assert words in mail.body
    time.go(days=1)
    assert notices.make_due() == 1
    assert [each.state for each in mails(any_town)] == [MailState.GIVEN_UP, MailState.WAITING]


def test_nothing_waits_no_mail(town: Town, time: Time) -> None:
    give_address(town, town.approver)
    assert Notices(office_of(town, time)).make_due() == 0
    town.accepted()
    assert Notices(office_of(town, time)).make_due() == 0


def test_before_the_set_time_nothing_is_made(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    office = office_of(town, time)
    town.change_settings(summary_time="09:30")
    assert Notices(office).make_due() == 0
    time.go(minutes=30)
    assert Notices(office).make_due() == 1


@pytest.mark.parametrize("values", [{"digest": False}, {"active": False}, {"can_push": False}, {"email": ""}])
def test_who_does_not_subscribe_or_decide_gets_none(town: Town, time: Time, values: dict[str, object]) -> None:
    town.sent()
    give_address(town, town.approver, **values)
    assert Notices(office_of(town, time)).make_due() == 0


def test_a_summary_holds_only_what_its_reader_may_decide_on(town: Town, time: Time) -> None:
    town.sent(number="SC-ONE")
    elsewhere = town.project(1)
    code = town.codes(place=1)[0]
    line = town.draft().lines[0]
    town.sent(
        number="SC-TWO", project_id=elsewhere.id, lines=(replace(line, extra=code.extra, cost_code=code.cost_code),)
    )
    give_address(town, town.approver, all_projects=False)
    with town.store.writing() as session:
        session.get_one(Person, town.approver).projects = [ProjectMember(project_id=elsewhere.id)]
    assert Notices(office_of(town, time)).make_due() == 1
    (mail,) = mails(town)
    assert "SC-TWO" in mail.body and "SC-ONE" not in mail.body and "1 item waits" in mail.body


def test_a_kind_that_the_reader_may_not_export_is_left_out(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    with town.store.writing() as session:
        session.get_one(Person, town.approver).kinds = [KindRight(kind="commitment", can_import=True, can_export=False)]
    assert Notices(office_of(town, time)).make_due() == 0


def test_what_one_sent_oneself_waits_for_another(town: Town, time: Time) -> None:
    made = town.approved(number="SC-OWN")
    town.desk.erp.send(town.both, [made], press())
    give_address(town, town.both)
    notices = Notices(office_of(town, time))
    assert notices.make_due() == 0
    town.sent(number="SC-HIS")
    assert notices.make_due() == 1
    (mail,) = mails(town)
    assert "SC-HIS" in mail.body and "SC-OWN" not in mail.body
    assert "1 item that you sent yourself waits for another approver." in mail.body


def test_failed_exports_are_counted_and_enough_for_a_mail(town: Town, time: Time) -> None:
    _, submission = town.accepted()
    town.fail(submission)
    give_address(town, town.approver)
    assert Notices(office_of(town, time)).make_due() == 1
    assert "1 export failed and has to be rejected" in mails(town)[0].body


def test_the_sample_company_and_one_without_a_server_make_no_mail(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    office = office_of(town, time)
    town.change_settings(stand_in=True)
    assert Notices(office).make_due() == 0
    town.change_settings(stand_in=False, mail_host="")
    assert Notices(office).make_due() == 0


def test_programs_that_make_the_summary_at_once_make_one(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver, town.both)
    office_of(town, time)
    town.settings.save(town.folder / "settings.toml")
    children = [
        subprocess.Popen(
            [sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), time.at.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    ends = [child.communicate(timeout=60)[0] for child in children]
    made = sum(int(end.split()[0]) for end in ends)
    took = [each for end in ends for each in end.split()[1:]]
    assert made == 2 and len(mails(town)) == 2
    assert sorted(took) == sorted(each.id for each in mails(town))
    assert state(town) == [MailState.SENT] * 2


def test_a_mail_is_claimed_once(any_town: Town, time: Time) -> None:
    any_town.sent()
    give_address(any_town, any_town.approver)
    notices = Notices(office_of(any_town, time))
    notices.make_due()
    taken = notices.take()
    assert taken is not None and notices.take() is None
    assert state(any_town) == [MailState.SENDING]
    assert notices.sent(taken).kinds == {"mail"}
    assert state(any_town) == [MailState.SENT] and mails(any_town)[0].sent_at == time.at


def test_a_mail_that_was_being_sent_when_the_program_died_is_unsure_and_stays_so(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    notices = Notices(office_of(town, time))
    notices.make_due()
    assert notices.take() is not None
    # Another program that is just sending is left alone.
    assert not notices.give_over()
    time.go(minutes=11)
    assert notices.give_over()
    assert state(town) == [MailState.UNSURE] and notices.take() is None
    time.go(hours=5)
    assert notices.take() is None and notices.make_due() == 0
    (row,) = notices.listed(town.approver)
    assert "may have gone or not" in row.problem and row.retry == ()
    notices.retry(town.approver, row.id)
    assert notices.take() is not None


def test_a_slow_sender_that_comes_back_is_believed(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    notices = Notices(office_of(town, time))
    notices.make_due()
    taken = notices.take()
    assert taken is not None
    time.go(minutes=11)
    notices.give_over()
    assert not notices.failed(taken, "too late")
    assert notices.sent(taken)
    assert state(town) == [MailState.SENT]


def test_a_mail_that_does_not_go_waits_longer_each_time(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    notices = Notices(office_of(town, time))
    notices.make_due()
    for minutes in (1, 5, 15, 60, 240, 240):
        taken = notices.take()
        assert taken is not None
        notices.failed(taken, "not now")
        time.go(minutes=minutes, seconds=-1)
        assert notices.take() is None
        time.go(seconds=1)
    taken = notices.take()
    assert taken is not None and taken.tries == 7
    notices.put_back(taken)
    again = notices.take()
    assert again is not None and again.tries == 7


def test_what_the_server_refuses_for_good_waits_longest_and_what_hinders_all_holds_up_all(
    town: Town, time: Time
) -> None:
    town.sent()
    give_address(town, town.approver, town.both)
    notices = Notices(office_of(town, time))
    assert notices.make_due() == 2
    taken = notices.take()
    assert taken is not None
    notices.failed(taken, "550 no such person", final=True)
    other = notices.take()
    assert other is not None and other.id != taken.id
    notices.put_back(other)
    time.go(hours=4, minutes=-1)
    taken = notices.take()
    assert taken is not None and taken.id == other.id
    time.go(minutes=1)
    notices.failed(taken, "does not answer", others_too=True)
    assert notices.take() is None


LOSSES: list[Callable[[Person], object]] = [
    lambda person: setattr(person, "active", False),
    lambda person: setattr(person, "email", ""),
    lambda person: person.rights.clear(),
    lambda person: setattr(person, "all_projects", False),
]


def lose(town: Town, person_id: str, loss: Callable[[Person], object]) -> None:
    with town.store.writing() as session:
        loss(session.get_one(Person, person_id))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_summary_does_not_go_to_who_may_not_see_it_any_more(
    any_town: Town, time: Time, loss: Callable[[Person], object]
) -> None:
    any_town.sent(number="SC-014")
    give_address(any_town, any_town.approver)
    notices = Notices(office_of(any_town, time))
    assert notices.make_due() == 1
    lose(any_town, any_town.approver, loss)
    assert notices.take() is None and notices.take() is None
    assert state(any_town) == [MailState.GIVEN_UP] and mails(any_town)[0].problem
    with any_town.store.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.kind == "mail"))
    assert (entry.act, entry.reason) == ("give_up", mails(any_town)[0].problem)
    assert notices.make_due() == 0


def test_a_summary_goes_to_the_address_of_now_and_says_what_its_reader_may_see_now(town: Town, time: Time) -> None:
    town.sent(number="SC-ONE")
    elsewhere, code = town.project(1), town.codes(place=1)[0]
    line = replace(town.draft().lines[0], extra=code.extra, cost_code=code.cost_code)
    town.sent(number="SC-TWO", project_id=elsewhere.id, lines=(line,))
    give_address(town, town.approver)
    notices = Notices(office_of(town, time))
    notices.make_due()
    assert "SC-ONE" in mails(town)[0].body and "SC-TWO" in mails(town)[0].body
    with town.store.writing() as session:
        morgan = session.get_one(Person, town.approver)
        morgan.email, morgan.all_projects = "m.reyes@cascade.example", False
        morgan.projects = [ProjectMember(project_id=elsewhere.id)]
    taken = notices.take()
    assert taken is not None and taken.address == "m.reyes@cascade.example"
    assert "SC-TWO" in taken.body and "SC-ONE" not in taken.body
    (mail,) = mails(town)
    assert (mail.address, mail.body) == (taken.address, taken.body)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_rejection_is_told_only_to_who_may_look_at_the_item(
    town: Town, time: Time, loss: Callable[[Person], object]
) -> None:
    office_of(town, time)
    _, first = town.sent()
    _, second = town.sent()
    give_address(town, town.manager)
    town.desk.erp.reject(town.approver, first, "Split it.", press())
    assert state(town) == [MailState.WAITING]
    lose(town, town.manager, loss)
    town.desk.erp.reject(town.approver, second, "Secret.", press())
    assert state(town) == [MailState.WAITING], "none was made for the second"
    # The mail was made by the clock of the desk itself.
    assert Notices(town.desk.office).take() is None
    assert state(town) == [MailState.GIVEN_UP]


def reject(office: Office, town: Town, actor: str, submission: str, comment: str) -> None:
    """What the act of rejecting does with a notice: all in one transaction."""
    with operation(office, actor) as running:
        held = running.session.get_one(Submission, submission)
        held.state, held.comment = SubmissionState.REJECTED, comment
        held.decided_by, held.decided_at = running.person.id, running.at
        rejection(running, held, running.session.get_one(Commitment, held.item_id))


def test_a_rejection_tells_the_sender_and_the_creator_once_each(any_town: Town, time: Time) -> None:
    made = any_town.approved(number="SC-014", title="Structural steel")
    any_town.desk.erp.send(any_town.both, [made], press())
    submission = next(iter(_pending(any_town)))
    give_address(any_town, any_town.manager, any_town.both, any_town.approver)
    office = office_of(any_town, time)
    reject(office, any_town, any_town.approver, submission, "Split it,\nplease.")
    got = mails(any_town)
    assert {each.person_id for each in got} == {any_town.manager, any_town.both}
    for each in got:
        assert each.subject.endswith(": ERP Commitment Rejection Notification")
        assert "Morgan Reyes rejected commitment SC-014" in each.body
        assert "  Split it,\n  please." in each.body and "Commitments" in each.body


def test_a_rejection_of_ones_own_item_tells_only_the_other(town: Town, time: Time) -> None:
    (_, own), (_, other) = town.sent(), town.sent()
    give_address(town, town.manager)
    office = office_of(town, time)
    reject(office, town, town.manager, own, "")
    assert mails(town) == []
    reject(office, town, town.approver, other, "")
    assert "No comment was given." in mails(town)[0].body and len(mails(town)) == 1


def test_a_rejection_that_is_rolled_back_leaves_no_mail(town: Town, time: Time) -> None:
    _, submission = town.sent()
    give_address(town, town.manager)
    office = office_of(town, time)
    with pytest.raises(Refused), operation(office, town.approver) as running:
        held = running.session.get_one(Submission, submission)
        rejection(running, held, running.session.get_one(Commitment, held.item_id))
        raise Refused(["no"])
    assert mails(town) == []


def test_no_mail_about_a_rejection_while_mail_is_off(town: Town, time: Time) -> None:
    _, submission = town.sent()
    give_address(town, town.manager)
    office = office_of(town, time)
    town.change_settings(mail_host="")
    reject(office, town, town.approver, submission, "x")
    assert mails(town) == []


def test_only_an_admin_sends_again_or_gives_up_and_it_is_audited(town: Town, time: Time) -> None:
    town.sent()
    give_address(town, town.approver)
    notices = Notices(office_of(town, time))
    notices.make_due()
    taken = notices.take()
    assert taken is not None
    (row,) = notices.listed(town.viewer)
    assert row.what == "Daily summary" and len(row.retry) == 2
    with pytest.raises(NotAllowed):
        notices.retry(town.viewer, row.id)
    with pytest.raises(ChangedMeanwhile):
        notices.give_up(town.approver, row.id, "no")
    notices.failed(taken, "does not answer")
    rings = town.bell.rings
    notices.retry(town.approver, row.id)
    assert town.bell.rings == rings + 1
    notices.give_up(town.approver, row.id, "She is away.")
    assert notices.listed(town.approver) == () and state(town) == [MailState.GIVEN_UP]
    with town.store.reading() as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.kind == "mail").order_by(AuditEntry.seq)).all()
    assert acts == ["retry", "give_up"]


def test_a_test_mail_goes_to_oneself_and_says_why_it_can_not(town: Town, time: Time) -> None:
    office = office_of(town, time)
    notices = Notices(office)
    give_address(town)
    assert notices.why_no_test(town.approver) == (
        "Morgan Reyes has no e-mail address that can be used. Enter it under People.",
    )
    give_address(town, town.approver)
    letter, _ = notices.test_letter(town.approver)
    assert letter.address == "morgan@cascade.example"
    town.change_settings(stand_in=True)
    assert notices.why_no_test(town.approver) == (subject.WHY_SAMPLE,)
    town.change_settings(stand_in=False, mail_host="")
    with pytest.raises(Refused, match="no mail here until"):
        notices.test_letter(town.approver)
    assert len(notices.why_no_test(town.viewer)) == 3


def test_a_long_summary_lists_fifty_and_counts_the_rest(town: Town, time: Time) -> None:
    many = [town.approved(number=f"SC-{number:03}") for number in range(52)]
    town.desk.erp.send(town.manager, many, press())
    give_address(town, town.approver)
    Notices(office_of(town, time)).make_due()
    body = mails(town)[0].body
    assert "52 items wait" in body and "and 2 more" in body and body.count("sent by Dana") == 50


def _pending(town: Town) -> list[str]:
    with town.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Submission))
        return list(session.scalars(select(Submission.id)))
