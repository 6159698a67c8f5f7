"""How an accepted item gets into Sage: the one table of its states (5.2). Nothing else sets a state."""

from __future__ import annotations

from erpdesk.core.steps import Step, StepTable, Who
from erpdesk.models.erp import ExportState as S
from erpdesk.workflows.by_hand import BY_HAND

MAILBOX = "Sage mailbox"
READ_BACK = "Read-back from Sage"

WAITING = (S.INTENT, S.STAGED)
"""Accepted, and nothing has left yet."""

IN_FLIGHT = (S.ARMED, S.DELIVERED, S.IN_SAGE)
"""May reach Sage, or has; only evidence moves it on."""

DOUBTFUL = (S.IN_DOUBT, S.CONFLICT, S.DUPLICATE_ALARM)
"""A person looks; erpdesk moves it on only when Sage shows it once and as approved, or worse."""

FAILED = (S.REFUSED, S.SAGE_REJECTED, S.CLOSED_ABSENT)
"""Proven not in Sage; moves on only when somebody imports its old file after all, and Sage shows it."""

FINAL = (S.POSTED, S.CLOSED_IN_SAGE, *FAILED)
"""Nothing more is to come."""

_LATER = (S.IN_DOUBT, S.CONFLICT, S.DUPLICATE_ALARM, S.CLOSED_IN_SAGE, *FAILED)
"""What Sage may still show of an item that is not on its way any more."""

EXPORT_STEPS: StepTable[S] = StepTable(
    "Export",
    S.INTENT,
    FINAL,
    Step("stage", "Write the import file", (S.INTENT,), S.STAGED, Who.ERPDESK, MAILBOX),
    Step("burn", "Take the unsent file back", (S.STAGED,), S.INTENT, Who.ERPDESK, MAILBOX, optional=True),
    Step("refuse", "Refuse before anything is sent", WAITING, S.REFUSED, Who.ERPDESK, MAILBOX),
    Step("arm", "Mark as on its way", (S.STAGED,), S.ARMED, Who.ERPDESK, MAILBOX),
    Step("deliver", "Lay the file into the mailbox", (S.ARMED,), S.DELIVERED, Who.ERPDESK, MAILBOX),
    Step(
        "release",
        "Try again, proven not in Sage",
        (S.ARMED, S.DELIVERED),
        S.INTENT,
        Who.ERPDESK,
        READ_BACK,
        optional=True,
    ),
    Step(
        "import",
        "Found in Sage, not posted yet",
        (S.STAGED, S.ARMED, S.DELIVERED, *_LATER),
        S.IN_SAGE,
        Who.SAGE,
        READ_BACK,
        optional=True,
    ),
    Step("post", "Found in Sage as approved", (S.STAGED, *IN_FLIGHT, *_LATER), S.POSTED, Who.SAGE, READ_BACK),
    Step("sage_reject", "Rejected by Sage", (S.ARMED, S.DELIVERED), S.SAGE_REJECTED, Who.SAGE, READ_BACK),
    Step(
        "doubt",
        "Cannot be told from here",
        (*IN_FLIGHT, S.CONFLICT, S.DUPLICATE_ALARM),
        S.IN_DOUBT,
        Who.ERPDESK,
        READ_BACK,
    ),
    Step(
        "conflict",
        "Found in Sage, but different",
        (S.STAGED, *IN_FLIGHT, *(each for each in _LATER if each is not S.CONFLICT)),
        S.CONFLICT,
        Who.ERPDESK,
        READ_BACK,
    ),
    Step(
        "duplicate",
        "Found in Sage more than once",
        (S.STAGED, *IN_FLIGHT, S.POSTED, *(each for each in _LATER if each is not S.DUPLICATE_ALARM)),
        S.DUPLICATE_ALARM,
        Who.ERPDESK,
        READ_BACK,
    ),
    *BY_HAND,
)
