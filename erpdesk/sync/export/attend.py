"""Looks after an item that may have reached Sage: gathers evidence, asks the decision table, does what it says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import Decision, Facts, Presence, Token, decide
from erpdesk.sync.export.evidence import Heard, Look, count_before, first_sign, listen, look, where
from erpdesk.sync.export.items import Item, Observation, Try
from erpdesk.sync.export.mailbox import Busy
from erpdesk.sync.export.send import Sender, how_to_import

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report


class Attendant:
    """Attends to items from ARMED on; without evidence an item stays and says what it waits for (5.7)."""

    def __init__(self, exporter: Exporter) -> None:
        self._x = exporter
        self._sender = Sender(exporter)
        self._looked: dict[str, tuple[datetime, tuple[object, ...]]] = {}

    def attend(self, item: Item, report: Report, *, now: bool = False) -> None:
        """One look at one item; ``now`` asks Sage even if it was asked a moment ago."""
        x, current = self._x, item.current
        if current is None:
            raise AssertionError("an item on its way has a try")
        token = x.mailbox.locate(current.file_name, current.sha256)
        if item.state is ExportState.ARMED and token is Token.MAILBOX:
            item = x.store.deliver(item, how_to_import(x, item, x.clock.now()))
            x.at("delivered")
            report.touch(item)
        if token is Token.WITHDRAWN and current.withdrawn_at is None:
            item = x.store.withdrawn(item)
            x.at("withdrawn")
        current = item.current or current
        # While the file is still in staging, what was printed is about something else.
        printed, rejected = (None, None) if token is Token.STAGING else x.mailbox.results(current.file_name)
        heard = listen(printed, rejected, item.sage_id, x.clock)
        before = x.store.evidence(item)
        sign = first_sign((*before, *heard.observations))
        settled = current.withdrawn_at + x.timing.settle if current.withdrawn_at else None
        ripe = (
            item.state,
            token,
            heard.said,
            heard.gave_back,
            _past(settled, x.clock.now()),
            _past(sign and sign + x.timing.evidence, x.clock.now()),
        )
        if now or self._due(item, ripe, report):
            self._decide(item, current, token, heard, before, settled, report)

    def _due(self, item: Item, ripe: tuple[object, ...], report: Report) -> bool:
        """Whether to ask Sage again: something is new since the last time, or that was a while ago."""
        last = self._looked.get(item.id)
        if last is None or last[1] != ripe or self._x.clock.now() - last[0] >= self._x.timing.look:
            self._looked[item.id] = (self._x.clock.now(), ripe)
            return True
        report.again(last[0] + self._x.timing.look)
        return False

    def _decide(
        self,
        item: Item,
        current: Try,
        token: Token,
        heard: Heard,
        before: tuple[Observation, ...],
        settled: datetime | None,
        report: Report,
    ) -> None:
        x = self._x
        # Sage is read after its journal was: what the journal speaks of must show by now.
        seen = look(x.reader, item.snapshot(), x.clock, at_least=count_before(before))
        if seen.unavailable:
            report.unavailable = seen.unavailable
            self._looked.pop(item.id, None)
        observations = (where(token, x.clock), *heard.observations, seen.observation())
        x.store.witness(item, observations)
        x.at("evidence")
        sign = first_sign((*before, *observations))
        decision = decide(
            Facts(
                state=item.state,
                token=token,
                presence=seen.presence,
                said=heard.said,
                gave_back=heard.gave_back,
                fenced=token is Token.WITHDRAWN and settled is not None and seen.began >= settled,
                overdue=_past(sign and sign + x.timing.evidence, x.clock.now()),
                sent_before=item.sent_before,
                idempotency=item.idempotency,
                sage_id=item.sage_id,
                reason=heard.reason,
                differences=seen.differences,
                read_problem=seen.problem,
                how_to_import=how_to_import(x, item, current.delivered_at or x.clock.now()),
            )
        )
        self._act(item, current, token, decision, seen, observations, report)
        for when in (settled, sign and sign + x.timing.evidence):
            if when is not None and when > x.clock.now():
                report.again(when)

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
        x.at("withdrawn_file")
        item = x.store.withdrawn(item)
        x.mailbox.put_away(current.file_name, input_too=False)
        x.at("withdrawn")
        self._say(item, decision.sentence, report)
        report.progress = True

    def _say(self, item: Item, message: str, report: Report) -> None:
        if message and message != item.message:
            report.note(self._x.store.say(item, message))


def _past(when: datetime | None, now: datetime) -> bool:
    return when is not None and now >= when
