"""Two programs on one store file: each item is accepted once, the slower one is told by whom, nobody hears of locks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.core.errors import Refused
from erpdesk.paths import CompanyPaths
from erpdesk.workflows.audit_check import verify
from tests.town import Town

ROOT = Path(__file__).parents[1]
ITEMS = 60
"""For each of the two; 500 are accepted in `python -m tests.two_programs`."""


def test_two_programs_accept_the_same_items(tmp_path: Path, prepared_town: Path) -> None:
    command = [sys.executable, "-m", "tests.two_programs", str(prepared_town), str(tmp_path), str(ITEMS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    first, second = outcome["told"]
    assert set(first) == set(second) and len(first) == ITEMS
    won = [[item for item, words in told.items() if not words] for told in (first, second)]
    # Exactly one of the two accepted each item, and both were at it at the same time.
    assert sorted([*won[0], *won[1]]) == sorted(first)
    assert won[0] and won[1]
    lost = [words for told in (first, second) for words in told.values() if words]
    assert len(lost) == ITEMS
    assert all("It was already accepted by " in words for words in lost), set(lost)

    # The third was refused while the company was open.
    assert outcome["third"] == 1
    assert "one program at a time" in done.stderr

    file = CompanyPaths(tmp_path / "user" / "sample" / "company").database
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = db.execute("SELECT count(*), count(DISTINCT submission_id), count(DISTINCT natural_key) FROM outbox")
        assert rows.fetchone() == (ITEMS, ITEMS, ITEMS)
        (decided,) = db.execute("SELECT count(*) FROM submission WHERE state = 'ACCEPTED'").fetchone()
        (entries,) = db.execute("SELECT count(*) FROM audit WHERE act = 'accept'").fetchone()
        assert decided == entries == ITEMS
    assert verify(file).whole


def test_who_presses_accept_again_is_told_that_it_was_done(town: Town) -> None:
    """The answer to the first press was lost: another one does nothing and says so (fault 19)."""
    _, submission = town.sent()
    town.accept(submission)
    with pytest.raises(Refused, match="already accepted by you"):
        town.accept(submission)
    with pytest.raises(Refused, match="Only an item that waits for a decision"):
        seen = town.console.review(submission, None, town.viewer)
        town.desk.erp.accept(town.viewer, submission, seen.row.sage_id, seen.sha256, "a press of a viewer")
