"""The names of vendors beside their Sage ids: an item keeps only the id that Sage will get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from erpdesk.workflows.rows import QueueRow

if TYPE_CHECKING:
    from erpdesk.workflows.desk import Desk


def names_of_vendors(desk: Desk) -> dict[str, str]:
    """The name of every vendor by its Sage id, as last read; call it off the GUI thread."""
    return {row.vendor: row.name for row in desk.queries.vendors()}


def with_vendor_name(row: QueueRow, names: Mapping[str, str]) -> QueueRow:
    """The item with its vendor in words: ``HOLLIS · Hollis Steel``."""
    name = names.get(row.vendor, "")
    return replace(row, vendor=f"{row.vendor} · {name}") if name else row
