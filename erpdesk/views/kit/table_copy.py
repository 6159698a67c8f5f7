"""Copying rows of a list, by key and from its menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QTableView

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.sliced import Sliced
from erpdesk.views.kit.table_files import table_text


class TableCopy(QObject):
    """Puts rows on the clipboard in slices, so that a hundred thousand of them stop nobody."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._work: Sliced[str] = Sliced(self)

    @property
    def busy(self) -> bool:
        """True while rows are being copied."""
        return self._work.busy

    def start(
        self, columns: Sequence[Column], rows: Sequence[Any], headers: bool, then: Callable[[], object], at_once: bool
    ) -> None:
        """Copies the rows and calls ``then``."""

        def keep(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            then()

        self._work.start(table_text(columns, rows, headers), keep, at_once=at_once)

    def open_menu(self, at: QPoint, copy: Callable[[bool], object]) -> QMenu:
        """Opens the menu of the list at a place in its viewport."""
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy\tCtrl+C").triggered.connect(lambda: copy(False))
        menu.addAction("Copy with titles\tCtrl+Shift+C").triggered.connect(lambda: copy(True))
        menu.addSeparator()
        menu.addAction("Select all\tCtrl+A").triggered.connect(self._table.selectAll)
        menu.popup(self._table.viewport().mapToGlobal(at))
        return menu
