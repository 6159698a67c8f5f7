"""What a person typed and has not saved yet: kept by itself, offered again after a crash, gone once it is saved.

Keeping is no act on a record: nobody else sees it, and nothing of it stands in the audit trail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from erpdesk.models.office import Draft
from erpdesk.workflows.operation import LONGEST_FILE, Office, check_text, person


@dataclass(frozen=True)
class Kept:
    """What was typed into one form: ``ref`` is the record ('' = a new one), ``version`` the one that was edited."""

    form: str
    ref: str
    version: int
    body: Mapping[str, Any]
    saved_at: datetime


class KeptDrafts:
    """What each person typed and has not saved, by form and record."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def keep(self, actor: str, form: str, ref: str, version: int, body: Mapping[str, Any]) -> None:
        """Keeps what is in a form now, in place of what was kept of it before; ``body`` must fit into JSON."""
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        check_text("What is in the form", text, LONGEST_FILE)
        with self._office.store.writing() as session:
            who, at = person(session, actor).id, self._office.clock.now()
            session.merge(Draft(person_id=who, form=form, ref=ref, version=version, body=text, saved_at=at))

    def drop(self, actor: str, form: str, ref: str) -> None:
        """Forgets what was kept of a form, because it was thrown away."""
        with self._office.store.writing() as session:
            forget(session, actor, form, ref)

    def found(self, actor: str, form: str, ref: str) -> Kept | None:
        """What was typed into this form and not saved, or None."""
        with self._office.store.reading() as session:
            held = session.get(Draft, (actor, form, ref))
            return _kept(held) if held else None

    def all(self, actor: str) -> tuple[Kept, ...]:
        """Everything that this person typed and did not save, the newest first."""
        with self._office.store.reading() as session:
            asked = select(Draft).where(Draft.person_id == actor).order_by(Draft.saved_at.desc(), Draft.ref)
            return tuple(map(_kept, session.scalars(asked)))


def forget(session: Session, actor: str, form: str, ref: str) -> None:
    """Forgets what was kept of a form, in the transaction that saves it."""
    session.execute(delete(Draft).where(Draft.person_id == actor, Draft.form == form, Draft.ref == ref))


def _kept(held: Draft) -> Kept:
    return Kept(held.form, held.ref, held.version, json.loads(held.body), held.saved_at)
