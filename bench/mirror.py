"""The mirror: first load, refresh, memory, and what a window feels of it.

Over what each figure is measured, both sides in turn, and checked to hold the same counts and sums:

mirror_first_load         CPU; all tables read from the company's file, cleaned, hashed, checked, over SQLite alone
                          copying from the attached file with the same conversions and indexes. The same SQLite library
                          reads on both sides.
mirror_odbc_load          wall; all tables through the helper program, over pyodbc fetching the same rows in a process
                          of its own. To the helper the driver hands rows as it finds them, as Sage's does (StepAPI);
                          the peer's driver gathers them first, which is quicker where nothing else goes on.
mirror_refresh_stamped    CPU; one row in a hundred changed, over an upsert of every row into a table with the same key
                          and indexes. The same SQLite library reads on both sides.
mirror_refresh_unstamped  CPU; the same change found without stamps, over reading the source once; both by ODBC in this
                          process, which is how Sage is read.
mirror_vs_dlt             CPU; dlt with its arrow backend copying the same tables and columns, over a first load with
                          all indexes and the search (dlt makes none).
mirror_rss                peak memory of load and both refreshes, over the same with a tenth of the rows.
gui_stall_ms              the longest gap between two turns of a window; it has a limit instead of a peer.

Figures that end in _plain read the company's file by Python's own SQLite module, as a stand-in company is read; they
have no goal. One row in a hundred changes, comes or goes before each refresh.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.common import Figure, emit, in_turn
from bench.mirror_ground import COSTS, ODBC, Ground, child, cpu, selects, tell, wall
from bench.mirror_peers import Upsert, fetch_by_odbc, load_by_dlt, load_sqlite, read_once
from bench.mirror_stall import measure_stall
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.sage.doors import open_odbc
from erpdesk.sync.sage.host_door import open_host

ROWS = 100_000
RUNS = 3


def load_ours(ground: Ground, connect: Callable[[], Any] | None = None) -> Path:
    """A first load into a new folder."""
    shutil.rmtree(ground.folder / "ours", ignore_errors=True)
    ground.refresh(ground.mirror("ours"), connect)
    return ground.folder / "ours" / "mirror-1.db"


def measure_first_load(ground: Ground) -> None:
    """First load over SQLite alone."""
    tables = list(selects(ground))
    ground.check(load_ours(ground))
    ground.check(load_sqlite(ground, tables))
    ours, plain, peer = in_turn(
        RUNS,
        lambda: cpu(lambda: load_ours(ground)),
        lambda: cpu(lambda: load_ours(ground, ground.connect_plainly)),
        lambda: cpu(lambda: load_sqlite(ground, tables)),
    )
    tell("mirror_first_load", "ATTACH + INSERT..SELECT, the same indexes", 1.6, ground.count, ours, peer)
    tell("mirror_first_load_plain", "ATTACH + INSERT..SELECT, the same indexes", None, ground.count, plain, peer)


def measure_odbc_load(ground: Ground) -> None:
    """First load through the helper program over pyodbc alone."""
    text = ODBC.format(ground.file)
    door = open_host(f"{text}StepAPI=1;")
    ground.check(load_ours(ground, door))

    def fetch() -> float:
        asked = json.dumps({"text": text, "queries": [sql for _, _, sql in selects(ground)]})
        answer = json.loads(child("--fetch", given=asked))
        if answer["rows"] < ground.held()[0]:
            raise SystemExit("pyodbc did not fetch every row.")
        return float(answer["seconds"])

    ours, peer = in_turn(RUNS, lambda: wall(lambda: load_ours(ground, door)), fetch)
    tell("mirror_odbc_load", "pyodbc fetchmany of the same rows in a process", 1.5, ground.count, ours, peer)


def measure_refreshes(ground: Ground) -> None:
    """Refresh by stamps over an upsert of all rows, and by hashes over reading the source once."""
    odbc = open_odbc(ODBC.format(ground.file))
    doors: dict[str, tuple[Callable[[], Any], bool]] = {
        "stamped": (ground.connect, False),
        "unstamped": (odbc, True),
        "unstamped_plain": (ground.connect_plainly, True),
    }
    mirrors = {name: ground.mirror(name) for name in doors}
    for name, (door, _) in doors.items():
        ground.refresh(mirrors[name], door)
    peer = Upsert(ground)
    tables = [each for each in selects(ground) if each[0] is COSTS]
    times: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], object]) -> None:
        times.setdefault(name, []).append(cpu(act))

    for _ in range(RUNS):
        many = ground.change()
        for name, (door, full) in doors.items():
            reports: list[RefreshReport] = []

            def refresh(name: str = name, door: Any = door, full: bool = full, reports: Any = reports) -> None:
                reports.append(ground.refresh(mirrors[name], door, full=full, costs=True))

            timed(name, refresh)
            costs = next(each for each in reports[0].tables if each.table == COSTS.name)
            changed = costs.inserted + costs.updated + costs.gone
            if costs.full is not full or changed != many:
                raise SystemExit(f"The refresh wrote {changed} of {many} changes (every row: {costs.full}).")
            ground.check(mirrors[name].store.path(1))
        timed("upsert", peer.run)
        ground.check(peer.path)
        for name, door in (("read", odbc), ("read_plain", ground.connect_plainly)):
            read: list[int] = []
            timed(name, lambda door=door, read=read: read.append(read_once(door(), tables)))  # type: ignore[misc]
            if read[0] != ground.held()[0]:
                raise SystemExit("The source was not read to its end.")
    middle = {name: sorted(each)[RUNS // 2] for name, each in times.items()}
    once = "reading the source once"
    tell("mirror_refresh_stamped", "upsert of all rows", 0.08, ground.count, middle["stamped"], middle["upsert"])
    tell("mirror_refresh_unstamped", f"{once} by ODBC", 1.15, ground.count, middle["unstamped"], middle["read"])
    plain = middle["unstamped_plain"], middle["read_plain"]
    tell("mirror_refresh_unstamped_plain", f"{once} from its file", None, ground.count, *plain)


def measure_dlt(ground: Ground) -> None:
    """dlt with its arrow backend over a first load."""
    if not all(importlib.util.find_spec(each) for each in ("dlt", "pyarrow", "sqlalchemy")):
        print("mirror_vs_dlt: dlt is not installed (see requirements/bench.in)", file=sys.stderr)
        return
    asked = json.dumps({each.name: [column.name for column in columns] for each, columns, _ in selects(ground)})
    ours, peer = in_turn(
        RUNS,
        lambda: cpu(lambda: load_ours(ground, ground.connect_plainly)),
        lambda: float(child("--dlt", str(ground.folder), given=asked).splitlines()[-1]),
    )
    print(f"mirror_vs_dlt: {peer:.4g} s over {ours:.4g} s", file=sys.stderr)
    emit(Figure("mirror_vs_dlt", round(peer / ours, 3), "x", "erpdesk, first load", 4, ground.count, at_least=True))


def measure_memory(ground: Ground) -> None:
    """Peak memory of first load and refreshes, over the same with a tenth of the rows."""
    peaks = []
    for count in (ground.count, max(1000, ground.count // 10)):
        peaks.append(float(child("--hold", str(count))))
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
    # Not ru_maxrss: that begins with what the process held that started this one.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    if peak is None:
        raise SystemExit("This system does not tell the peak memory of a process.")
    print(int(peak[1]) * 1024)


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
