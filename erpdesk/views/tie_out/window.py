"""The window "Tie-out report", beside the main one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QStatusTipEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from erpdesk.views.tie_out.page import TITLE, TieOutPage

if TYPE_CHECKING:
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.workflows.search_rows import Found

PLACE = "tie-out-window/geometry"


class TieOutWindow(QDialog):
    """Stays beside the main window; ``found`` carries an item that shall be shown there."""

    found = Signal(object)

    def __init__(self, session: Session, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        self.page = TieOutPage(session, store)
        self.page.found.connect(self.found)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.page)
        self.setMinimumSize(820, 560)
        self.resize(1280, 800)
        place = store.value(PLACE)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)

    def done(self, result: int) -> None:
        """Leaves by Esc as the close button does."""
        self._leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keeps where the window lay, and ends what runs."""
        self._leave()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)

    def _leave(self) -> None:
        self._store.setValue(PLACE, self.saveGeometry())
        self.page.stop()


def show_tie_out(
    session: Session, store: LayoutStore, parent: QWidget, go_to: Callable[[Found], object]
) -> TieOutWindow:
    """Opens the tie-out report, or brings the open one to the front; ``go_to`` shows an item that is chosen in it."""
    window = parent.findChild(TieOutWindow)
    if window is None:
        window = TieOutWindow(session, store, parent)
        window.found.connect(go_to)
    window.show()
    window.raise_()
    window.activateWindow()
    return window
