"""Job Cost > Tools > Import POs/Commitments, as the stand-in Sage does it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from erpdesk.sync.sandbox.books import roll_up
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.entries import accept
from erpdesk.sync.sandbox.import_rules import Rules, documents
from erpdesk.sync.sandbox.jcc_reader import Record, Refusal, layout, read
from erpdesk.sync.sandbox.journal import Verdict, journal, publish, rejects

FILE = "commitments.jcc"
PRINT = "commitments.prn"
REJECT = "commitments.rej"
BUSY_SECONDS = 30.0


@dataclass(frozen=True)
class ImportResult:
    """What an import did: one verdict for each record in file order, or why it stopped before it did anything."""

    verdicts: tuple[Verdict, ...] = ()
    stopped: str = ""
    warnings: tuple[str, ...] = ()


class Withdrawn(FileNotFoundError):
    """The import file was taken away before it was read: there was no import, and there is no journal."""


class _Stopped(Exception):
    """The import ends before it changed anything; the text goes to the journal."""


def import_commitments(
    company: SandboxCompany,
    *,
    on_step: Callable[[str], None] = lambda step: None,
    give_up: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Imports ``Imports/commitments.jcc``, then writes the rejects (if any) and last the journal.

    The tables change in one transaction. ``on_step`` hears ``read``, ``committed``, ``rejects_written``, ``printed``.
    ``give_up`` is asked while other users keep the tables busy: when it says yes, ``sqlite3.OperationalError`` comes
    out and nothing was imported or printed. The input stays where it is; without one: ``Withdrawn``.
    """
    source = company.imports / FILE
    records: list[Record] = []
    try:
        records = _read(company, source)
        on_step("read")
        verdicts, warnings = _import(company, records, give_up)
        result = ImportResult(verdicts, "", warnings)
        on_step("committed")
    except _Stopped as stop:
        result = ImportResult(stopped=str(stop))
    rejected = rejects(records, result.verdicts)
    if rejected:
        publish(company.imports / REJECT, rejected)
    else:
        (company.imports / REJECT).unlink(missing_ok=True)
    on_step("rejects_written")
    printed = journal(company.name, FILE, result.verdicts, result.warnings, result.stopped)
    publish(company.imports / PRINT, printed)
    on_step("printed")
    return result


def _read(company: SandboxCompany, source: Path) -> list[Record]:
    if company.faults.no_licence:
        raise _Stopped("all Job Cost licences are in use. Nothing was imported.")
    if company.faults.lock:
        raise _Stopped(f"{FILE} is in use or has been marked as read-only. Nothing was imported.")
    try:
        data = source.read_bytes()
    except FileNotFoundError as error:
        raise Withdrawn(error.errno, error.strerror, error.filename) from error
    except OSError as error:
        raise _Stopped(f"{FILE} cannot be opened ({error.strerror}). Nothing was imported.") from error
    records = read(data, company.settings.date_format)
    if not records:
        raise _Stopped(f"{FILE} holds no records. Nothing was imported.")
    return records


def _import(
    company: SandboxCompany, records: list[Record], give_up: Callable[[], bool]
) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
    with closing(company.writable()) as connection:
        _patiently(connection, "BEGIN IMMEDIATE", give_up)
        try:
            done = _enter(company, connection, records)
            _patiently(connection, "COMMIT", give_up)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if company.faults.reject_next and any(verdict.reason == "refused_by_sage" for verdict in done[0]):
        company.set_faults(reject_next="")
    return done


def _patiently(connection: sqlite3.Connection, statement: str, give_up: Callable[[], bool]) -> None:
    """Begins or commits while others read: tries again for a while, then stops the import."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or give_up():
                raise
            if time.monotonic() > until:
                raise _Stopped("the company's files are in use by another program. Nothing was imported.") from error


def _enter(
    company: SandboxCompany, connection: sqlite3.Connection, records: list[Record]
) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
    rules = Rules(connection, company.settings)
    stamp = company.stamp()
    reject_next = company.faults.reject_next
    verdicts: list[Verdict] = []
    jobs: set[str] = set()
    for document in documents(records):
        refused = rules.refusals(document)
        if reject_next and not refused and document.header:
            line = document.header.line
            refused = {
                record.line: Refusal("with_its_header", f"its header on line {line} was rejected.")
                for record in document.lines
            } | {line: Refusal("refused_by_sage", reject_next)}
            reject_next = ""
        if refused:
            for record in document.records:
                why = refused[record.line]
                commitment = record.text("commitment")
                verdicts.append(Verdict(record.line, record.letters, commitment, why.reason, why.sentence))
        else:
            total, touched = accept(connection, document, stamp)
            jobs |= touched
            for record in document.records:
                amount = total if record is document.header else None
                verdicts.append(Verdict(record.line, record.letters, record.text("commitment"), amount=amount))
    roll_up(connection, jobs)
    verdicts.sort(key=lambda verdict: verdict.line)
    return tuple(verdicts), _warnings(records, verdicts)


def _warnings(records: list[Record], verdicts: list[Verdict]) -> tuple[str, ...]:
    accepted = {verdict.line for verdict in verdicts if verdict.accepted}
    limit = Decimal(layout()["line_amount_warning"])
    return tuple(
        f"the amount on line {record.line} is over {limit:,}."
        for record in records
        if record.line in accepted and abs(record.number("amount")) > limit
    )
