"""An approved commitment change order against the one that Sage holds, field by field (5.5 step 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erpdesk.sync.sage.fresh_rows import Fields
from erpdesk.sync.sage.shapes import fourth, money
from erpdesk.sync.sage.verify import NOTHING, Difference, day_of, id_of, money_of, quantity_of, text_of, unlike
from erpdesk.workflows.documents import ChangeLine, CommitmentChange


def compare_change(
    approved: CommitmentChange, held: Fields, lines: Sequence[Fields], *, capitals: bool = False
) -> tuple[Difference, ...]:
    """Every difference between an approved change order and the clean rows of the one in Sage; empty means equal.

    Padding is ignored, and with ``capitals`` the case of IDs. What a changed line costs a unit is the commitment's own.
    """
    return tuple(_differences(approved, held, lines, capitals))


def another_change(approved: CommitmentChange, lines: Sequence[Fields]) -> bool:
    """Whether the change order in Sage is plainly another one: it changes none of the approved lines."""
    there = {line["item_number"] for line in lines}
    return bool(there) and not there & {line.number for line in approved.lines}


def _differences(
    approved: CommitmentChange, held: Fields, lines: Sequence[Fields], capitals: bool
) -> Iterator[Difference]:
    yield from unlike("Commitment ID", id_of(approved.sage_id, capitals), id_of(held["commitment"], capitals))
    yield from unlike("Change order ID", id_of(approved.change_order, capitals), id_of(held["commitment_co"], capitals))
    if "description" in held:
        yield from unlike("Description", text_of(approved.description), text_of(held["description"]))
    if "date" in held:
        yield from unlike("Date", day_of(approved.date), held["date"] or "")
    yield from unlike("Status", text_of(approved.status), text_of(held["status"]))
    if held.get("release_to_accounting") == 0:
        yield Difference("Released to accounting", "yes", "no")
    yield from unlike("Amount", money_of(approved.amount), money_of(money(held["amount"])))
    numbers = [line["item_number"] for line in lines]
    for number in sorted({each for each in numbers if numbers.count(each) > 1}):
        yield Difference(f"Line {number}", "once", "more than once")
    there = {line["item_number"]: line for line in lines}
    for line in approved.lines:
        found = there.pop(line.number, None)
        if found is None:
            yield Difference(f"Line {line.number}", f"{line.description}, {money_of(line.amount)}", NOTHING)
        else:
            yield from _line(line, found, capitals)
    for found in there.values():
        words = f"{text_of(found.get('description') or '')}, {money_of(money(found['amount']))}"
        yield Difference(f"Line {found['item_number']}", NOTHING, words)


def _line(line: ChangeLine, found: Fields, capitals: bool) -> Iterator[Difference]:
    where = f"Line {line.number} "
    if "description" in found:
        yield from unlike(where + "description", text_of(line.description), text_of(found["description"]))
    if line.new:
        for field in ("job", "extra", "cost_code", "category"):
            if field in found:
                wanted, has = id_of(getattr(line, field), capitals), id_of(found[field], capitals)
                yield from unlike(where + field.replace("_", " "), wanted, has)
        if "unit_cost" in found:
            yield from unlike(where + "unit cost", quantity_of(line.unit_cost), quantity_of(fourth(found["unit_cost"])))
    if "units" in found:
        yield from unlike(where + "quantity", quantity_of(line.quantity), quantity_of(fourth(found["units"])))
    yield from unlike(where + "amount", money_of(line.amount), money_of(money(found["amount"])))
