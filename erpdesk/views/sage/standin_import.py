"""The page on which a trainee runs an import of the stand-in Sage and reads what it printed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QTabBar, QVBoxLayout, QWidget

from erpdesk.sync.sandbox.estimate_rules import ALLOW_CODES, AS_CHANGE
from erpdesk.sync.sandbox.office import MailFile, Office, Papers, papers, plainly
from erpdesk.sync.sandbox.programs import PROGRAMS, ImportResult, Program, run_import
from erpdesk.views.kit.card import Card, Check, CheckList, CodeBlock, KeyValue, KeyValueGrid
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage.standin_page import StandInDesk, StandInPage, Tick, counted, row_of

PAPERS = ("Journal", "Rejects", "Import file")
NO_JOURNAL = "Sage has printed no journal. Run the import above, and it appears here."
NO_REJECTS = "Nothing was rejected, so there is no file of rejects."
NO_FILE = "No file lies in the mailbox for this import. erpdesk lays one there when a document is accepted."

OPTION_WORDS = {
    AS_CHANGE: "Amounts are approved estimate changes",
    ALLOW_CODES: "Allow cost codes that are not standard",
}


class ImportPage(StandInPage):
    """Choose an import, its file and its options; run it; read journal and rejects in fixed pitch.

    ``give_up`` is asked while Sage waits for an answer on its screen; True ends the import without a result.
    """

    ran = Signal(object)

    def __init__(self, desk: StandInDesk, give_up: Callable[[], bool], parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._give_up = give_up
        self._file: Path | None = None
        self._mailbox: tuple[MailFile, ...] = ()
        self._papers = Papers(None, None, None)
        self._running = False
        self.program = ChoiceCombo([(key, menu_words(program)) for key, program in PROGRAMS.items()])
        self.facts = KeyValueGrid(columns=1)
        self.options: dict[str, Tick] = {}
        self._option_box = QVBoxLayout()
        self._option_box.setSpacing(6)
        self.run = ReasonButton("&Run the import", primary=True)
        self.other = QPushButton("&Another file…")
        self.usual = QPushButton("&Usual file")
        self.outcome = CheckList()
        self.tabs = QTabBar()
        self.paper = CodeBlock(12)
        self._build()
        self.program.value_changed.connect(lambda _value: self._on_program())
        self.choose(None)

    @property
    def chosen(self) -> Program:
        """The import that is chosen."""
        return PROGRAMS[self.program.value()]

    def choose(self, file: Path | None) -> None:
        """Takes another file than the usual one in the mailbox, or with None the usual one again."""
        self._file = file
        self._show_options()
        self._show_facts()
        self._read_papers()

    def show_office(self, office: Office) -> None:
        """Shows what lies in the mailbox now."""
        self._mailbox = office.mailbox
        self._show_facts()
        self._read_papers()

    def start(self) -> None:
        """Runs the chosen import with the ticked options, off the GUI thread."""
        key, options = self.program.value(), {name: box.isChecked() for name, box in self.options.items()}
        company, file, give_up = self.desk.company, self._file, self._give_up
        self._running = True
        self.outcome.set_checks([Check("Sage is importing. While it waits for an answer, nothing goes on.", "warning")])
        self._show_facts()
        self.desk.act(
            lambda: run_import(company, key, file=file, options=options, give_up=give_up), self._told, self._ended
        )

    def _build(self) -> None:
        card = self.card("Import a file", "As a person does it in Sage: choose the import, tick its options, run it.")
        top = KeyValueGrid(columns=1)
        top.add_field("I&mport", self.program)
        card.add(top)
        card.add(self.facts)
        options = QWidget()
        options.setLayout(self._option_box)
        self._option_box.setContentsMargins(0, 0, 0, 0)
        card.add(options)
        self.run.pressed_ok.connect(self.start)
        self.other.clicked.connect(self._ask_file)
        self.usual.clicked.connect(lambda: self.choose(None))
        card.add(row_of(self.run, self.other, self.usual))
        card.add(self.outcome)
        printed = Card("What Sage printed")
        self.tabs.setAccessibleName("Papers of the import, with their number of lines")
        self.tabs.setExpanding(False)
        for name in PAPERS:
            self.tabs.addTab(name)
        self.tabs.currentChanged.connect(lambda _place: self._show_paper())
        printed.add(self.tabs)
        printed.add(self.paper, 1)
        self.cards.addWidget(printed, 1)

    def _on_program(self) -> None:
        self.outcome.set_checks([])
        self.choose(None)

    def _source(self) -> Path:
        return self._file or self.desk.company.imports / self.chosen.file

    def _show_options(self) -> None:
        for box in self.options.values():
            self._option_box.removeWidget(box)
            box.hide()
            box.deleteLater()
        self.options = {name: Tick(option_words(name)) for name in self.chosen.options}
        for box in self.options.values():
            self._option_box.addWidget(box)

    def _show_facts(self) -> None:
        program, found = self.chosen, None
        if self._file is None:
            found = next((each for each in self._mailbox if each.id == program.file), None)
            words = f"{program.file}, {found.size:,} bytes, in the mailbox" if found else f"{program.file} is not there"
        else:
            words = self._file.name
        self.facts.set_values([KeyValue("Menu in Sage", program.menu), KeyValue("File", words)])
        self.usual.setVisible(self._file is not None)
        reasons = ["Sage is busy with an import."] if self._running else []
        if self._file is None and found is None:
            reasons.append(NO_FILE)
        self.run.set_offer(not reasons, reasons)

    def _read_papers(self) -> None:
        program, imports, source = self.chosen, self.desk.company.imports, self._source()
        self.desk.jobs.read(
            lambda: plainly(partial(papers, source, imports / program.print, imports / program.reject)),
            self._take_papers,
            key=(id(self.desk), "papers"),
        )

    def _take_papers(self, found: Papers) -> None:
        self._papers = found
        for place, text in enumerate((found.journal, found.rejects, found.file)):
            self.tabs.setTabText(place, PAPERS[place] + ("" if text is None else f" ({len(text.splitlines()):,})"))
        self._show_paper()

    def _show_paper(self) -> None:
        shown = (self._papers.journal, self._papers.rejects, self._papers.file)[max(self.tabs.currentIndex(), 0)]
        empty = (NO_JOURNAL, NO_REJECTS, NO_FILE)[max(self.tabs.currentIndex(), 0)]
        text = empty if shown is None else shown
        if text != self.paper.toPlainText():
            self.paper.set_text(text)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Choose a file to import", str(self.desk.company.imports))
        dialog.fileSelected.connect(lambda path: self.choose(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _told(self, result: ImportResult) -> None:
        self.outcome.set_checks(outcome(result))
        self.tabs.setCurrentIndex(0)
        self.ran.emit(result)

    def _ended(self) -> None:
        self._running = False
        self.outcome.set_checks([])
        self._show_facts()


def outcome(result: ImportResult) -> list[Check]:
    """How an import ended, in sentences: stopped, accepted, rejected, warnings."""
    said = [Check(sentence, "warning") for sentence in result.warnings]
    if result.stopped:
        return [Check(f"The import stopped: {result.stopped}", "error"), *said]
    accepted = sum(verdict.accepted for verdict in result.verdicts)
    rejected = [verdict for verdict in result.verdicts if not verdict.accepted]
    said.append(Check(f"{counted(accepted, 'record', 'records')} accepted.", "ok" if accepted else "warning"))
    if rejected:
        said.append(Check(f"{counted(len(rejected), 'record', 'records')} rejected. The journal says why.", "error"))
    return said


def menu_words(program: Program) -> str:
    """An import as the last word of its menu names it, such as ``Import Estimates``."""
    return program.menu.rpartition(" > ")[2]


def option_words(name: str) -> str:
    """An option of an import as a person reads it."""
    return OPTION_WORDS.get(name) or name.replace("_", " ").capitalize()
