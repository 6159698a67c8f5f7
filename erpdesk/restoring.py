"""Putting a backup back: everything is checked and made ready beside the company, then one rename changes over.

The present database is put aside first and never deleted. The export journal stays as it is, and the restored
database says in its audit trail that it was put back: exports stay locked until somebody compared with Sage (5.10).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from erpdesk import backups
from erpdesk.backup_file import (
    DATABASE,
    SETTINGS,
    BackupFile,
    DatabaseFacts,
    Manifest,
    check_database,
    need_room,
    opened,
)
from erpdesk.backups import Hook, no_hook
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.database import SCHEMA, migrate, sqlite_engine, store_on
from erpdesk.disks import why_not_local
from erpdesk.paths import CompanyPaths
from erpdesk.sync.export.disk import DISK
from erpdesk.sync.export.moves import move_once
from erpdesk.workflows import audit
from erpdesk.workflows.journal_rows import RESTORED, RESTORED_KIND, RESTORED_REF

STAGE = "restoring-"
POINTS = ("unpacked", "put_aside", "prepared", "attached", "settings", "swapped")
"""The named points of a restore, in order; ``at`` is called with each, so that a test can kill the process there."""
_TAILS = ("-journal", "-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What a restore did: the backup that was put back, and where the former database lies (None: there was none)."""

    manifest: Manifest
    aside: Path | None
    attachments_added: int
    settings_put_back: bool


def restore(
    company: CompanyPaths,
    file: Path,
    *,
    journals: Mapping[str, Path] | None = None,
    clock: Clock = CLOCK,
    at: Hook = no_hook,
) -> Restored:
    """Puts a backup back; the caller holds the lock of the company, so that no program has it open.

    Attachments are added to those that are there, settings are put back only where there are none. Raises ForPeople
    when the backup is not sound, is another company's or a newer erpdesk's, or when the disk is full; the company is
    as it was then. A kill at any moment leaves the former database or the restored one, whole.
    """
    if why := why_not_local(company.root):
        raise ForPeople(f"The company's data can not be put at {company.root}: {why}.", kept="Nothing was changed.")
    stage = company.root / f"{STAGE}{os.getpid()}"
    try:
        company.root.mkdir(parents=True, exist_ok=True)
        _sweep(company.root)
        stage.mkdir()
        with opened(file) as backup:
            return _restore(company, backup, stage, journals or {}, clock, at)
    except (OSError, sqlite3.Error) as problem:
        raise ForPeople(
            f"The backup could not be put back: {getattr(problem, 'strerror', None) or problem}.",
            kept="The company's database is as it was before.",
            next_step="Free space on the disk, close every program that holds a file of the company, and try again.",
        ) from problem
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _restore(
    company: CompanyPaths, backup: BackupFile, stage: Path, journals: Mapping[str, Path], clock: Clock, at: Hook
) -> Restored:
    need_room(backup, company.root)
    made = stage / DATABASE
    backup.take(DATABASE, made)
    facts = check_database(made)
    _fits(company, backup, facts)
    added = _unpack_attachments(company, backup, stage)
    if settings := SETTINGS in backup.manifest.files:
        backup.take(SETTINGS, stage / SETTINGS)
        settings = not company.settings.exists()
    at("unpacked")
    aside = _put_aside(company, journals, clock)
    at("put_aside")
    _prepare(made, backup, facts, aside, clock)
    at("prepared")
    for name in added:
        place = company.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            move_once(stage / name, place)
        DISK.sync_folder(place.parent)
    at("attached")
    if settings:
        with suppress(FileExistsError):
            move_once(stage / SETTINGS, company.settings)
    # The index of the search follows the audit trail of the former database; the next start makes a new one.
    for tail in ("", *_TAILS):
        with suppress(OSError):
            company.search.with_name(company.search.name + tail).unlink(missing_ok=True)
    at("settings")
    _swap(company.database, made)
    at("swapped")
    return Restored(backup.manifest, aside, len(added), settings)


def _fits(company: CompanyPaths, backup: BackupFile, facts: DatabaseFacts) -> None:
    """Raises ForPeople when this backup can not be the one of this company and this program."""
    said = backup.manifest
    if facts.schema > SCHEMA:
        raise ForPeople(
            f"The backup was made by a newer erpdesk (schema {facts.schema}; this program knows {SCHEMA}).",
            kept="Nothing was changed.",
            next_step="Install the newer erpdesk on this workstation.",
        )
    if (facts.schema, facts.company, facts.audit) != (said.schema, said.company, said.audit):
        raise ForPeople(
            "The backup says something else of its database than what is in it.", kept="Nothing was changed."
        )
    here = _company_here(company)
    if here and facts.company and here != facts.company:
        raise ForPeople(
            f"This is a backup of “{facts.company}”, and this workstation's company is “{here}”.",
            kept="Nothing was changed.",
            next_step="Take a backup of this company.",
        )


def _company_here(company: CompanyPaths) -> str:
    """The name of the company whose place this is; '' where that cannot be told."""
    with suppress(sqlite3.Error, OSError):
        uri = f"{company.database.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            found = connection.execute("SELECT company FROM company_identity WHERE id = 1").fetchone()
        if found and found[0]:
            return str(found[0])
    with suppress(OSError, ValueError):
        return str(tomllib.loads(company.settings.read_text(encoding="utf-8")).get("company", ""))
    return ""


def _unpack_attachments(company: CompanyPaths, backup: BackupFile, stage: Path) -> tuple[str, ...]:
    """Reads every attachment against its hash; those that the company does not hold lie in the stage then."""
    missing: list[str] = []
    for name in backup.manifest.files:
        if "/" not in name:
            continue
        if (company.root / name).exists():
            backup.take(name, None)
            continue
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        backup.take(name, stage / name)
        missing.append(name)
    return tuple(missing)


def _put_aside(company: CompanyPaths, journals: Mapping[str, Path], clock: Clock) -> Path | None:
    """The present database as a backup of its own; one that is too damaged for that is copied as it is."""
    if not company.database.exists():
        return None
    stamp = f"{clock.now().astimezone():%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    try:
        target = company.backups / f"before-restore-{stamp}.zip"
        return backups.make(company, target, journals=journals, attachments=False, clock=clock)
    except ForPeople as problem:
        if _sound(company.database):
            # The disk is full, or the folder cannot be written: nothing is changed over then.
            raise problem
        folder = company.backups / f"damaged-{stamp}"
        folder.mkdir(parents=True)
        for tail in ("", *_TAILS):
            source = company.database.with_name(company.database.name + tail)
            if source.exists():
                copy = folder / source.name
                shutil.copy2(source, copy)
                with copy.open("rb+") as file:
                    os.fsync(file.fileno())
        DISK.sync_folder(folder)
        DISK.sync_folder(company.backups)
        return folder


def _sound(database: Path) -> bool:
    try:
        check_database(database)
    except ForPeople:
        return False
    return True


def _prepare(made: Path, backup: BackupFile, facts: DatabaseFacts, aside: Path | None, clock: Clock) -> None:
    """Brings the copy to this program's schema, and writes into its trail that it was put back."""
    engine = sqlite_engine(made)
    try:
        if facts.schema < SCHEMA:
            migrate(engine)
        with store_on(engine).writing() as session:
            audit.append(
                session,
                at=clock.now(),
                who=audit.SYSTEM,
                act=RESTORED,
                kind=RESTORED_KIND,
                ref=RESTORED_REF,
                reason="A backup was put back; exports stay locked until somebody has compared with Sage.",
                evidence={"backup": backup.path.name, "made_at": backup.manifest.made_at, "head": facts.audit},
                body={"aside": str(aside.name) if aside else "", "nonce": os.urandom(8).hex()},
            )
    finally:
        engine.dispose()
    check_database(made)
    with made.open("rb+") as file:
        os.fsync(file.fileno())


def _swap(database: Path, made: Path) -> None:
    """The restored database takes the place of the former one, in one rename."""
    for tail in _TAILS:
        # A journal of the former database would be played into the restored one. Opening the former one to copy it has
        # used it up; where that was not possible, it lies beside the damaged copy.
        database.with_name(database.name + tail).unlink(missing_ok=True)
    DISK.sync_folder(database.parent)
    os.replace(made, database)
    DISK.sync_folder(database.parent)


def _sweep(root: Path) -> None:
    """Takes away what a restore left that was killed."""
    for left in root.glob(f"{STAGE}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
