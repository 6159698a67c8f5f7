"""A list as text for the clipboard and as a CSV file for a spreadsheet; files are complete or not there."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.columns import RIGHT, Column
from erpdesk.views.kit.list_sheet import Progress, Stopped, go_on
from erpdesk.views.kit.record_order import CHUNK
from erpdesk.views.kit.sliced import Steps

# What a spreadsheet takes for the beginning of a formula, also in the full-width letters that some of them fold.
_STARTS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
# It may also stand after blanks, and after what could end one cell and begin another where separators differ.
_RUNS = re.compile(f"(^\\s*|[,;|\t\r\n\"'])(?=[{_STARTS}])")
_INTO_ONE_LINE = re.compile("[\t\r\n]+")


def guarded(text: str) -> str:
    """Text that a spreadsheet will not run as a formula: an apostrophe before its mark, but not before a number."""
    if not _RUNS.search(text):
        return text
    try:
        if Decimal(text).is_finite():
            return text
    except InvalidOperation:
        pass
    return _RUNS.sub(lambda found: f"'{found[0]}" if found.start() == 0 else f"{found[0]}'", text)


def table_text(columns: Sequence[Column], rows: Sequence[Any], titles: bool) -> Steps[str]:
    """Rows as lines with tabs between the cells, as a spreadsheet pastes them."""
    lines = ["\t".join(_one_line(column.title) for column in columns)] if titles else []
    for start in range(0, len(rows), CHUNK // 2):
        for row in rows[start : start + CHUNK // 2]:
            lines.append("\t".join([_one_line(cell_text(column, row)) for column in columns]))
        yield
    return "\n".join(lines)


def write_csv(
    path: Path, columns: Sequence[Column], rows: Iterable[Any], progress: Progress = go_on, count: int = 0
) -> int:
    """Writes a CSV file that Excel opens with a double click, complete or not at all; the number of rows.

    UTF-8 with a mark at its start, every text in quotes whatever the separator of this country; cells that look like
    formulas are guarded. Raises ForPeople when the disk refuses, Stopped when ``progress`` says so.
    """
    written = 0
    with complete_file(path) as partial, partial.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(_quoted(guarded(column.title)) for column in columns) + "\r\n")
        for row in rows:
            if written % CHUNK == 0 and not progress(written, count):
                raise stopped(path)
            file.write(",".join([_csv_cell(column, row) for column in columns]) + "\r\n")
            written += 1
    return written


@contextmanager
def complete_file(path: Path) -> Iterator[Path]:
    """A path to write to; the file takes its place when the block ends well, else what was there stays.

    Raises ForPeople when the disk refuses.
    """
    partial = path.with_name(f"{path.name}.part")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def not_written(path: Path, error: OSError) -> ForPeople:
    """Why a file could not be written, for the person who asked for it."""
    kept = "A file of that name from before is unchanged."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ForPeople(
            f"{path.name} could not be written: the disk is full.",
            kept=kept,
            next_step="Make room, or choose another drive, and export again.",
        )
    if isinstance(error, PermissionError):
        return ForPeople(
            f"{path.name} could not be written: it is open in another program, or the folder can not be changed.",
            kept=kept,
            next_step="Close it there, or choose another folder, and export again.",
        )
    return ForPeople(
        f"{path.name} could not be written: {error.strerror or error}.",
        kept=kept,
        next_step="Close it in the other program, or choose another folder, and export again.",
    )


def stopped(path: Path) -> Stopped:
    """The person no longer wants the file."""
    kept = "A file of that name from before is unchanged."
    return Stopped(f"{path.name} was not written: you stopped it.", kept=kept)


def cell_text(column: Column, row: Any) -> str:
    """A cell for other programs: numbers plain, all else guarded."""
    text = column.copied(row)
    return text if column.kind in RIGHT and _is_number(text) else guarded(text)


def _csv_cell(column: Column, row: Any) -> str:
    text = column.copied(row)
    if column.kind in RIGHT and _is_number(text):
        return text
    return _quoted(guarded(text)) if text else ""


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _one_line(text: str) -> str:
    return _INTO_ONE_LINE.sub(" ", text)
