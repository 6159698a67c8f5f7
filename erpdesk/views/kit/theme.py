"""How the program looks: Fusion, light or dark or as the system is, from one set of colours."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from erpdesk.views.kit import icons
from erpdesk.views.kit.style_sheet import SHEET
from erpdesk.views.kit.tokens import DARK, LIGHT, TONES, Tokens, contrast, tokens_for

__all__ = ["DARK", "LIGHT", "MODES", "TONES", "Theme", "Tokens", "contrast", "mono_font", "tabular", "tokens_for"]

MODES = ("system", "light", "dark")
SMALLEST_POINTS = 7.0
LARGEST_POINTS = 20.0


class Theme(QObject):
    """Dresses the whole application and changes its clothes while it runs.

    ``points`` is the text size; without it the system's own size is used, but at least 9.75 points.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system", points: float | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._mode = ""
        # The usual size is the system's, whatever size the person chose the last time or another dress left behind.
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._base_points = max(system.pointSizeF(), 9.75)
        self._points = min(max(points or self._base_points, SMALLEST_POINTS), LARGEST_POINTS)
        app.setStyle("Fusion")
        self.set_mode(mode)
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def mode(self) -> str:
        """What was asked for: ``system``, ``light`` or ``dark``."""
        return self._mode

    @property
    def dark(self) -> bool:
        """True when the dark colours are on screen now."""
        return tokens_for(self._app.palette()).dark

    @property
    def points(self) -> float:
        """The text size in points."""
        return self._points

    def set_mode(self, mode: str) -> None:
        """Shows ``light``, ``dark`` or what the ``system`` asks for; raises ValueError for another word."""
        if mode not in MODES:
            raise ValueError(f"theme mode {mode!r} is none of {MODES}")
        self._mode = mode
        hints = self._app.styleHints()
        if mode == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        self._dress()

    def set_points(self, points: float) -> None:
        """Sets the text size, kept between 7 and 20 points."""
        self._points = min(max(points, SMALLEST_POINTS), LARGEST_POINTS)
        self._dress()

    @Slot()
    def larger(self) -> None:
        """Text one point larger (Ctrl and plus)."""
        self.set_points(self._points + 1)

    @Slot()
    def smaller(self) -> None:
        """Text one point smaller (Ctrl and minus)."""
        self.set_points(self._points - 1)

    @Slot()
    def usual_size(self) -> None:
        """Text as it was at the start (Ctrl and 0)."""
        self.set_points(self._base_points)

    @Slot(Qt.ColorScheme)
    def _on_system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self._mode == "system":
            self._dress()

    def _dress(self) -> None:
        dark = self._mode == "dark"
        if self._mode == "system":
            dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        tokens = DARK if dark else LIGHT
        font = tabular(self._app.font())
        font.setPointSizeF(self._points)
        self._app.setFont(font)
        self._app.setPalette(palette_of(tokens))
        self._app.setStyleSheet(sheet_of(tokens, self._points))
        icons.retint()
        self.changed.emit()


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, so that amounts stand under each other."""
    same = QFont(font)
    same.setFeature(QFont.Tag.fromString("tnum"), 1)
    return same


def mono_font(points: float) -> QFont:
    """A fixed-pitch font for the lines of an import file."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points)
    return font


def palette_of(tokens: Tokens) -> QPalette:
    """The Qt palette of a set of colours."""
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, tokens.surface),
        (role.WindowText, tokens.text),
        (role.Base, tokens.field),
        (role.AlternateBase, tokens.header),
        (role.Text, tokens.text),
        (role.Button, tokens.card),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.on_accent),
        (role.ToolTipBase, tokens.card),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.muted),
        (role.Highlight, tokens.selection),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Accent, tokens.accent),
        (role.Light, tokens.card),
        (role.Midlight, tokens.header),
        (role.Mid, tokens.border),
        (role.Dark, tokens.strong_border),
        (role.Shadow, tokens.border),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.muted))
    return palette


def sheet_of(tokens: Tokens, points: float) -> str:
    """The application style sheet of a set of colours at a text size."""
    grounds = {f"{tone}_ground": tokens.tone(tone)[0] for tone in TONES}
    inks = {f"{tone}_ink": tokens.tone(tone)[1] for tone in TONES}
    plain = Tokens.__dataclass_fields__.keys() - {"dark", *TONES}
    names = {name: getattr(tokens, name) for name in plain}
    sizes = {"title_pt": f"{points + 1.5:g}", "small_pt": f"{points - 0.75:g}"}
    chevron = (icons.FOLDER / "chevron.svg").as_posix()
    return Template(SHEET).substitute(names | grounds | inks | sizes | {"chevron": chevron})
