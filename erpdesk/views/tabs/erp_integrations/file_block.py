"""Lines of the import file, whole: what does not fit goes on below, set in, so that no amount is out of sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QSizePolicy, QTextEdit, QWidget

from erpdesk.views.kit.theme import mono_font

MOST_LINES = 14
EDGE = 14
SMALLER = 1.5
HANG = 4
"""Characters by which the rest of a line is set in."""


class FileBlock(QTextEdit):
    """Read and copied, never edited; as high as its lines, up to fourteen of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setProperty("code", True)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._dress()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Shows other lines."""
        self.setPlainText("\n".join(lines))
        self._hang()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Narrow is no harm: lines wrap."""
        return QSize(120, self.minimumHeight())

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies lines as they are in the file, without what the screen adds."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Takes the height that another width needs."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._dress()

    def _dress(self) -> None:
        font = mono_font(self.font().pointSizeF() - SMALLER)
        self.setStyleSheet(
            f'QTextEdit {{ font-family: "{font.family()}"; font-size: {font.pointSizeF():g}pt; padding: 2px; }}'
        )
        self.ensurePolished()
        self._hang()
        self._fit()

    def _hang(self) -> None:
        step = QFontMetrics(self.font()).horizontalAdvance("0") * HANG
        shape = QTextBlockFormat()
        shape.setLeftMargin(step)
        shape.setTextIndent(-step)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(shape)

    def _fit(self) -> None:
        line = QFontMetrics(self.font()).lineSpacing()
        wanted = round(self.document().size().height())
        height = min(max(wanted, line), line * MOST_LINES) + EDGE
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)
