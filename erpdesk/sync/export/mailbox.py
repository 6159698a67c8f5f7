"""The one place through which a file reaches Sage. Files move by renames that never overwrite; none is ever deleted.

The staged file is the fence: whoever moves it out of ``staging`` decides whether Sage may see it; only one can (5.5).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from erpdesk.core.errors import ForPeople
from erpdesk.models.base import new_id
from erpdesk.sync.export.decide import Token
from erpdesk.sync.export.moves import PASSING, move_once, sync_folder
from erpdesk.sync.sage.results import LONGEST

FILE = "commitments.jcc"
PRINT = "commitments.prn"
REJECTS = "commitments.rej"
MANIFEST = "commitments-manifest.json"
"""Hash, counts and sums of the file, beside it while it lies in the mailbox and kept with its evidence."""

_WINDOWS = os.name == "nt"


class MailboxTrouble(ForPeople):
    """The mailbox folder cannot be used now; what was accepted stays accepted."""


class Occupied(MailboxTrouble):
    """A file stands where the next one would go; nothing was overwritten."""


class Busy(MailboxTrouble):
    """Another program holds the file open, most likely Sage's import."""


def no_hook(point: str) -> None:
    """Called at each named point of the protocol; does nothing outside of crash tests."""


class Mailbox:
    """The import folder of one company and erpdesk's own folders beside the mailbox place."""

    def __init__(self, folder: Path, *, at: Callable[[str], None] = no_hook) -> None:
        self.folder = Path(folder)
        self.file = self.folder / FILE
        self.staging = self.folder / "staging"
        self.archive = self.folder / "archive"
        self.burned = self.folder / "burned"
        self._at = at

    def prepare(self) -> None:
        """Makes erpdesk's own folders; raises MailboxTrouble when the import folder cannot be reached or written."""
        with self._trouble("reach"):
            if not self.folder.parent.is_dir():
                raise FileNotFoundError(f"{self.folder.parent} is not there")
            for folder in (self.staging, self.archive, self.burned):
                folder.mkdir(parents=True, exist_ok=True)

    def standing(self) -> tuple[str, ...]:
        """The names of what stands in the mailbox place now; empty means free."""
        with self._trouble("reach"):
            return tuple(name for name in (FILE, PRINT, REJECTS) if (self.folder / name).exists())

    def stage(self, name: str, data: bytes, manifest: str = "") -> None:
        """Puts a whole file into staging: written under another name, on disk, then published without overwriting.

        The same file, left there by a try that was not recorded, is taken as it is; another one raises Occupied. Its
        manifest goes to the place where its evidence will be.
        """
        if manifest:
            with self._trouble("write"):
                self._set(name).mkdir(parents=True, exist_ok=True)
                _replace(self._set(name) / MANIFEST, manifest.encode())
        half = self.staging / f".{name}.{new_id()}.tmp"
        with self._trouble("write", in_staging=True):
            if sha_of(self.staging / name) == hashlib.sha256(data).hexdigest():
                return
            try:
                with half.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                self._at("tmp_written")
                move_once(half, self.staging / name)
            except BaseException:
                with suppress(OSError):
                    half.unlink()
                raise
            sync_folder(self.staging)

    def locate(self, name: str, sha256: str) -> Token:
        """Where the live file of an attempt is; first ends a delivery that was interrupted between its two halves."""
        staged, put_away = self.staging / name, self._set(name) / FILE
        with self._trouble("read"):
            if staged.exists():
                return self._staged(staged, sha256)
            if sha_of(self.file) == sha256:
                return Token.MAILBOX
            if put_away.exists():
                return Token.ARCHIVED
            return Token.WITHDRAWN if (self.burned / name).exists() else Token.MISSING

    def _staged(self, staged: Path, sha256: str) -> Token:
        if self.file.exists() and staged.samefile(self.file):
            staged.unlink()
            return Token.MAILBOX
        left = not _WINDOWS and staged.stat().st_nlink > 1
        if not left and sha_of(staged) == sha256:
            return Token.STAGING
        # Torn on disk, or it left under its other name: this file must never be sent again.
        move_once(staged, self.burned / f"unusable-{new_id()}-{staged.name}")
        return Token.MISSING

    def deliver(self, name: str) -> None:
        """Lays the staged file into the mailbox; raises Occupied when something stands there, FileNotFoundError when
        the staged file is gone: somebody else moved it, and it is theirs to decide."""
        with self._trouble("write"):
            if any(each != FILE for each in self.standing()):
                # What an earlier import left would be taken for this one's result.
                raise FileExistsError(self.folder)
            move_once(self.staging / name, self.file, between=lambda: self._at("linked"))
            sync_folder(self.folder)
        self.show_manifest(name)

    def show_manifest(self, name: str) -> None:
        """Lays the manifest of a delivered file beside it, once the place is known to be its own."""
        with self._trouble("write"), suppress(FileNotFoundError):
            _replace(self.folder / MANIFEST, (self._set(name) / MANIFEST).read_bytes())

    def withdraw(self, name: str) -> None:
        """Takes a delivered file out of Sage's reach; raises Busy while another program holds it open."""
        with self._trouble("take back"):
            move_once(self.file, self.burned / name)
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sync_folder(self.folder)

    def burn(self, name: str) -> None:
        """Makes a staged file unusable; harmless when it is not there."""
        with self._trouble("take back"), suppress(FileNotFoundError):
            move_once(self.staging / name, self.burned / name)

    def sweep(self, known: frozenset[str]) -> tuple[str, ...]:
        """Burns staged files that no attempt knows, left by a crash before they were recorded; answers their names."""
        swept = []
        with self._trouble("read"):
            for path in sorted(self.staging.iterdir()):
                if path.name not in known and path.is_file():
                    move_once(path, self.burned / f"unknown-{new_id()}-{path.name.lstrip('.')}")
                    swept.append(path.name)
        return tuple(swept)

    def results(self, name: str) -> tuple[bytes | None, bytes | None]:
        """What Sage printed and what it rejected for an attempt: from the mailbox, else as it was put away."""
        return self._result(name, PRINT), self._result(name, REJECTS)

    def _result(self, name: str, kind: str) -> bytes | None:
        stem, ending = kind.split(".")
        with self._trouble("read"):
            kept = sorted(self._set(name).glob(f"{stem}*.{ending}"), key=_numbered, reverse=True)
            for path in (self.folder / kind, *kept):
                with suppress(FileNotFoundError), path.open("rb") as file:
                    return file.read(LONGEST + 1)
        return None

    def put_away(self, name: str, *, input_too: bool = True) -> None:
        """Moves input, journal and rejects of an attempt into its own archive folder, read-only, as one evidence set.

        The input goes first: a journal without its input stops Sage's next import, an input without its journal
        would be imported again.
        """
        target = self._set(name)
        with self._trouble("put away"):
            target.mkdir(parents=True, exist_ok=True)
            for kind in (FILE, REJECTS, PRINT):
                source = self.folder / kind
                if (kind == FILE and not input_too) or not source.exists():
                    continue
                to = _free(target, kind, source)
                move_once(source, to)
                to.chmod(0o444)
                self._at("archived_input" if kind == FILE else "archived_result")
            # The copy beside the file; the manifest itself lies in the evidence set.
            if input_too:
                (self.folder / MANIFEST).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                (target / MANIFEST).chmod(0o444)
            sync_folder(target)
            sync_folder(self.folder)

    def printed(self, name: str) -> bool:
        """Whether the evidence set of an attempt holds a journal already."""
        return (self._set(name) / PRINT).exists()

    def _set(self, name: str) -> Path:
        return self.archive / name.removesuffix(".jcc")

    @contextmanager
    def _trouble(self, what: str, *, in_staging: bool = False) -> Iterator[None]:
        """Turns what the system says into a sentence; a missing staged file comes through as it is."""
        try:
            yield
        except FileExistsError as error:
            if in_staging:
                raise Occupied(
                    f"In erpdesk's own folder {self.staging} lies another file in the place of the next one.",
                    kept="Nothing was overwritten, and nothing was sent.",
                    next_step="erpdesk takes it away by itself within a few minutes.",
                ) from error
            raise Occupied(
                f"A file stands already in Sage's mailbox {self.folder}.",
                kept="Nothing was overwritten.",
                next_step="See in Sage whether it was imported, then move it out of the folder.",
            ) from error
        except FileNotFoundError as error:
            if self.folder.is_dir():
                raise
            raise self._unusable(what, error) from error
        except OSError as error:
            if getattr(error, "winerror", 0) in PASSING:
                raise Busy(
                    f"Another program holds a file in Sage's mailbox {self.folder} open.",
                    kept="It was left where it is.",
                    next_step="erpdesk tries again by itself, when Sage's import has ended.",
                ) from error
            raise self._unusable(what, error) from error

    def _unusable(self, what: str, error: OSError) -> MailboxTrouble:
        return MailboxTrouble(
            f"erpdesk cannot {what} files in Sage's mailbox {self.folder}: {error.strerror or error}.",
            kept="What was accepted stays accepted.",
            next_step="Check the drive, its free space and the right to write there. erpdesk tries again by itself.",
        )


def sha_of(path: Path) -> str:
    """The sha256 of a file; '' when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _replace(path: Path, data: bytes) -> None:
    """Writes a file that can be made again at any time, whole or not at all."""
    half = path.with_name(f".{path.name}.{new_id()}.tmp")
    try:
        half.write_bytes(data)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def _numbered(path: Path) -> int:
    """Which of several results of one attempt it is; the last one counts."""
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdigit() else 1


def _free(folder: Path, name: str, source: Path) -> Path:
    """The name in the folder, with a number where it is taken: nothing in an evidence set is replaced."""
    path, number = folder / name, 2
    while path.exists() and not path.samefile(source):
        stem, ending = name.split(".")
        path, number = folder / f"{stem}-{number}.{ending}", number + 1
    return path
