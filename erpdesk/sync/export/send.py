"""From accepted items to a file in Sage's mailbox: render, stage, check once more, mark, journal, deliver (5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from erpdesk.core.errors import ForPeople
from erpdesk.models.base import new_id
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.check import Checker, Leaving
from erpdesk.sync.export.items import Item, Load, line_map_text, loads, named, next_attempt
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.export.mailbox import Occupied
from erpdesk.sync.export.queue import Queue
from erpdesk.sync.export.states import IN_FLIGHT
from erpdesk.sync.sage.manifest import Manifest
from erpdesk.workflows.documents import Document
from erpdesk.workflows.layout_gate import why_not_live
from erpdesk.workflows.ports import Preview

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report

STRIKES = 3
"""How often the writing of an item may break erpdesk off before it is put aside."""

_CHANGED = (
    "The data changed since approval: the file that would be written now is not the one the approver saw. "
    "Nothing was sent. Reject the item, look at it, and send it again."
)
_POISON = (
    f"erpdesk broke off {STRIKES} times while it wrote this item, so it was put aside and the others go on. Nothing "
    "was sent. Try again after an update of erpdesk, or reject the item; the log says more."
)


@dataclass(frozen=True)
class _Written:
    item: Item
    document: Document
    preview: Preview


class Sender:
    """Sends one file of a kind at a time; what cannot be sent is refused with its reasons, and the rest goes on."""

    def __init__(self, exporter: Exporter, kind: ExportKind) -> None:
        self._x, self._kind = exporter, kind
        self._checker = Checker(exporter, kind)
        self.queue = Queue(exporter, kind)

    def send_next(self, report: Report) -> Load | None:
        """Delivers the next file that may go, and answers it; the others wait for the mailbox and say so."""
        sent: Load | None = None
        tried: set[str] = set()
        staged = [each.id for each in self.queue.rows() if each.state is ExportState.STAGED]
        for load in loads([self._x.store.item(each) for each in staged]):
            sent = sent or self._go(load, report)
        # Each turn sends, or leaves an item out: it was refused, or has a trouble of its own.
        while sent is None and (batch := self.queue.next(tried, report)):
            made = self._staged(batch, report)
            sent = self._go(made, report) if made else None
            tried |= self._stuck(batch)
        if sent is not None:
            self.queue.hold(f"Waits until Sage has imported {sent.name}; one file at a time.", report)
        return sent

    def _stuck(self, batch: Sequence[Item]) -> set[str]:
        """Those of a batch that would come up again just as they are."""
        now = {each.id: self._x.store.item(each.id) for each in batch}
        return {each.id for each in batch if len(batch) == 1 or now[each.id] == each}

    def deliver(self, load: Load, report: Report) -> Load:
        """Journals an armed file and lays it into the mailbox; it stays armed when something stands there."""
        x, file = self._x, load.file
        if not x.journal.knows(file.file_name):
            seq, anchor = x.store.audit_head()
            x.journal.append(
                "armed",
                company=load.items[0].company,
                kind=self._kind.name,
                file=file.file_name,
                sha256=file.sha256,
                macro=x.macro_of(self._kind) is not None,
                items=[
                    {
                        "export_key": each.export_key,
                        "attempt": each.live.n,
                        "sage_id": each.sage_id,
                        "amount": str(x.document(each).amount),
                        "submission": each.submission_id,
                        "record": each.record_id,
                        "payload_sha": each.payload_sha,
                    }
                    for each in load.items
                ],
                audit_seq=seq,
                audit_hash=anchor,
            )
        x.at("journalled")
        try:
            x.mailbox(self._kind).deliver(file.file_name)
        except Occupied as error:
            # What stands there may be a file of its own, which is looked after in the same round.
            for each in load.items:
                self._say(each, str(error), report)
            report.trouble(str(error))
            return load
        x.at("delivered_file")
        load = x.store.deliver(load, how_to_import(x, self._kind, load, x.clock.now()))
        x.at("delivered")
        report.touch(*load.items)
        return load

    def _staged(self, batch: Sequence[Item], report: Report) -> Load | None:
        """A file with these items, whole on disk; None when none of them can be written now."""
        x = self._x
        poison = [each for each in batch if each.strikes >= STRIKES]
        for item in poison:
            self._checker.refuse(item, _POISON, report)
        written = self._written([each for each in batch if each not in poison], report)
        x.at("rendered")
        if not written:
            return None
        numbers = [next_attempt(each.item, x.journalled_attempt(each.item)) for each in written]
        first, documents = written[0], tuple(each.document for each in written)
        # A name that no other worker can make: whoever wakes up late leaves an orphan, never a twin of a live file.
        name = f"{first.item.export_key}.{numbers[0]}-{new_id()[:6]}.{self._kind.place.ending}"
        # The file is what was approved, one after the other, and nothing else (P5).
        data = b"".join(each.preview.data for each in written)
        writer = x.writer(self._kind)
        items = [each.item for each in written]
        load: Load | None = None
        with x.apart(items, report):
            manifest = Manifest.of(writer.current(), documents, data)
            x.mailbox(self._kind).stage(name, data, manifest.text())
            x.at("staged_file")
            load = Load(
                x.store.stage(
                    items,
                    numbers,
                    size=len(data),
                    name=name,
                    sha256=manifest.sha256,
                    line_map=line_map_text(writer.line_map(*documents)),
                )
            )
            x.at("staged")
            report.touch(*load.items)
        return load

    def _written(self, batch: Sequence[Item], report: Report) -> list[_Written]:
        """What each item is in the file; what may not go is refused. A crash in here counts against the items."""
        x, written = self._x, []
        if not batch:
            return []
        x.store.begin(batch)
        sound: list[Item] = []
        for item in batch:
            with x.apart((item,), report):
                try:
                    document = x.document(item)
                    made = x.writer(self._kind).preview(document)
                    reasons = self._why_not(item, made)
                except ForPeople:
                    sound.append(item)
                    raise
                sound.append(item)
                if reasons:
                    self._checker.refuse(item, " ".join(reasons), report)
                else:
                    written.append(_Written(item, document, made))
        x.store.ended(sound)
        return written

    def _why_not(self, item: Item, made: Preview) -> tuple[str, ...]:
        if made.refusals:
            return made.refusals
        if gate := why_not_live(self._x.live, made):
            return (*gate, "Nothing was sent.")
        if made.sha256 != item.approved_sha256:
            return (f"{_CHANGED} (Approved {item.approved_sha256[:12]}, now {made.sha256[:12]}.)",)
        return ()

    def _go(self, load: Load, report: Report) -> Load | None:
        """Sends a staged file after every check was made again; None when it may not go, or not with all its items."""
        x, armed = self._x, None
        with x.apart(load.items, report):
            leaving: list[Leaving] = []
            checked = self._checker.check(load, leaving, report)
            x.at("checked")
            if leaving and all(not each.verb for each in leaving) and len(leaving) == len(load.items):
                for each in leaving:
                    x.set_aside(each.item, each.why, report)
            elif leaving:
                self._checker.split(load, leaving, report)
            elif checked is not None and not x.mailbox(self._kind).standing():
                armed = x.store.arm(
                    load, "Checked against Sage; on its way into the mailbox.", checked, kinds=x.sharing(self._kind)
                )
                x.at("armed")
                report.touch(*armed.items)
                self.deliver(armed, report)
                for sent in armed.items:
                    x.troubled.pop(sent.id, None)
        if armed is None and any(x.store.item(each.id).state in IN_FLIGHT for each in load.items):
            # It got further than its trouble, or another worker has it: its file comes first.
            return load
        return armed

    def _say(self, item: Item, message: str, report: Report) -> None:
        if message and message != item.message:
            report.note(self._x.store.say(item, message))


def how_to_import(exporter: Exporter, kind: ExportKind, load: Load, since: datetime) -> str:
    """What the person at Sage does next; the time is this workstation's."""
    local, writer = since.astimezone(), exporter.writer(kind)
    day = "" if local.date() == exporter.clock.today() else f" {local:%m/%d/%Y}"
    ticks = writer.record_type(exporter.document(load.items[0]))
    options = "".join(f"tick “{each}”, " for each in ticks.tick) + "".join(f"clear “{each}”, " for each in ticks.clear)
    mailbox = exporter.mailbox(kind)
    held = "" if len(load.items) == 1 else f" It holds {named([each.sage_id for each in load.items])}."
    return (
        f"Waits in Sage's mailbox since{day} {local:%H:%M}: in Sage, run {writer.current().menu}, "
        f"choose the file {mailbox.file}, {options}and print the journal to {kind.place.print} beside it.{held}"
    )
