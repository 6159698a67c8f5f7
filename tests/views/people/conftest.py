"""A company without people, one with its first three, and passwords that cost little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from erpdesk.models.people import GranularRight, KindRight, Person, ProjectMember, PushGrant, ToolRight
from erpdesk.views.kit.theme import Theme
from erpdesk.workflows import passwords
from tests.town import Town
from tests.views.people.hall import Hall, first_people, open_hall


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real scrypt at a low cost: what a look at a password costs is tested where passwords are."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(2**8, 8, 1))


@pytest.fixture
def empty(town: Town, theme: Theme) -> Iterator[Hall]:
    """A company to which nobody belongs yet."""
    with town.store.writing() as session:
        for table in (ToolRight, ProjectMember, KindRight, GranularRight, PushGrant, Person):
            session.execute(delete(table))
    with open_hall(town) as hall:
        yield hall


@pytest.fixture
def hall(empty: Hall) -> Hall:
    """A company with its administrator and two approvers, who have passwords and no Windows accounts."""
    empty.sign_in.first_run(first_people())
    return empty


@pytest.fixture
def sample_hall(town: Town, theme: Theme) -> Iterator[Hall]:
    """The sample company with its four people."""
    with open_hall(town) as hall:
        yield hall
