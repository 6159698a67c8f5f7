"""What the pages of the *Stand-in Sage* window share: one place where acts are carried out and heard of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QStyleOptionButton, QVBoxLayout, QWidget

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.office import Office, look, plainly
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.tokens import tokens_for
from erpdesk.views.session import LayoutStore

T = TypeVar("T")


class StandInDesk(QObject):
    """Carries acts of the trainee out off the GUI thread, says how they went, and has the pages read again.

    ``acted`` comes after an act that may have changed Sage's data; ``seen`` carries what Sage's screens show now.
    """

    acted = Signal()
    seen = Signal(object)

    def __init__(
        self,
        company: SandboxCompany,
        jobs: Jobs,
        store: LayoutStore,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.company = company
        self.store = store
        self.messages = messages
        self.jobs = jobs
        self.under_way = 0
        """How many acts are not through yet."""

    def read(self) -> None:
        """Has the pages show what is there now."""
        company = self.company
        self.jobs.read(lambda: look(company), self._take, self._failed, key=(id(self), "office"))

    def forget(self) -> None:
        """Lets no answer of a read come any more."""
        self.jobs.forget((id(self), "office"))

    def act(
        self,
        what: Callable[[], T],
        done: Callable[[T], object],
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        """Carries ``what`` out; ``done`` takes its result, ``ended`` comes before it, whether it went well or not.

        Not on the writer: Sage may wait for an answer for as long as it likes, and what erpdesk writes shall not.
        """
        self.under_way += 1

        def good(result: T) -> None:
            self._through(lambda: done(result), ended)
            self.acted.emit()

        self.jobs.read(
            lambda: plainly(what),
            lambda result: good(result) if shiboken6.isValid(self) else None,
            lambda error: self._through(lambda: self._failed(error), ended) if shiboken6.isValid(self) else None,
        )

    def _through(self, say: Callable[[], object], ended: Callable[[], object]) -> None:
        self.under_way -= 1
        ended()
        say()
        self.read()

    def _take(self, office: Office) -> None:
        if shiboken6.isValid(self):
            self.seen.emit(office)

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.messages.report(error)


class StandInPage(QWidget):
    """One page of the window: cards one below the other, which scroll where the window is low."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.cards = QVBoxLayout()
        self.cards.setContentsMargins(0, 0, 6, 0)
        self.cards.setSpacing(10)
        inner = QWidget()
        inner.setProperty("page", True)
        inner.setLayout(self.cards)
        self.area = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll)
        desk.seen.connect(self.show_office)

    def show_office(self, office: Office) -> None:
        """Shows what is there now; pages with nothing to show leave it."""

    def card(self, title: str, words: str = "", stretch: int = 0) -> Card:
        """A new card with a sentence under its title."""
        made = Card(title)
        if words:
            made.add(Muted(words))
        self.cards.addWidget(made, stretch)
        return made


class Tick(QCheckBox):
    """A box to tick whose edge is seen on a dark ground too."""

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """Gives the box the edge and the ground of a field."""
        super().initStyleOption(option)
        # The stubs do not know the members of style options.
        look: Any = option
        tokens = tokens_for(QGuiApplication.palette())
        palette = QPalette(look.palette)
        # The style darkens the ground of the window for the edge.
        palette.setColor(QPalette.ColorRole.Window, QColor(tokens.strong_border).lighter(140))
        palette.setColor(QPalette.ColorRole.Base, QColor(tokens.field))
        look.palette = palette


def row_of(*widgets: QWidget) -> QWidget:
    """Widgets beside each other, at the left."""
    box = QWidget()
    across = QHBoxLayout(box)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(10)
    for widget in widgets:
        across.addWidget(widget)
    across.addStretch(1)
    return box


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun, such as ``1 entry`` or ``1,204 entries``."""
    return f"{number:,} {one if number == 1 else many}"
