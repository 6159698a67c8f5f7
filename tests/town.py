"""A sample company for tests: a real stand-in Sage, its mirror, and a desk on a real database."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from erpdesk import database, sample
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.models.erp import ExportState
from erpdesk.settings import CompanySettings
from erpdesk.sync.export.store import ExportStore
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.tie_out import MirrorHoldings
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.search.finder import CompanyFinder
from erpdesk.workflows import erp_queue
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.desk import Around, Desk, open_desk
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.operation import Office
from erpdesk.workflows.rows import CodeRow, CommitmentDraft, LineDraft, ProjectRow, QueueRow


class Bell:
    """Counts how often the worker was called."""

    def __init__(self) -> None:
        self.rings = 0

    def wake(self) -> None:
        self.rings += 1


@dataclass
class Town:
    """Everything of one test company."""

    folder: Path
    sage: SandboxCompany
    store: database.Store
    mirror: Mirror
    facts: MirrorFacts
    desk: Desk
    bell: Bell
    box: list[CompanySettings]
    people: dict[str, str] = field(default_factory=dict)
    first_code: CodeRow | None = None

    @property
    def manager(self) -> str:
        return self.people[sample.MANAGER]

    @property
    def approver(self) -> str:
        return self.people[sample.APPROVER]

    @property
    def both(self) -> str:
        """The one person who may send and accept."""
        return self.people[sample.SECOND_APPROVER]

    @property
    def viewer(self) -> str:
        return self.people[sample.VIEWER]

    @property
    def settings(self) -> CompanySettings:
        return self.box[0]

    @property
    def console(self) -> Console:
        return self.desk.console

    def queue(self, view: View) -> tuple[QueueRow, ...]:
        """The commitments in one view of the console, whoever may see them."""
        with self.store.reading() as session:
            return erp_queue.queue(self.desk.office, session, KINDS[KIND], view, None, None)

    def change_settings(self, **values: object) -> None:
        """Changes the company's settings while it is open."""
        self.box[0] = self.box[0].changed(**values)

    def read_sage(self) -> None:
        """Refreshes the mirror."""
        report = self.mirror.refresh(SageReader(open_standin(self.sage.folder)), lambda *_: None, lambda: False)
        assert report.ok, report.problems

    def project(self, place: int = 0) -> ProjectRow:
        return self.desk.queries.projects()[place]

    def codes(self, category: str = "S", place: int = 0) -> list[CodeRow]:
        return [
            each for each in self.desk.queries.codes(self.project(place).id, self.manager) if each.category == category
        ]

    def company(self, *, linked: bool = True) -> str:
        active = {each.vendor for each in self.facts.vendors() if not each.inactive}
        rows = self.desk.queries.companies()
        return next(each.id for each in rows if (each.sage_vendor in active) is linked)

    def draft(self, **changes: object) -> CommitmentDraft:
        """A subcontract that is ready to be approved and sent."""
        # The same for the whole test: a big job has hundreds of codes to read.
        code = self.first_code = self.first_code or self.codes()[0]
        values: dict[str, object] = {
            "type": "Subcontract",
            "project_id": self.project().id,
            "number": f"SC-{uuid.uuid4().hex[:6].upper()}",
            "title": "Structural steel",
            "company_id": self.company(),
            "retainage_percent": Decimal(10),
            "lines": (LineDraft("", code.cost_code, "S", "Furnish and erect", amount=Decimal("1234.56")),),
            **changes,
        }
        return CommitmentDraft(**values)  # type: ignore[arg-type]  # a test names its fields freely

    def approved(self, **changes: object) -> str:
        made, _ = self.desk.commitments.save(self.manager, self.draft(**changes))
        version = self.desk.queries.commitment(made, self.manager).version
        self.desk.commitments.set_status(self.manager, made, "Approved", version)
        return made

    def sent(self, **changes: object) -> tuple[str, str]:
        """A commitment that waits for accounting, and its submission."""
        made = self.approved(**changes)
        result = self.desk.erp.send(self.manager, [made], press())
        assert result.done == (made,), result.not_done
        ready = self.queue(View.READY_TO_EXPORT)
        return made, next(each.id for each in ready if each.item_id == made)

    def accepted(self, **changes: object) -> tuple[str, str]:
        made, submission = self.sent(**changes)
        self.accept(submission)
        return made, submission

    def fail(self, submission: str) -> None:
        """Lets the export of an accepted item end as a rejection by Sage."""
        exports = ExportStore(self.store.sessions, self.settings.company, "a test")
        item = next(each for each in exports.items((ExportState.INTENT,)) if each.submission_id == submission)
        for verb, sentence in (
            ("stage", "Written."),
            ("arm", "Armed."),
            ("deliver", "Delivered."),
            ("sage_reject", "Sage rejected it: not today."),
        ):
            item = exports.advance(item, verb, sentence)

    def accept(self, submission: str, sage_id: str | None = None) -> None:
        seen = self.console.review(submission, sage_id, self.approver)
        self.desk.erp.accept(self.approver, submission, sage_id or seen.row.sage_id, seen.sha256, press())


def press() -> str:
    """The id of one press of a button."""
    return uuid.uuid4().hex


def around(folder: Path, box: list[CompanySettings], **others: Any) -> Around:
    """What the desk of a test company needs from outside; changed settings hold at once."""

    def apply(settings: CompanySettings) -> None:
        box[0] = settings

    return Around(folder / "settings.toml", folder / "attachments", apply, **others)


def settle(folder: Path, sample_folder: Path, engine: Engine, clock: Clock = CLOCK) -> Town:
    """Builds a test company in ``folder`` from a prepared stand-in Sage, on an engine whose schema is right."""
    shutil.copytree(sample_folder, folder / "sage")
    town = move_in(folder, engine, [], clock)
    town.read_sage()
    sample.add_people(town.store)
    sample.add_projects(town.store, town.facts)
    return at_home(town)


def prepare(folder: Path, sample_folder: Path) -> None:
    """Settles a company on SQLite in ``folder`` and leaves it; nobody works there, ``copy_of`` is made of it."""
    store = database.open_store(folder / "erpdesk.db", backups=folder / "backups")
    settle(folder, sample_folder, store.engine)
    store.close()


def copy_of(prepared: Path, folder: Path, engine: Engine | None = None) -> Town:
    """The prepared company once more in ``folder``, as if settled there; on its own file, through the start-up gate.

    With ``engine`` its decisions are in that database instead, which was settled in the same way.
    """
    left_out = shutil.ignore_patterns("erpdesk.db") if engine else None
    shutil.copytree(prepared, folder, dirs_exist_ok=True, ignore=left_out)
    if engine is None:
        engine = database.open_store(folder / "erpdesk.db", backups=folder / "backups").engine
    return at_home(move_in(folder, engine, [1], CLOCK))


def move_in(folder: Path, engine: Engine, numbers: list[int], clock: Clock) -> Town:
    """A desk in a folder with a stand-in Sage; ``numbers`` are those of the mirrors that were read there."""
    sage = SandboxCompany(folder / "sage")
    settings = CompanySettings(company=sage.name, sage_folder=str(sage.folder), stand_in=True, commitment_id_mask="")
    mirrors = MirrorStore(folder, lambda: numbers[-1] if numbers else None, numbers.append)
    facts = MirrorFacts(mirrors)
    store = database.store_on(engine)
    bell = Bell()
    box = [settings]
    shelf = SiteShelf()
    office = Office(store, facts, SitePreview(shelf, site_words(store)), bell, clock, lambda: box[0])
    finder = CompanyFinder(store, facts, folder / "search.db", clock=clock)
    desk = open_desk(office, around(folder, box, shelf=shelf, finder=finder, holdings=MirrorHoldings(mirrors)))
    return Town(folder, sage, store, Mirror(mirrors, clock=clock), facts, desk, bell, box)


def at_home(town: Town) -> Town:
    """Learns who works in a company."""
    town.people = {each.name: each.id for each in town.desk.queries.people()}
    return town
