"""A yard with the real schema and people who may decide, for the drills of backup and restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from erpdesk import database, sample
from erpdesk.core.clock import CLOCK
from erpdesk.models.company import CompanyIdentity
from erpdesk.models.people import Person
from erpdesk.paths import CompanyPaths
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.journal_desk import JournalDesk
from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.spec import create_from_spec
from erpdesk.workflows.journal_acts import JournalActs
from erpdesk.workflows.operation import Office
from tests.sync.export.yard import APPROVER, COMPANY, SENDER, SPEC, Yard


class Silence:
    """Nobody is called."""

    def wake(self) -> None:
        return None


def build(folder: Path, spec: Mapping[str, Any] = SPEC) -> None:
    """The company, with the guards of the real schema."""
    create_from_spec(folder / "sage", dict(spec))
    store = database.open_store(folder / "erpdesk.db", backups=folder / "backups")
    sample.add_people(store)
    with store.sessions.begin() as session:
        session.add_all([Person(id=SENDER, name="Dana Whitlock"), Person(id=APPROVER, name="Quinn Marsh")])
        session.add(CompanyIdentity(id=1, company=COMPANY, sage_folder="S", odbc="", control_name="", kind="stand-in"))
    store.close()


def paths_of(yard: Yard) -> CompanyPaths:
    return CompanyPaths(yard.folder)


def copies(yard: Yard) -> tuple[Path, Path]:
    return yard.imports / "journal.jsonl", yard.folder / "journal" / "export.jsonl"


def acts(yard: Yard, kinds: Sequence[ExportKind] = KINDS, disk: Disk = DISK) -> JournalActs:
    """The acts as the program puts them together."""
    desk = JournalDesk(
        yard.store.sessions,
        company=COMPANY,
        copies=copies(yard),
        reader=lambda: FreshReader(open_standin(yard.sage.folder)),
        kinds=kinds,
        disk=disk,
    )
    nothing = cast(Any, None)
    return JournalActs(Office(yard.store, nothing, nothing, Silence(), CLOCK, nothing), desk)


def person(yard: Yard, name: str) -> str:
    with yard.store.reading() as session:
        return session.scalars(select(Person.id).where(Person.name == name)).one()
