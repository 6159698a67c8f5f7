"""The settings window: who may change what, what a change says, and what is never lost or leaked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.models.office import MailState
from erpdesk.views.kit.dialogs import CommentDialog, ConfirmDialog
from erpdesk.views.kit.theme import Theme
from erpdesk.views.settings.mail_page import MailPage
from erpdesk.views.settings.mails_page import MailsPage
from erpdesk.views.settings.tools import show_settings
from erpdesk.workflows.notices import Notices
from tests.town import Town
from tests.views.house import type_into, wait_until
from tests.views.settings.settings_house import SettingsHouse, settings_house


@pytest.fixture
def house(town: Town, theme: Theme) -> Iterator[SettingsHouse]:
    with settings_house(town) as made:
        yield made


def field(house: SettingsHouse, page: str, name: str) -> QWidget:
    widget = house.group(page).form.field(name)
    assert isinstance(widget, QWidget)
    return widget


def dialog(of: type[ConfirmDialog] | type[CommentDialog]) -> ConfirmDialog | CommentDialog:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, of) and each.isVisible()]
    assert len(found) == 1
    return found[0]


def texts(page: MailPage | MailsPage) -> str:
    return " ".join(str(each) for each in page.messages.texts())


def test_only_groups_that_do_something_are_there(house: SettingsHouse) -> None:
    assert house.window.page_keys == ("approval", "items", "reading", "import", "mail", "connection", "mails")
    shown = house.group("approval").findChildren(QWidget)
    said = " ".join(str(each.property("text") or "") for each in shown)
    assert "Two people always decide" in said and "Direct export" in said and "not offered" in said


def test_a_change_is_saved_with_its_reason_and_listed(house: SettingsHouse) -> None:
    page = house.group("reading")
    assert page.save.reasons() == ("Nothing was changed.",)
    type_into(field(house, "reading", "sync_minutes"), "1,440")
    type_into(field(house, "reading", "query_seconds"), "120")
    type_into(page.reason, "Once a day is enough.")
    page.save_changes()
    house.settle()
    assert (house.kept().sync_minutes, house.kept().query_seconds) == (1440, 120)
    assert "“Longest query” takes effect at the next start of erpdesk." in str(page.messages.texts())
    assert {each.setting for each in page.history.all_rows()} == {"Read Sage every", "Longest query"}
    assert {each.reason for each in page.history.all_rows()} == {"Once a day is enough."}
    assert house.heard[-1].touched == {("settings", "sync_minutes"), ("settings", "query_seconds")}
    assert page.reason.value() == "" and not page.dirty


def test_settings_of_approval_change_only_with_a_reason(house: SettingsHouse) -> None:
    page = house.group("approval")
    type_into(field(house, "approval", "stale_hours"), "48")
    assert page.discard.allowed and not page.save.allowed and "only with a reason" in page.save.reasons()[0]
    page.save_changes()
    house.settle()
    assert house.kept().stale_hours == 24
    type_into(page.reason, "Agreed with the auditors.")
    page.save_changes()
    house.settle()
    assert house.kept().stale_hours == 48 and page.reason.value() == ""
    type_into(page.reason, "For nothing.")
    page.save_changes()
    assert page.reason.value() == "" and page.save.reasons() == ("Nothing was changed.",)


@pytest.mark.parametrize(("typed", "words"), [("0", "from 1 to 1,440"), ("often", "a whole number"), ("", "number")])
def test_what_can_not_be_kept_is_said_at_its_field(house: SettingsHouse, typed: str, words: str) -> None:
    page = house.group("reading")
    type_into(field(house, "reading", "sync_minutes"), typed)
    page.save_changes()
    house.settle()
    assert words in page.form.errors()["sync_minutes"] and house.kept().sync_minutes == 5
    page.drop_changes()
    assert page.form.value("sync_minutes") == "5" and not page.form.errors()


def test_a_reader_sees_everything_and_why_it_is_closed(house: SettingsHouse) -> None:
    page = house.group("approval")
    house.act_as(house.town.viewer)
    reason = page.denied.text()
    assert reason.startswith("This needs Admin in ERP Integrations; Sam Adeyemi has Standard.")
    assert page.form.row("stale_hours").widget.toolTip() == reason and page.form.value("stale_hours") == "24"
    assert page.save.reasons() == (reason,)
    house.act_as(house.town.approver)
    assert page.denied.isHidden() and page.form.row("stale_hours").locked == ""


def test_what_another_person_entered_is_not_saved_by_the_next(house: SettingsHouse) -> None:
    page = house.group("approval")
    type_into(field(house, "approval", "stale_hours"), "48")
    assert page.dirty
    house.act_as(house.town.both)
    assert page.edited() == {} and page.form.value("stale_hours") == "24"


def test_news_keep_what_was_entered(house: SettingsHouse) -> None:
    page = house.group("approval")
    type_into(field(house, "approval", "stale_hours"), "48")
    house.window.reload()
    house.settle()
    assert page.dirty and page.form.value("stale_hours") == "48"


def test_settings_with_another_place_say_where(house: SettingsHouse) -> None:
    page = house.group("connection")
    assert all("Set up" in page.form.row(name).widget.toolTip() for name in ("company", "odbc", "test_company"))
    assert not page.save.allowed and "Set up" in page.save.reasons()[0]
    assert "settings.toml" in house.group("import").form.row("macro_command").locked


def test_leaving_with_changes_asks_first(house: SettingsHouse) -> None:
    type_into(field(house, "approval", "stale_hours"), "48")
    house.window.close()
    assert house.window.isVisible()
    question = dialog(ConfirmDialog)
    question.reject()
    QTest.keyClick(house.window, Qt.Key.Key_Escape)
    assert house.window.isVisible()
    dialog(ConfirmDialog).on_yes()
    assert not house.window.isVisible()
    assert house.kept().stale_hours == 24


def test_the_password_goes_to_the_vault_and_is_forgotten(house: SettingsHouse) -> None:
    page = house.group("mail")
    assert isinstance(page, MailPage)
    assert page.keep.reasons() == ("Type the password first.",)
    QTest.keyClicks(page.secret, "s3cret")
    page.keep_password()
    house.settle()
    assert house.server.kept == [(house.town.approver, "s3cret")] and page.secret.value() == ""
    assert "s3cret" not in (house.town.folder / "settings.toml").read_text()
    assert "is kept in this computer" in page.kept.text()
    QTest.keyClicks(page.secret, "again")
    house.window.close()
    assert page.secret.value() == ""


def test_a_test_mail_goes_to_oneself_or_says_what_is_wrong(house: SettingsHouse) -> None:
    page = house.group("mail")
    assert isinstance(page, MailPage)
    assert page.test.allowed
    page.send_test()
    house.settle()
    assert house.server.sent == [house.town.approver] and "morgan@cascade.example" in texts(page)
    house.server.problem = ForPeople("The mail server can not be reached.", next_step="Check the port.")
    page.send_test()
    house.settle()
    assert "can not be reached" in texts(page) and page.test.allowed
    type_into(field(house, "mail", "mail_host"), "other.example.com")
    assert page.test.reasons() == ("There are changes that are not saved.",)
    page.drop_changes()
    house.act_as(house.town.manager)
    assert any("no e-mail address" in each for each in page.test.reasons())


def test_mail_that_waits_is_listed_and_decided_on(house: SettingsHouse) -> None:
    town = house.town
    page = house.window.show_page("mails")
    assert isinstance(page, MailsPage)
    house.settle()
    assert page.retry.reasons() == ("Choose a mail first.",)
    town.sent()
    notices = Notices(town.desk.office)
    assert notices.make_due() == 1
    taken = notices.take()
    assert taken is not None
    notices.failed(taken, "550 no such person", final=True)
    house.window.reload()
    house.settle()
    row = page.part.current()
    assert row is not None and "550 no such person" in page.part.words.text() and page.retry.allowed
    page.ask_retry()
    house.settle()
    again = notices.take()
    assert again is not None
    notices.unsure(again, "broke off")
    house.window.reload()
    house.settle()
    unsure = page.part.current()
    assert unsure is not None and unsure.state is MailState.UNSURE
    page.ask_retry()
    assert "a second time" in str(dialog(ConfirmDialog).findChildren(QWidget)[1].property("text"))
    dialog(ConfirmDialog).reject()
    page.ask_give_up()
    comment = dialog(CommentDialog)
    assert isinstance(comment, CommentDialog)
    comment.field.setPlainText("She told me that it came.")
    comment.on_yes()
    house.settle()
    assert len(page.part.table.all_rows()) == 0


def test_who_may_not_see_mails_is_told_why(house: SettingsHouse) -> None:
    page = house.window.show_page("mails")
    assert isinstance(page, MailsPage)
    house.act_as(house.town.manager)
    assert not page.retry.allowed and page.part.current() is None


def test_the_window_comes_back_where_it_was(house: SettingsHouse) -> None:
    house.group("mail")
    parent = house.parent
    tools_again = show_settings(house.session, house.tools, house.store, parent)
    assert tools_again is house.window
    house.window.close()
    QApplication.sendPostedEvents(house.window, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(house.window)
    again = show_settings(house.session, house.tools, house.store, parent)
    assert isinstance(again.stack.currentWidget(), MailPage)
    wait_until(lambda: house.jobs.idle, "it has read")
    again.close()
    house.window = again
