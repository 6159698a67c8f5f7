"""What is typed is kept by itself: offered again after the program was killed, compared when somebody else saved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from erpdesk import database
from erpdesk.core.clock import CLOCK
from erpdesk.settings import CompanySettings
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.theme import Theme
from erpdesk.views.tabs.commitments.merge_dialog import MergeDialog
from erpdesk.views.tabs.commitments.merging import MINE, NOT_THERE, THEIRS, differences, merged
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.views.tabs.commitments.typed import FORM, Typed, draft_of_detail, from_body, to_body
from erpdesk.workflows.desk import open_desk
from erpdesk.workflows.drafts_kept import Kept
from erpdesk.workflows.layout_acts import site_words
from erpdesk.workflows.operation import Office
from erpdesk.workflows.rows import CommitmentDraft, LineDraft
from tests.town import Bell, Town, around
from tests.views.house import House, open_house, type_into, wait_until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
ROOT = Path(__file__).parents[4]


def page(house: House) -> CommitmentPage:
    return house.commitments.page


def kept(house: House, ref: str) -> Kept | None:
    return house.town.desk.drafts.found(house.town.manager, FORM, ref)


def show(house: House, commitment: str) -> None:
    house.reload()
    house.commitments.open(commitment)
    house.settle()
    assert page(house).commitment_id == commitment


def draft_left_behind(town: Town, commitment: str, change: Callable[[CommitmentDraft], CommitmentDraft]) -> None:
    """What an earlier run of the program would have left."""
    base = draft_of_detail(town.desk.queries.commitment(commitment, town.manager))
    body = to_body(Typed(change(base), base))
    town.desk.drafts.keep(town.manager, FORM, commitment, base.version, body)


def titled(title: str) -> Callable[[CommitmentDraft], CommitmentDraft]:
    return lambda draft: replace(draft, title=title)


def test_typing_is_kept_a_moment_later_and_gone_once_saved(house: House, qtbot: QtBot) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    type_into(page(house).header_form.title, "Half a ti")
    wait_until(lambda: kept(house, made) is not None, "it is kept")
    found = kept(house, made)
    assert found is not None and from_body(found.body).mine.title == "Half a ti"
    house.trigger("commitment.save")
    assert kept(house, made) is None
    assert house.town.desk.drafts.all(house.town.manager) == ()


def test_what_stands_in_an_open_cell_is_kept_too(house: House, qtbot: QtBot) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    show(house, made)
    grid = page(house).schedule.grid
    grid.edit_cell(0, "amount")
    QTest.keyClicks(QApplication.focusWidget() or grid, "987.65")
    wait_until(lambda: kept(house, made) is not None, "it is kept")
    found = kept(house, made)
    assert found is not None and str(from_body(found.body).mine.lines[0].amount) == "987.65"
    page(house).finish_typing()
    house.trigger("commitment.revert")
    house.settle()
    assert kept(house, made) is None


def test_throwing_it_away_when_asked_drops_it(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    type_into(page(house).header_form.title, "Not wanted")
    wait_until(lambda: kept(house, "") is not None, "it is kept")
    house.commitments.close_page()
    house.dialog(UnsavedDialog).discard.click()
    house.settle()
    assert kept(house, "") is None


def test_an_edit_is_offered_again_and_goes_on(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-41"))
    draft_left_behind(town, made, titled("Typed before"))
    show(house, made)
    assert "You were editing SC-41 at" in page(house).kept.text()
    assert page(house).header_form.title.value() == "Structural steel"
    type_into(page(house).header_form.title, "Lost?")
    assert not page(house).dirty, "nothing can be typed over what was kept"
    assert "Answer above first" in house.reasons("commitment.save")[0]
    page(house).kept.go.click()
    assert page(house).header_form.title.value() == "Typed before" and page(house).dirty
    assert not page(house).kept.isVisible()
    house.trigger("commitment.save")
    assert town.desk.queries.commitment(made, town.manager).row.title == "Typed before"
    assert kept(house, made) is None


def test_an_edit_is_thrown_away(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    draft_left_behind(town, made, titled("Typed before"))
    show(house, made)
    page(house).kept.drop.click()
    house.settle()
    assert kept(house, made) is None and not page(house).dirty
    type_into(page(house).header_form.title, "Anew")
    assert page(house).dirty


def test_what_equals_the_saved_record_is_not_offered(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    draft_left_behind(town, made, lambda draft: draft)
    show(house, made)
    house.settle()
    assert not page(house).kept.isVisible() and kept(house, made) is None


def test_a_new_one_is_offered_as_what_it_was(house: House) -> None:
    town = house.town
    mine = CommitmentDraft(
        "Purchase order", town.project(1).id, number="PO-9", title="Doors", method="unit", description="D"
    )
    town.desk.drafts.keep(town.manager, FORM, "", 0, to_body(Typed(mine, None)))
    house.trigger("commitment.new_subcontract")
    assert "You were writing a new purchase order (PO-9 Doors)" in page(house).kept.text()
    page(house).kept.go.click()
    assert page(house).draft() == mine
    house.trigger("commitment.save")
    assert [row.type for row in town.desk.queries.commitments() if row.number == "PO-9"] == ["Purchase order"]
    assert kept(house, "") is None


def test_throwing_a_new_one_away_starts_what_was_asked_for(house: House) -> None:
    town = house.town
    mine = CommitmentDraft("Purchase order", town.project(1).id, title="Doors", method="unit")
    town.desk.drafts.keep(town.manager, FORM, "", 0, to_body(Typed(mine, None)))
    house.trigger("commitment.new_subcontract")
    page(house).kept.drop.click()
    house.settle()
    assert page(house).kind == "Subcontract" and page(house).header_form.title.value() == ""
    assert kept(house, "") is None and not page(house).kept.isVisible()


def test_a_record_changed_since_is_compared_field_by_field(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-42"))
    draft_left_behind(town, made, lambda draft: replace(draft, title="Mine", description="Mine too"))
    base = draft_of_detail(town.desk.queries.commitment(made, town.manager))
    town.desk.commitments.save(town.both, replace(base, title="Theirs", retainage_percent=base.retainage_percent / 2))
    show(house, made)
    name = next(name for name, each in town.people.items() if each == town.both)
    assert f"{name} changed it since" in page(house).kept.text()
    assert page(house).kept.go.text() == "Compare…"
    page(house).kept.go.click()
    dialog = house.dialog(MergeDialog)
    assert dialog.choices() == {"title": MINE, "description": MINE, "retainage_percent": THEIRS}
    dialog.choose("title", THEIRS)
    dialog.use.click()
    house.settle()
    assert page(house).dirty
    house.trigger("commitment.save")
    row = town.desk.queries.commitment(made, town.manager)
    assert (row.row.title, row.description, row.row.retainage_percent) == ("Theirs", "Mine too", Decimal(5))


def test_deciding_later_keeps_both(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    draft_left_behind(town, made, titled("Mine"))
    base = draft_of_detail(town.desk.queries.commitment(made, town.manager))
    town.desk.commitments.save(town.both, replace(base, title="Theirs"))
    show(house, made)
    page(house).kept.go.click()
    house.dialog(MergeDialog).reject()
    assert page(house).kept.isVisible() and kept(house, made) is not None


def test_what_is_locked_by_now_says_why_it_can_not_go_on(house: House) -> None:
    town = house.town
    made, _ = town.sent()
    draft_left_behind(town, made, titled("Mine"))
    show(house, made)
    assert "waiting for accounting" in page(house).kept.go.reasons()[0]
    assert kept(house, made) is not None


def test_a_person_is_offered_only_their_own(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    draft_left_behind(town, made, titled("Mine"))
    house.act_as(town.both)
    show(house, made)
    assert not page(house).kept.isVisible()


def test_a_conflict_at_saving_loses_nothing_even_in_a_crash(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    show(house, made)
    type_into(page(house).header_form.title, "Mine")
    base = draft_of_detail(town.desk.queries.commitment(made, town.manager))
    town.desk.commitments.save(town.both, replace(base, title="Theirs"))
    house.trigger("commitment.save")
    found = kept(house, made)
    assert page(house).header_form.title.value() == "Theirs"
    assert found is not None and from_body(found.body).mine.title == "Mine"


def test_somebody_saves_while_another_is_typing(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-43"))
    show(house, made)
    type_into(page(house).header_form.title, "Mine")
    base = draft_of_detail(town.desk.queries.commitment(made, town.manager))
    town.desk.commitments.save(town.both, replace(base, title="Theirs", description="Theirs too"))
    house.reload()
    assert page(house).header_form.title.value() == "Mine" and page(house).dirty
    assert any("while you were editing it" in text for text in house.window.messages.texts())
    compare = [each for each in house.window.messages.findChildren(QPushButton) if each.text() == "Compare…"]
    compare[0].click()
    dialog = house.dialog(MergeDialog)
    assert dialog.choices() == {"title": MINE, "description": THEIRS}
    dialog.use.click()
    house.settle()
    assert page(house).header_form.title.value() == "Mine"
    house.trigger("commitment.save")
    after = town.desk.queries.commitment(made, town.manager)
    assert (after.row.title, after.description) == ("Mine", "Theirs too")
    assert kept(house, made) is None


def test_lines_are_merged_by_line() -> None:
    def line(id_: str, amount: int) -> LineDraft:
        return LineDraft("", "03-1000", "S", id_ or "new", amount=Decimal(amount), id=id_)

    base = CommitmentDraft("Subcontract", "p", lines=(line("a", 1), line("b", 2), line("c", 3)), id="x", version=1)
    mine = replace(base, lines=(line("a", 10), line("b", 2), line("", 5)))
    theirs = replace(base, lines=(line("a", 11), line("c", 3), line("d", 4)), version=2)
    found = {each.key: each for each in differences(base, mine, theirs)}
    assert [(each.key, each.both, each.proposed) for each in found.values()] == [
        ("line a", True, MINE),
        ("line c", False, MINE),
        ("line d", False, THEIRS),
        ("line b", False, THEIRS),
        ("line new 3", False, MINE),
    ]
    assert found["line c"].mine == NOT_THERE and found["line b"].theirs == NOT_THERE
    proposed = {key: each.proposed for key, each in found.items()}
    made = merged(mine, theirs, proposed)
    assert [(each.id, int(each.amount)) for each in made.lines] == [("a", 10), ("d", 4), ("", 5)]
    assert made.version == 2
    assert merged(mine, theirs, dict.fromkeys(found, THEIRS)) == theirs
    back = merged(mine, theirs, {**proposed, "line b": MINE})
    assert [each.id for each in back.lines] == ["a", "d", "", ""], "a line that is gone comes back as a new one"


def test_keeping_and_reading_back_is_exact(town: Town) -> None:
    line = LineDraft("", "03-1000", "M", "Ünï“x”", Decimal("3.3333"), "ea", Decimal("0.0001"), Decimal("-0.05"), "id")
    mine = town.draft(lines=(line, LineDraft("", "", "", "")), retainage_percent=Decimal("7.1250"), version=3)
    town.desk.drafts.keep(town.manager, FORM, "r", 3, to_body(Typed(mine, replace(mine, title="Base"))))
    town.desk.drafts.keep(town.both, FORM, "r", 1, {"other": True})
    found = town.desk.drafts.found(town.manager, FORM, "r")
    assert found is not None and from_body(found.body) == Typed(mine, replace(mine, title="Base"))
    town.desk.drafts.keep(town.manager, FORM, "r", 4, {"newer": 1})
    assert [(each.version, dict(each.body)) for each in town.desk.drafts.all(town.manager)] == [(4, {"newer": 1})]
    town.desk.drafts.drop(town.manager, FORM, "r")
    assert town.desk.drafts.all(town.manager) == () and len(town.desk.drafts.all(town.both)) == 1


@pytest.mark.timeout(120)
def test_a_killed_program_offers_it_again(tmp_path: Path, sample_folder: Path, qtbot: QtBot) -> None:
    """A real process types into a real window and is killed; the next start tells what was typed, and goes on."""
    words = [sys.executable, "-m", "tests.views.tabs.commitments.typing_child", str(tmp_path), str(sample_folder)]
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env) as child:
        assert child.stdout is not None
        said = next((line.split() for line in child.stdout if line.startswith("kept")), [])
        child.kill()
    assert said, "it ended before anything was kept"
    store = database.open_store(tmp_path / "erpdesk.db", backups=tmp_path / "backups")
    town = opened_again(tmp_path, store)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with open_house(town, Theme(app, "light")) as house:
        assert [text for text in house.window.messages.texts() if "You were editing SC-41 at" in text]
        button = next(each for each in house.window.messages.findChildren(QPushButton) if each.text() == "Go on")
        button.click()
        house.settle()
        assert page(house).commitment_id == said[1]
        page(house).kept.go.click()
        assert page(house).header_form.title.value() == "Typed and not saved"
        house.trigger("commitment.save")
        assert town.desk.queries.commitment(said[1], town.manager).row.title == "Typed and not saved"
        assert town.desk.drafts.all(town.manager) == ()
    store.close()


def opened_again(folder: Path, store: database.Store) -> Town:
    """The company of an earlier process, as a later one finds it."""
    sage = SandboxCompany(folder / "sage")
    box = [CompanySettings(company=sage.name, sage_folder=str(sage.folder), stand_in=True, commitment_id_mask="")]
    numbers = sorted(int(path.stem.split("-")[1]) for path in folder.glob("mirror-*.db"))
    mirrors = MirrorStore(folder, lambda: numbers[-1], numbers.append)
    facts, shelf, bell = MirrorFacts(mirrors), SiteShelf(), Bell()
    office = Office(store, facts, SitePreview(shelf, site_words(store)), bell, CLOCK, lambda: box[0])
    desk = open_desk(office, around(folder, box, shelf=shelf))
    town = Town(folder, sage, store, Mirror(mirrors), facts, desk, bell, box)
    town.people = {each.name: each.id for each in desk.queries.people()}
    return town
