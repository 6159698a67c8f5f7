"""The page about the export journal, over a company whose older backup was really put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog

from erpdesk import backups, sample
from erpdesk.core.changes import Changes
from erpdesk.restoring import restore
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage import journal_words as words
from erpdesk.views.sage.journal_page import JournalPage
from erpdesk.workflows.journal_rows import Compared
from tests.sync.export import drill
from tests.sync.export.yard import Yard, other
from tests.views.house import wait_until


@dataclass
class Seat:
    """The page, the company behind it, and who acts."""

    yard: Yard
    page: JournalPage
    jobs: Jobs
    who: list[str]
    synced: list[int]
    heard: list[Changes] = field(default_factory=list)

    def settle(self) -> None:
        calm: list[int] = []

        def rested() -> bool:
            calm[:] = [*calm, 1] if self.jobs.idle else []
            return len(calm) > 2

        wait_until(rested, "the page comes to rest")

    def agree(self, note: str) -> None:
        dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, CommentDialog))
        dialog.field.setPlainText(note)
        dialog.accept()
        self.settle()


@pytest.fixture
def seat(tmp_path: Path, theme: Theme) -> Iterator[Seat]:
    folder = tmp_path / "company"
    folder.mkdir()
    drill.build(folder)
    yard = Yard.open(folder)
    backup = backups.make(drill.paths_of(yard))
    for number in (1, 2):
        yard.accept(other(number))
    yard.run(yard.exporter())
    yard.store.close()
    restore(drill.paths_of(yard), backup)
    yard = Yard.open(folder)
    problems: list[BaseException] = []
    jobs = Jobs(Bridge(), problems.append)
    who, synced = [drill.person(yard, sample.APPROVER)], []
    page = JournalPage(drill.acts(yard), jobs, lambda: who[0], lambda: synced.append(1), MemoryStore())
    made = Seat(yard, page, jobs, who, synced)
    page.changed.connect(made.heard.append)
    page.resize(1024, 640)
    page.show()
    made.settle()
    yield made
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.reject()
    made.settle()
    jobs.close()
    page.close()
    page.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    yard.store.close()
    assert not problems


def test_each_item_is_compared_and_then_the_exports_are_unlocked(seat: Seat) -> None:
    page = seat.page
    rows = page.table.all_rows()
    assert [each.sage_id for each in rows] == ["SC-21-001", "SC-21-002"]
    assert {(each.sage, each.database) for each in rows} == {("There once", "Not in this database")}
    assert "Exports are locked" in page.why.text() and page.unlock.reasons() == (
        "2 items were not compared with Sage yet.",
    )
    page.table.set_current_id(rows[0].id)
    assert "Do not send it under another ID" in page.note.text() and "In Sage: " in page.note.text()
    for row in rows:
        page.table.set_current_id(row.id)
        page.in_sage.pressed_ok.emit()
        seat.settle()
    assert {each.compared for each in page.table.all_rows()} == {Compared.IN_SAGE} and page.unlock.reasons() == ()
    page.unlock.pressed_ok.emit()
    seat.agree("Compared with the listing of today.")
    assert page.why.text() == words.AGREE and list(page.table.all_rows()) == [] and seat.synced == [1]
    assert len(seat.heard) == 3
    exporter = seat.yard.exporter()
    exporter.recover()
    assert exporter.locked == ""


def test_who_may_not_decide_sees_why(seat: Seat) -> None:
    for name, rows in ((sample.VIEWER, 2), (sample.MANAGER, 0)):
        seat.who[0] = drill.person(seat.yard, name)
        seat.page.reload()
        seat.settle()
        assert len(seat.page.table.all_rows()) == rows
        for button in (seat.page.in_sage, seat.page.absent, seat.page.unlock, seat.page.fewer):
            assert any(name in each for each in button.reasons())


def test_fewer_on_purpose_is_noted_with_its_reason(seat: Seat) -> None:
    seat.page.fewer.pressed_ok.emit()
    seat.agree("Old jobs were purged in Sage.")
    assert seat.synced == [1] and "fewer" in seat.yard.audit()
