"""A sent item as canonical text and back: the same item always gives the same text and the same hash (P6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from erpdesk.core.money import show_amount, show_quantity
from erpdesk.workflows.console_rows import FieldChange
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

FORMAT = 1


def to_text(snapshot: CommitmentSnapshot) -> str:
    """The snapshot as canonical JSON: sorted keys, amounts as text. The Sage ID is the proposed one."""
    body = {
        "format": FORMAT,
        "sage_id": snapshot.sage_id,
        "type": snapshot.type,
        "title": snapshot.title,
        "vendor": snapshot.vendor,
        "job": snapshot.job,
        "date": snapshot.date.isoformat(),
        "retainage_percent": str(snapshot.retainage_percent),
        "lines": [
            {
                "number": line.number,
                "description": line.description,
                "extra": line.extra,
                "cost_code": line.cost_code,
                "category": line.category,
                "quantity": _text(line.quantity),
                "unit": line.unit,
                "unit_cost": _text(line.unit_cost),
                "amount": str(line.amount),
            }
            for line in snapshot.lines
        ],
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, *, sage_id: str | None = None) -> CommitmentSnapshot:
    """The snapshot that ``to_text`` wrote; ``sage_id`` puts the decided ID in the place of the proposed one."""
    body: dict[str, Any] = json.loads(text)
    return CommitmentSnapshot(
        sage_id=body["sage_id"] if sage_id is None else sage_id,
        type=body["type"],
        title=body["title"],
        vendor=body["vendor"],
        job=body["job"],
        date=date.fromisoformat(body["date"]),
        retainage_percent=Decimal(body["retainage_percent"]),
        lines=tuple(
            LineSnapshot(
                number=line["number"],
                description=line["description"],
                extra=line["extra"],
                cost_code=line["cost_code"],
                category=line["category"],
                quantity=_decimal(line["quantity"]),
                unit=line["unit"],
                unit_cost=_decimal(line["unit_cost"]),
                amount=Decimal(line["amount"]),
            )
            for line in body["lines"]
        ),
    )


HEADER = (
    ("Proposed Sage ID", "sage_id"),
    ("Type", "type"),
    ("Title", "title"),
    ("Vendor", "vendor"),
    ("Job", "job"),
    ("Date", "date"),
    ("Retainage", "retainage_percent"),
)
LINE = (
    ("extra", "extra"),
    ("cost code", "cost_code"),
    ("category", "category"),
    ("description", "description"),
    ("quantity", "quantity"),
    ("unit", "unit"),
    ("unit cost", "unit_cost"),
    ("amount", "amount"),
)
"""The fields of a line, as people call them and as a snapshot names them."""


def differences(before: str, after: str) -> tuple[FieldChange, ...]:
    """What a sent text says differently from an earlier one: field by field, and line by line however they moved."""
    was, now = from_text(before), from_text(after)
    found = [
        FieldChange(title, _shown(name, getattr(was, name)), _shown(name, getattr(now, name)))
        for title, name in HEADER
        if getattr(was, name) != getattr(now, name)
    ]
    found += _line_differences(was.lines, now.lines)
    if was.amount != now.amount:
        found.append(FieldChange("Total", show_amount(was.amount), show_amount(now.amount)))
    return tuple(found)


def _line_differences(was: Sequence[LineSnapshot], now: Sequence[LineSnapshot]) -> Iterator[FieldChange]:
    # Lines are matched by what they are, not by their number: one more at the top does not change all the others.
    matched = SequenceMatcher(None, [_same(line) for line in was], [_same(line) for line in now], autojunk=False)
    for what, start, end, begin, stop in matched.get_opcodes():
        if what == "equal":
            continue
        for old, new in zip_longest(was[start:end], now[begin:stop]):
            if old is None:
                yield FieldChange(f"Line {new.number} added", "", _line_words(new))
            elif new is None:
                yield FieldChange(f"Line {old.number} removed", _line_words(old), "")
            else:
                yield from _changed(old, new)


def _changed(old: LineSnapshot, new: LineSnapshot) -> Iterator[FieldChange]:
    for title, name in LINE:
        if getattr(old, name) != getattr(new, name):
            field = f"Line {new.number}, {title}"
            yield FieldChange(field, _shown(name, getattr(old, name)), _shown(name, getattr(new, name)))


def _same(line: LineSnapshot) -> tuple[object, ...]:
    return tuple(getattr(line, name) for _, name in LINE)


def _line_words(line: LineSnapshot) -> str:
    code = " ".join(part for part in (line.extra, line.cost_code, line.category, line.description) if part)
    return f"{code}, {show_amount(line.amount)}"


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return show_amount(value) if name == "amount" else show_quantity(value) + " %" * (name == "retainage_percent")
    return f"{value:%m/%d/%Y}" if isinstance(value, date) else str(value)


def sha256(text: str) -> str:
    """The hash of a snapshot's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
