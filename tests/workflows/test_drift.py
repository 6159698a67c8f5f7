"""What is shown never contradicts Sage: a synced item that was deleted or changed there says so (P3)."""

from __future__ import annotations

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.store import ExportStore
from erpdesk.sync.sandbox.import_commitments import import_commitments
from erpdesk.workflows import snapshots
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import CHANGED, GONE, ErpState
from tests.town import Town


@pytest.fixture
def synced(town: Town) -> str:
    """A commitment that went into Sage and was read back."""
    made, submission = town.accepted(number="SC-21-001")
    exports = ExportStore(town.store.sessions, town.settings.company, "a test")
    item = exports.items((ExportState.INTENT,))[0]
    snapshot = snapshots.from_text(item.payload, sage_id=item.sage_id)
    data = town.desk.office.preview.preview(snapshot).data
    (town.sage.imports / "commitments.jcc").write_bytes(data)
    assert not import_commitments(town.sage).stopped
    for verb in ("stage", "arm", "deliver", "post"):
        item = exports.advance(item, verb, f"{verb}.")
    town.read_sage()
    assert town.desk.queries.commitment(made, town.manager).row.erp_text == "Synced"
    assert submission
    return made


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'SC-21-001'", GONE),
        ("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 1 WHERE Commitment = 'SC-21-001'", CHANGED),
        ("UPDATE JCM_MASTER__COMMITMENT SET Amount = 1 WHERE Commitment = 'SC-21-001'", CHANGED),
    ],
)
def test_drift_is_said(town: Town, synced: str, edit: str, words: str) -> None:
    with town.sage.changing() as books:
        books.execute(edit)
    town.read_sage()
    detail = town.desk.queries.commitment(synced, town.manager)
    assert (detail.row.erp_state, detail.row.erp_text) == (ErpState.SYNCED, words)
    assert "in Sage" in detail.message or "Sage held" in detail.message
    (row,) = town.queue(View.SYNCED)
    assert row.state_text == words
    assert row.message == detail.message
