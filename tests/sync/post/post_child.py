"""Another program that sends mail: killed when the server has taken the first one, or left to send all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from erpdesk import database
from erpdesk.core.changes import Changes
from erpdesk.core.clock import CLOCK
from erpdesk.settings import CompanySettings
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.post.post import Poster
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.workflows import commitments
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.notices import Notices, Taken
from erpdesk.workflows.operation import Office


class _Nobody:
    def wake(self) -> None:
        """Nothing waits here."""


class _Dies(Notices):
    def sent(self, taken: Taken) -> Changes:
        """The power goes before the answer is noted."""
        os._exit(9)


def main() -> None:
    base, what = Path(sys.argv[1]), sys.argv[2]
    assert commitments.KIND == "commitment"
    store = database.store_on(database.sqlite_engine(base))
    facts = MirrorFacts(MirrorStore(base.parent, lambda: None, lambda number: None))
    settings = CompanySettings.load(base.with_name("settings.toml"))
    preview = SitePreview(SiteShelf(), site_words(store))
    office = Office(store, facts, preview, _Nobody(), CLOCK, lambda: settings)
    poster = Poster(office, lambda company, user: "")
    if what == "kill":
        poster.notices = _Dies(office)
    poster.once()
    store.close()


main()
