"""After a crash, and every few minutes: each item that is not final moves on or says why not. Twice is like once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import Facts, Presence, Token, decide
from erpdesk.sync.export.evidence import look
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.mailbox import FILE, PRINT
from erpdesk.sync.export.states import DOUBTFUL, IN_FLIGHT, WAITING

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report

_RECHECKED = 200
"""Newest synced items that are looked at again for a second copy."""


def mend(x: Exporter, report: Report) -> None:
    """Journal first, then orphans, then every open item; nothing new is sent from here."""
    x.journal.open()
    x.locked = lock_reason(x)
    if x.locked:
        report.trouble(x.locked)
    live = x.store.items((*WAITING, *IN_FLIGHT))
    known = frozenset(item.current.file_name for item in live if _may_lie_in_staging(item) and item.current)
    x.mailbox.sweep(known)
    for item in live:
        taken = x.store.take_over(item)
        if taken.state is ExportState.STAGED:
            _mend_staged(x, taken, report)
        elif taken.state in IN_FLIGHT:
            x.attend(taken, report)
    for item in x.store.items(DOUBTFUL):
        _look_again(x, item, report)
    synced = x.store.posted_since(x.timing.recheck, _RECHECKED)
    times = x.reader.times([item.sage_id for item in synced]) if synced else {}
    for item in synced:
        if times[item.sage_id] > 1:
            _look_again(x, item, report)
    x.recovered = True


def _may_lie_in_staging(item: Item) -> bool:
    return item.state in (ExportState.STAGED, ExportState.ARMED)


def _mend_staged(x: Exporter, item: Item, report: Report) -> None:
    """A staged file that is torn or gone is burned, so that the next try writes a new one."""
    current = item.current
    if current is None or x.mailbox.locate(current.file_name, current.sha256) is Token.STAGING:
        return
    item = x.store.advance(item, "burn", "The staged file was not usable; erpdesk writes it again.")
    x.at("burned")
    report.touch(item)


def _look_again(x: Exporter, item: Item, report: Report) -> None:
    """Sage may have changed: a doubt that cleared, a difference that was corrected, a second copy that appeared."""
    seen = look(x.reader, item.snapshot(), x.clock)
    if seen.unavailable:
        report.unavailable = seen.unavailable
        return
    facts = Facts(
        state=item.state,
        token=Token.ARCHIVED,
        presence=seen.presence,
        idempotency=item.idempotency,
        sage_id=item.sage_id,
        differences=seen.differences,
    )
    decision = decide(facts)
    if seen.presence is Presence.UNREAD:
        return
    if decision.verb == "stay":
        if decision.sentence and decision.sentence != item.message:
            report.note(x.store.say(item, decision.sentence))
        return
    report.touch(x.store.advance(item, decision.verb, decision.sentence, seen=(seen.observation(),)))


def ahead(x: Exporter) -> tuple[str, ...]:
    """Files that the journal knows to have been on their way, but this database does not."""
    cleared = max((entry.seq for entry in x.journal.entries if entry.what == "reconciled"), default=0)
    known = x.store.armed_files()
    return tuple(
        str(entry.body["file"])
        for entry in x.journal.entries
        if entry.what == "armed"
        and entry.seq > cleared
        and entry.body.get("company") == x.store.company
        and entry.body["file"] not in known
    )


def lock_reason(x: Exporter) -> str:
    """Why exports must wait: the journal is ahead of the database, as after a restored backup; '' when it is not."""
    files = ahead(x)
    if not files:
        return ""
    names = sorted(
        {str(entry.body.get("sage_id")) for entry in x.journal.entries if str(entry.body.get("file")) in files}
    )
    listed = ", ".join(names[:8]) + (" and more" if len(names) > 8 else "")
    return (
        f"Exports are locked: the export journal knows of files sent to Sage ({listed}) that this database does not. "
        "It was probably restored from a backup. Compare these commitments with Sage before anything is sent."
    )


def mailbox_is_free(x: Exporter, report: Report) -> bool:
    """Whether the next file may go: late results of erpdesk's own last file are put away, all else blocks it."""
    standing = x.mailbox.standing()
    if standing and FILE not in standing:
        last = next(reversed(x.store.armed_files()), None)
        if last is not None and not x.mailbox.printed(last):
            x.mailbox.put_away(last, input_too=False)
            standing = x.mailbox.standing()
    if not standing:
        return True
    what = f"a file {FILE}" if FILE in standing else f"a journal {PRINT}" if PRINT in standing else "rejected records"
    report.trouble(
        f"In Sage's mailbox {x.mailbox.folder} lies {what} that does not come from an open export. Nothing was "
        "overwritten, and the next item waits. See in Sage whether it was imported, then move it out of the folder."
    )
    return False
