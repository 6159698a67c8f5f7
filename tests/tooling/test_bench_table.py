"""The table of measured figures says honestly what falls short."""

from __future__ import annotations

import pytest

from bench.common import Figure, in_turn, shown, table

START = Figure("startup_ratio", 1.42, "x", "bare window", 1.3)
ACCEPTS = Figure("accept_rate", 0.61, "x", "raw transactions", 0.5, rows=1000, at_least=True)


def test_a_figure_above_its_bound_falls_short() -> None:
    lines = table([START, ACCEPTS]).splitlines()
    assert lines[1].split()[:6] == ["startup_ratio", "1.42", "x", "<=", "1.3", "falls"]
    assert lines[2].split()[:7] == ["accept_rate", "0.61", "x", ">=", "0.5", "reached", "1000"]
    assert lines[-1] == "Falls short: startup_ratio"


def test_reached_goals_are_said_and_nothing_measured_too() -> None:
    assert table([ACCEPTS]).endswith("Every goal is reached.")
    assert table([]) == "Nothing was measured."


def test_measures_are_taken_in_turn_and_the_median_counts() -> None:
    order: list[str] = []

    def measure(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop()

    ours, peers = [3.0, 90.0, 1.0], [5.0, 4.0, 6.0]
    assert in_turn(3, lambda: measure("ours", ours), lambda: measure("peer", peers)) == [3.0, 5.0]
    assert order == ["ours", "peer"] * 3
    with pytest.raises(ValueError, match="at least three"):
        in_turn(2, lambda: 1.0)


@pytest.mark.parametrize(("value", "text"), [(1.4236, "1.42"), (0.0312, "0.0312"), (1683.4, "1,683")])
def test_values_show_three_digits_that_mean_something(value: float, text: str) -> None:
    assert shown(value) == text
