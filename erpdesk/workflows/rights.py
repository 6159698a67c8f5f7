"""Who may do what: every act of the program is one row here, and an act without a row is refused."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.models.people import Person, Right, Tool


@dataclass(frozen=True)
class Permission:
    """The least right in a tool, and whether "Can push to accounting" is needed on top."""

    tool: Tool
    least: Right
    push: bool = False


PERMISSIONS: dict[str, Permission] = {
    "commitment.save": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.set_status": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.delete": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.send": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.resend": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.retrieve": Permission(Tool.COMMITMENTS, Right.ADMIN),
    "commitment.accept": Permission(Tool.ERP_INTEGRATIONS, Right.STANDARD, push=True),
    "commitment.reject": Permission(Tool.ERP_INTEGRATIONS, Right.STANDARD, push=True),
    "layout.confirm": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
    "layout.withdraw": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
    "layout.use_site": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
    "layout.standard": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
    "record_class.prove": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
    "sage.accept_loss": Permission(Tool.ERP_INTEGRATIONS, Right.ADMIN),
}


def why_not(person: Person, act: str, project_id: str | None = None) -> str | None:
    """Why this person may not do this act (on this project), as a sentence, or None (J2)."""
    permission = PERMISSIONS.get(act)
    if permission is None:
        return f"Nobody has been given the right for “{act}”."
    if person.right(permission.tool).rank < permission.least.rank:
        return (
            f"This needs {permission.least.value} in {permission.tool.value}; {person.name} has "
            f"{person.right(permission.tool).value}. Ask an administrator."
        )
    if permission.push and not person.can_push:
        return (
            f"This needs the privilege “Can push to accounting”; {person.name} does not have it. Ask an administrator."
        )
    return None
