"""Ctrl+Z and Ctrl+Y for whole acts: named in the menu, refused with the reason, and offered after each act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.core.steps import Offer
from erpdesk.views.kit.actions import ActionRegistry, ActionSpec
from erpdesk.views.kit.icons import icon
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.session import Session, new_press

if TYPE_CHECKING:
    from erpdesk.workflows.undo import UndoRow

UNDO, REDO = "edit.undo", "edit.redo"
SPECS = (
    ActionSpec(UNDO, "&Undo", "Ctrl+Z", "", "Take back what you did last, while it has not gone to Sage"),
    ActionSpec(REDO, "&Redo", "Ctrl+Y", "", "Do again what you took back last"),
)
NOT_YET = ("Your acts of today are being read.",)


@dataclass(frozen=True)
class Typing:
    """Something on screen in which typing that is not saved can be taken back by itself, while it is in sight."""

    can_undo: Callable[[], bool]
    can_redo: Callable[[], bool]
    undo: Callable[[], object]
    redo: Callable[[], object]


class UndoMenu(QObject):
    """Ties the two actions to the acts of the acting person. What is typed and not saved comes first.

    A text field that has the keyboard keeps Ctrl+Z for itself, as everywhere.
    """

    def __init__(self, session: Session, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._typing: list[Typing] = []
        self._offers: dict[str, Offer] = {}
        self._running = False
        self.today = QMenu("Your acts of &today", parent)
        self.today.setToolTipsVisible(True)
        registry.on(UNDO, lambda: self._press(UNDO))
        registry.on(REDO, lambda: self._press(REDO))
        session.changed.connect(lambda _changes: self.read())
        session.person_changed.connect(self.read)
        self.show_offers()
        self.read()

    def add_typing(self, typing: Typing) -> None:
        """What is typed here is taken back before any act."""
        self._typing.append(typing)

    def read(self) -> None:
        """Reads anew what can be taken back."""
        acts, actor = self._session.desk.undo, self._session.actor
        if not actor:
            self._session.jobs.forget("undo offers")
            self._offers = {}
            self._list(())
            self.show_offers()
        else:
            self._session.read(
                lambda: (acts.offers(actor), acts.acts(actor)), lambda answer: self._take(*answer), key="undo offers"
            )

    def offer(self, key: str) -> Offer | None:
        """What the action would take back or do again."""
        return self._offers.get(key)

    def toast(self, words: str) -> None:
        """Says that an act is done, with a button that takes it back."""
        self._session.messages.success(words, ("Undo", lambda: self._carry_out(UNDO)))

    def _take(self, offers: tuple[Offer, Offer], acts: tuple[UndoRow, ...]) -> None:
        self._offers = dict(zip((UNDO, REDO), offers, strict=True))
        self._list(acts)
        self.show_offers()

    def _list(self, acts: tuple[UndoRow, ...]) -> None:
        """Lists the person's acts of today; one that can not be taken back stays there and says why."""
        self.today.clear()
        for act in acts:
            words = act.title.replace("&", "&&") + f"\t{act.at.astimezone():%H:%M}"
            action = self.today.addAction(icon("lock", "muted"), words) if act.reasons else self.today.addAction(words)
            action.setToolTip(reasons_text(act.reasons) if act.reasons else act.title)
            action.triggered.connect(lambda _checked=False, which=act.id: self._carry_out(UNDO, which))
        if not acts:
            self.today.addAction("Nothing yet").setEnabled(False)

    def show_offers(self) -> None:
        """Puts the names of the acts into the menu, and the reasons where one can not be taken back."""
        for key, word in ((UNDO, "Undo"), (REDO, "Redo")):
            action, offer = self._registry.action(key), self._offers.get(key)
            if self._typed(key) is not None:
                action.setText(f"{word} typing")
                self._registry.set_offer(key, True)
            elif offer is None:
                action.setText(word)
                self._registry.set_offer(key, False, NOT_YET)
            else:
                action.setText(offer.title.replace("&", "&&"))
                self._registry.set_offer(key, offer.allowed, offer.reasons)

    def _typed(self, key: str) -> Typing | None:
        return next((each for each in self._typing if (each.can_undo if key == UNDO else each.can_redo)()), None)

    def _press(self, key: str) -> None:
        typing = self._typed(key)
        if typing is None:
            self._carry_out(key)
        elif key == UNDO:
            typing.undo()
        else:
            typing.redo()

    def _carry_out(self, key: str, which: int = 0) -> None:
        """Takes back one act of today, else what stands last now, so that nothing else goes than what is named."""
        if self._running or not self._session.actor:
            return
        acts, actor, press = self._session.desk.undo, self._session.actor, new_press()
        self._running = True

        def work() -> tuple[str, Changes]:
            if which:
                title = next((each.title for each in acts.acts(actor) if each.id == which), "Undo")
                return title, acts.undo(actor, press, which)
            offer = acts.offers(actor)[0 if key == UNDO else 1]
            act = acts.undo if key == UNDO else acts.redo
            return offer.title, act(actor, press, int(offer.verb.partition(":")[2] or 0))

        def done(answer: tuple[str, Changes]) -> None:
            title, _changes = answer
            name = title.partition(" ")[2]
            if key == UNDO:
                self._session.messages.success(
                    f"Taken back: {name}. Redo with Ctrl+Y.", ("Redo", lambda: self._carry_out(REDO))
                )
            else:
                self._session.messages.success(
                    f"Done again: {name}. Undo with Ctrl+Z.", ("Undo", lambda: self._carry_out(UNDO))
                )

        def refused(error: ForPeople) -> None:
            reasons = getattr(error, "reasons", (str(error),))
            self._session.messages.warning(reasons_text(reasons), topic="refusal")
            self.read()

        self._session.act(work, done, refused, self._ended)

    def _ended(self) -> None:
        self._running = False
