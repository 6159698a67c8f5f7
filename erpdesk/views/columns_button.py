"""The button beside the filter of a list that chooses its columns."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.record_view import RecordView


def columns_button(table: RecordView) -> QPushButton:
    """A button that opens the chooser of columns of a list; the choice is remembered."""
    button = QPushButton()
    button.setAutoDefault(False)
    set_icon(button, "columns", "muted")
    button.setToolTip("Choose the columns of this list")
    button.setAccessibleName("Columns")
    button.clicked.connect(lambda _checked=False: _choose(table, button))
    return button


def _choose(table: RecordView, button: QPushButton) -> None:
    from erpdesk.views.kit.list_chooser import ColumnChooser

    ColumnChooser(table, button).open_below(button)
