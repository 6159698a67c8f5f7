"""The filter of one column: its words to tick, or a range of amounts or dates."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
)

from erpdesk.core.lists import ListWords
from erpdesk.views.kit.amount_fields import MoneyEdit, QuantityEdit
from erpdesk.views.kit.card import Muted, SectionLabel
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.date_field import DateEdit
from erpdesk.views.kit.list_conditions import EMPTY_WORDS, SPANS, Condition, by_range
from erpdesk.views.kit.list_popup import Popup, edge_boxes
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.windowed_table import WindowedTable

if TYPE_CHECKING:
    from erpdesk.views.kit.list_bar import ListBar

SEARCHED_FROM = 9
MOST_WORDS = 400
WAIT_MS = 150
WORD = Qt.ItemDataRole.UserRole


class FilterEditor(Popup):
    """Sets, changes or takes away the condition on one column; Enter is Apply."""

    def __init__(self, bar: ListBar, column: Column) -> None:
        super().__init__(bar)
        self._bar, self._column = bar, column
        self._held = next((each for each in bar.conditions() if each.key == column.key), None)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.down.addWidget(SectionLabel(column.title))
        self._words: _Words | None = None
        self.low: MoneyEdit | QuantityEdit | DateEdit | None = None
        self.high: MoneyEdit | QuantityEdit | DateEdit | None = None
        spans = ((key, text.capitalize()) for key, text in SPANS.items())
        self.span = ChoiceCombo([("", "Between these dates"), *spans])
        self.span.setAccessibleName("Days")
        if by_range(column):
            self._build_range()
        else:
            self._words = _Words(bar, column, self._held.words if self._held else ())
            self.down.addWidget(self._words.search)
            self.down.addWidget(self._words)
            self.down.addWidget(self._words.note)
        self.down.addWidget(self.problem)
        self.apply = QPushButton("&Apply")
        self.apply.setProperty("primary", True)
        self.clear = QPushButton("C&lear")
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.addStretch(1)
        across.addWidget(self.clear)
        across.addWidget(self.apply)
        self.down.addLayout(across)
        self.setMinimumWidth(280)
        self.apply.clicked.connect(self.on_apply)
        self.clear.clicked.connect(self.on_clear)

    @property
    def words(self) -> _Words:
        """The words to tick, of a column that is narrowed by them."""
        assert self._words is not None
        return self._words

    @Slot()
    def on_apply(self) -> None:
        """Sets the condition and closes, or says what is wrong with it."""
        if self._words is not None:
            words = self._words.ticked()
            self._bar.put_condition(Condition(self._column.key, words) if words else None, self._column.key)
            self.close()
            return
        assert self.low is not None and self.high is not None
        problem = self.low.problem() or self.high.problem()
        low, high, span = self.low.value(), self.high.value(), self.span.value()
        if not problem and not span and low is not None and high is not None and _after(low, high):
            problem = "The second value must not be below the first."
        if problem:
            self.problem.setText(problem)
            self.problem.show()
            self.adjustSize()
            return
        if span:
            condition: Condition | None = Condition(self._column.key, span=span)
        else:
            some = low is not None or high is not None
            condition = Condition(self._column.key, low=low, high=high) if some else None
        self._bar.put_condition(condition, self._column.key)
        self.close()

    @Slot()
    def on_clear(self) -> None:
        """Takes the condition away and closes."""
        self._bar.put_condition(None, self._column.key)
        self.close()

    def _build_range(self) -> None:
        kind, held = self._column.kind, self._held
        self.low, self.high = _field(kind), _field(kind)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        for line, (name, field) in enumerate((("&From", self.low), ("&To", self.high))):
            label = QLabel(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(field)
            field.setAccessibleName(name.replace("&", ""))
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
            field.returnPressed.connect(self.on_apply)
        if kind == "date":
            self.down.addWidget(self.span)
            self.span.currentIndexChanged.connect(self._on_span)
        self.down.addLayout(grid)
        self.down.addWidget(Muted("Both ends count. Leave one empty for no limit."))
        if held is not None:
            _put(self.low, held.low)
            _put(self.high, held.high)
            self.span.set_value(held.span)
        self._on_span()
        self.setFocusProxy(self.low)

    @Slot()
    def _on_span(self) -> None:
        for field in (self.low, self.high):
            if field is not None:
                field.set_read_only(bool(self.span.value()))


class _Words(QListWidget):
    """Every word of the column with how often it occurs."""

    def __init__(self, bar: ListBar, column: Column, held: tuple[str, ...]) -> None:
        super().__init__()
        self.setAccessibleName(f"Values of {column.title}")
        self.setFrameShape(QFrame.Shape.NoFrame)
        edge_boxes(self)
        self._table, self._key = bar.table, column.key
        self._all: list[tuple[str, int]] = []
        self._left = 0
        self._asked = ""
        """What was looked for when the words of a long list were read last."""
        self._ticked = set(held)
        # An order of its own: what was ticked before must not go when its rows are gone.
        self._order = list(held)
        self.search = QLineEdit()
        self.search.setProperty("search", True)
        self.search.setPlaceholderText("Find a value")
        self.search.setAccessibleName("Find a value")
        self.search.setClearButtonEnabled(True)
        self.note = Muted("")
        self._soon = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._soon.timeout.connect(self._read)
        self.search.textChanged.connect(self._on_search)
        self.itemChanged.connect(self._on_ticked)
        if isinstance(self._table, RecordTable):
            counts = Counter(column.shown(row) for row in self._table.all_rows())
            # A word that was cut off here is still found: the field above the list looks at all of them.
            self._take(sorted(counts.items(), key=lambda pair: (not pair[0], pair[0].casefold())), 0)
            self.search.setVisible(len(self._all) >= SEARCHED_FROM)
        else:
            self._take([], 0)
            self.note.setText("Reading the values…")
            self.note.show()
            self._read()
        high = max(self.fontMetrics().height() + 6, self.sizeHintForRow(0))
        lines = self.count() if isinstance(self._table, RecordTable) else 10
        self.setFixedHeight(high * max(2, min(10, lines)) + 6)

    def ticked(self) -> tuple[str, ...]:
        """The words that are ticked, in their order."""
        known = [word for word, _count in self._all]
        return tuple(
            word for word in [*known, *(each for each in self._order if each not in known)] if word in self._ticked
        )

    def tick(self, word: str) -> None:
        """Ticks a word."""
        self._ticked.add(word)
        self._order.append(word)
        self._fill()

    @Slot()
    def _on_search(self) -> None:
        if isinstance(self._table, RecordTable):
            self._fill()
        else:
            self._soon.start()

    @Slot()
    def _read(self) -> None:
        """Asks for the words of a long list in which the text of the field occurs."""
        if isinstance(self._table, WindowedTable):
            asked = self._asked = self.search.text().strip()
            self._table.read_words(self._key, asked, MOST_WORDS, lambda words: self._on_words(asked, words))

    def _on_words(self, asked: str, words: ListWords) -> None:
        if shiboken6.isValid(self) and asked == self._asked:
            self._take(list(words.counts), words.left)

    def _take(self, counts: list[tuple[str, int]], left: int) -> None:
        known = {word for word, _count in counts}
        gone = [(word, 0) for word in self._order if word not in known]
        self._all, self._left = [*counts, *(gone if not self._asked else ())], left
        self._fill()

    @Slot()
    def _fill(self) -> None:
        wanted = self.search.text().casefold().split() if isinstance(self._table, RecordTable) else []
        found = [pair for pair in self._all if all(each in pair[0].casefold() for each in wanted)]
        self.blockSignals(True)
        self.clear()
        for word, count in found[:MOST_WORDS]:
            number = f"  ({count:,})" if count else ""
            item = QListWidgetItem(f"{word or EMPTY_WORDS.capitalize()}{number}")
            item.setData(WORD, word)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if word in self._ticked else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        left = max(len(found) - MOST_WORDS, 0) + self._left
        self.note.setText(f"{left:,} more: type a part of what you look for." if left > 0 else "")
        self.note.setVisible(left > 0)

    def _on_ticked(self, item: QListWidgetItem) -> None:
        word = str(item.data(WORD))
        if item.checkState() == Qt.CheckState.Checked:
            self._ticked.add(word)
            self._order.append(word)
        else:
            self._ticked.discard(word)


def _field(kind: str) -> MoneyEdit | QuantityEdit | DateEdit:
    if kind == "date":
        return DateEdit()
    return MoneyEdit() if kind == "money" else QuantityEdit()


def _put(field: MoneyEdit | QuantityEdit | DateEdit, value: Decimal | date | None) -> None:
    if isinstance(field, DateEdit):
        field.set_value(value if isinstance(value, date) else None)
    else:
        field.set_value(value if isinstance(value, Decimal) else None)


def _after(low: Decimal | date, high: Decimal | date) -> bool:
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low > high
    return isinstance(low, date) and isinstance(high, date) and low > high
