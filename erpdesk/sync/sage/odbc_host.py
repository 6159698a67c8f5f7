"""A program of its own that holds the ODBC driver, for when the driver's bitness is not erpdesk's, or it may hang.

With ``odbc_link.py`` beside it, a 32-bit Python with pyodbc runs it as a script; erpdesk need not be installed. It
speaks JSON lines on standard input and output, rows come as batches with their length in front. The password comes
over standard input with the rest of the connection string; it is on no command line and in no environment.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import marshal
import os
import queue
import struct
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

if __package__:
    from erpdesk.sync.sage.odbc_link import Link, LinkCursor, manager, only_select
else:
    # Run as a script: mypy knows the file beside it under its full name only.
    from odbc_link import Link, LinkCursor, manager, only_select  # type: ignore[import-not-found,no-redef]

SIZE = 500
"""Rows in a batch."""
LENGTH = struct.Struct(">I")
"""How long a batch is, in bytes, in front of it."""
_LET_GO = 1.0

# What marshal cannot carry travels as (letter, plain value); plain values themselves are never tuples.
_PLAIN = frozenset((type(None), bool, int, float, str, bytes))


def _flat(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            raise TypeError("a time with a zone cannot be carried")
        return ("s", value.isoformat())
    if isinstance(value, datetime.date):
        return ("d", value.isoformat())
    if isinstance(value, datetime.time):
        return ("t", value.isoformat())
    if isinstance(value, decimal.Decimal):
        return ("n", str(value))
    if isinstance(value, bytearray):
        return ("a", bytes(value))
    # A subclass with the same content: equal on the other side.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be carried")


_UNFLAT: dict[str, Any] = {
    "s": datetime.datetime.fromisoformat,
    "d": datetime.date.fromisoformat,
    "t": datetime.time.fromisoformat,
    "n": decimal.Decimal,
    "a": bytearray,
}


def pack(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as bytes (marshal version 2, column by column); raises TypeError for a value of an unknown type."""
    columns = []
    for column in zip(*rows, strict=True):
        plain = _PLAIN.issuperset(map(type, column))
        columns.append((plain, list(column) if plain else list(map(_flat, column))))
    return marshal.dumps((len(rows), columns), 2)


def unpack(data: bytes) -> list[tuple[Any, ...]]:
    """The rows that ``pack`` made bytes of."""
    count, columns = marshal.loads(data)
    if not columns:
        return [()] * count
    read = [
        values if plain else [_UNFLAT[each[0]](each[1]) if type(each) is tuple else each for each in values]
        for plain, values in columns
    ]
    return list(zip(*read, strict=True))


class Host:
    """The program: one connection, one request at a time; a cancel and the end of input are heard in between."""

    def __init__(self, given: IO[bytes], answers: IO[bytes]) -> None:
        self._given, self._answers = given, answers
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._link: Link | None = None
        self._cursors: dict[int, LinkCursor] = {}
        self._call = 0
        self._done = threading.Event()

    def listen(self) -> None:
        """Reads requests until erpdesk closes the line or is gone; then the program ends, even from a hanging call."""
        for line in self._given:
            request = json.loads(line)
            if request["do"] != "cancel":
                self._requests.put(request)
            elif request["call"] == self._call and self._link is not None:
                self._link.interrupt()
        self._requests.put(None)
        self._done.wait(_LET_GO)
        os._exit(0)

    def serve(self) -> None:
        """Answers requests in their order."""
        while (request := self._requests.get()) is not None:
            self._call = request["call"]
            batch: bytes | None = None
            try:
                answer = self._answer(request)
                if "rows" in answer:
                    batch = pack(answer.pop("rows"))
            except Exception as error:
                answer = {"error": type(error).__name__, "args": [str(each) for each in error.args]}
            self._call = 0
            self._answers.write(
                json.dumps({**answer, "to": request["call"], "batch": batch is not None}).encode() + b"\n"
            )
            if batch is not None:
                self._answers.write(LENGTH.pack(len(batch)) + batch)
            self._answers.flush()
        if self._link is not None:
            with suppress(Exception):
                self._link.close()
        self._done.set()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What one request is answered; the key ``rows`` holds rows that follow as a batch."""
        do = request["do"]
        if do == "hello":
            return sight()
        if do == "open":
            self._link = Link(request["text"], request["seconds"], request["faults"], request["read_only"])
            return {}
        if self._link is None:
            raise ValueError("nothing is open")
        if do == "timeout":
            self._link.timeout = request["seconds"]
            return {"seconds": self._link.timeout}
        if do == "dates_as_text":
            self._link.dates_as_text()
        elif do == "probe_update":
            return {"count": self._link.probe_update(request["sql"])}
        elif do == "free":
            self._cursors.pop(request["cursor"]).close()
        elif do == "fetch":
            return {"rows": self._cursors[request["cursor"]].fetchmany(min(request["size"], SIZE))}
        elif do == "execute":
            only_select(request["sql"])
            cursor = self._link.cursor().execute(request["sql"], unpack(base64.b64decode(request["values"]))[0])
            self._cursors[request["cursor"]] = cursor
            described = cursor.description or ()
            return {"description": [[each[0], each[1].__name__, *each[2:]] for each in described]}
        else:
            raise ValueError(f"unknown request {do}")
        return {}


def sight() -> dict[str, Any]:
    """The bitness of this program, and the ODBC drivers and data sources that it sees."""
    pyodbc = manager()
    return {"bits": struct.calcsize("P") * 8, "drivers": pyodbc.drivers(), "sources": dict(pyodbc.dataSources())}


def main() -> int:
    """Runs the program on standard input and output until the input ends."""
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # A driver that prints something must not disturb the line, nor may it read from it.
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    host = Host(given, answers)
    threading.Thread(target=host.listen, name="listen", daemon=True).start()
    host.serve()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
