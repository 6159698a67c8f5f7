"""The layouts as they are at this site: shipped or in the order that the site pasted, with what it confirmed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from erpdesk.core.errors import ForPeople
from erpdesk.paths import resources
from erpdesk.sync.sage.layout_forms import form_of, used
from erpdesk.sync.sage.layouts import NAMES, Field, Layout, Site, load_layout
from erpdesk.sync.sage.pasted_order import Pasted, PastedField, plain, read_order, short, write_field
from erpdesk.sync.sage.render import JccPreview, MappedLine
from erpdesk.workflows.documents import Document
from erpdesk.workflows.layout_ports import LayoutForm, PastedOrder, SiteWord
from erpdesk.workflows.ports import Preview

SOURCES = "sources"
_NUMBERS = frozenset({"number", "whole"})
# What Sage prints of a field, and the kinds of erpdesk's fields that fit it; a code word may be printed as either.
_FITTING = {
    "date": frozenset({"date"}),
    "number": _NUMBERS | {"word"},
    "text": frozenset({"text", "id", "flag", "word"}),
    "flag": frozenset({"text", "id", "flag", "word"}),
}
_PRINTED = {"date": "a date", "number": "a number", "text": "a text", "flag": "a yes or no"}


@lru_cache(maxsize=8)
def aliases(folder: Path | None = None) -> Mapping[str, Mapping[str, object]]:
    """Other names of the fields, by layout; raises ForPeople when the file cannot be read."""
    path = (folder or resources() / "sage") / "layout_aliases.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return {name: dict(table) for name, table in raw.items()}
    except (OSError, ValueError, TypeError) as error:
        raise ForPeople(
            f"The names of fields ({path.name}) cannot be read: {error}.",
            kept="Nothing was changed.",
            next_step="Install erpdesk again, or put the file back.",
        ) from error


@dataclass
class Understood:
    """What a pasted order means for a layout: labels and printed sizes by record, and everything that is doubtful."""

    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: dict[tuple[str, str], PastedField] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    text: str = ""


def understand(layout: Layout, text: str) -> Understood:
    """Matches a pasted order with the fields that the layout knows; never raises."""
    pasted = read_order(text, tuple(layout.records))
    found = Understood(unknown=list(pasted.odd), refusals=list(pasted.wrong))
    if found.refusals:
        return found
    for letters in layout.records:
        if letters in pasted.records:
            _match(layout, letters, pasted, found)
    found.text = _canonical(layout, pasted, found)
    return found


class SiteShelf:
    """Every layout in the site's style (``LayoutShelf``); ``site`` holds date style, separators and limits."""

    def __init__(self, site: Site | None = None, folder: Path | None = None) -> None:
        self._site = site or Site()
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """Every layout there is."""
        return NAMES

    def form(self, name: str, site: str = "") -> LayoutForm:
        """A layout in this site's canonical order, or as shipped (""); raises ForPeople when it is unreadable."""
        return self._form(self.layout(name, SiteWord(site)))

    def pasted(self, name: str, text: str) -> PastedOrder:
        """Reads an order that a person pasted; raises nothing but ForPeople, whatever the text holds."""
        understood = understand(self._shipped(name), text)
        unknown, left_out = tuple(understood.unknown), tuple(understood.left_out)
        if understood.refusals:
            return PastedOrder("", None, unknown, left_out, tuple(dict.fromkeys(understood.refusals)))
        form = self._form(self.layout(name, SiteWord(understood.text)))
        return PastedOrder(understood.text, form, unknown, left_out)

    def layout(self, name: str, word: SiteWord) -> Layout:
        """A layout as it is written at this site; raises ForPeople when the stored order does not fit it any more."""
        layout = self._shipped(name)
        if word.text:
            understood = understand(layout, word.text)
            if understood.refusals:
                raise ForPeople(
                    f"The field order of this site for {layout.title} cannot be used: {understood.refusals[0]}",
                    kept="Nothing was written.",
                    next_step="Paste Sage’s own order again in Layouts, or go back to the shipped order.",
                )
            layout = load_layout(name, site=replace(self._site, orders=understood.orders), folder=self._folder)
            layout = _narrowed(layout, understood)
        orders = {each.letters: each.order_sha for each in self._form(layout).records}
        return replace(layout, confirmed=word.holds(orders))

    def _shipped(self, name: str) -> Layout:
        return load_layout(name, site=self._site, folder=self._folder)

    def _form(self, layout: Layout) -> LayoutForm:
        sources = aliases().get(SOURCES, {})
        return form_of(layout, {name: str(words) for name, words in sources.items()})


class SitePreview(JccPreview):
    """Makes commitment import files by what the site says of the layout at this very moment (``SagePreview``).

    ``word`` asks the store each time, so that a confirmation, a withdrawal or another order counts without a restart.
    """

    def __init__(self, shelf: SiteShelf, word: Callable[[str], SiteWord], name: str = "jcc") -> None:
        super().__init__(shelf.layout(name, SiteWord()))
        self._shelf, self._word, self._name = shelf, word, name
        self._last: tuple[SiteWord, JccPreview] = (SiteWord(), JccPreview(self.layout))

    def preview(self, snapshot: Document, *more: Document) -> Preview:
        """The file as the layout stands now; an order that cannot be used any more is a refusal."""
        try:
            return self._now().preview(snapshot, *more)
        except ForPeople as problem:
            return Preview((), b"", "", (str(problem),))

    def line_map(self, snapshot: Document, *more: Document) -> tuple[MappedLine, ...]:
        """Which record each line of the file stands for."""
        return self._now().line_map(snapshot, *more)

    def warnings(self, snapshot: Document, *more: Document) -> tuple[str, ...]:
        """Figures past a limit on which Sage's sources disagree."""
        return self._now().warnings(snapshot, *more)

    def current(self) -> Layout:
        """The layout as the site says at this moment."""
        return self._now().layout

    def _now(self) -> JccPreview:
        word = self._word(self._name)
        known, made = self._last
        if word != known:
            # One assignment of a whole pair: threads see the old one or the new one, never a mixture.
            made = JccPreview(self._shelf.layout(self._name, word))
            self._last = (word, made)
        return made


def _match(layout: Layout, letters: str, pasted: Pasted, found: Understood) -> None:
    names = _names(layout, letters)
    labels: list[str] = []
    taken: dict[str, int] = {}
    for position, one in enumerate(pasted.records[letters], 2):
        known = None if one.blank else names.get(plain(one.name))
        where = f"{letters} field {position} (“{short(one.name)}”)"
        if known is None:
            labels.append("")
            if one.required:
                found.refusals.append(f"{where} is required by Sage, and erpdesk has nothing to fill it with.")
            elif not one.blank:
                found.unknown.append(f"{where} is not known to erpdesk and is left blank.")
            continue
        if known.label in taken:
            found.refusals.append(f"{where} means the same as field {taken[known.label]}: the {known.label}.")
            continue
        if one.kind and known.kind not in _FITTING[one.kind]:
            found.refusals.append(f"{where} is {_PRINTED[one.kind]} in Sage, but erpdesk’s {known.label} is none.")
        taken[known.label] = position
        labels.append(known.label)
        found.sizes[letters, known.label] = one
    while labels and not labels[-1]:
        labels.pop()
    left_out = []
    for each in layout.known(letters):
        if each.label in taken or not used(each):
            continue
        if each.required or each.value not in ("", "0"):
            found.refusals.append(f"The order of the {letters} record lacks the {each.label}, which Sage needs.")
        elif each in layout.records[letters]:
            left_out.append(each.label)
    if left_out:
        found.left_out.append(
            f"{letters}: no place for {', '.join(left_out)}; a document that carries one of these is refused."
        )
    found.orders[letters] = tuple(labels)


def _names(layout: Layout, letters: str) -> dict[str, Field]:
    """Every name that stands for one field of a record and for no other; a label comes before another one's alias."""
    fields = [each for each in layout.known(letters) if used(each)]
    names: dict[str, Field | None] = {}
    for table in aliases():
        if table != "all" and layout.name != table and not layout.name.startswith(f"{table}_"):
            continue
        for each in fields:
            for other in _strings(aliases()[table].get(each.label)):
                held = names.get(plain(other), each)
                names[plain(other)] = each if held is each else None
    own = {plain(each.label): each for each in fields}
    return {name: each for name, each in {**names, **own}.items() if each is not None}


def _strings(given: object) -> tuple[str, ...]:
    return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else ()


def _narrowed(layout: Layout, understood: Understood) -> Layout:
    """The layout with the sizes that Sage printed, where they are smaller than the ones erpdesk knows."""

    def narrow(letters: str, one: Field) -> Field:
        printed = understood.sizes.get((letters, one.label))
        if printed is None:
            return one
        width, decimals = one.width, one.decimals
        if printed.width and (one.quoted or one.kind in _NUMBERS):
            width = min(printed.width, width or printed.width)
        if printed.decimals is not None and one.kind == "number":
            decimals = min(printed.decimals, decimals)
        return replace(one, width=width, decimals=decimals, show=min(one.show, decimals))

    records = {letters: tuple(narrow(letters, each) for each in fields) for letters, fields in layout.records.items()}
    return replace(layout, records=records)


def _canonical(layout: Layout, pasted: Pasted, found: Understood) -> str:
    """The order as it is kept: a record's letters, then a numbered line for each field."""
    parts: list[str] = []
    for letters in layout.records:
        if letters in found.orders:
            labels = found.orders[letters]
            parts += [letters, "1  Record ID"]
            for at, (one, label) in enumerate(zip(pasted.records[letters], labels, strict=False), 2):
                parts.append(write_field(at, replace(one, name=label) if label else replace(one, required=False)))
    return "\n".join(parts)
