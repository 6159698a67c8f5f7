"""Stroke icons from SVG files, drawn when first asked for and tinted with the colours of the theme."""

from __future__ import annotations

import weakref
from pathlib import Path

import shiboken6
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import QAbstractButton

from erpdesk.views.kit.tokens import Tokens, tokens_for

# The folder stands beside the package, in a checkout as in the frozen program.
FOLDER = Path(__file__).resolve().parents[3] / "resources" / "icons"
ICON_NAMES = (
    "accept",
    "add",
    "check",
    "clock",
    "close",
    "columns",
    "commitments",
    "copy",
    "delete",
    "directory",
    "dot",
    "edit",
    "erp",
    "error",
    "export",
    "history",
    "info",
    "lock",
    "moon",
    "pause",
    "person",
    "play",
    "refresh",
    "reject",
    "retrieve",
    "search",
    "send",
    "sun",
    "warning",
)
SIZE = 16
GAP = 4


Wearer = QAction | QAbstractButton

_dressed: weakref.WeakKeyDictionary[Wearer, tuple[str, str]] = weakref.WeakKeyDictionary()


def set_icon(target: Wearer, name: str, tone: str = "grey") -> None:
    """Gives a button or an action an icon that follows the theme.

    ``tone`` is the tone of a pill, ``muted`` or ``on_accent``.
    """
    _dressed[target] = (name, tone)
    _put(target, name, tone)


def retint() -> None:
    """Draws the icons given by ``set_icon`` again in the colours of now; the theme calls it."""
    for target, (name, tone) in list(_dressed.items()):
        if shiboken6.isValid(target):
            _put(target, name, tone)


def icon(name: str, tone: str = "grey", gap: int = 0) -> QIcon:
    """The icon in the colours of now, with some room at its right; use ``set_icon`` where it must follow the theme."""
    tokens = tokens_for(QGuiApplication.palette())
    colour = _ink(tokens, tone)
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(_with_gap(pixmap(name, colour, SIZE, ratio), gap))
        made.addPixmap(_with_gap(pixmap(name, tokens.muted, SIZE, ratio), gap), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, colour: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """The drawing in one colour, ``size`` logical pixels wide; raises KeyError for an unknown name."""
    if name not in ICON_NAMES:
        raise KeyError(f"no icon named {name}")
    # Qt's own cache: a pixmap kept by Python would outlive the application at exit.
    key = f"erpdesk/{name}/{colour}/{size}/{ratio:g}"
    made = QPixmap()
    if not QPixmapCache.find(key, made):
        made = _draw(name, colour, size, ratio)
        QPixmapCache.insert(key, made)
    return made


def _put(target: Wearer, name: str, tone: str) -> None:
    # Beside words Qt leaves hardly any room for an icon, and no style sheet can change that.
    gap = GAP if isinstance(target, QAbstractButton) and target.text() else 0
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(SIZE + gap, SIZE))
    target.setIcon(icon(name, tone, gap))


def _with_gap(drawn: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return drawn
    ratio = drawn.devicePixelRatio()
    made = QPixmap(drawn.width() + round(gap * ratio), drawn.height())
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawPixmap(0, 0, drawn)
    painter.end()
    return made


def _ink(tokens: Tokens, tone: str) -> str:
    if tone == "muted":
        return tokens.muted
    return tokens.on_accent if tone == "on_accent" else tokens.ink(tone)


def _draw(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    # QtSvg is loaded with the first icon, not with the program.
    from PySide6.QtSvg import QSvgRenderer

    drawing = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    side = round(size * ratio)
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
