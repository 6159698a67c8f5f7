"""Reads a commitment import file (.jcc) by the stand-in's own layout of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpdesk.sync.sandbox.reader import Record, layout_file, parse_date, read_file

__all__ = ["Record", "layout", "parse_date", "read"]


def layout() -> Mapping[str, Any]:
    """The stand-in's own layout of the file, from its own data."""
    return layout_file("jcc_layout")


def read(data: bytes, date_format: str) -> list[Record]:
    """Cuts the file into records; dates are read by the company's date option, such as ``mm/dd/yyyy``."""
    shape = layout()
    return read_file(data, shape["record"], date_format, unit_cost_limit=shape["unit_cost_limit"])
