"""The chain against whoever edits, deletes, reorders or rewrites it, in both databases."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from erpdesk import database
from erpdesk.core.errors import ForPeople
from erpdesk.models.audit import AuditEntry
from erpdesk.workflows import audit
from erpdesk.workflows.audit_check import Anchors, Fault, SetAside, verify
from tests.workflows.trails import (
    AT,
    anchors,
    chain_anew,
    intruder,
    note,
    old_entries,
    place,
    swap,
    write,
)


@pytest.fixture
def trail(any_engine: Engine) -> Engine:
    """Twelve entries."""
    database.migrate(any_engine)
    write(any_engine, 12)
    return any_engine


def found(engine: Engine, known: Anchors | None = None) -> tuple[int, Fault, str]:
    """What the check says of the first link that does not hold."""
    verdict = verify(place(engine), known)
    assert verdict.broken is not None and not verdict.whole
    return verdict.broken.seq, verdict.broken.fault, verdict.broken.text


def test_a_whole_trail_is_told_with_its_ends_and_its_head(trail: Engine) -> None:
    mark = note(trail)
    heard: list[tuple[int, int]] = []
    verdict = verify(place(trail), anchors(mark, note(trail, seq=3)), tell=lambda *news: heard.append(news))
    assert verdict.whole and verdict.broken is None
    assert (verdict.entries, verdict.anchors, verdict.head) == (12, 2, (12, mark.hash))
    assert verdict.first_at == "2026-11-02T08:15:00.000000Z" and verdict.last_at == "2026-11-02T08:26:00.000000Z"
    assert heard == [(12, 12)]


def test_an_empty_trail_is_whole(any_engine: Engine) -> None:
    database.migrate(any_engine)
    verdict = verify(place(any_engine), Anchors())
    assert verdict.whole and verdict.head == (0, audit.START)


@pytest.mark.parametrize(
    "column", ["at", "who", "login", "machine", "version", "act", "kind", "ref", "before", "after", "reason", "body"]
)
def test_an_edited_entry_is_named(trail: Engine, column: str) -> None:
    with intruder(trail) as connection:
        connection.execute(text(f"UPDATE audit SET \"{column}\" = '2026-01-01' WHERE seq = 5"))
    seq, fault, words = found(trail)
    assert (seq, fault) == (5, Fault.CHANGED)
    assert "Entry 5" in words and "changed after it was written" in words and "Entries 1 to 4 hold." in words


def test_an_edited_entry_with_its_own_hash_made_anew_is_named(trail: Engine) -> None:
    with intruder(trail) as connection:
        session = Session(connection)
        entry = session.get_one(AuditEntry, 5)
        entry.reason = "Another reason"
        entry.hash = audit.entry_hash(entry)
        session.flush()
    seq, fault, words = found(trail)
    assert (seq, fault) == (5, Fault.CHANGED) and "written anew together with its hash" in words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (5, 5, "Entry 5 is missing: after entry 4 comes entry 6"),
        (5, 7, "Entries 5 to 7 are missing: after entry 4 comes entry 8"),
        (1, 2, "Entries 1 to 2 are missing: the trail begins with entry 3"),
    ],
)
def test_deleted_entries_are_named(trail: Engine, first: int, last: int, words: str) -> None:
    with intruder(trail) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq BETWEEN :first AND :last"), {"first": first, "last": last})
    seq, fault, told = found(trail)
    assert (seq, fault) == (first, Fault.MISSING) and words in told


def test_a_deleted_middle_that_was_closed_up_by_other_numbers_is_noticed(trail: Engine) -> None:
    with intruder(trail) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = 5"))
        for seq in range(6, 13):
            connection.execute(text("UPDATE audit SET seq = :now WHERE seq = :was"), {"was": seq, "now": seq - 1})
    seq, fault, _ = found(trail)
    assert (seq, fault) == (5, Fault.CHANGED)


def test_a_changed_order_is_named(trail: Engine) -> None:
    with intruder(trail) as connection:
        swap(connection, 5, 9)
    seq, fault, words = found(trail)
    assert (seq, fault) == (5, Fault.ORDER)
    assert "follows by its own words on the entry that stands as 8, not on entry 4" in words


def test_a_cut_tail_is_found_by_its_anchor_and_by_nothing_else(trail: Engine) -> None:
    mark = note(trail)
    with intruder(trail) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq > 9"))
    assert verify(place(trail), Anchors()).whole
    seq, fault, words = found(trail, anchors(note(trail, seq=3), mark))
    assert (seq, fault) == (9, Fault.CUT)
    assert "noted entry 12 on 11/03/2026" in words and "At least 3 entries were cut off" in words


def test_a_chain_made_anew_is_found_by_its_anchor_and_by_nothing_else(trail: Engine) -> None:
    early, late = note(trail, seq=3), note(trail, seq=11)
    with intruder(trail) as connection:
        connection.execute(text("UPDATE audit SET reason = 'Nothing happened' WHERE seq = 5"))
        chain_anew(connection)
    assert verify(place(trail), Anchors()).whole
    seq, fault, words = found(trail, anchors(early, late))
    assert (seq, fault) == (11, Fault.REDONE)
    assert "Entry 11 is not the one that the export journal noted on 11/03/2026" in words


def test_a_tail_cut_and_grown_again_is_found_by_its_anchor(trail: Engine) -> None:
    mark = note(trail)
    with intruder(trail) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq > 9"))
    write(trail, 8, start=100)
    assert found(trail, anchors(mark))[:2] == (12, Fault.REDONE)


def test_anchors_that_a_restored_backup_lost_are_set_aside_by_the_word_of_a_person(trail: Engine) -> None:
    mark = note(trail)
    with intruder(trail) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq > 9"))
    later = (AT + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    known = Anchors((note(trail, seq=9), mark), (SetAside(9, later, "Kim Porter"),))
    verdict = verify(place(trail), known)
    assert verdict.whole and verdict.anchors == 1
    assert "Kim Porter said then that a backup had been put back" in verdict.notes[0]
    write(trail, 8, start=100)
    assert verify(place(trail), known).whole
    # That word does not cover what was noted later, nor what stood before the backup.
    assert not verify(place(trail), Anchors((mark,), (SetAside(9, mark.at[:4], "Kim Porter"),))).whole
    assert not verify(place(trail), Anchors((mark,), (SetAside(12, later, "Kim Porter"),))).whole


def test_an_entry_of_an_unknown_form_and_one_with_a_number_below_one_are_named(trail: Engine) -> None:
    with intruder(trail) as connection:
        connection.execute(text("UPDATE audit SET form = 7 WHERE seq = 4"))
    assert found(trail)[:2] == (4, Fault.CHANGED)
    with intruder(trail) as connection:
        connection.execute(text("UPDATE audit SET form = 2 WHERE seq = 4"))
        connection.execute(text("UPDATE audit SET seq = -3 WHERE seq = 12"))
    seq, fault, words = found(trail)
    assert (seq, fault) == (-3, Fault.CHANGED) and "was put in" in words


def test_the_check_ends_when_it_is_told_to(trail: Engine) -> None:
    verdict = verify(place(trail), stop=lambda: True)
    assert not verdict.ended and not verdict.whole and verdict.broken is None


def test_entries_of_an_older_erpdesk_hold_before_and_after_the_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = database.sqlite_engine(path)
    database.migrate(engine)
    database.downgrade(engine, "0003")
    old_entries(path, 4)
    assert verify(path).whole
    database.migrate(engine)
    write(engine, 3)
    verdict = verify(path)
    assert verdict.whole and verdict.entries == 7
    with intruder(engine) as connection:
        connection.execute(text("UPDATE audit SET reason = 'Put in later' WHERE seq = 2"))
    assert found(engine)[:2] == (2, Fault.CHANGED), "the hash of an old entry covers no reason: none may stand there"
    engine.dispose()


def test_text_and_cells_that_no_program_of_ours_writes_do_not_stop_the_check(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    engine = database.sqlite_engine(path)
    database.migrate(engine)
    write(engine, 5)
    for value in (b"\xff\xfe", 7, "x\x00y"):
        with intruder(engine) as connection:
            connection.exec_driver_sql("UPDATE audit SET body = CAST(? AS TEXT) WHERE seq = 3", (value,))
        assert found(engine)[:2] == (3, Fault.CHANGED)
    engine.dispose()


def test_a_separator_in_a_text_can_not_make_two_entries_read_alike(trail: Engine) -> None:
    with Session(trail) as session, session.begin():
        audit.append(session, at=AT, who="p", act="a", kind="k", ref="r\x1fx", reason="a\x1fb", body={"c": "\x1f"})
    with Session(trail) as session:
        entry = session.get_one(AuditEntry, 13)
        assert (entry.ref, entry.reason, entry.body) == ("r x", "a b", '{"c":"\\u001f"}')
    assert verify(place(trail)).whole


def test_a_file_and_a_folder_that_can_not_be_written_are_checked_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "erpdesk.db"
    engine = database.sqlite_engine(path)
    database.migrate(engine)
    write(engine, 3)
    engine.dispose()
    before = path.read_bytes()
    path.chmod(stat.S_IRUSR)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert verify(path).whole
        assert [each.name for each in folder.iterdir()] == ["erpdesk.db"] and path.read_bytes() == before
    finally:
        folder.chmod(stat.S_IRWXU)
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_what_is_no_trail_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ForPeople, match="there is no file"):
        verify(tmp_path / "nothing.db")
    (tmp_path / "text.db").write_text("This is a letter. " * 50, encoding="utf-8")
    with pytest.raises(ForPeople, match="not a database"):
        verify(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "other.db").close()
    with pytest.raises(ForPeople, match="holds no audit trail"):
        verify(tmp_path / "other.db")
    with pytest.raises(ForPeople, match="can not be read"):
        verify("postgresql+psycopg://nobody@127.0.0.1:1/none")


def _write_elsewhere(url: str, start: int, count: int) -> None:
    """A process of its own that writes entries."""
    engine = database.sqlite_engine(Path(url)) if "://" not in url else database.postgresql_engine(url)
    write(engine, count, start=start)
    engine.dispose()


def test_two_processes_write_one_chain_while_a_third_checks_it(trail: Engine) -> None:
    source = str(place(trail))
    trail.dispose()
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_elsewhere, args=(source, start, 25)) for start in (1000, 2000)]
    for each in writers:
        each.start()
    checked = 0
    while any(each.is_alive() for each in writers):
        verdict = verify(place(trail), anchors(note(trail)))
        assert verdict.whole, verdict.broken
        checked += 1
    for each in writers:
        each.join()
        assert each.exitcode == 0
    verdict = verify(place(trail))
    assert checked and verdict.whole and verdict.entries == 12 + 50


def test_threads_of_one_program_write_one_chain(trail: Engine) -> None:
    threads = [threading.Thread(target=write, args=(trail, 15), kwargs={"start": 100 * n}) for n in range(1, 4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    verdict = verify(place(trail))
    assert verdict.whole and verdict.entries == 12 + 45
