"""Being asked again before an act: only the right password leads on."""

from __future__ import annotations

from erpdesk.views.people.password_dialog import AskAgainDialog, ask_again
from tests.views.people.hall import FIRST, SECRET, Hall, write


def test_the_right_password_leads_on_once(hall: Hall) -> None:
    done: list[bool] = []
    person = hall.sign_in.by_password(FIRST, SECRET)
    dialog = ask_again(hall.window, hall.sign_in, person, lambda: done.append(True), hall.jobs)
    dialog.yes.click()
    assert dialog.form.errors() == {"password": "Enter a password."}
    write(dialog.form.row("password").widget, "not the password")
    dialog.yes.click()
    hall.settle()
    assert done == [] and "not right" in dialog.banner.text() and dialog.form.value("password") == ""
    write(dialog.form.row("password").widget, SECRET)
    dialog.yes.click()
    hall.settle()
    assert done == [True]


def test_leaving_does_nothing(hall: Hall) -> None:
    done: list[bool] = []
    person = hall.sign_in.by_password(FIRST, SECRET)
    ask_again(hall.window, hall.sign_in, person, lambda: done.append(True), hall.jobs)
    dialog = hall.dialog(AskAgainDialog)
    write(dialog.form.row("password").widget, SECRET)
    dialog.reject()
    hall.settle()
    assert done == []
