"""Whether an item may still go in: vendor, job, codes and commitment as Sage holds them this moment (5.5).

The mirror is not asked: what it held when it was read may have changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.clean import Cleaner, SetAside
from erpdesk.sync.sage.fresh import HEADERS, commitment_ids
from erpdesk.sync.sage.fresh_rows import count, existing
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Table
from erpdesk.workflows.ports import CommitmentSnapshot

_SIZE = 500
_NO_EXTRAS = frozenset(("", "no", "none", "n", "0", "false", "not used", "do not use", "never"))

Record = dict[str, Any]
Place = tuple[str, str, str]
"""Extra, cost code and category."""


class FreshReader(SageReader):
    """A reader that also answers what stands against a commitment in Sage right now."""

    @contextmanager
    def fresh(self) -> Iterator[tuple[Session, Capabilities]]:
        """A connection of its own with what the company has, for one reading of this moment.

        Inside, SageUnavailable and BadSageData may be raised; a value that the driver cannot hand over is the latter.
        """
        with self._apart() as session:
            yield session, self._known(session)

    def why_not(self, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
        """Every reason why Sage would not take this commitment now, its ID apart; one sentence each, empty when none.

        Raises SageUnavailable or BadSageData when Sage cannot be read.
        """
        with self.fresh() as (session, known):
            return commitment_reasons(session, known, snapshot)

    def count_commitments(self) -> int:
        """How many commitments Sage shows; a sudden fall means that it hides some, and "not there" proves nothing."""
        with self.fresh() as (session, known):
            return count(session, known, HEADERS)

    def times(self, commitments: Sequence[str]) -> dict[str, int]:
        """How often Sage holds each of these IDs this moment, padding aside; all are counted in one read."""
        with self.fresh() as (session, known):
            ids = commitment_ids(session, known)
        return {each: len(ids.like((each,))) for each in commitments}


def commitment_capitals(known: Capabilities) -> bool:
    """Whether the company's format of commitment IDs asks for capitals."""
    mask = known.masks.by_field.get("commitment")
    return mask is not None and any(section.capitals for section in mask.sections)


def commitment_reasons(session: Session, known: Capabilities, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
    """Every reason why Sage would not take this commitment now; one sentence each, empty when none."""
    standing = Standing(session, known)
    reasons = [*standing.vendor(snapshot.vendor), *standing.job(snapshot.job, "commitment")]
    for line in snapshot.lines:
        place = (line.extra, line.cost_code, line.category)
        reasons += standing.place(f"Line {line.number}: ", snapshot.job, place)
    like = commitment_ids(session, known)
    if not like.like((snapshot.sage_id,)) and (alike := like.other_case((snapshot.sage_id,))):
        reasons.append(f"Sage has a commitment {alike}, which differs by capital letters only. Use another ID.")
    return tuple(dict.fromkeys(reasons))


class Standing:
    """What Sage holds of vendors and jobs; each is read once, when it is first asked about.

    Every method gives the reasons against a use of it, one sentence each; ``where`` begins them. Raises BadSageData for
    a row that cannot be read and is, or may be, the one that is used: unreadable is not "not there".
    """

    def __init__(self, session: Session, known: Capabilities) -> None:
        self._session, self._known = session, known
        self._read: dict[tuple[str, str], tuple[list[Record], list[SetAside]]] = {}

    def vendor(self, vendor: str) -> Iterator[str]:
        """Whether the vendor is there and active."""
        found = self._rows("APM_MASTER__VENDOR", vendor)
        if not found:
            yield f"Sage has no vendor {vendor} any more. Ask accounting, or choose another company."
        elif _is(found[0].get("status"), "inactive"):
            yield f"Vendor {vendor} is inactive in Sage. Make it active there, or choose another company."

    def job(self, job: str, noun: str) -> Iterator[str]:
        """Whether the job is there and open; ``noun`` is what would be left out of Sage otherwise."""
        found = self._rows("JCM_MASTER__JOB", job)
        if not found:
            yield f"Sage has no job {job} any more. Ask accounting."
        elif _is(found[0].get("status"), "closed"):
            yield f"Job {job} is closed in Sage. Open it there, or leave the {noun} out of Sage."

    def place(self, where: str, job: str, place: Place) -> Iterator[str]:
        """Whether the job has this category of this cost code (and extra), open for cost; nothing without the job."""
        jobs = self._rows("JCM_MASTER__JOB", job)
        if not jobs:
            return
        extra = place[0]
        if extra and (jobs[0].get("extras") or "").strip().lower() in _NO_EXTRAS:
            yield f"{where}job {job} does not use extras in Sage. Take the extra {extra} off the line."
            return
        extras = self._rows("JCM_MASTER__EXTRA", job, (extra,)) if extra else []
        held = next((each for each in extras if each["extra"] == extra), None)
        if extra and held is None:
            yield f"{where}Sage has no extra {extra} in job {job}. Choose another, or ask accounting to add it."
            return
        if held and _is(held.get("status"), "closed"):
            yield f"{where}extra {extra} of job {job} is closed in Sage. Choose another, or open it there."
        yield from self._code(where, job, place)

    def _code(self, where: str, job: str, place: Place) -> Iterator[str]:
        extra, code, category = place
        named = f"{code} {category}" + (f" of extra {extra}" if extra else "")
        codes = {
            each["cost_code"]: each
            for each in self._rows("JCM_MASTER__COST_CODE", job, place[:2])
            if each["extra"] == extra
        }
        categories = self._rows("JCM_MASTER__CATEGORY", job, place)
        held = next((each for each in categories if _place_of(each) == place), None)
        cost_code = codes.get(code)
        if held is None or cost_code is None:
            # The same code with or without its separators is another code to Sage.
            alike = (each for each in codes if each != code and self._known.masks.same("cost_code", each, code))
            like = next(alike, "")
            hint = f" Sage writes this cost code {like}." if like else ""
            yield f"{where}job {job} has no {named} in Sage.{hint} Choose another, or ask accounting to add it."
        elif cost_code.get("group_cost_code"):
            yield f"{where}{code} is a group cost code in Sage, which cannot carry cost. Choose one below it."
        elif _is(held.get("status"), "closed") or _is(cost_code.get("status"), "closed"):
            yield f"{where}{named} is closed in Sage. Choose another cost code, or ask accounting to open it."

    def _rows(self, name: str, wanted: str, used: tuple[str, ...] = ()) -> list[Record]:
        """The clean rows whose first key is ``wanted``; ``used`` is the rest of the key of the one that matters."""
        found, asides = self._read.get((name, wanted)) or self._ask(name, wanted)
        for aside in asides:
            if aside.key is None or aside.key[1:] == used:
                raise _unreadable(existing(self._known, name), wanted, aside)
        return found

    def _ask(self, name: str, wanted: str) -> tuple[list[Record], list[SetAside]]:
        source = existing(self._known, name)
        columns = self._known.columns[name]
        first = source.key[0]
        spelled = [wanted, wanted.ljust(first.width), wanted.rjust(first.width)]
        names = ", ".join(self._known.expression(source, column.name) for column in columns)
        key = self._known.expression(source, first.name)
        sql = f"SELECT {names} FROM {self._known.source(source)} WHERE {key} IN (?, ?, ?)"
        cleaner = Cleaner(source, columns)
        fields = [column.field for column in source.columns]
        found: list[Record] = []
        asides: list[SetAside] = []
        cursor = self._session.select(sql, spelled, table=name)
        try:
            while rows := self._session.fetch(cursor, _SIZE, table=name):
                batch = cleaner.batch(rows)
                asides += batch.set_aside
                found += [dict(zip(fields, row, strict=False)) for row in batch.rows]
        finally:
            cursor.close()
        self._read[name, wanted] = found, asides
        return found, asides


def _unreadable(source: Table, wanted: str, aside: SetAside) -> BadSageData:
    key = " ".join(str(part) for part in aside.key if part) if aside.key else wanted
    return BadSageData(
        f"Sage holds {source.title} {key}, but erpdesk cannot read its row in {source.name}: {aside.reason}",
        kept="Nothing was sent.",
        next_step="Correct it in Sage; erpdesk tries again by itself.",
    )


def _place_of(row: Record) -> Place:
    return row["extra"], row["cost_code"], row["category"]


def _is(status: Any, word: str) -> bool:
    return str(status or "").strip().lower() == word
