"""Job Cost > Tools > Import POs/Commitments, as the stand-in Sage does it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal

from erpdesk.sync.sandbox.books import roll_up
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.entries import accept
from erpdesk.sync.sandbox.import_rules import Rules, documents
from erpdesk.sync.sandbox.jcc_reader import layout, read
from erpdesk.sync.sandbox.journal import Verdict
from erpdesk.sync.sandbox.reader import Record, Refusal
from erpdesk.sync.sandbox.running import Importer, ImportResult, Program, Run, Withdrawn, run_program

__all__ = ["FILE", "PRINT", "REJECT", "CommitmentImport", "ImportResult", "Withdrawn", "import_commitments"]

FILE = "commitments.jcc"
PRINT = "commitments.prn"
REJECT = "commitments.rej"
PROGRAM = Program(
    "import_commitments",
    "Job Cost > Tools > Import POs/Commitments",
    FILE,
    PRINT,
    REJECT,
    "Job Cost   Import POs/Commitments",
)


class CommitmentImport(Importer):
    """Commitments and their change orders; they go into the commitment records directly, without a posting."""

    def read(self, data: bytes, run: Run) -> list[Record]:
        """Cuts the file into records."""
        return read(data, run.company.settings.date_format)

    def enter(self, connection: sqlite3.Connection, records: list[Record], run: Run) -> tuple[Verdict, ...]:
        """Document by document: all of it or nothing of it."""
        rules = Rules(connection, run.company.settings)
        stamp = run.company.stamp()
        reject_next = run.company.faults.reject_next
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
                    name = record.text("commitment")
                    verdicts.append(Verdict(record.line, record.letters, name, why.reason, why.sentence))
            else:
                total, touched = accept(connection, document, stamp)
                jobs |= touched
                for record in document.records:
                    amount = total if record is document.header else None
                    verdicts.append(Verdict(record.line, record.letters, record.text("commitment"), amount=amount))
        roll_up(connection, jobs)
        verdicts.sort(key=lambda verdict: verdict.line)
        _warn(records, verdicts, run)
        return tuple(verdicts)


def _warn(records: list[Record], verdicts: list[Verdict], run: Run) -> None:
    accepted = {verdict.line for verdict in verdicts if verdict.accepted}
    limit = Decimal(layout()["line_amount_warning"])
    for record in records:
        if record.line in accepted and abs(record.number("amount")) > limit:
            run.warn("large_amount", f"the amount on line {record.line} is over {limit:,}.")


def import_commitments(
    company: SandboxCompany,
    *,
    on_step: Callable[[str], None] = lambda step: None,
    give_up: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Imports ``Imports/commitments.jcc``; see ``running.run_program`` for what happens in which order."""
    return run_program(company, PROGRAM, CommitmentImport(), on_step=on_step, give_up=give_up)
