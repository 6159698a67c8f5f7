"""The long lists of the program: first paint, memory, filter, and the longest step that stops the window.

The list of job-cost transactions reads them from the mirror by the page. Peers: a bare table over constant text (first
paint), QSqlTableModel with every row fetched (memory), a scan of all rows in SQLite (filter). The longest step has a
limit, not a peer: what a person notices as a stuck window. It is measured for the list with all rows in memory as well.
"""

from __future__ import annotations

import gc
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from bench.common import Figure, emit, in_turn
from bench.cost_rows import NEEDLE, SEARCHED, columns, make_mirror, open_mirror, write_plain
from erpdesk.core.lists import ListAsk
from erpdesk.sync.mirror.transactions import MirrorTransactions
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.windowed_table import WindowedTable

Act = Callable[[], object]
Index = QModelIndex | QPersistentModelIndex
ROWS = 100_000
RUNS = 5
PATIENCE_S = 120
NAP_S = 0.0002
SIZE = (1280, 800)
GOAL_ROWS = 1_000_000
NEWEST = ("day", True)


class Constant(QAbstractTableModel):
    """Any number of rows that all say the same."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self._rows, self._width = rows, width

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return self._width

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        return "Concrete" if role == Qt.ItemDataRole.DisplayRole else None


class PaintedPeer(QTableView):
    """A table that tells when it was painted first."""

    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_at = self.painted_at or time.perf_counter()


class PaintedTable(WindowedTable):
    """The project's list, which tells when rows were painted first since it was last asked to watch."""

    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.count() and self.shows_answer():
            self.painted_at = self.painted_at or time.perf_counter()


class Watch:
    """Lets the event loop turn and remembers the longest single turn, in seconds."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}

    def step(self, name: str, act: Callable[[], object]) -> None:
        """Do something on the GUI thread and count it as one step."""
        began = time.perf_counter()
        act()
        self.steps[name] = max(self.steps.get(name, 0.0), time.perf_counter() - began)

    def until(self, name: str, ready: Callable[[], bool]) -> None:
        """Turn the event loop until it is so; SystemExit when it never is."""
        deadline = time.perf_counter() + PATIENCE_S
        while not ready():
            if time.perf_counter() > deadline:
                raise SystemExit(f"The list did not finish: {name}.")
            self.step(name, QApplication.processEvents)
            # A window sleeps between events; a loop that spins would take the interpreter from the threads that read.
            time.sleep(NAP_S)
        self.step(name, QApplication.processEvents)


class Room:
    """A place for lists: the source that they show and the threads that read it."""

    def __init__(self, source: MirrorTransactions) -> None:
        self.source = source
        self.jobs = Jobs(Bridge(), self._broken)

    def table(self) -> PaintedTable:
        """A list of job-cost transactions as it stands in a window, the newest first."""
        table = PaintedTable("bench", columns(), read=self.jobs.read, sort=NEWEST)
        table.resize(*SIZE)
        return table

    def _broken(self, error: BaseException) -> None:
        raise SystemExit(f"A read failed: {error!r}")


def ours_to_paint(room: Room, count: int) -> float:
    """Seconds from nothing to painted rows of the project's list."""
    began = time.perf_counter()
    table = room.table()
    table.set_source(room.source)
    table.show()
    Watch().until("first paint", lambda: table.painted_at > 0)
    seconds = table.painted_at - began
    Watch().until("load", table.settled)
    if table.count() != count:
        raise SystemExit("The list does not know every row.")
    discard(table)
    return seconds


def peer_to_paint(count: int, width: int) -> float:
    """Seconds from nothing to a painted bare table over constant text."""
    began = time.perf_counter()
    model = Constant(count, width)
    view = PaintedPeer()
    view.setModel(model)
    view.resize(*SIZE)
    view.show()
    Watch().until("peer", lambda: view.painted_at > 0)
    seconds = view.painted_at - began
    discard(view)
    return seconds


def discard(view: QTableView) -> None:
    """Take a table off the screen and free it, so that the next run starts clean."""
    view.close()
    view.deleteLater()
    QApplication.processEvents()
    gc.collect()


def ours_to_filter(room: Room, wanted: int) -> float:
    """Seconds from the word to the painted first rows that hold it, in a list that was never filtered before."""
    table = room.table()
    table.set_source(room.source)
    table.show()
    Watch().until("load", lambda: table.settled() and table.painted_at > 0)
    # Nobody types before what was just read is on screen.
    QTest.qWait(20)
    table.painted_at = 0.0
    began = time.perf_counter()
    table.set_filter(NEEDLE)
    Watch().until("filter", lambda: table.painted_at > 0)
    seconds = table.painted_at - began
    Watch().until("filter", table.settled)
    if table.count() != wanted:
        raise SystemExit(f"The filter found {table.count()} of {wanted} rows.")
    discard(table)
    return seconds


def peer_to_filter(path: Path, wanted: int) -> float:
    """Seconds to look at the text columns of every row in SQLite."""
    with closing(sqlite3.connect(path)) as connection:
        began = time.perf_counter()
        found = scan(connection)
        seconds = time.perf_counter() - began
    if found != wanted:
        raise SystemExit("The scan did not find what there is.")
    return seconds


def scan(connection: sqlite3.Connection) -> int:
    """How many rows hold the word, found by looking at all of them."""
    where = " OR ".join(f"{name} LIKE '%{NEEDLE}%'" for name in SEARCHED)
    return int(connection.execute(f"SELECT count(*) FROM cost WHERE {where}").fetchone()[0])


def longest_steps(table: WindowedTable | RecordTable, load: Act, reload: Act, count: int) -> dict[str, float]:
    """Longest turn of the event loop, in seconds, of each thing that a person does with a long list."""
    watch = Watch()
    table.resize(*SIZE)
    table.show()
    acts: dict[str, Act] = {
        "load": load,
        "sort by text": lambda: table.sort_by("vendor"),
        "sort by amount": lambda: table.sort_by("amount", descending=True),
        "sort without index": lambda: table.sort_by("category"),
        "filter": lambda: table.set_filter("concrete"),
        "filter by a letter": lambda: table.set_filter("w"),
        "clear the filter": lambda: table.set_filter(""),
        "scroll to the end": table.scrollToBottom,
        "select all": table.selectAll,
        "copy all": table.copy,
        "reload": reload,
        "sort with all selected": lambda: table.sort_by("vendor", descending=True),
    }
    for name, act in acts.items():
        watch.step(name, act)
        watch.until(name, table.settled)
    bar = table.verticalScrollBar()
    for place in range(0, bar.maximum(), max(1, bar.maximum() // 40)):
        bar.setValue(place)
        watch.step("scroll", QApplication.processEvents)
    watch.until("scroll", table.settled)
    if len(table.selected_ids()) != count:
        raise SystemExit("The list lost rows or its selection.")
    discard(table)
    return watch.steps


def resident() -> int:
    """Bytes of memory that this process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def hold(what: str, path: Path) -> None:
    """In a process of its own: know all rows in one of the two ways and print how much memory that took."""
    app = QApplication(sys.argv[:1])
    if what == "ours":
        room = Room(open_mirror(path))
        table = room.table()
        table.show()
        app.processEvents()
        gc.collect()
        before = resident()
        table.set_source(room.source)
        Watch().until("load", table.settled)
        count = table.count()
    else:
        from PySide6.QtSql import QSqlDatabase, QSqlTableModel

        database = QSqlDatabase.addDatabase("QSQLITE")
        database.setDatabaseName(str(path))
        if not database.open():
            raise SystemExit(database.lastError().text())
        view = QTableView()
        view.resize(*SIZE)
        view.show()
        app.processEvents()
        gc.collect()
        before = resident()
        model = QSqlTableModel(db=database)
        model.setTable("cost")
        view.setModel(model)
        model.select()
        while model.canFetchMore():
            model.fetchMore()
        app.processEvents()
        count = model.rowCount()
    gc.collect()
    print(json.dumps({"rows": count, "bytes": resident() - before}))


def memory(what: str, path: Path, count: int) -> float:
    """Bytes that knowing all rows takes, measured in a fresh process."""
    command = [sys.executable, "-m", "bench.grid", "--hold", what, "--data", str(path)]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    if answer["rows"] != count:
        raise SystemExit(f"{what} knows {answer['rows']} of {count} rows.")
    return float(answer["bytes"])


def tell(figure: str, peer: str, goal: float, count: int, ours: float, theirs: float, unit: str) -> None:
    """Print a ratio, and what stands behind it for whoever watches."""
    print(f"{figure}: {ours:.4g} {unit} over {theirs:.4g} {unit}", file=sys.stderr)
    emit(Figure(figure, round(ours / theirs, 3), "x", peer, goal, count))


def tell_steps(figure: str, steps: dict[str, float], count: int) -> None:
    """Print the longest step, and each of them for whoever watches."""
    slowest = max(steps, key=steps.__getitem__)
    print(*(f"{name}: {seconds * 1000:.0f} ms" for name, seconds in steps.items()), sep="\n", file=sys.stderr)
    emit(Figure(figure, round(steps[slowest] * 1000, 1), "ms", f"limit; slowest: {slowest}", 100, count))


def measure(count: int) -> None:
    """Measure and print all figures."""
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "cost.db"
        room = Room(make_mirror(Path(folder), count))
        write_plain(path, room.source)
        with closing(sqlite3.connect(path)) as connection:
            wanted = scan(connection)
        ours_to_paint(room, count)
        width = len(columns())
        ours, peer = in_turn(RUNS, lambda: ours_to_paint(room, count), lambda: peer_to_paint(count, width))
        tell("grid_first_paint", "bare table over constant text", 1.2, count, ours, peer, "s")
        if sys.platform.startswith("linux"):
            ours, peer = in_turn(3, lambda: memory("ours", Path(folder), count), lambda: memory("peer", path, count))
            tell("grid_rss", "QSqlTableModel, all rows fetched", 0.10, count, ours, peer, "bytes")
        ours, peer = in_turn(RUNS, lambda: ours_to_filter(room, wanted), lambda: peer_to_filter(path, wanted))
        # The goal is for a million rows. A filter that is indexed does not grow with them, a scan does.
        goal = 0.02 * max(1.0, GOAL_ROWS / count)
        tell("grid_filter", "LIKE scan of all rows in SQLite", goal, count, ours, peer, "s")
        table = room.table()
        steps = longest_steps(table, lambda: table.set_source(room.source), table.reload, count)
        tell_steps("gui_step_max_ms", steps, count)
        if count <= ROWS:
            rows = list(room.source.each(room.source.spine(ListAsk()).ids))
            held = RecordTable("bench", columns())
            steps = longest_steps(held, lambda: held.set_rows(rows), lambda: held.set_rows(list(rows)), count)
            tell_steps("record_table_step_max_ms", steps, count)
        room.jobs.close()
    app.quit()


def main() -> None:
    """Measure, or be one of the processes whose memory is measured."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="how many rows")
    parser.add_argument("--hold", choices=("ours", "peer"), help="used by the measurement itself")
    parser.add_argument("--data", type=Path, help="used by the measurement itself")
    chosen = parser.parse_args()
    if chosen.hold:
        hold(chosen.hold, chosen.data)
    else:
        measure(chosen.rows)


if __name__ == "__main__":
    main()
