"""A list on paper: pages of a size that every printer here has, with heading, column titles, page numbers, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMarginsF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)

from erpdesk.core.money import show_amount
from erpdesk.views.kit.columns import RIGHT, Column
from erpdesk.views.kit.list_sheet import Progress, Sheet, Taken, go_on
from erpdesk.views.kit.record_delegate import fitted
from erpdesk.views.kit.table_files import complete_file, stopped

DPI = 300
MARGIN_MM = 14.0
USUAL_POINTS, LEAST_POINTS, TINY_POINTS = 9.0, 6.5, 5.8
MEASURED = 300
"""Rows whose words decide how wide the columns are."""
_LINE = 1.42
_GAP_EM, _LEAST_GAP_EM = 1.4, 0.7
_WIDEST_EM = 26
INK, GREY, RED, RULE, BAND = "#111111", "#555555", "#a01818", "#9aa3ad", "#eef1f5"
_INK, _RED, _FAINT = QColor(INK), QColor(RED), QColor("#dde1e6")
_REMEMBERED = 50_000
LEFT, RIGHTWARD = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Place:
    """A column on paper, in dots."""

    column: Column
    left: int
    width: int


class Paper:
    """The pages of a sheet for one device; page numbers begin at 0. Pages of any order can be painted.

    Wide lists lie on their side and are set smaller, and at last ``folded``: column titles in two lines, with less room
    between columns. What then still does not fit cuts words, never numbers.
    """

    def __init__(
        self, sheet: Sheet, taken: Taken, device: QPaintDevice, room: QRect, points: float, *, folded: bool = False
    ) -> None:
        self.sheet = sheet
        self.rows: Sequence[Any] = taken.rows if isinstance(taken.rows, list | tuple) else list(taken.rows)
        self._totals = sheet.totals(taken)
        self._said = taken.foot
        self._room = room
        dots = device.logicalDpiY() / 72
        self._font = _font(points * dots)
        self._bold = _font(points * dots, bold=True)
        self._title = _font((points + 5) * dots, bold=True)
        self._metrics, self._strong, self._large = map(QFontMetrics, (self._font, self._bold, self._title))
        self._line = round(self._metrics.height() * _LINE)
        self._title_height = round(self._large.height() * 1.25)
        self._above = sheet.lines_above()
        self._first_row = self._title_height + round(self._metrics.height() * 1.15) * len(self._above)
        titles = {column.key: _folded(column.title) if folded else (column.title,) for column in sheet.columns}
        self._titles = titles
        self._band = round(self._line * 1.05)
        self._band += round(self._metrics.height() * 1.1) * (max(map(len, titles.values()), default=1) - 1)
        self._first_row += self._band + round(self._line * 0.55)
        self._fitted: dict[tuple[int, str], tuple[str, int]] = {}
        self._gap = round(self._metrics.averageCharWidth() * (_LEAST_GAP_EM if folded else _GAP_EM))
        self._needed = self._widths()
        self._places = _placed(self._needed, sheet.columns, room.width(), self._metrics, self._gap)
        rows_high = room.height() - self._first_row - 2 * self._line
        self.rows_per_page = max(1, rows_high // self._line)
        # The totals need a line of their own below the last row.
        self.pages = max(1, -(-(len(self.rows) + 1) // self.rows_per_page))

    def natural_width(self) -> int:
        """Dots that all columns need without cutting a word."""
        return sum(self._needed)

    def least_width(self) -> int:
        """Dots below which numbers, or what a line is known by, would be cut."""
        little = self._metrics.averageCharWidth() * 5
        return sum(
            need if column.kind != "text" or column.bold else min(need, little)
            for column, need in zip(self.sheet.columns, self._needed, strict=True)
        )

    def paint(self, painter: QPainter, page: int) -> None:
        """Paints one page."""
        painter.save()
        painter.translate(self._room.topLeft())
        self._head(painter)
        first = page * self.rows_per_page
        top = self._first_row
        for row in self.rows[first : first + self.rows_per_page]:
            self._row(painter, row, top)
            top += self._line
        if page == self.pages - 1:
            self._sums(painter, top)
        self._foot(painter, page)
        painter.restore()

    def _head(self, painter: QPainter) -> None:
        wide = self._room.width()
        self._text(painter, self._title, INK, QRect(0, 0, wide, self._title_height), self.sheet.title)
        top, high = self._title_height, round(self._metrics.height() * 1.15)
        for line in self._above:
            self._text(painter, self._font, GREY, QRect(0, top, wide, high), line)
            top += high
        top = self._first_row - self._band - round(self._line * 0.1)
        band = QRect(0, top, wide, self._band)
        painter.fillRect(band, QColor(BAND))
        for place in self._places:
            side = RIGHTWARD if place.column.kind in RIGHT else LEFT
            words = self._titles[place.column.key]
            # Titles of one line stand at the foot of a band of two.
            high = round(self._line * 1.05) if len(words) == 1 else band.height() // len(words)
            for up, line in enumerate(reversed(words), 1):
                room = QRect(place.left, band.top() + band.height() - up * high, place.width, high)
                self._text(painter, self._bold, INK, room, line, side)
        painter.setPen(QColor(RULE))
        painter.drawLine(0, band.bottom(), wide, band.bottom())

    def _row(self, painter: QPainter, row: Any, top: int) -> None:
        baseline = top + (self._line - self._metrics.height()) // 2 + self._metrics.ascent()
        # The pen is set for the words that differ: most of a page is of one font and one colour.
        painter.setFont(self._font)
        painter.setPen(_INK)
        for place in self._places:
            words = place.column.shown(row)
            if not words:
                continue
            line, left = self._fitted.get((place.left, words)) or self._fit(place, words)
            negative = place.column.negative(row)
            if place.column.bold or negative:
                painter.setFont(self._bold if place.column.bold else self._font)
                painter.setPen(_RED if negative else _INK)
                painter.drawText(left, baseline, line)
                painter.setFont(self._font)
                painter.setPen(_INK)
            else:
                painter.drawText(left, baseline, line)
        painter.setPen(_FAINT)
        painter.drawLine(0, top + self._line, self._room.width(), top + self._line)

    def _fit(self, place: _Place, words: str) -> tuple[str, int]:
        """The words of a cell as far as they fit, and where they begin; lists repeat their words, so it is kept."""
        metrics = self._strong if place.column.bold else self._metrics
        line = fitted(_one_line(words), place.column.kind, metrics, place.width)
        right = place.column.kind in RIGHT
        found = (line, place.left + (place.width - metrics.horizontalAdvance(line) if right else 0))
        if len(self._fitted) >= _REMEMBERED:
            self._fitted.clear()
        self._fitted[place.left, words] = found
        return found

    def _sums(self, painter: QPainter, top: int) -> None:
        words, sums = self._totals
        painter.setPen(QColor(INK))
        painter.drawLine(0, top, self._room.width(), top)
        left_most = self._room.width()
        for place in self._places:
            if place.column.key in sums:
                text = show_amount(sums[place.column.key])
                # A sum wider than its column takes the room to its left.
                wide = max(place.width, self._strong.horizontalAdvance(text))
                room = QRect(place.left + place.width - wide, top, wide, self._line)
                ink = RED if sums[place.column.key] < 0 else INK
                self._text(painter, self._bold, ink, room, text, RIGHTWARD)
                left_most = min(left_most, room.left())
        self._text(painter, self._bold, INK, QRect(0, top, max(left_most - 8, 0), self._line), words)

    def _foot(self, painter: QPainter, page: int) -> None:
        room = QRect(0, self._room.height() - self._line, self._room.width(), self._line)
        number = f"Page {page + 1:,} of {self.pages:,}"
        self._text(painter, self._font, GREY, room, number, RIGHTWARD)
        room.setRight(room.right() - self._metrics.horizontalAdvance(number) - self._line)
        if self._said:
            # What vouches for the page is whole; the title gives way.
            self._text(painter, self._font, GREY, room, self._said, RIGHTWARD)
            room.setRight(room.right() - self._metrics.horizontalAdvance(self._said) - self._line)
        self._text(painter, self._font, GREY, room, self.sheet.title)

    def _text(
        self,
        painter: QPainter,
        font: QFont,
        ink: str,
        room: QRect,
        words: str,
        side: Qt.AlignmentFlag = LEFT,
    ) -> None:
        metrics = self._metrics if font is self._font else self._strong if font is self._bold else self._large
        painter.setFont(font)
        painter.setPen(QColor(ink))
        flags = int(side | MIDDLE | Qt.TextFlag.TextSingleLine)
        painter.drawText(room, flags, fitted(_one_line(words), "text", metrics, room.width()))

    def _widths(self) -> list[int]:
        """What each column needs, measured on the first rows, its title and its sum."""
        found, gap = [], 2 * self._gap
        most = self._metrics.averageCharWidth() * _WIDEST_EM * 2
        totals = self._totals[1]
        for column in self.sheet.columns:
            metrics = self._strong if column.bold else self._metrics
            sample = self.rows if column.kind in RIGHT and len(self.rows) < 20_000 else self.rows[:MEASURED]
            words = {column.shown(row) for row in sample}
            need = max((metrics.horizontalAdvance(word) for word in words), default=0)
            need = max(need, *map(self._strong.horizontalAdvance, self._titles[column.key]))
            total = totals.get(column.key, Decimal(0))
            need = max(need, self._strong.horizontalAdvance(show_amount(total)) if column.key in totals else 0)
            found.append((need if column.kind != "text" else min(need, most)) + gap)
        return found


def paper_for(sheet: Sheet, taken: Taken, device: QPagedPaintDevice) -> Paper:
    """The pages of a sheet on a device, whose orientation and text size are chosen so that the columns fit."""
    held = taken if isinstance(taken.rows, list | tuple) else sheet.gathered(taken)
    layout = device.pageLayout()
    layout.setUnits(QPageLayout.Unit.Millimeter)
    layout.setPageSize(QPageSize(QPageSize.PageSizeId.Letter))
    layout.setMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM))
    made = None
    for side, points, folded in (
        (QPageLayout.Orientation.Portrait, USUAL_POINTS, False),
        (QPageLayout.Orientation.Landscape, USUAL_POINTS, False),
        (QPageLayout.Orientation.Landscape, 8.0, False),
        (QPageLayout.Orientation.Landscape, LEAST_POINTS, False),
        (QPageLayout.Orientation.Landscape, LEAST_POINTS, True),
        (QPageLayout.Orientation.Landscape, TINY_POINTS, True),
    ):
        layout.setOrientation(side)
        device.setPageLayout(layout)
        size = layout.paintRectPixels(device.logicalDpiX()).size()
        made = Paper(sheet, held, device, QRect(0, 0, size.width(), size.height()), points, folded=folded)
        if (made.least_width() if folded else made.natural_width()) <= size.width():
            break
    assert made is not None
    return made


def write_pdf(path: Path, sheet: Sheet, progress: Progress = go_on) -> int:
    """Writes the list as a PDF file, complete or not at all; the number of rows. Call it off the GUI thread.

    Raises ForPeople when the disk refuses, Stopped when ``progress`` says so.
    """
    taken = sheet.take()
    with complete_file(path) as partial:
        # Opened here, so that a refusal is an error of the disk and not a silent one of Qt.
        with partial.open("wb"):
            pass
        writer = QPdfWriter(str(partial))
        writer.setResolution(DPI)
        writer.setTitle(sheet.title)
        writer.setCreator("erpdesk")
        paper = paper_for(sheet, taken, writer)
        painter = QPainter()
        if not painter.begin(writer):
            raise OSError("the file can not be written")
        try:
            for page in range(paper.pages):
                if not progress(page * paper.rows_per_page, len(paper.rows)):
                    raise stopped(path)
                if page:
                    writer.newPage()
                paper.paint(painter, page)
        finally:
            ended = painter.end()
        _check_whole(partial, ended)
    return len(paper.rows)


def _check_whole(path: Path, ended: bool) -> None:
    """Qt says nothing when the disk is full: a whole PDF file ends with its mark."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 64))
        if not ended or b"%%EOF" not in file.read():
            import errno

            raise OSError(errno.ENOSPC, "the disk is full")


def _one_line(words: str) -> str:
    return " ".join(words.split()) if "\n" in words or "\t" in words else words


def _folded(title: str) -> tuple[str, ...]:
    """A title in two lines, as even as its words allow; one word stays whole."""
    parts = title.split()
    if len(parts) < 2:
        return (title,)
    ways = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
    return min(ways, key=lambda way: max(map(len, way)))


def _font(dots: float, bold: bool = False) -> QFont:
    """In dots, so that a page laid out for one device looks the same on another that shrinks it."""
    font = QFont()
    font.setPixelSize(max(1, round(dots)))
    font.setBold(bold)
    return font


def _placed(widths: list[int], columns: Sequence[Column], room: int, metrics: QFontMetrics, gap: int) -> list[_Place]:
    """Columns side by side: words give way to numbers when there is too little room, and take what is left over."""
    texts = [place for place, column in enumerate(columns) if column.kind == "text"]
    giving = [place for place in texts if not columns[place].bold] or texts
    taken = sum(widths)
    final = list(widths)
    if taken > room:
        least = metrics.averageCharWidth() * 5
        over = taken - room
        loose = sum(max(0, widths[place] - least) for place in giving) or 1
        for place in giving:
            # None gives more than it has: a width below nothing would push its neighbours off the page.
            spare = max(0, widths[place] - least)
            final[place] -= min(spare, round(over * spare / loose))
        # Numbers alone may still be too many: then all columns give way alike, and what is cut shows dots.
        if sum(final) > room:
            share = room / sum(final)
            final = [int(width * share) for width in final]
    elif texts:
        widest = max(texts, key=lambda place: widths[place])
        final[widest] += room - taken
    found, left = [], 0
    for column, width in zip(columns, final, strict=True):
        found.append(_Place(column, left + gap // 2, max(1, width - gap)))
        left += width
    return found
