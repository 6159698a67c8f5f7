"""Accepting that rows are gone from Sage: who may, with which reason, and what the audit trail keeps."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from erpdesk.core.changes import SAGE
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.workflows.sage_acts import Loss, WaitingTable
from tests.sync.mirror.kit import alter
from tests.town import Town


def read_sage(town: Town) -> None:
    town.mirror.refresh(SageReader(open_standin(town.sage.folder)), lambda *_: None, lambda: False)


def seen(town: Town) -> Loss:
    """The loss of vendors that a person is asked about."""
    (fresh,) = (each for each in town.facts.freshness() if each.table == "Vendors")
    assert isinstance(fresh, WaitingTable)
    return fresh.loss


@pytest.fixture
def loss(town: Town) -> Town:
    """A company where Sage shows no vendors any more."""
    alter(town.sage.folder, "DELETE FROM APM_MASTER__VENDOR")
    read_sage(town)
    return town


def entries(town: Town) -> list[AuditEntry]:
    with town.store.reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.act == "accept_loss")))


def test_an_admin_accepts_with_a_reason_and_the_audit_trail_keeps_it(loss: Town) -> None:
    changes = loss.desk.sage.accept_loss(loss.approver, "Vendors", "  They were moved. ", seen(loss))
    assert changes.kinds == {SAGE}
    (entry,) = entries(loss)
    proof, before, after = (json.loads(text) for text in (entry.evidence, entry.before, entry.after))
    assert (entry.who, entry.kind, entry.ref) == (loss.approver, SAGE, "Vendors")
    assert entry.reason == "They were moved."
    assert proof["rows_lost"] == before["rows"] == proof["rows_kept"] and proof["rows_unreadable"] == after["rows"] == 0
    assert "no rows at all" in proof["problem"] and proof["rows_kept"] > 0 and proof["last_read"]


def test_whoever_is_no_admin_is_told_why_not(loss: Town) -> None:
    for actor in (loss.viewer, loss.manager):
        with pytest.raises(NotAllowed, match="needs Admin in ERP Integrations"):
            loss.desk.sage.accept_loss(actor, "Vendors", "Because.", seen(loss))
        assert "needs Admin in ERP Integrations" in loss.desk.sage.loss_refusal(actor)
    assert loss.desk.sage.loss_refusal(loss.approver) == ""
    with pytest.raises(NotAllowed):
        loss.desk.sage.loss_refusal("nobody")
    assert entries(loss) == []


@pytest.mark.parametrize("reason", ["", "  \n ", "half \ud800 a letter"])
def test_a_reason_is_needed_and_must_be_text(loss: Town, reason: str) -> None:
    with pytest.raises(Refused):
        loss.desk.sage.accept_loss(loss.approver, "Vendors", reason, seen(loss))
    assert entries(loss) == []


@pytest.mark.parametrize("table", ["Jobs", "No such table"])
def test_a_table_without_a_loss_has_nothing_to_accept(loss: Town, table: str) -> None:
    with pytest.raises(Refused, match="nothing to accept"):
        loss.desk.sage.accept_loss(loss.approver, table, "Because.", seen(loss))
    assert entries(loss) == []


def test_a_table_that_was_not_read_waits_for_no_decision(town: Town) -> None:
    """It kept its earlier rows for another reason, which nobody can accept away."""
    alter(town.sage.folder, "DROP TABLE TS_CTL_RECORD_3")
    read_sage(town)
    (fresh,) = (each for each in town.facts.freshness() if "no longer shows the table" in each.problem)
    with pytest.raises(Refused, match="nothing to accept"):
        town.desk.sage.accept_loss(town.approver, fresh.table, "Because.", Loss(fresh.rows, fresh.rows))
    assert entries(town) == []


def test_a_loss_that_grew_since_it_was_seen_is_not_accepted(town: Town) -> None:
    alter(town.sage.folder, "DELETE FROM APM_MASTER__VENDOR WHERE rowid % 2")
    read_sage(town)
    first = seen(town)
    assert 0 < first.lost < first.before
    alter(town.sage.folder, "DELETE FROM APM_MASTER__VENDOR")
    read_sage(town)
    with pytest.raises(Refused, match="More of Vendors is gone by now than you saw"):
        town.desk.sage.accept_loss(town.approver, "Vendors", "Because.", first)
    assert entries(town) == []
    town.desk.sage.accept_loss(town.approver, "Vendors", "Because.", seen(town))
    assert len(entries(town)) == 1


def test_linked_jobs_name_their_project(town: Town) -> None:
    project = town.project()
    assert town.desk.sage.linked_jobs()[project.sage_job] == f"{project.number} · {project.name}"
