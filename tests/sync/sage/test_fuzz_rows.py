"""No row can stop a run, crash the reader, or change a number without a word, whatever a driver or a file holds."""

from __future__ import annotations

import math
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erpdesk.core.errors import BadSageData
from erpdesk.sync.mirror.book import SyncBook
from erpdesk.sync.mirror.hashes import fingerprints
from erpdesk.sync.mirror.totals import Tally
from erpdesk.sync.sage.clean import Batch, Cleaner
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Column, Table, catalogue, table
from tests.corpus import company
from tests.corpus.cases import handed, load, stored
from tests.corpus.checks import NOISE, in_dollars, of_mirror
from tests.sync.mirror.kit import Desk
from tests.sync.sage.doorways import way

KNOWN = [value for case in load() for row in case.rows for value in row.give.values()]
GOOD = {"char": "A1", "text": "A1", "float": 12.34, "int": 7, "bit": 1, "date": date(2026, 11, 24), "time": "07:05:09"}
WIDE = st.text(st.characters(exclude_categories=()), max_size=14)
EXTREME: tuple[Any, ...] = (
    *("\ud800x", "A\udc81", "x" * 100_000, "\0" * 9, b"", b"\x81" * 5000, bytearray(b"ab"), memoryview(b"ab")),
    *(memoryview(bytearray(b"ab")), 10**400, -(10**5000), 2**63, math.nan, math.inf, -math.inf, 5e-324, True),
    *(Decimal("1E+999990"), Decimal("-1E-999990"), Decimal("sNaN"), Decimal("NaN"), Decimal("Infinity")),
    *(date.min, date.max, datetime(9999, 12, 31, tzinfo=UTC), time.max, None),
)
ODD = st.one_of(
    st.sampled_from([*map(handed, KNOWN)]),
    # By number: some of them cannot be looked up, which is the point of them.
    st.integers(0, len(EXTREME) - 1).map(lambda at: EXTREME[at]),
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.decimals(allow_nan=True, allow_infinity=True),
    WIDE,
    st.binary(max_size=14),
    st.binary(max_size=14).map(lambda raw: memoryview(raw)),
    st.binary(max_size=14).map(bytearray),
    st.binary(max_size=14).map(lambda raw: memoryview(bytearray(raw))),
    st.binary(max_size=14).map(lambda raw: raw.decode("cp1252", "surrogateescape")),
    st.dates(),
    st.datetimes(),
    st.times(),
)
CELLS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99), ODD), min_size=1, max_size=10)
IN_FILE = st.one_of(
    st.sampled_from([stored(value) for value in KNOWN if isinstance(stored(value), str | int | float | bytes)]),
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.text(max_size=14),
    st.binary(max_size=14),
)
SPOILT = st.lists(
    st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 99), IN_FILE, st.booleans()),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("of", catalogue(), ids=lambda of: str(of.mirror))
@settings(max_examples=15, derandomize=True, deadline=None, database=None)
@given(cells=CELLS)
def test_no_value_breaks_the_cleaning_of_any_table(of: Table, cells: list[tuple[int, int, Any]]) -> None:
    """Anything a driver may hand over, anywhere: as many rows as came, all of it fit to be stored, numbers intact."""
    rows = [[GOOD[column.kind] for column in of.columns] for _ in range(4)]
    for row, column, value in cells:
        rows[row][column % len(of.columns)] = value
    given_rows = [tuple(row) for row in rows]
    cleaner = Cleaner(of, of.columns)
    batch = cleaner.batch(given_rows)
    assert batch.read == len(given_rows)
    fit(batch)
    for row_ in given_rows:
        alone = cleaner.batch([row_])
        fit(alone)
        assert alone.read == 1
        if alone.rows:
            said = {note.column for note in alone.notes}
            for column_, before, after in zip(of.columns, row_, alone.rows[0], strict=False):
                assert column_.name in said or same_number(column_, before, after), (column_.name, before, after)
    tally = Tally(of, of.columns)
    tally.add(given_rows)
    tally.sums()
    assert len(fingerprints(given_rows)) == len(given_rows)


@pytest.mark.parametrize("of", catalogue(), ids=lambda of: str(of.mirror))
def test_no_extreme_value_breaks_any_column(of: Table) -> None:
    """Half letters, views of memory, numbers without end, texts of megabytes, in each sort of column of each table."""
    cleaner = Cleaner(of, of.columns)
    good = [GOOD[column.kind] for column in of.columns]
    sorts = {(it.kind, it.scale, it.identity, it.key, it.choices): at for at, it in enumerate(of.columns)}
    for at in sorts.values():
        for value in EXTREME:
            batch = cleaner.batch([(*good[:at], value, *good[at + 1 :])])
            assert batch.read == 1
            fit(batch)


def fit(batch: Batch) -> None:
    """What came out can be stored and shown, and is not endless."""
    for row in batch.rows:
        for value in row:
            assert value is None or (isinstance(value, int) and abs(value) < 2**63) or isinstance(value, str)
            if isinstance(value, str):
                value.encode("utf-8")
        assert row[-1] is None or len(row[-1]) < 10_000
    told = [(each.reason, each.raw) for each in batch.set_aside] + [(each.reason, each.raw) for each in batch.notes]
    for reason, raw in told:
        assert reason and len(reason) < 10_000 and len(raw) <= 2000
        reason.encode("utf-8", "backslashreplace")


def same_number(column: Column, before: Any, after: Any) -> bool:
    """Whether a number that came is the number that is kept; text in its place is none, and nothing is nothing."""
    if column.kind not in ("float", "int", "bit"):
        return True
    if before is None or after is None:
        return before is None and after is None
    if not isinstance(before, int | float | Decimal):
        return False
    if column.kind == "bit":
        return int(before in (-1, 1)) == int(after)
    exact = before if isinstance(before, Decimal) else Decimal(repr(before + 0))
    return abs(exact - in_dollars(column, after)) <= NOISE


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company and its mirror after the first load."""
    folder = tmp_path_factory.mktemp("fuzz")
    sage = company.build(folder / "sage")
    assert Desk(folder / "mirror").refresh(way("file", sage)).ok
    return folder


@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(spoilt=SPOILT)
def test_no_cell_stops_a_run(pristine: Path, spoilt: list[tuple[int, int, int, Any, bool]]) -> None:
    """Any value in any cells of a company: both kinds of run come to their end, and every number is accounted for."""
    folder = Path(tempfile.mkdtemp(prefix="erpdesk-"))
    try:
        sage = shutil.copytree(pristine / "sage", folder / "sage")
        spoil(sage, spoilt)
        first, later, driven = Desk(folder / "first"), Desk(folder / "later", number=1), Desk(folder / "driven")
        shutil.copytree(pristine / "mirror", folder / "later")
        for desk, kind in ((first, "file"), (later, "file"), (driven, "odbc")):
            report = desk.refresh(way(kind, sage))
            assert len(report.tables) == len(catalogue()) and not report.stopped
            assert all(each.ok or each.problem for each in report.tables)
            look_at_everything(desk)
            if kind == "file":
                for of in (table(each.table) for each in report.tables if each.ok):
                    accounted_for(of, desk, sage, whole=desk is first)
        with SageReader(way("file", sage)) as reader:
            for commitment in ("SC-1", "SC-2"):
                try:
                    reader.commitment(commitment)
                except BadSageData as error:
                    assert error.next_step
    finally:
        shutil.rmtree(folder)


def spoil(sage: Path, spoilt: Sequence[tuple[int, int, int, Any, bool]]) -> None:
    """Puts values into cells of the file, bytes as such or as the text of a column."""
    with closing(sqlite3.connect(sage / "tsdata.db")) as db, db:
        filled = [each for each in catalogue() if db.execute(f"SELECT 1 FROM {each.name}").fetchone()]
        for which, row, column, value, as_text in spoilt:
            of = filled[which % len(filled)]
            name = of.columns[column % len(of.columns)].name
            count = db.execute(f"SELECT COUNT(*) FROM {of.name}").fetchone()[0]
            place = "CAST(? AS TEXT)" if as_text and isinstance(value, bytes) else "?"
            db.execute(
                f'UPDATE {of.name} SET "{name}" = {place} WHERE rowid = '
                f"(SELECT rowid FROM {of.name} LIMIT 1 OFFSET {row % count})",
                (value,),
            )


def look_at_everything(desk: Desk) -> None:
    """What the workflows and the pages ask of the mirror has an answer."""
    facts, book = desk.facts, SyncBook(desk.store)
    for job in facts.jobs():
        facts.job(job.job)
        facts.extras(job.job)
        facts.categories(job.job)
    for vendor in facts.vendors():
        assert facts.vendor(vendor.vendor) is not None
    for (commitment,) in desk.select("SELECT commitment FROM commitment WHERE gone_run IS NULL"):
        assert facts.commitment(commitment) is not None and facts.commitment_id_taken(commitment)
    facts.commitment_id_format()
    facts.freshness()
    for each in (*facts.set_aside(), *facts.notes()):
        assert each.reason and each.table
    book.runs()
    book.tables()
    book.odd_rows()


def accounted_for(of: Table, desk: Desk, sage: Path, *, whole: bool) -> None:
    """Each of Sage's rows is taken, with its numbers or a note on them, or set aside."""
    found = of_mirror(of, desk)
    rows = list(sage_cells(of, sage))
    if whole:
        assert len(found.taken) + len(found.aside) == len(rows)
    cleaner = Cleaner(of, of.columns)
    met = set()
    for row in rows:
        batch = cleaner.batch([row])
        for clean in batch.rows:
            kept = found.taken.get(tuple(clean[at] for at, each in enumerate(of.columns) if each.key))
            assert kept is not None
            key = tuple(kept[each.name] for each in of.key)
            said = found.reasons(key)
            if tuple(kept.values()) != clean[:-1]:
                continue
            met.add(key)
            for column, before in zip(of.columns, row, strict=True):
                assert column.name in said or same_number(column, before, kept[column.name]), (column.name, before)
    if whole:
        assert met == found.taken.keys()


def sage_cells(of: Table, sage: Path) -> Iterator[tuple[Any, ...]]:
    """The rows of the file, as the door hands them over."""
    names = ", ".join(f'"{column.name}"' for column in of.columns)
    with closing(way("file", sage)()) as db:
        yield from db.execute(f"SELECT {names} FROM {of.name}").fetchall()
