"""The button behind which the rarer acts of a commitment stand."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.tabs.commitments.actions import MORE


def more_button(registry: ActionRegistry) -> QToolButton:
    """A small button with a menu; each act there also has a key."""
    button = QToolButton()
    button.setText("⋯")
    button.setToolTip("More: duplicate, print, save and next")
    button.setAccessibleName("More")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    button.setMenu(registry.menu("More", MORE, button))
    return button
