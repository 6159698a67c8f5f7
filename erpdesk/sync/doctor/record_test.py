"""The self-test of record types in a test company: imports an item, the same file again, and the item altered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.doctor.classify import UNKNOWN, Measure, Proof, classify
from erpdesk.sync.doctor.ground import Ground, find_ground, measure, unseen_before_posting
from erpdesk.sync.doctor.importing import Person, Printed, Task, TrialMailbox
from erpdesk.sync.doctor.trials import ALTERED, FIRST, TRIALS, Trial
from erpdesk.sync.sage.capabilities import Capabilities
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.layouts import Layout
from erpdesk.sync.sage.probe import probe
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.results import JournalReport, parse_journal
from erpdesk.sync.sage.session import Session

T = TypeVar("T")
ROUNDS = (("first", FIRST), ("the same file again", FIRST), ("altered", ALTERED))


@dataclass(frozen=True)
class TypeVerdict:
    """What the self-test found of one record type."""

    name: str
    proof: Proof


class RecordTest:
    """Tests record types one after another; only for the stand-in or a company made for trying things.

    ``layout`` gives the site's layout by name, ``person`` is who runs the imports. The files go through the same
    mailbox as real ones, so nothing else may be sent meanwhile. It leaves its few records, all called "erpdesk
    self-test", in the test company. ``stopped`` ends it between two imports.
    """

    def __init__(
        self,
        connect: Connect,
        mailbox: TrialMailbox,
        person: Person,
        layout: Callable[[str], Layout],
        *,
        seconds: float = 300,
        clock: Clock = CLOCK,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connect, self._mailbox, self._person, self._layout = connect, mailbox, person, layout
        self._seconds, self._clock, self._stopped = seconds, clock, stopped

    def run(
        self, trials: Sequence[Trial] = TRIALS, tell: Callable[[TypeVerdict], object] = lambda tested: None
    ) -> tuple[TypeVerdict, ...]:
        """Every verdict in order, each told at once; raises ForPeople when Sage cannot be read or has no job for it."""
        found: dict[str, TypeVerdict] = {}
        ground = self._with_sage(
            lambda session, known: find_ground(session, known, self._clock.now(), self._clock.today())
        )
        for trial in trials:
            if self._stopped():
                break
            found[trial.name] = TypeVerdict(trial.name, self._prove(trial, ground, found))
            tell(found[trial.name])
        return tuple(found.values())

    def _prove(self, trial: Trial, ground: Ground, found: Mapping[str, TypeVerdict]) -> Proof:
        before_it = found.get(trial.needs)
        if trial.needs and (before_it is None or not before_it.proof.proven):
            return Proof(UNKNOWN, False, f"It needs a {trial.needs} in Sage, and that one was not proven.")
        try:
            return self._try(trial, ground)
        except ForPeople as error:
            return Proof(UNKNOWN, False, str(error))

    def _try(self, trial: Trial, ground: Ground) -> Proof:
        layout = self._layout(trial.layout)
        kind = next(each for each in layout.record_types if each.name == trial.name)
        looks, unseen = [], False

        def look(session: Session, known: Capabilities) -> Measure:
            nonlocal unseen
            unseen = unseen_before_posting(known, trial.places(ground))
            return measure(session, known, trial.places(ground))

        looks.append(self._with_sage(look))
        for at, (about, amount) in enumerate(ROUNDS):
            if self._stopped():
                raise ForPeople("The test was ended before its last import.", kept="It counts as B.")
            made = Renderer(layout).preview(trial.document(ground, amount, layout))
            if made.refusals:
                raise ForPeople(" ".join(made.refusals), kept="Nothing was imported.")
            about = f"{trial.name[:1].upper()}{trial.name[1:]}, {about} ({at + 1} of {len(ROUNDS)})"
            task = self._mailbox.task(layout, kind, about)
            report = _report(self._mailbox.bring_in(task, made.data, self._person))
            if report.stopped or not report.ended:
                # An import that did not run to its end refused nothing.
                raise ForPeople(f"Sage did not end import {at + 1}. {_reason(report)}".strip(), kept="It counts as B.")
            if unseen and task.after and not _refused(report):
                self._post(task, look, looks[-1])
            looks.append(self._with_sage(look))
            if at == 0 and looks[1] == looks[0]:
                return Proof(UNKNOWN, False, f"Sage did not take the first record in. {_reason(report)}".strip())
        return classify(looks, FIRST, ALTERED)

    def _post(self, task: Task, look: Callable[[Session, Capabilities], Measure], before: Measure) -> None:
        if not self._person.posts(task, lambda: self._with_sage(look) != before):
            raise ForPeople(
                "What was imported did not show after posting in time.",
                kept="It stands in Sage among the entries to be posted; the type counts as B.",
                next_step=f"Run {task.after} in Sage, and start the self-test again.",
            )

    def _with_sage(self, look: Callable[[Session, Capabilities], T]) -> T:
        session = Session(self._connect, self._seconds, threading.Event())
        try:
            return look(session, probe(session))
        finally:
            session.close()


def _report(printed: Printed) -> JournalReport:
    return parse_journal(printed.journal or b"")


def _refused(report: JournalReport) -> bool:
    """Whether the journal says, whole and plainly, that nothing went in; only then is nothing to be posted."""
    return report.ended and not report.accepted


def _reason(report: JournalReport) -> str:
    if report.stopped:
        return f"Sage stopped the import: {report.stopped}"
    return " ".join(dict.fromkeys(line.reason for line in report.lines if line.reason))
