"""The runner of the export protocol: one round does what can be done now, in the order that survives a kill (5.5)."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.core.changes import Changes
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.models.erp import ExportState
from erpdesk.sync.export import recover
from erpdesk.sync.export.anchors import note_head
from erpdesk.sync.export.attend import Attendant
from erpdesk.sync.export.evidence import FreshSage
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.journal import ExportJournal, JournalTrouble
from erpdesk.sync.export.macro import Macro
from erpdesk.sync.export.mailbox import Mailbox, MailboxTrouble, no_hook
from erpdesk.sync.export.overview import Overview
from erpdesk.sync.export.send import Sender
from erpdesk.sync.export.spans import Spans
from erpdesk.sync.export.states import IN_FLIGHT, WAITING
from erpdesk.sync.export.store import ExportStore, Overtaken
from erpdesk.sync.sage.render import JccPreview

LOG = logging.getLogger(__name__)

_BUG = (
    "Something unexpected went wrong with this item; the log says more. Nothing was lost, and the others go on. "
    "erpdesk tries again by itself."
)

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

    def touch(self, item: Item) -> None:
        """Notes that an item moved on."""
        self.progress = True
        self.note(item)
        if item.state is ExportState.POSTED:
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

    ``imports`` is Sage's import folder, ``journal`` the company's own journal folder, ``reader`` reads Sage fresh.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        company: str,
        imports: Path,
        journal: Path,
        reader: FreshSage,
        preview: JccPreview | None = None,
        clock: Clock = CLOCK,
        timing: Timing | None = None,
        worker: str = "",
        macro: Macro | None = None,
        live: bool = True,
        id_problems: Callable[[str], Sequence[str]] = lambda sage_id: (),
        at: Callable[[str], None] = no_hook,
    ) -> None:
        self.at = at
        self.clock = clock
        self.timing = timing or Timing()
        self.reader = reader
        self.macro = macro
        """Starts Sage's import by itself; None = a person runs it (assisted)."""
        self.live = live
        """Whether this is a real company's Sage: a file with a field that nobody has settled does not go there."""
        self.id_problems = id_problems
        """Why an ID is not written as the company writes them today, one sentence each."""
        self.preview = preview or JccPreview()
        self.store = ExportStore(sessions, company, worker or f"{platform.node()[:24]}-{os.getpid()}", clock=clock)
        self.overview = Overview(sessions, company)
        self.spans = Spans(clock)
        self.mailbox = Mailbox(imports, at=at)
        copies = (Path(imports) / "journal.jsonl", Path(journal) / "export.jsonl")
        self.journal = ExportJournal(copies, company=company, clock=clock, at=at)
        self.locked = "Nothing is sent to Sage before the last run was looked through."
        """Why exports are locked, as a sentence; '' while they are not."""
        self.recovered = False
        """Whether a recovery has come to its end since the start."""
        self.troubled: dict[str, str] = {}
        """Waiting items that have a trouble of their own, and which."""
        self._logged: set[tuple[str, type[Exception]]] = set()
        self._exporting = 0
        self._sender = Sender(self)
        self._attendant = Attendant(self)

    def recover(self) -> Report:
        """At each start and every few minutes: mends what a crash left, looks again at what is in doubt. Idempotent."""
        return self._round(recover.mend)

    def step(self) -> Report:
        """One round: attends to what is under way, then sends the next item if the mailbox is free."""
        return self._round(self._work)

    def cancel(self) -> None:
        """Ends a read of Sage that is under way, from any thread."""
        self.reader.cancel()

    def renew(self) -> None:
        """Lets reading go on after ``cancel``; call it before looking whether to stop."""
        self.reader.renew()

    def accept_journal(self, who: str) -> None:
        """Clears the lock of a restored backup or a lost journal: a person has compared it with Sage, and says so.

        Raises JournalTrouble when the journal itself cannot be trusted or written.
        """
        delivered = self.overview.delivered_files()
        self.journal.open()
        files = (*recover.ahead(self), *recover.unwritten(self, delivered))
        seq, anchor = self.store.audit_head()
        self.journal.append("reconciled", who=who, files=list(files), audit_seq=seq, audit_hash=anchor)
        self.store.note_reconciled(who, files)
        self.locked = ""

    def accept_fewer(self, who: str) -> None:
        """A person says that Sage holds far fewer commitments on purpose; what it shows from now on is the measure.

        Raises JournalTrouble when that cannot be written.
        """
        self.journal.open()
        self.journal.append("fewer", who=who)
        self.store.note_reconciled(who, ())

    def most_shown(self) -> int:
        """The most commitments that Sage has shown since a person last said that they became fewer."""
        return self.overview.most_shown(self.journal.last("fewer"))

    def sent_before(self, item: Item) -> bool:
        """Whether an earlier file of this item or record may have put this ID into Sage, whatever a restored database
        remembers: the export journal counts as much as the tries."""
        live = item.current.file_name if item.current else ""
        journalled = self.journal.armed(item.export_key)
        return (
            item.sent_before
            or any(each.body["file"] != live and each.body["sage_id"] == item.sage_id for each in journalled)
            or any(each.sage_id == item.sage_id for each in self.overview.earlier(item))
        )

    @contextmanager
    def apart(self, item: Item, report: Report) -> Iterator[None]:
        """Keeps the trouble of one item from the others: it is written on the item, and the round goes on.

        What concerns all of them (Sage, the mailbox, the journal, the database) ends the round as before.
        """
        try:
            yield
        except (SageUnavailable, MailboxTrouble, JournalTrouble, OperationalError):
            raise
        except (Overtaken, FileNotFoundError):
            # Somebody else moved the item or its file between two looks; the next round sees where it is.
            report.progress = True
        except ForPeople as error:
            self._set_aside(item, str(error), report)
        except Exception as error:
            if (item.id, type(error)) not in self._logged:
                self._logged.add((item.id, type(error)))
                LOG.exception("an item of the export could not be worked on: %s", item.id, exc_info=error)
            self._set_aside(item, _BUG, report)

    def _set_aside(self, item: Item, why: str, report: Report) -> None:
        self.troubled[item.id] = why
        now = self.store.item(item.id)
        if now.message != why:
            report.note(self.store.say(now, why))
        report.trouble(f"{item.sage_id}: {why}")

    def _round(self, work: Callable[[Exporter, Report], None]) -> Report:
        report = Report()
        try:
            self._guarded(work, report)
            self._exporting = len(self.store.items((*WAITING, *IN_FLIGHT)))
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
            self.mailbox.prepare()
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
        for item in self.store.items(IN_FLIGHT):
            with self.apart(item, report):
                self._attendant.attend(item, report)
        flying = self.store.items((ExportState.ARMED, ExportState.DELIVERED))
        if self.stopped(report):
            self._sender.hold(report.troubles[-1], report)
        elif flying:
            self._sender.hold(f"Waits until Sage has imported {flying[0].sage_id}; one file at a time.", report)
        elif recover.mailbox_is_free(self, report):
            self._sender.send_next(report)
        else:
            self._sender.hold("Waits: a file that is not erpdesk's stands in Sage's mailbox.", report)

    def stopped(self, report: Report) -> bool:
        """Whether nothing may be sent: exports are locked, or an alarm has stopped them until it is cleared."""
        if self.locked:
            report.trouble(self.locked)
        alarms = self.store.items((ExportState.DUPLICATE_ALARM,))
        for item in alarms:
            report.trouble(item.message)
        return bool(self.locked or alarms)

    def attend(self, item: Item, report: Report) -> None:
        """Looks at one item that may have reached Sage, and does what its evidence says."""
        self._attendant.attend(item, report, now=True)
