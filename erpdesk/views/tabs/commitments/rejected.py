"""Says on the page of a commitment why Sage did not take it, and leads to the field that Sage means."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_shown
from erpdesk.workflows.doubt_rows import Rejection
from erpdesk.workflows.reject_hints import Hint
from erpdesk.workflows.rows import CommitmentDetail, ErpState

UNKNOWN = "It does not name a field that erpdesk knows."
SHOWN = (ErpState.FAILED, ErpState.REJECTED)


class RejectedStrip(QWidget):
    """Takes no room while nothing was rejected; ``fix_asked`` carries the field and the line."""

    fix_asked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint: Hint | None = None
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fix = ReasonButton("Fix", deliberate=False)
        self.fix.set_icon_name("edit")
        self.fix.set_help("Go to the field that Sage’s reason means")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(10)
        across.addWidget(self.words, 1)
        across.addWidget(self.fix, 0, Qt.AlignmentFlag.AlignTop)
        self.fix.pressed_ok.connect(self._on_fix)
        self.hide()

    def show_rejection(self, rejection: Rejection | None, detail: CommitmentDetail | None) -> None:
        """Shows why Sage did not take the version that was sent last; None takes no room."""
        shown = rejection is not None and detail is not None and detail.row.erp_state in SHOWN
        set_shown(self, shown)
        self._hint = rejection.hint if rejection is not None and shown else None
        if rejection is None or detail is None:
            return
        failed = detail.row.erp_state is ErpState.FAILED
        # A failed item says the reason in its banner; after the rejection that holds accounting's own words.
        self.words.setText("\n".join(part for part in ("" if failed else rejection.reason, _means(self._hint)) if part))
        set_shown(self.fix, self._hint is not None and self._hint.fixable)

    def _on_fix(self) -> None:
        if self._hint is not None:
            self.fix_asked.emit(self._hint.field, self._hint.line)


def _means(hint: Hint | None) -> str:
    if hint is None:
        return UNKNOWN
    if not hint.fixable:
        return f"It is about: {hint.place}. {hint.elsewhere}".rstrip()
    return f"Field to correct: {hint.place}."
