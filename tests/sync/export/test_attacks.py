"""What an attacker, a moved clock or an unlucky order of hands made go wrong once, and may never again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.models.erp import Closing, ClosingState, Outbox, Saw
from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.exporter import Timing
from erpdesk.sync.export.journal import JournalTrouble
from erpdesk.workflows.documents import EstimateFile, EstimateLine
from tests.sync.export.every_kind import ALL, KindYard
from tests.sync.export.yard import APPROVER, QUICK, SENDER, Hands, Yard
from tests.sync.stand_in_files import DAY, SPEC


def two_jobs() -> dict[str, Any]:
    """The company of the suites, with a second job like the first."""
    spec = dict(SPEC)
    for table in ("job", "cost_code", "category", "extra"):
        key = "id" if table == "job" else "job"
        spec[table] = [*spec[table], *({**row, key: "14-501"} for row in spec[table] if row[key] == "14-500")]
    return spec


@pytest.fixture
def budgets(tmp_path: Path) -> Iterator[KindYard]:
    yard = Yard.build(tmp_path, two_jobs())
    yield KindYard(yard, ALL["budget"])
    yard.store.close()


def test_an_item_that_only_waits_to_be_posted_takes_no_other_files_journal(budgets: KindYard, hands: Hands) -> None:
    timing = replace(QUICK, evidence=timedelta(minutes=5))
    exporter = budgets.yard.exporter(clock=hands.clock, timing=timing, live=False)
    first = budgets.accept(1)
    exporter.recover()
    exporter.step()
    budgets.sage_imports()
    exporter.step()
    assert budgets.yard.state(first) is S.IN_SAGE
    lines = (EstimateLine("03-100", "SUB", DAY, Decimal("100.00")),)
    second = budgets.yard.accept(
        EstimateFile("14-501", "Pier", lines, {}), kind=budgets.kind, sage_id="14-501 1", idempotency="B"
    )
    exporter.step()
    budgets.sage_imports()
    budgets.sage_posts()
    exporter.step()
    exporter.step()
    assert (budgets.yard.state(first), budgets.yard.state(second)) == (S.POSTED, S.POSTED)
    kept = [sorted(path.name for path in budgets.yard.kept_set(each).iterdir()) for each in (first, second)]
    assert kept[0] == kept[1] and "estimates.prn" in kept[0], "each has its own journal"


def closed_absent(yard: Yard, item: str) -> None:
    """Two people closed a doubt: it is not in Sage."""
    with yard.store.sessions.begin() as session:
        now = CLOCK.now()
        stated = Closing(outbox_id=item, saw=Saw.ABSENT, note="Not there.", state=ClosingState.STATED, stated_by=SENDER)
        stated.stated_at = now
        session.add(stated)
        session.flush()
        stated.state, stated.answered_by, stated.answered_at = ClosingState.CONFIRMED, APPROVER, now
        session.flush()
        session.get_one(Outbox, item).state = S.CLOSED_ABSENT


def forged(yard: Yard, what: str, body: dict[str, Any]) -> None:
    """Somebody who may write into Sage's import folder adds a sound line to the journal there."""
    path = yard.imports / "journal.jsonl"
    last = json.loads(path.read_bytes().splitlines()[-1])
    fields = {"seq": last["seq"] + 1, "at": last["at"], "what": what, "body": body, "prev": last["hash"]}
    dumped = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    line = {**fields, "hash": hashlib.sha256(dumped).hexdigest()}
    with path.open("ab") as file:
        file.write(json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


@pytest.mark.parametrize("what", ["reconciled", "compared", "fewer"])
def test_nobody_unlocks_exports_from_sages_import_folder(yard: Yard, what: str) -> None:
    yard.accept()
    yard.run(yard.exporter())
    before = (yard.folder / "journal" / "export.jsonl").read_bytes()
    forged(yard, what, {"files": [], "ids": [], "who": "Quinn Marsh"})
    exporter = yard.exporter()
    report = exporter.recover()
    assert "says in line" in exporter.locked and exporter.locked in report.troubles
    assert (yard.folder / "journal" / "export.jsonl").read_bytes() == before, "the copy at home takes nothing over"


@pytest.mark.parametrize(
    "body",
    [
        {"file": "x.jcc", "items": 7},
        {},
        {"file": "x.jcc", "items": [{"export_key": 5}]},
        {"file": "x", "audit_seq": "1"},
    ],
)
def test_an_odd_line_of_the_journal_is_named_and_breaks_nothing_off(yard: Yard, body: dict[str, Any]) -> None:
    yard.accept()
    yard.run(yard.exporter())
    forged(yard, "armed", body)
    exporter = yard.exporter()
    with pytest.raises(JournalTrouble, match="was changed or damaged in line"):
        exporter.journal.open()
    assert exporter.recover().troubles == (exporter.locked,)


def test_a_clock_that_ran_ahead_once_does_not_hide_a_later_equal_change(tmp_path: Path, hands: Hands) -> None:
    place = KindYard(Yard.build(tmp_path, SPEC), ALL["budget_change"])

    def through() -> None:
        exporter.recover()
        for _ in range(5):
            exporter.step()
            place.sage_imports()
            place.sage_posts()

    exporter = place.yard.exporter(clock=hands.clock, live=False)
    hands.set(days=2)
    ahead = place.accept(1)
    through()
    hands.set(days=-2)
    equal = place.yard.accept(place.sample.make(1), kind=place.kind, sage_id="14-500 again", idempotency="B")
    through()
    exporter.recover()
    assert (place.yard.state(ahead), place.yard.state(equal)) == (S.POSTED, S.POSTED)
    place.yard.store.close()


def test_where_sage_knows_no_id_a_stopped_import_shortens_no_wait(budgets: KindYard, hands: Hands) -> None:
    item = budgets.accept(1)
    exporter = budgets.yard.exporter(clock=hands.clock, timing=Timing(), live=False)
    exporter.recover()
    exporter.step()
    budgets.yard.sage.set_faults(no_licence=True)
    budgets.sage_imports()
    budgets.yard.sage.set_faults(no_licence=False)
    exporter.step()
    hands.move(minutes=2)
    exporter.step()
    assert (budgets.yard.state(item), budgets.yard.row(item).attempt) == (S.DELIVERED, 1), "it may be read once more"
    hands.move(minutes=10)
    exporter.step()
    assert budgets.yard.state(item) in (S.INTENT, S.DELIVERED)


def test_an_old_budget_that_goes_in_after_its_correction_is_told(budgets: KindYard) -> None:
    """Where Sage keeps no ID, what it shows of an old file is not the corrected item."""
    yard = budgets.yard
    old = budgets.accept(1)
    exporter = yard.exporter(live=False)
    exporter.recover()
    exporter.step()
    file = yard.imports / "estimates.jce"
    kept = file.read_bytes()
    file.unlink()
    exporter.step()
    assert yard.state(old) is S.IN_DOUBT
    closed_absent(yard, old)
    yard.send_back(old)
    corrected = yard.accept(
        budgets.sample.make(2), kind=budgets.kind, sage_id=budgets.sample.key(1), idempotency="B", again=old
    )
    for _ in range(5):
        exporter.step()
        budgets.sage_imports()
        budgets.sage_posts()
    assert yard.state(corrected) is S.POSTED, yard.row(corrected).message
    file.write_bytes(kept)
    budgets.sage_imports()
    budgets.sage_posts()
    for left in yard.imports.glob("estimates.*"):
        left.unlink()
    report = exporter.recover()
    assert any("had failed and was sent back" in text for text in report.troubles)
