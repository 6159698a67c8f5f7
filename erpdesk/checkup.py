"""The doctor and the set-up of a connection for one company: what the connection page and ``erpdesk doctor`` ask."""

from __future__ import annotations

import re
import struct
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from erpdesk import identity, vault
from erpdesk.core.errors import ForPeople, Refused
from erpdesk.database import open_store
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.doctor.checks import Patient, Sight, examine
from erpdesk.sync.doctor.draft import Draft
from erpdesk.sync.doctor.findings import Finding
from erpdesk.sync.doctor.importing import AtSage, Person, TrialMailbox, Wait
from erpdesk.sync.doctor.record_test import RecordTest, TypeVerdict
from erpdesk.sync.doctor.standin_person import AtStandIn
from erpdesk.sync.doctor.trials import AP_LAYOUT, trials
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage import host_door, odbc_link
from erpdesk.sync.sage.connection import Connection, folder_of
from erpdesk.sync.sage.discover import DataFolder, find_folders, windows_registry
from erpdesk.sync.sage.doors import Connect, choose
from erpdesk.sync.sage.folders import control_name, one_place, only_company
from erpdesk.sync.sage.host_program import command
from erpdesk.sync.sage.layouts import NAMES, Site
from erpdesk.sync.sage.site_layouts import SiteShelf
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.stand_in import open_played
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.layout_gate import is_live
from erpdesk.workflows.layout_ports import SiteWord

IMPORT_SECONDS = 600.0
_EVERY = 0.2
_MIRROR = re.compile(r"mirror-(\d+)\.db")

NO_RECORD_TEST = (
    "Record types are tested in a company made for trying things, never in a live one. Open a test company, or say in "
    "the settings that this is one."
)
CHANGED = (
    "The settings of this company were changed since erpdesk was opened for it last. Open it once, so that the change "
    "is seen and confirmed, then test its record types."
)


class Checkup:
    """Looks at the connection of one company, tests its record types, and sets up the connection of another one."""

    def __init__(self, folder: CompanyPaths, settings: CompanySettings) -> None:
        self._folder, self.settings = folder, settings

    def connection(self) -> Connection | None:
        """How Sage is reached; None for the stand-in's own file."""
        return Connection.parse(self.settings.odbc) if self.settings.odbc else None

    def examine(
        self, tell: Callable[[Finding], object] = lambda finding: None, stop: threading.Event | None = None
    ) -> tuple[Finding, ...]:
        """Everything the doctor looks at, each told at once, until ``stop``; changes nothing in Sage."""
        return examine(self._patient(self.settings, None, stop), tell)

    def try_out(
        self,
        draft: Draft,
        password: str,
        tell: Callable[[Finding], object] = lambda finding: None,
        stop: threading.Event | None = None,
    ) -> tuple[Finding, ...]:
        """The same for a connection that is not saved yet; the password ('' = the one kept) is written nowhere."""
        return examine(self._patient(draft.settings(CompanySettings()), password or None, stop), tell)

    def save(self, draft: Draft, password: str, target: CompanyPaths) -> None:
        """Keeps a connection: the settings in the company's file, the password ('' = as it is) in the vault.

        Raises Refused naming what is missing or when a live company would become a test company, ForPeople when the
        vault refuses; then nothing is saved. It is used from the next start on.
        """
        held = CompanySettings.load(target.settings)
        problems = draft.problems() or self._why_live(draft, held)
        if problems:
            raise Refused(problems)
        if password:
            vault.keep(draft.company.strip(), draft.connection.login, password)
        draft.settings(held).save(target.settings)

    def holds_password(self, draft: Draft) -> bool:
        """Whether the vault holds a password for the login of this draft."""
        return vault.holds(draft.company.strip(), draft.connection.login)

    def _why_live(self, draft: Draft, held: CompanySettings) -> tuple[str, ...]:
        """Why this draft may not be a test company: it is a live one in the settings held there, or open here."""
        if not draft.test_company or held.company_kind_before == identity.LIVE:
            return ()
        company, folder = draft.company.strip(), Path(draft.folder.strip())
        for each in (held, self.settings):
            if not is_live(each) or not each.sage_folder:
                continue
            if each.company == company or one_place(Path(each.sage_folder), folder):
                return (f"“{each.company}” in {each.sage_folder} is a live company.", identity.HOW_LIVE_BECOMES_TEST)
        return ()

    def folders(self) -> tuple[DataFolder, ...]:
        """The Sage companies that this computer knows; empty where Sage is not installed."""
        registry = windows_registry()
        return find_folders(registry) if registry is not None else ()

    def company_of(self, folder: str) -> str:
        """The name of the company whose data folder this is; '' when it has none."""
        return control_name(Path(folder)) if folder.strip() else ""

    def sights(self) -> tuple[Sight | ForPeople, ...]:
        """The ODBC drivers that this program and its helper see; an error for people where one cannot look."""
        found: list[Sight | ForPeople] = []
        try:
            drivers = tuple(odbc_link.manager().drivers())
            found.append(Sight("by erpdesk itself", struct.calcsize("P") * 8, drivers))
        except ImportError:
            found.append(
                ForPeople("This computer has no ODBC manager.", next_step="On Windows it is part of the system.")
            )
        try:
            seen = host_door.look(command(self.settings.odbc_program))
            found.append(Sight("by the helper program", seen.bits, seen.drivers))
        except ForPeople as error:
            found.append(error)
        return tuple(found)

    def why_no_record_test(self) -> str:
        """Why record types cannot be tested here; '' when they can."""
        return "" if self.settings.stand_in or self.settings.test_company else NO_RECORD_TEST

    def test_records(
        self,
        tell: Callable[[str], object] = lambda words: None,
        told: Callable[[TypeVerdict], object] = lambda tested: None,
        stop: threading.Event | None = None,
        seconds: float = IMPORT_SECONDS,
        word: Callable[[str], SiteWord] = lambda layout: SiteWord(),
    ) -> tuple[TypeVerdict, ...]:
        """Imports an item of each record type, the same file again and the item altered; answers what Sage did.

        ``tell`` hears what the person at Sage does next (the stand-in does it by itself), ``told`` each verdict,
        ``word`` is what the site settled about its layouts. Raises Refused in a live company.
        """
        if reason := self.why_no_record_test() or self._why_unseen():
            raise Refused((reason,))
        stop = stop or threading.Event()
        folder = Path(self.settings.sage_folder)
        person: Person
        if self.settings.stand_in:
            person = AtStandIn(SandboxCompany(folder), tell, seconds, stop)
        else:
            person = AtSage(tell, patient_wait(seconds, stop))
        shelf = SiteShelf(Site(date_style=self.settings.date_format))
        test = RecordTest(
            only_company(self._connect(self.settings, None), folder, "", folder_of(self.settings.odbc)),
            TrialMailbox(folder / "Imports"),
            person,
            lambda name: shelf.layout(name, word(name)),
            seconds=self.settings.query_seconds,
            stopped=stop.is_set,
        )
        return test.run(trials(ap_layout(word)), tell=told)

    def _why_unseen(self) -> str:
        """Why the settings say nothing yet of what this company is; '' when erpdesk was opened with them, or never."""
        if not self._folder.database.exists():
            return ""
        store = open_store(self._folder.database, backups=self._folder.backups)
        try:
            return CHANGED if identity.differs(store, self.settings) else ""
        finally:
            store.close()

    def site_word(self, layout: str) -> SiteWord:
        """What the site settled about a layout; nothing before erpdesk was opened for this company."""
        if not self._folder.database.exists():
            return SiteWord()
        store = open_store(self._folder.database, backups=self._folder.backups)
        try:
            return site_words(store)(layout)
        finally:
            store.close()

    def _patient(self, settings: CompanySettings, password: str | None, stop: threading.Event | None) -> Patient:
        folder = Path(settings.sage_folder)
        return Patient(
            company=settings.company,
            folder=folder,
            connect=self._connect(settings, password),
            connection=Connection.parse(settings.odbc) if settings.odbc else None,
            sights=self.sights,
            writable=self._connect(settings, password, read_only=False) if settings.odbc else None,
            last_read=self.last_read if settings is self.settings else None,
            mask=settings.commitment_id_mask,
            expected_minutes=settings.sync_minutes,
            query_seconds=settings.query_seconds,
            stop=stop or threading.Event(),
        )

    def _connect(self, settings: CompanySettings, password: str | None, *, read_only: bool = True) -> Connect:
        if not settings.odbc:
            return open_played(Path(settings.sage_folder))
        faults = Path(settings.sage_folder) / "faults.json" if settings.stand_in else None

        def connect() -> object:
            # The vault is asked when the connection opens, so that a locked one is a finding and no crash.
            if password is None:
                text = vault.with_password(settings.odbc, settings.company)
            else:
                text = Connection.parse(settings.odbc).text_with(password)
            return choose(text, settings.odbc_process, settings.odbc_program, faults, read_only=read_only)()

        return connect

    def last_read(self) -> datetime | None:
        """When the oldest of the newest readings began; None when Sage was never read whole."""
        found = (_MIRROR.fullmatch(path.name) for path in self._folder.root.glob("mirror-*.db"))
        newest = max((int(each[1]) for each in found if each), default=None)
        facts = MirrorFacts(MirrorStore(self._folder.root, lambda: newest, lambda number: None))
        begun = [each.read_began for each in facts.freshness()]
        known = [each for each in begun if each is not None]
        return min(known, default=None)


def patient_wait(seconds: float, stop: threading.Event) -> Wait:
    """Waits until something is so, at most this long, and gives up at once when somebody says stop."""

    def wait(done: Callable[[], bool]) -> bool:
        until = time.monotonic() + seconds
        while not done():
            if stop.wait(_EVERY) or time.monotonic() > until:
                return done()
        return True

    return wait


def ap_layout(word: Callable[[str], SiteWord]) -> str:
    """The layout of the site's invoices: a variable one once the site gave its order, else the fixed one."""
    own = (name for name in NAMES if name.startswith("ap_") and word(name).text)
    return next(own, AP_LAYOUT)


def proofs(tested: tuple[TypeVerdict, ...]) -> tuple[tuple[str, str, str], ...]:
    """What is worth keeping of a self-test: type, class and evidence, of those that were proven."""
    return tuple((each.name, each.proof.idempotency, each.proof.evidence) for each in tested if each.proof.proven)
