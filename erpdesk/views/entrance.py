"""The way into an open company: who is asked to sign in, and what the window offers about that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMainWindow

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.people.actions import account_menu, offer_entry
from erpdesk.views.people.entry import Entry
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.top_bar import TopBar

Leave = Callable[[Callable[[], object]], object]


def entrance(
    window: QMainWindow,
    session: Session,
    registry: ActionRegistry,
    top: TopBar,
    store: LayoutStore,
    account: str | None,
    leave: Leave,
) -> Entry:
    """Who comes in, not begun yet; ``account`` None lets the acting person be chosen, as in the sample company."""
    chosen, desk = account is None, session.desk
    entry = Entry(
        window,
        desk.sign_in,
        desk.people,
        session.jobs,
        store,
        account=account or "",
        sample=chosen,
        idle_minutes=lambda: desk.office.settings().lock_minutes,
        leave=leave,
        company=desk.office.settings().company,
    )
    offer_entry(registry, sample=chosen)
    registry.on("entry.lock", entry.lock)
    registry.on("entry.sign_out", entry.sign_out)
    registry.on("entry.password", entry.change_password)
    if not chosen:
        top.set_account_menu(account_menu(registry, window), account or "")
        session.vouch = partial(_vouch, window, session)
    entry.published.connect(session.publish)
    session.changed.connect(entry.on_changes)
    return entry


def _vouch(window: QMainWindow, session: Session, then: Callable[[], object]) -> None:
    from erpdesk.views.people.password_dialog import ask_again

    desk, person = session.desk, session.person
    if person is None or not desk.office.settings().sign_in_at_accept:
        then()
    else:
        ask_again(window, desk.sign_in, person, then, session.jobs)
