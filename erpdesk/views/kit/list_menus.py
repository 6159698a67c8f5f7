"""The menus of the bar above a list: filters by column, saved views, and the ways out of the program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from erpdesk.core.errors import Refused
from erpdesk.views.kit.dialogs import confirm

if TYPE_CHECKING:
    from erpdesk.views.kit.list_bar import ListBar

KINDS = (("excel", "&Excel…"), ("csv", "&CSV…"), ("pdf", "&PDF…"), ("print", "Print pre&view…"))


def fill_filters(bar: ListBar, menu: QMenu) -> None:
    """One entry for each column, those on screen first; a column that is filtered is checked."""
    menu.clear()
    held = {condition.key for condition in bar.conditions()}
    seen = bar.table.visible_columns()
    hidden = [column for column in bar.table.records.columns if column not in seen]
    for columns in (seen, hidden):
        for column in columns:
            action = menu.addAction(plain(f"{column.title or column.key}…"))
            action.setCheckable(True)
            action.setChecked(column.key in held)
            why = bar.table.why_not_narrowed(column.key)
            _offer(action, not why, why)
            action.triggered.connect(partial(_edit, bar, column.key))
        menu.addSeparator()
    clear = menu.addAction("Clear all filters")
    _offer(clear, bool(held), "No filter by column is set.")
    clear.triggered.connect(lambda: bar.set_conditions(()))


def fill_views(bar: ListBar, menu: QMenu) -> None:
    """The saved views, then what can be done with the one on screen."""
    menu.clear()
    whole = menu.addAction("Usual columns, no filter")
    whole.triggered.connect(bar.leave_view)
    menu.addSeparator()
    for view in bar.views.all():
        words = f"{view.name} (opens first)" if view.name == bar.views.default else view.name
        action = menu.addAction(plain(words))
        action.setCheckable(True)
        action.setChecked(view.name == bar.view())
        action.triggered.connect(partial(_use, bar, view.name))
    menu.addSeparator()
    name = bar.view()
    none = "Choose or save a view first."
    save = menu.addAction(plain(f"Save changes to “{name}”") if name else "Save changes")
    changed = bar.view_is_changed()
    _offer(save, changed, "The view has not been changed." if name else none)
    save.triggered.connect(lambda: bar.save_view(name))
    menu.addAction("Save &as…").triggered.connect(partial(_ask_save, bar))
    rename = menu.addAction("&Rename…")
    _offer(rename, bool(name), none)
    rename.triggered.connect(partial(_ask_rename, bar))
    delete = menu.addAction("&Delete…")
    _offer(delete, bool(name), none)
    delete.triggered.connect(partial(_ask_delete, bar))
    first = menu.addAction("Open the list with this view")
    first.setCheckable(True)
    first.setChecked(bool(name) and bar.views.default == name)
    _offer(first, bool(name), none)
    first.triggered.connect(lambda checked: bar.views.set_default(name if checked else ""))


def fill_export(bar: ListBar, menu: QMenu) -> None:
    """The files that can be made of what is shown, and the preview of its paper."""
    menu.clear()
    for kind, words in KINDS:
        action = menu.addAction(words)
        action.triggered.connect(partial(_export, bar, kind))
    menu.addSeparator()
    menu.addAction("Copy with titles\tCtrl+Shift+C").triggered.connect(lambda: bar.table.copy(headers=True))


def plain(words: str) -> str:
    """Words of people in a menu: a mnemonic mark is no mark there, and a tab begins no shortcut."""
    return " ".join(words.split()).replace("&", "&&")


def _offer(action: QAction, allowed: bool, reason: str) -> None:
    """An entry that can not be used now says why."""
    action.setEnabled(allowed)
    if not allowed:
        action.setToolTip(reason)


def _edit(bar: ListBar, key: str) -> None:
    bar.edit_condition(key)


def _use(bar: ListBar, name: str) -> None:
    bar.use_view(name)


def _export(bar: ListBar, kind: str) -> None:
    bar.export(kind)


def _ask_save(bar: ListBar) -> None:
    from erpdesk.views.kit.list_name import NameDialog

    def save(name: str) -> None:
        taken = bar.views.find(" ".join(name.split())) is not None
        if taken:
            raise Refused([f"There is already a view named “{' '.join(name.split())}”. Choose another name."])
        bar.save_view(name)

    NameDialog(bar, "Save view", "It keeps columns, order, sort and filters.", "Save view", bar.view(), save).open()


def _ask_rename(bar: ListBar) -> None:
    from erpdesk.views.kit.list_name import NameDialog

    NameDialog(bar, "Rename view", "What the view shows stays.", "Rename", bar.view(), bar.rename_view).open()


def _ask_delete(bar: ListBar) -> None:
    confirm(
        bar,
        "Delete view",
        f"The view “{bar.view()}” will be forgotten. The rows of the list stay as they are.",
        yes="Delete view",
        then=bar.delete_view,
        danger=True,
    )
