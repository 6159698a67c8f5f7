"""Ctrl+K: any record of the company by any part of its number, title, vendor or job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from erpdesk.models.people import Person, ProjectMember, Right, Tool, ToolRight
from erpdesk.sync.search.finder import CompanyFinder
from erpdesk.workflows import rights
from erpdesk.workflows.search_rows import Found
from erpdesk.workflows.search_sources import SEARCHED, Searched, join
from tests.town import Town

Make = Callable[[Town], CompanyFinder]


@pytest.fixture
def finder_of(tmp_path: Path) -> Iterator[Make]:
    made: list[CompanyFinder] = []

    def make(town: Town) -> CompanyFinder:
        made.append(CompanyFinder(town.store, town.facts, tmp_path / "search.db"))
        return made[-1]

    yield make
    for each in made:
        each.close()


def refs(found: tuple[Found, ...], kind: str = "commitment") -> list[str]:
    return [each.ref for each in found if each.kind == kind]


def test_a_commitment_is_found_by_each_of_its_words(town: Town, finder_of: Make) -> None:
    town, finder = town, finder_of(town)
    made = town.approved(number="SC-77-0815", title="Curtain wall at the atrium")
    row = town.desk.queries.commitment(made, town.manager).row
    for text in (
        "SC-77-0815",
        "sc-77-08",
        "77-0815",
        "atrium",
        "CURTAIN atr",
        row.vendor,
        row.job,
        "wall at",
        "77 curt",
    ):
        assert made in refs(finder.find(town.manager, text)), text
    assert made not in refs(finder.find(town.manager, "curtain nowhere"))
    assert finder.find(town.manager, "  ") == ()


def test_what_changes_is_found_anew_and_what_goes_is_not_found(town: Town, finder_of: Make) -> None:
    town, finder = town, finder_of(town)
    kept = town.approved(number="SC-77-0001", title="Kept as it is")
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-77-0002", title="Before"))
    assert refs(finder.find(town.manager, "SC-77-000")) == [kept, made]
    detail = town.desk.queries.commitment(made, town.manager)
    town.desk.commitments.save(
        town.manager, town.draft(number="SC-77-0002", title="Afterwards", id=made, version=detail.version)
    )
    assert refs(finder.find(town.manager, "afterwards")) == [made]
    assert refs(finder.find(town.manager, "before")) == []
    town.desk.commitments.delete(town.manager, made)
    assert refs(finder.find(town.manager, "SC-77-000")) == [kept]


def test_the_number_itself_comes_first(town: Town, finder_of: Make) -> None:
    finder = finder_of(town)
    for number, title in (("SC-5", "Plain"), ("SC-55", "Longer"), ("PO-1", "See SC-5 for the scope")):
        town.approved(number=number, title=title)
    assert [each.number for each in finder.find(town.manager, "SC-5")][:3] == ["SC-5", "SC-55", "PO-1"]


def test_a_second_program_finds_what_the_first_one_made(town: Town, finder_of: Make) -> None:
    one, two = finder_of(town), finder_of(town)
    first = town.approved(number="SC-78-0001")
    assert refs(one.find(town.manager, "SC-78")) == [first]
    second = town.approved(number="SC-78-0002")
    assert refs(two.find(town.manager, "SC-78")) == [first, second]
    assert refs(one.find(town.manager, "SC-78")) == [first, second]


def test_vendors_jobs_and_projects_are_found(town: Town, finder_of: Make) -> None:
    finder = finder_of(town)
    vendor, project = town.facts.vendors()[0], town.project()
    assert refs(finder.find(town.manager, vendor.name), "vendor") == [vendor.vendor]
    assert project.id in refs(finder.find(town.manager, project.name), "project")
    assert project.id in refs(finder.find(town.manager, project.sage_job), "project")
    assert "Not linked" in finder.find(town.manager, "Bluebird")[0].detail


def test_only_what_a_person_may_see_is_found(town: Town, finder_of: Make) -> None:
    town, finder = town, finder_of(town)
    made = town.approved(number="SC-79-0001")
    mine, other = town.project(0).id, town.project(1).id
    with town.store.writing() as session:
        session.get_one(Person, town.viewer).all_projects = False
        session.add(ProjectMember(person_id=town.viewer, project_id=other))
    assert refs(finder.find(town.viewer, "SC-79-0001")) == []
    assert mine not in refs(finder.find(town.viewer, town.project().name), "project")
    assert refs(finder.find(town.manager, "SC-79-0001")) == [made]
    with town.store.writing() as session:
        session.get_one(Person, town.viewer).active = False
    assert finder.find(town.viewer, town.project(1).name) == ()


def test_after_a_restore_the_index_follows(town: Town, tmp_path: Path, finder_of: Make) -> None:
    from erpdesk import database

    town.approved(number="SC-80-0001")
    path = tmp_path / "erpdesk.db"
    database.backup(path, tmp_path / "earlier.db")
    lost = town.approved(number="SC-80-0002")
    assert lost in refs(finder_of(town).find(town.manager, "SC-80-0002"))
    town.store.close()
    (tmp_path / "earlier.db").replace(path)
    town.store = database.open_store(path, backups=tmp_path / "backups")
    again = CompanyFinder(town.store, town.facts, tmp_path / "search.db")
    assert refs(again.find(town.manager, "SC-80-0002")) == []
    assert [each.number for each in again.find(town.manager, "SC-80-000")] == ["SC-80-0001"]
    again.close()
    town.store.close()


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_index_is_made_anew(town: Town, tmp_path: Path, finder_of: Make, damage: bytes) -> None:
    made = town.approved(number="SC-81-0001")
    (tmp_path / "search.db").write_bytes(damage)
    assert refs(finder_of(town).find(town.manager, "SC-81")) == [made]


def test_odd_words_are_taken_as_they_stand(town: Town, finder_of: Make) -> None:
    finder = finder_of(town)
    made = town.approved(number='SC-"82"-%_', title="O'Brien AND (NEAR) * ^ col:umn")
    for text in ('"82"', "%_", "o'brien", "and (near)", "^", "* ^", "col:umn", "'"):
        assert made in refs(finder.find(town.manager, text)), text
    assert finder.find(town.manager, "\0") == ()


def test_a_later_kind_joins_by_declaration(town: Town, finder_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SEARCHED, "permit", SEARCHED["project"])
    monkeypatch.setitem(rights.PERMISSIONS, "permit.read", rights.PERMISSIONS["commitment.read"])
    join(
        Searched(
            "permit", "Permit", lambda session, refs: iter([Found("permit", "Permit", "p", "BP-1", "Roof")]), False
        )
    )
    assert refs(finder_of(town).find(town.manager, "roof"), "permit") == ["p"]


def test_a_search_takes_in_what_was_sent(town: Town, finder_of: Make) -> None:
    finder = finder_of(town)
    made, submission = town.sent(number="SC-83-0001")
    town.accept(submission, "SAGE-ID-7")
    assert refs(finder.find(town.manager, "sage-id-7")) == [made]


def test_what_only_sage_holds_is_found_by_members_of_its_job_who_may_look_at_commitments(
    town: Town, finder_of: Make
) -> None:
    finder = finder_of(town)
    sage_id = str(next(iter(town.facts.select("SELECT commitment FROM commitment ORDER BY commitment")))["commitment"])
    project = next(each for each in town.desk.queries.projects() if each.sage_job == _job_of(town, sage_id))
    other = next(each for each in town.desk.queries.projects() if each.id != project.id)

    def found(all_projects: bool, member_of: str, level: Right) -> bool:
        with town.store.writing() as session:
            sam = session.get_one(Person, town.viewer)
            sam.all_projects, sam.projects = all_projects, [ProjectMember(project_id=member_of)]
            sam.rights = [ToolRight(tool=Tool.COMMITMENTS, right=level)]
        return sage_id in refs(finder.find(town.viewer, sage_id), "sage_commitment")

    assert found(False, project.id, Right.READ_ONLY)
    assert not found(False, other.id, Right.READ_ONLY)
    assert found(True, other.id, Right.READ_ONLY)
    assert not found(True, other.id, Right.NONE)


def everything(town: Town, finder: CompanyFinder, person: str) -> set[str]:
    """The kinds of which a person finds something, asked by the words of one record of each."""
    known = {project.sage_job for project in town.desk.queries.projects()}
    words = [town.project().name, town.facts.vendors()[0].name, "SC-84-0001", "Bluebird"]
    words += [each.job for each in town.facts.jobs() if each.job not in known][:1]
    words += [str(row["commitment"]) for row in town.facts.select("SELECT commitment FROM commitment LIMIT 1")]
    return {each.kind for text in words for each in finder.find(person, text)}


@pytest.mark.parametrize(
    ("tool", "level", "kinds"),
    [
        (None, Right.NONE, set()),
        (Tool.COMMITMENTS, Right.READ_ONLY, {"commitment", "sage_commitment"}),
        (Tool.DIRECTORY, Right.READ_ONLY, {"vendor", "company"}),
        (Tool.ADMIN, Right.READ_ONLY, {"project"}),
    ],
)
def test_each_kind_is_found_only_with_the_right_of_its_tool(
    town: Town, finder_of: Make, tool: Tool | None, level: Right, kinds: set[str]
) -> None:
    finder = finder_of(town)
    town.approved(number="SC-84-0001")
    with town.store.writing() as session:
        sam = session.get_one(Person, town.viewer)
        sam.rights = [] if tool is None else [ToolRight(tool=tool, right=level)]
    assert everything(town, finder, town.viewer) == kinds
    assert everything(town, finder, town.approver) >= {"commitment", "sage_commitment", "vendor", "company", "project"}


def test_an_index_that_was_forged_shows_nothing_false(town: Town, tmp_path: Path, finder_of: Make) -> None:
    finder = finder_of(town)
    made = town.approved(number="SC-85-0001", title="Roofing")
    other = town.project(1).id
    with town.store.writing() as session:
        sam = session.get_one(Person, town.viewer)
        sam.all_projects, sam.projects = False, [ProjectMember(project_id=other)]
    assert refs(finder.find(town.manager, "SC-85")) == [made]
    with closing(apsw.Connection(str(tmp_path / "search.db"))) as index:
        # What is told apart by its project alone, what was never there, and another title than the record has.
        index.execute("UPDATE entry SET project = ?, title = 'Paid in full' WHERE ref = ?", (other, made))
        for kind, ref in (("commitment", "no-such-id"), ("vendor", "NOBODY"), ("permit", "x"), ("job", "none")):
            index.execute(
                "INSERT INTO entry (kind, kind_title, ref, number, title, detail, project, hash) "
                "VALUES (?, ?, ?, 'SC-85-0002', 'Forged', 'Forged', '', 0)",
                (kind, kind, ref),
            )
    assert finder.find(town.viewer, "SC-85") == ()
    (found,) = finder.find(town.manager, "SC-85")
    assert (found.ref, found.title, found.project) == (made, "Roofing", town.project().id)


def test_more_than_one_part_is_looked_through_for_what_a_person_may_see(
    town: Town, finder_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erpdesk.sync.search.finder.AT_ONCE", 2)
    finder = finder_of(town)
    made = [town.approved(number=f"SC-86-000{place}") for place in range(5)]
    assert refs(finder.find(town.manager, "SC-86")) == made
    assert refs(finder.find(town.manager, "SC-86", 3)) == made[:3]


def _job_of(town: Town, sage_id: str) -> str:
    (row,) = town.facts.select("SELECT job FROM commitment WHERE commitment = ?", sage_id)
    return str(row["job"])
