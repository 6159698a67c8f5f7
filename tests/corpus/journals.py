"""Reads the cases of journals and reject files: pieces of bytes, and what the readers must make of the whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sage_journals"
JOURNAL, REJECTS = "journal", "rejects"


@dataclass(frozen=True)
class JournalCase:
    """One file as Sage, or somebody else, left it in the mailbox, with its verdict."""

    name: str
    about: str
    oddities: tuple[str, ...]
    kind: str
    verdict: Mapping[str, Any]
    pieces: tuple[Mapping[str, Any], ...]

    def data(self, sent: Sequence[bytes] = ()) -> bytes:
        """The bytes of the file; ``sent`` are the lines of the import file, of which some may come back."""
        return b"".join(_piece(each, sent) for each in self.pieces)


def load_journals() -> tuple[JournalCase, ...]:
    """Every case, by its file's name; raises ValueError for a file that does not keep to the format."""
    return tuple(map(_load, sorted(FOLDER.glob("*.toml"))))


def journal_oddities() -> tuple[str, ...]:
    """The names of all oddities that these cases must cover."""
    lines = (FOLDER / "oddities.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _load(path: Path) -> JournalCase:
    body = tomllib.loads(path.read_text("utf-8"))
    made = JournalCase(
        body.pop("name"),
        body.pop("about"),
        tuple(body.pop("oddities")),
        body.pop("kind"),
        body.pop("verdict"),
        tuple(body.pop("data")),
    )
    if body or made.name != path.stem or made.kind not in (JOURNAL, REJECTS):
        raise ValueError(f"{path.name} does not keep to the format (left over: {sorted(body)})")
    return made


def _piece(piece: Mapping[str, Any], sent: Sequence[bytes]) -> bytes:
    match dict(piece):
        case {"text": str(text), **rest}:
            data = text.encode("cp1252")
        case {"utf16": str(text), **rest}:
            data = text.encode("utf-16-le")
        case {"hex": str(text), **rest}:
            data = bytes.fromhex(text)
        case {"line": {"text": str(text), "pad": int(pad)}, **rest}:
            data = text.encode("cp1252") + b" " * pad + b"\n"
        case {"sent": int(number), **rest}:
            data = sent[number - 1]
        case _:
            raise ValueError(f"unknown piece: {piece}")
    times = rest.pop("times", 1)
    if rest:
        raise ValueError(f"unknown parts of a piece: {sorted(rest)}")
    return data * int(times)
