"""The live map of one item: its steps from the tables, what was done, when and by whom, and who must act next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.steps import Step, Who
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import ExportState, Outbox, Submission
from erpdesk.workflows.console_rows import MapNode
from erpdesk.workflows.erp_item import ERP_STEPS, Kind, derive
from erpdesk.workflows.erp_kind import Document, SageStep
from erpdesk.workflows.rows import ErpState

DONE, CURRENT, LATER, FAILED = "done", "current", "later", "failed"

WRITING = "Write file"
"""What erpdesk does between an accept and Sage's import: write it, check Sage, lay it into the mailbox."""

SHORT = {
    "Send to ERP": "Send",
    "Re-send to ERP": "Re-send",
    "Retrieve from ERP": "Retrieve",
    "Accept and export": "Accept",
    "Read back, equal": "Read back",
    "Import the file": "Import in Sage",
    "Import the file and print the journal": "Import in Sage",
}
"""Steps as a map calls them, where there is room for two words; others keep their title."""

_WITH_PROJECT = (ErpState.NOT_SENT, ErpState.RETRIEVED, ErpState.REJECTED)
_DECIDED = (ErpState.EXPORTING, ErpState.SYNCED, ErpState.FAILED, ErpState.IN_DOUBT, ErpState.CLOSED)
_THERE = (ErpState.SYNCED, ErpState.CLOSED)
"""Sage holds it: erpdesk read it back, or two people saw it there."""
_BY_HAND = {ExportState.CLOSED_IN_SAGE: "close_in_sage", ExportState.CLOSED_ABSENT: "close_absent"}
SETTLE = "Settle it"
"""What a person does about a doubt; the item itself says how."""
_NOT_LAID = (ExportState.INTENT, ExportState.STAGED, ExportState.ARMED, ExportState.REFUSED)


@dataclass(frozen=True)
class _Happened:
    """When something was done last, and by whom."""

    seq: int
    at: datetime
    by: str


def map_of(
    session: Session,
    kind: Kind,
    item: Any,
    submission: Submission | None,
    outbox: Outbox | None,
    names: Mapping[str, str],
) -> tuple[MapNode, ...]:
    """The whole way of one item in order: its own paper, the two people's steps, erpdesk's, and Sage's own."""
    export = outbox.state if outbox else None
    state = derive(submission.state if submission else None, export)
    happened = _happened(session, kind.name, item.id, names)
    paper = kind.document(item)
    nodes = [*_paper(kind, paper, state, happened), *_life(kind, state, export, happened)]
    return tuple(nodes if state is ErpState.IN_DOUBT else _one_current(nodes))


def _paper(
    kind: Kind, paper: Document, state: ErpState, happened: Mapping[tuple[str, str], _Happened]
) -> Iterator[MapNode]:
    """The statuses on the road to one that can be sent; the last one is the status itself when it is another such.

    Optional ones that were passed by are left out; a status beside the road stands where the item left it.
    """
    ready = paper.status in paper.sendable or state not in _WITH_PROJECT
    beside = not ready and paper.status not in paper.road
    road = (*paper.road[:1], paper.status, *paper.road[1:]) if beside else paper.road
    reached = road.index(paper.status) if paper.status in road else -1
    for place, status in enumerate(road):
        last = place == len(road) - 1
        step = next((each for each in paper.steps.steps if each.target.value == status), None)
        seen = happened.get(("status", status)) or (happened.get(("create", "")) if place == 0 else None)
        optional = status in paper.optional and status != paper.status
        passed = ready or place < reached
        if optional and passed and seen is None:
            continue
        node = MapNode(
            title=paper.status if last and paper.status in paper.sendable else status,
            state=DONE if passed or place == reached else LATER,
            who=(step.who if step else Who.PROJECT).value,
            where=kind.where(step) if step else kind.tool,
            optional=optional,
        )
        yield _dated(node, seen)


def _life(
    kind: Kind, state: ErpState, export: ExportState | None, happened: Mapping[tuple[str, str], _Happened]
) -> Iterator[MapNode]:
    """Sending, deciding and exporting; what is optional stands there while it can be, or was the last word."""
    laid = state in _THERE or (state in _DECIDED and export not in _NOT_LAID)
    sent = _last(happened, ("send", "resend"))
    verb = "resend" if state is ErpState.REJECTED or ("resend", "") in happened else "send"
    yield _step(kind, verb, DONE if state not in _WITH_PROJECT else LATER, sent)
    if state not in _DECIDED and state is not ErpState.REJECTED:
        yield _step(kind, "retrieve", DONE if state is ErpState.RETRIEVED else LATER, happened.get(("retrieve", "")))
    accepted = DONE if state in _DECIDED else LATER
    yield _step(kind, "accept", accepted, happened.get(("accept", "")))
    if state is ErpState.REJECTED:
        yield replace(_step(kind, "reject", DONE, happened.get(("reject", ""))), optional=True)
    elif state not in _DECIDED:
        yield replace(_step(kind, "reject", LATER, None), optional=True)
    writing = MapNode(WRITING, DONE if laid else LATER, Who.ERPDESK.value, "erpdesk")
    if state is ErpState.FAILED and not laid:
        writing = replace(writing, state=FAILED)
    yield _dated(writing, happened.get(("deliver", "")) if laid else happened.get(("refuse", "")))
    for each in kind.sage_steps:
        if not each.after:
            seen = _last(happened, ("import", "post", "sage_reject", "close_in_sage"))
            step = _sage(each, done=state in _THERE, seen=seen)
            # What Sage refused never came as far as being read back.
            yield _dated(replace(step, state=FAILED), seen) if state is ErpState.FAILED and laid else step
    confirm = _step(kind, "confirm", DONE if state is ErpState.SYNCED else LATER, _last(happened, ("post", "import")))
    if state is ErpState.IN_DOUBT:
        confirm = replace(confirm, state=FAILED)
    if export in _BY_HAND and state in _DECIDED:
        # Nothing was read back: two people looked instead.
        by_hand = MapNode("Close by hand", DONE, Who.ACCOUNTING.value, "ERP Integrations", optional=True)
        confirm = _dated(by_hand, happened.get((_BY_HAND[export], "")))
    yield confirm
    if state is ErpState.IN_DOUBT:
        yield MapNode(SETTLE, CURRENT, Who.ACCOUNTING.value, "ERP Integrations")
    if state is ErpState.FAILED:
        yield _step(kind, "reject", CURRENT, None)
    for each in kind.sage_steps:
        if each.after:
            yield _sage(each, done=export is ExportState.POSTED, seen=happened.get(("post", "")))


def _sage(step: SageStep, *, done: bool, seen: _Happened | None) -> MapNode:
    return _dated(
        MapNode(SHORT.get(step.title, step.title), DONE if done else LATER, Who.SAGE.value, step.where),
        seen if done else None,
    )


def _step(kind: Kind, verb: str, state: str, seen: _Happened | None) -> MapNode:
    step: Step[ErpState] = next(each for each in ERP_STEPS.steps if each.verb == verb)
    title = step.title.rstrip("…")
    node = MapNode(SHORT.get(title, title), state, step.who.value, kind.where(step), step.optional)
    return _dated(node, seen)


def _dated(node: MapNode, seen: _Happened | None) -> MapNode:
    """The step with when and by whom it was taken, when it was."""
    return replace(node, at=seen.at, by=seen.by) if seen and node.state in (DONE, FAILED) else node


def _one_current(nodes: Iterable[MapNode]) -> Iterator[MapNode]:
    """Marks the one step that comes next: the first that is neither done nor optional, unless one is marked."""
    nodes = tuple(nodes)
    found = any(node.state == CURRENT for node in nodes)
    for node in nodes:
        if not found and node.state == LATER and not node.optional:
            found = True
            yield replace(node, state=CURRENT)
        else:
            yield node


def next_of(nodes: Iterable[MapNode]) -> MapNode | None:
    """The step that somebody must take next; None when everything is done."""
    return next((node for node in nodes if node.state == CURRENT), None)


def _last(happened: Mapping[tuple[str, str], _Happened], acts: Iterable[str]) -> _Happened | None:
    seen = [happened[act, ""] for act in acts if (act, "") in happened]
    return max(seen, key=lambda each: each.seq, default=None)


def _happened(session: Session, kind: str, ref: str, names: Mapping[str, str]) -> dict[tuple[str, str], _Happened]:
    """The last time of each act on a record; of status changes, of each status that was set."""
    entries = session.execute(
        select(AuditEntry.seq, AuditEntry.at, AuditEntry.who, AuditEntry.act, AuditEntry.after, AuditEntry.body)
        .where(AuditEntry.kind == kind, AuditEntry.ref == ref)
        .order_by(AuditEntry.seq)
    )
    found: dict[tuple[str, str], _Happened] = {}
    for entry in entries:
        what = _status(entry.after, entry.body) if entry.act == "status" else ""
        found[entry.act, what] = _Happened(entry.seq, entry.at, names.get(entry.who, entry.who))
    return found


def _status(after: str, body: str) -> str:
    """The status that an entry set, wherever its form keeps it."""
    value = json.loads(after) if after else json.loads(body or "{}").get("after", "")
    if isinstance(value, dict):
        value = value.get("status", "")
    return value if isinstance(value, str) else ""
