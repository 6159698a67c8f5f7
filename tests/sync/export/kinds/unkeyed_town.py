"""A stand-in company into which estimates and direct costs are imported and posted, and looked for again."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.core.clock import Clock
from erpdesk.sync.export.kinds.kind import ExportKind, Look, Wanted
from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, post_entries, run_import
from erpdesk.sync.sandbox.spec import create_from_spec
from erpdesk.workflows.documents import Document, EstimateFile, EstimateLine
from tests.sync.mirror.kit import alter, door
from tests.sync.stand_in_files import PROGRAM, SPEC

DAY, OTHER_DAY = date(2026, 11, 24), date(2026, 11, 27)
AS_CHANGE = "approved_estimate_change"
NEW, CURRENT, CATEGORY = "JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION", "JCM_MASTER__CATEGORY"


def budget(*lines: EstimateLine, change: bool = False) -> EstimateFile:
    """An estimate of the one job; three lines, one of them of the extra, unless others are given."""
    given = lines or (
        EstimateLine("03-100", "SUB", DAY, Decimal("5400.05"), Decimal("120"), "hour", "Piles"),
        EstimateLine("05-100", "MAT", DAY, Decimal("0.10"), Decimal("3.50"), "ton", "Steel"),
        EstimateLine("05-100", "MAT", DAY, Decimal("-700.25"), Decimal("0"), "", "Steel", "X1"),
    )
    extras = {"X1": "Ramp"} if any(line.extra for line in given) else {}
    return EstimateFile("14-500", "Pier", given, extras, change)


def line(amount: str, day: date = DAY, code: str = "03-100", category: str = "SUB") -> EstimateLine:
    return EstimateLine(code, category, day, Decimal(amount))


BUDGETS, CHANGED = budget(), budget(change=True)


@dataclass
class UnkeyedTown:
    """One company, one kind of item; the baseline goes through its JSON as it does in the database."""

    folder: Path
    kind: ExportKind
    layout: str
    way: str | Connect = "file"

    @classmethod
    def build(cls, folder: Path, kind: ExportKind, layout: str, way: str = "file") -> UnkeyedTown:
        """A company with one job, its extra and its codes."""
        create_from_spec(folder, SPEC)
        return cls(folder, kind, layout, way)

    @property
    def company(self) -> SandboxCompany:
        return SandboxCompany(self.folder)

    def reader(self) -> FreshReader:
        """A reader that knows nothing yet."""
        if self.way == "file":
            # Sage's own door, which knows the faults of the company.
            return FreshReader(self.company.connect)
        return FreshReader(door(self.way, self.folder) if isinstance(self.way, str) else self.way)

    def before(self, *documents: Document) -> Mapping[str, Any]:
        """What Sage holds now, as it would be kept."""
        with self.reader() as reader:
            kept: Mapping[str, Any] = json.loads(json.dumps(self.kind.read_back.baseline(reader, Clock(), documents)))
        return kept

    def bring_in(self, document: Document, *, all_of_it: bool = True, **options: bool) -> None:
        """The writer's file goes through Sage's own import, with these options ticked."""
        made = Renderer(load_layout(self.layout)).preview(document)
        assert not made.refusals, made.refusals
        program = PROGRAM[self.layout]
        (self.company.imports / PROGRAMS[program].file).write_bytes(made.data)
        result = run_import(self.company, program, options=options)
        assert not result.stopped and (not all_of_it or all(each.accepted for each in result.verdicts)), result

    def post(self) -> None:
        """Post Entries."""
        assert not post_entries(self.company).stopped

    def alter(self, *statements: str | tuple[str, tuple[Any, ...]]) -> None:
        """Somebody changes Sage's tables."""
        alter(self.folder, *statements)

    def meddle(self, words: str, act: Callable[[int], object]) -> None:
        """Lets something happen in Sage just before each query that holds these words; it is told which time it is."""
        times = itertools.count(1)

        class Meddling:
            def __init__(self, real: Any) -> None:
                self._real = real

            def __getattr__(self, name: str) -> Any:
                return getattr(self._real, name)

            def cursor(self) -> Meddling:
                return Meddling(self._real.cursor())

            def execute(self, sql: str, values: Any = ()) -> Any:
                if words in sql:
                    act(next(times))
                return self._real.execute(sql, values)

        plain = open_standin(self.folder)
        self.way = lambda: Meddling(plain())

    def look(self, document: Document, baseline: Mapping[str, Any] | None, **more: Any) -> Look:
        """The look for one document."""
        (found,) = self.looks([Wanted(document, baseline, **more)])
        assert found.began <= found.ended
        return found

    def looks(self, wanted: Sequence[Wanted]) -> tuple[Look, ...]:
        """One look for each."""
        with self.reader() as reader:
            return self.kind.read_back.look(reader, Clock(), wanted)

    def reasons(self, document: Document) -> tuple[str, ...]:
        """What stands against a document."""
        with self.reader() as reader:
            return self.kind.read_back.why_not(reader, document)


def told(look: Look) -> list[str]:
    """The differences in words."""
    return [str(each) for each in look.differences]
