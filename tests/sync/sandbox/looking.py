"""Ways to look into a stand-in company after an import: one value, one row, the reasons; the books tie each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import ImportResult, run_import

SOUND = {
    "import_estimates": ('"*","J1","One"', '"C","05-100","Text","S",03012026,1.00,"ea",10.00'),
    "import_commitments": (
        '"C","SC-1",1,"Steel","STEEL",01/02/2026,10,1,0,0',
        '"CI","SC-1",1,"Line",,,,"J1","","05-100","S","",,,,"",100.00',
    ),
    "import_direct_costs": ('"DC","J1","","05-100","S",2,"10/30/2026","10/31/2026","Text",,,10.00,"",""',),
    "import_ap": (
        '"APIF","STEEL","I-1","Text",50.00,,,,10/30/2026,,,,10/31/2026,,,,,,,,',
        '"APDF","OPEN",1,,,"J1","X1","05-100","S",,,"",,,,,,50.00,,,,,,,,,,,,,,"Text",,',
    ),
}
"""A file of each program that goes into the small company of the tests."""


def row(company: SandboxCompany, sql: str, *values: object) -> dict[str, Any]:
    """The first row of a query through the door, by column name; empty when there is none."""
    with closing(company.connect()) as door:
        assert ties(door) == []
        door.row_factory = sqlite3.Row
        found = door.execute(sql, values).fetchone()
        return dict(found) if found is not None else {}


def value(company: SandboxCompany, sql: str, *values: object) -> Any:
    """The first value of the first row."""
    return next(iter(row(company, sql, *values).values()))


def reasons(result: ImportResult) -> list[str]:
    """The reason of each record in file order; blank for an accepted one."""
    return [verdict.reason for verdict in result.verdicts]


def run(company: SandboxCompany, program: str, **options: Any) -> list[str]:
    """Runs an import that is not stopped, and answers its reasons."""
    result = run_import(company, program, **options)
    assert not result.stopped
    return reasons(result)
