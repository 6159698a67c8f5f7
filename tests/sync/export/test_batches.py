"""Several items in one file: one token, one mailbox place, and a verdict for each item."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.exporter import Timing
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.send import STRIKES
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from tests.sync.export.test_loop import double
from tests.sync.export.yard import QUICK, Hands, Yard, other


def three(yard: Yard) -> list[str]:
    return [yard.accept(other(number)) for number in (1, 2, 3)]


def states(yard: Yard, items: list[str]) -> list[S]:
    return [yard.state(each) for each in items]


def test_one_file_holds_them_all_and_each_is_found_in_sage(yard: Yard) -> None:
    items = three(yard)
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    assert states(yard, items) == [S.DELIVERED] * 3
    assert "It holds SC-21-001 and 2 more." in yard.row(items[2]).message
    yard.run(exporter)
    assert states(yard, items) == [S.POSTED] * 3
    assert [yard.in_sage(f"SC-21-00{number}") for number in (1, 2, 3)] == [1, 1, 1]
    assert len({yard.file_of(each) for each in items}) == 1
    assert yard.audit().count("post") == 3 and yard.audit().count("deliver") == 3


def test_the_file_is_what_was_approved_one_after_the_other(yard: Yard) -> None:
    """P5: the hash that the approver saw is the hash of the item's own part of the file, and nothing else is in it."""
    items = three(yard)
    yard.run(yard.exporter())
    data = (yard.kept_set(items[0]) / "commitments.jcc").read_bytes()
    lines = data.splitlines(keepends=True)
    where = json.loads(yard.line_map_of(items[0]))
    for item in items:
        row = yard.row(item)
        own = b"".join(lines[line["line"] - 1] for line in where if line["sage_id"] == row.natural_key)
        assert hashlib.sha256(own).hexdigest() == row.approved_sha256
    assert {line["line"] for line in where} == set(range(1, len(lines) + 1))


def test_sage_rejects_one_and_takes_the_others(yard: Yard) -> None:
    items = three(yard)
    exporter = yard.exporter()
    exporter.recover()
    yard.sage.set_faults(reject_next="vendor insurance has expired.")
    yard.run(exporter)
    assert sorted(states(yard, items)) == sorted([S.SAGE_REJECTED, S.POSTED, S.POSTED])
    (failed,) = (each for each in items if yard.state(each) is S.SAGE_REJECTED)
    assert yard.row(failed).message == "Sage rejected it: Vendor insurance has expired."
    assert [yard.in_sage(yard.row(each).natural_key) for each in items] == [int(each != failed) for each in items]
    assert yard.mailbox() == set()


def test_who_may_not_go_any_more_leaves_and_the_others_go_in_the_same_round(yard: Yard) -> None:
    items = [yard.accept(other(1)), yard.accept(other(2, vendor="GONE")), yard.accept(other(3))]
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    assert states(yard, items) == [S.DELIVERED, S.REFUSED, S.DELIVERED]
    assert "Sage has no vendor GONE any more" in yard.row(items[1]).message
    assert [path.name for path in (yard.imports / "staging").iterdir()] == []
    yard.run(exporter)
    assert states(yard, items) == [S.POSTED, S.REFUSED, S.POSTED]
    assert yard.in_sage("SC-21-002") == 0


def test_a_stopped_import_brings_all_of_them_back_for_another_file(yard: Yard) -> None:
    items = three(yard)
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage.set_faults(no_licence=True)
    yard.sage_imports()
    yard.sage.set_faults(no_licence=False)
    yard.run(exporter)
    assert states(yard, items) == [S.POSTED] * 3
    assert [yard.row(each).attempt for each in items] == [2, 2, 2]


def test_a_file_that_somebody_took_away_leaves_every_item_in_doubt(yard: Yard) -> None:
    items = three(yard)
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    (yard.imports / "commitments.jcc").unlink()
    exporter.step()
    assert states(yard, items) == [S.IN_DOUBT] * 3


def test_what_went_in_before_the_journal_was_lost_is_told_from_what_did_not(yard: Yard) -> None:
    items = three(yard)
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    (yard.imports / "commitments.prn").unlink()
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-21-002'")
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = 'SC-21-002'")
    for _ in range(4):
        exporter.step()
    assert states(yard, items) == [S.POSTED, S.IN_DOUBT, S.POSTED]


def test_accepted_items_wait_for_company_until_the_timer_closes_the_file(yard: Yard, hands: Hands) -> None:
    first = yard.accept(other(1), at=hands.at)
    exporter = yard.exporter(clock=hands.clock, timing=replace(QUICK, batch=timedelta(minutes=5)))
    exporter.recover()
    report = exporter.step()
    assert yard.state(first) is S.INTENT and report.look_again is not None
    assert "Waits for its file, which closes at" in yard.row(first).message
    hands.move(minutes=4)
    second = yard.accept(other(2), at=hands.at)
    exporter.step()
    assert states(yard, [first, second]) == [S.INTENT, S.INTENT]
    hands.move(minutes=1)
    exporter.step()
    assert states(yard, [first, second]) == [S.DELIVERED, S.DELIVERED]


def test_a_person_closes_the_file_at_once(yard: Yard, hands: Hands) -> None:
    first = yard.accept(other(1), at=hands.at)
    exporter = yard.exporter(clock=hands.clock, timing=replace(QUICK, batch=timedelta(hours=5)))
    exporter.recover()
    exporter.step()
    assert yard.state(first) is S.INTENT
    exporter.close_files()
    exporter.step()
    assert yard.state(first) is S.DELIVERED
    later = yard.accept(other(2), at=hands.now())
    yard.run(exporter)
    assert yard.state(first) is S.POSTED
    assert yard.state(later) is S.INTENT, "what is accepted after that waits again"


def test_a_clock_that_was_set_back_keeps_nobody_waiting(yard: Yard, hands: Hands) -> None:
    item = yard.accept(at=hands.at + timedelta(days=1))
    exporter = yard.exporter(clock=hands.clock, timing=replace(QUICK, batch=timedelta(minutes=5)))
    exporter.recover()
    exporter.step()
    assert yard.state(item) is S.DELIVERED


def test_a_file_is_full_at_its_limit(yard: Yard) -> None:
    items = [yard.accept(other(number)) for number in range(1, 6)]
    exporter = yard.exporter(timing=replace(QUICK, most=2))
    exporter.recover()
    exporter.step()
    assert states(yard, items) == [S.DELIVERED, S.DELIVERED, S.INTENT, S.INTENT, S.INTENT]
    assert yard.row(items[4]).message == "Waits until Sage has imported SC-21-001 and 1 more; one file at a time."
    yard.run(exporter)
    assert states(yard, items) == [S.POSTED] * 5


class Poison(Renderer):
    """Breaks erpdesk off while it writes one item."""

    def preview(self, snapshot, *more):  # type: ignore[no-untyped-def]
        if "21-002" in str(getattr(snapshot, "sage_id", "")):
            raise KeyboardInterrupt("killed while writing")
        return super().preview(snapshot, *more)


def test_what_breaks_erpdesk_off_each_time_is_put_aside_and_the_others_go_on(yard: Yard) -> None:
    items = three(yard)
    deaths = 0
    for _ in range(12):
        exporter = yard.exporter(writers=lambda layout: Poison(load_layout(layout)))
        try:
            yard.run(exporter)
        except KeyboardInterrupt:
            deaths += 1
    assert deaths == STRIKES
    assert states(yard, items) == [S.POSTED, S.REFUSED, S.POSTED]
    assert f"broke off {STRIKES} times" in yard.row(items[1]).message


def test_a_full_disk_is_no_strike_against_the_items(yard: Yard) -> None:
    items = three(yard)
    staging = yard.imports / "staging"
    exporter = yard.exporter()
    exporter.recover()
    staging.rmdir()
    staging.write_text("in the way")
    for _ in range(STRIKES + 2):
        assert exporter.step().troubles
    staging.unlink()
    yard.run(yard.exporter())
    assert states(yard, items) == [S.POSTED] * 3


def test_an_alarm_stops_the_company_until_somebody_has_seen_it(yard: Yard) -> None:
    items = [yard.accept(other(1))]
    exporter = yard.exporter()
    yard.run(exporter)
    double(yard)
    exporter.recover()
    items.append(yard.accept(other(2)))
    yard.run(exporter)
    assert states(yard, items) == [S.DUPLICATE_ALARM, S.INTENT]
    yard.acknowledge(items[0])
    yard.run(exporter)
    assert states(yard, items) == [S.DUPLICATE_ALARM, S.POSTED], "seen, but still there until Sage shows it once"


def test_an_item_of_a_kind_that_this_program_does_not_know_is_said_aloud(yard: Yard, hands: Hands) -> None:
    yard.accept(kind=replace(COMMITMENT, name="from_the_future"), at=hands.at)
    known = yard.accept(other(2), at=hands.at)
    exporter = yard.exporter(clock=hands.clock, timing=Timing(settle=timedelta(0), evidence=timedelta(0)))
    hands.at = datetime.now(UTC) + timedelta(hours=1)
    report = exporter.recover()
    assert any("from_the_future" in text for text in report.troubles)
    yard.run(exporter)
    assert yard.state(known) is S.POSTED
