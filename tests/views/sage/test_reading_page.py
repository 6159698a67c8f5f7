"""The page about reading Sage, over a real mirror and a real desk; only the worker is a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from erpdesk.core.changes import SAGE, Changes
from erpdesk.models.audit import AuditEntry
from erpdesk.sync.mirror.book import SyncBook
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage.reading_page import FOREIGN, ODD, RUNS, TABLES, ReadingPage
from erpdesk.views.sage.reading_words import NO_LOSS, NOT_READ, NOT_WATCHED, NOTHING_FOREIGN, NOTHING_ODD
from erpdesk.workflows.sage_acts import Loss
from tests.sync.mirror.foreign_kit import make_in_sage, on_job
from tests.sync.mirror.kit import alter
from tests.town import Town
from tests.views.house import wait_until


@dataclass
class Commands:
    """Notes what the page asks of the sync worker."""

    asked: list[object] = field(default_factory=list)

    def sync_now(self, full: bool = False) -> None:
        self.asked.append(("read", full))

    def accept_loss(self, table: str, loss: Loss) -> None:
        self.asked.append(("accept", table, loss))


@dataclass
class Desk:
    """The page and what is behind it."""

    town: Town
    page: ReadingPage
    jobs: Jobs
    worker: Commands
    actor: list[str]
    problems: list[BaseException]

    def settle(self) -> None:
        wait_until(lambda: self.jobs.idle, "the book is read")

    def act_as(self, person: str) -> None:
        self.actor[0] = person
        self.reload()

    def reload(self) -> None:
        self.page.reload()
        self.settle()

    def read_sage(self) -> None:
        """Another reading, whatever comes of it, as the worker does it."""
        town = self.town
        town.mirror.refresh(SageReader(open_standin(town.sage.folder)), lambda *_: None, lambda: False)
        SyncBook(town.mirror.store).watch.look(town.desk.sage.linked_jobs())
        self.reload()

    def lose_vendors(self) -> None:
        alter(self.town.sage.folder, "DELETE FROM APM_MASTER__VENDOR")
        self.read_sage()

    def choose(self, part: str, place: int = 0) -> object:
        table = self.page.parts[part].table
        row = table.shown_rows()[place]
        assert table.set_current_id(row.id)
        return row

    def entries(self) -> int:
        with self.town.store.reading() as session:
            return len(list(session.scalars(select(AuditEntry).where(AuditEntry.act == "accept_loss"))))


def open_page(town: Town) -> Desk:
    worker, actor, problems = Commands(), [town.approver], list[BaseException]()
    jobs = Jobs(Bridge(), problems.append)
    book = SyncBook(town.mirror.store)
    page = ReadingPage(book, town.desk.sage, worker, jobs, lambda: actor[0], MemoryStore())
    made = Desk(town, page, jobs, worker, actor, problems)
    page.resize(840, 560)
    page.show()
    page.activateWindow()
    made.settle()
    return made


def close_page(desk: Desk) -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, CommentDialog):
            widget.reject()
    desk.jobs.close()
    desk.page.messages.clear()
    desk.page.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    QApplication.processEvents()


@pytest.fixture
def desk(town: Town, theme: Theme) -> Iterator[Desk]:
    made = open_page(town)
    yield made
    close_page(made)
    assert made.problems == []


def dialog() -> CommentDialog:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, CommentDialog) and each.isVisible()]
    assert len(found) == 1
    return found[0]


def accept(desk: Desk, reason: str) -> None:
    """Presses the button, writes the reason, agrees."""
    desk.choose(TABLES)
    desk.page.accept.pressed_ok.emit()
    asked = dialog()
    asked.field.setPlainText(reason)
    asked.on_yes()
    desk.settle()


def test_every_table_says_as_of_when_it_is_and_how_it_stands(desk: Desk) -> None:
    rows = desk.page.parts[TABLES].table.shown_rows()
    assert {row.title for row in rows} >= {"Jobs", "Vendors", "Commitments"}
    texts = desk.page.parts[TABLES].table.records.columns
    as_of = next(column for column in texts if column.key == "as_of")
    fresh = next(row for row in rows if row.title == "Jobs")
    assert "·" in as_of.shown(fresh) and "every table as in Sage" in desk.page.about.text()
    desk.choose(TABLES, rows.index(fresh))
    assert f"{fresh.rows:,} rows, as Sage held them" in desk.page.parts[TABLES].words.text()


def test_before_sage_was_read_the_page_says_so_and_claims_nothing(town: Town, theme: Theme) -> None:
    town.mirror.store.current = lambda: None
    desk = open_page(town)
    assert desk.page.about.text() == "Sage has not been read yet."
    empties = {key: (part.table.empty_title, part.table.empty_hint) for key, part in desk.page.parts.items()}
    assert empties[ODD] == NOT_READ and empties[FOREIGN] == NOT_WATCHED
    assert "Press Read now" in desk.page.parts[TABLES].words.text()
    close_page(desk)


def test_the_buttons_ask_the_worker(desk: Desk) -> None:
    desk.page.read_now.pressed_ok.emit()
    desk.page.compare.pressed_ok.emit()
    assert desk.worker.asked == [("read", False), ("read", True)]
    assert any("compared now" in text for text in desk.page.messages.texts())


def test_a_loss_stands_first_and_is_accepted_with_a_reason(desk: Desk) -> None:
    assert desk.page.accept.reasons() == NO_LOSS
    desk.lose_vendors()
    first = desk.page.parts[TABLES].table.shown_rows()[0]
    assert first.title == "Vendors" and first.waits
    assert "1 table needs a look" in desk.page.about.text()
    desk.choose(TABLES)
    assert desk.page.accept.allowed and "accept the loss" in desk.page.parts[TABLES].words.text()
    heard: list[Changes] = []
    desk.page.changed.connect(heard.append)
    accept(desk, "The vendors moved.")
    assert desk.worker.asked == [("accept", "Vendors", Loss(first.rows, first.rows))] and desk.entries() == 1
    assert [changes.kinds for changes in heard] == [{SAGE}]
    assert any("Noted" in text for text in desk.page.messages.texts())
    desk.choose(TABLES, 1)
    assert desk.page.accept.reasons() == NO_LOSS


def test_what_was_seen_counts_and_not_what_is_gone_when_the_reason_is_written(desk: Desk) -> None:
    """A reading finds more gone while the reason is typed: nothing is accepted, and the page says so."""
    alter(desk.town.sage.folder, "DELETE FROM APM_MASTER__VENDOR WHERE rowid % 2")
    desk.read_sage()
    desk.choose(TABLES)
    desk.page.accept.pressed_ok.emit()
    asked = dialog()
    asked.field.setPlainText("Half of them moved.")
    desk.lose_vendors()
    asked.on_yes()
    desk.settle()
    assert desk.worker.asked == [] and desk.entries() == 0
    assert any("More of Vendors is gone by now" in text for text in desk.page.messages.texts())


def test_without_a_reason_nothing_is_accepted(desk: Desk) -> None:
    desk.lose_vendors()
    desk.choose(TABLES)
    desk.page.accept.pressed_ok.emit()
    asked = dialog()
    assert "no rows at all" in asked.findChildren(type(asked.note))[1].text()
    asked.on_yes()
    assert asked.isVisible() and asked.note.text() == "Write a comment first."
    asked.reject()
    assert desk.worker.asked == [] and desk.entries() == 0


def test_whoever_may_not_sees_why_on_the_button(desk: Desk) -> None:
    desk.lose_vendors()
    desk.act_as(desk.town.viewer)
    desk.choose(TABLES)
    assert not desk.page.accept.allowed and "needs Admin in ERP Integrations" in desk.page.accept.reasons()[0]
    desk.act_as(desk.town.approver)
    assert desk.page.accept.allowed


def test_a_right_lost_meanwhile_is_said_and_the_worker_is_not_asked(desk: Desk) -> None:
    desk.lose_vendors()
    desk.actor[0] = desk.town.viewer
    accept(desk, "Because.")
    assert desk.worker.asked == [] and desk.entries() == 0
    assert any("needs Admin" in text for text in desk.page.messages.texts())
    assert desk.page.accept.allowed


def test_runs_are_newest_first_and_found_by_words(desk: Desk) -> None:
    desk.lose_vendors()
    QTest.mouseClick(desk.page.filter._chips[RUNS], Qt.MouseButton.LeftButton)
    table = desk.page.parts[RUNS].table
    began = [row.began for row in table.shown_rows()]
    assert began == sorted(began, reverse=True) and desk.page.stack.currentWidget() is desk.page.parts[RUNS]
    desk.page.filter.set_text("vendors older")
    assert [(row.table, row.ok) for row in table.shown_rows()] == [("Vendors", False)]
    desk.choose(RUNS)
    assert desk.page.parts[RUNS].words.text().startswith("Vendors: Sage shows no rows at all")
    desk.page.show_part(TABLES)
    assert [row.title for row in desk.page.parts[TABLES].table.shown_rows()] == []
    desk.page.filter.set_text("")


def test_what_came_out_takes_the_place_of_the_note(desk: Desk) -> None:
    page = desk.page
    page.read_now.click()
    assert page.messages.texts() == ["Sage is read now. The lists follow when it is done."]
    desk.reload()
    assert page.messages.texts() == ["Sage is read now. The lists follow when it is done."], "nothing was read yet"
    alter(desk.town.sage.folder, "UPDATE APM_MASTER__VENDOR SET Name = 'Another' WHERE rowid = 1")
    desk.read_sage()
    (said,) = page.messages.texts()
    assert said.startswith("Read ") and said.endswith(": 1 row changed.")
    page.read_now.pressed_ok.emit()
    desk.read_sage()
    assert page.messages.texts()[0].endswith(": nothing changed.")
    page.read_now.pressed_ok.emit()
    desk.lose_vendors()
    assert "Sage shows no rows at all" in page.messages.texts()[0] and len(page.messages.texts()) == 1


def test_the_list_of_runs_opens_at_the_newest(desk: Desk) -> None:
    table = desk.page.parts[RUNS].table
    desk.read_sage()
    desk.page.show_part(RUNS)
    assert table.current_id() == table.shown_rows()[0].id == max(row.id for row in table.all_rows())
    assert table.verticalScrollBar().value() == 0
    older = desk.choose(RUNS, 5)
    desk.read_sage()
    assert table.current_id() == getattr(older, "id", None), "a row that somebody reads stays"
    desk.page.show_part(TABLES)
    desk.page.show_part(RUNS)
    assert table.current_id() == max(row.id for row in table.all_rows())


def test_a_row_set_aside_shows_what_stands_in_sage_and_is_copied(desk: Desk) -> None:
    part = desk.page.parts[ODD]
    assert (part.table.empty_title, part.table.empty_hint) == NOTHING_ODD
    alter(desk.town.sage.folder, "UPDATE JCM_MASTER__COMMITMENT SET Amount = 'a lot' WHERE rowid = 1")
    desk.read_sage()
    desk.page.show_part(ODD)
    row = desk.choose(ODD)
    assert part.code.toPlainText() == getattr(row, "raw", "") and "a lot" in part.code.toPlainText()
    assert "Whole row" in [column.shown(row) for column in part.table.records.columns]
    part.copy.click()
    assert QGuiApplication.clipboard().text() == part.code.toPlainText()
    assert any("Copied" in text for text in desk.page.messages.texts())


def test_a_commitment_made_in_sage_is_listed_with_what_to_do(desk: Desk) -> None:
    town, part = desk.town, desk.page.parts[FOREIGN]
    desk.read_sage()
    assert (part.table.empty_title, part.table.empty_hint) == NOTHING_FOREIGN
    make_in_sage(town, on_job(town, town.project().sage_job), "BEHIND-1")
    desk.read_sage()
    desk.page.show_part(FOREIGN)
    assert [row.commitment for row in part.table.shown_rows()] == ["BEHIND-1"]
    desk.choose(FOREIGN)
    words = part.words.text()
    assert "Made in Sage, not in erpdesk." in words and town.project().name in words and "watched since" in words


def test_letters_typed_into_a_list_go_to_the_filter_and_ctrl_f_finds_it(desk: Desk) -> None:
    QTest.keyClick(desk.page.parts[TABLES].table, Qt.Key.Key_V)
    assert desk.page.filter.text() == "v"
    desk.page.filter.set_text("")
    desk.page.parts[TABLES].table.setFocus()
    QTest.keyClick(desk.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert desk.page.filter.search.hasFocus()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("points", [10, 14])
def test_nothing_is_cut_in_a_small_window(desk: Desk, theme: Theme, mode: str, points: int) -> None:
    desk.lose_vendors()
    theme.set_mode(mode)
    theme.set_points(points)
    desk.page.resize(840, 560)
    accept = desk.page.accept
    for key, part in desk.page.parts.items():
        desk.page.show_part(key)
        QApplication.processEvents()
        assert desk.page.minimumSizeHint().width() <= 840 and desk.page.minimumSizeHint().height() <= 560
        for button in (desk.page.read_now, desk.page.compare):
            assert button.width() >= button.sizeHint().width()
        if key == TABLES:
            wait_until(lambda: accept.height() >= accept.sizeHint().height(), "the button has its height")
            assert part.words.heightForWidth(part.words.width()) <= part.words.height()


def test_a_page_that_was_closed_hears_no_answer(town: Town, theme: Theme) -> None:
    desk = open_page(town)
    desk.page.reload()
    page = desk.page
    page.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    wait_until(lambda: desk.jobs.idle, "reads end")
    desk.jobs.close()
    assert desk.problems == []
