"""One list of the reading page, with what its chosen row means below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from erpdesk.views.kit.card import CodeBlock
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.session import LayoutStore

MOST_LINES = 6
SCROLL_BAR = 16
RAW_LINES = 3


class ReadingPart(QWidget):
    """A list, and a few lines about its current row; ``raw`` gives a text of it to show in fixed pitch and to copy.

    ``chosen`` carries the current row or None, ``told`` a sentence after something was copied.
    """

    chosen = Signal(object)
    told = Signal(str)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        store: LayoutStore,
        noun: tuple[str, str],
        empty: tuple[str, str],
        about: Callable[[Any], str],
        raw: Callable[[Any], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns, self._about, self._raw = columns, about, raw
        self.table = RecordTable(
            name, columns, store=store, noun=noun, empty_title=empty[0], empty_hint=empty[1], totals=False
        )
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setContentsMargins(14, 10, 14, 10)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.words)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.code = CodeBlock(lines=RAW_LINES)
        self.code.setAccessibleName("As it stands in Sage")
        self.copy = QPushButton("&Copy")
        self.copy.setAutoDefault(False)
        self.copy.setToolTip("Copy what stands in Sage")
        set_icon(self.copy, "copy", "muted")
        self.copy.clicked.connect(self._on_copy)
        self._raw_box = QWidget()
        across = QHBoxLayout(self._raw_box)
        across.setContentsMargins(14, 0, 14, 10)
        across.addWidget(self.code, 1)
        across.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        rule = QFrame()
        rule.setProperty("rule", True)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self.table, 1)
        self._below = QWidget()
        self._lower = QVBoxLayout(self._below)
        self._lower.setContentsMargins(0, 0, 0, 0)
        self._lower.setSpacing(0)
        for part in (rule, self._scroll, self._raw_box):
            self._lower.addWidget(part)
        down.addWidget(self._below)
        self.setFocusProxy(self.table)
        self.table.current_changed.connect(lambda _id: self._show())
        self.table.copied.connect(lambda count: self.told.emit(f"{count:,} {noun[count != 1]} copied."))
        self._fit()
        self._show()

    def add_below(self, layout: QLayout) -> None:
        """Puts buttons under the words about the current row."""
        self._lower.addLayout(layout)

    def current(self) -> Any | None:
        """The row with the keyboard, or None."""
        chosen = self.table.current_id()
        return None if chosen is None else self.table.row(chosen)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Shows other rows; the current one stays, or the first is chosen."""
        self.table.set_rows(rows)
        if self.current() is None and rows:
            self.table.set_current_id(rows[0].id)
        self._show()

    def tick(self) -> None:
        """Words such as "2 min ago" are due."""
        self.table.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_below"):
            # The parts below take the new font only after this.
            QTimer.singleShot(0, self, self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The words take the lines they need, up to some; more of them scroll."""
        most = QFontMetrics(self.font()).lineSpacing() * MOST_LINES + 20
        needed = self.words.heightForWidth(max(1, self.width() - SCROLL_BAR))
        self._scroll.setFixedHeight(max(0, min(most, needed)))
        self.code.setMaximumHeight(self.code.minimumHeight())

    def _show(self) -> None:
        row = self.current()
        self._below.setVisible(row is not None)
        if row is not None:
            self.words.setText(self._about(row))
            self._raw_box.setVisible(self._raw is not None)
            if self._raw is not None:
                self.code.set_text(self._raw(row))
            self._fit()
        self.chosen.emit(row)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())
        self.told.emit("Copied as it stands in Sage.")
