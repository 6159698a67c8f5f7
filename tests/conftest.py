"""What many tests share: both databases, and a sample company with its own stand-in Sage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from erpdesk import database
from erpdesk.sync.sandbox.sample import make_sample
from erpdesk.workflows import passwords
from tests import postgresql
from tests.compiled_once import share_compiled_statements
from tests.house_rules import garbage_goes_on_this_thread, leaves_nothing_behind, what_is_imported_stays
from tests.town import Town, copy_of, prepare, settle

# The same examples at each run, so that a change is judged by itself; ERPDESK_EXPLORE looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
share_compiled_statements()
settings.load_profile("explore" if os.environ.get("ERPDESK_EXPLORE") else "same")

__all__ = ["garbage_goes_on_this_thread", "leaves_nothing_behind", "what_is_imported_stays"]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        engine = database.sqlite_engine(tmp_path / "any.db")
    else:
        engine = postgresql.emptied(request.getfixturevalue("postgresql_url"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in Sage company, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("sample") / "sage"
    make_sample(folder, transactions=300)
    return folder


@pytest.fixture(scope="session")
def prepared_town(tmp_path_factory: pytest.TempPathFactory, sample_folder: Path) -> Path:
    """A settled sample company, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder, sample_folder)
    return folder


@pytest.fixture(scope="session")
def prepared_postgresql(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory, sample_folder: Path
) -> postgresql.Prepared:
    """A settled sample company on PostgreSQL, made once; each test has it again."""
    engine = postgresql.emptied(postgresql_url)
    database.migrate(engine)
    settle(tmp_path_factory.mktemp("postgresql"), sample_folder, engine)
    engine.dispose()
    return postgresql.prepared(postgresql_url)


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real scrypt at its lowest cost: what a look at a password costs is tested where passwords are."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=16, r=1, p=1))


@pytest.fixture
def town(tmp_path: Path, prepared_town: Path, cheap_passwords: None) -> Iterator[Town]:
    """A sample company on SQLite, opened through the same gate as in the program."""
    town = copy_of(prepared_town, tmp_path)
    yield town
    town.store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_town(
    request: pytest.FixtureRequest, tmp_path: Path, prepared_town: Path, cheap_passwords: None
) -> Iterator[Town]:
    """A sample company on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("town")
        return
    wanted, url = request.getfixturevalue("prepared_postgresql"), request.getfixturevalue("postgresql_url")
    engine = postgresql.made_anew(url, wanted)
    yield copy_of(prepared_town, tmp_path, engine)
    engine.dispose()
