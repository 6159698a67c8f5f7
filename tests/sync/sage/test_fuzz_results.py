"""No journal and no reject file can make the readers raise, or read a number that does not stand there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.sync.sage.layouts import NAMES, load_layout
from erpdesk.sync.sage.render import MappedLine, Renderer
from erpdesk.sync.sage.results import parse_journal, parse_rejects, split_rejects
from tests.corpus.journals import load_journals
from tests.sync.stand_in_files import DOCUMENTS

Sent = tuple[bytes, tuple[MappedLine, ...]]


def sent(name: str) -> Sent:
    renderer = Renderer(load_layout(name))
    return renderer.preview(*DOCUMENTS[name]).data, renderer.line_map(*DOCUMENTS[name])


SENT = {name: sent(name) for name in NAMES}
LINES = SENT["jcc"][0].splitlines(keepends=True)
SEEDS = [data for case in load_journals() if len(data := case.data(LINES)) < 3000]
PIECES = st.one_of(
    st.sampled_from(SEEDS),
    st.sampled_from([line for data in SEEDS for line in data.splitlines(keepends=True)] + LINES),
    st.sampled_from(
        [b"\r\n", b"\r", b"\n", b"\0", b'"', b",", b"  ", b"\x81", b"-", b".", b" Accepted ", b" Rejected: "]
    ),
    st.binary(max_size=12),
    st.integers(-(10**9), 10**9).map(lambda number: f"{number / 100:,.2f}".encode()),
    st.integers(0, 2100).map(lambda number: b" " * number),
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Pieces of real and spoilt files one behind the other, some of them cut."""
    parts = draw(st.lists(st.tuples(PIECES, st.integers(0, 60), st.booleans()), max_size=9))
    return b"".join(part[:cut] if is_cut else part for part, cut, is_cut in parts)


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(data=files())
def test_a_journal_is_read_without_guessing(data: bytes) -> None:
    """Whatever lies there: an answer; and each amount, record and count in it stands in the file as it was read."""
    report = parse_journal(data)
    words = set(data.decode("cp1252", "replace").split())
    bare = {word.replace(",", "") for word in words}
    for line in report.lines:
        assert line.amount is None or str(line.amount) in bare
        assert line.accepted or line.amount is None
        assert any(re.fullmatch(r"\d+", word) and int(word) == line.line for word in words)
    if report.ended and not report.stopped:
        numbers = {word.lstrip("0") or "0" for word in words}
        assert {str(report.read), str(report.accepted), str(report.rejected)} <= numbers
        assert report.accepted + report.rejected == report.read
        assert len({line.line for line in report.lines if not line.accepted}) <= report.rejected
    for line in report.lines:
        report.reason(line.commitment)
        report.exists_already(line.commitment)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(data=files())
def test_a_reject_file_is_read_without_guessing(name: str, data: bytes) -> None:
    """Each record's fields stand in the file; a document is one that was sent, and never that of an unsound record."""
    file, mapped = SENT[name]
    text = data.decode("cp1252", "replace")
    documents = {(line.sage_id, line.part) for line in mapped}
    returned = split_rejects(data, file, mapped)
    assert [each.record for each in returned] == list(parse_rejects(data))
    for each in returned:
        assert all(part in text for part in each.record.fields)
        assert each.document is None or (each.document in documents and each.record.sound)
        assert set(each.lines) <= {line.line for line in mapped}
        for line in mapped:
            if each.document is not None and line.line in each.lines:
                assert (line.sage_id, line.part) == each.document


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(
    at=st.integers(0, len(SENT["jcc"][0]) - 1), junk=st.binary(min_size=1, max_size=3).filter(lambda it: 10 not in it)
)
def test_a_spoilt_record_harms_no_other(at: int, junk: bytes) -> None:
    """Bytes put into a record anywhere: the others go where they belong, and it to its own document or to none."""
    file, mapped = SENT["jcc"]
    spoilt = file[:at].count(b"\n")
    returned = split_rejects(file[:at] + junk + file[at:], file, mapped)
    for line, each in zip(mapped, returned, strict=True):
        assert each.document == _document(line) or (line.line - 1 == spoilt and each.document is None)


def _document(line: MappedLine) -> tuple[str, str]:
    return line.sage_id, line.part
