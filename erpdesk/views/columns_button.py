"""The button beside the filter of a list that chooses its columns."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.record_view import RecordView


def columns_button(table: RecordView) -> QPushButton:
    """A button whose menu shows and hides the columns of a list; the choice is remembered."""
    button = QPushButton()
    button.setAutoDefault(False)
    set_icon(button, "columns", "muted")
    button.setToolTip("Choose the columns of this list")
    button.setAccessibleName("Columns")
    button.setMenu(table.columns_menu())
    button.setStyleSheet("QPushButton { padding-right: 22px; }")
    return button
