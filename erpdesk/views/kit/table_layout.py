"""Which columns a person sees, how wide, in which order and sorted by what, remembered by key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol


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
    """A layout by column keys; a key that is not declared any more is passed over, a new column stands as declared."""

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    widths: dict[str, int] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False


def load_layout(store: LayoutStore, name: str) -> TableLayout | None:
    """The stored layout of a list; None when there is none or it cannot be read."""
    try:
        found = json.loads(str(store.value(f"tables/{name}", "") or "null"))
        return TableLayout(
            order=tuple(str(key) for key in found["order"]),
            hidden=tuple(str(key) for key in found["hidden"]),
            shown=tuple(str(key) for key in found["shown"]),
            widths={str(key): int(width) for key, width in found["widths"].items() if int(width) > 0},
            sort=str(found["sort"]),
            descending=bool(found["descending"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def save_layout(store: LayoutStore, name: str, layout: TableLayout) -> None:
    """Stores the layout of a list."""
    kept = {key: getattr(layout, key) for key in TableLayout.__dataclass_fields__}
    store.setValue(f"tables/{name}", json.dumps(kept, sort_keys=True))
