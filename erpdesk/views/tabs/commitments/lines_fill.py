"""Cells of the schedule as blocks: copied, filled down from above, or still in an open field."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from erpdesk.views.tabs.commitments.lines import EMPTY, UNIT, CellProblem, by_quantity, plain, with_cell
from erpdesk.views.tabs.commitments.lines_model import LinesModel
from erpdesk.workflows.rows import LineDraft


def filled_down(
    lines: Sequence[LineDraft], places: Mapping[int, Sequence[int]], model: LinesModel
) -> tuple[LineDraft, ...]:
    """The lines after Ctrl+D as in a spreadsheet; ``places`` are the chosen rows of each column, by its place.

    Several rows of a column take what stands in the first of them, a single row what stands above it. All or nothing:
    raises CellProblem with the reason.
    """
    made = list(lines)
    for place in sorted(places):
        rows, key = sorted(places[place]), model.columns[place].key
        source = rows[0] if len(rows) > 1 else rows[0] - 1
        if not 0 <= source < len(lines):
            continue
        for row in rows:
            if row == source or row > len(made):
                continue
            line = made[row] if row < len(made) else EMPTY
            if key == "amount" and model.method == UNIT and by_quantity(line):
                continue
            changed = with_cell(line, key, plain(made[source], key), model.book, model.method)
            if key == "cost_code":
                changed = replace(changed, extra=made[source].extra)
            made[row : row + 1] = [changed]
    return tuple(made)


def with_open_cells(model: LinesModel, typed: Sequence[tuple[int, int, str]]) -> tuple[LineDraft, ...]:
    """The lines with words that still stand in open fields, each as row, column and words."""
    lines = list(model.lines())
    for row, column, words in typed:
        if 0 <= row <= len(lines) and 0 <= column < len(model.columns):
            with contextlib.suppress(CellProblem):
                key = model.columns[column].key
                lines[row : row + 1] = [with_cell(model.line(row), key, words, model.book, model.method)]
    return tuple(lines)


def copied(model: LinesModel, cells: Sequence[tuple[int, int]]) -> str:
    """The chosen cells as a spreadsheet takes them, numbers without separators; each a row and a column."""
    rows = sorted({row for row, _ in cells if not model.is_entry_row(row)})
    columns = sorted({column for _, column in cells})
    return "\n".join("\t".join(plain(model.line(row), model.columns[at].key) for at in columns) for row in rows)
