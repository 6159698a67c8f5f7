"""The life of an item between the project side and Sage, shared by every kind: send, decide, export.

The step table below is the rule, the buttons and the diagram. The ERP state is derived, never stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.steps import Offer, Step, StepTable, Who
from erpdesk.models.erp import Attempt, ExportFile, ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person
from erpdesk.workflows import rights, snapshots
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_kind import (
    EXPORT_VIEWS,
    ITS_TOOL,
    SUB_TABS,
    TO_SAGE,
    Document,
    InSage,
    Listed,
    Need,
    SageStep,
)
from erpdesk.workflows.erp_search import join_search
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import CommitmentSnapshot, Preview
from erpdesk.workflows.rows import ErpState

EXPORTING = (ExportState.INTENT, ExportState.STAGED, ExportState.ARMED, ExportState.DELIVERED)
SYNCED = (ExportState.IN_SAGE, ExportState.POSTED)
FAILED = (ExportState.REFUSED, ExportState.SAGE_REJECTED, ExportState.CLOSED_ABSENT)
IN_DOUBT = (ExportState.IN_DOUBT, ExportState.CONFLICT, ExportState.DUPLICATE_ALARM)
CLOSED = (ExportState.CLOSED_IN_SAGE,)

OF_EXPORT: dict[ExportState, ErpState] = {
    **dict.fromkeys(EXPORTING, ErpState.EXPORTING),
    **dict.fromkeys(SYNCED, ErpState.SYNCED),
    **dict.fromkeys(FAILED, ErpState.FAILED),
    **dict.fromkeys(IN_DOUBT, ErpState.IN_DOUBT),
    **dict.fromkeys(CLOSED, ErpState.CLOSED),
}
"""What the export state means to people."""

OF_SUBMISSION: dict[SubmissionState, ErpState] = {
    SubmissionState.PENDING: ErpState.SENT,
    SubmissionState.RETRIEVED: ErpState.RETRIEVED,
    SubmissionState.REJECTED: ErpState.REJECTED,
}


def derive(submission: SubmissionState | None, export: ExportState | None) -> ErpState:
    """Where an item stands, from the last submission and its intent (T1)."""
    if submission is None:
        return ErpState.NOT_SENT
    if submission is SubmissionState.ACCEPTED:
        return OF_EXPORT[export or ExportState.INTENT]
    return OF_SUBMISSION[submission]


LOCKED = (
    ErpState.SENT,
    ErpState.EXPORTING,
    ErpState.SYNCED,
    ErpState.FAILED,
    ErpState.IN_DOUBT,
    ErpState.CLOSED,
)
"""States in which the project side can not edit the item (C5, C7, J3)."""


@dataclass(frozen=True)
class Facts:
    """What the guards look at: who acts on which project, who sent, where it stands, and what speaks against it."""

    kind: str
    person: Person
    sent_by: str = ""
    problems: tuple[str, ...] = ()
    project_id: str | None = None
    state: ErpState = ErpState.SENT
    one_hand: str = ""
    """Why the sender and who acts may be one person, as a sentence."""
    unsent: bool = False
    """Whether a failed item was refused before any file of it could reach Sage."""


def _may(verb: str) -> Callable[[Facts], str | None]:
    def guard(facts: Facts) -> str | None:
        return rights.why_not(facts.person, f"{facts.kind}.{verb}", facts.project_id)

    return guard


def _ready(facts: Facts) -> tuple[str, ...]:
    return facts.problems


def _another_person(facts: Facts) -> str | None:
    if facts.sent_by == facts.person.id:
        return "You sent this item yourself; another approver has to decide on it."
    return facts.one_hand or None


def _nothing_left(facts: Facts) -> str | None:
    return None if facts.unsent else "Its file was with Sage already, so only Reject leads on."


def _another_rejects(facts: Facts) -> str | None:
    if facts.sent_by != facts.person.id:
        return None
    if facts.state is ErpState.FAILED:
        return "You sent this item yourself; another approver has to reject it, then you can correct it."
    return "You sent this item yourself. Retrieve it instead of rejecting it."


_SEND = (_may("send"), _ready)
_SEND_NOT_NOW = "It was already sent, or it is already in Sage."

_OPEN = (ErpState.EXPORTING, ErpState.IN_DOUBT, ErpState.FAILED, ErpState.CLOSED)

ERP_STEPS: StepTable[ErpState] = StepTable(
    "ERP life of an item",
    ErpState.NOT_SENT,
    (ErpState.SYNCED, ErpState.CLOSED),
    Step(
        "send",
        "Send to ERP",
        (ErpState.NOT_SENT, ErpState.RETRIEVED),
        ErpState.SENT,
        Who.PROJECT,
        ITS_TOOL,
        guards=_SEND,
        not_now=_SEND_NOT_NOW,
    ),
    Step(
        "resend",
        "Re-send to ERP",
        (ErpState.REJECTED,),
        ErpState.SENT,
        Who.PROJECT,
        ITS_TOOL,
        guards=(_may("resend"), _ready),
        not_now="Re-send is for items that accounting rejected.",
    ),
    Step(
        "retrieve",
        "Retrieve from ERP",
        (ErpState.SENT,),
        ErpState.RETRIEVED,
        Who.PROJECT,
        ITS_TOOL,
        optional=True,
        guards=(_may("retrieve"),),
        not_now="Only an item that waits for a decision can be retrieved.",
    ),
    Step(
        "accept",
        "Accept and export",
        (ErpState.SENT,),
        ErpState.EXPORTING,
        Who.ACCOUNTING,
        "ERP Integrations",
        guards=(_may("accept"), _another_person, _ready),
        not_now="Only an item that waits for a decision can be accepted.",
    ),
    Step(
        "reject",
        "Reject…",
        (ErpState.SENT, ErpState.FAILED),
        ErpState.REJECTED,
        Who.ACCOUNTING,
        "ERP Integrations",
        guards=(_may("reject"), _another_rejects),
        not_now="Only an item that waits for a decision, or failed to export, can be rejected.",
    ),
    Step("confirm", "Read back, equal", _OPEN, ErpState.SYNCED, Who.ERPDESK, "Sage"),
    Step("fail", "Refused", (ErpState.EXPORTING, ErpState.IN_DOUBT), ErpState.FAILED, Who.ERPDESK, "Sage"),
    Step(
        "doubt",
        "Outcome not certain",
        (ErpState.EXPORTING, ErpState.SYNCED, ErpState.FAILED, ErpState.CLOSED),
        ErpState.IN_DOUBT,
        Who.ERPDESK,
        "Sage",
    ),
    Step(
        "try_again",
        "Try again",
        (ErpState.FAILED,),
        ErpState.EXPORTING,
        Who.ACCOUNTING,
        "ERP Integrations",
        optional=True,
        guards=(_may("accept"), _another_person, _nothing_left),
        not_now="Only an item that was refused before anything of it left can be tried again.",
    ),
    Step(
        "close",
        "Close by hand",
        (ErpState.IN_DOUBT,),
        ErpState.CLOSED,
        Who.ACCOUNTING,
        "ERP Integrations",
        optional=True,
        not_now="Only an item in doubt is closed by hand, by two people.",
    ),
)


class Shelf(StrEnum):
    """Whether a finished item stands on the console or was put aside."""

    OPEN = "On the list"
    ARCHIVED = "Archived"


def _finished(facts: Facts) -> str | None:
    if facts.state in (ErpState.SYNCED, ErpState.REJECTED, ErpState.CLOSED):
        return None
    return "Only an item that is in Sage, or that was rejected and left so, can be archived."


SHELF_STEPS: StepTable[Shelf] = StepTable(
    "Archive of an item",
    Shelf.OPEN,
    (),
    Step(
        "archive",
        "Archive",
        (Shelf.OPEN,),
        Shelf.ARCHIVED,
        Who.ACCOUNTING,
        "ERP Integrations",
        optional=True,
        guards=(_may("archive"), _finished),
        not_now="It is archived already.",
    ),
    Step(
        "unarchive",
        "Take back from archive",
        (Shelf.ARCHIVED,),
        Shelf.OPEN,
        Who.ACCOUNTING,
        "ERP Integrations",
        optional=True,
        guards=(_may("unarchive"),),
        not_now="It is not archived.",
    ),
)


def shelf_of(submission: Submission) -> Shelf:
    """Whether the item was put aside."""
    return Shelf.ARCHIVED if submission.archived_at else Shelf.OPEN


def _needs_nothing(_session: Session, _item: Any) -> tuple[Need, ...]:
    return ()


def _no_drift(_office: Office, _items: Sequence[InSage]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Kind:
    """What the shared life and the console need to know of one kind of item; a kind joins by declaring this.

    ``title`` is its sub-tab (one of ``SUB_TABS``), ``tool`` where the project side works, ``tables`` the Sage tables
    that its checks look at. ``load`` reads the item (None when it is gone), ``label`` names it to people,
    ``project_of`` is its project's id, ``send_problems`` are the checks before sending, ``snapshot`` freezes it,
    ``accept_problems`` are the checks on the decided Sage ID. ``listed`` is how the queue reads it, ``document`` where
    its own paper stands, ``needs`` what has to go to Sage first. ``drift`` says in words what became of synced items
    in Sage since, by Sage ID; those that Sage holds as approved are left out. With a status among ``given_up`` a
    rejected item is left as it is. ``passed`` are the checks in words, said when none of them found anything.
    """

    name: str
    title: str
    noun: tuple[str, str]
    tool: str
    tables: tuple[str, ...]
    load: Callable[[Session, str], Any]
    label: Callable[[Any], str]
    number: Callable[[Any], str]
    project_of: Callable[[Any], str]
    send_problems: Callable[[Office, Session, Any], tuple[str, ...]]
    snapshot: Callable[[Office, Session, Any], CommitmentSnapshot]
    accept_problems: Callable[[Office, Session, Submission, CommitmentSnapshot], tuple[str, ...]]
    listed: Callable[[], Listed]
    document: Callable[[Any], Document]
    sage_steps: tuple[SageStep, ...]
    record_type: str
    """What the self-test of record types calls it: its class decides what a second one in Sage would mean."""
    views: tuple[View, ...] = EXPORT_VIEWS
    given_up: frozenset[str] = frozenset()
    passed: tuple[str, ...] = ()
    needs: Callable[[Session, Any], tuple[Need, ...]] = _needs_nothing
    drift: Callable[[Office, Sequence[InSage]], Mapping[str, str]] = _no_drift
    look_at: str = ""
    """Where a person looks for one in Sage, in Sage's own menu words: "Job Cost > Inquiry > Commitments"."""
    correct_at: str = ""
    """Where a person corrects or deletes one in Sage, in the same words."""

    def where(self, step: Step[Any]) -> str:
        """The tool in which a step of this kind is taken."""
        return self.tool if step.where == ITS_TOOL else step.where


KINDS: dict[str, Kind] = {}


def join(kind: Kind) -> Kind:
    """Takes a kind into the shared life, the console and the search.

    Raises ValueError for a title that has no place among the sub-tabs.
    """
    if kind.title not in SUB_TABS or kind.title not in TO_SAGE:
        raise ValueError(f"{kind.title} is none of the sub-tabs of ERP Integrations")
    KINDS[kind.name] = kind
    join_search(kind)
    return kind


def last_submission(session: Session, kind: str, item_id: str) -> tuple[Submission | None, Outbox | None]:
    """The latest submission of an item and its intent."""
    row = session.execute(
        select(Submission, Outbox)
        .outerjoin(Outbox, Outbox.submission_id == Submission.id)
        .where(Submission.kind == kind, Submission.item_id == item_id)
        .order_by(Submission.revision.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else (None, None)


def was_never_armed(session: Session, outbox: Outbox) -> bool:
    """Whether the item was refused before any file of it could reach Sage."""
    if outbox.state is not ExportState.REFUSED:
        return False
    armed = select(ExportFile.id).join(Attempt, Attempt.file_id == ExportFile.id)
    left = armed.where(Attempt.outbox_id == outbox.id, ExportFile.armed_at.is_not(None))
    return session.scalar(left.limit(1)) is None


def state_of(session: Session, kind: str, item_id: str) -> ErpState:
    """Where one item stands."""
    submission, outbox = last_submission(session, kind, item_id)
    return derive(submission.state if submission else None, outbox.state if outbox else None)


def export_key(company: str, kind: str, submission_id: str, revision: int) -> str:
    """Ten letters that name the files of one accepted revision: no vowels, the same at every attempt."""
    alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZ_"
    digest = hashlib.sha256(f"{company}|{kind}|{submission_id}|{revision}".encode()).digest()
    bits = int.from_bytes(digest[:8], "big") >> 14
    return "".join(alphabet[(bits >> shift) & 31] for shift in range(45, -1, -5))


def preview_of(office: Office, submission: Submission, sage_id: str) -> tuple[CommitmentSnapshot, Preview]:
    """The sent snapshot under the decided ID, and exactly what Sage would get for it."""
    snapshot = snapshots.from_text(submission.payload, sage_id=sage_id)
    return snapshot, office.preview.preview(snapshot)


def sender_offers(office: Office, session: Session, kind: Kind, item: Any, actor: Person) -> tuple[Offer, ...]:
    """The project side's buttons for one item: Send or Re-send, and Retrieve (C10)."""
    state = state_of(session, kind.name, item.id)
    problems = kind.send_problems(office, session, item) if state not in LOCKED else ()
    facts = Facts(kind.name, actor, problems=problems, project_id=kind.project_of(item), state=state)
    verb = "resend" if state is ErpState.REJECTED else "send"
    return (ERP_STEPS.offer(verb, state, facts), ERP_STEPS.offer("retrieve", state, facts))
