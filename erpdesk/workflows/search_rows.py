"""What the search of the whole company finds; frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Found:
    """A record that was found: its kind and id, its number and title, what else is said of it, and its project."""

    kind: str
    kind_title: str
    ref: str
    number: str
    title: str
    detail: str = ""
    project: str = ""
    """The id of the project it belongs to; '' = of the whole company."""


class Finder(Protocol):
    """Finds records of the whole company by any part of number, title, vendor or job."""

    def find(self, actor: str, text: str, limit: int = 50) -> tuple[Found, ...]: ...


class NothingFound:
    """The search of a desk without an index, as the commands open it."""

    def find(self, actor: str, text: str, limit: int = 50) -> tuple[Found, ...]:
        """Nothing."""
        return ()
