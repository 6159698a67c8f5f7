"""Home on a real company: what waits for whom, the figures, freshness, and the way to each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.pills import Pill
from erpdesk.views.tabs.home.columns import TABLES
from erpdesk.views.tabs.home.tab import HomeTab
from erpdesk.workflows.console_rows import View
from tests.town import press
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def home(house: House, qtbot: QtBot) -> Iterator[HomeTab]:
    """The tab by itself, in the session of the window."""
    session = house.window.session
    assert session is not None
    made = HomeTab(session, house.store)
    qtbot.addWidget(made)
    made.resize(1300, 700)
    made.show()
    house.settle()
    yield made
    made.hide()


def numbers(home: HomeTab) -> list[str]:
    return [row.number for row in home.waiting.shown_rows()]


def test_what_waits_for_the_approver_stands_oldest_first(house: House, home: HomeTab) -> None:
    town = house.town
    for number in ("SC-B", "SC-A", "SC-C"):
        town.sent(number=number)
    house.act_as(town.approver)
    assert numbers(home) == ["SC-B", "SC-A", "SC-C"]
    house.act_as(town.viewer)
    assert numbers(home) == [] and home.waiting.empty_title == "Nothing waits for you"


def test_what_was_rejected_waits_for_the_project_side(house: House, home: HomeTab, qtbot: QtBot) -> None:
    town = house.town
    made, submission = town.sent()
    town.desk.erp.reject(town.approver, submission, "The bolts are missing.", press())
    house.act_as(town.approver)
    assert numbers(home) == []
    house.act_as(town.manager)
    (row,) = home.waiting.shown_rows()
    assert row.item_id == made and row.view is None
    with qtbot.waitSignal(home.go_to) as asked:
        home.waiting.setFocus()
        QTest.keyClick(home.waiting, Qt.Key.Key_Return)
    assert asked.args == ["commitment", None, made]


def test_enter_goes_to_the_item_in_its_view(house: House, home: HomeTab, qtbot: QtBot) -> None:
    town = house.town
    _, submission = town.sent()
    house.act_as(town.approver)
    with qtbot.waitSignal(home.go_to) as asked:
        QTest.keyClick(home.waiting, Qt.Key.Key_Return)
    assert asked.args == ["commitment", View.READY_TO_EXPORT, submission]
    house.erp.open_at(*asked.args)
    house.settle()
    review = house.erp.page.review
    assert review is not None and review.row.id == submission


def test_the_figures_lead_to_their_views(house: House, home: HomeTab, qtbot: QtBot) -> None:
    town = house.town
    town.accepted(title="One")
    house.export()
    _, failed = town.accepted(title="Two")
    town.fail(failed)
    town.accepted(title="Three")
    house.act_as(town.approver)
    assert {view: figure.count for view, figure in home.figures.items()} == {
        View.FAILED_TO_EXPORT: 1,
        View.IN_DOUBT: 0,
        View.EXPORTING: 1,
        View.SYNCED: 1,
    }
    assert home.figures[View.SYNCED].detail.text() == "$1,234.56"
    assert not home.figures[View.IN_DOUBT].show_button.isVisible()
    with qtbot.waitSignal(home.go_to) as asked:
        home.figures[View.FAILED_TO_EXPORT].show_button.click()
    assert asked.args == ["", View.FAILED_TO_EXPORT, ""]


def test_an_act_elsewhere_shows_at_once(house: House, home: HomeTab) -> None:
    house.act_as(house.town.approver)
    assert numbers(home) == []
    house.town.sent(number="SC-NEW")
    house.reload()
    assert numbers(home) == ["SC-NEW"]


def test_old_data_is_marked_with_an_icon_and_a_word(house: House, home: HomeTab) -> None:
    house.act_as(house.town.approver)
    assert home.banner.isHidden() and home.tables.shown_rows()
    state = next(column for column in TABLES if column.key == "state")
    house.town.change_settings(stale_hours=0)
    house.reload()
    pills = [state.value(row) for row in home.tables.shown_rows()]
    assert Pill("Old", "yellow", "warning") in pills
    assert home.banner.text().startswith("Old data:") and "asks for a reason" in home.banner.text()


@pytest.mark.parametrize(("width", "points"), [(1024, 10), (1024, 14), (1600, 10), (1600, 14)])
def test_numbers_and_amounts_are_whole_in_each_size(house: House, home: HomeTab, width: int, points: int) -> None:
    house.town.sent()
    house.act_as(house.town.approver)
    house.theme.set_points(points)
    home.resize(width, 660)
    house.settle()
    table = home.waiting
    assert numbers(home)
    for place, column in enumerate(table.records.columns):
        if column.key in ("number", "amount"):
            widest = max(table.fontMetrics().horizontalAdvance(column.shown(row)) for row in table.all_rows())
            assert table.columnWidth(place) >= widest + 16
    assert table.viewport().height() >= table.rowHeight(0), "at least one row is in sight"
    house.theme.set_points(10)
