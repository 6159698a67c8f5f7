"""What many tests share: both databases, and a sample company with its own stand-in Sage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from erpdesk import database
from erpdesk.sync.sandbox.sample import make_sample
from tests import postgresql
from tests.house_rules import garbage_goes_on_this_thread, leaves_nothing_behind
from tests.town import Town, settle

# The same examples at each run, so that a change is judged by itself; ERPDESK_EXPLORE looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("ERPDESK_EXPLORE") else "same")

__all__ = ["garbage_goes_on_this_thread", "leaves_nothing_behind"]


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
        engine = database.postgresql_engine(request.getfixturevalue("postgresql_url"))
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in Sage company, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("sample") / "sage"
    make_sample(folder, transactions=300)
    return folder


@pytest.fixture
def town(tmp_path: Path, sample_folder: Path) -> Iterator[Town]:
    """A sample company on SQLite, through the same gate as in the program."""
    store = database.open_store(tmp_path / "erpdesk.db", backups=tmp_path / "backups")
    yield settle(tmp_path, sample_folder, store.engine)
    store.close()


@pytest.fixture
def any_town(tmp_path: Path, sample_folder: Path, any_engine: Engine) -> Town:
    """A sample company on each kind of database."""
    database.migrate(any_engine)
    return settle(tmp_path, sample_folder, any_engine)
