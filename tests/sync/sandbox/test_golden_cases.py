"""The stand-in Sage against golden cases: tiny companies, import files as raw bytes, what Sage's documents say of them.

The cases are data and never adjusted to a program. Only their commitment imports (.jcc) are run. Case 10 also imports
and posts an estimate with zero amounts first; here the codes and categories that it would have made are declared as an
explicit precondition, built by this test from the lines of that very file.
"""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import FILE, REJECT, ImportResult, import_commitments
from erpdesk.sync.sandbox.spec import create_from_spec

CASES = Path(__file__).resolve().parents[2] / "golden" / "sage"
Toml = dict[str, Any]

TYPES = {"Subcontract": 1, "Purchase order": 2}
TABLES = {
    "category": (
        "JCM_MASTER__CATEGORY",
        {"job": "Job", "extra": "Extra", "cost_code": "Cost_Code", "category": "Category"},
    ),
    "cost_code": ("JCM_MASTER__COST_CODE", {"job": "Job", "extra": "Extra", "cost_code": "Cost_Code"}),
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
}
ABOVE = {"approved_estimate_changes": "JTD_Aprvd_Estimate_Chgs"}


def _lines(spec: str) -> set[int]:
    found: set[int] = set()
    for part in spec.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _parsed(data: bytes) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(data.decode("cp1252"), newline=""))]


def _rows(path: Path) -> list[tuple[str, ...]]:
    return _parsed(path.read_bytes()) if path.exists() else []


def _steps() -> Iterator[tuple[str, Toml, Toml]]:
    for folder in sorted(path for path in CASES.iterdir() if path.is_dir()):
        company = tomllib.loads((folder / "company.toml").read_text("utf-8"))
        yield folder.name, company, tomllib.loads((folder / "expect.toml").read_text("utf-8"))


def _with_zero_estimate(company: Toml, folder: Path) -> Toml:
    """The company of case 10 with the codes that its zero estimate makes, each with a zero estimate."""
    for row in _parsed((folder / "zero.jce").read_bytes()):
        if row[0] == "C":
            assert Decimal(row[7]) == 0
            place = {"job": "14-101", "extra": ""}
            code = {"id": row[1], "description": row[2], "group": False, "status": "In progress"}
            company["cost_code"].append(place | code)
            company["category"].append(place | {"cost_code": row[1], "id": row[3]})
    return company


class Checker:
    """Compares what the company holds after a step with what the case asserts, and nothing else."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        self.connection = connection

    def row(self, level: str, wanted: Toml) -> sqlite3.Row | None:
        table, keys = TABLES[level]
        where = " AND ".join(f'"{column}" = ?' for column in keys.values())
        values = [wanted.get(name, "") for name in keys]
        found: sqlite3.Row | None = self.connection.execute(f"SELECT * FROM {table} WHERE {where}", values).fetchone()
        return found

    def state(self, state: Toml) -> None:
        for level, rows in state.items():
            for wanted in rows:
                found = self.row(level, wanted)
                if wanted.get("absent"):
                    assert found is None, f"{level} {wanted} should not be there"
                    continue
                assert found is not None, f"{level} {wanted} is missing"
                for name in wanted.keys() - TABLES[level][1].keys() - {"mark", "why"}:
                    self.field(level, wanted, name, found)

    def field(self, level: str, wanted: Toml, name: str, found: sqlite3.Row) -> None:
        value = wanted[name]
        if name == "items":
            sql = "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ?"
            got: object = str(self.connection.execute(sql, (wanted["id"],)).fetchone()[0])
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


def _verdicts(result: ImportResult, records: Iterable[Toml]) -> None:
    by_line = {verdict.line: verdict for verdict in result.verdicts}
    for expected in records:
        reasons = expected.get("reason", [])
        reasons = [reasons] if isinstance(reasons, str) else reasons
        for line in _lines(expected["lines"]):
            verdict = by_line[line]
            if expected["verdict"] == "accepted":
                assert verdict.accepted, verdict
            elif expected["verdict"] in ("rejected", "not_as_written"):
                # "Not as written" leaves open whether Sage cuts or rejects; the stand-in always rejects.
                assert verdict.reason in reasons or (expected["verdict"] == "not_as_written" and verdict.reason), (
                    verdict
                )
                assert verdict.sentence.endswith(".")


def _reject_file(company: SandboxCompany, source: bytes, result: ImportResult, expected: Toml) -> None:
    lines = dict(enumerate(_parsed(source), 1))
    rejected = _rows(company.imports / REJECT)
    must = {lines[n] for n in _lines(expected["lines"])} if expected.get("lines") else set()
    may = {lines[n] for n in _lines(expected["maybe"])} if expected.get("maybe") else set()
    assert must <= set(rejected)
    assert set(rejected) <= must | may
    # Nothing vanishes: each record is in the company or in the reject file.
    assert {lines[v.line] for v in result.verdicts if not v.accepted} == set(rejected)
    assert len(result.verdicts) == len(lines)


@pytest.mark.parametrize(("name", "spec", "expect"), [pytest.param(*case, id=case[0]) for case in _steps()])
def test_case(name: str, spec: Toml, expect: Toml, tmp_path: Path) -> None:
    """One case: build the company, import each .jcc file, compare verdicts, reject file and state."""
    spec = _with_zero_estimate(spec, CASES / name) if name.startswith("10-") else spec
    company = create_from_spec(tmp_path / "sage", spec)
    ran = 0
    for step in expect["step"]:
        if step["do"] != "import_commitments":
            continue
        ran += 1
        source = CASES / name / step["file"]
        shutil.copyfile(source, company.imports / FILE)
        result = import_commitments(company)
        assert bool(result.stopped) == (step["result"] == "stopped")
        _verdicts(result, step["record"])
        _reject_file(company, source.read_bytes(), result, step.get("reject", {}))
        with closing(company.connect()) as connection:
            checker = Checker(connection)
            checker.state(step["state"])
            for either in step.get("either", ()):
                found = checker.row("commitment", {"id": either["commitment"]})
                got = f"{found[COLUMNS.get(either['field'], either['field'].title())]:.2f}" if found else "absent"
                assert got in either["one_of"]
            assert ties(connection) == []
    assert ran
