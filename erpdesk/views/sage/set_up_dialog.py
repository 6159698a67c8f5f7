"""Enter the connection to a Sage company, try it out, and keep it; the password goes into the machine's vault only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QStatusTipEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from erpdesk.sync.doctor.draft import Draft
from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.sync.sage.connection import DRIVER, Connection
from erpdesk.views.kit.aside import Aside
from erpdesk.views.kit.card import Check, CheckList, Muted, SectionLabel, Title
from erpdesk.views.kit.choice_list import Choice
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.forms import ChoiceCombo, Form, SearchCombo, TextEdit
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage import set_up_words as words
from erpdesk.views.sage.secret_edit import SecretEdit

Wrong = tuple[dict[str, str], tuple[str, ...]]
"""What keeps a draft from being kept: by field, and what belongs to none."""


class SettingUp(Protocol):
    """What this dialog asks for, off the GUI thread."""

    def folders(self) -> Sequence[tuple[str, str]]:
        """Data folders that this computer's Sage knows, and their companies."""
        ...

    def company_of(self, folder: str) -> str:
        """The company that a data folder belongs to; '' when it is none."""
        ...

    def try_out(
        self, draft: Draft, password: str, tell: Callable[[Finding], object], stop: threading.Event
    ) -> Sequence[Finding]:
        """Looks at a connection that is not saved; the password is kept nowhere."""
        ...

    def why_not_set_up(self, actor: str) -> tuple[str, ...]:
        """Why this person cannot keep a connection; empty when they can."""
        ...

    def holds_password(self, draft: Draft) -> bool:
        """Whether the vault holds a password for the login of this draft."""
        ...

    def save(self, actor: str, draft: Draft, password: str) -> None:
        """Keeps the connection and, when one was typed, the password; raises ForPeople."""
        ...


class SetUpDialog(QDialog):
    """The set-up of one company. ``acting`` tells the id of the acting person, ``saved`` carries the company's name."""

    saved = Signal(str)

    def __init__(
        self, care: SettingUp, aside: Aside, jobs: Jobs, acting: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Set up a Sage company")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._care, self.aside, self._jobs, self._acting = care, aside, jobs, acting
        self._no_right: tuple[str, ...] = words.RIGHT_READING
        self._failed_try = False
        """Whether the connection, as it is entered now, was tried out and something was found to put right."""
        self._found: list[Finding] = []
        self._working = False
        self._following = False
        """Whether what is found is kept in sight: from a try on, until the person goes on in the form."""
        self.form = Form()
        self.messages = Messages()
        self.results_title = SectionLabel("What was found")
        self.results = CheckList()
        self.browse = ReasonButton("Choose &folder…")
        self.check = ReasonButton("&Try it out")
        self.keep = ReasonButton("&Keep it", primary=True)
        self.leave = QPushButton("Close")
        self._scroll = QScrollArea()
        self._fill()
        self._build()
        self._on_way()
        self.resize(760, 660)
        jobs.read(care.folders, self._show_known, self._failed, key=(id(self), "folders"))
        actor = acting()
        jobs.read(lambda: care.why_not_set_up(actor), self._show_right, self._failed, key=(id(self), "right"))
        self._offer(())
        self.form.row("folder").widget.setFocus()

    def _show_right(self, reasons: tuple[str, ...]) -> None:
        if shiboken6.isValid(self):
            self._no_right = reasons
            if not self._working:
                self._offer(())

    def _fill(self) -> None:
        form = self.form
        form.add_section("Company")
        self.known = SearchCombo("Being looked for…")
        form.add_row("known", "On this &computer", self.known, "Fills folder and name")
        form.add_row(
            "folder", "&Data folder", TextEdit(260), "With the file tl.ctl; on this computer or a network drive"
        )
        form.add_row("company", "Company &name", TextEdit(50), "As Sage holds it; read from the folder")
        form.add_row("kind", "&Used for", ChoiceCombo(words.KINDS), "In a test company, layouts may be tried")
        form.add_section("Connection")
        form.add_row("way", "Found &by", ChoiceCombo(words.WAYS))
        form.add_row("driver", "D&river", TextEdit(80), "Sage installs it under this name")
        form.add_row("dsn", "Data &source", TextEdit(80))
        form.add_row("login", "Sage &operator", TextEdit(30), "A login of its own with the role ODBC Service User")
        form.add_row("password", "&Password", SecretEdit(), "Goes into this machine's password vault only")
        form.add_section("How it works")
        formats = [(each, each) for each in words.DATE_FORMATS]
        form.add_row("dates", "D&ate format", ChoiceCombo(formats), "In Sage: Tools > Options > Date Format")
        form.add_row("process", "Dri&ver runs", ChoiceCombo(words.PLACES))
        form.add_row("program", "&Helper program", TextEdit(260), "Empty: the one that came with erpdesk")
        form.set_values({"driver": DRIVER})
        form.changed.connect(self._on_changed)

    def _build(self) -> None:
        inside = QWidget()
        down = QVBoxLayout(inside)
        down.setContentsMargins(22, 6, 22, 12)
        down.setSpacing(8)
        for part in (self.form, self.results_title, self.results):
            down.addWidget(part)
        down.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = QVBoxLayout()
        head.setContentsMargins(22, 18, 22, 4)
        head.setSpacing(6)
        explain = Muted(words.EXPLAIN)
        explain.setWordWrap(True)
        head.addWidget(Title("Set up a Sage company"))
        head.addWidget(explain)
        head.addWidget(self.messages)
        self.leave.setAutoDefault(False)
        self.leave.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(22, 8, 22, 16)
        foot.setSpacing(8)
        foot.addWidget(self.browse)
        foot.addStretch(1)
        for button in (self.check, self.keep, self.leave):
            foot.addWidget(button)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(0)
        around.addLayout(head)
        around.addWidget(self._scroll, 1)
        around.addLayout(foot)
        self.results_title.setContentsMargins(0, 8, 0, 0)
        # What is found comes below the form: it is brought into sight as it grows.
        bar = self._scroll.verticalScrollBar()
        bar.rangeChanged.connect(lambda _least, most: bar.setValue(most) if self._following else None)
        self.results_title.hide()
        self.results.hide()
        self.check.set_help("Looks at driver, folder, login, rights, tables and mailbox; nothing is kept")
        self.keep.set_help("Keeps the connection; erpdesk opens this company from the next start on")
        self.browse.pressed_ok.connect(self._browse)
        self.check.pressed_ok.connect(self.try_out)
        self.keep.pressed_ok.connect(self.save)
        self.form.submitted.connect(self.keep.click)

    # What is entered

    def draft(self) -> Draft:
        """The connection as it is entered now."""
        given: dict[str, Any] = self.form.values()
        by_driver = given["way"] == words.BY_DRIVER
        connection = Connection(
            driver=given["driver"].strip() if by_driver else "",
            dsn="" if by_driver else given["dsn"].strip(),
            folder=given["folder"].strip(),
            login=given["login"].strip(),
        )
        return Draft(
            company=given["company"].strip(),
            folder=given["folder"].strip(),
            connection=connection,
            process=given["process"],
            program="" if given["process"] == words.INSIDE else given["program"].strip(),
            test_company=given["kind"] == words.TEST,
            date_format=given["dates"],
        )

    def _on_changed(self, key: str) -> None:
        if key == "known" and self.form.value("known"):
            self.take_folder(str(self.form.value("known")))
        elif key == "folder":
            self._name_company()
        elif key in ("way", "process"):
            self._on_way()
        self._following = self._failed_try = False
        self.form.set_error(key, None)
        self.messages.clear()

    def _on_way(self) -> None:
        form = self.form
        form.unlock(("driver", "dsn", "program"))
        if form.value("way") == words.BY_DRIVER:
            form.lock(words.BY_SOURCE_ONLY, ("dsn",))
        else:
            form.lock(words.BY_DRIVER_ONLY, ("driver",))
        if form.value("process") == words.INSIDE:
            form.lock(words.INSIDE_ONLY, ("program",))

    def _show_known(self, folders: Sequence[tuple[str, str]]) -> None:
        if shiboken6.isValid(self):
            self.known.set_choices([Choice(path, company, path) for path, company in folders])
            self.known.setPlaceholderText("Choose a company" if folders else "None is known here")
            if not folders:
                self.form.lock("Sage lists no company on this computer: choose the folder yourself.", ("known",))

    def take_folder(self, folder: str) -> None:
        """Enters a data folder, and the company that it belongs to."""
        self.form.set_values({"folder": folder})
        self._name_company()

    def _name_company(self) -> None:
        care, folder = self._care, str(self.form.value("folder") or "").strip()
        # A network drive may take its time: the name comes when it comes, unless the folder has changed meanwhile.
        self._jobs.read(lambda: care.company_of(folder), self._show_name, self._failed, key=(id(self), "name"))

    def _show_name(self, name: str) -> None:
        if shiboken6.isValid(self) and name:
            self.form.set_values({"company": name})

    def _browse(self) -> None:
        dialog = QFileDialog(self, "The company's data folder")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.take_folder(str(Path(path))))
        dialog.open()

    # Acts

    def try_out(self) -> None:
        """Looks at the connection as it is entered; nothing is kept."""
        draft, password, care, aside = self.draft(), self._password(), self._care, self.aside
        self.messages.clear()
        if not aside.start(
            lambda stop: care.try_out(draft, password, lambda each: aside.tell(self._take, each), stop),
            lambda _found: self._ended(None),
            self._ended,
        ):
            self.messages.info(words.ENDING)
            return
        self._found, self._failed_try = [], False
        self._following = True
        self.results_title.show()
        self.results.show()
        self._offer(words.BUSY)
        self._show(ended=False)

    def _take(self, finding: Finding) -> None:
        if shiboken6.isValid(self):
            self._found.append(finding)
            self._show(ended=False)

    def _ended(self, error: BaseException | None) -> None:
        if shiboken6.isValid(self):
            self._show(ended=True)
            self._failed_try = error is not None or any(each.verdict is Verdict.FAIL for each in self._found)
            self._offer(())
            if error is not None:
                self.messages.report(error)

    def _show(self, *, ended: bool) -> None:
        checks: list[Check] = words.outcome(self._found, ended)
        self.results.set_checks(checks)

    def save(self, *, sure: bool = False) -> None:
        """Keeps the connection; from the next start on erpdesk opens this company. Asks about a doubt unless sure."""
        draft, password, care, actor = self.draft(), self._password(), self._care, self._acting()
        doubts = (words.FAILED_TRY,) if self._failed_try else ()

        def keep(_stop: threading.Event) -> tuple[Wrong, tuple[str, ...]]:
            at_fields = draft.at_fields()
            others = tuple(each for each in draft.problems() if each not in at_fields.values())
            if at_fields or others:
                return (at_fields, others), ()
            missing = not sure and not password and not care.holds_password(draft)
            found = (words.NO_PASSWORD.format(login=draft.connection.login), *doubts) if missing else doubts
            if found and not sure:
                return ({}, ()), found
            care.save(actor, draft, password)
            return ({}, ()), ()

        def done(answer: tuple[Wrong, tuple[str, ...]]) -> None:
            if shiboken6.isValid(self):
                wrong, found = answer
                self._offer(())
                if found:
                    self._ask_sure(found)
                else:
                    self._show_kept(draft, *wrong)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._offer(())
                self.messages.report(error)

        self.messages.clear()
        if not self.aside.start(keep, done, failed):
            self.messages.info(words.ENDING)
            return
        self._offer(words.KEEPING)

    def _ask_sure(self, doubts: tuple[str, ...]) -> None:
        said = " ".join((*doubts, words.KEEP_ANYWAY))
        confirm(self, words.KEEP_TITLE, said, "Keep it", lambda: self.save(sure=True), danger=True)

    def _show_kept(self, draft: Draft, at_fields: dict[str, str], others: tuple[str, ...]) -> None:
        where = {"way": str(self.form.value("way"))}
        self.form.set_errors({where.get(key, key): text for key, text in at_fields.items()})
        if others:
            self.messages.error(" ".join(others))
        if not at_fields and not others:
            self.form.set_values({"password": ""})
            self.messages.success(words.SAVED.format(company=draft.company))
            self.saved.emit(draft.company)

    def _password(self) -> str:
        return str(self.form.value("password") or "")

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.messages.report(error)

    def _offer(self, busy: tuple[str, ...]) -> None:
        self._working = bool(busy)
        self.check.set_offer(not busy, busy)
        reasons = busy or self._no_right
        self.keep.set_offer(not reasons, reasons)

    # Leaving

    def changeEvent(self, event: QEvent) -> None:
        """Draws the messages in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.messages.retint()

    def done(self, result: int) -> None:
        """Ends a look that is under way; what was typed is forgotten."""
        self._leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaves as Esc does."""
        self._leave()
        super().closeEvent(event)

    def _leave(self) -> None:
        self.form.set_values({"password": ""})
        if self._working:
            self.aside.stop()

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)
