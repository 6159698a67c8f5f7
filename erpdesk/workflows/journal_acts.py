"""What a person does when export journal and database disagree: compares each item with Sage, then lets exports go on.

Each act is in the audit trail before it is in the journal: an entry that the journal anchors is there for sure.
"""

from __future__ import annotations

from collections.abc import Sequence

from erpdesk.core.changes import Changes
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.workflows import rights
from erpdesk.workflows.journal_ports import JournalBook
from erpdesk.workflows.journal_rows import JOURNAL, RECONCILE, Compared, JournalRow, JournalState
from erpdesk.workflows.operation import Office, check_text, operation, person

READ, COMPARE, UNLOCK, FEWER = "journal.read", "journal.compare", "journal.unlock", "journal.fewer"
NOT_LOCKED = "Exports are not locked by the export journal; there is nothing to unlock."
KEPT = "Exports stay as they were."
MOVED_ON = "The list has changed since you looked at it. It has been read again: look at it and decide anew."


class JournalActs:
    """Looks at the export journal, and unlocks the exports after a restored backup."""

    def __init__(self, office: Office, book: JournalBook) -> None:
        self._office, self._book = office, book

    def state(self, actor: str) -> JournalState:
        """What is in question, with a fresh read of Sage; raises NotAllowed, and ForPeople when the journal cannot be
        read. Takes as long as Sage does."""
        self._demand(actor, READ)
        return self._book.state(sage=True)

    def why_not(self, actor: str) -> tuple[str, ...]:
        """Why this person can neither compare nor unlock; empty when they can."""
        with self._office.store.reading() as session:
            found = person(session, actor)
            reasons = (rights.why_not(found, act) for act in (COMPARE, UNLOCK, FEWER))
            return tuple(dict.fromkeys(each for each in reasons if each))

    def compare(self, actor: str, ids: Sequence[str], found: Compared) -> Changes:
        """Keeps what a person found in Sage for these rows; a later word replaces it.

        Raises NotAllowed, and Refused for "not in Sage" when a file of theirs could have been imported until now; it is
        taken away, and the person has to look once more.
        """
        self._demand(actor, COMPARE)
        rows = self._rows(ids)
        lay = self._take_out(rows, actor)
        if lay and found is Compared.ABSENT:
            raise Refused([_look_again(lay)], kept=KEPT)
        with operation(self._office, actor) as running:
            running.demand(COMPARE)
            who = running.person.name
            for row in rows:
                running.record("compare", JOURNAL, row.id[:32], after={"found": found.value}, evidence=_told(row))
        self._book.note_compared(rows, found, who)
        return running.changes

    def unlock(self, actor: str, note: str, seen: int) -> Changes:
        """Lets exports go on, with a note; ``seen`` is the head of the journal that the person looked at.

        Raises NotAllowed, and Refused while an item was not compared, while a file of one could still be imported,
        without a note, and when the journal moved on.
        """
        note = note.strip()
        self._demand(actor, UNLOCK)
        if lay := self._take_out(self._book.state(sage=False).rows, actor):
            raise Refused([_look_again(lay)], kept=KEPT)
        state = self._book.state(sage=False)
        reasons = [] if state.why else [NOT_LOCKED]
        if state.open:
            names = ", ".join(each.sage_id for each in state.open[:8]) + (" …" if len(state.open) > 8 else "")
            reasons.append(f"Not every item was compared with Sage yet: {names}.")
        if state.head != seen:
            reasons.append(MOVED_ON)
        if not note:
            reasons.append("Write down what you compared, and with what.")
        with operation(self._office, actor) as running:
            running.demand(UNLOCK)
            if reasons:
                raise Refused(reasons)
            check_text("The note", note)
            who = running.person.name
            running.record(
                RECONCILE,
                JOURNAL,
                "",
                reason=note,
                evidence={"why": state.why, "items": [_told(each) for each in state.rows if each.locks]},
            )
        self._book.note_reconciled(state.rows, who, note)
        self._office.wake.wake()
        return running.changes

    def accept_fewer(self, actor: str, note: str) -> Changes:
        """Accepts that Sage holds far fewer records on purpose; what it shows from now on is the measure.

        Raises NotAllowed, and Refused without a note.
        """
        note = note.strip()
        with operation(self._office, actor) as running:
            running.demand(FEWER)
            if not note:
                raise Refused(["Write down why Sage rightly holds fewer records than before."])
            check_text("The note", note)
            who = running.person.name
            running.record("fewer", JOURNAL, "", reason=note)
        self._book.note_fewer(who, note)
        self._office.wake.wake()
        return running.changes

    def _demand(self, actor: str, act: str) -> None:
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), act)
        if why:
            raise NotAllowed([why])

    def _take_out(self, rows: Sequence[JournalRow], actor: str) -> tuple[JournalRow, ...]:
        """The rows of which a file lay where Sage could import it; it does not any more."""
        with self._office.store.reading() as session:
            who = person(session, actor).name
        lay = self._book.take_out(rows, who)
        if lay:
            with operation(self._office, actor) as running:
                for row in lay:
                    running.record("burn", JOURNAL, row.id[:32], evidence=_told(row))
        return lay

    def _rows(self, ids: Sequence[str]) -> tuple[JournalRow, ...]:
        known = {each.id: each for each in self._book.state(sage=False).rows}
        if not ids or not known.keys() >= set(ids):
            raise Refused([MOVED_ON])
        return tuple(known[each] for each in ids)


def _look_again(rows: Sequence[JournalRow]) -> str:
    names = ", ".join(f"{each.noun} {each.sage_id}" for each in rows[:8]) + (" …" if len(rows) > 8 else "")
    return (
        f"The file of {names} lay in Sage's mailbox and could have been imported until now; erpdesk took it away. "
        "Look in Sage once more, then say what is there."
    )


def _told(row: JournalRow) -> dict[str, object]:
    return {
        "kind": row.kind,
        "sage_id": row.sage_id,
        "file": row.file,
        "amount": row.amount,
        "database": row.database,
        "compared": row.compared.value if row.compared else "",
        "by": row.compared_by,
    }
