"""A read that hangs ends when somebody asks for it, or by itself after its time, through every door."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import table
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.mirror.kit import Desk, alter, copied, ignore
from tests.sync.sage.doorways import WAYS, way

VENDORS = table("APM_MASTER__VENDOR")
ENDLESS = (
    "ALTER TABLE APM_MASTER__VENDOR RENAME TO real_vendors",
    "CREATE VIEW APM_MASTER__VENDOR AS SELECT real_vendors.* FROM real_vendors, "
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0)",
)


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture(params=WAYS)
def connect(request: pytest.FixtureRequest, sage: Path) -> Connect:
    return way(request.param, sage)


@pytest.fixture(autouse=True)
def _no_watch_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "sage-watch"]


def test_a_hanging_read_ends_when_it_is_cancelled(connect: Connect, sage: Path) -> None:
    """Cancelled from another thread, the read ends with a sentence; later reads are refused until it is renewed."""
    with SageReader(connect) as reader:
        reader.probe()
        alter(sage, *ENDLESS)
        canceller = threading.Thread(target=reader.cancel)
        canceller.start()
        began = time.monotonic()
        with pytest.raises(SageUnavailable, match="was stopped"):
            list(reader.rows(VENDORS))
        assert time.monotonic() - began < 5
        canceller.join()
        for ask in (lambda: reader.commitment("X"), reader.probe, lambda: reader.commitments_like("X")):
            with pytest.raises(SageUnavailable, match="was stopped"):
                ask()
        alter(sage, "DROP VIEW APM_MASTER__VENDOR", "ALTER TABLE real_vendors RENAME TO APM_MASTER__VENDOR")
        reader.renew()
        assert sum(len(batch.rows) for batch in reader.rows(VENDORS)) == 60


def test_a_read_that_is_deep_inside_the_driver_is_reached(connect: Connect, sage: Path) -> None:
    """The cancel comes while the driver computes, not before it starts."""
    with SageReader(connect) as reader:
        reader.probe()
        alter(sage, *ENDLESS)
        canceller = threading.Timer(0.3, reader.cancel)
        canceller.start()
        began = time.monotonic()
        with pytest.raises(SageUnavailable, match="was stopped"):
            reader.count_and_sum(VENDORS)
        assert 0.2 < time.monotonic() - began < 5
        canceller.join()


def test_a_hanging_read_ends_by_itself_after_its_time(connect: Connect, sage: Path) -> None:
    """Nobody cancels: the time limit does, and says how long it waited."""
    with SageReader(connect, query_timeout=0.3) as reader:
        reader.probe()
        alter(sage, *ENDLESS)
        with pytest.raises(SageUnavailable, match=r"within 0\.3 seconds"):
            reader.count_and_sum(VENDORS)


@pytest.mark.parametrize("first", [True, False])
def test_a_refresh_that_hangs_can_be_stopped(first: bool, connect: Connect, sage: Path, tmp_path: Path) -> None:
    """Stop asked and reader cancelled, as at the closing of the window: the run ends, nothing half-done stays."""
    desk = Desk(tmp_path / "mirror")
    if not first:
        assert desk.refresh(connect).ok
    alter(sage, *ENDLESS)
    before = None if first else desk.everything()
    asked = threading.Event()
    with SageReader(connect) as reader:

        def stop() -> None:
            asked.set()
            reader.cancel()

        stopper = threading.Timer(0.3, stop)
        stopper.start()
        began = time.monotonic()
        report = desk.mirror.refresh(reader, ignore, asked.is_set)
        assert report.stopped and time.monotonic() - began < 5
        stopper.join()
    if first:
        assert desk.number is None and not list((tmp_path / "mirror").glob("*"))
    else:
        assert desk.everything() == before and all(each.problem == "" for each in desk.facts.freshness())


def test_the_stand_ins_own_hang_is_ended_too(sage: Path) -> None:
    """A site where a query waits for ever without working: interrupting its connection is enough."""
    company = SandboxCompany(sage)
    company.set_faults(hang="JCM_MASTER__COMMITMENT")
    with (
        SageReader(company.connect, query_timeout=0.3) as reader,
        pytest.raises(SageUnavailable, match="did not answer"),
    ):
        reader.commitments_like("SC-1")
    company.set_faults(hang="")
    with SageReader(company.connect) as reader:
        assert reader.commitments_like("SC-1") == 0


def test_a_reader_closed_in_the_middle_of_a_table_leaves_nothing(connect: Connect) -> None:
    """Half a table read, then closed: Sage's file is let go and the watch is gone."""
    with SageReader(connect) as reader:
        rows = reader.rows(table("JCM_MASTER__CATEGORY"))
        next(rows)
        rows.close()
