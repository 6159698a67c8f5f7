"""Every layout's file against the stand-in Sage, another program with layouts of its own.

As written it is accepted and its totals arrive; with any two neighbouring fields swapped it is rejected, or what Sage
then holds shows it.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.sync.sage.layouts import NAMES, Layout, load_layout
from erpdesk.sync.sage.manifest import Manifest
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.results import parse_journal
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, post_entries, post_invoices, run_import
from erpdesk.sync.sandbox.spec import create_from_spec
from tests.sync.stand_in_files import DOCUMENTS, NEW_LINE, PROGRAM, spec_for

STAMPS = frozenset({"Operator_Stamp", "Date_Stamp", "Time_Stamp"})
BLANK, FLAGS, NEW = "both are blank", "both are 0", "a line that the commitment has leaves them blank"
ALIKE: dict[str, dict[tuple[str, int, int], str]] = {
    "jce": {
        ("C", 9, 10): BLANK,
        ("C", 10, 11): "Sage's sample has both blank, one with quotation marks",
        ("C", 11, 12): BLANK,
    },
    "jcc": {("C", 9, 10): FLAGS, ("CCO", 7, 8): BLANK, **{("CCOI", at, at + 1): NEW for at in (8, 9, 10, 11)}},
    "ap_fixed": {("APDF", 10, 11): BLANK, **{("APDF", at, at + 1): BLANK for at in (27, 28, 29, 30)}},
    "ap_variable": {
        ("APD", 2, 3): BLANK,
        **{("APD", at, at + 1): BLANK for at in (3, 4, 5, 8, 9, 16)},
    },
}
"""Neighbours that hold the same, so that no swap can show; every other pair must show."""


@dataclass(frozen=True)
class Outcome:
    """What Sage did with a file and what it holds after everything was posted."""

    accepted: bool
    held: tuple[object, ...]


def company_for(name: str, folder: Path) -> Path:
    company = create_from_spec(folder / name, spec_for(name))
    with company.changing() as connection:
        connection.execute("DELETE FROM TXM_MASTER__TAX_GROUP")
        connection.execute("INSERT INTO TXM_MASTER__TAX_GROUP (Tax_Group, Rate) VALUES ('WATAC', 8.7)")
    return folder / name


def outcome(layout: Layout, template: Path, lines: list[str], folder: Path) -> Outcome:
    """The file imported into a copy of the company, and posted."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    company = SandboxCompany(folder)
    program = PROGRAMS[PROGRAM[layout.name]]
    data = "".join(line + layout.line_end for line in lines).encode(layout.code_page)
    (company.imports / program.file).write_bytes(data)
    result = run_import(company, PROGRAM[layout.name])
    post_invoices(company)
    post_entries(company)
    accepted = not result.stopped and all(each.accepted for each in result.verdicts)
    return Outcome(accepted, held(company.data_file))


def held(data: Path) -> tuple[object, ...]:
    """Every row of every table, without the stamps of the clock."""
    with closing(sqlite3.connect(data)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        return tuple(
            (table, tuple(sorted(repr([row[key] for key in row.keys() if key not in STAMPS]) for row in rows)))  # noqa: SIM118
            for table in tables
            for rows in [connection.execute(f'SELECT * FROM "{table}"').fetchall()]
        )


def rows(name: str) -> list[list[str]]:
    """The fields of the written file with their quotation marks, each line filled up to its record with blanks."""
    layout = load_layout(name)
    found = []
    for line in Renderer(layout).preview(*DOCUMENTS[name]).lines:
        cells, cell, quoted = [], "", False
        for character in line:
            quoted ^= character == '"'
            if character == "," and not quoted:
                cells.append(cell)
                cell = ""
            else:
                cell += character
        cells.append(cell)
        width = len(layout.records[cells[0].strip('"')]) + 1
        found.append(cells + [""] * (width - len(cells)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_accepted_and_its_totals_arrive(name: str, tmp_path: Path) -> None:
    layout = load_layout(name)
    lines = list(Renderer(layout).preview(*DOCUMENTS[name]).lines)
    company = SandboxCompany(company_for(name, tmp_path))
    program = PROGRAMS[PROGRAM[name]]
    (company.imports / program.file).write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp1252"))
    assert layout.mailbox == program.file
    result = run_import(company, PROGRAM[name])
    assert not result.stopped and all(each.accepted for each in result.verdicts)
    assert not (company.imports / program.reject).exists()
    report = parse_journal((company.imports / program.print).read_bytes())
    assert report.ended and (report.read, report.rejected) == (len(lines), 0)
    wanted = sum((each.amount for each in DOCUMENTS[name]), Decimal(0))
    assert sum(each.amount or 0 for each in report.lines) == wanted
    if name == "jcc":
        sums = "SELECT SUM(Amount) + SUM(Approved_Commitment_CO_Amount) FROM JCM_MASTER__COMMITMENT"
        before = Decimal("91250.00")
    else:
        posted = post_invoices(company) if program.name == "import_ap" else post_entries(company)
        assert posted.amount == wanted and not posted.left and not posted.stopped
        invoices = "SELECT SUM(Amount) FROM APM_MASTER__INVOICE"
        sums = invoices if program.name == "import_ap" else "SELECT SUM(Amount) FROM JCT_CURRENT__TRANSACTION"
        before = Decimal(0)
    with closing(sqlite3.connect(company.data_file)) as connection:
        assert round(Decimal(connection.execute(sums).fetchone()[0]), 2) == wanted + before
    manifest = Manifest.of(layout, DOCUMENTS[name], (company.imports / program.file).read_bytes())
    assert sum(manifest.records.values()) == len(lines)


@pytest.mark.parametrize("name", NAMES)
def test_two_swapped_fields_show(name: str, tmp_path: Path) -> None:
    layout, template = load_layout(name), company_for(name, tmp_path)
    written = rows(name)
    right = outcome(layout, template, [",".join(each) for each in written], tmp_path / "copy")
    assert right.accepted
    silent, tried = set(), 0
    for letters in dict.fromkeys(each[0].strip('"') for each in written):
        for at in range(2, len(layout.records[letters]) + 1):
            swapped = [list(each) for each in written]
            for each in swapped:
                if each[0].strip('"') == letters:
                    each[at - 1], each[at] = each[at], each[at - 1]
            tried += 1
            found = outcome(layout, template, [",".join(each) for each in swapped], tmp_path / "copy")
            if found.accepted and found.held == right.held:
                silent.add((letters, at, at + 1))
    assert silent == set(ALIKE.get(name, {}))
    assert tried == sum(len(layout.records[letters]) - 1 for letters in {each[0].strip('"') for each in written})


def test_the_fields_of_a_new_line_are_none_that_the_stand_in_knows(tmp_path: Path) -> None:
    """Their order is inferred: the stand-in must never agree with the writer on it by chance."""
    layout, template = load_layout("jcc"), company_for("jcc", tmp_path)
    seen = Renderer(layout).preview(NEW_LINE)
    assert seen.open_fields and not outcome(layout, template, list(seen.lines), tmp_path / "copy").accepted
