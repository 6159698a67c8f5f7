"""The menu on the title of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from erpdesk.views.kit.columns import Column

if TYPE_CHECKING:
    from erpdesk.views.kit.record_view import RecordView


def header_menu(table: RecordView, column: Column | None) -> QMenu:
    """What can be done with a column, and with all of them."""
    menu = QMenu(table)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if column is not None:
        key = column.key
        menu.addAction("Sort ascending").triggered.connect(lambda: table.sort_by(key))
        menu.addAction("Sort descending").triggered.connect(lambda: table.sort_by(key, descending=True))
        if table.sorts() and key not in dict(table.sorts()):
            menu.addAction("Then by this column\tShift+click").triggered.connect(lambda: table.add_sort(key))
        menu.addSeparator()
        lock = menu.addAction("Keep in sight (lock)")
        lock.setCheckable(True)
        lock.setChecked(key in table.locked())
        lock.triggered.connect(lambda checked: table.set_locked(key, checked))
        menu.addAction("Hide this column").triggered.connect(lambda: table.show_column(key, False))
    menu.addAction("Choose columns…").triggered.connect(lambda: _choose(table))
    menu.addAction("Restore columns").triggered.connect(table.reset_layout)
    return menu


def _choose(table: RecordView) -> None:
    from erpdesk.views.kit.list_chooser import ColumnChooser

    ColumnChooser(table, table).open_below(table.horizontalHeader())
