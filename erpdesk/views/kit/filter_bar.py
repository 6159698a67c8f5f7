"""The search field of a list with its chips, one of which is always chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.icons import set_icon

DEBOUNCE_MS = 150


@dataclass(frozen=True, slots=True)
class ChipSpec:
    """A chip: its key, its words and how many rows it would show."""

    key: str
    text: str
    count: int | None = None


class FilterBar(QWidget):
    """Narrows a list by words and by a chip.

    ``text_changed`` comes 150 ms after the last key, at once on Enter, Esc and clear; ``chip_changed`` at once.
    """

    text_changed = Signal(str)
    chip_changed = Signal(str)

    def __init__(
        self,
        chips: Sequence[ChipSpec] = (),
        placeholder: str = "Filter this list",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._told = ""
        self._chips: dict[str, QPushButton] = {}
        self._words: dict[str, str] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.search = _Search(placeholder)
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._across = QHBoxLayout()
        self._across.setSpacing(8)
        self._across.addWidget(self.search, 1)
        around = self._around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(9)
        self._chip_row: FlowLayout | None = None
        if chips:
            row = self._chip_row = FlowLayout(spacing=7)
            for chip in chips:
                row.addWidget(self._make_chip(chip))
            around.addLayout(row)
            self._chips[chips[0].key].setChecked(True)
        around.addLayout(self._across)
        self._find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        self._find.setContext(Qt.ShortcutContext.WindowShortcut)
        self._find.activated.connect(self.focus_search)
        self._find.activatedAmbiguously.connect(self._on_find_among_several)
        self.search.textChanged.connect(self._on_typed)
        self.search.flush.connect(self._tell)
        self._timer.timeout.connect(self._tell)

    def text(self) -> str:
        """The words typed, without blanks around them."""
        return self.search.text().strip()

    def set_text(self, text: str) -> None:
        """Types these words, and tells at once."""
        self.search.setText(text)
        self._tell()

    def chip(self) -> str:
        """The key of the chosen chip; empty when there are none."""
        return next((key for key, button in self._chips.items() if button.isChecked()), "")

    def chip_keys(self) -> tuple[str, ...]:
        """The keys of all chips, from left to right."""
        return tuple(self._chips)

    def first_chip(self) -> str:
        """The key of the chip that shows everything; empty when there are none."""
        return next(iter(self._chips), "")

    def chip_words(self, key: str) -> str:
        """The words of a chip without its count; raises KeyError for an unknown one."""
        return self._words[key]

    def set_chip(self, key: str) -> None:
        """Chooses a chip without a signal; raises KeyError for an unknown one."""
        self._chips[key].setChecked(True)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Shows how many rows each chip would show; a chip that is not named shows no number."""
        for key, button in self._chips.items():
            _write(button, self._words[key], counts.get(key))

    def add_widget(self, widget: QWidget) -> None:
        """Puts a button to the right of the search field."""
        self._across.addWidget(widget)

    @Slot()
    def focus_search(self) -> None:
        """Goes to the search field and marks what it holds (Ctrl+F)."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot()
    def _on_find_among_several(self) -> None:
        """Several lists are in sight: the one with the keyboard is meant, else the first."""
        nearest_bar(self.window()).focus_search()

    def _make_chip(self, chip: ChipSpec) -> QPushButton:
        button = QPushButton()
        button.setProperty("chip", True)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False, key=chip.key: self.chip_changed.emit(key))
        self._group.addButton(button)
        self._chips[chip.key] = button
        self._words[chip.key] = chip.text
        _write(button, chip.text, chip.count)
        return button

    @Slot()
    def _on_typed(self) -> None:
        self._timer.start()

    @Slot()
    def _tell(self) -> None:
        self._timer.stop()
        if self.text() != self._told:
            self._told = self.text()
            self.text_changed.emit(self._told)


def nearest_bar(window: QWidget, bars: Sequence[FilterBar] = ()) -> FilterBar:
    """Of the bars in sight the one beside which the keyboard is, else the first; raises IndexError for none."""
    found = list(bars) or [bar for bar in window.findChildren(FilterBar) if bar.isVisible()]
    focus = QApplication.focusWidget()
    if focus is not None:
        near = [bar for bar in found if bar.isAncestorOf(focus) or _beside(bar, focus)]
        # Bars may stand inside each other's pages: the nearest is the one with the smallest surroundings.
        near.sort(key=_surroundings)
        found = near or found
    return found[0]


def _surroundings(bar: FilterBar) -> int:
    parent = bar.parentWidget() or bar
    return parent.width() * parent.height()


def _beside(bar: FilterBar, focus: QWidget) -> bool:
    parent = bar.parentWidget()
    return parent is not None and parent.isAncestorOf(focus)


def _write(button: QPushButton, words: str, count: int | None) -> None:
    button.setText(words if count is None else f"{words} {count:,}")
    button.setAccessibleName(words if count is None else f"{words}, {count:,}")


class _Search(QLineEdit):
    """The field itself: a magnifier, a clear button, Enter tells at once, Esc empties."""

    flush = Signal()

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setProperty("search", True)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        glass = QAction(self)
        set_icon(glass, "search", "muted")
        self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter tells at once, Esc empties and tells at once."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.flush.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.flush.emit()
        else:
            super().keyPressEvent(event)
