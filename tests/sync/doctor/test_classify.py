"""The class of a record type follows from what Sage shows, and whatever is not plain counts as B."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.doctor.classify import Measure, classify

FIRST, OTHER = Decimal("10.00"), Decimal("11.25")


def looks(*pairs: tuple[int, str]) -> list[Measure]:
    return [Measure(count, Decimal(amount)) for count, amount in pairs]


@pytest.mark.parametrize(
    ("seen", "idempotency", "proven"),
    [
        (looks((0, "0"), (1, "10"), (1, "10"), (1, "10")), "A", True),
        (looks((3, "7.5"), (4, "17.5"), (5, "27.5"), (6, "38.75")), "B", True),
        (looks((0, "0"), (1, "10"), (1, "10"), (1, "11.25")), "C", True),
        (looks((0, "0"), (0, "0"), (0, "0"), (0, "0")), "B", False),
        (looks((0, "0"), (1, "9.99"), (1, "9.99"), (1, "9.99")), "B", False),
        (looks((0, "0"), (1, "10"), (1, "20"), (1, "31.25")), "B", False),
        (looks((0, "0"), (1, "10"), (1, "10"), (2, "21.25")), "B", False),
        (looks((0, "0"), (1, "10"), (0, "0"), (1, "11.25")), "B", False),
    ],
)
def test_the_class_is_read_off_four_looks(seen: list[Measure], idempotency: str, proven: bool) -> None:
    proof = classify(seen, FIRST, OTHER)
    assert (proof.idempotency, proof.proven) == (idempotency, proven)
    assert proof.evidence


MEASURES = st.builds(Measure, st.integers(0, 3), st.sampled_from([Decimal(0), FIRST, OTHER, FIRST * 2, FIRST + OTHER]))


@given(st.lists(MEASURES, min_size=4, max_size=4))
def test_a_is_said_only_when_nothing_came_after_the_first(seen: list[Measure]) -> None:
    proof = classify(seen, FIRST, OTHER)
    if proof.idempotency == "A":
        assert seen[1] == seen[2] == seen[3]
    if not proof.proven:
        assert proof.idempotency == "B", "what is not known counts as the strictest class"
