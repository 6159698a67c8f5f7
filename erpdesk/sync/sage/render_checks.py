"""What is wrong with a document as a whole, whatever the layout: sums, lines that stand twice or do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from erpdesk.core.money import cents, show_amount, show_quantity
from erpdesk.sync.sage.render_cells import empty, sound
from erpdesk.sync.sage.render_records import name_of
from erpdesk.workflows.documents import (
    ZERO,
    ChangeLine,
    Commitment,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    InvoiceFile,
    LedgerLine,
    LineTerms,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot


def whole(document: Document) -> Iterator[str]:
    """The sentences about one document; none when its parts agree. No value makes it raise."""
    if isinstance(document, CommitmentSnapshot):
        document = Commitment(document)
    if isinstance(document, Commitment):
        return _commitment(document)
    if isinstance(document, CommitmentChange):
        return _change(document)
    if isinstance(document, EstimateFile):
        return _estimate(document)
    if isinstance(document, DirectCosts):
        return _direct(document)
    return _invoice(document)


def together(documents: Sequence[Document]) -> Iterator[str]:
    """The sentences about documents that share one file: none may stand there twice."""
    # Sage may force capital letters, so the case of an ID makes no other document.
    names = [name_of(each).upper() for each in documents]
    for name in dict.fromkeys(name_of(each) for at, each in enumerate(documents) if names[at] in names[:at]):
        yield f"{name} stands twice in this file. Send it once."
    if len({bool(each.approved_change) for each in documents if isinstance(each, EstimateFile)}) > 1:
        yield "A budget and an approved change cannot share a file: Sage takes all of a file as one or the other."


def _commitment(document: Commitment) -> Iterator[str]:
    snapshot = document.snapshot
    if not snapshot.lines:
        yield "The commitment has no line. Add at least one line to the schedule of values."
    yield from _twice((line.number for line in snapshot.lines), "in the schedule of values. Number the lines again.")
    for line in snapshot.lines:
        yield from _line_adds_up(line, document.terms.lines.get(line.number) or LineTerms())
    for number in sorted(set(document.terms.lines) - {line.number for line in snapshot.lines}):
        yield f"Line {number}: it has terms, but the schedule of values has no such line."


def _line_adds_up(line: LineSnapshot, terms: LineTerms) -> Iterator[str]:
    where = f"Line {line.number}: "
    if not empty(terms.tax) and terms.tax and empty(terms.tax_group):
        yield f"{where}it has tax but no tax group. Fill in the tax group."
    yield from _units(where, line.quantity, line.unit_cost, line.amount, line.unit, terms.tax)


def _units(where: str, quantity: object, cost: object, amount: object, unit: object, tax: object) -> Iterator[str]:
    """Quantity and unit cost stand together, and their product, with the tax, is the amount."""
    if quantity is None and cost is None:
        if unit:
            yield f"{where}it has a unit but no quantity. Clear the unit or fill in the quantity."
        return
    if quantity is None or cost is None:
        there, gone = ("unit cost", "quantity") if quantity is None else ("quantity", "unit cost")
        yield f"{where}it has a {there} but no {gone}. Fill in both, or clear both."
        return
    worth = _product(quantity, cost)
    taxed = tax if isinstance(tax, Decimal) and sound(tax) else ZERO
    if worth is None or not isinstance(amount, Decimal) or not sound(amount) or worth + taxed == amount:
        return
    assert isinstance(quantity, Decimal) and isinstance(cost, Decimal)
    product = f"{show_quantity(quantity)} × {show_quantity(cost)} is {show_amount(worth)}"
    product += f", with tax {show_amount(worth + taxed)}" if taxed else ""
    yield (
        f"{where}{product}, but the amount is {show_amount(amount)}. "
        "Correct the line, or clear quantity and unit cost to keep the amount."
    )


def _product(quantity: object, cost: object) -> Decimal | None:
    if isinstance(quantity, Decimal) and isinstance(cost, Decimal) and sound(quantity) and sound(cost):
        return cents(quantity * cost)
    return None


def _change(document: CommitmentChange) -> Iterator[str]:
    if not document.lines:
        yield "The change order has no line. Add at least one line."
    numbers = (line.number for line in document.lines)
    yield from _twice(numbers, "in this change order, and Sage changes a line once only. Add the changes together.")
    for line in document.lines:
        yield from _new_line(line) if line.new else _changed_line(line)


def _new_line(line: ChangeLine) -> Iterator[str]:
    where = f"Line {line.number}: "
    for label, value in (("job", line.job), ("cost code", line.cost_code), ("category", line.category)):
        if empty(value):
            yield f"{where}a new line needs a {label}. Fill it in."
    yield from _units(where, line.quantity, line.unit_cost, line.amount, "", None)


def _changed_line(line: ChangeLine) -> Iterator[str]:
    where = f"Line {line.number}: "
    if not all(empty(value) for value in (line.job, line.extra, line.cost_code, line.category)):
        yield (
            f"{where}a change order cannot give a line of the commitment another job, extra, cost code or category. "
            "Clear them, or make it a new line."
        )
    if _nothing(line.amount) and (line.quantity is None or _nothing(line.quantity)):
        yield f"{where}it changes nothing. Take it out."
    elif line.unit_cost is None or _nothing(line.unit_cost):
        if line.quantity is not None and not _nothing(line.quantity):
            yield f"{where}it has a quantity, but Sage holds no unit cost for this line. Clear the quantity."
    elif line.quantity is None:
        yield (
            f"{where}Sage holds the unit cost {_shown(line.unit_cost)} for this line, and a change order cannot change "
            "it. Fill in the quantity that is added or taken away."
        )
    else:
        worth = _product(line.quantity, line.unit_cost)
        if worth is not None and sound(line.amount) and worth != line.amount:
            yield (
                f"{where}{_shown(line.quantity)} at the unit cost {_shown(line.unit_cost)} that Sage holds is "
                f"{show_amount(worth)}, but the amount is {show_amount(line.amount)}. A change order cannot change the "
                "unit cost. Correct the line."
            )


def _estimate(document: EstimateFile) -> Iterator[str]:
    if not document.lines:
        yield "The estimate has no line. Add at least one line."
    used = {line.extra for line in document.lines}
    for extra in document.extras:
        if extra not in used:
            yield f"The extra {extra} has a description but no line. Take it out, or add its lines."
    if document.approved_change:
        for at, line in enumerate(document.lines, 1):
            if _nothing(line.amount) and _nothing(line.quantity):
                yield f"Line {at}: it changes nothing. Take it out."


def _direct(document: DirectCosts) -> Iterator[str]:
    if not document.costs and not document.ledger:
        yield "The batch has no line. Add at least one line."
    for at, cost in enumerate(document.costs, 1):
        yield from _units(f"Line {at}: ", cost.quantity, cost.unit_cost, cost.amount, "", None)
    every: tuple[DirectCost | LedgerLine, ...] = (*document.costs, *document.ledger)
    for at, each in enumerate(every, 1):
        if _nothing(each.amount):
            yield f"Line {at}: its amount is 0.00. Take it out."
        if not empty(each.debit_account) and str(each.debit_account) == str(each.credit_account):
            yield f"Line {at}: debit and credit are the same account. Correct one of them."


def _invoice(document: InvoiceFile) -> Iterator[str]:
    lines = document.distributions
    if not lines:
        yield "The invoice has no distribution. Add at least one line."
    for at, line in enumerate(lines, 1):
        yield from _distribution(f"Line {at}: ", line)
    if lines:
        yield from _sums_up("amount", document.amount, [line.amount for line in lines])
    taxes = [ZERO if line.tax is None else line.tax for line in lines]
    if document.tax is not None:
        yield from _sums_up("tax", document.tax, taxes)
    if document.taxes:
        held = document.tax
        if held is None and all(sound(each) for each in taxes):
            held = sum(taxes, ZERO)
        yield from _sums_up("tax", held, [each.tax for each in document.taxes], "tax records")


def _distribution(where: str, line: Distribution) -> Iterator[str]:
    if empty(line.commitment) != (line.commitment_line is None):
        yield f"{where}a commitment and its line number stand together. Fill in both, or clear both."
    to_job = [not empty(value) for value in (line.job, line.cost_code, line.category)]
    if any(to_job) != all(to_job) or (not empty(line.extra) and not any(to_job)):
        yield f"{where}a job cost needs a job, a cost code and a category. Fill in all of them."
    if not any(to_job) and empty(line.commitment) and empty(line.expense_account) and empty(line.equipment):
        yield f"{where}it goes to no commitment, job or account. Fill in one of them."
    if _nothing(line.amount):
        yield f"{where}its amount is 0.00. Take it out."
    elif isinstance(line.retainage, Decimal) and sound(line.retainage) and sound(line.amount):
        other_side = bool(line.retainage) and (line.retainage < 0) != (line.amount < 0)
        if other_side or abs(line.retainage) > abs(line.amount):
            held, amount = show_amount(line.retainage), show_amount(line.amount)
            yield f"{where}the retainage {held} cannot be held from the amount {amount}. Correct one of them."
    # Whether Sage counts the tax into quantity times unit cost is not known: both are sound.
    worth = _product(line.quantity, line.unit_cost)
    taxed = isinstance(line.tax, Decimal) and sound(line.tax) and worth is not None and worth + line.tax == line.amount
    if not taxed:
        yield from _units(where, line.quantity, line.unit_cost, line.amount, "", None)


def _sums_up(label: str, held: object, parts: Sequence[object], of: str = "lines") -> Iterator[str]:
    amounts = [each for each in parts if isinstance(each, Decimal) and sound(each)]
    if len(amounts) < len(parts) or not isinstance(held, Decimal) or not sound(held):
        return
    total = sum(amounts, ZERO)
    if total != held:
        yield (
            f"The {label} of the invoice is {show_amount(held)}, but its {of} sum to {show_amount(total)}. "
            "Correct one of them."
        )


def _twice(numbers: Iterable[object], where: str) -> Iterator[str]:
    found = [str(each) for each in numbers]
    for number in sorted({each for each in found if found.count(each) > 1}):
        yield f"Line {number}: the number stands twice {where}"


def _nothing(value: object) -> bool:
    return isinstance(value, Decimal) and sound(value) and not value


def _shown(value: Decimal) -> str:
    return show_quantity(value) if sound(value) else str(value)
