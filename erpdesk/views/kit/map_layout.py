"""Where the chips of a workflow map stand: rows that break, names of programs over them, a lane for another house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QRect

LINE = 14
INSET = 8
BETWEEN_ROWS = 10
LANE_EDGE = 4
BEFORE_NEXT = 8


@dataclass(frozen=True)
class Chip:
    """What is to be placed: how wide it is, the program it belongs to ('' = none), and whether it stands apart."""

    width: int
    program: str = ""
    apart: bool = False

    def beside(self, other: Chip) -> bool:
        """Whether both stand under one name."""
        return (self.program, self.apart) == (other.program, other.apart)


@dataclass(frozen=True)
class Segment:
    """Neighbouring chips of one program in one row: the first and last of them, and the room of the name above."""

    first: int
    last: int
    caption: QRect


@dataclass(frozen=True)
class LaidMap:
    """Everything placed at one width: ``lanes`` lie behind rows of another house, ``next_room`` is for words below."""

    rooms: tuple[QRect, ...] = ()
    segments: tuple[Segment, ...] = ()
    lanes: tuple[QRect, ...] = ()
    next_room: QRect = field(default_factory=QRect)
    width: int = 0
    height: int = 0

    @property
    def rows(self) -> int:
        """In how many rows the chips stand."""
        return len({room.top() for room in self.rooms})


def lay_out(
    chips: Sequence[Chip],
    width: int,
    chip_height: int,
    caption_height: int,
    measure: Callable[[str], int],
    next_height: int,
) -> LaidMap:
    """Places chips from the left; the name of a program keeps its room, so that the next one does not run into it.

    ``caption_height`` 0 means that no names are shown.
    """
    if not chips:
        return LaidMap()
    rooms: list[QRect] = []
    starts: list[int] = []
    named = y = 0
    row = caption_height + chip_height
    for place, chip in enumerate(chips):
        wide = min(chip.width, max(width - (INSET if chip.apart else 0), 1))
        name = min(measure(chip.program), max(width, 1)) if caption_height else 0
        another = not place or not chip.beside(chips[place - 1])
        at = INSET if chip.apart else 0
        if place:
            before, end = chips[place - 1], rooms[-1].right() + 1
            beside = (max(end, named) if another else end) + LINE
            fits = beside + (max(wide, name) if another else wide) <= width
            if fits and chip.apart == before.apart:
                at = beside
            else:
                y, another = y + row + BETWEEN_ROWS, True
        if another:
            starts.append(place)
            named = at + name
        rooms.append(QRect(at, y + caption_height, wide, chip_height))
    segments: list[Segment] = []
    for first, after in pairwise([*starts, len(chips)]):
        room, end = rooms[first], rooms[after - 1].right() + 1
        name = measure(chips[first].program) if caption_height else 0
        wide = min(max(end - room.left(), name), max(width - room.left(), 1))
        top = room.top() - caption_height
        segments.append(Segment(first, after - 1, QRect(room.left(), top, wide, caption_height)))
    tops = sorted({room.top() - caption_height for room, chip in zip(rooms, chips, strict=True) if chip.apart})
    lanes = _lanes(tops, row, width)
    used = max(max(each.caption.right() for each in segments), max(room.right() for room in rooms)) + 1
    high = y + row + (LANE_EDGE if lanes else 0)
    told = QRect(0, high + BEFORE_NEXT, width, next_height) if next_height else QRect()
    return LaidMap(tuple(rooms), tuple(segments), lanes, told, used, told.bottom() + 1 if told else high)


def _lanes(tops: Sequence[int], row: int, width: int) -> tuple[QRect, ...]:
    """One ground behind each run of rows that lie below each other."""
    lanes: list[QRect] = []
    for top in tops:
        if lanes and top - lanes[-1].bottom() <= BETWEEN_ROWS:
            lanes[-1].setBottom(top + row + LANE_EDGE - 1)
        else:
            lanes.append(QRect(0, top - LANE_EDGE, width, row + 2 * LANE_EDGE))
    return tuple(lanes)
