"""Two programs that accept the same items on one store file, and a third that is started the normal way.

``python -m tests.two_programs PREPARED HOME COUNT`` sends so many commitments in a copy of the prepared company under
HOME, lets both accept all of them, each in its own order, and prints what each was told, as JSON. The processes are
forked from this one, which has imported everything and opened nothing.
"""

from __future__ import annotations

import json
import os
import random
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from erpdesk import cli, commands, database, paths, sample
from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.views.instance import OnlyInstance
from erpdesk.workflows.console_rows import Pick, View
from tests.town import Town, at_home, copy_of, move_in, press

WHO = (sample.APPROVER, sample.SECOND_APPROVER)

_ = commands  # what every process would import for itself


def in_process(work: Callable[[], Any]) -> tuple[int, int]:
    """Does some work in a process of its own; answers its id, and where its answer is read."""
    theirs, ours = os.pipe()
    child = os.fork()
    if child:
        os.close(ours)
        return child, theirs
    code = 1
    try:
        os.close(theirs)
        with os.fdopen(ours, "w") as told:
            told.write(json.dumps(work()))
        code = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    os._exit(code)


def answer(process: tuple[int, int]) -> Any:
    """What a process answers; raises RuntimeError when it broke."""
    child, theirs = process
    with os.fdopen(theirs) as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a process ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(text)


class Gate:
    """Where processes wait until all of them are there."""

    def __init__(self) -> None:
        self._arrived, self._arrive = os.pipe()
        self._go, self._let_go = os.pipe()

    def wait(self) -> None:
        """In a child: waits for the others."""
        os.write(self._arrive, b"1")
        os.read(self._go, 1)

    def open(self, count: int) -> None:
        """In the parent: lets them go once so many are there."""
        for _ in range(count):
            os.read(self._arrived, 1)
        os.write(self._let_go, b"1" * count)


def send(prepared: Path, folder: Path, count: int) -> list[list[str]]:
    """Commitments that wait for a decision, and what the approvers saw of them."""
    town = copy_of(prepared, folder)
    items = [town.approved() for _ in range(count)]
    assert len(town.desk.erp.send(town.manager, items, press()).done) == count
    ids = [row.id for row in town.queue(View.READY_TO_EXPORT)]
    seen = town.console.accept_preview(town.approver, ids).picks
    town.store.close()
    return [[pick.submission_id, pick.sage_id, pick.sha256] for pick in seen]


def accept(folder: Path, name: str, picks: list[list[str]], seed: int, gate: Gate) -> dict[str, str]:
    """What a program is told that accepts each item: '' when it did, else the words; begins when all are ready."""
    town = open_town(folder)
    who = town.people[name]
    order = list(picks)
    random.Random(seed).shuffle(order)
    told: dict[str, str] = {}
    gate.wait()
    for each in order:
        pick = Pick(*each)
        try:
            town.desk.erp.accept(who, pick.submission_id, pick.sage_id, pick.sha256, press())
            told[pick.submission_id] = ""
        except ForPeople as problem:
            told[pick.submission_id] = str(problem)
    town.store.close()
    return told


def open_town(folder: Path) -> Town:
    """The company as another program made it, through the start-up gate."""
    engine = database.open_store(folder / "erpdesk.db", backups=folder / "backups").engine
    return at_home(move_in(folder, engine, [1], CLOCK))


def normal_start() -> int:
    """How a third program ends that is started from the command line while another has the company open."""
    return cli.main(["sync", "--demo"])


def main(prepared: Path, home: Path, count: int) -> None:
    """Runs all of it."""
    os.environ["ERPDESK_HOME"] = str(home)
    configure_mappers()
    load_layout("jcc")
    folder = paths.demo_company().root
    picks = answer(in_process(lambda: send(prepared, folder, count)))
    only = OnlyInstance(folder)
    if not only.take():
        raise RuntimeError("nobody else is there")
    gate = Gate()
    both = [
        in_process(lambda name=name, seed=seed: accept(folder, name, picks, seed, gate))  # type: ignore[misc]
        for seed, name in enumerate(WHO)
    ]
    gate.open(len(both))
    third = answer(in_process(normal_start))
    told = [answer(each) for each in both]
    only.release()
    print(json.dumps({"told": told, "third": third}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
