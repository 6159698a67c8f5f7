"""How states, steps and times are said and coloured on screen; icon and word always together (T1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from erpdesk.core.clock import CLOCK
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.workflow_map import MapStep
from erpdesk.workflows.console_rows import MapNode
from erpdesk.workflows.rows import CHANGED, GONE, ErpState

ERP_LOOKS: dict[ErpState, tuple[str, str]] = {
    ErpState.NOT_SENT: ("grey", ""),
    ErpState.SENT: ("blue", "send"),
    ErpState.RETRIEVED: ("yellow", "retrieve"),
    ErpState.REJECTED: ("yellow", "reject"),
    ErpState.EXPORTING: ("blue", "clock"),
    ErpState.SYNCED: ("green", "check"),
    ErpState.FAILED: ("red", "error"),
    ErpState.IN_DOUBT: ("yellow", "warning"),
    ErpState.CLOSED: ("grey", "person"),
}
"""Tone and icon of each ERP state."""

DRIFTED = (GONE, CHANGED)
"""What can be said of a synced item that is not in Sage as it was approved."""

LOOK_THERE = "Look under Sage > Reading > In Sage without erpdesk: it says what was done, when, and what to do."

SAGE = "Sage"
SAGE_TONE = "green"
TOOL_TONES = {"ERP Integrations": "yellow", "erpdesk": "grey", SAGE: SAGE_TONE}
"""The colour of each program on a workflow map; the tools of the project side are blue."""

STATUS_LOOKS = {"Approved": "green", "Complete": "green", "Void": "red", "Terminated": "red"}


def erp_pill(state: ErpState, text: str = "") -> Pill:
    """The pill of an ERP state; ``text`` says it in more words."""
    tone, icon = ERP_LOOKS[state]
    if state is ErpState.SYNCED and text in DRIFTED:
        tone, icon = "yellow", "warning"
    return Pill(text or state.value, tone, icon)


def status_pill(status: str) -> Pill:
    """The pill of a document status."""
    return Pill(status, STATUS_LOOKS.get(status, "grey"), "")


def map_steps(nodes: Sequence[MapNode], state_text: str = "") -> tuple[MapStep, ...]:
    """The stations of a workflow map; the last one is not done when Sage no longer holds what was approved."""
    steps = tuple(_station(node) for node in nodes)
    if state_text not in DRIFTED or not steps:
        return steps
    place = max((at for at, step in enumerate(steps) if step.state == "done"), default=len(steps) - 1)
    drifted = replace(steps[place], text=state_text, state="current", who=LOOK_THERE, note="")
    return (*steps[:place], drifted, *steps[place + 1 :])


def _station(node: MapNode) -> MapStep:
    tone = TOOL_TONES.get(node.where, SAGE_TONE if node.who == SAGE else "blue")
    note = ", ".join(part for part in (node.by, day_and_time(node.at)) if part)
    return MapStep(
        node.title, node.state, node.who, node.where, node.optional, tone, SAGE in (node.who, node.where), note
    )


def day_and_time(at: datetime | None) -> str:
    """A moment in the time of this workstation: ``Nov 21 14:05``, in another year ``Nov 21, 2025 14:05``."""
    if at is None:
        return ""
    local = at.astimezone()
    year = "" if local.year == CLOCK.today().year else f", {local.year}"
    return f"{local:%b} {local.day}{year} {local:%H:%M}"


def percent(value: object) -> str:
    """A percentage with two decimals: ``10.00 %``."""
    return f"{value:.2f} %"
