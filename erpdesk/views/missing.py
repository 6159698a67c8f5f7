"""What this version can not make yet, said where a person looks for it, so that no list is empty without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erpdesk.views.session import Session

NO_PROJECT_TITLE = "No project yet"
NO_PROJECTS = (
    "This company has no project yet, and this version of erpdesk can not make any: that comes with the workflow for "
    "jobs. Until then no commitment can be entered. Sage is read all the same. The sample company has projects as soon "
    "as its Sage was read once."
)
NO_MEMBER_TITLE = "No project of yours"
NO_MEMBER = (
    "You do not belong to any project, so nothing of a project is shown to you. An Admin of Directory makes you a "
    "member under People and rights, on the tab Projects of your page."
)
NO_COMPANIES = (
    "This company’s own directory is empty, and this version of erpdesk can not fill it: companies come with the "
    "workflow for vendors. Until then a commitment can be saved as a draft without a vendor, but not sent to ERP."
)


def why_no_project(session: Session) -> tuple[str, str]:
    """Title and sentence when the acting person has no project to choose; two empty texts when they have some."""
    if session.projects:
        return "", ""
    return (NO_MEMBER_TITLE, NO_MEMBER) if session.has_projects else (NO_PROJECT_TITLE, NO_PROJECTS)
