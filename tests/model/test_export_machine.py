"""Whatever order workers, Sage, people and the clock take: at most one effect, an honest state, one live file (P1-P11).

A worker is held up or dies at the n-th point that it comes to; while it is held up, another one runs whole rounds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.export.kinds.estimates import BUDGET
from erpdesk.sync.sandbox.programs import PROGRAMS, Withdrawn, run_import
from erpdesk.workflows.documents import EstimateFile, EstimateLine
from tests.model.scheduler import Seen
from tests.sync.export.yard import SNAPSHOT, Hands, Yard, other

EXAMPLES = int(os.environ.get("ERPDESK_MACHINE_EXAMPLES", "6"))
POINTS = st.integers(1, 24)
BUDGET_AMOUNT = Decimal("512.34")
ON_ITS_WAY = (ExportState.INTENT, ExportState.STAGED, ExportState.ARMED, ExportState.DELIVERED)
FAILED = (ExportState.REFUSED, ExportState.SAGE_REJECTED)
BUDGET_FILE = EstimateFile("21-001", "Ferry terminal", (EstimateLine("05-100", "SUB", SNAPSHOT.date, BUDGET_AMOUNT),))


class Died(BaseException):
    """A worker dies; nothing in the program catches it."""


class ExportAndSage(RuleBasedStateMachine):
    """Two workers, a person at Sage, a person in the folder, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.commitments = 0
        self.budget = ""
        self.left = 0
        self.then = "die"
        self.born = 0

    @initialize(items=st.integers(1, 2))
    def company(self, items: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="erpdesk-machine-"))
        self.yard = Yard.build(self.folder)
        self.hands = Hands()
        self.workers: list[Exporter] = []
        for _ in range(items):
            self.accept_a_commitment()
        for _ in range(2):
            self._born()

    def _born(self) -> Exporter:
        self.born += 1
        worker = self.yard.exporter(
            timing=Timing(again=Timing().look * 0), clock=self.hands.clock, at=self._at, worker=f"worker-{self.born}"
        )
        self.workers.append(worker)
        worker.recover()
        return worker

    def _at(self, point: str) -> None:
        if not self.left:
            return
        self.left -= 1
        if self.left:
            return
        if self.then == "die":
            raise Died
        # Held up: the other one runs whole rounds, and Sage what lies there.
        other_worker = self.workers[1]
        getattr(other_worker, "recover" if self.then == "recover" else "step")()
        if self.then == "sage":
            self._import("import_commitments", "")
        other_worker.step()

    @precondition(lambda self: self.commitments < 3)
    @rule()
    def accept_a_commitment(self) -> None:
        self.commitments += 1
        self.yard.accept(other(self.commitments), at=self.hands.now())

    @precondition(lambda self: not self.budget)
    @rule()
    def accept_a_budget(self) -> None:
        self.budget = self.yard.accept(BUDGET_FILE, kind=BUDGET, sage_id="21-001", idempotency="B", at=self.hands.now())

    @rule(what=st.sampled_from(("step", "step", "recover")))
    def worker_goes_on(self, what: str) -> None:
        getattr(self.workers[0], what)()

    @rule(point=POINTS, what=st.sampled_from(("step", "recover")))
    def worker_dies(self, point: int, what: str) -> None:
        self.left, self.then = point, "die"
        try:
            getattr(self.workers[0], what)()
        except Died:
            del self.workers[0]
            self.left = 0
            self._born()
        self.left = 0

    @rule(point=POINTS, meanwhile=st.sampled_from(("step", "recover", "sage")))
    def worker_is_held_up(self, point: int, meanwhile: str) -> None:
        self.left, self.then = point, meanwhile
        self.workers[0].step()
        self.left = 0

    @rule(
        program=st.sampled_from(("import_commitments", "import_estimates")),
        meanwhile=st.sampled_from(("", "read", "committed")),
        rejects=st.booleans(),
    )
    def sage_imports(self, program: str, meanwhile: str, rejects: bool) -> None:
        if rejects and program == "import_commitments":
            self.yard.sage.set_faults(reject_next="vendor insurance has expired.")
        self._import(program, meanwhile)

    def _import(self, name: str, meanwhile: str) -> None:
        program = PROGRAMS[name]
        if (self.yard.imports / program.print).exists() or not (self.yard.imports / program.file).exists():
            return

        def at(step: str) -> None:
            if step == meanwhile:
                self.workers[0].step()
                self.workers[1].recover()

        try:
            run_import(self.yard.sage, name, on_step=at)
        except Withdrawn:
            return

    @rule()
    def sage_stops(self) -> None:
        """Sage finds the file in use and imports nothing."""
        self.yard.sage.set_faults(lock=True)
        self._import("import_commitments", "")
        self.yard.sage.set_faults(lock=False)

    @rule(what=st.sampled_from(("edit", "copy", "take away", "put back")))
    def somebody_meddles(self, what: str) -> None:
        file, away = self.yard.imports / "commitments.jcc", self.folder / "away.jcc"
        if what == "put back":
            if away.exists() and not file.exists():
                away.rename(file)
        elif not file.exists():
            return
        elif what == "edit":
            file.write_bytes(file.read_bytes().replace(b"Structural", b"Structurel"))
        elif what == "copy":
            shutil.copy(file, self.yard.imports / "copy of commitments.jcc")
        elif not away.exists():
            file.rename(away)

    @rule(minutes=st.sampled_from((1, 31)))
    def time_passes(self, minutes: int) -> None:
        self.hands.move(minutes=minutes)

    @rule()
    def files_are_closed(self) -> None:
        self.workers[0].close_files()

    @invariant()
    def nothing_is_wrong(self) -> None:
        if not hasattr(self, "yard"):
            return
        wrong = list(Seen.of(self._disk()).wrong())
        assert not wrong, wrong
        if self.budget:
            state, times = self.yard.state(self.budget), self._budgets()
            assert times <= 1
            assert times == 1 or state not in (ExportState.POSTED, ExportState.IN_SAGE)
            assert times == 0 or state not in FAILED

    def _budgets(self) -> int:
        return sum(
            len(self.yard.ask(f"SELECT 1 FROM {table} WHERE Amount = ?", float(BUDGET_AMOUNT)))
            for table in ("JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION")
        )

    def _disk(self) -> dict[str, tuple[int, bytes]]:
        """What the checks look at: the mailbox, staging and both databases."""
        paths = [self.folder / "erpdesk.db", self.yard.sage.data_file]
        paths += [each for each in self.yard.imports.iterdir() if each.is_file() and not each.name.startswith("copy")]
        staging = self.yard.imports / "staging"
        paths += staging.iterdir() if staging.is_dir() else ()
        return {str(path.relative_to(self.folder)): (0o644, path.read_bytes()) for path in paths}

    def teardown(self) -> None:
        """With nobody in the way any more everything comes to an end that is shown, and the trail is whole (P2, P8)."""
        if not hasattr(self, "yard"):
            return
        try:
            self.nothing_is_wrong()
            self.yard.sage.set_faults(lock=False, reject_next="")
            worker = self.workers[0]
            for _ in range(12):
                worker.recover()
                worker.step()
                for program in ("import_commitments", "import_estimates"):
                    self._import(program, "")
                worker.step()
                self._clear_what_is_nobodys()
                self.hands.move(minutes=31)
            self.nothing_is_wrong()
            stuck = [each.sage_id for each in worker.store.items(ON_ITS_WAY)]
            assert not stuck, [(each.sage_id, each.state, each.message) for each in worker.store.items(ON_ITS_WAY)]
            self.yard.audit()
        finally:
            self.yard.store.close()
            shutil.rmtree(self.folder)

    def _clear_what_is_nobodys(self) -> None:
        """The person does what the words on screen say: moves out of the mailbox what comes from no open export."""
        flying = self.workers[0].store.items((ExportState.ARMED, ExportState.DELIVERED))
        if not flying:
            for name in ("commitments.jcc", "commitments.prn", "commitments.rej"):
                path = self.yard.imports / name
                if path.exists():
                    path.rename(self.folder / f"cleared-{len(list(self.folder.iterdir()))}-{name}")


TestExportAndSage = ExportAndSage.TestCase
TestExportAndSage.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
