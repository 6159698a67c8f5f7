"""What the settings window works with, given by whoever opened the company."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from erpdesk.core.declared import Group
from erpdesk.settings import about, declared
from erpdesk.views.settings.window import Page, SettingsWindow
from erpdesk.workflows.erp_item import KINDS

if TYPE_CHECKING:
    from erpdesk.views.kit.aside import Aside
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.views.settings.mail_page import MailTools
    from erpdesk.views.settings.mails_page import MailActs
    from erpdesk.workflows.settings_acts import SettingsActs

MAILS = "mails"


@dataclass(frozen=True)
class SettingsTools:
    """The settings, the mails that wait, the mail's own care, and the thread for what may take long."""

    settings: SettingsActs
    mails: MailActs
    mail: MailTools
    aside: Aside


def show_settings(
    session: Session, tools: SettingsTools, store: LayoutStore, parent: QWidget, page: str = ""
) -> SettingsWindow:
    """Opens the settings window, or brings the open one to the front; ``page`` is a group's key, or ``mails``."""
    window = parent.findChild(SettingsWindow) or _make(session, tools, store, parent)
    if page:
        window.show_page(page)
    window.show()
    window.raise_()
    window.activateWindow()
    return window


def groups() -> tuple[Group, ...]:
    """The groups that hold a setting whose workflow is there."""
    used = {
        told.group
        for name in declared()
        if (told := about(name)).group is not None and (not told.needs or told.needs in KINDS)
    }
    return tuple(group for group in Group if group in used)


def _make(session: Session, tools: SettingsTools, store: LayoutStore, parent: QWidget) -> SettingsWindow:
    def acting() -> str:
        return session.actor

    def of(group: Group) -> QWidget:
        from erpdesk.views.settings.group_page import GroupPage
        from erpdesk.views.settings.mail_page import MailPage

        made = (
            MailPage(tools.settings, tools.mail, session.jobs, tools.aside, acting, store)
            if group is Group.MAIL
            else GroupPage(group, tools.settings, session.jobs, acting, store)
        )
        made.changed.connect(session.publish)
        return made

    def mails() -> QWidget:
        from erpdesk.views.settings.mails_page import MailsPage

        page = MailsPage(tools.mails, session.jobs, acting, store)
        page.changed.connect(session.publish)
        return page

    pages = [Page(group.name.lower(), group.value, partial(of, group)) for group in groups()]
    pages.append(Page(MAILS, "Unsent mail", mails))
    window = SettingsWindow(pages, store, parent)
    session.person_changed.connect(window.reload)
    session.changed.connect(window.reload)
    return window
