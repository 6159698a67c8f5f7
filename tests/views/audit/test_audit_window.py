"""The window about the audit trail, over a real trail of a sample company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QLabel

from erpdesk.core.changes import Changes
from erpdesk.sync.export.anchors import read_anchors
from erpdesk.sync.export.journal import ExportJournal
from erpdesk.views.audit.check_bar import outcome
from erpdesk.views.audit.meaning_page import SECTIONS
from erpdesk.views.audit.window import AuditWindow, show_audit
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.table_files import write_csv
from erpdesk.views.kit.table_layout import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.session import Session
from erpdesk.workflows import audit
from erpdesk.workflows.audit_check import Fault, Link, Verdict
from erpdesk.workflows.audit_trail import AuditTrail
from erpdesk.workflows.trail_rows import TrailRow
from tests.town import Town, press
from tests.views.house import wait_until
from tests.workflows.trails import chain_anew, intruder


@dataclass
class Room:
    """The window, and what stands behind it."""

    town: Town
    session: Session
    jobs: Jobs
    window: AuditWindow
    store: MemoryStore
    journal: ExportJournal

    def settle(self) -> None:
        page = self.window.entries
        wait_until(
            lambda: not page.waiting and self.jobs.idle and page.table.settled() and not page.check.running,
            "the trail is read",
        )
        QApplication.processEvents()

    def row(self, seq: int) -> TrailRow:
        found = self.window.entries.table.row(seq)
        assert isinstance(found, TrailRow)
        return found

    def check(self) -> str:
        """Presses the button; answers what it says."""
        self.window.entries.check.button.click()
        self.settle()
        return " ".join(each.text for each in self.window.entries.check.checks.checks())


@pytest.fixture
def room(town: Town, theme: Theme, tmp_path: Path) -> Iterator[Room]:
    town.desk.erp.reject(town.approver, town.sent(number="SC-77", title="Roof decking")[1], "The wrong vendor", press())
    town.accepted(number="SC-78")
    jobs = Jobs(Bridge(), lambda error: pytest.fail(f"{error!r}"))
    messages = Messages()
    session = Session(town.desk, jobs, messages)
    people = {each.id: each for each in town.desk.queries.people()}
    session.set_person(people[town.approver])
    journal = ExportJournal((tmp_path / "beside.jsonl", tmp_path / "home.jsonl"))
    journal.open()
    store = MemoryStore()
    trail = AuditTrail(town.desk.office, lambda: read_anchors(journal.copies))
    window = AuditWindow(session, trail, store)
    window.resize(1180, 760)
    window.show()
    made = Room(town, session, jobs, window, store, journal)
    made.settle()
    yield made
    if shiboken6.isValid(window):
        window.close()
    jobs.close()
    session.deleteLater()
    messages.deleteLater()
    QApplication.sendPostedEvents(None, 52)


def anchor(room: Room) -> None:
    with room.town.store.reading() as session:
        seq, hashed = audit.head(session)
    room.journal.append("head", company="C", audit_seq=seq, audit_hash=hashed)


def test_the_newest_entry_stands_first_and_is_shown_whole(room: Room) -> None:
    page = room.window.entries
    newest = page.table.row(page.table.pages.ids[0])
    assert newest is not None and (newest.act, newest.record) == ("Accepted for export", "SC-78")
    rejected = next(seq for seq in page.table.pages.ids if room.row(seq).act == "Rejected")
    page.table.set_current_id(rejected)
    room.settle()
    assert page.detail.title.text() == f"{rejected} · Rejected · Commitment SC-77"
    assert page.detail.reason.text() == "The wrong vendor"
    assert page.detail.chain.values()["Hash of this entry"].replace(" ", "") == room.row(rejected).hash
    assert page.detail.fits.checks()[0].state == "ok"
    facts = page.detail.facts.values()
    assert facts["Who"] and facts["Windows account"] and facts["Computer"] and facts["Program"].startswith("erpdesk ")


def test_an_edit_is_shown_field_by_field(room: Room) -> None:
    page = room.window.entries
    status = next(seq for seq in page.table.pages.ids if room.row(seq).act == "Status changed")
    page.table.set_current_id(status)
    room.settle()
    assert [(each.field, each.before, each.after) for each in page.detail.changes.all_rows()] == [
        ("Status", "Draft", "Approved")
    ]


def test_person_act_kind_and_days_narrow_the_list(room: Room) -> None:
    page = room.window.entries
    every = page.table.count()
    for combo, value in ((page.person, room.town.manager), (page.act, "send"), (page.kind, "commitment")):
        combo.set_value(value)
        page._on_filter()
        room.settle()
        assert 0 < page.table.count() < every or combo is page.kind
    assert {room.row(seq).act for seq in page.table.pages.ids} == {"Sent to ERP"}
    assert "act Sent to ERP" in page.narrowed() and "Newest entry" in page.heading()
    page.since.set_value(date(2100, 1, 1))
    page._on_filter()
    room.settle()
    assert page.table.count() == 0 and page.table.empty_title == "Nothing here matches the choice above"
    page.clear.click()
    room.settle()
    assert page.table.count() == every


@pytest.mark.parametrize(("words", "acts"), [("SC-77 wrong", {"Rejected"}), ("accepted", {"Accepted for export"})])
def test_words_find_what_stands_in_an_entry_and_what_its_record_is_called(
    room: Room, words: str, acts: set[str]
) -> None:
    page = room.window.entries
    page.bar.set_text(words)
    room.settle()
    assert {room.row(seq).act for seq in page.table.pages.ids} == acts


def test_a_new_act_comes_into_the_open_window(room: Room) -> None:
    page = room.window.entries
    before, head = page.table.count(), page.check.head.text()
    room.town.approved(number="SC-79")
    room.session.publish(Changes.of("commitment", "x"))
    room.settle()
    assert page.table.count() == before + 2 and page.check.head.text() != head


def test_the_check_says_what_holds_and_that_an_anchor_is_needed(room: Room) -> None:
    assert "could not be noticed" in room.check()
    anchor(room)
    assert "one anchor in the export journal agree" in room.check()


def test_the_check_names_what_does_not_hold(room: Room) -> None:
    anchor(room)
    with intruder(room.town.store.engine) as connection:
        connection.exec_driver_sql("UPDATE audit SET reason = 'The right vendor' WHERE act = 'reject'")
    assert "was changed after it was written" in room.check()
    page = room.window.entries
    rejected = next(seq for seq in page.table.pages.ids if room.row(seq).act == "Rejected")
    page.table.set_current_id(rejected)
    room.settle()
    assert page.detail.fits.checks()[0].state == "error"
    with intruder(room.town.store.engine) as connection:
        chain_anew(connection)
    assert "is not the one that the export journal noted" in room.check()


def test_a_check_that_is_cancelled_proves_nothing() -> None:
    assert "proves nothing" in outcome(Verdict(entries=5, ended=False))[0].text
    assert outcome(Verdict(broken=Link(3, Fault.CUT, "Gone.")))[0].text == "The trail is broken. Gone."
    assert [each.text for each in outcome(Verdict(entries=2, anchors=2, notes=("Two.",)))] == [
        "All 2 entries hold, and 2 anchors in the export journal agree.",
        "Two.",
    ]


def test_whoever_lacks_the_right_sees_nothing(room: Room) -> None:
    people = {each.id: each for each in room.town.desk.queries.people()}
    room.session.set_person(people[room.town.manager])
    room.settle()
    page = room.window.entries
    why = page._trail.refusal(room.town.manager)
    assert why and page.table.count() == 0 and page.table.empty_title == why
    assert why in room.check()


def test_the_list_is_written_as_it_is_narrowed(room: Room, tmp_path: Path) -> None:
    page = room.window.entries
    page.bar.set_text("SC-77")
    room.settle()
    taken = page.table.taking()()
    path = tmp_path / "trail.csv"
    write_csv(path, page.table.visible_columns(), taken.rows)
    assert path.read_text("utf-8-sig").count("SC-77") >= page.table.count() > 3


def test_the_window_comes_back_and_forgets_its_reads(room: Room) -> None:
    holder = room.window.parentWidget()
    assert holder is None
    made = show_audit(room.session, room.window.entries._trail, room.store, room.window)
    assert show_audit(room.session, room.window.entries._trail, room.store, room.window) is made
    made.reject()
    room.settle()


def test_the_page_for_auditors_says_what_is_not_noticed(room: Room) -> None:
    page = room.window.show_page("meaning")
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Whoever can open the database file" in words and "both copies of the journal" in words
    assert all(each.endswith(".") for _, texts in SECTIONS for each in texts)
