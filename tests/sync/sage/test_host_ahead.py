"""Reading ahead in the helper program: rows stay in their order, and no stop waits for what nobody wants any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.host_cursor import AHEAD, HostCursor
from erpdesk.sync.sage.host_door import HostConnection, open_host
from erpdesk.sync.sage.odbc_host import SIZE
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import table
from tests.sync.mirror.kit import alter, copied
from tests.sync.sage.doorways import PATIENCE, ended, every, string, switch

COSTS = table("JCT_CURRENT__TRANSACTION")
COUNT = 4 * SIZE + 7
SERIES = "SELECT i FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n{0}) SELECT i FROM n{1})"
NUMBERS = SERIES.format(f" LIMIT {COUNT}", "")
ENDLESS = SERIES.format("", f" WHERE i <= {2 * SIZE}")


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture
def connection(sage: Path) -> Iterator[HostConnection]:
    """A driver that hands rows over as it finds them (and computed numbers as text)."""
    with closing(open_host(string(sage, more="StepAPI=1;"), faults=sage / "faults.json")()) as opened:
        yield opened


@pytest.mark.parametrize("sizes", [(SIZE,), (SIZE, 1, SIZE), (3, SIZE, 2 * SIZE + 1), (1,), (COUNT + 1,)])
def test_rows_come_in_their_order_whatever_is_asked_for(sizes: tuple[int, ...], connection: HostConnection) -> None:
    """Batches of any size, one after another: each row once."""
    cursor = connection.cursor().execute(NUMBERS)
    found: list[int] = []
    turn = 0
    while rows := cursor.fetchmany(sizes[turn % len(sizes)]):
        assert len(rows) <= sizes[turn % len(sizes)]
        found += [int(number) for (number,) in rows]
        turn += 1
    assert found == list(range(1, COUNT + 1))
    assert cursor.fetchone() is None
    cursor.close()


def test_two_queries_at_once_do_not_mix(connection: HostConnection) -> None:
    """The answers of one may lie in front of those of the other."""
    one, other = connection.cursor().execute(NUMBERS), connection.cursor().execute(NUMBERS.replace("i + 1", "i + 2"))
    found: tuple[list[int], list[int]] = ([], [])
    for _ in range(6):
        for rows, cursor in zip(found, (one, other), strict=True):
            rows += [int(number) for (number,) in cursor.fetchmany()]
    assert found == (list(range(1, COUNT + 1)), list(range(1, 2 * COUNT + 1, 2)))
    assert connection.timeout == 0 and every(connection, "SELECT 'on'") == [("on",)]


def stopped_in_the_middle(connection: HostConnection, sql: str) -> HostCursor:
    """A query of which two whole batches were taken, so that more is under way."""
    cursor = connection.cursor().execute(sql)
    for _ in range(2):
        assert len(cursor.fetchmany()) == SIZE
    assert len(cursor._asked) == AHEAD - 1
    return cursor


def test_a_query_is_let_go_while_the_next_rows_are_computed_for_ever(connection: HostConnection) -> None:
    """What was asked ahead is given up, soon, and the connection goes on."""
    cursor = stopped_in_the_middle(connection, ENDLESS)
    began = time.monotonic()
    cursor.close()
    assert time.monotonic() - began < 5
    assert every(connection, "SELECT 'on'") == [("on",)]


def test_a_query_is_let_go_while_the_driver_hangs(sage: Path, connection: HostConnection) -> None:
    """The fault of a stand-in company begins in the middle: closing does not wait for it."""
    cursor = connection.cursor().execute(NUMBERS)
    assert len(cursor.fetchmany()) == SIZE
    switch(sage, hang="WITH RECURSIVE")
    began = time.monotonic()
    closer = threading.Timer(0.3, cursor.cancel)
    closer.start()
    with pytest.raises(Exception, match="HY008"):
        for _ in range(4):
            cursor.fetchmany()
    closer.join()
    cursor.close()
    switch(sage)
    assert time.monotonic() - began < 5
    assert every(connection, "SELECT 'on'") == [("on",)]


def test_a_program_killed_while_it_reads_ahead_is_told(sage: Path, connection: HostConnection) -> None:
    """Whatever was under way is gone with it; closing says nothing more and leaves nothing."""
    cursor = stopped_in_the_middle(connection, ENDLESS)
    connection.end()
    assert ended(connection.pid, PATIENCE)
    with pytest.raises(SageUnavailable, match="was ended"):
        for _ in range(AHEAD + 1):
            cursor.fetchmany()
    cursor.close()


def test_a_table_left_in_the_middle_can_be_read_again(sage: Path) -> None:
    """A reader that stops asking, and asks anew on the same connection."""
    more = f"SELECT Run, Sequence + 1000 * n.i, Job, Amount FROM {COSTS.name}, n WHERE i > 0"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
    alter(sage, f"INSERT INTO {COSTS.name} (Run, Sequence, Job, Amount) {numbers} {more}")
    with SageReader(open_host(string(sage))) as reader:
        reader.probe()
        some = reader.rows(COSTS)
        first = [next(some), next(some)]
        some.close()
        again = list(reader.rows(COSTS))
        assert [batch.rows for batch in again[:2]] == [batch.rows for batch in first]
        assert sum(len(batch.rows) for batch in again) == reader.count_and_sum(COSTS).rows == 3000
