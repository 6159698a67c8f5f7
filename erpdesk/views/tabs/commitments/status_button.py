"""The document status as a button with a list of what it can become, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QPoint, QSize, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QKeyEvent
from PySide6.QtWidgets import QMenu, QPushButton, QToolTip, QWidget

from erpdesk.core.steps import Offer
from erpdesk.views.kit.icons import icon
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.kit.shown import set_look

TYPING_ENDS_MS = 1000


class StatusMenu(QMenu):
    """A list in which typed letters go to the next entry that begins with them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        self._typed = ""
        self._since = QElapsedTimer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters go to an entry, Enter chooses it."""
        letter = event.text().casefold()
        if letter and letter.isprintable() and (letter.strip() or self._typed):
            self._go_to(letter)
        else:
            super().keyPressEvent(event)

    def _go_to(self, letter: str) -> None:
        if not self._since.isValid() or self._since.elapsed() > TYPING_ENDS_MS:
            self._typed = ""
        self._since.start()
        entries, here = self.actions(), self.activeAction()
        # The same letter again goes on to the next entry that begins with it.
        again = self._typed == letter
        self._typed = letter if again else self._typed + letter
        first = entries.index(here) if here in entries else -1
        if again or len(self._typed) == 1:
            first += 1
        ordered = entries[max(first, 0) :] + entries[: max(first, 0)]
        found: QAction | None = next((each for each in ordered if each.text().casefold().startswith(self._typed)), None)
        if found is not None:
            self.setActiveAction(found)


class StatusButton(QPushButton):
    """Shows the status; its list offers every other one. A status that is not possible now stays there and says why."""

    chosen = Signal(str)
    refused = Signal(object)
    """Why the status that was chosen is not possible now; a button that is closed says so beside itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setIconSize(QSize(14, 14))
        self._offers: tuple[Offer, ...] = ()
        self._why = ""
        self._status = ""
        self.clicked.connect(self._open)

    def set_statuses(self, status: str, offers: Sequence[Offer]) -> None:
        """Shows a status and what it can become."""
        self._status, self._offers = status, tuple(offers)
        self._show_state()

    def block(self, why: str) -> None:
        """Says why the status can not be changed just now; '' allows it again."""
        self._why = why
        self._show_state()

    def offers(self) -> tuple[Offer, ...]:
        """What the status can become."""
        return self._offers

    def why_closed(self) -> str:
        """Why the status can not be changed at all now; '' when some other status can be chosen."""
        if self._why or any(offer.allowed for offer in self._offers):
            return self._why
        reasons = dict.fromkeys(reason for offer in self._offers for reason in offer.reasons)
        return " ".join(reasons)

    def _show_state(self) -> None:
        closed = self.why_closed()
        self.setText(f" Status: {self._status}" if closed else f"Status: {self._status}  ▾")
        self.setIcon(icon("lock", "muted") if closed else QIcon())
        set_look(self, "blocked", bool(closed))
        self.setToolTip(closed or "Change the status of this commitment")
        self.setAccessibleName(f"Status: {self._status}. {'Closed.' if closed else 'Press to change it.'}")
        self.setAccessibleDescription(f"Not available. {closed}" if closed else "")

    @Slot()
    def _open(self) -> None:
        closed = self.why_closed()
        if closed or not self._offers:
            self.say(closed or "There is nothing to change it to.")
            return
        menu = self.menu_of_offers()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def menu_of_offers(self) -> StatusMenu:
        """The list of what it can become."""
        menu = StatusMenu(self)
        for offer in self._offers:
            action = menu.addAction(offer.title if offer.allowed else f"{offer.title} – not now, choose it to see why")
            if not offer.allowed:
                action.setIcon(icon("lock", "muted"))
            action.triggered.connect(lambda _checked=False, offer=offer: self.choose(offer))
        return menu

    def choose(self, offer: Offer) -> None:
        """Chooses a status, or says why it is not possible."""
        if offer.allowed:
            self.chosen.emit(offer.title)
        else:
            self.refused.emit(offer.reasons)

    def say(self, words: str) -> None:
        """Shows a sentence below the button."""
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), reasons_text((words,)), self)
