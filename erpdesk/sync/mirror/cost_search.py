"""Makes hundreds of thousands of job-cost transactions quick to sort and to search by any part of a word.

Costs repeat their words: so few descriptions, vendors and invoices stand behind so many rows that the trigram index is
over the distinct texts of each column, and an ordinary index leads from a text to its rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import apsw

from erpdesk.core.money import parse_amount, to_whole_cents

SORTED = (
    *("transaction_date", "accounting_date", "cost_code", "vendor", "invoice", "commitment", "description", "amount"),
)
"""Columns with an index of their own, which also holds the job: one job and the whole company both follow it."""

SEARCHED = (
    *("job", "extra", "cost_code", "category", "transaction_type", "vendor", "invoice", "commitment", "description"),
)
"""Columns in which words are looked for."""

LIVE = '"gone_run" IS NULL'
_TRIGRAM = 3
_FEW = 5000
_MOST_CENTS = 10**18
_ADD = "INSERT OR IGNORE INTO job_cost_text (field, value)"
_FIND = "CREATE VIRTUAL TABLE job_cost_find USING fts5(value, content='job_cost_text', content_rowid='id', "
_GROWS = (
    "CREATE TRIGGER job_cost_grows AFTER INSERT ON job_cost_text "
    "BEGIN INSERT INTO job_cost_find (rowid, value) VALUES (new.id, new.value); END"
)


def names(columns: Sequence[str]) -> str:
    """Column names as SQL writes them."""
    return ", ".join(f'"{column}"' for column in columns)


def index_name(column: str) -> str:
    """The index that keeps a column in order."""
    return f"job_cost_by_{column}"


def build(db: apsw.Connection) -> None:
    """Makes indexes and search over the rows that are there; once, after the first load."""
    for column in SORTED:
        db.execute(f'CREATE INDEX {index_name(column)} ON job_cost ("{column}", "job") WHERE {LIVE}')
    db.execute("CREATE TABLE job_cost_text (id INTEGER PRIMARY KEY, field TEXT, value TEXT, UNIQUE (field, value))")
    for column in SEARCHED:
        if column in SORTED:
            # The index yields the distinct texts without sorting the rows.
            texts = f'SELECT DISTINCT "{column}" AS value FROM job_cost WHERE {LIVE} AND "{column}" > \'\''
            db.execute(f"{_ADD} SELECT '{column}', value FROM ({texts})")
    others = [column for column in SEARCHED if column not in SORTED]
    db.execute(f"WITH seen AS MATERIALIZED (SELECT DISTINCT {names(others)} FROM job_cost) {_ADD} {_texts(others)}")
    db.execute(f"{_FIND} tokenize='trigram')")
    db.execute("INSERT INTO job_cost_find (job_cost_find) VALUES ('rebuild')")
    db.execute(_GROWS)


def extend(db: apsw.Connection, rows: str) -> None:
    """Takes in the texts of rows that came or changed (a query for their numbers).

    A text that no row holds any more does no harm.
    """
    seen = f"SELECT {names(SEARCHED)} FROM job_cost WHERE rowid IN ({rows})"
    db.execute(f"WITH seen AS MATERIALIZED ({seen}) {_ADD} {_texts(SEARCHED)}")


def _texts(columns: Sequence[str]) -> str:
    return " UNION ".join(f"SELECT '{each}', \"{each}\" FROM seen WHERE \"{each}\" > ''" for each in columns)


@dataclass(frozen=True)
class Words:
    """A search as a condition in SQL over ``job_cost``, to follow others, with its ``values``.

    ``few`` says that so few rows fit one of the words that gathering and sorting them beats walking along an order.
    """

    condition: str = ""
    few: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


def mine(job: str | None) -> str:
    """The condition for the rows of one job (``:job``), or of all, that Sage still holds."""
    return LIVE if job is None else f'{LIVE} AND "job" = :job'


def understand(db: apsw.Connection, words: Sequence[str], job: str | None) -> Words | None:
    """How to find the rows that hold all these words; None when a word occurs nowhere.

    A word that reads as an amount also finds that amount, whatever its sign.
    """
    values: dict[str, Any] = {"job": job}
    tests: list[str] = []
    rarest: tuple[int, int, str] | None = None
    for number, word in enumerate(words):
        values[f"word{number}"] = _texts_with(db, word) if len(word) < _TRIGRAM else _phrase(word)
        places = _places(db, word, f":word{number}", values)
        if not places:
            return None
        tests.append(f"({' OR '.join(places.values())})")
        if set(places) <= set(SORTED):
            arms = (f"SELECT rowid FROM job_cost WHERE {mine(job)} AND {place}" for place in places.values())
            rows = " UNION ALL ".join(arms)
            # A count that stops early: many rows are not worth gathering.
            count = int(db.execute(f"SELECT COUNT(*) FROM ({rows} LIMIT {_FEW + 1})", values).get)
            if count <= _FEW and (rarest is None or count < rarest[0]):
                rarest = (count, number, rows)
    if rarest is not None:
        tests[rarest[1]] = f"rowid IN ({rarest[2]})"
    return Words("".join(f" AND {test}" for test in tests), rarest is not None, values)


def _places(db: apsw.Connection, word: str, name: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The columns in which a word occurs, each with the condition for it."""
    if len(word) >= _TRIGRAM:
        texts = f"SELECT rowid FROM job_cost_find WHERE job_cost_find MATCH {name}"
    else:
        texts = f"SELECT value FROM carray({name})"
    fields = db.execute(f"SELECT DISTINCT field FROM job_cost_text WHERE id IN ({texts})", values).fetchall()
    places: dict[str, str] = {
        str(column): f"\"{column}\" IN (SELECT value FROM job_cost_text WHERE field = '{column}' AND id IN ({texts}))"
        for (column,) in fields
    }
    with suppress(ValueError):
        cents = to_whole_cents(parse_amount(word))
        if cents < _MOST_CENTS:
            places["amount"] = f'"amount" IN ({cents}, {-cents})'
    return places


def _phrase(word: str) -> str:
    """A word as the trigram index takes it: as it stands, whatever its characters mean elsewhere."""
    return '"' + word.replace("\0", "").replace('"', '""') + '"'


def _texts_with(db: apsw.Connection, part: str) -> Any:
    """The ids of the texts that hold one or two letters, for which the trigram index is no help."""
    if part.isascii():
        pattern = "%" + "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in part) + "%"
        found = db.execute("SELECT id FROM job_cost_text WHERE value LIKE ? ESCAPE '\\'", (pattern,))
        return apsw.carray(array("q", (number for (number,) in found)))
    texts = db.execute("SELECT id, value FROM job_cost_text")
    return apsw.carray(array("q", (number for number, text in texts if part in str(text).casefold())))
