"""After a crash, and every few minutes: each item that is not final moves on or says why not. Twice is like once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import Decision, Facts, Presence, Token, decide
from erpdesk.sync.export.evidence import Look, look
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.mailbox import FILE, PRINT
from erpdesk.sync.export.states import DOUBTFUL, FAILED, IN_FLIGHT, WAITING

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report


def mend(x: Exporter, report: Report) -> None:
    """Journal first, then orphans, then every open item; nothing new is sent from here."""
    # Another program may be sending: a file is journalled before it counts as delivered, and after it was armed.
    delivered = x.overview.delivered_files()
    x.journal.open()
    x.locked = lock_reason(x, delivered)
    if x.locked:
        report.trouble(x.locked)
    live = x.store.items((*WAITING, *IN_FLIGHT))
    known = frozenset(item.current.file_name for item in live if _may_lie_in_staging(item) and item.current)
    x.mailbox.sweep(known)
    for item in live:
        with x.apart(item, report):
            taken = x.store.take_over(item)
            if taken.state is ExportState.STAGED:
                _mend_staged(x, taken, report)
            elif taken.state in IN_FLIGHT:
                x.attend(taken, report)
    for item in x.store.items(DOUBTFUL):
        with x.apart(item, report):
            _look_again(x, item, report)
    _recount(x, report)
    x.recovered = True


def _recount(x: Exporter, report: Report) -> None:
    """One read of all IDs in Sage: a second copy of what is synced, or something there that was reported as failed.

    Both may appear at any time after, when somebody imports a file once more; so neither age nor number is bounded.
    """
    synced, failed = x.overview.keys((ExportState.POSTED,)), x.overview.failed_after_sending()
    if not synced and not failed:
        return
    times = x.reader.times([sage_id for _, sage_id in (*synced, *failed)])
    wanted = [id_ for id_, sage_id in synced if times[sage_id] > 1]
    wanted += [id_ for id_, sage_id in failed if times[sage_id] > 0]
    for id_ in wanted:
        item = x.store.item(id_)
        with x.apart(item, report):
            _look_again(x, item, report)


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
    """Sage may have changed: a doubt that cleared, a difference that was corrected, a copy that appeared or is gone."""
    seen = look(x.reader, item.snapshot(), x.clock, at_least=x.most_shown())
    if seen.unavailable:
        report.unavailable = seen.unavailable
        return
    if seen.presence is Presence.UNREAD:
        return
    facts = Facts(
        state=item.state,
        token=Token.ARCHIVED,
        presence=seen.presence,
        sent_before=True,
        idempotency=item.idempotency,
        sage_id=item.sage_id,
        differences=seen.differences,
        another=seen.another,
    )
    decision = decide(facts)
    if decision.verb == "stay":
        if decision.sentence and decision.sentence != item.message:
            report.note(x.store.say(item, decision.sentence))
    elif item.state not in FAILED:
        report.touch(x.store.advance(item, decision.verb, decision.sentence, seen=(seen.observation(),)))
    elif not x.overview.claimed(item):
        _failed_but_there(x, item, decision, seen, report)


def _failed_but_there(x: Exporter, item: Item, decision: Decision, seen: Look, report: Report) -> None:
    """What had failed is in Sage: the item says so, or, when it was sent back since, everybody is told."""
    if item.open:
        report.touch(x.store.reopen(item, decision.verb, decision.sentence, (seen.observation(),)))
        return
    # The record may be edited and sent again by now; sending it looks for this one first.
    sentence = (
        f"Commitment {item.sage_id} had failed and was sent back to the project side, but is in Sage now: somebody "
        "imported its old file again. Delete it in Sage before it is sent again under another ID."
    )
    x.store.witness(item, (seen.observation(),))
    report.trouble(sentence)


def ahead(x: Exporter) -> tuple[str, ...]:
    """Files that the journal knows to have been on their way, but this database does not."""
    cleared = max((entry.seq for entry in x.journal.entries if entry.what == "reconciled"), default=0)
    known = x.overview.armed_files()
    return tuple(
        str(entry.body["file"])
        for entry in x.journal.entries
        if entry.what == "armed"
        and entry.seq > cleared
        and entry.body.get("company") == x.store.company
        and entry.body["file"] not in known
    )


def unwritten(x: Exporter, delivered: frozenset[str]) -> tuple[str, ...]:
    """Those of the files that were in the mailbox of which the journal holds no line."""
    known = {str(entry.body["file"]) for entry in x.journal.entries if entry.what == "armed"}
    for entry in x.journal.entries:
        if entry.what == "reconciled":
            known.update(map(str, entry.body["files"]))
    return tuple(sorted(delivered - known))


def lock_reason(x: Exporter, delivered: frozenset[str]) -> str:
    """Why exports must wait: journal and database contradict each other, as after a restored backup; '' if not."""
    lost = unwritten(x, delivered)
    if lost:
        return (
            f"Exports are locked: this database knows of files sent to Sage ({len(lost)}) that the export journal does "
            f"not hold. It was probably deleted or replaced ({x.journal.copies[0]}). Put it back, or compare what was "
            "exported with Sage before anything is sent."
        )
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
        last = next(reversed(x.overview.armed_files()), None)
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
