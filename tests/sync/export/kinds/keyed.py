"""A small stand-in company into which a kind's documents are imported, and a door that counts what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from erpdesk.core.clock import Clock
from erpdesk.sync.export.kinds.kind import ExportKind, Look, Wanted
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, run_import
from erpdesk.sync.sandbox.spec import create_from_spec
from erpdesk.workflows.documents import Document
from tests.sync.mirror.kit import alter, door
from tests.sync.stand_in_files import PROGRAM, spec_for

DOORS = ("file", "odbc")


def build(folder: Path, layout: str, **settings: Any) -> Path:
    """A company with a job, its codes, two vendors and a commitment, set to the invoice order of that layout."""
    spec = spec_for(layout)
    create_from_spec(folder, spec | {"settings": spec["settings"] | settings})
    alter(folder, "INSERT INTO TXM_MASTER__TAX_GROUP (Tax_Group, Rate) VALUES ('WATAC', 8.7)")
    return folder


def bring_in(folder: Path, layout: str, *documents: Document) -> None:
    """The writer's file of these documents goes through Sage's own import."""
    company = SandboxCompany(folder)
    made = Renderer(load_layout(layout)).preview(*documents)
    assert not made.refusals, made.refusals
    (company.imports / PROGRAMS[PROGRAM[layout]].file).write_bytes(made.data)
    result = run_import(company, PROGRAM[layout])
    assert all(verdict.accepted for verdict in result.verdicts), result


def looks(kind: ExportKind, folder: Path, wanted: Sequence[Wanted], way: str | Connect = "file") -> tuple[Look, ...]:
    """One fresh look for each."""
    connect = door(way, folder) if isinstance(way, str) else way
    with FreshReader(connect) as reader:
        return kind.read_back.look(reader, Clock(), wanted)


def one(kind: ExportKind, folder: Path, document: Document, way: str = "file", **more: Any) -> Look:
    """The look for one document."""
    (found,) = looks(kind, folder, [Wanted(document, **more)], way)
    assert found.began <= found.ended
    return found


def reasons(kind: ExportKind, folder: Path, document: Document) -> tuple[str, ...]:
    """What stands against a document."""
    with FreshReader(door("file", folder)) as reader:
        return kind.read_back.why_not(reader, document)


class Counting:
    """A door through which every statement is counted."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self.said: list[str] = []

    def __call__(self) -> Any:
        return _Counted(self._connect(), self.say)

    def say(self, sql: str) -> None:
        """A statement is about to be asked."""
        self.said.append(sql)


class _Counted:
    """A connection or its cursor, which passes everything on."""

    def __init__(self, real: Any, say: Callable[[str], None]) -> None:
        self._real, self._say = real, say

    def cursor(self) -> Any:
        return _Counted(self._real.cursor(), self._say)

    def execute(self, sql: str, values: Sequence[Any]) -> Any:
        self._say(sql)
        return self._real.execute(sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
