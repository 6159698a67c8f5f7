"""The two families of errors: sentences for people, and bugs.

Everything that is not a ``ForPeople`` is a bug: it is logged with its traceback and shown as such.
"""

from __future__ import annotations


class ForPeople(Exception):
    """A sentence for the person at the screen: what happened, what was kept, what to do next."""

    def __init__(self, what: str, *, kept: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.kept = kept
        self.next_step = next_step

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.kept, self.next_step) if part)


class Refused(ForPeople):
    """A rule forbids the act; ``reasons`` holds each sentence, most important first (T4)."""

    def __init__(self, reasons: tuple[str, ...] | list[str], *, kept: str = "Nothing was changed.") -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons), kept=kept)


class NotAllowed(Refused):
    """The person lacks the right for this act."""


class ChangedMeanwhile(Refused):
    """Somebody else changed the record since it was read; the caller reloads and decides again."""


class SageUnavailable(ForPeople):
    """Sage could not be read or written now; work goes on and the worker tries again later."""


class BadSageData(ForPeople):
    """Sage answered with something that cannot be what it claims to be (table, column or row)."""
