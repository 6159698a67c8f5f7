"""The colours of the program, named by what they are for, in a light and a dark set."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

TONES = ("grey", "blue", "yellow", "green", "red")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One set of colours as ``#rrggbb``; each text colour reaches a contrast of 4.5 on the grounds it is used on."""

    dark: bool
    surface: str
    card: str
    field: str
    header: str
    hover: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    accent_fill: str
    accent_fill_hover: str
    on_accent: str
    selection: str
    danger_fill: str
    danger_fill_hover: str
    grey: tuple[str, str]
    blue: tuple[str, str]
    yellow: tuple[str, str]
    green: tuple[str, str]
    red: tuple[str, str]

    def tone(self, name: str) -> tuple[str, str]:
        """Ground and text colour of a pill; an unknown name raises KeyError."""
        return {"grey": self.grey, "blue": self.blue, "yellow": self.yellow, "green": self.green, "red": self.red}[name]

    def ink(self, name: str) -> str:
        """Text colour of a tone on a card; grey is the ordinary text colour."""
        return self.text if name == "grey" else self.tone(name)[1]

    @property
    def negative(self) -> str:
        """Text colour of negative amounts, which also stand in parentheses."""
        return self.red[1]

    def text_pairs(self) -> dict[str, tuple[str, str]]:
        """Each (text, ground) pair the kit paints, by name: what the contrast test walks."""
        pairs = {
            "muted on surface": (self.muted, self.surface),
            "text on primary button": (self.on_accent, self.accent_fill),
            "text on hovered primary button": (self.on_accent, self.accent_fill_hover),
            "text on danger button": (self.on_accent, self.danger_fill),
            "text on hovered danger button": (self.on_accent, self.danger_fill_hover),
            "accent on card": (self.accent, self.card),
            "accent on surface": (self.accent, self.surface),
        }
        grounds = {
            "surface": self.surface,
            "card": self.card,
            "field": self.field,
            "header": self.header,
            "hover": self.hover,
            "selection": self.selection,
        }
        for name, ground in grounds.items():
            pairs[f"text on {name}"] = (self.text, ground)
            pairs[f"muted on {name}"] = (self.muted, ground)
            pairs[f"negative on {name}"] = (self.negative, ground)
        for tone in TONES:
            ground, ink = self.tone(tone)
            pairs[f"{tone} pill"] = (ink, ground)
            pairs[f"{tone} ink on card"] = (self.ink(tone), self.card)
            pairs[f"{tone} ink on surface"] = (self.ink(tone), self.surface)
            pairs[f"text on {tone} ground"] = (self.text, ground)
            pairs[f"muted on {tone} ground"] = (self.muted, ground)
        return pairs


LIGHT = Tokens(
    dark=False,
    surface="#f2f4f7",
    card="#ffffff",
    field="#ffffff",
    header="#eef0f4",
    hover="#f3f6fb",
    border="#dde1e8",
    strong_border="#7d8695",
    text="#1a2230",
    muted="#525c6b",
    accent="#1d5cbf",
    accent_fill="#1d5cbf",
    accent_fill_hover="#174da3",
    on_accent="#ffffff",
    selection="#e0ecfb",
    danger_fill="#b3261e",
    danger_fill_hover="#941f18",
    grey=("#eaedf2", "#3e4856"),
    blue=("#e0ecfc", "#1a52a8"),
    yellow=("#fdf1d3", "#7a5200"),
    green=("#ddf3e4", "#17613a"),
    red=("#fbe5e4", "#a1201a"),
)

DARK = Tokens(
    dark=True,
    surface="#191c22",
    card="#22272f",
    field="#1b1f26",
    header="#2a303a",
    hover="#28303b",
    border="#39414d",
    strong_border="#76818f",
    text="#e9ecf1",
    muted="#a9b3c1",
    accent="#8ab8ff",
    accent_fill="#2160c4",
    accent_fill_hover="#2b6cd4",
    on_accent="#ffffff",
    selection="#2a3f5f",
    danger_fill="#b3261e",
    danger_fill_hover="#c2352c",
    grey=("#343b46", "#ced5df"),
    blue=("#223c60", "#a4c8ff"),
    yellow=("#453818", "#f3cf7a"),
    green=("#1d4030", "#8fdcae"),
    red=("#522a2b", "#ffb0aa"),
)


def tokens_for(palette: QPalette) -> Tokens:
    """The set that goes with a palette: dark when its window colour is dark."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def contrast(first: str, second: str) -> float:
    """Contrast of two colours by WCAG 2, from 1 to 21."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return float(channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4)

    rgb = QColor(colour)
    return 0.2126 * linear(rgb.redF()) + 0.7152 * linear(rgb.greenF()) + 0.0722 * linear(rgb.blueF())
