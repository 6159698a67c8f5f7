"""The window about people: what is listed, changed, asked for and confirmed, and what is closed to whom."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from erpdesk import sample
from erpdesk.models.people import GrantState, Right, Tool
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.people import words
from erpdesk.views.people.password_dialog import PasswordDialog
from erpdesk.views.people.people_window import PeopleWindow
from erpdesk.workflows.people_rows import PersonDetail
from erpdesk.workflows.rights import GRANULAR, KINDS, PUSH, TASKS
from tests.views.people.hall import ADMINISTRATOR, FIRST, SECOND, Hall, write

CTRL = Qt.KeyboardModifier.ControlModifier
DANA, LEE, MORGAN, SAM = sample.MANAGER, sample.SECOND_APPROVER, sample.APPROVER, sample.VIEWER


def read(hall: Hall, name: str) -> PersonDetail:
    """A person as the company knows them now."""
    everybody = hall.people.everybody(hall.actor)
    return next(each for each in everybody if each.name == name)


def choose(hall: Hall, window: PeopleWindow, name: str) -> None:
    window.people.table.set_current_id(hall.id_of(name))
    hall.settle()


def comment(hall: Hall, text: str) -> None:
    dialog = hall.dialog(CommentDialog)
    dialog.field.setPlainText(text)
    dialog.yes.click()
    hall.settle()


def test_everybody_is_listed_with_what_they_may_do(sample_hall: Hall) -> None:
    window = sample_hall.people_window(sample_hall.id_of(LEE))
    rows = {row.name: row for row in window.people.table.shown_rows()}
    assert set(rows) == {DANA, LEE, MORGAN, SAM}
    assert words.may_do(rows[MORGAN]).startswith("Admin: ERP Integrations · Read Only: ")
    assert window.people.page.title.text() == LEE
    window.people.bar.set_chip("approvers")
    window.people.bar.chip_changed.emit("approvers")
    assert {row.name for row in window.people.table.shown_rows()} == {LEE, MORGAN}
    window.close()


def test_a_new_person_is_entered_by_keyboard_and_saved(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    QTest.keyClick(window.people.table, Qt.Key.Key_N, CTRL)
    page = window.people.page
    assert page.title.text() == "New person"
    assert page.password.reasons() == ("Save the person first.",) == page.active.reasons()
    QTest.keyClicks(window.focusWidget(), "Dee Park")
    page.tabs.setCurrentIndex(1)
    page.levels.combos[Tool.BUDGET].setFocus()
    QTest.keyClicks(page.levels.combos[Tool.BUDGET], "S")
    QTest.keyClick(page, Qt.Key.Key_S, CTRL)
    hall.settle()
    saved = read(hall, "Dee Park")
    assert saved.rights[Tool.BUDGET] is Right.STANDARD and not saved.can_push
    assert page.detail == saved and not page.dirty
    assert hall.told and "person" in hall.told[-1].kinds
    window.close()


def test_every_field_of_a_person_is_saved(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    choose(hall, window, SECOND)
    page = window.people.page
    form = page.form
    for key, text in {"title": "Clerk", "windows_account": "FIRM\\cy", "email": "cy@other.example"}.items():
        write(form.row(key).widget, text)
    QTest.mouseClick(form.row("digest").widget, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    QTest.mouseClick(form.row("invoice_administrator").widget, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    page.all_projects.click()
    first = next(iter(page.projects.choices()))
    page.projects.set_value({first})
    page.kinds.ticks["budget"][1].click()
    page.singles.ticks["Lock Budget"].click()
    assert page.dirty and page.save.allowed
    page.save.pressed_ok.emit()
    hall.settle()
    saved = read(hall, SECOND)
    assert (saved.title, saved.windows_account, saved.email) == ("Clerk", "FIRM\\cy", "cy@other.example")
    assert not saved.digest and saved.invoice_administrator and not saved.all_projects
    assert saved.projects == {first} and saved.granular == {"Lock Budget"}
    assert saved.kinds == {"budget": (True, False)}
    assert window.people.page.history.table.all_rows()
    window.close()


def test_what_is_typed_is_asked_about_before_another_person_is_shown(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    page = window.people.page
    write(page.form.row("title").widget, "Boss")
    choose(hall, window, FIRST)
    assert page.title.text() == ADMINISTRATOR
    assert window.people.table.current_id() == hall.id_of(ADMINISTRATOR)
    hall.dialog(UnsavedDialog).keep.click()
    assert page.form.value("title") == "Boss"
    choose(hall, window, FIRST)
    hall.dialog(UnsavedDialog).discard.click()
    hall.settle()
    assert page.title.text() == FIRST
    write(page.form.row("title").widget, "Boss")
    assert not window.close() and window.isVisible()
    hall.dialog(UnsavedDialog).discard.click()
    hall.settle()
    assert read(hall, ADMINISTRATOR).title == "Administrator"


def test_reading_again_leaves_what_is_typed(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    write(window.people.page.form.row("title").widget, "Boss")
    window.reload()
    hall.settle()
    assert window.people.page.form.value("title") == "Boss" and window.people.page.dirty
    window.people.page.show_again()
    window.close()


def test_a_refusal_keeps_what_is_typed(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    choose(hall, window, SECOND)
    page = window.people.page
    write(page.form.row("name").widget, FIRST)
    page.save.pressed_ok.emit()
    hall.settle()
    assert any("called" in text for text in window.messages.texts())
    assert page.form.value("name") == FIRST and page.save.allowed
    page.show_again()
    window.close()


def test_without_the_right_everything_is_closed_and_says_why(sample_hall: Hall) -> None:
    window = sample_hall.people_window(sample_hall.id_of(SAM))
    page = window.people.page
    (why,) = sample_hall.people.may(sample_hall.id_of(SAM))
    assert why in page.banner.text()
    for button in (page.save, page.revert, page.active, page.privilege.ask, window.people.new):
        assert button.reasons()[0] == why, button.text()
    assert page.password.reasons() == ()
    box = page.kinds.ticks["budget"][0]
    QTest.keyClick(box, Qt.Key.Key_Space)
    QTest.mouseClick(page.form.row("digest").widget, Qt.MouseButton.LeftButton)
    QTest.keyClick(page.levels.combos[Tool.BUDGET], Qt.Key.Key_Down)
    assert page.draft() == read(sample_hall, SAM).draft()
    choose(sample_hall, window, DANA)
    assert page.password.reasons()
    window.close()


def test_the_privilege_takes_two_people(hall: Hall) -> None:
    administrator = hall.id_of(ADMINISTRATOR)
    window = hall.people_window(administrator)
    choose(hall, window, SECOND)
    card = window.people.page.privilege
    card.withdraw.pressed_ok.emit()
    hall.settle()
    comment(hall, "Left accounting.")
    assert not read(hall, SECOND).can_push
    assert "Only one active person" in window.people.banner.text()
    card.ask.pressed_ok.emit()
    comment(hall, "Back in accounting.")
    row = hall.people.grants(administrator)[0]
    assert (row.state, row.reason) == (GrantState.REQUESTED, "Back in accounting.")
    assert "You asked for this yourself" in card.confirm.reasons()[0]
    window.close()
    window = hall.people_window(hall.id_of(FIRST))
    assert window.strip.count("requests") == 1
    window.strip.choose("requests")
    window.requests.table.select_ids([row.id])
    window.requests.confirm.pressed_ok.emit()
    comment(hall, "I know her work.")
    assert read(hall, SECOND).can_push
    assert window.strip.count("requests") == 0
    window.close()


def test_a_request_can_be_refused_on_the_page_of_the_person(hall: Hall) -> None:
    hall.people.withdraw_push(hall.id_of(ADMINISTRATOR), hall.id_of(SECOND), "A pause.", "press-1")
    hall.people.request_push(hall.id_of(ADMINISTRATOR), hall.id_of(SECOND), "The pause is over.", "press-2")
    window = hall.people_window(hall.id_of(FIRST))
    choose(hall, window, SECOND)
    window.people.page.privilege.refuse.pressed_ok.emit()
    comment(hall, "Not yet.")
    assert hall.people.grants(hall.id_of(FIRST))[0].state is GrantState.REFUSED
    window.close()


def test_nobody_asks_for_themselves(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    card = window.people.page.privilege
    assert card.ask.reasons() and "themselves" in card.ask.reasons()[0]
    window.close()


def test_somebody_is_deactivated_and_taken_back(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    choose(hall, window, SECOND)
    window.people.page.active.pressed_ok.emit()
    hall.settle()
    comment(hall, "Left the firm.")
    assert not read(hall, SECOND).active
    assert [row.name for row in window.people.table.shown_rows()] == [ADMINISTRATOR, FIRST]
    window.people.bar.set_chip("left")
    window.people.bar.chip_changed.emit("left")
    choose(hall, window, SECOND)
    window.people.page.active.pressed_ok.emit()
    comment(hall, "Came back.")
    assert read(hall, SECOND).active
    window.close()


def test_an_administrator_sets_a_password_for_somebody_else(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    choose(hall, window, SECOND)
    window.people.page.password.pressed_ok.emit()
    dialog = hall.dialog(PasswordDialog)
    write(dialog.form.row("password").widget, "short")
    dialog.yes.click()
    assert "at least 12" in dialog.form.errors()["password"]
    write(dialog.form.row("password").widget, "nine quiet lamps")
    dialog.yes.click()
    assert set(dialog.form.errors()) == {"again"}
    write(dialog.form.row("again").widget, "nine quiet lamps")
    dialog.yes.click()
    hall.settle()
    assert hall.sign_in.by_password(SECOND, "nine quiet lamps").name == SECOND
    window.close()


def test_the_table_of_rights_is_the_one_that_judges(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    page = window.tasks
    QTest.keyClick(window.people.table, Qt.Key.Key_4, CTRL)
    assert window.stack.currentWidget() is page
    assert len(page.table.shown_rows()) == len(TASKS)
    page.filter.set_text("or change an original")
    page.filter.text_changed.emit("or change an original")
    assert [row.act for row in page.table.shown_rows()] == ["budget.edit_amount"]
    page.table.select_ids(["budget.edit_amount"])
    assert "“Create and Edit Original Amount”" in page.whole.text()
    page.filter.text_changed.emit("")
    page.filter.chip_changed.emit("push")
    assert page.table.shown_rows() and all(PUSH in row.needs for row in page.table.shown_rows())
    window.close()


def test_every_kind_tool_and_single_right_has_its_field(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    page = window.people.page
    assert set(page.levels.combos) == set(Tool)
    assert set(page.kinds.ticks) == set(KINDS) and set(page.singles.ticks) == set(GRANULAR)
    names = [box.accessibleName() for boxes in page.kinds.ticks.values() for box in boxes]
    assert all(names) and len(set(names)) == len(names)
    window.close()


def test_another_person_who_acts_sees_what_they_may(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    assert window.people.page.banner.text() == ""
    hall.actor = hall.id_of(FIRST)
    window.reload()
    hall.settle()
    assert window.people.page.banner.text()
    window.close()


def test_ones_own_summary_is_chosen_without_any_right_and_nobody_elses(sample_hall: Hall) -> None:
    sam = sample_hall.id_of(SAM)
    window = sample_hall.people_window(sam)
    page = window.people.page
    assert page.title.text() == SAM and "daily summary" in page.banner.text()
    QTest.mouseClick(page.digest, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    sample_hall.settle()
    assert not read(sample_hall, SAM).digest and not page.digest.value() and not page.dirty
    assert sample_hall.told[-1].touched == {("person", sam)}
    choose(sample_hall, window, DANA)
    QTest.mouseClick(page.digest, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    sample_hall.settle()
    assert read(sample_hall, DANA).digest
    window.show_own()
    assert page.title.text() == SAM
    window.close()


def test_the_approvers_are_listed_for_an_admin_of_erp_integrations_only(sample_hall: Hall) -> None:
    window = sample_hall.people_window(sample_hall.id_of(MORGAN))
    window.strip.choose("approvers")
    page = window.approvers
    assert [row.name for row in page.table.shown_rows()] == [LEE, MORGAN] and not page.banner.text()
    page.filter.set_text("controller")
    window.close()
    window = sample_hall.people_window(sample_hall.id_of(SAM))
    assert window.approvers.table.all_rows() == () and "Admin in ERP Integrations" in window.approvers.banner.text()
    window.close()


def test_too_few_approvers_are_warned_of_before_one_is_let_go(hall: Hall) -> None:
    window = hall.people_window(hall.id_of(ADMINISTRATOR))
    choose(hall, window, SECOND)
    for button, yes in ((window.people.page.active, "Deactivate"), (window.people.page.privilege.withdraw, "Withdraw")):
        button.pressed_ok.emit()
        hall.settle()
        dialog = hall.dialog(CommentDialog)
        said = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "Only one active person could push to accounting" in said and dialog.yes.text() == yes
        dialog.reject()
    choose(hall, window, ADMINISTRATOR)
    window.people.page.active.pressed_ok.emit()
    said = " ".join(label.text() for label in hall.dialog(CommentDialog).findChildren(QLabel))
    assert "push to accounting. " not in said
    hall.dialog(CommentDialog).reject()
    window.close()
