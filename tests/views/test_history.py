"""The list of a record's history, one row for each field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytestqt.qtbot import QtBot

from erpdesk.views.history import HistoryView
from erpdesk.views.kit.theme import Theme
from erpdesk.workflows.history_rows import FieldChangeRow
from erpdesk.workflows.rows import HistoryRow

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_newest_first_with_a_row_for_each_field_and_one_for_an_act_without(qtbot: QtBot, theme: Theme) -> None:
    later = AT + timedelta(hours=1)
    fields = tuple(
        FieldChangeRow(f"2.{n}", later, "Kim", "Edited", field, "old", "new", "")
        for n, field in enumerate(("Title", "Line 1 amount"))
    )
    view = HistoryView()
    qtbot.addWidget(view)
    view.set_rows(
        [
            HistoryRow("1", AT, "Kim", "Rejected", "The wrong vendor"),
            HistoryRow("2", later, "Kim", "Edited", "Title: old → new; …", fields),
        ]
    )
    rows = view.table.shown_rows()
    assert [(row.act, row.field, row.why) for row in rows] == [
        ("Edited", "Title", ""),
        ("Edited", "Line 1 amount", ""),
        ("Rejected", "", "The wrong vendor"),
    ]
    view.bar.set_text("amount")
    assert [row.field for row in view.table.shown_rows()] == ["Line 1 amount"]
