"""What somebody did to commitments in Sage itself, on jobs that are synced: found, dated, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.mirror.book import SyncBook
from erpdesk.sync.mirror.foreign import ForeignKind, ForeignRow
from erpdesk.sync.mirror.watch import FILE
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.workflows.documents import SELF_TEST
from tests.sync.export.yard import QUICK
from tests.sync.mirror.foreign_kit import make_in_sage, on_job
from tests.sync.mirror.kit import alter, ask
from tests.town import Town


@pytest.fixture
def book(town: Town) -> Iterator[SyncBook]:
    """The book of a company whose projects are linked and that was looked at once."""
    made = SyncBook(town.mirror.store)
    made.watch.look(town.desk.sage.linked_jobs())
    yield made


def found(town: Town, book: SyncBook) -> tuple[ForeignRow, ...]:
    """After another reading, as the worker does it."""
    town.read_sage()
    book.watch.look(town.desk.sage.linked_jobs())
    return book.foreign(town.desk.sage.known_commitments(), town.desk.sage.linked_jobs())


def exported(town: Town) -> str:
    """A commitment of ours that went through the stand-in Sage and was read back equal; its ID there."""
    town.accepted()
    exporter = Exporter(
        town.store.sessions,
        company=town.settings.company,
        imports=town.sage.imports,
        journal=town.folder / "journal",
        reader=FreshReader(open_standin(town.sage.folder)),
        timing=QUICK,
    )
    exporter.recover()
    for _ in range(12):
        report = exporter.step()
        if not SandboxOperator(town.sage).step() and not report.progress:
            break
    mine = [each for each in town.desk.sage.known_commitments() if each.synced]
    assert len(mine) == 1
    return mine[0].snapshot.sage_id


def test_what_was_there_at_the_first_look_is_never_listed(town: Town, book: SyncBook) -> None:
    jobs = town.desk.sage.linked_jobs()
    assert jobs and set(book.watch.since()) == set(jobs)
    assert found(town, book) == ()


def test_without_a_look_nothing_is_claimed(town: Town) -> None:
    book = SyncBook(town.mirror.store)
    make_in_sage(town, on_job(town, town.project().sage_job), "BEHIND-1")
    town.read_sage()
    assert book.foreign((), town.desk.sage.linked_jobs()) == ()


def test_a_commitment_typed_into_sage_on_a_synced_job_is_listed_with_job_vendor_and_amount(
    town: Town, book: SyncBook
) -> None:
    job = town.project().sage_job
    like = on_job(town, job)
    before = CLOCK.now()
    make_in_sage(town, like, "BEHIND-1")
    rows = found(town, book)
    assert [(row.kind, row.commitment, row.job, row.change_order) for row in rows] == [
        (ForeignKind.NEW, "BEHIND-1", job, "")
    ]
    held = town.facts.commitment("BEHIND-1")
    assert held is not None and (rows[0].vendor, rows[0].amount) == (held.vendor, held.amount)
    assert rows[0].seen is not None and before <= rows[0].seen <= CLOCK.now()


def test_a_job_that_no_project_is_linked_to_is_nobodys_business(town: Town, book: SyncBook) -> None:
    linked = set(town.desk.sage.linked_jobs())
    others = {row[0] for row in ask(town.sage.folder, "SELECT Job FROM JCM_MASTER__JOB")} - linked
    job = town.project().sage_job
    make_in_sage(town, on_job(town, job), "BEHIND-1")
    town.read_sage()
    book.watch.look(linked)
    assert book.foreign((), others) == () and book.foreign((), linked - {job}) == ()
    book.watch.look(linked - {job})
    assert job not in book.watch.since()
    # Linked again: what was made meanwhile was there before.
    book.watch.look(linked)
    assert book.foreign((), linked) == ()


def test_a_mirror_that_is_built_again_forgets_neither_the_commitment_nor_its_date(town: Town, book: SyncBook) -> None:
    make_in_sage(town, on_job(town, town.project().sage_job), "BEHIND-1")
    first = found(town, book)
    number = town.mirror.store.current()
    assert number is not None
    town.mirror.store.path(number).unlink()
    again = found(town, book)
    assert town.mirror.store.current() != number
    assert again == first and len(first) == 1


def test_ours_is_not_foreign_once_it_is_in_sage(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    assert found(town, book) == ()
    assert mine in book.watch.later()[town.project().sage_job]


def test_an_item_on_its_way_is_ours_and_a_refused_one_is_not(town: Town, book: SyncBook) -> None:
    _, submission = town.accepted(number="SC-WAY")
    known = town.desk.sage.known_commitments()
    assert [(each.snapshot.sage_id, each.synced) for each in known] == [("SC-WAY", False)]
    make_in_sage(town, on_job(town, town.project().sage_job), "SC-WAY")
    assert found(town, book) == ()
    town.fail(submission)
    assert town.desk.sage.known_commitments() == ()
    assert [row.commitment for row in found(town, book)] == ["SC-WAY"]


def test_an_amount_changed_in_sage_is_named_field_by_field(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    found(town, book)
    for table in ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"):
        alter(town.sage.folder, (f"UPDATE {table} SET Amount = Amount + 100 WHERE Commitment = ?", (mine,)))
    (row,) = found(town, book)
    assert (row.kind, row.commitment) == (ForeignKind.CHANGED, mine)
    assert row.amount == Decimal("1334.56") and "approved 1,234.56, in Sage 1,334.56" in row.what


def test_a_commitment_that_is_closed_in_sage_lives_its_usual_life(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    alter(town.sage.folder, ("UPDATE JCM_MASTER__COMMITMENT SET Closed = 1 WHERE Commitment = ?", (mine,)))
    assert found(town, book) == ()


def test_a_commitment_deleted_in_sage_is_gone_only_after_a_later_reading(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    jobs = town.desk.sage.linked_jobs()
    # Read back by the export, but the mirror is older: no ground to call it gone.
    assert book.foreign(town.desk.sage.known_commitments(), jobs) == ()
    found(town, book)
    for table in ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"):
        alter(town.sage.folder, (f"DELETE FROM {table} WHERE Commitment = ?", (mine,)))
    (row,) = found(town, book)
    assert (row.kind, row.commitment, row.amount) == (ForeignKind.GONE, mine, None) and "1,234.56" in row.what
    assert found(town, book) == (row,)


def test_a_row_that_can_not_be_read_is_not_gone(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    alter(town.sage.folder, ("UPDATE JCM_MASTER__COMMITMENT SET Amount = 'x' WHERE Commitment = ?", (mine,)))
    assert [row.kind for row in found(town, book)] == []


def test_a_change_order_that_sage_got_without_us_is_listed_beside_its_commitment(town: Town, book: SyncBook) -> None:
    mine = exported(town)
    found(town, book)
    alter(
        town.sage.folder,
        (
            "INSERT INTO JCM_MASTER__COMMITMENT_CO (Commitment, Commitment_CO, Description, Status, Amount) "
            "VALUES (?, '001', 'More steel', 'Approved', 250)",
            (mine,),
        ),
    )
    (row,) = found(town, book)
    assert (row.kind, row.commitment, row.change_order) == (ForeignKind.NEW, mine, "001")
    assert row.amount == Decimal("250.00") and "Approved" in row.what and row.seen is not None


def test_a_spoiled_file_begins_the_watch_anew(town: Town, book: SyncBook) -> None:
    path = town.folder / FILE
    first = json.loads(path.read_text(encoding="utf-8"))
    assert set(first) == set(town.desk.sage.linked_jobs())
    for text in ("{", "[]", '{"J": {"since": "yesterday", "before": [], "later": {}}}'):
        path.write_text(text, encoding="utf-8")
        assert book.watch.since() == {} == book.watch.later()
        assert found(town, book) == ()
        assert set(book.watch.since()) == set(first)
    assert all(CLOCK.now() - at < timedelta(hours=1) for at in book.watch.since().values())


def test_a_folder_that_can_not_be_written_is_said(town: Town, book: SyncBook) -> None:
    path = town.folder / FILE
    path.unlink()
    path.with_suffix(".part").mkdir()
    with pytest.raises(ForPeople, match="could not be noted"):
        book.watch.look(town.desk.sage.linked_jobs())


def test_before_the_first_reading_there_is_nothing_to_look_at(town: Town) -> None:
    town.mirror.store.current = lambda: None
    book = SyncBook(town.mirror.store)
    book.watch.look(("J1",))
    assert book.watch.since() == {} and book.foreign((), ("J1",)) == ()


def test_what_the_self_test_of_record_types_left_is_no_strangers_work(town: Town, book: SyncBook) -> None:
    """It says so itself, and erpdesk had it imported."""
    like = on_job(town, town.project().sage_job)
    make_in_sage(town, like, "ZZT-1")
    own = ("UPDATE JCM_MASTER__COMMITMENT SET Description = ? WHERE Commitment = 'ZZT-1'", (SELF_TEST,))
    alter(town.sage.folder, own)
    make_in_sage(town, like, "BEHIND-1")
    assert [row.commitment for row in found(town, book)] == ["BEHIND-1"]
