"""Looks after an item that may have reached Sage: gathers evidence, asks the decision table, does what it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import OUT_OF_REACH, Decision, Facts, Presence, Said, Token, decide
from erpdesk.sync.export.evidence import Heard, Look, first_sign, listen, look, where
from erpdesk.sync.export.items import Item, Observation, Try
from erpdesk.sync.export.macro import Run
from erpdesk.sync.export.mailbox import Busy
from erpdesk.sync.export.send import Sender, how_to_import

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report

_PRINTED = (Said.ACCEPTED, Said.REJECTED, Said.EXISTS, Said.STOPPED)
"""What a whole journal about the item says: the import that printed it has ended."""


class Attendant:
    """Attends to items from ARMED on; without evidence an item stays and says what it waits for (5.7)."""

    def __init__(self, exporter: Exporter) -> None:
        self._x = exporter
        self._sender = Sender(exporter)
        self._looked: dict[str, tuple[datetime, float, tuple[object, ...]]] = {}

    def attend(self, item: Item, report: Report, *, now: bool = False) -> None:
        """One look at one item; ``now`` asks Sage even if it was asked a moment ago."""
        x, current = self._x, item.current
        if current is None:
            raise AssertionError("an item on its way has a try")
        token = x.mailbox.locate(current.file_name, current.sha256)
        if item.state is ExportState.ARMED and token is Token.MAILBOX:
            x.mailbox.show_manifest(current.file_name)
            item = x.store.deliver(item, how_to_import(x, item, x.clock.now()))
            x.at("delivered")
            report.touch(item)
        if token is Token.WITHDRAWN and current.withdrawn_at is None:
            item = x.store.withdrawn(item)
            x.at("withdrawn")
        current = item.current or current
        x.spans.watch(current.id, token in OUT_OF_REACH)
        # While the file is still in staging, what was printed is about something else.
        printed, rejected = (None, None) if token is Token.STAGING else x.mailbox.results(current.file_name)
        heard = listen(printed, rejected, item.sage_id, x.clock)
        before = x.store.evidence(item)
        sign = x.spans.sign(current.id, first_sign((*before, *heard.observations)))
        run = self._macro(item, current, token, heard)
        left = x.spans.left(current.id, self._settle(token, heard))
        running = run is not None and run.running(heard.said in _PRINTED)
        if running:
            # While an import may be under way, "not there" proves nothing.
            left = max(left or timedelta(0), timedelta(seconds=1))
        ripe = (
            item.state,
            token,
            heard.said,
            heard.gave_back,
            _over(left),
            _past(sign and sign + x.timing.evidence, x.clock.now()),
            running,
            run,
        )
        if now or self._due(item, ripe, report):
            self._decide(item, current, token, heard, before, left, run, report)

    def _macro(self, item: Item, current: Try, token: Token, heard: Heard) -> Run | None:
        """In macro mode: starts Sage's import for a file that lies in the mailbox, and tells how it stands."""
        x = self._x
        if x.macro is None:
            return None
        untouched = item.state is ExportState.DELIVERED and token is Token.MAILBOX and heard.said is Said.NOTHING
        # A file that went out in assisted mode may be in a person's hands.
        if untouched and x.journal.for_macro(current.file_name):
            x.macro.start(x.journal, current.file_name, x.mailbox.file, self._import_over)
        return x.macro.run(x.journal, current.file_name)

    def _import_over(self, name: str) -> bool:
        """Whether the import of an earlier file has ended: Sage printed its journal, or the item is through."""
        x = self._x
        if x.mailbox.printed(name):
            return True
        owner = x.overview.armed_files().get(name)
        return owner is not None and x.store.item(owner).state is ExportState.POSTED

    def _settle(self, token: Token, heard: Heard) -> timedelta:
        """How long the file must have been away before absence is proof.

        A record that Sage printed as rejected and gave back was read to its end, and an import that Sage printed as
        stopped has ended: only a second import of the same file, begun before the file was put away, can still be under
        way, and Windows does not let an open file be moved.
        """
        timing = self._x.timing
        given_back = heard.gave_back and heard.said in (Said.REJECTED, Said.EXISTS)
        proven = (given_back or heard.said is Said.STOPPED) and token is not Token.MISSING
        return min(timing.settle_rejected, timing.settle) if proven else timing.settle

    def _due(self, item: Item, ripe: tuple[object, ...], report: Report) -> bool:
        """Whether to ask Sage again: something is new since the last time, or that was a while ago."""
        clock, pause = self._x.clock, self._x.timing.look
        now, ticks = clock.now(), clock.monotonic()
        last = self._looked.get(item.id)
        # By either clock: one may stand still while the computer sleeps, the other may be set back.
        if (
            last is None
            or last[2] != ripe
            or not last[0] <= now < last[0] + pause
            or ticks >= last[1] + pause.total_seconds()
        ):
            self._looked[item.id] = (now, ticks, ripe)
            return True
        report.again(last[0] + pause)
        return False

    def _decide(
        self,
        item: Item,
        current: Try,
        token: Token,
        heard: Heard,
        before: tuple[Observation, ...],
        left: timedelta | None,
        run: Run | None,
        report: Report,
    ) -> None:
        x = self._x
        # Sage is read after its journal was, and after the file had been away long enough: what could come has come.
        seen = look(x.reader, item.snapshot(), x.clock, at_least=x.most_shown())
        if seen.unavailable:
            report.unavailable = seen.unavailable
            self._looked.pop(item.id, None)
        observations = (where(token, x.clock), *heard.observations, seen.observation())
        x.store.witness(item, observations)
        x.at("evidence")
        sign = x.spans.sign(current.id, first_sign((*before, *observations)))
        decision = decide(
            Facts(
                state=item.state,
                token=token,
                presence=seen.presence,
                said=heard.said,
                gave_back=heard.gave_back,
                fenced=_over(left),
                overdue=_past(sign and sign + x.timing.evidence, x.clock.now()),
                sent_before=x.sent_before(item),
                idempotency=item.idempotency,
                sage_id=item.sage_id,
                reason=heard.reason,
                differences=seen.differences,
                read_problem=seen.problem,
                how_to_import=self._next_step(item, current, run),
                another=seen.another,
                running=run is not None and run.running(heard.said in _PRINTED),
                late=run is not None and run.late(),
            )
        )
        self._act(item, current, token, decision, seen, observations, report)
        if left:
            report.again(x.clock.now() + left)
        if sign and sign + x.timing.evidence > x.clock.now():
            report.again(sign + x.timing.evidence)

    def _next_step(self, item: Item, current: Try, run: Run | None) -> str:
        x = self._x
        by_hand = how_to_import(x, item, current.delivered_at or x.clock.now())
        if x.macro is None or run is None:
            return by_hand
        return run.sentence(x.macro.minutes, x.clock.now(), by_hand)

    def _act(
        self,
        item: Item,
        current: Try,
        token: Token,
        decision: Decision,
        seen: Look,
        observations: tuple[Observation, ...],
        report: Report,
    ) -> None:
        x = self._x
        if decision.verb == "stay":
            self._say(item, decision.sentence, report)
            if seen.presence is Presence.UNREAD and not seen.unavailable:
                report.trouble(decision.sentence)
        elif decision.verb == "send":
            if not x.stopped(report):
                self._sender.deliver(item, report)
        elif decision.verb == "withdraw":
            self._withdraw(item, current, decision, report)
        elif decision.verb == "put_away":
            x.at("decided")
            self._put_away(item, current, decision, report)
        else:
            x.at("decided")
            self._close_file(current, token)
            item = x.store.advance(item, decision.verb, decision.sentence, seen=observations, token=token.value)
            x.at("released" if decision.verb == "release" else "finished")
            report.touch(item)

    def _close_file(self, current: Try, token: Token) -> None:
        """Puts the file out of everybody's reach before the state says that it is over (P3, P11)."""
        x = self._x
        if token is Token.STAGING:
            x.mailbox.burn(current.file_name)
        x.mailbox.put_away(current.file_name, input_too=token is Token.MAILBOX)
        x.at("archived")

    def _withdraw(self, item: Item, current: Try, decision: Decision, report: Report) -> None:
        x = self._x
        try:
            x.mailbox.withdraw(current.file_name)
        except Busy as busy:
            self._say(item, str(busy), report)
            return
        x.spans.went(current.id)
        x.at("withdrawn_file")
        item = x.store.withdrawn(item)
        x.mailbox.put_away(current.file_name, input_too=False)
        x.at("withdrawn")
        self._say(item, decision.sentence, report)
        report.progress = True

    def _put_away(self, item: Item, current: Try, decision: Decision, report: Report) -> None:
        """Takes the file of a rejected item, and what Sage printed, out of reach; the state follows another look."""
        x = self._x
        try:
            x.mailbox.put_away(current.file_name)
        except Busy as busy:
            self._say(item, str(busy), report)
            return
        x.spans.went(current.id)
        x.at("archived")
        item = x.store.withdrawn(item)
        self._say(item, decision.sentence, report)
        report.progress = True

    def _say(self, item: Item, message: str, report: Report) -> None:
        if message and message != item.message:
            report.note(self._x.store.say(item, message))


def _over(left: timedelta | None) -> bool:
    return left is not None and left <= timedelta(0)


def _past(when: datetime | None, now: datetime) -> bool:
    return when is not None and now >= when
