"""The doctor's round: drivers, folder, login, rights, tables, ID formats, mailbox, time since the last reading."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.doctor import mailbox
from erpdesk.sync.doctor.findings import Finding, Look, Verdict, guarded
from erpdesk.sync.sage.capabilities import Capabilities
from erpdesk.sync.sage.connection import Connection
from erpdesk.sync.sage.discover import Registry, find_folders, windows_registry
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.folders import ONE_FOLDER, control_name, why_apart
from erpdesk.sync.sage.probe import probe
from erpdesk.sync.sage.rights import check_rights, watched
from erpdesk.sync.sage.session import Session

_MANY = 5
ONE_COMPANY = "Reads and files"


@dataclass(frozen=True)
class Sight:
    """The ODBC drivers that one process sees, and its bitness (32 or 64)."""

    where: str
    bits: int
    drivers: tuple[str, ...]


@dataclass(frozen=True)
class Patient:
    """Everything the doctor looks at.

    ``connection`` None: the stand-in's own door. ``sights`` asks processes for their drivers, ``writable`` opens Sage
    without a driver's read-only setting (None = ``connect`` does), ``last_read`` tells when the last reading began
    (None = this company is not read yet), ``stop`` ends the round early.
    """

    company: str
    folder: Path
    connect: Connect
    connection: Connection | None = None
    sights: Callable[[], Sequence[Sight | ForPeople]] = tuple
    writable: Connect | None = None
    last_read: Callable[[], datetime | None] | None = None
    registry: Registry | None = field(default_factory=windows_registry)
    mask: str = ""
    expected_minutes: int = 5
    query_seconds: float = 300
    races: int = mailbox.RACES
    clock: Clock = CLOCK
    stop: threading.Event = field(default_factory=threading.Event)


def examine(patient: Patient, tell: Callable[[Finding], object] = lambda finding: None) -> tuple[Finding, ...]:
    """Looks at everything in order and answers every finding; ``tell`` hears each at once. Changes nothing in Sage."""
    found: list[Finding] = []
    for finding in _round(patient):
        found.append(finding)
        tell(finding)
    return tuple(found)


def healthy(findings: Sequence[Finding]) -> bool:
    """Whether nothing failed; what is worth a look does not count."""
    return not any(each.verdict is Verdict.FAIL for each in findings)


def _round(patient: Patient) -> Iterator[Finding]:
    looks: tuple[tuple[str, str, Look], ...] = (
        ("drivers", "ODBC driver", lambda: _drivers(patient)),
        ("connection", "Connection settings", lambda: _settings(patient)),
        ("folder", "Sage data folder", lambda: _folder(patient)),
        ("one_folder", ONE_COMPANY, lambda: _one_folder(patient)),
        ("login", "Sage login", lambda: _company(patient)),
        ("mailbox", mailbox.TITLE, lambda: mailbox.look(patient.folder / "Imports", patient.races, patient.stop)),
        ("fresh", "Last reading of Sage", lambda: _fresh(patient)),
    )
    for key, title, look in looks:
        if patient.stop.is_set():
            return
        yield from guarded(key, title, look)


def _drivers(patient: Patient) -> Iterator[Finding]:
    title = "ODBC driver"
    if patient.connection is None:
        yield Finding("drivers", title, Verdict.SKIPPED, "the stand-in company is read without a driver.")
        return
    wanted = patient.connection.driver
    seen: list[str] = []
    for sight in patient.sights():
        if isinstance(sight, ForPeople):
            yield Finding("drivers", title, Verdict.LOOK, sight.what, sight.next_step)
            continue
        seen += sight.drivers
        listed = ", ".join(sight.drivers) or "none"
        yield Finding("drivers", f"Drivers seen {sight.where} ({sight.bits}-bit)", Verdict.PASS, f"{listed}.")
    if not wanted:
        yield Finding("drivers", title, Verdict.PASS, f"the data source {patient.connection.dsn} names its driver.")
    elif any(each.lower() == wanted.lower() for each in seen):
        yield Finding("drivers", title, Verdict.PASS, f"“{wanted}” is installed.")
    else:
        others = ", ".join(dict.fromkeys(seen)) or "none"
        yield Finding(
            *("drivers", title, Verdict.FAIL, f"“{wanted}” is not installed on this computer. Installed: {others}."),
            "Install the Sage client with its ODBC driver, or choose one that is installed.",
        )


def _settings(patient: Patient) -> Iterator[Finding]:
    title = "Connection settings"
    if patient.connection is None:
        return
    problems = patient.connection.check()
    for problem in problems:
        yield Finding("connection", title, Verdict.LOOK, problem)
    if not problems:
        yield Finding("connection", title, Verdict.PASS, "nothing in them contradicts itself.")


def _folder(patient: Patient) -> Iterator[Finding]:
    title, folder = "Sage data folder", patient.folder
    name = control_name(folder)
    if not folder.is_dir():
        yield Finding(
            *("folder", title, Verdict.FAIL, f"{folder} is not there."),
            "Check the network drive, or choose the company's data folder.",
        )
    elif not name:
        yield Finding(
            *("folder", title, Verdict.LOOK, f"{folder} has no control file (tl.ctl) that tells the company's name."),
            "Check that this is a company's data folder of Sage.",
        )
    elif patient.company and name != patient.company:
        yield Finding(
            *("folder", title, Verdict.FAIL, f"{folder} belongs to “{name}”, not to “{patient.company}”."),
            "Choose the folder of the right company. Nothing is read from this one.",
        )
    else:
        yield Finding("folder", title, Verdict.PASS, f"{folder} belongs to “{name}”.")
    if patient.registry is None:
        return
    for each in find_folders(patient.registry):
        words = f"“{each.company}” in {each.path}." if each.usable else f"{each.path}: {each.problem}"
        yield Finding("folders", "Also on this computer", Verdict.PASS if each.usable else Verdict.LOOK, words)


def _one_folder(patient: Patient) -> Iterator[Finding]:
    """Reads must not come from one company while files go to another."""
    connection, folder = patient.connection, patient.folder
    if connection is None:
        return
    if not connection.folder:
        way = f"the data source {connection.dsn}" if connection.dsn else "the connection"
        words = f"{way} names no folder, so it cannot be compared with {folder}."
        yield Finding(
            *("one_folder", ONE_COMPANY, Verdict.LOOK, words),
            "Check that it leads there, or enter the folder in the connection as well (DBQ).",
        )
    elif apart := why_apart(folder, connection.folder):
        yield Finding("one_folder", ONE_COMPANY, Verdict.FAIL, apart, ONE_FOLDER)
    else:
        yield Finding("one_folder", ONE_COMPANY, Verdict.PASS, "Sage is read from the folder to which files go.")


def _company(patient: Patient) -> Iterator[Finding]:
    session = Session(patient.connect, patient.query_seconds, patient.stop)
    try:
        yield Finding("login", "Sage login", Verdict.PASS, "the company opens.")
        yield from guarded("rights", "Rights of the login", lambda: _rights(patient))
        yield from guarded("tables", "Tables", lambda: _tables(patient, probe(session)))
    finally:
        session.close()


def _rights(patient: Patient) -> Iterator[Finding]:
    rights = check_rights(watched(patient.writable or patient.connect, patient.query_seconds, patient.stop))
    verdict = Verdict.PASS if rights.proven else Verdict.LOOK
    yield Finding("rights", "Rights of the login", verdict, rights.sentence)


def _tables(patient: Patient, known: Capabilities) -> Iterator[Finding]:
    count = len(known.columns)
    yield Finding("tables", "Tables", Verdict.PASS, f"{count} tables that erpdesk knows are there and can be read.")
    lacking = known.sentences()
    for words in lacking[:_MANY]:
        yield Finding("tables", "Not there", Verdict.LOOK, words)
    if len(lacking) > _MANY:
        more = f"{len(lacking) - _MANY} more tables or columns are not there; nothing that erpdesk cannot do without."
        yield Finding("tables", "Not there", Verdict.LOOK, more)
    for words in known.summary():
        yield Finding("company", "About this company", Verdict.PASS, words)
    yield from _masks(patient, known)


def _masks(patient: Patient, known: Capabilities) -> Iterator[Finding]:
    title = "ID formats"
    if not known.masks.from_sage:
        yield Finding(
            *("masks", title, Verdict.LOOK, "Sage's ID formats cannot be read, so only Sage itself checks an ID."),
            "Let the Sage user read the control records, and enter the commitment ID format in the settings.",
        )
        return
    # An ID that erpdesk's format lets pass shows whether Sage's does.
    example = patient.mask.translate(str.maketrans("9X", "11"))
    problem = known.masks.fits("commitment", example) if example else ""
    if problem:
        yield Finding(
            *("masks", title, Verdict.FAIL, f"an ID in erpdesk's format {patient.mask} does not fit Sage's: {problem}"),
            "Correct the commitment ID format in the settings.",
        )
    else:
        own = f" {patient.mask} fits them." if example else ""
        yield Finding("masks", title, Verdict.PASS, f"Sage's ID formats can be read.{own}")


def _fresh(patient: Patient) -> Iterator[Finding]:
    if patient.last_read is None:
        return
    title, began = "Last reading of Sage", patient.last_read()
    if began is None:
        yield Finding(
            "fresh",
            title,
            Verdict.LOOK,
            "Sage was never read.",
            "Press Read now in the window or run “erpdesk sync”, and look again.",
        )
        return
    age = patient.clock.now() - began
    words = f"begun {began.astimezone():%m/%d/%Y %H:%M}."
    if age > max(timedelta(minutes=3 * patient.expected_minutes), timedelta(minutes=15)):
        step = "See in the status bar why Sage is not read, or press Read now."
        yield Finding("fresh", title, Verdict.LOOK, words, step)
    else:
        yield Finding("fresh", title, Verdict.PASS, words)
