"""Another program that changes a setting: killed at a point of the change, or left to finish it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from erpdesk import database
from erpdesk.core.clock import CLOCK
from erpdesk.settings import CompanySettings, declared
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.operation import Office
from erpdesk.workflows.settings_acts import SettingsActs


class _Nobody:
    def wake(self) -> None:
        """Nothing waits here."""


def main() -> None:
    base, file, actor, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    store = database.store_on(database.sqlite_engine(base))
    facts = MirrorFacts(MirrorStore(base.parent, lambda: None, lambda number: None))
    settings = CompanySettings.load(file)
    office = Office(store, facts, SitePreview(SiteShelf(), site_words(store)), _Nobody(), CLOCK, lambda: settings)

    def at(point: str) -> None:
        if point == what:
            os._exit(9)

    acts = SettingsActs(office, file, lambda changed: None, at)
    acts.change(actor, what if what in declared() else "sync_minutes", 11)
    store.close()


main()
