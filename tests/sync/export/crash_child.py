"""Processes that export and die by SIGKILL where they are told to: ``python -m tests.sync.export.crash_child``.

Each line of the standard input names a company folder and a place, with a tab between. For each the program, warm by
then, forks a process that works on the company and kills itself at that place; its exit code is answered on a line.
A place is the name of a point of the export, ``sage:`` and a step of Sage's import, or ``#n`` for the n-th point met.
A process that is through before it meets its place ends with 0.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path

from erpdesk.sync.sandbox.operator import SandboxOperator
from tests.sync.export.yard import ALONE, Yard


def work(folder: Path, place: str) -> None:
    """Recovery, then export and Sage's imports in turn, until nothing moves or the place is met."""
    met = 0

    def at(point: str) -> None:
        nonlocal met
        met += 1
        if place in (point, f"#{met}"):
            os.kill(os.getpid(), signal.SIGKILL)

    yard = Yard.open(folder)
    exporter = yard.exporter(at=at, timing=ALONE)
    sage = SandboxOperator(yard.sage, on_step=lambda step: at(f"sage:{step}"))
    exporter.recover()
    for _ in range(12):
        if not sage.step() and not exporter.step().progress:
            return


def main() -> None:
    for line in sys.stdin:
        folder, place = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            try:
                work(Path(folder), place)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
