"""How long a window stands still while a mirror is loaded and refreshed beside it, in the same process."""

from __future__ import annotations

import os
import sys
import threading
import time

from bench.common import Figure, emit
from bench.mirror_ground import Ground
from erpdesk.sync.mirror.store import MirrorStore

GAP_LIMIT_MS = 100
TICK_MS = 5


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
