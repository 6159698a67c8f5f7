"""A mail reaches a real server encrypted and whole, or stays here with a sentence that says why."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.errors import ForPeople
from erpdesk.sync.post.smtp import Letter, Line, MailServer, NotSure, NotTaken, ServerTrouble, message, send
from tests.sync.post.mail_house import NAME, SECRET, SENDER, USER, Authority, House, authority, mail_server, odd_server

AT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
LETTER = Letter("abc123", "morgan@cascade.example", "Größe & Maß – summary", "Hello Zoë,\n.\n..dots\nEnd.", AT)


def nothing() -> str:
    raise AssertionError("nobody asked for a password")


@pytest.fixture
def trust(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, house: House, trust: Authority) -> Iterator[MailServer]:
    with mail_server(house, trust.context(), trust.file, request.param) as made:
        yield made


def test_a_mail_arrives_as_it_was_written(server: MailServer, house: House) -> None:
    send(server, nothing, LETTER)
    (got,) = house.letters
    assert (got["From"], got["To"], got["Subject"]) == (SENDER, LETTER.address, LETTER.subject)
    assert got["Message-ID"] == "<abc123@cascade.example>" and got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime == AT
    assert got.get_content().replace("\r\n", "\n") == LETTER.body + "\n"
    assert socket.gethostname().encode() not in house.raw[0]


def test_a_login_is_asked_for_only_where_one_is_set_up(house: House, trust: Authority) -> None:
    with mail_server(house, trust.context(), trust.file, login=True) as server:
        send(server, lambda: SECRET, LETTER)
        with pytest.raises(ServerTrouble, match=f"does not let {USER} in: 535") as wrong:
            send(server, lambda: "guess", LETTER)
        assert SECRET not in str(wrong.value) and "guess" not in str(wrong.value)
        with pytest.raises(NotTaken, match="530"):
            send(replace(server, user=""), nothing, LETTER)
    with (
        mail_server(house, trust.context(), trust.file) as server,
        pytest.raises(ServerTrouble, match="knows no login"),
    ):
        send(replace(server, user=USER), lambda: SECRET, LETTER)
    assert len(house.letters) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["wrong name", "self-signed", "expired", "other authority"])
def test_a_server_that_can_not_prove_its_name_gets_nothing(
    house: House, trust: Authority, tmp_path: Path, tls: str, fault: str
) -> None:
    stranger = authority(tmp_path, "stranger.pem")
    context = {
        "wrong name": lambda: trust.context("mail.elsewhere.example"),
        "self-signed": lambda: stranger.context(),
        "expired": lambda: trust.context(expired=True),
        "other authority": lambda: trust.context(),
    }[fault]()
    ca_file = stranger.file if fault == "other authority" else trust.file
    with mail_server(house, context, ca_file, tls) as server:
        with pytest.raises(ServerTrouble, match="could not prove its name") as refusal:
            send(server, nothing, LETTER)
        assert refusal.value.kept == "The mail is kept and tried again." and refusal.value.next_step
    assert house.raw == []


def test_without_a_named_authority_only_those_of_the_computer_count(house: House, trust: Authority) -> None:
    with (
        mail_server(house, trust.context(), trust.file) as server,
        pytest.raises(ServerTrouble, match="could not prove its name"),
    ):
        send(replace(server, ca_file=""), nothing, LETTER)


def test_a_server_without_encryption_gets_nothing(house: House, trust: Authority) -> None:
    with mail_server(house, None, trust.file) as server:
        with pytest.raises(ServerTrouble, match="offers no encryption"):
            send(server, nothing, LETTER)
        with pytest.raises(ServerTrouble, match="does not speak TLS as set up"):
            send(replace(server, tls="tls"), nothing, LETTER, step=2)
    assert house.raw == []


def test_an_authority_that_can_not_be_read_is_named(trust: Authority, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    for name in ("none.pem", "text.pem"):
        with pytest.raises(ServerTrouble, match=f"authority .*{name} can not be read"):
            send(MailServer(NAME, 1, "tls", "", SENDER, str(tmp_path / name)), nothing, LETTER)


def test_nobody_at_the_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(ServerTrouble, match="can not be reached: Connection refused"):
            send(MailServer("127.0.0.1", port, "starttls", "", SENDER), nothing, LETTER)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_says_nothing_is_waited_for_no_longer_than_set(tls: str) -> None:
    with odd_server(lambda caller: None) as port:
        server = MailServer("127.0.0.1", port, tls, "", SENDER)
        with pytest.raises(ServerTrouble, match="does not answer"):
            send(server, nothing, LETTER, step=0.2)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_another_thread_ends_the_wait(tls: str) -> None:
    line, inside = Line(), threading.Event()
    with odd_server(lambda caller: inside.set()) as port:

        def cut() -> None:
            inside.wait(10)
            line.cut()

        cutter = threading.Thread(target=cut)
        cutter.start()
        with pytest.raises(ServerTrouble):
            send(MailServer("127.0.0.1", port, tls, "", SENDER), nothing, LETTER, line, step=60)
        cutter.join()


def test_a_server_that_drips_is_given_up_as_a_whole() -> None:
    def drip(caller: socket.socket) -> None:
        while True:
            caller.sendall(b"220-still here\r\n")
            threading.Event().wait(0.02)

    with odd_server(drip) as port, pytest.raises(ServerTrouble):
        send(MailServer("127.0.0.1", port, "starttls", "", SENDER), nothing, LETTER, step=5, whole=0.3)


@pytest.mark.parametrize("greeting", [b"421 too busy\r\n", b"554 no\r\n", b"", b"hello\r\n", b"\xff\xfe\r\n"])
def test_a_server_that_turns_callers_away(greeting: bytes) -> None:
    def talk(caller: socket.socket) -> None:
        caller.sendall(greeting)
        caller.close()

    with odd_server(talk) as port, pytest.raises(ServerTrouble) as refusal:
        send(MailServer("127.0.0.1", port, "starttls", "", SENDER), nothing, LETTER, step=2)
    assert refusal.value.what.isprintable()


@pytest.mark.parametrize(("answer", "final"), [("450 mailbox busy", False), ("550 no such person", True)])
def test_a_recipient_that_is_refused(server: MailServer, house: House, answer: str, final: bool) -> None:
    house.refused[LETTER.address] = answer
    with pytest.raises(NotTaken, match=answer) as refusal:
        send(server, nothing, LETTER)
    assert refusal.value.final is final and house.raw == []


@pytest.mark.parametrize(("answer", "final"), [("451 later", False), ("554 spam", True)])
def test_a_mail_that_is_refused_at_its_end(server: MailServer, house: House, answer: str, final: bool) -> None:
    house.at_data = answer
    with pytest.raises(NotTaken, match=answer) as refusal:
        send(server, nothing, LETTER)
    assert refusal.value.final is final


def test_a_server_that_hangs_up_with_the_mail_in_hand_leaves_it_unsure(server: MailServer, house: House) -> None:
    house.at_data = "hang up"
    with pytest.raises(NotSure, match="while it was taking the mail"):
        send(server, nothing, LETTER)
    assert len(house.raw) == 1


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a@b.example\nBcc: c@d.example", "a b@c.example", "zoë@c.example", "<a@b.example>"]
)
def test_an_address_that_can_not_be_one_never_reaches_a_server(address: str) -> None:
    for server, letter in (
        (MailServer(NAME, 1, "tls", "", SENDER), replace(LETTER, address=address)),
        (MailServer(NAME, 1, "tls", "", address), LETTER),
    ):
        with pytest.raises(NotTaken, match="can not be used as an e-mail address"):
            send(server, nothing, letter)


@given(st.text(max_size=80), st.text(max_size=200))
def test_no_title_writes_a_header_and_no_text_ends_the_mail(subject: str, body: str) -> None:
    try:
        subject.encode(), body.encode()
    except UnicodeEncodeError:
        return
    wire = message(replace(LETTER, subject=subject, body=body), SENDER).as_bytes()
    head, _, rest = wire.partition(b"\r\n\r\n")
    fields = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert sorted(fields) == sorted(
        [
            *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
            *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
        ]
    )
    assert all(each < 128 for each in wire) and b"\n" not in wire.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in wire.split(b"\r\n"))
    assert b"\r" not in rest.replace(b"\r\n", b"")


def test_line_breaks_in_a_title_reach_the_server_as_blanks(server: MailServer, house: House) -> None:
    send(server, nothing, replace(LETTER, subject="Steel\r\nBcc: thief@evil.example\r\n\r\nPay", body="x\r\n.\r\nMAIL"))
    (got,) = house.letters
    assert got["Subject"] == "Steel Bcc: thief@evil.example Pay" and got["Bcc"] is None
    assert len(house.raw) == 1


def test_every_refusal_is_a_sentence_for_people() -> None:
    for kind in (ServerTrouble, NotTaken, NotSure):
        assert issubclass(kind, ForPeople)
