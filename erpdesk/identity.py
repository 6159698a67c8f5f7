"""Makes sure that a database is opened with its own company's Sage, and with no other."""

from __future__ import annotations

from pathlib import Path

from erpdesk.core.clock import Clock
from erpdesk.core.errors import ForPeople
from erpdesk.database import Store
from erpdesk.models.company import CompanyIdentity
from erpdesk.settings import CompanySettings
from erpdesk.sync.sage.folders import control_name
from erpdesk.workflows import audit


def confirm(store: Store, settings: CompanySettings, clock: Clock) -> str:
    """Compares the settings with the company this database belongs to; the first time it takes note of them.

    Returns the name in Sage's control file that every later connection has to show. Raises ForPeople when the settings
    name another company or folder; a move is confirmed with the setting ``sage_moved_from``, and audited.
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
            )
            session.add(known)
            return shown
        if known.company != settings.company:
            raise ForPeople(
                f"This database belongs to the company “{known.company}”, but the settings name “{settings.company}”.",
                kept="Nothing was changed.",
                next_step="Put the former name back into settings.toml, or open the other company's own folder.",
            )
        if known.control_name and shown and known.control_name != shown:
            raise ForPeople(
                f"The Sage data folder {settings.sage_folder} holds the company “{shown}”, not “{known.control_name}”.",
                kept="Nothing was read from it and nothing is sent to it.",
                next_step="Correct the folder in settings.toml, or put the right company's data back.",
            )
        if (known.sage_folder, known.odbc) != (settings.sage_folder, settings.odbc):
            if settings.sage_moved_from != known.sage_folder:
                raise ForPeople(
                    f"The settings lead to another Sage than before: the folder was {known.sage_folder}, now "
                    f"{settings.sage_folder}. A copy of a company looks the same, but is not.",
                    kept="Nothing was read from it and nothing is sent to it.",
                    next_step="If the same company was moved there, confirm it: write the former folder into the "
                    "setting sage_moved_from of settings.toml. Otherwise put the former folder back.",
                )
            before = {"sage_folder": known.sage_folder, "odbc": known.odbc}
            after = {"sage_folder": settings.sage_folder, "odbc": settings.odbc}
            known.sage_folder, known.odbc, known.control_name = settings.sage_folder, settings.odbc, shown
            audit.append(
                session,
                at=clock.now(),
                who=audit.SYSTEM,
                act="moved",
                kind="company",
                ref="1",
                body={"before": before, "after": after},
            )
        return known.control_name
