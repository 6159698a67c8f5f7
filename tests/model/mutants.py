"""The weaker protocols of the design (5.6), each seeded into the real code at the smallest place that makes it one.

What each leaves out stands in its first line. Each must be caught by the scheduler; one that is not shows that the
scheduler does not look where it should. They change classes and modules, so they are for processes that end with them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from erpdesk.core.clock import Clock
from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export import recover
from erpdesk.sync.export.attend import Attendant
from erpdesk.sync.export.decide import Decision, Facts, Token
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.items import Load
from erpdesk.sync.export.kinds.kind import Look, Presence, Wanted
from erpdesk.sync.export.kinds.natural import NaturalKey
from erpdesk.sync.export.mailbox import Busy, Mailbox
from erpdesk.sync.export.send import Sender
from erpdesk.sync.export.states import WAITING
from erpdesk.sync.sage.standing import FreshReader

LEASE = timedelta(minutes=10)
HELD = "held-open"
"""The file by which the stand-in shows that an import is running, as a sharing violation does on Windows."""


def put(owner: Any, **members: Any) -> None:
    """Replaces what a class or a module calls so."""
    for name, member in members.items():
        setattr(owner, name, member)


def mark_then_write() -> None:
    """Says "exported" first, and writes the file after."""

    def deliver(self: Sender, load: Load, report: Any) -> Load:
        x = self._x
        load = Load(x.store.advance_all(load.items, "post", "Exported."))
        x.at("marked")
        x.mailbox(self._kind).deliver(load.file.file_name)
        x.at("delivered_file")
        return load

    put(Sender, deliver=deliver)


def write_then_mark() -> None:
    """Writes the file first, and says "exported" after; nothing is noted before."""
    _without_recovery()

    def send_next(self: Sender, report: Any) -> None:
        x = self._x
        for item in x.store.items(WAITING):
            made = x.writer(self._kind).preview(x.document(item))
            x.at("rendered")
            _write(x.mailbox(self._kind), made.data)
            x.at("delivered_file")
            _mark(self, item, made)
            x.at("marked")
            return

    put(Sender, send_next=send_next)


def lease_and_retry() -> None:
    """The usual queue: a worker claims an item for a while; who finds a claim that has run out sends it again."""
    _without_recovery()

    def send_next(self: Sender, report: Any) -> None:
        x = self._x
        for item in x.store.items(WAITING):
            if item.state is S.STAGED and (item.live.staged_at or x.clock.now()) + LEASE > x.clock.now():
                continue
            made = x.writer(self._kind).preview(x.document(item))
            if item.state is S.STAGED:
                item = x.store.advance(item, "burn", "The claim of another worker has run out.")
            staged = _claim(self, item, made)
            x.at("claimed")
            _write(x.mailbox(self._kind), made.data)
            x.at("delivered_file")
            x.store.advance(staged, "post", "Exported.")
            x.at("marked")
            return

    put(Sender, send_next=send_next)


def intent_and_read_back() -> None:
    """Marks what may reach Sage and reads back before it sends again, but nothing fences the first file."""
    _without_fence()
    _judge(lambda facts, mailbox_in_use: True)


def no_import_runs() -> None:
    """Also waits until no import of Sage's is running; but a worker that was held up still writes its file."""
    _without_fence()
    _judge(lambda facts, mailbox_in_use: not mailbox_in_use)


def absent_while_live() -> None:
    """The file is a token that is moved by rename; but absence is believed while the file or its import is live."""
    _judge(lambda facts, mailbox_in_use: True)


def absent_in_the_mirror() -> None:
    """The whole protocol, but absence is read from the last refresh of the local mirror."""
    fresh, mirror = NaturalKey.look, {}

    def look(self: NaturalKey, sage: FreshReader, clock: Clock, wanted: Sequence[Wanted]) -> tuple[Look, ...]:
        for each in wanted:
            if str(each.document) not in mirror:
                mirror[str(each.document)] = fresh(self, sage, clock, [each])[0]
        now = clock.now()
        seen = [mirror[str(each.document)] for each in wanted]
        return tuple(replace(each, began=now, ended=now) for each in seen)

    refresh = recover.mend

    def mend(x: Any, report: Any) -> None:
        mirror.clear()
        refresh(x, report)

    put(NaturalKey, look=look)
    put(recover, mend=mend)


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        mark_then_write,
        write_then_mark,
        lease_and_retry,
        intent_and_read_back,
        no_import_runs,
        absent_while_live,
        absent_in_the_mirror,
    )
}


def _without_recovery() -> None:
    """A queue without a protocol: it looks neither at what is under way nor at what stands in the mailbox."""

    def mend(x: Any, report: Any) -> None:
        x.journal.open()
        x.locked, x.recovered = "", True

    put(recover, mend=mend, mailbox_is_free=lambda x, place, report: True)


def _write(mailbox: Mailbox, data: bytes) -> None:
    """Writes straight into the mailbox, over whatever stands there, and clears what Sage printed before."""
    if (mailbox.folder.parent / HELD).exists():
        raise Busy("Sage holds the file open.")
    half = mailbox.folder / ".half"
    half.write_bytes(data)
    os.replace(half, mailbox.file)
    (mailbox.folder / mailbox.place.print).unlink(missing_ok=True)


def _claim(sender: Sender, item: Any, made: Any) -> Any:
    number = max((each.n for each in item.tries), default=0) + 1
    name = f"{item.export_key}.{number}-{sender._x.store.worker}.jcc"
    more = {"size": len(made.data), "name": name, "sha256": made.sha256, "line_map": "[]"}
    return sender._x.store.stage([item], [number], **more)[0]


def _mark(sender: Sender, item: Any, made: Any) -> None:
    sender._x.store.advance(_claim(sender, item, made), "post", "Exported.")


def _without_fence() -> None:
    """The file is written into the mailbox by whoever comes to it; the staged one fences nothing, nothing is moved."""

    def deliver(self: Mailbox, name: str) -> None:
        staged = next(each for each in (self.staging / name, self.burned / name) if each.exists())
        _write(self, staged.read_bytes())
        self._at("linked")

    def locate(self: Mailbox, name: str, sha256: str) -> Token:
        return Token.STAGING if (self.staging / name).exists() else Token.MISSING

    put(Mailbox, deliver=deliver, locate=locate, standing=lambda self: ())
    put(Attendant, _close_file=lambda self, load, token, *, moved: None)
    put(recover, mailbox_is_free=lambda x, place, report: True)


def _judge(believed: Callable[[Facts, bool], bool]) -> None:
    """Absence is believed when ``believed`` says so, wherever the file is: the item goes back for another try.

    Only a recovery judges: between recoveries a person is waited for.
    """
    honest: Any = Attendant._decide

    def judge(self: Attendant, load: Load, known: Any, look: Look, token: Token, *rest: Any) -> Decision:
        x: Any = self._x
        in_use = (x.mailbox(self._kind).folder.parent / HELD).exists()
        item = known.item
        if item.state in (S.ARMED, S.DELIVERED) and look.presence is Presence.ABSENT and x.mending:
            facts = x.facts(self._kind, item, look, token)
            if believed(facts, in_use):
                return Decision("release", "Not in Sage; it is sent again.")
            return Decision("stay", "An import is running.")
        decided: Decision = honest(self, load, known, look, token, *rest)
        return decided

    whole = recover.mend

    def mend(x: Any, report: Any) -> None:
        x.mending = True
        try:
            whole(x, report)
        finally:
            x.mending = False

    put(Attendant, _decide=judge)
    put(recover, mend=mend)
    put(Exporter, mending=False)
