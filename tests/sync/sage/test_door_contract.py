"""One promise for every door: the stand-in's own, ODBC in this process, and ODBC in the helper program."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.doors import Connect, ask_for_dates_as_text, open_host, open_odbc, probe_update
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Table, catalogue
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.mirror.kit import alter, ask, copied
from tests.sync.sage.doorways import DRIVEN, WAYS, every, way

ODD = (
    "CREATE TABLE ODD (Id INTEGER, Flag BIT, Amount DOUBLE, Exact NUMERIC(10,2), Padded CHAR(10), Long LONGVARCHAR, "
    "Day DATE, Hour TIME, Moment TIMESTAMP, Raw BLOB, Big BIGINT)"
)
ENDLESS = "SELECT COUNT(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture(params=WAYS)
def connect(request: pytest.FixtureRequest, sage: Path) -> Connect:
    return way(request.param, sage)


@pytest.fixture(params=DRIVEN)
def driven(request: pytest.FixtureRequest, sage: Path) -> Connect:
    return way(request.param, sage)


@pytest.fixture
def session(connect: Connect) -> Iterator[Session]:
    made = Session(connect, 60, threading.Event())
    yield made
    made.close()


def odd_rows(sage: Path) -> None:
    alter(
        sage,
        ODD,
        "INSERT INTO ODD VALUES (1, 1, 0.1, '12.30', 'ab        ', 'x', '2026-02-28', '23:59:58', "
        "'2026-02-28 01:02:03.5', x'00ff41', 9007199254740993)",
        "INSERT INTO ODD VALUES (2, 0, -0.0, '-1', '          ', '', '1900-01-01', '00:00:00', '1899-12-30 00:00:00', "
        "x'', -1)",
        "INSERT INTO ODD (Id) VALUES (3)",
        "INSERT INTO ODD (Id, Padded) VALUES (4, CAST(x'C3A96D696C65' AS TEXT))",
        "INSERT INTO ODD (Id, Padded) VALUES (5, CAST(x'E96D81' AS TEXT))",
    )


def test_the_helper_gives_exactly_what_this_process_gets(sage: Path) -> None:
    """Values, their types, and the description of the columns are the same; dates as they stand as well."""
    odd_rows(sage)
    seen = []
    for kind in DRIVEN:
        connection = way(kind, sage)()
        with closing(connection):
            cursor = connection.cursor().execute("SELECT * FROM ODD ORDER BY Id")
            described = cursor.description
            rows = every(connection, "SELECT * FROM ODD ORDER BY Id")
            ask_for_dates_as_text(connection)
            plain = every(connection, "SELECT * FROM ODD ORDER BY Id")
            seen.append((described, rows, [[type(value) for value in row] for row in rows], plain))
    assert seen[0] == seen[1]
    assert [type(value).__name__ for value in seen[0][1][0][6:9]] == ["date", "time", "datetime"]
    assert seen[1][3][0][6] == "2026-02-28"


@pytest.mark.parametrize("page", ["", "CODEPAGE=1252;"])
def test_text_is_decoded_alike(page: str, sage: Path) -> None:
    """Letters of the code page, and bytes that are no letters, come alike through both roads of ODBC."""
    odd_rows(sage)
    found = []
    for kind in DRIVEN:
        with closing(way(kind, sage, more=page)()) as connection:
            found.append(every(connection, "SELECT Padded FROM ODD WHERE Id > 3 ORDER BY Id"))
    expected = [("Ã©mile",), ("ém\udc81",)] if page else [("émile",), ("ém\udc81",)]
    assert found == [expected, expected]


def test_padding_nulls_and_numbers_come_as_they_stand(session: Session, sage: Path) -> None:
    """Nothing is trimmed, filled or rounded on the way."""
    odd_rows(sage)
    rows = every(session.connection, "SELECT Id, Amount, Padded, Big FROM ODD WHERE Id < 4 ORDER BY Id")
    assert rows == [(1, 0.1, "ab        ", 9007199254740993), (2, 0.0, "          ", -1), (3, None, None, None)]


def test_many_rows_come_in_their_order(session: Session, sage: Path) -> None:
    """More rows than a batch holds, in fetches smaller and larger than one, and nothing behind the last."""
    alter(
        sage,
        "CREATE TABLE MANY AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1301) "
        "SELECT i AS Id, 'row ' || i AS Words FROM n",
    )
    whole = [(number, f"row {number}") for number in range(1, 1302)]
    for size in (1, 499, 500, 501, 1200, 5000):
        assert every(session.connection, "SELECT Id, Words FROM MANY ORDER BY Id", size) == whole
    cursor = session.select("SELECT Id FROM MANY WHERE Id < ? ORDER BY Id", [3])
    assert [tuple(row) for row in session.fetch(cursor, 1200)] == [(1,), (2,)]
    assert session.fetch(cursor, 500) == []
    cursor.close()


def test_an_empty_answer_and_no_columns_left_out(session: Session) -> None:
    """A query without rows still names its columns."""
    cursor = session.select("SELECT Job, Description FROM JCM_MASTER__JOB WHERE Job = '.~'")
    assert [each[0] for each in cursor.description] == ["Job", "Description"]
    assert session.fetch(cursor, 500) == []
    cursor.close()


def test_long_text_comes_whole(session: Session, sage: Path) -> None:
    """Notes of many pages are not cut."""
    alter(sage, ODD, ("INSERT INTO ODD (Id, Long) VALUES (1, ?)", ("é" * 300_000,)))
    assert every(session.connection, "SELECT Long FROM ODD") == [("é" * 300_000,)]


def test_a_missing_table_has_its_sentence(session: Session) -> None:
    """A module that was never installed."""
    with pytest.raises(BadSageData, match="has no table PRM_MASTER__EMPLOYEE"):
        session.select("SELECT Employee FROM PRM_MASTER__EMPLOYEE", table="PRM_MASTER__EMPLOYEE")
    assert every(session.connection, "SELECT COUNT(*) FROM JCM_MASTER__JOB") == [(3,)]


def test_a_missing_column_has_its_sentence(session: Session) -> None:
    """A name that another version of Sage does not know."""
    with pytest.raises(BadSageData, match="JCM_MASTER__JOB lacks a column"):
        session.select("SELECT Never_Was FROM JCM_MASTER__JOB", table="JCM_MASTER__JOB")


def test_a_driver_error_keeps_its_state(driven: Connect) -> None:
    """What the driver says comes through the helper with its SQLSTATE and its words."""
    with closing(driven()) as connection:
        with pytest.raises(Exception, match="no such table: NOPE") as caught:
            connection.cursor().execute("SELECT 1 FROM NOPE")
        assert caught.value.args[0] == "HY000" and "[SQLite]" in caught.value.args[1]


@pytest.mark.parametrize("kind", [*WAYS, "company"])
def test_the_reader_gives_the_same_rows_through_every_door(kind: str, sage: Path) -> None:
    """Table by table, cleaned rows are equal, a date that breaks the driver in the middle included."""
    alter(sage, "UPDATE JCT_CURRENT__TRANSACTION SET Transaction_Date = '0000-01-01' WHERE rowid = 150")
    connect = SandboxCompany(sage).connect if kind == "company" else way(kind, sage)
    assert read_all(connect) == read_all(way("file", sage))


def read_all(connect: Connect) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    with SageReader(connect) as reader:
        known = reader.probe()
        for source in catalogue():
            if known.has(source):
                found[source.name] = _read(reader, source)
    return found


def _read(reader: SageReader, source: Table) -> list[Any]:
    batches = list(reader.rows(source))
    rows = [row for batch in batches for row in batch.rows]
    notes = [(note.key, note.column, note.reason) for batch in batches for note in batch.notes]
    return [rows, notes, [aside.key for batch in batches for aside in batch.set_aside]]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE JCM_MASTER__JOB SET Description = 'x'",
        "DELETE FROM JCM_MASTER__JOB",
        "SELECT 1; DELETE FROM JCM_MASTER__JOB",
        "SELECT Job INTO JOB_2 FROM JCM_MASTER__JOB",
        "INSERT INTO JCM_MASTER__JOB (Job) VALUES ('x')",
        "DROP TABLE JCM_MASTER__JOB",
        "select 1",
        "SELECTED",
        " SELECT 1",
        "WITH x AS (SELECT 1) DELETE FROM JCM_MASTER__JOB",
        "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'",
    ],
)
def test_only_select_passes(sql: str, session: Session, sage: Path) -> None:
    """The session refuses everything else; so does ODBC's own door, in this process and in the helper."""
    before = ask(sage, "SELECT * FROM JCM_MASTER__JOB")
    for say in (session.select, session.try_select):
        with pytest.raises(ValueError, match="only one SELECT"):
            say(sql)
    if hasattr(session.connection, "probe_update"):
        with pytest.raises(ValueError, match="only one SELECT"):
            session.connection.cursor().execute(sql)
    assert ask(sage, "SELECT * FROM JCM_MASTER__JOB") == before


def test_a_word_into_inside_a_text_is_no_table(session: Session) -> None:
    """Looking for a text is still a SELECT."""
    sql = "SELECT Job FROM JCM_MASTER__JOB WHERE Description = 'move into house'"
    assert every(session.connection, sql) == []
    session.try_select(sql).close()


PROBE = "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'"


@pytest.mark.parametrize("kind", DRIVEN)
def test_the_probe_for_rights_can_change_nothing(kind: str, sage: Path) -> None:
    """The one UPDATE that may go has a key that no row has; where it is taken, no row was met."""
    before = ask(sage, "SELECT * FROM JCM_MASTER__JOB")
    connect = way(kind, sage, read_only=False)
    with closing(Session(connect, 60, threading.Event())) as session:
        with pytest.raises(Exception, match=r"(?i)readonly"):
            session.probe_update(PROBE)
        for sql in (
            "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = 'x'",
            "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~' OR 1 = 1",
            "UPDATE JCM_MASTER__JOB SET Description = Description",
            "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'; DELETE FROM JCM_MASTER__JOB",
            "DELETE FROM JCM_MASTER__JOB WHERE Job = '.~'",
            "UPDATE JCM_MASTER__JOB SET Description = (SELECT 1) WHERE Job = '.~'",
        ):
            with pytest.raises(ValueError, match=r"only an UPDATE of the key '\.~'"):
                probe_update(session.connection, sql)
            with pytest.raises(ValueError, match=r"only an UPDATE of the key '\.~'"):
                session.probe_update(sql)
    assert ask(sage, "SELECT * FROM JCM_MASTER__JOB") == before


@pytest.mark.parametrize("kind", DRIVEN)
def test_the_probe_tells_when_sage_takes_it(kind: str, sage: Path) -> None:
    """A company that takes writes answers with no row met, and nothing is changed."""
    before = ask(sage, "SELECT * FROM JCM_MASTER__JOB")
    text = f"DRIVER={{SQLite3}};Database={sage / 'tsdata.db'}"
    connect = open_odbc(text, read_only=False) if kind == "odbc" else open_host(text, read_only=False)
    with closing(connect()) as connection:
        assert probe_update(connection, PROBE) == 0
    assert ask(sage, "SELECT * FROM JCM_MASTER__JOB") == before


def test_a_hanging_read_is_cancelled(connect: Connect) -> None:
    """From another thread, deep inside the driver; the sentence says that it was stopped."""
    stopped = threading.Event()
    with closing(Session(connect, 60, stopped)) as session:
        canceller = threading.Timer(0.3, stopped.set)
        canceller.start()
        with pytest.raises(SageUnavailable, match="was stopped"):
            session.fetch(session.select(ENDLESS), 1)
        canceller.join()


def test_a_query_ends_after_its_time(connect: Connect) -> None:
    """Nobody cancels: the time limit does."""
    began = time.monotonic()
    with (
        closing(Session(connect, 0.3, threading.Event())) as session,
        pytest.raises(SageUnavailable, match=r"within 0\.3 seconds"),
    ):
        session.fetch(session.select(ENDLESS), 1)
    assert time.monotonic() - began < 10


def test_the_driver_is_told_the_time_limit(driven: Connect) -> None:
    """Where a driver knows limits, it has the session's own, in this process and in the helper."""
    with closing(Session(driven, 7.9, threading.Event())) as session:
        assert session.connection.timeout == 7


def test_two_connections_read_at_once(connect: Connect) -> None:
    """Two reads side by side, row by row, do not disturb each other."""
    with closing(connect()) as one, closing(connect()) as other:
        first, second = one.cursor(), other.cursor()
        first.execute("SELECT Vendor FROM APM_MASTER__VENDOR ORDER BY Vendor", ())
        second.execute("SELECT Vendor FROM APM_MASTER__VENDOR ORDER BY Vendor DESC", ())
        up, down = [], []
        while row := first.fetchone():
            up.append(tuple(row))
            down.append(tuple(second.fetchone()))
        assert up == down[::-1] and len(up) == 60


def test_two_queries_of_one_connection(connect: Connect) -> None:
    """A second query does not end the first."""
    with closing(connect()) as connection:
        first, second = connection.cursor(), connection.cursor()
        first.execute("SELECT Job FROM JCM_MASTER__JOB ORDER BY Job", ())
        one = first.fetchmany(1)
        second.execute("SELECT COUNT(*) FROM APM_MASTER__VENDOR", ())
        assert tuple(second.fetchone()) == (60,)
        assert len(one) + len(first.fetchall()) == 3
        first.close()
        second.close()


def test_values_are_bound(connect: Connect) -> None:
    """Text with quotes, numbers and nothing go as values, never as part of the words."""
    with closing(connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT ?, ?, ?", ('it\'s; "é"', 2.5, 7))
        assert [tuple(row) for row in cursor.fetchall()] in ([('it\'s; "é"', 2.5, 7)], [('it\'s; "é"', "2.5", "7")])
        cursor.close()


class Odd(sqlite3.Connection):
    """A connection of a driver whose time limit is broken, in a way that is no complaint of a driver."""

    let_go = False

    def dates_as_text(self) -> None:
        """A driver of ODBC's kind."""

    @property
    def timeout(self) -> int:
        return 0

    @timeout.setter
    def timeout(self, seconds: int) -> None:
        raise AttributeError("no such thing")

    def close(self) -> None:
        self.let_go = True
        super().close()


def test_a_session_that_does_not_start_lets_go() -> None:
    """What was opened is closed again, and no watch is left."""
    connection = sqlite3.connect(":memory:", factory=Odd)
    with pytest.raises(AttributeError, match="no such thing"):
        Session(lambda: connection, 60, threading.Event())
    assert connection.let_go
