"""A small stand-in company for the corpus, with tables that take any row, as old data files do."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from erpdesk.sync.sage.tables import catalogue
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.tables import insert
from tests.corpus.cases import Text, stored

NAME = "Cedar & Stone Builders"


def build(folder: Path) -> Path:
    """A company with a few rows in every table that the workflows rest on; amounts that no double holds exactly."""
    company = SandboxCompany.create(folder, NAME)
    with company.changing() as db:
        jobs = [f"J-{at}" for at in range(1, 6)]
        insert(db, "JCM_MASTER__JOB", [{"Job": job, "Status": "In progress", "JTD_Cost": 10.1} for job in jobs])
        insert(db, "JCM_MASTER__EXTRA", [{"Job": job, "Extra": "X1", "Description": "Extra"} for job in jobs[:2]])
        codes = [(job, f"01-{at}00") for job in jobs[:3] for at in range(1, 5)]
        insert(db, "JCM_MASTER__COST_CODE", [{"Job": job, "Cost_Code": code} for job, code in codes])
        insert(
            db,
            "JCM_MASTER__CATEGORY",
            [{"Job": job, "Cost_Code": code, "Category": "SUB", "Total_Estimate": 99.99} for job, code in codes],
        )
        insert(
            db,
            "APM_MASTER__VENDOR",
            [{"Vendor": f"V{at:02}", "Name": f"Vendor {at}", "GL_Ins_Expiration_Dt": "2027-01-31"} for at in range(12)],
        )
        headers = [f"SC-{at}" for at in range(1, 5)]
        insert(
            db,
            "JCM_MASTER__COMMITMENT",
            [{"Commitment": each, "Vendor": "V01", "Job": "J-1", "Amount": 0.3} for each in headers],
        )
        lines = [(each, at) for each in headers for at in (1, 2)]
        insert(
            db,
            "JCM_MASTER__COMMITMENT_ITEM",
            [{"Commitment": each, "Item_Number": at, "Job": "J-1", "Amount": at / 10} for each, at in lines],
        )
        insert(db, "JCM_MASTER__COMMITMENT_CO", [{"Commitment": "SC-1", "Commitment_CO": "C1", "Amount": 5.55}])
        insert(db, "TXM_MASTER__TAX_GROUP", [{"Tax_Group": "TX", "Rate": 8.25}])
        costs = [
            {"Run": 1, "Sequence": at, "Job": "J-1", "Amount": at * 1.1, "Transaction_Date": "2026-11-24"}
            for at in range(1, 31)
        ]
        insert(db, "JCT_CURRENT__TRANSACTION", costs)
    with closing(sqlite3.connect(folder / "tsdata.db")) as db:
        for each in catalogue():
            _loosen(db, each.name)
        db.commit()
    return folder


def _loosen(db: sqlite3.Connection, name: str) -> None:
    """The same table without its key and its rule that nothing is empty: Sage's files hold worse than Sage lets in."""
    found = db.execute(f"PRAGMA table_info({name})").fetchall()
    parts = [f'"{column}" {kind} {f"DEFAULT {default}" if default else ""}' for _, column, kind, _, default, _ in found]
    db.execute(f"ALTER TABLE {name} RENAME TO before")
    db.execute(f"CREATE TABLE {name} ({', '.join(parts)})")
    db.execute(f"INSERT INTO {name} SELECT * FROM before")
    db.execute("DROP TABLE before")


def put(folder: Path, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows as they are given, text of any bytes included."""
    with closing(sqlite3.connect(folder / "tsdata.db")) as db, db:
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("CAST(? AS TEXT)" if isinstance(value, Text) else "?" for value in row.values())
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*map(stored, row.values())])


def split(folder: Path, table: str, key: Sequence[str]) -> None:
    """Shows a table in two parts, as a driver does that lets only so many columns through; each repeats the key."""
    with closing(sqlite3.connect(folder / "tsdata.db")) as db, db:
        names = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})") if name not in key]
        half = len(names) // 2
        db.execute(f"ALTER TABLE {table} RENAME TO whole")
        for number, some in ((1, names[:half]), (2, names[half:])):
            listed = ", ".join(f'"{name}"' for name in (*key, *some))
            db.execute(f"CREATE VIEW {table}_{number} AS SELECT {listed} FROM whole")


def widen(folder: Path, table: str, columns: int) -> None:
    """A company's own fields, so many that the table is wider than old drivers show."""
    with closing(sqlite3.connect(folder / "tsdata.db")) as db, db:
        for number in range(columns):
            db.execute(f"ALTER TABLE {table} ADD COLUMN Custom_{number} DOUBLE DEFAULT {number}")


def rename_company(folder: Path, name: str) -> None:
    """The control file says that this is another company."""
    file = folder / "tl.ctl"
    raw = file.read_bytes()
    file.write_bytes(raw[:16] + name.encode("cp1252").ljust(34) + raw[50:])
