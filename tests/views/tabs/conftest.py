"""A window on a sample company for the tests of its tabs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.theme import Theme
from tests.town import Town
from tests.views.house import House, open_house


@pytest.fixture
def house(town: Town, qtbot: QtBot) -> Iterator[House]:
    """A shown window in which the project manager acts."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with open_house(town, Theme(app, "light")) as made:
        yield made
