"""Clocks that jump: a day ahead makes no verdict up, a day back holds none up (fault 21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Timing
from erpdesk.sync.export.spans import Spans
from tests.sync.export.yard import Hands, Yard, other


def test_a_clock_that_jumps_ahead_does_not_end_the_settling_of_a_withdrawn_file(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(clock=hands.clock, timing=Timing())
    yard.sage.set_faults(no_licence=True)
    yard.run(exporter)
    hands.set(days=1)
    for _ in range(3):
        exporter.step()
    assert yard.state(item) is ExportState.DELIVERED and yard.row(item).attempt == 1
    hands.move(minutes=11)
    exporter.step()
    assert yard.row(item).attempt == 2


def test_an_import_that_sage_printed_as_stopped_is_tried_again_within_minutes(yard: Yard, hands: Hands) -> None:
    """The printed stop proves that it ended; ten minutes are for files of which nothing was printed."""
    item = yard.accept()
    yard.sage.set_faults(no_licence=True)
    exporter = yard.exporter(clock=hands.clock, timing=Timing())
    yard.run(exporter)
    yard.sage.set_faults(no_licence=False)
    assert yard.row(item).attempt == 1
    hands.move(seconds=61)
    yard.run(exporter)
    assert yard.state(item) is ExportState.DELIVERED or yard.state(item) is ExportState.POSTED
    assert yard.row(item).attempt == 2


def test_a_file_settles_anew_after_a_restart(yard: Yard, hands: Hands) -> None:
    item, slow = yard.accept(), Timing(settle_rejected=timedelta(minutes=10))
    yard.sage.set_faults(no_licence=True)
    yard.run(yard.exporter(clock=hands.clock, timing=slow))
    hands.move(minutes=9)
    again = yard.exporter(clock=hands.clock, timing=slow)
    again.recover()
    hands.move(minutes=9)
    again.step()
    assert yard.row(item).attempt == 1
    hands.move(minutes=2)
    again.step()
    assert yard.row(item).attempt == 2


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("case", ["stopped", "no journal"])
def test_a_clock_that_was_ahead_and_is_put_right_delays_no_day(
    yard: Yard, hands: Hands, case: str, restarted: bool
) -> None:
    hands.set(days=1)
    first, second = yard.accept(), yard.accept(other(2))
    exporter = yard.exporter(clock=hands.clock, timing=Timing())
    yard.sage.set_faults(no_licence=case == "stopped")
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    if case == "no journal":
        (yard.imports / "commitments.prn").unlink()
    exporter.step()
    yard.sage.set_faults(no_licence=False)
    hands.set(days=-1)
    if restarted:
        exporter = yard.exporter(clock=hands.clock, timing=Timing())
        exporter.recover()
    for _ in range(4):
        for _ in range(4):
            exporter.step()
            yard.sage_imports()
        hands.move(minutes=5)
    assert [yard.state(item) for item in (first, second)] == [ExportState.POSTED] * 2


def test_a_span_counts_only_what_this_process_saw(hands: Hands) -> None:
    spans = Spans(hands.clock)
    assert spans.left("a", timedelta(minutes=1)) is None
    spans.watch("a", True)
    hands.move(seconds=20)
    spans.watch("a", True)
    hands.set(days=1)
    assert spans.left("a", timedelta(minutes=1)) == timedelta(seconds=40)
    spans.went("a")
    assert spans.left("a", timedelta(minutes=1)) == timedelta(minutes=1)
    spans.watch("a", False)
    assert spans.left("a", timedelta(0)) is None


def test_a_sign_from_the_future_counts_as_now_and_keeps_its_place(hands: Hands) -> None:
    spans = Spans(hands.clock)
    ahead = datetime(2027, 1, 1, tzinfo=UTC)
    seen = spans.sign("a", ahead)
    hands.move(minutes=6)
    assert seen is not None and spans.sign("a", ahead) == seen
    hands.set(days=-7)
    put_back = spans.sign("a", ahead)
    assert put_back is not None and put_back < seen
    assert spans.sign("b", None) is None
