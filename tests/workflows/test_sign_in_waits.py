"""Who guesses elsewhere keeps nobody out; names that look alike are one; an accept takes a fresh proof."""

from __future__ import annotations

import pytest

from erpdesk.core.alike import folded
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.workflows import passwords, sign_in_waits
from erpdesk.workflows.console_rows import Pick
from erpdesk.workflows.people_checks import check_first_run
from erpdesk.workflows.people_rows import FirstRun, Newcomer, PersonDraft
from erpdesk.workflows.proofs import Proofs
from tests.town import Town
from tests.workflows.people_town import BETTER, GOOD, People, people_of, press

NAME = "Morgan Reyes"


@pytest.fixture
def people(any_town: Town, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=2, r=1, p=1))
    made = people_of(any_town.store, any_town.desk.office)
    made.knows(any_town.approver, GOOD)
    return made


def guess(people: People, times: int) -> str:
    for _ in range(times):
        with pytest.raises(NotAllowed) as refused:
            people.sign_in.by_password(NAME, "wrong words")
    return str(refused.value)


def test_guesses_elsewhere_keep_nobody_from_their_own_computer(any_town: Town, people: People) -> None:
    elsewhere = people.at("BUILD\\guesser", "PC-LOBBY")
    assert "wait" in guess(elsewhere, 4)
    assert "wait" in guess(people.at("BUILD\\guesser", "PC-LOBBY"), 1)  # also after a restart
    assert people.sign_in.by_password(NAME, GOOD).id == any_town.approver
    assert "wait" in guess(elsewhere, 1)


def test_guesses_at_many_computers_have_a_bound_but_not_at_the_usual_one(
    any_town: Town, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_waits, "FREE_ANYWHERE", 6)
    usual = people.at("BUILD\\morgan", "PC-MORGAN")
    usual.sign_in.by_password(NAME, GOOD)
    for place in range(3):
        guess(people.at("BUILD\\guesser", f"PC-{place}"), 2)
    assert "wait 5 s" in guess(people.at("BUILD\\guesser", "PC-9"), 1)
    assert usual.sign_in.by_password(NAME, GOOD).id == any_town.approver


def test_being_asked_again_is_counted_apart(any_town: Town, people: People) -> None:
    guess(people, 4)
    people.sign_in.check_again(any_town.approver, GOOD)
    assert people.sign_in.unlock(any_town.approver, GOOD).id == any_town.approver
    for _ in range(3):
        with pytest.raises(NotAllowed):
            people.sign_in.check_again(any_town.approver, BETTER)
    with pytest.raises(NotAllowed, match="wait 5 s"):
        people.sign_in.check_again(any_town.approver, GOOD)
    people.later(seconds=5)
    people.sign_in.check_again(any_town.approver, GOOD)


@pytest.mark.parametrize("many", [False, True])
def test_an_accept_takes_a_proof_of_this_person_for_one_act(any_town: Town, people: People, many: bool) -> None:
    any_town.change_settings(sign_in_at_accept=True)
    acts, approver = any_town.desk.erp, any_town.approver
    submissions = [any_town.sent()[1] for _ in range(2)]

    def accept(submission: str, press_id: str) -> None:
        seen = any_town.desk.console.review(submission, None, approver)
        if many:
            acts.accept_many(approver, [Pick(submission, seen.row.sage_id, seen.sha256)], press_id)
        else:
            acts.accept(approver, submission, seen.row.sage_id, seen.sha256, press_id)

    first = press()
    with pytest.raises(NotAllowed, match="Sign in again first"):
        accept(submissions[0], first)
    any_town.desk.office.proofs.leave(any_town.both)
    with pytest.raises(NotAllowed, match="Sign in again first"):
        accept(submissions[0], first)
    any_town.desk.sign_in.check_again(approver, GOOD)
    accept(submissions[0], first)
    with pytest.raises(NotAllowed, match="Sign in again first"):
        accept(submissions[1], press())


def test_a_proof_lasts_a_minute() -> None:
    now = [0.0]
    proofs = Proofs(lambda: now[0])
    proofs.leave("a")
    now[0] = 60.0
    assert proofs.take("a") and not proofs.take("a")
    proofs.leave("a")
    now[0] = 120.1
    assert not proofs.take("a")


@pytest.mark.parametrize("name", ["Morgan Reyes\u200b", "Morgan  Reyes", "Morgan\u00a0Reyes", "\uff2dorgan REYES"])
def test_names_that_look_alike_are_one(any_town: Town, people: People, name: str) -> None:
    assert folded(name) == folded(NAME)
    with pytest.raises(Refused, match="is called"):
        people.acts.save(any_town.both, PersonDraft(name))
    assert people.sign_in.by_password(name, GOOD).id == any_town.approver


@pytest.mark.parametrize(("one", "other"), [("kim", "BUILD\\KIM"), ("BUILD\\kim", "\uff22UILD\\kim"), ("kim", "Kim")])
def test_a_first_run_knows_an_account_with_and_without_its_domain(one: str, other: str) -> None:
    def draft(second: str) -> FirstRun:
        return FirstRun(Newcomer("Ada", "", one), (Newcomer("Bo", "", second), Newcomer("Cy", password=GOOD)))

    with pytest.raises(Refused, match="three different people"):
        check_first_run(draft(other))
    check_first_run(draft("OTHER\\bo"))
