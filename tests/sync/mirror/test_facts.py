"""What the workflows are told about Sage is what Sage holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.core.money import cents
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.workflows.ports import IdFormat, SageFacts
from tests.sync.mirror.kit import Desk, alter, ask, copied


@pytest.fixture(scope="module")
def loaded(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("facts"))
    assert desk.refresh(open_standin(sample_folder)).ok
    return desk


@pytest.fixture
def facts(loaded: Desk) -> SageFacts:
    """The mirror as the workflows see it."""
    return loaded.facts


def test_before_the_first_load_there_is_nothing(tmp_path: Path) -> None:
    """Every question has an empty answer; IDs are taken to be as wide as Sage allows."""
    facts: SageFacts = Desk(tmp_path / "none").facts
    assert not any((facts.jobs(), facts.vendors(), facts.extras("J"), facts.categories("J"), facts.freshness()))
    assert not any((facts.job("J"), facts.vendor("V"), facts.commitment("C")))
    assert not facts.commitment_id_taken("C")
    assert facts.commitment_id_format() == IdFormat(12, False)
    assert Desk(tmp_path / "none").facts.counts() == {}


def test_jobs_to_the_cent(facts: SageFacts, sample_folder: Path) -> None:
    """Descriptions and totals of each job, and whether it uses extras."""
    held = ask(
        sample_folder,
        "SELECT Job, Description, Extras, Revised_Commitment, JTD_Cost, Total_Estimate FROM JCM_MASTER__JOB ORDER BY 1",
    )
    assert [(job.job, job.description, job.uses_extras) for job in facts.jobs()] == [
        (row[0], row[1], row[2] == "Yes") for row in held
    ]
    for job, row in zip(facts.jobs(), held, strict=True):
        amounts = (job.revised_commitment, job.jtd_cost, job.total_estimate)
        assert amounts == tuple(cents(Decimal(str(value))) for value in row[3:])
        assert job.revised_commitment == job.original_commitment + job.approved_commitment_changes
        assert facts.job(job.job) == job


def test_categories_know_their_cost_code(facts: SageFacts, sample_folder: Path) -> None:
    """Each category of the job and its extras, with the cost code's description, group mark and closing."""
    for job in facts.jobs():
        held = ask(
            sample_folder,
            "SELECT c.Extra, c.Cost_Code, c.Category, p.Description, p.Group_Cost_Code, "
            "c.Status = 'Closed' OR p.Status = 'Closed', c.JTD_Cost FROM JCM_MASTER__CATEGORY c "
            "JOIN JCM_MASTER__COST_CODE p USING (Job, Extra, Cost_Code) WHERE c.Job = ? ORDER BY 1, 2, 3",
            job.job,
        )
        assert [
            (at.extra, at.cost_code, at.category, at.cost_code_description, at.group, at.closed, at.jtd_cost)
            for at in facts.categories(job.job)
        ] == [(*row[:4], bool(row[4]), bool(row[5]), cents(Decimal(str(row[6])))) for row in held]
    assert facts.categories("no such job") == ()


def test_extras_belong_to_their_job(facts: SageFacts, sample_folder: Path) -> None:
    """Sub jobs are listed with the job that has them."""
    held = ask(sample_folder, "SELECT Job, Extra, Description, Status FROM JCM_MASTER__EXTRA ORDER BY Job, Extra")
    assert held
    found = [extra for job in facts.jobs() for extra in facts.extras(job.job)]
    assert [(each.job, each.extra, each.description, each.status) for each in found] == held


def test_vendors(facts: SageFacts, sample_folder: Path) -> None:
    """Name, place and telephone of each vendor; inactive ones are marked."""
    held = ask(
        sample_folder,
        "SELECT Vendor, Name, Type, City, State, Telephone, Status = 'Inactive' FROM APM_MASTER__VENDOR ORDER BY 1",
    )
    assert [
        (each.vendor, each.name, each.type, each.city, each.state, each.telephone, int(each.inactive))
        for each in facts.vendors()
    ] == held
    one = facts.vendor(held[3][0])
    assert one and one.name == held[3][1] and facts.vendor("nobody") is None


def test_a_commitment_is_the_same_in_the_mirror_and_read_fresh(facts: SageFacts, sample_folder: Path) -> None:
    """Header and lines agree field by field between the mirror and a fresh read, for every commitment."""
    ids = [row[0] for row in ask(sample_folder, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")]
    with SageReader(open_standin(sample_folder)) as reader:
        for each in ids:
            mirrored = facts.commitment(each)
            assert mirrored is not None and mirrored == reader.commitment(each)
            assert mirrored.amount == sum((item.amount for item in mirrored.items), Decimal("0.00"))
            assert isinstance(mirrored.date, date)
            assert facts.commitment_id_taken(each) and facts.commitment_id_taken(each.lower())
    assert facts.commitment("SC-NONE") is None and not facts.commitment_id_taken("SC-NONE")


def test_id_formats_come_from_sages_control_record(facts: SageFacts, sample_folder: Path, tmp_path: Path) -> None:
    """Width and capitals of commitment IDs; nonsense in the record falls back to what Sage allows at most."""
    assert facts.commitment_id_format() == IdFormat(12, True)
    sage = copied(sample_folder, tmp_path / "sage")
    desk = Desk(tmp_path / "mirror")
    for length, capitals, width in ((8, 0, 8), (0, 1, 12), (99, 0, 12)):
        alter(sage, ("UPDATE TS_CTL_RECORD_3 SET CSLEN = ?, CNTCAP = ? WHERE FLDCODE = 20", (length, capitals)))
        desk.refresh(open_standin(sage))
        assert desk.facts.commitment_id_format() == IdFormat(width, bool(capitals))


def test_a_commitment_that_was_deleted_in_sage_is_gone(sample_folder: Path, tmp_path: Path) -> None:
    """Its tombstone is neither shown nor does it hold the ID."""
    sage = copied(sample_folder, tmp_path / "sage")
    desk = Desk(tmp_path / "mirror")
    desk.refresh(open_standin(sage))
    gone = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT ORDER BY 1 DESC LIMIT 1")[0][0]
    alter(
        sage,
        ("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", (gone,)),
        ("DELETE FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ?", (gone,)),
    )
    assert desk.refresh(open_standin(sage)).ok
    assert desk.facts.commitment(gone) is None and not desk.facts.commitment_id_taken(gone)
    assert desk.select("SELECT COUNT(*) FROM commitment WHERE commitment = ?", gone) == [(1,)]


def test_a_line_may_have_its_own_retainage(sample_folder: Path, tmp_path: Path) -> None:
    """Zero on a line means: as on the commitment."""
    sage = copied(sample_folder, tmp_path / "sage")
    one = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT_ITEM WHERE Item_Number = 2")[0][0]
    alter(
        sage,
        (
            "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Retainage_Percent = (Item_Number = 2) * 7.5, Tax = 1.05 "
            "WHERE Commitment = ?",
            (one,),
        ),
    )
    desk = Desk(tmp_path / "mirror")
    desk.refresh(open_standin(sage))
    held = desk.facts.commitment(one)
    assert held and [item.retainage_percent for item in held.items[:2]] == [None, Decimal("7.5000")]
    assert held.items[0].tax == Decimal("1.05")


def test_counts_for_the_status_bar(loaded: Desk, sample_folder: Path) -> None:
    """How many rows the mirror holds, by table."""
    counts = loaded.facts.counts()
    assert counts["Job-cost transactions"] == 300
    assert sum(counts.values()) == sum(each.rows for each in loaded.facts.freshness()) > 300
