"""The mirror: first load, refresh, memory, and what a window feels of it.

Peers: SQLite alone copying from an attached file with the same conversions and indexes (first load, CPU), pyodbc
fetching the same rows in a process of its own (load through the helper program, wall), a raw upsert of every row
(refresh with stamps, CPU), reading the source once (refresh without stamps, CPU), dlt where it is installed, and the
same work with a tenth of the rows (memory). How long a window stands still has a limit instead of a peer.

Source and peers use Python's own SQLite on the same file; the rows are those of a sample company, of which one in a
hundred changes, comes or goes before each refresh.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import apsw

from bench.common import SEED, Figure, emit, in_turn
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.tables import create, fields, index_key, index_rest, key_fields, names
from erpdesk.sync.sage.host_door import open_host
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Column, Table, catalogue, table, written
from erpdesk.sync.sandbox.sample import make_sample

ROWS = 100_000
RUNS = 3
COSTS = table("JCT_CURRENT__TRANSACTION")
GAP_LIMIT_MS = 100
TICK_MS = 5
_DAYS = 1000
_LAST_DAY = date(2026, 11, 20)
_SCALE = {2: 100, 4: 10_000, 0: 1, None: 1}


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

    def connect(self) -> sqlite3.Connection:
        """The source, read only, as Python's own SQLite gives it."""
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
        with closing(self.connect()) as db:
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


def load_ours(ground: Ground, connect: Callable[[], Any] | None = None) -> Path:
    """A first load into a new folder."""
    shutil.rmtree(ground.folder / "ours", ignore_errors=True)
    ground.refresh(ground.mirror("ours"), connect)
    return ground.folder / "ours" / "mirror-1.db"


def load_sqlite(ground: Ground, tables: list[tuple[Table, tuple[Column, ...], str]]) -> Path:
    """SQLite alone: attached source, the same rows and conversions, no journal, the same indexes afterwards."""
    path = ground.folder / "peer.db"
    path.unlink(missing_ok=True)
    with closing(apsw.Connection(str(path))) as db:
        db.pragma("journal_mode", "OFF")
        db.pragma("synchronous", "OFF")
        db.execute(f"ATTACH '{ground.file}' AS source")
        db.execute("BEGIN")
        create(db)
        for each, columns, _ in tables:
            there = {column.name for column in columns}
            values = ", ".join(_converted(column) if column.name in there else "NULL" for column in each.columns)
            order = ", ".join(written(column.name) for column in each.key)
            db.execute(
                f"INSERT INTO {each.mirror} SELECT {values}, NULL, 1, 1, NULL FROM source.{each.name} ORDER BY {order}"
            )
            index_key(db, each, each.mirror)
            index_rest(db, each)
        db.execute("COMMIT")
    return path


def _converted(column: Column) -> str:
    name = written(column.name)
    if column.kind in ("char", "text"):
        return f"RTRIM({name}, ' ')"
    return f"CAST(ROUND({name} * {_SCALE[column.scale]}) AS INTEGER)" if column.kind == "float" else name


def read_once(ground: Ground, tables: list[tuple[Table, tuple[Column, ...], str]]) -> None:
    """Fetches every row of the source and lets it go."""
    rows = 0
    with closing(ground.connect()) as db:
        for each, _, sql in tables:
            cursor = db.execute(sql)
            while batch := cursor.fetchmany(500):
                rows += len(batch) if each is COSTS else 0
    if rows != ground.held()[0]:
        raise SystemExit("The source was not read to its end.")


class Upsert:
    """The peer of a refresh: every row of the source goes over the same table with the same indexes, at once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.path = ground.folder / "upsert.db"
        with closing(apsw.Connection(str(self.path))) as db:
            db.pragma("journal_mode", "WAL")
            create(db)
            db.execute(f"CREATE UNIQUE INDEX job_cost_once ON job_cost ({names(key_fields(COSTS))})")
            index_rest(db, COSTS)
        self.run()

    def run(self) -> None:
        """Reads and writes all rows; what the source no longer holds goes."""
        with closing(apsw.Connection(str(self.path))) as db, closing(self._ground.connect()) as source:
            db.pragma("synchronous", "NORMAL")
            run = db.execute("SELECT COALESCE(MAX(run_changed), 0) + 1 FROM job_cost").get
            given = ", ".join(_converted(column) for column in COSTS.columns)
            columns = [field for field in fields(COSTS) if field not in key_fields(COSTS)]
            settings = ", ".join(f'"{each}" = excluded."{each}"' for each in (*columns, "run_changed"))
            cursor = source.execute(
                f"SELECT {given}, NULL, {run}, {run}, NULL FROM {COSTS.name} ORDER BY Run, Sequence"
            )
            db.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * (len(fields(COSTS)) + 3))
            keys = names(key_fields(COSTS))
            sql = f"INSERT INTO job_cost VALUES ({marks}) ON CONFLICT ({keys}) DO UPDATE SET {settings}"
            db.executemany(sql, iter(cursor))
            db.execute("DELETE FROM job_cost WHERE run_changed < ?", (run,))
            db.execute("COMMIT")


def measure_first_load(ground: Ground) -> None:
    """First load over SQLite alone."""
    tables = list(selects(ground))
    ground.check(load_ours(ground))
    ground.check(load_sqlite(ground, tables))
    ours, peer = in_turn(RUNS, lambda: cpu(lambda: load_ours(ground)), lambda: cpu(lambda: load_sqlite(ground, tables)))
    tell("mirror_first_load", "ATTACH + INSERT..SELECT, the same indexes", 1.6, ground.count, ours, peer)


def measure_odbc_load(ground: Ground) -> None:
    """First load through the helper program over pyodbc alone."""
    text = f"DRIVER={{SQLite3}};Database=file:{ground.file}?mode=ro;Timeout=1000"
    ground.check(load_ours(ground, open_host(text)))

    def fetch() -> float:
        asked = json.dumps({"text": text, "queries": [sql for _, _, sql in selects(ground)]})
        answer = json.loads(_child("--fetch", given=asked))
        if answer["rows"] < ground.held()[0]:
            raise SystemExit("pyodbc did not fetch every row.")
        return float(answer["seconds"])

    ours, peer = in_turn(RUNS, lambda: wall(lambda: load_ours(ground, open_host(text))), fetch)
    tell("mirror_odbc_load", "pyodbc fetchmany of the same rows in a process", 1.5, ground.count, ours, peer)


def fetch_by_odbc() -> None:
    """In a process of its own: fetch the rows of the queries given on standard input, print seconds and rows."""
    import pyodbc  # type: ignore[import-not-found]  # no type marker in the package

    asked = json.loads(sys.stdin.read())
    began = time.perf_counter()
    rows = 0
    connection = pyodbc.connect(asked["text"], autocommit=True, readonly=True)
    for sql in asked["queries"]:
        cursor = connection.cursor()
        cursor.execute(sql)
        while batch := cursor.fetchmany(500):
            rows += len(batch)
        cursor.close()
    connection.close()
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": rows}))


def measure_refreshes(ground: Ground) -> None:
    """Refresh by stamps over an upsert of all rows, and by hashes over reading the source once."""
    stamped, hashed = ground.mirror("stamped"), ground.mirror("hashed")
    for mirror in (stamped, hashed):
        ground.refresh(mirror)
    peer = Upsert(ground)
    tables = [each for each in selects(ground) if each[0] is COSTS]
    times: list[list[float]] = [[], [], [], []]
    for _ in range(RUNS):
        many = ground.change()
        for mirror, full, spent in ((stamped, False, times[0]), (hashed, True, times[2])):
            reports: list[RefreshReport] = []
            spent.append(cpu(lambda m=mirror, f=full, r=reports: r.append(ground.refresh(m, full=f, costs=True))))  # type: ignore[misc]
            costs = next(each for each in reports[0].tables if each.table == COSTS.name)
            changed = costs.inserted + costs.updated + costs.gone
            if costs.full is not full or changed != many:
                raise SystemExit(f"The refresh wrote {changed} of {many} changes (every row: {costs.full}).")
            ground.check(mirror.store.path(1))
        times[1].append(cpu(peer.run))
        ground.check(peer.path)
        times[3].append(cpu(lambda: read_once(ground, tables)))
    middle = [sorted(each)[RUNS // 2] for each in times]
    tell("mirror_refresh_stamped", "upsert of all rows", 0.08, ground.count, middle[0], middle[1])
    tell("mirror_refresh_unstamped", "reading the source once", 1.15, ground.count, middle[2], middle[3])


def measure_dlt(ground: Ground) -> None:
    """dlt with its arrow backend over a first load."""
    if not all(importlib.util.find_spec(each) for each in ("dlt", "pyarrow", "sqlalchemy")):
        print("mirror_vs_dlt: dlt is not installed (see requirements/bench.in)", file=sys.stderr)
        return
    ours, peer = in_turn(
        RUNS, lambda: cpu(lambda: load_ours(ground)), lambda: float(_child("--dlt", str(ground.folder)))
    )
    print(f"mirror_vs_dlt: {peer:.4g} s over {ours:.4g} s", file=sys.stderr)
    emit(Figure("mirror_vs_dlt", round(peer / ours, 3), "x", "erpdesk, first load", 4, ground.count, at_least=True))


def load_by_dlt(folder: Path) -> None:
    """In a process of its own: dlt copies the transactions into a SQLite file; print its CPU seconds."""
    import dlt  # type: ignore[import-not-found]  # an extra of the measurements
    from dlt.sources.sql_database import sql_table  # type: ignore[import-not-found]

    target = folder / "dlt"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    began = time.process_time()
    source = sql_table(
        f"sqlite:///{folder / 'sage' / 'tsdata.db'}",
        table=COSTS.name,
        backend="pyarrow",
        chunk_size=50_000,
        included_columns=[column.name for column in COSTS.columns],
    )
    destination = dlt.destinations.sqlalchemy(f"sqlite:///{target / 'copy.db'}")
    pipeline = dlt.pipeline("copy", pipelines_dir=str(target), destination=destination, dataset_name="main")
    pipeline.run(source, table_name="job_cost", write_disposition="replace")
    seconds = time.process_time() - began
    with closing(sqlite3.connect(target / "copy.db")) as db:
        name = db.execute("SELECT name FROM sqlite_master WHERE name LIKE '%job_cost'").fetchone()[0]
        rows = db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]
    with closing(sqlite3.connect(folder / "sage" / "tsdata.db")) as db:
        if rows != db.execute(f"SELECT COUNT(*) FROM {COSTS.name}").fetchone()[0]:
            raise SystemExit("dlt did not copy every row.")
    print(seconds)


def measure_memory(ground: Ground) -> None:
    """Peak memory of first load and refreshes, over the same with a tenth of the rows."""
    peaks = []
    for count in (ground.count, max(1000, ground.count // 10)):
        peaks.append(float(_child("--hold", str(count))))
    print(f"mirror_rss: {peaks[0] / 2**20:.0f} MB over {peaks[1] / 2**20:.0f} MB", file=sys.stderr)
    emit(Figure("mirror_rss", round(peaks[0] / peaks[1], 3), "x", "a tenth of the rows", 1.2, ground.count))


def hold(folder: Path, count: int) -> None:
    """In a process of its own: load and refresh both ways, print the peak memory in bytes."""
    ground = Ground(folder, count)
    # The company is made elsewhere, since making it takes more memory than mirroring it.
    subprocess.run([sys.executable, "-m", "bench.mirror", "--make", str(folder), "--rows", str(count)], check=True)
    mirror = ground.mirror("ours")
    ground.refresh(mirror)
    for full in (False, True):
        subprocess.run(
            [sys.executable, "-m", "bench.mirror", "--change", str(folder), "--rows", str(count)], check=True
        )
        ground.refresh(mirror, full=full)
    ground.check(mirror.store.path(1))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def measure_stall(ground: Ground) -> None:
    """The longest time in which a window gets no turn while a mirror is loaded and refreshed beside it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from bench.grid import Room, Watch
    from erpdesk.sync.mirror.transactions import MirrorTransactions

    app = QApplication.instance() or QApplication(sys.argv[:1])
    ground.refresh(ground.mirror("shown"))
    store = MirrorStore(ground.folder / "shown", lambda: 1, lambda _: None)
    room = Room(MirrorTransactions(store, None))
    view = room.table()
    view.set_source(room.source)
    view.show()
    Watch().until("load", view.settled)
    gaps: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        bar = view.verticalScrollBar()
        bar.setValue((bar.value() + 40) % max(1, bar.maximum()))

    timer = QTimer()
    timer.setInterval(TICK_MS)
    timer.timeout.connect(tick)
    broken: list[BaseException] = []

    def work() -> None:
        try:
            mirror = ground.mirror("beside")
            ground.refresh(mirror)
            ground.change()
            ground.refresh(mirror, full=True)
        except BaseException as error:
            broken.append(error)

    worker = threading.Thread(target=work, name="mirror")
    last = time.perf_counter()
    timer.start()
    worker.start()
    while worker.is_alive():
        app.processEvents()
        time.sleep(0.0005)
    timer.stop()
    worker.join()
    view.close()
    room.jobs.close()
    if broken:
        raise SystemExit(f"The mirror failed: {broken[0]!r}")
    gaps.sort()
    print(f"gui_stall_ms: {len(gaps)} turns, 99 % within {gaps[len(gaps) * 99 // 100] * 1000:.0f} ms", file=sys.stderr)
    emit(Figure("gui_stall_ms", round(gaps[-1] * 1000, 1), "ms", "limit", GAP_LIMIT_MS, ground.count))


def _child(*words: str, given: str = "") -> str:
    command = [sys.executable, "-m", "bench.mirror", *words]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


def tell(figure: str, peer: str, goal: float, count: int, ours: float, theirs: float) -> None:
    """Print a ratio, and what stands behind it for whoever watches."""
    print(f"{figure}: {ours:.4g} s over {theirs:.4g} s", file=sys.stderr)
    emit(Figure(figure, round(ours / theirs, 3), "x", peer, goal, count))


MEASURES: dict[str, Callable[[Ground], None]] = {
    "first_load": measure_first_load,
    "odbc_load": measure_odbc_load,
    "refresh": measure_refreshes,
    "dlt": measure_dlt,
    "rss": measure_memory,
    "stall": measure_stall,
}


def main() -> None:
    """Measure, or be one of the processes that a measurement needs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="how many rows")
    parser.add_argument("--only", choices=sorted(MEASURES), help="one figure; all when left out")
    parser.add_argument("--fetch", action="store_true", help="used by the measurement itself")
    for word in ("--make", "--change", "--hold", "--dlt"):
        parser.add_argument(word, help="used by the measurement itself")
    chosen = parser.parse_args()
    if chosen.fetch:
        fetch_by_odbc()
        return
    if chosen.dlt:
        load_by_dlt(Path(chosen.dlt))
        return
    if chosen.make or chosen.change:
        ground = Ground(Path(chosen.make or chosen.change), chosen.rows)
        (ground.make if chosen.make else ground.change)()
        return
    with tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder:
        if chosen.hold:
            hold(Path(folder), int(chosen.hold))
            return
        for name in [chosen.only] if chosen.only else MEASURES:
            # Each figure starts from the same company.
            ground = Ground(Path(folder) / name, chosen.rows)
            if name != "rss":
                ground.make()
            MEASURES[name](ground)
            shutil.rmtree(ground.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
