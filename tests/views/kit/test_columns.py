"""A column: what it shows, copies, says and sorts by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill


@dataclass(frozen=True, slots=True)
class Row:
    value: object


def column(kind: str) -> Column:
    return Column("key", "Title", kind=kind, value=lambda row: row.value)


@pytest.mark.parametrize(
    ("kind", "value", "shown", "copied"),
    [
        ("text", "Hollis Steel", "Hollis Steel", "Hollis Steel"),
        ("text", None, "", ""),
        ("money", Decimal("248500.00"), "248,500.00", "248500.00"),
        ("money", Decimal("-5000.00"), "(5,000.00)", "-5000.00"),
        ("money", Decimal("0.00"), "0.00", "0.00"),
        ("money", None, "", ""),
        ("quantity", Decimal("1250.5000"), "1,250.5", "1250.5"),
        ("quantity", Decimal("1000"), "1,000", "1000"),
        ("number", 1204551, "1,204,551", "1204551"),
        ("date", date(2026, 11, 3), "11/03/2026", "2026-11-03"),
        ("status", Pill("In Sage", "green"), "In Sage", "In Sage"),
        ("status", "Draft", "Draft", "Draft"),
    ],
)
def test_words_on_screen_and_in_the_clipboard(kind: str, value: object, shown: str, copied: str) -> None:
    assert column(kind).shown(Row(value)) == shown
    assert column(kind).copied(Row(value)) == copied


def test_a_time_is_shown_as_its_local_day() -> None:
    at = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    local = at.astimezone()
    assert column("date").shown(Row(at)) == f"{local:%m/%d/%Y}"
    assert column("date").copied(Row(at)) == f"{local:%Y-%m-%d %H:%M}"


def test_own_words_win() -> None:
    waits = Column("waits", "Waits", "number", text=lambda days: f"{days} d", plain=str, value=lambda row: row.value)
    assert waits.shown(Row(2)) == "2 d"
    assert waits.copied(Row(2)) == "2"
    assert waits.shown(Row(None)) == ""


def test_a_negative_is_said_as_minus() -> None:
    assert column("money").spoken(Row(Decimal("-5.00"))) == "Title: minus 5.00"
    assert column("money").spoken(Row(Decimal("5.00"))) == "Title: 5.00"
    assert column("text").spoken(Row("")) == "Title: empty"
    assert column("money").negative(Row(Decimal("-5.00")))
    assert not column("text").negative(Row("-5"))


def test_numbers_stand_right_and_words_left() -> None:
    for kind in ("money", "quantity", "number"):
        assert column(kind).alignment & Qt.AlignmentFlag.AlignRight
    for kind in ("text", "date", "status"):
        assert column(kind).alignment & Qt.AlignmentFlag.AlignLeft
    assert Column("a", "A", align="center").alignment & Qt.AlignmentFlag.AlignHCenter


def test_only_money_that_wants_to_adds_up() -> None:
    assert column("money").adds_up
    assert not Column("a", "A", kind="money", total=False).adds_up
    assert not column("quantity").adds_up


def test_dates_and_times_sort_together() -> None:
    keys = [column("date").sort_key(Row(at)) for at in (date(2026, 11, 3), datetime(2026, 11, 4, tzinfo=UTC))]
    assert keys == sorted(keys)


def test_a_wrong_declaration_is_refused() -> None:
    with pytest.raises(ValueError, match="kind 'cash'"):
        Column("a", "A", kind="cash")
    with pytest.raises(ValueError, match="align 'top'"):
        Column("a", "A", align="top")
