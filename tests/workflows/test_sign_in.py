"""Signing in, and the first run of a company, on both databases."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from dataclasses import replace

import pytest
from sqlalchemy import text

from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.station import Station, account
from erpdesk.models.people import Right, Tool
from erpdesk.workflows import passwords, sign_in
from erpdesk.workflows.people_rows import FirstRun, Newcomer, SignInState
from erpdesk.workflows.sign_in import SignIn
from erpdesk.workflows.sign_in_waits import wait_after
from tests.town import Town
from tests.workflows.people_town import BETTER, GOOD, People, people_of

FIRST = FirstRun(
    Newcomer("Robin Calder", "Office manager", "BUILD\\robin", "robin.calder@example.com"),
    (
        Newcomer("Jo Lindqvist", "Accountant", "", "jo.lindqvist@example.com", GOOD),
        Newcomer("Kim Tanaka", "Controller", "BUILD\\kim", "", BETTER),
    ),
)


@pytest.fixture
def people(town: Town) -> People:
    return people_of(town.store, town.desk.office)


def emptied(town: Town) -> People:
    """The acts of a company that has nobody yet."""
    with town.store.writing() as session:
        for table in ("tool_right", "person"):
            session.execute(text(f"DELETE FROM {table}"))
    return people_of(town.store, town.desk.office)


@pytest.fixture
def empty(town: Town) -> People:
    return emptied(town)


def tries(people: People, name: str, *wrong: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for password in wrong:
        with pytest.raises(NotAllowed) as refused:
            people.sign_in.by_password(name, password)
        found.append(refused.value.reasons)
    return found


def test_the_first_run_names_an_administrator_and_two_approvers(empty: People) -> None:
    assert empty.sign_in.state() is SignInState.FIRST_RUN
    changes = empty.sign_in.first_run(FIRST)
    assert empty.sign_in.state() is SignInState.SIGN_IN
    robin, jo, kim = (empty.named(each) for each in ("Robin Calder", "Jo Lindqvist", "Kim Tanaka"))
    assert changes.touched == {("person", each.id) for each in (robin, jo, kim)}
    assert [each.can_push for each in (robin, jo, kim)] == [False, True, True]
    assert [each.right(Tool.DIRECTORY) for each in (robin, jo)] == [Right.ADMIN, Right.READ_ONLY]
    assert [each.right(Tool.ERP_INTEGRATIONS) for each in (robin, jo)] == [Right.ADMIN, Right.STANDARD]
    assert empty.told == [(("BUILD\\robin", "BUILD\\kim"), ())]
    entries = empty.audit()
    assert [(each.act, each.who, each.ref) for each in entries] == [
        ("first_run", robin.id, each.id) for each in (robin, jo, kim)
    ]
    assert [each.reason == sign_in.NO_SECOND_PERSON for each in entries] == [False, True, True]
    assert json.loads(entries[1].after)["can_push"] is True
    assert empty.sign_in.by_password("jo lindqvist", GOOD).id == jo.id
    assert empty.acts.warnings(robin.id) == ()


def test_the_first_run_happens_once(empty: People) -> None:
    empty.sign_in.first_run(FIRST)
    before = empty.audit()
    with pytest.raises(Refused, match="has people already"):
        empty.sign_in.first_run(FIRST)
    others = FirstRun(Newcomer("A", password=GOOD), (Newcomer("B", password=GOOD), Newcomer("C", password=GOOD)))
    with pytest.raises(Refused, match="has people already"):
        empty.sign_in.first_run(others)
    assert len(empty.audit()) == len(before)


def test_two_first_runs_at_once_make_one_company(any_town: Town) -> None:
    empty = emptied(any_town)
    gate, answers = threading.Barrier(2), []

    def run(marker: str) -> None:
        administrator, first, second = (
            Newcomer(f"{each.name} {marker}", password=GOOD) for each in (FIRST.administrator, *FIRST.approvers)
        )
        gate.wait()
        try:
            SignIn(empty.office).first_run(FirstRun(administrator, (first, second)))
            answers.append("done")
        except Refused:
            answers.append("refused")

    threads = [threading.Thread(target=run, args=(marker,)) for marker in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "refused"]
    assert len(empty.audit()) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "robin CALDER "}, "three different people"),
        ({"windows_account": "build\\ROBIN"}, "three different people"),
        ({"email": "Robin.Calder@example.com"}, "three different people"),
        ({"name": ""}, "needs a name"),
        ({"password": "", "windows_account": ""}, "Jo Lindqvist needs a Windows account or a password"),
        ({"password": "short"}, "Jo Lindqvist: The password needs at least 12"),
        ({"email": "jo"}, "not an e-mail address"),
        ({"windows_account": "jo:F"}, "Windows account"),
    ],
)
def test_a_first_run_of_fewer_than_three_people_is_refused(empty: People, changes: dict[str, str], words: str) -> None:
    jo, kim = FIRST.approvers
    with pytest.raises(Refused, match=words):
        empty.sign_in.first_run(FirstRun(FIRST.administrator, (replace(jo, **changes), kim)))
    assert empty.sign_in.state() is SignInState.FIRST_RUN and not empty.audit()


def test_a_mapped_windows_account_signs_in_by_itself(town: Town, people: People) -> None:
    people.change(town.approver, windows_account="BUILD\\Morgan")
    row = people.sign_in.by_account("build\\morgan")
    assert row is not None and (row.id, row.name, row.can_push) == (town.approver, "Morgan Reyes", True)
    (entry,) = people.audit(town.approver)
    assert (entry.act, entry.who, json.loads(entry.body)) == (
        "sign_in",
        town.approver,
        {"how": "windows account"},
    )


@pytest.mark.parametrize("typed", ["", "  ", "unknown", "UNKNOWN", "BUILD\\morgana", "morgan", account() + "x"])
def test_another_account_signs_nobody_in(town: Town, people: People, typed: str) -> None:
    people.change(town.approver, windows_account="BUILD\\morgan")
    assert people.sign_in.by_account(typed) is None
    assert not people.audit()


def test_where_it_happened_is_in_the_trail(town: Town, people: People) -> None:
    office = replace(people.office, station=Station("BUILD\\kiosk", "SITE-OFFICE", "9.9"))
    people.knows(town.viewer, GOOD)
    SignIn(office).by_password("Sam Adeyemi", GOOD)
    entry = people.audit(town.viewer)[-1]
    assert (entry.act, entry.login, entry.machine) == ("sign_in", "BUILD\\kiosk", "SITE-OFFICE")


def test_name_and_password_sign_in_and_a_wrong_one_tells_nothing(town: Town, people: People) -> None:
    people.knows(town.viewer, GOOD)
    assert people.sign_in.by_password(" sam adeyemi ", GOOD).id == town.viewer
    told = [
        *tries(people, "Sam Adeyemi", BETTER),  # a wrong password
        *tries(people, "Nobody Here", BETTER),  # a name that nobody has
        *tries(people, "Dana Whitfield", BETTER, ""),  # a person without a password
        *tries(people, "", ""),
    ]
    assert set(told) == {("The name or the password is not right.",)}
    assert people.acts_of(town.viewer) == ["sign_in", "sign_in_failed"]
    assert people.audit()[-1].who == "erpdesk"


def test_an_inactive_person_is_told_no_more_than_a_stranger(town: Town, people: People) -> None:
    people.knows(town.viewer, GOOD)
    people.acts.set_active(town.both, town.viewer, False, "")
    assert tries(people, "Sam Adeyemi", GOOD) == [("The name or the password is not right.",)]


@pytest.mark.parametrize("name", ["Sam Adeyemi", "Nobody Here"])
def test_waits_grow_and_outlast_a_restart(town: Town, people: People, name: str) -> None:
    people.knows(town.viewer, GOOD)
    told = tries(people, name, "wrong one", "wrong two", "wrong three")
    assert [len(each) for each in told] == [1, 1, 2] and "wait 5 s" in told[2][1]
    again = replace(people)  # what a new start of the program holds: nothing but the database
    assert tries(again, name, GOOD) == [("After several wrong passwords the next try has to wait 5 s.",)]
    people.later(seconds=4)
    assert "wait 1 s" in tries(again, name, GOOD)[0][0]
    people.later(seconds=1)
    assert "wait 10 s" in tries(again, name, "wrong four")[0][1]
    people.later(seconds=10)
    if name == "Sam Adeyemi":
        assert people.sign_in.by_password(name, GOOD).id == town.viewer
        assert len(tries(people, name, "wrong five")[0]) == 1
    else:
        assert "wait 20 s" in tries(people, name, GOOD)[0][1]


def test_a_wait_never_passes_its_limit_nor_ends_by_turning_the_clock_back(town: Town, people: People) -> None:
    assert [wait_after(count) for count in (0, 2, 3, 4, 5, 10, 11, 500)] == [0, 0, 5, 10, 20, 640, 900, 900]
    people.knows(town.viewer, GOOD)
    for _ in range(12):
        people.later(hours=1)
        tries(people, "Sam Adeyemi", "wrong")
    people.later(days=-3)
    assert tries(people, "Sam Adeyemi", GOOD) == [("After several wrong passwords the next try has to wait 900 s.",)]
    people.later(days=3, seconds=900)
    assert people.sign_in.by_password("Sam Adeyemi", GOOD)


def test_many_windows_at_once_get_no_more_tries(any_town: Town) -> None:
    people = people_of(any_town.store, any_town.desk.office)
    people.knows(any_town.viewer, GOOD)
    tries(people, "Sam Adeyemi", "wrong one", "wrong two")
    gate = threading.Barrier(4)

    def guess() -> None:
        gate.wait()
        with pytest.raises(NotAllowed):
            SignIn(people.office).by_password("Sam Adeyemi", "wrong again")

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert people.acts_of(any_town.viewer).count("sign_in_failed") == 3


def test_a_password_kept_at_a_lower_cost_is_made_anew(
    town: Town, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.knows(town.viewer, GOOD)
    old = people.named("Sam Adeyemi").password
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=32, r=1, p=1))
    tries(people, "Sam Adeyemi", BETTER)
    assert people.named("Sam Adeyemi").password == old
    people.sign_in.by_password("Sam Adeyemi", GOOD)
    new = people.named("Sam Adeyemi").password
    assert new.startswith("scrypt$32$") and passwords.fits(GOOD, new)
    people.sign_in.by_password("Sam Adeyemi", GOOD)
    assert people.named("Sam Adeyemi").password == new


def test_check_again_asks_for_ones_own_password(town: Town, people: People) -> None:
    with pytest.raises(NotAllowed, match="no password in erpdesk yet"):
        people.sign_in.check_again(town.approver, GOOD)
    people.knows(town.approver, GOOD)
    people.sign_in.check_again(town.approver, GOOD)
    with pytest.raises(NotAllowed, match="not right"):
        people.sign_in.check_again(town.approver, BETTER)
    with pytest.raises(NotAllowed, match="not right"):
        people.sign_in.check_again("nobody", GOOD)
    assert people.acts_of(town.approver) == ["check_again", "check_again_failed"]


def test_only_oneself_or_an_administrator_sets_a_password_and_a_weak_one_is_refused(town: Town, people: People) -> None:
    with pytest.raises(NotAllowed, match="Admin in Directory"):
        people.acts.set_password(town.manager, town.viewer, GOOD)
    with pytest.raises(Refused, match="made of a name"):
        people.acts.set_password(town.viewer, town.viewer, "Sam Adeyemi 2026")
    with pytest.raises(ChangedMeanwhile):
        people.acts.set_password(town.both, "nobody", GOOD)
    assert not people.named("Sam Adeyemi").password


def test_a_password_is_nowhere_but_in_its_scrypt_text(
    town: Town, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    canary, other = "Canary sings at 0451", "Canary howls at 9157"
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    people.knows(town.viewer, canary)
    people.sign_in.by_password("Sam Adeyemi", canary)
    for act in (
        lambda: people.sign_in.by_password("Sam Adeyemi", other),
        lambda: people.sign_in.by_password(canary, other),
        lambda: people.sign_in.check_again(town.viewer, other),
        lambda: people.acts.set_password(town.manager, town.viewer, other),
        lambda: people.acts.set_password(town.viewer, town.viewer, canary[:8]),
        lambda: people.sign_in.first_run(FirstRun(Newcomer("A", password=canary), FIRST.approvers)),
    ):
        with pytest.raises(Refused) as refused:
            act()
        told += [str(refused.value), repr(refused.value), *traceback.format_exception(refused.value)]
    told.append(repr(FirstRun(Newcomer("A", password=canary), FIRST.approvers)))
    with town.store.reading() as session:
        for table in ("person", "audit", "push_grant", "op"):
            told += [repr(row) for row in session.execute(text(f"SELECT * FROM {table}")).all()]
    told.append(caplog.text)
    everything = "\n".join(told).casefold()
    assert "scrypt$" in everything and "sign_in_failed" in everything
    for secret in (canary, other, canary[:8]):
        assert secret.casefold() not in everything, secret
