"""Lets the named Windows users change the files of a company's folder, which only its creator could otherwise do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MODIFY = "(OI)(CI)M"
"""Modify, for the folder and, by inheritance, for every file and folder in it."""

SECONDS = 60.0
NOT_IN_NAMES = '"/[]:;|=,+*?<>'
"""Characters that no Windows account name has; some of them would mean something to icacls."""


@dataclass(frozen=True)
class Outcome:
    """What was done to the folder's rights: the commands, whether they ran, and what went wrong in a sentence."""

    commands: tuple[tuple[str, ...], ...]
    ran: bool
    problems: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What happened, for the log and for the screen."""
        if self.problems:
            return " ".join(self.problems)
        if not self.commands:
            return "No Windows account is named, so the rights of the folder stay as they are."
        if not self.ran:
            lines = "; ".join(subprocess.list2cmdline(command) for command in self.commands)
            return f"This computer does not run Windows. There, erpdesk would run: {lines}"
        return "The named Windows users may change the files of the company's folder."


def account_problem(account: str) -> str:
    """Why a text can not be a Windows account, as a sentence; '' when it can."""
    name = account.strip()
    if not name or name != account or len(name) > 120:
        return "A Windows account has 1 to 120 characters and no space before or after it."
    if any(each in NOT_IN_NAMES or not each.isprintable() for each in name) or name.startswith("-"):
        return f"A Windows account holds none of {' '.join(NOT_IN_NAMES)} and does not begin with “-”."
    if name.count("\\") > 1 or name.startswith("\\") or name.endswith("\\"):
        return "A Windows account is written as DOMAIN\\name."
    if name.casefold() == "unknown":
        return "“unknown” is what a computer says that does not know its account; it can not sign anybody in."
    return ""


def commands(
    folder: Path, grant: Iterable[str], take: Iterable[str] = (), *, program: str = "icacls"
) -> tuple[tuple[str, ...], ...]:
    """The commands that give modify rights to some accounts and take the given ones from others.

    Raises ValueError for a text that is no Windows account.
    """
    wanted = list(dict.fromkeys(grant))
    keep = {each.casefold() for each in wanted}
    gone = [each for each in dict.fromkeys(take) if each.casefold() not in keep]
    for account in (*wanted, *gone):
        if problem := account_problem(account):
            raise ValueError(problem)
    given = [(program, str(folder), "/grant", f"{account}:{MODIFY}", "/Q") for account in wanted]
    taken = [(program, str(folder), "/remove:g", account, "/Q") for account in gone]
    return (*given, *taken)


def apply(
    folder: Path, grant: Iterable[str], take: Iterable[str] = (), *, program: str = "", windows: bool = os.name == "nt"
) -> Outcome:
    """Gives and takes the rights on Windows; elsewhere says what it would do. A failure is told, never raised."""
    try:
        wanted = commands(folder, grant, take, program=program or (_icacls() if windows else "icacls"))
    except ValueError as problem:
        return Outcome((), ran=False, problems=(f"The folder's rights were not changed. {problem}",))
    if not windows:
        return Outcome(wanted, ran=False)
    return Outcome(wanted, ran=True, problems=tuple(filter(None, map(_run, wanted))))


def _icacls() -> str:
    """Windows's own icacls by its full path: a program of that name in another folder is never started."""
    import ctypes

    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009  # only Windows has it, and the checker runs elsewhere
    room = ctypes.create_unicode_buffer(260)
    kernel32.GetSystemDirectoryW(room, len(room))
    return str(Path(room.value) / "icacls.exe")


def _run(command: Sequence[str]) -> str:
    """Runs one command without a shell; what went wrong as a sentence, '' when nothing did."""
    account = command[3].rpartition(":")[0] or command[3]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            creationflags=hidden,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"The folder's rights for {account} could not be changed: {problem}. Ask IT to set them."
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        return (
            f"Windows did not change the folder's rights for {account}: "
            f"{said[0] if said else f'error {done.returncode}'} Ask IT to set them."
        )
    return ""
