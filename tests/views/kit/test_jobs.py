"""Work off the GUI thread: order, keys, errors, and an end that waits for nobody for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs, JobsClosed

T = TypeVar("T")


@dataclass
class Office:
    """Jobs with what they reported; ``held`` stops a job until the test lets it go on."""

    jobs: Jobs
    bridge: Bridge
    reported: list[BaseException]
    gates: list[threading.Event] = field(default_factory=list)

    def held(self, answer: T) -> tuple[Callable[[], T], threading.Event, threading.Event]:
        began, gate = threading.Event(), threading.Event()
        self.gates.append(gate)

        def work() -> T:
            began.set()
            gate.wait(30)
            return answer

        return work, began, gate


@pytest.fixture
def office(qtbot: QtBot) -> Iterator[Office]:
    reported: list[BaseException] = []
    bridge = Bridge()
    made = Office(Jobs(bridge, reported.append), bridge, reported)
    yield made
    for gate in made.gates:
        gate.set()
    assert made.jobs.close()
    bridge.close()


def note(done: list[T], what: T) -> Callable[[], T]:
    def work() -> T:
        done.append(what)
        return what

    return work


def takes_more(office: Office) -> bool:
    try:
        office.jobs.read(lambda: None)
    except JobsClosed:
        return False
    return True


def boom(error: BaseException) -> object:
    raise error


# Where and when


def test_work_is_off_the_gui_thread_and_answers_on_it(qtbot: QtBot, office: Office) -> None:
    here, seen = threading.current_thread(), []

    def done(worker: threading.Thread) -> None:
        seen.append((worker, threading.current_thread()))

    office.jobs.read(threading.current_thread, done)
    office.jobs.write(threading.current_thread, done)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert all(worker is not here and answered is here for worker, answered in seen)
    assert all(worker.daemon for worker, _ in seen)
    qtbot.waitUntil(lambda: office.jobs.idle)


def test_writes_are_done_one_after_the_other_in_their_order(qtbot: QtBot, office: Office) -> None:
    done: list[int] = []
    answered: list[int] = []
    work, began, gate = office.held(0)
    office.jobs.write(work, answered.append)
    for number in range(1, 20):
        office.jobs.write(note(done, number), answered.append)
    assert began.wait(10) and done == [] and not office.jobs.idle
    gate.set()
    qtbot.waitUntil(lambda: len(answered) == 20)
    assert done == list(range(1, 20)) and answered == list(range(20))


def test_a_read_does_not_wait_for_a_write(qtbot: QtBot, office: Office) -> None:
    work, began, _gate = office.held(None)
    office.jobs.write(work)
    assert began.wait(10)
    answers: list[str] = []
    office.jobs.read(lambda: "read", answers.append)
    qtbot.waitUntil(lambda: answers == ["read"])


# Keys


def test_a_later_read_of_a_key_makes_the_earlier_void(qtbot: QtBot, office: Office) -> None:
    answers: list[str] = []
    slow, began, gate = office.held("old")
    office.jobs.read(slow, answers.append, key="list")
    assert began.wait(10)
    office.jobs.read(lambda: "new", answers.append, key="list")
    office.jobs.read(lambda: "other", answers.append, key="page")
    qtbot.waitUntil(lambda: len(answers) == 2)
    gate.set()
    qtbot.waitUntil(lambda: office.jobs.idle)
    assert set(answers) == {"new", "other"}


def test_a_void_read_that_has_not_begun_is_not_done(qtbot: QtBot, office: Office) -> None:
    for _ in range(2):
        work, began, _gate = office.held(None)
        office.jobs.read(work)
        assert began.wait(10)
    done: list[str] = []
    for name in ("one", "two", "three"):
        office.jobs.read(note(done, name), key="list")
    for gate in office.gates:
        gate.set()
    qtbot.waitUntil(lambda: office.jobs.idle)
    assert done == ["three"]


def test_a_forgotten_read_answers_nobody_not_even_with_an_error(qtbot: QtBot, office: Office) -> None:
    answers: list[Any] = []
    work, began, gate = office.held(None)

    def fail() -> object:
        work()
        raise ForPeople("Sage is away.")

    office.jobs.read(fail, answers.append, answers.append, key="review")
    assert began.wait(10)
    office.jobs.forget("review")
    gate.set()
    qtbot.waitUntil(lambda: office.jobs.idle)
    assert answers == [] and office.reported == []


# Errors


@pytest.mark.parametrize("lane", ["read", "write"])
def test_no_error_goes_unheard(qtbot: QtBot, office: Office, lane: str) -> None:
    hand_in = getattr(office.jobs, lane)
    failed: list[BaseException] = []
    people, bug = ForPeople("The folder is gone."), ValueError("bug")
    hand_in(partial(boom, people))
    qtbot.waitUntil(lambda: office.reported == [people])
    hand_in(partial(boom, people), failed=failed.append)
    qtbot.waitUntil(lambda: failed == [people])
    assert office.reported == [people], "who has its own answer is not reported twice"
    hand_in(partial(boom, bug), failed=failed.append)
    qtbot.waitUntil(lambda: office.reported == [people, bug])
    assert failed == [people, bug]
    qtbot.waitUntil(lambda: office.jobs.idle)


def test_an_error_while_answering_is_reported_and_the_rest_goes_on(qtbot: QtBot, office: Office) -> None:
    bug = KeyError("in done")
    answers: list[int] = []
    office.jobs.read(lambda: 1, lambda _answer: boom(bug))
    office.jobs.read(partial(boom, ForPeople("away")), failed=lambda _error: boom(bug))
    office.jobs.write(lambda: 2, answers.append)
    qtbot.waitUntil(lambda: office.jobs.idle)
    assert office.reported == [bug, bug] and answers == [2]


# The end


def test_closing_finishes_writes_and_drops_reads(qtbot: QtBot, office: Office) -> None:
    done: list[str] = []
    reads = [office.held(None) for _ in range(2)]
    for work, began, _gate in reads:
        office.jobs.read(work)
        assert began.wait(10)
    write, writing, _gate = office.held(None)
    office.jobs.write(write)
    assert writing.wait(10)
    office.jobs.write(note(done, "write"))
    office.jobs.read(note(done, "read"))
    closed: list[bool] = []
    closing = threading.Thread(target=lambda: closed.append(office.jobs.close(timeout=10)))
    closing.start()
    qtbot.waitUntil(lambda: not takes_more(office))
    for gate in office.gates:
        gate.set()
    closing.join(10)
    assert closed == [True] and done == ["write"]


def test_after_closing_nothing_is_taken(office: Office) -> None:
    assert office.jobs.close()
    for hand_in in (office.jobs.read, office.jobs.write):
        with pytest.raises(JobsClosed):
            hand_in(lambda: None)


def test_closing_does_not_wait_for_ever_for_a_hanging_job(office: Office) -> None:
    work, began, _gate = office.held(None)
    office.jobs.read(work)
    assert began.wait(10)
    assert not office.jobs.close(timeout=0.05)


# The bridge


def test_calls_and_events_from_other_threads_arrive_here_in_order(qtbot: QtBot) -> None:
    bridge, seen, here = Bridge(), [], threading.current_thread()

    def take(thing: object) -> None:
        seen.append((thing, threading.current_thread() is here))

    bridge.arrived.connect(take)

    def elsewhere() -> None:
        for number in range(50):
            if number % 2:
                bridge.report(number)
            else:
                bridge.call(take, number)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [], "nothing runs before the window takes its turn"
    qtbot.waitUntil(lambda: len(seen) == 50)
    assert seen == [(number, True) for number in range(50)]
    bridge.close()


def test_a_call_that_fails_is_heard_and_the_next_one_runs(qtbot: QtBot) -> None:
    heard: list[BaseException] = []
    bridge, seen = Bridge(errors=heard.append), list[int]()
    bug = ValueError("bug")
    bridge.call(boom, bug)
    bridge.call(seen.append, 1)
    qtbot.waitUntil(lambda: seen == [1])
    assert heard == [bug]


def test_after_closing_the_bridge_news_is_dropped(qtbot: QtBot) -> None:
    bridge, other, seen = Bridge(), Bridge(), list[str]()
    bridge.call(seen.append, "under way")
    bridge.close()
    bridge.call(seen.append, "late")
    other.call(seen.append, "other")
    qtbot.waitUntil(lambda: "other" in seen)
    assert seen == ["other"]


def test_a_widget_that_only_a_job_still_knew_is_freed_on_the_gui_thread(office: Office, qtbot: QtBot) -> None:
    """Its window was closed while the job ran; on another thread its end would take the program down."""
    freed: list[str] = []

    class Known(QObject):
        def __del__(self) -> None:
            freed.append(threading.current_thread().name)

    def hand_in(number: int) -> None:
        known = Known()
        office.jobs.read(lambda: number, lambda _result: known.objectName(), key=("a list", number))

    for number in range(40):
        hand_in(number)
    qtbot.waitUntil(lambda: len(freed) == 40)
    assert set(freed) == {threading.main_thread().name}
