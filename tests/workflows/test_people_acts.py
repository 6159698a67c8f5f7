"""Saving people, on both databases: checks, rights, the last administrator, accounts, and what the trail keeps."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.people import Right, Tool
from erpdesk.workflows.people_acts import PeopleActs
from erpdesk.workflows.people_rows import PersonDraft
from erpdesk.workflows.rights import GRANULAR, KINDS
from tests.town import Town
from tests.workflows.people_town import People, people_of, press


@pytest.fixture
def people(town: Town) -> People:
    return people_of(town.store, town.desk.office)


@pytest.fixture
def administrator(town: Town) -> str:
    """The only Admin of Directory of the sample company."""
    return town.both


def test_a_new_person_has_what_was_typed_and_no_push_right(town: Town, people: People, administrator: str) -> None:
    draft = PersonDraft(
        name="  Alex Moreau ",
        title="Project engineer",
        windows_account="BUILD\\alex",
        email="alex.moreau@example.com",
        digest=False,
        invoice_administrator=True,
        rights={Tool.BUDGET: Right.STANDARD, Tool.ADMIN: Right.NONE},
        projects=frozenset({town.project().id}),
        kinds={"commitment": (True, False)},
        granular=frozenset({"Lock Budget"}),
    )
    made, changes = people.acts.save(administrator, draft)
    assert changes.touched == {("person", made)}
    seen = people.detail(administrator, made)
    assert (seen.name, seen.title, seen.windows_account) == ("Alex Moreau", "Project engineer", "BUILD\\alex")
    assert seen.rights == {**dict.fromkeys(Tool, Right.NONE), Tool.BUDGET: Right.STANDARD}
    assert not seen.can_push and not seen.digest and seen.invoice_administrator and not seen.has_password
    assert (seen.projects, seen.kinds, seen.granular) == (draft.projects, draft.kinds, draft.granular)
    assert people.told == [(("BUILD\\alex",), ())]
    assert seen.draft() == replace(draft, name="Alex Moreau", id=made, version=seen.version, rights=seen.rights)


def test_a_change_is_audited_field_by_field(town: Town, people: People, administrator: str) -> None:
    seen = people.detail(administrator, town.viewer)
    people.acts.save(administrator, replace(seen.draft(), title="Auditor", granular=frozenset(GRANULAR)))
    (entry,) = people.audit(town.viewer)
    assert (entry.act, entry.who) == ("save", administrator)
    assert json.loads(entry.before) == {"granular": [], "title": "Auditor, looks only"}
    assert json.loads(entry.after) == {"granular": sorted(GRANULAR), "title": "Auditor"}
    assert people.acts.history(town.both, town.viewer)


def test_every_right_can_be_taken_back(town: Town, people: People, administrator: str) -> None:
    seen = people.detail(administrator, town.viewer)
    full = replace(
        seen.draft(),
        rights=dict.fromkeys(Tool, Right.ADMIN),
        kinds=dict.fromkeys(KINDS, (False, True)),
        granular=frozenset(GRANULAR),
        projects=frozenset(each.id for each in town.desk.queries.projects()),
    )
    people.acts.save(administrator, full)
    seen = people.detail(administrator, town.viewer)
    assert (seen.rights, seen.kinds, seen.projects) == (full.rights, full.kinds, full.projects)
    bare = replace(
        seen.draft(), rights={}, kinds={"commitment": (True, True)}, granular=frozenset(), projects=frozenset()
    )
    people.acts.save(administrator, bare)
    seen = people.detail(administrator, town.viewer)
    assert set(seen.rights.values()) == {Right.NONE}
    assert (seen.kinds, seen.granular, seen.projects) == (bare.kinds, frozenset(), frozenset())


def test_only_an_admin_of_the_directory_changes_people(town: Town, people: People) -> None:
    for actor in (town.manager, town.approver, town.viewer):
        assert people.acts.may(actor)[0].startswith("This needs Admin in Directory; ")
        draft = people.detail(town.both, actor).draft()
        with pytest.raises(NotAllowed):
            people.acts.save(actor, replace(draft, rights=dict.fromkeys(Tool, Right.ADMIN)))
        with pytest.raises(NotAllowed):
            people.acts.set_active(actor, town.viewer, False, "")
    assert people.acts.may(town.both) == () and not people.audit()


def test_without_a_right_in_the_directory_one_sees_oneself(town: Town, people: People, administrator: str) -> None:
    draft = people.detail(administrator, town.viewer).draft()
    people.acts.save(administrator, replace(draft, rights={Tool.ERP_INTEGRATIONS: Right.STANDARD}))
    assert [each.id for each in people.acts.everybody(town.viewer)] == [town.viewer]
    assert people.acts.grants(town.viewer) == ()
    assert len(people.acts.everybody(town.manager)) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "  "}, "needs a name"),
        ({"name": "x" * 81}, "more than 80"),
        ({"name": "Dana\nWhitfield"}, "can not be kept"),
        ({"name": "\ud800"}, "can not be kept"),
        ({"name": "morgan REYES"}, "called morgan REYES already"),
        ({"title": "x" * 81}, "more than 80"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "a@example.com, b@example.com"}, "not an e-mail address"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "can not be kept"),
        ({"windows_account": "/T"}, "Windows account"),
        ({"windows_account": "build\\MORGAN"}, "signs in somebody else"),
        ({"projects": frozenset({"nowhere"})}, "projects is no longer there"),
        ({"kinds": {"weather": (True, True)}}, "kind weather"),
        ({"granular": frozenset({"Do Anything"})}, "single right called Do Anything"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    town: Town, people: People, administrator: str, changes: dict[str, object], words: str
) -> None:
    people.change(town.approver, windows_account="BUILD\\morgan")
    draft = people.detail(administrator, town.viewer).draft()
    with pytest.raises(Refused, match=words):
        people.acts.save(administrator, replace(draft, **changes))  # type: ignore[arg-type]  # a test names its fields
    with pytest.raises(Refused, match=words):
        people.acts.save(administrator, replace(draft, **{"name": "Somebody New", **changes, "id": "", "version": 0}))  # type: ignore[arg-type]
    assert people.detail(administrator, town.viewer).draft() == draft


def test_a_stale_form_is_noticed_also_when_only_rights_changed(town: Town, people: People, administrator: str) -> None:
    stale = people.detail(administrator, town.viewer).draft()
    people.acts.save(administrator, replace(stale, rights={Tool.BUDGET: Right.READ_ONLY}))
    with pytest.raises(ChangedMeanwhile, match="make your change anew"):
        people.acts.save(administrator, replace(stale, title="Another"))
    with pytest.raises(ChangedMeanwhile):
        people.acts.save(administrator, replace(stale, id="gone"))


def test_the_last_admin_of_the_directory_stays(town: Town, people: People, administrator: str) -> None:
    draft = people.detail(administrator, administrator).draft()
    demoted = replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.STANDARD})
    for act in (
        lambda: people.acts.save(administrator, demoted),
        lambda: people.acts.save(administrator, replace(draft, active=False)),
        lambda: people.acts.set_active(administrator, administrator, False, "Retires."),
    ):
        with pytest.raises(Refused, match="last active administrator of the Directory"):
            act()
    assert not people.audit() and people.detail(administrator, administrator).draft() == draft
    # With a second one the same acts are fine, and then that one is the last.
    other = people.detail(administrator, town.manager).draft()
    people.acts.save(administrator, replace(other, rights={**other.rights, Tool.DIRECTORY: Right.ADMIN}))
    people.acts.save(administrator, demoted)
    with pytest.raises(Refused, match="Dana Whitfield is the last active administrator"):
        people.acts.set_active(town.manager, town.manager, False, "")


def test_whoever_left_neither_acts_nor_signs_in_and_comes_back_without_the_push_right(
    town: Town, people: People, administrator: str
) -> None:
    people.change(town.approver, windows_account="BUILD\\morgan")
    people.acts.set_active(administrator, town.approver, False, "Left the company.")
    assert people.told == [((), ("BUILD\\morgan",))]
    assert people.acts_of(town.approver) == ["set_active", "push_withdraw"]
    with pytest.raises(NotAllowed, match="not known to this company"):
        people.acts.everybody(town.approver)
    with pytest.raises(NotAllowed, match="not known to this company"):
        town.desk.erp.retrieve(town.approver, [], press())
    assert people.sign_in.by_account("BUILD\\morgan") is None
    assert people.acts_of(town.approver)[-1] == "sign_in_failed"
    with pytest.raises(ChangedMeanwhile, match="inactive already"):
        people.acts.set_active(administrator, town.approver, False, "")
    people.acts.set_active(administrator, town.approver, True, "Came back.")
    assert people.told[-1] == (("BUILD\\morgan",), ())
    assert not people.detail(administrator, town.approver).can_push
    assert people.detail(administrator, town.approver).active


def test_a_form_that_sets_somebody_inactive_does_the_same(town: Town, people: People, administrator: str) -> None:
    draft = people.detail(administrator, town.approver).draft()
    people.acts.save(administrator, replace(draft, active=False))
    assert people.acts_of(town.approver) == ["save", "push_withdraw"]
    draft = people.detail(administrator, town.approver).draft()
    people.acts.save(administrator, replace(draft, active=True))
    assert not people.detail(administrator, town.approver).can_push


def test_the_folder_learns_of_each_account_that_comes_and_goes(town: Town, people: People, administrator: str) -> None:
    for account in ("BUILD\\sam", "build\\SAM", "BUILD\\s.adeyemi", ""):
        draft = people.detail(administrator, town.viewer).draft()
        people.acts.save(administrator, replace(draft, windows_account=account))
    assert people.told == [
        (("BUILD\\sam",), ()),
        (("BUILD\\s.adeyemi",), ("build\\SAM",)),
        ((), ("BUILD\\s.adeyemi",)),
    ]


def test_with_too_few_approvers_a_warning_is_ready(town: Town, people: People, administrator: str) -> None:
    assert people.acts.warnings(administrator) == ()
    (warning,) = people.acts.warnings(administrator, town.approver)
    assert warning.startswith("Only one active person could push to accounting.")
    people.acts.withdraw_push(administrator, town.approver, "On leave.", press())
    people.acts.withdraw_push(administrator, town.both, "On leave.", press())
    (warning,) = people.acts.warnings(town.viewer)
    assert warning.startswith("No active people could push to accounting.")


def test_two_administrators_can_not_remove_each_other_at_once(any_town: Town) -> None:
    import threading

    people = people_of(any_town.store, any_town.desk.office)
    draft = people.detail(any_town.both, any_town.manager).draft()
    people.acts.save(any_town.both, replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.ADMIN}))
    gate, answers = threading.Barrier(2), []

    def remove(actor: str, other: str) -> None:
        gate.wait()
        try:
            PeopleActs(people.office).set_active(actor, other, False, "Now.")
            answers.append("done")
        except Refused:
            answers.append("refused")

    pairs = ((any_town.both, any_town.manager), (any_town.manager, any_town.both))
    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "refused"]
