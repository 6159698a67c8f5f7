"""A person who may not look at a kind is told so, and whom to ask."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from erpdesk.models.people import ToolRight
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def test_a_kind_that_a_person_may_not_look_at_says_so(house: House) -> None:
    town = house.town
    town.sent()
    with town.store.writing() as session:
        session.execute(delete(ToolRight).where(ToolRight.person_id == town.approver))
    house.act_as(town.approver)
    house.window.show_tab("erp")
    house.settle()
    table, why = house.erp.queue.table, town.console.counts(town.approver).closed["commitment"]
    assert table.shown_rows() == [] and house.erp.nav.count_of("commitment") == 0
    assert (table.empty_title, table.empty_hint) == ("You may not look at commitments", why)
    assert house.erp.page.banner.text() == "" and "Ask an administrator." in why


def test_another_person_who_may_look_sees_the_list_again(house: House) -> None:
    town = house.town
    town.sent()
    with town.store.writing() as session:
        session.execute(delete(ToolRight).where(ToolRight.person_id == town.approver))
    house.act_as(town.approver)
    house.window.show_tab("erp")
    house.settle()
    assert house.erp.queue.table.shown_rows() == []
    house.act_as(town.both)
    assert len(house.erp.queue.table.shown_rows()) == 1
    house.erp.show_view("in_doubt")
    house.settle()
    assert house.erp.queue.table.empty_title == "Nothing is in doubt"
