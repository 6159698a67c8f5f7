"""Whether Sage refuses to be written to: asked by an UPDATE that no row can meet, so that nothing can change.

erpdesk itself only reads. Whether its Sage login could write is a fact that only Sage can prove, by refusing; a
driver's read-only setting proves nothing, since some drivers ignore it.
"""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.doors import Connect, probe_update
from erpdesk.sync.sage.problems import Trouble, is_driver_error, sentence, trouble
from erpdesk.sync.sage.session import Session

STATEMENTS = (
    "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'",
    "UPDATE JCM_MASTER__EXTRA SET Description = Description WHERE Job = '.~' AND Extra = '.~'",
    "UPDATE APM_MASTER__VENDOR SET GL_Ins_Company = GL_Ins_Company WHERE Vendor = '.~'",
)
"""The only words other than SELECT that are ever said through the reading door.

A key of ``.~`` cannot exist in Sage, and each sets a column to what it is: one that Sage lets programs write, if any.
"""

_REFUSED_STATES = frozenset(("25006", "42501", "HYC00", "IM001"))
_REFUSED = re.compile(
    r"(?i)read.?only|not (?:permitted|allowed|authori[sz]ed|enabled|updatable|supported)|no (?:write|update)|"
    r"permission|privilege|access (?:is )?denied|write access|cannot (?:be )?(?:update|modif|writ)|"
    r"not capable|driver does not support"
)
_PASSING = (Trouble.NO_TABLE, Trouble.NO_COLUMN, Trouble.LOGIN, Trouble.LOCKED, Trouble.UNREACHABLE, Trouble.TIMEOUT)


@dataclass(frozen=True)
class Rights:
    """Whether it is proven that this login cannot write: True, False (Sage would take it), None (not known)."""

    proven: bool | None
    sentence: str


def check_rights(connect: Connect) -> Rights:
    """Asks Sage on a connection of its own; nothing is raised for what Sage or its driver answer.

    ``connect`` should open without a driver's read-only setting, or that setting is what refuses.
    """
    try:
        connection = connect()
    except ForPeople as error:
        return Rights(None, f"Not known whether this login can write: {error}")
    try:
        answers = [_ask(connection, each) for each in STATEMENTS]
    finally:
        with suppress(Exception):
            connection.close()
    taken = [table for table, refused, _ in answers if refused is False]
    if taken:
        return Rights(
            False,
            f"Not proven read-only: Sage accepts changes to {', '.join(taken)} from this login. erpdesk makes none; "
            "to be sure, take its write access away (Security Administration > Tasks > ODBC > Write Access).",
        )
    unclear = [f"{table}: {words}" for table, refused, words in answers if refused is None]
    if unclear:
        return Rights(None, f"Not known whether this login can write. {'; '.join(unclear)}")
    return Rights(True, "Proven read-only: Sage refuses changes to jobs, extras and vendors from this login.")


def _ask(connection: Any, statement: str) -> tuple[str, bool | None, str]:
    """The table, whether the change was refused (None = not known), and the driver's words."""
    table = statement.split()[1]
    try:
        probe_update(connection, statement)
        return table, False, ""
    except ForPeople as error:
        return table, None, str(error)
    except Exception as error:
        if not is_driver_error(error):
            raise
        return table, _refusal(error), sentence(error, table).what
    finally:
        # Nothing was changed; this ends the transaction that some drivers began.
        with suppress(Exception):
            connection.rollback()


def _refusal(error: BaseException) -> bool | None:
    state = error.args[0] if len(error.args) > 1 else ""
    words = str(error.args[-1]) if error.args else ""
    if state in _REFUSED_STATES or (trouble(error) not in _PASSING and _REFUSED.search(words)):
        return True
    # Sage's own words for a refused write are not documented: a login that may not write can also sound like a login
    # that is unknown, which proves nothing.
    return None


class _Asked:
    """A connection that is asked for rights under the same watch as every reading: it ends what hangs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.probe_update, self.close = session.probe_update, session.close

    def rollback(self) -> None:
        """Ends the transaction that some drivers began."""
        self._session.connection.rollback()


def watched(connect: Connect, seconds: float, stop: threading.Event) -> Connect:
    """The same way into Sage, on which a question for rights is ended after ``seconds`` or when ``stop`` is set."""
    return lambda: _Asked(Session(connect, seconds, stop))
