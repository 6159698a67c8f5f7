"""One erpdesk and one Sage in one process, for a fault that strikes at a named point: real files, real databases."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from erpdesk.sync.export.exporter import Exporter, Report
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from tests.proof import properties
from tests.proof.books import Line
from tests.proof.doors import FaultyDoor
from tests.proof.ground import KINDS, TIMING, Ground, budget, commitment
from tests.proof.properties import Violation
from tests.proof.workers import CALM, AtSage, Manners
from tests.sync.export.faulty_disk import FaultyDisk
from tests.sync.export.yard import Hands, Yard

ROUNDS_IN_TROUBLE = 6
MINUTES = 4


@dataclass
class Site:
    """A ground with everything open. ``on_point`` is called at each named point of erpdesk and of Sage's imports."""

    ground: Ground
    yard: Yard
    hands: Hands = field(default_factory=Hands)
    on_point: Callable[[str], None] = lambda point: None
    struck: bool = False
    """Whether the fault has struck."""

    def __post_init__(self) -> None:
        self.disk = FaultyDisk(pause=lambda seconds: self.hands.move(seconds=seconds))
        self.door = FaultyDoor(open_standin(self.yard.sage.folder))
        self.exporter = self.another()
        self.sage = self.person()

    @classmethod
    def open(cls, ground: Ground) -> Site:
        """Everything of a ground, in this process."""
        return cls(ground, Yard.open(ground.folder))

    def close(self) -> None:
        """Lets go of the store."""
        self.yard.store.close()

    def another(self, worker: str = "one", **options: object) -> Exporter:
        """Another erpdesk on the same company, or the same one after a new start."""
        values = {"kinds": KINDS, "disk": self.disk, "timing": TIMING, "clock": self.hands.clock, "at": self.at}
        reader = FreshReader(self.door, query_timeout=0.2)
        return self.yard.exporter(**{**values, "reader": reader, "worker": worker, **options})  # type: ignore[arg-type]

    def person(self, manners: Manners = CALM) -> AtSage:
        """Somebody who sits down at Sage."""
        return AtSage(self.ground, self.yard, random.Random(1), manners, self.at, self.hands.clock)

    def at(self, point: str) -> None:
        """A named point is met."""
        self.on_point(point)

    def accept(self, commitments: int = 2, budgets: int = 1) -> list[str]:
        """Some items are accepted."""
        chance = random.Random(7)
        items = [self.ground.accept(self.yard, commitment(100 + n, chance)) for n in range(commitments)]
        for n in range(budgets):
            items.append(self.ground.accept(self.yard, budget(500 + n, chance), sage_id=f"BUDGET-{n}"))
        return items

    def round(self, *, minutes: float = MINUTES) -> Report:
        """One round of erpdesk, a look of the person at Sage, and some minutes."""
        report = self.exporter.step() if self.exporter.recovered else self.exporter.recover()
        moved = self.sage.step()
        if not moved and not report.progress:
            self.sage.settle_posting()
        self.hands.move(minutes=minutes)
        return report

    def rounds(self, count: int = ROUNDS_IN_TROUBLE) -> None:
        """Several rounds, whatever they say."""
        for _ in range(count):
            self.round()

    def rest(self) -> list[Violation]:
        """Nothing is wrong any more: a new start, rounds until all is quiet, and then every property."""
        self.on_point = lambda point: None
        self.exporter, self.sage = self.another("after"), self.person()
        self.exporter.recover()
        quiet = 0
        for number in range(120):
            report = self.round()
            quiet = 0 if report.progress else quiet + 1
            if number % 6 == 5:
                self.exporter.recover()
            if (quiet > 8 and not self._moving()) or quiet > 40:
                break
        violations = properties.broken(self.ground.books(30), properties.AT_REST)
        before = self._print()
        self.exporter.recover()
        if self._print() != before:
            violations.append(Violation("P10", "a second recovery changed what the first had left"))
        return violations

    def _moving(self) -> bool:
        return any(line.state in properties.MOVING for line in self.lines())

    def _print(self) -> tuple[object, ...]:
        books = self.ground.books(30)
        return books.lines, books.sent, len(books.audit), books.evidence

    def lines(self) -> Sequence[Line]:
        """The items as they stand."""
        return self.ground.books(30).lines

    def states(self) -> list[str]:
        """Their states, in the order in which they were accepted."""
        return [line.state for line in self.lines()]

    def always(self) -> list[Violation]:
        """What holds also in the middle."""
        return properties.broken(self.ground.books(30), properties.ALWAYS)
