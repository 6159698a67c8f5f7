"""Which field a rejection means: every reason that the stand-in Sage knows for a commitment, and erpdesk's own."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.sync import sandbox
from erpdesk.workflows.ports import LineSnapshot
from erpdesk.workflows.reject_hints import hint_of

HERE = Path(sandbox.__file__).parent
CONSEQUENCES = {"with_its_header", "header_not_lines"}
"""What only follows from something else; the cause stands before it in the journal."""
NO_FIELD = {
    *("closed_commitment", "duplicate_co", "unknown_account", "layout_mismatch", "commitment_unknown"),
    *("co_line_twice", "number_range", "unit_cost_changed"),
}
"""Of change orders and ledgers, which have no page yet, or of the file as a whole."""


def line(number: int, code: str = "03-100", category: str = "S", **values: object) -> LineSnapshot:
    told: dict[str, object] = {"description": "", "extra": "", "quantity": None, "unit": "", "unit_cost": None}
    told |= {"amount": Decimal("1.00"), **values}
    return LineSnapshot(number=number, cost_code=code, category=category, **told)  # type: ignore[arg-type]  # any


LINES = (
    line(1),
    line(2, "05-200", "M", extra="A", quantity=Decimal("3"), unit_cost=Decimal("2.50")),
    line(3, "05-200", "S"),
)


@pytest.mark.parametrize(
    ("reason", "field", "number"),
    [
        ("Sage rejected it: cost code 05-200 does not exist in job J-1.", "cost_code", 0),
        ("Sage rejected it: cost code 03-100 is a group cost code; costs cannot go to it.", "cost_code", 1),
        ("Sage rejected it: category M does not exist in job J-1 cost code 05-200.", "category", 2),
        ("Sage rejected it: category S of job J-1 extra A cost code 05-200 is closed.", "category", 0),
        ("Sage rejected it: category S of job J-1 cost code 05-200 is closed.", "category", 3),
        ("Sage rejected it: extra A does not exist in job J-1.", "extra", 2),
        ("Sage rejected it: units times unit cost and tax come to 7.50, not to the amount.", "amount", 2),
        ("Sage rejected it: the unit cost 2.5000 is over 999,999.", "unit_cost", 2),
        ("Sage rejected it: vendor V100 does not exist.", "vendor", 0),
        ("Sage rejected it: the vendor is missing.", "vendor", 0),
        ("Sage rejected it: commitment SC-1 already exists.", "number", 0),
        ("Sage rejected it: the commitment id sc-1 must be in capital letters.", "number", 0),
        ("Sage rejected it: the commitment id SC-1234567890123 is 16 characters wide; 12 fit.", "number", 0),
        ("Sage rejected it: the date is missing.", "date", 0),
        ("Sage rejected it: the retainage percent 101.00 is not between 0 and 100.", "retainage", 0),
        ("Line 3: 05-200 S is closed in Sage. Choose another cost code, or ask accounting to open it.", "cost_code", 3),
        ("Line 2: job J-1 has no 05-200 M in Sage. Choose another, or ask accounting to add it.", "cost_code", 2),
        ("Vendor V100 is inactive in Sage. Make it active there, or choose another company.", "vendor", 0),
        ("Sage has no vendor V100 any more. Ask accounting, or choose another company.", "vendor", 0),
        ("Sage has a commitment SC-1 already, which did not come from this item. Nothing was sent.", "number", 0),
    ],
)
def test_the_field_and_the_line(reason: str, field: str, number: int) -> None:
    hint = hint_of(reason, LINES)
    assert hint is not None and (hint.field, hint.line) == (field, number)
    assert hint.fixable and hint.place.startswith("Line") == bool(number)


@pytest.mark.parametrize("reason", ["Sage rejected it: not today.", "", "Sage rejected it: ???", "Line 2"])
def test_an_unknown_reason_means_no_field(reason: str) -> None:
    assert hint_of(reason, LINES) is None


def test_what_is_set_up_in_sage_has_no_field_here() -> None:
    for reason in ("Sage rejected it: job J-1 is closed.", "Job J-1 is closed in Sage. Open it there."):
        hint = hint_of(reason, LINES)
        assert hint is not None and not hint.fixable and "Job Cost > Setup > Jobs" in hint.elsewhere


def test_a_single_line_is_the_one_that_is_meant() -> None:
    hint = hint_of("Sage rejected it: the amount 1.001 is too long; 9 digits and 2 decimals fit.", LINES[:1])
    assert hint is not None and (hint.field, hint.line, hint.place) == ("amount", 1, "Line 1, amount")


def test_every_reason_of_the_stand_in_is_known() -> None:
    unknown = []
    for name in ("import_rules.py", "places.py"):
        for node in ast.walk(ast.parse((HERE / name).read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                code, sentence = (_text(each) for each in node.args)
                if hint_of(f"Sage rejected it: {sentence}") is None:
                    unknown.append((code, sentence))
    left = [each for each in unknown if each[0] not in CONSEQUENCES | NO_FIELD]
    assert not left, left


def _text(node: ast.expr) -> str:
    """A literal with X for each value in it."""
    if isinstance(node, ast.IfExp):
        return _text(node.body)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "X"
