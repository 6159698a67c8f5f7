"""How the room of ERP Integrations is shared: kinds, list, and beside it the review or what several can do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from erpdesk.views.kit.card import Card

RAIL = 190
LIST, SHORT_LIST = 526, 350
LONE_LIST = 630
"""Width of the list where a single kind needs no rail."""
LONE_NEEDS = 1300
"""Width of the tool from which that list takes the room of the rail."""
USUAL_POINTS = 10
NEEDS_LIST = 1150
"""Width of the tool below which the list shows fewer columns, so that the review has its room."""
ROOMY, TIGHT = 1300, 1.15
"""Width from which a short list grows with the text, and how far it grows below: the review needs the rest."""


class ConsoleSplit(QSplitter):
    """Shares the room out anew when the window becomes small or large; in between it is the person's to share.

    A single kind has no rail: it would hold one word.
    """

    def __init__(self, nav: QWidget, lists: QWidget, side: QWidget, *, several_kinds: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._several_kinds = several_kinds
        self._shape: tuple[int, int] | None = None
        self.rail = Card(margins=False)
        self.rail.add(nav)
        self.rail.body.addStretch(1)
        self.rail.setFixedWidth(RAIL)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(10)
        for part in (self.rail, lists, side):
            self.addWidget(part)
        self.setStretchFactor(2, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another share."""
        super().resizeEvent(event)
        self._share_room()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.count() == 3:
            self._share_room()

    def _share_room(self) -> None:
        scale = max(1.0, self.font().pointSizeF() / USUAL_POINTS)
        width = self.width()
        shown = self._several_kinds
        short = round(SHORT_LIST * min(scale, scale if width >= ROOMY else TIGHT))
        whole = LONE_LIST if not shown and width >= LONE_NEEDS * scale else LIST
        listed = round(whole * scale) if width >= NEEDS_LIST * scale else short
        rail = round(RAIL * scale) if shown else 0
        if self._shape != (rail, listed):
            self._shape = (rail, listed)
            self.rail.setVisible(shown)
            self.rail.setFixedWidth(max(rail, RAIL))
            self.setSizes([rail, listed, max(1, width - listed - rail)])
