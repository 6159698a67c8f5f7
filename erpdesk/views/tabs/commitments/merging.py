"""Two versions of a commitment beside each other, field by field, and what a person chose of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from erpdesk.core.money import show_amount, show_quantity
from erpdesk.workflows.rows import CommitmentDraft, LineDraft

MINE, THEIRS = "mine", "theirs"
NOT_THERE = "no such line"
HEADER = (
    ("number", "Number"),
    ("title", "Title"),
    ("company_id", "Vendor"),
    ("date", "Date"),
    ("retainage_percent", "Retainage"),
    ("method", "Accounting"),
    ("description", "Description"),
)


@dataclass(frozen=True)
class Difference:
    """One field or line that differs: its words in both versions, and which one is proposed.

    ``both`` tells that both persons changed it, so that somebody has to choose.
    """

    key: str
    title: str
    mine: str
    theirs: str
    proposed: str
    both: bool


def differences(
    base: CommitmentDraft, mine: CommitmentDraft, theirs: CommitmentDraft, names: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """Everything that differs between what I typed and what was saved since; ``base`` is what I typed over."""
    found = [_field(key, title, base, mine, theirs, names or {}) for key, title in HEADER]
    was, here, there = _by_id(base.lines), _by_id(mine.lines), _by_id(theirs.lines)
    for key in dict.fromkeys((*there, *here)):
        found.append(_line(key, was.get(key), here.get(key), there.get(key), _number(key, mine, theirs)))
    return tuple(each for each in found if each is not None)


def merged(mine: CommitmentDraft, theirs: CommitmentDraft, choices: Mapping[str, str]) -> CommitmentDraft:
    """The version of ``theirs`` with everything of mine that was chosen; it still has to be saved."""
    fields = {key: getattr(mine, key) for key, _ in HEADER if choices.get(key) == MINE}
    here, there = _by_id(mine.lines), _by_id(theirs.lines)
    lines: list[LineDraft] = []
    for key in dict.fromkeys((*there, *here)):
        line = (here if choices.get(f"line {key}") == MINE else there).get(key)
        if line is not None:
            # A line that is no longer saved comes back as a new one.
            lines.append(line if key in there else replace(line, id=""))
    return replace(theirs, **fields, lines=tuple(lines))


def _field(
    key: str,
    title: str,
    base: CommitmentDraft,
    mine: CommitmentDraft,
    theirs: CommitmentDraft,
    names: Mapping[str, str],
) -> Difference | None:
    was, here, there = (getattr(each, key) for each in (base, mine, theirs))
    if here == there:
        return None
    proposed = THEIRS if here == was else MINE
    return Difference(key, title, _words(here, names), _words(there, names), proposed, was not in (here, there))


def _line(
    key: str, was: LineDraft | None, here: LineDraft | None, there: LineDraft | None, number: int
) -> Difference | None:
    if here == there:
        return None
    proposed = THEIRS if here == was else MINE
    both = was not in (here, there)
    return Difference(f"line {key}", f"Line {number}", _line_words(here), _line_words(there), proposed, both)


def _by_id(lines: Sequence[LineDraft]) -> dict[str, LineDraft]:
    """Lines by their id; new ones, which have none yet, by their place."""
    return {line.id or f"new {place}": line for place, line in enumerate(lines, 1)}


def _number(key: str, mine: CommitmentDraft, theirs: CommitmentDraft) -> int:
    """The number a person sees beside the line: mine, else theirs."""
    for lines in (mine.lines, theirs.lines):
        keys = list(_by_id(lines))
        if key in keys:
            return keys.index(key) + 1
    raise KeyError(key)


def _words(value: object, names: Mapping[str, str]) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, Decimal):
        return f"{show_quantity(value)} %"
    text = str(value)
    return {"amount": "Amount based", "unit": "Unit/quantity based"}.get(text, names.get(text, text))


def _line_words(line: LineDraft | None) -> str:
    if line is None:
        return NOT_THERE
    parts = [line.extra, f"{line.cost_code} {line.category}".strip(), line.description]
    if line.quantity is not None and line.unit_cost is not None:
        parts.append(f"{show_quantity(line.quantity)} {line.unit} × {show_quantity(line.unit_cost)}".replace("  ", " "))
    return " · ".join([part for part in parts if part] + [show_amount(line.amount)])
