"""Says above ERP Integrations that exports have stopped, because something is in Sage twice, and leads there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from erpdesk.views.banner import Banner
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_shown
from erpdesk.workflows.doubt_rows import Alarms

STOPPED = "Exports of this company have stopped."
MOST = 3


class AlarmBanner(QWidget):
    """Takes no room while nothing is wrong; ``show_asked`` carries kind and id of the first item."""

    show_asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alarms = Alarms()
        self.banner = Banner()
        self.button = ReasonButton("Show it", deliberate=False)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        across.addWidget(self.banner, 1)
        across.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.button.pressed_ok.connect(self._show_first)
        self.hide()

    def show_alarms(self, alarms: Alarms) -> None:
        """Shows what stops the exports; nothing takes no room."""
        self._alarms = alarms
        stops = bool(alarms.items) or alarms.hidden > 0
        self.banner.show_words("error", *(said(alarms) if stops else ("",)))
        set_shown(self.button, bool(alarms.items))
        set_shown(self, stops)

    def _show_first(self) -> None:
        if self._alarms.items:
            submission, kind, _ = self._alarms.items[0]
            self.show_asked.emit(kind, submission)


def said(alarms: Alarms) -> tuple[str, str]:
    """What stops the exports, and what to do."""
    names = ", ".join(sage_id for _, _, sage_id in alarms.items[:MOST])
    others = len(alarms.items[MOST:]) + alarms.hidden
    if not names:
        return (
            STOPPED,
            "Sage holds something of another project more than once; an approver of it has to see to that.",
        )
    more = f" and {others} more" if others else ""
    return (
        f"{STOPPED} Sage holds {names}{more} more than once.",
        "An approver has to look at it under In doubt and acknowledge it; until then nothing goes to Sage.",
    )
