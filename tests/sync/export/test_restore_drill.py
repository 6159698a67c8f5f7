"""The restore drill: yesterday's backup is put back, and nothing reaches Sage twice (fault 23)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk import backups, sample
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.erp import ExportState
from erpdesk.restoring import restore
from erpdesk.sync.export.anchors import read_anchors
from erpdesk.sync.export.disk import Disk
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.journal import lines_of
from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.mailbox import Busy
from erpdesk.sync.export.reconcile import journal_says_sent
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.workflows.audit_check import verify
from erpdesk.workflows.journal_lost import lost_to_a_restore
from erpdesk.workflows.journal_rows import Compared
from tests.sync import stand_in_files
from tests.sync.export import drill
from tests.sync.export.every_kind import SAMPLES
from tests.sync.export.yard import Yard, other

BUDGET = next(each for each in KINDS if each.name == "budget")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill") / "company"
    folder.mkdir()
    drill.build(folder)
    return folder


@pytest.fixture
def yard(tmp_path: Path, built: Path) -> Iterator[Yard]:
    shutil.copytree(built, tmp_path / "company")
    yard = Yard.open(tmp_path / "company")
    yield yard
    yard.store.close()


@pytest.fixture(scope="module")
def built_for_budgets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("budgets") / "company"
    folder.mkdir()
    drill.build(folder, stand_in_files.SPEC)
    return folder


@pytest.fixture
def budgets(tmp_path: Path, built_for_budgets: Path) -> Yard:
    shutil.copytree(built_for_budgets, tmp_path / "company")
    return Yard.open(tmp_path / "company")


def sent_and_lost(yard: Yard) -> Yard:
    """A backup is put back that knows a budget as accepted, while its file waits in Sage's mailbox for the import."""
    made = SAMPLES["budget"]
    yard.accept(made.make(1), kind=BUDGET, sage_id=made.key(1), idempotency="B")
    backup = backups.make(drill.paths_of(yard))
    exporter = yard.exporter(live=False)
    exporter.recover()
    exporter.step()
    assert (yard.imports / BUDGET.place.file).exists()
    return put_back(yard, backup)


def import_budgets(yard: Yard, exporter: Exporter) -> None:
    person = SandboxOperator(yard.sage, options={"import_estimates": SAMPLES["budget"].options})
    for _ in range(4):
        exporter.step()
        person.step()


def put_back(yard: Yard, backup: Path) -> Yard:
    """The company is closed, the backup put back, and the company opened again."""
    yard.store.close()
    restore(drill.paths_of(yard), backup)
    return Yard.open(yard.folder)


def total(yard: Yard) -> int:
    return len(yard.ask("SELECT 1 FROM JCM_MASTER__COMMITMENT"))


def test_the_drill(yard: Yard) -> None:
    known = yard.accept(other(1))
    yard.run(yard.exporter())
    assert yard.state(known) is ExportState.POSTED
    backup = backups.make(drill.paths_of(yard))
    for number in (2, 3):
        yard.accept(other(number))
        yard.run(yard.exporter())
    assert total(yard) == 3
    yard = put_back(yard, backup)
    try:
        _after_the_restore(yard, known)
    finally:
        yard.store.close()


def _after_the_restore(yard: Yard, known: str) -> None:
    again = yard.accept(other(2))
    fresh = yard.accept(other(4))
    exporter = yard.exporter()
    yard.run(exporter)
    assert "a file" not in exporter.locked and "(SC-21-002, SC-21-003)" in exporter.locked
    assert "Sage, Export journal" in exporter.locked
    assert (yard.state(again), yard.state(fresh)) == (ExportState.INTENT, ExportState.INTENT) and total(yard) == 3
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    state = acts.state(who)
    assert [each.sage_id for each in state.rows] == ["SC-21-002", "SC-21-003"] and state.why == exporter.locked
    assert {(each.sage, each.database, each.times) for each in state.rows} == {
        ("There once", "Not in this database", 1)
    }
    # Nobody unlocks without having compared, without a note, or without the right.
    with pytest.raises(Refused, match="Not every item was compared with Sage yet: SC-21-002, SC-21-003"):
        acts.unlock(who, "Looked.", state.head)
    with pytest.raises(NotAllowed):
        acts.compare(drill.person(yard, sample.VIEWER), [state.rows[0].id], Compared.IN_SAGE)
    acts.compare(who, [each.id for each in state.rows], Compared.IN_SAGE)
    with pytest.raises(Refused, match="has changed since you looked"):
        acts.unlock(who, "Looked.", state.head)
    state = acts.state(who)
    assert {(each.compared, each.compared_by) for each in state.rows} == {(Compared.IN_SAGE, sample.APPROVER)}
    with pytest.raises(Refused, match="Write down what you compared"):
        acts.unlock(who, " ", state.head)
    verdict = verify(yard.folder / "erpdesk.db", read_anchors(drill.copies(yard)))
    assert verdict.broken is not None, "until somebody has answered for it, a cut end is a cut end"
    acts.unlock(who, "Compared with the printed listing.", state.head)
    # Everything goes on, and what was there is found instead of sent.
    exporter = yard.exporter()
    yard.run(exporter)
    assert exporter.locked == "" and acts.state(who).rows == ()
    assert yard.state(fresh) is ExportState.POSTED and yard.in_sage("SC-21-004") == 1
    assert yard.state(again) is ExportState.POSTED, "found under its ID, not denied"
    with yard.store.reading() as session:
        assert lost_to_a_restore(session, "commitment", "SC-21-003"), "its ID may be accepted, though Sage has it"
        assert not lost_to_a_restore(session, "commitment", "SC-21-001")
    assert yard.state(known) is ExportState.POSTED
    assert yard.in_sage("SC-21-002") == yard.in_sage("SC-21-003") == 1 and total(yard) == 4
    verdict = verify(yard.folder / "erpdesk.db", read_anchors(drill.copies(yard)))
    assert verdict.whole and any(f"{sample.APPROVER} said then" in note for note in verdict.notes), verdict
    assert {"restore", "compare", "reconcile"} <= set(yard.audit())
    last = next(each for each in reversed(lines_of(drill.copies(yard)[1])) if each.what == "reconciled")
    assert (last.body["who"], last.body["note"]) == (sample.APPROVER, "Compared with the printed listing.")


def test_a_restore_locks_also_when_nothing_went_out_since(yard: Yard) -> None:
    yard.accept(other(1))
    yard.run(yard.exporter())
    yard = put_back(yard, backups.make(drill.paths_of(yard)))
    waiting = yard.accept(other(2))
    exporter = yard.exporter()
    yard.run(exporter)
    assert "a backup was put back" in exporter.locked and yard.state(waiting) is ExportState.INTENT
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    state = acts.state(who)
    assert state.rows == () and state.why
    acts.unlock(who, "Nothing was sent since.", state.head)
    yard.run(yard.exporter())
    assert yard.state(waiting) is ExportState.POSTED
    with pytest.raises(Refused, match="not locked"):
        acts.unlock(who, "Again.", acts.state(who).head)
    yard.store.close()


def test_a_restore_locks_when_the_folder_of_sage_is_gone_and_no_journal_is_left(yard: Yard) -> None:
    """A new computer, or both copies lost: the restored database itself says that it was put back."""
    yard.accept(other(1))
    yard.run(yard.exporter())
    backup = backups.make(drill.paths_of(yard))
    sent_since = yard.accept(other(2))
    yard.run(yard.exporter())
    assert yard.state(sent_since) is ExportState.POSTED
    away = yard.sage.folder.rename(yard.folder / "unplugged")
    yard = put_back(yard, backup)
    exporter = yard.exporter()
    exporter.recover()
    assert exporter.locked
    away.rename(yard.folder / "sage")
    for path in drill.copies(yard):
        path.unlink(missing_ok=True)
    yard.accept(other(3))
    exporter = yard.exporter()
    yard.run(exporter)
    assert exporter.locked and yard.in_sage("SC-21-003") == 0
    yard.store.close()


def test_an_older_backup_copied_back_by_hand_locks_by_the_head_of_its_trail(yard: Yard) -> None:
    shutil.copy(yard.folder / "erpdesk.db", yard.folder / "by-hand.db")
    yard.run(yard.exporter())
    yard.accept(other(1))
    yard.run(yard.exporter())
    yard.store.close()
    shutil.copy(yard.folder / "by-hand.db", yard.folder / "erpdesk.db")
    yard = Yard.open(yard.folder)
    exporter = yard.exporter()
    yard.run(exporter)
    assert "Exports are locked" in exporter.locked
    yard.store.close()


def test_what_was_under_way_in_the_backup_is_asked_for_too(yard: Yard) -> None:
    yard.accept(other(1))
    exporter = yard.exporter()
    exporter.recover()
    for _ in range(3):
        exporter.step()
    flying = backups.make(drill.paths_of(yard))
    assert yard.sage_imports()
    yard.run(yard.exporter())
    yard = put_back(yard, flying)
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    rows = acts.state(who).rows
    assert [(each.sage_id, each.database, each.times) for each in rows] == [("SC-21-001", "Exporting", 1)]
    yard.run(yard.exporter())
    # Read back equal meanwhile: nothing is in question any more but the restore itself.
    state = acts.state(who)
    assert state.rows == () and state.why
    acts.unlock(who, "Looked.", state.head)
    assert total(yard) == 1
    yard.store.close()


def test_what_sage_keeps_under_no_id_stays_in_question_until_somebody_says_that_it_is_not_there(yard: Yard) -> None:
    """A second budget would count twice, and no fresh read would find the first (class B)."""
    backup = backups.make(drill.paths_of(yard))
    yard.accept(other(1))
    yard.run(yard.exporter())
    yard = put_back(yard, backup)
    acts, who = drill.acts(yard, (replace(COMMITMENT, keyed=False),)), drill.person(yard, sample.APPROVER)
    (row,) = acts.state(who).rows
    assert (row.sage, row.times) == ("Look there yourself", None) and "It refuses another" in row.proposal
    acts.compare(who, [row.id], Compared.IN_SAGE)
    acts.unlock(who, "It is there.", acts.state(who).head)
    entries = lines_of(drill.copies(yard)[1])
    state = acts.state(who)
    assert state.why == "" and [(each.id, each.locks) for each in state.rows] == [(row.id, False)]
    assert journal_says_sent(entries, "commitment", "SC-21-001") is not None
    acts.compare(who, [row.id], Compared.ABSENT)
    assert acts.state(who).rows == ()
    assert journal_says_sent(lines_of(drill.copies(yard)[1]), "commitment", "SC-21-001") is None
    yard.store.close()


def test_a_second_restore_is_compared_anew(yard: Yard) -> None:
    backup = backups.make(drill.paths_of(yard))
    yard.accept(other(1))
    yard.run(yard.exporter())
    later = backups.make(drill.paths_of(yard), yard.folder / "later.zip")
    who = drill.person(yard, sample.APPROVER)
    for file, count in ((later, 0), (backup, 1)):
        yard = put_back(yard, file)
        acts = drill.acts(yard)
        state = acts.state(who)
        # The first word answered for nothing that this older backup lacks.
        assert len(state.rows) == count == len(state.open)
        if count:
            acts.compare(who, [each.id for each in state.rows], Compared.IN_SAGE)
        acts.unlock(who, "Looked.", acts.state(who).head)
    verdict = verify(yard.folder / "erpdesk.db", read_anchors(drill.copies(yard)))
    assert verdict.whole, verdict
    yard.store.close()


def test_far_fewer_records_are_accepted_by_a_person_with_a_note(yard: Yard) -> None:
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    with pytest.raises(Refused, match="Write down why"):
        acts.accept_fewer(who, " ")
    acts.accept_fewer(who, "Old jobs were moved to the archive company.")
    assert lines_of(drill.copies(yard)[0])[-1].what == "fewer" and "fewer" in yard.audit()


def test_a_lost_file_in_the_mailbox_is_taken_out_of_reach_before_not_in_sage_counts(budgets: Yard) -> None:
    """It could be imported after somebody looked: the budget would then go twice (class B)."""
    yard = sent_and_lost(budgets)
    place = yard.imports / BUDGET.place.file
    exporter = yard.exporter(live=False)
    assert any("do not import it" in each for each in exporter.recover().troubles), "locked, and yet it can be imported"
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    (row,) = acts.state(who).rows
    assert "still lies in Sage's mailbox" in row.proposal
    with pytest.raises(NotAllowed):
        acts.compare(drill.person(yard, sample.VIEWER), [row.id], Compared.ABSENT)
    assert place.exists(), "only who may say so moves anything"
    with pytest.raises(Refused, match=f"file of budget {row.sage_id} lay in Sage's mailbox.*Look in Sage once more"):
        acts.compare(who, [row.id], Compared.ABSENT)
    assert not place.exists() and (yard.imports / "burned" / row.file).exists()
    (row,) = acts.state(who).rows
    assert row.compared is None and "still lies" not in row.proposal and "burn" in yard.audit()
    acts.compare(who, [row.id], Compared.ABSENT)
    # Somebody lays it back: what was said before does not count any more.
    shutil.copy(yard.imports / "burned" / row.file, place)
    with pytest.raises(Refused, match="Look in Sage once more"):
        acts.unlock(who, "Looked.", acts.state(who).head)
    assert not place.exists() and len(list((yard.imports / "burned").iterdir())) == 2
    assert acts.state(who).rows[0].compared is None
    acts.compare(who, [row.id], Compared.ABSENT)
    acts.unlock(who, "Looked.", acts.state(who).head)
    # Once more, after the unlock: the next item waits, and the file is called by its name.
    shutil.copy(yard.imports / "burned" / row.file, place)
    exporter = yard.exporter(live=False)
    exporter.recover()
    told = f"It is the file of budget {row.sage_id}, which erpdesk sent before a backup was put back: do not import it."
    assert any(told in each for each in exporter.step().troubles)
    place.unlink()
    import_budgets(yard, exporter)
    assert yard.ask("SELECT COUNT(*) FROM JCT_NEW__TRANSACTION") == [(2,)]
    yard.store.close()


def test_not_in_sage_is_refused_while_the_lost_file_cannot_be_taken_away(budgets: Yard) -> None:
    yard = sent_and_lost(budgets)
    held = OSError(13, "in use")
    held.winerror = 32  # type: ignore[attr-defined]

    class Held(Disk):
        def rename_once(self, source: Path, target: Path) -> bool:
            raise held

    acts, who = drill.acts(yard, disk=Held(lambda seconds: None)), drill.person(yard, sample.APPROVER)
    (row,) = acts.state(who).rows
    with pytest.raises(Busy, match="Another program holds a file in Sage's mailbox"):
        acts.compare(who, [row.id], Compared.ABSENT)
    assert acts.state(who).rows[0].compared is None and (yard.imports / BUDGET.place.file).exists()
    drill.acts(yard).compare(who, [row.id], Compared.IN_SAGE)
    assert not (yard.imports / BUDGET.place.file).exists(), "it would be imported a second time"
    assert acts.state(who).rows[0].compared is Compared.IN_SAGE
    yard.store.close()


def test_a_lost_file_in_staging_is_taken_away_too(budgets: Yard) -> None:
    yard = sent_and_lost(budgets)
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    (row,) = acts.state(who).rows
    (yard.imports / BUDGET.place.file).rename(yard.imports / "staging" / row.file)
    with pytest.raises(Refused, match="Look in Sage once more"):
        acts.compare(who, [row.id], Compared.ABSENT)
    assert not list((yard.imports / "staging").iterdir())
    yard.store.close()


def test_a_record_that_the_restored_database_forgot_is_found_under_its_id_and_never_sent_under_another(
    yard: Yard,
) -> None:
    backup = backups.make(drill.paths_of(yard))
    yard.accept(other(2))
    yard.run(yard.exporter())
    yard = put_back(yard, backup)
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    acts.compare(who, [each.id for each in acts.state(who).rows], Compared.IN_SAGE)
    acts.unlock(who, "Looked.", acts.state(who).head)
    approved = Renderer(load_layout(COMMITMENT.layout)).preview(other(77)).sha256
    elsewhere = yard.accept(other(2), sage_id="SC-21-077", approved=approved)
    yard.run(yard.exporter())
    assert yard.state(elsewhere) is ExportState.REFUSED and yard.in_sage("SC-21-077") == 0
    assert "in Sage already as SC-21-002" in yard.row(elsewhere).message
    assert "restored backup" in yard.row(elsewhere).message
    differs = yard.accept(other(2, retainage_percent=Decimal("5")))
    yard.run(yard.exporter())
    assert yard.state(differs) is ExportState.CONFLICT
    yard.store.close()


def test_a_forgotten_record_accepted_again_as_it_is_in_sage_is_synced(yard: Yard) -> None:
    backup = backups.make(drill.paths_of(yard))
    yard.accept(other(2))
    yard.run(yard.exporter())
    yard = put_back(yard, backup)
    acts, who = drill.acts(yard), drill.person(yard, sample.APPROVER)
    acts.compare(who, [each.id for each in acts.state(who).rows], Compared.IN_SAGE)
    acts.unlock(who, "Looked.", acts.state(who).head)
    again = yard.accept(other(2))
    yard.run(yard.exporter())
    assert yard.state(again) is ExportState.POSTED and total(yard) == 1
    # What never came from erpdesk is still somebody else's.
    yard.key_in("SC-21-050")
    foreign = yard.accept(other(50))
    yard.run(yard.exporter())
    assert yard.state(foreign) is ExportState.REFUSED and "did not come from this item" in yard.row(foreign).message
    yard.store.close()
