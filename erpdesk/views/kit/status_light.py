"""The light in the status bar: how fresh Sage's data is and what the worker is doing, in colour, icon and words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.views.kit.icons import pixmap, set_icon
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.kit.tokens import tokens_for

REFRESH_MS = 5000
ICON = 14
NARROWEST = 160
# Tone and icon of each kind of light: nobody has to tell colours apart.
LOOKS = {
    "starting": ("grey", "clock"),
    "synced": ("green", "dot"),
    "syncing": ("blue", "refresh"),
    "waiting": ("yellow", "clock"),
    "paused": ("grey", "pause"),
    "issues": ("yellow", "warning"),
    "off": ("grey", "close"),
}
QUIET = ("starting", "off")


def utc_now() -> datetime:
    """The time now, by the clock of the program."""
    return CLOCK.now()


@dataclass(frozen=True, slots=True)
class LightState:
    """What the light shows: starting, synced, syncing, waiting, paused, issues or off.

    ``at`` is when Sage was read last, while waiting when it is tried again; ``total`` the rows read, while syncing how
    many of ``what`` there are and ``done`` how many are read; ``issues`` what could not be used; ``detail`` a sentence.
    """

    kind: str
    at: datetime | None = None
    done: int = 0
    total: int = 0
    what: str = ""
    issues: int = 0
    detail: str = ""

    def __post_init__(self) -> None:
        if self.kind not in LOOKS:
            raise ValueError(f"light {self.kind!r} is none of {tuple(LOOKS)}")


def describe(state: LightState, now: datetime) -> str:
    """The words beside the light: ``Sage read 2 min ago · 1,204,551 rows``."""
    match state.kind:
        case "starting":
            return "Starting"
        case "syncing":
            amount = f"{state.done:,} of {state.total:,}" if state.total else f"{state.done:,}" if state.done else ""
            return "Reading Sage" + "".join(f" · {part}" for part in (state.what, amount) if part)
        case "waiting":
            return "Sage cannot be reached" + (f" · trying again {_ahead(state.at, now)}" if state.at else "")
        case "paused":
            return "Paused · nothing is read or sent" + (f" · last read {ago(state.at, now)}" if state.at else "")
        case "off":
            return "Not connected to Sage"
    read = f"Sage read {ago(state.at, now)}" if state.at else "Sage not read yet"
    if state.kind == "issues":
        return f"{read} · {state.issues:,} {'problem' if state.issues == 1 else 'problems'}"
    return f"{read} · {state.total:,} {'row' if state.total == 1 else 'rows'}" if state.at else read


def _ahead(then: datetime, now: datetime) -> str:
    seconds = round((then - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < 60 else f"in {round(seconds / 60)} min"


class _Words(QLabel):
    """One line that is cut with dots, so that long words do not push the rest of the status bar out of the window."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """Enough for the first words."""
        full = super().sizeHint()
        return QSize(min(full.width(), NARROWEST), full.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints as much as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        room = QRect(0, 0, self.width(), self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()


class StatusLight(QWidget):
    """Light, words, Pause and Sync now; it asks and never acts.

    The words of "issues" are a button. ``clock`` answers the time now; "ago" is kept true while nothing else happens.
    """

    pause_asked = Signal(bool)
    sync_asked = Signal()
    issues_asked = Signal()

    def __init__(self, clock: Callable[[], datetime] = utc_now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._state = LightState("starting")
        self._text = ""
        self._mark = QLabel()
        self.words = _Words()
        self.issues = QPushButton()
        self.issues.setProperty("flat", True)
        self.issues.setAutoDefault(False)
        self.issues.setToolTip("Show what could not be used")
        self.pause, self.sync = QToolButton(), QToolButton()
        for button in (self.pause, self.sync):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(6)
        across.addWidget(self._mark)
        across.addWidget(self.words, 1)
        for button_ in (self.issues, self.pause, self.sync):
            across.addWidget(button_)
        self.issues.clicked.connect(self.issues_asked)
        self.sync.clicked.connect(self.sync_asked)
        self.pause.clicked.connect(self._on_pause)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.set_state(self._state)

    def state(self) -> LightState:
        """What is shown now."""
        return self._state

    def text(self) -> str:
        """The whole words, also when there is too little room for them."""
        return self._text

    def set_state(self, state: LightState) -> None:
        """Shows something else."""
        self._state = state
        quiet, paused = state.kind in QUIET, state.kind == "paused"
        set_shown(self.pause, not quiet)
        set_shown(self.sync, not quiet)
        set_shown(self.issues, state.kind == "issues")
        set_shown(self.words, state.kind != "issues")
        self.pause.setText("Resume" if paused else "Pause")
        self.pause.setToolTip("Go on reading and sending" if paused else "Stop reading and sending until you resume")
        self.sync.setText("Try now" if state.kind == "waiting" else "Sync now")
        busy = state.kind == "syncing"
        self.sync.setEnabled(not busy)
        self.sync.setToolTip("Sage is being read just now" if busy else "Read Sage now")
        set_icon(self.pause, "play" if paused else "pause", "muted")
        set_icon(self.sync, "refresh", "muted")
        self._tint()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Brings "ago" up to date."""
        text = describe(self._state, self._clock())
        if text != self._text:
            self._text = text
            self.words.setText(text)
            self.words.setAccessibleName(f"Sage: {text}")
            self.issues.setText(text)
        self.setToolTip("\n".join(dict.fromkeys(part for part in (text, self._state.detail) if part)))

    def changeEvent(self, event: QEvent) -> None:
        """Follows the colours of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        tone, name = LOOKS[self._state.kind]
        tokens = tokens_for(self.palette())
        ink = tokens.muted if tone == "grey" else tokens.ink(tone)
        self._mark.setPixmap(pixmap(name, ink, ICON, self.devicePixelRatioF()))

    @Slot()
    def _on_pause(self) -> None:
        self.pause_asked.emit(self._state.kind != "paused")
