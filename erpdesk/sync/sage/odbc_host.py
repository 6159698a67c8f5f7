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

# What marshal cannot carry travels as (letter, plain value); plain values themselves are never tuples. A column of one
# such kind and gaps has its letter in front instead.
_PLAIN = frozenset((type(None), bool, int, float, str, bytes))
_AS_IS, _MIXED = "", "*"
_DAYS = {datetime.date: "d", datetime.time: "t", datetime.datetime: "s"}


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
    return marshal.dumps((len(rows), [_packed(column) for column in zip(*rows, strict=True)]), 2)


def _packed(column: tuple[Any, ...]) -> tuple[str, Sequence[Any]]:
    kinds = set(map(type, column))
    if kinds <= _PLAIN:
        return _AS_IS, column
    kinds.discard(type(None))
    letter = _DAYS.get(kinds.pop()) if len(kinds) == 1 else None
    if letter:
        texts = {value: value and value.isoformat() for value in set(column)}
        # Equal times may be written differently only where they have a zone.
        if letter == "d" or not any(value is not None and value.tzinfo for value in texts):
            return letter, list(map(texts.__getitem__, column))
    return _MIXED, list(map(_flat, column))


def unpack(data: bytes) -> list[tuple[Any, ...]]:
    """The rows that ``pack`` made bytes of."""
    count, columns = marshal.loads(data)
    return list(zip(*(_unpacked(*each) for each in columns), strict=True)) if columns else [()] * count


def _unpacked(letter: str, values: Sequence[Any]) -> Sequence[Any]:
    if letter == _AS_IS:
        return values
    if letter == _MIXED:
        return [_UNFLAT[each[0]](each[1]) if type(each) is tuple else each for each in values]
    read = {text: text and _UNFLAT[letter](text) for text in set(values)}
    return list(map(read.__getitem__, values))


class Host:
    """The program: one connection, one request at a time; a cancel and the end of input are heard in between."""

    def __init__(self, given: IO[bytes], answers: IO[bytes]) -> None:
        self._given, self._answers = given, answers
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._link: Link | None = None
        self._cursors: dict[int, LinkCursor] = {}
        self._ended: set[int] = set()
        self._call = 0
        self._given_up = 0
        self._done = threading.Event()

    def listen(self) -> None:
        """Reads requests until erpdesk closes the line or is gone; then the program ends, even from a hanging call."""
        for line in self._given:
            request = json.loads(line)
            if request["do"] != "cancel":
                self._requests.put(request)
            else:
                # It means whatever was asked up to then, under way or not yet.
                self._given_up = max(self._given_up, request["call"])
                if 0 < self._call <= self._given_up and self._link is not None:
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
            known = {"page": request["page"], "secrets": request["secrets"]}
            self._link = Link(request["text"], request["seconds"], request["faults"], request["read_only"], **known)
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
            self._ended.discard(request["cursor"])
            self._cursors.pop(request["cursor"]).close()
        elif request["call"] <= self._given_up:
            raise manager().OperationalError("HY008", "[HY008] Operation canceled")
        elif do == "fetch":
            return {"rows": self._fetch(request["cursor"], min(request["size"], SIZE))}
        elif do == "execute":
            only_select(request["sql"])
            cursor = self._link.cursor().execute(request["sql"], unpack(base64.b64decode(request["values"]))[0])
            self._cursors[request["cursor"]] = cursor
            described = cursor.description or ()
            return {"description": [[each[0], each[1].__name__, *each[2:]] for each in described]}
        else:
            raise ValueError(f"unknown request {do}")
        return {}

    def _fetch(self, cursor: int, size: int) -> list[Any]:
        # erpdesk asks ahead: a driver that has said there is no more is left in peace.
        if cursor in self._ended:
            return []
        rows = self._cursors[cursor].fetchmany(size)
        if len(rows) < size:
            self._ended.add(cursor)
        return rows


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
