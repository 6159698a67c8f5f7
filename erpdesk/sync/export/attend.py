"""Looks after a file that may have reached Sage: gathers evidence, decides on each item by the table, acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import OUT_OF_REACH, Decision, Said, Token, decide
from erpdesk.sync.export.evidence import Heard, Printed, first_sign, where
from erpdesk.sync.export.items import Item, Load, Observation
from erpdesk.sync.export.kinds.kind import ExportKind, Look, Presence, Wanted
from erpdesk.sync.export.macro import Run
from erpdesk.sync.export.mailbox import Busy
from erpdesk.sync.export.send import Sender, how_to_import

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report

_PRINTED = (Said.ACCEPTED, Said.REJECTED, Said.EXISTS, Said.STOPPED)
"""What a whole journal about the item says: the import that printed it has ended."""


@dataclass(frozen=True)
class _Known:
    """What is known of one item before Sage is asked."""

    item: Item
    heard: Heard
    before: tuple[Observation, ...]
    left: timedelta | None


@dataclass(frozen=True)
class _Verdict:
    known: _Known
    look: Look
    observations: tuple[Observation, ...]
    decision: Decision


class Attendant:
    """Attends to files of one kind from ARMED on; without evidence an item stays and says what it waits for (5.7)."""

    def __init__(self, exporter: Exporter, kind: ExportKind) -> None:
        self._x, self._kind = exporter, kind
        self._sender = Sender(exporter, kind)
        self._looked: dict[str, tuple[datetime, float, tuple[object, ...]]] = {}

    def attend(self, load: Load, report: Report, *, now: bool = False) -> None:
        """One look at one file; ``now`` asks Sage even if it was asked a moment ago."""
        x, file = self._x, load.file
        mailbox = x.mailbox(self._kind)
        token = mailbox.locate(file.file_name, file.sha256)
        armed = Load(tuple(each for each in load.items if each.state is ExportState.ARMED))
        if armed.items and token is Token.MAILBOX:
            mailbox.show_manifest(file.file_name)
            moved = x.store.deliver(armed, how_to_import(x, self._kind, load, x.clock.now()))
            x.at("delivered")
            report.touch(*moved.items)
            load = _with(load, moved.items)
        if token is Token.WITHDRAWN and load.file.withdrawn_at is None:
            load = x.store.withdrawn(load)
            x.at("withdrawn")
        x.spans.watch(file.file_id, token in OUT_OF_REACH)
        # While the file is still in staging, what was printed is about something else; and so it is once it is through.
        closed = not _open(load.items)
        nothing = token is Token.STAGING
        printed, rejected = (None, None) if nothing else mailbox.results(file.file_name, closed=closed)
        page = Printed(printed, rejected, file.lines(), x.clock)
        known = [self._known(each, token, page) for each in load.items]
        said = {each.heard.said for each in known}
        run = self._macro(load, token, said)
        running = run is not None and run.running(bool(said) and said <= {*_PRINTED})
        if running:
            # While an import may be under way, "not there" proves nothing.
            known = [replace(each, left=max(each.left or timedelta(0), timedelta(seconds=1))) for each in known]
        ripe = (token, running, run, *(self._ripe(each) for each in known))
        if now or self._due(file.file_id, ripe, report):
            self._judge(load, known, token, run, report)

    def _known(self, item: Item, token: Token, page: Printed) -> _Known:
        x = self._x
        heard = page.of(x.name(self._kind, item))
        before = x.store.evidence(item)
        left = x.spans.left(item.live.file_id, self._settle(item, token, heard))
        return _Known(item, heard, before, left)

    def _ripe(self, known: _Known) -> tuple[object, ...]:
        sign = self._sign(known.item, (*known.before, *known.heard.observations))
        state, heard = known.item.state, known.heard
        return known.item.id, state, heard.said, heard.gave_back, _over(known.left), self._overdue(sign)

    def _sign(self, item: Item, seen: Sequence[Observation]) -> datetime | None:
        return self._x.spans.sign(item.live.id, first_sign(seen))

    def _overdue(self, sign: datetime | None) -> bool:
        return sign is not None and self._x.clock.now() >= sign + self._x.timing.evidence

    def _macro(self, load: Load, token: Token, said: set[Said]) -> Run | None:
        """In macro mode: starts Sage's import for a file that lies in the mailbox, and tells how it stands."""
        x, name, macro = self._x, load.file.file_name, self._x.macro_of(self._kind)
        if macro is None:
            return None
        delivered = all(each.state is ExportState.DELIVERED for each in load.items)
        # A file that went out in assisted mode may be in a person's hands.
        if delivered and token is Token.MAILBOX and said == {Said.NOTHING} and x.journal.for_macro(name):
            macro.start(x.journal, name, x.mailbox(self._kind).file, self._import_over)
        return macro.run(x.journal, name)

    def _import_over(self, name: str) -> bool:
        """Whether the import of an earlier file has ended: Sage printed its journal, or its items are through."""
        x = self._x
        if x.mailbox(self._kind).printed(name):
            return True
        owners = x.overview.armed_files().get(name, ())
        return bool(owners) and all(x.store.item(each).state is ExportState.POSTED for each in owners)

    def _settle(self, item: Item, token: Token, heard: Heard) -> timedelta:
        """How long the file must have been away before absence is proof.

        A record that Sage printed as rejected and gave back was read to its end, and an import that Sage printed as
        stopped has ended: only a second import of the same file, begun before the file was put away, can still be under
        way. A stop leads to another file, so only where Sage refuses what comes twice (class A) is its time short; a
        reject leads to a person, and what has an ID in Sage is found there if it went in after all.
        """
        timing = self._x.timing
        given_back = heard.gave_back and heard.said in (Said.REJECTED, Said.EXISTS)
        refuses = item.idempotency == "A"
        short = (given_back and (self._kind.keyed or refuses)) or (heard.said is Said.STOPPED and refuses)
        proven = short and token is not Token.MISSING
        return min(timing.settle_rejected, timing.settle) if proven else timing.settle

    def _due(self, file_id: str, ripe: tuple[object, ...], report: Report) -> bool:
        """Whether to ask Sage again: something is new since the last time, or that was a while ago."""
        clock, pause = self._x.clock, self._x.timing.look
        now, ticks = clock.now(), clock.monotonic()
        last = self._looked.get(file_id)
        # By either clock: one may stand still while the computer sleeps, the other may be set back.
        if (
            last is None
            or last[2] != ripe
            or not last[0] <= now < last[0] + pause
            or ticks >= last[1] + pause.total_seconds()
        ):
            self._looked[file_id] = (now, ticks, ripe)
            return True
        report.again(last[0] + pause)
        return False

    def _judge(self, load: Load, known: Sequence[_Known], token: Token, run: Run | None, report: Report) -> None:
        x, kind = self._x, self._kind
        # Sage is read after its journal was, and after the file had been away long enough: what could come has come.
        most = x.most_shown(kind)
        wanted = [Wanted(x.document(each.item), x.baseline(each.item), most, x.also(kind, each.item)) for each in known]
        verdicts = []
        for each, look in zip(known, kind.read_back.look(x.reader, x.clock, wanted), strict=True):
            if look.unavailable:
                report.unavailable = look.unavailable
                self._looked.pop(load.file.file_id, None)
            observations = (where(token, x.clock), *each.heard.observations, look.observation())
            x.store.witness(each.item, observations)
            decision = self._decide(load, each, look, token, observations, run, report)
            verdicts.append(_Verdict(each, look, observations, decision))
        x.at("evidence")
        self._act(load, token, verdicts, report)

    def _decide(
        self,
        load: Load,
        known: _Known,
        look: Look,
        token: Token,
        observations: tuple[Observation, ...],
        run: Run | None,
        report: Report,
    ) -> Decision:
        x, heard = self._x, known.heard
        sign = self._sign(known.item, (*known.before, *observations))
        if known.left:
            report.again(x.clock.now() + known.left)
        if sign and sign + x.timing.evidence > x.clock.now():
            report.again(sign + x.timing.evidence)
        facts = replace(
            x.facts(self._kind, known.item, look, token),
            said=heard.said,
            gave_back=heard.gave_back,
            fenced=_over(known.left),
            overdue=self._overdue(sign),
            reason=heard.reason,
            how_to_import=self._next_step(load, run),
            running=run is not None and run.running(heard.said in _PRINTED),
            late=run is not None and run.late(),
        )
        return decide(facts)

    def _next_step(self, load: Load, run: Run | None) -> str:
        x, macro = self._x, self._x.macro_of(self._kind)
        by_hand = how_to_import(x, self._kind, load, load.file.delivered_at or x.clock.now())
        if macro is None or run is None:
            return by_hand
        return run.sentence(macro.minutes, x.clock.now(), by_hand)

    def _act(self, load: Load, token: Token, verdicts: Sequence[_Verdict], report: Report) -> None:
        """What is done with the file comes first and once; then each item takes its own step."""
        x = self._x
        acts = {each.decision.verb for each in verdicts}
        steps = [each for each in verdicts if each.decision.verb not in ("stay", "send", "withdraw", "put_away")]
        for each in verdicts:
            if each.decision.verb in ("stay", "withdraw", "put_away"):
                self._say(each.known.item, each.decision.sentence, report)
            if each.look.presence is Presence.UNREAD and not each.look.unavailable and not each.look.undecidable:
                report.trouble(each.decision.sentence)
        if acts == {"send"} and len(load.items) == len(verdicts):
            if not x.stopped(report):
                self._sender.deliver(load, report)
            return
        try:
            if "withdraw" in acts:
                self._withdraw(load, report)
            elif "put_away" in acts:
                x.at("decided")
                self._put_away(load, report)
        except Busy as busy:
            for each in verdicts:
                self._say(each.known.item, str(busy), report)
            return
        if steps:
            x.at("decided")
        if steps and _open(load.items):
            self._close_file(load, token, moved=bool(acts & {"withdraw", "put_away"}))
        for each in steps:
            verb, sentence = each.decision.verb, each.decision.sentence
            item = x.store.item(each.known.item.id)
            if item.state is not each.known.item.state:
                continue
            item = x.store.advance(item, verb, sentence, seen=each.observations, token=token.value)
            x.at("released" if verb == "release" else "finished")
            report.touch(item)

    def _close_file(self, load: Load, token: Token, *, moved: bool) -> None:
        """Puts the file out of everybody's reach before the state says that it is over (P3, P11)."""
        mailbox, name = self._x.mailbox(self._kind), load.file.file_name
        if token is Token.STAGING:
            mailbox.burn(name)
        # Another worker may have delivered it since it was looked for: where it is now is what counts.
        token = mailbox.locate(name, load.file.sha256)
        mailbox.put_away(name, input_too=token is Token.MAILBOX and not moved)
        self._x.at("archived")

    def _withdraw(self, load: Load, report: Report) -> None:
        x, mailbox = self._x, self._x.mailbox(self._kind)
        mailbox.withdraw(load.file.file_name)
        x.spans.went(load.file.file_id)
        x.at("withdrawn_file")
        x.store.withdrawn(load)
        mailbox.put_away(load.file.file_name, input_too=False)
        x.at("withdrawn")
        report.progress = True

    def _put_away(self, load: Load, report: Report) -> None:
        """Takes the file of a rejected item, and what Sage printed, out of reach; the state follows another look."""
        x = self._x
        x.mailbox(self._kind).put_away(load.file.file_name)
        x.spans.went(load.file.file_id)
        x.at("archived")
        x.store.withdrawn(load)
        report.progress = True

    def _say(self, item: Item, message: str, report: Report) -> None:
        if message and message != item.message:
            report.note(self._x.store.say(item, message))


def _with(load: Load, moved: Sequence[Item]) -> Load:
    by_id = {each.id: each for each in moved}
    return Load(tuple(by_id.get(each.id, each) for each in load.items))


def _open(items: Sequence[Item]) -> bool:
    """Whether the file of these may still lie in the mailbox; of what Sage only has to post it was put away before."""
    return any(each.state in (ExportState.ARMED, ExportState.DELIVERED) for each in items)


def _over(left: timedelta | None) -> bool:
    return left is not None and left <= timedelta(0)
