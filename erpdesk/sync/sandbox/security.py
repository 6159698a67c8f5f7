"""Sage's Security Administration in small: who may log in, and which tables may be written through the driver."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE_NAME = "security.json"
OPERATORS, WRITE_ACCESS, CAPTIONS = "operators", "write_access", "captions"
_ROUNDS = 2000


def set_operator(folder: Path, login: str, password: str) -> None:
    """Adds an operator or gives them a new password; the first one makes the company ask everybody for a login."""
    salt = secrets.token_hex(8)
    known = dict(_kept(folder).get(OPERATORS, {}))
    _change(folder, OPERATORS, known | {login: f"{salt}:{_digest(salt, password)}"})


def may_enter(folder: Path, login: str, password: str) -> bool:
    """Whether this login opens the company; operator and password count in their exact case.

    A company without operators lets everybody in.
    """
    operators: Mapping[str, str] = _kept(folder).get(OPERATORS, {})
    if not operators:
        return True
    salt, _, kept = operators.get(login, ":").partition(":")
    return bool(kept) and secrets.compare_digest(_digest(salt, password), kept)


def grant_write(folder: Path, table: str, allowed: bool = True) -> None:
    """Security Administration > Tasks > ODBC > Write Access: lets a table (its standard name) be written, or not."""
    granted = write_access(folder)
    _change(folder, WRITE_ACCESS, sorted(granted | {table} if allowed else granted - {table}))


def write_access(folder: Path) -> frozenset[str]:
    """The tables, by standard name, that may be written now; none in a new company."""
    return frozenset(_kept(folder).get(WRITE_ACCESS, ()))


def captions(folder: Path) -> tuple[tuple[str, str], ...]:
    """The company's Custom Descriptions: pairs such as ("JCM_MASTER__JOB.Misc_Title_1", "Lot")."""
    return tuple(sorted(_kept(folder).get(CAPTIONS, {}).items()))


def set_caption(folder: Path, column: str, words: str) -> None:
    """Gives a column, such as ``JCM_MASTER__JOB.Misc_Title_1``, the company's own caption; blank takes it away."""
    others = {each: caption for each, caption in captions(folder) if each != column}
    _change(folder, CAPTIONS, others | ({column: words} if words else {}))


def _digest(salt: str, password: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), _ROUNDS).hex()


def _kept(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _change(folder: Path, name: str, value: object) -> None:
    """Changes one entry and leaves the others as they are; a reader sees the old file or the new one."""
    half = folder / (FILE_NAME + ".tmp")
    half.write_text(json.dumps(_kept(folder) | {name: value}, indent=1), "utf-8")
    os.replace(half, folder / FILE_NAME)
