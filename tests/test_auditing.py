"""The check of the trail from the command line, on real files."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from erpdesk import auditing, database, paths
from erpdesk.auditing import BROKEN, UNREAD, WHOLE, verify_audit
from erpdesk.sync.export.journal import ExportJournal
from tests.workflows.trails import intruder, note, place, write


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this workstation's company: a trail of eight entries, anchored in both copies of its journal."""
    monkeypatch.setenv("ERPDESK_HOME", str(tmp_path))
    folder = paths.site_company()
    folder.root.mkdir(parents=True)
    sage = tmp_path / "sage"
    folder.settings.write_text(f'company = "C"\nsage_folder = "{sage.as_posix()}"\nodbc = "DSN=x"\n', encoding="utf-8")
    engine = database.sqlite_engine(folder.database)
    database.migrate(engine)
    write(engine, 8)
    mark = note(engine)
    journal = ExportJournal((sage / "Imports" / "journal.jsonl", folder.journal / "export.jsonl"), company="C")
    journal.open()
    journal.append("head", company="C", audit_seq=mark.seq, audit_hash=mark.hash)
    engine.dispose()
    return folder.root


def told(**asked: object) -> tuple[int, str]:
    """Exit code, and all that is printed."""
    lines: list[str] = []
    code = verify_audit(say=lines.append, complain=lines.append, **asked)  # type: ignore[arg-type]  # as the command line
    return code, "\n".join(lines)


def test_a_whole_trail(company: Path) -> None:
    code, words = told()
    assert code == WHOLE
    for each in (
        "8 looked at, from 2026-11-02T08:15",
        "Head          8  ",
        "1 of 1 agree",
        "The audit trail is whole.",
    ):
        assert each in words
    assert words.count("Journal       ") == 2


def test_a_cut_tail_is_told_with_what_to_do(company: Path) -> None:
    engine = database.sqlite_engine(company / "erpdesk.db")
    with intruder(engine) as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE seq > 6")
    engine.dispose()
    code, words = told()
    assert code == BROKEN and "The end of the trail is gone" in words and "Keep the file and both journals" in words


def test_a_copy_elsewhere_is_checked_against_what_lies_beside_it_or_is_named(company: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    shutil.copy(company / "erpdesk.db", away)
    code, words = told(database=str(away / "erpdesk.db"))
    assert code == WHOLE and "0 of 0 agree" in words and "can not be noticed" in words
    for journal in (company / "journal", company / "journal" / "export.jsonl"):
        code, words = told(database=str(away / "erpdesk.db"), journals=[str(journal)])
        assert code == WHOLE and "1 of 1 agree" in words


def test_nothing_is_written_where_nothing_may_be(company: Path) -> None:
    held = {path: path.read_bytes() for path in company.rglob("*") if path.is_file()}
    for path in (*held, company / "journal", company):
        path.chmod(stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0))
    try:
        assert told()[0] == WHOLE
        assert {path: path.read_bytes() for path in company.rglob("*") if path.is_file()} == held
    finally:
        for path in (company, company / "journal", *held):
            path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("asked", [{"database": "nowhere.db"}, {"journals": ["nowhere.jsonl"]}])
def test_what_can_not_be_read_is_said_and_ends_with_two(
    company: Path, asked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = told(**asked)
    assert code == UNREAD and "nowhere" in words and capsys.readouterr().out == ""


def test_settings_that_can_not_be_read_leave_the_copy_at_home(company: Path) -> None:
    (company / "settings.toml").write_text("company = [", encoding="utf-8")
    code, words = told()
    assert code == WHOLE and words.count("Journal       ") == 1


def test_a_changed_journal_is_told(company: Path) -> None:
    path = company / "journal" / "export.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"C"', b'"D"'))
    code, words = told()
    assert code == BROKEN and "was changed or damaged in line 1" in words


def test_postgresql_by_url_without_its_password_in_the_words(any_engine: Engine) -> None:
    database.migrate(any_engine)
    write(any_engine, 3)
    code, words = told(database=str(place(any_engine)))
    assert code == WHOLE and "3 looked at" in words
    assert auditing._shown("postgresql+psycopg://kim:secret@host/db") == "postgresql+psycopg://…@host/db"
