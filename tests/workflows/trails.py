"""Audit trails for tests, written by the program's own writer, and what an intruder does to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from erpdesk.core.clock import iso
from erpdesk.migrations.guards import drop_guards, make_guards
from erpdesk.models.audit import AuditEntry
from erpdesk.workflows import audit
from erpdesk.workflows.audit_check import Anchor, Anchors

AT = datetime(2026, 11, 2, 8, 15, tzinfo=UTC)


def write(engine: Engine, count: int, *, start: int = 0) -> None:
    """Adds entries as the program does, each in a transaction of its own."""
    for number in range(start, start + count):
        with Session(engine) as session, session.begin():
            audit.append(
                session,
                at=AT + timedelta(minutes=number),
                who="p" * 32,
                act="edit",
                kind="commitment",
                ref=f"c{number}",
                before={"amount": f"{number}.00"},
                after={"amount": f"{number}.50", "title": "Träger ä 鋼"},
                reason=f"Reason {number}",
                evidence={"submission": number},
                body={"revision": number},
            )


def place(engine: Engine) -> Path | str:
    """How the check is told where a trail is."""
    if engine.dialect.name == "sqlite":
        return Path(str(engine.url.database))
    return engine.url.render_as_string(hide_password=False)


def note(engine: Engine, *, seq: int | None = None, at: datetime = AT + timedelta(days=1)) -> Anchor:
    """An anchor of the newest entry, or of another, as the export journal keeps it."""
    with Session(engine) as session:
        where = audit.head(session)[0] if seq is None else seq
        entry = session.get_one(AuditEntry, where)
        return Anchor(where, entry.hash, iso(at), "line 1")


def anchors(*notes: Anchor) -> Anchors:
    """What a sound journal says."""
    return Anchors(notes)


@contextmanager
def intruder(engine: Engine) -> Iterator[Connection]:
    """Somebody who has the database itself: takes the triggers away, does his work, and puts them back."""
    with engine.begin() as connection:
        drop_guards(connection)
        yield connection
        make_guards(connection)


def chain_anew(connection: Connection) -> None:
    """Makes every hash from the first entry on anew, so that the chain fits together again."""
    session = Session(connection)
    prev = audit.START
    for seq, entry in enumerate(session.query(AuditEntry).order_by(AuditEntry.seq).all(), 1):
        entry.seq, entry.prev = seq, prev
        entry.hash = prev = audit.entry_hash(entry)
        session.flush()


def swap(connection: Connection, one: int, other: int) -> None:
    """Lets two entries change places."""
    for was, now in ((one, -1), (other, one), (-1, other)):
        connection.execute(text("UPDATE audit SET seq = :now WHERE seq = :was"), {"was": was, "now": now})


def old_entries(path: Path, count: int) -> None:
    """Entries as an erpdesk of schema 3 wrote them, into a file of that schema."""
    with closing(sqlite3.connect(path)) as connection, connection:
        prev = audit.START
        for seq in range(1, count + 1):
            entry = AuditEntry(
                seq=seq, at=AT, who="q", act="send", kind="commitment", ref="r", body='{"a":1}', form=1, prev=prev
            )
            entry.hash = prev = audit.entry_hash(entry)
            connection.execute(
                "INSERT INTO audit (seq, at, who, act, kind, ref, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (seq, iso(AT), "q", "send", "commitment", "r", '{"a":1}', entry.prev, entry.hash),
            )
