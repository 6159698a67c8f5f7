"""The one place through which a file reaches Sage. Files move by renames that never overwrite; none is ever deleted.

The staged file is the fence: whoever moves it out of ``staging`` decides whether Sage may see it; only one can (5.5).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from erpdesk.core.errors import ForPeople
from erpdesk.models.base import new_id
from erpdesk.sync.export.decide import Token
from erpdesk.sync.export.disk import DISK, PASSING, Disk, NotPlain
from erpdesk.sync.export.moves import move_once
from erpdesk.sync.sage.results import LONGEST

if TYPE_CHECKING:
    from erpdesk.sync.export.kinds.kind import Place

_WINDOWS = os.name == "nt"
_KEPT_OF_A_NAME = 50
"""How many letters of an unknown file's name its new name keeps; with all of them it may be too long for the disk."""


class MailboxTrouble(ForPeople):
    """The mailbox folder cannot be used now; what was accepted stays accepted."""


class Occupied(MailboxTrouble):
    """A file stands where the next one would go; nothing was overwritten."""


class Busy(MailboxTrouble):
    """Another program holds the file open, most likely Sage's import."""


def no_hook(point: str) -> None:
    """Called at each named point of the protocol; does nothing outside of crash tests."""


class Mailbox:
    """One place in the import folder of a company, and erpdesk's own folders beside it, which all places share."""

    def __init__(self, folder: Path, place: Place, *, at: Callable[[str], None] = no_hook, disk: Disk = DISK) -> None:
        self.folder = Path(folder)
        self.place = place
        self.file = self.folder / place.file
        self.staging = self.folder / "staging"
        self.archive = self.folder / "archive"
        self.burned = self.folder / "burned"
        self._at = at
        self._disk = disk

    def prepare(self) -> None:
        """Makes erpdesk's own folders; raises MailboxTrouble when the import folder cannot be reached or written, or
        when a file could not go from one folder to the other by one rename."""
        disk = self._disk
        with self._trouble("reach"):
            if not disk.is_dir(self.folder.parent):
                raise FileNotFoundError(f"{self.folder.parent} is not there")
            for own in (self.staging, self.archive, self.burned):
                if disk.is_link(own):
                    raise self._elsewhere(own, "is a link to another place")
                disk.mkdir(own)
                if disk.volume(own) != disk.volume(self.folder):
                    raise self._elsewhere(own, "lies on another disk than Sage's mailbox")

    def standing(self) -> tuple[str, ...]:
        """The names of what stands in the mailbox place now; empty means free. What is no plain file is a trouble."""
        with self._trouble("reach"):
            # One listing: a share that is gone must not look like a free place.
            there = {os.path.normcase(name) for name in self._disk.listing(self.folder)}
            place = (self.place.file, self.place.print, self.place.rejects)
            found = tuple(name for name in place if os.path.normcase(name) in there)
            for name in found:
                self._disk.must_be_plain(self.folder / name)
        return found

    def stage(self, name: str, data: bytes, manifest: str = "") -> None:
        """Puts a whole file into staging: written under another name, on disk, then published without overwriting.

        The same file, left there by a try that was not recorded, is taken as it is; another one raises Occupied. Its
        manifest (hash, counts and sums of the file) goes to the place where its evidence will be.
        """
        disk = self._disk
        if manifest:
            with self._trouble("write"):
                disk.mkdir(self._set(name))
                disk.replace(self._set(name) / self.place.manifest, manifest.encode())
        half = self.staging / f".{name}.{new_id()}.tmp"
        with self._trouble("write", in_staging=True):
            if disk.sha_of(self.staging / name) == hashlib.sha256(data).hexdigest():
                return
            disk.write_new(half, data)
            try:
                self._at("tmp_written")
                move_once(half, self.staging / name, disk=disk)
            except BaseException:
                with suppress(OSError):
                    disk.unlink(half)
                raise
            disk.sync_folder(self.staging)

    def locate(self, name: str, sha256: str) -> Token:
        """Where the live file of an attempt is; first ends a delivery that was interrupted between its two halves.

        Raises MailboxTrouble when the folders cannot be looked into: out of reach is not "missing".
        """
        disk, staged, kept = self._disk, self.staging / name, self._set(name)
        with self._trouble("read"):
            disk.must_be_plain(self.file)
            if disk.lists(staged):
                return self._staged(staged, sha256)
            if disk.lists(self.file) and disk.sha_of(self.file) == sha256:
                return Token.MAILBOX
            if disk.exists(kept) and disk.exists(kept / self.place.file):
                return Token.ARCHIVED
            return Token.WITHDRAWN if disk.exists(self.burned / name) else Token.MISSING

    def _staged(self, staged: Path, sha256: str) -> Token:
        disk = self._disk
        with suppress(NotPlain):
            disk.must_be_plain(staged)
            if disk.lists(self.file) and disk.same(staged, self.file):
                disk.unlink(staged)
                return Token.MAILBOX
            left = not _WINDOWS and disk.names(staged) > 1
            if not left and disk.sha_of(staged) == sha256:
                return Token.STAGING
        # Torn on disk, or it left under its other name: this file must never be sent again.
        move_once(staged, self.burned / f"unusable-{new_id()}-{staged.name}", disk=disk)
        return Token.MISSING

    def deliver(self, name: str) -> None:
        """Lays the staged file into the mailbox; raises Occupied when something stands there, FileNotFoundError when
        the staged file is gone: somebody else moved it, and it is theirs to decide.

        After any other trouble ``locate`` tells whether it lies there all the same.
        """
        with self._trouble("write"):
            if any(each != self.place.file for each in self.standing()):
                # What an earlier import left would be taken for this one's result.
                raise FileExistsError(self.folder)
            move_once(self.staging / name, self.file, between=lambda: self._at("linked"), disk=self._disk)
            self._disk.sync_folder(self.folder)
        self.show_manifest(name)

    def show_manifest(self, name: str) -> None:
        """Lays the manifest of a delivered file beside it, once the place is known to be its own.

        A courtesy: the file lies in the mailbox, and counts as delivered, whether this works or not.
        """
        kept, disk = self._set(name) / self.place.manifest, self._disk
        with suppress(OSError):
            disk.replace(self.folder / self.place.manifest, disk.read(kept))

    def _hide_manifest(self) -> None:
        """Takes the copy beside the file away; the manifest itself lies in the evidence set."""
        with suppress(OSError):
            self._disk.patiently(lambda: self._disk.unlink(self.folder / self.place.manifest))

    def withdraw(self, name: str) -> None:
        """Takes a delivered file out of Sage's reach; raises Busy while another program holds it open."""
        with self._trouble("take back"):
            self._disk.must_be_plain(self.file)
            # Once more, when somebody laid a copy of a withdrawn file into the mailbox.
            move_once(self.file, self._free(self.burned, name, self.file), disk=self._disk)
            self._hide_manifest()
            self._disk.sync_folder(self.folder)

    def burn(self, name: str) -> None:
        """Makes a staged file unusable; harmless when it is not there, but not when nobody can look."""
        staged = self.staging / name
        with self._trouble("take back"):
            if self._disk.lists(staged):
                with suppress(FileNotFoundError):
                    move_once(staged, self._free(self.burned, name, staged), disk=self._disk)

    def sweep(self, known: frozenset[str]) -> tuple[str, ...]:
        """Burns staged files that no attempt knows, left by a crash before they were recorded; answers their names.

        Only files with the ending of this place are touched; one that cannot be moved now is left for the next time.
        ``known`` holds the names of every live file with that
        ending, of whatever kind.
        """
        swept = []
        with self._trouble("read"):
            for name in self._disk.listing(self.staging):
                if name in known:
                    continue
                with suppress(OSError):
                    if not self._may_be_own(name):
                        continue
                    burned = self.burned / f"unknown-{new_id()}-{name.lstrip('.')[-_KEPT_OF_A_NAME:]}"
                    move_once(self.staging / name, burned, disk=self._disk)
                    swept.append(name)
        return tuple(swept)

    def _may_be_own(self, name: str) -> bool:
        """Whether a name in staging is one of this place: a staged file, or the half of one."""
        whole = name[1:].rsplit(".", 2)[0] if name.startswith(".") and name.endswith(".tmp") else name
        return whole.endswith(f".{self.place.ending}") and not self._disk.is_dir(self.staging / name)

    def results(self, name: str, *, closed: bool = False) -> tuple[bytes | None, bytes | None]:
        """What Sage printed and what it rejected for an attempt: from the mailbox, else as it was put away.

        ``closed``: the file is through, and what lies in the mailbox by now is about another one.
        """
        return self._result(name, self.place.print, closed), self._result(name, self.place.rejects, closed)

    def _result(self, name: str, kind: str, closed: bool) -> bytes | None:
        stem, ending = os.path.splitext(kind)
        disk, kept = self._disk, self._set(name)
        with self._trouble("read"):
            names = disk.listing(kept) if disk.exists(kept) else ()
            own = [each for each in names if each.startswith(stem) and each.endswith(ending)]
            older = [kept / each for each in sorted(own, key=_numbered, reverse=True)]
            for path in older if closed else (self.folder / kind, *older):
                disk.must_be_plain(path)
                if disk.exists(path):
                    with suppress(FileNotFoundError):
                        return disk.read(path, LONGEST + 1)
        return None

    def put_away(self, name: str, *, input_too: bool = True) -> None:
        """Moves input, journal and rejects of an attempt into its own archive folder, read-only, as one evidence set.

        The input goes first: a journal without its input stops Sage's next import, an input without its journal
        would be imported again.
        """
        target, place, disk = self._set(name), self.place, self._disk
        with self._trouble("put away"):
            for kind in (place.file, place.rejects, place.print):
                # Before anything moves: a set is put away whole.
                disk.must_be_plain(self.folder / kind)
            disk.mkdir(target)
            for kind in (place.file, place.rejects, place.print):
                source = self.folder / kind
                if (kind == place.file and not input_too) or not disk.exists(source):
                    continue
                to = self._free(target, kind, source)
                move_once(source, to, disk=disk)
                disk.make_read_only(to)
                self._at("archived_input" if kind == place.file else "archived_result")
            if input_too:
                self._hide_manifest()
            with suppress(FileNotFoundError, NotPlain):
                disk.make_read_only(target / place.manifest)
            disk.sync_folder(target)
            disk.sync_folder(self.folder)

    def printed(self, name: str) -> bool:
        """Whether the evidence set of an attempt holds a journal already."""
        with self._trouble("read"):
            return self._disk.exists(self._set(name)) and self._disk.exists(self._set(name) / self.place.print)

    def _set(self, name: str) -> Path:
        return self.archive / name.removesuffix(f".{self.place.ending}")

    def _free(self, folder: Path, name: str, source: Path) -> Path:
        """The name in the folder, with a number where it is taken: nothing that was kept is replaced."""
        path, number = folder / name, 2
        stem, ending = os.path.splitext(name)
        while self._disk.exists(path) and not self._disk.same(path, source):
            path, number = folder / f"{stem}-{number}{ending}", number + 1
        return path

    @contextmanager
    def _trouble(self, what: str, *, in_staging: bool = False) -> Iterator[None]:
        """Turns what the system says into a sentence; a missing staged file comes through as it is."""
        try:
            yield
        except NotPlain as error:
            raise MailboxTrouble(
                f"In Sage's mailbox {self.folder} stands {self._named(error.filename)}, which is {error.what}.",
                kept="Nothing was read through it; what was accepted stays accepted.",
                next_step="Rename it or take it away. erpdesk tries again by itself.",
            ) from error
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
            if self._in_reach():
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

    def _in_reach(self) -> bool:
        try:
            return self._disk.is_dir(self.folder)
        except OSError:
            return False

    def _named(self, path: str) -> str:
        """A file as people see it in the mailbox folder."""
        return Path(path).relative_to(self.folder).as_posix() if Path(path).is_relative_to(self.folder) else path

    def _unusable(self, what: str, error: OSError) -> MailboxTrouble:
        # Of a rename or link this is the file that was to be moved.
        path = error.filename if isinstance(error.filename, str | Path) else ""
        which = f" ({self._named(str(path))})" if path and Path(path) != self.folder else ""
        return MailboxTrouble(
            f"erpdesk cannot {what} files in Sage's mailbox {self.folder}: {error.strerror or error}{which}.",
            kept="What was accepted stays accepted.",
            next_step="Check the drive, its free space and the right to write there. erpdesk tries again by itself.",
        )

    def _elsewhere(self, own: Path, how: str) -> MailboxTrouble:
        return MailboxTrouble(
            f"erpdesk's own folder {own} {how}; a file must reach Sage by one rename.",
            kept="Nothing was sent; what was accepted stays accepted.",
            next_step=f"Make {own.name} a plain folder in {self.folder}. erpdesk tries again by itself.",
        )


def _numbered(name: str) -> int:
    """Which of several results of one attempt it is; the last one counts."""
    number = os.path.splitext(name)[0].rpartition("-")[2]
    return int(number) if number.isdigit() else 1
