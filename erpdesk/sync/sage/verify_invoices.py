"""An approved invoice against the one that Sage holds, field by field (5.5 step 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest

from erpdesk.sync.sage.fresh_rows import Fields
from erpdesk.sync.sage.shapes import fourth, money
from erpdesk.sync.sage.verify import NOTHING, Difference, day_of, id_of, money_of, quantity_of, text_of, unlike
from erpdesk.workflows.documents import Distribution, InvoiceFile

_ZERO = Decimal("0.00")
_ALWAYS = ("invoice_date", "accounting_date")
_IF_GIVEN = ("date_received", "discount_date", "payment_date")
"""What an invoice leaves blank here Sage works out by the vendor's terms."""
_PLACE = ("commitment", "job", "extra", "cost_code", "category")


def compare_invoice(approved: InvoiceFile, held: Fields, lines: Sequence[Fields]) -> tuple[Difference, ...]:
    """Every difference between an approved invoice and the clean rows of the one in Sage; empty means equal.

    Padding is ignored. Sage numbers the distributions itself, so their order says nothing. Taxes, discounts,
    deductions, accounts and quantities are compared where they were given; payments made since do not count.
    """
    return (*_header(approved, held), *_lines(approved.distributions, lines))


def another_invoice(approved: InvoiceFile, held: Fields, lines: Sequence[Fields]) -> bool:
    """Whether what Sage holds is plainly another invoice: of another amount, and with all its lines elsewhere."""
    wanted = {tuple(getattr(line, name) for name in _PLACE) for line in approved.distributions}
    there = {tuple(line[name] for name in _PLACE) for line in lines}
    return bool(there) and not wanted & there and money(held["amount"]) != approved.amount


def _header(approved: InvoiceFile, held: Fields) -> Iterator[Difference]:
    yield from unlike("Vendor", id_of(approved.vendor, False), id_of(held["vendor"], False))
    yield from unlike("Invoice number", id_of(approved.invoice, False), id_of(held["invoice"], False))
    yield from unlike("Description", text_of(approved.description), text_of(held["description"]))
    yield from unlike("Amount", money_of(approved.amount), money_of(money(held["amount"])))
    yield from unlike("Retainage", money_of(approved.retainage), money_of(money(held["retainage"])))
    for field in (*_ALWAYS, *_IF_GIVEN):
        wanted: date | None = getattr(approved, field)
        if field in held and (wanted or field in _ALWAYS):
            yield from unlike(_caption(field), day_of(wanted), held[field] or "")
    for name, amount in (
        ("tax", approved.tax),
        ("discount_offered", approved.discount),
        ("misc_deduction", approved.misc_deduction),
    ):
        if amount is not None and name in held:
            yield from unlike(_caption(name), money_of(amount), money_of(money(held[name])))
    for name in ("invoice_code_1", "invoice_code_2"):
        if getattr(approved, name) and name in held:
            yield from unlike(_caption(name), text_of(getattr(approved, name)), text_of(held[name]))
    if "void" in (held.get("status") or "").lower():
        yield Difference("Status", "not void", held["status"])


def _lines(approved: Sequence[Distribution], lines: Sequence[Fields]) -> Iterator[Difference]:
    left = list(lines)
    odd: list[tuple[int, Distribution]] = []
    for at, line in enumerate(approved, 1):
        same = next((each for each in left if not any(_line("", line, each))), None)
        if same is None:
            odd.append((at, line))
        else:
            left.remove(same)
    for wanted, found in zip_longest(odd, left):
        if wanted is None:
            yield Difference(f"Distribution {found['dist_seq']}", NOTHING, _words(found))
        elif found is None:
            words = f"{wanted[1].description}, {money_of(wanted[1].amount)}".removeprefix(", ")
            yield Difference(f"Line {wanted[0]}", words, NOTHING)
        else:
            yield from _line(f"Line {wanted[0]} ", wanted[1], found)


def _line(where: str, line: Distribution, found: Fields) -> Iterator[Difference]:
    for name in _PLACE:
        yield from unlike(where + _caption(name).lower(), id_of(getattr(line, name), False), id_of(found[name], False))
    number = found["commitment_line_item"] or 0
    yield from unlike(where + "commitment line", _number(line.commitment_line or 0), _number(number))
    yield from unlike(where + "amount", money_of(line.amount), money_of(money(found["amount"])))
    yield from unlike(where + "retainage", money_of(line.retainage or _ZERO), money_of(money(found["retainage"])))
    for caption, text, column in (
        ("description", line.description, "description"),
        ("expense account", line.expense_account, "expense_account"),
        ("payable account", line.payable_account, "accounts_payable_account"),
        ("tax group", line.tax_group, "tax_group"),
    ):
        if text and column in found:
            yield from unlike(where + caption, text_of(text), text_of(found[column]))
    for caption, amount, column in (
        ("tax", line.tax, "tax"),
        ("discount", line.discount, "discount_offered"),
        ("misc deduction", line.misc_deduction, "misc_deduction"),
    ):
        if amount is not None and column in found:
            yield from unlike(where + caption, money_of(amount), money_of(money(found[column])))
    for caption, quantity, column in (
        ("quantity", line.quantity, "units"),
        ("unit cost", line.unit_cost, "unit_cost"),
    ):
        if quantity is not None and column in found:
            yield from unlike(where + caption, quantity_of(quantity), quantity_of(fourth(found[column])))


def _words(found: Fields) -> str:
    place = " ".join(found[name] for name in _PLACE if found[name])
    return f"{place}, {money_of(money(found['amount']))}".removeprefix(", ")


def _caption(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _number(number: int) -> str:
    return str(number) if number else ""
