"""Makes hundreds of thousands of job-cost transactions quick to sort and to search by any part of a word.

Costs repeat their words: so few descriptions, vendors and invoices stand behind so many rows that the trigram index is
over the distinct texts of each column, and an ordinary index leads from a text to its rows.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import apsw

from erpdesk.core.lists import ListTest, ListWords
from erpdesk.core.money import parse_amount, to_whole_cents

SORTED = (
    *("transaction_date", "accounting_date", "cost_code", "vendor", "invoice", "commitment", "description", "amount"),
)
"""Columns with an index of their own, which also holds the job: one job and the whole company both follow it."""

SEARCHED = (
    *("job", "extra", "cost_code", "category", "transaction_type", "vendor", "invoice", "commitment", "description"),
)
"""Columns in which words are looked for."""

SCALES = {"amount": 100, "units": 10_000}
"""Columns of numbers, and how many whole ones of the mirror are 1."""

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


def understand(
    db: apsw.Connection, words: Sequence[str], job: str | None, asked: Sequence[tuple[str, ListTest]] = ()
) -> Words | None:
    """How to find the rows that hold all these words and fit what is asked of columns; None when a word occurs nowhere.

    A word that reads as an amount also finds that amount, whatever its sign.
    """
    values: dict[str, Any] = {"job": job}
    found: list[tuple[str, Sequence[str]]] = []
    """Each condition, with the ways to gather its rows through indexes; without any when there is no such way."""
    for number, word in enumerate(words):
        values[f"word{number}"] = _texts_with(db, word) if len(word) < _TRIGRAM else _phrase(word)
        places = _places(db, word, f":word{number}", values)
        if not places:
            return None
        indexed = set(places) <= set(SORTED)
        found.append((f"({' OR '.join(places.values())})", tuple(places.values()) if indexed else ()))
    for number, (column, test) in enumerate(asked):
        condition = _tested(column, test, f"test{number}", values)
        found.append((condition, (condition,) if column in SORTED else ()))
    tests = [condition for condition, _ways in found]
    rarest: tuple[int, int, str] | None = None
    for number, (_condition, ways) in enumerate(found):
        rows = " UNION ALL ".join(f"SELECT rowid FROM job_cost WHERE {mine(job)} AND {way}" for way in ways)
        if rows:
            # A count that stops early: many rows are not worth gathering.
            count = int(db.execute(f"SELECT COUNT(*) FROM ({rows} LIMIT {_FEW + 1})", values).get)
            if count <= _FEW and (rarest is None or count < rarest[0]):
                rarest = (count, number, rows)
    if rarest is not None:
        tests[rarest[1]] = f"rowid IN ({rarest[2]})"
    return Words("".join(f" AND {test}" for test in tests), rarest is not None, values)


def column_words(db: apsw.Connection, column: str, job: str | None, part: str, most: int) -> ListWords:
    """The texts of a column in which a part occurs, in their order and up to some, each with how many rows hold it."""
    signs = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in part)
    values = {"job": job, "part": f"%{signs}%", "most": most}
    held = f"COALESCE(\"{column}\", '')"
    # Grouped as the index has it, then an empty text and none at all are one.
    texts = f'SELECT "{column}" AS value, COUNT(*) AS rows FROM job_cost WHERE {mine(job)} GROUP BY "{column}"'
    fitting = f'SELECT {held} AS value, SUM(rows) AS rows FROM (SELECT value AS "{column}", rows FROM ({texts}))'
    fitting += f" WHERE {held} LIKE :part ESCAPE '\\' GROUP BY 1"
    sql = f"WITH fitting AS MATERIALIZED ({fitting}) SELECT value, rows, (SELECT COUNT(*) FROM fitting) FROM fitting"
    found = db.execute(f"{sql} ORDER BY value = '', value COLLATE NOCASE LIMIT :most", values).fetchall()
    counts = tuple((str(value), int(str(rows))) for value, rows, _all in found)
    return ListWords(counts, (int(str(found[0][2])) if found else 0) - len(counts))


def _tested(column: str, test: ListTest, name: str, values: dict[str, Any]) -> str:
    """The condition for what one column must hold."""
    if test.words:
        values[name] = json.dumps([word for word in test.words if word])
        held = f'"{column}" IN (SELECT value FROM json_each(:{name}))'
        return f'({held} OR "{column}" = \'\' OR "{column}" IS NULL)' if "" in test.words else held
    low, high = f"{name}low", f"{name}high"
    if column in SCALES:
        scale = SCALES[column]
        values |= {low: _whole(test.low, scale, up=True), high: _whole(test.high, scale, up=False)}
    else:
        values |= {low: str(test.low or date.min), high: str(test.high or date.max)}
    return f'"{column}" BETWEEN :{low} AND :{high}'


def _whole(end: object, scale: int, *, up: bool) -> int:
    """An end of a range in the whole numbers of the mirror; a part of one lies within the range."""
    if not isinstance(end, Decimal):
        return -_MOST_CENTS if up else _MOST_CENTS
    scaled = (end * scale).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    return int(max(Decimal(-_MOST_CENTS), min(scaled, Decimal(_MOST_CENTS))))


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
