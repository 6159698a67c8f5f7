"""The door through a helper program: a DB-API connection whose ODBC driver lives in a process that can be ended."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpdesk.core.connection_text import secrets, value_of
from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage import odbc_host
from erpdesk.sync.sage.connection import folder_of
from erpdesk.sync.sage.host_cursor import HostCursor
from erpdesk.sync.sage.host_program import own_program
from erpdesk.sync.sage.problems import KEPT, masked, sentence

LOGIN_SECONDS = 15
GRACE = 2.0
"""Seconds that a driver has to obey before its process is ended."""

_TICK = 0.1
_LONGEST_WORDS = 2000


class Error(Exception):
    """What the driver in the helper program complains about: its SQLSTATE and its words, as pyodbc gives them."""


@dataclass(frozen=True)
class Sight:
    """What a process sees: its bitness (32 or 64), the ODBC drivers, and the data sources with their drivers."""

    bits: int
    drivers: tuple[str, ...]
    sources: dict[str, str]


def open_host(
    connection_string: str,
    *,
    program: Sequence[str] | None = None,
    faults: Path | None = None,
    seconds: float = LOGIN_SECONDS,
    read_only: bool = True,
) -> Callable[[], HostConnection]:
    """The door through a driver in a helper program; each call starts one and opens a connection in it.

    ``program`` is the command of the helper, None the one that belongs to erpdesk. A call raises SageUnavailable when
    the helper cannot run or ends, and as ``problems.sentence`` says when the company does not open.
    """

    def connect() -> HostConnection:
        connection = HostConnection(program or own_program())
        try:
            connection.open(connection_string, seconds, faults, read_only)
        except Error as error:
            connection.close()
            raise sentence(error, folder=folder_of(connection_string)) from error
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def look(program: Sequence[str] | None = None) -> Sight:
    """What the helper program sees; raises SageUnavailable when it cannot run."""
    connection = HostConnection(program or own_program())
    try:
        return connection.look()
    finally:
        connection.close()


class HostConnection:
    """A connection in a helper program: used by one thread; ``interrupt`` may be called from any other."""

    def __init__(self, program: Sequence[str]) -> None:
        self._name = Path(program[-1] if program[-1].endswith(".py") else program[0]).name
        self._turn = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self._call = 0
        self._awaited: deque[int] = deque()
        self._answers: dict[int, dict[str, Any]] = {}
        self._cursors = 0
        self._timeout = 0
        self._ended_by_us = False
        self._words = b""
        self._epitaph: tuple[str, str] | None = None
        self._secrets: list[str] = []
        # A Python of another bitness must not be told where this one keeps its library.
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        try:
            self._child = subprocess.Popen(
                list(program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=surroundings,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise SageUnavailable(
                f"The ODBC helper program {program[0]} cannot be started ({error.strerror}).",
                kept=KEPT,
                next_step="Name the helper program in the settings, or install erpdesk again.",
            ) from error
        assert self._child.stdin and self._child.stdout and self._child.stderr
        self._input, self._output, self._errors = self._child.stdin, self._child.stdout, self._child.stderr
        # Somebody must listen to what a driver prints, or the program stops when the pipe is full.
        self._listener = threading.Thread(target=self._listen, name="sage-host-words", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The number of the helper's process."""
        return self._child.pid

    def open(self, text: str, seconds: float, faults: Path | None = None, read_only: bool = True) -> None:
        """Opens the company in the helper; ends it when the driver does not come back in time."""
        self._secrets = secrets(text)
        known = {"page": value_of(text, "CODEPAGE"), "secrets": self._secrets}
        file = None if faults is None else str(faults)
        self._within(seconds + GRACE, "open", text=text, seconds=seconds, faults=file, read_only=read_only, **known)

    def look(self) -> Sight:
        """The bitness of the helper, and what it sees."""
        seen = self._within(LOGIN_SECONDS, "hello")
        return Sight(seen["bits"], tuple(seen["drivers"]), dict(seen["sources"]))

    def cursor(self) -> HostCursor:
        """A cursor for one query."""
        self._cursors += 1
        return HostCursor(self, self._cursors)

    @property
    def timeout(self) -> int:
        """Seconds that a query may take by the driver's own clock; 0 = no end."""
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: int) -> None:
        self._timeout = self.ask("timeout", seconds=seconds)["seconds"]

    def dates_as_text(self) -> None:
        """From now on dates come as they stand, so that an impossible one cannot break a whole fetch."""
        self.ask("dates_as_text")

    def probe_update(self, sql: str) -> int:
        """Sends the one UPDATE that asks for rights and can change nothing; answers the driver's count of rows."""
        return int(self.ask("probe_update", sql=sql)["count"])

    def ask(self, do: str, /, **request: Any) -> dict[str, Any]:
        """One request and its answer; rows come under ``rows``. Raises Error or SageUnavailable."""
        with self._at_work():
            return self._answer(self._request(do, request))

    def begin(self, do: str, /, **request: Any) -> int:
        """Sends a request whose answer is taken later, by its number: the helper works meanwhile."""
        with self._at_work():
            return self._request(do, request)

    def answer(self, number: int) -> dict[str, Any]:
        """The answer to a request that was begun; raises as ``ask`` does."""
        with self._at_work():
            return self._answer(number)

    def free(self, cursor: int, asked: Sequence[int], *, hurry: bool) -> None:
        """Lets a query go; what it was asked and has not answered is thrown away.

        In a hurry the driver is told to give that up, and its process is ended when it does not obey.
        """
        breaker = threading.Thread(target=self.interrupt, name="sage-host-breaker", daemon=True)
        with self._at_work():
            if asked and hurry:
                breaker.start()
            for number in asked:
                with suppress(Error, SageUnavailable, ValueError, OverflowError):
                    self._answer(number)
        if asked and hurry:
            breaker.join()
        # A helper that is gone has let it go already.
        with suppress(Error, SageUnavailable):
            self.ask("free", cursor=cursor)

    def interrupt(self) -> None:
        """Asks the driver to give up the call under way, and ends its process when it does not obey."""
        call, deadline = self._call, time.monotonic() + GRACE
        while not self._idle.is_set() and self._call == call:
            # The lock is held only while a request does not get through; then a cancel would not either.
            if self._turn.acquire(timeout=_TICK):
                try:
                    with suppress(OSError, ValueError):
                        self._write({"do": "cancel", "call": call})
                finally:
                    self._turn.release()
            if self._idle.wait(_TICK):
                return
            if time.monotonic() > deadline:
                self.end()
                return

    def end(self) -> None:
        """Ends the helper at once."""
        self._ended_by_us = True
        self._child.kill()

    def close(self) -> None:
        """Closes the connection and the helper; nothing of it is left."""
        # The helper closes its connection when its input ends, and then itself.
        with suppress(OSError, ValueError):
            self._input.close()
        try:
            self._child.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.end()
            self._child.wait()
        self._listener.join(GRACE)
        self._output.close()
        self._errors.close()

    def _within(self, limit: float, do: str, /, **request: Any) -> dict[str, Any]:
        watch = threading.Timer(limit, self.end)
        watch.start()
        try:
            return self.ask(do, **request)
        finally:
            watch.cancel()
            watch.join()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._idle.clear()
        try:
            yield
        finally:
            self._idle.set()

    def _request(self, do: str, request: dict[str, Any]) -> int:
        if self._input.closed:
            raise Error("08003", "[08003] the connection is closed")
        self._call += 1
        try:
            with self._turn:
                self._write({"do": do, "call": self._call, **request})
        except (OSError, ValueError) as error:
            raise self._gone() from error
        self._awaited.append(self._call)
        return self._call

    def _answer(self, number: int) -> dict[str, Any]:
        while number not in self._answers:
            try:
                answer = self._hear()
            except (OSError, ValueError, EOFError) as error:
                raise self._gone() from error
            self._answers[self._awaited.popleft()] = answer
        answer = self._answers.pop(number)
        if "error" in answer:
            raise _error(answer["error"], answer["args"])
        return answer

    def _write(self, message: dict[str, Any]) -> None:
        self._input.write(json.dumps(message).encode() + b"\n")
        self._input.flush()

    def _hear(self) -> dict[str, Any]:
        line = self._output.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        answer = json.loads(line)
        if not isinstance(answer, dict) or answer.get("to") != self._awaited[0]:
            raise ValueError("no answer of the helper")
        if answer.get("batch"):
            (length,) = odbc_host.LENGTH.unpack(self._exactly(odbc_host.LENGTH.size))
            answer["rows"] = odbc_host.unpack(self._exactly(length))
        return answer

    def _exactly(self, length: int) -> bytes:
        data = self._output.read(length)
        if len(data) != length:
            raise EOFError
        return data

    def _listen(self) -> None:
        while said := os.read(self._errors.fileno(), 1 << 16):
            self._words = (self._words + said)[-_LONGEST_WORDS:]

    def _gone(self) -> SageUnavailable:
        """The sentence for a helper that answers no more; it is ended for good."""
        if not self._epitaph:
            if not self._ended_by_us:
                with suppress(subprocess.TimeoutExpired):
                    self._child.wait(GRACE)
            code = self._child.poll()
            self._child.kill()
            self._child.wait()
            self._listener.join(GRACE)
            said = masked(self._words.decode("utf-8", "replace").strip().rpartition("\n")[2])
            for secret in self._secrets:
                said = said.replace(secret, "…")
            self._epitaph = self._sentence(code, f": {said}" if said else "")
        what, next_step = self._epitaph
        return SageUnavailable(what, kept=KEPT, next_step=next_step)

    def _sentence(self, code: int | None, said: str) -> tuple[str, str]:
        if self._ended_by_us:
            return (
                "Sage's ODBC driver did not answer any more, so the helper program that holds it was ended.",
                "erpdesk tries again by itself. If it stays, see whether Sage itself answers.",
            )
        if code is None:
            why, again = "answers what erpdesk does not understand", "Check the helper program in the settings."
        else:
            why, again = f"ended by itself (exit code {code}{said})", "erpdesk starts it again by itself."
        return (
            f"The ODBC helper program {self._name} {why}.",
            f"{again} If it stays, install erpdesk's helper program again.",
        )


def _error(kind: str, words: list[str]) -> Exception:
    """The error of the helper as it would be in this process."""
    if kind in ("ValueError", "UnicodeDecodeError"):
        return ValueError(*words)
    if kind == "OverflowError":
        return OverflowError(*words)
    if kind in ("ImportError", "ModuleNotFoundError"):
        return SageUnavailable(
            "The ODBC helper program lacks pyodbc, or this computer lacks the system's ODBC.",
            kept=KEPT,
            next_step="Install pyodbc for the Python named in the settings, or use the helper that comes with erpdesk.",
        )
    return Error(*words) if len(words) > 1 else Error("HY000", f"[HY000] {kind}: {' '.join(words)}")
