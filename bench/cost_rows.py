"""Job-cost transactions made from a seed: the same rows as frozen records and as a SQLite table."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from bench.common import SEED
from erpdesk.views.kit.columns import Column

FIRST_DAY = date(2024, 1, 2)
WORDS = ("Concrete", "Rebar", "Formwork", "Steel", "Masonry", "Glazing", "Conduit", "Drywall", "Paint", "Ductwork")
VENDORS = tuple(f"{name} {kind}" for name in WORDS for kind in ("Supply Co.", "Partners", "& Sons", "Works"))
NEEDLE = "needle"
"""A word that one row in a thousand holds."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One job-cost transaction; amount in whole cents, units with four decimals."""

    id: int
    job: str
    extra: str
    cost_code: str
    category: str
    type: str
    day: date
    accounting_day: date
    vendor: str
    invoice: str
    description: str
    batch: int
    units: Decimal
    amount: Decimal


def cost_rows(count: int) -> list[CostRow]:
    """The first ``count`` transactions."""
    pick = random.Random(SEED)
    rows = []
    for number in range(1, count + 1):
        day = FIRST_DAY + timedelta(days=pick.randrange(700))
        rare = f" {NEEDLE}" if number % 1000 == 7 else ""
        rows.append(
            CostRow(
                id=number,
                job=f"{pick.randint(1, 40):02d}-{pick.randint(1, 9):03d}",
                extra="" if pick.random() < 0.9 else f"E{pick.randint(1, 9)}",
                cost_code=f"{pick.randint(1, 16):02d}-{pick.randint(100, 999)}",
                category=pick.choice("LMSEO"),
                type=pick.choice(("AP cost", "PR cost", "JC cost", "EQ cost")),
                day=day,
                accounting_day=day + timedelta(days=pick.randrange(5)),
                vendor=pick.choice(VENDORS),
                invoice=f"{pick.randrange(10**7):07d}",
                description=f"{pick.choice(WORDS)} {pick.choice(WORDS).lower()} {pick.randrange(10**4)}{rare}",
                batch=pick.randrange(5000),
                units=Decimal(pick.randrange(10**6)) / 10000,
                amount=Decimal(pick.randrange(-(10**6), 10**7)) / 100,
            )
        )
    return rows


def columns() -> list[Column]:
    """How a list shows them."""
    kinds = {"id": "number", "batch": "number", "day": "date", "accounting_day": "date"}
    kinds |= {"units": "quantity", "amount": "money"}
    return [
        Column(field.name, field.name.capitalize(), kinds.get(field.name, "text"), value=attrgetter(field.name))
        for field in fields(CostRow)
    ]


def write_database(path: Path, rows: list[CostRow]) -> None:
    """A SQLite file with the rows in table ``cost``: amounts in cents, units in ten-thousandths, dates as ISO text."""
    names = ", ".join(field.name for field in fields(CostRow))
    kinds = ", ".join("id INTEGER PRIMARY KEY" if field.name == "id" else field.name for field in fields(CostRow))
    marks = ", ".join("?" for _ in fields(CostRow))
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE cost ({kinds})")
        connection.executemany(f"INSERT INTO cost ({names}) VALUES ({marks})", map(_stored, rows))
    connection.close()


def _stored(row: CostRow) -> tuple[object, ...]:
    *plain, units, amount = astuple(row)
    return (
        *(value.isoformat() if isinstance(value, date) else value for value in plain),
        int(units * 10000),
        int(amount * 100),
    )


def read_database(path: Path) -> list[CostRow]:
    """The rows of such a file as frozen records again."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT * FROM cost ORDER BY id").fetchall()
    connection.close()
    return [CostRow(*_read(record)) for record in found]


def _read(stored: Sequence[Any]) -> tuple[Any, ...]:
    *plain, units, amount = stored
    days = (date.fromisoformat(text) for text in plain[6:8])
    return (*plain[:6], *days, *plain[8:], Decimal(units) / 10000, Decimal(amount) / 100)
