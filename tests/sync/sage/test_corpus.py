"""Every oddity of real Sage data, as a folder of cases: each gets its verdict, and everything beside it stays right."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror.intake import Progress
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.sage.clean import Cleaner
from erpdesk.sync.sage.doors import Connect, open_odbc
from erpdesk.sync.sage.folders import only_company
from erpdesk.sync.sage.odbc_link import manager
from erpdesk.sync.sage.problems import sentence
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Table, catalogue, table
from tests.corpus import company
from tests.corpus.cases import AS_IS, ASIDE, CLEANER, ENDS, FILE, NOTE, STOPS, Case, handed, load, oddities
from tests.corpus.checks import check, check_sums, key_of, of_batch, of_mirror, others
from tests.sync.mirror.kit import Desk, all_sage_rows, alter, copied, differences, ignore, never, report_of, sage_rows
from tests.sync.sage.doorways import switch, way

CASES = load()
ROWS = [case for case in CASES if case.rows]
ODD = [case for case in ROWS if case.verdict != AS_IS and FILE in case.ways]
EVENTS = [case for case in CASES if case.happens]
ENDED = [case for case in EVENTS if case.verdict == ENDS]
BLANK = {"char": "", "text": "", "float": 0.0, "int": 0, "bit": 0, "date": None, "time": None}
ELF32 = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x03\x00\x03\x00\x01\x00\x00\x00" + bytes(28)
"""The head of a program library for 32-bit machines."""


def cases(some: list[Case], *, cleaner: bool = False) -> pytest.MarkDecorator:
    """One test for each case and way on which it can be met."""
    pairs = [(case, kind) for case in some for kind in case.ways if (kind == CLEANER) is cleaner]
    return pytest.mark.parametrize(("case", "kind"), pairs, ids=[f"{case.name}-{kind}" for case, kind in pairs])


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company and its mirror after the first load, made once."""
    folder = tmp_path_factory.mktemp("corpus")
    sage = company.build(folder / "sage")
    desk = Desk(folder / "mirror")
    assert desk.refresh(way("file", sage)).ok and desk.number == 1
    return folder


@pytest.fixture
def sage(pristine: Path, tmp_path: Path) -> Path:
    return copied(pristine / "sage", tmp_path / "sage")


@pytest.fixture
def desk(pristine: Path, tmp_path: Path) -> Desk:
    """A mirror of one's own of the company as it was."""
    shutil.copytree(pristine / "mirror", tmp_path / "mirror")
    return Desk(tmp_path / "mirror", number=1)


def test_the_corpus_is_complete() -> None:
    """Every oddity on the list has a case, and no case is about something that is not on it."""
    met = [oddity for case in CASES for oddity in case.oddities]
    assert set(met) == set(oddities()) and len(set(oddities())) == len(oddities())
    assert {case.verdict for case in CASES} == {AS_IS, NOTE, ASIDE, STOPS, ENDS}


@pytest.mark.parametrize("case", ROWS, ids=[case.name for case in ROWS])
def test_a_verdict_is_what_its_rows_say(case: Case) -> None:
    """A case does not say one thing and show another."""
    aside, noted = any(each.aside for each in case.rows), any(each.note for each in case.rows)
    assert case.verdict == (ASIDE if aside else NOTE if noted else AS_IS)
    known = {column.name for column in table(case.table).columns}
    assert all({*each.give, *each.take, *each.note} <= known for each in case.rows)
    assert all(bool(each.take) is not bool(each.aside) for each in case.rows)


@cases(ROWS, cleaner=True)
def test_the_cleaning_gives_each_row_its_verdict(case: Case, kind: str) -> None:
    """The rows as a driver hands them over: each taken, noted or set aside as the case says."""
    of = table(case.table)
    rows = [
        tuple(handed(each.give.get(column.name, BLANK[column.kind])) for column in of.columns) for each in case.rows
    ]
    check(case, of, of_batch(of, Cleaner(of, of.columns).batch(rows)))


@cases(ROWS)
def test_a_whole_run_gives_each_row_its_verdict(case: Case, kind: str, desk: Desk, sage: Path, tmp_path: Path) -> None:
    """At a first load and at a later one: the rows' verdict, every other row as it was, all amounts accounted for."""
    of, before = table(case.table), all_sage_rows(sage)
    company.put(sage, of.name, [each.give for each in case.rows])
    mine = {key_of(of, each): each for each in case.rows if not each.aside}
    first = Desk(tmp_path / "first")
    for each in (first, desk):
        report = each.refresh(way(kind, sage))
        assert report.ok, report.problems
        found = of_mirror(of, each)
        check(case, of, found)
        check_sums(case, of, found, sage)
        keys = [column.name for column in of.key]
        rest = others(of, found, mine)
        good = [dict(zip((column.name for column in of.columns), row, strict=True)) for row in before[of.name]]
        assert rest == {tuple(row[name] for name in keys): row for row in good}
        now = each.all_rows()
        assert all(now[other.name] == before[other.name] for other in catalogue() if other is not of)
    assert not desk.refresh(way(kind, sage)).changed


@pytest.mark.parametrize("case", ODD, ids=[case.name for case in ODD])
def test_a_row_put_right_leaves_no_trace(case: Case, desk: Desk, sage: Path) -> None:
    """Once the rows are out of Sage again, no note and no row set aside is left, and the mirror is Sage's twin."""
    company.put(sage, case.table, [each.give for each in case.rows])
    desk.refresh(way(FILE, sage))
    alter(sage, f"DELETE FROM {case.table} WHERE rowid > (SELECT MAX(rowid) FROM {case.table}) - {len(case.rows)}")
    assert desk.refresh(way(FILE, sage)).ok
    assert desk.facts.set_aside() == () and desk.facts.notes() == () and not list(differences(desk, sage))


def test_a_mask_tells_two_spellings_of_a_cost_code(sage: Path) -> None:
    """Formatted or not: one code by the company's own format, although both stand there."""
    with SageReader(way("file", sage)) as reader:
        masks = reader.probe().masks
    assert masks.same("cost_code", "02-5000", "025000") and not masks.same("cost_code", "02-5000", "025001")


@cases(EVENTS)
def test_what_happens_to_a_company_gets_its_verdict(case: Case, kind: str, desk: Desk, sage: Path) -> None:
    """The run goes on, the table stops, or the run ends with a sentence; what was there before stays."""
    of, before = table(case.table), desk.everything()
    with happening(case, kind, sage) as (connect, meanwhile, seconds):
        if case.verdict == ENDS:
            with pytest.raises(ForPeople, match=case.says) as caught:
                run(desk, connect, meanwhile, seconds)
            assert caught.value.kept and caught.value.next_step
            assert desk.everything() == before
            return
        report = run(desk, connect, meanwhile, seconds)
    if case.verdict == STOPS:
        assert not report.ok and [each.table for each in report.tables if not each.ok] == [of.name]
        assert case.says in report.problems[0] and "earlier rows are kept" in report.problems[0]
        assert desk.everything()[of.mirror] == before[of.mirror]
        shown = next(each for each in desk.facts.freshness() if each.table == of.title)
        assert shown.problem == report.problems[0]
    elif case.verdict == ASIDE:
        assert report.ok and [case.says in each.reason for each in desk.facts.set_aside()] == [True]
        broken = round(case.happens["breaks_on"] * 100)
        assert [row for row in desk.rows(of) if broken not in row] == [
            row for row in sage_rows(sage, of) if broken not in row
        ]
        assert report_of(report, of.title).set_aside == 1
    else:
        assert report.ok and any(case.says in words for words in ("", *report.lacking))
        assert not list(differences_of_shown(desk, sage))


@pytest.mark.parametrize("case", ENDED, ids=[case.name for case in ENDED])
def test_the_next_run_is_good_when_the_trouble_is_over(case: Case, desk: Desk, pristine: Path, sage: Path) -> None:
    """Nothing that ended a run is left behind: the same mirror reads the company as it was, and nothing changed."""
    with happening(case, case.ways[-1], sage) as (connect, meanwhile, seconds), pytest.raises(ForPeople):
        run(desk, connect, meanwhile, seconds)
    report = desk.refresh(way("file", pristine / "sage"))
    assert report.ok and not report.changed and not report.first_load


def run(desk: Desk, connect: Connect, meanwhile: Progress, seconds: float) -> RefreshReport:
    with SageReader(connect, query_timeout=seconds) as reader:
        return desk.mirror.refresh(reader, meanwhile, never, full=True)


def differences_of_shown(desk: Desk, sage: Path) -> Iterator[str]:
    """Where mirror and Sage disagree, in the tables and columns that Sage still has."""
    with closing(sqlite3.connect(sage / "tsdata.db")) as db:
        shown = {name: {column for _, column, *_ in db.execute(f"PRAGMA table_info({name})")} for name in names(db)}
    for each in catalogue():
        if each.name in shown:
            there = tuple(column for column in each.columns if column.name in shown[each.name])
            kept = replace(each, columns=there)
            if desk.rows(kept) != sage_rows(sage, kept):
                yield each.title


def names(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]


@contextmanager
def happening(case: Case, kind: str, sage: Path) -> Iterator[tuple[Connect, Progress, float]]:
    """Makes it happen; gives the way into the company, what goes on during the read, and how long a query may take."""
    happens, of = dict(case.happens), table(case.table)
    connect, seconds = way(kind, sage, faults=True), 60.0
    meanwhile: Progress = ignore
    if "widen" in happens:
        company.widen(sage, of.name, happens.pop("widen"))
    if happens.pop("split", False):
        company.split(sage, of.name, [column.name for column in of.key])
    alter(sage, *happens.pop("sql", ()))
    if "company" in happens:
        company.rename_company(sage, happens.pop("company"))
    connect = only_company(connect, sage, company.NAME)
    if "meanwhile" in happens:
        meanwhile = changing(of, sage, happens.pop("meanwhile"), happens.pop("times"))
    if "hang" in happens:
        switch(sage, hang=happens.pop("hang"))
        seconds = 0.5
    if "drop_after" in happens:
        switch(sage, drop_after=happens.pop("drop_after"))
    if "driver" in happens:
        connect = refusing(connect, **happens.pop("driver"))
    if "breaks_on" in happens:
        connect = breaking(connect, happens.pop("breaks_on"))
    if happens.pop("elf32", False):
        (sage / "driver.so").write_bytes(ELF32)
        connect = open_odbc(f"DRIVER={sage / 'driver.so'};DBQ=nowhere")
    with locked(sage) if happens.pop("locked", False) else closing(sqlite3.connect(":memory:")):
        assert not happens, f"nobody makes this happen: {happens}"
        yield connect, meanwhile, seconds


def changing(of: Table, sage: Path, sql: str, times: int) -> Progress:
    """Somebody changes the table between the counting and the reading, so many times."""
    left = [times]

    def meanwhile(title: str, done: int, total: int) -> None:
        if title == of.title and done == 0 and left[0]:
            left[0] -= 1
            alter(sage, sql)

    return meanwhile


@contextmanager
def locked(sage: Path) -> Iterator[None]:
    """Another program has the data file to itself."""
    with closing(sqlite3.connect(sage / "tsdata.db", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


def refusing(connect: Connect, state: str, words: str, asked: str) -> Connect:
    """A driver that refuses with these words: at the login, or when ``asked`` for a table once it has been found."""
    error = manager().Error(state, f"[{state}] {words}")

    def opened() -> Any:
        if not asked:
            raise sentence(error) from error
        return _Wrapped(connect(), lambda sql: _refuse(error) if "COUNT(*)" in sql and asked in sql else None)

    return opened


def _refuse(error: Exception) -> None:
    raise error


def breaking(connect: Connect, amount: float) -> Connect:
    """A driver that breaks on each fetch in which this amount stands."""
    return lambda: _Wrapped(connect(), lambda sql: None, amount)


class _Wrapped:
    """A door with a driver of its own moods in front of it."""

    def __init__(self, inner: Any, ask: Callable[[str], None], breaks_on: float | None = None) -> None:
        self._inner, self._ask, self._breaks_on = inner, ask, breaks_on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def cursor(self) -> Any:
        cursor = self._inner.cursor()
        return _WrappedCursor(cursor, self._ask, self._breaks_on)


class _WrappedCursor:
    def __init__(self, inner: Any, ask: Callable[[str], None], breaks_on: float | None) -> None:
        self._inner, self._ask, self._breaks_on = inner, ask, breaks_on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._ask(sql)
        return self._inner.execute(sql, values)

    def fetchmany(self, size: int) -> Any:
        rows = self._inner.fetchmany(size)
        if self._breaks_on is not None and any(self._breaks_on in row for row in rows):
            raise ValueError("value out of range")
        return rows
