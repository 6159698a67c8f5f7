"""The reader passes the same tests through both doors: the stand-in's own file and a real ODBC driver."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.reader import BATCH, SageReader
from erpdesk.sync.sage.tables import catalogue, table
from tests.sync.mirror.kit import DOORS, Desk, alter, ask, copied, door, sage_rows

COMMITMENTS = table("JCM_MASTER__COMMITMENT")
ITEMS = table("JCM_MASTER__COMMITMENT_ITEM")
COSTS = table("JCT_CURRENT__TRANSACTION")
MANY_COSTS = (
    "INSERT INTO JCT_CURRENT__TRANSACTION (Run, Sequence, Job, Amount) "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
    "SELECT 90000, 1201 - i, 'J', i / 100.0 FROM n"
)


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture(params=DOORS)
def connect(request: pytest.FixtureRequest, sage: Path) -> Connect:
    return door(request.param, sage)


def test_the_probe_finds_every_table_and_column(connect: Connect) -> None:
    """The sample company has all that erpdesk reads, reserved names like Check and Date included."""
    with SageReader(connect) as reader:
        known = reader.probe()
    assert all(known.columns[each.name] == each.columns for each in catalogue())
    assert known.sentences() == ()


def test_the_probe_names_what_is_missing_and_what_can_be_missed(connect: Connect, sage: Path) -> None:
    """Optional tables and columns are reported; a required table or column stops, named."""
    alter(sage, "DROP TABLE JCM_MASTER__COMMITMENT_CO", 'ALTER TABLE JCM_MASTER__COMMITMENT DROP COLUMN "Date"')
    with SageReader(connect) as reader:
        known = reader.probe()
        assert known.missing_tables == ("JCM_MASTER__COMMITMENT_CO",)
        assert known.missing_columns == (("JCM_MASTER__COMMITMENT", "Date"),)
        assert all("JCM_MASTER__COMMITMENT_CO" in words or "Date" in words for words in known.sentences())
        alter(sage, 'ALTER TABLE JCT_CURRENT__TRANSACTION DROP COLUMN "Check"')
        with pytest.raises(BadSageData, match="Check in JCT_CURRENT__TRANSACTION"):
            reader.probe()
        alter(sage, "DROP TABLE APM_MASTER__VENDOR", "DROP TABLE JCM_MASTER__EXTRA")
        with pytest.raises(
            BadSageData, match=r"JCM_MASTER__EXTRA \(Extras\), APM_MASTER__VENDOR \(Vendors\)"
        ) as caught:
            reader.probe()
    assert "Read Access" in caught.value.next_step


def test_a_file_without_sage_tables_is_no_company(connect: Connect, sage: Path) -> None:
    """Some other database: said so, instead of a list of tables."""
    names = [name for (name,) in ask(sage, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    alter(sage, *(f"DROP TABLE {name}" for name in names), "CREATE TABLE other (x)")
    with SageReader(connect) as reader, pytest.raises(BadSageData, match="not a Sage 300 company"):
        reader.probe()


def test_rows_come_in_batches_in_the_order_of_the_key(connect: Connect, sage: Path) -> None:
    """At most 500 at a time, each one once, sorted by key, and exactly what Sage holds."""
    alter(sage, MANY_COSTS)
    with SageReader(connect) as reader:
        batches = list(reader.rows(COSTS))
        totals = reader.count_and_sum(COSTS)
    assert [len(batch.rows) for batch in batches] == [BATCH, BATCH, BATCH]
    rows = [row[:-1] for batch in batches for row in batch.rows]
    assert rows == sage_rows(sage, COSTS) and totals.rows == len(rows)
    assert totals.sums["Amount"] == pytest.approx(sum(row[12] for row in rows) / 100, abs=0.001)


def test_an_empty_table_has_no_batches(connect: Connect, sage: Path) -> None:
    """No rows, no sum, no trouble."""
    alter(sage, "DELETE FROM JCM_MASTER__COMMITMENT_CO")
    with SageReader(connect) as reader:
        changes = table("JCM_MASTER__COMMITMENT_CO")
        assert list(reader.rows(changes)) == []
        assert reader.count_and_sum(changes).rows == 0 and reader.count_and_sum(changes).sums == {"Amount": 0.0}


def test_a_table_that_this_company_lacks_cannot_be_read(connect: Connect, sage: Path) -> None:
    """Asked for all the same: a sentence."""
    alter(sage, "DROP TABLE TS_CTL_RECORD_3")
    with SageReader(connect) as reader, pytest.raises(SageUnavailable, match="TS_CTL_RECORD_3"):
        list(reader.rows(table("TS_CTL_RECORD_3")))


def test_a_commitment_read_fresh(connect: Connect, sage: Path) -> None:
    """Header and lines of this moment, in decimals; None for an ID that is not there."""
    alter(
        sage,
        "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Commitment_Type, Description, Vendor, Job, Date, "
        "Retainage_Percent, Committed, Closed, Amount, Amount_Invoiced) "
        "VALUES ('SC-NEW', 'Subcontract', 'Café “Nord” – 5 €', 'V1', 'J1', '2026-11-24', 7.5, 1, 0, 1500.10, 0)",
        "INSERT INTO JCM_MASTER__COMMITMENT_ITEM (Commitment, Item_Number, Description, Job, Cost_Code, Category, "
        "Units, Unit_Description, Unit_Cost, Amount) VALUES ('SC-NEW', 2, 'Second', 'J1', '01-1000', 'S', 3, 'ea', "
        "500.0333, 1500.1)",
        "INSERT INTO JCM_MASTER__COMMITMENT_ITEM (Commitment, Item_Number, Description, Job, Cost_Code, Category) "
        "VALUES ('SC-NEW', 1, 'First', 'J1', '01-1000', 'S')",
    )
    with SageReader(connect) as reader:
        held = reader.commitment("SC-NEW")
        assert held is not None and reader.commitments_like("SC-NEW") == 1
        assert reader.commitment("SC-NEW2") is None and reader.commitments_like("SC-NEW2") == 0
    assert (held.type, held.description, held.vendor, held.job) == ("Subcontract", "Café “Nord” – 5 €", "V1", "J1")
    assert held.date == date(2026, 11, 24) and held.committed and not held.closed
    assert held.retainage_percent == Decimal("7.5") and held.amount == Decimal("1500.10")
    assert [item.number for item in held.items] == [1, 2]
    assert held.items[1].units == 3 and held.items[1].unit_cost == Decimal("500.0333")
    assert held.items[1].amount == Decimal("1500.10") and held.items[1].extra == ""


@pytest.mark.parametrize("stored", ["SC-1        ", "        SC-1", "SC-1"])
def test_a_padded_id_is_found(stored: str, connect: Connect, sage: Path) -> None:
    """Absence must be certain: an ID padded on either side is the same commitment, with its lines."""
    alter(
        sage,
        ("INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Amount) VALUES (?, 5)", (stored,)),
        ("INSERT INTO JCM_MASTER__COMMITMENT_ITEM (Commitment, Item_Number, Amount) VALUES (?, 1, 5)", (stored,)),
    )
    with SageReader(connect) as reader:
        held = reader.commitment("SC-1")
        assert held and held.commitment == "SC-1" and len(held.items) == 1 and reader.commitments_like(" SC-1") == 1


def test_a_twin_is_counted(connect: Connect, sage: Path) -> None:
    """Two commitments under one ID, one of them padded: two, and the caller raises the alarm."""
    alter(
        sage,
        "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Amount) VALUES ('SC-2', 5)",
        "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Amount) VALUES ('SC-2        ', 5)",
    )
    with SageReader(connect) as reader:
        assert reader.commitments_like("SC-2") == 2 and reader.commitments_like("SC-20") == 0


@pytest.mark.parametrize("name", ["JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"])
def test_a_commitment_that_cannot_be_read_is_not_taken_for_absent(name: str, sage: Path) -> None:
    """It is there, but an amount is no number: an error that says so, never None."""
    one = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")[0][0]
    alter(sage, (f"UPDATE {name} SET Amount = '#####' WHERE Commitment = ?", (one,)))
    with SageReader(door("file", sage)) as reader:
        with pytest.raises(BadSageData, match=f"{one}, but erpdesk cannot read it"):
            reader.commitment(one)
        assert reader.commitments_like(one) == 1


def test_an_id_with_something_behind_it_is_not_taken_for_absent(connect: Connect, sage: Path) -> None:
    """An ID with a NUL and left-overs is seen; whether its content can be shown depends on the driver."""
    alter(sage, "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Amount) VALUES (CAST(x'53432D3300FF' AS TEXT), 5)")
    with SageReader(connect) as reader:
        assert reader.commitments_like("SC-3") == 1
        with pytest.raises(BadSageData, match="SC-3") as caught:
            reader.commitment("SC-3")
        assert "ID" in caught.value.next_step


def test_a_fresh_read_sees_what_was_written_a_moment_ago(connect: Connect, sage: Path) -> None:
    """It has a connection of its own, also while a table is being read."""
    one = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")[0][0]
    with SageReader(connect) as reader:
        reader.probe()
        for amount in ("1.00", "2.00"):
            alter(sage, ("UPDATE JCM_MASTER__COMMITMENT SET Amount = ? WHERE Commitment = ?", (float(amount), one)))
            held = reader.commitment(one)
            assert held and held.amount == Decimal(amount)
        rows = reader.rows(COSTS)
        next(rows)
        assert reader.commitment(one)
        rows.close()


def test_a_date_that_breaks_the_driver_costs_no_row(sage: Path) -> None:
    """The year 0 makes pyodbc fail inside a fetch; that stretch is read again with dates as text: every row comes."""
    alter(sage, MANY_COSTS)
    before = sage_rows(sage, COSTS)
    run, sequence = before[700][:2]
    alter(
        sage,
        (
            "UPDATE JCT_CURRENT__TRANSACTION SET Transaction_Date = '0000-01-01' WHERE Run = ? AND Sequence = ?",
            (run, sequence),
        ),
    )
    with SageReader(door("odbc", sage)) as reader:
        batches = list(reader.rows(COSTS))
        assert [row[:7] for batch in batches for row in batch.rows] == [row[:7] for row in before]
        assert not any(batch.set_aside for batch in batches)
        notes = [note for batch in batches for note in batch.notes]
        assert [(note.key, note.column) for note in notes] == [((run, sequence), "Transaction_Date")]
        # The next table is read the ordinary way again.
        assert sum(len(batch.rows) for batch in reader.rows(COMMITMENTS)) == len(sage_rows(sage, COMMITMENTS))


class Brittle(sqlite3.Cursor):
    """A cursor of a driver that breaks on every fetch which holds one of these amounts."""

    breaks_on = (77.77, 88.88)

    def fetchmany(self, size: int | None = 1) -> list[tuple[float, ...]]:
        rows = super().fetchmany(size)
        if any(amount in row for row in rows for amount in self.breaks_on):
            raise ValueError("value out of range")
        return rows


class BrittleConnection(sqlite3.Connection):
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(Brittle)


def test_a_row_that_the_driver_never_hands_over_is_set_aside(sage: Path, tmp_path: Path) -> None:
    """Each other row comes, once, and the two that break the driver are counted and shown, by their place."""
    alter(sage, MANY_COSTS)
    whole = sage_rows(sage, COSTS)
    for place, amount in ((3, 77.77), (900, 88.88)):
        values = (amount, *whole[place][:2])
        alter(sage, ("UPDATE JCT_CURRENT__TRANSACTION SET Amount = ? WHERE Run = ? AND Sequence = ?", values))

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{(sage / 'tsdata.db').as_uri()}?mode=ro", uri=True, factory=BrittleConnection)

    with SageReader(connect) as reader:
        batches = list(reader.rows(COSTS))
    assert [row[:-1] for batch in batches for row in batch.rows] == [*whole[:3], *whole[4:900], *whole[901:]]
    asides = [aside for batch in batches for aside in batch.set_aside]
    assert ["row 4 " in asides[0].reason, "row 901 " in asides[1].reason, len(asides)] == [True, True, 2]
    desk = Desk(tmp_path / "mirror")
    report = desk.refresh(connect)
    assert report.ok and desk.facts.counts()["Job-cost transactions"] == len(whole) - 2


def test_a_fresh_read_survives_such_a_date_too(sage: Path) -> None:
    """A commitment dated in the year 0 has no date, and is there."""
    one = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")[0][0]
    alter(sage, ("UPDATE JCM_MASTER__COMMITMENT SET Date = '0000-01-01' WHERE Commitment = ?", (one,)))
    for kind in DOORS:
        with SageReader(door(kind, sage)) as reader:
            held = reader.commitment(one)
            assert held and held.date is None and held.items


def test_text_is_the_same_through_both_doors(sage: Path) -> None:
    """Letters of the code page, NUL and left-overs, bytes that are no letters: one reading."""
    values = (
        "'Café € –'",
        "CAST(x'436166E9' AS TEXT)",
        "CAST(x'4F6B006A756E6B' AS TEXT)",
        "CAST(x'4261812064' AS TEXT)",
    )
    for at, value in enumerate(values, 1):
        columns = "(Commitment, Item_Number, Description)"
        alter(sage, f"INSERT INTO JCM_MASTER__COMMITMENT_ITEM {columns} VALUES ('T', {at}, {value})")
    found = []
    for kind in DOORS:
        with SageReader(door(kind, sage)) as reader:
            rows = [row for batch in reader.rows(ITEMS) for row in batch.rows]
        found.append([row[2] for row in rows if row[0] == "T"])
    assert found[0] == found[1] == ["Café € –", "Café", "Ok", "Ba\\x81 d"]
