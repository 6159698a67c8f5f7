"""The properties find what they are there for: each is shown a company in which it was broken on purpose."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.proof import properties
from tests.proof.books import Books
from tests.proof.ground import CANARY, Ground
from tests.proof.properties import AT_REST, UNTOUCHED, broken, no_state_without_exit, p17_no_secret
from tests.proof.site import Site
from tests.proof.times import LONGEST_IMPORT, SharedTime
from tests.sync.export.yard import Yard


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Two commitments and a budget, all in Sage."""
    Yard.build(tmp_path).store.close()
    site = Site.open(Ground(tmp_path, SharedTime()))
    site.accept()
    assert site.rest() == []
    assert site.states() == ["POSTED"] * 3
    yield site
    site.close()


def in_store(site: Site, *statements: str) -> None:
    """Somebody changes the store past its own functions."""
    with closing(sqlite3.connect(site.ground.folder / "erpdesk.db")) as store, store:
        for statement in statements:
            store.execute(statement)


def found(site: Site) -> set[str]:
    books = site.ground.books()
    violations = [*broken(books, (*AT_REST, *UNTOUCHED)), *p17_no_secret(books, (CANARY,))]
    return {each.property for each in violations}


def _double(site: Site) -> None:
    names = "Transaction_Type, Job, Extra, Cost_Code, Category, Amount"
    sql = f"INSERT INTO JCT_CURRENT__TRANSACTION (Run, Sequence, {names}) SELECT 900 + Run, Sequence, {names} "
    site.yard.alter(sql + "FROM JCT_CURRENT__TRANSACTION")


def _lost(site: Site) -> None:
    site.yard.alter("DELETE FROM JCM_MASTER__COMMITMENT_ITEM")
    site.yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")


def _a_cent(site: Site) -> None:
    site.yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = Amount + 0.01 WHERE Commitment = 'SC-21-100'")


def _called_failed(site: Site) -> None:
    in_store(site, "UPDATE outbox SET state = 'SAGE_REJECTED' WHERE natural_key = 'SC-21-100'")


def _nobody_accepted(site: Site) -> None:
    in_store(site, "UPDATE audit SET act = 'comment' WHERE act = 'accept' AND seq = 1")


def _other_file(site: Site) -> None:
    for path in (site.yard.imports / "archive").rglob("commitments.jcc"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"Work", b"Wory"))


def _not_what_was_approved(site: Site) -> None:
    in_store(site, f"UPDATE attempt SET sha256 = '{'0' * 64}'")


def _snapshot(site: Site) -> None:
    in_store(site, "UPDATE submission SET payload = replace(payload, 'Work', 'Wory')")


def _trail(site: Site) -> None:
    in_store(site, "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)")


def _stuck(site: Site) -> None:
    in_store(site, "UPDATE outbox SET state = 'DELIVERED' WHERE natural_key = 'SC-21-100'")


def _two_files(site: Site) -> None:
    (kept,) = (site.yard.imports / "archive").rglob("commitments.jcc")
    name = next(each.file for each in site.ground.books().sent if each.file.endswith(".jcc"))
    (site.yard.imports / "staging" / name).write_bytes(kept.read_bytes())
    (site.yard.imports / "commitments.jcc").write_bytes(kept.read_bytes())


def _secret(site: Site) -> None:
    (site.ground.folder / "journal" / "note.txt").write_text(f"account {CANARY}")


@pytest.mark.parametrize(
    ("breaks", "names"),
    [
        (_double, {"P1"}),
        (_lost, {"P2"}),
        (_a_cent, {"P3", "P7", "P13"}),
        (_called_failed, {"P3"}),
        (_nobody_accepted, {"P4", "P8"}),
        (_other_file, {"P5"}),
        (_not_what_was_approved, {"P5"}),
        (_snapshot, {"P6"}),
        (_trail, {"P8"}),
        (_stuck, {"P8", "P9"}),
        (_two_files, {"P11"}),
        (_secret, {"P17"}),
    ],
)
def test_what_is_broken_is_found(site: Site, breaks: Callable[[Site], None], names: set[str]) -> None:
    assert found(site) == set()
    breaks(site)
    assert names <= found(site)


def test_no_state_is_without_a_way_out() -> None:
    assert list(no_state_without_exit()) == []


def test_time_waits_for_an_import_and_runs_on_after_it() -> None:
    """However long an import takes on a busy computer, on the clock it takes no longer than an import may."""
    time = SharedTime(rate=1e6)
    before = time.passed()
    time.import_begins()
    while (stands := time.passed()) != time.passed():
        pass
    assert stands >= before + LONGEST_IMPORT
    assert {time.passed() for _ in range(100)} == {stands}
    time.import_ended()
    while time.passed() <= stands + 1:
        pass


def test_books_are_read_without_erpdesk(site: Site) -> None:
    books = Books(site.ground.folder)
    assert [line.state for line in books.lines] == ["POSTED"] * 3
    assert {books.holding(each).times for each in books.witness.values()} == {1}
    assert properties.broken(books, AT_REST) == []
