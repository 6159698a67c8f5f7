"""The post sends what waits to a real server, once, and holds up nobody when the server is bad."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople, Refused
from erpdesk.models.erp import ExportState, Outbox
from erpdesk.models.office import Mail, MailState
from erpdesk.models.people import Person
from erpdesk.sync.events import Changed
from erpdesk.sync.post.post import Alarm, Poster, PostPace, send_test
from erpdesk.sync.post.smtp import MailServer
from tests.sync.post.mail_house import SECRET, SENDER, Authority, House, authority, mail_server, odd_server
from tests.sync.worker_kit import Ear, running, worker_of
from tests.town import Town

CHILD = Path(__file__).parent / "post_child.py"
PATIENCE = 20.0
PACE = PostPace(look=0.05, due=0.0, step=5.0, whole=10.0)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}"
        threading.Event().wait(0.01)


def set_up(town: Town, server: MailServer) -> None:
    """Mail goes to this server; two approvers have addresses and nobody else."""
    town.change_settings(
        mail_host=server.host,
        mail_port=server.port,
        mail_tls=server.tls,
        mail_user=server.user,
        mail_from=server.sender,
        mail_ca_file=server.ca_file,
        summary_time="00:00",
        stand_in=False,
    )
    with town.store.writing() as session:
        for person in session.scalars(select(Person)):
            person.email = ""
            person.all_projects = True
        session.get_one(Person, town.approver).email = "morgan@cascade.example"
        session.get_one(Person, town.both).email = "lee@cascade.example"


def states(town: Town) -> dict[str, MailState]:
    with town.store.reading() as session:
        return {each.address: each.state for each in session.scalars(select(Mail))}


def problems(town: Town) -> set[str]:
    with town.store.reading() as session:
        return set(session.scalars(select(Mail.problem)))


def nothing(company: str, user: str) -> str:
    raise AssertionError("nobody asked for a password")


@contextmanager
def at_work(poster: Poster) -> Iterator[Poster]:
    poster.start()
    try:
        yield poster
    finally:
        assert poster.stop(10)


@pytest.fixture
def trust(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.fixture
def house() -> House:
    return House()


def test_the_summary_reaches_every_approver_once(town: Town, house: House, trust: Authority) -> None:
    town.sent(number="SC-014", title="Größe")
    heard: list[Changes] = []
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        poster = Poster(town.desk.office, nothing, heard.append, PACE)
        with at_work(poster):
            until(lambda: set(states(town).values()) == {MailState.SENT}, "both summaries went")
        assert poster.once() == 0
    assert sorted(str(each["To"]) for each in house.letters) == ["lee@cascade.example", "morgan@cascade.example"]
    assert "Größe" in house.letters[0].get_content()
    assert all(each.kinds == {"mail"} for each in heard) and len(heard) == 3


def test_a_ring_sends_at_once(town: Town, house: House, trust: Authority) -> None:
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        poster = Poster(town.desk.office, nothing, pace=PostPace(look=3600, due=0, step=5, whole=10))
        with at_work(poster):
            town.sent()
            poster.ring()
            until(lambda: len(house.letters) == 2, "both summaries went")


def test_one_refused_recipient_does_not_hold_up_the_others(town: Town, house: House, trust: Authority) -> None:
    house.refused["lee@cascade.example"] = "550 no such person"
    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        Poster(town.desk.office, nothing).once()
    assert states(town) == {"lee@cascade.example": MailState.WAITING, "morgan@cascade.example": MailState.SENT}
    assert any("550 no such person" in each for each in problems(town))


def test_a_server_that_is_away_is_asked_once_and_not_once_a_mail(town: Town) -> None:
    calls: list[socket.socket] = []

    def turn_away(caller: socket.socket) -> None:
        calls.append(caller)
        caller.sendall(b"421 too busy\r\n")
        caller.close()

    town.sent()
    with odd_server(turn_away) as port:
        set_up(town, MailServer("127.0.0.1", port, "starttls", "", SENDER))
        poster = Poster(town.desk.office, nothing)
        poster.once()
        poster.once()
    assert len(calls) == 1 and set(states(town).values()) == {MailState.WAITING}
    assert any("421 too busy" in each for each in problems(town))


def test_a_server_that_hangs_up_with_the_mail_in_hand_gets_it_only_once(
    town: Town, house: House, trust: Authority
) -> None:
    house.at_data = "hang up"
    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        with town.store.writing() as session:
            session.get_one(Person, town.both).email = ""
        poster = Poster(town.desk.office, nothing)
        poster.once()
        poster.once()
    assert states(town) == {"morgan@cascade.example": MailState.UNSURE} and len(house.raw) == 1


def test_a_hanging_server_holds_up_no_export(town: Town) -> None:
    inside = threading.Event()
    ear = Ear()
    town.sent()
    with odd_server(lambda caller: inside.set()) as port:
        set_up(town, MailServer("127.0.0.1", port, "starttls", "", SENDER))
        town.change_settings(stand_in=False)
        poster = Poster(town.desk.office, nothing, pace=PostPace(look=0.05, step=60, whole=60))
        with at_work(poster):
            assert inside.wait(PATIENCE)
            assert MailState.SENDING in states(town).values()
            town.change_settings(stand_in=True)
            _, submission = town.accepted()
            with running(worker_of(town, ear), town):
                ear.wait(Changed, lambda event: ("submission", submission) in event.changes.touched)
                until(lambda: _exported(town, submission), "the export went through")
            assert MailState.SENDING in states(town).values()
    # The mail that nobody had taken waits again, as if it had not been tried.
    assert set(states(town).values()) == {MailState.WAITING} and problems(town) == {""}


def _exported(town: Town, submission: str) -> bool:
    with town.store.reading() as session:
        state = session.scalar(select(Outbox.state).where(Outbox.submission_id == submission))
    return state in (ExportState.IN_SAGE, ExportState.POSTED)


def test_a_program_killed_between_sending_and_noting_sends_no_second_mail(
    town: Town, house: House, trust: Authority
) -> None:
    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        with town.store.writing() as session:
            session.get_one(Person, town.both).email = ""
        town.settings.save(town.folder / "settings.toml")
        ended = subprocess.run(
            [sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), "kill"],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 9, ended.stderr.decode()
        assert len(house.letters) == 1 and states(town) == {"morgan@cascade.example": MailState.SENDING}
        assert Poster(town.desk.office, nothing).once() == 0
    assert len(house.letters) == 1


def test_programs_that_send_at_once_send_each_mail_once(town: Town, house: House, trust: Authority) -> None:
    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        town.settings.save(town.folder / "settings.toml")
        children = [
            subprocess.Popen([sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), "send"])
            for _ in range(2)
        ]
        assert [child.wait(60) for child in children] == [0, 0]
    assert sorted(str(each["To"]) for each in house.letters) == ["lee@cascade.example", "morgan@cascade.example"]


@pytest.mark.parametrize("off", [{"mail_host": ""}, {"mail_from": ""}, {"stand_in": True}])
def test_where_mail_is_off_nothing_is_made_or_sent(
    town: Town, house: House, trust: Authority, off: dict[str, object]
) -> None:
    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        town.change_settings(**off)
        assert Poster(town.desk.office, nothing).once() == 0
    assert states(town) == {} and house.raw == []


def test_a_vault_that_is_closed_keeps_the_mail_and_says_so(town: Town, house: House, trust: Authority) -> None:
    def closed(company: str, user: str) -> str:
        raise ForPeople("No password is kept for the mail login erpdesk.", kept="The mail is kept.")

    town.sent()
    with mail_server(house, trust.context(), trust.file, login=True) as server:
        set_up(town, server)
        Poster(town.desk.office, closed).once()
        assert set(states(town).values()) == {MailState.WAITING}
        assert problems(town) == {"No password is kept for the mail login erpdesk. The mail is kept."}
        # No try was counted: a program of somebody who has the password sends it at once.
        assert Poster(town.desk.office, lambda company, user: SECRET).once() == 2


@pytest.mark.loud
def test_a_bug_is_logged_and_the_post_goes_on(
    town: Town, house: House, trust: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Changes] = []

    def tell(changes: Changes) -> None:
        heard.append(changes)
        if len(heard) == 1:
            raise ZeroDivisionError

    town.sent()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        with at_work(Poster(town.desk.office, nothing, tell, PACE)):
            until(lambda: len(house.letters) == 2, "both summaries went")
    # The server in this test logs what it is sent, wherever a test before let it.
    ours = [each for each in caplog.records if each.name.startswith("erpdesk")]
    told = "\n".join(caplog.handler.format(each) for each in ours)
    assert "ZeroDivisionError" in told and "cascade.example" not in told


def test_a_test_mail_shows_at_once_what_is_wrong(town: Town, house: House, trust: Authority) -> None:
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        assert send_test(town.desk.office, town.approver, nothing) == "morgan@cascade.example"
        house.at_data = "554 spam"
        with pytest.raises(ForPeople, match="554 spam"):
            send_test(town.desk.office, town.approver, nothing)
        with pytest.raises(Refused):
            send_test(town.desk.office, town.viewer, nothing)
    assert "test mail" in str(house.letters[0]["Subject"]) and states(town) == {}


def test_an_act_wakes_the_worker_and_the_post(town: Town, house: House, trust: Authority) -> None:
    alarm = Alarm(town.bell)
    alarm.wake()
    with mail_server(house, trust.context(), trust.file) as server:
        set_up(town, server)
        poster = alarm.post = Poster(town.desk.office, nothing, pace=PostPace(look=3600, due=0, step=5, whole=10))
        with at_work(poster):
            town.sent()
            alarm.wake()
            until(lambda: len(house.letters) == 2, "both summaries went")
    assert town.bell.rings == 2


def test_stopping_before_the_start_and_twice_is_fine(town: Town) -> None:
    poster = Poster(town.desk.office, nothing)
    assert poster.stop() and poster.stop()
