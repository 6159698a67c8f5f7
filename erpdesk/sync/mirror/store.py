"""The mirror's files on disk: which one is current, opening it for reading or writing, and clearing old ones away."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror.tables import SCHEMA

_FILE = re.compile(r"mirror-(\d+)\.db(-wal|-shm|-journal)?")
_BROKEN = (apsw.NotADBError, apsw.CorruptError)
_WAIT_MS = 10_000


class _Shared(threading.local):
    """The look that this thread is in, when it takes several at once."""

    db: apsw.Connection | None = None


class MirrorStore:
    """The files ``mirror-<n>.db`` in a company's folder.

    Which number is current is kept elsewhere (a row in the company's database): ``current`` tells it, None before the
    first load, and ``switch`` changes it durably. A mirror can always be built again from Sage.
    """

    def __init__(self, folder: Path, current: Callable[[], int | None], switch: Callable[[int], None]) -> None:
        self.folder = Path(folder)
        self.current = current
        self._switch = switch
        self._lock = threading.Lock()
        self._held: Counter[int] = Counter()
        self._broken: set[int] = set()
        self._shared = _Shared()

    def path(self, number: int) -> Path:
        """The file with this number."""
        return self.folder / f"mirror-{number}.db"

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection | None]:
        """A read-only look at the current mirror, the same from first to last query; None when there is none."""
        if self._shared.db is not None:
            yield self._shared.db
            return
        number = self.current()
        if number is None or number in self._broken or not self.path(number).is_file():
            yield None
            return
        with self._hold(number):
            db = self._open_to_read(number)
            if db is None:
                yield None
                return
            try:
                yield db
            except _BROKEN:
                self._broken.add(number)
                raise
            finally:
                db.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All looks of this thread inside are at one and the same state; the file is opened once for them."""
        if self._shared.db is not None:
            yield
            return
        with self.reading() as db:
            self._shared.db = db
            try:
                yield
            finally:
                self._shared.db = None

    @contextmanager
    def earlier(self) -> Iterator[apsw.Connection | None]:
        """A read-only look at the current file whatever its version or state; None when there is no such database."""
        number = self.current()
        if number is None or not self.path(number).is_file():
            yield None
            return
        with self._hold(number):
            db = self._open_to_read(number, any_version=True)
            try:
                yield db
            finally:
                if db is not None:
                    db.close()

    @contextmanager
    def writing(self, number: int) -> Iterator[apsw.Connection]:
        """A connection that may change the mirror with this number; only the sync thread asks for it."""
        with self._hold(number):
            db = apsw.Connection(str(self.path(number)), flags=apsw.SQLITE_OPEN_READWRITE)
            try:
                db.set_busy_timeout(_WAIT_MS)
                db.pragma("synchronous", "NORMAL")
                yield db
            except _BROKEN:
                self._broken.add(number)
                raise
            finally:
                db.close()

    def usable(self) -> int | None:
        """The number of the current mirror when it can be refreshed; None when a new one must be built."""
        number = self.current()
        with self.reading() as db:
            return number if db is not None else None

    def next_number(self) -> int:
        """A number that no file has had, as far as the folder shows."""
        taken = [int(found[1]) for found in self._files()]
        return max([*taken, self.current() or 0]) + 1

    def switch(self, number: int, *, keep: bool = False) -> None:
        """Makes this mirror the current one; readers see it at their next look, old files go unless asked to stay."""
        self._switch(number)
        if not keep:
            self.sweep()

    def sweep(self) -> None:
        """Removes mirrors that are not current and that nobody here is reading; what cannot go now goes next time."""
        current = self.current()
        with self._lock:
            for found in self._files():
                number = int(found[1])
                if number != current and not self._held[number]:
                    # Windows refuses while somebody else, a virus scanner say, has the file open.
                    with suppress(OSError):
                        (self.folder / found[0]).unlink()

    def discard(self, number: int) -> None:
        """Removes a mirror that was not finished."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                self.folder.joinpath(f"{self.path(number).name}{suffix}").unlink()

    def _files(self) -> list[re.Match[str]]:
        if not self.folder.is_dir():
            return []
        found = (_FILE.fullmatch(each.name) for each in self.folder.iterdir())
        return [each for each in found if each]

    def _open_to_read(self, number: int, *, any_version: bool = False) -> apsw.Connection | None:
        db: apsw.Connection | None = None
        try:
            db = apsw.Connection(str(self.path(number)), flags=apsw.SQLITE_OPEN_READONLY)
            db.set_busy_timeout(_WAIT_MS)
            db.execute("BEGIN")
            if any_version or db.pragma("user_version") == SCHEMA:
                return db
        except (*_BROKEN, apsw.CantOpenError):
            pass
        except (apsw.IOError, apsw.FullError) as problem:
            # Even to look at it SQLite writes a small file beside it.
            if db is not None:
                db.close()
            raise ForPeople(
                f"What was last read of Sage can not be used now: {problem}.",
                kept="Nothing was changed.",
                next_step="Check that the disk is not full, then try again.",
            ) from problem
        if db is not None:
            db.close()
        return None

    @contextmanager
    def _hold(self, number: int) -> Iterator[None]:
        with self._lock:
            self._held[number] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[number] -= 1
