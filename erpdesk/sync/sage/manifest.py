"""What an import file holds, as a small file beside it: hash, counts, sums and IDs, to be checked at any later time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation

from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.layouts import Layout
from erpdesk.sync.sage.render_cells import sound
from erpdesk.sync.sage.render_records import in_file_order, name_of, records
from erpdesk.sync.sage.results import fields_of
from erpdesk.workflows.documents import Document

SUMMED = ("amount", "retainage", "tax", "quantity")
"""The values that are summed, for each kind of record that has a place for them."""


@dataclass(frozen=True)
class Manifest:
    """One import file in figures: sums as decimal text by letters and value, places of those values, documents."""

    layout: str
    version: int
    sha256: str
    size: int
    records: Mapping[str, int]
    totals: Mapping[str, Mapping[str, str]]
    places: Mapping[str, Mapping[str, int]]
    documents: tuple[str, ...]
    code_page: str
    date_style: str
    decimal: str = "."
    separator: str = ","
    confirmed: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, layout: Layout, documents: Document | tuple[Document, ...], data: bytes) -> Manifest:
        """The manifest of a rendered file: counts and sums are the documents', not the file's.

        Raises ForPeople when the file does not hold what its documents say: such a file must not leave.
        """
        given = in_file_order(documents if isinstance(documents, tuple) else (documents,))
        counts: Counter[str] = Counter()
        totals: dict[str, dict[str, Decimal]] = {}
        places: dict[str, dict[str, int]] = {}
        for document in given:
            for record in records(document, layout):
                counts[record.letters] += 1
                for name in SUMMED:
                    at = layout.position(record.letters, name)
                    if at:
                        places.setdefault(record.letters, {})[name] = at
                        value = record.values.get(name)
                        own = totals.setdefault(record.letters, {})
                        known = value if isinstance(value, Decimal) and sound(value) else Decimal(0)
                        own[name] = own.get(name, Decimal(0)) + known
        made = cls(
            layout.name,
            layout.version,
            hashlib.sha256(data).hexdigest(),
            len(data),
            dict(counts),
            {letters: {name: _plain(total) for name, total in own.items()} for letters, own in totals.items()},
            places,
            tuple(name_of(each) for each in given),
            layout.code_page,
            layout.date_style,
            layout.decimal,
            layout.separator,
            tuple(f"{letters} {at}" for letters, at in sorted(layout.confirmed)),
        )
        wrong = made.check(data)
        if wrong:
            raise ForPeople(
                f"The import file does not hold what was approved: {' '.join(wrong)}",
                kept="Nothing was sent to Sage.",
                next_step="Report this to the maker of erpdesk; the documents are unchanged.",
            )
        return made

    def text(self) -> str:
        """The manifest as the text of its file; the same manifest always gives the same text."""
        return json.dumps(asdict(self), sort_keys=True, indent=1, ensure_ascii=True) + "\n"

    @classmethod
    def read(cls, text: str) -> Manifest:
        """The manifest that ``text`` wrote; raises ValueError for anything else."""
        try:
            given = json.loads(text)
            lists = {name: tuple(map(str, given[name])) for name in ("documents", "confirmed")}
            made = cls(**{**given, **lists})
            texts = (made.layout, made.sha256, made.code_page, made.date_style, made.decimal, made.separator)
            counted = [*made.records.values(), *(at for own in made.places.values() for at in own.values())]
            sums = [total for own in made.totals.values() for total in own.values()]
            if not all(isinstance(each, str) for each in (*texts, *sums)) or not made.separator:
                raise TypeError("a text is none")
            if not all(isinstance(each, int) and each >= 0 for each in (made.version, made.size, *counted)):
                raise TypeError("a count is none")
            "".encode(made.code_page)
        except (TypeError, KeyError, AttributeError, LookupError, ValueError) as error:
            raise ValueError(f"not a manifest: {error}") from error
        return made

    def check(self, data: bytes) -> tuple[str, ...]:
        """What of a file is not as the manifest says, as sentences; empty means it is the same file. Never raises."""
        return tuple(self._differences(data))

    def _differences(self, data: bytes) -> Iterator[str]:
        if len(data) != self.size:
            yield f"The file has {len(data)} bytes, the manifest says {self.size}."
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            yield f"The file is another one: its hash is {found[:12]}, the manifest says {self.sha256[:12]}."
        counts: Counter[str] = Counter()
        totals: dict[tuple[str, str], Decimal] = {}
        for line in data.decode(self.code_page, "replace").split("\n"):
            if not line.strip():
                continue
            fields, _ = fields_of(line.rstrip("\r"), self.separator)
            letters = fields[0].strip()
            counts[letters] += 1
            for name, at in self.places.get(letters, {}).items():
                number = self._number(fields[at - 1] if at <= len(fields) else "")
                if number is None:
                    yield f"{letters}: the {name} {fields[at - 1][:40]!r} is not a number."
                else:
                    totals[letters, name] = totals.get((letters, name), Decimal(0)) + number
        for letters in sorted({*counts, *self.records}):
            if counts[letters] != self.records.get(letters, 0):
                yield f"The file has {counts[letters]} {letters} records, not {self.records.get(letters, 0)}."
        for letters, own in sorted(self.totals.items()):
            for name, total in sorted(own.items()):
                there = totals.get((letters, name), Decimal(0))
                if _plain(there) != total:
                    yield f"{letters}: the {name} sums to {_plain(there)}, not to {total}."

    def _number(self, text: str) -> Decimal | None:
        if not text.strip():
            return Decimal(0)
        try:
            number = Decimal(text.strip().replace(self.decimal, "."))
        except InvalidOperation:
            return None
        return number if sound(number) else None


def _plain(total: Decimal) -> str:
    """A sum as decimal text: at least two decimals, none that are needless."""
    whole, _, part = f"{total:.4f}".partition(".")
    text = f"{whole}.{part[:2]}{part[2:].rstrip('0')}"
    return text.lstrip("-") if not total else text
