"""Job Cost > Tools > Import Direct Costs: costs and ledger lines that wait in new.jct for Post Entries."""

from __future__ import annotations

import sqlite3
from decimal import ROUND_HALF_UP, Decimal

from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.journal import Verdict
from erpdesk.sync.sandbox.newjct import COST_TYPE, LEDGER_TYPE, NewEntries
from erpdesk.sync.sandbox.places import PLACE, Places
from erpdesk.sync.sandbox.reader import Record, Refusal, layout_file, read_file
from erpdesk.sync.sandbox.running import Importer, Program, Run

CENT = Decimal("0.01")
PROGRAM = Program(
    "import_direct_costs",
    "Job Cost > Tools > Import Direct Costs",
    "direct.txt",
    "direct.prn",
    "direct.rej",
    "Job Cost   Import Direct Costs",
)


class DirectCostImport(Importer):
    """Direct costs (DC) and ledger lines (GL), line by line."""

    def read(self, data: bytes, run: Run) -> list[Record]:
        """Cuts the file into records; dates by the company's date option."""
        return read_file(data, layout_file("direct_layout")["record"], run.company.settings.date_format)

    def enter(self, connection: sqlite3.Connection, records: list[Record], run: Run) -> tuple[Verdict, ...]:
        """Each line stands alone."""
        settings = run.company.settings
        places = Places(connection)
        new = NewEntries(connection, "Direct cost import", run.company.stamp())
        reject_next = run.company.faults.reject_next
        verdicts = []
        for record in records:
            refusal = record.refusal or _refusal(record, places, settings)
            if refusal is None and reject_next:
                refusal, reject_next = Refusal("refused_by_sage", reject_next), ""
            if refusal:
                sentence = refusal.sentence
                verdicts.append(Verdict(record.line, record.letters, record.text("job"), refusal.reason, sentence))
                continue
            day = record.day("accounting_date")
            if day and settings.closed("JC", day) == "warn":
                run.warn("closed_period", f"the accounting date of line {record.line} is in a closed period.")
            _add(new, record)
            amount = record.number("amount")
            verdicts.append(Verdict(record.line, record.letters, record.text("job"), amount=amount))
        return tuple(verdicts)


def _refusal(record: Record, places: Places, settings: Settings) -> Refusal | None:
    day = record.day("accounting_date")
    if day and settings.closed("JC", day) == "stop":
        return Refusal("closed_period", f"the accounting date {day} is in a closed period of Job Cost.")
    if record.letters == "GL":
        return _ledger(record, places)
    refusal = places.refusal(record)
    for name in ("debit_account", "credit_account"):
        refusal = refusal or places.account(record.text(name))
    if refusal:
        return refusal
    units, cost = record.number("units"), record.number("unit_cost")
    worth = (units * cost).quantize(CENT, ROUND_HALF_UP)
    if units and cost and abs(worth - record.number("amount")) > CENT:
        return Refusal("number_range", f"units times unit cost come to {worth}, not to the amount.")
    return None


def _ledger(record: Record, places: Places) -> Refusal | None:
    for name in ("debit_account", "credit_account"):
        account = record.text(name)
        if not places.row("SELECT 1 FROM GLM_MASTER__ACCOUNT WHERE Account = ?", account):
            return Refusal("unknown_account", f"account {account} does not exist in General Ledger.")
    return None


def _add(new: NewEntries, record: Record) -> None:
    job, extra, code, category = (record.text(name) for name in PLACE)
    ledger = record.letters == "GL"
    new.add(
        (job, extra, code, category),
        Transaction_Type=LEDGER_TYPE if ledger else COST_TYPE,
        Transaction_Date=str(record.day("transaction_date")),
        Accounting_Date=str(record.day("accounting_date")),
        Description=record.text("description"),
        Units=float(record.number("units")),
        Unit_Cost=float(record.number("unit_cost")),
        Amount=float(record.number("amount")),
        Debit_Account=record.text("debit_account"),
        Credit_Account=record.text("credit_account"),
    )
