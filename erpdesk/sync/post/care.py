"""What the settings window asks about mail beyond settings: the password in the vault, and a test mail."""

from __future__ import annotations

from erpdesk.core.changes import Changes
from erpdesk.core.errors import Refused
from erpdesk.sync.post import login
from erpdesk.sync.post.post import send_test
from erpdesk.workflows.notices import TEST, Notices
from erpdesk.workflows.operation import Office, operation

PASSWORD = "mail_password"


class MailCare:
    """Looks after the mail of one opened company; everything may take long and is called off the GUI thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._notices = Notices(office)

    def holds_password(self) -> bool:
        """Whether this computer's vault holds the password of the login that is set up."""
        settings = self._office.settings()
        return bool(settings.mail_user) and login.holds(settings.company, settings.mail_user)

    def keep_password(self, actor: str, secret: str) -> Changes:
        """Keeps the password of the login in this computer's vault and nowhere else; that it was done is audited.

        Raises NotAllowed without the right to change settings, Refused where no user is set up, ForPeople when the
        vault does not keep it.
        """
        settings = self._office.settings()
        with operation(self._office, actor) as running:
            running.demand(TEST)
            if not settings.mail_user:
                raise Refused(["Enter and save the user first; the password belongs to it."])
            if not secret:
                raise Refused(["Enter the password of the login at the mail server."])
            running.record("password", "settings", PASSWORD, user=settings.mail_user)
            login.keep(settings.company, settings.mail_user, secret)
        return running.changes

    def why_no_test(self, actor: str) -> tuple[str, ...]:
        """Why no test mail can be sent to this person; empty when one can."""
        return self._notices.why_no_test(actor)

    def send_test(self, actor: str) -> str:
        """Sends a test mail to the acting person and answers the address; raises ForPeople with what went wrong."""
        return send_test(self._office, actor, login.password)
