"""The window with the job-cost transactions of a project, over a real mirror."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.lists import ListAsk
from erpdesk.core.money import show_amount
from erpdesk.views.dialogs.job_costs import NOT_SYNCED, JobCostsWindow, checks, facts
from erpdesk.views.kit.list_export import ExportNotice, write_list
from erpdesk.views.kit.theme import Theme
from erpdesk.workflows.rows import CostTotal
from tests.sync.mirror.kit import alter
from tests.town import Town
from tests.views.house import House, open_house, wait_until


@pytest.fixture
def house(town: Town, theme: Theme) -> Iterator[House]:
    with open_house(town, theme) as made:
        made.window.top.project_chosen.emit(town.project(1))
        made.settle()
        yield made


@pytest.fixture
def costs(house: House) -> Iterator[JobCostsWindow]:
    """The window as Ctrl+J opens it, on the second project."""
    house.trigger("costs.show")
    made = house.window.findChild(JobCostsWindow)
    assert made is not None
    settle(house, made)
    yield made
    if shiboken6.isValid(made):
        made.reject()
    QApplication.sendPostedEvents(None, 52)


def settle(house: House, window: JobCostsWindow) -> None:
    house.settle()
    wait_until(lambda: window.table.settled() and house.jobs.idle, "the list is read")


def sum_of(town: Town, job: str) -> Decimal:
    """What Sage's own tables say: base job and extras."""
    source = town.facts.transactions(job)
    return source.sums(source.spine(ListAsk()).ids)["amount"]


def test_the_key_opens_one_window_and_brings_it_back(house: House, costs: JobCostsWindow) -> None:
    house.window.activateWindow()
    QTest.keyClick(house.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert house.window.findChildren(JobCostsWindow) == [costs]
    assert not costs.isModal() and costs.isVisible()


def test_nothing_is_opened_before_the_company_is(town: Town, theme: Theme) -> None:
    with open_house(town, theme, attach=False) as house:
        assert house.reasons("costs.show")
        assert house.window.beside.show_job_costs() is None


def test_totals_tie_to_the_cost_to_date_of_base_job_and_extras(house: House, costs: JobCostsWindow) -> None:
    job = house.town.project(1).sage_job
    shown = costs.totals.values()
    base = house.town.facts.job(job)
    assert base is not None and shown[f"JTD cost, base job {job}"] == show_amount(base.jtd_cost)
    assert [name.split()[3] for name in shown if "extra" in name] == ["X01", "X02"]
    assert [check.state for check in costs.checks.checks()] == ["ok"]
    total = sum((each.jtd_cost for each in house.town.facts.transactions(job).standing()), Decimal("0.00"))
    assert total == sum_of(house.town, job)
    assert costs.table.footer.texts() == [f"{costs.table.count():,} transactions  {show_amount(total)}"]
    assert job in costs.about.text()


def test_a_filter_shows_and_adds_up_what_holds_the_word(house: House, costs: JobCostsWindow) -> None:
    costs.filter.set_text("payroll")
    settle(house, costs)
    job = house.town.project(1).sage_job
    spine = house.town.facts.transactions(job).spine(ListAsk.of("payroll", (("day", True),)))
    assert 0 < len(spine.ids) == costs.table.count() < spine.total
    assert costs.table.footer.texts() == [
        f"{len(spine.ids):,} transactions shown of {spine.total:,}  {show_amount(spine.sums['amount'])}"
    ]


def test_letters_typed_into_the_list_go_to_the_filter(house: House, costs: JobCostsWindow) -> None:
    QTest.keyClick(costs.table, Qt.Key.Key_W)
    assert costs.filter.text() == "w"
    costs.filter.set_text("")
    settle(house, costs)


def test_the_window_follows_the_project(house: House, costs: JobCostsWindow) -> None:
    town = house.town
    house.window.top.project_chosen.emit(town.project(0))
    settle(house, costs)
    assert town.project(0).sage_job in costs.about.text()
    assert costs.table.count() == len(town.facts.transactions(town.project(0).sage_job).spine(ListAsk()).ids)
    assert "job" not in [column.key for column in costs.table.visible_columns()]
    house.window.top.project_chosen.emit(None)
    settle(house, costs)
    assert costs.about.text() == "All jobs" and costs.table.count() == 300
    assert "job" in [column.key for column in costs.table.visible_columns()]
    assert list(costs.totals.values()) == ["JTD cost of 3 base jobs", "JTD cost of 2 extras"]


def test_a_project_without_a_job_says_what_to_do(house: House, costs: JobCostsWindow) -> None:
    session = house.window.session
    assert session is not None
    session.set_project(replace(house.town.project(1), id="another", sage_job=""))
    settle(house, costs)
    assert (costs.table.empty_title, costs.table.empty_hint) == NOT_SYNCED
    assert costs.table.count() == 0 and costs.totals.values() == {} and "not synced" in costs.about.text()
    session.publish(Changes.of("project", "another"))
    settle(house, costs)
    assert costs.table.count() == 0


def test_what_changes_in_sage_is_shown_after_the_next_read(house: House, costs: JobCostsWindow) -> None:
    town, job = house.town, house.town.project(1).sage_job
    before = sum_of(town, job)
    alter(
        town.sage.folder,
        "UPDATE JCT_CURRENT__TRANSACTION SET Amount = Amount + 100, Description = 'Later' WHERE rowid = "
        f"(SELECT MIN(rowid) FROM JCT_CURRENT__TRANSACTION WHERE Job = '{job}')",
    )
    town.read_sage()
    session = house.window.session
    assert session is not None
    session.publish(Changes.of(SAGE, "JCT_CURRENT__TRANSACTION"))
    settle(house, costs)
    assert costs.table.footer.texts()[0].endswith(show_amount(before + 100))
    warned = costs.checks.checks()
    assert [check.state for check in warned] == ["warning"] and "Sage keeps" in warned[0].text
    costs.filter.set_text("later")
    settle(house, costs)
    assert costs.table.count() == 1


def told(house: House, costs: JobCostsWindow, words: str) -> None:
    """Waits for what the bar says about a file."""
    notice = costs.filter.findChild(ExportNotice)
    assert notice is not None
    wait_until(lambda: any(words in each for each in notice.messages.texts()), words)
    notice.messages.clear()


def test_the_list_is_exported_as_it_is_shown(house: House, costs: JobCostsWindow, tmp_path: Path) -> None:
    costs.filter.set_text("pr cost")
    settle(house, costs)
    costs.filter.export("csv")
    dialog = costs.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "costs.csv"))
    dialog.reject()
    told(house, costs, "written to costs.csv")
    with (tmp_path / "costs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:3] == ["Date", "Acctg date", "Cost code"] and len(rows) == costs.table.count() + 1
    assert {row[5] for row in rows[1:]} == {"PR cost"}
    written = sum((Decimal(row[-1]) for row in rows[1:]), Decimal("0.00"))
    assert costs.table.footer.texts()[0].endswith(show_amount(written))


def test_an_export_that_fails_is_said_in_the_window(house: House, costs: JobCostsWindow, tmp_path: Path) -> None:
    write_list(costs.filter, "csv", tmp_path / "nowhere" / "costs.csv")
    told(house, costs, "could not be written")


def test_copies_are_told(house: House, costs: JobCostsWindow) -> None:
    costs.table.set_current_id(costs.table.pages.ids[0])
    costs.table.copy()
    settle(house, costs)
    assert "One transaction copied." in costs.messages.texts()
    costs.messages.clear()


def test_size_is_remembered_and_esc_closes(house: House, costs: JobCostsWindow) -> None:
    costs.resize(790, 560)
    QTest.keyClick(costs, Qt.Key.Key_Escape)
    QApplication.sendPostedEvents(None, 52)
    assert house.window.findChild(JobCostsWindow) is None
    house.trigger("costs.show")
    again = house.window.findChild(JobCostsWindow)
    assert again is not None and (again.width(), again.height()) == (790, 560)
    settle(house, again)
    next(button for button in again.findChildren(QPushButton) if button.text() == "&Close").click()


def test_a_window_closed_while_it_reads_is_no_trouble(house: House) -> None:
    window = house.window.beside.show_job_costs()
    assert isinstance(window, JobCostsWindow)
    window.reject()
    QApplication.sendPostedEvents(None, 52)
    house.settle()
    wait_until(lambda: house.jobs.idle, "reads end")


def test_many_jobs_and_extras_are_added_up_and_differences_named() -> None:
    def total(job: str, extra: str, listed: str) -> CostTotal:
        return CostTotal(job, extra, "Canopy", Decimal("10.00"), Decimal(listed), 1)

    extras = [total("J1", f"X{number}", "10.00") for number in range(6)]
    assert [fact.label for fact in facts([total("J1", "", "10.00"), *extras])] == [
        "JTD cost, base job J1",
        "JTD cost of 6 extras",
    ]
    assert facts([]) == [] and checks([]) == []
    odd = [total(f"J{number}", "", "9.00") for number in range(6)]
    told = checks(odd)
    assert len(told) == 5 and told[-1].text == "2 more jobs or extras differ."
    assert told[0].text == "Job J0: the cost transactions add up to 9.00, Sage keeps 10.00."
    assert checks([total("J1", "X1", "9.00")])[0].text.startswith("Job J1, extra X1: ")
