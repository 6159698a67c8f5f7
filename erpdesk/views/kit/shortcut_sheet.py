"""The sheet of all keys, built from the declared actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from erpdesk.views.kit.actions import ActionSpec
from erpdesk.views.kit.card import SectionLabel, Title


class ShortcutSheet(QDialog):
    """All keys of the program in groups, to look up and to close with Esc."""

    def __init__(self, specs: Sequence[ActionSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        groups: dict[str, list[ActionSpec]] = defaultdict(list)
        for spec in specs:
            if spec.key_words:
                groups[spec.group].append(spec)
        self._lines = {_words(spec): spec.key_words for group in groups.values() for spec in group}
        page = QWidget()
        page.setProperty("page", True)
        grid = QGridLayout(page)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        row = 0
        for name, members in groups.items():
            heading = SectionLabel(name)
            heading.setContentsMargins(0, 8 if row else 0, 0, 2)
            grid.addWidget(heading, row, 0, 1, 2)
            for spec in members:
                row += 1
                key = QLabel(self._lines[_words(spec)])
                key.setProperty("role", "value")
                grid.addWidget(key, row, 0)
                grid.addWidget(QLabel(_words(spec)), row, 1)
            row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName("All keyboard shortcuts")
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        around = QVBoxLayout(self)
        around.setContentsMargins(18, 16, 18, 14)
        around.addWidget(Title("Keyboard shortcuts"))
        around.addWidget(area, 1)
        around.addLayout(buttons)
        self.resize(460, 520)

    def lines(self) -> dict[str, str]:
        """The key of each act, as shown."""
        return dict(self._lines)


def _words(spec: ActionSpec) -> str:
    return f"{spec.plain}, {spec.where}" if spec.where else spec.plain
