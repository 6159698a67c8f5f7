"""Journals and reject files as they lie about in mailboxes: each gets its verdict, and none is believed too much."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import MappedLine, Renderer
from erpdesk.sync.sage.results import parse_journal, parse_rejects, split_rejects
from tests.corpus.journals import JOURNAL, REJECTS, JournalCase, journal_oddities, load_journals
from tests.sync.stand_in_files import DOCUMENTS

CASES = load_journals()
JOURNALS = [case for case in CASES if case.kind == JOURNAL]
REJECT_FILES = [case for case in CASES if case.kind == REJECTS]


@pytest.fixture(scope="module")
def sent() -> tuple[bytes, tuple[MappedLine, ...]]:
    """A commitment file of ours and the map of its lines."""
    renderer = Renderer(load_layout("jcc"))
    return renderer.preview(*DOCUMENTS["jcc"]).data, renderer.line_map(*DOCUMENTS["jcc"])


def test_the_journals_cover_every_oddity() -> None:
    """Every oddity on the list has a case, and no case is about something that is not on it."""
    assert {oddity for case in CASES for oddity in case.oddities} == set(journal_oddities())


@pytest.mark.parametrize("case", JOURNALS, ids=[case.name for case in JOURNALS])
def test_a_journal_gets_its_verdict(case: JournalCase) -> None:
    """Ended or not, stopped or not, counts, and the records that were understood: as the case says and no more."""
    wanted, report = case.verdict, parse_journal(case.data())
    assert set(wanted) <= {"ended", "stopped", "counts", "lines"}
    assert report.ended is wanted["ended"] and report.stopped == wanted.get("stopped", "")
    if "counts" in wanted:
        assert [report.read, report.accepted, report.rejected] == wanted["counts"]
    if "lines" in wanted:
        told = [(each.line, each.letters, each.commitment, each.amount) for each in report.lines]
        assert told == [
            (at, of, about, Decimal(money) if money else None) for at, of, about, _, money in wanted["lines"]
        ]
        for each, (*_, reason, _) in zip(report.lines, wanted["lines"], strict=True):
            assert reason in each.reason and each.accepted is (reason == "")


@pytest.mark.parametrize("case", REJECT_FILES, ids=[case.name for case in REJECT_FILES])
def test_a_reject_file_gets_its_verdict(case: JournalCase, sent: tuple[bytes, tuple[MappedLine, ...]]) -> None:
    """Which records are sound, and to which document each goes: to none rather than to a wrong one."""
    wanted, (file, mapped) = case.verdict, sent
    data = case.data(file.splitlines(keepends=True))
    assert set(wanted) <= {"sound", "documents", "guessed"}
    records, returned = parse_rejects(data), split_rejects(data, file, mapped)
    assert [each.record for each in returned] == list(records)
    if "sound" in wanted:
        assert [each.sound for each in records] == wanted["sound"]
    if "documents" in wanted:
        assert [each.document[0] if each.document else "" for each in returned] == wanted["documents"]
    if "guessed" in wanted:
        assert any(each.document for each in returned) is wanted["guessed"]
    assert all(each.document is None for each in returned if not each.record.sound)
