"""What the layouts page holds: frozen rows, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LayoutRow:
    """One import file in the list; ``open_fields`` counts what is not settled, ``problem`` is why it is unreadable."""

    id: str
    title: str
    menu: str
    open_fields: int
    own_order: bool
    problem: str = ""
    open_required: int = 0

    @property
    def ready_in_part(self) -> bool:
        """Whether a file that leaves the open fields empty may go to a live company; each needed field is settled."""
        return not self.problem and not self.open_required

    @property
    def ready(self) -> bool:
        """Whether it may go to a live company."""
        return not self.open_fields and not self.problem


@dataclass(frozen=True)
class LayoutFieldRow:
    """One field in file order, how sure its place is, and who confirmed it here."""

    id: str
    record: str
    position: int
    label: str
    width: int
    required: bool
    source: str
    used: bool
    mark: str
    sure: str
    settle: str
    open: bool
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    how: str = ""


@dataclass(frozen=True)
class LayoutDetail:
    """One import file with its fields; ``sample`` is a made-up document as it would be written."""

    row: LayoutRow
    fields: tuple[LayoutFieldRow, ...]
    sample: tuple[str, ...]
    text: str
    version: int
    changed_by: str = ""
    changed_at: datetime | None = None
