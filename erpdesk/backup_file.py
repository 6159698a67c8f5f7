"""A backup as somebody hands it over: read with suspicion, piece by piece, and written nowhere but where it is told."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from erpdesk.core.errors import ForPeople
from erpdesk.database import OURS
from erpdesk.workflows.attachment_files import LARGEST, size_words
from erpdesk.workflows.audit_check import verify

FORMAT = 1
MANIFEST, DATABASE, SETTINGS, ATTACHMENTS = "manifest.json", "erpdesk.db", "settings.toml", "attachments"
HALF = "unfinished-"
"""How a backup begins that is not whole yet."""
MOST_ENTRIES = 1_000_000
LARGEST_MANIFEST = 256 * 1024 * 1024
LARGEST_SETTINGS = 1024 * 1024
_NAMES = re.compile(r"manifest\.json|erpdesk\.db|settings\.toml|attachments/([0-9a-f]{2})/\1[0-9a-f]{62}")
_AT_ONCE = 1 << 20
_ZLIB = (zlib.error, OSError)
KEPT = "Nothing was changed."


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. ``files`` holds sha256 and size of each; ``audit`` and ``journals`` hold number and
    hash of the newest line of the audit trail and of each copy of the export journal.
    """

    company: str
    made_at: str
    erpdesk: str
    schema: int
    audit: tuple[int, str]
    journals: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    attachments: bool = True
    """Whether the attachments are in it; a daily backup holds none."""
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    format: int = FORMAT

    def text(self) -> str:
        """The manifest as it stands in the file."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class DatabaseFacts:
    """What a sound copy of the database says: whose it is, its schema, and the head of its audit trail."""

    company: str
    schema: int
    audit: tuple[int, str]


class BadBackup(ForPeople):
    """A file that is no sound backup of erpdesk."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} is not a sound backup: {why}.", kept=KEPT, next_step="Take another backup, or another copy of it."
        )


@dataclass(frozen=True)
class BackupFile:
    """An opened backup whose names are harmless and whose manifest fits them."""

    path: Path
    manifest: Manifest
    _archive: zipfile.ZipFile

    def take(self, name: str, target: Path | None) -> None:
        """Reads one file to its end against its hash and size, into a new file or (None) nowhere; BadBackup."""
        sha, size = self.manifest.files[name]
        digest, read = hashlib.sha256(), 0
        try:
            with self._archive.open(name) as source:
                if target is None:
                    while part := source.read(_AT_ONCE):
                        digest.update(part)
                        read += len(part)
                        if read > size:
                            break
                else:
                    with fsynced(target) as out:
                        while part := source.read(_AT_ONCE):
                            digest.update(part)
                            read += len(part)
                            if read > size:
                                break
                            out.write(part)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, *_ZLIB) as problem:
            raise BadBackup(self.path, f"{name} in it cannot be read ({problem})") from problem
        if (digest.hexdigest(), read) != (sha, size):
            raise BadBackup(self.path, f"{name} in it is not what was backed up")


@contextmanager
def opened(path: Path) -> Iterator[BackupFile]:
    """Opens a backup and looks at its names, sizes and manifest before anything is read; raises ForPeople."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise BadBackup(path, f"it cannot be opened ({why})") from problem
    with archive:
        yield BackupFile(path, _manifest(path, archive), archive)


def need_room(backup: BackupFile, folder: Path) -> None:
    """Raises ForPeople when what the backup holds does not fit on the disk, whatever it claims to be packed."""
    wanted = sum(size for _, size in backup.manifest.files.values())
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise ForPeople(
            f"The backup holds {size_words(wanted)}, and {size_words(free)} are free on the disk of {folder}.",
            kept=KEPT,
            next_step="Free space on that disk and try again.",
        )


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    entries = archive.infolist()
    names = [each.filename for each in entries]
    if len(entries) > MOST_ENTRIES:
        raise BadBackup(path, f"it holds {len(entries):,} files")
    for each in entries:
        mode = each.external_attr >> 16
        if not _NAMES.fullmatch(each.filename) or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise BadBackup(path, f"it holds “{each.filename[:80]}”, which no backup of erpdesk holds")
    if len(set(names)) != len(names):
        raise BadBackup(path, "it holds a file twice")
    if MANIFEST not in names or DATABASE not in names:
        raise BadBackup(path, "its manifest or its database is missing")
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise BadBackup(path, "its manifest is too large")
    try:
        with archive.open(MANIFEST) as source:
            fields = json.loads(source.read(LARGEST_MANIFEST))
        if fields["format"] > FORMAT:
            raise ForPeople(
                f"{path} was made by a newer erpdesk ({str(fields['erpdesk'])[:20]}).",
                kept=KEPT,
                next_step="Install the newer erpdesk on this workstation.",
            )
        files = {str(name): (str(sha), int(size)) for name, (sha, size) in fields.pop("files").items()}
        seq, head = fields.pop("audit")
        made = Manifest(**fields, files=files, audit=(int(seq), str(head)))
    except (*_ZLIB, zipfile.BadZipFile, EOFError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as odd:
        raise BadBackup(path, f"its manifest cannot be read ({odd})") from odd
    if set(files) != set(names) - {MANIFEST}:
        raise BadBackup(path, "it does not hold the files that its manifest names")
    for each in entries:
        size = each.file_size if each.filename == MANIFEST else files[each.filename][1]
        most = LARGEST if "/" in each.filename else LARGEST_SETTINGS if each.filename == "settings.toml" else size
        if size != each.file_size or size > most or size < 0:
            raise BadBackup(path, f"{each.filename} in it has another size than it may have")
    return made


def check_database(path: Path) -> DatabaseFacts:
    """Looks at a copy of the database that nobody uses: every page, every link, the whole audit trail.

    Raises ForPeople when something in it is not sound.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:

            def one(sql: str) -> Any:
                return connection.execute(sql).fetchone()

            if (answer := one("PRAGMA integrity_check(1)")[0]) != "ok":
                raise sqlite3.DatabaseError(answer)
            if one("PRAGMA application_id")[0] != OURS:
                raise sqlite3.DatabaseError("it is not erpdesk's")
            if lost := one("PRAGMA foreign_key_check"):
                raise sqlite3.DatabaseError(f"a record of {lost[0]} names another one that is not there")
            named = one("SELECT 1 FROM sqlite_master WHERE name = 'company_identity'")
            company = one("SELECT company FROM company_identity WHERE id = 1") if named else None
            schema = int(one("PRAGMA user_version")[0])
        verdict = verify(path)
    except sqlite3.Error as problem:
        raise ForPeople(f"The database {path.name} is damaged: {problem}.", kept="Nothing was changed.") from problem
    if verdict.broken is not None:
        raise ForPeople(f"The audit trail is broken. {verdict.broken.text}", kept="Nothing was changed.")
    return DatabaseFacts(str(company[0]) if company else "", schema, verdict.head)


def verify_file(path: Path) -> Manifest:
    """Opens a backup and reads all of it, and its database as ``check_database`` does; raises ForPeople."""
    with tempfile.TemporaryDirectory(prefix=HALF, dir=path.parent, ignore_cleanup_errors=True) as folder:
        with opened(path) as backup:
            for name in backup.manifest.files:
                if name == DATABASE:
                    backup.take(name, Path(folder) / DATABASE)
                else:
                    backup.take(name, None)
        facts = check_database(Path(folder) / DATABASE)
    if (facts.schema, tuple(facts.audit)) != (backup.manifest.schema, tuple(backup.manifest.audit)):
        raise ForPeople(f"The backup {path} says something else of its database than what is in it.")
    return backup.manifest


@contextmanager
def fsynced(path: Path) -> Iterator[IO[bytes]]:
    """A new file that is on disk when the block is left."""
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
