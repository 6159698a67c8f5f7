"""Whether a commitment may still go in, asked of companies that name and split their tables otherwise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.fresh import commitment_ids, read_commitments
from erpdesk.sync.sage.fresh_rows import Held
from erpdesk.sync.sage.session import Unfetchable
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.sync.mirror.kit import alter, ask, copied, door

MODES: tuple[dict[str, Any], ...] = ({}, {"naming": "custom"}, {"max_columns": 40})


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def through(sage: Path, mode: dict[str, Any]) -> Connect:
    return lambda: SandboxCompany(sage).connect(**mode)


def snapshot(sage: Path, *, code: str = "", vendor: str = "") -> CommitmentSnapshot:
    """A commitment on a code of the company that can take it, unless another is asked for."""
    job, extra, cost_code, category = ask(
        sage,
        "SELECT c.Job, c.Extra, c.Cost_Code, c.Category FROM JCM_MASTER__CATEGORY c "
        "JOIN JCM_MASTER__COST_CODE p ON p.Job = c.Job AND p.Extra = c.Extra AND p.Cost_Code = c.Cost_Code "
        "JOIN JCM_MASTER__JOB j ON j.Job = c.Job WHERE c.Extra = '' AND p.Group_Cost_Code = 0 "
        "AND 'Closed' NOT IN (c.Status, p.Status, j.Status)",
    )[0]
    held = ask(sage, "SELECT Vendor FROM APM_MASTER__VENDOR WHERE Status <> 'Inactive'")[0][0]
    line = LineSnapshot(1, "One", extra, code or cost_code, category, None, "", None, Decimal("10.00"))
    day = date(2026, 11, 24)
    return CommitmentSnapshot("NEW-1", "Subcontract", "New", vendor or held, job, day, Decimal(0), (line,))


@pytest.mark.parametrize("mode", MODES)
def test_a_sound_commitment_may_go_in(mode: dict[str, Any], sage: Path) -> None:
    """In each mode nothing stands against it, and the commitments are counted."""
    ids = [each for (each,) in ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")]
    with FreshReader(through(sage, mode)) as reader:
        assert reader.why_not(snapshot(sage)) == ()
        assert reader.count_commitments() == len(ids)
        assert reader.times([ids[0], "NEW-1"]) == {ids[0]: 1, "NEW-1": 0}


@pytest.mark.parametrize("mode", MODES)
def test_several_are_read_fresh_in_each_mode(mode: dict[str, Any], sage: Path) -> None:
    """A whole company's commitments with their lines, as one by one."""
    with FreshReader(through(sage, mode)) as reader:
        with reader.fresh() as (session, known):
            ids = commitment_ids(session, known)
            read = read_commitments(session, known, [*ids.written, ("NEW-1",)], ids)
        assert len(read.found) == ids.count and not read.problems
        first = next(iter(ids.written))
        assert read.found[first] == reader.commitment(first[0])


def test_a_value_that_the_driver_cannot_hand_over_is_for_people(sage: Path) -> None:
    reader = FreshReader(through(sage, {}))
    with pytest.raises(BadSageData, match="cannot hand over"), reader.fresh():
        raise Unfetchable("odd")


def test_ids_without_some_are_counted_without_them() -> None:
    """Two records under one ID, one of them in other capitals under it."""
    both = Held(4, {("A",): (("A",), ("A ",)), ("a",): (("a",),)}, {("A",): [("A",), ("a",)]})
    left = both.without([("A",), ("Z",)])
    assert left.count == 2 and left.like(("A",)) == [] and left.like(("A",), either_case=True) == [("a",)]
    assert both.like((" A ",), either_case=True) == [("A",), ("A",), ("a",)] and left.other_case(("A",)) == "a"


@pytest.mark.parametrize("mode", MODES)
def test_what_stands_against_it_is_said(mode: dict[str, Any], sage: Path) -> None:
    """A closed job and a vendor that is gone are seen in each mode."""
    wanted = snapshot(sage, vendor="GONE")
    alter(sage, ("UPDATE JCM_MASTER__JOB SET Status = 'Closed' WHERE Job = ?", (wanted.job,)))
    with FreshReader(through(sage, mode)) as reader:
        reasons = reader.why_not(wanted)
    assert "no vendor GONE" in reasons[0] and "closed in Sage" in reasons[1] and len(reasons) == 2


def test_a_code_without_its_separators_is_pointed_out(sage: Path) -> None:
    """The unformatted code is another code to Sage; the sentence names the one that Sage has."""
    code = snapshot(sage).lines[0].cost_code
    with FreshReader(door("file", sage)) as reader:
        (reason,) = reader.why_not(snapshot(sage, code=code.replace("-", "")))
        assert f"Sage writes this cost code {code}." in reason
        (reason,) = reader.why_not(snapshot(sage, code="99-9999"))
        assert "Sage writes" not in reason
