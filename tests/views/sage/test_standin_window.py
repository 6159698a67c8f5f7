"""The *Stand-in Sage* window: each act of a trainee really changes the stand-in's tables, files and switches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.faults import Faults
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.programs import PROGRAMS, post_invoices
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage.standin_books import MODULES, month_to_close, plain_days
from erpdesk.views.sage.standin_faults import SWITCHES
from erpdesk.views.sage.standin_window import PLAYS, StandInWindow, show_standin
from tests.sync.mirror.kit import copied
from tests.views.house import type_into, wait_until


@pytest.fixture
def company(sample_folder: Path, tmp_path: Path) -> SandboxCompany:
    """The sample company's Sage with nothing waiting in the mailbox."""
    return SandboxCompany(copied(sample_folder, tmp_path / "sage"))


@pytest.fixture
def operator(company: SandboxCompany) -> SandboxOperator:
    """The person in Sage; the thread is not started."""
    return SandboxOperator(company)


@pytest.fixture
def window(
    theme: Theme, company: SandboxCompany, operator: SandboxOperator, request: pytest.FixtureRequest
) -> Iterator[StandInWindow]:
    """The open window; an error that is a bug fails the test."""
    bugs: list[BaseException] = []
    jobs = Jobs(Bridge(), bugs.append)
    made = StandInWindow(company, jobs, MemoryStore(), operator=operator)
    made.show()
    settle(made)
    yield made
    if shiboken6.isValid(made):
        made.reject()
    assert jobs.close()
    QApplication.sendPostedEvents(None, 52)
    assert not bugs


def settle(window: StandInWindow) -> None:
    """Lets every act and the reading after it come to their end."""
    wait_until(lambda: window.settled, "the window is settled", 20_000)


def ask(company: SandboxCompany, sql: str, *values: object) -> list[Any]:
    """What Sage's tables hold."""
    with closing(company.writable()) as connection:
        return connection.execute(sql, values).fetchall()


def press(window: StandInWindow, button: QPushButton) -> None:
    """Presses a button as a person does, a moment after whatever came before."""
    if isinstance(button, ReasonButton):
        assert button.allowed, button.reasons()
        button.pressed_ok.emit()
    else:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(window)


def agree(window: StandInWindow) -> None:
    """Says yes to the question that stands open."""
    question = next(each for each in window.findChildren(ConfirmDialog) if each.isVisible())
    question.accept()
    settle(window)


def deliver(window: StandInWindow, *lines: str, name: str = "commitments.jcc") -> None:
    """Lays a file into the mailbox and looks again."""
    company = window.desk.company
    (company.imports / name).write_bytes("".join(line + "\r\n" for line in lines).encode("cp1252"))
    window.desk.read()
    settle(window)


def choose(window: StandInWindow, program: str) -> None:
    """Chooses an import as a person does in the list."""
    window.imports.program.setCurrentIndex(list(PROGRAMS).index(program))
    settle(window)


def place(company: SandboxCompany) -> tuple[str, str, str, str, str]:
    """An active vendor, and a category of a base job that can take cost."""
    found = ask(
        company,
        "SELECT c.Job, c.Cost_Code, c.Category FROM JCM_MASTER__CATEGORY c JOIN JCM_MASTER__COST_CODE k "
        "USING (Job, Extra, Cost_Code) JOIN JCM_MASTER__JOB j USING (Job) "
        "WHERE c.Extra = '' AND k.Status <> 'Closed' AND c.Status <> 'Closed' AND j.Status <> 'Closed' "
        "AND k.Group_Cost_Code = 0 ORDER BY 1, 2, 3",
    )[0]
    vendor = ask(company, "SELECT Vendor FROM APM_MASTER__VENDOR WHERE Status = 'Active' ORDER BY 1")[0][0]
    return (vendor, found[0], "", found[1], found[2])


def commitment_lines(company: SandboxCompany) -> tuple[str, ...]:
    """A commitment that goes in, and one of a vendor that is not there."""
    vendor, job, extra, code, category = place(company)
    line = f'"CI","{{}}",1,"Line",,,,"{job}","{extra}","{code}","{category}","",,,,"",100.10'
    header = '"C","{}",1,"Steel","{}",11/02/2026,10,1,0,0'
    return (header.format("ZZ-1", vendor), line.format("ZZ-1"), header.format("ZZ-2", "NONE"), line.format("ZZ-2"))


def test_it_says_plainly_that_it_is_another_program(window: StandInWindow, company: SandboxCompany) -> None:
    assert PLAYS == "This plays Sage. Nothing here is erpdesk."
    assert PLAYS in [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert "erpdesk" not in window.windowTitle()
    assert window.company_name.text() == company.name


def test_an_import_goes_into_the_tables_and_its_papers_are_shown(
    window: StandInWindow, company: SandboxCompany
) -> None:
    """Without a file the button says what is missing; the journal says line for line what was rejected."""
    choose(window, "import_commitments")
    assert not window.imports.run.allowed and "No file lies in the mailbox" in window.imports.run.reasons()[0]
    assert "printed no journal" in window.imports.paper.toPlainText()
    deliver(window, *commitment_lines(company))
    changed: list[bool] = []
    window.changed.connect(lambda: changed.append(True))
    press(window, window.imports.run)
    assert ask(company, "SELECT Amount FROM JCM_MASTER__COMMITMENT WHERE Commitment LIKE 'ZZ%'") == [(100.1,)]
    said = [(check.text, check.state) for check in window.imports.outcome.checks()]
    assert ("2 records accepted.", "ok") in said
    assert ("2 records rejected. The journal says why.", "error") in said
    assert "Rejected: vendor NONE does not exist." in window.imports.paper.toPlainText()
    window.imports.tabs.setCurrentIndex(1)
    assert window.imports.paper.toPlainText().splitlines() == list(commitment_lines(company)[2:])
    assert changed == [True]
    assert "commitments.prn" in window.mailbox.text()
    with closing(company.connect()) as door:
        assert ties(door) == []


def test_an_estimate_moves_totals_only_when_it_is_posted(window: StandInWindow, company: SandboxCompany) -> None:
    """The option is ticked, the entry waits with its amount, Post entries moves the estimate."""
    _, job, _, code, category = place(company)
    where = (
        "SELECT Approved_Estimate_Changes FROM JCM_MASTER__CATEGORY "
        "WHERE Job = ? AND Extra = '' AND Cost_Code = ? AND Category = ?"
    )
    before = ask(company, where, job, code, category)[0][0]
    waiting = len(ask(company, "SELECT Run FROM JCT_NEW__TRANSACTION"))
    choose(window, "import_estimates")
    assert [box.text() for box in window.imports.options.values()] == [
        "Amounts are approved estimate changes",
        "Allow cost codes that are not standard",
    ]
    window.imports.options["approved_estimate_change"].setChecked(True)
    lines = (f'"*","{job}","Job"', f'"C","{code}","","{category}",11022026,,"",500.00')
    deliver(window, *lines, name="estimates.jce")
    press(window, window.imports.run)
    assert len(ask(company, "SELECT Run FROM JCT_NEW__TRANSACTION")) == waiting + 1, window.imports.paper.toPlainText()
    assert ask(company, where, job, code, category)[0][0] == before
    window.show_page("post")
    assert window.post.entries.values()["Not posted"].startswith(str(waiting + 1))
    press(window, window.post.post_entries)
    assert ask(company, "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION") == [(0,)]
    assert ask(company, where, job, code, category)[0][0] == pytest.approx(before + 500.0)
    assert not window.post.post_entries.allowed
    assert "posted" in " ".join(window.messages.texts())


def test_posting_invoices(window: StandInWindow, company: SandboxCompany) -> None:
    """What waits among the new invoices goes to the master."""
    waiting = ask(company, "SELECT Vendor, Invoice FROM API_NEW__INVOICE")
    assert window.post.invoices.values()["Not posted"] == f"{len(waiting)} invoice{'s' * (len(waiting) != 1)}"
    if waiting:
        press(window, window.post.post_invoices)
    for vendor, invoice in waiting:
        assert ask(company, "SELECT 1 FROM APM_MASTER__INVOICE WHERE Vendor = ? AND Invoice = ?", vendor, invoice)
    assert not window.post.post_invoices.allowed


def test_what_is_not_posted_is_one_list_with_plain_dates(window: StandInWindow, company: SandboxCompany) -> None:
    company.choose(jc_closed_through="2099-12-31")
    window.show_page("post")
    page = window.post
    waiting = ask(company, "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION WHERE Transaction_Type LIKE '%cost%'")[0][0]
    if page.post_entries.allowed:
        press(window, page.post_entries)
        assert len(page.said.checks()) == waiting and page.said_card.isVisible() == (waiting > 0)
        assert len(window.messages.texts()) == 1
    assert plain_days("Closed through 2026-10-31.") == "Closed through 10/31/2026."


def test_a_vendor_is_found_by_its_id_and_after_a_miss(window: StandInWindow, company: SandboxCompany) -> None:
    page, vendor = window.vendors, place(company)[0]
    window.show_page("vendors")
    window.activateWindow()
    page.vendor.setFocus()
    QTest.keyClicks(page.vendor, "no such vendor")
    window.desk.read()
    settle(window)
    assert not page.vendor.list.is_open() and "matches" in (page.vendor.problem() or "")
    page.vendor.selectAll()
    QTest.keyClicks(page.vendor, vendor)
    assert page.vendor.list.is_open() and page.vendor.list.shown()[0].id == vendor
    window.desk.read()
    settle(window)
    assert page.vendor.list.is_open(), "looking again closes no list"
    QTest.keyClick(page.vendor, Qt.Key.Key_Return)
    assert page.vendor.value() == vendor and page.form.value("name")


def test_paying_the_ticked_invoices(window: StandInWindow, company: SandboxCompany) -> None:
    """Only those that are ticked are paid, all but their retainage."""
    post_invoices(company)
    window.desk.read()
    settle(window)
    window.show_page("pay")
    assert window.pay.pay.reasons() == ("Tick an invoice first.",)
    rows = window.pay.table.shown_rows()
    window.pay.table.select_ids([rows[0].id])
    press(window, window.pay.pay)
    paid = "SELECT Amount - Retainage, Amount_Paid FROM APM_MASTER__INVOICE WHERE Vendor = ? AND Invoice = ?"
    due, amount = ask(company, paid, *rows[0].id)[0]
    assert Decimal(str(amount)) == rows[0].due and amount == pytest.approx(due)
    assert ask(company, paid, *rows[1].id)[0][1] == 0.0
    assert rows[0].id not in [row.id for row in window.pay.table.shown_rows()]
    assert window.nav.count_of("pay") == len(rows) - 1


def test_a_vendor_is_edited(window: StandInWindow, company: SandboxCompany) -> None:
    """Name, status and insurance; before a vendor is chosen nothing can be typed."""
    page, vendor = window.vendors, place(company)[0]
    window.show_page("vendors")
    assert page.save.reasons() == ("Choose a vendor first.",)
    page.vendor.set_value(vendor)
    page.vendor.value_changed.emit(vendor)
    assert page.save.reasons() == ("Nothing is changed.",)
    type_into(page.form.row("name").widget, "Renamed & Sons")
    type_into(page.form.row("policy").widget, "GL-77")
    status = page.form.row("status").widget
    QTest.keyClick(status, Qt.Key.Key_Down)
    page.form.field("expires").set_value(date(2027, 6, 30))
    press(window, page.save)
    sql = "SELECT Name, Status, GL_Ins_Policy_Number, GL_Ins_Expiration_Dt FROM APM_MASTER__VENDOR WHERE Vendor = ?"
    assert ask(company, sql, vendor) == [("Renamed & Sons", "Inactive", "GL-77", "2027-06-30")]
    assert page.save.reasons() == ("Nothing is changed.",)


def test_a_commitment_is_deleted_after_a_question(window: StandInWindow, company: SandboxCompany) -> None:
    """Only one on which nothing is invoiced; Sage's own refusal is shown when it has another reason."""
    page = window.commitments
    window.show_page("commitments")
    assert page.delete.reasons() == ("Choose one commitment first.",)
    invoiced = next(row for row in page.table.shown_rows() if row.invoiced)
    page.table.select_ids([invoiced.id])
    assert "Sage keeps it" in page.delete.reasons()[0]
    free = ask(
        company,
        "SELECT Commitment FROM JCM_MASTER__COMMITMENT WHERE Amount_Invoiced = 0 AND Commitment NOT IN "
        "(SELECT Commitment FROM JCM_MASTER__COMMITMENT_CO UNION SELECT Commitment FROM APM_MASTER__DISTRIBUTION "
        "UNION SELECT Commitment FROM API_NEW__DISTRIBUTION) ORDER BY 1",
    )[0][0]
    page.table.select_ids([free])
    press(window, page.delete)
    assert ask(company, "SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", free)
    agree(window)
    assert not ask(company, "SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", free)
    assert free not in [row.id for row in page.table.shown_rows()]


@pytest.mark.parametrize("module", ["JC", "AP"])
def test_a_month_is_closed_after_a_question(window: StandInWindow, company: SandboxCompany, module: str) -> None:
    window.show_page("month")
    before = window.month.facts[module].values()["Closed through"]
    press(window, window.month.buttons[module])
    question = next(each for each in window.findChildren(ConfirmDialog) if each.isVisible())
    month = f"{month_to_close(company.settings, module):%B %Y}"
    assert question.windowTitle() == f"Close {month} of {MODULES[module]}?" and question.no.isDefault()
    agree(window)
    settings = company.settings
    closed = settings.jc_closed_through if module == "JC" else settings.ap_closed_through
    shown = window.month.facts[module].values()["Closed through"]
    assert shown == f"{date.fromisoformat(closed):%m/%d/%Y}" != before
    assert f"{date.fromisoformat(closed):%B %Y}" == month


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.key)
def test_each_trouble_is_switched_on_and_off(window: StandInWindow, company: SandboxCompany, switch: Any) -> None:
    """The switch in the window is the switch of the company, and every one says what it does."""
    window.show_page("faults")
    box = window.faults.boxes[switch.key]
    assert switch.hint and box.text() == switch.words
    for on in (True, False):
        box.click()
        settle(window)
        assert (getattr(company.faults, switch.key) != switch.off) is on
        assert box.isChecked() is on


def test_every_switch_of_a_company_is_in_the_window() -> None:
    """A new fault without words would be missed here."""
    assert {switch.key for switch in SWITCHES} == set(vars(Faults()))


def test_all_is_well_again(window: StandInWindow, company: SandboxCompany) -> None:
    """One button switches everything off; values that can be chosen are kept while on."""
    window.show_page("faults")
    window.faults.boxes["slow"].click()
    settle(window)
    choice = window.faults.choices["slow"]
    QTest.keyClick(choice, Qt.Key.Key_Down)
    settle(window)
    window.faults.boxes["lock"].click()
    settle(window)
    assert company.faults == Faults(slow=3.0, lock=True)
    assert window.faults.told.text() == "2 troubles are switched on."
    press(window, window.faults.well)
    assert company.faults == Faults()
    assert not window.faults.well.allowed


def test_an_import_that_waits_for_an_answer_goes_on_when_the_trouble_ends(
    window: StandInWindow, company: SandboxCompany
) -> None:
    """Meanwhile the window lives, says that Sage waits, and lets the switch be turned off."""
    company.set_faults(prompt_hang=True)
    choose(window, "import_commitments")
    deliver(window, *commitment_lines(company))
    window.imports.run.pressed_ok.emit()
    wait_until(lambda: window.desk.under_way == 1, "the import runs")
    assert "waits for an answer" in window.imports.outcome.checks()[0].text
    assert window.imports.run.reasons() == ("Sage is busy with an import.",)
    window.faults.make_well()
    settle(window)
    assert ask(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'ZZ-1'") == [(1,)]


def test_an_import_that_waits_is_given_up_when_the_window_closes(
    window: StandInWindow, company: SandboxCompany
) -> None:
    """Nothing hangs on: no thread waits, nothing was imported."""
    jobs = window.desk.jobs
    company.set_faults(prompt_hang=True)
    choose(window, "import_commitments")
    deliver(window, *commitment_lines(company))
    window.imports.run.pressed_ok.emit()
    window.reject()
    wait_until(lambda: jobs.idle, "the import is given up")
    assert ask(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT WHERE Commitment LIKE 'ZZ%'") == [(0,)]


def test_what_stops_sage_is_said_in_plain_words(window: StandInWindow, company: SandboxCompany) -> None:
    """A full disk: the sentence says what was kept, and the program is no bug."""
    company.set_faults(disk_full=True)
    choose(window, "import_commitments")
    deliver(window, *commitment_lines(company))
    press(window, window.imports.run)
    said = " ".join(window.messages.texts())
    assert "No space left on device" in said and "Nothing was changed in Sage." in said
    assert not ask(company, "SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment LIKE 'ZZ%'")


def test_a_stopped_import_says_why(window: StandInWindow, company: SandboxCompany) -> None:
    company.set_faults(no_licence=True)
    choose(window, "import_commitments")
    deliver(window, *commitment_lines(company))
    press(window, window.imports.run)
    (check,) = window.imports.outcome.checks()
    assert check.state == "error" and "licences are in use" in check.text


def test_the_person_in_sage_can_be_told_to_wait(window: StandInWindow, operator: SandboxOperator) -> None:
    """The switch below pauses and wakes the operator."""
    seen = [(window.by_itself.isChecked(), operator.paused)]
    for _ in range(2):
        window.by_itself.click()
        seen.append((window.by_itself.isChecked(), operator.paused))
    assert seen == [(True, False), (False, True), (True, False)]


class Pause:
    """Says that it is time to wait, and counts how often it was asked."""

    asked = 0

    def __bool__(self) -> bool:
        self.asked += 1
        return True


def test_a_paused_operator_leaves_the_mailbox_alone(company: SandboxCompany) -> None:
    """The running thread imports nothing while it is paused, and the file as soon as it is not."""
    operator, pause = SandboxOperator(company, interval=0.01), Pause()
    told: Any = pause
    operator.paused = told
    lines = "".join(line + "\r\n" for line in commitment_lines(company))
    (company.imports / "commitments.jcc").write_bytes(lines.encode("cp1252"))
    journal = company.imports / "commitments.prn"
    operator.start()
    try:
        wait_until(lambda: pause.asked > 3, "it looked several times", 20_000)
        assert not journal.exists()
        operator.paused = False
        wait_until(journal.exists, "the journal is printed", 20_000)
    finally:
        operator.stop()


def test_it_is_worked_by_keyboard(window: StandInWindow, company: SandboxCompany) -> None:
    """Arrows walk the tasks, F5 looks again, Esc leaves, and every box and button is reached by Tab."""
    window.activateWindow()
    window.nav.setFocus()
    QTest.keyClick(window.nav, Qt.Key.Key_Down)
    assert window.stack.currentWidget() is window.post
    (company.imports / "direct.txt").write_bytes(b"")
    QTest.keyClick(window, Qt.Key.Key_F5)
    settle(window)
    assert "direct.txt" in window.mailbox.text()
    for button in window.findChildren(QPushButton):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.text()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not shiboken6.isValid(window) or not window.isVisible()


def test_it_is_opened_once(window: StandInWindow, company: SandboxCompany, operator: SandboxOperator) -> None:
    """Asked for again, the open window comes to the front; one that was closed is made anew."""
    main = QWidget()
    jobs, store = window.desk.jobs, MemoryStore()
    first = show_standin(company, jobs, store, main, operator)
    assert show_standin(company, jobs, store, main, operator) is first
    settle(first)
    first.reject()
    QApplication.sendPostedEvents(None, 52)
    second = show_standin(company, jobs, store, main, operator)
    assert not shiboken6.isValid(first) and second.isVisible()
    settle(second)
    second.reject()
    main.deleteLater()


@pytest.mark.parametrize("points", [10, 14])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_page_needs_to_be_scrolled_sideways(window: StandInWindow, theme: Theme, mode: Any, points: int) -> None:
    """In both dresses and with large text, on a small screen."""
    theme.set_mode(mode)
    theme.set_points(points)
    window.resize(900, 620)
    for key, (_, page) in window.pages.items():
        window.show_page(key)
        settle(window)
        QApplication.processEvents()
        bar = page.area.horizontalScrollBar()
        assert bar.maximum() == 0, key
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each is not window]
