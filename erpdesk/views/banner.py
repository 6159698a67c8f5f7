"""A quiet strip inside a page that says where a record stands and what to do next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.shown import set_look, set_shown
from erpdesk.views.kit.tokens import tokens_for

LOOKS = {
    "info": ("info", "blue", "info"),
    "lock": ("lock", "blue", "info"),
    "success": ("check", "green", "success"),
    "warning": ("warning", "yellow", "warning"),
    "error": ("error", "red", "error"),
}


class Banner(QFrame):
    """An icon and sentences; without words it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "info"
        self._mark = QLabel()
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        across = QHBoxLayout(self)
        across.setContentsMargins(11, 7, 11, 7)
        across.setSpacing(9)
        across.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(self._words, 1)
        self.hide()

    def text(self) -> str:
        """What is said; '' when nothing is."""
        return self._words.text()

    def show_words(self, kind: str, *sentences: str) -> None:
        """Says something: ``info``, ``lock``, ``success``, ``warning`` or ``error``."""
        self._kind = kind
        words = "\n".join(sentence for sentence in sentences if sentence)
        self._words.setText(words)
        self._words.setAccessibleName(words)
        set_look(self, "message", LOOKS[kind][2])
        self._tint()
        set_shown(self, bool(words))

    def clear(self) -> None:
        """Says nothing any more."""
        self.show_words("info", "")

    def changeEvent(self, event: QEvent) -> None:
        """Draws the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        name, tone, _ = LOOKS[self._kind]
        self._mark.setPixmap(pixmap(name, tokens_for(self.palette()).tone(tone)[1], 16, self.devicePixelRatioF()))
