"""The gate before a live Sage: a file with a field that nobody has settled goes to a stand-in or test company only."""

from __future__ import annotations

from erpdesk.settings import CompanySettings
from erpdesk.workflows.ports import OpenField, Preview

MOST_NAMED = 4

SURE_WORDS = {
    "P": "Seen in working programs",
    "V": "Documented by Sage",
    "T": "Documented by another vendor",
    "I": "Inferred",
    "M": "A guess",
}
"""How sure a fact of a layout is, in words."""

KNOWN = frozenset("PVT")
"""Marks of facts that need nobody's confirmation; any other mark, also an unknown one, needs it."""


def is_live(settings: CompanySettings) -> bool:
    """Whether the data folder is a real company's, neither the stand-in nor one made for trying things."""
    return not (settings.stand_in or settings.test_company)


def why_not_live(live: bool, seen: Preview) -> tuple[str, ...]:
    """Why this file may not go to a live company: each open field and how to settle it; empty when it may go."""
    if not live or not seen.open_fields:
        return ()
    named = [f"{_open(each)} {_settle(each)}".strip() for each in seen.open_fields[:MOST_NAMED]]
    more = len(seen.open_fields) - MOST_NAMED
    if more > 0:
        named.append(f"{more} more {'field is' if more == 1 else 'fields are'} open; Layouts lists them.")
    return (*named, _WHY)


def trial_words(live: bool, seen: Preview) -> str:
    """What the approver of a stand-in or test company is told of open fields; '' when there are none."""
    if live or not seen.open_fields:
        return ""
    count = len(seen.open_fields)
    what = "One field of this file is" if count == 1 else f"{count} fields of this file are"
    return f"{what} not settled; it may go only because this is not a live company"


_WHY = (
    "A file with open fields may go to the stand-in or a test company, never to a live one. "
    "Settle each field, then confirm it in Layouts."
)


def _open(field: OpenField) -> str:
    sure = SURE_WORDS.get(field.mark, SURE_WORDS["M"]).lower()
    place = f"Field {field.position} of the {field.record} record ({field.label})"
    return f"{place} is {sure}, and nobody confirmed it here."


def _settle(field: OpenField) -> str:
    text = field.settle.strip()
    if not text:
        return ""
    return f"To settle it: {text}" if text.endswith((".", "!", "?")) else f"To settle it: {text}."
