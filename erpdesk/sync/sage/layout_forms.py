"""A layout as people look at it: its fields in words, and a made-up document written by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from erpdesk.sync.sage.layouts import OPEN, Field, Layout
from erpdesk.sync.sage.render_cells import cell
from erpdesk.workflows.layout_ports import FormField, FormRecord, LayoutForm

_DAY, _ACCOUNTING_DAY = date(2026, 11, 24), date(2026, 11, 30)
_TEXTS = {
    "sage_id": "SC-03-0041",
    "title": "Structural steel",
    "vendor": "VENDOR1",
    "job": "03-0014",
    "extra": "",
    "cost_code": "05-1200",
    "category": "S",
    "description": "Furnish and erect",
    "unit": "each",
    "commitment": "SC-03-0041",
    "change_order": "1",
    "invoice": "INV-1001",
    "expense_account": "5000.100",
    "payable_account": "2000.100",
    "debit_account": "5000.100",
    "credit_account": "1000.100",
    "tax_group": "ST",
    "payee_name": "Sample Payee",
    "payee_address_1": "100 Main Street",
    "payee_address_2": "Suite 2",
    "payee_city": "Anytown",
    "payee_state": "WA",
    "payee_zip": "00000",
    "to_address_1": "100 Main Street",
    "to_address_2": "Suite 2",
    "to_city": "Anytown",
    "to_state": "WA",
    "to_zip": "00000",
    "ship_address_1": "200 Site Road",
    "ship_address_2": "Gate 3",
    "ship_city": "Anytown",
    "ship_state": "WA",
    "ship_zip": "00000",
    "invoice_code_1": "CODE1",
    "invoice_code_2": "CODE2",
    "distribution_code": "DIST1",
    "equipment_cost_code": "EQ-100",
    "authorization": "AUTH1",
}
# Each amount is another one, so that a swapped pair shows.
_NUMBERS = {
    "quantity": "10",
    "unit_cost": "125.00",
    "amount": "1250.00",
    "retainage_percent": "10",
    "retainage": "125.00",
    "tax": "81.25",
    "discount": "25.00",
    "misc_deduction": "5.00",
    "taxable_amount": "1168.75",
}


def form_of(layout: Layout, sources: Mapping[str, str] | None = None) -> LayoutForm:
    """A layout in words; ``sources`` says where each value comes from."""
    records = tuple(
        FormRecord(
            letters,
            tuple(_form_field(layout, at, each, sources or {}) for at, each in enumerate(layout.records[letters], 2)),
        )
        for letters in layout.records
    )
    return LayoutForm(layout.name, layout.title, layout.menu, records, sample_lines(layout))


def sample_lines(layout: Layout) -> tuple[str, ...]:
    """One line of each record with made-up values, as it would stand in the file; a record without fields has none."""
    lines = []
    for letters, fields in layout.records.items():
        if fields:
            cells = [cell(layout, each, {each.source: _sample(each)})[0] for each in fields]
            lines.append(layout.separator.join((f'"{letters}"', *cells)))
    return tuple(lines)


def used(field: Field) -> bool:
    """Whether a field ever carries something."""
    return bool(field.source or field.value)


def _form_field(layout: Layout, at: int, field: Field, sources: Mapping[str, str]) -> FormField:
    if field.source:
        words = field.source.replace("_", " ")
        source = sources.get(field.source, words[:1].upper() + words[1:])
    else:
        source = f"Always {field.value}" if field.value else "Nothing"
    return FormField(
        position=at,
        label=field.label,
        kind=field.kind,
        width=field.width,
        decimals=field.decimals,
        required=field.required or bool(field.value),
        source=source,
        used=used(field),
        mark=field.mark,
        certain=field.mark not in OPEN and not layout.site_dependent,
        settle=field.settle,
    )


def _sample(field: Field) -> object:
    if field.kind == "date":
        return _ACCOUNTING_DAY if field.source == "accounting_date" else _DAY
    if field.kind == "word":
        return next(iter(field.words), "")
    if field.kind == "flag":
        return False
    if field.kind == "whole":
        return Decimal(1)
    if field.kind == "number":
        return Decimal(_NUMBERS.get(field.source, "1"))
    text = _TEXTS.get(field.source, field.label.capitalize())
    return text[: field.width].rstrip() if field.width else text
