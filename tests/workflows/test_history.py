"""Every act that can stand in a record's history has words for people."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows.erp_item import ERP_STEPS
from erpdesk.workflows.history import ACT_WORDS
from erpdesk.workflows.rows import LineDraft
from tests.town import Town


def test_every_act_has_words() -> None:
    people = {step.verb for step in ERP_STEPS.steps if step.guards}
    assert people | {step.verb for step in EXPORT_STEPS.steps} <= set(ACT_WORDS)


def test_an_edit_says_what_changed_in_words_and_nothing_else(town: Town) -> None:
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-1"))
    line = town.desk.queries.commitment(made, town.manager).lines[0]
    kept = LineDraft(line.extra, line.cost_code, line.category, line.description, amount=line.amount, id=line.id)
    other = next(each for each in town.desk.queries.companies() if each.id != town.company())
    draft = town.draft(id=made, version=1, number="SC-1", company_id=other.id, retainage_percent=Decimal("10.00"))
    more = replace(kept, id="", description="Paint", amount=Decimal("5"))
    lines = (replace(kept, amount=Decimal("2000.00")), more)
    town.desk.commitments.save(town.manager, replace(draft, lines=lines))
    first = next(each.name for each in town.desk.queries.companies() if each.id == town.company())
    assert town.desk.queries.commitment(made, town.manager).history[0].text == (
        f"contract company: {first} → {other.name}; line 1: amount 1,234.56 → 2,000.00; "
        f"line 2 added: {line.cost_code} S, 5.00"
    )
