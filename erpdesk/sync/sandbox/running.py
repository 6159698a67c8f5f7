"""How every import of the stand-in Sage runs: read, one transaction, rejects, journal; and what can stop it."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.journal import Verdict, journal, rejects, stage
from erpdesk.sync.sandbox.marks import already_imported, with_mark
from erpdesk.sync.sandbox.reader import LARGEST_FILE, Record

BUSY_SECONDS = 30.0
ASK_AGAIN_SECONDS = 0.05
NOTHING = "Nothing was imported."
STATUS = {
    84: "Record or page is locked (status 84)",
    85: "File is locked (status 85)",
    88: "Incompatible mode error (status 88)",
}
"""The engine's words for its lock codes."""


@dataclass(frozen=True)
class Program:
    """One import of Sage: its place in the menu, the files it works with by habit, the options a person can tick."""

    name: str
    menu: str
    file: str
    print: str
    reject: str
    title: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportResult:
    """What an import did: one verdict for each record in file order, or why it stopped and left everything as it was.

    ``warnings`` are sentences, ``warned`` their short names (file_already_imported, closed_period, large_amount).
    """

    verdicts: tuple[Verdict, ...] = ()
    stopped: str = ""
    warnings: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()


@dataclass
class Run:
    """One import while it runs: what a person chose, and the warnings so far."""

    company: SandboxCompany
    options: Mapping[str, bool]
    layout: str
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, name: str, sentence: str) -> None:
        """Adds a warning; the import goes on."""
        self.warnings.append((name, sentence))


class Withdrawn(FileNotFoundError):
    """The import file was taken away before it was read: there was no import, and there is no journal."""


class Abandoned(OSError):
    """The import waited for an answer on the screen and was ended by force: nothing was imported or printed."""


class Stopped(Exception):
    """The import ends before it changed anything; the text goes to the journal, with verdicts where there are some."""

    def __init__(self, sentence: str, verdicts: tuple[Verdict, ...] = ()) -> None:
        super().__init__(sentence)
        self.verdicts = verdicts


class Importer(ABC):
    """What one import does with its records."""

    marks_files = False
    """Whether Sage remembers a file that it has imported and warns about it."""

    @abstractmethod
    def read(self, data: bytes, run: Run) -> list[Record]:
        """Cuts the file into records."""

    @abstractmethod
    def enter(self, connection: sqlite3.Connection, records: list[Record], run: Run) -> tuple[Verdict, ...]:
        """Enters what may go in, in the open transaction; one verdict for each record. Raises ``Stopped``."""


def run_program(
    company: SandboxCompany,
    program: Program,
    importer: Importer,
    *,
    file: Path | None = None,
    options: Mapping[str, bool] | None = None,
    layout: str = "default",
    on_step: Callable[[str], None] = lambda step: None,
    give_up: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Imports a file (by habit the program's own in ``Imports``), shows the rejects (if any) and last the journal.

    The tables change in one transaction, and rejects and journal are on disk before it is committed: a full disk
    raises ``OSError`` and nothing was imported. ``on_step`` hears ``read``, ``committed``, ``rejects_written``,
    ``printed``. ``give_up`` is asked while other users keep the tables busy or a question stands on the screen: when
    it says yes, ``sqlite3.OperationalError`` or ``Abandoned`` comes out and nothing was imported or printed. The input
    stays where it is; without one: ``Withdrawn``.
    """
    unknown = sorted(set(options or {}) - set(program.options))
    if unknown:
        raise ValueError(f"{program.name} has no option {unknown[0]}")
    source = file or company.imports / program.file
    run = Run(company, dict(options or {}), layout)
    records: list[Record] = []
    data = b""
    with closing(company.writable()) as connection:
        try:
            data = _taken(company, source, program, give_up)
            records = importer.read(data, run)
            if not records:
                raise Stopped(f"{source.name} holds no records. {NOTHING}")
            on_step("read")
            if importer.marks_files and already_imported(company, data):
                run.warn("file_already_imported", f"{source.name} has already been imported. It is imported again.")
            patiently(connection, "BEGIN IMMEDIATE", give_up)
            result = _result(importer.enter(connection, records, run), run)
        except Stopped as stop:
            result = _result(stop.verdicts, run, str(stop))
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        try:
            result = _commit(connection, company, program, source, records, result, data, importer, on_step, give_up)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if company.faults.reject_next and any(verdict.reason == "refused_by_sage" for verdict in result.verdicts):
        company.set_faults(reject_next="")
    return result


def _result(verdicts: tuple[Verdict, ...], run: Run, stopped: str = "") -> ImportResult:
    names, sentences = [name for name, _ in run.warnings], [sentence for _, sentence in run.warnings]
    return ImportResult(tuple(verdicts), stopped, tuple(sentences), tuple(dict.fromkeys(names)))


def _commit(
    connection: sqlite3.Connection,
    company: SandboxCompany,
    program: Program,
    source: Path,
    records: list[Record],
    result: ImportResult,
    data: bytes,
    importer: Importer,
    on_step: Callable[[str], None],
    give_up: Callable[[], bool],
) -> ImportResult:
    """Puts the papers on disk, commits, then shows them: rejects first, the journal last."""
    shown = [company.imports / program.reject, company.imports / program.print]
    silent = company.faults.import_timeout
    papers = _papers(company, program, source, records, result)
    if connection.in_transaction:
        marked = with_mark(company, data, source.name) if importer.marks_files else None
        try:
            patiently(connection, "COMMIT", give_up)
        except Stopped as stop:
            connection.execute("ROLLBACK")
            result = ImportResult(stopped=str(stop))
            papers = _papers(company, program, source, records, result)
        else:
            if marked:
                os.replace(*marked)
            on_step("committed")
    for name, path, half in zip(("rejects_written", "printed"), shown, papers, strict=True):
        if silent:
            if half:
                half.unlink()
            continue
        if half:
            os.replace(half, path)
        else:
            path.unlink(missing_ok=True)
        on_step(name)
    return result


def _papers(
    company: SandboxCompany, program: Program, source: Path, records: list[Record], result: ImportResult
) -> tuple[Path | None, Path]:
    """Rejects (None when there are none) and journal, written into the company folder, out of the mailbox's sight."""
    if company.faults.disk_full:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(company.imports / program.print))
    rejected = rejects(records, result.verdicts)
    printed = journal(company.name, program.title, source.name, result.verdicts, result.warnings, result.stopped)
    half = stage(company.folder, program.reject, rejected) if rejected else None
    try:
        return half, stage(company.folder, program.print, printed)
    except OSError:
        if half:
            with suppress(OSError):
                half.unlink()
        raise


def _taken(company: SandboxCompany, source: Path, program: Program, give_up: Callable[[], bool]) -> bytes:
    """The bytes of the file, once a licence is free and nobody has the files to himself."""
    why = refusal_to_run(company, source.name, program.menu.partition(" > ")[0])
    if why:
        raise Stopped(f"{why} {NOTHING}")
    wait_for_answer(company, give_up)
    try:
        if source.stat().st_size > LARGEST_FILE:
            raise Stopped(f"{source.name} is larger than {LARGEST_FILE // 2**20} MB. {NOTHING}")
        return source.read_bytes()
    except FileNotFoundError as error:
        raise Withdrawn(error.errno, error.strerror, error.filename) from error
    except OSError as error:
        raise Stopped(f"{source.name} cannot be opened ({error.strerror}). {NOTHING}") from error


def refusal_to_run(company: SandboxCompany, what: str, module: str = "Job Cost") -> str:
    """Why a program of Sage cannot start now, in Sage's words; blank when it can."""
    faults = company.faults
    if faults.no_licence:
        return f"all {module} licences are in use."
    if faults.backup_window:
        return f"a backup has the company's files to itself. {STATUS[85]}."
    if faults.lock or faults.btrieve_status:
        status = STATUS.get(faults.btrieve_status, STATUS[85])
        return f"{what} is in use or has been marked as read-only. {status}."
    return ""


def wait_for_answer(company: SandboxCompany, give_up: Callable[[], bool]) -> None:
    """While a question stands on the screen nothing goes on; raises ``Abandoned`` when told to give up."""
    nobody = threading.Event()
    while company.faults.prompt_hang:
        if give_up():
            raise Abandoned("a question stood on the screen and nobody answered it")
        nobody.wait(ASK_AGAIN_SECONDS)


def patiently(connection: sqlite3.Connection, statement: str, give_up: Callable[[], bool]) -> None:
    """Begins or commits while others read: tries again for a while, then raises ``Stopped``."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or give_up():
                raise
            if time.monotonic() > until:
                raise Stopped(f"the company's files are in use by another program. {NOTHING}") from error
