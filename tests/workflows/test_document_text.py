"""Every document comes back from its text exactly as it was, and no other text is taken for one (P6, P18)."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.core.errors import ForPeople
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import (
    Address,
    ChangeLine,
    Commitment,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
    LedgerLine,
    LineTerms,
    TaxLine,
    Terms,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.sync.stand_in_files import DOCUMENTS

KINDS = tuple(document_text.KINDS.values())
SAMPLES = [each for some in DOCUMENTS.values() for each in some]

words = st.text(max_size=12)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)
fourths = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6)
quantities = st.none() | fourths
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: words,
    Decimal: amounts,
    Decimal | None: quantities,
    date | None: st.none() | st.dates(),
}


def built(kind: Any, **chosen: Any) -> st.SearchStrategy[Any]:
    """A strategy of one dataclass: chosen fields, and any value for the others."""
    hints = get_type_hints(kind)
    rest = {name: PLAIN.get(hint, st.from_type(hint)) for name, hint in hints.items() if name not in chosen}
    return st.builds(kind, **rest, **chosen)


lines = built(LineSnapshot)
terms = built(
    Terms,
    to=built(Address),
    ship_to=built(Address),
    lines=st.dictionaries(st.integers(1, 99), built(LineTerms), max_size=3),
)
ANY: st.SearchStrategy[Document] = st.one_of(
    built(
        Commitment,
        snapshot=built(CommitmentSnapshot, lines=st.lists(lines, max_size=3).map(tuple)),
        terms=terms,
    ),
    built(CommitmentChange, lines=st.lists(built(ChangeLine, new=st.booleans()), max_size=3).map(tuple)),
    built(
        EstimateFile,
        lines=st.lists(built(EstimateLine), max_size=3).map(tuple),
        extras=st.dictionaries(words, words, max_size=3),
        approved_change=st.booleans(),
    ),
    built(
        DirectCosts,
        costs=st.lists(built(DirectCost), max_size=3).map(tuple),
        ledger=st.lists(built(LedgerLine), max_size=2).map(tuple),
    ),
    built(
        InvoiceFile,
        distributions=st.lists(
            built(Distribution),
            max_size=2,
        ).map(tuple),
        taxes=st.lists(built(TaxLine), max_size=2).map(tuple),
    ),
)


@settings(max_examples=60)
@given(ANY)
def test_any_document_comes_back(document: Document) -> None:
    """The same values, and the same text again, in which every digit stands."""
    text = document_text.to_text(document)
    back = document_text.from_text(text)
    assert back == document
    assert document_text.to_text(back) == text
    assert json.loads(text)["document"] == type(document).__name__


def test_every_document_but_the_plain_commitment_has_a_text() -> None:
    """A new document joins by standing in the list; the plain commitment keeps its own form."""
    assert set(KINDS) | {CommitmentSnapshot} == set(get_args(Document))
    with pytest.raises(TypeError, match="CommitmentSnapshot has no text"):
        document_text.to_text(CommitmentSnapshot("S", "Subcontract", "", "", "", date(2026, 1, 2), Decimal(0), ()))


@pytest.mark.parametrize("document", SAMPLES, ids=lambda each: type(each).__name__)
def test_other_texts_are_refused(document: Document) -> None:
    """A field more or less, another type, another spelling: each is said, none is guessed."""
    text = document_text.to_text(document)
    held = json.loads(text)
    assert document_text.from_text(text) == document
    for broken in _broken(held):
        with pytest.raises(ForPeople, match="cannot read an item as it was sent"):
            document_text.from_text(json.dumps(broken, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    for other in (text + " ", text.replace(":", ": ", 1), "", "[]", "null", "[" * 100_000, text[:-1]):
        with pytest.raises(ForPeople):
            document_text.from_text(other)


def _broken(held: dict[str, Any]) -> list[dict[str, Any]]:
    body = held["body"]
    first = next(iter(body))
    amount = next((name for name, value in body.items() if isinstance(value, list) and value), first)
    return [
        held | {"format": 2},
        held | {"format": "1"},
        held | {"document": "Payroll"},
        held | {"document": ["EstimateFile"]},
        held | {"more": 1},
        {name: value for name, value in held.items() if name != "body"},
        held | {"body": body | {"more": ""}},
        held | {"body": {name: value for name, value in body.items() if name != first}},
        held | {"body": body | {amount: 7}},
        held | {"body": body | {amount: None}},
        held | {"body": []},
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", 10.5),
        ("amount", Decimal("NaN")),
        ("amount", 10),
        ("date", datetime(2026, 1, 2)),  # noqa: DTZ001
        ("date", "2026-01-02"),
        ("unit", None),
    ],
)
def test_a_value_of_another_type_is_not_written(name: str, value: object) -> None:
    """A float, a moment or a blank in a field that has none is a bug, and is not kept for ever."""
    line = EstimateLine("03-100", "SUB", date(2026, 1, 2), Decimal("1.00"))
    document = EstimateFile("14-500", "Pier", (dataclasses.replace(line, **{name: value}),))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        document_text.to_text(document)


def test_numbers_keep_their_digits() -> None:
    """1.50 stays 1.50; an amount that is written another way is another text."""
    line = EstimateLine("03-100", "SUB", date(2026, 1, 2), Decimal("1.50"), Decimal("2"))
    text = document_text.to_text(EstimateFile("14-500", "Jetée", (line,)))
    assert '"amount":"1.50"' in text and '"quantity":"2"' in text and "Jetée" in text
    for odd in ("01.50", "+1.50", "1_0.50", " 1.50", "\N{ARABIC-INDIC DIGIT ONE}"):
        with pytest.raises(ForPeople):
            document_text.from_text(text.replace('"amount":"1.50"', f'"amount":"{odd}"'))
    with pytest.raises(ForPeople):
        document_text.from_text(text.replace("2026-01-02", "20260102"))


SAME = """
import locale, sys
locale.setlocale(locale.LC_ALL, "")
from erpdesk.workflows import document_text
from tests.sync.stand_in_files import DOCUMENTS
sys.stdout.buffer.write("\\n".join(document_text.to_text(e) for s in DOCUMENTS.values() for e in s).encode())
"""


def test_the_text_is_the_same_in_any_country() -> None:
    """Another language, another order of hashes, another process: the same bytes."""
    environment = os.environ | {"LC_ALL": "POSIX", "PYTHONHASHSEED": "7", "PYTHONPATH": os.getcwd()}
    made = subprocess.run([sys.executable, "-c", SAME], capture_output=True, check=True, env=environment).stdout
    assert made.decode().split("\n") == [document_text.to_text(each) for each in SAMPLES]
