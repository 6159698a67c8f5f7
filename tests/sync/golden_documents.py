"""The files of the golden cases as the documents that a writer would be asked for, by the published field orders."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from erpdesk.workflows.documents import (
    Address,
    ChangeLine,
    Commitment,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
    LineTerms,
    Terms,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

GOLDEN = Path(__file__).parents[1] / "golden" / "sage"
Row = list[str]


@dataclass(frozen=True)
class Wanted:
    """One document of a golden file: its lines there, their verdicts, and what the case says of a writer."""

    case: str
    file: str
    layout: str
    style: str
    numbers: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    document: Document
    verdicts: frozenset[str]
    writer: str
    order: dict[str, tuple[str, ...]]


def split(line: str) -> Row:
    """The fields of a line whose texts may hold commas and doubled quotation marks."""
    cells, quoted, cell = [], False, ""
    for character in line:
        if character == '"':
            quoted = not quoted
            cell += '"' if quoted and cell else ""
        elif character == "," and not quoted:
            cells.append(cell)
            cell = ""
        else:
            cell += character
    return [*cells, cell]


def wanted() -> Iterator[Wanted]:
    """Every document of every golden file; an estimate gives its accepted lines, and each refused one by itself."""
    for case in sorted(path for path in GOLDEN.iterdir() if path.is_dir() and (path / "expect.toml").exists()):
        expected = tomllib.loads((case / "expect.toml").read_text("utf-8"))
        company = tomllib.loads((case / "company.toml").read_text("utf-8"))
        for step in expected["step"]:
            # A file that a case reads by the wrong order holds no documents.
            if "file" in step and all(each.get("reason") != "layout_mismatch" for each in step["record"]):
                yield from _File(case, company, step).documents()


def _span(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


class _File:
    def __init__(self, case: Path, company: dict[str, Any], step: dict[str, Any]) -> None:
        self.case, self.company, self.step = case.name, company, step
        self.style = company["settings"]["date_format"]
        text = (case / step["file"]).read_bytes().decode("cp1252")
        self.rows = {at: split(line) for at, line in enumerate(text.split("\r\n"), 1) if line}
        self.records = {at: record for record in step["record"] for at in _span(record["lines"])}
        named = company.get("layouts", {}).get(step.get("layout", "default"), {})
        self.order = {letters: tuple(names) for letters, names in named.items()}

    def documents(self) -> Iterator[Wanted]:
        do = self.step["do"]
        if do == "import_estimates":
            yield from self._estimates()
        elif do == "import_direct_costs":
            lines = [at for at in self.rows if self.records[at]["verdict"] == "accepted"]
            costs = tuple(_cost(self.rows[at], self.style) for at in lines)
            yield self._wanted("dc", lines, DirectCosts("batch", costs))
        else:
            heads = [at for at, row in self.rows.items() if row[0] in ("C", "CCO", "APIF", "API")]
            for head, end in zip(heads, [*heads[1:], max(self.rows) + 1], strict=True):
                lines = [at for at in self.rows if head <= at < end]
                yield self._headed(lines)

    def _estimates(self) -> Iterator[Wanted]:
        jobs = [at for at, row in self.rows.items() if row[0] == "*"]
        for job, end in zip(jobs, [*jobs[1:], max(self.rows) + 1], strict=True):
            below = [at for at in self.rows if job < at < end]
            extras = {self.rows[at][1]: self.rows[at][2] for at in below if self.rows[at][0] == "E"}
            good = [at for at in below if self.records[at]["verdict"] == "accepted"]
            kept = [at for at in good if self.rows[at][0] == "C"]
            asked = [(kept, [job, *good], extras)]
            asked += [([at], [at], {}) for at in below if "writer" in self.records[at]]
            for lines, numbers, named in asked:
                made = tuple(_estimate_line(self.rows[at]) for at in lines)
                yield self._wanted("jce", numbers, EstimateFile(self.rows[job][1], self.rows[job][2], made, named))

    def _headed(self, lines: list[int]) -> Wanted:
        head, *below = [self.rows[at] for at in lines]
        if head[0] == "C":
            return self._wanted("jcc", lines, _commitment(head, below, self.style))
        if head[0] == "CCO":
            return self._wanted("jcc", lines, self._change(head, below))
        name = "ap_fixed" if head[0] == "APIF" else "ap_variable_minimal"
        return self._wanted(name, lines, self._invoice(head, below))

    def _change(self, head: Row, below: list[Row]) -> CommitmentChange:
        items = {
            (held["id"], item["number"]): item
            for held in self.company.get("commitment", ())
            for item in held.get("item", ())
        }
        lines = []
        for row in below:
            row = row + [""] * (12 - len(row))
            item = items.get((row[1], int(row[3])))
            cost = Decimal(item["unit_cost"]) if item else None
            new = item is None and bool(row[7])
            made = ChangeLine(int(row[3]), row[4], _number(row[6]), _number(row[5]), cost or None, new, *row[7:11])
            lines.append(replace(made, unit_cost=_number(row[11])) if new else made)
        status = "Approved" if head[8] == "5" else head[8]
        return CommitmentChange(head[1], head[2], head[3], _day(head[5], self.style), tuple(lines), status)

    def _invoice(self, head: Row, below: list[Row]) -> InvoiceFile:
        values = self._named(head)
        lines = tuple(Distribution(**self._named(row)) for row in below)
        return InvoiceFile(distributions=lines, **values)

    def _named(self, row: Row) -> dict[str, Any]:
        kinds: dict[str, Callable[[str], Any]] = {
            "amount": _number,
            "tax": _number,
            "retainage": _number,
            "commitment_line": int,
        }
        found: dict[str, Any] = {}
        for name, text in zip(self.order[row[0]][1:], row[1:], strict=True):
            if text and name == "exempt_1099":
                found[name] = text == "Y"
            elif text:
                dated = name.endswith("_date")
                found[name] = _day(text, self.style) if dated else kinds.get(name, str)(text)
        return found

    def _wanted(self, layout: str, lines: list[int], document: Document) -> Wanted:
        verdicts = frozenset(self.records[at]["verdict"] for at in lines)
        writer = " ".join(dict.fromkeys(self.records[at]["writer"] for at in lines if "writer" in self.records[at]))
        rows = tuple(tuple(self.rows[at]) for at in lines)
        name = f"{self.step['file']}{self.step.get('layout', '')}"
        return Wanted(self.case, name, layout, self.style, tuple(lines), rows, document, verdicts, writer, self.order)


def _number(text: str) -> Any:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def _day(text: str, style: str) -> Any:
    try:
        form = style.replace("mm", "%m").replace("dd", "%d").replace("yyyy", "%Y")
        return datetime.strptime(text, form).date()  # noqa: DTZ007
    except ValueError:
        return text


def _estimate_line(row: Row) -> EstimateLine:
    row = row + [""] * (13 - len(row))
    day: date = _day(row[4], "mmddyyyy")
    return EstimateLine(row[1].strip(), row[3], day, _number(row[7]), _number(row[5]), row[6], row[2].strip(), row[12])


def _commitment(head: Row, below: list[Row], style: str) -> Commitment:
    head = head + [""] * (24 - len(head))
    lines, terms = [], {}
    for row in below:
        row = row + [""] * (17 - len(row))
        number = int(row[2])
        lines.append(
            LineSnapshot(
                number, row[3], row[8], row[9], row[10], _number(row[13]), row[15], _number(row[14]), _number(row[16])
            )
        )
        terms[number] = LineTerms(_number(row[4]), None, row[11], _number(row[12]))
    kind = {"1": "Subcontract", "2": "Purchase order"}[head[2]]
    snapshot = CommitmentSnapshot(
        head[1], kind, head[3], head[4], below[0][7], _day(head[5], style), Decimal(head[6]), tuple(lines)
    )
    by, paid, via, fob = head[20:24]
    return Commitment(snapshot, Terms(Address(*head[10:15]), Address(*head[15:20]), by, paid, via, fob, terms))


def _cost(row: Row, style: str) -> DirectCost:
    row = row + [""] * (14 - len(row))
    return DirectCost(
        job=row[1],
        extra=row[2],
        cost_code=row[3],
        category=row[4],
        transaction_date=_day(row[6], style),
        accounting_date=_day(row[7], style),
        description=row[8],
        quantity=_number(row[9]),
        unit_cost=_number(row[10]),
        amount=_number(row[11]),
        debit_account=row[12],
        credit_account=row[13],
    )
