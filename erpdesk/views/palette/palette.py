"""The box that opens with Ctrl+K: type a few letters, go to a record or carry out an act."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.palette.entries import Entry, EntryDelegate, EntryModel, acts, of_found
from erpdesk.views.session import Session
from erpdesk.workflows.search_rows import Found

MOST = 50
PAUSE_MS = 120
SIZE = (720, 460)
HINT = "A number, title, vendor or job, or what you want to do. Up and Down choose, Enter goes there, Esc closes."
NOTHING = "Nothing in this company holds these words. Try fewer letters, or a part of the number."
MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
OWN = ("palette.show",)


class Palette(QDialog):
    """Finds records and acts. ``found`` carries the record that was chosen; an act is carried out at once."""

    found = Signal(object)

    def __init__(self, session: Session, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Search")
        self._session = session
        self._registry = registry
        self._records: tuple[Entry, ...] = ()
        self._asked = self._answered = ""
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search everything")
        self.field.setAccessibleName("Search everything")
        self.field.setAccessibleDescription(HINT)
        self.field.setClearButtonEnabled(True)
        self.model = EntryModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("What was found")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words = QLabel(HINT)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        down = QVBoxLayout(self)
        down.setContentsMargins(12, 12, 12, 10)
        down.setSpacing(8)
        down.addWidget(self.field)
        down.addWidget(self.list, 1)
        down.addWidget(self.words)
        self.resize(*SIZE)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._ask)
        self.field.textChanged.connect(self._on_text)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._on_clicked)
        self.field.returnPressed.connect(self._on_enter)
        self.finished.connect(lambda _result: session.jobs.forget("palette"))
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the letters go into the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in MOVES:
            self._move({Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10}.get(Qt.Key(event.key()), -10))
            return True
        return super().eventFilter(watched, event)

    def settled(self) -> bool:
        """Whether what is listed answers what stands in the field."""
        return not self._timer.isActive() and self._answered == self._text

    @property
    def _text(self) -> str:
        return self.field.text().strip()

    def _move(self, by: int) -> None:
        last = self.model.rowCount() - 1
        if last >= 0:
            place = min(max(0, self.list.currentIndex().row() + by), last)
            self.list.setCurrentIndex(self.model.index(place))

    def _on_text(self) -> None:
        self._timer.start()

    def _ask(self) -> None:
        text, desk, actor = self._text, self._session.desk, self._session.actor
        self._asked = text
        if not text:
            self._take(text, ())
            return
        self._session.read(lambda: desk.finder.find(actor, text, MOST), partial(self._take, text), key="palette")

    def _take(self, text: str, found: tuple[Found, ...]) -> None:
        if text != self._asked:
            return
        self._answered = text
        self._records = tuple(map(of_found, found))
        self._show()

    def _show(self) -> None:
        known = acts(self._registry, self._text, OWN)
        # Somebody who types a number means a record; without any, the acts are what is left.
        self.model.show((*self._records, *known))
        self.words.setText(HINT if self.model.rowCount() or not self._text else NOTHING)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))

    def _on_enter(self) -> None:
        if not self.settled():
            # Enter right after the last letter is meant for what these letters find.
            self._timer.stop()
            text, desk, actor = self._text, self._session.desk, self._session.actor
            self._asked = text

            def go(found: tuple[Found, ...]) -> None:
                self._take(text, found)
                self._go(self.list.currentIndex())

            self._session.read(lambda: desk.finder.find(actor, text, MOST), go, key="palette")
            return
        self._go(self.list.currentIndex())

    def _on_clicked(self, index: QModelIndex) -> None:
        self._go(index)

    def _go(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        target = self.model.entries[index.row()].target
        self.accept()
        if isinstance(target, Found):
            self.found.emit(target)
        else:
            self._registry.trigger(target)


def show_palette(session: Session, registry: ActionRegistry, parent: QWidget) -> Palette:
    """Opens the box over the window."""
    made = Palette(session, registry, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.open()
    made.field.setFocus()
    return made
