"""Accepted items that wait for a file: which of them make the next one, and what the others are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpdesk.core.changes import Changes
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.export.overview import Row
from erpdesk.sync.export.states import DOUBTFUL, IN_FLIGHT

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report


class Queue:
    """The waiting items of one kind, first accepted first; thousands of them cost one short read."""

    def __init__(self, exporter: Exporter, kind: ExportKind) -> None:
        self._x, self._kind = exporter, kind

    def rows(self) -> tuple[Row, ...]:
        """Every item of which nothing has left yet."""
        return self._x.overview.waiting(self._kind.name)

    def hold(self, why: str, report: Report) -> None:
        """Tells every waiting item why it waits, unless it has a trouble of its own, which is said already."""
        self._say([each for each in self.rows() if self.due(each) is None and self._is_sound(each)], why, report)

    def due(self, row: Row) -> datetime | None:
        """When the next try may begin after one that Sage stopped; the pause doubles with each (5.8)."""
        if row.state is not ExportState.INTENT or row.withdrawn_at is None:
            return None
        if row.withdrawn_at > self._x.clock.now():
            # Noted by a clock that ran ahead: nobody waits for it to come true.
            return None
        timing = self._x.timing
        pause: timedelta = timing.again * (1 << min(row.tries - 1, 20))
        return row.withdrawn_at + min(pause, timing.longest_pause)

    def next(self, tried: set[str], report: Report) -> tuple[Item, ...]:
        """The items of the next file: those that may share one and wait no longer, else one by itself."""
        free = [each for each in self._rested(report) if each.id not in tried]
        if not self._kind.together:
            return self._first_in_a_free_lane(free, report)
        sound = [each for each in free if not each.strikes and self._is_sound(each)]
        most = self._x.timing.most
        if sound and (len(sound) >= most or self._closed(sound, report)):
            return tuple(self._x.store.item(each.id) for each in sound[:most])
        # What has broken something before goes alone, so that it keeps nobody else waiting.
        left = {each.id for each in sound}
        return tuple(self._x.store.item(each.id) for each in [each for each in free if each.id not in left][:1])

    def _is_sound(self, row: Row) -> bool:
        return row.id not in self._x.troubled

    def _rested(self, report: Report) -> list[Row]:
        """The items whose pause is over."""
        rested = []
        for row in self.rows():
            due = self.due(row)
            if row.state is not ExportState.INTENT:
                continue
            if due is not None and due > self._x.clock.now():
                report.again(due)
            else:
                rested.append(row)
        return rested

    def _first_in_a_free_lane(self, free: Sequence[Row], report: Report) -> tuple[Item, ...]:
        """The first item that no other one in its lane is ahead of."""
        x, shared = self._x, self._x.sharing(self._kind)
        live = [each for each in x.store.items((*IN_FLIGHT, *DOUBTFUL)) if each.kind in shared]
        lanes: dict[str, Item] = {}
        for each in live:
            with x.apart((each,), report):
                lanes[x.lane(each)] = each
        for row in free:
            item = x.store.item(row.id)
            with x.apart((item,), report):
                before = lanes.get(x.lane(item))
                if before is None:
                    return (item,)
                noun = x.kinds[before.kind].noun
                self._say([row], f"Waits until {noun} {before.sage_id} is settled in Sage.", report)
        return ()

    def _closed(self, rows: Sequence[Row], report: Report) -> bool:
        """Whether the file that these wait for is closed: by the timer, by a person, or because one was tried."""
        x, now = self._x, self._x.clock.now()
        first = min(rows, key=lambda each: each.accepted_at)
        ends = first.accepted_at + x.timing.batch
        tried = any(each.tries for each in rows)
        # Accepted by a clock that ran ahead, or in the past by one that was set back: nobody waits for that.
        if tried or not first.accepted_at <= now < ends or first.accepted_at <= x.closed_at:
            return True
        report.again(ends)
        why = f"Waits for its file, which closes at {ends.astimezone():%H:%M}; Send now closes it."
        self._say(rows, why, report)
        return False

    def _say(self, rows: Sequence[Row], why: str, report: Report) -> None:
        changed = [each for each in rows if each.message != why]
        if changed:
            self._x.store.say_all([each.id for each in changed], why)
            report.changes |= Changes.of(self._kind.name, *(each.record_id for each in changed))
            report.changes |= Changes.of("submission", *(each.submission_id for each in changed))
