"""The list that every tool uses, at many rows: first paint, memory, filter, and the longest step that stops the window.

Peers: a bare table over constant text (first paint), QSqlTableModel with every row fetched (memory), a scan of all rows
in SQLite (filter). The longest step has a limit, not a peer: what a person notices as a stuck window.
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
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QTableView

from bench.common import Figure, emit, in_turn
from bench.cost_rows import NEEDLE, CostRow, columns, cost_rows, read_database, write_database
from erpdesk.views.kit.record_table import RecordTable

Index = QModelIndex | QPersistentModelIndex
ROWS = 100_000
RUNS = 5
PATIENCE_S = 60
SIZE = (1280, 800)
SCANNED = ("job", "cost_code", "vendor", "invoice", "description")


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
    """A table that tells whether it was painted."""

    painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted = True


class PaintedTable(RecordTable):
    """The project's list, which tells how many rows it had when it was last painted."""

    painted_rows = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_rows = self.records.rowCount()


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
        self.step(name, QApplication.processEvents)


def new_table() -> PaintedTable:
    """A list of job-cost transactions as it stands in a window."""
    table = PaintedTable("bench", columns())
    table.resize(*SIZE)
    return table


def ours_to_paint(rows: list[CostRow]) -> float:
    """Seconds from nothing to painted rows of the project's list."""
    began = time.perf_counter()
    table = new_table()
    table.set_rows(rows)
    table.show()
    Watch().until("first paint", lambda: table.painted_rows > 0)
    seconds = time.perf_counter() - began
    Watch().until("load", table.settled)
    if len(table.shown_rows()) != len(rows):
        raise SystemExit("The list does not show every row.")
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
    Watch().until("peer", lambda: view.painted)
    seconds = time.perf_counter() - began
    discard(view)
    return seconds


def discard(view: QTableView) -> None:
    """Take a table off the screen and free it, so that the next run starts clean."""
    view.close()
    view.deleteLater()
    QApplication.processEvents()
    gc.collect()


def ours_to_filter(rows: list[CostRow]) -> float:
    """Seconds from the word to the painted rows that hold it, in a list that was never filtered before."""
    table = new_table()
    table.set_rows(rows)
    table.show()
    Watch().until("load", lambda: table.settled() and table.painted_rows == len(rows))
    wanted = sum(NEEDLE in row.description for row in rows)
    began = time.perf_counter()
    table.set_filter(NEEDLE)
    Watch().until("filter", lambda: 0 < table.painted_rows < len(rows))
    seconds = time.perf_counter() - began
    Watch().until("filter", table.settled)
    if len(table.shown_rows()) != wanted:
        raise SystemExit("The filter did not find what there is.")
    discard(table)
    return seconds


def peer_to_filter(path: Path, wanted: int) -> float:
    """Seconds to look at the text columns of every row in SQLite."""
    connection = sqlite3.connect(path)
    where = " OR ".join(f"{name} LIKE '%{NEEDLE}%'" for name in SCANNED)
    began = time.perf_counter()
    found = connection.execute(f"SELECT count(*) FROM cost WHERE {where}").fetchone()[0]
    seconds = time.perf_counter() - began
    connection.close()
    if found != wanted:
        raise SystemExit("The scan did not find what there is.")
    return seconds


def longest_steps(rows: list[CostRow]) -> dict[str, float]:
    """Longest turn of the event loop, in seconds, of each thing that a person does with a long list."""
    watch = Watch()
    table = new_table()
    table.show()

    def do(name: str, act: Callable[[], object]) -> None:
        watch.step(name, act)
        watch.until(name, table.settled)

    do("load", lambda: table.set_rows(rows))
    do("sort by text", lambda: table.sort_by("vendor"))
    do("sort by amount", lambda: table.sort_by("amount", descending=True))
    do("filter", lambda: table.set_filter("concrete"))
    do("clear the filter", lambda: table.set_filter(""))
    do("scroll to the end", table.scrollToBottom)
    do("select all", table.selectAll)
    do("copy all", table.copy)
    do("reload", lambda: table.set_rows(list(rows)))
    if len(table.shown_rows()) != len(rows) or len(table.selected_ids()) != len(rows):
        raise SystemExit("The list lost rows or its selection.")
    discard(table)
    return watch.steps


def resident() -> int:
    """Bytes of memory that this process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def hold(what: str, path: Path) -> None:
    """In a process of its own: hold all rows in one of the two ways and print how much memory that took."""
    app = QApplication(sys.argv[:1])
    if what == "ours":
        table = new_table()
        table.show()
        app.processEvents()
        gc.collect()
        before = resident()
        table.set_rows(read_database(path))
        Watch().until("load", table.settled)
        count = len(table.shown_rows())
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
    """Bytes that holding all rows takes, measured in a fresh process."""
    command = [sys.executable, "-m", "bench.grid", "--hold", what, "--database", str(path)]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    if answer["rows"] != count:
        raise SystemExit(f"{what} holds {answer['rows']} of {count} rows.")
    return float(answer["bytes"])


def tell(figure: str, peer: str, goal: float, count: int, ours: float, theirs: float, unit: str) -> None:
    """Print a ratio, and what stands behind it for whoever watches."""
    print(f"{figure}: {ours:.4g} {unit} over {theirs:.4g} {unit}", file=sys.stderr)
    emit(Figure(figure, round(ours / theirs, 3), "x", peer, goal, count))


def measure(count: int) -> None:
    """Measure and print the four figures."""
    app = QApplication(sys.argv[:1])
    rows = cost_rows(count)
    wanted = sum(NEEDLE in row.description for row in rows)
    width = len(columns())
    with tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "cost.db"
        write_database(path, rows)
        ours_to_paint(rows[:100])
        ours, peer = in_turn(RUNS, lambda: ours_to_paint(rows), lambda: peer_to_paint(count, width))
        tell("grid_first_paint", "bare table over constant text", 1.2, count, ours, peer, "s")
        if sys.platform.startswith("linux"):
            ours, peer = in_turn(3, lambda: memory("ours", path, count), lambda: memory("peer", path, count))
            tell("grid_rss", "QSqlTableModel, all rows fetched", 0.10, count, ours, peer, "bytes")
        ours, peer = in_turn(RUNS, lambda: ours_to_filter(rows), lambda: peer_to_filter(path, wanted))
        # The goal is for a million rows: a filter that is indexed does not grow with them, a scan does.
        tell("grid_filter", "LIKE scan of all rows in SQLite", 0.02, count, ours, peer, "s")
        steps = longest_steps(rows)
        slowest = max(steps, key=steps.__getitem__)
        print(*(f"{name}: {seconds * 1000:.0f} ms" for name, seconds in steps.items()), sep="\n", file=sys.stderr)
        value = round(steps[slowest] * 1000, 1)
        emit(Figure("gui_step_max_ms", value, "ms", f"limit; slowest: {slowest}", 100, count))
    app.quit()


def main() -> None:
    """Measure, or be one of the processes whose memory is measured."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="how many rows")
    parser.add_argument("--hold", choices=("ours", "peer"), help="used by the measurement itself")
    parser.add_argument("--database", type=Path, help="used by the measurement itself")
    chosen = parser.parse_args()
    if chosen.hold:
        hold(chosen.hold, chosen.database)
    else:
        measure(chosen.rows)


if __name__ == "__main__":
    main()
