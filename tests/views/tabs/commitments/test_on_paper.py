"""A commitment on paper: its header, every line, the total, the retainage, its state and the audit trail's head."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from erpdesk.views.kit.paper_preview import PaperPreview
from erpdesk.views.tabs.commitments.on_paper import commitment_sheet
from erpdesk.workflows.rows import LineDraft
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
PRINTED = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def test_the_sheet_says_everything_of_the_commitment(house: House) -> None:
    town = house.town
    code = town.codes("M")[0]
    made, _ = town.desk.commitments.save(
        town.manager,
        town.draft(
            number="PO-9",
            title="Doors",
            method="unit",
            date=date(2026, 11, 3),
            retainage_percent=Decimal("7.125"),
            description="As quoted",
            lines=(LineDraft("", code.cost_code, "M", "Doors", Decimal("3.5"), "ea", Decimal("0.8355")),),
        ),
    )
    detail = town.desk.queries.commitment(made, town.manager)
    sheet = commitment_sheet(detail, "0014 Riverside", PRINTED, town.desk.trail.head())
    seq, digest = town.desk.trail.head()
    above = "\n".join(sheet.lines_above())
    for words in ("0014 Riverside", "Vendor: ", "Date: 11/03/2026", "Status: Draft", "As quoted"):
        assert words in above
    assert sheet.title == "PO-9 Doors"
    taken = sheet.take()
    assert taken.foot == f"Audit trail entry {seq:,} · {digest[:16]}…"
    assert sheet.totals(taken) == ("1 line · Retainage 7.125 %: 0.21", {"amount": Decimal("2.92")})
    shown = {column.title: column.shown(next(iter(taken.rows))) for column in sheet.columns}
    assert (shown["Quantity"], shown["Unit cost"], shown["Amount"]) == ("3.5", "0.8355", "2.92")
    assert "Extra" not in shown


def test_the_preview_opens_from_the_page(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-41"))
    house.reload()
    house.commitments.open(made)
    house.settle()
    house.trigger("commitment.print")
    dialog = house.dialog(PaperPreview)
    assert "SC-41" in dialog.windowTitle() and dialog.paper.pages == 1
