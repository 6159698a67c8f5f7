"""Files of lost sendings that Sage could still import: found by what is in them, and taken out of reach (5.10)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.kinds.kind import Place
from erpdesk.sync.export.mailbox import Mailbox, MailboxTrouble
from erpdesk.sync.export.reconcile import Journalled


class Reach:
    """Every place of a company's import folder, and staging, from which a file may still get into Sage."""

    def __init__(self, folder: Path, places: Sequence[Place], disk: Disk = DISK) -> None:
        self._folder, self._disk = folder, disk
        self._mailboxes = [Mailbox(folder, each, disk=disk) for each in dict.fromkeys(places)]

    def lying(self, lost: Iterable[Journalled]) -> frozenset[str]:
        """The names of those files that Sage could import now; raises MailboxTrouble when nobody can look."""
        return frozenset(name for _, _, name in self._found(lost))

    def take_out(self, lost: Iterable[Journalled]) -> None:
        """Moves those files into ``burned``, never over another one; raises MailboxTrouble while one cannot go."""
        for mailbox, path, name in self._found(lost):
            if path == mailbox.file:
                mailbox.withdraw(name)
            else:
                mailbox.burn(path.name)

    def _found(self, lost: Iterable[Journalled]) -> list[tuple[Mailbox, Path, str]]:
        names = {each.sha256: each.file for each in lost if each.sha256}
        if not names:
            return []
        try:
            return [(mailbox, path, names[sha]) for mailbox, path in self._there() if (sha := self._sha(path)) in names]
        except OSError as error:
            raise MailboxTrouble(
                f"erpdesk cannot see what lies in Sage's mailbox {self._folder}: {error.strerror or error}.",
                kept="Nothing was changed.",
                next_step="A file there could still be imported. Check the folder, then try again.",
            ) from error

    def _there(self) -> Iterator[tuple[Mailbox, Path]]:
        # A listing fails where a share is gone; asking for one name would only say that it is not there.
        there = {os.path.normcase(name) for name in self._disk.listing(self._folder)}
        for mailbox in self._mailboxes:
            if os.path.normcase(mailbox.file.name) in there:
                yield mailbox, mailbox.file
        staging = self._mailboxes[0].staging
        if os.path.normcase(staging.name) in there:
            for name in self._disk.listing(staging):
                yield self._mailboxes[0], staging / name

    def _sha(self, path: Path) -> str:
        """The hash of a file; '' when it is gone by now or is no file."""
        try:
            return self._disk.sha_of(path) if stat.S_ISREG(path.stat().st_mode) else ""
        except FileNotFoundError:
            return ""
