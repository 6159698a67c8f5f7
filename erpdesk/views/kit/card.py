"""Cards and the quiet parts on them: titles, labels, facts in a grid, checks, fixed-pitch text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.shown import set_look
from erpdesk.views.kit.theme import mono_font
from erpdesk.views.kit.tokens import tokens_for


class Card(QFrame):
    """A white sheet with round corners; parts go into ``body``, things beside the title into ``header``."""

    def __init__(self, title: str = "", margins: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        around = QVBoxLayout(self)
        edge = 14 if margins else 0
        # One pixel keeps square children off the round border.
        around.setContentsMargins(max(edge, 1), max(edge - 2, 1), max(edge, 1), max(edge - 2, 1))
        around.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(10)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._header_box = QWidget(self)
        self._header_box.setLayout(self.header)
        self.header.setContentsMargins(0, 0, 0, 0)
        self.title = Title(title, self._header_box)
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self._beside_title = 1
        self.set_title(title)
        around.addWidget(self._header_box)
        around.addLayout(self.body, 1)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Puts a part below the others."""
        self.body.addWidget(widget, stretch)

    def add_to_header(self, widget: QWidget, right: bool = False) -> None:
        """Puts a pill beside the title, or a button at the right end."""
        if right:
            self.header.addWidget(widget)
        else:
            self.header.insertWidget(self._beside_title, widget)
            self._beside_title += 1
        self._header_box.show()

    def set_title(self, title: str) -> None:
        """Changes the title; an empty one takes no room."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self._header_box.setVisible(bool(title) or self.header.count() > 2)


class _Words(QLabel):
    ROLE = ""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", self.ROLE)
        self.setTextFormat(Qt.TextFormat.PlainText)


class Title(_Words):
    """The name of what a card shows."""

    ROLE = "title"


class SectionLabel(_Words):
    """A small heading inside a card."""

    ROLE = "section"


class Muted(_Words):
    """Words that explain and do not shout; they wrap."""

    ROLE = "muted"

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)


class Divider(QFrame):
    """A thin line between groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rule", True)


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A fact: its name, its value as text, the tone of the value."""

    label: str
    value: str
    tone: str = "grey"


class KeyValueGrid(QWidget):
    """Facts as pairs of a muted name and a strong value, in two or more columns."""

    def __init__(self, columns: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(7)
        self._facts: list[tuple[QLabel, QLabel]] = []
        self._fields: list[tuple[QLabel, QWidget]] = []
        self._stretch()

    def set_columns(self, columns: int) -> None:
        """Stands the facts in so many columns."""
        if columns != self._columns:
            self._columns = columns
            self._stretch()
            self._lay_out()

    def set_values(self, facts: Sequence[KeyValue]) -> None:
        """Shows these facts before the fields; labels are used again, so nothing flickers."""
        while len(self._facts) > len(facts):
            for label in self._facts.pop():
                self._grid.removeWidget(label)
                label.deleteLater()
        while len(self._facts) < len(facts):
            value = QLabel()
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setProperty("role", "value")
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.append((_muted_name(""), value))
        for (name, value), fact in zip(self._facts, facts, strict=True):
            name.setText(fact.label)
            value.setText(fact.value)
            value.setAccessibleName(f"{fact.label}: {fact.value}")
            set_look(value, "tone", fact.tone)
        self._lay_out()

    def values(self) -> dict[str, str]:
        """What is shown, by name."""
        return {name.text(): value.text() for name, value in self._facts}

    def add_field(self, label: str, field: QWidget) -> None:
        """Puts a field behind the facts, with its name as label."""
        name = _muted_name(label)
        name.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(label.replace("&", ""))
        self._fields.append((name, field))
        self._lay_out()

    def _stretch(self) -> None:
        for column in range(max(self._columns, self._grid.columnCount() // 2)):
            self._grid.setColumnStretch(2 * column + 1, 1 if column < self._columns else 0)

    def _lay_out(self) -> None:
        for place, (name, value) in enumerate([*self._facts, *self._fields]):
            row, column = divmod(place, self._columns)
            top = Qt.AlignmentFlag.AlignTop if isinstance(value, QLabel) else Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(name, row, 2 * column, top)
            self._grid.addWidget(value, row, 2 * column + 1, top)


def _muted_name(text: str) -> QLabel:
    name = QLabel(text)
    name.setTextFormat(Qt.TextFormat.PlainText)
    name.setProperty("role", "muted")
    return name


class CodeBlock(QPlainTextEdit):
    """Lines of a file exactly as they are written, in fixed pitch, to read and to copy."""

    def __init__(self, lines: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setProperty("code", True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Lines of the file")
        self._lines = lines
        self._fit()

    def set_text(self, text: str) -> None:
        """Shows other lines."""
        self.setPlainText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._fit()

    def _fit(self) -> None:
        font = mono_font(self.font().pointSizeF() - 0.75)
        self.setStyleSheet(f'QPlainTextEdit {{ font-family: "{font.family()}"; font-size: {font.pointSizeF():g}pt; }}')
        self.setMinimumHeight(QFontMetrics(font).lineSpacing() * self._lines + 26)


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a check: its sentence and ``ok``, ``warning`` or ``error``."""

    text: str
    state: str = "ok"


CHECK_LOOKS = {"ok": ("check", "green"), "warning": ("warning", "yellow"), "error": ("error", "red")}
CHECK_WORDS = {"ok": "Passed", "warning": "Warning", "error": "Problem"}


class CheckList(QWidget):
    """The outcome of checks, each with an icon and its sentence, worst first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._checks: tuple[Check, ...] = ()
        self._lines: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def checks(self) -> tuple[Check, ...]:
        """What is shown, in its order on screen."""
        return self._checks

    def set_checks(self, checks: Sequence[Check]) -> None:
        """Shows other outcomes."""
        rank = {"error": 0, "warning": 1, "ok": 2}
        self._checks = tuple(sorted(checks, key=lambda check: rank[check.state]))
        for line in self._lines:
            self._layout.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(check) for check in self._checks]
        for line in self._lines:
            self._layout.addWidget(line)

    def changeEvent(self, event: QEvent) -> None:
        """Draws the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._checks:
            self.set_checks(self._checks)

    def _line(self, check: Check) -> QWidget:
        name, tone = CHECK_LOOKS[check.state]
        line = QWidget(self)
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(7)
        mark = QLabel()
        mark.setPixmap(pixmap(name, tokens_for(self.palette()).ink(tone), 14, self.devicePixelRatioF()))
        words = QLabel(check.text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setProperty("tone", tone)
        words.setWordWrap(True)
        words.setAccessibleName(f"{CHECK_WORDS[check.state]}: {check.text}")
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(words, 1)
        return line
