"""Shortcuts that belong to one tool: they must not act on a page that is out of sight."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.actions import ActionRegistry


def scope(registry: ActionRegistry, keys: Iterable[str], widget: QWidget) -> None:
    """Lets the shortcuts of these actions work only while the keyboard is inside ``widget``."""
    registry.scope(keys, widget)
