"""What the tests of the connection page and the set-up share: a real company, opened, with people at Sage or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QWidget

from erpdesk import company, demo, sample
from erpdesk.caretaker import Care
from erpdesk.company import Company
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.views.kit.aside import Aside
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from tests.views.house import wait_until


@dataclass
class Practice:
    """An opened sample company with its doctor; ``bugs`` hears what must never happen."""

    opened: Company
    care: Care
    jobs: Jobs
    aside: Aside
    bugs: list[BaseException]
    people: dict[str, str]
    desk: QWidget
    """What dialogs lie over: it keeps them, so that none goes with the last answer on another thread."""

    @property
    def sage(self) -> SandboxCompany:
        return SandboxCompany(Path(self.opened.settings.sage_folder))

    @property
    def admin(self) -> str:
        """Somebody who may test record types."""
        return next(each for each in self.people.values() if not self.care.why_no_record_test(each))

    @property
    def viewer(self) -> str:
        return self.people[sample.VIEWER]

    def settle(self) -> None:
        assert self.aside.wait(60), "the work beside everything else does not end"
        # Its news waits before this in the queue of the GUI thread.
        shown: list[bool] = []
        self.aside.tell(shown.append, True)
        wait_until(lambda: bool(shown) and self.jobs.idle, "the answers to be shown")


@contextmanager
def practice(folder: Path, **changes: object) -> Iterator[Practice]:
    """Opens the sample company in a folder; whatever is named is different in its settings."""
    paths = demo.prepare(CompanyPaths(folder / "company"), folder / "sage", transactions=300)
    CompanySettings.load(paths.settings).changed(**changes).save(paths.settings)
    opened = company.open_company(paths, lambda event: None)
    bugs: list[BaseException] = []
    bridge = Bridge(errors=bugs.append)
    made = Practice(
        opened, Care(opened, paths), Jobs(bridge, bugs.append), Aside(bridge, "checkup"), bugs, {}, QWidget()
    )
    try:
        sample.add_people(opened.store)
        made.people = {each.name: each.id for each in opened.desk.queries.people()}
        yield made
        assert bugs == []
    finally:
        assert made.aside.close(10)
        assert made.jobs.close()
        bridge.close()
        made.desk.close()
        # Freed here with all that lies on it, and not when somebody happens to let go of it.
        shiboken6.delete(made.desk)
        assert opened.close()
