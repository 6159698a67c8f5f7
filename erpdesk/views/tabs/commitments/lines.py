"""The schedule of values as a person edits it: cells, arithmetic, problems, blocks pasted from a spreadsheet.

Everything here is a pure function over frozen lines; amounts are Decimal in whole cents (P13).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from erpdesk.core.money import ZERO, cents, fourths, parse_amount, parse_quantity, show_amount, show_quantity
from erpdesk.views.kit.arithmetic import evaluate
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.workflows.rows import LineDraft, LineRow

AMOUNT = "amount"
UNIT = "unit"
LARGEST_LINE = Decimal("9999999999.99")
LONGEST = {"description": 30, "unit": 6}
"""How many characters of a text Sage takes; longer ones are kept here and stop sending."""


@dataclass(frozen=True)
class Cell:
    """A column of the schedule: its key, title, usual width, and whether it holds a number."""

    key: str
    title: str
    width: int
    number: bool = False


EXTRA = Cell("extra", "Extra", 70)
CODE = Cell("cost_code", "Cost code", 210)
CATEGORY = Cell("category", "Cat", 48)
DESCRIPTION = Cell("description", "Description", 190)
QUANTITY = Cell("quantity", "Quantity", 80, True)
UNIT_OF = Cell("unit", "Unit", 54)
UNIT_COST = Cell("unit_cost", "Unit cost", 90, True)
TOTAL = Cell("amount", "Amount", 110, True)


class CellProblem(ValueError):
    """What was typed can not stand in this cell; the words say why."""


def cells(method: str, with_extras: bool) -> tuple[Cell, ...]:
    """The columns of a schedule under an accounting method (C2)."""
    first = (EXTRA,) if with_extras else ()
    units = (QUANTITY, UNIT_OF, UNIT_COST) if method == UNIT else ()
    return (*first, CODE, CATEGORY, DESCRIPTION, *units, TOTAL)


def draft_of(row: LineRow) -> LineDraft:
    """The line of a saved commitment as it is edited."""
    return LineDraft(
        row.extra,
        row.cost_code,
        row.category,
        row.description,
        row.quantity,
        row.unit,
        row.unit_cost,
        row.amount,
        row.id,
    )


EMPTY = LineDraft("", "", "", "")


def is_empty(line: LineDraft) -> bool:
    """Whether nothing was typed into the line."""
    return replace(line, id="") == EMPTY


def by_quantity(line: LineDraft) -> bool:
    """Whether the amount of the line is computed from quantity and unit cost."""
    return line.quantity is not None or line.unit_cost is not None


def computed(line: LineDraft, method: str) -> LineDraft:
    """The line with its amount worked out: quantity × unit cost, rounded half up to the cent."""
    if method != UNIT or not by_quantity(line):
        return line
    if line.quantity is None or line.unit_cost is None:
        return replace(line, amount=ZERO)
    return replace(line, amount=cents(line.quantity * line.unit_cost))


def shown(line: LineDraft, key: str, book: CodeBook) -> str:
    """The words of a cell on screen."""
    if key == "cost_code":
        description = book.describe(line.extra, line.cost_code)
        return f"{line.cost_code}  {description}" if description else line.cost_code
    if key == "amount":
        return "" if is_empty(line) else show_amount(line.amount)
    if key == "quantity":
        return "" if line.quantity is None else show_quantity(line.quantity)
    if key == "unit_cost":
        return "" if line.unit_cost is None else show_unit_cost(line.unit_cost)
    return str(getattr(line, key))


def show_unit_cost(value: Decimal) -> str:
    """A unit cost with two decimals, or four when it needs them: ``42.50``, ``0.0375``."""
    return f"{value:,.2f}" if value == cents(value) else f"{value:,.4f}"


def plain(line: LineDraft, key: str) -> str:
    """The words of a cell in a copy and in its editor: numbers without separators."""
    value = getattr(line, key)
    if value is None or (key == "amount" and is_empty(line)):
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}" if key == "amount" or value == cents(value) else f"{value:.4f}"
    return str(value)


def with_cell(line: LineDraft, key: str, typed: str, book: CodeBook, method: str) -> LineDraft:
    """The line after something was typed into one cell; raises CellProblem with the reason when it can not be."""
    typed = typed.strip()
    if key == "cost_code":
        return _with_code(line, typed, book)
    if key == "category":
        found = book.find_category(line.extra, line.cost_code, typed)
        return replace(line, category=found if found is not None else typed)
    if key == "extra":
        return replace(line, extra=typed)
    if key == "amount":
        if method == UNIT and by_quantity(line):
            raise CellProblem("This amount is quantity × unit cost. Clear both to type an amount instead.")
        return replace(line, amount=_amount(typed))
    if key in ("quantity", "unit_cost"):
        value = _quantity(typed)
        changed = replace(line, quantity=value) if key == "quantity" else replace(line, unit_cost=value)
        return computed(changed, method)
    if key == "unit":
        return replace(line, unit=typed)
    return replace(line, description=typed)


def _with_code(line: LineDraft, typed: str, book: CodeBook) -> LineDraft:
    found = book.find_code(typed)
    if found is None:
        return replace(line, cost_code=typed)
    description = book.describe(found.extra, found.value)
    untouched = not line.description or line.description == book.describe(line.extra, line.cost_code)
    category = line.category if book.row(found.extra, found.value, line.category) else ""
    return replace(
        line,
        extra=found.extra,
        cost_code=found.value,
        category=category or book.only_category(found.extra, found.value),
        description=description if untouched else line.description,
    )


def _amount(typed: str) -> Decimal:
    if not typed:
        return ZERO
    try:
        amount = cents(evaluate(typed)) if typed.startswith("=") else parse_amount(typed)
    except ValueError as problem:
        raise CellProblem(str(problem)) from problem
    if abs(amount) > LARGEST_LINE:
        raise CellProblem("The amount is too large for one line.")
    return amount


def _quantity(typed: str) -> Decimal | None:
    if not typed:
        return None
    try:
        return fourths(evaluate(typed)) if typed.startswith("=") else parse_quantity(typed)
    except ValueError as problem:
        raise CellProblem(str(problem)) from problem


def problem(line: LineDraft, key: str, book: CodeBook) -> str:
    """What is wrong with a cell as it stands, as a sentence; '' when nothing is (C3)."""
    if key in LONGEST and (length := len(getattr(line, key))) > LONGEST[key]:
        return f"The {key} has {length} characters; Sage takes {LONGEST[key]}. Shorten it."
    if is_empty(line) or not len(book):
        return ""
    if key == "cost_code":
        if not line.cost_code:
            return "Choose a cost code."
        if not book.knows(line.extra, line.cost_code):
            return f"The job has no cost code {line.cost_code}. Choose one from the list."
    if key == "category" and book.knows(line.extra, line.cost_code):
        if not line.category:
            return f"Choose a category of {line.cost_code}."
        if book.row(line.extra, line.cost_code, line.category) is None:
            return f"Cost code {line.cost_code} has no category {line.category}."
    if key == "unit_cost" and line.quantity is not None and line.unit_cost is None:
        return "Type the unit cost, or clear the quantity."
    if key == "quantity" and line.unit_cost is not None and line.quantity is None:
        return "Type the quantity, or clear the unit cost."
    return ""


def problems(lines: Sequence[LineDraft], book: CodeBook, method: str) -> tuple[str, ...]:
    """Every problem of the schedule, each with the number of its line."""
    columns = cells(method, book.has_extras)
    return tuple(
        f"Line {number}: {words[0].lower()}{words[1:]}"
        for number, line in enumerate(lines, 1)
        for column in columns
        if (words := problem(line, column.key, book))
    )


def total(lines: Sequence[LineDraft]) -> Decimal:
    """The sum of the lines."""
    return sum((line.amount for line in lines), ZERO)


def block_of(text: str) -> list[list[str]]:
    """The cells of a block copied from a spreadsheet: tabs between cells, quotes around cells with line breaks."""
    rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter="\t"))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows


def pasted(
    lines: Sequence[LineDraft],
    block: Sequence[Sequence[str]],
    at_row: int,
    at_column: int,
    columns: Sequence[Cell],
    book: CodeBook,
    method: str,
) -> tuple[LineDraft, ...]:
    """The lines after a block was pasted at a cell; lines are added below as needed.

    All or nothing: raises CellProblem naming the row and column of the first cell that can not be taken.
    """
    made = list(lines)
    while len(made) < at_row:
        made.append(EMPTY)
    for down, cells_ in enumerate(block):
        row = at_row + down
        if row >= len(made):
            made.append(EMPTY)
        line = made[row]
        computed_amount, stated = method == UNIT and _fills_quantity(cells_, at_column, columns), ""
        for across, typed in enumerate(cells_):
            column = at_column + across
            if column >= len(columns):
                if typed.strip():
                    raise CellProblem(
                        f"Nothing was pasted: the block is wider than the schedule. Row {down + 1} has more columns."
                    )
                continue
            key = columns[column].key
            if key == "amount" and computed_amount:
                stated = typed
                continue
            try:
                line = with_cell(line, key, typed, book, method)
            except CellProblem as wrong:
                raise CellProblem(
                    f"Nothing was pasted: row {down + 1}, {columns[column].title}, “{typed.strip()}”. {wrong}"
                ) from wrong
        if stated.strip() and _amount_in_block(stated, down) != line.amount:
            raise CellProblem(
                f"Nothing was pasted: row {down + 1} says {stated.strip()}, but its quantity × unit cost is "
                f"{show_amount(line.amount)}."
            )
        made[row] = line
    return tuple(line for line in made if not is_empty(line))


def _amount_in_block(typed: str, down: int) -> Decimal:
    try:
        return _amount(typed.strip())
    except CellProblem as wrong:
        raise CellProblem(f"Nothing was pasted: row {down + 1}, Amount, “{typed.strip()}”. {wrong}") from wrong


def _fills_quantity(cells_: Sequence[str], at_column: int, columns: Sequence[Cell]) -> bool:
    """Whether a pasted row brings its own quantity or unit cost, so that its amount is worked out anew."""
    keys = [column.key for column in columns[at_column : at_column + len(cells_)]]
    return any(key in ("quantity", "unit_cost") and typed.strip() for key, typed in zip(keys, cells_, strict=False))
