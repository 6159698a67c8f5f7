"""Long work in slices: it ends, can be dropped, and lets events in between."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.sliced import Sliced, Steps


def count_to(number: int, seen: list[int]) -> Steps[int]:
    for step in range(number):
        seen.append(step)
        yield
    return number


def endless(seen: list[int]) -> Steps[int]:
    while True:
        seen.append(1)
        yield


def test_work_at_once_is_done_before_start_returns(qtbot: QtBot) -> None:
    parent, results, seen = QObject(), list[int](), list[int]()
    work: Sliced[int] = Sliced(parent)
    work.start(count_to(5, seen), results.append, at_once=True)
    assert (results, work.busy, len(seen)) == ([5], False, 5)


def test_long_work_lets_the_window_breathe_and_can_be_dropped(qtbot: QtBot) -> None:
    parent, results, seen = QObject(), list[int](), list[int]()
    work: Sliced[int] = Sliced(parent)
    work.start(endless(seen), results.append)
    assert work.busy
    first = len(seen)
    qtbot.waitUntil(lambda: len(seen) > first)
    work.stop()
    stopped = len(seen)
    qtbot.waitUntil(lambda: not work.busy)
    assert (results, len(seen)) == ([], stopped)


def test_starting_again_drops_what_was_under_way(qtbot: QtBot) -> None:
    parent, results, seen = QObject(), list[int](), list[int]()
    work: Sliced[int] = Sliced(parent)
    work.start(endless(seen), results.append)
    work.start(count_to(3, seen), results.append)
    qtbot.waitUntil(lambda: results == [3])
    assert not work.busy


def test_the_end_of_one_work_may_begin_the_next(qtbot: QtBot) -> None:
    parent, results, seen = QObject(), list[int](), list[int]()
    work: Sliced[int] = Sliced(parent)

    def again(result: int) -> None:
        results.append(result)
        if len(results) < 3:
            work.start(count_to(2, seen), again)

    work.start(count_to(1, seen), again)
    qtbot.waitUntil(lambda: results == [1, 2, 2])
    assert not work.busy


def test_dropping_closes_the_work(qtbot: QtBot) -> None:
    parent, closed = QObject(), list[str]()
    work: Sliced[int] = Sliced(parent)

    def careful() -> Steps[int]:
        try:
            while True:
                yield
        finally:
            closed.append("closed")

    work.start(careful(), lambda _: None)
    work.stop()
    assert closed == ["closed"]


def test_work_that_fails_ends_and_is_not_begun_again(qtbot: QtBot) -> None:
    parent, results = QObject(), list[int]()
    work: Sliced[int] = Sliced(parent)

    def broken() -> Steps[int]:
        yield
        raise KeyError("in the work")

    with pytest.raises(KeyError):
        work.start(broken(), results.append)
    assert (work.busy, results) == (False, [])


def test_an_error_after_the_end_does_not_carry_the_result_with_it(qtbot: QtBot) -> None:
    parent = QObject()
    work: Sliced[int] = Sliced(parent)

    def wrong(_result: int) -> None:
        raise KeyError("afterwards")

    with pytest.raises(KeyError) as caught:
        work.start(count_to(1, []), wrong, at_once=True)
    assert caught.value.__context__ is None
    assert not work.busy
