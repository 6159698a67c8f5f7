"""The job-cost transactions of the mirror: every row, every order, every search, also after Sage has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import pytest

from erpdesk.core.lists import ListAsk, ListTest, ListWords, Sorts
from erpdesk.core.money import from_whole_cents
from erpdesk.sync.mirror.cost_search import SEARCHED, SORTED, index_name
from erpdesk.sync.mirror.transactions import COLUMNS, MirrorTransactions
from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.workflows.rows import TransactionRow
from tests.sync.mirror.kit import Desk, alter, copied, damage

JOBS = (None, "03-0014", "03-0021")
ODD_TEXTS = (
    '12" pipe',
    "O'Brien *",
    "50% of NEAR(a b)",
    "a_b\\c",
    "-dash AND",
    "Ébène 7",
    "(paren) OR NOT",
    "col:on ^x",
)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, sample_folder: Path) -> Iterator[Desk]:
    """A mirror that is only read, with some odd descriptions in it."""
    folder = tmp_path_factory.mktemp("transactions")
    sage = copied(sample_folder, folder / "sage")
    rows = [
        ("UPDATE JCT_CURRENT__TRANSACTION SET Description = ? WHERE rowid = ?", (text, number))
        for number, text in enumerate(ODD_TEXTS, start=40)
    ]
    alter(sage, *rows, "UPDATE JCT_CURRENT__TRANSACTION SET Transaction_Date = NULL WHERE rowid IN (5, 77)")
    desk = Desk(folder / "mirror")
    assert desk.refresh(open_standin(sage)).ok
    yield desk


def held(desk: Desk, job: str | None) -> list[dict[str, Any]]:
    """What a plain query over the mirror finds, in the order in which it was posted."""
    names = ", ".join(f'"{column}"' for column in COLUMNS.values())
    where, values = ("", ()) if job is None else ("AND job = ?", (job,))
    rows = desk.select(
        f"SELECT rowid, {names} FROM job_cost WHERE gone_run IS NULL {where} ORDER BY job, rowid", *values
    )
    return [dict(zip(("rowid", *COLUMNS.values()), row, strict=True)) for row in rows]


def in_order(rows: list[dict[str, Any]], sort: str, descending: bool) -> list[int]:
    """The list as its contract says: equal rows as posted, descending the exact reverse, empty cells last."""
    column = COLUMNS[sort]
    full = sorted((row for row in rows if row[column] not in ("", None)), key=lambda row: row[column])
    parts = (full, [row for row in rows if row[column] == ""], [row for row in rows if row[column] is None])
    return [row["rowid"] for part in parts for row in (reversed(part) if descending else part)]


def with_words(rows: list[dict[str, Any]], *words: str) -> list[int]:
    """The rows in whose texts all words occur."""
    return sorted(
        row["rowid"]
        for row in rows
        if all(any(word.casefold() in (row[column] or "").casefold() for column in SEARCHED) for word in words)
    )


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", COLUMNS)
def test_every_order_is_whole_and_stable(standing: Desk, job: str | None, sort: str, descending: bool) -> None:
    """First page and spine agree with a plain sort, and the sum with a plain sum."""
    rows = held(standing, job)
    source = MirrorTransactions(standing.store, job)
    ask = ListAsk((), ((sort, descending),))
    spine, wanted = source.spine(ask), in_order(rows, sort, descending)
    assert list(spine.ids) == wanted
    assert [row.id for row in source.first(ask, 50)] == wanted[:50]
    assert spine.total == len(rows)
    assert spine.sums == {"amount": from_whole_cents(sum(row["amount"] for row in rows))}


def test_without_an_order_the_rows_come_as_posted(standing: Desk) -> None:
    source = MirrorTransactions(standing.store, None)
    ids = list(source.spine(ListAsk()).ids)
    assert ids == sorted(ids) == sorted(row["rowid"] for row in held(standing, None))
    assert [row.id for row in source.first(ListAsk(), 9)] == ids[:9]
    assert [row.id for row in source.first(ListAsk(sorts=(("", True),)), 9)] == ids[:-10:-1]


def test_a_row_is_what_sage_holds(standing: Desk) -> None:
    """Amounts are decimals of whole cents, units have four decimals, dates are dates."""
    source = MirrorTransactions(standing.store, "03-0014")
    ids = source.spine(ListAsk((), (("amount", True),))).ids
    rows = source.rows(ids)
    plain = {row["rowid"]: row for row in held(standing, "03-0014")}
    assert [row.id for row in rows if row is not None] == list(ids)
    for row in rows:
        assert isinstance(row, TransactionRow)
        stored = plain[row.id]
        assert row.amount == Decimal(stored["amount"]) / 100 and row.units == Decimal(stored["units"]) / 10000
        assert (str(row.day) if row.day else None) == stored["transaction_date"]
        assert (row.cost_code, row.category, row.extra) == (stored["cost_code"], stored["category"], stored["extra"])
        assert (row.vendor, row.invoice, row.commitment) == (stored["vendor"], stored["invoice"], stored["commitment"])
        assert (row.type, row.description) == (stored["transaction_type"], stored["description"])
    assert [row.id for row in source.each(ids)] == list(ids)
    assert source.sums(ids[:7]) == {"amount": sum((row.amount or 0 for row in rows[:7] if row), Decimal("0.00"))}


WORDS = (
    *(("e",), ("ap",), ("X",), ("%",), ("_",), ("\\",), ("é",), ('"',), ("'",)),
    *(("pay",), ("PAYROLL",), ("weekly", "pr"), ("ap", "cost"), ("sc-", "work"), ("03-0021",), ("x01",)),
    *(('12"',), ('"',), ("o'brien",), ("*",), ("near(a",), ("50%",), ("a_b\\c",), ("-dash", "and"), ("ébène",)),
    *(("(paren)", "or", "not"), ("col:on",), ("^x",), ("or",), ("not",), ("zzzz",), ("pay", "zzzz"), ("a\0b",)),
)


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_search_finds_what_holds_the_words_and_nothing_else(
    standing: Desk, words: tuple[str, ...], job: str | None
) -> None:
    """One letter, two, three and more; what means something to the search engine is only a letter here."""
    rows = held(standing, job)
    source = MirrorTransactions(standing.store, job)
    ask = ListAsk.of(" ".join(words), (("day", True),))
    wanted = with_words(rows, *words)
    spine = source.spine(ask)
    assert sorted(spine.ids) == wanted
    chosen = [row for row in rows if row["rowid"] in set(wanted)]
    assert list(spine.ids) == in_order(chosen, "day", True)
    assert [row.id for row in source.first(ask, 20)] == list(spine.ids[:20])
    assert spine.sums == {"amount": from_whole_cents(sum(row["amount"] for row in chosen))}
    assert spine.total == len(rows)
    unindexed = source.spine(ListAsk(ask.words, (("category", False),)))
    assert list(unindexed.ids) == in_order(chosen, "category", False)


def test_an_amount_finds_its_transactions_whatever_the_sign(standing: Desk) -> None:
    rows = held(standing, None)
    cents = max(row["amount"] for row in rows)
    source = MirrorTransactions(standing.store, None)
    wanted = [row["rowid"] for row in rows if row["amount"] == cents]
    amount = from_whole_cents(cents)
    for typed in (f"{amount:,.2f}", f"{amount:.2f}", f"${amount:,.2f}", f"({amount:,.2f})"):
        assert sorted(source.spine(ListAsk.of(typed, (("day", False),))).ids) == sorted(wanted), typed
    assert not source.spine(ListAsk.of("9" * 30, (("day", False),))).ids


def test_cost_to_date_ties_for_base_job_and_extras(standing: Desk) -> None:
    """What Sage keeps and what its transactions add up to are the same to the cent, apart for each extra."""
    totals = MirrorTransactions(standing.store, "03-0021").standing()
    assert [each.extra for each in totals] == ["", "X01", "X02"]
    assert all(each.jtd_cost == each.listed_cost for each in totals) and totals[0].jtd_cost > 0
    assert all(each.title for each in totals)
    assert sum(each.transactions for each in totals) == len(held(standing, "03-0021"))
    whole = MirrorTransactions(standing.store, None).standing()
    assert sum(each.transactions for each in whole) == len(held(standing, None))
    assert {each.job for each in whole} == {"03-0014", "03-0021", "04-0003"}


def test_an_order_is_walked_along_its_index(standing: Desk) -> None:
    """Every such column has its index, and following it sorts nothing."""
    for column in SORTED:
        plan = standing.select(
            f"EXPLAIN QUERY PLAN SELECT rowid FROM job_cost INDEXED BY {index_name(column)} WHERE gone_run IS NULL "
            f"AND +job = 'x' ORDER BY \"{column}\", job, rowid"
        )
        assert not any("TEMP B-TREE" in row[3] for row in plan), column


def test_before_the_first_load_there_is_nothing(tmp_path: Path) -> None:
    source = MirrorTransactions(Desk(tmp_path).store, None)
    assert source.first(ListAsk(), 5) == () and source.standing() == ()
    assert not source.spine(ListAsk.of("x", (("day", False),))).ids
    assert source.rows([1, 2]) == (None, None) and list(source.each([1])) == []
    assert source.sums([1]) == {"amount": Decimal("0.00")}


def test_a_damaged_mirror_answers_nothing(desk: Desk) -> None:
    assert desk.number is not None
    source = MirrorTransactions(desk.store, None)
    damage(desk.store.path(desk.number), 0)
    assert source.first(ListAsk(), 5) == () and list(source.each([1])) == []


def test_search_and_order_follow_what_changes_in_sage(desk: Desk, sage: Path, connect: Connect) -> None:
    """A changed row is found by its new words and no more by its old ones; a new one is there, one that went is not."""
    source = desk.facts.transactions(None)

    def found(text: str) -> list[int]:
        return list(source.spine(ListAsk.of(text, (("amount", False),))).ids)

    before = source.spine(ListAsk())
    changed, gone = before.ids[10], before.ids[20]
    alter(
        sage,
        "UPDATE JCT_CURRENT__TRANSACTION SET Description = 'Zebra crossing', Amount = Amount + 1 WHERE rowid = "
        "(SELECT rowid FROM JCT_CURRENT__TRANSACTION ORDER BY Run, Sequence LIMIT 1 OFFSET 10)",
        "DELETE FROM JCT_CURRENT__TRANSACTION WHERE rowid = "
        "(SELECT rowid FROM JCT_CURRENT__TRANSACTION ORDER BY Run, Sequence LIMIT 1 OFFSET 20)",
    )
    assert not found("zebra")
    assert desk.refresh(connect).ok
    after = source.spine(ListAsk())
    assert found("zebra") == found("ZEBRA cross") == found("ze") == [changed]
    row = source.rows([changed])[0]
    assert row is not None and row.description == "Zebra crossing"
    assert gone not in after.ids and len(after.ids) == len(before.ids) - 1 and after.mark == before.mark
    alter(sage, "UPDATE JCT_CURRENT__TRANSACTION SET Description = 'Okapi' WHERE Description = 'Zebra crossing'")
    assert desk.refresh(connect).ok
    assert not found("zebra") and found("okapi") == [changed]
    rows = held(desk, None)
    for sort in COLUMNS:
        assert list(source.spine(ListAsk((), ((sort, False),))).ids) == in_order(rows, sort, False)
    assert desk.select("PRAGMA integrity_check") == [("ok",)]


def test_a_mirror_of_the_older_layout_is_built_again(desk: Desk, connect: Connect) -> None:
    assert desk.number is not None
    old = desk.number
    db = apsw.Connection(str(desk.store.path(old)))
    db.pragma("user_version", 1)
    db.close()
    report = desk.refresh(connect)
    assert report.first_load and desk.number != old
    assert desk.facts.transactions(None).spine(ListAsk()).ids


# Several columns that sort, and what one column must hold


def in_orders(rows: list[dict[str, Any]], sorts: Sorts) -> list[int]:
    """A plain sort by several columns, the least important first."""
    chosen = sorted(rows, key=lambda row: (row["job"], row["rowid"]), reverse=sorts[0][1])
    for key, down in reversed(sorts):
        column = COLUMNS[key]
        full = [row for row in chosen if row[column] not in ("", None)]
        full.sort(key=lambda row: row[column], reverse=down)
        parts = [full, [row for row in chosen if row[column] == ""], [row for row in chosen if row[column] is None]]
        chosen = [row for part in parts for row in part]
    return [row["rowid"] for row in chosen]


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(
    "sorts",
    [
        (("vendor", False), ("amount", True)),
        (("day", True), ("vendor", False), ("amount", False)),
        (("category", False), ("extra", True)),
        (("commitment", True), ("day", False)),
        (("amount", True), ("units", False)),
    ],
)
def test_several_columns_sort_one_after_the_other(standing: Desk, job: str | None, sorts: Sorts) -> None:
    """Whether the first of them has an index or none; empty cells stand last in each."""
    rows = held(standing, job)
    source = MirrorTransactions(standing.store, job)
    ask, wanted = ListAsk((), sorts), in_orders(rows, sorts)
    assert list(source.spine(ask).ids) == wanted
    assert [row.id for row in source.first(ask, 60)] == wanted[:60]
    narrowed = ListAsk(("pay",), sorts)
    chosen = [row for row in rows if row["rowid"] in set(with_words(rows, "pay"))]
    assert list(source.spine(narrowed).ids) == in_orders(chosen, sorts)


TESTS: tuple[tuple[ListTest, Callable[[dict[str, Any]], bool]], ...] = (
    (ListTest("category", ("L", "M")), lambda row: row["category"] in ("L", "M")),
    (ListTest("vendor", ("",)), lambda row: not row["vendor"]),
    (ListTest("extra", ("", "X01")), lambda row: row["extra"] in ("", None, "X01")),
    (ListTest("description", tuple(ODD_TEXTS)), lambda row: row["description"] in ODD_TEXTS),
    (ListTest("amount", low=Decimal("0.005")), lambda row: row["amount"] >= 1),
    (ListTest("amount", low=Decimal("-100"), high=Decimal("100.00")), lambda row: -10_000 <= row["amount"] <= 10_000),
    (ListTest("amount", low=Decimal(10) ** 40), lambda row: False),
    (ListTest("units", high=Decimal("-0.00001")), lambda row: row["units"] is not None and row["units"] < 0),
    (ListTest("day", low=date(2026, 3, 1)), lambda row: (row["transaction_date"] or "") >= "2026-03-01"),
    (ListTest("day", high=date(2026, 3, 1)), lambda row: "" < (row["transaction_date"] or "") <= "2026-03-01"),
    (ListTest("job", ("no such job",)), lambda row: False),
)


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(("test", "fits"), TESTS, ids=lambda part: str(part)[:60] if isinstance(part, ListTest) else "")
def test_a_column_is_tested_as_a_plain_look_at_every_row_would(
    standing: Desk, job: str | None, test: ListTest, fits: Callable[[dict[str, Any]], bool]
) -> None:
    rows = held(standing, job)
    source = MirrorTransactions(standing.store, job)
    chosen = [row for row in rows if fits(row)]
    for sorts in ((("day", True),), (("category", False), ("amount", True))):
        ask = ListAsk((), sorts, (test,))
        spine = source.spine(ask)
        assert list(spine.ids) == in_orders(chosen, sorts)
        assert [row.id for row in source.first(ask, 25)] == list(spine.ids[:25])
        assert spine.sums == {"amount": from_whole_cents(sum(row["amount"] for row in chosen))}
        assert spine.total == len(rows)


def test_tests_and_words_narrow_together(standing: Desk) -> None:
    rows = held(standing, None)
    tests = (ListTest("category", ("L",)), ListTest("amount", low=Decimal("500")))
    ids = MirrorTransactions(standing.store, None).spine(ListAsk.of("pay", (("day", True),), tests)).ids
    wanted = {row["rowid"] for row in rows if row["category"] == "L" and row["amount"] >= 50_000}
    assert sorted(ids) == sorted(wanted & set(with_words(rows, "pay")))


def test_what_is_typed_into_a_test_is_never_run_as_sql(standing: Desk) -> None:
    source = MirrorTransactions(standing.store, None)
    evil = "x') OR 1=1; DROP TABLE job_cost; --"
    assert not source.spine(ListAsk((), (), (ListTest("vendor", (evil,)),))).ids
    assert source.words("vendor", evil, 9) == ListWords()
    assert source.spine(ListAsk((), (("no such column", True),), (ListTest("nor this", ("x",)),))).ids


@pytest.mark.parametrize("key", ["vendor", "category", "description", "extra"])
def test_the_words_of_a_column_are_counted(standing: Desk, key: str) -> None:
    rows = held(standing, "03-0014")
    counts = Counter(row[COLUMNS[key]] or "" for row in rows)
    found = MirrorTransactions(standing.store, "03-0014").words(key, "", 10_000)
    assert dict(found.counts) == dict(counts) and found.left == 0
    assert [word for word, _count in found.counts[:-1] if not word] == [], "an empty cell stands last"
    some = MirrorTransactions(standing.store, "03-0014").words(key, "", 2)
    assert some.counts == found.counts[:2] and some.left == len(counts) - len(some.counts)
    part = max(counts)[:3]
    wanted = {word for word in counts if part.casefold() in word.casefold()}
    narrowed = MirrorTransactions(standing.store, "03-0014").words(key, part, 999)
    assert {word for word, _count in narrowed.counts} == wanted
