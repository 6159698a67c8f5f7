"""Faults around the real call of the driver, in this process and in the helper: what is told, and that it passes."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.problems import LOGIN_CAUSES
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import table
from tests.sync.mirror.kit import copied
from tests.sync.sage.doorways import DRIVEN, every, switch, way

COSTS = table("JCT_CURRENT__TRANSACTION")
VENDORS = table("APM_MASTER__VENDOR")


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture(params=DRIVEN)
def connect(request: pytest.FixtureRequest, sage: Path) -> Connect:
    return way(request.param, sage, more="UID=canary-login;PWD=canary-word;", faults=True)


def count(reader: SageReader) -> int:
    return sum(len(batch.rows) for batch in reader.rows(COSTS))


def test_without_faults_it_reads(connect: Connect, sage: Path) -> None:
    """No file, an empty one, a half-written one: all off."""
    file = sage / "faults.json"
    for text in (None, "", "{", "[]", "{}"):
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text, "utf-8")
        with SageReader(connect) as reader:
            assert count(reader) == 300


def test_a_wrong_password_is_refused_as_sage_does(connect: Connect, sage: Path) -> None:
    """Sage's own words become a sentence with the causes to go through; put right, reading goes on."""
    with SageReader(connect) as reader:
        switch(sage, wrong_password=True)
        with pytest.raises(SageUnavailable, match="refused the user name or password") as caught:
            reader.probe()
        said = str(caught.value)
        assert all(cause in said for cause in LOGIN_CAUSES) and "canary" not in said
        assert "[Timberline][ODBC Driver][DLL]Invalid account name." in str(caught.value.__cause__)
        switch(sage, wrong_password=False)
        assert count(reader) == 300


@pytest.mark.parametrize("word", ["*", "APM_MASTER__VENDOR"])
def test_a_hanging_query_is_ended(word: str, connect: Connect, sage: Path) -> None:
    """A word in the query, or any: the time limit ends it; the connection is good for another try."""
    with SageReader(connect, query_timeout=0.3) as reader:
        reader.probe()
        switch(sage, hang=word)
        with pytest.raises(SageUnavailable, match=r"within 0\.3 seconds"):
            reader.count_and_sum(VENDORS)
        reader.close()
        if word != "*":
            assert reader.count_and_sum(COSTS).rows == 300
        switch(sage)
        assert reader.count_and_sum(VENDORS).rows == 60


def test_a_hang_in_the_middle_of_a_table_is_cancelled(connect: Connect, sage: Path) -> None:
    """Switched on between two fetches: a person stops it, and reading goes on when it is renewed."""
    with SageReader(connect) as reader:
        reader.probe()
        rows = reader.rows(COSTS)
        switch(sage, hang="JCT_CURRENT")
        canceller = threading.Timer(0.3, reader.cancel)
        canceller.start()
        with pytest.raises(SageUnavailable, match="was stopped"):
            list(rows)
        canceller.join()
        switch(sage)
        reader.renew()
        assert count(reader) == 300


def test_a_slow_company_is_waited_for(connect: Connect, sage: Path) -> None:
    """Each answer takes its time, and comes."""
    with SageReader(connect) as reader:
        reader.probe()
        switch(sage, slow=0.1)
        began = time.monotonic()
        assert reader.count_and_sum(COSTS).rows == 300
        assert time.monotonic() - began >= 0.1


def test_a_slow_answer_past_the_limit_is_given_up(connect: Connect, sage: Path) -> None:
    """Too slow is the same as hanging."""
    with SageReader(connect, query_timeout=0.3) as reader:
        reader.probe()
        switch(sage, slow=30)
        with pytest.raises(SageUnavailable, match=r"within 0\.3 seconds"):
            reader.count_and_sum(COSTS)


def test_a_dropped_line_is_told(connect: Connect, sage: Path) -> None:
    """After so many rows the link fails (08S01), and stays so until a new connection is made."""
    switch(sage, drop_after=120)
    with closing(Session(connect, 60, threading.Event())) as session:
        cursor = session.select("SELECT Run FROM JCT_CURRENT__TRANSACTION")
        assert len(session.fetch(cursor, 120)) == 120
        with pytest.raises(SageUnavailable, match="could not be reached"):
            session.fetch(cursor, 1)
        with pytest.raises(Exception, match="08S01"):
            session.try_select("SELECT 1")
    switch(sage, drop_after=0)
    with SageReader(connect) as reader:
        assert count(reader) == 300


def test_a_line_that_drops_in_a_read_is_taken_up_by_the_next(connect: Connect, sage: Path) -> None:
    """The reader tells it, and after it is put right reads the whole table."""
    with SageReader(connect) as reader:
        reader.probe()
        switch(sage, drop_after=200)
        with pytest.raises(SageUnavailable, match="could not be reached while erpdesk read JCT_CURRENT__TRANSACTION"):
            count(reader)
        switch(sage)
        reader.close()
        assert count(reader) == 300


def test_faults_belong_to_the_company_that_has_them(sample_folder: Path, sage: Path, tmp_path: Path) -> None:
    """A door opened without a file of faults never meets any."""
    switch(sage, wrong_password=True, hang="*", drop_after=1)
    for kind in DRIVEN:
        with closing(way(kind, sage)()) as connection:
            assert len(every(connection, "SELECT Vendor FROM APM_MASTER__VENDOR")) == 60
