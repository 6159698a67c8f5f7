"""The real acts that are recorded: sending, deciding, exporting, closing a doubt by two people, on a real company.

``python -m tests.proof.power.acts FOLDER`` makes a company, records what it says and leaves ``start.db`` and
``tape.pickle`` there: who forks other processes later has opened no store.
"""

from __future__ import annotations

import pickle
import shutil
import sys
import tempfile
from pathlib import Path

from erpdesk.models.erp import ExportState, Saw
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.store import ExportStore
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.sample import make_sample
from erpdesk.workflows import doubts
from erpdesk.workflows.console_rows import View
from tests.proof.power.tape import Said, Tape
from tests.sync.export.yard import QUICK
from tests.town import Town, copy_of, prepare, press

START, TAPE = "start.db", "tape.pickle"


def record(town: Town, folder: Path) -> list[Said]:
    """Lets people and the worker of a company do one of everything; ``folder`` gets the store as it was before."""
    items = [town.approved() for _ in range(3)]
    town.store.engine.dispose()
    shutil.copyfile(town.folder / "erpdesk.db", folder / START)
    tape = Tape()
    tape.listen(town.store.engine)
    erp = town.desk.erp
    assert len(erp.send(town.manager, items, press()).done) == len(items)
    first, second, third = (row.id for row in town.queue(View.READY_TO_EXPORT))
    town.accept(first)
    erp.reject(town.approver, second, "Split it.", press())
    export(town)
    town.accept(third)
    close(town, third)
    town.store.engine.dispose()
    return tape.said


def export(town: Town) -> None:
    """The worker and Sage, until the item is read back: stage, arm, deliver, post."""
    exporter = Exporter(
        town.store.sessions,
        company=town.settings.company,
        imports=town.sage.imports,
        journal=town.folder / "journal",
        reader=FreshReader(open_standin(town.sage.folder)),
        timing=QUICK,
        live=False,
    )
    exporter.recover()
    for _ in range(8):
        exporter.step()
        SandboxOperator(town.sage).step()
    assert len(town.queue(View.SYNCED)) == 1, [row.message for row in town.queue(View.EXPORTING)]


def close(town: Town, submission: str) -> None:
    """The export of an accepted item ends in doubt, and two people close it."""
    exports = ExportStore(town.store.sessions, town.settings.company, "a test")
    (item,) = exports.items((ExportState.INTENT,))
    for verb in ("stage", "arm", "deliver", "doubt"):
        item = exports.advance(item, verb, f"{verb}.")
    town.desk.closing.state_seen(town.approver, submission, Saw.IN_SAGE, "Job Cost > Inquiry: it is there.", press())
    with town.store.reading() as session:
        waiting = doubts.open_closing(session, item.id)
        assert waiting is not None
        closing = waiting.id
    town.desk.closing.confirm(town.both, closing, press(), "Seen there too.")
    assert exports.item(item.id).state is ExportState.CLOSED_IN_SAGE


def main(folder: Path) -> None:
    """Makes the company and records it."""
    with tempfile.TemporaryDirectory(prefix="erpdesk-power-") as made:
        sage, prepared, home = (Path(made) / name for name in ("sage", "prepared", "home"))
        make_sample(sage, transactions=300)
        prepare(prepared, sage)
        town = copy_of(prepared, home)
        said = record(town, folder)
        town.store.close()
    (folder / TAPE).write_bytes(pickle.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
