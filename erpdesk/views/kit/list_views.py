"""Saved views of a list: what a person named, to have it again with one click."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from erpdesk.core.errors import Refused
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_conditions import Condition, read_condition
from erpdesk.views.kit.table_layout import LayoutStore, TableLayout, layout_from_dict, layout_to_dict

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ListState:
    """How a list stands: its columns and order, the words of its filter, its chip, its conditions."""

    layout: TableLayout = field(default_factory=TableLayout)
    text: str = ""
    chip: str = ""
    conditions: tuple[Condition, ...] = ()

    def same_as(self, other: ListState) -> bool:
        """Whether both show the same; widths do not count, since columns also grow with their words."""
        mine, theirs = (replace(state, layout=replace(state.layout, widths={})) for state in (self, other))
        return mine == theirs


@dataclass(frozen=True, slots=True)
class SavedView:
    """A state with a name."""

    name: str
    state: ListState


class SavedViews:
    """The views of one list in the layout store of a person; at most one of them is the default.

    What is stored about a column that is not declared any more is passed over, and so is a view that cannot be read.
    """

    def __init__(self, store: LayoutStore, list_name: str, columns: Sequence[Column]) -> None:
        self._store = store
        self._key = f"views/{list_name}"
        self._columns = {column.key: column for column in columns}
        self._default, self._views = self._load()

    @property
    def default(self) -> str:
        """The name of the view that a list opens with; empty for none."""
        return self._default

    def all(self) -> tuple[SavedView, ...]:
        """Every view, by name."""
        return tuple(sorted(self._views.values(), key=lambda view: view.name.casefold()))

    def find(self, name: str) -> SavedView | None:
        """The view of this name."""
        return self._views.get(name)

    def save(self, name: str, state: ListState) -> SavedView:
        """Keeps a state under a name, over what had that name; raises Refused for an empty or long name."""
        named = self._checked(name)
        view = self._views[named] = SavedView(named, state)
        self._write()
        return view

    def rename(self, old: str, new: str) -> SavedView:
        """Gives a view another name; raises Refused when that name is taken."""
        named = self._checked(new)
        if named != old and named in self._views:
            raise Refused([f"There is already a view named “{named}”. Choose another name."])
        view = SavedView(named, self._views.pop(old).state)
        self._views[named] = view
        if self._default == old:
            self._default = named
        self._write()
        return view

    def delete(self, name: str) -> None:
        """Forgets a view."""
        self._views.pop(name, None)
        if self._default == name:
            self._default = ""
        self._write()

    def set_default(self, name: str) -> None:
        """The list opens with this view from now on; empty for the layout it was left with."""
        self._default = name if name in self._views else ""
        self._write()

    def _checked(self, name: str) -> str:
        named = " ".join(name.split())
        if not named:
            raise Refused(["A view needs a name."])
        if len(named) > LONGEST_NAME:
            raise Refused([f"A name has at most {LONGEST_NAME} characters."])
        return named

    def _load(self) -> tuple[str, dict[str, SavedView]]:
        try:
            found = json.loads(str(self._store.value(self._key, "") or "{}"))
            kept, default = found.get("views", {}), str(found.get("default", ""))
            states = {str(name): self._read(text) for name, text in kept.items()}
            views = {name: SavedView(name, state) for name, state in states.items() if state is not None}
        except (ValueError, TypeError, AttributeError):
            return "", {}
        return (default if default in views else ""), views

    def _read(self, kept: Mapping[str, Any]) -> ListState | None:
        try:
            conditions = (read_condition(each, self._columns) for each in kept.get("conditions", ()))
            return ListState(
                self._known(layout_from_dict(kept["layout"])),
                str(kept.get("text", "")),
                str(kept.get("chip", "")),
                tuple(condition for condition in conditions if condition is not None),
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _known(self, layout: TableLayout) -> TableLayout:
        return replace(layout, sorts=tuple(sort for sort in layout.sorts if sort[0] in self._columns))

    def _write(self) -> None:
        kept = {
            view.name: {
                "layout": layout_to_dict(view.state.layout),
                "text": view.state.text,
                "chip": view.state.chip,
                "conditions": [condition.kept() for condition in view.state.conditions],
            }
            for view in self._views.values()
        }
        self._store.setValue(self._key, json.dumps({"default": self._default, "views": kept}, sort_keys=True))
