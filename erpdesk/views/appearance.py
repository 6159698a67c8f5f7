"""Light, dark or as the system is, and the size of text; chosen in the menu and remembered."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.theme import MODES, Theme
from erpdesk.views.session import LayoutStore

MODE_KEY = "theme/mode"
POINTS_KEY = "theme/points"


class Appearance(QObject):
    """Ties the theme to its actions; without a theme (a test of the window alone) the actions do nothing."""

    def __init__(self, registry: ActionRegistry, theme: Theme | None, store: LayoutStore, parent: QObject) -> None:
        super().__init__(parent)
        self._registry = registry
        self._theme = theme
        self._store = store
        for mode in MODES:
            registry.action(f"theme.{mode}").setCheckable(True)
            registry.on(f"theme.{mode}", partial(self.set_mode, mode))
        if theme is not None:
            registry.on("text.larger", theme.larger)
            registry.on("text.smaller", theme.smaller)
            registry.on("text.usual", theme.usual_size)
            theme.changed.connect(self._on_changed)
        self._mark()

    @property
    def mode(self) -> str:
        """What was asked for last: ``light``, ``dark`` or ``system``."""
        return self._theme.mode if self._theme is not None else "system"

    def set_mode(self, mode: str) -> None:
        """Shows ``light``, ``dark`` or what the ``system`` asks for."""
        if self._theme is not None:
            self._theme.set_mode(mode)
        self._mark()

    def fill(self, menu: QMenu) -> None:
        """Puts both choices into a menu."""
        menu.addMenu(self._registry.menu("&Appearance", ("theme.light", "theme.dark", "theme.system"), menu))
        menu.addMenu(self._registry.menu("&Text size", ("text.larger", "text.smaller", "text.usual"), menu))

    def _on_changed(self) -> None:
        self._mark()
        if self._theme is not None:
            self._store.setValue(MODE_KEY, self._theme.mode)
            self._store.setValue(POINTS_KEY, f"{self._theme.points:g}")

    def _mark(self) -> None:
        for mode in MODES:
            self._registry.action(f"theme.{mode}").setChecked(self._theme is not None and self._theme.mode == mode)
