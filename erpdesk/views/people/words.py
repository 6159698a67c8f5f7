"""How people, their rights and requests are said on screen."""

from __future__ import annotations

from collections.abc import Iterable

from erpdesk.models.people import GrantState, Right, Tool
from erpdesk.views.kit.pills import Pill
from erpdesk.workflows.people_rows import GrantRow, PersonDetail

APPROVER = Pill("Approver", "green", "check")
LEFT = Pill("Not active", "grey", "")
GRANT_LOOKS = {
    GrantState.REQUESTED: Pill("Waiting", "blue", "clock"),
    GrantState.CONFIRMED: Pill("Confirmed", "green", "check"),
    GrantState.REFUSED: Pill("Refused", "red", "reject"),
    GrantState.WITHDRAWN: Pill("Withdrawn", "grey", ""),
}
LEVELS = tuple((level.value, level.value) for level in Right)
SECOND_PERSON = "One person asks, a second one confirms. Nobody asks or confirms for themselves."
KINDS_NOTE = (
    "Narrows the privilege kind by kind. It does not bind an Admin of Directory, who could change it for themselves."
)
LEVELS_NOTE = "None hides a tool, Read Only shows it, Standard works in it, Admin may do everything in it."
SINGLE_NOTE = "For people at Read Only or Standard in the tool; an Admin of it needs none."
NOTHING = "Nothing yet"


def may_do(person: PersonDetail) -> str:
    """What a person may do, in words: ``Admin: Commitments, Budget · Standard: ERP Integrations``."""
    said: list[str] = []
    for level in reversed(Right):
        tools = [tool.value for tool in Tool if level is not Right.NONE and person.rights.get(tool) is level]
        if tools:
            said.append(f"{level.value}: {', '.join(tools)}")
    return " · ".join(said) or NOTHING


def signs_in(person: PersonDetail) -> str:
    """How a person comes in."""
    ways = [person.windows_account] * bool(person.windows_account) + ["Password"] * person.has_password
    return ", ".join(ways) or "Can not sign in"


def where(person: PersonDetail) -> str:
    """On how many projects a person works."""
    if person.all_projects:
        return "All"
    return f"{len(person.projects):,}" if person.projects else "None"


def open_grant(grants: Iterable[GrantRow], person_id: str) -> GrantRow | None:
    """The request about a person that waits for an answer."""
    return next((each for each in grants if each.person_id == person_id and each.state is GrantState.REQUESTED), None)


def privilege(person: PersonDetail, grant: GrantRow | None) -> tuple[Pill, str]:
    """Where the privilege of a person stands, as pill and sentence."""
    if person.can_push:
        return Pill("Granted", "green", "check"), f"{person.name} may accept and reject what is sent to accounting."
    if grant is not None:
        return GRANT_LOOKS[GrantState.REQUESTED], f"Asked by {grant.requested_by}. {SECOND_PERSON}"
    return Pill("Not granted", "grey", ""), f"{person.name} can not accept or reject exports. {SECOND_PERSON}"
