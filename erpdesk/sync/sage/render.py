"""Documents as the bytes of Sage's import file, or the sentences that say why there can be no file.

Nothing is shortened, rounded or replaced: a value that does not fit is refused before a file exists (P5, P18).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from erpdesk.core.money import show_amount
from erpdesk.sync.sage.layouts import Layout, RecordType, load_layout
from erpdesk.sync.sage.render_cells import cell, empty, sound
from erpdesk.sync.sage.render_checks import together, whole
from erpdesk.sync.sage.render_records import Record, in_file_order, name_of, records
from erpdesk.workflows.documents import Document, EstimateFile
from erpdesk.workflows.ports import Preview


@dataclass(frozen=True)
class MappedLine:
    """Which record of the file stands for which line of a document (number 0 = the document itself).

    ``sage_id`` and ``part`` name the document: commitment (and change order), vendor and invoice, job, or batch.
    """

    line: int
    letters: str
    sage_id: str
    number: int
    part: str = ""


class Renderer:
    """Makes import files by a layout; the same documents always give the same bytes (``SagePreview``)."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def current(self) -> Layout:
        """The layout by which the next file would be made."""
        return self.layout

    def preview(self, snapshot: Document, *more: Document) -> Preview:
        """The lines, bytes and sha256 of the file, and the used fields that are open at this site.

        With refusals there are no bytes, and no value makes it raise. Of several documents, refusals name theirs.
        """
        documents = in_file_order((snapshot, *more))
        lines: list[str] = []
        refusals: list[str] = []
        used: dict[str, set[int]] = {}
        for document in documents:
            found: list[str] = []
            for record in records(document, self.layout):
                text, positions, reasons = self._line(record)
                lines.append(text)
                used.setdefault(record.letters, set()).update(positions)
                found += [_sentence(record.where, reason) for reason in reasons]
            found += whole(document)
            refusals += [f"{name_of(document)}: {_lower(each)}" if more else each for each in found]
        refusals += together(documents)
        open_fields = self.layout.open_fields(used)
        if refusals:
            return Preview(tuple(lines), b"", "", tuple(dict.fromkeys(refusals)), open_fields)
        end = self.layout.line_end
        data = "".join(line + end for line in lines).encode(self.layout.code_page)
        return Preview(tuple(lines), data, hashlib.sha256(data).hexdigest(), (), open_fields)

    def line_map(self, snapshot: Document, *more: Document) -> tuple[MappedLine, ...]:
        """Which record each line of the file stands for, so that a rejected line can be told apart."""
        return tuple(
            MappedLine(at, each.letters, each.sage_id, each.number, each.part)
            for at, each in enumerate(self._records((snapshot, *more)), 1)
        )

    def warnings(self, snapshot: Document, *more: Document) -> tuple[str, ...]:
        """Figures past a limit on which Sage's sources disagree: worth a look, but no reason to stop."""
        found = []
        for record in self._records((snapshot, *more)):
            for field in self.layout.records.get(record.letters, ()):
                limit, value = self.layout.limit_of(field), record.values.get(field.source)
                if not limit or limit.hard or not isinstance(value, Decimal) or not sound(value):
                    continue
                if abs(value) > limit.most:
                    over = f"the {field.label} {show_amount(value)} is over {show_amount(limit.most)}, "
                    found.append(
                        _sentence(record.where, over + "which some Sage installations do not take in one line.")
                    )
        return tuple(found)

    def record_type(self, document: Document) -> RecordType:
        """What kind of record the document is: what a person ticks for it, and what a second import would do."""
        letters = {each.letters for each in records(document, self.layout)}
        kinds = self.layout.record_types
        fitting = [each for each in kinds if letters & set(each.letters)] or list(kinds)
        # A budget and an approved change have the same records; only what is ticked differs.
        changes = isinstance(document, EstimateFile) and document.approved_change
        return fitting[-1 if changes else 0]

    def _records(self, documents: tuple[Document, ...]) -> Iterator[Record]:
        for document in in_file_order(documents):
            yield from records(document, self.layout)

    def _line(self, record: Record) -> tuple[str, set[int], list[str]]:
        """The text of a record, the positions that carry a value, and what is wrong with it."""
        fields = self.layout.records.get(record.letters)
        if not fields:
            return f'"{record.letters}"', set(), [self._no_record(record.letters)]
        cells, used, reasons = [f'"{record.letters}"'], set(), []
        for at, field in enumerate(fields, 2):
            text, wrong = cell(self.layout, field, record.values)
            cells.append(text)
            reasons += wrong
            if not empty(record.values.get(field.source) if field.source else field.value):
                used.add(at)
        sources = {field.source for field in fields}
        for name, value in record.values.items():
            # A value without a place would be lost without a word.
            if name not in sources and not empty(value) and not _zero(value):
                reasons.append(f"{self.layout.title} has no place for the {name.replace('_', ' ')} {value}. Clear it.")
        last = max(self.layout.always.get(record.letters, 1), *used, 1)
        return self.layout.separator.join(cells[:last]), used, reasons

    def _no_record(self, letters: str) -> str:
        if letters not in self.layout.records:
            return f"{self.layout.title} has no record {letters}. Choose another layout."
        return (
            f"the order of the record {letters} is not known. Give the order that Sage prints "
            f"({self.layout.menu}), or leave these values out."
        )


class JccPreview(Renderer):
    """Makes commitment import files; the same commitment always gives the same bytes (``SagePreview``)."""

    def __init__(self, layout: Layout | None = None) -> None:
        super().__init__(layout or load_layout("jcc"))


def _sentence(where: str, reason: str) -> str:
    return f"{where}{reason}" if where else reason[:1].upper() + reason[1:]


def _zero(value: object) -> bool:
    return isinstance(value, Decimal) and sound(value) and not value


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
