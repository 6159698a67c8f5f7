"""Every act that can stand in a record's history has words for people."""

from __future__ import annotations

from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows.erp_item import ERP_STEPS
from erpdesk.workflows.history import ACT_WORDS


def test_every_act_has_words() -> None:
    people = {step.verb for step in ERP_STEPS.steps if step.guards}
    assert people | {step.verb for step in EXPORT_STEPS.steps} <= set(ACT_WORDS)
