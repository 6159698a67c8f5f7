"""A batch of direct costs is found again by its lines, dates and accounts, among the costs of everybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.direct_costs import DIRECT_COSTS
from erpdesk.sync.export.kinds.kind import Presence
from erpdesk.sync.sandbox.programs import close_month, post_entries
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import DirectCost, DirectCosts, EstimateFile, LedgerLine
from tests.sync.export.kinds.unkeyed_town import UnkeyedTown, told
from tests.sync.mirror.kit import DOORS

DAY, POSTED_ON, LATER = date(2026, 11, 24), date(2026, 11, 30), date(2026, 12, 3)
NEW, CURRENT = "JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION"


def cost(amount: str, code: str = "03-100", category: str = "SUB", **more: object) -> DirectCost:
    """A cost of the one job, with its accounts."""
    made = DirectCost("14-500", code, category, DAY, POSTED_ON, Decimal(amount), "5-1000", credit_account="2-1000")
    return replace(made, **more)  # type: ignore[arg-type]


WEEK = DirectCosts(
    "week 48",
    (
        cost("2500.00", quantity=Decimal("40"), unit_cost=Decimal("62.5"), description="Crane"),
        cost("0.10", "05-100", "MAT"),
        cost("-30.05", "05-100", "MAT", extra="X1"),
    ),
)


@pytest.fixture
def town(tmp_path: Path) -> UnkeyedTown:
    return UnkeyedTown.build(tmp_path / "sage", DIRECT_COSTS, "dc")


@pytest.mark.parametrize("way", DOORS)
def test_the_way_of_a_batch(way: str, tmp_path: Path) -> None:
    """Nothing, waiting to be posted, posted."""
    town = UnkeyedTown.build(tmp_path / "sage", DIRECT_COSTS, "dc", way)
    assert town.look(WEEK, None).presence is Presence.ABSENT
    before = town.before(WEEK)
    assert town.look(WEEK, before).presence is Presence.ABSENT
    town.bring_in(WEEK)
    waits = town.look(WEEK, before)
    assert (waits.presence, waits.source, waits.count) == (Presence.UNPOSTED, Source.ODBC_NEW, 3)
    town.post()
    there = town.look(WEEK, before)
    assert (there.presence, there.source, there.differences) == (Presence.EQUAL, Source.ODBC_MASTER, ())


@pytest.mark.parametrize("mode", [{"naming": "custom"}, {"max_columns": 40}], ids=["custom", "split"])
def test_companies_that_name_and_split_their_tables_otherwise(mode: dict[str, Any], town: UnkeyedTown) -> None:
    """The same in each mode, the accounts included."""
    town.way = partial(town.company.connect, **mode)
    assert town.reasons(WEEK) == ()
    before = town.before(WEEK)
    town.bring_in(WEEK)
    assert town.look(WEEK, before).presence is Presence.UNPOSTED
    town.post()
    assert town.look(WEEK, before).presence is Presence.EQUAL
    town.alter(f"UPDATE {CURRENT} SET Debit_Account = 'X' WHERE Cost_Code = '03-100'")
    assert told(town.look(WEEK, before)) == ["03-100 SUB, debit account: approved 5-1000, in Sage X"]


@pytest.mark.parametrize("post", [False, True])
def test_imported_twice(post: bool, town: UnkeyedTown) -> None:
    """Sage takes the same file again without a word."""
    before = town.before(WEEK)
    town.bring_in(WEEK)
    if post:
        town.post()
    town.bring_in(WEEK)
    assert town.look(WEEK, before).presence is Presence.SEVERAL
    assert town.look(WEEK, before, also=(WEEK,)).presence is (Presence.EQUAL if post else Presence.UNPOSTED)


def test_part_of_it_is_posted(town: UnkeyedTown) -> None:
    """What is dated in a closed period stays behind: the batch waits to be posted, and is all there."""
    later = DirectCosts("two months", (cost("1.00"), cost("2.00", accounting_date=LATER)))
    town.company.choose(books_date="2026-11-24")
    before = town.before(later)
    town.bring_in(later)
    close_month(town.company, "JC")
    assert post_entries(town.company).left == 1
    assert town.look(later, before).presence is Presence.UNPOSTED


def test_part_of_it_is_rejected(town: UnkeyedTown) -> None:
    """Each line stands alone in Sage's import."""
    before = town.before(WEEK)
    town.alter("UPDATE JCM_MASTER__CATEGORY SET Status = 'Closed' WHERE Extra = 'X1' AND Category = 'MAT'")
    town.bring_in(WEEK, all_of_it=False)
    assert told(town.look(WEEK, before)) == ["05-100 MAT of extra X1: approved (30.05), in Sage nothing"]


CHANGES = [
    ("Amount = 2500.01", "03-100 SUB, amount: approved 2,500.00, in Sage 2,500.01"),
    ("Transaction_Date = '2026-11-11'", "03-100 SUB, date: approved 2026-11-24, in Sage 2026-11-11"),
    ("Accounting_Date = '2026-12-01'", "03-100 SUB, accounting date: approved 2026-11-30, in Sage 2026-12-01"),
    ("Units = 41", "03-100 SUB, quantity: approved 40, in Sage 41"),
    ("Debit_Account = '5-2000'", "03-100 SUB, debit account: approved 5-1000, in Sage 5-2000"),
    ("Credit_Account = ''", "03-100 SUB, credit account: approved 2-1000, in Sage none"),
]


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize(("change", "difference"), CHANGES)
def test_what_differs_is_named(change: str, difference: str, post: bool, town: UnkeyedTown) -> None:
    """Field by field, to the cent, waiting or posted."""
    before = town.before(WEEK)
    town.bring_in(WEEK)
    if post:
        town.post()
    town.alter(f"UPDATE {CURRENT if post else NEW} SET {change} WHERE Cost_Code = '03-100'")
    found = town.look(WEEK, before)
    assert (found.presence, told(found)) == (Presence.DIFFERENT, [difference])


def test_a_prefix_before_the_account(town: UnkeyedTown) -> None:
    """Job Cost keeps accounts without the prefix of the job; Sage may show it with it."""
    before = town.before(WEEK)
    town.bring_in(WEEK)
    town.alter(f"UPDATE {NEW} SET Debit_Account = '10-5-1000'")
    assert town.look(WEEK, before).presence is Presence.UNPOSTED


def test_equal_lines_on_different_accounts(town: UnkeyedTown) -> None:
    """Two costs that differ by their account only are both there, in whatever order Sage shows them."""
    pair = DirectCosts("pair", (cost("5.00", debit_account="5-2000"), cost("5.00")))
    before = town.before(pair)
    town.bring_in(pair)
    assert town.look(pair, before).presence is Presence.UNPOSTED


def test_where_accounts_are_not_shown(town: UnkeyedTown) -> None:
    """They are not compared; everything else is."""
    before = town.before(WEEK)
    town.bring_in(WEEK)
    town.alter(*(f"ALTER TABLE {name} DROP COLUMN Debit_Account" for name in (NEW, CURRENT)))
    town.way = "odbc"
    assert town.look(WEEK, before).presence is Presence.UNPOSTED


def test_costs_of_others(town: UnkeyedTown) -> None:
    """An invoice of the same amount is another type; another day and amount is another cost; the same day may be it."""
    one = DirectCosts("one", (cost("500.00"),))
    before = town.before(one)
    town.bring_in(DirectCosts("theirs", (cost("500.00"),)))
    town.alter(f"UPDATE {NEW} SET Transaction_Type = 'AP cost'")
    assert town.look(one, before).presence is Presence.ABSENT
    town.bring_in(DirectCosts("theirs", (cost("3.00", transaction_date=LATER, accounting_date=LATER),)))
    assert town.look(one, before).presence is Presence.ABSENT
    town.bring_in(one)
    assert town.look(one, before).presence is Presence.UNPOSTED
    town.post()
    assert town.look(one, before).presence is Presence.EQUAL
    town.alter(f"UPDATE {CURRENT} SET Amount = 499.00 WHERE Amount = 500 AND Transaction_Type = 'JC cost'")
    assert town.look(one, before).presence is Presence.DIFFERENT


def test_where_what_waits_cannot_be_read(town: UnkeyedTown) -> None:
    """Before posting nothing can be told; then all can."""
    town.company.set_faults(missing_table=NEW)
    before = town.before(WEEK)
    town.bring_in(WEEK)
    found = town.look(WEEK, before)
    assert (found.presence, found.undecidable) == (Presence.UNREAD, True)
    assert "whether batch week 48 is there" in found.problem
    town.post()
    assert town.look(WEEK, before).presence is Presence.EQUAL


def test_fewer_entries_than_ever(town: UnkeyedTown) -> None:
    """A table that reads as empty is a lost permission sooner than an empty table."""
    found = town.look(WEEK, town.before(WEEK), at_least=100)
    assert found.presence is Presence.UNREAD and "showed 100 before" in found.problem


WHY_NOT = [
    (DirectCosts("b", (cost("1.00", job="14-999"),)), "Sage has no job 14-999 any more."),
    (DirectCosts("b", (cost("1.00", "77-100"),)), "Line 1: job 14-500 has no 77-100 SUB in Sage."),
    (DirectCosts("b", (cost("1.00", debit_account="9-9"),)), "Line 1: Sage has no account 9-9 in General Ledger."),
    (
        DirectCosts("b", (cost("1.00"),), (LedgerLine(DAY, DAY, Decimal("1.00"), "5-1000", "2-1000"),)),
        "Take the ledger lines out of the batch",
    ),
]


@pytest.mark.parametrize(("document", "reason"), WHY_NOT)
def test_what_stands_against_it(document: DirectCosts, reason: str, town: UnkeyedTown) -> None:
    """Places and accounts as Sage holds them now; what could not be found again is not sent."""
    town.alter(*(f"INSERT INTO GLM_MASTER__ACCOUNT (Account) VALUES ('{each}')" for each in ("10-5-1000", "2-1000")))
    assert any(reason in each for each in town.reasons(document)), town.reasons(document)
    assert town.reasons(WEEK) == ()


def test_a_company_without_general_ledger_takes_any_account(town: UnkeyedTown) -> None:
    """There is nothing to compare them with."""
    assert town.reasons(DirectCosts("b", (cost("1.00", debit_account="9-9"),))) == ()


def test_what_the_kind_declares() -> None:
    """One batch at a time; the decided ID is its name; Sage prints the job of each line."""
    payload = document_text.to_text(WEEK)
    assert DIRECT_COSTS.document(payload, "") == WEEK
    assert DIRECT_COSTS.document(payload, "B-7") == replace(WEEK, name="B-7")
    assert DIRECT_COSTS.lane(WEEK) == DIRECT_COSTS.lane(DirectCosts("other"))
    assert (DIRECT_COSTS.place.file, DIRECT_COSTS.printed(WEEK)) == ("direct.txt", "14-500")
    assert not DIRECT_COSTS.together and not DIRECT_COSTS.keyed and DIRECT_COSTS.printed(DirectCosts("x")) == ""
    with pytest.raises(TypeError):
        DIRECT_COSTS.document(document_text.to_text(EstimateFile("14-500", "Pier", ())), "")
