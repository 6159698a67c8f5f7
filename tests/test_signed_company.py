"""A real company from its first page to the second person who signs in: the real window, real files, nothing left."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from sqlalchemy import select

from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person, Right, Tool
from erpdesk.views.dialogs.job_costs import JobCostsWindow
from erpdesk.views.missing import NO_COMPANIES, NO_MEMBER, NO_PROJECT_TITLE, NO_PROJECTS
from erpdesk.views.people.first_run_page import FirstRunPage
from erpdesk.views.people.idle import IdleWatch
from erpdesk.views.people.password_dialog import AskAgainDialog
from erpdesk.views.people.people_window import PeopleWindow
from erpdesk.views.people.sign_in_page import SignInPage
from erpdesk.views.tabs.erp_integrations.bulk_dialog import AcceptSeveral
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.people_rows import PersonDraft
from erpdesk.workflows.queries import ALL_JOBS_HIDDEN
from erpdesk.workflows.rows import CommitmentDraft, ErpState, LineDraft
from tests.signed_site import ACCOUNT, ADMINISTRATOR, FIRST, SECRETS, Site, found_site, running
from tests.views.house import type_into

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(120)]
MANAGER, OTHER = "Di Falk", "Eli Grant"
SECRETS[MANAGER], SECRETS[OTHER] = "four slow clouds", "eight wet stones"
SENDER = {
    **dict.fromkeys(Tool, Right.READ_ONLY),
    Tool.COMMITMENTS: Right.ADMIN,
    Tool.ERP_INTEGRATIONS: Right.STANDARD,
}


@pytest.fixture
def site(
    tmp_path: Path, sample_folder: Path, monkeypatch: pytest.MonkeyPatch, qapp: object, cheap_passwords: None
) -> Iterator[Site]:
    """The program on a company without anybody."""
    found_site(tmp_path, sample_folder, monkeypatch, sign_in_at_accept=True)
    with running() as made:
        yield made


@pytest.fixture
def staffed(site: Site) -> Site:
    """The company after its first page, with two projects, and two senders who belong to one project each."""
    site.begin()
    site.until(lambda: bool(site.company.facts.jobs()), "a first read of Sage")
    site.add_projects()
    administrator = site.id_of(ADMINISTRATOR)
    for name, project in zip((MANAGER, OTHER), site.desk.queries.projects(), strict=True):
        draft = PersonDraft(name, "Project manager", rights=SENDER, projects=frozenset({project.id}))
        person, _ = site.desk.people.save(administrator, draft)
        site.desk.people.set_password(administrator, person, SECRETS[name])
    return site


def make(site: Site, name: str, title: str, *, send: bool = True) -> str:
    """A commitment of a sender on their own project, sent to accounting when wanted."""
    actor, desk = site.id_of(name), site.desk
    (project,) = desk.queries.projects(actor)
    code = next(each for each in desk.queries.codes(project.id, actor) if each.category == "S")
    line = LineDraft("", code.cost_code, "S", "Furnish and erect", amount=Decimal("1234.56"))
    company = desk.queries.companies()[0].id
    number = f"SC-{uuid.uuid4().hex[:6].upper()}"
    made, _ = desk.commitments.save(
        actor,
        CommitmentDraft(
            "Subcontract", project.id, number, title, company, retainage_percent=Decimal(10), lines=(line,)
        ),
    )
    if send:
        desk.commitments.set_status(actor, made, "Approved", desk.queries.commitment(made, actor).version)
        assert desk.erp.send(actor, [made], uuid.uuid4().hex).done == (made,)
    return made


def acts(site: Site, name: str) -> list[str]:
    """What the audit trail says that somebody did, oldest first."""
    with site.company.store.reading() as session:
        who = session.scalars(select(Person.id).where(Person.name == name)).one()
        return list(session.scalars(select(AuditEntry.act).where(AuditEntry.who == who).order_by(AuditEntry.seq)))


def words_on_screen(site: Site) -> str:
    """Everything that labels of the window say, shown or not."""
    return " ".join(each.text() for each in site.window.findChildren(QLabel))


def test_a_new_company_begins_with_its_first_page_and_says_what_it_can_not_do_yet(site: Site) -> None:
    page = site.entry.cover.page
    assert isinstance(page, FirstRunPage) and not site.window.top.isVisible()
    site.begin()
    assert site.window.top.person.text() == f"Signed in as {ADMINISTRATOR}"
    assert acts(site, ADMINISTRATOR)[:3] == ["first_run"] * 3
    site.until(lambda: bool(site.company.facts.vendors()), "a first read of Sage")
    site.settle()
    assert site.window.top.project.text() == NO_PROJECT_TITLE and site.window.top.project.toolTip() == NO_PROJECTS
    (why,) = [each for each in site.window.top.project.menu().actions() if each.text()]
    why.trigger()
    assert NO_PROJECTS in site.window.messages.texts()
    site.window.show_tab("commitments")
    assert NO_PROJECTS in site.reasons("commitment.new_subcontract")
    for table in (site.commitments.table, site.home.waiting):
        assert NO_PROJECTS in table.empty_hint
    site.window.show_tab("directory")
    site.until(lambda: bool(site.directory.table.all_rows()), "the vendors of Sage")
    assert site.directory.missing.isVisible() and site.directory.missing.text() == NO_COMPANIES
    people = site.people()
    people.people.page.tabs.setCurrentIndex(2)
    assert any(each.isVisible() and each.text() == NO_PROJECTS for each in people.findChildren(QLabel))
    people.close()


def test_projects_end_the_sentences_about_missing_ones(site: Site) -> None:
    site.begin()
    site.until(lambda: bool(site.company.facts.vendors()), "a first read of Sage")
    site.add_projects()
    assert site.reasons("commitment.new_subcontract") != NO_PROJECTS
    assert site.window.top.project.text() == site.session.projects[0].name
    site.directory.reload()
    site.settle()
    assert not site.directory.missing.text()


def test_the_privilege_goes_from_one_person_through_another_to_the_accept(staffed: Site) -> None:
    site = staffed
    people = site.people()
    people.people.table.set_current_id(site.id_of(OTHER))
    site.settle()
    people.people.page.privilege.ask.pressed_ok.emit()
    site.comment("Stands in for accounting.")
    assert "You asked for this yourself" in people.people.page.privilege.confirm.reasons()[0]
    people.close()
    made = make(site, MANAGER, "Steel of the first")
    site.sign_out()
    site.sign_in(FIRST)
    people = site.people()
    assert people.strip.count("requests") == 1
    people.strip.choose("requests")
    people.requests.table.select_ids([people.requests.table.all_rows()[0].id])
    people.requests.confirm.pressed_ok.emit()
    site.comment("I know the work.")
    people.close()
    site.sign_out()
    site.sign_in(OTHER)
    person = site.session.person
    assert person is not None and person.can_push
    assert acts(site, FIRST)[-1] == "push_confirm"
    site.sign_out()
    site.sign_in(FIRST)
    site.window.show_tab("erp")
    site.settle()
    assert [row.item_id for row in site.erp.queue.table.all_rows()] == [made]
    site.until(lambda: not site.window.registry.reasons("erp.accept"), "accept on offer")
    site.trigger("erp.accept")
    dialog = site.dialog(AskAgainDialog)
    field = dialog.form.row("password").widget
    type_into(field, "not the password")
    dialog.go_on()
    site.settle()
    assert site.desk.queries.commitment(made, site.session.actor).row.erp_state is ErpState.SENT
    type_into(field, SECRETS[FIRST])
    dialog.go_on()
    site.settle()
    assert site.desk.queries.commitment(made, site.session.actor).row.erp_state is not ErpState.SENT
    assert [each for each in acts(site, FIRST) if each in ("check_again", "accept")] == ["check_again", "accept"]


def test_a_half_typed_form_outlives_a_lock_and_the_next_person_finds_nothing_of_it(staffed: Site) -> None:
    site = staffed
    made = make(site, MANAGER, "Steel of the first")
    theirs = make(site, OTHER, "Roof of the other", send=False)
    site.sign_out()
    site.sign_in(MANAGER)
    (project,) = site.session.projects
    assert site.window.top.project.text() == project.name
    site.window.show_tab("commitments")
    site.settle()
    assert [row.id for row in site.commitments.table.all_rows()] == [made]
    site.desk.erp.retrieve(site.session.actor, [made], uuid.uuid4().hex)
    version = site.desk.queries.commitment(made, site.session.actor).version
    site.desk.commitments.set_status(site.session.actor, made, "Draft", version)
    site.commitments.open(made)
    site.settle()
    title = site.commitments.page.header_form.title
    type_into(title, "Half written")
    site.trigger("entry.lock")
    assert isinstance(site.entry.cover.page, SignInPage) and not title.isVisible()
    site.sign_in(MANAGER)
    assert title.isVisible() and title.value() == "Half written"
    site.commitments.page.revert()
    QGuiApplication.clipboard().setText("Steel of the first")
    assert site.window.registry.action("edit.undo").text() != "Undo"
    site.sign_out()
    assert isinstance(site.entry.cover.page, SignInPage)
    assert site.session.person is None and site.session.projects == ()
    assert not QGuiApplication.clipboard().text()
    for table in (site.commitments.table, site.home.waiting, site.erp.queue.table):
        assert table.all_rows() == ()
    site.sign_in(OTHER)
    assert [row.id for row in site.commitments.table.all_rows()] == [theirs]
    assert not site.commitments.editor.is_open and not site.commitments.side.isVisible()
    assert project.name not in site.window.top.project.text()
    assert site.erp.queue.table.all_rows() == () and site.erp.page.review is None
    assert "first" not in site.window.registry.action("edit.undo").text()
    assert site.desk.finder.find(site.session.actor, "Steel of the first") == ()
    assert site.window.strip.count("commitments") == 0
    assert not any("Half written" in text for text in site.window.messages.texts())


def test_whoever_is_let_go_at_another_desk_leaves_no_window_and_no_page(staffed: Site) -> None:
    site = staffed
    made = make(site, MANAGER, "Steel of the first", send=False)
    administrator, manager = site.id_of(ADMINISTRATOR), site.id_of(MANAGER)
    site.sign_out()
    site.sign_in(MANAGER)
    site.window.show_tab("commitments")
    site.commitments.open(made)
    site.settle()
    type_into(site.commitments.page.header_form.title, "Half written")
    site.people()
    changes = site.desk.people.set_active(administrator, manager, False, "left the firm")
    site.session.publish(changes)
    site.settle()
    assert isinstance(site.entry.cover.page, SignInPage) and site.session.person is None
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, PeopleWindow)]
    site.sign_in(OTHER)
    assert not site.commitments.editor.is_open and site.commitments.table.all_rows() == ()
    assert "Half written" not in words_on_screen(site)
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


def test_a_member_of_no_project_is_told_so(staffed: Site) -> None:
    site = staffed
    administrator = site.id_of(ADMINISTRATOR)
    person, _ = site.desk.people.save(administrator, PersonDraft("Fay Moor", rights=SENDER))
    SECRETS["Fay Moor"] = "six loud rivers"
    site.desk.people.set_password(administrator, person, SECRETS["Fay Moor"])
    make(site, MANAGER, "Steel of the first")
    site.sign_out()
    site.sign_in("Fay Moor")
    assert site.reasons("commitment.new_order") == NO_MEMBER
    assert NO_MEMBER in site.commitments.table.empty_hint
    assert site.commitments.table.all_rows() == () == site.erp.queue.table.all_rows()
    assert site.desk.console.counts(person).count("commitment", View.READY_TO_EXPORT) == 0

    site.trigger("costs.show")
    costs = site.dialog(JobCostsWindow)
    site.until(lambda: ALL_JOBS_HIDDEN in costs.table.empty_hint, "why no job is shown")
    assert costs.table.count() == 0
    costs.close()


def test_the_mapped_windows_account_signs_in_by_itself_and_is_shown(site: Site) -> None:
    site.begin()
    button = site.window.top.person
    assert button.toolTip() == f"Windows account {ACCOUNT}" == button.accessibleDescription()
    assert acts(site, ADMINISTRATOR).count("sign_in") >= 1
    with site.company.store.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None and entry.login == ACCOUNT
    site.entry.lock()
    assert ADMINISTRATOR in site.page.explain()


def later(watch: IdleWatch, seconds: float) -> None:
    """So much later, without a key or a move of the mouse."""
    now = watch.monotonic
    watch.monotonic = lambda: now() + seconds


def locked(site: Site) -> bool:
    """Whether a page stands before the window at this moment."""
    return site.entry.locked


def test_nobody_at_the_desk_locks_the_window_after_the_minutes_of_the_settings(staffed: Site) -> None:
    site = staffed
    watch, settings = site.entry.idle, site.company.desk.office.settings()
    assert settings.lock_minutes == 15
    watch.look()
    assert not locked(site)
    administrator = site.id_of(ADMINISTRATOR)
    site.desk.settings.change(administrator, "lock_minutes", 1, "A desk in the hall.")
    later(watch, 61)
    watch.look()
    assert locked(site) and not site.window.top.isVisible()
    site.sign_in(ADMINISTRATOR)
    assert site.window.top.isVisible() and not locked(site)
    site.desk.settings.change(administrator, "lock_minutes", 0, "A locked room.")
    later(watch, 100_000)
    watch.look()
    assert not locked(site)


def waiting(site: Site, name: str, *titles: str) -> list[str]:
    """Commitments of the manager that wait for an approver, who is signed in and looks at them."""
    made = [make(site, MANAGER, title) for title in titles]
    site.sign_out()
    site.sign_in(name)
    site.window.show_tab("erp")
    site.settle()
    site.until(lambda: not site.window.registry.reasons("erp.accept"), "accept on offer")
    return made


def withdraw(site: Site, name: str) -> None:
    """Takes the privilege away at another desk; this window hears nothing of it."""
    site.desk.people.withdraw_push(site.id_of(ADMINISTRATOR), site.id_of(name), "Moved on.", uuid.uuid4().hex)


def states(site: Site, made: list[str]) -> set[ErpState]:
    administrator = site.id_of(ADMINISTRATOR)
    return {site.desk.queries.commitment(each, administrator).row.erp_state for each in made}


def test_a_right_that_is_revoked_while_the_password_is_asked_for_accepts_nothing(staffed: Site) -> None:
    site = staffed
    made = waiting(site, FIRST, "Steel")
    site.trigger("erp.accept")
    dialog = site.dialog(AskAgainDialog)
    withdraw(site, FIRST)
    type_into(dialog.form.row("password").widget, SECRETS[FIRST])
    dialog.go_on()
    site.settle()
    assert states(site, made) == {ErpState.SENT} and "accept" not in acts(site, FIRST)
    assert any(f"{FIRST} does not have it" in text for text in site.window.messages.texts())


def test_a_right_that_is_revoked_while_a_bulk_dialog_is_open_accepts_nothing(staffed: Site) -> None:
    site = staffed
    made = waiting(site, FIRST, "Steel", "Glass")
    site.erp.queue.table.select_ids([row.id for row in site.erp.queue.table.all_rows()])
    site.settle()
    site.until(lambda: not site.window.registry.reasons("erp.accept"), "accept on offer")
    site.trigger("erp.accept")
    dialog = site.dialog(AcceptSeveral)
    withdraw(site, FIRST)
    dialog.yes.click()
    site.settle()
    again = site.dialog(AskAgainDialog)
    type_into(again.form.row("password").widget, SECRETS[FIRST])
    again.go_on()
    site.settle()
    assert states(site, made) == {ErpState.SENT} and "accept" not in acts(site, FIRST)
    said = " ".join(site.window.messages.texts()) + words_on_screen(site)
    assert f"{FIRST} does not have it" in said


def test_a_right_that_is_revoked_while_a_grant_is_confirmed_gives_nothing(staffed: Site) -> None:
    site = staffed
    administrator, other = site.id_of(ADMINISTRATOR), site.id_of(OTHER)
    site.desk.people.request_push(administrator, other, "Stands in.", uuid.uuid4().hex)
    site.sign_out()
    site.sign_in(FIRST)
    people = site.people()
    people.strip.choose("requests")
    people.requests.table.select_ids([people.requests.table.all_rows()[0].id])
    people.requests.confirm.pressed_ok.emit()
    withdraw(site, FIRST)
    site.comment("I know the work.")
    with site.company.store.reading() as session:
        assert not session.get_one(Person, other).can_push
    assert "push_confirm" not in acts(site, FIRST)
    assert any("This needs" in text for text in people.messages.texts())
    people.close()
