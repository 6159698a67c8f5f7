"""What a person can do, declared once: text, key, icon, tip; and the reason whenever it cannot be done now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from erpdesk.views.kit.deliberate import DeliberateAction, pause_of
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.list_tip import tip
from erpdesk.views.kit.reason_button import ReasonButton, reasons_text

__all__ = ["KIT_KEYS", "ActionRegistry", "ActionSpec", "ReasonButton", "clashes"]

ICONS_AFTER_MS = 150


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """An act: a permanent key, its text with mnemonic, shortcut, icon and one sentence of help.

    ``group`` is its heading on the sheet of shortcuts. ``own`` is a key that the place it belongs to answers by itself:
    it is shown like a shortcut and not bound. ``where`` says on the sheet where its key counts, when that is not plain.
    """

    key: str
    text: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""
    group: str = "General"
    own: str = ""
    where: str = ""

    @property
    def plain(self) -> str:
        """The text without its mnemonic mark."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&")

    @property
    def key_words(self) -> str:
        """Its key as this system writes it, whoever answers it; '' without one."""
        return QKeySequence(self.shortcut or self.own).toString(QKeySequence.SequenceFormat.NativeText)

    @property
    def in_menu(self) -> str:
        """The text of its line in a menu: a key that is not bound stands in the column of the keys, too."""
        return f"{self.text}\t{self.key_words}" if self.own else self.text


# A window may give this key to its own main act: it then means the same, the form is done.
SUBMIT = ActionSpec("kit.submit", "Save the form", "Ctrl+Return", group="Forms")

# Keys that the parts of the kit answer to by themselves; listed on the sheet.
KIT_KEYS = (
    ActionSpec("kit.find", "Go to the filter of the list", "Ctrl+F", group="Lists"),
    ActionSpec("kit.copy", "Copy the selected rows", "Ctrl+C", group="Lists"),
    ActionSpec("kit.copy_titles", "Copy the selected rows with column titles", "Ctrl+Shift+C", group="Lists"),
    ActionSpec("kit.all", "Select every row of the filtered list", "Ctrl+A", group="Lists"),
    ActionSpec("kit.open", "Open the row", "Return", group="Lists"),
    SUBMIT,
    ActionSpec("kit.today", "Today, in a date", "Ctrl+;", group="Forms"),
)


def clashes(specs: Iterable[ActionSpec]) -> list[str]:
    """Each shortcut or key that two actions share, as a sentence; empty when all is well."""
    keys: dict[str, list[str]] = defaultdict(list)
    shortcuts: dict[str, list[str]] = defaultdict(list)
    for spec in specs:
        keys[spec.key].append(spec.plain)
        if spec.shortcut:
            shortcuts[QKeySequence(spec.shortcut).toString()].append(spec.plain)
    found = [f"The key {key} is declared {len(names)} times." for key, names in keys.items() if len(names) > 1]
    return found + [f"{key} is shared by {', '.join(names)}." for key, names in shortcuts.items() if len(names) > 1]


class ActionRegistry(QObject):
    """Makes the actions of a window from their declarations, and keeps menus, buttons and reasons in step.

    ``acts`` are the keys of what others notice: these are carried out once for each press that was meant for them, by
    button or shortcut. ``refused`` carries every refusal; ``unexplained`` those that no button on screen could say.
    Raises ValueError when two declarations share a key or a shortcut, also with the keys of the kit (but Ctrl+Enter).
    """

    refused = Signal(str, object)
    unexplained = Signal(str, object)

    def __init__(self, specs: Sequence[ActionSpec], parent: QWidget, acts: Collection[str] = ()) -> None:
        super().__init__(parent)
        self._window = parent
        self._acts = frozenset(acts)
        if found := clashes([*specs, *(kit for kit in KIT_KEYS if kit is not SUBMIT)]):
            raise ValueError(" ".join(found))
        self._specs = {spec.key: spec for spec in specs}
        self._actions: dict[str, QAction] = {}
        # A disabled action does not hear its key: this one does, and says why.
        self._whys: dict[str, QAction] = {}
        self._reasons: dict[str, tuple[str, ...]] = {}
        self._buttons: dict[str, list[ReasonButton]] = defaultdict(list)
        for spec in specs:
            action = DeliberateAction(spec.in_menu, parent) if spec.key in self._acts else QAction(spec.in_menu, parent)
            action.setObjectName(spec.key)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
                self._whys[spec.key] = self._why_action(spec)
            self._actions[spec.key] = action
            self._reasons[spec.key] = ()
            self._explain(spec.key)
            parent.addAction(action)
            if spec.key in self._acts:
                action.triggered.connect(self._pause)
        # Drawing the icons takes longer than making the actions, and no menu is open when the window is first painted.
        self._drawing = QTimer(self, singleShot=True, interval=ICONS_AFTER_MS)
        self._drawing.timeout.connect(self._draw_icons)
        self._drawing.start()

    def specs(self) -> tuple[ActionSpec, ...]:
        """The declarations, in their order."""
        return tuple(self._specs.values())

    def action(self, key: str) -> QAction:
        """The action with this key; raises KeyError for an unknown one."""
        return self._actions[key]

    def on(self, key: str, slot: Callable[[], object]) -> None:
        """Calls the slot whenever the action is carried out, by key, menu or button."""
        self._actions[key].triggered.connect(lambda _checked=False: slot())

    def trigger(self, key: str) -> None:
        """Carries the action out, or says why it cannot be done now."""
        if self._actions[key].isEnabled():
            self._actions[key].trigger()
        else:
            self._refuse(key)

    def scope(self, keys: Iterable[str], widget: QWidget) -> None:
        """Lets the shortcuts of these actions act and explain themselves only while the keyboard is in ``widget``."""
        for key in keys:
            for action in (self._actions[key], self._whys.get(key)):
                if action is not None:
                    self._window.removeAction(action)
                    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                    widget.addAction(action)

    @Slot()
    def _pause(self) -> None:
        pause_of(self._window).start()

    def renew(self, keys: Iterable[str]) -> None:
        """Tells that these acts now stand for another record: a press made at once is not meant for it."""
        for key in keys:
            action = self._actions[key]
            if isinstance(action, DeliberateAction):
                action.fresh.start()
            for button in self._buttons[key]:
                button.renew()

    def set_offer(self, key: str, allowed: bool, reasons: Sequence[str] = ()) -> None:
        """Allows the act, or forbids it and says why everywhere it is shown."""
        self._reasons[key] = () if allowed else tuple(reasons)
        self._actions[key].setEnabled(allowed)
        if key in self._whys:
            self._whys[key].setEnabled(not allowed)
        self._explain(key)
        for button in self._buttons[key]:
            button.set_offer(allowed, reasons)

    def reasons(self, key: str) -> tuple[str, ...]:
        """Why the act is forbidden now; empty when it is allowed."""
        return self._reasons[key]

    def button(
        self,
        key: str,
        primary: bool = False,
        danger: bool = False,
        text: str | None = None,
        parent: QWidget | None = None,
    ) -> ReasonButton:
        """A button for the act, which says why when it is forbidden."""
        spec = self._specs[key]
        button = ReasonButton(
            text or spec.plain, primary=primary, danger=danger, parent=parent, deliberate=key in self._acts
        )
        button.set_help(self._help(spec))
        button.set_icon_name(spec.icon)
        button.pressed_ok.connect(lambda: self.trigger(key))
        button.refused.connect(lambda reasons: self.refused.emit(key, reasons))
        button.set_offer(self._actions[key].isEnabled(), self._reasons[key])
        self._buttons[key].append(button)
        button.destroyed.connect(lambda _gone=None: self._drop(key, button))
        return button

    def menu(self, title: str, keys: Sequence[str], parent: QWidget | None = None) -> QMenu:
        """A menu of these actions; an empty key is a line between groups."""
        menu = QMenu(title, parent)
        menu.setToolTipsVisible(True)
        for key in keys:
            if key:
                menu.addAction(self._actions[key])
            else:
                menu.addSeparator()
        return menu

    def show_shortcuts(self, parent: QWidget) -> QWidget:
        """Opens the sheet of all keys (F1)."""
        # The sheet is seldom asked for: its dialog is not loaded with the program.
        from erpdesk.views.kit.shortcut_sheet import ShortcutSheet

        sheet = ShortcutSheet([*self._specs.values(), *KIT_KEYS], parent)
        sheet.open()
        return sheet

    @Slot()
    def _draw_icons(self) -> None:
        for key, spec in self._specs.items():
            if spec.icon:
                set_icon(self._actions[key], spec.icon)

    def _why_action(self, spec: ActionSpec) -> QAction:
        why = DeliberateAction(spec.plain, self._window)
        why.setShortcut(QKeySequence(spec.shortcut))
        why.setEnabled(False)
        why.triggered.connect(lambda _checked=False: self._refuse(spec.key))
        self._window.addAction(why)
        return why

    def _refuse(self, key: str) -> None:
        """Says once why, where the person looks: beside the button when there is one."""
        reasons = self._reasons[key]
        button = next((button for button in self._buttons[key] if button.isVisible()), None)
        if button is not None:
            button.say_why()
        else:
            self.unexplained.emit(key, reasons)
        self.refused.emit(key, reasons)

    def _drop(self, key: str, button: ReasonButton) -> None:
        self._buttons[key] = [kept for kept in self._buttons[key] if kept is not button]

    def _help(self, spec: ActionSpec) -> str:
        tip = spec.tip or spec.plain
        return f"{tip} ({spec.key_words})" if spec.key_words else tip

    def _explain(self, key: str) -> None:
        action, spec = self._actions[key], self._specs[key]
        reasons = self._reasons[key]
        action.setToolTip(tip(reasons_text(reasons)) if reasons else self._help(spec))
        action.setStatusTip(" ".join(reasons) if reasons else spec.tip)
        action.setWhatsThis(action.toolTip())
