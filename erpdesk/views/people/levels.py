"""The rights of a person as grids: a level in each tool, import and export of each kind, single rights."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from erpdesk.models.people import Right, Tool
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.people.ticks import TickBox
from erpdesk.views.people.words import LEVELS

COLUMNS = 2
GAP = 12


class _Grid(QWidget):
    """Fields in a grid that open and close together."""

    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(6)

    def problem(self) -> str | None:
        """None: every choice is fine."""
        return None


class LevelsGrid(_Grid):
    """The level of a person in each tool."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combos: dict[Tool, ChoiceCombo] = {}
        self._pairs: list[tuple[QLabel, ChoiceCombo]] = []
        self._columns = 0
        for tool in Tool:
            label = QLabel(tool.value)
            label.setProperty("role", "muted")
            combo = self.combos[tool] = ChoiceCombo(LEVELS)
            combo.setAccessibleName(tool.value)
            label.setBuddy(combo)
            combo.value_changed.connect(lambda _value: self.value_changed.emit(self.value()))
            self._pairs.append((label, combo))
        self._lay_out(1)

    def minimumSizeHint(self) -> QSize:
        """One column."""
        return QSize(self._width_of(1), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stands in as many columns as fit."""
        super().resizeEvent(event)
        self._lay_out(COLUMNS if self.width() >= self._width_of(COLUMNS) else 1)

    def _width_of(self, columns: int) -> int:
        labels = max(label.sizeHint().width() for label, _ in self._pairs)
        fields = max(combo.minimumSizeHint().width() for _, combo in self._pairs)
        return (labels + fields) * columns + GAP * (2 * columns - 1)

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = -(-len(self._pairs) // columns)
        for place, (label, combo) in enumerate(self._pairs):
            column, row = divmod(place, rows)
            self._grid.addWidget(label, row, 2 * column)
            self._grid.addWidget(combo, row, 2 * column + 1)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(2 * column + 1, 1 if column < columns else 0)

    def value(self) -> dict[Tool, Right]:
        """The level in each tool."""
        return {tool: Right(combo.value()) for tool, combo in self.combos.items()}

    def set_value(self, value: Mapping[Tool, Right]) -> None:
        """Shows other levels, without a signal; a tool that is not named is None."""
        for tool, combo in self.combos.items():
            combo.set_value(value.get(tool, Right.NONE).value)

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the levels."""
        for combo in self.combos.values():
            combo.set_read_only(closed)


class KindsGrid(_Grid):
    """Which kinds of item a person may import and export; a kind with both ticks is not narrowed."""

    def __init__(self, kinds: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given: frozenset[str] = frozenset()
        self.ticks: dict[str, tuple[TickBox, TickBox]] = {}
        for column, words in enumerate(("Kind", "May import", "May export")):
            head = QLabel(words)
            head.setProperty("role", "section")
            self._grid.addWidget(head, 0, column)
        for row, (kind, many) in enumerate(kinds.items(), 1):
            words = many[:1].upper() + many[1:]
            label = QLabel(words)
            boxes = self.ticks[kind] = (TickBox(""), TickBox(""))
            self._grid.addWidget(label, row, 0)
            for column, (box, verb) in enumerate(zip(boxes, ("import", "export"), strict=True), 1):
                box.setAccessibleName(f"{words}: may {verb}")
                box.value_changed.connect(lambda _on: self.value_changed.emit(self.value()))
                self._grid.addWidget(box, row, column, Qt.AlignmentFlag.AlignLeft)
        self._grid.setColumnStretch(2, 1)

    def value(self) -> dict[str, tuple[bool, bool]]:
        """May import and may export by kind; kinds that were never narrowed are left out."""
        ticked = {kind: (first.value(), second.value()) for kind, (first, second) in self.ticks.items()}
        return {kind: both for kind, both in ticked.items() if both != (True, True) or kind in self._given}

    def set_value(self, value: Mapping[str, tuple[bool, bool]]) -> None:
        """Shows other ticks, without a signal; a kind that is not named is not narrowed."""
        self._given = frozenset(value)
        for kind, boxes in self.ticks.items():
            for box, on in zip(boxes, value.get(kind, (True, True)), strict=True):
                box.set_value(on)

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the ticks."""
        for boxes in self.ticks.values():
            for box in boxes:
                box.set_read_only(closed)


class SinglesGrid(_Grid):
    """Single rights, each with the tool that it belongs to."""

    def __init__(self, singles: Mapping[str, Tool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ticks: dict[str, TickBox] = {}
        for row, (name, tool) in enumerate(singles.items()):
            box = self.ticks[name] = TickBox(name)
            box.value_changed.connect(lambda _on: self.value_changed.emit(self.value()))
            of = QLabel(tool.value)
            of.setProperty("role", "muted")
            self._grid.addWidget(box, row, 0)
            self._grid.addWidget(of, row, 1)
        self._grid.setColumnStretch(1, 1)

    def value(self) -> frozenset[str]:
        """The single rights that are ticked."""
        return frozenset(name for name, box in self.ticks.items() if box.value())

    def set_value(self, value: Collection[str]) -> None:
        """Ticks these and no others, without a signal."""
        for name, box in self.ticks.items():
            box.set_value(name in value)

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the ticks."""
        for box in self.ticks.values():
            box.set_read_only(closed)
