"""The doorway: who comes in how, what a locked window keeps, and how somebody leaves."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from erpdesk.core.changes import Changes
from erpdesk.views.kit.actions import ActionRegistry, ActionSpec
from erpdesk.views.people.actions import OF_ENTRY, SAMPLE, SPECS, account_menu, offer_entry
from erpdesk.views.people.entry import LAST_NAME, Entry
from erpdesk.views.people.first_run_page import FirstRunPage
from erpdesk.views.people.password_dialog import PasswordDialog
from erpdesk.views.people.sign_in_page import FORGOTTEN, SignInPage
from tests.views.people.hall import ADMINISTRATOR, FIRST, SECOND, SECRET, Hall, first_people, write

CTRL = Qt.KeyboardModifier.ControlModifier


def page_of(entry: Entry) -> SignInPage:
    page = entry.cover.page
    assert isinstance(page, SignInPage)
    return page


def locked(entry: Entry) -> bool:
    """Whether a page stands before the window at this moment."""
    return entry.locked


def sign_in(hall: Hall, entry: Entry, name: str, password: str = SECRET) -> None:
    """Signs in as a person does, with the keyboard only."""
    page = page_of(entry)
    field = page.form.row("name").widget
    if not page.form.row("name").locked:
        write(field, name)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    password_field = page.form.row("password").widget
    assert hall.window.focusWidget() is password_field
    QTest.keyClicks(password_field, password)
    QTest.keyClick(password_field, Qt.Key.Key_Return)
    hall.settle()


def test_the_sample_company_asks_nobody(hall: Hall) -> None:
    entry = hall.entry(sample=True)
    assert hall.came == [None]
    entry.lock()
    assert not locked(entry) and entry.person is None and entry.change_password() is None


def test_a_mapped_windows_account_comes_in_without_a_page(empty: Hall) -> None:
    empty.sign_in.first_run(first_people(accounts=True))
    entry = empty.entry(account="firm\\BO")
    assert empty.came == [FIRST] and not locked(entry)
    assert empty.store.value(LAST_NAME) == FIRST


def test_an_account_that_nobody_has_is_named_and_a_password_asked_for(hall: Hall) -> None:
    entry = hall.entry(account="FIRM\\stranger")
    page = page_of(entry)
    assert "FIRM\\stranger belongs to nobody" in page.explain()
    assert FORGOTTEN in page.hint()
    sign_in(hall, entry, FIRST)
    assert hall.came == [FIRST] and not locked(entry) and hall.inside.isVisible()


def test_a_wrong_password_says_so_and_then_makes_wait(hall: Hall) -> None:
    entry = hall.entry()
    for _ in range(3):
        sign_in(hall, entry, FIRST, "not the password")
    page = page_of(entry)
    assert "is not right" in page.banner.text() and "wait" in page.banner.text()
    assert page.form.value("password") == ""
    sign_in(hall, entry, FIRST)
    assert hall.came == [] and "wait" in page.banner.text()


def test_empty_fields_are_pointed_at(hall: Hall) -> None:
    page = page_of(hall.entry())
    page.enter.click()
    assert page.form.errors() == {"name": "Enter your name.", "password": "Enter your password."}
    assert hall.window.focusWidget() is page.form.row("name").widget


def test_the_last_name_is_there_again(hall: Hall) -> None:
    hall.store.setValue(LAST_NAME, SECOND)
    page = page_of(hall.entry())
    assert page.form.value("name") == SECOND
    assert hall.window.focusWidget() is page.form.row("password").widget


def test_a_locked_window_keeps_everything_and_opens_for_the_same_person_only(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    write(hall.inside, "half a sentence")
    beside = QDialog(hall.window)
    beside.show()
    entry.lock()
    hall.settle()
    assert locked(entry) and not hall.inside.isVisible() and not beside.isVisible()
    sign_in(hall, entry, FIRST, "not the password")
    assert locked(entry)
    sign_in(hall, entry, FIRST)
    assert not locked(entry) and hall.inside.text() == "half a sentence"
    assert beside.isVisible()
    assert hall.window.focusWidget() is hall.inside
    assert hall.came == [FIRST]
    beside.close()


def test_the_name_of_a_locked_window_can_not_be_changed(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    entry.lock()
    page = page_of(entry)
    assert page.form.row("name").locked and page.form.value("name") == FIRST
    page.form.set_values({"name": SECOND, "password": SECRET})
    page.go_in()
    hall.settle()
    assert locked(entry) and f"Only {FIRST}" in page.banner.text()


def test_no_key_of_the_company_gets_through_a_locked_window(hall: Hall) -> None:
    heard: list[str] = []
    registry = ActionRegistry(
        (ActionSpec("work.save", "&Save", "Ctrl+S"), ActionSpec("text.larger", "&Larger text", "Ctrl++")),
        hall.window,
    )
    for key in ("work.save", "text.larger"):
        registry.on(key, partial(heard.append, key))
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    hall.window.activateWindow()
    QTest.keyClick(hall.window, Qt.Key.Key_S, CTRL)
    assert heard == ["work.save"]
    entry.lock()
    QTest.keyClick(page_of(entry).form.row("password").widget, Qt.Key.Key_S, CTRL)
    QTest.keyClick(page_of(entry).form.row("password").widget, Qt.Key.Key_Plus, CTRL)
    assert heard == ["work.save", "text.larger"]


def test_a_dialog_that_comes_up_behind_a_locked_window_waits(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    entry.lock()
    late = QDialog(hall.window)
    late.open()
    hall.settle()
    assert not late.isVisible() and "something to ask" in page_of(entry).banner.text()
    sign_in(hall, entry, FIRST)
    assert late.isVisible()
    late.reject()


def test_a_person_without_a_password_unlocks_by_the_windows_account(empty: Hall) -> None:
    draft = first_people(accounts=True)
    empty.sign_in.first_run(draft)
    with empty.town.store.writing() as session:
        from erpdesk.models.people import Person

        session.get_one(Person, empty.id_of(FIRST)).password = ""
    entry = empty.entry(account="FIRM\\bo")
    entry.lock()
    page = page_of(entry)
    assert empty.window.focusWidget() is page.enter
    QTest.keyClick(page.enter, Qt.Key.Key_Return)
    empty.settle()
    assert not locked(entry)


def test_signing_out_lets_somebody_else_in(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    entry.sign_out()
    hall.settle()
    assert entry.person is None and locked(entry)
    sign_in(hall, entry, SECOND)
    assert hall.came == [FIRST, SECOND]


def test_whoever_is_let_go_is_out_and_whoever_is_changed_is_told(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    first_row = entry.person
    assert first_row is not None and first_row.can_push
    administrator, first = hall.id_of(ADMINISTRATOR), hall.id_of(FIRST)
    hall.people.withdraw_push(administrator, first, "moved on", "press-1")
    entry.on_changes(Changes.of("person", first))
    hall.settle()
    assert hall.came == [FIRST, FIRST]
    assert not (entry.person or first_row).can_push
    hall.people.set_active(administrator, first, False, "left the firm")
    entry.on_changes(Changes.of("person", first))
    hall.settle()
    assert isinstance(entry.cover.page, SignInPage) and not entry.person


def test_nothing_of_whoever_was_let_go_stays_open_also_when_it_has_a_question(hall: Hall) -> None:
    class Asking(QDialog):
        def done(self, _result: int) -> None:
            """Never leaves by itself, as a form with something half typed."""

        def closeEvent(self, event: QCloseEvent) -> None:
            event.ignore()

    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    dialog = Asking(hall.window)
    dialog.show()
    entry.change_password()
    hall.people.set_active(hall.id_of(ADMINISTRATOR), hall.id_of(FIRST), False, "left the firm")
    entry.on_changes(Changes.of("person", hall.id_of(FIRST)))
    hall.settle()
    assert isinstance(entry.cover.page, SignInPage)
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


def test_nobody_there_locks_the_window(hall: Hall) -> None:
    minutes = [0.0]
    entry = hall.entry(idle=lambda: minutes[0])
    sign_in(hall, entry, FIRST)
    entry.idle.look()
    assert not locked(entry)
    minutes[0] = 1e-9
    entry.idle.look()
    assert locked(entry)


def test_a_new_company_goes_from_its_first_page_to_work(empty: Hall) -> None:
    entry = empty.entry(account="FIRM\\ada")
    page = entry.cover.page
    assert isinstance(page, FirstRunPage)
    for part, person in zip(
        page.forms.values(), (first_people().administrator, *first_people().approvers), strict=True
    ):
        write(part.row("name").widget, person.name)
        write(part.row("password").widget, SECRET)
        write(part.row("again").widget, SECRET)
    page.begin.click()
    empty.settle()
    assert empty.came == [ADMINISTRATOR] and not locked(entry)
    assert [each.name for each in empty.town.desk.queries.people() if each.can_push] == [FIRST, SECOND]


def test_one_changes_ones_own_password(hall: Hall) -> None:
    entry = hall.entry()
    sign_in(hall, entry, FIRST)
    told: list[object] = []
    entry.published.connect(told.append)
    entry.change_password()
    dialog = hall.dialog(PasswordDialog)
    for key in ("password", "again"):
        write(dialog.form.row(key).widget, "seven green boats")
    dialog.yes.click()
    assert dialog.form.errors() == {"old": "Enter a password."}
    write(dialog.form.row("old").widget, "not the password")
    dialog.yes.click()
    hall.settle()
    assert told == [] and "current password is not right" in dialog.banner.text()
    for key, typed in (("old", SECRET), ("password", "seven green boats"), ("again", "seven green boats")):
        write(dialog.form.row(key).widget, typed)
    dialog.yes.click()
    hall.settle()
    assert told == [Changes.of("person", hall.id_of(FIRST))]
    assert hall.sign_in.by_password(FIRST, "seven green boats").name == FIRST


@pytest.mark.parametrize("sample", [True, False])
def test_the_menu_of_the_person_says_why_not_in_the_sample(theme: object, sample: bool) -> None:
    window = QMainWindow()
    registry = ActionRegistry(SPECS, window)
    offer_entry(registry, sample=sample)
    menu = account_menu(registry, window)
    assert [each.text().replace("&", "") for each in menu.actions()] == [
        "My page…",
        "Change my password…",
        "Lock",
        "Sign out",
    ]
    assert {registry.reasons(key) for key in OF_ENTRY} == {SAMPLE if sample else ()}
    QApplication.processEvents()
    window.deleteLater()
