"""The row of tabs under the top bar, with a count where something waits for the acting person."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QWidget

from erpdesk.views.kit.pills import Badge

GAP = 16
NARROWEST = 240


class TabStrip(QWidget):
    """One tab for each tool; ``chosen`` carries its key."""

    chosen = Signal(str)

    def __init__(self, tabs: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._keys = [key for key, _ in tabs]
        self._titles = dict(tabs)
        self._badges: dict[str, Badge] = {}
        self.bar = QTabBar(self)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setUsesScrollButtons(False)
        # A click leaves the keyboard to the tool that appears.
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setAccessibleName("Tools")
        for place, (key, title) in enumerate(tabs):
            self.bar.addTab(title)
            self.bar.setTabToolTip(place, f"{title} (Ctrl+{place + 1})")
            self.bar.setTabData(place, key)
        across = QHBoxLayout(self)
        across.setContentsMargins(10, 0, 10, 0)
        across.addWidget(self.bar, 1)
        self.bar.currentChanged.connect(lambda place: self.chosen.emit(self._keys[place]))

    def free_room(self, right: int) -> QRect:
        """The room beside the tabs, in coordinates of the parent, that ends ``right`` pixels before the right edge."""
        last = self.bar.tabRect(self.bar.count() - 1)
        left = self.bar.mapTo(self, last.topRight()).x() + GAP
        return QRect(left, 0, max(NARROWEST, self.width() - left - right), self.height()).translated(self.pos())

    def current(self) -> str:
        """The key of the chosen tab."""
        return self._keys[self.bar.currentIndex()]

    def choose(self, key: str) -> None:
        """Chooses a tab."""
        self.bar.setCurrentIndex(self._keys.index(key))

    def count(self, key: str) -> int:
        """How many records wait behind a tab, as shown."""
        return self._badges[key].count() if key in self._badges else 0

    def set_count(self, key: str, count: int, tip: str = "") -> None:
        """Shows how many records wait behind a tab; none at zero."""
        place = self._keys.index(key)
        badge = self._badges.get(key)
        if badge is None and count:
            badge = self._badges[key] = Badge(count)
            self.bar.setTabButton(place, QTabBar.ButtonPosition.RightSide, badge)
        if badge is not None and not count:
            # A hidden badge would still keep its room in the tab.
            self.bar.setTabButton(place, QTabBar.ButtonPosition.RightSide, None)
            self._badges.pop(key).deleteLater()
            badge = None
        if badge is not None:
            badge.set_count(count)
            badge.setToolTip(tip)
            badge.adjustSize()
        title = self._titles[key]
        self.bar.setTabToolTip(place, f"{title} (Ctrl+{place + 1})" + (f": {tip}" if count and tip else ""))
        self.bar.setAccessibleTabName(place, f"{title}, {count} waiting" if count else title)
        # A tab measures its badge anew only when its text is set.
        self.bar.setTabText(place, title)
