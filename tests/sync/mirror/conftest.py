"""A company of one's own and its mirror after the first load."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpdesk.sync.sage.doors import Connect, open_standin
from tests.sync.mirror.kit import Desk, copied


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture
def connect(sage: Path) -> Connect:
    return open_standin(sage)


@pytest.fixture
def desk(connect: Connect, tmp_path: Path) -> Desk:
    """A mirror after its first load."""
    made = Desk(tmp_path / "mirror")
    assert made.refresh(connect).ok
    return made
