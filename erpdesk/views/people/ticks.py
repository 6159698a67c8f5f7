"""Ticks as fields of a form: one, or a list of many with a filter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from erpdesk.views.kit.shown import set_look
from erpdesk.views.kit.tokens import tokens_for

PASSING = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class TickBox(QCheckBox):
    """One tick; closed it can still be read and reached by Tab."""

    value_changed = Signal(object)
    _closed = False

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.clicked.connect(lambda on: self.value_changed.emit(bool(on)))

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Ticks it or not, without a signal."""
        self.setChecked(value)

    def problem(self) -> str | None:
        """None: either is fine."""
        return None

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field."""
        self._closed = closed
        set_look(self, "readOnly", closed)

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """Gives the box the edge and the ground of a field, on a dark ground too."""
        super().initStyleOption(option)
        # The stubs do not know the members of style options.
        look: Any = option
        tokens = tokens_for(QGuiApplication.palette())
        palette = QPalette(look.palette)
        # The style darkens the ground of the window for the edge.
        palette.setColor(QPalette.ColorRole.Window, QColor(tokens.strong_border).lighter(140))
        palette.setColor(QPalette.ColorRole.Base, QColor(tokens.surface if self._closed else tokens.field))
        look.palette = palette

    def paintEvent(self, event: QPaintEvent) -> None:
        """A box without words shows the keyboard too."""
        super().paintEvent(event)
        if self.hasFocus() and not self.text():
            painter = QPainter(self)
            painter.setPen(QColor(tokens_for(QGuiApplication.palette()).accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A closed one only takes the focus."""
        if self._closed:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, unless it is closed."""
        if self._closed and event.key() not in PASSING:
            event.accept()
        else:
            super().keyPressEvent(event)


class TickList(QWidget):
    """Many things, some of them ticked; the field above narrows what is shown. Values are the ids that are ticked."""

    value_changed = Signal(object)

    def __init__(self, noun: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._quiet = False
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(placeholder)
        self.filter.setProperty("search", True)
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(placeholder)
        self.list = QListWidget()
        self.list.setAccessibleName(noun)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(2)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(6)
        down.addWidget(self.filter)
        down.addWidget(self.list, 1)
        self.setFocusProxy(self.filter)
        self.filter.textChanged.connect(self._narrow)
        self.filter.installEventFilter(self)
        self.list.itemChanged.connect(self._on_item)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """What can be ticked: pairs of id and words. Ticks of ids that stay are kept."""
        ticked = self.value()
        self._quiet = True
        self.list.clear()
        for id_, words in choices:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, id_)
            item.setToolTip(words)
            item.setCheckState(Qt.CheckState.Checked if id_ in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self._quiet = False
        self._open_items()
        self._narrow(self.filter.text())

    def choices(self) -> frozenset[str]:
        """The ids that can be ticked."""
        return frozenset(str(item.data(Qt.ItemDataRole.UserRole)) for item in self._items())

    def value(self) -> frozenset[str]:
        """The ids that are ticked, shown or not."""
        return frozenset(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in self._items()
            if item.checkState() is Qt.CheckState.Checked
        )

    def set_value(self, value: Collection[str]) -> None:
        """Ticks these and no others, without a signal."""
        self._quiet = True
        for item in self._items():
            ticked = item.data(Qt.ItemDataRole.UserRole) in value
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self._quiet = False

    def problem(self) -> str | None:
        """None: any number is fine."""
        return None

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the ticks; the list can be read and filtered either way."""
        self._closed = closed
        self._open_items()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from the filter into the list; Esc clears it."""
        if watched is self.filter and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                if self.list.currentRow() < 0:
                    self.list.setCurrentRow(0)
                return True
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
        return super().eventFilter(watched, event)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(place) for place in range(self.list.count())]

    def _open_items(self) -> None:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        self._quiet = True
        for item in self._items():
            item.setFlags(usual if self._closed else usual | Qt.ItemFlag.ItemIsUserCheckable)
        self._quiet = False

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            item.setHidden(not all(word in item.text().casefold() for word in words))

    def _on_item(self, _item: QListWidgetItem) -> None:
        if not self._quiet:
            self.value_changed.emit(self.value())
