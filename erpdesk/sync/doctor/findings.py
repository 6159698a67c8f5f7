"""One line of the doctor: what was looked at, how it stands, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from erpdesk.core.errors import ForPeople


class Verdict(StrEnum):
    """How one part stands."""

    PASS = "pass"
    LOOK = "look"
    """Works, but not proven safe, or worth a look."""
    FAIL = "fail"
    SKIPPED = "not looked at"
    """Could not be looked at, because something before it failed or is not used here."""


@dataclass(frozen=True)
class Finding:
    """What was found; ``next_step`` is empty when there is nothing to do."""

    key: str
    title: str
    verdict: Verdict
    text: str
    next_step: str = ""

    def line(self) -> str:
        """The finding as one line of text."""
        return f"{self.verdict.upper():<14}{self.title}: {self.text}" + (f" {self.next_step}" if self.next_step else "")


Look = Callable[[], Iterator[Finding]]


def guarded(key: str, title: str, look: Look) -> Iterator[Finding]:
    """Passes on what a look finds; trouble inside it becomes a finding, so that the other looks still happen."""
    try:
        yield from look()
    except ForPeople as error:
        yield Finding(
            key, title, Verdict.FAIL, " ".join(part for part in (error.what, error.kept) if part), error.next_step
        )
    except OSError as error:
        yield Finding(
            *(key, title, Verdict.FAIL, f"the system answers “{error.strerror or error}”."),
            "Check the folder, the drive and the right to use them.",
        )
