"""Another program that makes the daily summary and takes the mails, all at the same moment as its rivals."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from erpdesk import database
from erpdesk.core.clock import Clock
from erpdesk.settings import CompanySettings
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.workflows import commitments
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.notices import Notices
from erpdesk.workflows.operation import Office


class _Nobody:
    def wake(self) -> None:
        """Nothing waits here."""


def main() -> None:
    base, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    assert commitments.KIND == "commitment"
    store = database.store_on(database.sqlite_engine(base))
    facts = MirrorFacts(MirrorStore(base.parent, lambda: None, lambda number: None))
    settings = CompanySettings.load(base.with_name("settings.toml"))
    preview = SitePreview(SiteShelf(), site_words(store))
    notices = Notices(Office(store, facts, preview, _Nobody(), Clock(lambda: now), lambda: settings))
    print("ready", flush=True)
    sys.stdin.readline()
    made, took = notices.make_due(), []
    while (taken := notices.take()) is not None:
        took.append(taken.id)
        notices.sent(taken)
    print(made, *took)
    store.close()


main()
