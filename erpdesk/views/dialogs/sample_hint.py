"""The bar that tells a newcomer what the sample company is and what to try first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.tokens import tokens_for
from erpdesk.views.session import LayoutStore

KEY = "hints/sample"
WORDS = (
    "You are looking at the sample company: everything in it is invented, and nothing reaches a real Sage. "
    "Try it: open a commitment, set it to Approved and press Send to ERP. Then choose the accounting approver at the "
    "top right and accept it in ERP Integrations."
)


class SampleHint(QFrame):
    """Shown on the sample company until it is dismissed; it stays dismissed."""

    dismissed = Signal()

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setProperty("message", "info")
        self._mark = QLabel()
        words = QLabel(WORDS)
        words.setWordWrap(True)
        self.button = QPushButton("Got it")
        self.button.setAutoDefault(False)
        self.button.setToolTip("Do not show this again")
        across = QHBoxLayout(self)
        across.setContentsMargins(12, 7, 8, 7)
        across.setSpacing(10)
        across.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(words, 1)
        across.addWidget(self.button)
        self.button.clicked.connect(self.dismiss)
        self._tint()
        self.hide()

    def show_once(self) -> None:
        """Shows the bar unless it was dismissed before."""
        self.setVisible(str(self._store.value(KEY, "")) != "dismissed")

    def dismiss(self) -> None:
        """Takes the bar away for good."""
        self._store.setValue(KEY, "dismissed")
        self.hide()
        self.dismissed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Draws the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        ink = tokens_for(self.palette()).tone("blue")[1]
        self._mark.setPixmap(pixmap("info", ink, 16, self.devicePixelRatioF()))


def hint_above(down: QVBoxLayout, place: int, store: LayoutStore) -> None:
    """Puts the bar with its margins into a column of the window; it takes no room once it was dismissed."""
    hint = SampleHint(store)
    box = QWidget()
    inside = QVBoxLayout(box)
    inside.setContentsMargins(10, 8, 10, 0)
    inside.addWidget(hint)
    down.insertWidget(place, box)
    hint.dismissed.connect(box.hide)
    hint.show_once()
    box.setVisible(not hint.isHidden())
