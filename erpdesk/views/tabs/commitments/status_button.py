"""The document status as a button with a list of what it can become, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QMenu, QPushButton, QToolTip, QWidget

from erpdesk.core.steps import Offer
from erpdesk.views.kit.icons import icon
from erpdesk.views.kit.reason_button import reasons_text


class StatusButton(QPushButton):
    """Shows the status; its list offers every other one. A status that is not possible now stays there and says why."""

    chosen = Signal(str)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self._offers: tuple[Offer, ...] = ()
        self._why = ""
        self._status = ""
        self.clicked.connect(self._open)

    def set_statuses(self, status: str, offers: Sequence[Offer]) -> None:
        """Shows a status and what it can become."""
        self._status, self._offers = status, tuple(offers)
        self.setText(f"Status: {status}  ▾")
        self.setAccessibleName(f"Status: {status}. Press to change it.")
        self.setToolTip("Change the status of this commitment")

    def block(self, why: str) -> None:
        """Says why the status can not be changed just now; '' allows it again."""
        self._why = why

    def offers(self) -> tuple[Offer, ...]:
        """What the status can become."""
        return self._offers

    @Slot()
    def _open(self) -> None:
        if not self._offers or self._why:
            self.say(self._why or "There is nothing to change it to.")
            return
        menu = QMenu(self)
        menu.setAccessibleName("Status")
        for offer in self._offers:
            action = menu.addAction(offer.title if offer.allowed else f"{offer.title} – not now, choose it to see why")
            if not offer.allowed:
                action.setIcon(icon("lock", "muted"))
            action.triggered.connect(lambda _checked=False, offer=offer: self.choose(offer))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def choose(self, offer: Offer) -> None:
        """Chooses a status, or says why it is not possible."""
        if offer.allowed:
            self.chosen.emit(offer.title)
        else:
            self.refused.emit(offer.reasons)

    def say(self, words: str) -> None:
        """Shows a sentence below the button."""
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), reasons_text((words,)), self)
        self.refused.emit((words,))
