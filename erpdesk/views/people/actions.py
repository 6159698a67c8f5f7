"""What a person can do about themselves and about others anywhere in the window: words and keys."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from erpdesk.views.kit.actions import ActionRegistry, ActionSpec

SPECS = (
    ActionSpec("people.show", "People and &rights…", "Ctrl+U", "person", "Who works here, and who may do what"),
    ActionSpec("entry.own", "My pa&ge…", "", "", "How you sign in, what you may do, and your daily summary by e-mail"),
    ActionSpec("entry.password", "Change my &password…", "", "", "A new password for signing in and unlocking"),
    ActionSpec("entry.lock", "&Lock", "Ctrl+L", "lock", "Cover the window until you come back; nothing is lost"),
    ActionSpec("entry.sign_out", "&Sign out", "", "", "Leave erpdesk to somebody else"),
)
OF_ENTRY = ("entry.own", "entry.password", "entry.lock", "entry.sign_out")
SAMPLE = ("In the sample company people are chosen at the top right; nobody signs in.",)


def account_menu(registry: ActionRegistry, parent: QWidget) -> QMenu:
    """The menu behind “Signed in as …”."""
    return registry.menu("Signed in", OF_ENTRY, parent)


def offer_entry(registry: ActionRegistry, *, sample: bool) -> None:
    """A company is open: people can be looked at; only in a real one is there somebody to lock out."""
    registry.set_offer("people.show", True)
    for key in OF_ENTRY:
        registry.set_offer(key, not sample, SAMPLE if sample else ())
