"""The three steps of an export that people take themselves; all others are erpdesk's and Sage's."""

from __future__ import annotations

from datetime import datetime

from erpdesk.core.errors import Refused
from erpdesk.core.steps import Step, Who
from erpdesk.models.erp import ExportState as S
from erpdesk.models.erp import Outbox, Saw

CONSOLE = "ERP Integrations"

TRY_AGAIN = Step("try_again", "Try again", (S.REFUSED,), S.INTENT, Who.ACCOUNTING, CONSOLE, optional=True)
CLOSE_IN_SAGE = Step(
    "close_in_sage", "Close by hand: in Sage", (S.IN_DOUBT,), S.CLOSED_IN_SAGE, Who.ACCOUNTING, CONSOLE, optional=True
)
CLOSE_ABSENT = Step(
    "close_absent", "Close by hand: not in Sage", (S.IN_DOUBT,), S.CLOSED_ABSENT, Who.ACCOUNTING, CONSOLE, optional=True
)
BY_HAND = (TRY_AGAIN, CLOSE_IN_SAGE, CLOSE_ABSENT)

OF_SAW = {Saw.IN_SAGE: CLOSE_IN_SAGE, Saw.ABSENT: CLOSE_ABSENT}
"""The step by which a confirmed statement closes a doubt."""


def take(step: Step[S], outbox: Outbox, message: str, at: datetime) -> None:
    """Takes the step; its row version lets only one of a person and the worker be first.

    Raises Refused when the item stands elsewhere by now.
    """
    if outbox.state not in step.sources:
        raise Refused([f"{step.title} is not possible any more: the item moved on meanwhile. Look at it again."])
    outbox.state, outbox.message, outbox.changed_at = step.target, message, at
