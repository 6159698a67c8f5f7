"""Opens one company: its settings, its two stores, its Sage, its desk and its worker, in this order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from erpdesk import backups, folder_rights, vault
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.database import Store, open_store
from erpdesk.identity import confirm, spent
from erpdesk.models.erp import MirrorFile
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.events import Changed, Idle, SyncEvent, Trouble
from erpdesk.sync.export.anchors import read_anchors
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.export.journal_desk import JournalDesk
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.macro import Macro
from erpdesk.sync.mirror.book import SyncBook
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.tie_out import MirrorHoldings
from erpdesk.sync.post import login
from erpdesk.sync.post.post import Alarm, Poster
from erpdesk.sync.sage.connection import Connection, folder_of
from erpdesk.sync.sage.doors import Connect, choose
from erpdesk.sync.sage.folders import only_company
from erpdesk.sync.sage.layouts import Limit, Site
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.search.finder import CompanyFinder
from erpdesk.sync.stand_in import open_played
from erpdesk.sync.worker import Worker
from erpdesk.workflows.commitment_checks import form_problems
from erpdesk.workflows.desk import Around, Desk, open_desk
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.layout_gate import is_live
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_acts import nothing
from erpdesk.workflows.settings_acts import finish_at_start

LOG = logging.getLogger(__name__)


class CurrentMirror:
    """Which mirror file is current: one row of the decision store, remembered so that a read costs nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reading() as session:
            row = session.get(MirrorFile, 1)
            self.number = row.number if row else None

    def __call__(self) -> int | None:
        return self.number

    def switch(self, number: int) -> None:
        """Makes another file the current one, durably."""
        with self._store.writing() as session:
            session.merge(MirrorFile(id=1, number=number))
        self.number = number


@dataclass(frozen=True)
class Company:
    """An opened company; its worker is not started yet."""

    paths: CompanyPaths
    settings: CompanySettings
    store: Store
    mirror: Mirror
    reader: SageReader
    facts: MirrorFacts
    book: SyncBook
    desk: Desk
    worker: Worker
    poster: Poster
    finder: CompanyFinder

    def read_once(self) -> RefreshReport:
        """Reads Sage here and now, without the worker."""
        return self.mirror.refresh(self.reader, lambda *_: None, lambda: False)

    def read_since(self, moment: datetime) -> bool:
        """Whether the reading of every Sage table was begun since ``moment``; only then do all figures agree."""
        return all(table.read_began is not None and table.read_began >= moment for table in self.facts.freshness())

    def start(self) -> None:
        """Begins to talk to Sage and to send mail."""
        self.worker.start()
        self.poster.start()

    def close(self, timeout: float = 3.0) -> bool:
        """Stops the threads and closes the stores; False when one hangs and was left behind."""
        stopped = self.worker.stop(timeout)
        stopped = self.poster.stop(timeout) and stopped
        if stopped:
            self.close_stores()
        return stopped

    def close_stores(self) -> None:
        """Lets the files go, when nothing uses them any more."""
        self.finder.close()
        self.store.close()


def door(settings: CompanySettings) -> Connect:
    """The way to read this company's Sage: over ODBC, or the stand-in's own file."""
    if settings.odbc:
        faults = Path(settings.sage_folder) / "faults.json" if settings.stand_in else None

        def connect() -> Any:
            # The password is fetched for each connection and kept nowhere in between.
            text = vault.with_password(settings.odbc, settings.company)
            return choose(text, settings.odbc_process, settings.odbc_program, faults)()

        return connect
    if settings.stand_in and settings.sage_folder:
        return open_played(Path(settings.sage_folder))
    raise ForPeople(
        "The settings of this company name no way to read Sage.",
        kept="Nothing was changed.",
        next_step="Enter the ODBC connection of the Sage data folder in settings.toml.",
    )


class _Held:
    """The settings as they hold now; a change that can hold at once does."""

    def __init__(self, settings: CompanySettings, worker: Worker, exporter: Exporter) -> None:
        self._settings, self._worker, self._exporter = settings, worker, exporter

    def __call__(self) -> CompanySettings:
        return self._settings

    def take(self, settings: CompanySettings) -> None:
        """Works with other settings from now on."""
        self._settings = settings
        self._worker.interval = timedelta(minutes=settings.sync_minutes)
        self._exporter.timing = _timing(settings)


def _look_around(
    book: SyncBook,
    desk: Desk,
    worker: Worker,
    emit: Callable[[SyncEvent], None],
    paths: CompanyPaths,
    copies: tuple[Path, Path],
    clock: Clock,
) -> None:
    """After a reading: what somebody made in Sage by hand, and once a day whether the audit trail is whole and a
    backup."""
    book.watch.look(desk.sage.linked_jobs())
    if problem := desk.trail.daily(lambda: worker.stopping):
        emit(Trouble(problem))
    backups.daily(paths, journals=backups.named(copies), clock=clock)


def _folder_rights(folder: Path, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Lets the Windows users that were named change the company's files, and those that were taken away no more."""
    outcome = folder_rights.apply(folder, added, removed)
    (LOG.warning if outcome.problems else LOG.info)("%s", outcome.words)


def _timing(settings: CompanySettings) -> Timing:
    """How long the export waits for what in this company."""
    return Timing(batch=timedelta(minutes=settings.batch_minutes), most=settings.batch_items)


def _writers(commitments: Renderer, made: Callable[[str], Renderer]) -> Callable[[str], Renderer]:
    """What makes import files, by layout, as the site says of it."""
    known = {"jcc": commitments}

    def writer(layout: str) -> Renderer:
        if layout not in known:
            known[layout] = made(layout)
        return known[layout]

    return writer


def _macros(settings: CompanySettings, clock: Clock) -> dict[str, Macro]:
    """Macro mode: erpdesk starts Sage's import of commitments by itself; nothing where a person runs it."""
    if settings.import_mode != "macro":
        return {}
    login = Connection.parse(settings.odbc).login if settings.odbc else ""
    macro = Macro(
        settings.macro_command,
        Path(settings.sage_folder),
        minutes=settings.macro_minutes,
        login=login,
        password=lambda: vault.password(settings.company, login),
        clock=clock,
    )
    return {COMMITMENT.place.file: macro}


SHOWN = 50


def with_rows_set_aside(event: SyncEvent, facts: MirrorFacts) -> SyncEvent:
    """After a read, names the rows of Sage that could not be used beside the other problems."""
    if not isinstance(event, Idle):
        return event
    odd = facts.set_aside()
    rows = tuple(f"{row.table}, row {row.key}: {row.reason}" for row in odd[:SHOWN])
    more = (f"{len(odd) - SHOWN} more rows were set aside.",) if len(odd) > SHOWN else ()
    return replace(event, problems=event.problems + rows + more)


def open_company(paths: CompanyPaths, emit: Callable[[SyncEvent], None], *, clock: Clock = CLOCK) -> Company:
    """Opens a company; raises ForPeople when a part of it can not be opened, and leaves everything as it was."""
    settings = CompanySettings.load(paths.settings)
    connect = door(settings)
    limits = {"line_amount": Limit(Decimal(settings.line_amount_limit), hard=False)}
    shelf = SiteShelf(Site(date_style=settings.date_format, limits=limits))
    store = open_store(paths.database, backups=paths.backups, clock=clock)
    try:
        if finish_at_start(store, paths.settings):
            settings = CompanySettings.load(paths.settings)
        without = spent(settings)
        name = confirm(store, settings, clock, lambda: without.save(paths.settings))
        settings = without
        connect = only_company(connect, Path(settings.sage_folder), name, folder_of(settings.odbc))
        current = CurrentMirror(store)
        mirrors = MirrorStore(paths.root, current, current.switch)
        facts, book = MirrorFacts(mirrors), SyncBook(mirrors)
        guard = Guard(share=settings.guard_percent / 100)
        mirror = Mirror(mirrors, clock=clock, guard=guard, full_read_hours=settings.full_read_hours)
        preview = SitePreview(shelf, site_words(store))
        reader = SageReader(connect, query_timeout=settings.query_seconds)
        exporter = Exporter(
            store.sessions,
            company=settings.company,
            imports=Path(settings.sage_folder) / "Imports",
            journal=paths.journal,
            reader=FreshReader(connect, query_timeout=settings.query_seconds),
            writers=_writers(preview, lambda name: SitePreview(shelf, site_words(store), name)),
            clock=clock,
            timing=_timing(settings),
            live=is_live(settings),
            id_problems=lambda kind, sage_id: (
                form_problems(sage_id, facts.commitment_id_format(), held().commitment_id_mask)
                if kind == COMMITMENT.name
                else ()
            ),
            macros=_macros(settings, clock),
        )
        worker = Worker(
            mirror=mirror,
            reader=reader,
            exporter=exporter,
            emit=lambda event: emit(with_rows_set_aside(event, facts)),
            interval=timedelta(minutes=settings.sync_minutes),
            clock=clock,
            after_read=lambda: _look_around(book, desk, worker, emit, paths, exporter.journal.copies, clock),
        )
        held, alarm = _Held(settings, worker, exporter), Alarm(worker)
        office = Office(store, facts, preview, alarm, clock, held)
        poster = alarm.post = Poster(office, login.password, lambda changes: emit(Changed(changes)))
        finder = CompanyFinder(store, facts, paths.search, clock=clock)
        around = Around(
            settings_file=paths.settings,
            attachments=paths.attachments,
            apply=held.take,
            shelf=shelf,
            finder=finder,
            accounts=partial(_folder_rights, paths.root) if not settings.stand_in else nothing,
            anchors=lambda: read_anchors(exporter.journal.copies),
            journal=JournalDesk(
                store.sessions,
                company=settings.company,
                copies=exporter.journal.copies,
                reader=lambda: FreshReader(connect, query_timeout=settings.query_seconds),
                clock=clock,
            ),
            holdings=MirrorHoldings(mirrors),
        )
        desk = open_desk(office, around)
        return Company(paths, settings, store, mirror, reader, facts, book, desk, worker, poster, finder)
    except BaseException:
        store.close()
        raise
