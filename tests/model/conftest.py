"""One world for all schedules: its parent process is warmed up once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model.world import World, a_world


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with a_world() as made:
        yield made
