"""Sage's journal and rejected records, read with distrust: nothing is guessed, nothing raises."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.layouts import NAMES, load_layout
from erpdesk.sync.sage.render import MappedLine, Renderer
from erpdesk.sync.sage.results import LONGEST, Returned, parse_journal, parse_rejects, split_rejects
from erpdesk.workflows.documents import InvoiceFile
from tests.sync.stand_in_files import DOCUMENTS

PRINTED = b"""Harbor Point Builders\r
Job Cost   Import POs/Commitments   11/24/2026 09:14 AM\r
\r
  Line    1  C     SC-01         Accepted   248500.00\r
  Line    3  C     SC-02         Rejected: line 4 of the same document was rejected.\r
  Line    4  CI    SC-02         Rejected: category SUB does not exist in job 21-001\r
  Line    5  C     SC-03         Rejected: commitment SC-03 already exists.\r
\r
Records read 5   accepted 2   rejected 3\r
"""


def test_a_journal_line_by_line() -> None:
    report = parse_journal(PRINTED)
    assert report.ended and (report.read, report.accepted, report.rejected) == (5, 2, 3)
    assert report.about("SC-01")[0].amount == Decimal("248500.00") and report.reason("SC-01") == ""
    assert report.reason("sc-02 ") == "Category SUB does not exist in job 21-001."
    assert report.exists_already("SC-03") and not report.exists_already("SC-02")
    assert report.about("SC-0") == ()


def test_a_stopped_import_says_why() -> None:
    report = parse_journal(b"Harbor\r\nImport stopped: all licences are in use.\r\n")
    assert report.ended and report.stopped == "all licences are in use."
    assert parse_journal(b"Import stopped:\r\n").stopped == "Sage gave no reason."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PRINTED[:-45],
        PRINTED.replace(b"accepted 2", b"accepted 9"),
        b"\x00\xff" * 50,
        b"Records read 1   accepted 1   rejected 0 x",
        b"  Line 1  CI  SC-1  Accepted  1,2.00\r\nRecords read 1   accepted 1   rejected 0\r\n",
        b"  Line 1  CI  SC-1  Perhaps\r\nRecords read 1   accepted 1   rejected 0\r\n",
        b" " * (LONGEST + 1),
    ],
)
def test_a_journal_that_is_cut_or_garbled_has_not_ended(data: bytes) -> None:
    assert not parse_journal(data).ended


def test_rejected_records_have_the_form_of_the_import_file() -> None:
    records = parse_rejects(b'"C","SC-02",1,"Steel, 2nd","STEELCO",11/24/2026\r\n"CI","SC-02",1,"x"\r\n\r\n')
    assert [(record.letters, record.commitment, record.sound) for record in records] == [
        ("C", "SC-02", True),
        ("CI", "SC-02", True),
    ]
    assert records[0].fields[3] == "Steel, 2nd"


@pytest.mark.parametrize("line", [b'"C","SC-02', b'"C"x,"SC-02"', b'C,SC"02', b'"C","SC\x81"', b'"C",' + b"1," * 3000])
def test_a_rejected_record_that_makes_no_sense_says_so(line: bytes) -> None:
    assert not parse_rejects(line)[0].sound


def test_every_kind_of_record_has_its_journal_lines() -> None:
    report = parse_journal(
        b"  Line    1  *     14-500        Accepted\r\n"
        b"  Line    2  C     14-500        Accepted   1,250,000.00\r\n"
        b"  Line    3  APTXF A-2           Rejected: no such group\r\n"
        b"  Line    4  GL                  Accepted   -12.40\r\n"
        b"Records read 4   accepted 3   rejected 1\r\n"
    )
    assert report.ended
    assert [(each.letters, each.commitment, each.amount) for each in report.lines] == [
        ("*", "14-500", None),
        ("C", "14-500", Decimal("1250000.00")),
        ("APTXF", "A-2", None),
        ("GL", "", Decimal("-12.40")),
    ]


def sent(name: str) -> tuple[bytes, tuple[MappedLine, ...]]:
    renderer = Renderer(load_layout(name))
    return renderer.preview(*DOCUMENTS[name]).data, renderer.line_map(*DOCUMENTS[name])


def told(found: tuple[Returned, ...]) -> list[tuple[tuple[str, str] | None, tuple[int, ...]]]:
    return [(each.document, each.lines) for each in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_that_comes_back_goes_to_its_documents_line_by_line(name: str) -> None:
    data, mapped = sent(name)
    found = split_rejects(data, data, mapped)
    assert told(found) == [((each.sage_id, each.part), (each.line,)) for each in mapped]


def test_rejected_records_are_told_apart_by_the_ids_they_carry() -> None:
    data, mapped = sent("jcc")
    back = (
        b'"CCOI","s-7001 ","C1",2,"Changed in Sage",20,9.99\r\n"CI","PO-801",1,"x"\r\n"CI","PO-999",1,"x"\r\n"CI","PO'
    )
    assert told(split_rejects(back, data, mapped)) == [
        (("S-7001", "C1"), (6,)),
        (("PO-801", ""), (2,)),
        (None, ()),
        (None, ()),
    ]


def test_an_invoices_line_goes_with_the_header_above_it_when_two_invoices_share_it() -> None:
    (first,) = DOCUMENTS["ap_fixed"]
    assert isinstance(first, InvoiceFile)
    second = replace(first, invoice="A-3")
    renderer = Renderer(load_layout("ap_fixed"))
    data, mapped = renderer.preview(first, second).data, renderer.line_map(first, second)
    lines = data.splitlines(keepends=True)
    assert told(split_rejects(lines[2] + lines[3], data, mapped)) == [
        (("STEELCO", "A-3"), (3,)),
        (("STEELCO", "A-3"), (4,)),
    ]
    assert told(split_rejects(lines[3], data, mapped)) == [(None, (2, 4))]


def test_an_estimates_line_is_told_by_the_line_map_alone() -> None:
    data, mapped = sent("jce")
    lines = data.splitlines(keepends=True)
    assert told(split_rejects(lines[3], data, mapped)) == [(("14-500", ""), (4,))]
    assert told(split_rejects(lines[3].replace(b"700.25", b"700.26"), data, mapped)) == [(None, ())]


@given(st.binary(max_size=400))
def test_no_bytes_make_the_readers_raise(data: bytes) -> None:
    parse_journal(data)
    parse_rejects(data)
    for name in ("jcc", "jce", "ap_fixed"):
        split_rejects(data, *sent(name))
        split_rejects(sent(name)[0], data, sent(name)[1])
    parse_journal(PRINTED[: len(data)] + data)
