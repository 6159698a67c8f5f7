"""The post: a thread of its own that makes the daily summary when it is due and hands mails in, one after another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.settings import CompanySettings
from erpdesk.sync.post.smtp import Letter, Line, MailServer, NotSure, NotTaken, send
from erpdesk.workflows.notices import Notices, Taken
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import Wake

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PostPace:
    """How patient the post is, in seconds: between two looks and between two thoughts whether a summary is due, for one
    answer of the server, and for one whole mail."""

    look: float = 60.0
    due: float = 300.0
    step: float = 20.0
    whole: float = 90.0


class Poster(threading.Thread):
    """Sends what waits; every method may be called from any other thread and returns at once.

    ``password`` answers the secret of a login at the mail server, ``tell`` hears which mails changed. Nothing else
    waits for this thread: a server that hangs holds up neither work nor exports.
    """

    def __init__(
        self,
        office: Office,
        password: Callable[[str, str], str],
        tell: Callable[[Changes], object] = lambda changes: None,
        pace: PostPace | None = None,
    ) -> None:
        super().__init__(name="erpdesk-post", daemon=True)
        self._office, self._password, self._tell = office, password, tell
        self.notices = Notices(office)
        self._pace = pace or PostPace()
        self._bell = threading.Event()
        self._stopping = False
        self._line: Line | None = None
        self._due_at = 0.0

    def ring(self) -> None:
        """A mail was made or shall be tried again: look now."""
        self._bell.set()

    def stop(self, timeout: float = 3.0) -> bool:
        """Ends the thread; a mail under way is cut off. False when it has not ended by then: it dies with the program.

        A mail that the server may have taken is not sure and stays so; any other is sent at the next start.
        """
        self._stopping = True
        line = self._line
        if line is not None:
            line.cut()
        self._bell.set()
        if self.is_alive():
            self.join(timeout)
        return not self.is_alive()

    def run(self) -> None:
        """The thread's life: look, then wait for the bell or the next look."""
        while not self._stopping:
            self._bell.clear()
            try:
                self.once()
            except ForPeople as problem:
                # The database is busy or full: mail waits, and whoever works now is told about it there.
                LOG.info("the post could not work: %s", problem.what)
            except Exception:
                LOG.exception("the post met an unexpected error")
            if not self._stopping:
                self._bell.wait(self._office.clock.wait_seconds(self._pace.look))

    def once(self) -> int:
        """Makes what is due and hands in every mail whose time has come; answers how many have gone.

        Stops at the first that the server itself hinders: the others would fare no better, and they keep their turn.
        """
        settings = self._office.settings()
        if not settings.mails:
            return 0
        self._tell_if(self.notices.give_over())
        hindered = self._no_password(settings)
        if self._due_at <= self._office.clock.monotonic():
            self._due_at = self._office.clock.monotonic() + self._office.clock.wait_seconds(self._pace.due)
            if self.notices.make_due():
                self._tell(Changes.of("mail", "*"))
        self._tell_if(self.notices.hindered(hindered))
        gone = 0
        while not hindered and not self._stopping and (taken := self.notices.take()) is not None:
            if not self._send(settings, taken):
                break
            gone += 1
        return gone

    def _no_password(self, settings: CompanySettings) -> str:
        """Why this computer can not sign in; its mails are then left to one that can, and no try is counted."""
        if not settings.mail_user:
            return ""
        try:
            self._password(settings.company, settings.mail_user)
        except ForPeople as problem:
            return str(problem)
        return ""

    def _send(self, settings: CompanySettings, taken: Taken) -> bool:
        """Hands one mail in and notes how it went; False when the next would only meet the same trouble."""
        try:
            self._hand_in(settings, Letter(taken.id, taken.address, taken.subject, taken.body, taken.made_at))
        except NotTaken as problem:
            changes = self.notices.failed(taken, problem.what, final=problem.final)
            going_on = True
        except NotSure as problem:
            changes, going_on = self.notices.unsure(taken, str(problem)), False
        except ForPeople as problem:
            if self._stopping:
                changes = self.notices.put_back(taken)
            else:
                changes = self.notices.failed(taken, str(problem), others_too=True)
            going_on = False
        else:
            changes, going_on = self.notices.sent(taken), True
        self._tell_if(changes)
        return going_on

    def _hand_in(self, settings: CompanySettings, letter: Letter) -> None:
        line = self._line = Line()
        try:
            if self._stopping:
                line.cut()
            send(
                MailServer.of(settings),
                lambda: self._password(settings.company, settings.mail_user),
                letter,
                line,
                step=self._pace.step,
                whole=self._pace.whole,
            )
        finally:
            self._line = None

    def _tell_if(self, changes: Changes) -> None:
        if changes:
            self._tell(changes)


class Alarm:
    """Wakes the worker and rings for the post, so that an act need not know who waits for what it did."""

    def __init__(self, worker: Wake) -> None:
        self._worker = worker
        self.post: Poster | None = None
        """The post, once it is there: it is built with the office that this alarm is a part of."""

    def wake(self) -> None:
        """Something was accepted, rejected or shall be sent again."""
        self._worker.wake()
        if self.post is not None:
            self.post.ring()


def send_test(office: Office, actor: str, password: Callable[[str, str], str], step: float = 10.0) -> str:
    """Sends a test mail to the acting person and answers their address; for a thread that may wait.

    Raises NotAllowed without the right to change settings, Refused without an address or in the sample company, and
    ForPeople with what the server answered.
    """
    letter, settings = Notices(office).test_letter(actor)
    send(
        MailServer.of(settings),
        lambda: password(settings.company, settings.mail_user),
        Letter(letter.id, letter.address, letter.subject, letter.body, letter.made_at),
        step=step,
    )
    return letter.address
