"""What the tie-out report needs from the mirror, declared here and implemented by ``sync``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol

from erpdesk.core.money import from_whole_cents, show_amount
from erpdesk.workflows.tie_out_rows import Held, Key


class Odd(NamedTuple):
    """What is wrong with a record of Sage as a whole: ``apart`` = its total less its lines, in whole cents."""

    apart: int
    uncommitted: bool

    def words(self) -> str:
        """Both in sentences."""
        amount = show_amount(from_whole_cents(abs(self.apart)))
        total = f"Its total in Sage is not the sum of its lines: {amount} apart." if self.apart else ""
        return " ".join(filter(None, (total, "It is not committed to Job Cost in Sage." if self.uncommitted else "")))


@dataclass(frozen=True)
class Holding:
    """What Sage held of one kind when it was last read, all from one state of the mirror.

    ``records`` are by Sage ID. ``totals`` are whole cents added up by the database itself, by place and Sage's date:
    the parts must add up to them. ``read_began`` is the earliest start of the readings that it rests on, None when
    Sage was never read; ``warnings`` say what stands against relying on it, ``broken`` why nothing can be proven,
    ``notes`` what is worth knowing. ``odd`` are the records that do not stand in Sage as erpdesk sends them.
    """

    records: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[tuple[Key, date | None], int] = field(default_factory=dict)
    read_began: datetime | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    odd: Mapping[str, Odd] = field(default_factory=dict)


class SageHoldings(Protocol):
    """Reads of the mirror for the tie-out report, from any thread."""

    def hold(self, kind: str) -> Holding | None:
        """What Sage held of a kind; None for a kind whose records in Sage the report does not read."""
        ...


class NothingHeld:
    """The mirror of a desk that has none, as the commands open it."""

    def hold(self, kind: str) -> Holding | None:
        """Never read."""
        return Holding() if kind else None
