"""What the connection page asks of an opened company: its facts, the doctor, the test of record types, the set-up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from erpdesk import paths
from erpdesk.checkup import Checkup, proofs
from erpdesk.company import Company
from erpdesk.core.changes import Changes
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.paths import CompanyPaths
from erpdesk.sync.doctor.draft import Draft
from erpdesk.sync.doctor.findings import Finding
from erpdesk.sync.doctor.trials import TRIALS
from erpdesk.views.sage.connection_words import RecordNews, TypeRow
from erpdesk.workflows import rights
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.operation import person
from erpdesk.workflows.record_classes import PROVE, UNKNOWN


class AtStandIn(Protocol):
    """Who runs the stand-in's imports by himself, and can be told to leave the mailbox alone."""

    paused: bool


class Care:
    """Answers the connection page and the set-up dialog; everything but ``facts`` may take long."""

    def __init__(self, company: Company, folder: CompanyPaths, at_stand_in: AtStandIn | None = None) -> None:
        self._company = company
        self._at_stand_in = at_stand_in
        self._checkup = Checkup(folder, company.settings)

    def facts(self) -> Sequence[tuple[str, str]]:
        """How Sage is reached, as title and value."""
        settings, connection = self._company.settings, self._checkup.connection()
        kind = "Stand-in" if settings.stand_in else "Test company" if settings.test_company else "Live company"
        way = "The stand-in's own file"
        if connection is not None:
            way = f"ODBC driver {connection.driver}" if connection.driver else f"Data source {connection.dsn}"
        imports = "Sage's macro, started by erpdesk" if settings.import_mode == "macro" else "A person at Sage"
        return (
            ("Company", f"{settings.company} ({kind.lower()})"),
            ("Data folder", settings.sage_folder),
            ("Read by", way),
            ("Sage operator", (connection.login or "None") if connection is not None else "Not needed"),
            ("Read every", f"{settings.sync_minutes} minutes"),
            ("Imports are run by", imports),
        )

    def examine(self, tell: Callable[[Finding], object], stop: threading.Event) -> Sequence[Finding]:
        """Looks at everything, each finding told at once."""
        return self._checkup.examine(tell, stop)

    def why_no_record_test(self, actor: str) -> tuple[str, ...]:
        """Why this person cannot test record types here; empty when they can."""
        with self._company.store.reading() as session:
            denied = rights.why_not(person(session, actor), PROVE)
        return tuple(reason for reason in (self._checkup.why_no_record_test(), denied) if reason)

    def classes(self) -> Sequence[TypeRow]:
        """Every record type with its class."""
        proven = {row.id: row for row in self._company.desk.classes.classes()}
        rows = []
        for trial in TRIALS:
            row = proven.get(trial.name)
            if row is None:
                rows.append(TypeRow(trial.name, UNKNOWN, "", "", None))
            else:
                rows.append(TypeRow(trial.name, row.idempotency, row.evidence, row.by, row.at))
        return rows

    def test_records(self, actor: str, tell: Callable[[str], object], stop: threading.Event) -> RecordNews:
        """Tests every record type while nothing else is sent or imported, and keeps what was proven."""
        if reasons := self.why_no_record_test(actor):
            raise Refused(reasons)
        worker, changes = self._company.worker, Changes()
        paused_before = worker.paused
        worker.pause()
        try:
            with self._hands_off():
                tested = self._checkup.test_records(tell, stop=stop, word=site_words(self._company.store))
        finally:
            if not paused_before:
                worker.resume()
        if stop.is_set():
            # The program may be closing; what a test that was ended had proven so far is proven again by the next.
            return RecordNews(changes, 0)
        kept = proofs(tested)
        if kept:
            changes = self._company.desk.classes.prove_all(actor, kept)
        unproven = tuple((each.name, each.proof.evidence) for each in tested if not each.proof.proven)
        return RecordNews(changes, len(kept), unproven)

    @contextmanager
    def _hands_off(self) -> Iterator[None]:
        """Whoever imports by himself leaves the mailbox alone; the test says what is imported, and how."""
        him = self._at_stand_in
        before = him.paused if him is not None else False
        if him is not None:
            him.paused = True
        try:
            yield
        finally:
            if him is not None:
                him.paused = before

    def folders(self) -> Sequence[tuple[str, str]]:
        """Data folders that this computer's Sage knows, and their companies."""
        return [(each.path, each.company) for each in self._checkup.folders() if each.usable]

    def company_of(self, folder: str) -> str:
        """The company that a data folder belongs to."""
        return self._checkup.company_of(folder)

    def try_out(
        self, draft: Draft, password: str, tell: Callable[[Finding], object], stop: threading.Event
    ) -> Sequence[Finding]:
        """Looks at a connection that is not saved; the password is kept nowhere."""
        return self._checkup.try_out(draft, password, tell, stop)

    def why_not_set_up(self, actor: str) -> tuple[str, ...]:
        """Why this person cannot keep a connection; empty when they can. The right is that of import layouts."""
        try:
            return self._company.desk.layouts.may(actor)
        except NotAllowed as problem:
            return problem.reasons

    def holds_password(self, draft: Draft) -> bool:
        """Whether the vault holds a password for the login of this draft."""
        return self._checkup.holds_password(draft)

    def save(self, actor: str, draft: Draft, password: str) -> None:
        """Keeps the connection of the company that this workstation opens from the next start on."""
        if reasons := self.why_not_set_up(actor):
            raise Refused(reasons)
        self._checkup.save(draft, password, paths.site_company())
