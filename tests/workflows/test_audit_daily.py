"""The trail is checked by itself after each start and once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from erpdesk import database
from erpdesk.core.clock import Clock
from erpdesk.migrations.guards import drop_guards
from erpdesk.workflows.audit_trail import AuditTrail
from tests.town import Town, settle


class Calendar(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        super().__init__(lambda: self.at)


def tampered(town: Town) -> None:
    with town.store.writing() as session:
        drop_guards(session.connection())
        session.execute(text("UPDATE audit SET reason = 'because' WHERE seq = 1"))


def trail(town: Town, clock: Calendar) -> AuditTrail:
    return AuditTrail(replace(town.desk.office, clock=clock))


def test_a_broken_trail_is_told_once_a_day(any_town: Town) -> None:
    any_town.approved()
    clock = Calendar()
    watch = trail(any_town, clock)
    assert watch.daily() == ""
    tampered(any_town)
    assert watch.daily() == "", "today it was looked at already"
    clock.at += timedelta(days=1)
    told = watch.daily()
    assert told.startswith("The audit trail does not hold: ") and "Audit trail" in told
    assert watch.daily() == "", "said once"
    assert trail(any_town, clock).daily() == told, "and again after a start"


def test_a_check_that_was_stopped_is_done_again(any_town: Town) -> None:
    any_town.approved()
    watch = trail(any_town, Calendar())
    assert watch.daily(lambda: True) == ""
    tampered(any_town)
    assert watch.daily() != ""


def test_a_trail_that_can_not_be_read_now_is_looked_at_later(tmp_path: Path, sample_folder: Path) -> None:
    store = database.open_store(tmp_path / "erpdesk.db", backups=tmp_path / "backups")
    town = settle(tmp_path, sample_folder, store.engine)
    town.approved()
    tampered(town)
    watch, path = trail(town, Calendar()), tmp_path / "erpdesk.db"
    town.store.close()
    path.rename(tmp_path / "away.db")
    assert watch.daily() == ""
    (tmp_path / "away.db").rename(path)
    assert watch.daily() != ""
    store.close()
