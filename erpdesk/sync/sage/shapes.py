"""From clean rows to what the workflows ask for: whole cents become amounts, and what Sage leaves empty becomes zero.

The mirror and a fresh read make their commitments here, so that the two can be compared field by field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.core.money import from_fourths, from_whole_cents
from erpdesk.workflows.ports import SageCommitment, SageItem

Fields = Mapping[str, Any]
"""A clean row by the names of the mirror's columns."""


def money(whole: int | None) -> Decimal:
    """An amount; empty is zero."""
    return from_whole_cents(whole or 0)


def fourth(whole: int | None) -> Decimal:
    """A quantity, unit cost or percentage; empty is zero."""
    return from_fourths(whole or 0)


def day(text: str | None) -> date | None:
    """A date from ISO text."""
    return date.fromisoformat(text) if text else None


def item(row: Fields) -> SageItem:
    """One line of a commitment. In Sage a line without a retainage percentage uses the commitment's."""
    retainage = row["retainage_percent"]
    return SageItem(
        number=row["item_number"],
        description=row["description"],
        job=row["job"],
        extra=row["extra"],
        cost_code=row["cost_code"],
        category=row["category"],
        units=fourth(row["units"]),
        unit_description=row["unit_description"],
        unit_cost=fourth(row["unit_cost"]),
        amount=money(row["amount"]),
        retainage_percent=fourth(retainage) if retainage else None,
        approved_changes=money(row["approved_commitment_co_amount"]),
        invoiced=money(row["amount_invoiced"]),
        tax=money(row["tax"]),
    )


def commitment(header: Fields, lines: Sequence[Fields]) -> SageCommitment:
    """A commitment with its lines in the order of their numbers.

    Where this Sage does not show the header's amounts, they are the sums of the lines; where it does not show whether
    the commitment is committed, it counts as committed, since it stands in the master file.
    """
    items = tuple(sorted((item(line) for line in lines), key=lambda each: each.number))
    amount, changes = header["amount"], header["approved_commitment_co_amount"]
    zero = money(0)
    return SageCommitment(
        commitment=header["commitment"],
        type=header["commitment_type"],
        description=header["description"] or "",
        vendor=header["vendor"],
        job=header["job"],
        date=day(header["date"]),
        retainage_percent=fourth(header["retainage_percent"]),
        committed=header["committed"] is None or bool(header["committed"]),
        closed=bool(header["closed"]),
        amount=sum((each.amount for each in items), zero) if amount is None else money(amount),
        approved_changes=sum((each.approved_changes for each in items), zero) if changes is None else money(changes),
        invoiced=money(header["amount_invoiced"]),
        items=items,
    )
