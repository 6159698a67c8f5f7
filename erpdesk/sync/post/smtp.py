"""One mail to the company's mail server: encrypted, with a proven name, or not at all."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

from erpdesk.core.declared import is_address
from erpdesk.core.errors import ForPeople
from erpdesk.settings import CompanySettings

STEP_SECONDS = 20.0
"""The longest wait for one answer of the server."""
WHOLE_SECONDS = 90.0
"""The longest time for one mail, however slowly the server drips."""

GREETING = "[127.0.0.1]"
"""What erpdesk calls itself to the server: no computer's name leaves with a mail, and none is looked up."""


class ServerTrouble(ForPeople):
    """The server could not be reached, is not who it should be, or lets nobody in: no mail would go now."""


class NotTaken(ForPeople):
    """The server did not take this one mail; ``final`` = it said that trying again is no use."""

    def __init__(self, what: str, *, final: bool) -> None:
        super().__init__(what, kept="The mail is kept.")
        self.final = final


class NotSure(ForPeople):
    """The connection ended while the server was taking the mail: it may have gone or not."""


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in, and as whom."""

    host: str
    port: int
    tls: str
    user: str
    sender: str
    ca_file: str = ""

    @classmethod
    def of(cls, settings: CompanySettings) -> MailServer:
        """The server that a company's settings name."""
        return cls(
            settings.mail_host,
            settings.mail_port,
            settings.mail_tls,
            settings.mail_user,
            settings.mail_from,
            settings.mail_ca_file,
        )


@dataclass(frozen=True)
class Letter:
    """A mail as it is handed in; the same ``id`` is the same mail to every server it passes."""

    id: str
    address: str
    subject: str
    body: str
    at: datetime


class Line:
    """The connection of one mail; another thread may cut it, and whoever waits on it gets an error at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hold: socket.socket | None = None
        self.was_cut = False

    def hold(self, connected: socket.socket) -> None:
        """Keeps a second hand on a connection; the first one is given away when it is encrypted."""
        with self._lock:
            self._hold = connected.dup()
            cut = self.was_cut
        if cut:
            self.cut()

    def cut(self) -> None:
        """Ends the connection, whatever it waits for."""
        with self._lock:
            self.was_cut = True
            if self._hold is not None:
                with suppress(OSError):
                    self._hold.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """The mail is done with: nothing is left to cut."""
        with self._lock:
            held, self._hold = self._hold, None
        if held is not None:
            held.close()


def one_line(text: str) -> str:
    """A text without line breaks and other control characters, so that nothing can be slipped into a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def message(letter: Letter, sender: str) -> EmailMessage:
    """The mail as text: plain, UTF-8, marked as written by a program."""
    made = EmailMessage(policy=WIRE)
    made["From"] = sender
    made["To"] = letter.address
    made["Subject"] = one_line(letter.subject)
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    lines = ("".join(each if each.isprintable() else " " for each in line) for line in letter.body.split("\n"))
    made.set_content("\n".join(lines) + "\n", charset="utf-8", cte="quoted-printable")
    return made


def send(
    server: MailServer,
    password: Callable[[], str],
    letter: Letter,
    line: Line | None = None,
    *,
    step: float = STEP_SECONDS,
    whole: float = WHOLE_SECONDS,
) -> None:
    """Hands one mail in; it has gone when this returns.

    Raises ServerTrouble when no mail would go, NotTaken when this one did not, NotSure when nobody can tell.
    ``password`` is asked for only where a user is set up, and may raise ForPeople.
    """
    for address in (server.sender, letter.address):
        if not is_address(address):
            raise NotTaken(f"“{one_line(address)}” can not be used as an e-mail address.", final=True)
    line = line or Line()
    watch = threading.Timer(whole, line.cut)
    watch.name = "erpdesk-post-watch"
    watch.daemon = True
    watch.start()
    try:
        with _opened(server, line, step) as smtp:
            _sign_in(smtp, server, password)
            _hand_in(smtp, server, letter)
    finally:
        watch.cancel()
        line.let_go()


def _trouble(server: MailServer, why: str, next_step: str = "") -> ServerTrouble:
    return ServerTrouble(
        f"The mail server {server.host}, port {server.port}, {why}.",
        kept="The mail is kept and tried again.",
        next_step=next_step,
    )


NAME_NEXT = "Check the name of the server, its certificate, and the certificate authority in the mail settings."


@contextmanager
def _opened(server: MailServer, line: Line, step: float) -> Iterator[smtplib.SMTP]:
    context = _context(server)
    smtp: smtplib.SMTP = _Direct(context, line, step) if server.tls == "tls" else _Plain(line, step)
    try:
        try:
            code, answer = smtp.connect(server.host, server.port)
            if code != 220:
                raise _trouble(server, f"does not accept mail now: {_said(code, answer)}")
            smtp.ehlo_or_helo_if_needed()
            if server.tls != "tls":
                _encrypt(smtp, server, context)
        except ssl.SSLCertVerificationError as problem:
            raise _trouble(server, f"could not prove its name: {problem.verify_message}", NAME_NEXT) from problem
        except ssl.SSLError as problem:
            raise _trouble(
                server,
                "does not speak TLS as set up",
                "Check the port and the kind of encryption in the mail settings. Mail never leaves unencrypted.",
            ) from problem
        except smtplib.SMTPResponseException as problem:
            said = _said(problem.smtp_code, problem.smtp_error)
            raise _trouble(server, f"does not accept mail now: {said}") from problem
        except (OSError, UnicodeError) as problem:
            why = (
                "does not answer" if _is_silence(problem) or line.was_cut else f"can not be reached: {_words(problem)}"
            )
            raise _trouble(server, why, "Check the mail settings and the network.") from problem
        yield smtp
    finally:
        smtp.close()


def _encrypt(smtp: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise _trouble(
            server,
            "offers no encryption",
            "Ask for STARTTLS on it, or choose TLS and its port. Mail never leaves unencrypted.",
        )
    smtp.starttls(context=context)
    smtp.ehlo_or_helo_if_needed()


def _context(server: MailServer) -> ssl.SSLContext:
    """Certificates are checked, and the name in them; only the company's own authority counts where one is named."""
    try:
        context = ssl.create_default_context(cafile=server.ca_file or None)
    except (OSError, ssl.SSLError) as problem:
        raise ServerTrouble(
            f"The certificate authority {server.ca_file} can not be read: {_words(problem)}.",
            kept="The mail is kept and tried again.",
            next_step="Name a file with the authority's certificate in the mail settings, or leave it empty.",
        ) from problem
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Plain(smtplib.SMTP):
    """Begins in the clear and says nothing of the mail before it is encrypted."""

    def __init__(self, line: Line, step: float) -> None:
        self._line = line
        super().__init__(local_hostname=GREETING, timeout=step)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = socket.create_connection((host, port), timeout)
        self._line.hold(connected)
        self._host = host
        return connected


class _Direct(smtplib.SMTP):
    """Encrypted from the first byte."""

    def __init__(self, context: ssl.SSLContext, line: Line, step: float) -> None:
        self._line, self._context = line, context
        super().__init__(local_hostname=GREETING, timeout=step)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = socket.create_connection((host, port), timeout)
        self._line.hold(connected)
        return self._context.wrap_socket(connected, server_hostname=host)


def _sign_in(smtp: smtplib.SMTP, server: MailServer, password: Callable[[], str]) -> None:
    if not server.user:
        return
    try:
        smtp.login(server.user, password())
    except smtplib.SMTPAuthenticationError as problem:
        said = _said(problem.smtp_code, problem.smtp_error)
        raise _trouble(
            server, f"does not let {one_line(server.user)} in: {said}", "Check user and password in the mail settings."
        ) from problem
    except smtplib.SMTPServerDisconnected as problem:
        raise _trouble(server, f"broke off while signing in: {_words(problem)}") from problem
    except (smtplib.SMTPException, UnicodeError) as problem:
        raise _trouble(
            server, "knows no login that erpdesk knows", "Leave the user in the mail settings empty."
        ) from problem
    except OSError as problem:
        raise _trouble(server, f"broke off while signing in: {_words(problem)}") from problem


def _hand_in(smtp: smtplib.SMTP, server: MailServer, letter: Letter) -> None:
    wire = message(letter, server.sender).as_bytes()
    # A line that begins with a period would end the mail; SMTP doubles it (RFC 5321, 4.5.2).
    wire = re.sub(rb"(?m)^\.", b"..", wire)
    if not wire.endswith(b"\r\n"):
        wire += b"\r\n"
    try:
        for answered in (smtp.mail(server.sender), smtp.rcpt(letter.address), smtp.docmd("DATA")):
            _must(*answered)
    except NotTaken:
        raise
    except OSError as problem:
        raise _trouble(server, f"broke off: {_words(problem)}") from problem
    try:
        smtp.send(wire + b".\r\n")
        code, answer = smtp.getreply()
    except OSError as problem:
        raise NotSure(
            "The mail server broke off while it was taking the mail.",
            kept="It may have gone or not; erpdesk does not send it again by itself.",
            next_step="Ask the person whether it came, then send it again or give it up.",
        ) from problem
    if code != 250:
        raise NotTaken(f"The mail server does not take the mail: {_said(code, answer)}.", final=code >= 500)
    # The mail has gone; a server that does not say goodbye changes nothing.
    with suppress(OSError):
        smtp.quit()


def _must(code: int, answer: bytes) -> None:
    if code not in (250, 251, 354):
        raise NotTaken(f"The mail server does not take the mail: {_said(code, answer)}.", final=code >= 500)


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {one_line(text)[:200]}".strip().rstrip(".")


def _is_silence(problem: BaseException) -> bool:
    """Whether a wait ended without a word; smtplib tells it as a connection that was closed."""
    return isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError)


def _words(problem: BaseException) -> str:
    text = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return one_line(str(text))[:200].rstrip(".")
