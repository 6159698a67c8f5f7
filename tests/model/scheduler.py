"""Every order in which two workers, Sage and the clock can take turns, over the real code (5.6).

The scheduler stands at a state of the world, lets one of the actors do one thing, looks whether all still holds, and
goes on from there; then it takes the world back and lets another one go first. States that it knows are not entered
again.

What is bounded: how often a worker is interrupted inside a round (``Bound.cuts``) and how often one dies there
(``Bound.crashes``). Everything else is exhausted: at the end of a round, and while a worker stands still in the middle
of one, all actors may go on in any order; Sage may stand between reading and committing as long as it likes. A second
worker starts while the first one stands still or is dead: between whole rounds two workers are like one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from erpdesk.sync.sandbox.programs import PROGRAMS
from tests.model import told as t
from tests.model.frozen import Failed, Frozen
from tests.model.told import Disk
from tests.model.world import Setting, World, a_world
from tests.sync.export.yard import SNAPSHOT

ENDINGS = (".jcc", ".jce", ".api")
FREELY = 9


@dataclass(frozen=True)
class Bound:
    """How far to look: interruptions of a worker inside a round, deaths of workers, refused and stopped imports.

    ``timers``: recoveries of a worker that runs already. ``jumps``: how often half an hour passes; ``FREELY`` is as
    good as any number, because what is old stays old.
    """

    cuts: int = 1
    crashes: int = 1
    rejects: int = 1
    stops: int = 1
    timers: int = 0
    jumps: int = FREELY

    def __str__(self) -> str:
        return (
            f"{self.cuts} interruptions, {self.crashes} crashes, {self.rejects} rejects, {self.stops} stopped imports, "
            f"{self.timers} recoveries by timer, half an hour passes {self.jumps} times"
        )

    def covers(self, other: Bound) -> bool:
        """Whether whoever may do this much may do all that ``other`` may."""
        return all(mine >= theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True))


class Violation(Exception):
    """A property does not hold; ``story`` is the way there, one act a line."""

    def __init__(self, what: str, story: Sequence[str]) -> None:
        self.what, self.story = what, tuple(story)
        super().__init__("\n".join((what, *(f"  {number:>2}. {act}" for number, act in enumerate(story, 1)))))


class Actor(NamedTuple):
    """A worker or an import of Sage's, standing still. ``point`` is '' between two rounds; ``told`` is what it has in
    mind: its memory, or all that it has met since its round began."""

    name: str
    process: Frozen
    point: str
    told: str
    file: int = 0
    """Of an import: which file it reads, so that nobody imports the same one at the same time."""


class State(NamedTuple):
    """The whole world at one moment."""

    disk: Disk
    workers: tuple[Actor, ...]
    sage: tuple[Actor, ...]
    """The imports that are under way; a second one only of another file."""
    turn: str
    """Who stands in the middle of a round and was not interrupted yet; '' = nobody."""
    born: int
    jumps: int
    steps: int
    left: Bound
    placed: int = 0
    """How often a file was laid into the mailbox."""


class Act(NamedTuple):
    """One thing that may happen next."""

    said: str
    kind: str
    who: str = ""
    how: str = ""
    left: Bound = Bound()


@dataclass
class Outcome:
    """What an exploration came to."""

    setting: Setting
    bound: Bound
    states: int = 0
    acts: int = 0
    ends: int = 0
    """Ways that came to an end: nothing new could happen any more."""
    seconds: float = 0.0
    complete: bool = False
    violation: Violation | None = None

    def __str__(self) -> str:
        done = "exhausted" if self.complete else "stopped"
        found = f"\n{self.violation}" if self.violation else ""
        return (
            f"{self.setting}: {done} at {self.bound}: {self.states} states, {self.acts} steps, "
            f"{self.ends} ways to an end, {self.seconds:.1f} s{found}"
        )


@dataclass
class _Search:
    world: World
    outcome: Outcome
    until: float
    properties: tuple[str, ...]
    late_first: bool
    known: dict[bytes, list[Bound]] = field(default_factory=dict)
    onward: dict[bytes, set[bytes]] = field(default_factory=dict)
    """From which state which others come without anybody dying: the ways out."""
    settled: set[bytes] = field(default_factory=set)
    stories: dict[bytes, tuple[str, ...]] = field(default_factory=dict)

    # ---- the walk

    def walk(self, start: State) -> None:
        """Depth first, without recursion: what still may happen at each state of the present way."""
        key = self._enter(start, ())
        assert key is not None
        way: list[tuple[State, bytes, Iterator[Act]]] = [(start, key, self._in_order(start))]
        story: list[str] = []
        while way:
            state, key, acts = way[-1]
            act = next(acts, None)
            if act is None:
                way.pop()
                if story:
                    story.pop()
                continue
            if time.monotonic() > self.until:
                return
            self.outcome.acts += 1
            try:
                after = self.act(state, act, last=act.kind == "go" and act.who == state.turn and not self.late_first)
                story.append(act.said + (f" ... up to “{self._point(after, act)}”" if self._point(after, act) else ""))
                new = self._enter(after, story)
            except Failed as error:
                raise Violation(f"an error that nobody expects:\n{error}", (*story, act.said)) from error
            came = self.key_of(after)
            if act.kind != "crash":
                self.onward.setdefault(key, set()).add(came)
            if new is None:
                story.pop()
                continue
            way.append((after, new, self._in_order(after)))
        self.outcome.complete = True
        self._everything_ends()

    def _in_order(self, state: State) -> Iterator[Act]:
        acts = self.acts(state)
        return reversed(acts) if self.late_first else iter(acts)

    def _point(self, after: State, act: Act) -> str:
        return next((each.point for each in (*after.workers, *after.sage) if each.name == act.who), "")

    def _enter(self, state: State, story: Sequence[str]) -> bytes | None:
        """The key of a state that is new, after its check; None for one that was entered with as much left."""
        key = self.key_of(state)
        before = self.known.setdefault(key, [])
        if any(each.covers(state.left) for each in before):
            self.outcome.ends += 1
            return None
        if not before:
            self.outcome.states += 1
            self.stories[key] = tuple(story)
            self._check(state, story)
        before[:] = [each for each in before if not state.left.covers(each)] + [state.left]
        return key

    def key_of(self, state: State) -> bytes:
        """What makes this state different from others."""
        if self._last is not None and self._last[0] is state:
            return self._last[1]
        names: dict[str, str] = {}
        disk = t.named_in_order(self._told(state), names)
        actors = sorted(
            f"{t.named_in_order(each.name, dict(names))} {each.point} {t.named_in_order(each.told, dict(names))} "
            f"{each.name == state.turn}"
            for each in state.workers
        )
        sage = sorted(f"{each.point} {each.told} {each.file == state.placed}" for each in state.sage)
        key = hashlib.sha256("\n".join((disk, *actors, *sage)).encode()).digest()
        self._last = (state, key)
        return key

    _last: tuple[State, bytes] | None = None

    def _told(self, state: State) -> str:
        return t.told_of(state.disk, state.jumps, bool(self.world.setting.mutant))

    # ---- what may happen

    def acts(self, state: State) -> list[Act]:
        """Everything that may happen next; nothing where nothing is under way any more.

        That whoever is in the middle of a round just goes on comes last: nobody needs the process where it stands after
        that, so it is not copied.
        """
        found: list[Act] = []
        onward: list[Act] = []
        if self.key_of(state) in self.settled:
            return found
        turn = next((each for each in state.workers if each.name == state.turn and each.point), None)
        left = state.left
        if turn:
            onward = [Act(f"{turn.name} goes on", "go", turn.name, left=left)]
            if left.crashes:
                died = replace(left, crashes=left.crashes - 1)
                found.append(Act(f"{turn.name} dies at “{turn.point}”", "crash", turn.name, left=died))
            if not left.cuts:
                return found + onward
            left = replace(left, cuts=left.cuts - 1)
        for each in state.workers:
            if each is turn:
                continue
            if each.point:
                found.append(Act(f"{each.name} wakes up at “{each.point}” and goes on", "go", each.name, left=left))
            else:
                found.append(Act(f"{each.name} begins a round", "step", each.name, left=left))
                if left.timers:
                    less = replace(left, timers=left.timers - 1)
                    found.append(Act(f"{each.name} runs its recovery", "recover", each.name, left=less))
        found += self._sage_acts(state, left)
        if len(state.workers) < 2 and all(each.point for each in state.workers):
            # A second worker between whose rounds the first one runs whole rounds is like one worker.
            found.append(
                Act(f"worker-{state.born + 1} starts with a recovery", "birth", f"worker-{state.born + 1}", left=left)
            )
        if left.jumps and self._time_may_pass(state):
            found.append(Act("half an hour passes", "jump", left=replace(left, jumps=left.jumps - 1)))
        return found + onward

    def _sage_acts(self, state: State, left: Bound) -> Iterator[Act]:
        for each in state.sage:
            yield Act(f"{each.name} goes on after “{each.point}”", "sage", each.name, left=left)
        if any(each.file == state.placed for each in state.sage):
            return
        who = "Sage" if not state.sage else "a second Sage"
        if any(each.name == who for each in state.sage):
            return
        for name, program in PROGRAMS.items():
            place = "sage/Imports/"
            if place + program.file not in state.disk:
                continue
            printed = state.disk.get(place + program.print)
            if printed and b"stopped" not in printed[1]:
                continue
            yield Act(f"{who} begins to import {program.file}", "import", who, f"{name} takes", left)
            if left.rejects:
                less = replace(left, rejects=left.rejects - 1)
                yield Act(
                    f"{who} begins to import {program.file}, and will refuse it", "import", who, f"{name} rejects", less
                )
            if left.stops:
                less = replace(left, stops=left.stops - 1)
                yield Act(f"{who}'s import of {program.file} stops at once", "import", who, f"{name} stops", less)

    def _time_may_pass(self, state: State) -> bool:
        # Where Sage closes the file after reading, an import is over before the time is that proves absence.
        return self.world.setting.holds_open or all(each.point != "read" for each in state.sage)

    def act(self, state: State, act: Act, *, last: bool = False) -> State:
        """The world after one act; ``last``: nobody comes back to this state."""
        self.world.restore(state.disk)
        before = self.world.standing()
        after = self._act(state, act, last)
        new = self.world.standing() - before
        return after._replace(placed=after.placed + 1) if new else after

    def _act(self, state: State, act: Act, last: bool) -> State:
        steps = state.steps + 1
        if act.kind == "jump":
            return state._replace(jumps=state.jumps + 1, steps=steps, left=act.left, turn="")
        if act.kind in ("import", "sage"):
            return self._sage(state, act, steps)
        actor = next((each for each in state.workers if each.name == act.who), None)
        others = tuple(each for each in state.workers if each is not actor)
        if act.kind == "crash":
            for path in self.world.folder.rglob("*.locked-by"):
                if path.read_text() == act.who:
                    path.unlink()
            return state._replace(disk=self.world.read(), workers=others, steps=steps, left=act.left, turn="")
        born = state.born
        if actor is None:
            born, mind = born + 1, "born"
            process, what, told = self.world.newborn("worker", act.who, state.jumps, steps)
        else:
            process, mind = actor.process if last else actor.process.copy(), actor.told
            what, told = process.go("go" if actor.point else act.kind, state.jumps, steps)
        if what == "end":
            point, mind = "", told
        else:
            point = told
            if state.turn != act.who:
                # It begins, or others have acted since: what it met is a part of what it has in mind.
                mind = _short(mind, act.kind, actor.point if actor else "", self._told(state))
        return state._replace(
            disk=self.world.read(),
            workers=(*others, Actor(act.who, process, point, mind)),
            turn=act.who if point else "",
            born=born,
            steps=steps,
            left=act.left,
        )

    def _sage(self, state: State, act: Act, steps: int) -> State:
        actor = next((each for each in state.sage if each.name == act.who), None)
        others = tuple(each for each in state.sage if each is not actor)
        if actor is None:
            program, how = act.how.split()
            mind, file = _short(how, self._told(state)), state.placed
            process, what, told = self.world.newborn("import", program, how, act.who)
        else:
            process, mind, file = actor.process.copy(), actor.told, actor.file
            what, told = process.go("go")
        sage = (Actor(act.who, process, told, mind, file),) if what == "at" else ()
        return state._replace(disk=self.world.read(), sage=(*others, *sage), steps=steps, left=act.left, turn="")

    # ---- what must hold

    def _check(self, state: State, story: Sequence[str]) -> None:
        seen = Seen.of(state.disk)
        for what in seen.wrong():
            if what.startswith(self.properties):
                raise Violation(what, story)
        if (
            seen.settled()
            and not any(seen.tokens.values())
            and not state.sage
            and not any(each.point for each in state.workers)
        ):
            self.settled.add(self.key_of(state))

    def _everything_ends(self) -> None:
        """P9: from every state there is a way, without another death, to one in which nothing is under way."""
        back: dict[bytes, set[bytes]] = {}
        for key, after in self.onward.items():
            for each in after:
                back.setdefault(each, set()).add(key)
        reached, ahead = set(self.settled), list(self.settled)
        while ahead:
            for key in back.get(ahead.pop(), ()):
                if key not in reached:
                    reached.add(key)
                    ahead.append(key)
        stuck = [key for key in self.known if key not in reached]
        # Where time may not pass, what waits for it waits for ever.
        if stuck and "P9:" in self.properties and self.outcome.bound.jumps == FREELY:
            story = min((self.stories[key] for key in stuck), key=len)
            raise Violation(f"P9: {len(stuck)} states from which nothing comes to an end", story)


@dataclass(frozen=True)
class Seen:
    """What the desk says and what Sage holds, side by side."""

    states: dict[str, tuple[str, str]]
    amounts: dict[str, list[Decimal]]
    """For each ID in Sage the amount of each record under it."""
    tokens: dict[str, list[str]]
    """For each ID the files that could bring it into Sage."""

    @classmethod
    def of(cls, disk: Disk) -> Seen:
        """Read off the disk, without erpdesk."""
        with t.opened(disk["erpdesk.db"][1]) as connection:
            rows = connection.execute(
                "SELECT natural_key, state, message FROM outbox WHERE kind = 'commitment'"
            ).fetchall()
            files = {name for (name,) in connection.execute("SELECT name FROM export_file")}
        with t.opened(disk["sage/tsdata.db"][1]) as connection:
            held = connection.execute("SELECT Commitment, Amount FROM JCM_MASTER__COMMITMENT").fetchall()
        states = {key: (state, message) for key, state, message in rows}
        return cls(
            states,
            {key: [Decimal(str(amount)) for name, amount in held if name == key] for key in states},
            {key: list(_tokens(disk, key, files)) for key in states},
        )

    def wrong(self) -> Iterator[str]:
        """Every property that does not hold now, as a sentence."""
        for key, (state, message) in self.states.items():
            amounts, tokens = self.amounts[key], self.tokens[key]
            if len(amounts) > 1:
                yield f"P1: Sage holds {key} {len(amounts)} times"
            if len(tokens) > 1:
                yield f"P11: {key} has more than one live file: {', '.join(tokens)}"
            if state in ("POSTED", "CLOSED_IN_SAGE") and amounts != [SNAPSHOT.amount]:
                yield f"P3: {key} is shown as {state}, and Sage holds {amounts or 'nothing'}"
            if state in ("REFUSED", "SAGE_REJECTED", "CLOSED_ABSENT") and (amounts or tokens):
                yield f"P3: {key} is {state} ({message}), is in Sage {len(amounts)} times, and live in {tokens}"

    def settled(self) -> bool:
        """Whether each item is through, failed or shown as a doubt."""
        return all(state not in ("INTENT", "STAGED", "ARMED", "DELIVERED") for state, _ in self.states.values())


def _tokens(disk: Disk, key: str, known: Container[str]) -> Iterator[str]:
    """The files with a record of this ID that stand in the mailbox, or in staging under a name of a recorded try."""
    for path, (mode, data) in disk.items():
        folder, _, name = path.rpartition("/")
        place = folder == "sage/Imports" or (folder == "sage/Imports/staging" and name in known)
        if mode and place and name.endswith(ENDINGS) and key.encode() in data:
            yield path.removeprefix("sage/Imports/")


def _short(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


ALL = ("P1:", "P3:", "P9:", "P11:")


def explore(
    world: World,
    setting: Setting,
    bound: Bound,
    seconds: float,
    *,
    properties: tuple[str, ...] = ALL,
    late_first: bool = False,
) -> Outcome:
    """Looks through all schedules within the bound, until one violates a property or the time is over.

    ``late_first`` interrupts at the latest point first: slower for all of them, faster to what goes wrong at an end.
    """
    outcome = Outcome(setting, bound)
    began = time.monotonic()
    search = _Search(world, outcome, began + seconds, properties, late_first)
    try:
        search.walk(State(world.begin(setting), (), (), "", 0, 0, 0, bound))
    except Violation as violation:
        # Without where it was raised: that would keep every process of the way alive.
        violation.__cause__ = violation.__context__ = None
        outcome.violation = violation.with_traceback(None)
    outcome.seconds = time.monotonic() - began
    return outcome


SOAK = (
    (Setting(again=True, holds_open=False), Bound(cuts=1, crashes=0, rejects=0, stops=0)),
    (Setting(again=True), Bound(cuts=0, crashes=2, rejects=1, stops=1)),
    (Setting(items=2, again=True, holds_open=False), Bound(cuts=1, crashes=1, rejects=1, stops=1)),
    (Setting(items=2), Bound(cuts=1, crashes=1, rejects=1, stops=1)),
    (Setting(again=True, holds_open=False), Bound(cuts=2, crashes=2, rejects=1, stops=1, timers=1)),
)
"""What a long run looks through, the smaller ones first."""


def soak(seconds: float) -> list[Outcome]:
    """The long run: each of ``SOAK`` to its end, or to its share of the time that is left."""
    until, outcomes = time.monotonic() + seconds, []
    with a_world() as world:
        for number, (setting, bound) in enumerate(SOAK):
            share = max(0.0, until - time.monotonic()) / (len(SOAK) - number)
            outcomes.append(explore(world, setting, bound, share))
    return outcomes
