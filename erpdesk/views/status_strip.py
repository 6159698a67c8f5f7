"""The bottom of the window: how fresh Sage's data is, what is on its way, what is selected."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from erpdesk.views.kit.shown import set_shown
from erpdesk.views.kit.status_light import StatusLight
from erpdesk.workflows.rows import QueueCounts

NOTE_MS = 5000


class PassingWords(QLabel):
    """One line that takes the room others leave; what does not fit ends in dots and stands in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """No width of its own: the light beside it keeps its room."""
        return QSize(0, super().minimumSizeHint().height())

    def seen(self) -> str:
        """What is painted: the words on one line, cut with dots where the room ends."""
        words = " ".join(self.text().split())
        return self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, self.width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints as much as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.seen())
        painter.end()


class StatusStrip(QWidget):
    """Light with Pause and Sync now, what is exporting or in doubt, help for what the pointer is on, the selection."""

    doubt_asked = Signal()
    exporting_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet("QWidget#statusStrip { background: palette(button); border-top: 1px solid palette(mid); }")
        self.light = StatusLight()
        self.exporting = QPushButton()
        self.doubt = QPushButton()
        for button in (self.exporting, self.doubt):
            button.setProperty("flat", True)
            button.setAutoDefault(False)
            button.hide()
        self.help = PassingWords()
        self.help.setProperty("role", "small")
        self.selection = QLabel()
        self.selection.setAccessibleName("Selection")
        across = QHBoxLayout(self)
        across.setContentsMargins(10, 2, 12, 2)
        across.setSpacing(10)
        across.addWidget(self.light)
        across.addWidget(self.exporting)
        across.addWidget(self.doubt)
        across.addWidget(self.help, 1)
        across.addWidget(self.selection)
        self._note = QTimer(self, singleShot=True, interval=NOTE_MS)
        self._note.timeout.connect(lambda: self.set_help(""))
        self.exporting.clicked.connect(self.exporting_asked)
        self.doubt.clicked.connect(self.doubt_asked)

    def set_exporting(self, count: int) -> None:
        """How many accepted items are on their way into Sage."""
        set_shown(self.exporting, True)
        self.exporting.setText(f"Exporting {count}")
        self.exporting.setToolTip("Accepted items on their way into Sage; click to see them")

    def set_counts(self, counts: QueueCounts) -> None:
        """Exporting and in doubt, as the lists hold them."""
        self.set_exporting(counts.exporting)
        set_shown(self.doubt, counts.in_doubt > 0)
        self.doubt.setText(f"{counts.in_doubt} in doubt")
        self.doubt.setToolTip("It is not certain whether Sage has them; click to see them")

    def set_selection(self, words: str) -> None:
        """What is selected in the list on screen."""
        self.selection.setText(words)

    def note(self, words: str) -> None:
        """Says in passing that something is done: ``Saved.``"""
        self.set_help(words)

    def set_help(self, words: str) -> None:
        """Help or a reason for what the pointer is on."""
        # A reason that is over must not stand there when nobody points at it any more.
        self._note.start()
        self.help.setText(words)
        self.help.setToolTip(words)
