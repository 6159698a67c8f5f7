"""Fields for words, with a counter where the words have to fit somewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QValidator
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSizePolicy, QWidget

from erpdesk.views.kit.fields import LineField
from erpdesk.views.kit.shown import set_look

GAP = 8
NOTE_LINES = 3
FONT_EVENTS = (QEvent.Type.FontChange, QEvent.Type.StyleChange)


class TextEdit(LineField):
    """One line of words. Text over the ``limit`` is kept: the counter turns red, and what it is for decides.

    ``upper`` turns letters into capitals as they are typed.
    """

    def __init__(
        self, limit: int | None = None, upper: bool = False, placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.counter = Counter(limit, self) if limit is not None else None
        if upper:
            self.setValidator(_Capitals(self))
        self._count()
        self._told = ("", None)

    def value(self) -> str:
        """The text exactly as it is shown."""
        return self.text()

    def set_value(self, value: str) -> None:
        """Shows another text, without a signal."""
        self._write(value)
        self._count()

    def problem(self) -> str | None:
        """None: any text can be kept, also one that is too long to be sent on."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the counter at the right edge."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Makes room for the counter in another text size."""
        super().changeEvent(event)
        if event.type() in FONT_EVENTS:
            self._place()

    def _read_typed(self) -> None:
        self._count()

    def _count(self) -> None:
        if self.counter is not None:
            self.counter.count(len(self.text()))
            self._place()

    def _place(self) -> None:
        # Qt calls this from the constructor of the base class already.
        counter = getattr(self, "counter", None)
        if counter is not None:
            size = counter.sizeHint()
            counter.setGeometry(self.width() - size.width() - GAP, 0, size.width(), self.height())
            self.setTextMargins(0, 0, size.width() + GAP, 0)


class NotesEdit(QPlainTextEdit):
    """Several lines of words; Tab leaves the field. Text over the ``limit`` is kept, the counter turns red."""

    value_changed = Signal(object)

    def __init__(self, limit: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.counter = Counter(limit, self) if limit is not None else None
        self.textChanged.connect(self._on_text_changed)
        self._count()

    def value(self) -> str:
        """The text exactly as it is shown."""
        return self.toPlainText()

    def set_value(self, value: str) -> None:
        """Shows another text, without a signal."""
        self._quiet = True
        try:
            if value != self.toPlainText():
                self.setPlainText(value)
        finally:
            self._quiet = False
        self._count()

    def problem(self) -> str | None:
        """None: any text can be kept, also one that is too long to be sent on."""
        return None

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field; its text can be copied either way."""
        set_look(self, "readOnly", closed)

    def sizeHint(self) -> QSize:
        """Three lines."""
        return QSize(super().sizeHint().width(), self._height(NOTE_LINES))

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(super().minimumSizeHint().width(), self._height(NOTE_LINES - 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the counter in the lower right corner."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Makes room for the counter in another text size."""
        super().changeEvent(event)
        if event.type() in FONT_EVENTS:
            self.updateGeometry()
            self._place()

    def _height(self, lines: int) -> int:
        counter = getattr(self, "counter", None)
        return self.fontMetrics().lineSpacing() * lines + 20 + (counter.sizeHint().height() if counter else 0)

    @Slot()
    def _on_text_changed(self) -> None:
        if not self._quiet:
            self._count()
            self.value_changed.emit(self.value())

    def _count(self) -> None:
        if self.counter is not None:
            self.counter.count(len(self.toPlainText()))
            self._place()

    def _place(self) -> None:
        counter = getattr(self, "counter", None)
        if counter is not None:
            size = counter.sizeHint()
            counter.setGeometry(
                self.width() - size.width() - GAP, self.height() - size.height() - 4, size.width(), size.height()
            )
            self.setViewportMargins(0, 0, 0, size.height())


class Counter(QLabel):
    """How much of the room is used, as ``31 of 30``; red and bold when it is more than there is."""

    def __init__(self, limit: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._limit = limit
        self.over = 0
        self.setProperty("role", "counter")
        self.setProperty("wrong", False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # A click on the number is meant for the field beneath.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def count(self, length: int) -> None:
        """Shows the length of the text."""
        self.over = max(length - self._limit, 0)
        self.setText(f"{length} of {self._limit}")
        too_long = f", {self.over} too long" if self.over else ""
        self.setAccessibleName(f"{length} of {self._limit} characters{too_long}")
        set_look(self, "wrong", self.over > 0)


class _Capitals(QValidator):
    """Takes any text and hands it on in capitals, which keeps undo working."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Every text is fine; letters that would become two, such as ß, stay."""
        capitals = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)
        return QValidator.State.Acceptable, capitals, place
