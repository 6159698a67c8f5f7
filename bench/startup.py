"""How long a person waits for the window: erpdesk with its sample company over a bare Qt window, both warm.

Process start to painted window, wall time, off screen. Both programs write the moment after their first paint to the
file named in ERPDESK_STARTUP_MARK (a monotonic clock that all processes of the machine share) and end by themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.common import Figure, emit, in_turn

RUNS = 9
GOAL = 1.3
PATIENCE_S = 60


def erpdesk() -> str:
    """The installed program itself, as a person starts it."""
    name = "erpdesk.exe" if sys.platform == "win32" else "erpdesk"
    return str(Path(sysconfig.get_path("scripts")) / name)


def seconds_to_paint(command: Sequence[str], env: Mapping[str, str], mark: Path) -> float:
    """Start the program, wait until it ended, give the seconds from its start to its first paint."""
    mark.unlink(missing_ok=True)
    began = time.monotonic()
    done = subprocess.run(
        command, env={**env, "ERPDESK_STARTUP_MARK": str(mark)}, capture_output=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode != 0 or not mark.exists():
        text = done.stderr.decode(errors="replace")
        raise SystemExit(f"{command[0]} ended with {done.returncode} and did not report a painted window.\n{text}")
    return float(mark.read_text(encoding="utf-8")) - began


def main() -> None:
    """Make the sample company once, then start both programs in turn."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help="has no effect: the sample company has its own size")
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder:
        mark = Path(folder) / "painted"
        env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "ERPDESK_HOME": str(Path(folder) / "home")}
        subprocess.run([erpdesk(), "sync", "--demo"], env=env, stdout=subprocess.DEVNULL, check=True)
        ours = [erpdesk(), "--demo"]
        bare = [sys.executable, str(Path(__file__).with_name("bare_window.py"))]
        for command in (ours, bare):
            seconds_to_paint(command, env, mark)
        window, peer = in_turn(
            RUNS, lambda: seconds_to_paint(ours, env, mark), lambda: seconds_to_paint(bare, env, mark)
        )
        print(f"erpdesk {window * 1000:.0f} ms, bare window {peer * 1000:.0f} ms", file=sys.stderr)
        emit(Figure("startup_ratio", round(window / peer, 3), "x", "bare Qt window with an empty table", GOAL))
        for stage in ("furnished", "open"):
            later = {**env, "ERPDESK_STARTUP_STAGE": stage}
            seconds = median(seconds_to_paint(ours, later, mark) for _ in range(RUNS))
            emit(Figure(f"startup_{stage}_ratio", round(seconds / peer, 3), "x", "the same bare window", None))


if __name__ == "__main__":
    main()
