"""The window “Settings”: groups at the left, each on a page that is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent, QStatusTipEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.side_nav import NavItem, SideNav
from erpdesk.views.session import LayoutStore
from erpdesk.views.settings import words

PLACE, LAST = "settings-window/geometry", "settings-window/page"
NAV_WIDTH = 190


@dataclass(frozen=True)
class Page:
    """One page: its key, its name in the list, and how it is made."""

    key: str
    title: str
    make: Callable[[], QWidget]


class SettingsWindow(QDialog):
    """Stays beside the main window; the page that was shown last comes back, and nothing entered is lost unasked."""

    def __init__(self, pages: Sequence[Page], store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        self._makers = {page.key: page.make for page in pages}
        self._made: dict[str, QWidget] = {}
        self._sure = False
        self.nav = SideNav([NavItem(page.key, page.title) for page in pages])
        self.nav.setAccessibleName("Groups of settings")
        self.stack = QStackedWidget()
        side = QFrame()
        side.setFixedWidth(NAV_WIDTH)
        down = QVBoxLayout(side)
        down.setContentsMargins(0, 6, 0, 6)
        down.addWidget(self.nav)
        down.addStretch(1)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(side)
        across.addWidget(self.stack, 1)
        self.nav.chosen.connect(self.show_page)
        self.resize(1024, 680)
        place = store.value(PLACE)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
        last = str(store.value(LAST, "") or "")
        self.show_page(last if last in self._makers else pages[0].key)

    @property
    def page_keys(self) -> tuple[str, ...]:
        """Every page, in the order of the list."""
        return tuple(self._makers)

    def show_page(self, key: str) -> QWidget:
        """Shows a page and answers it; raises KeyError for an unknown key."""
        if key not in self._made:
            self._made[key] = self._makers[key]()
            self.stack.addWidget(self._made[key])
        self.nav.set_chosen(key)
        self.stack.setCurrentWidget(self._made[key])
        self._store.setValue(LAST, key)
        return self._made[key]

    def reload(self, _news: object = None) -> None:
        """Something changed, or another person acts: every page that was made reads again."""
        if shiboken6.isValid(self):
            for page in self._made.values():
                page.reload()  # type: ignore[attr-defined]  # each page has it; Qt's type does not say so

    @property
    def dirty(self) -> bool:
        """Whether something was entered on a page and is not saved."""
        return any(getattr(page, "dirty", False) for page in self._made.values())

    def done(self, result: int) -> None:
        """Leaves by Esc as the close button does."""
        if self._may_leave():
            self._leave()
            super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about what is not saved, and keeps where the window lay."""
        if not self._may_leave():
            event.ignore()
            return
        self._leave()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)

    def _may_leave(self) -> bool:
        if self._sure or not self.dirty:
            return True
        confirm(self, words.LEAVE_TITLE, words.LEAVE, "Leave", self._leave_for_good, danger=True)
        return False

    def _leave_for_good(self) -> None:
        self._sure = True
        self.close()

    def _leave(self) -> None:
        self._store.setValue(PLACE, self.saveGeometry())
        for page in self._made.values():
            stop = getattr(page, "stop", None)
            if stop is not None:
                stop()
