"""A connection string as ODBC reads it: its keys, their values, and which of them are secrets."""

from __future__ import annotations

import re

SECRETS = frozenset(("PWD", "PASSWORD"))
"""Keys whose value is a password."""

_PAIR = re.compile(
    r"""([^=;]*)(?:=\s*(\{(?:[^}]|\}\})*(?:\}|\Z)|"(?:[^"]|"")*(?:"|\Z)|'(?:[^']|'')*(?:'|\Z)|[^;]*)([^;]*))?(?:;|\Z)"""
)
_CLOSING = {"{": "}", '"': '"', "'": "'"}


def pairs(text: str) -> list[tuple[str, str]]:
    """The keys and values of a connection string in order; a value may stand in braces or quotation marks."""
    found = []
    for key, value, rest in _PAIR.findall(text):
        closing = _CLOSING.get(value[:1], "")
        if closing and rest.strip():
            value = (value + rest).strip()
        elif closing:
            closed = len(value) > 1 and value.endswith(closing)
            value = value[1 : -1 if closed else None].replace(closing * 2, closing)
        else:
            value = value.strip()
        if key.strip() or value:
            found.append((key.strip(), value))
    return found


def value_of(text: str, key: str) -> str:
    """The value of a key, given in capitals; '' when it is empty or not there. The first one counts, as for drivers."""
    return next((value for name, value in pairs(text) if name.upper() == key), "")


def secrets(text: str) -> list[str]:
    """The passwords that a connection string holds, to keep them out of what people read."""
    return [value for key, value in pairs(text) if key.upper() in SECRETS and value]
