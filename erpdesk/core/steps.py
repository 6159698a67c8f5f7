"""A workflow as a table: from one row of it come the rule, the button, the reason and the diagram.

A step table is the only thing that says which state follows which; nothing else sets a state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from erpdesk.core.errors import Refused

S = TypeVar("S", bound=StrEnum)

Guard = Callable[[Any], str | tuple[str, ...] | None]
"""Looks at the facts of one record and answers why not, in one or more sentences, or None."""


class Who(StrEnum):
    """Who takes a step: the project side, the accounting approver, erpdesk itself, or somebody inside Sage."""

    PROJECT = "Project side"
    ACCOUNTING = "Accounting"
    ERPDESK = "erpdesk"
    SAGE = "Sage"


@dataclass(frozen=True)
class Step(Generic[S]):
    """One row of a workflow: who may lead a record from which states to which, and what speaks against it."""

    verb: str
    title: str
    sources: tuple[S, ...]
    target: S
    who: Who
    where: str
    optional: bool = False
    guards: tuple[Guard, ...] = ()
    not_now: str = ""
    """Why the step is not there in other states; a sentence."""


@dataclass(frozen=True)
class Offer:
    """A button: its verb and words, whether it may be pressed now, and if not, every reason why (T4)."""

    verb: str
    title: str
    allowed: bool
    reasons: tuple[str, ...] = ()


class StepTable(Generic[S]):
    """The steps of one workflow; raises ValueError at import time when the table contradicts itself."""

    def __init__(self, name: str, start: S, final: tuple[S, ...], *steps: Step[S]) -> None:
        self.name = name
        self.start = start
        self.final = final
        self.steps = steps
        self._check()

    def _check(self) -> None:
        states = type(self.start)
        seen: set[tuple[str, S]] = set()
        for step in self.steps:
            for source in step.sources:
                if (step.verb, source) in seen:
                    raise ValueError(f"{self.name}: {step.verb} leaves {source} twice")
                seen.add((step.verb, source))
        reached = {self.start} | {step.target for step in self.steps}
        left = {source for step in self.steps for source in step.sources}
        for state in states:
            if state not in reached:
                raise ValueError(f"{self.name}: nothing leads to {state}")
            if state not in left and state not in self.final:
                raise ValueError(f"{self.name}: {state} is a dead end")

    def find(self, verb: str, state: S) -> Step[S]:
        """The step that ``verb`` takes from ``state``; raises Refused with a sentence when there is none."""
        named = [step for step in self.steps if step.verb == verb]
        if not named:
            raise KeyError(f"{self.name} knows no step {verb}")
        for step in named:
            if state in step.sources:
                return step
        raise Refused([named[0].not_now or f"{named[0].title} is not possible while the record is {state.value}."])

    def reasons(self, verb: str, state: S, facts: Any) -> tuple[str, ...]:
        """Every reason why ``verb`` is not possible now; empty when it is."""
        try:
            step = self.find(verb, state)
        except Refused as refusal:
            return refusal.reasons
        found: list[str] = []
        for guard in step.guards:
            answer = guard(facts)
            found += [answer] if isinstance(answer, str) else list(answer or ())
        return tuple(dict.fromkeys(reason for reason in found if reason))

    def apply(self, verb: str, state: S, facts: Any) -> S:
        """The state after the step; raises Refused with all reasons when it may not be taken."""
        step = self.find(verb, state)
        reasons = self.reasons(verb, state, facts)
        if reasons:
            raise Refused(reasons)
        return step.target

    def offer(self, verb: str, state: S, facts: Any) -> Offer:
        """The button for ``verb``, with its reasons when it may not be pressed."""
        reasons = self.reasons(verb, state, facts)
        title = next(step.title for step in self.steps if step.verb == verb)
        return Offer(verb, title, not reasons, reasons)

    def diagram(self) -> str:
        """The workflow drawn from this table, in Mermaid's state notation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start.name}"]
        lines += [f'    {state.name} : "{state.value}"' for state in type(self.start)]
        for step in self.steps:
            mark = " (optional)" if step.optional else ""
            label = f"{step.who.value}, {step.title}{mark}"
            lines += [f"    {source.name} --> {step.target.name} : {label}" for source in step.sources]
        lines += [f"    {state.name} --> [*]" for state in self.final]
        return "\n".join(lines)
