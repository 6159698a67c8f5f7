"""Makes sure that a database is opened with its own company's Sage, and with no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from erpdesk.core.clock import Clock
from erpdesk.core.errors import ForPeople
from erpdesk.database import Store
from erpdesk.models.company import CompanyIdentity
from erpdesk.settings import CompanySettings
from erpdesk.sync.sage.folders import control_name
from erpdesk.workflows import audit
from erpdesk.workflows.layout_gate import is_live

LIVE, TEST, STAND_IN = "live", "test", "stand-in"

NO_READ = "Nothing was read from it and nothing is sent to it."

HOW_LIVE_BECOMES_TEST = (
    "Files whose fields nobody has settled may go to a test company or the stand-in, and the self-test books records "
    'there. If the folder holds no real books, write company_kind_before = "live" into settings.toml; it counts once. '
    "Otherwise let the company stay a live one."
)


def kind_of(settings: CompanySettings) -> str:
    """The kind of company that the settings say: live, test or stand-in."""
    return LIVE if is_live(settings) else STAND_IN if settings.stand_in else TEST


def spent(settings: CompanySettings) -> CompanySettings:
    """The settings without the confirmations in them, each of which counts once."""
    return settings.changed(sage_moved_from="", company_kind_before="")


def confirm(store: Store, settings: CompanySettings, clock: Clock, spend: Callable[[], object]) -> str:
    """Compares the settings with the company this database belongs to; the first time it takes note of them.

    Returns the name in Sage's control file that every later connection has to show. Raises ForPeople when the settings
    name another company or folder, or call a live company something else. A move is confirmed with the setting
    ``sage_moved_from``, the end of a live company with ``company_kind_before``; both are audited. ``spend`` takes the
    confirmations out of the settings file: it is called before anything they confirm counts, also when nothing needed
    them, so that none is left for a later change.
    """
    shown = control_name(Path(settings.sage_folder))
    with store.writing() as session:
        known = session.get(CompanyIdentity, 1)
        if known is None:
            known = CompanyIdentity(
                id=1,
                company=settings.company,
                sage_folder=settings.sage_folder,
                odbc=settings.odbc,
                control_name=shown,
                kind=kind_of(settings),
            )
            session.add(known)
        else:
            _same_company(known, settings, shown)
            _confirmed_move(known, settings)
            _confirmed_kind(known, settings)
            _take_note(session, known, settings, shown, clock)
        if spent(settings) != settings:
            _take_out(spend)
        return known.control_name


def differs(store: Store, settings: CompanySettings) -> bool:
    """Whether the settings say something else than when the database was opened last; False when it never was."""
    with store.reading() as session:
        known = session.get(CompanyIdentity, 1)
        if known is None:
            return False
        held = (known.company, known.sage_folder, known.odbc, known.kind or kind_of(settings))
        return held != (settings.company, settings.sage_folder, settings.odbc, kind_of(settings))


def _same_company(known: CompanyIdentity, settings: CompanySettings, shown: str) -> None:
    if known.company != settings.company:
        raise ForPeople(
            f"This database belongs to the company “{known.company}”, but the settings name “{settings.company}”.",
            kept="Nothing was changed.",
            next_step="Put the former name back into settings.toml, or open the other company's own folder.",
        )
    if known.control_name and shown and known.control_name != shown:
        raise ForPeople(
            f"The Sage data folder {settings.sage_folder} holds the company “{shown}”, not “{known.control_name}”.",
            kept=NO_READ,
            next_step="Correct the folder in settings.toml, or put the right company's data back.",
        )


def _confirmed_move(known: CompanyIdentity, settings: CompanySettings) -> None:
    if not _moved(known, settings) or settings.sage_moved_from == known.sage_folder:
        return
    raise ForPeople(
        f"The settings lead to another Sage than before: the folder was {known.sage_folder}, now "
        f"{settings.sage_folder}. A copy of a company looks the same, but is not.",
        kept=NO_READ,
        next_step="If the same company was moved there, confirm it: write the former folder into the "
        "setting sage_moved_from of settings.toml. Otherwise put the former folder back.",
    )


def _confirmed_kind(known: CompanyIdentity, settings: CompanySettings) -> None:
    kind = kind_of(settings)
    if known.kind != LIVE or kind == LIVE or settings.company_kind_before == LIVE:
        return
    what = "a test company" if kind == TEST else "the stand-in"
    raise ForPeople(
        f"The settings call “{known.company}” in {settings.sage_folder} {what}; until now it was a live company.",
        kept=NO_READ,
        next_step=HOW_LIVE_BECOMES_TEST,
    )


def _moved(known: CompanyIdentity, settings: CompanySettings) -> bool:
    return (known.sage_folder, known.odbc) != (settings.sage_folder, settings.odbc)


def _take_note(session: Session, known: CompanyIdentity, settings: CompanySettings, shown: str, clock: Clock) -> None:
    """Keeps what has changed since the last time, each with its entry in the audit trail."""

    def entry(act: str, before: object, after: object, confirmed: str) -> None:
        audit.append(
            session,
            at=clock.now(),
            who=audit.SYSTEM,
            act=act,
            kind="company",
            ref="1",
            body={},
            before=before,
            after=after,
            reason="Confirmed in settings.toml." if confirmed else "",
            evidence={"confirmed": confirmed} if confirmed else None,
        )

    if _moved(known, settings):
        before = {"sage_folder": known.sage_folder, "odbc": known.odbc}
        after = {"sage_folder": settings.sage_folder, "odbc": settings.odbc}
        known.sage_folder, known.odbc, known.control_name = settings.sage_folder, settings.odbc, shown
        entry("moved", before, after, settings.sage_moved_from)
    elif settings.sage_moved_from:
        entry("unused", "sage_moved_from", "", settings.sage_moved_from)
    before_kind, kind = known.kind, kind_of(settings)
    if before_kind != kind:
        known.kind = kind
        entry("kind", before_kind, kind, settings.company_kind_before)
    elif settings.company_kind_before:
        entry("unused", "company_kind_before", "", settings.company_kind_before)


def _take_out(spend: Callable[[], object]) -> None:
    try:
        spend()
    except OSError as problem:
        raise ForPeople(
            f"A confirmation in settings.toml counts once, but it cannot be taken out of the file: {problem.strerror}.",
            kept=NO_READ,
            next_step="Make the file writable and start again.",
        ) from problem
