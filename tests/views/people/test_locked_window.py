"""The program's own window behind the lock: its keys rest, and a half-written commitment is still there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from erpdesk.views.kit.theme import Theme
from erpdesk.views.people.entry import Entry
from erpdesk.views.people.sign_in_page import SignInPage
from erpdesk.workflows.people_acts import PeopleActs
from erpdesk.workflows.sign_in import SignIn
from tests.town import Town
from tests.views.house import open_house, type_into
from tests.views.people.hall import SECRET

CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_half_written_commitment_outlives_a_lock(town: Town, theme: Theme) -> None:
    with open_house(town, theme) as house:
        office, window = town.desk.office, house.window
        people, sign_in = PeopleActs(office), SignIn(office)
        people.set_password(town.both, town.manager, SECRET)
        entry = Entry(window, sign_in, people, house.jobs, house.store, account="")
        entry.begin()
        house.settle()
        page = entry.cover.page
        assert isinstance(page, SignInPage)
        page.form.set_values({"name": next(n for n, each in town.people.items() if each == town.manager)})
        page.form.set_values({"password": SECRET})
        page.go_in()
        house.settle()
        house.trigger("commitment.new_subcontract")
        title = house.commitments.page.header_form.title
        type_into(title, "Half written")
        entry.lock()
        page = entry.cover.page
        assert isinstance(page, SignInPage)
        assert not window.top.isVisible() and not house.commitments.isVisible()
        QTest.keyClick(page.form.row("password").widget, Qt.Key.Key_3, CTRL)
        assert window.strip.current() == "commitments"
        page.form.set_values({"password": SECRET})
        page.go_in()
        house.settle()
        assert window.top.isVisible() and title.isVisible() and title.value() == "Half written"
        assert window.focusWidget() is title
        QTest.keyClick(title, Qt.Key.Key_3, CTRL)
        house.settle()
        assert window.strip.current() == "directory"
        house.commitments.page.revert()
