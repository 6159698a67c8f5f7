"""Job-cost transactions of a sample company: in a mirror as the program keeps it, and as a bare SQLite table."""

from __future__ import annotations

import sqlite3
from operator import attrgetter
from pathlib import Path

from bench.common import SEED
from erpdesk.core.lists import ListAsk
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.transactions import MirrorTransactions
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sandbox.sample import make_sample
from erpdesk.views.kit.columns import Column

NEEDLE = "decking"
"""A word that one row in a thousand holds."""
SEARCHED = ("job", "extra", "cost_code", "category", "type", "vendor", "invoice", "commitment", "description")
_KINDS = {"day": "date", "accounting_day": "date", "units": "quantity", "amount": "money"}
_FIELDS = ("id", "day", "accounting_day", *SEARCHED, "units", "amount")


def columns() -> list[Column]:
    """How a list shows them."""
    return [
        Column(field, field.replace("_", " ").capitalize(), _KINDS.get(field, "text"), value=attrgetter(field))
        for field in _FIELDS
        if field != "id"
    ]


def make_mirror(folder: Path, count: int) -> MirrorTransactions:
    """The mirror of a company with so many transactions, and all of them as one source."""
    make_sample(folder / "sage", seed=SEED, transactions=count)
    numbers: list[int] = []
    store = MirrorStore(folder, lambda: numbers[-1] if numbers else None, numbers.append)
    report = Mirror(store).refresh(SageReader(open_standin(folder / "sage")), lambda *_: None, lambda: False)
    if not report.ok:
        raise SystemExit("; ".join(report.problems))
    return open_mirror(folder)


def open_mirror(folder: Path) -> MirrorTransactions:
    """The source over a mirror that was made before."""
    return MirrorTransactions(MirrorStore(folder, lambda: 1, lambda _: None), None)


def write_plain(path: Path, source: MirrorTransactions) -> None:
    """A SQLite file with the same rows in table ``cost``: amounts in cents, units in ten-thousandths, ISO dates."""
    marks = ", ".join("?" for _ in _FIELDS)
    with sqlite3.connect(path) as connection:
        kinds = ", ".join("id INTEGER PRIMARY KEY" if field == "id" else field for field in _FIELDS)
        connection.execute(f"CREATE TABLE cost ({kinds})")
        rows = source.each(source.spine(ListAsk()).ids)
        connection.executemany(
            f"INSERT INTO cost VALUES ({marks})",
            (
                (
                    *(row.id, str(row.day), str(row.accounting_day)),
                    *(getattr(row, field) for field in SEARCHED),
                    *(int((row.units or 0) * 10000), int((row.amount or 0) * 100)),
                )
                for row in rows
            ),
        )
    connection.close()
