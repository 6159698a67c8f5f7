"""A list as text for the clipboard and as a CSV file for a spreadsheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.columns import RIGHT, Column
from erpdesk.views.kit.record_order import CHUNK
from erpdesk.views.kit.sliced import Steps

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Text that a spreadsheet will not run as a formula: an apostrophe before ``= + - @``, but not before a number."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"'{text}"
    return text if number.is_finite() else f"'{text}"


def table_text(columns: Sequence[Column], rows: Sequence[Any], titles: bool) -> Steps[str]:
    """Rows as lines with tabs between the cells, as a spreadsheet pastes them."""
    lines = ["\t".join(column.title for column in columns)] if titles else []
    for start in range(0, len(rows), CHUNK // 2):
        for row in rows[start : start + CHUNK // 2]:
            lines.append("\t".join([_one_line(_cell(column, row)) for column in columns]))
        yield
    return "\n".join(lines)


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Any]) -> int:
    """Writes a CSV file that Excel opens with a double click, complete or not at all; the number of rows.

    UTF-8 with a mark at its start; cells that look like formulas are guarded. Raises ForPeople when the disk refuses.
    """
    partial, count = path.with_name(f"{path.name}.part"), 0
    try:
        with partial.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([guarded(column.title) for column in columns])
            for row in rows:
                writer.writerow([_cell(column, row) for column in columns])
                count += 1
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise ForPeople(
            f"{path.name} could not be written: {error.strerror or error}.",
            kept="A file of that name from before is unchanged.",
            next_step="Close it in the other program, or choose another folder, and export again.",
        ) from error
    return count


def _cell(column: Column, row: Any) -> str:
    text = column.copied(row)
    return text if column.kind in RIGHT else guarded(text)


def _one_line(text: str) -> str:
    return " ".join(text.split()) if any(mark in text for mark in "\t\r\n") else text
