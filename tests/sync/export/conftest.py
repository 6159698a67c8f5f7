"""A yard for each test: a small stand-in company, its store, and accepted items."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.export.yard import Hands, Yard


@pytest.fixture(scope="session")
def built_yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company made once; tests copy it."""
    folder = tmp_path_factory.mktemp("yard") / "company"
    folder.mkdir()
    Yard.build(folder).store.close()
    return folder


@pytest.fixture
def yard(tmp_path: Path, built_yard: Path) -> Iterator[Yard]:
    """A company of the test's own."""
    shutil.copytree(built_yard, tmp_path / "company")
    yard = Yard.open(tmp_path / "company")
    yield yard
    yard.store.close()


@pytest.fixture
def hands() -> Hands:
    return Hands()
