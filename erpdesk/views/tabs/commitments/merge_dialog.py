"""Mine and theirs side by side: a person chooses field by field what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from erpdesk.views.kit.card import Muted, SectionLabel, Title
from erpdesk.views.kit.pills import Pill, PillLabel
from erpdesk.views.tabs.commitments.merging import MINE, THEIRS, Difference

NEITHER_LOST = (
    "Choose for each field what stays. Nothing is saved by this: what you choose is put into the form and is "
    "saved when you press Save."
)
RING = (
    "QRadioButton { padding: 2px; border-radius: 10px; } QRadioButton:focus { background: palette(highlight); }"
    "QRadioButton::indicator { width: 12px; height: 12px; border-radius: 8px;"
    " border: 2px solid palette(placeholder-text); background: palette(base); }"
    "QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid palette(text); }"
)
"""The ring of a choice: Qt's own can hardly be seen in dark colours."""
BOTH = Pill("Both changed it", "yellow", "warning")


class _Words(QLabel):
    """The words of a choice: a click on them chooses it."""

    def __init__(self, words: str, choice: QRadioButton) -> None:
        super().__init__(words)
        self._choice = choice
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Chooses."""
        self._choice.setChecked(True)
        super().mouseReleaseEvent(event)


class MergeDialog(QDialog):
    """Shows each difference with two choices; ``chosen`` carries the choices by key."""

    chosen = Signal(object)

    def __init__(self, title: str, differences: Sequence[Difference], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._groups: dict[str, QButtonGroup] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(10)
        for column, words in enumerate(("Field", "Mine", "Saved since")):
            self._grid.addWidget(SectionLabel(words), 0, column)
        for row, each in enumerate(differences, 1):
            self._add(row, each)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self._grid.setRowStretch(len(differences) + 1, 1)
        inside = QWidget()
        inside.setProperty("page", True)
        inside.setLayout(self._grid)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        note = Muted(NEITHER_LOST)
        note.setWordWrap(True)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(12)
        around.addWidget(Title(title))
        around.addWidget(note)
        around.addWidget(scroll, 1)
        around.addLayout(self._buttons())
        self.resize(820, 460)

    def _add(self, row: int, each: Difference) -> None:
        heading = QVBoxLayout()
        heading.setSpacing(4)
        heading.addWidget(QLabel(each.title))
        if each.both:
            heading.addWidget(PillLabel(BOTH), 0, Qt.AlignmentFlag.AlignLeft)
        heading.addStretch(1)
        self._grid.addLayout(heading, row, 0)
        group = self._groups[each.key] = QButtonGroup(self)
        for column, (which, words) in enumerate(((MINE, each.mine), (THEIRS, each.theirs)), 1):
            choice = QRadioButton()
            choice.setStyleSheet(RING)
            choice.setObjectName(which)
            choice.setAccessibleName(f"{each.title}, {'mine' if which == MINE else 'saved since'}: {words}")
            choice.setChecked(which == each.proposed)
            group.addButton(choice)
            said = _Words(words, choice)
            across = QHBoxLayout()
            across.setSpacing(8)
            across.addWidget(choice, 0, Qt.AlignmentFlag.AlignTop)
            across.addWidget(said, 1, Qt.AlignmentFlag.AlignTop)
            self._grid.addLayout(across, row, column)

    def _buttons(self) -> QHBoxLayout:
        mine, theirs = QPushButton("Keep all &mine"), QPushButton("Take all &theirs")
        self.use = QPushButton("&Use these")
        self.use.setProperty("primary", True)
        self.use.setDefault(True)
        cancel = QPushButton("&Decide later")
        across = QHBoxLayout()
        for button, which in ((mine, MINE), (theirs, THEIRS)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, which=which: self.choose_all(which))
            across.addWidget(button)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self._take)
        across.addStretch(1)
        across.addWidget(cancel)
        across.addWidget(self.use)
        return across

    def choose(self, key: str, which: str) -> None:
        """Chooses one side for a field."""
        for button in self._groups[key].buttons():
            if button.objectName() == which:
                button.setChecked(True)

    def choose_all(self, which: str) -> None:
        """Chooses one side for every field."""
        for key in self._groups:
            self.choose(key, which)

    def choices(self) -> dict[str, str]:
        """What is chosen, by key of the difference."""
        chosen = {key: group.checkedButton() for key, group in self._groups.items()}
        return {key: button.objectName() for key, button in chosen.items() if button is not None}

    def _take(self) -> None:
        choices = self.choices()
        self.accept()
        self.chosen.emit(choices)
