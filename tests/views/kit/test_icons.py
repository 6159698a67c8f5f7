"""Every icon is there and draws something."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton

from erpdesk.views.kit.icons import FOLDER, ICON_NAMES, icon, pixmap, retint, set_icon

NOT_TINTED = {"chevron"}


@pytest.mark.parametrize("name", ICON_NAMES)
def test_the_icon_draws_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    image = pixmap(name, "#ff0000", 24).toImage()
    inks = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
    drawn = [ink for ink in inks if ink.alpha() > 128]
    assert len(drawn) > 20
    assert {ink.name() for ink in drawn if ink.alpha() == 255} <= {QColor("red").name()}


def test_names_and_files_agree() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == {*ICON_NAMES, *NOT_TINTED}


def test_the_drawings_name_no_colour_of_their_own() -> None:
    for name in ICON_NAMES:
        root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
        paints = {element.get(paint) for element in root.iter() for paint in ("fill", "stroke")}
        assert paints <= {None, "none", "currentColor"}, name


def test_an_unknown_name_is_refused(qapp: QApplication) -> None:
    with pytest.raises(KeyError, match="no icon named unicorn"):
        pixmap("unicorn", "#000000")


def test_it_is_sharp_on_fine_screens(qapp: QApplication) -> None:
    fine = pixmap("check", "#000000", 16, 2.0)
    assert (fine.width(), fine.devicePixelRatio()) == (32, 2.0)
    assert not icon("check", "muted").isNull()


def test_a_button_that_is_gone_is_passed_over(qapp: QApplication) -> None:
    button = QPushButton()
    set_icon(button, "send", "on_accent")
    button.deleteLater()
    qapp.sendPostedEvents(button)
    retint()
