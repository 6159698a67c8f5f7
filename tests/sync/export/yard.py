"""A small stand-in company with a decision store, for the tests of the export; Sage is run by hand."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk import database
from erpdesk.core.clock import Clock
from erpdesk.models import Base
from erpdesk.models.audit import AuditEntry
from erpdesk.models.base import new_id
from erpdesk.models.erp import Attempt, Evidence, ExportFile, ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.exporter import Exporter, Report, Timing
from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.export.macro import Macro
from erpdesk.sync.export.mailbox import no_hook
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox import launcher
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.spec import create_from_spec
from erpdesk.workflows import audit, snapshots
from erpdesk.workflows.documents import Document
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

COMPANY = "Harbor Point Builders"
SPEC: dict[str, Any] = {
    "name": COMPANY,
    "settings": {"commitment_capitals": True},
    "standard_category": [{"id": "SUB", "description": "Subcontract", "accumulate_as": "Subcontract"}],
    "standard_cost_code": [
        {"id": "05-000", "description": "Metals", "group": True},
        {"id": "05-100", "description": "Structural steel", "group": False},
    ],
    "job": [
        {
            "id": "21-001",
            "description": "Ferry terminal",
            "status": "In progress",
            "uses_extras": False,
            "use_pj_change_management": False,
        }
    ],
    "cost_code": [
        {"job": "21-001", "extra": "", "id": "05-000", "description": "Metals", "group": True, "status": "In progress"},
        {"job": "21-001", "extra": "", "id": "05-100", "description": "Steel", "group": False, "status": "In progress"},
    ],
    "category": [{"job": "21-001", "extra": "", "cost_code": "05-100", "id": "SUB", "original_estimate": "90000.00"}],
    "vendor": [{"id": "STEELCO", "name": "Northgate Steel"}, {"id": "DOORPRO", "name": "Door Pro Supply"}],
}
SNAPSHOT = CommitmentSnapshot(
    sage_id="SC-21-001",
    type="Subcontract",
    title="Structural steel, 2nd floor",
    vendor="STEELCO",
    job="21-001",
    date=date(2026, 11, 24),
    retainage_percent=Decimal("10"),
    lines=(
        LineSnapshot(1, "Furnish and erect", "", "05-100", "SUB", None, "", None, Decimal("48250.10")),
        LineSnapshot(2, "Bolts", "", "05-100", "SUB", Decimal("120.5"), "each", Decimal("2.25"), Decimal("271.13")),
    ),
)
QUICK = Timing(settle=timedelta(0), evidence=timedelta(0), look=timedelta(0), again=timedelta(0))
ALONE = replace(QUICK, most=1)
"""Every item in a file of its own."""
SENDER, APPROVER = "a" * 32, "b" * 32


class HandClock(Clock):
    """Shows what its hands say; the seconds that only ever grow are the hands' as well."""

    def __init__(self, hands: Hands) -> None:
        super().__init__(hands.now)
        self._hands = hands

    def monotonic(self) -> float:
        return self._hands.ticks


class Hands:
    """A clock whose hands a test moves: time that passes, and clocks that somebody sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        self.ticks = 1000.0
        self.clock = HandClock(self)

    def now(self) -> datetime:
        # Two readings never agree, as with a real clock.
        self.at += timedelta(microseconds=1)
        return self.at

    def move(self, **passed: float) -> None:
        """Time passes."""
        self.at += timedelta(**passed)
        self.ticks += max(0.0, timedelta(**passed).total_seconds())

    def set(self, **apart: float) -> None:
        """Somebody sets the wall clock, forward or back; no time passes."""
        self.at += timedelta(**apart)


@dataclass
class Yard:
    """Everything of one company: Sage's folder, the store, and exporters as often as one asks for them."""

    folder: Path
    sage: SandboxCompany
    store: database.Store

    @classmethod
    def build(cls, folder: Path, spec: Mapping[str, Any] = SPEC) -> Yard:
        """Makes the company and two people in an empty folder."""
        create_from_spec(folder / "sage", dict(spec))
        yard = cls.open(folder)
        Base.metadata.create_all(yard.store.engine)
        with yard.store.sessions.begin() as session:
            session.add_all([Person(id=SENDER, name="Dana Whitlock"), Person(id=APPROVER, name="Priya Nair")])
        return yard

    @classmethod
    def open(cls, folder: Path) -> Yard:
        """The company as another process made it."""
        engine = database.sqlite_engine(folder / "erpdesk.db")
        return cls(folder, SandboxCompany(folder / "sage"), database.store_on(engine))

    @property
    def imports(self) -> Path:
        return self.sage.imports

    def accept(
        self,
        document: Document = SNAPSHOT,
        *,
        kind: ExportKind = COMMITMENT,
        sage_id: str = "",
        approved: str = "",
        idempotency: str = "A",
        again: str = "",
        at: datetime | None = None,
    ) -> str:
        """An item as the accept leaves it; answers its outbox id. ``approved`` replaces the approved sha256, ``again``
        is an earlier item of the same record."""
        now = at or datetime.now(UTC)
        payload = payload_of(document)
        natural_key = sage_id or kind.printed(document)
        submission, outbox = new_id(), new_id()
        with self.store.sessions.begin() as session:
            before = session.get_one(Submission, session.get_one(Outbox, again).submission_id) if again else None
            session.add(
                Submission(
                    id=submission,
                    company=COMPANY,
                    kind=kind.name,
                    item_id=before.item_id if before else new_id(),
                    natural_key=natural_key,
                    revision=before.revision + 1 if before else 1,
                    payload=payload,
                    payload_sha=snapshots.sha256(payload),
                    state=SubmissionState.ACCEPTED,
                    sent_by=SENDER,
                    sent_at=now,
                    decided_by=APPROVER,
                    decided_at=now,
                )
            )
            session.flush()
            session.add(
                Outbox(
                    id=outbox,
                    submission_id=submission,
                    company=COMPANY,
                    kind=kind.name,
                    natural_key=natural_key,
                    export_key=outbox[:10].upper(),
                    approved_sha256=approved or Renderer(load_layout(kind.layout)).preview(document).sha256,
                    state=ExportState.INTENT,
                    idempotency=idempotency,
                    accepted_at=now,
                    changed_at=now,
                )
            )
            audit.append(session, at=now, who=APPROVER, act="accept", kind=kind.name, ref=submission, body={})
        return outbox

    def send_back(self, outbox_id: str) -> None:
        """The approver rejects an item that failed; the project side may edit it again."""
        with self.store.sessions.begin() as session:
            submission = session.get_one(Submission, session.get_one(Outbox, outbox_id).submission_id)
            submission.state = SubmissionState.REJECTED

    def exporter(
        self,
        *,
        timing: Timing = QUICK,
        clock: Clock | None = None,
        at: Callable[[str], None] = no_hook,
        worker: str = "",
        macro: Macro | None = None,
        kinds: Sequence[ExportKind] = KINDS,
        disk: Disk = DISK,
        reader: FreshReader | None = None,
        writers: Callable[[str], Renderer] | None = None,
        live: bool = True,
    ) -> Exporter:
        """A new exporter that has not recovered yet; with a ``macro`` it starts Sage's imports itself."""
        return Exporter(
            self.store.sessions,
            company=COMPANY,
            imports=self.imports,
            journal=self.folder / "journal",
            reader=reader or FreshReader(open_standin(self.sage.folder)),
            kinds=kinds,
            writers=writers,
            live=live,
            disk=disk,
            clock=clock or Clock(),
            timing=timing,
            worker=worker,
            macros={COMMITMENT.place.file: macro} if macro else None,
            at=at,
        )

    def macro(
        self, *, clock: Clock | None = None, at: Callable[[str], None] = no_hook, command: str = "", minutes: int = 10
    ) -> Macro:
        """Sage's launcher with a macro that was recorded for the import of commitments."""
        recorded = launcher.record(self.sage, "commitments", "import_commitments")
        return Macro(
            command or f'"{sys.executable}" -m erpdesk.sync.sandbox.launcher "{recorded}" {{login}} {{password}}',
            self.sage.folder,
            minutes=minutes,
            login="EXPORTS",
            password=lambda: "correct horse; 'battery' {login}",
            clock=clock or Clock(),
            at=at,
        )

    def sage_imports(self) -> bool:
        """The person at Sage runs the import once, if there is something to import."""
        return SandboxOperator(self.sage).step()

    def run(self, exporter: Exporter, rounds: int = 12) -> list[Report]:
        """Recovery, then rounds with Sage importing between them until nothing moves any more."""
        reports = [exporter.recover()]
        for _ in range(rounds):
            reports.append(exporter.step())
            if not self.sage_imports() and not reports[-1].progress:
                break
        return reports

    def row(self, outbox_id: str) -> Outbox:
        with self.store.sessions() as session:
            return session.get_one(Outbox, outbox_id)

    def state(self, outbox_id: str) -> ExportState:
        return self.row(outbox_id).state

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What Sage's tables hold, without erpdesk."""
        with closing(sqlite3.connect(self.sage.data_file)) as connection:
            return connection.execute(sql, values).fetchall()

    def alter(self, sql: str, *values: Any) -> None:
        """Somebody changes Sage's tables."""
        with self.sage.changing() as connection:
            connection.execute(sql, values)

    def key_in(self, sage_id: str, vendor: str = "DOORPRO") -> None:
        """Somebody keys a commitment of another vendor into Sage by hand."""
        self.alter(
            "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Commitment_Type, Vendor, Amount) "
            "VALUES (?, 'Subcontract', ?, 5)",
            *(sage_id, vendor),
        )
        self.alter(
            "INSERT INTO JCM_MASTER__COMMITMENT_ITEM (Commitment, Item_Number, Job, Cost_Code, Category, Amount) "
            "VALUES (?, 1, '21-001', '05-100', 'SUB', 5)",
            sage_id,
        )

    def in_sage(self, sage_id: str = SNAPSHOT.sage_id) -> int:
        """How many commitments with this ID Sage holds."""
        return len(self.ask("SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", sage_id))

    def file_of(self, outbox_id: str, n: int = 1) -> str:
        """The name of the file in which a try of an item went."""
        with self.store.sessions() as session:
            query = select(ExportFile.name).join(Attempt, Attempt.file_id == ExportFile.id)
            return session.scalars(query.where(Attempt.outbox_id == outbox_id, Attempt.n == n)).one()

    def line_map_of(self, outbox_id: str, n: int = 1) -> str:
        """Which record each line of that file stands for."""
        with self.store.sessions() as session:
            query = select(ExportFile.line_map).join(Attempt, Attempt.file_id == ExportFile.id)
            return session.scalars(query.where(Attempt.outbox_id == outbox_id, Attempt.n == n)).one()

    def acknowledge(self, outbox_id: str) -> None:
        """Somebody has seen the alarm of an item."""
        with self.store.sessions.begin() as session:
            row = session.get_one(Outbox, outbox_id)
            row.acknowledged_by, row.acknowledged_at = APPROVER, datetime.now(UTC)

    def kept_set(self, outbox_id: str, n: int = 1) -> Path:
        """The folder with the evidence of a try of an item."""
        return self.imports / "archive" / self.file_of(outbox_id, n).rpartition(".")[0]

    def evidence(self) -> list[tuple[str, str]]:
        """Source and result of everything that was observed, in order."""
        with self.store.sessions() as session:
            rows = session.scalars(select(Evidence).order_by(Evidence.read_ended))
            return [(row.source.value, row.result) for row in rows]

    def mailbox(self) -> set[str]:
        """The names that stand in the mailbox place."""
        return {path.name for path in self.imports.iterdir() if path.name.startswith("commitments.")}

    def audit(self) -> list[str]:
        """Every act of the audit trail in order, after its chain was checked link by link."""
        with self.store.sessions() as session:
            return [entry.act for entry in checked_chain(session)]


def payload_of(document: Document) -> str:
    """A document as it is sent."""
    if isinstance(document, CommitmentSnapshot):
        return snapshots.to_text(document)
    from erpdesk.workflows import document_text

    return document_text.to_text(document)


def checked_chain(session: Session) -> list[AuditEntry]:
    """The audit entries, each verified against the one before it."""
    prev, entries = audit.START, list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
    for at, entry in enumerate(entries, 1):
        assert (entry.seq, entry.prev) == (at, prev)
        prev = audit.entry_hash(entry)
        assert entry.hash == prev
    return entries


def other(number: int, **changes: Any) -> CommitmentSnapshot:
    """Another commitment like the first, with an ID of its own."""
    return replace(SNAPSHOT, sage_id=f"SC-21-{number:03}", **changes)
