"""The set-up of a company: what it fills in, closes, refuses, tries out and keeps; the password shows nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import keyring
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from erpdesk import paths, vault
from erpdesk.core.errors import ForPeople, Refused
from erpdesk.settings import CompanySettings
from erpdesk.sync.doctor.draft import Draft
from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage import set_up_words as words
from erpdesk.views.sage.secret_edit import SecretEdit
from erpdesk.views.sage.set_up_dialog import SetUpDialog
from tests.test_vault import Memory
from tests.views.house import wait_until
from tests.views.sage.care_kit import Practice, practice

CANARY = "canary-7f3a"


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, used = keyring.get_keyring(), Memory()
    keyring.set_keyring(used)
    yield used
    keyring.set_keyring(before)


@pytest.fixture
def surgery(theme: Theme, tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    monkeypatch.setenv("ERPDESK_HOME", str(tmp_path / "home"))
    with practice(tmp_path) as made:
        yield made


class Known:
    """The real set-up on a computer whose Sage knows one company."""

    def __init__(self, surgery: Practice) -> None:
        care, settings = surgery.care, surgery.opened.settings
        self.company_of, self.try_out, self.save = care.company_of, care.try_out, care.save
        self.why_not_set_up, self.holds_password = care.why_not_set_up, care.holds_password
        self._known = ((settings.sage_folder, settings.company),)

    def folders(self) -> Sequence[tuple[str, str]]:
        return self._known


@pytest.fixture
def dialog(surgery: Practice) -> Iterator[SetUpDialog]:
    made = SetUpDialog(Known(surgery), surgery.aside, surgery.jobs, lambda: surgery.admin, surgery.desk)
    made.open()
    surgery.settle()
    yield made
    if shiboken6.isValid(made):
        made.close()
    surgery.settle()


def fill(dialog: SetUpDialog, surgery: Practice) -> None:
    dialog.take_folder(surgery.opened.settings.sage_folder)
    surgery.settle()
    dialog.form.set_values({"login": "reader", "password": CANARY})


def test_a_known_company_fills_folder_and_name(dialog: SetUpDialog, surgery: Practice) -> None:
    settings = surgery.opened.settings
    dialog.known.set_value(settings.sage_folder)
    dialog.known.value_changed.emit(settings.sage_folder)
    surgery.settle()
    assert dialog.form.value("folder") == settings.sage_folder
    assert dialog.form.value("company") == settings.company


def test_a_computer_without_sage_says_so_and_leaves_the_folder_to_the_person(surgery: Practice) -> None:
    dialog = SetUpDialog(surgery.care, surgery.aside, surgery.jobs, lambda: surgery.admin, surgery.desk)
    surgery.settle()
    assert dialog.form.row("known").locked == "Sage lists no company on this computer: choose the folder yourself."
    dialog.close()


def test_what_is_not_used_is_closed_with_its_reason(dialog: SetUpDialog) -> None:
    form = dialog.form
    assert (form.row("dsn").locked, form.row("driver").locked) == (words.BY_SOURCE_ONLY, "")
    form.set_values({"way": words.BY_SOURCE, "process": words.INSIDE, "dsn": "Books", "program": "C:/helper.exe"})
    form.changed.emit("way")
    assert (form.row("dsn").locked, form.row("driver").locked) == ("", words.BY_DRIVER_ONLY)
    assert form.row("program").locked == words.INSIDE_ONLY
    draft = dialog.draft()
    assert (draft.connection.dsn, draft.connection.driver, draft.program) == ("Books", "", "")


def test_each_problem_stands_at_its_field_and_nothing_is_kept(
    dialog: SetUpDialog, surgery: Practice, memory: Memory
) -> None:
    dialog.form.set_values({"folder": "/nowhere", "driver": ""})
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(dialog.form.errors()), "the problems")
    assert set(dialog.form.errors()) == {"folder", "company", "driver", "login"}
    assert dialog.messages.texts() == []
    assert memory.kept == {} and not paths.site_company().settings.exists()
    dialog.form.set_values({"login": "reader"})
    assert "login" not in dialog.form.errors()


def test_what_is_kept_and_where(dialog: SetUpDialog, surgery: Practice, memory: Memory) -> None:
    fill(dialog, surgery)
    names: list[str] = []
    dialog.saved.connect(names.append)
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(names), "the connection to be kept")
    company = surgery.opened.settings.company
    assert names == [company] and company in dialog.messages.texts()[0]
    saved = CompanySettings.load(paths.site_company().settings)
    assert saved.sage_folder == surgery.opened.settings.sage_folder and "UID=reader" in saved.odbc
    assert CANARY not in paths.site_company().settings.read_text("utf-8")
    assert memory.kept == {(vault.SERVICE, f"{company}/reader"): CANARY}
    assert dialog.form.value("password") == "", "what was typed is forgotten"


def test_a_try_shows_what_asks_for_something_and_keeps_nothing(
    dialog: SetUpDialog, surgery: Practice, memory: Memory
) -> None:
    fill(dialog, surgery)
    dialog.try_out()
    assert [each.text for each in dialog.results.checks()] == [words.LOOKING]
    surgery.settle()
    wait_until(lambda: any("passed" in each.text for each in dialog.results.checks()), "the outcome")
    shown = dialog.results.checks()
    assert any("“Timberline Data” is not installed" in each.text and each.state == "error" for each in shown)
    assert CANARY not in " ".join(each.text for each in shown)
    assert memory.kept == {} and not paths.site_company().settings.exists()


def test_the_password_has_a_name_shows_dots_and_tells_nobody(dialog: SetUpDialog) -> None:
    field = dialog.form.row("password").widget
    assert isinstance(field, SecretEdit)
    assert field.accessibleName() == "Password" and field.echoMode() is QLineEdit.EchoMode.Password
    heard: list[object] = []
    field.value_changed.connect(heard.append)
    field.setFocus()
    QTest.keyClicks(field, CANARY)
    assert field.value() == CANARY and set(heard) == {None}
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert CANARY not in repr(dialog.draft())


def question(dialog: SetUpDialog) -> ConfirmDialog:
    return next(each for each in dialog.findChildren(ConfirmDialog) if each.isVisible())


def test_who_may_not_set_up_is_told_why_and_nothing_is_kept(surgery: Practice, memory: Memory) -> None:
    dialog = SetUpDialog(Known(surgery), surgery.aside, surgery.jobs, lambda: surgery.viewer, surgery.desk)
    fill(dialog, surgery)
    (reason,) = dialog.keep.reasons()
    assert "needs Admin in ERP Integrations" in reason and not dialog.keep.allowed
    assert dialog.check.allowed, "looking changes nothing, so everybody may"
    with pytest.raises(Refused, match="needs Admin"):
        surgery.care.save(surgery.viewer, dialog.draft(), CANARY)
    assert memory.kept == {} and not paths.site_company().settings.exists()
    dialog.close()


def test_keeping_without_any_password_asks_first(dialog: SetUpDialog, surgery: Practice, memory: Memory) -> None:
    fill(dialog, surgery)
    dialog.form.set_values({"password": ""})
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(dialog.findChildren(ConfirmDialog)), "the question")
    asked = question(dialog)
    assert asked.no.isDefault() and not paths.site_company().settings.exists()
    asked.accept()
    surgery.settle()
    wait_until(lambda: bool(dialog.messages.texts()), "the connection to be kept")
    assert paths.site_company().settings.exists() and memory.kept == {}


def test_a_password_in_the_vault_is_enough(dialog: SetUpDialog, surgery: Practice, memory: Memory) -> None:
    memory.kept[vault.SERVICE, f"{surgery.opened.settings.company}/reader"] = CANARY
    fill(dialog, surgery)
    dialog.form.set_values({"password": ""})
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(dialog.messages.texts()), "the connection to be kept")
    assert not dialog.findChildren(ConfirmDialog)


def test_keeping_what_a_try_found_wrong_asks_first(dialog: SetUpDialog, surgery: Practice) -> None:
    fill(dialog, surgery)
    dialog.try_out()
    surgery.settle()
    wait_until(lambda: dialog.check.allowed, "the outcome")
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(dialog.findChildren(ConfirmDialog)), "the question")
    question(dialog).reject()
    surgery.settle()
    assert not paths.site_company().settings.exists()


class Refusing(Known):
    """A computer whose vault refuses, and whose driver never answers until it is told to stop."""

    def __init__(self, surgery: Practice) -> None:
        super().__init__(surgery)
        self.waits = threading.Event()
        self.save = self._refuse
        self.try_out = self._wait

    def _refuse(self, actor: str, draft: Draft, password: str) -> None:
        raise ForPeople("The vault is locked.", next_step="Unlock it.")

    def _wait(
        self, draft: Draft, password: str, tell: Callable[[Finding], object], stop: threading.Event
    ) -> Sequence[Finding]:
        self.waits.set()
        assert stop.wait(60)
        return (Finding("folder", "Folder", Verdict.PASS, "is there."),)


def test_a_vault_that_refuses_is_told_and_the_dialog_goes_on(surgery: Practice) -> None:
    dialog = SetUpDialog(Refusing(surgery), surgery.aside, surgery.jobs, lambda: surgery.admin, surgery.desk)
    fill(dialog, surgery)
    dialog.save()
    surgery.settle()
    wait_until(lambda: bool(dialog.messages.texts()), "the refusal")
    assert "The vault is locked." in dialog.messages.texts()[0]
    assert dialog.form.value("password") == CANARY, "what was typed stays for another try"
    dialog.close()


def test_leaving_while_a_driver_hangs_ends_the_look(surgery: Practice) -> None:
    care = Refusing(surgery)
    dialog = SetUpDialog(care, surgery.aside, surgery.jobs, lambda: surgery.admin, surgery.desk)
    dialog.open()
    fill(dialog, surgery)
    dialog.try_out()
    wait_until(care.waits.is_set, "the driver to be asked")
    dialog.reject()
    assert surgery.aside.wait(5), "no thread is left behind"
    surgery.settle()


def test_tab_goes_down_the_form(dialog: SetUpDialog) -> None:
    dialog.form.row("folder").widget.setFocus()
    order = []
    for key in ("company", "kind", "way", "driver"):
        dialog.focusNextChild()
        order.append(key if dialog.form.row(key).widget.hasFocus() else dialog.focusWidget())
    assert order == ["company", "kind", "way", "driver"]
