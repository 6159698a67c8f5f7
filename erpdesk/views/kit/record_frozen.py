"""The locked columns of a list, which stay at its left while the others are scrolled sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from erpdesk.views.kit.tokens import tokens_for

if TYPE_CHECKING:
    from erpdesk.views.kit.record_view import RecordView

WIDEST = 0.7
"""Of the list: there must be room to scroll the other columns."""


class FrozenColumns:
    """Two parts over the list, titles and rows, which are there only while locked columns are scrolled away."""

    def __init__(self, table: RecordView) -> None:
        self._table = table
        self._titles, self._rows = _Titles(table, self), _Rows(table, self)
        self._titles.hide()
        self._rows.hide()
        model = table.model()
        for signal in (model.modelReset, model.dataChanged, model.headerDataChanged, model.rowsInserted):
            signal.connect(self.update)
        table.selectionModel().selectionChanged.connect(self.update)
        table.verticalScrollBar().valueChanged.connect(self.update)
        table.horizontalScrollBar().valueChanged.connect(self.place)

    @property
    def shown(self) -> bool:
        """Whether locked columns stand over scrolled ones now."""
        return not self._rows.isHidden()

    def lefts(self) -> list[tuple[int, int, int]]:
        """Place, left edge and width of each locked column on screen, from left to right, as far as there is room."""
        found, left, most = [], 0, self._table.viewport().width() * WIDEST
        for key in self._table.locked():
            place = self._table.place_of(key)
            width = self._table.columnWidth(place)
            if self._table.isColumnHidden(place):
                continue
            if left + width > most:
                break
            found.append((place, left, width))
            left += width
        return found

    def place_at(self, x: int) -> int:
        """The place of the locked column at an x of the list; -1 where none stands over it."""
        if not self.shown:
            return -1
        return next((place for place, left, width in self.lefts() if left <= x < left + width), -1)

    def left_of(self, place: int) -> int:
        """The left edge of a column as it is seen."""
        if self.shown:
            for locked, left, _width in self.lefts():
                if locked == place:
                    return left
        return self._table.columnViewportPosition(place)

    def place(self) -> None:
        """Puts the parts where they belong."""
        table, lefts = self._table, self.lefts()
        wanted = bool(lefts) and table.horizontalScrollBar().value() > 0
        if wanted:
            width = lefts[-1][1] + lefts[-1][2]
            port, header = table.viewport().geometry(), table.horizontalHeader().geometry()
            self._titles.setGeometry(header.left(), header.top(), width, header.height())
            rows = min(port.height(), table.verticalHeader().length() - table.verticalScrollBar().value())
            self._rows.setGeometry(port.left(), port.top(), width, max(0, rows))
            self._titles.raise_()
            self._rows.raise_()
        self._titles.setVisible(wanted)
        self._rows.setVisible(wanted)
        self.update()

    def update(self, *_: object) -> None:
        """Paints again."""
        if self.shown:
            self._titles.update()
            self._rows.update()


class _Titles(QWidget):
    """The titles of locked columns: a click sorts, as on any title."""

    def __init__(self, table: RecordView, frozen: FrozenColumns) -> None:
        super().__init__(table)
        self._table, self._frozen = table, frozen
        self._pressed = -1
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints as the header does."""
        painter, header = QPainter(self), self._table.horizontalHeader()
        painter.fillRect(self.rect(), QColor(tokens_for(self.palette()).header))
        painter.setFont(header.font())
        for place, left, width in self._frozen.lefts():
            painter.save()
            header.paintSection(painter, QRect(left, 0, width, self.height()), place)
            painter.restore()
        _edge(painter, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Notes which title is pressed."""
        self._pressed = self._frozen.place_at(event.position().toPoint().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Sorts by the column whose title was clicked."""
        place = self._frozen.place_at(event.position().toPoint().x())
        if place >= 0 and place == self._pressed and event.button() == Qt.MouseButton.LeftButton:
            self._table.horizontalHeader().sectionClicked.emit(place)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the column, as on any title."""
        place = self._frozen.place_at(event.pos().x())
        if place >= 0:
            self._table.open_header_menu(place, event.globalPos())


class _Rows(QWidget):
    """The cells of locked columns; the mouse goes through to the list."""

    def __init__(self, table: RecordView, frozen: FrozenColumns) -> None:
        super().__init__(table)
        self._table, self._frozen = table, frozen
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the rows in sight as the list does."""
        table, painter = self._table, QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens_for(self.palette()).card))
        option = QStyleOptionViewItem()
        table.initViewItemOption(option)
        look: Any = option
        usual = look.state
        height = max(1, table.verticalHeader().defaultSectionSize())
        offset = table.verticalScrollBar().value()
        chosen = table.selectionModel()
        for row in range(offset // height, min((offset + self.height()) // height + 1, table.model().rowCount())):
            for place, left, width in self._frozen.lefts():
                index = table.model().index(row, place)
                look.rect = QRect(left, row * height - offset, width, height)
                look.state = usual | QStyle.StateFlag.State_Selected if chosen.isSelected(index) else usual
                table.itemDelegate().paint(painter, option, index)
        _edge(painter, self)


def _edge(painter: QPainter, part: QWidget) -> None:
    """A line at the right says that the rest slides below."""
    painter.setPen(QColor(tokens_for(part.palette()).strong_border))
    painter.drawLine(part.width() - 1, 0, part.width() - 1, part.height())
    painter.end()
