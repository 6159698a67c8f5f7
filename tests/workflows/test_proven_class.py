"""An accepted item carries the class that was proven for its record type at that moment, and B before."""

from __future__ import annotations

from sqlalchemy import select

from erpdesk.models.erp import Outbox
from tests.town import Town
from tests.workflows.layout_town import admin


def test_an_item_is_accepted_with_the_class_that_was_proven(town: Town) -> None:
    _, before = town.accepted()
    town.desk.classes.prove(admin(town), "commitment", "A", "Imported twice, the second one was rejected.")
    _, after = town.accepted()
    town.desk.classes.prove(admin(town), "invoice", "C", "Another type says nothing of commitments.")
    _, again = town.accepted()
    with town.store.reading() as session:
        held = {row.submission_id: row.idempotency for row in session.scalars(select(Outbox))}
    assert [held[each] for each in (before, after, again)] == ["B", "A", "A"]
