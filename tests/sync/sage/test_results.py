"""Sage's journal and rejected records, read with distrust: nothing is guessed, nothing raises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.results import LONGEST, parse_journal, parse_rejects

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


@given(st.binary(max_size=400))
def test_no_bytes_make_the_readers_raise(data: bytes) -> None:
    parse_journal(data)
    parse_rejects(data)
    parse_journal(PRINTED[: len(data)] + data)
