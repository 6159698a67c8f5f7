"""Says in one line that Sage is not reached, that work goes on all the same, and how old the data is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import day_and_time
from erpdesk.views.session import Session

if TYPE_CHECKING:
    from erpdesk.workflows.erp_console import Console

GOES_ON = "Review goes on; accepted items wait."
PAUSED = "paused"


class AwayBanner(Banner):
    """Takes no room while Sage is reached."""

    def __init__(self, session: Session, console: Console, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._console = console

    def say(self, why: str) -> None:
        """Shows why Sage is not reached; '' = it is."""
        if not why:
            self._session.jobs.forget("erp away")
            self.clear()
            return
        console, actor = self._console, self._session.actor

        def tell(data: str) -> None:
            self.show_words("warning", " ".join((why, GOES_ON, data)))

        self._session.read(lambda: data_words(console, actor), tell, key="erp away")


def waits_words(away: str, many: bool) -> str:
    """Where accepted items go while Sage is away for the reason ``away``: ``They wait; syncing is paused.``"""
    who, waits = ("They", "wait") if many else ("It", "waits")
    if not away:
        return f"{who} {'go' if many else 'goes'} to Sage next."
    return f"{who} {waits}; syncing is paused." if PAUSED in away else f"{who} {waits} until Sage can be reached."


def data_words(console: Console, actor: str) -> str:
    """How old the oldest table is, in words; call it off the GUI thread."""
    read = [table.read_began for table in console.home(actor).tables if table.read_began]
    return f"Data as of {day_and_time(min(read))}, {ago(min(read), CLOCK.now())}." if read else "Sage was not read yet."
