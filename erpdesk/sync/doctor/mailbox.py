"""Whether Sage's mailbox folder can carry the protocol: one volume, the right writers, one winner per rename."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.sync.export.moves import move_once

RACES = 1000
_EVERYBODY = re.compile(r"(?im)^.*?(Everyone|BUILTIN\\Users|Authenticated Users|S-1-1-0|S-1-5-11):.*\((?:F|M|W)\).*$")
TITLE = "Mailbox folder"


def look(imports: Path, races: int = RACES, stop: threading.Event | None = None) -> Iterator[Finding]:
    """Every finding about the mailbox; files are made in a folder of the doctor's own, which goes away at the end.

    ``stop`` ends the races early; then nothing is said about them.
    """
    if not imports.is_dir():
        yield Finding(
            *("mailbox", TITLE, Verdict.FAIL, f"{imports} is not there."),
            "Make the folder Imports in the Sage data folder, and let Sage's macros and people use it.",
        )
        return
    yield Finding("mailbox", TITLE, Verdict.PASS, f"{imports} is there.")
    yield _volume(imports)
    yield _by_whom(imports)
    # Not in staging, where a running erpdesk takes away what it does not know.
    own = imports / f"doctor-{uuid.uuid4().hex[:8]}"
    try:
        writable = _writable(own)
        yield writable
        if writable.verdict is Verdict.PASS:
            yield from _race(own, races, stop or threading.Event())
    finally:
        with suppress(OSError):
            own.rmdir()


def _volume(imports: Path) -> Finding:
    own = (imports / name for name in ("staging", "archive", "burned"))
    others = [folder for folder in own if folder.is_dir()]
    apart = [folder.name for folder in others if folder.stat().st_dev != imports.stat().st_dev]
    if apart:
        return Finding(
            *("volume", "Same volume", Verdict.FAIL, f"{', '.join(apart)} lies on another disk than the mailbox."),
            "A file must reach Sage by one rename: put these folders back into the mailbox folder.",
        )
    return Finding("volume", "Same volume", Verdict.PASS, "erpdesk's folders and the mailbox lie on one disk.")


def _writable(folder: Path) -> Finding:
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    try:
        folder.mkdir()
        with probe.open("xb") as file:
            file.write(b"erpdesk")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(
            *("writable", "Writable", Verdict.FAIL, f"erpdesk cannot write in it ({error.strerror or error})."),
            "Give the Windows account that runs erpdesk the right to write there, and free some space.",
        )
    finally:
        with suppress(OSError):
            probe.unlink()
    return Finding("writable", "Writable", Verdict.PASS, "erpdesk can write in it.")


def _by_whom(imports: Path) -> Finding:
    title, step = "Who may write", "Let only erpdesk's account and the Sage operators write in this folder."
    if os.name == "nt":
        # Windows' own tool tells who may; its words differ by language, the identities' numbers do not.
        told = subprocess.run(["icacls", str(imports)], capture_output=True, text=True, check=False, timeout=30)
        if told.returncode:
            return Finding("who", title, Verdict.LOOK, "Windows does not tell who may write in it.", step)
        open_to_all = bool(_EVERYBODY.search(told.stdout))
    else:
        open_to_all = bool(imports.stat().st_mode & stat.S_IWOTH)
    if open_to_all:
        return Finding("who", title, Verdict.LOOK, "everybody on this computer or network may write in it.", step)
    return Finding("who", title, Verdict.PASS, "not everybody may write in it.")


def _race(folder: Path, races: int, stop: threading.Event) -> Iterator[Finding]:
    """Two movers start at one moment, again and again; of each file exactly one may end up with it."""
    both = 0
    for _ in range(races):
        if stop.is_set():
            return
        both += _run(folder) != 1
    title = "One winner per rename"
    if both:
        yield Finding(
            *("race", title, Verdict.FAIL, f"in {both:,} of {races:,} tries not exactly one of two renames succeeded."),
            "This disk or share cannot keep two programs apart: move the Sage data folder, or let erpdesk run on one "
            "computer only.",
        )
    else:
        yield Finding("race", title, Verdict.PASS, f"in {races:,} races exactly one of two renames succeeded.")


def _run(folder: Path) -> int:
    name = f".race-{uuid.uuid4().hex}"
    source, targets = folder / name, [folder / f"{name}.{number}" for number in (1, 2)]
    source.write_bytes(b"race")
    start = threading.Barrier(2)

    def move(target: Path) -> None:
        start.wait()
        with suppress(OSError):
            move_once(source, target)

    movers = [threading.Thread(target=move, args=(target,)) for target in targets]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()
    won = [path for path in targets if path.exists()]
    left = source.exists()
    for path in (source, *targets):
        path.unlink(missing_ok=True)
    return 0 if left else len(won)
