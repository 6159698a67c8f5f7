"""A real mail server on this computer, with real certificates, that can be told to behave badly."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as UNDERSTOOD
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from erpdesk.sync.post.smtp import MailServer

NAME = "localhost"
SENDER = "books@cascade.example"
USER, SECRET = "erpdesk", "let me in, it is me"


@dataclass
class House:
    """What a server got, and how it answers: by recipient, and what it does when the mail has come."""

    refused: dict[str, str] = field(default_factory=dict)
    at_data: str = "250 Taken"
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        if self.at_data == "hang up":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never said"
        self.before_answer()
        if self.at_data.startswith("250"):
            made = message_from_bytes(envelope.content, policy=UNDERSTOOD)
            assert isinstance(made, EmailMessage)
            self.letters.append(made)
        self.arrived.set()
        return self.at_data


@dataclass(frozen=True)
class Authority:
    """A certificate authority of this test, as a file that settings can name."""

    made: trustme.CA
    file: Path

    def context(self, name: str = NAME, expired: bool = False) -> ssl.SSLContext:
        """What a server shows: a certificate of this authority for ``name``."""
        over = datetime.now(UTC) - timedelta(days=1) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.issue_cert(name, not_after=over).configure_cert(context)
        return context


def authority(folder: Path, name: str = "ca.pem") -> Authority:
    """A fresh authority with its certificate in a file."""
    made = trustme.CA()
    made.cert_pem.write_to_path(folder / name)
    return Authority(made, folder / name)


def _let_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login.decode(), data.password.decode()) == (USER, SECRET)
    return AuthResult(success=right, handled=False)


class _Direct(Controller):
    """TLS from the first byte; the controller's own trial connection has to trust this test's authority."""

    trusted: Path

    def _trigger_server(self) -> None:
        context = ssl.create_default_context(cafile=str(self.trusted))
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as wrapped,
        ):
            wrapped.recv(1024)


@contextmanager
def mail_server(
    house: House, context: ssl.SSLContext | None, authority_file: Path, tls: str = "starttls", login: bool = False
) -> Iterator[MailServer]:
    """Runs a server on a free port; ``context`` None = it offers no encryption at all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    kind: type[Controller] = _Direct if tls == "tls" and context is not None else Controller
    options: dict[str, Any] = {"auth_required": login, "authenticator": _let_in}
    if not login:
        options["auth_exclude_mechanism"] = ["LOGIN", "PLAIN"]
    if tls == "tls":
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": context is not None}
    controller = kind(house, hostname="127.0.0.1", port=port, **options)
    if isinstance(controller, _Direct):
        controller.trusted = authority_file
    controller.start()
    try:
        yield MailServer(NAME, port, tls, USER if login else "", SENDER, str(authority_file))
    finally:
        controller.stop()


@contextmanager
def odd_server(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A bare socket that takes one caller after another and talks to each in its own way; answers the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    over = threading.Event()
    callers: list[socket.socket] = []

    def serve() -> None:
        while not over.is_set():
            try:
                caller, _ = listening.accept()
            except TimeoutError:
                continue
            callers.append(caller)
            try:
                talk(caller)
            except OSError:
                continue

    thread = threading.Thread(target=serve, name="odd mail server")
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        over.set()
        for caller in callers:
            caller.close()
        thread.join()
        listening.close()
