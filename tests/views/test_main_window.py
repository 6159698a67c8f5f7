"""The window itself: painted without data, brought alive, who acts and where, closing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.sync.events import Changed, Exporting, Idle, Paused, Stopped, Syncing, Trouble, Waiting
from erpdesk.views import shots
from erpdesk.views.dialogs.sample_hint import SampleHint
from erpdesk.views.dialogs.set_aside import SetAsideDialog
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.actions import clashes
from erpdesk.views.kit.list_sheet import common_foot
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.status_light import describe
from erpdesk.views.kit.theme import Theme
from erpdesk.views.main_window import TABS, MainWindow
from erpdesk.views.opening import OPENING, OpeningPage
from erpdesk.views.sync_news import light_of
from erpdesk.views.tabs.home.tab import HomeTab
from erpdesk.views.window_actions import SPECS, STILL_OPENING
from erpdesk.workflows.trail_rows import head_words
from tests.town import Town, press
from tests.views.house import Commands, House, open_house, type_into

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEAVY = ("sqlalchemy", "alembic", "sqlite3", "apsw", "pyodbc", "keyring")


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return Theme(app, "light")


@pytest.fixture
def house(town: Town, theme: Theme) -> Iterator[House]:
    """A shown window in which the project manager acts."""
    with open_house(town, theme) as made:
        yield made


@pytest.fixture
def empty(town: Town, theme: Theme) -> Iterator[House]:
    """A window whose company is not open yet."""
    with open_house(town, theme, attach=False) as made:
        yield made


def test_the_window_needs_no_database_and_no_driver() -> None:
    program = f"import sys, erpdesk.views.main_window; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_tabs_are_in_place_and_calm_before_the_company_is_open(empty: House) -> None:
    window = empty.window
    for key, _ in TABS:
        window.show_tab(key)
        shown = window.page(key)
        assert isinstance(shown, OpeningPage) and shown.isVisible()
        assert shown.texts()[0] == OPENING
    assert empty.reasons("commitment.new_subcontract") == STILL_OPENING
    assert not window.alive


def test_why_a_company_can_not_be_opened_stands_in_every_tab(empty: House) -> None:
    error = ForPeople("The folder is on a network drive.", kept="Nothing was changed.", next_step="Move it.")
    empty.window.show_opening_problem(error)
    shown = empty.window.page("directory")
    assert isinstance(shown, OpeningPage)
    assert shown.texts() == (
        "The company can not be opened",
        "The folder is on a network drive. Nothing was changed. Move it.",
    )


def test_attaching_brings_every_tab_alive(house: House) -> None:
    assert house.window.alive
    assert house.window.top.project.text() == house.town.project().name
    assert "synced with Sage" in house.window.top.job.text()
    assert "Dana Whitfield" in house.window.top.person.text()
    assert house.window.registry.reasons("commitment.new_subcontract") == ()


def test_tabs_have_keys(house: House) -> None:
    house.window.activateWindow()
    for number, (key, _) in zip((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4), TABS, strict=True):
        QTest.keyClick(house.window, number, Qt.KeyboardModifier.ControlModifier)
        assert house.window.strip.current() == key


def test_no_two_actions_share_a_key() -> None:
    assert clashes(SPECS) == []


def test_every_action_has_a_tip_and_words() -> None:
    assert [spec.key for spec in SPECS if not spec.plain or (not spec.tip and not spec.shortcut)] == []


def test_counts_are_of_what_waits_for_the_person_who_acts(house: House) -> None:
    town, strip = house.town, house.window.strip
    town.sent()
    _, second = town.sent(title="Second")
    town.desk.erp.reject(town.approver, second, "No.", press())
    house.reload()
    assert (strip.count("commitments"), strip.count("erp")) == (1, 0)
    house.act_as(town.approver)
    assert (strip.count("commitments"), strip.count("erp")) == (0, 1)


def test_person_and_project_are_remembered(house: House) -> None:
    town = house.town
    house.act_as(town.approver)
    second = town.project(1)
    house.window.top.project_chosen.emit(second)
    house.settle()
    assert house.store.value("window/person") == town.approver
    assert house.store.value("window/project") == second.id
    assert house.window.top.project.text() == second.name
    house.window.top.project_chosen.emit(None)
    house.settle()
    assert house.window.top.project.text() == "All projects"
    house.act_as(town.manager)
    house.trigger("commitment.new_subcontract")
    assert any("Choose a project" in text for text in house.window.messages.texts())


def test_a_project_is_not_left_with_unsaved_changes(house: House) -> None:
    first = house.town.project()
    house.trigger("commitment.new_subcontract")
    type_into(house.commitments.page.header_form.title, "Half written")
    house.window.top.project_chosen.emit(house.town.project(1))
    house.settle()
    assert house.window.top.project.text() == first.name
    house.dialog(UnsavedDialog).discard.click()
    house.settle()
    assert house.window.top.project.text() == house.town.project(1).name


def test_the_last_tab_is_shown_again(theme: Theme) -> None:
    store = MemoryStore()
    store.setValue("window/tab", "directory")
    window = MainWindow(store, theme)
    assert window.strip.current() == "directory"
    window.deleteLater()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Syncing("vendors", 34, 120), "Reading Sage · vendors · 34 of 120"),
        (Idle(AT, 1204551), "Sage read just now · 1,204,551 rows"),
        (Idle(AT, 10, ("Row 7 was set aside.",)), "Sage read just now · 1 problem"),
        (Waiting("Sage is closed.", AT), "Sage cannot be reached · trying again now"),
        (Paused(), "Paused"),
        (Stopped(), "Not connected to Sage"),
    ],
)
def test_the_light_says_what_the_worker_does(event: object, words: str) -> None:
    light = light_of(event)  # type: ignore[arg-type]  # every kind of event
    assert light is not None and describe(light, AT).startswith(words)


def test_news_of_the_worker_reach_the_screen(house: House) -> None:
    window = house.window
    window.sync_event(Idle(AT, 10, ("Row 7 of vendors was set aside: its number is empty.",)))
    window.sync_event(Exporting(2))
    window.sync_event(Trouble("The mailbox is full."))
    assert window.status.exporting.text() == "Exporting 2"
    assert "The mailbox is full." in window.messages.texts()
    window.status.light.issues_asked.emit()
    dialog = house.dialog(SetAsideDialog)
    assert dialog.problems == ("Row 7 of vendors was set aside: its number is empty.",)
    dialog.reject()
    made = house.town.approved(title="Came from elsewhere")
    window.sync_event(Changed(Changes.of("commitment", made)))
    house.settle()
    assert made in {row.id for row in house.commitments.table.shown_rows()}


def test_the_worker_is_asked_to_pause_resume_and_read(house: House) -> None:
    house.trigger("sync.now")
    house.trigger("sync.pause")
    house.window.sync_event(Paused())
    house.trigger("sync.pause")
    assert house.worker.asked == ["sync now", "pause", "resume"]


def test_projects_that_come_later_are_taken_in(town: Town, theme: Theme) -> None:
    with open_house(town, theme, attach=False) as house:
        house.window.attach(town.desk, house.jobs, Commands())
        house.settle()
        house.window.refresh_company(Changes.of("commitment", town.approved()))
        house.settle()
        assert len(house.commitments.table.shown_rows()) == 1


def test_the_hint_for_newcomers_stays_away_once_dismissed(town: Town, theme: Theme) -> None:
    with open_house(town, theme, sample=True) as house:
        hint = house.window.findChild(SampleHint)
        assert hint is not None and hint.isVisible()
        hint.button.click()
        assert not hint.isVisible()
        again = SampleHint(house.store)
        again.show_once()
        assert not again.isVisible()


def test_closing_asks_about_unsaved_changes(house: House) -> None:
    left: list[bool] = []
    house.window.about_to_close.connect(lambda: left.append(True))
    house.trigger("commitment.new_subcontract")
    type_into(house.commitments.page.header_form.title, "Half written")
    assert not house.window.close()
    assert left == [] and house.window.isVisible()
    house.dialog(UnsavedDialog).discard.click()
    house.settle()
    assert left == [True] and not house.window.isVisible()


def test_closing_keeps_the_place_of_the_window(house: House) -> None:
    left: list[bool] = []
    house.window.about_to_close.connect(lambda: left.append(True))
    assert house.window.close()
    assert left == [True]
    assert house.store.value("window/geometry") is not None


def named(widget: QWidget) -> bool:
    if widget.accessibleName():
        return True
    return isinstance(widget, QAbstractButton) and bool(widget.text())


INPUTS = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QAbstractButton)


def test_every_input_has_a_name_for_screen_readers(house: House) -> None:
    town = house.town
    town.sent()
    made = town.approved()
    house.reload()
    nameless: list[str] = []
    openers = (
        lambda: house.commitments.open(made),
        lambda: house.trigger("commitment.new_order"),
        lambda: house.commitments.close_page(),
        lambda: house.window.show_tab("directory"),
        lambda: house.window.show_tab("erp"),
        house.window.beside.show_about,
        house.window.news.show_problems,
        lambda: house.window.registry.show_shortcuts(house.window),
    )
    for opener in openers:
        opener()
        house.settle()
        for widget in QApplication.allWidgets():
            own = isinstance(widget, INPUTS) and widget.isVisible() and not widget.objectName().startswith("qt_")
            inside = isinstance(widget.parent(), QComboBox | QAbstractItemView | QLineEdit)
            if own and not inside and not named(widget):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert sorted(set(nameless)) == []


def test_every_scene_is_rendered_light_and_dark(house: House, tmp_path: Path) -> None:
    house.town.sent()
    house.town.approved()
    house.reload()
    made = shots.render_shots(house.window, tmp_path / "shots", shots.SIZES[1:])
    names = {path.name for path in made}
    assert {"home-1280-light.png", "commitments-1280-light.png", "erp-ready-to-export-1280-dark.png"} <= names
    assert {"dialog-about-1280-light.png", "dialog-search-1280-dark.png", "people-1280-light.png"} <= names
    assert {"audit-trail-1280-light.png", "people-1280-dark.png"} <= names
    assert all(path.stat().st_size > 1000 for path in made)
    assert len(names) == len(made)
    assert house.theme.mode == "light"


def test_a_window_that_does_not_come_to_rest_is_named(empty: House) -> None:
    with pytest.raises(shots.NotSettled):
        shots.settle(empty.window, longest_ms=50)


def test_an_act_touches_only_the_lists_of_its_kind(house: House) -> None:
    rows = house.directory.table.all_rows()
    house.town.sent()
    session = house.window.session
    assert session is not None
    session.publish(Changes.of("submission", "any"))
    house.settle()
    assert house.directory.table.all_rows() is rows
    assert len(house.erp.queue.table.shown_rows()) == 1


def test_several_people_are_a_choice_and_one_is_not(town: Town, theme: Theme) -> None:
    people = town.desk.queries.people()
    with open_house(town, theme, attach=False) as house:
        house.window.attach(town.desk, house.jobs, None, people[:1])
        house.settle()
        assert house.window.top.person.menu() is None
        assert house.reasons("sync.now") == ("There is no connection to Sage in this window.",)
        assert replace(people[0]).name in house.window.top.person.text()


def test_what_is_printed_names_the_head_of_the_trail_while_the_company_is_open(town: Town, theme: Theme) -> None:
    with open_house(town, theme) as house:
        house.town.approved()
        seq, digest = town.desk.trail.head()
        assert common_foot() == head_words(seq, digest) and f"{seq:,}" in common_foot()
    assert common_foot() == ""


def test_what_keeps_items_from_sage_stays_in_sight_until_it_is_over(house: House) -> None:
    window = house.window
    window.sync_event(Trouble("Exports are locked."))
    window.messages.clear()
    window.sync_event(Idle(AT, 10, ()))
    house.act_as(house.town.approver)
    home, erp = window.page("home"), house.erp
    assert isinstance(home, HomeTab)
    assert "Exports are locked." in home.alarm.text() and "Exports are locked." in erp.away.text()
    window.sync_event(Trouble(""))
    house.settle()
    assert home.alarm.text() == "" and erp.away.text() == ""
    assert "Exports are locked." not in window.messages.texts()
