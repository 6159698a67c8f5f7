"""The connection page over a real company: the doctor's round, the record types at the stand-in, leaving."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from erpdesk.checkup import NO_RECORD_TEST
from erpdesk.core.errors import ForPeople
from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage import connection_words as words
from erpdesk.views.sage.connection_page import CHECKING, CHECKS, TESTING, TYPES, ConnectionPage
from tests.sync.doctor.test_record_test import AT_STAND_IN
from tests.views.house import wait_until
from tests.views.sage.care_kit import Practice, practice

TEXTS = tuple(column for column in words.CHECKS if column.key in ("title", "text"))


@pytest.fixture
def surgery(theme: Theme, tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path) as made:
        yield made


@pytest.fixture
def actor(surgery: Practice) -> list[str]:
    """Who acts just now."""
    return [surgery.admin]


@pytest.fixture
def page(surgery: Practice, actor: list[str]) -> Iterator[ConnectionPage]:
    made = ConnectionPage(surgery.care, surgery.jobs, surgery.aside, lambda: actor[0], MemoryStore(), surgery.desk)
    surgery.desk.show()
    made.resize(1000, 600)
    made.show()
    surgery.settle()
    yield made
    if shiboken6.isValid(made):
        made.stop()
        surgery.settle()
        made.close()


def findings(page: ConnectionPage) -> list[Finding]:
    return [row.finding for row in page.parts[CHECKS].table.all_rows()]


def test_before_a_look_the_page_says_what_to_press(page: ConnectionPage) -> None:
    assert page.about.text() == "Not checked yet."
    assert findings(page) == []
    assert page.check.reasons() == page.test.reasons() == ()


def test_a_look_shows_each_finding_and_counts_what_asks_for_something(page: ConnectionPage, surgery: Practice) -> None:
    page.check.click()
    assert page.about.text() == "Looking…"
    assert page.check.reasons() == page.test.reasons() == CHECKING
    surgery.settle()
    found = findings(page)
    assert [each.title for each in found if each.verdict is Verdict.LOOK] == ["Last reading of Sage"]
    passed, unused = (sum(each.verdict is kind for each in found) for kind in (Verdict.PASS, Verdict.SKIPPED))
    assert page.about.text() == f"{passed} checks pass, one worth a look, {unused} not used."
    assert not any(column.shown(row)[0].islower() for row in page.parts[CHECKS].table.all_rows() for column in TEXTS)
    assert page.check.reasons() == page.test.reasons() == ()


def test_what_to_do_takes_room_only_when_something_is_to_be_done(page: ConnectionPage) -> None:
    def titles() -> list[str]:
        return [column.title for column in page.parts[CHECKS].table.visible_columns()]

    assert "What to do" not in titles()
    page._take(Finding("login", "Sage login", Verdict.PASS, "the company opens."))
    assert "What to do" not in titles() and page.about.text() == "1 check passes."
    page._take(Finding("folder", "Data folder", Verdict.FAIL, "is not there.", "Choose another."))
    assert "What to do" in titles()
    assert words.about_finding(page.parts[CHECKS].table.all_rows()[0]).startswith("Sage login: The company opens.")


def test_a_type_that_was_never_tested_is_grey_and_the_letters_are_explained(
    page: ConnectionPage, surgery: Practice
) -> None:
    surgery.settle()
    row = page.parts[TYPES].table.all_rows()[0]
    pill = next(column for column in words.TYPES if column.key == "class").value(row)
    assert isinstance(pill, Pill) and (pill.text, pill.tone) == ("Not tested · counts as B", "grey")
    said = words.about_type(row)
    assert all(f"({letter})" in said for letter in "ABC") and said.startswith(words.NOT_TESTED)


def test_what_fails_is_shown_with_what_to_do(page: ConnectionPage, surgery: Practice) -> None:
    surgery.sage.data_file.unlink()
    page.look()
    surgery.settle()
    (bad,) = (each for each in findings(page) if each.verdict is Verdict.FAIL)
    assert bad.title == "Sage login" and bad.next_step
    assert "one thing to put right" in page.about.text()


def test_the_types_are_tested_at_the_stand_in_and_kept(page: ConnectionPage, surgery: Practice) -> None:
    heard: list[object] = []
    page.changed.connect(heard.append)
    page.test.click()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, ConfirmDialog))
    dialog.accept()
    wait_until(lambda: page.filter.chip() == TYPES, "the record types")
    surgery.settle()
    wait_until(lambda: len(heard) == 1, "what was kept")
    surgery.settle()
    assert {row.id: row.idempotency for row in page.parts[TYPES].table.all_rows()} == AT_STAND_IN
    assert page.messages.texts() == ["7 record types were proven. Exports go by it from now on."]


def test_what_could_not_be_proven_is_said_with_its_reason(page: ConnectionPage, surgery: Practice) -> None:
    surgery.sage.set_faults(reject_next="A certificate of insurance is missing.")
    page.test_types()
    surgery.settle()
    wait_until(lambda: any("proven" in each for each in page.messages.texts()), "the outcome")
    (text,) = page.messages.texts()
    assert "certificate of insurance" in text and "stay as they were" in text


def test_who_may_not_test_is_told_why(page: ConnectionPage, surgery: Practice, actor: list[str]) -> None:
    actor[0] = surgery.viewer
    page.reload()
    surgery.settle()
    assert page.test.reasons()
    assert page.check.reasons() == (), "looking changes nothing, so everybody may"


def test_a_live_company_is_not_tested_and_says_why(theme: Theme, tmp_path: Path) -> None:
    text = f"DRIVER={{SQLite3}};Database=file:{tmp_path / 'sage' / 'tsdata.db'}?mode=ro;Timeout=1000"
    with practice(tmp_path, stand_in=False, odbc=text, odbc_process="inside") as made:
        page = ConnectionPage(
            made.care, made.jobs, made.aside, lambda: next(iter(made.people.values())), MemoryStore(), made.desk
        )
        made.settle()
        assert NO_RECORD_TEST in page.test.reasons()


class Waiting:
    """A company where the test waits for a person at Sage, and the look for a driver, until they are told to stop."""

    def __init__(self, surgery: Practice) -> None:
        self._care = surgery.care
        self.facts, self.classes = surgery.care.facts, surgery.care.classes
        self.why_no_record_test = surgery.care.why_no_record_test
        self.waits = threading.Event()

    def examine(self, tell: Callable[[Finding], object], stop: threading.Event) -> tuple[Finding, ...]:
        tell(Finding("folder", "Folder", Verdict.PASS, "is there."))
        return self._wait(stop)

    def test_records(self, actor: str, tell: Callable[[str], object], stop: threading.Event) -> object:
        tell("In Sage, run the import.")
        return self._wait(stop)

    def _wait(self, stop: threading.Event) -> tuple[Finding, ...]:
        self.waits.set()
        assert stop.wait(60)
        raise ForPeople("The wait was ended.")


@pytest.mark.parametrize("act", ["look", "test_types"])
def test_leaving_while_something_waits_ends_it_at_once(act: str, surgery: Practice, actor: list[str]) -> None:
    care = Waiting(surgery)
    page = ConnectionPage(care, surgery.jobs, surgery.aside, lambda: actor[0], MemoryStore(), surgery.desk)  # type: ignore[arg-type]  # it never answers
    getattr(page, act)()
    wait_until(care.waits.is_set, "the work to wait")
    page.stop()
    page.deleteLater()
    assert surgery.aside.wait(5), "no thread is left behind"
    surgery.settle()


def test_an_error_while_testing_is_shown_and_the_page_goes_on(surgery: Practice, actor: list[str]) -> None:
    care = Waiting(surgery)
    page = ConnectionPage(care, surgery.jobs, surgery.aside, lambda: actor[0], MemoryStore(), surgery.desk)  # type: ignore[arg-type]  # it never answers
    surgery.settle()
    page.test_types()
    wait_until(lambda: page.messages.texts() == ["In Sage, run the import."], "what to do at Sage")
    assert page.check.reasons() == TESTING
    page.stop()
    surgery.settle()
    wait_until(lambda: page.check.reasons() == (), "the page to go on")
    assert "The wait was ended." in " ".join(page.messages.texts())
    page.deleteLater()
