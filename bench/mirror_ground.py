"""What the measurements of the mirror stand on: a sample company that changes, its doors, and the clocks."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import apsw

from bench.common import SEED, Figure, emit
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Column, Table, catalogue, table, written
from erpdesk.sync.sandbox.sample import make_sample

COSTS = table("JCT_CURRENT__TRANSACTION")
ODBC = "DRIVER={{SQLite3}};Database=file:{0}?mode=ro;Timeout=1000;"
_DAYS = 1000
_LAST_DAY = date(2026, 11, 20)


class FileDoor:
    """The company's file through the same SQLite library that the peers use, with the calls of a database driver."""

    def __init__(self, file: Path) -> None:
        self._db = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        self._rows: Iterator[Any] = iter(())

    def cursor(self) -> FileDoor:
        """One query at a time is all that a reader asks."""
        return FileDoor(Path(self._db.filename))

    def execute(self, sql: str, values: Sequence[Any] = ()) -> FileDoor:
        """Runs a query; a day among the values is text."""
        try:
            self._rows = iter(self._db.execute(sql, [str(each) if isinstance(each, date) else each for each in values]))
        except apsw.SQLError as error:
            raise sqlite3.OperationalError(str(error)) from error
        return self

    def fetchmany(self, size: int) -> list[Any]:
        """The next rows."""
        return list(islice(self._rows, size))

    def interrupt(self) -> None:
        """Ends the query under way."""
        self._db.interrupt()

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


class Ground:
    """A sample company with so many transactions, stamped evenly over the last years, and mirrors of it."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count
        self.file = folder / "sage" / "tsdata.db"
        self.number: int | None = None
        self._round = 0

    def make(self) -> None:
        """Writes the company."""
        make_sample(self.folder / "sage", seed=SEED, transactions=self.count)
        with closing(sqlite3.connect(self.file)) as db, db:
            day = f"date('{_LAST_DAY}', '-' || (({self.count} - rowid) * {_DAYS} / {self.count}) || ' days')"
            db.execute(f"UPDATE {COSTS.name} SET Date_Stamp = {day}, Time_Stamp = '12:00:00'")

    def connect(self) -> FileDoor:
        """The source, read only."""
        return FileDoor(self.file)

    def connect_plainly(self) -> sqlite3.Connection:
        """The source as Python's own SQLite module gives it, and as a stand-in company is read."""
        return sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True, isolation_level=None)

    def mirror(self, name: str) -> Mirror:
        """A mirror in a folder of its own."""
        numbers: list[int] = []
        return Mirror(MirrorStore(self.folder / name, lambda: numbers[-1] if numbers else None, numbers.append))

    def refresh(
        self, mirror: Mirror, connect: Callable[[], Any] | None = None, *, full: bool = False, costs: bool = False
    ) -> RefreshReport:
        """Runs it once, for the transactions alone or for all tables; SystemExit when anything went wrong."""
        only = (COSTS.name,) if costs else ()
        with SageReader(connect or self.connect) as reader:
            report = mirror.refresh(reader, lambda *_: None, lambda: False, full=full, only=only)
        if not report.ok:
            raise SystemExit("; ".join(report.problems))
        return report

    def change(self) -> int:
        """One transaction in a hundred: eight of ten edited, one new, one deleted; answers how many."""
        self._round += 1
        day = str(_LAST_DAY + timedelta(days=4 * self._round))
        many = self.count // 100
        pick = random.Random(SEED + self._round)
        with closing(sqlite3.connect(self.file)) as db, db:
            before = db.total_changes
            last = db.execute(f"SELECT MAX(rowid) FROM {COSTS.name}").fetchone()[0]
            rows = pick.sample(range(1, last + 1), many)
            edited, gone = rows[: many * 9 // 10], rows[many * 9 // 10 :]
            db.executemany(
                f"UPDATE {COSTS.name} SET Amount = round(Amount + 1.25, 2), Date_Stamp = ? WHERE rowid = ?",
                ((day, row) for row in edited[: many * 8 // 10]),
            )
            columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({COSTS.name})") if name != "Date_Stamp"]
            kept = ", ".join(f"Run + {self._round * 1_000_000}" if name == "Run" else written(name) for name in columns)
            into = ", ".join(written(name) for name in columns)
            db.executemany(
                f"INSERT OR IGNORE INTO {COSTS.name} ({into}, Date_Stamp) SELECT {kept}, ? FROM {COSTS.name} "
                "WHERE rowid = ?",
                ((day, row) for row in edited[many * 8 // 10 :]),
            )
            db.executemany(f"DELETE FROM {COSTS.name} WHERE rowid = ?", ((row,) for row in gone))
            return db.total_changes - before

    def held(self) -> tuple[int, int]:
        """How many transactions the source holds, and their total in cents."""
        with closing(self.connect_plainly()) as db:
            rows, cents = db.execute(
                f"SELECT COUNT(*), SUM(CAST(ROUND(Amount * 100) AS INTEGER)) FROM {COSTS.name}"
            ).fetchone()
        return int(rows), int(cents)

    def check(self, path: Path) -> None:
        """The copy holds what the source holds, or SystemExit."""
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            columns = [each[1] for each in db.execute("PRAGMA table_info(job_cost)")]
            live = " WHERE gone_run IS NULL" if "gone_run" in columns else ""
            found = next(iter(db.execute(f"SELECT COUNT(*), SUM(amount) FROM job_cost{live}")))
        if tuple(found) != self.held():
            raise SystemExit(f"{path.name} holds {found}, the source {self.held()}.")


def cpu(act: Callable[[], object]) -> float:
    """CPU seconds of this process for something."""
    began = time.process_time()
    act()
    return time.process_time() - began


def wall(act: Callable[[], object]) -> float:
    """Seconds that somebody waits for something."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def selects(ground: Ground) -> Iterator[tuple[Table, tuple[Column, ...], str]]:
    """Each table of the source with its columns and the query that reads it, as the mirror reads it."""
    with SageReader(ground.connect) as reader:
        known = reader.probe()
        for each in catalogue():
            if known.has(each):
                columns = reader.columns(each)
                listed = ", ".join(written(column.name) for column in columns)
                order = ", ".join(written(column.name) for column in each.key)
                yield each, columns, f"SELECT {listed} FROM {each.name} ORDER BY {order}"


def child(*words: str, given: str = "") -> str:
    command = [sys.executable, "-m", "bench.mirror", *words]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


def tell(figure: str, peer: str, goal: float | None, count: int, ours: float, theirs: float) -> None:
    """Print a ratio, and what stands behind it for whoever watches."""
    print(f"{figure}: {ours:.4g} s over {theirs:.4g} s", file=sys.stderr)
    emit(Figure(figure, round(ours / theirs, 3), "x", peer, goal, count))
