"""What a windowed list is answered with: the ids of all its rows, and where those are that were picked."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from erpdesk.core.lists import ListSpine


@dataclass(frozen=True, slots=True)
class Picks:
    """What is selected and where the keyboard is, by id."""

    ids: array[int]
    current: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The spine, the places of what was picked, the place of the current row, and the pages read with it."""

    spine: ListSpine
    picks: Picks
    runs: list[tuple[int, int]]
    current: int
    pages: dict[int, Sequence[Any]]


def runs_of_ids(ids: array[int], picked: array[int]) -> list[tuple[int, int]]:
    """First and last place of each run of neighbours among the picked ids, from top to bottom."""
    if not picked:
        return []
    if picked == ids:
        return [(0, len(ids) - 1)]
    wanted = frozenset(picked)
    marks = bytes(number in wanted for number in ids)
    runs, top = [], marks.find(1)
    while top >= 0:
        end = marks.find(0, top)
        runs.append((top, (end if end >= 0 else len(marks)) - 1))
        top = marks.find(1, end) if end >= 0 else -1
    return runs
