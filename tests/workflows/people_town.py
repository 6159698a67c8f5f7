"""A sample company whose clock is set by hand and whose passwords cost little, for tests about people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from erpdesk.core.clock import Clock
from erpdesk.core.station import Station
from erpdesk.database import Store
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import GrantState, Person
from erpdesk.workflows import passwords
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_acts import PeopleActs
from erpdesk.workflows.people_rows import GrantRow, PersonDetail
from erpdesk.workflows.sign_in import SignIn

GOOD = "three blue lanterns"
BETTER = "a quiet river bends"


@dataclass
class People:
    """The acts on people of one company, the time there, and what they told of Windows accounts."""

    store: Store
    office: Office
    time: list[datetime]
    told: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acts = PeopleActs(self.office, lambda added, removed: self.told.append((added, removed)))
        self.sign_in = SignIn(self.office, lambda added, removed: self.told.append((added, removed)))

    def later(self, **time: float) -> None:
        self.time[0] += timedelta(**time)

    def named(self, name: str) -> Person:
        with self.store.reading() as session:
            return session.scalars(select(Person).where(Person.name == name)).one()

    def detail(self, actor: str, person_id: str) -> PersonDetail:
        return next(each for each in self.acts.everybody(actor) if each.id == person_id)

    def change(self, person_id: str, **values: Any) -> None:
        """Changes a person behind everybody's back, as another workstation would."""
        with self.store.writing() as session:
            person = session.get_one(Person, person_id)
            for name, value in values.items():
                setattr(person, name, value)

    def knows(self, person_id: str, password: str) -> None:
        """Gives somebody a password that is their own and that nobody set for them."""
        self.change(person_id, password=passwords.kept(password))

    def at(self, login: str, machine: str) -> People:
        """The same company at another computer."""
        return replace(self, office=replace(self.office, station=Station(login, machine, "1")))

    def audit(self, ref: str = "") -> list[AuditEntry]:
        with self.store.reading() as session:
            asked = select(AuditEntry).where(AuditEntry.kind == "person").order_by(AuditEntry.seq)
            return list(session.scalars(asked.where(AuditEntry.ref == ref) if ref else asked))

    def acts_of(self, ref: str) -> list[str]:
        return [each.act for each in self.audit(ref)]

    def open_grant(self, actor: str) -> GrantRow:
        return next(each for each in self.acts.grants(actor) if each.state is GrantState.REQUESTED)


def people_of(store: Store, office: Office) -> People:
    time = [datetime(2026, 11, 24, 9, 0, tzinfo=UTC)]
    return People(store, replace(office, clock=Clock(lambda: time[0])), time)


def press() -> str:
    return uuid.uuid4().hex
