"""The menu of the program: appearance, job costs, Sage, help, quit."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from erpdesk.views.appearance import Appearance
from erpdesk.views.kit.actions import ActionRegistry

STAND_IN = "sage.stand_in"
GROUPS = (
    ("palette.show", "costs.show", "tie_out.show"),
    ("edit.undo", "edit.redo"),
    ("list.excel", "list.print"),
    ("sage.show", "sync.now", "sync.pause"),
    ("people.show", "audit.show", "settings.show"),
    ("help.shortcuts", "help.about"),
    ("window.close",),
)


def program_menu(registry: ActionRegistry, appearance: Appearance, parent: QWidget) -> QMenu:
    """The menu behind the button at the top right."""
    menu = QMenu("Menu", parent)
    menu.setToolTipsVisible(True)
    appearance.fill(menu)
    for group in GROUPS:
        menu.addSeparator()
        for key in group:
            menu.addAction(registry.action(key))
    return menu


def offer_sage(registry: ActionRegistry, menu: QMenu, *, sample: bool) -> None:
    """A company is open: its Sage can be looked at; the sample company also has a Sage to play with."""
    registry.set_offer("sage.show", True)
    registry.set_offer(STAND_IN, sample, () if sample else ("Only the sample company has a stand-in Sage.",))
    if sample:
        menu.insertAction(registry.action("sync.now"), registry.action(STAND_IN))
