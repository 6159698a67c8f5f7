"""Backups of a company: one file with its decisions, attachments and settings, checked by opening it again.

The export journal stays out of it: a journal that is older than Sage would hide what was sent since (5.10).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from erpdesk import __version__
from erpdesk.backup_file import (
    ATTACHMENTS,
    DATABASE,
    HALF,
    MANIFEST,
    SETTINGS,
    DatabaseFacts,
    Manifest,
    check_database,
    fsynced,
    verify_file,
)
from erpdesk.core.clock import CLOCK, Clock, iso
from erpdesk.core.errors import ForPeople
from erpdesk.database import BUSY_SECONDS
from erpdesk.paths import CompanyPaths
from erpdesk.sync.export.disk import DISK
from erpdesk.sync.export.journal import JournalTrouble, lines_of
from erpdesk.sync.export.moves import move_once
from erpdesk.workflows.attachment_files import open_kept

DAILY = "daily-"
KEPT_DAYS = 14
_AT_ONCE = 1 << 20
_SHA = re.compile(r"[0-9a-f]{64}")
_SECRET = re.compile(r"(?i)\b(pwd|password)\s*=\s*(\{[^}]*\}|[^;\"'\n]*);?")

Hook = Callable[[str], object]


def no_hook(point: str) -> None:
    """Called at each named point; does nothing outside of crash tests."""


def make(
    company: CompanyPaths,
    target: Path | None = None,
    *,
    journals: Mapping[str, Path] | None = None,
    attachments: bool = True,
    clock: Clock = CLOCK,
    at: Hook = no_hook,
) -> Path:
    """Makes a backup of a company, also while erpdesk works with it; answers the file.

    ``target`` is a file or a folder, left out the company's own backups folder; nothing is ever overwritten.
    ``journals`` names the copies of the export journal, of which only the head is noted. Raises ForPeople when it
    cannot be made or read back; no half of it is left then.
    """
    if not company.database.is_file():
        raise ForPeople(f"There is no company's database at {company.root}.", kept="Nothing was written.")
    target = _named(company, target, clock.now())
    half = target.with_name(f"{HALF}{os.getpid()}-{target.name}")
    try:
        if target.exists():
            raise FileExistsError(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=HALF, dir=target.parent, ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / DATABASE
            _copy_database(company.database, copy)
            facts = check_database(copy)
            at("copied")
            _write(half, company, copy, facts, journals or {}, attachments, clock)
        at("written")
        verify_file(half)
        at("verified")
        move_once(half, target)
        DISK.sync_folder(target.parent)
    except FileExistsError as problem:
        raise ForPeople(
            f"There is a file {target} already.",
            kept="It was left as it is, and no backup was made.",
            next_step="Name another file.",
        ) from problem
    except (OSError, sqlite3.Error, zipfile.BadZipFile) as problem:
        raise ForPeople(
            f"The backup {target} could not be made: {getattr(problem, 'strerror', None) or problem}.",
            kept="The company was not touched, and no half of a backup was left.",
            next_step="Free space on that disk, or name another file.",
        ) from problem
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    return target


def daily(
    company: CompanyPaths,
    *,
    journals: Mapping[str, Path] | None = None,
    keep: int = KEPT_DAYS,
    clock: Clock = CLOCK,
) -> Path | None:
    """Makes today's backup of the decisions into the backups folder, unless it is there; None when it was.

    Keeps the newest ``keep`` of these; no other backup is ever removed. Attachments are not in it: they are kept once
    and for all in the folder beside it, and a copy of them on the same disk protects from nothing. Raises ForPeople.
    """
    target = company.backups / f"{DAILY}{clock.today():%Y%m%d}.zip"
    if target.exists():
        return None
    made = make(company, target, journals=journals, attachments=False, clock=clock)
    for old in sorted(company.backups.glob(f"{DAILY}????????.zip"))[:-keep]:
        with suppress(OSError):
            old.unlink()
    for left in company.backups.glob(f"{HALF}*"):
        # What a kill in the middle of an earlier day left.
        with suppress(OSError):
            if clock.now().timestamp() - left.lstat().st_mtime > 86_400:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    return made


def named(copies: Sequence[Path]) -> dict[str, Path]:
    """The copies of an export journal by where they lie."""
    return {"at home" if path.name == "export.jsonl" else "beside the mailbox": path for path in copies}


def _named(company: CompanyPaths, target: Path | None, now: datetime) -> Path:
    if target is not None and not target.is_dir():
        return target.absolute()
    return (target or company.backups).absolute() / f"erpdesk-{now.astimezone():%Y%m%d-%H%M%S}.zip"


def _copy_database(source: Path, copy: Path) -> None:
    # Opened to be written: what a crash left half done is rolled back first, as any other program would do it.
    uri = f"{source.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as held,
        closing(sqlite3.connect(copy)) as made,
    ):
        held.backup(made)


def _write(
    half: Path,
    company: CompanyPaths,
    copy: Path,
    facts: DatabaseFacts,
    journals: Mapping[str, Path],
    attachments: bool,
    clock: Clock,
) -> None:
    files: dict[str, tuple[str, int]] = {}
    with fsynced(half) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with copy.open("rb") as source:
            files[DATABASE] = _pour(archive, DATABASE, source)
        if company.settings.is_file():
            text = without_secrets(company.settings.read_text(encoding="utf-8")).encode()
            archive.writestr(SETTINGS, text)
            files[SETTINGS] = (hashlib.sha256(text).hexdigest(), len(text))
        # After the database: the bytes of an attachment are there before its row.
        for path in _attached(company.attachments) if attachments else ():
            with suppress(FileNotFoundError), open_kept(path) as source:
                name = f"{ATTACHMENTS}/{path.parent.name}/{path.name}"
                files[name] = _pour(archive, name, source, zipfile.ZIP_STORED)
        manifest = Manifest(
            company=facts.company,
            made_at=iso(clock.now()),
            erpdesk=__version__,
            schema=facts.schema,
            audit=facts.audit,
            journals={where: _head(path) for where, path in journals.items()},
            attachments=attachments,
            files=files,
        )
        archive.writestr(MANIFEST, manifest.text())


def _pour(archive: zipfile.ZipFile, name: str, source: IO[bytes], how: int = zipfile.ZIP_DEFLATED) -> tuple[str, int]:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = how
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as out:
        while part := source.read(_AT_ONCE):
            digest.update(part)
            size += len(part)
            out.write(part)
    return digest.hexdigest(), size


def _attached(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("??/*")):
        if _SHA.fullmatch(path.name) and path.name.startswith(path.parent.name) and not path.is_symlink():
            yield path


def _head(path: Path) -> tuple[int, str]:
    """The newest line of a copy of the export journal; a copy that cannot be read is told by its number."""
    try:
        entries = lines_of(path)
    except (JournalTrouble, OSError) as problem:
        return (-1, str(problem))
    return (entries[-1].seq, entries[-1].hash) if entries else (0, "")


def without_secrets(text: str) -> str:
    """Settings hold no passwords; one that somebody wrote into a connection string by hand does not go along."""
    return _SECRET.sub("", text)
