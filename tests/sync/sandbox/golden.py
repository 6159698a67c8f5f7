"""Runs one golden case against the stand-in Sage: each step, its verdicts, its reject file, the state after it."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, ImportResult, post_entries, post_invoices, run_import

Toml = dict[str, Any]
PLACE = {"job": "Job", "extra": "Extra", "cost_code": "Cost_Code", "category": "Category"}
TYPES = {"Subcontract": 1, "Purchase order": 2}
INVOICE = {"vendor": "Vendor", "id": "Invoice"}
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "category": ("JCM_MASTER__CATEGORY", PLACE),
    "cost_code": ("JCM_MASTER__COST_CODE", {name: PLACE[name] for name in ("job", "extra", "cost_code")}),
    "extra": ("JCM_MASTER__EXTRA", {"job": "Job", "extra": "Extra"}),
    "job": ("JCM_MASTER__JOB", {"job": "Job"}),
    "commitment": ("JCM_MASTER__COMMITMENT", {"id": "Commitment"}),
    "item": ("JCM_MASTER__COMMITMENT_ITEM", {"commitment": "Commitment", "number": "Item_Number"}),
    "co": ("JCM_MASTER__COMMITMENT_CO", {"commitment": "Commitment", "id": "Commitment_CO"}),
}
COLUMNS = {
    "approved_co_amount": "Approved_Commitment_CO_Amount",
    "type": "Commitment_Type",
    "jtd_cost": "JTD_Cost",
    "unit": "Unit_Description",
    "use_pj_change_management": "Use_PJ_Change_Management",
    "extras_original_estimate": "Extras_Original_Estimate",
}
ABOVE = {"approved_estimate_changes": "JTD_Aprvd_Estimate_Chgs"}
UNASSERTED = {"mark", "why", "absent"}


def lines_of(spec: str) -> set[int]:
    """Line numbers as the cases write them: ``1,3-5``."""
    found: set[int] = set()
    for part in spec.replace(" ", "").split(","):
        if part:
            first, _, last = part.partition("-")
            found |= set(range(int(first), int(last or first) + 1))
    return found


def parsed(data: bytes) -> list[tuple[str, ...]]:
    """The fields of each line of an import file."""
    return [tuple(row) for row in csv.reader(io.StringIO(data.decode("cp1252"), newline=""))]


class GoldenRun:
    """A company of a case, and its steps one after the other."""

    def __init__(self, folder: Path, company: SandboxCompany) -> None:
        self.folder = folder
        self.company = company
        self.before = self.sums("JCT_CURRENT__TRANSACTION")

    def sums(self, table: str) -> dict[tuple[str, ...], Decimal]:
        """What the entries of a file come to, by place and type."""
        found: dict[tuple[str, ...], Decimal] = {}
        with closing(self.company.connect()) as door:
            sql = f"SELECT Job, Extra, Cost_Code, Category, Transaction_Type, Amount FROM {table}"
            for *key, amount in door.execute(sql):
                found[tuple(key)] = found.get(tuple(key), Decimal(0)) + Decimal(str(amount))
        return found

    def step(self, step: Toml) -> None:
        """Does one step and compares everything that the case asserts of it."""
        if step["do"] == "post_entries":
            assert not post_entries(self.company).stopped
        elif step["do"] == "post_invoices":
            assert not post_invoices(self.company).stopped
        else:
            self.imports(step)
        self.state(step.get("state", {}))
        for either in step.get("either", ()):
            self.either(either)
        with closing(self.company.connect()) as door:
            assert ties(door) == []

    def imports(self, step: Toml) -> None:
        """One import, from the mailbox and by the program's usual name."""
        program = PROGRAMS[step["do"]]
        data = (self.folder / step["file"]).read_bytes()
        shutil.copyfile(self.folder / step["file"], self.company.imports / program.file)
        layout = step.get("layout", "default")
        result = run_import(self.company, step["do"], options=step.get("options", {}), layout=layout)
        assert bool(result.stopped) == (step["result"] == "stopped")
        assert list(result.warned) == step.get("warnings", [])
        assert (self.company.imports / program.print).exists()
        self.verdicts(result, step["record"])
        if not result.stopped:
            self.rejects(self.company.imports / program.reject, data, result, step.get("reject", {}))

    def verdicts(self, result: ImportResult, records: Iterable[Toml]) -> None:
        """Each record's verdict and reason; what is open is open."""
        by_line = {verdict.line: verdict for verdict in result.verdicts}
        asserted: set[int] = set()
        for expected in records:
            reasons = expected.get("reason", [])
            reasons = [reasons] if isinstance(reasons, str) else reasons
            for line in lines_of(expected["lines"]):
                asserted.add(line)
                verdict = by_line[line]
                assert verdict.accepted or verdict.sentence.endswith(".")
                if expected["verdict"] == "accepted":
                    assert verdict.accepted, verdict
                elif expected["verdict"] == "rejected":
                    assert verdict.reason in reasons, verdict
                elif expected["verdict"] == "not_as_written":
                    # Whether Sage cuts or rejects is left open; the stand-in always rejects.
                    assert not verdict.accepted, verdict
        assert asserted == set(by_line)

    def rejects(self, path: Path, source: bytes, result: ImportResult, expected: Toml) -> None:
        """The reject file holds what it must, nothing but what it may; no record vanishes."""
        lines = dict(enumerate(parsed(source), 1))
        rejected = parsed(path.read_bytes()) if path.exists() else []
        must = {lines[number] for number in lines_of(expected.get("lines", ""))}
        may = {lines[number] for number in lines_of(expected.get("maybe", ""))}
        assert must <= set(rejected) <= must | may
        assert {lines[verdict.line] for verdict in result.verdicts if not verdict.accepted} == set(rejected)
        assert len(result.verdicts) == len(lines)

    def state(self, state: Toml) -> None:
        """The rows that the case names, and of them the fields that it names."""
        with closing(self.company.connect()) as door:
            door.row_factory = sqlite3.Row
            for level, rows in state.items():
                for wanted in [rows] if isinstance(rows, dict) else rows:
                    self.compare(door, level, wanted)

    def compare(self, door: sqlite3.Connection, level: str, wanted: Toml) -> None:
        """One row of the state."""
        if level == "counts":
            assert door.execute("SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT_CO").fetchone()[0] == 0
            assert set(wanted) == {"change_orders", "mark"} and wanted["change_orders"] == 0
        elif level in ("unposted", "posted"):
            self.entries(level, wanted)
        elif level in ("invoice", "distribution"):
            self.invoice(door, level, wanted)
        else:
            table, keys = TABLES[level]
            found = self.row(door, table, keys, wanted)
            if wanted.get("absent"):
                assert found is None, f"{level} {wanted} should not be there"
                return
            assert found is not None, f"{level} {wanted} is missing"
            for name in wanted.keys() - keys.keys() - UNASSERTED:
                self.field(door, level, wanted, name, found)

    def row(self, door: sqlite3.Connection, table: str, keys: dict[str, str], wanted: Toml) -> sqlite3.Row | None:
        """The row with the key that the case names; an extra that is not named is the base."""
        where = " AND ".join(f"{column} = ?" for column in keys.values())
        found: sqlite3.Row | None = door.execute(
            f"SELECT * FROM {table} WHERE {where}", [wanted.get(name, "") for name in keys]
        ).fetchone()
        return found

    def entries(self, level: str, wanted: Toml) -> None:
        """What waits in new.jct, or was added to current.jct since the start."""
        place = tuple(wanted.get(name, "") for name in PLACE)
        if level == "unposted":
            sums = self.sums("JCT_NEW__TRANSACTION")
            got = sum((amount for key, amount in sums.items() if key[:4] == place), Decimal(0))
        else:
            key = (*place, wanted["type"])
            got = self.sums("JCT_CURRENT__TRANSACTION").get(key, Decimal(0)) - self.before.get(key, Decimal(0))
        assert got == Decimal(wanted["amount"]), f"{level} {wanted}: {got}"

    def invoice(self, door: sqlite3.Connection, level: str, wanted: Toml) -> None:
        """An invoice or one of its distributions, wherever it stands."""
        kind = level.upper()
        keys = INVOICE | ({"number": "Dist_Seq"} if level == "distribution" else {})
        found = {
            where: self.row(door, f"{table}__{kind}", keys, wanted)
            for where, table in (("new", "API_NEW"), ("master", "APM_MASTER"))
        }
        there = [where for where, row in found.items() if row is not None]
        if wanted.get("absent"):
            assert there == []
            return
        assert len(there) == 1, f"{level} {wanted} stands in {there}"
        assert wanted.get("where", there[0]) == there[0]
        row = found[there[0]]
        assert row is not None
        for name in wanted.keys() - keys.keys() - UNASSERTED - {"where"}:
            self.field(door, level, wanted, name, row)

    def field(self, door: sqlite3.Connection, level: str, wanted: Toml, name: str, found: sqlite3.Row) -> None:
        """One field of a row; amounts and units are compared as decimals."""
        value = wanted[name]
        if name == "items":
            sql = "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ?"
            got: object = str(door.execute(sql, (wanted["id"],)).fetchone()[0])
        elif name == "type":
            got = TYPES[found["Commitment_Type"]]
        else:
            column = COLUMNS.get(name, name.title())
            if level in ("cost_code", "job"):
                column = ABOVE.get(name, column)
            got = found[column]
            if isinstance(got, float):
                got, value = round(Decimal(got), 4), Decimal(value)
        assert got == value, f"{level} {wanted}: {name} is {got!r}"

    def either(self, either: Toml) -> None:
        """A field of a document that is left open has one of the values that can be meant."""
        with closing(self.company.connect()) as door:
            door.row_factory = sqlite3.Row
            table, keys = TABLES["commitment"]
            found = self.row(door, table, keys, {"id": either["commitment"]})
        column = COLUMNS.get(either["field"], either["field"].title())
        got = f"{found[column]:.2f}" if found is not None else "absent"
        assert got in either["one_of"], got
