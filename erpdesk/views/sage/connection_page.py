"""The connection page: how erpdesk reaches Sage, the doctor's findings, and what Sage does with a record sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import shiboken6
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.views.kit.aside import Aside
from erpdesk.views.kit.card import Card, KeyValue, KeyValueGrid, Muted, Title
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage import connection_words as words
from erpdesk.views.sage.connection_words import FindingRow, RecordNews, TypeRow
from erpdesk.views.sage.reading_part import ReadingPart
from erpdesk.views.session import LayoutStore

CHECKS, TYPES = "checks", "types"
CHIPS = (ChipSpec(CHECKS, "Checks"), ChipSpec(TYPES, "Record types"))
CHECKING = ("The connection is being looked at just now.",)
TESTING = ("Record types are being tested just now.",)
NOT_READ = ("What may be tested here is being read just now.",)
ENDING = "The look or test before is just ending. Try again in a moment."
ASK = (
    "erpdesk imports a small record of each type into this test company, the same file again, and the record altered. "
    "The records are called “erpdesk self-test”. Each import is run in Sage as usual; erpdesk says which is next.\n\n"
    "Nothing else may be sent to Sage meanwhile."
)


class Care(Protocol):
    """What this page asks for; everything but ``facts`` is called off the GUI thread."""

    def facts(self) -> Sequence[tuple[str, str]]:
        """How Sage is reached, as title and value."""
        ...

    def examine(self, tell: Callable[[Finding], object], stop: threading.Event) -> Sequence[Finding]:
        """Looks at everything, each finding told at once."""
        ...

    def why_no_record_test(self, actor: str) -> tuple[str, ...]:
        """Why this person cannot test record types here; empty when they can."""
        ...

    def classes(self) -> Sequence[TypeRow]:
        """Every record type with its class."""
        ...

    def test_records(self, actor: str, tell: Callable[[str], object], stop: threading.Event) -> RecordNews:
        """Tests every record type and keeps what was proven; ``tell`` hears what to do next at Sage."""
        ...


class ConnectionPage(QWidget):
    """Shows how the connection stands. ``changed`` carries the Changes of a test; ``set_up_asked`` opens the set-up."""

    changed = Signal(object)
    set_up_asked = Signal()

    def __init__(
        self,
        care: Care,
        jobs: Jobs,
        aside: Aside,
        acting: Callable[[], str],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._care, self._jobs, self._acting = care, jobs, acting
        self.aside = aside
        self._found: list[Finding] = []
        self._checking = self._testing = False
        self._no_test: tuple[str, ...] = NOT_READ
        self.messages = Messages()
        self.about = Muted("")
        self.facts = KeyValueGrid(columns=2)
        self.check = ReasonButton("&Check now")
        self.test = ReasonButton("&Test types…")
        self.set_up = ReasonButton("&Set up…")
        self.parts = self._make_parts(store)
        self.filter = ListBar(self.parts[CHECKS].table, CHIPS, "Filter this list")
        self.stack = QStackedWidget()
        self._build()
        self._connect()
        self.show_part(CHECKS)
        self._show_found()
        self._show_offers()
        self.reload()

    def reload(self) -> None:
        """Reads facts and record types again."""
        self.facts.set_values([KeyValue(title, value) for title, value in self._care.facts()])
        care, actor = self._care, self._acting()

        def read() -> tuple[Sequence[TypeRow], tuple[str, ...]]:
            return care.classes(), care.why_no_record_test(actor)

        with suppress(JobsClosed):
            self._jobs.read(read, self._show_types, self._failed, key=(id(self), "classes"))

    def show_part(self, key: str) -> None:
        """Shows the findings (checks) or the record types (types)."""
        self.filter.set_chip(key)
        self.stack.setCurrentWidget(self.parts[key])
        self.setFocusProxy(self.parts[key])
        self.filter.show_table(self.parts[key].table, self.filter.chip_words(key))

    def changeEvent(self, event: QEvent) -> None:
        """Draws the messages in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.messages.retint()

    def stop(self) -> None:
        """Ends a look or a test that waits for Sage; for the moment when the window closes."""
        self.aside.stop()

    def _make_parts(self, store: LayoutStore) -> dict[str, ReadingPart]:
        return {
            CHECKS: ReadingPart(
                "connection-checks",
                words.CHECKS,
                store=store,
                noun=("check", "checks"),
                empty=("Not checked yet", "Press Check now. Nothing is changed in Sage."),
                about=words.about_finding,
            ),
            TYPES: ReadingPart(
                "connection-types",
                words.TYPES,
                store=store,
                noun=("record type", "record types"),
                empty=("No record types", "The types that erpdesk sends are listed here."),
                about=words.about_type,
            ),
        }

    def _build(self) -> None:
        for button, icon, help_text in (
            (self.check, "check", "Look at driver, folder, login, rights, tables and mailbox; nothing is changed"),
            (self.test, "refresh", "See in a test company what Sage does with a record that it has already"),
            (self.set_up, "edit", "Enter the connection to a Sage company"),
        ):
            button.set_icon_name(icon)
            button.set_help(help_text)
        for part in self.parts.values():
            self.stack.addWidget(part)
        heading = QVBoxLayout()
        heading.setSpacing(2)
        heading.addWidget(Title("Connection to Sage"))
        heading.addWidget(self.about)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addLayout(heading, 1)
        for button in (self.check, self.test, self.set_up):
            top.addWidget(button)
        facts = Card()
        facts.add(self.facts)
        listed = Card(margins=False)
        bar = QVBoxLayout()
        bar.setContentsMargins(12, 10, 12, 4)
        bar.addWidget(self.filter)
        listed.body.addLayout(bar)
        listed.add(self.stack, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        around.addLayout(top)
        around.addWidget(self.messages)
        around.addWidget(facts)
        around.addWidget(listed, 1)

    def _connect(self) -> None:
        self.filter.chip_changed.connect(self.show_part)
        self.check.pressed_ok.connect(self.look)
        self.test.pressed_ok.connect(self._ask)
        self.set_up.pressed_ok.connect(self.set_up_asked)
        for part in self.parts.values():
            part.told.connect(self.messages.success)

    def _show_offers(self) -> None:
        busy = CHECKING if self._checking else TESTING if self._testing else ()
        self.check.set_offer(not busy, busy)
        reasons = busy or self._no_test
        self.test.set_offer(not reasons, reasons)

    # The doctor

    def look(self) -> None:
        """Looks at everything now; each finding is shown as it comes."""
        care, aside = self._care, self.aside

        def done(_found: object) -> None:
            if shiboken6.isValid(self):
                self._checking = False
                self._show_offers()
                self._show_found()

        def failed(error: BaseException) -> None:
            done(None)
            self._failed(error)

        self.messages.clear()
        if not aside.start(lambda stop: care.examine(lambda each: aside.tell(self._take, each), stop), done, failed):
            self.messages.info(ENDING)
            return
        self._checking, self._found = True, []
        self.show_part(CHECKS)
        self._show_found()
        self._show_offers()

    def _take(self, finding: Finding) -> None:
        if shiboken6.isValid(self):
            self._found.append(finding)
            self._show_found()

    def _show_found(self) -> None:
        rows = [FindingRow(number, each) for number, each in enumerate(self._found)]
        self.parts[CHECKS].set_rows(rows)
        to_do = any(each.next_step for each in self._found)
        table = self.parts[CHECKS].table
        if to_do != any(column.key == words.TO_DO for column in table.visible_columns()):
            table.show_column(words.TO_DO, to_do)
        asks = sum(each.verdict in (Verdict.FAIL, Verdict.LOOK) for each in self._found)
        self.filter.set_counts({CHECKS: asks} if asks else {})
        self.about.setText("Looking…" if self._checking else words.summary(self._found))

    # Record types

    def _show_types(self, read: tuple[Sequence[TypeRow], tuple[str, ...]]) -> None:
        if shiboken6.isValid(self):
            rows, self._no_test = read
            self.parts[TYPES].set_rows(list(rows))
            self._show_offers()

    def _ask(self) -> None:
        confirm(self.window(), "Test record types", ASK, yes="Test them", then=self.test_types)

    def test_types(self) -> None:
        """Tests every record type in this test company."""
        care, aside, actor = self._care, self.aside, self._acting()

        def done(news: RecordNews) -> None:
            if shiboken6.isValid(self):
                self._testing = False
                self._show_offers()
                self._say_tested(news)
                self.changed.emit(news.changes)
                self.reload()

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._testing = False
                self._show_offers()
                self._failed(error)

        if not aside.start(
            lambda stop: care.test_records(actor, lambda each: aside.tell(self._say, each), stop), done, failed
        ):
            self.messages.info(ENDING)
            return
        self._testing = True
        self.show_part(TYPES)
        self._show_offers()

    def _say(self, sentence: str) -> None:
        if shiboken6.isValid(self) and self._testing:
            self.messages.info(sentence, topic="types")

    def _say_tested(self, news: RecordNews) -> None:
        if news.unproven:
            self.messages.warning(words.tested(news), topic="types")
        else:
            self.messages.success(words.tested(news), topic="types")

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.messages.report(error)
