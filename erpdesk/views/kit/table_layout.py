"""Which columns a person sees, how wide, in which order and sorted by what, remembered by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from erpdesk.core.lists import Sorts

__all__ = ["LayoutStore", "MemoryStore", "Sorts", "TableLayout", "load_layout", "save_layout"]


class LayoutStore(Protocol):
    """Where layouts are kept: ``QSettings`` fits."""

    def value(self, key: str, default: Any = None, /) -> Any:
        """What was stored under the key."""

    def setValue(self, key: str, value: Any, /) -> None:
        """Stores under the key."""


class MemoryStore:
    """A store that forgets with the program."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def value(self, key: str, default: Any = None, /) -> Any:
        """What was stored under the key."""
        return self.kept.get(key, default)

    def setValue(self, key: str, value: Any, /) -> None:
        """Stores under the key."""
        self.kept[key] = value


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A layout by column keys; a key that is not declared any more is passed over, a new column stands as declared.

    ``locked`` columns stand first and stay in sight while the list is scrolled sideways.
    """

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    widths: dict[str, int] = field(default_factory=dict)
    sorts: Sorts = ()
    locked: tuple[str, ...] = ()


def layout_to_dict(layout: TableLayout) -> dict[str, Any]:
    """A layout as JSON can hold it."""
    return {key: getattr(layout, key) for key in TableLayout.__dataclass_fields__}


def layout_from_dict(found: Mapping[str, Any]) -> TableLayout:
    """The layout that ``layout_to_dict`` wrote; raises ValueError, TypeError, KeyError or AttributeError otherwise."""
    return TableLayout(
        order=tuple(str(key) for key in found["order"]),
        hidden=tuple(str(key) for key in found["hidden"]),
        shown=tuple(str(key) for key in found["shown"]),
        widths={str(key): int(width) for key, width in found["widths"].items() if int(width) > 0},
        sorts=tuple((str(key), bool(descending)) for key, descending in found.get("sorts", ())),
        locked=tuple(str(key) for key in found.get("locked", ())),
    )


def load_layout(store: LayoutStore, name: str) -> TableLayout | None:
    """The stored layout of a list; None when there is none or it cannot be read."""
    try:
        return layout_from_dict(json.loads(str(store.value(f"tables/{name}", "") or "null")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def save_layout(store: LayoutStore, name: str, layout: TableLayout) -> None:
    """Stores the layout of a list."""
    store.setValue(f"tables/{name}", json.dumps(layout_to_dict(layout), sort_keys=True))
