"""A button that, when its act is forbidden, stays reachable and says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QShowEvent, QStatusTipEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget

from erpdesk.views.kit.deliberate import TOO_SOON, Pause, pause_of
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.list_tip import tip
from erpdesk.views.kit.shown import set_look

KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
PRESSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)


def reasons_text(reasons: Sequence[str]) -> str:
    """Several reasons as lines with bullets, one as its sentence."""
    return reasons[0] if len(reasons) == 1 else "\n".join(f"• {reason}" for reason in reasons)


class ReasonButton(QPushButton):
    """Emits ``pressed_ok`` when its act is allowed, else ``refused`` with the reasons and shows them beside itself.

    It is never disabled for Qt, because a disabled button has no focus, no click and so no way to explain itself.
    A ``deliberate`` one acts once for each press that was meant for it: not for the second half of a double click, not
    for a key that is held, and not in the moment after an act of its window or after it appeared or was opened.
    """

    pressed_ok = Signal()
    refused = Signal(object)

    def __init__(
        self,
        text: str,
        primary: bool = False,
        danger: bool = False,
        parent: QWidget | None = None,
        deliberate: bool = True,
    ) -> None:
        super().__init__(text, parent)
        self._deliberate = deliberate
        self._fresh = Pause(self)
        self._meant = False
        self._said = False
        self.setProperty("primary", primary)
        self.setProperty("danger", danger)
        self.setProperty("blocked", False)
        self.setAutoDefault(False)
        self._icon_name = ""
        self._on_accent = primary or danger
        self._help = ""
        self._reasons: tuple[str, ...] = ()
        self._allowed = True
        self.clicked.connect(self._on_clicked)

    @property
    def allowed(self) -> bool:
        """True when a click carries the act out."""
        return self._allowed

    def reasons(self) -> tuple[str, ...]:
        """Why the act is forbidden; empty when it is allowed."""
        return self._reasons

    def set_icon_name(self, name: str) -> None:
        """Shows an icon of the kit before the words; an empty name shows none."""
        self._icon_name = name
        self._tint()

    def set_help(self, text: str) -> None:
        """What the button does, shown while it is allowed."""
        self._help = text
        self._explain()

    def set_offer(self, allowed: bool, reasons: Sequence[str] = ()) -> None:
        """Allows the act, or forbids it for these reasons."""
        if allowed and not self._allowed:
            self.renew()
        if allowed or tuple(reasons) != self._reasons:
            self._unsay()
        self._allowed = allowed
        self._reasons = () if allowed else tuple(reasons) or ("This cannot be done now.",)
        set_look(self, "blocked", not allowed)
        self._tint()
        self._explain()

    def renew(self) -> None:
        """From this moment the button stands for something else: a press under way or made at once is not meant."""
        self._meant = False
        self._fresh.start()

    def say_why(self) -> None:
        """Shows beside the button why its act is forbidden."""
        self._said = True
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), tip(reasons_text(self._reasons)), self)
        self._status(" ".join(self._reasons))

    def showEvent(self, event: QShowEvent) -> None:
        """A button that just appeared stands where something else was pressed a moment ago."""
        super().showEvent(event)
        if not event.spontaneous():
            self.renew()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes a press that was meant for the button as it is now."""
        if self._too_soon():
            event.accept()
            return
        self._meant = True
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second half of a double click was never meant as another press."""
        if self._deliberate:
            self._meant = False
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go without acting when the button came to stand for something else since it was pressed."""
        if self._deliberate and not self._meant:
            self.setDown(False)
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Takes Space and Enter like a press of the mouse; a held key is one press."""
        if event.key() in PRESSING and ((self._deliberate and event.isAutoRepeat()) or self._too_soon()):
            event.accept()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Says why to people who come by keyboard."""
        super().focusInEvent(event)
        if not self._allowed and event.reason() in KEYBOARD:
            self.say_why()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Takes the sentence away again."""
        super().focusOutEvent(event)
        if not self._allowed:
            self._said = True
            self._unsay()

    def event(self, event: QEvent) -> bool:
        """Shows the reason at once when the pointer comes over a forbidden button."""
        if event.type() == QEvent.Type.Enter and not self._allowed:
            self._status(" ".join(self._reasons))
        if event.type() == QEvent.Type.Leave and not self._allowed:
            self._status("")
        return super().event(event)

    @Slot()
    def _on_clicked(self) -> None:
        if self._allowed:
            if self._deliberate:
                pause_of(self).start()
            self.pressed_ok.emit()
        else:
            self.say_why()
            self.refused.emit(self._reasons)

    def _tint(self) -> None:
        if self._icon_name:
            usual = "on_accent" if self._on_accent else "grey"
            set_icon(self, self._icon_name, usual if self._allowed else "muted")

    def _too_soon(self) -> bool:
        soon = self._deliberate and self._allowed and (self._fresh.on or pause_of(self).on)
        if soon:
            self._status(TOO_SOON)
        return soon

    def _unsay(self) -> None:
        """A reason that does not hold any more is not left on screen."""
        if self._said:
            self._said = False
            QToolTip.hideText()
            self._status("")

    def _status(self, text: str) -> None:
        QApplication.sendEvent(self, QStatusTipEvent(text))

    def _explain(self) -> None:
        shown = reasons_text(self._reasons) if self._reasons else self._help
        self.setToolTip(tip(shown))
        self.setWhatsThis(tip(shown))
        why = f"Not available. {' '.join(self._reasons)}" if self._reasons else self._help
        self.setAccessibleDescription(why)
