"""A page that stands before a whole window while nobody is signed in: what lies behind keeps all it holds."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

WITHHELD = "erpdesk has something to ask. It is shown as soon as you have signed in."
STILL = ("theme.", "text.", "window.close")
"""Acts that have nothing to do with the company: their keys work in front of the page too."""


class Cover(QObject):
    """Covers and uncovers a window. While it is covered no key and no dialog of the company gets through.

    Other windows of the program are taken off the screen and put back as they were.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._stack: QStackedWidget | None = None
        self._page: QWidget | None = None
        self._away: list[QWidget] = []
        self._focus: QWidget | None = None

    @property
    def page(self) -> QWidget | None:
        """The page in front, or None while the window is open."""
        return self._page

    def put(self, page: QWidget) -> None:
        """Covers the window with a page; one that was there goes."""
        app = QApplication.instance()
        if self._page is None and isinstance(app, QApplication):
            self._focus = self._window.window().focusWidget()
            self._close_menus()
            self._take_away()
            app.installEventFilter(self)
        stack = self._stack_of()
        old, self._page = self._page, page
        stack.addWidget(page)
        stack.setCurrentWidget(page)
        if old is not None:
            self._drop(old)
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Whoever comes in next is somebody else: the windows that were taken off the screen do not come back."""
        away, self._away, self._focus = self._away, [], None
        for window in away:
            if shiboken6.isValid(window):
                window.deleteLater()

    def lift(self) -> None:
        """Uncovers the window: the keyboard is where it was, and every other window is back."""
        page, self._page = self._page, None
        if page is None:
            return
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # a page needs an application
        self._stack_of().setCurrentIndex(0)
        self._drop(page)
        away, self._away = self._away, []
        for window in away:
            if shiboken6.isValid(window):
                window.show()
        if self._focus is not None and shiboken6.isValid(self._focus):
            self._focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps keys from acts behind the page, and dialogs that want to come in front of it."""
        kind = event.type()
        if kind == QEvent.Type.Shortcut:
            return not self._passes(watched)
        if kind == QEvent.Type.Show and isinstance(watched, QDialog) and not self._own(watched):
            self._withhold(watched)
        return False

    def _passes(self, watched: QObject) -> bool:
        if isinstance(watched, QAction) and watched.objectName().startswith(STILL):
            return True
        return self._own(watched)

    def _own(self, watched: QObject) -> bool:
        """Whether this is the page, or belongs to it."""
        here: QObject | None = watched
        while here is not None and here is not self._page:
            here = here.parent()
        return here is not None

    def _withhold(self, dialog: QDialog) -> None:
        def hide() -> None:
            if self._page is not None and shiboken6.isValid(dialog) and dialog.isVisible():
                dialog.hide()
                self._away.append(dialog)
                say = getattr(self._page, "say", None)
                if say is not None:
                    say(WITHHELD)

        QTimer.singleShot(0, self, hide)

    def _take_away(self) -> None:
        own = self._window.window()
        self._away = [
            each
            for each in QApplication.topLevelWidgets()
            if each.isVisible() and each is not own and isinstance(each, QDialog | QMainWindow)
        ]
        for each in self._away:
            each.hide()

    @staticmethod
    def _close_menus() -> None:
        for _ in range(8):
            popup = QApplication.activePopupWidget()
            if popup is None:
                return
            popup.close()

    def _stack_of(self) -> QStackedWidget:
        if self._stack is None:
            inside = self._window.takeCentralWidget()
            self._stack = QStackedWidget()
            if inside is not None:
                self._stack.addWidget(inside)
            self._window.setCentralWidget(self._stack)
        return self._stack

    def _drop(self, page: QWidget) -> None:
        self._stack_of().removeWidget(page)
        page.hide()
        page.deleteLater()
