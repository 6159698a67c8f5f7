"""Every export state is set in one place, by one table; and the loop holds on both databases and through ODBC."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from erpdesk.models.erp import ExportState, Outbox
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.states import DOUBTFUL, EXPORT_STEPS, FINAL, IN_FLIGHT, WAITING
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.render import JccPreview
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.operator import SandboxOperator
from tests.sync.export.yard import COMPANY, QUICK, SNAPSHOT, Yard
from tests.sync.mirror.kit import door
from tests.town import Town

PACKAGE = Path(__file__).parents[3] / "erpdesk"


def test_only_one_line_of_the_program_moves_an_export() -> None:
    found = [
        (path.relative_to(PACKAGE).as_posix(), line.strip())
        for path in (PACKAGE / "sync").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\.state\s*=[^=]|update\(Outbox", line)
    ]
    assert found == [("sync/export/store.py", "row.state = EXPORT_STEPS.apply(verb, before, None)")]
    by_hand = [
        (path.name, line.strip())
        for path in (PACKAGE / "workflows").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\b(outbox|export)\.state(,[^=]*)?\s*=[^=]|update\(Outbox", line)
    ]
    assert by_hand == [("by_hand.py", "outbox.state, outbox.message, outbox.changed_at = step.target, message, at")], (
        "people take three steps, in one place"
    )


def test_every_state_has_its_place() -> None:
    assert {*WAITING, *IN_FLIGHT, *DOUBTFUL, *FINAL} == set(ExportState)
    left = {source for step in EXPORT_STEPS.steps for source in step.sources}
    assert {*WAITING, *IN_FLIGHT, *DOUBTFUL} <= left


@pytest.mark.parametrize("kind", ["file", "odbc"])
def test_the_loop_through_each_door(yard: Yard, kind: str) -> None:
    item = yard.accept()
    exporter = Exporter(
        yard.store.sessions,
        company=COMPANY,
        imports=yard.imports,
        journal=yard.folder / "journal",
        reader=FreshReader(door(kind, yard.sage.folder)),
        timing=QUICK,
    )
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED, yard.row(item).message
    times = COMMITMENT.read_back.times(exporter.reader, [SNAPSHOT.sage_id, "NONE"])
    assert times == {SNAPSHOT.sage_id: 1, "NONE": 0}
    exporter.reader.close()


def test_the_loop_on_each_database_after_a_real_accept(any_town: Town) -> None:
    any_town.accepted()
    exporter = Exporter(
        any_town.store.sessions,
        company=any_town.settings.company,
        imports=any_town.sage.imports,
        journal=any_town.folder / "journal",
        reader=FreshReader(open_standin(any_town.sage.folder)),
        timing=QUICK,
    )
    exporter.recover()
    exporter.step()
    SandboxOperator(any_town.sage).step()
    report = exporter.step()
    with any_town.store.sessions() as session:
        row = session.scalars(select(Outbox)).one()
    assert row.state is ExportState.POSTED, row.message
    assert report.posted == (row.id,)


def test_where_ids_are_in_capitals_one_in_small_letters_is_the_same(yard: Yard) -> None:
    yard.key_in("sc-21-001")
    item = yard.accept()
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.REFUSED
    assert "Sage has a commitment SC-21-001 already" in yard.row(item).message


def test_the_bytes_in_the_mailbox_are_the_approved_ones(yard: Yard) -> None:
    yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    assert (yard.imports / "commitments.jcc").read_bytes() == JccPreview().preview(SNAPSHOT).data
