"""What the acts on layouts need from above: the forms of the import files, and the reading of a pasted field order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FormField:
    """One field of a record as people look at it; ``position`` counts from 1 with the record's letters as the first.

    ``source`` says in words where its value comes from; ``used`` is False for a field that erpdesk always leaves blank.
    ``certain`` is False when the place is not known for this site, by its mark or since it differs from site to site.
    """

    position: int
    label: str
    kind: str
    width: int
    decimals: int
    required: bool
    source: str
    used: bool
    mark: str
    certain: bool
    settle: str


@dataclass(frozen=True)
class FormRecord:
    """One record of an import file with its fields in file order."""

    letters: str
    fields: tuple[FormField, ...]

    @property
    def order_sha(self) -> str:
        """The hash of the field order, which confirmations belong to: what stands where, and how it is written."""
        order = [
            [each.position, each.label, each.kind, each.width, each.decimals, each.source, each.used]
            for each in self.fields
        ]
        return hashlib.sha256(json.dumps([self.letters, order]).encode()).hexdigest()


@dataclass(frozen=True)
class LayoutForm:
    """An import file: where Sage imports it, its records, and the lines of a sample document."""

    name: str
    title: str
    menu: str
    records: tuple[FormRecord, ...]
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class PastedOrder:
    """A site's own field order as erpdesk understood it.

    ``text`` is its canonical form, ``unknown`` what was not understood and is left blank, ``left_out`` what Sage will
    not get any more; with ``refusals`` it cannot be used, and ``form`` is None.
    """

    text: str
    form: LayoutForm | None
    unknown: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


class LayoutShelf(Protocol):
    """The layouts that erpdesk ships, each as it is or in a site's own order."""

    def names(self) -> tuple[str, ...]:
        """Every layout there is."""
        ...

    def form(self, name: str, site: str = "") -> LayoutForm:
        """A layout in this site’s canonical order, or as shipped (""); raises ForPeople when it is unreadable."""
        ...

    def pasted(self, name: str, text: str) -> PastedOrder:
        """Reads an order that a person pasted; raises nothing but ForPeople, whatever the text holds."""
        ...


class EmptyShelf:
    """No layouts at all: a desk that was opened without them."""

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()

    def form(self, name: str, site: str = "") -> LayoutForm:
        """An empty layout."""
        return LayoutForm(name, name, "", ())

    def pasted(self, name: str, text: str) -> PastedOrder:
        """Nothing is understood."""
        return PastedOrder("", None, refusals=("There is no such layout.",))


@dataclass(frozen=True)
class SiteWord:
    """What the site said of one layout: its own order ('' = the shipped one), and the fields it confirmed.

    ``confirmed`` maps a record, a position and the hash of the order it belongs to.
    """

    text: str = ""
    confirmed: frozenset[tuple[str, int, str]] = frozenset()

    def holds(self, orders: Mapping[str, str]) -> frozenset[tuple[str, int]]:
        """The confirmed fields (record, position) that still apply to the orders in use, hash by record."""
        return frozenset((record, position) for record, position, sha in self.confirmed if orders.get(record) == sha)
