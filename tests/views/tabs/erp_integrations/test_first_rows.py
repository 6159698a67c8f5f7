"""A full view shows its oldest items at once and the rest right after; what is on screen stays when it is reread."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from erpdesk.views.tabs.erp_integrations import tab
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import QueueRow
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def lengths(house: House, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows the list was given each time, where two are the first."""
    for number in range(5):
        house.town.sent(title=f"Item {number}")
    house.act_as(house.town.approver)
    house.window.show_tab("erp")
    house.settle()
    monkeypatch.setattr(tab, "FIRST_ROWS", 2)
    house.erp.open_at("commitment", View.IN_DOUBT)
    house.settle()
    given: list[int] = []
    put = house.erp.queue.set_rows

    def note(rows: Sequence[QueueRow]) -> None:
        given.append(len(rows))
        put(rows)

    monkeypatch.setattr(house.erp.queue, "set_rows", note)
    return given


def test_the_first_rows_come_first_and_the_rest_follows(house: House, lengths: list[int]) -> None:
    house.erp.open_at("commitment", View.READY_TO_EXPORT)
    house.settle()
    assert lengths == [2, 5]
    house.reload()
    assert set(lengths[2:]) == {5}, "what is on screen is not taken away"


def test_an_item_beyond_the_first_rows_is_gone_to(house: House, lengths: list[int]) -> None:
    last = house.town.queue(View.READY_TO_EXPORT)[-1]
    house.erp.open_at("commitment", View.READY_TO_EXPORT, last.id)
    house.settle()
    review = house.erp.page.review
    assert lengths == [2, 5] and review is not None and review.row.id == last.id
