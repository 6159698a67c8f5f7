"""A list as an Excel workbook: real numbers, real dates, text that stays text."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erpdesk.core.errors import ForPeople
from erpdesk.core.money import ZERO
from erpdesk.views.kit.columns import RIGHT, Column
from erpdesk.views.kit.list_sheet import Progress, Sheet, Taken, go_on
from erpdesk.views.kit.record_order import CHUNK
from erpdesk.views.kit.table_files import complete_file, not_written, stopped

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

STREAMED_ABOVE = 3000
MOST_ROWS = 1_048_576
MOST_LETTERS = 32_767
FORMATS = {
    "money": "#,##0.00_);(#,##0.00)",
    "quantity": "#,##0.00##",
    "number": "#,##0",
    "day": "mm/dd/yyyy",
    "time": "mm/dd/yyyy hh:mm",
}
_MOST_IN_FOOTER = 110
"""Excel takes 255 letters for all three parts."""
_FIRST_DAY = date(1900, 1, 1)
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_PIXELS_PER_LETTER = 7.0
Put = Callable[[int, int, Any], None]


def write_xlsx(path: Path, sheet: Sheet, progress: Progress = go_on) -> int:
    """Writes the list, complete or not at all; the number of rows.

    Above the titles, which stay in sight, stand title, heading, filter, order and time; below the rows the totals, as
    values. Every text is written as a string, so nothing in it is run. Raises ForPeople when the disk refuses or the
    list is longer than a sheet of Excel, Stopped when ``progress`` says so.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    taken = sheet.take()
    if taken.count + len(sheet.lines_above()) + 5 > MOST_ROWS:
        raise ForPeople(
            f"The list has {taken.count:,} rows; a sheet of Excel holds {MOST_ROWS:,}.",
            kept="Nothing was written.",
            next_step="Narrow the list with a filter, or export it as CSV.",
        )
    # A folder of its own: whatever happens, nothing of the rows is left among the temporary files.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, complete_file(path) as partial:
        options = {
            "constant_memory": taken.count > STREAMED_ABOVE,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(str(partial), options)
        try:
            count = _Page(book, sheet).write(taken, path, progress)
            book.close()
        except BaseException as error:
            # Closed in any case: it would else be written when it is freed, with files still open.
            with suppress(OSError, FileCreateError):
                book.close()
            book.fileclosed = True
            if not isinstance(error, FileCreateError):
                raise
            cause = error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
            raise not_written(path, cause) from error
    return count


class _Page:
    """The one sheet of the workbook."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self._sheet = sheet
        self._page: Worksheet = book.add_worksheet(_sheet_name(sheet.title))
        looks: dict[str, Format] = {name: book.add_format({"num_format": look}) for name, look in FORMATS.items()}
        self._looks = looks
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._muted = book.add_format({"font_color": "#555555"})
        self._left = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5"})
        self._right = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5", "align": "right"})
        self._total = book.add_format({"bold": True, "top": 1})
        self._total_money = book.add_format({"bold": True, "top": 1, "num_format": FORMATS["money"]})
        book.set_properties({"title": sheet.title, "subject": sheet.heading})

    def write(self, taken: Taken, path: Path, progress: Progress) -> int:
        """Writes everything; the number of rows."""
        sheet, page = self._sheet, self._page
        for place, (column, width) in enumerate(zip(sheet.columns, sheet.widths, strict=True)):
            least = 13 if column.kind == "money" else 6
            page.set_column(place, place, max(least, round(width / _PIXELS_PER_LETTER)))
        above = [*sheet.lines_above(), *([taken.foot] if taken.foot else [])]
        page.write_string(0, 0, sheet.title, self._title)
        for line, text in enumerate(above, start=1):
            page.write_string(line, 0, text[:MOST_LETTERS], self._muted)
        head = len(above) + 2
        for place, column in enumerate(sheet.columns):
            page.write_string(head, place, column.title, self._right if column.kind in RIGHT else self._left)
        page.freeze_panes(head + 1, sheet.locked)
        puts = [self._put(column) for column in sheet.columns]
        count = 0
        found: dict[str, Decimal] = {}
        for row in sheet.counted(taken.rows, found):
            if count % CHUNK == 0 and not progress(count, taken.count):
                raise stopped(path)
            count += 1
            for place, put in enumerate(puts):
                put(head + count, place, row)
        if count and sheet.columns:
            page.autofilter(head, 0, head + count, len(sheet.columns) - 1)
        # Rows may have gone since they were counted: below stands what is in the file.
        own = {key: found.get(key, ZERO) for key in taken.sums}
        self._totals(head + count + 1, replace(taken, rows=(), count=count, sums=own))
        self._paper(head, taken.foot)
        return count

    def _put(self, column: Column) -> Put:
        page, looks = self._page, self._looks

        def put(line: int, place: int, row: Any) -> None:
            value = column.value(row)
            if value is None:
                return
            if column.kind in RIGHT and isinstance(value, Decimal | int):
                # Fifteen figures are exact in a double: an amount of up to 13 digits keeps its cents.
                page.write_number(line, place, float(value), looks[column.kind])
            elif isinstance(value, datetime):
                local = value.astimezone().replace(tzinfo=None)
                if local.date() >= _FIRST_DAY:
                    page.write_datetime(line, place, local, looks["time"])
                else:
                    page.write_string(line, place, local.isoformat(sep=" ", timespec="minutes"))
            elif isinstance(value, date) and value >= _FIRST_DAY:
                page.write_datetime(line, place, value, looks["day"])
            elif text := column.copied(row):
                page.write_string(line, place, text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…")

        return put

    def _totals(self, line: int, taken: Taken) -> None:
        words, sums = self._sheet.totals(taken)
        for place, column in enumerate(self._sheet.columns):
            if column.key in sums:
                self._page.write_number(line, place, float(sums[column.key]), self._total_money)
            elif place:
                self._page.write_blank(line, place, None, self._total)
            else:
                self._page.write_string(line, place, words, self._total)
        if sums and self._sheet.columns[0].key in sums:
            self._page.write_string(line + 1, 0, words, self._muted)

    def _paper(self, head: int, foot: str) -> None:
        page = self._page
        page.repeat_rows(head)
        page.fit_to_pages(1, 0)
        if sum(self._sheet.widths) > 700:
            page.set_landscape()
        left, middle = (words.replace("&", "&&") for words in (self._sheet.title[:_MOST_IN_FOOTER], foot))
        page.set_footer(f"&L{left}&C{middle[:_MOST_IN_FOOTER]}&RPage &P of &N")


def _sheet_name(title: str) -> str:
    return _NO_SHEET_NAME.sub(" ", title).strip(" '")[:31].strip(" '") or "List"
