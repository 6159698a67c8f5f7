"""The SQL that Sage's driver understands, checked and turned into SQLite's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from erpdesk.sync.sandbox.problems import refusal

# What public programs use. Anything else is refused, so that a query which works here was seen to work with Sage.
FUNCTIONS = {
    "IF": "IIF",
    "IFNULL": "IFNULL",
    "NULLIF": "NULLIF",
    "LTRIM": "LTRIM",
    "RTRIM": "RTRIM",
    "SUM": "SUM",
    "MIN": "MIN",
    "MAX": "MAX",
    "COUNT": "COUNT",
    "AVG": "AVG",
}
_SUBSET = (
    "SELECT DISTINCT ALL FROM WHERE AND OR NOT IN LIKE BETWEEN IS NULL AS ON LEFT INNER OUTER JOIN GROUP BY HAVING "
    "ORDER ASC DESC UNION INSERT INTO VALUES UPDATE SET"
)
_OTHERS = (
    "ADD ALTER ANY AUTHORIZATION CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONSTRAINT CREATE CROSS CURRENT CURSOR "
    "DECLARE DEFAULT DELETE DROP ELSE END EXCEPT EXEC EXECUTE EXISTS FETCH FOR FOREIGN FULL FUNCTION GLOB GRANT INDEX "
    "INTERSECT KEY LIMIT MATCH NATURAL OF OFFSET OPTION OVER PARTITION PRIMARY PROCEDURE REFERENCES REGEXP RESTRICT "
    "RETURNING REVOKE RIGHT ROLLBACK SOME TABLE THEN TO TOP TRIGGER UNIQUE USER USING VIEW WHEN WITH"
)
WORDS = frozenset(_SUBSET.split())
RESERVED = frozenset(_OTHERS.split())
"""Words of SQL outside the subset: the name of a column that is one of them stands in double quotation marks."""
_HIDDEN = frozenset({"ROWID", "OID", "_ROWID_"})

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<date>\{\s*(?:d|t|ts)\s*'[^']*'\s*\})
      | (?P<open>\{\s*(?:fn|oj)\b)
      | (?P<shut>\})
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_\#$]*)
      | (?P<sign><>|<=|>=|[=<>+\-*/(),.?])""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Token:
    """One word, name, number, text or sign; ``kind`` is word, name (of anything), quoted, number, text or sign."""

    kind: str
    text: str

    @property
    def name(self) -> str:
        """A name in capitals, without its quotation marks."""
        return self.text.strip('"').upper()


_END = Token("sign", "")


@dataclass(frozen=True)
class Statement:
    """One checked statement: its verb in capitals, its tokens, and every name that stands in it, in capitals."""

    verb: str
    tokens: tuple[Token, ...]
    names: frozenset[str]

    @property
    def sql(self) -> str:
        """The statement as SQLite runs it."""
        return " ".join(as_sqlite(token) for token in self.tokens)


@lru_cache(maxsize=512)
def parse(sql: str) -> Statement:
    """Checks a statement against the subset; raises the driver's refusal (state 37000) for anything outside it."""
    raw = list(_tokens(sql))
    if not raw:
        raise refusal("37000", "Syntax error: the statement is empty.")
    verb = raw[0].text.upper()
    if verb not in ("SELECT", "INSERT", "UPDATE"):
        raise refusal("37000", f"{verb} is not supported.")
    tokens = tuple(
        _read(token, before, after)
        for before, token, after in zip((_END, *raw[:-1]), raw, (*raw[1:], _END), strict=True)
    )
    return Statement(verb, tokens, frozenset(token.name for token in tokens if token.kind in ("name", "quoted")))


def as_sqlite(token: Token) -> str:
    """One token as SQLite reads it."""
    if token.kind == "quoted":
        # In brackets, since SQLite takes an unknown name in quotation marks for a piece of text.
        return f"[{token.text[1:-1]}]"
    return token.text


def _tokens(sql: str) -> Iterator[Token]:
    place, end, depth = 0, len(sql.rstrip().removesuffix(";")), 0
    while place < end:
        found = _TOKEN.match(sql, place, end)
        if found is None:
            raise refusal("37000", f"Syntax error near {sql[place : place + 20]!r}.")
        place = found.end()
        match found.lastgroup:
            case "date":
                yield Token("text", "'" + found[0].split("'")[1] + "'")
            case "open":
                depth += 1
            case "shut":
                depth -= 1
            case "blank":
                pass
            case kind:
                yield Token(str(kind), found[0])
    if depth:
        raise refusal("37000", "Syntax error: a brace is not closed.")


def _read(token: Token, before: Token, after: Token) -> Token:
    """The token with its final kind: a plain word is one of the subset, a function, or a name."""
    upper = token.text.upper()
    if token.kind == "word":
        if upper in RESERVED or (upper in ("GROUP", "ORDER") and after.text.upper() != "BY"):
            raise refusal("37000", f"Syntax error near {token.text}: as a name it stands in quotation marks.")
        if upper in WORDS:
            return token
        if after.text == "(" and before.text.upper() != "INTO":
            if upper not in FUNCTIONS:
                raise refusal("S1C00", f"Scalar function not supported: {token.text}.")
            return Token("word", FUNCTIONS[upper])
        token = Token("name", token.text)
    if token.kind in ("name", "quoted"):
        if token.name in _HIDDEN or "]" in token.text or '""' in token.text:
            raise refusal("S0022", f"no such column: {token.name}")
        if token.name.startswith("SQLITE_"):
            raise refusal("S0002", f"no such table: {token.name}")
    return token
