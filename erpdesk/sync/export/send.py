"""From an accepted item to a file in Sage's mailbox: render, stage, check once more, mark, journal, deliver (5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpdesk.core.errors import BadSageData
from erpdesk.models.erp import ExportState, Source
from erpdesk.sync.export.decide import Decision, Facts, Presence, decide
from erpdesk.sync.export.evidence import Look, look
from erpdesk.sync.export.items import Item, Observation, line_map_text, next_attempt
from erpdesk.sync.export.mailbox import FILE, PRINT
from erpdesk.sync.export.states import IN_FLIGHT, WAITING
from erpdesk.sync.sage.manifest import Manifest
from erpdesk.workflows.layout_gate import why_not_live
from erpdesk.workflows.ports import CommitmentSnapshot

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report

LETTERS = "C"
"""The record with which a commitment begins in its import file."""

_CHANGED = (
    "The data changed since approval: the file that would be written now is not the one the approver saw. "
    "Nothing was sent. Reject the item, look at it, and send it again."
)


class Sender:
    """Sends one item at a time; what cannot be sent is refused with its reasons, and the next one is tried."""

    def __init__(self, exporter: Exporter) -> None:
        self._x = exporter

    def send_next(self, report: Report) -> None:
        """Delivers the first item that may go; the others wait for the mailbox and say so."""
        ahead = ""
        for item in self._x.store.items(WAITING):
            if ahead:
                self._wait(item, f"Waits until Sage has imported {ahead}; one file at a time.", report)
                continue
            due = self.due(item)
            if due is not None and due > self._x.clock.now():
                report.again(due)
                continue
            with self._x.apart(item, report):
                staged = self._staged(item, report)
                if staged is not None and (armed := self._armed(staged, report)) is not None:
                    ahead = item.sage_id
                    self.deliver(armed, report)
                self._x.troubled.pop(item.id, None)
            if not ahead and self._x.store.item(item.id).state in IN_FLIGHT:
                # It got further than its trouble, or another worker has it: its file comes first.
                ahead = item.sage_id

    def hold(self, why: str, report: Report) -> None:
        """Tells every waiting item why it waits."""
        for item in self._x.store.items(WAITING):
            if self.due(item) is None:
                self._wait(item, why, report)

    def _wait(self, item: Item, why: str, report: Report) -> None:
        """Says why an item waits, unless it has a trouble of its own, which is said already."""
        if item.id not in self._x.troubled:
            self._say(item, why, report)

    def due(self, item: Item) -> datetime | None:
        """When the next try may begin after one that Sage stopped; the pause doubles with each (5.8)."""
        last = item.tries[-1] if item.tries else None
        if item.state is not ExportState.INTENT or last is None or last.withdrawn_at is None:
            return None
        if last.withdrawn_at > self._x.clock.now():
            # Noted by a clock that ran ahead: nobody waits for it to come true.
            return None
        timing = self._x.timing
        pause: timedelta = timing.again * (1 << min(last.n - 1, 20))
        return last.withdrawn_at + min(pause, timing.longest_pause)

    def deliver(self, item: Item, report: Report) -> Item:
        """Journals the armed item and lays its file into the mailbox; raises Occupied when something stands there."""
        x, current = self._x, item.current
        if current is None:
            raise AssertionError("an armed item has a try")
        if not x.journal.knows(current.file_name):
            seq, anchor = x.store.audit_head()
            x.journal.append(
                "armed",
                company=item.company,
                kind=item.kind,
                export_key=item.export_key,
                attempt=current.n,
                file=current.file_name,
                sha256=current.sha256,
                sage_id=item.sage_id,
                amount=str(item.snapshot().amount),
                macro=x.macro is not None,
                submission=item.submission_id,
                audit_seq=seq,
                audit_hash=anchor,
            )
        x.at("journalled")
        x.mailbox.deliver(current.file_name)
        x.at("delivered_file")
        item = x.store.deliver(item, how_to_import(x, item, x.clock.now()))
        x.at("delivered")
        report.touch(item)
        return item

    def _staged(self, item: Item, report: Report) -> Item | None:
        """The item with its file whole on disk; None when it was refused."""
        x = self._x
        if item.state is ExportState.STAGED:
            return item
        snapshot = item.snapshot()
        made = x.preview.preview(snapshot)
        x.at("rendered")
        if made.refusals:
            self._refuse(item, " ".join(made.refusals), report)
            return None
        if gate := why_not_live(x.live, made):
            self._refuse(item, " ".join((*gate, "Nothing was sent.")), report)
            return None
        if made.sha256 != item.approved_sha256:
            self._refuse(item, f"{_CHANGED} (Approved {item.approved_sha256[:12]}, now {made.sha256[:12]}.)", report)
            return None
        journalled = max((int(each.body["attempt"]) for each in x.journal.armed(item.export_key)), default=0)
        number = next_attempt(item, journalled)
        name = f"{item.export_key}.{number}.jcc"
        x.mailbox.stage(name, made.data, Manifest.of(x.preview.current(), snapshot, made.data).text())
        x.at("staged_file")
        lines = line_map_text(x.preview.line_map(snapshot))
        item = x.store.stage(item, number, size=len(made.data), file_name=name, sha256=made.sha256, line_map=lines)
        x.at("staged")
        report.touch(item)
        return item

    def _armed(self, item: Item, report: Report) -> Item | None:
        """The item after every check was made again on a fresh read; None when it may not go."""
        x, current = self._x, item.current
        if current is None:
            raise AssertionError("a staged item has a try")
        snapshot = item.snapshot()
        token = x.mailbox.locate(current.file_name, current.sha256)
        seen = self._look(snapshot)
        reasons: tuple[str, ...] = ()
        if seen.presence is Presence.ABSENT:
            reasons = (
                *x.reader.why_not(snapshot),
                *x.id_problems(item.sage_id),
                *self._sent_as_another(item),
                *self._layout_moved(item, snapshot),
            )
        x.at("checked")
        decision = decide(
            Facts(
                state=item.state,
                token=token,
                presence=seen.presence,
                sent_before=x.sent_before(item),
                idempotency=item.idempotency,
                sage_id=item.sage_id,
                differences=seen.differences,
                read_problem=seen.problem,
                another=seen.another,
            )
        )
        if decision.verb != "stay":
            self._give_up(item, decision, seen, report)
            return None
        if seen.presence is not Presence.ABSENT:
            self._say(item, decision.sentence, report)
            report.trouble(decision.sentence)
            return None
        if reasons:
            self._refuse(item, " ".join((*reasons, "Nothing was sent.")), report)
            return None
        if x.mailbox.standing():
            return None
        listing = Observation(Source.LISTING, seen.began, seen.ended, token.value)
        item = x.store.arm(item, "Checked against Sage; on its way into the mailbox.", (listing, seen.baseline()))
        x.at("armed")
        report.touch(item)
        return item

    def _layout_moved(self, item: Item, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
        """Why a staged file may not go any more: the site withdrew a confirmation or changed the field order since."""
        made = self._x.preview.preview(snapshot)
        if made.sha256 != item.approved_sha256:
            return ("The layout of the import file changed since approval. Reject the item and have it sent again.",)
        return why_not_live(self._x.live, made)

    def _look(self, snapshot: CommitmentSnapshot) -> Look:
        seen = look(self._x.reader, snapshot, self._x.clock, at_least=self._x.most_shown())
        if seen.unavailable:
            raise seen.unavailable
        return seen

    def _sent_as_another(self, item: Item) -> Iterator[str]:
        """Why a record may not go once more under a new ID: what was sent under an earlier one is in Sage after all."""
        earlier = {each.sage_id: each.snapshot() for each in self._x.overview.earlier(item)}
        for entry in self._x.journal.armed(item.export_key):
            sage_id = str(entry.body["sage_id"])
            earlier.setdefault(sage_id, replace(item.snapshot(), sage_id=sage_id))
        for sage_id, snapshot in earlier.items():
            if sage_id == item.sage_id:
                continue
            seen = self._look(snapshot)
            if seen.presence is Presence.UNREAD:
                raise BadSageData(seen.problem, kept="Nothing was sent.")
            if seen.presence is not Presence.ABSENT and not seen.another:
                yield (
                    f"This commitment is in Sage already as {sage_id}, from an earlier sending that had failed. "
                    f"Delete {sage_id} in Sage if this one shall take its place, then have it sent again."
                )

    def _give_up(self, item: Item, decision: Decision, seen: Look, report: Report) -> None:
        if decision.verb == "refuse":
            self._refuse(item, decision.sentence, report)
            return
        self._burn(item)
        item = self._x.store.advance(item, decision.verb, decision.sentence, seen=(seen.observation(),))
        report.touch(item)

    def _refuse(self, item: Item, message: str, report: Report) -> None:
        if item.state is ExportState.STAGED:
            self._burn(item)
        item = self._x.store.advance(item, "refuse", message)
        self._x.at("refused")
        report.touch(item)

    def _burn(self, item: Item) -> None:
        """The token goes first: a state without a live file may follow, never a live file without its state."""
        if item.current is not None:
            self._x.mailbox.burn(item.current.file_name)
            self._x.at("burned")

    def _say(self, item: Item, message: str, report: Report) -> None:
        if message and message != item.message:
            report.note(self._x.store.say(item, message))


def how_to_import(exporter: Exporter, item: Item, since: datetime) -> str:
    """What the person at Sage does next; the time is this workstation's."""
    local, layout = since.astimezone(), exporter.preview.current()
    day = "" if local.date() == exporter.clock.today() else f" {local:%m/%d/%Y}"
    kind = layout.record_type(LETTERS)
    options = "".join(f"tick “{each}”, " for each in kind.tick) + "".join(f"clear “{each}”, " for each in kind.clear)
    return (
        f"Waits in Sage's mailbox since{day} {local:%H:%M}: in Sage, run {layout.menu}, "
        f"choose the file {exporter.mailbox.folder / FILE}, {options}and print the journal to {PRINT} beside it."
    )
