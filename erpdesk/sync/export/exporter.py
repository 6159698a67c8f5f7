"""The runner of the export protocol: one round does what can be done now, in the order that survives a kill (5.5)."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.core.changes import Changes
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.models.erp import ExportState
from erpdesk.sync.export import recover
from erpdesk.sync.export.anchors import note_head
from erpdesk.sync.export.attend import Attendant
from erpdesk.sync.export.decide import Facts, Token
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.evidence import Heard, Name, Printed
from erpdesk.sync.export.items import Item, Load, loads
from erpdesk.sync.export.journal import ExportJournal, JournalTrouble, items_of
from erpdesk.sync.export.journal_desk import TrailMarks, settle
from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.kind import BASELINE, ExportKind, Look, Place
from erpdesk.sync.export.macro import Macro
from erpdesk.sync.export.mailbox import Mailbox, MailboxTrouble, no_hook
from erpdesk.sync.export.overview import Overview
from erpdesk.sync.export.reconcile import Journalled, Sendings, journal_says_sent, why_not_again
from erpdesk.sync.export.send import Sender
from erpdesk.sync.export.spans import Spans
from erpdesk.sync.export.states import IN_FLIGHT, WAITING
from erpdesk.sync.export.store import ExportStore, Overtaken
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows.documents import Document

LOG = logging.getLogger(__name__)

_BUG = (
    "Something unexpected went wrong with this item; the log says more. Nothing was lost, and the others go on. "
    "erpdesk tries again by itself."
)

_REMEMBERED = 10_000

CRASH_POINTS = (
    "rendered",
    "tmp_written",
    "staged_file",
    "staged",
    "checked",
    "armed",
    "journalled_once",
    "journalled",
    "linked",
    "delivered_file",
    "delivered",
    "evidence",
    "decided",
    "archived_input",
    "archived_result",
    "archived",
    "finished",
)
"""The named points of a delivery, in order; ``at`` is called with each, so that a test can kill the process there."""

SIDE_POINTS = ("withdrawn_file", "withdrawn", "refused", "burned", "released")
"""The named points off the straight way."""


@dataclass(frozen=True)
class Timing:
    """How long the exporter waits for what. Times only delay a verdict; none of them makes one up."""

    settle: timedelta = timedelta(minutes=10)
    """How long a file must be out of Sage's reach before "not there" proves that it never will be."""
    settle_rejected: timedelta = timedelta(seconds=10)
    """The same for a file whose record Sage printed as rejected and gave back; never longer than ``settle``."""
    evidence: timedelta = timedelta(minutes=5)
    """How long journal, rejected records and Sage may disagree before a person must look."""
    look: timedelta = timedelta(seconds=60)
    """How often Sage is asked about a file for which it has printed nothing."""
    again: timedelta = timedelta(minutes=1)
    """The first pause after a stopped import; it doubles with each try."""
    longest_pause: timedelta = timedelta(minutes=30)
    batch: timedelta = timedelta(0)
    """How long an accepted item waits for others, so that they go in one file; 0 = none waits."""
    most: int = 200
    """The most items of one file."""
    watchdog: timedelta = timedelta(minutes=15)
    """How long an item may be on its way before it is said aloud."""


@dataclass
class Report:
    """What a round did: what changed, what was found in Sage, what people must know, and when to look again."""

    changes: Changes = field(default_factory=Changes)
    posted: tuple[str, ...] = ()
    exporting: int = 0
    troubles: tuple[str, ...] = ()
    unavailable: SageUnavailable | None = None
    progress: bool = False
    look_again: datetime | None = None
    late: str = ""
    """What has been on its way for long, in words."""
    shut: dict[Place, str] = field(default_factory=dict)
    """The places of the mailbox that cannot be used in this round, and why, as a sentence."""

    def touch(self, *items: Item) -> None:
        """Notes that items moved on."""
        for item in items:
            self.progress = True
            self.note(item)
            if item.state in (ExportState.POSTED, ExportState.IN_SAGE):
                self.posted += (item.id,)

    def note(self, item: Item) -> None:
        """Notes that an item's message changed."""
        self.changes |= Changes.of(item.kind, item.record_id) | Changes.of("submission", item.submission_id)

    def trouble(self, text: str) -> None:
        """Notes a sentence for people, once."""
        if text not in self.troubles:
            self.troubles += (text,)

    def again(self, when: datetime) -> None:
        """Notes that something is due at a time."""
        self.look_again = when if self.look_again is None else min(self.look_again, when)


class Exporter:
    """Brings accepted items into Sage, exactly once. One thread uses it; ``recover`` comes before the first ``step``.

    ``imports`` is Sage's import folder, ``journal`` the company's own journal folder, ``reader`` reads Sage fresh,
    ``writers`` make the files, by layout. ``macros`` start Sage's import by themselves, by the name of the import file;
    what has none is imported by a person (assisted).
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        company: str,
        imports: Path,
        journal: Path,
        reader: FreshReader,
        kinds: Sequence[ExportKind] = KINDS,
        writers: Callable[[str], Renderer] | None = None,
        clock: Clock = CLOCK,
        timing: Timing | None = None,
        worker: str = "",
        macros: Mapping[str, Macro] | None = None,
        live: bool = True,
        id_problems: Callable[[str, str], Sequence[str]] = lambda kind, sage_id: (),
        disk: Disk = DISK,
        at: Callable[[str], None] = no_hook,
    ) -> None:
        self.at = at
        self.clock = clock
        self.timing = timing or Timing()
        self.reader = reader
        self.kinds = {each.name: each for each in kinds}
        self.places = tuple(dict.fromkeys(each.place for each in kinds))
        self.mailboxes = {each: Mailbox(imports, each, at=at, disk=disk) for each in self.places}
        self.live = live
        """Whether this is a real company's Sage: a file with a field that nobody has settled does not go there."""
        self.id_problems = id_problems
        """Why an ID of a kind is not written as the company writes them today, one sentence each."""
        self.store = ExportStore(sessions, company, worker or f"{platform.node()[:24]}-{os.getpid()}", clock=clock)
        self.overview = Overview(sessions, company)
        self.marks = TrailMarks(sessions)
        self.spans = Spans(clock)
        copies = (Path(imports) / "journal.jsonl", Path(journal) / "export.jsonl")
        self.journal = ExportJournal(copies, company=company, clock=clock, at=at, disk=disk)
        self.locked = "Nothing is sent to Sage before the last run was looked through."
        """Why exports are locked, as a sentence; '' while they are not."""
        self.recovered = False
        """Whether a recovery has come to its end since the start."""
        self.troubled: dict[str, str] = {}
        """Waiting items that have a trouble of their own, and which."""
        self.closed_at = datetime.min.replace(tzinfo=UTC)
        """When a person last closed the waiting files; what was accepted before goes at once."""
        self._writers = writers or _shipped()
        self._macros = dict(macros or {})
        self._logged: set[tuple[str, type[Exception]]] = set()
        self._sendings = Sendings(company)
        self._documents: dict[str, Document] = {}
        self._exporting = 0
        self._senders = {name: Sender(self, each) for name, each in self.kinds.items()}
        self._attendants = {name: Attendant(self, each) for name, each in self.kinds.items()}

    def recover(self) -> Report:
        """At each start and every few minutes: mends what a crash left, looks again at what is in doubt. Idempotent."""
        return self._round(recover.mend)

    def step(self) -> Report:
        """One round: attends to what is under way, then sends the next file of each kind whose mailbox is free."""
        return self._round(self._work)

    def close_files(self) -> None:
        """A person closes the files that still wait for company: what is accepted by now goes with the next round."""
        self.closed_at = self.clock.now()

    def cancel(self) -> None:
        """Ends a read of Sage that is under way, from any thread."""
        self.reader.cancel()

    def renew(self) -> None:
        """Lets reading go on after ``cancel``; call it before looking whether to stop."""
        self.reader.renew()

    def mailbox(self, kind: ExportKind) -> Mailbox:
        """The place through which a kind reaches Sage."""
        return self.mailboxes[kind.place]

    def writer(self, kind: ExportKind) -> Renderer:
        """What makes the files of a kind."""
        return self._writers(kind.layout)

    def macro_of(self, kind: ExportKind) -> Macro | None:
        """What starts Sage's import of a kind by itself; None = a person runs it (assisted)."""
        return self._macros.get(kind.place.file)

    def document(self, item: Item) -> Document:
        """What was approved, under the Sage ID that was decided."""
        if item.id not in self._documents:
            if len(self._documents) > _REMEMBERED:
                self._documents.clear()
            self._documents[item.id] = self.kinds[item.kind].document(item.payload, item.sage_id)
        return self._documents[item.id]

    def heard(self, kind: ExportKind, item: Item) -> Heard:
        """What Sage printed about an item's live file."""
        printed, rejected = self.mailbox(kind).results(item.live.file_name, closed=True)
        page = Printed(printed, rejected, item.live.lines(), self.clock)
        return page.of(self.name(kind, item))

    def name(self, kind: ExportKind, item: Item) -> Name:
        """What an item is called in Sage's journal and in the lines of its file."""
        document = self.document(item)
        line = self.writer(kind).line_map(document)[0]
        return Name(kind.printed(document), line.sage_id, line.part)

    def facts(self, kind: ExportKind, item: Item, look: Look, token: Token) -> Facts:
        """What every decision about an item rests on, Sage's own words apart."""
        return Facts(
            state=item.state,
            token=token,
            presence=look.presence,
            sent_before=self.sent_before(item),
            idempotency=item.idempotency,
            name=f"{kind.noun} {item.sage_id}",
            posting=kind.posting,
            look_at=kind.look_at,
            differences=tuple(str(each) for each in look.differences),
            read_problem=look.problem,
            another=look.another,
            undecidable=look.undecidable,
        )

    def accept_journal(self, who: str) -> None:
        """Clears the lock of a restored backup or a lost journal: a person has compared it with Sage, and says so.

        Raises JournalTrouble when the journal itself cannot be trusted or written.
        """
        delivered = self.overview.delivered_files()
        self.journal.open()
        found = recover.disagreement_now(self, delivered)
        settle(self.journal, found, self.marks, company=self.store.company, who=who)
        self.store.note_reconciled(who, (*found.ahead, *found.unwritten) if found else ())
        self.locked = ""

    def accept_fewer(self, who: str) -> None:
        """A person says that Sage holds far fewer records on purpose; what it shows from now on is the measure.

        Raises JournalTrouble when that cannot be written.
        """
        self.journal.open()
        self.journal.append("fewer", who=who)
        self.store.note_reconciled(who, ())

    def most_shown(self, kind: ExportKind) -> int:
        """The most records of a kind that Sage has shown since a person last said that they became fewer."""
        return self.overview.most_shown(kind.name, self.journal.last("fewer"))

    def baseline(self, item: Item) -> Mapping[str, Any] | None:
        """What Sage held before any file of the item could reach it; None when that was not read."""
        found = self.store.first_seen(item, BASELINE)
        return None if found is None else json.loads(found)

    def also(self, kind: ExportKind, item: Item) -> tuple[Document, ...]:
        """What erpdesk brought into Sage in the item's lane since its baseline; only for kinds without an ID."""
        if kind.keyed or item.current is None or item.live.armed_at is None:
            return ()
        lane, shared = kind.lane(self.document(item)), self.sharing(kind)
        # By the order of the journal: a clock that somebody set says nothing about what came after what.
        first = min((self.journal.line_of(each.file_name) for each in item.tries if each.armed_at), default=0)
        others = self.overview.settled(item, shared) if first else ()
        later = [each for each in others if self.journal.line_of(each.live.file_name) > first]
        return tuple(self.document(each) for each in later if self.lane(each) == lane)

    def sharing(self, kind: ExportKind) -> tuple[str, ...]:
        """The kinds that go through the same place in the mailbox, itself among them."""
        return self.sharing_at(kind.place)

    def sharing_at(self, place: Place) -> tuple[str, ...]:
        """The kinds that go through a place in the mailbox."""
        return tuple(each.name for each in self.kinds.values() if each.place == place)

    def lane(self, item: Item) -> str:
        """Of two items of one place with the same lane only one is on its way."""
        return self.kinds[item.kind].lane(self.document(item))

    def was_armed(self, item: Item) -> bool:
        """Whether any file of the item may have reached Sage."""
        return any(each.armed_at for each in item.tries)

    def journalled(self, export_key: str) -> tuple[Mapping[str, Any], ...]:
        """What the export journal holds of an item's files, whatever a restored database remembers."""
        return tuple(
            {**each, "file": entry.body["file"]}
            for entry in self.journal.armed(export_key)
            for each in items_of(entry)
            if each["export_key"] == export_key
        )

    def journalled_attempt(self, item: Item) -> int:
        """The highest number of a try that the journal knows."""
        return max((int(each["attempt"]) for each in self.journalled(item.export_key)), default=0)

    def sent_before(self, item: Item) -> bool:
        """Whether an earlier file of this item or record may have put this ID into Sage, whatever a restored database
        remembers: the export journal counts as much as the tries."""
        live = item.current.file_name if item.current else ""
        return (
            item.sent_before
            or any(
                each["file"] != live and each["sage_id"] == item.sage_id for each in self.journalled(item.export_key)
            )
            or any(each.sage_id == item.sage_id for each in self.overview.earlier(item))
            or (self.kinds[item.kind].keyed and any(each.sage_id == item.sage_id for each in self.lost(item)))
        )

    def lost(self, item: Item) -> tuple[Journalled, ...]:
        """What the journal knows was sent under the ID of an item, of its record or with its content, as another item,
        and a restored database has lost."""
        like = self._sendings.like(
            self.journal.entries,
            item.kind,
            sage_id=item.sage_id,
            record=item.record_id,
            payload_sha=item.payload_sha,
        )
        others = [each for each in like if each.export_key != item.export_key]
        known = self.overview.armed_files() if others else {}
        return tuple(each for each in others if each.file not in known)

    def unknown_sendings(self, kind: ExportKind, item: Item) -> Sequence[str]:
        """Why an item without an ID in Sage may not go: the journal knows of a sending that this database has lost."""
        if kind.keyed:
            return ()
        lost = journal_says_sent(self.journal.entries, kind.name, item.sage_id, self.overview.armed_files())
        return (why_not_again(lost, kind.noun),) if lost is not None else ()

    @contextmanager
    def apart(self, items: Sequence[Item], report: Report) -> Iterator[None]:
        """Keeps the trouble of some items from the others: it is written on them, and the round goes on.

        What concerns all of them (Sage, the journal, the database) ends the round, and what concerns one place of the
        mailbox is for ``at_place``.
        """
        try:
            yield
        except (SageUnavailable, MailboxTrouble, JournalTrouble, OperationalError):
            raise
        except (Overtaken, FileNotFoundError):
            # Somebody else moved the item or its file between two looks; the next round sees where it is.
            report.progress = True
        except ForPeople as error:
            for item in items:
                self.set_aside(item, str(error), report)
        except Exception as error:
            for item in items:
                if (item.id, type(error)) not in self._logged:
                    self._logged.add((item.id, type(error)))
                    LOG.exception("an item of the export could not be worked on: %s", item.id, exc_info=error)
                self.set_aside(item, _BUG, report)

    @contextmanager
    def at_place(self, place: Place, report: Report) -> Iterator[None]:
        """Keeps the trouble of one place in the mailbox from the others: its own items say it, and the round goes on.

        Until the round ends nothing is sent through that place.
        """
        try:
            yield
        except MailboxTrouble as error:
            why = report.shut.setdefault(place, str(error))
            report.trouble(str(error))
            for kind in self.sharing_at(place):
                self._senders[kind].queue.hold(why, report)
            for item in self.store.items((ExportState.ARMED, ExportState.DELIVERED)):
                if item.kind in self.sharing_at(place) and item.message != why:
                    report.note(self.store.say(item, why))

    def set_aside(self, item: Item, why: str, report: Report) -> None:
        """Writes the trouble of one item on it; it is tried again by itself, and keeps nobody waiting."""
        self.troubled[item.id] = why
        now = self.store.item(item.id)
        if now.message != why:
            report.note(self.store.say(now, why))
        report.trouble(f"{item.sage_id}: {why}")

    def _round(self, work: Callable[[Exporter, Report], None]) -> Report:
        report = Report()
        try:
            self._guarded(work, report)
            self._exporting = self.overview.count((*WAITING, *IN_FLIGHT))
        except OperationalError as error:
            report.trouble(
                f"The company's database could not be read or written ({error.orig}). Nothing was lost. Check that the "
                "disk is not full and that no other program holds the file; erpdesk tries again by itself."
            )
        finally:
            self.reader.close()
        report.exporting = self._exporting
        return report

    def _guarded(self, work: Callable[[Exporter, Report], None], report: Report) -> None:
        """Does the work; what keeps it from ending goes into the report, and the next round goes on from there."""
        try:
            for mailbox in self.mailboxes.values():
                mailbox.prepare()
            work(self, report)
        except SageUnavailable as error:
            report.unavailable = error
        except JournalTrouble as error:
            self.locked = str(error)
            report.trouble(self.locked)
        except (Overtaken, FileNotFoundError):
            # Somebody else moved the item or its file between two looks; the next round sees where it is.
            report.progress = True
        except ForPeople as error:
            report.trouble(str(error))

    def _work(self, _: Exporter, report: Report) -> None:
        if not self.locked:
            note_head(self.journal, self.store, self.clock)
        flying = [each for each in self.store.items(IN_FLIGHT) if each.kind in self.kinds]
        for load in loads(flying):
            place = self.kinds[load.items[0].kind].place
            with self.at_place(place, report), self.apart(load.items, report):
                self._attendants[load.items[0].kind].attend(load, report)
        under_way = [
            each for each in self.store.items((ExportState.ARMED, ExportState.DELIVERED)) if each.kind in self.kinds
        ]
        stopped = self.stopped(report)
        for place in self.places:
            kinds = [each for each in self.kinds.values() if each.place == place]
            with self.at_place(place, report):
                self._send(place, kinds, under_way, stopped, report)

    def _send(
        self, place: Place, kinds: Sequence[ExportKind], under_way: Sequence[Item], stopped: bool, report: Report
    ) -> None:
        """Sends the next file through one place, unless something speaks against it, and says what that is."""
        senders = [self._senders[each.name] for each in kinds]
        waiting = [sender for sender in senders if sender.queue.rows()]
        if not waiting:
            return
        flying = loads([each for each in under_way if self.kinds[each.kind].place == place])
        if place in report.shut:
            why = report.shut[place]
        elif stopped:
            why = report.troubles[-1]
        elif flying:
            why = f"Waits until Sage has imported {flying[0].name}; one file at a time."
        elif not recover.mailbox_is_free(self, place, report):
            why = "Waits: a file that is not erpdesk's stands in Sage's mailbox."
        else:
            why = ""
        for sender in waiting:
            if why:
                sender.queue.hold(why, report)
            elif (sent := sender.send_next(report)) is not None:
                why = f"Waits until Sage has imported {sent.name}; one file at a time."

    def stopped(self, report: Report) -> bool:
        """Whether nothing may be sent: exports are locked, or an alarm has stopped them until somebody has seen it."""
        if self.locked:
            report.trouble(self.locked)
        alarms = [each for each in self.store.items((ExportState.DUPLICATE_ALARM,)) if not each.acknowledged_at]
        for item in alarms:
            report.trouble(item.message)
        return bool(self.locked or alarms)

    def attend(self, load: Load, report: Report) -> None:
        """Looks at one file that may have reached Sage, and does what its evidence says."""
        self._attendants[load.items[0].kind].attend(load, report, now=True)


def _shipped() -> Callable[[str], Renderer]:
    """Writers by the layouts as they are shipped."""
    made: dict[str, Renderer] = {}

    def writer(layout: str) -> Renderer:
        if layout not in made:
            made[layout] = Renderer(load_layout(layout))
        return made[layout]

    return writer
