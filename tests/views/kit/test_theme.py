"""Colours that can be read, and a theme that changes while the program runs."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.theme import DARK, LIGHT, Theme, Tokens, contrast, palette_of, sheet_of, tokens_for

PAIRS = [
    pytest.param(text, ground, id=f"{'dark' if tokens.dark else 'light'}: {name}")
    for tokens in (LIGHT, DARK)
    for name, (text, ground) in tokens.text_pairs().items()
]


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1.0
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_can_be_seen(tokens: Tokens) -> None:
    assert contrast(tokens.strong_border, tokens.field) >= 3.0
    assert contrast(tokens.accent, tokens.card) >= 3.0


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_palette_leads_back_to_its_colours(qapp: QApplication, tokens: Tokens) -> None:
    assert tokens_for(palette_of(tokens)) is tokens


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_no_name_left_over(tokens: Tokens) -> None:
    assert "$" not in sheet_of(tokens, 10.0)


def test_switching_changes_colours_and_tells(qtbot: QtBot, theme: Theme) -> None:
    label = QLabel("Words")
    qtbot.addWidget(label)
    assert (theme.mode, theme.dark) == ("light", False)
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.dark
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text
    theme.set_mode("light")
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text


def test_the_system_decides_when_asked(theme: Theme) -> None:
    theme.set_mode("system")
    assert theme.mode == "system"
    with pytest.raises(ValueError, match="none of"):
        theme.set_mode("purple")
    assert theme.mode == "system"


def test_text_grows_and_shrinks_within_bounds(qapp: QApplication, theme: Theme) -> None:
    usual = theme.points
    theme.larger()
    assert qapp.font().pointSizeF() == usual + 1
    for _ in range(30):
        theme.larger()
    assert theme.points == 20
    for _ in range(30):
        theme.smaller()
    assert theme.points == 7
    theme.usual_size()
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
    assert theme.points == max(system, 9.75), "the usual size is the system's, not the one that was chosen before"


def test_the_usual_size_is_the_systems_whatever_was_on_before(qapp: QApplication, theme: Theme) -> None:
    font = qapp.font()
    font.setPointSizeF(16)
    qapp.setFont(font)
    other = Theme(qapp, "light")
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
    assert other.points == max(system, 9.75)
    other.deleteLater()


def test_digits_have_one_width(qapp: QApplication, theme: Theme) -> None:
    font = qapp.font()
    assert font.featureValue(QFont.Tag.fromString("tnum")) == 1


def test_icons_follow_the_theme(qtbot: QtBot, theme: Theme) -> None:
    button = QPushButton("Send")
    qtbot.addWidget(button)
    set_icon(button, "send")

    def darkest() -> int:
        image = button.icon().pixmap(16).toImage()
        inks = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        return min(ink.lightness() for ink in inks if ink.alpha() > 200)

    assert darkest() < 100
    theme.set_mode("dark")
    assert darkest() > 150
