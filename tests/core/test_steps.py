"""A step table contradicts itself never, explains itself always, and draws itself."""

from __future__ import annotations

from enum import StrEnum

import pytest

from erpdesk.core.errors import Refused
from erpdesk.core.steps import Step, StepTable, Who


class Light(StrEnum):
    RED = "Red"
    GREEN = "Green"
    BROKEN = "Broken"


def _tired(facts: str) -> str | None:
    return "The switch is tired." if facts == "tired" else None


def _both(facts: str) -> tuple[str, ...]:
    return ("First.", "Second.") if facts == "both" else ()


GO = Step("go", "Go", (Light.RED,), Light.GREEN, Who.PROJECT, "Street", guards=(_tired, _both), not_now="It is green.")
STOP = Step("stop", "Stop", (Light.GREEN,), Light.RED, Who.PROJECT, "Street")
BREAK = Step("break", "Break", (Light.RED, Light.GREEN), Light.BROKEN, Who.SAGE, "Street", optional=True)


def table() -> StepTable[Light]:
    return StepTable("Light", Light.RED, (Light.BROKEN,), GO, STOP, BREAK)


def test_applies_a_step() -> None:
    assert table().apply("go", Light.RED, "") is Light.GREEN


def test_refuses_with_every_reason() -> None:
    with pytest.raises(Refused) as refusal:
        table().apply("go", Light.RED, "both")
    assert refusal.value.reasons == ("First.", "Second.")


def test_says_why_not_now() -> None:
    offer = table().offer("go", Light.GREEN, "")
    assert not offer.allowed
    assert offer.reasons == ("It is green.",)
    assert "not possible" in table().offer("stop", Light.BROKEN, "").reasons[0]


def test_an_unknown_verb_is_a_bug() -> None:
    with pytest.raises(KeyError):
        table().offer("fly", Light.RED, "")


def test_draws_every_step() -> None:
    drawn = table().diagram()
    assert "RED --> GREEN : Project side, Go" in drawn
    assert "GREEN --> BROKEN : Sage, Break (optional)" in drawn


def test_refuses_a_table_that_contradicts_itself() -> None:
    with pytest.raises(ValueError, match="twice"):
        StepTable("Light", Light.RED, (Light.BROKEN,), GO, GO, STOP, BREAK)
    with pytest.raises(ValueError, match="nothing leads to"):
        StepTable("Light", Light.RED, (Light.BROKEN,), GO, STOP)
    with pytest.raises(ValueError, match="dead end"):
        StepTable("Light", Light.RED, (), GO, STOP, BREAK)
