"""After a crash, and every few minutes: each item that is not final moves on or says why not. Twice is like once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import Decision, Token, decide
from erpdesk.sync.export.items import Item, Load, loads, named
from erpdesk.sync.export.kinds.kind import ExportKind, Look, Place, Presence, Wanted
from erpdesk.sync.export.reach import Reach
from erpdesk.sync.export.reconcile import Disagreement, disagreement, journalled
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
        for place in x.places:
            with x.at_place(place, report):
                if told := lost_file(x, place):
                    report.trouble(told)
    live = [each for each in x.store.items((ExportState.STAGED, *IN_FLIGHT)) if each.kind in x.kinds]
    known = frozenset(each.live.file_name for each in live if each.state in (ExportState.STAGED, ExportState.ARMED))
    for place in x.places:
        with x.at_place(place, report):
            x.mailboxes[place].sweep(known)
    for load in loads(live):
        with x.at_place(x.kinds[load.items[0].kind].place, report), x.apart(load.items, report):
            load = x.store.take_over(load)
            staged = Load(tuple(each for each in load.items if each.state is ExportState.STAGED))
            flying = Load(tuple(each for each in load.items if each.state in IN_FLIGHT))
            if staged.items:
                _mend_staged(x, staged, report)
            if flying.items:
                x.attend(flying, report)
    for kind in x.kinds.values():
        _look_again(x, kind, [each for each in x.store.items(DOUBTFUL) if each.kind == kind.name], report)
        _recount(x, kind, report)
    watch(x, report)
    x.recovered = True


def watch(x: Exporter, report: Report) -> None:
    """The watchdog: what has been on its way for long without a word of its own is said aloud (P9)."""
    late = x.overview.late((*WAITING, *IN_FLIGHT), x.clock.now() - x.timing.watchdog)
    unknown = sorted({each.kind for each in late if each.kind not in x.kinds})
    if unknown:
        report.trouble(
            f"Accepted items wait that this erpdesk does not know how to bring into Sage ({', '.join(unknown)}). "
            "Nothing was lost. Install the erpdesk by which they were accepted."
        )
    known = [each for each in late if each.kind in x.kinds]
    silent = [each.id for each in known if not each.message]
    x.store.say_all(silent, "On its way for long without news from Sage. Look at Sage's mailbox folder.")
    if known:
        many = f"{len(known)} accepted items are" if len(known) > 1 else "One accepted item is"
        report.late = f"{many} not through yet. {known[0].sage_id} waits longest: {known[0].message}"


def _recount(x: Exporter, kind: ExportKind, report: Report) -> None:
    """One read of all IDs in Sage: a second copy of what is synced, or something there that was reported as failed.

    Both may appear at any time after, when somebody imports a file once more; so neither age nor number is bounded.
    """
    if not kind.keyed:
        settled = x.store.items((ExportState.POSTED, *FAILED))
        _look_again(x, kind, [each for each in settled if each.kind == kind.name and x.was_armed(each)], report)
        return
    synced = x.overview.keys(kind.name, (ExportState.POSTED, ExportState.CLOSED_IN_SAGE))
    failed = x.overview.failed_after_sending(kind.name)
    if not synced and not failed:
        return
    times = kind.read_back.times(x.reader, [sage_id for _, sage_id in (*synced, *failed)])
    wanted = [id_ for id_, sage_id in synced if times[sage_id] > 1]
    wanted += [id_ for id_, sage_id in failed if times[sage_id] > 0]
    wanted += [id_ for id_, _ in x.overview.keys(kind.name, (ExportState.CLOSED_IN_SAGE,)) if id_ not in wanted]
    _look_again(x, kind, [x.store.item(each) for each in wanted], report)


def _mend_staged(x: Exporter, load: Load, report: Report) -> None:
    """A staged file that is torn or gone is burned, so that the next try writes a new one."""
    mailbox = x.mailbox(x.kinds[load.items[0].kind])
    if mailbox.locate(load.file.file_name, load.file.sha256) is Token.STAGING:
        return
    items = x.store.advance_all(load.items, "burn", "The staged file was not usable; erpdesk writes it again.")
    x.at("burned")
    report.touch(*items)


def _look_again(x: Exporter, kind: ExportKind, items: Sequence[Item], report: Report) -> None:
    """Sage may have changed: a doubt that cleared, a difference that was corrected, a copy that appeared or is gone."""
    items = [each for each in items if each.current is not None or kind.keyed]
    if not items:
        return
    most = x.most_shown(kind)
    wanted = [Wanted(x.document(each), x.baseline(each), most, x.also(kind, each)) for each in items]
    for item, seen in zip(items, kind.read_back.look(x.reader, x.clock, wanted), strict=True):
        with x.at_place(kind.place, report), x.apart((item,), report):
            _again(x, kind, item, seen, report)


def _again(x: Exporter, kind: ExportKind, item: Item, seen: Look, report: Report) -> None:
    if seen.unavailable:
        report.unavailable = seen.unavailable
        return
    if seen.presence is Presence.UNREAD:
        return
    facts = replace(x.facts(kind, item, seen, Token.ARCHIVED), sent_before=True)
    if item.state is ExportState.CONFLICT:
        heard = x.heard(kind, item)
        facts = replace(facts, said=heard.said, reason=heard.reason)
    decision = decide(facts)
    if decision.verb == "stay":
        if decision.sentence and decision.sentence != item.message:
            report.note(x.store.say(item, decision.sentence))
    elif item.state not in FAILED:
        report.touch(x.store.advance(item, decision.verb, decision.sentence, seen=(seen.observation(),)))
    elif not (kind.keyed and x.overview.claimed(item)):
        _failed_but_there(x, kind, item, decision, seen, report)


def _failed_but_there(
    x: Exporter, kind: ExportKind, item: Item, decision: Decision, seen: Look, report: Report
) -> None:
    """What had failed is in Sage: the item says so, or, when it was sent back since, everybody is told."""
    if item.open:
        report.touch(x.store.reopen(item, decision.verb, decision.sentence, (seen.observation(),)))
        return
    # The record may be edited and sent again by now; sending it looks for this one first.
    sentence = (
        f"{kind.noun.capitalize()} {item.sage_id} had failed and was sent back to the project side, but is in Sage "
        "now: somebody imported its old file again. Delete it in Sage before it is sent again under another ID."
    )
    x.store.witness(item, (seen.observation(),))
    report.trouble(sentence)


def lock_reason(x: Exporter, delivered: frozenset[str]) -> str:
    """Why exports must wait: journal and database contradict each other, as after a restored backup; '' if not."""
    found = disagreement_now(x, delivered)
    return found.sentence() if found else ""


def disagreement_now(x: Exporter, delivered: frozenset[str]) -> Disagreement | None:
    """What journal and database contradict each other in now; None when they agree. The journal is read already."""
    return disagreement(
        x.journal.entries,
        x.overview.armed_files(),
        delivered,
        x.marks.hash_of,
        company=x.store.company,
        restores=x.marks.restores(),
    )


def lost_file(x: Exporter, place: Place) -> str:
    """What stands in a place, when erpdesk sent it and a restored database has forgotten it; '' for anything else."""
    known = x.overview.armed_files()
    lost = [each for each in journalled(x.journal.entries, x.store.company) if each.file not in known]
    lying = Reach(x.mailboxes[place].folder, (place,)).lying(lost) if lost else frozenset()
    here = [each for each in lost if each.file in lying]
    if not here or place.file not in x.mailboxes[place].standing():
        return ""
    kind = x.kinds.get(here[0].kind)
    what = named([each.sage_id for each in here if each.file == here[0].file])
    return (
        f"In Sage's mailbox {x.mailboxes[place].folder} lies a file {place.file}. It is the file of "
        f"{kind.noun if kind else here[0].kind} {what}, which erpdesk sent before a backup was put back: do not "
        "import it."
    )


def mailbox_is_free(x: Exporter, place: Place, report: Report) -> bool:
    """Whether the next file may go: late results of erpdesk's own last file are put away, all else blocks it."""
    mailbox = x.mailboxes[place]
    standing = mailbox.standing()
    if standing and place.file not in standing:
        kinds = [each.name for each in x.kinds.values() if each.place == place]
        last = next(reversed(x.overview.armed_files(kinds)), None)
        if last is not None and not mailbox.printed(last):
            mailbox.put_away(last, input_too=False)
            standing = mailbox.standing()
    if not standing:
        return True
    if told := lost_file(x, place):
        report.trouble(f"{told} Nothing was overwritten, and the next item waits. Move it out of the folder.")
        return False
    what = f"a file {place.file}" if place.file in standing else f"a journal {place.print}"
    if not {place.file, place.print} & set(standing):
        what = "rejected records"
    report.trouble(
        f"In Sage's mailbox {mailbox.folder} lies {what} that does not come from an open export. Nothing was "
        "overwritten, and the next item waits. See in Sage whether it was imported, then move it out of the folder."
    )
    return False
