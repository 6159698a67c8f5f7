"""The panel of an item that needs a person: what differs, what to do in Sage, who stated what, what is known."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.card import Muted, SectionLabel
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.tabs.erp_integrations.doubt import words
from erpdesk.views.tabs.erp_integrations.doubt.parts import EMPTY, Steps, TextDialog, WordTable
from erpdesk.views.tabs.erp_integrations.doubt.statement import StatementCard
from erpdesk.workflows.doubt_rows import DoubtPage, Seen, Shape


class DoubtPanel(QWidget):
    """Shows a DoubtPage; ``asked`` carries what the second person wants, ``files_asked`` that a file is added."""

    asked = Signal(str)
    files_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: DoubtPage | None = None
        self.hint = QLabel()
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "value")
        self.alarm = QLabel()
        self.alarm.setTextFormat(Qt.TextFormat.PlainText)
        self.alarm.setWordWrap(True)
        self.alarm.setProperty("tone", "red")
        self.differences = WordTable("What differs", ("Field", "Approved", "In Sage"), (2, 3, 3))
        self.no_differences = Muted(words.NO_DIFFERENCES)
        self.todo = Steps()
        self.statement = StatementCard()
        self.earlier = Muted()
        self.seen = WordTable("What is known", ("When", "Where", "What was seen", ""), (0, 2, 5, 0))
        self.more = Muted()
        self._titles = {
            "differences": SectionLabel("Field by field"),
            "todo": SectionLabel("What to do in Sage"),
            "statement": SectionLabel("Waits for a second person"),
            "seen": SectionLabel("What is known, the newest first"),
        }
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(7)
        for part in (
            *(self.hint, self.alarm),
            *(self._titles["statement"], self.statement),
            *(self._titles["differences"], self.differences, self.no_differences),
            *(self._titles["todo"], self.todo),
            self.earlier,
            *(self._titles["seen"], self.seen, self.more),
        ):
            down.addWidget(part)
        for title in self._titles.values():
            title.setContentsMargins(0, 7, 0, 0)
        self.statement.asked.connect(self.asked)
        self.statement.files_asked.connect(self.files_asked)

    @property
    def page(self) -> DoubtPage | None:
        """What is shown."""
        return self._page

    def show_page(self, page: DoubtPage | None, may_push: bool = False, working: tuple[str, ...] = ()) -> None:
        """Shows a page; None takes no room. ``working`` says why nothing can be pressed at this moment."""
        self._page = page
        set_shown(self, page is not None)
        if page is None:
            return
        self._say(self.hint, words.hint_words(page))
        self._say(self.alarm, words.acknowledged_words(page))
        self._show_differences(page)
        self._show(self._titles["todo"], self.todo, bool(page.todo))
        self.todo.set_steps(page.todo)
        self._show_statements(page, may_push, working)
        self._show_seen(page)

    def _show_differences(self, page: DoubtPage) -> None:
        conflict = page.shape is Shape.CONFLICT
        set_shown(self._titles["differences"], conflict)
        set_shown(self.differences, conflict and bool(page.differences))
        set_shown(self.no_differences, conflict and not page.differences)
        rows = [
            ((each.field, "muted"), (each.approved or EMPTY, "value"), (each.in_sage or EMPTY, "value"))
            for each in page.differences
        ]
        self.differences.set_rows(rows)

    def _show_statements(self, page: DoubtPage, may_push: bool, working: tuple[str, ...]) -> None:
        waiting = page.waiting
        self._show(self._titles["statement"], self.statement, waiting is not None)
        if waiting is not None:
            self.statement.show_statement(waiting, may_push, working)
        others = [words.statement_words(each) for each in page.statements if not each.open]
        self._say(self.earlier, "\n".join(others))

    def _show_seen(self, page: DoubtPage) -> None:
        known = bool(page.seen) or page.shape in (Shape.DOUBT, Shape.CONFLICT, Shape.TWICE)
        set_shown(self._titles["seen"], known)
        set_shown(self.seen, bool(page.seen))
        self.seen.set_rows(
            [((day_and_time(each.at), "muted"), (each.source, ""), (each.words, "value")) for each in page.seen],
            [self._shower(each) for each in page.seen],
        )
        more = f"and {page.earlier} older, in the history" if page.earlier else ""
        self._say(self.more, more or ("" if page.seen or not known else words.NOTHING_SEEN))

    def _shower(self, seen: Seen) -> tuple[str, Callable[[], object]] | None:
        if not seen.text:
            return None
        title = f"{seen.source}, read {day_and_time(seen.at)}"
        return title, lambda: TextDialog(self.window(), seen.source, f"Read {day_and_time(seen.at)}.", seen.text).open()

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        label.setText(text)
        set_shown(label, bool(text))

    @staticmethod
    def _show(title: QWidget, part: QWidget, shown: bool) -> None:
        set_shown(title, shown)
        set_shown(part, shown)
