"""Processes that stand still at a point of the export and are copied there: how a schedule is left and taken again.

Every worker and every import of Sage is a process of its own, forked from one parent that has imported everything. It
runs from point to point on command, one process at a time. A copy is a fork: the scheduler goes on with the copy and
keeps the original where it stands. Whoever is dropped dies by SIGKILL's rules: nothing of it is cleaned up.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LARGEST = 1 << 20
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A process ended with an error that is no part of the protocol: a bug of the engine or of the test."""


class Frozen:
    """The scheduler's end of a process that stands still."""

    def __init__(self, talk: socket.socket) -> None:
        self._talk = talk

    def copy(self) -> Frozen:
        """Another process at the same point, with the same memory."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(self._talk, [pickle.dumps(("copy",))], [theirs.fileno()])
        theirs.close()
        return Frozen(ours)

    def go(self, *order: object) -> tuple[str, Any]:
        """Lets it run to its next point: ("at", the point) or ("end", what it came to)."""
        self._talk.send(pickle.dumps(order))
        answer = self._talk.recv(_LARGEST)
        if not answer:
            raise Failed("a process is gone")
        what, told = pickle.loads(answer)
        if what == "failed":
            raise Failed(told)
        return what, told

    def __del__(self) -> None:
        self._talk.close()


class Standing:
    """The process's own end: where it waits for its next order."""

    def __init__(self, talk: socket.socket) -> None:
        self._talk = talk

    def wait(self) -> tuple[Any, ...]:
        """The next order; copies that are asked for meanwhile begin their life here."""
        while True:
            packet, handles, _, _ = socket.recv_fds(self._talk, _LARGEST, 1)
            if not packet:
                os._exit(0)
            order: tuple[Any, ...] = pickle.loads(packet)
            if order[0] != "copy":
                return order
            if os.fork() == 0:
                self._talk.close()
                self._talk = socket.socket(fileno=handles[0])
            else:
                os.close(handles[0])

    def tell(self, what: str, told: object) -> None:
        """Answers the order that ends here."""
        self._talk.send(pickle.dumps((what, told)))


class Parent:
    """The parent of all processes of one world, as another program; ``module`` is run with a handle and the folder."""

    def __init__(self, module: str, folder: Path) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._program = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno()), str(folder)],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        theirs.close()
        self.first = Frozen(ours)

    def close(self) -> None:
        """Ends it; copies that nobody holds any more have ended before."""
        del self.first
        self._program.wait()


def serve(handle: int, warm: Callable[[], None], live: Callable[[Standing], None]) -> None:
    """The whole life of the parent: warm up, then be copied; a copy lives on in ``live``."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    standing = Standing(socket.socket(fileno=handle))
    warm()
    gc.collect()
    gc.freeze()
    gc.disable()
    live(standing)
