"""What the acts about the export journal need from above: the journal, the database and Sage laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from erpdesk.workflows.journal_rows import Compared, JournalRow, JournalState


class JournalBook(Protocol):
    """The export journal as people look at it. Every call may take long and comes from no particular thread.

    Raises ForPeople when the journal cannot be read or written.
    """

    def state(self, *, sage: bool) -> JournalState:
        """What is in question now; ``sage``: with a fresh read of Sage."""
        ...

    def take_out(self, rows: Sequence[JournalRow], who: str) -> tuple[JournalRow, ...]:
        """Takes files of these that Sage could still import out of its reach, and answers whose they were; "not in
        Sage" does not count for them any more. Raises ForPeople while one cannot be moved."""
        ...

    def note_compared(self, rows: Sequence[JournalRow], found: Compared, who: str) -> None:
        """Writes that a person compared these with Sage."""
        ...

    def note_reconciled(self, rows: Sequence[JournalRow], who: str, note: str) -> None:
        """Writes that journal and database agree again by the word of a person; exports go on."""
        ...

    def note_fewer(self, who: str, note: str) -> None:
        """Writes that Sage holds far fewer records on purpose."""
        ...


class NoJournal:
    """A desk without a way to Sage: nothing is in question."""

    def state(self, *, sage: bool) -> JournalState:
        return JournalState("", (), 0)

    def take_out(self, rows: Sequence[JournalRow], who: str) -> tuple[JournalRow, ...]:
        return ()

    def note_compared(self, rows: Sequence[JournalRow], found: Compared, who: str) -> None:
        return None

    def note_reconciled(self, rows: Sequence[JournalRow], who: str, note: str) -> None:
        return None

    def note_fewer(self, who: str, note: str) -> None:
        return None
