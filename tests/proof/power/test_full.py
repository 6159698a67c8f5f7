"""The disk of the database is full, at accept and at every step of an export: rolled back, said, and gone on with (5).

Full by SQLite's own bound on pages; and by the system, in a process of its own, where no file may grow past a size.
"""

from __future__ import annotations

import os
import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from erpdesk.core.errors import ForPeople
from erpdesk.models.erp import ExportState
from erpdesk.workflows.console_rows import View
from tests.sync.export.yard import Yard, other
from tests.town import Town, press

LONG = "Checked with the vendor by telephone. " * 260
"""A reason that needs pages of its own, so that it does not fit into what is left of the last one."""
ITEMS = 12
"""Their audit entries together need pages of their own."""

STEPS = {
    "staged_file": ExportState.INTENT,
    "checked": ExportState.STAGED,
    "delivered_file": ExportState.ARMED,
    "evidence": ExportState.DELIVERED,
}
"""After which point the store is written next (stage, arm, deliver, post), and where the items stand until it is."""


class Tight:
    """A store that may not grow while ``on``."""

    def __init__(self, engine: Engine) -> None:
        self.on = False

        @event.listens_for(engine, "begin")
        def limit(connection: Any) -> None:
            raw = connection.connection.driver_connection
            pages = raw.execute("PRAGMA page_count").fetchone()[0] if self.on else 2**31 - 2
            raw.execute(f"PRAGMA max_page_count={pages}")


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """No file of this process may grow past so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def in_child(work: Callable[[], None]) -> None:
    """Runs a part of a test in a process of its own, whose bounds end with it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            os.write(theirs, traceback.format_exc()[-4000:].encode())
        os._exit(code)
    os.close(theirs)
    with os.fdopen(ours) as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, said


def accept_without_room(town: Town, fill: Callable[[], Any], room: Callable[[], Any]) -> None:
    """An accept that finds no room leaves everything as it was; the same press does it once there is."""
    submission = town.queue(View.READY_TO_EXPORT)[0].id
    seen, once = town.console.review(submission, None, town.approver), press()
    asked = (town.approver, submission, seen.row.sage_id, seen.sha256, once, LONG)
    rings = town.bell.rings
    fill()
    with pytest.raises(ForPeople) as told:
        town.desk.erp.accept(*asked)
    room()
    assert "can not be used now" in told.value.what
    assert "disk is not full" in told.value.next_step
    assert [row.id for row in town.queue(View.READY_TO_EXPORT)] == [submission]
    assert town.bell.rings == rings
    town.desk.erp.accept(*asked)
    assert [row.id for row in town.queue(View.EXPORTING)] == [submission]
    assert town.desk.trail.daily(lambda: False) == ""


def test_an_accept_that_finds_no_page_is_not_done_at_all(town: Town) -> None:
    town.sent()
    tight = Tight(town.store.engine)
    accept_without_room(town, lambda: setattr(tight, "on", True), lambda: setattr(tight, "on", False))


@pytest.mark.parametrize("opened", [True, False])
def test_an_accept_that_the_system_gives_no_room_is_not_done_at_all(town: Town, opened: bool) -> None:
    """With what was read of Sage open already the store is what finds no room; else that finds none."""
    town.sent()
    # A child must not use what its parent had open.
    town.store.engine.dispose()

    def work() -> None:
        bound = bounded(1024)
        with town.facts.at_once() if opened else nullcontext():
            accept_without_room(town, bound.__enter__, lambda: bound.__exit__(None, None, None))
        town.store.engine.dispose()

    in_child(work)


def export_without_room(yard: Yard, point: str, fill: Callable[[], Any], room: Callable[[], Any]) -> None:
    """The store has no room from a point on: nothing moves and it is said; with room every item goes in once."""
    items = [yard.accept(other(number)) for number in range(1, ITEMS + 1)]
    full = False

    def at(met: str) -> None:
        nonlocal full
        if met == point and not full:
            full = True
            fill()

    exporter = yard.exporter(at=at)
    told: tuple[str, ...] = ()
    exporter.recover()
    for _ in range(8):
        report = exporter.step()
        if full:
            told = report.troubles
            break
        yard.sage_imports()
    room()
    assert full
    states = {yard.state(item) for item in items}
    # What was read back is noted item by item: some may have found room on the last page.
    assert STEPS[point] in states <= {STEPS[point], *([ExportState.POSTED] if point == "evidence" else [])}
    assert any("could not be read or written" in sentence for sentence in told), told
    yard.run(yard.exporter())
    assert {yard.state(item) for item in items} == {ExportState.POSTED}
    assert [yard.in_sage(f"SC-21-{number:03}") for number in range(1, ITEMS + 1)] == [1] * ITEMS
    acts = yard.audit()
    assert [acts.count(verb) for verb in ("accept", "stage", "arm", "post")] == [ITEMS] * 4


@pytest.mark.parametrize("point", STEPS)
def test_an_export_that_finds_no_page_stays_where_it_is(tmp_path: Path, point: str) -> None:
    yard = Yard.build(tmp_path)
    tight = Tight(yard.store.engine)
    export_without_room(yard, point, lambda: setattr(tight, "on", True), lambda: setattr(tight, "on", False))
    yard.store.close()


@pytest.mark.parametrize("point", STEPS)
def test_an_export_that_the_system_gives_no_room_stays_where_it_is(tmp_path: Path, point: str) -> None:
    def work() -> None:
        yard = Yard.build(tmp_path)
        bound = bounded(1024)
        export_without_room(yard, point, bound.__enter__, lambda: bound.__exit__(None, None, None))
        yard.store.close()

    in_child(work)
