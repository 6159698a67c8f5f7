"""The first page of a company: three different people, each of whom can sign in, and errors beside their fields."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from erpdesk.views.people import first_run_words as words
from erpdesk.views.people.entry import Entry
from erpdesk.views.people.first_run_page import FirstRunPage
from erpdesk.views.people.sign_in_page import SignInPage
from tests.views.people.hall import ADMINISTRATOR, SECRET, Hall, first_people, write


def page_of(entry: Entry) -> FirstRunPage:
    page = entry.cover.page
    assert isinstance(page, FirstRunPage)
    return page


def fill(page: FirstRunPage, *, accounts: tuple[str, str, str] = ("", "", "")) -> None:
    draft = first_people()
    for form, person, account in zip(
        page.forms.values(), (draft.administrator, *draft.approvers), accounts, strict=True
    ):
        form.set_values({"name": person.name, "windows_account": account})
        if not account:
            form.set_values({"password": SECRET, "again": SECRET})


def test_the_windows_account_is_filled_in_and_the_keyboard_is_in_the_first_name(empty: Hall) -> None:
    page = page_of(empty.entry(account="FIRM\\ada"))
    assert page.forms["administrator"].value("windows_account") == "FIRM\\ada"
    assert page.forms["first"].value("windows_account") == ""
    assert empty.window.focusWidget() is page.forms["administrator"].row("name").widget


def test_tab_goes_through_every_field_in_order_to_the_button(empty: Hall) -> None:
    page = page_of(empty.entry())
    wanted = [
        page.forms[part].row(key).widget
        for part in ("administrator", "first", "second")
        for key in ("name", "title", "windows_account", "password", "again", "email")
    ]
    for field in (*wanted, page.begin):
        assert empty.window.focusWidget() is field
        QTest.keyClick(field, Qt.Key.Key_Tab)
        QApplication.processEvents()


def test_what_is_wrong_stands_beside_its_field(empty: Hall) -> None:
    page = page_of(empty.entry())
    fill(page)
    first, second = page.forms["first"], page.forms["second"]
    first.set_values({"name": ADMINISTRATOR.upper(), "password": "short", "again": "short", "email": "nobody"})
    second.set_values({"password": "", "again": ""})
    page.begin.click()
    empty.settle()
    assert first.errors()["name"] == words.SAME_NAME and "at least 12" in first.errors()["password"]
    assert first.errors()["email"] == words.NO_MAIL
    assert second.errors() == {"windows_account": words.NO_WAY_IN}
    assert page.forms["administrator"].errors() == {}
    assert empty.window.focusWidget() is first.row("name").widget
    assert empty.came == [] and empty.town.desk.queries.people() == ()


def test_passwords_that_differ_are_pointed_at(empty: Hall) -> None:
    page = page_of(empty.entry())
    fill(page)
    write(page.forms["second"].row("again").widget, "something else")
    QTest.keyClick(page.forms["second"].row("again").widget, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.forms["second"].errors() == {"again": words.NOT_AGAIN}


def test_the_windows_account_of_the_administrator_leads_on_by_itself(empty: Hall) -> None:
    entry = empty.entry(account="FIRM\\ada")
    fill(page_of(entry), accounts=("firm\\ADA", "FIRM\\bo", "FIRM\\cy"))
    page_of(entry).enter()
    empty.settle()
    assert empty.came == [ADMINISTRATOR] and not entry.locked


def test_an_administrator_from_another_computer_signs_in_there(empty: Hall) -> None:
    entry = empty.entry(account="FIRM\\helper")
    fill(page_of(entry), accounts=("FIRM\\ada", "FIRM\\bo", "FIRM\\cy"))
    page_of(entry).enter()
    empty.settle()
    assert empty.came == [] and isinstance(entry.cover.page, SignInPage)


def test_what_the_company_refuses_is_said_and_nothing_is_lost(empty: Hall) -> None:
    page = page_of(empty.entry())
    fill(page)
    page.forms["first"].set_values({"windows_account": "not an account at all!?*"})
    page.enter()
    empty.settle()
    assert page.banner.text() and page.forms["first"].value("password") == SECRET
    assert empty.town.desk.queries.people() == ()


def test_two_people_always_decide_is_said_in_two_sentences() -> None:
    assert words.EXPLAIN.startswith("Two people always decide") and words.EXPLAIN.count(". ") == 1
