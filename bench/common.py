"""What every measurement shares: the figure it prints, the median, the table of goals."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

SEED = 20_260_105
COLUMNS = ("figure", "value", "goal", "", "rows", "measured over")


@dataclass(frozen=True)
class Figure:
    """One measured ratio or time beside its peer and its goal, as one JSON object a line.

    The goal is a bound in the unit of the value, None where there is none; `at_least` says that more is better. Rows is
    the size measured with.
    """

    figure: str
    value: float
    unit: str
    peer: str
    goal: float | None
    rows: int | None = None
    at_least: bool = False

    @classmethod
    def from_json(cls, line: str) -> Figure:
        """Read back what `emit` printed."""
        return cls(**json.loads(line))

    @property
    def falls_short(self) -> bool:
        """Whether the goal is missed."""
        if self.goal is None:
            return False
        return self.value < self.goal if self.at_least else self.value > self.goal


def emit(figure: Figure) -> None:
    """Print a figure as one JSON object on a line of its own."""
    print(json.dumps(asdict(figure)), flush=True)


def in_turn(runs: int, *measures: Callable[[], float]) -> list[float]:
    """Median of each measure, taken in turn so that a busy moment hits all alike; at least three runs."""
    if runs < 3:
        raise ValueError("A median needs at least three runs.")
    rounds = [[measure() for measure in measures] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def shown(value: float) -> str:
    """A measured value with three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text, one a line, and last what falls short."""
    lines = [COLUMNS]
    for each in figures:
        bound = "" if each.goal is None else f"{'>=' if each.at_least else '<='} {each.goal:g}"
        verdict = "" if each.goal is None else "falls short" if each.falls_short else "reached"
        lines.append(
            (each.figure, f"{shown(each.value)} {each.unit}", bound, verdict, str(each.rows or ""), each.peer),
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    short = [each.figure for each in figures if each.falls_short]
    if not figures:
        return "Nothing was measured."
    return "\n".join([*text, "", f"Falls short: {', '.join(short)}" if short else "Every goal is reached."])
