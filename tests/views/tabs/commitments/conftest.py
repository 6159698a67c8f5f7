"""The tests of this tab begin with it in front."""

from __future__ import annotations

import pytest

from tests.views.house import House


@pytest.fixture
def house(house: House) -> House:
    """The window with Commitments in front."""
    house.window.show_tab("commitments")
    house.settle()
    return house
