"""Whether a commitment may still go in: vendor, job and codes as Sage holds them this moment, not as mirrored (5.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.clean import Cleaner, SetAside
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Table, table
from erpdesk.sync.sage.values import slow
from erpdesk.workflows.ports import CommitmentSnapshot

_SIZE = 500
_NO_EXTRAS = frozenset(("", "no", "none", "n", "0", "false", "not used", "do not use", "never"))

Record = dict[str, Any]


class FreshReader(SageReader):
    """A reader that also answers what stands against a commitment in Sage right now."""

    def why_not(self, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
        """Every reason why Sage would not take this commitment now, its ID apart; one sentence each, empty when none.

        Raises SageUnavailable or BadSageData when Sage cannot be read.
        """
        with self._apart() as session:
            known = self._known(session)
            found = _Found(session, known, snapshot)
            alike = [each for each in _ids(session, known) if each.upper() == snapshot.sage_id.upper()]
        reasons = [*_vendor(found, snapshot), *_job(found, snapshot)]
        if alike and snapshot.sage_id not in alike:
            reasons.append(f"Sage has a commitment {alike[0]}, which differs by capital letters only. Use another ID.")
        return tuple(dict.fromkeys(reasons))

    def count_commitments(self) -> int:
        """How many commitments Sage shows; a sudden fall means that it hides some, and "not there" proves nothing."""
        with self._apart() as session:
            header = table("JCM_MASTER__COMMITMENT")
            cursor = session.select(f"SELECT COUNT(*) FROM {self._known(session).source(header)}", table=header.name)
            try:
                return int(session.fetch(cursor, 1, table=header.name)[0][0])
            finally:
                cursor.close()

    def times(self, commitments: Sequence[str]) -> dict[str, int]:
        """How often Sage holds each of these IDs this moment, padding aside; all are counted in one read."""
        with self._apart() as session:
            held = Counter(_ids(session, self._known(session)))
        return {each: held[each.strip(" ")] for each in commitments}


def _ids(session: Session, known: Capabilities) -> list[str]:
    """The ID of every commitment in Sage, without padding."""
    header = table("JCM_MASTER__COMMITMENT")
    key = header.key[0]
    sql = f"SELECT {known.expression(header, key.name)} FROM {known.source(header)}"
    cursor = session.select(sql, table=header.name)
    found: list[str] = []
    try:
        while rows := session.fetch(cursor, _SIZE, table=header.name):
            found += [str(slow(key, raw).value) for (raw,) in rows]
    finally:
        cursor.close()
    return found


class _Found:
    """What Sage holds of the vendor and the job of one commitment."""

    def __init__(self, session: Session, known: Capabilities, snapshot: CommitmentSnapshot) -> None:
        self._session, self._known = session, known
        lines = snapshot.lines
        self.vendors = self._rows("APM_MASTER__VENDOR", snapshot.vendor, {()})
        self.jobs = self._rows("JCM_MASTER__JOB", snapshot.job, {()})
        extras = self._rows("JCM_MASTER__EXTRA", snapshot.job, {(line.extra,) for line in lines})
        self.extras = {each["extra"]: each for each in extras}
        codes = self._rows("JCM_MASTER__COST_CODE", snapshot.job, {(line.extra, line.cost_code) for line in lines})
        self.codes = {(each["extra"], each["cost_code"]): each for each in codes}
        used = {(line.extra, line.cost_code, line.category) for line in lines}
        categories = self._rows("JCM_MASTER__CATEGORY", snapshot.job, used)
        self.categories = {(each["extra"], each["cost_code"], each["category"]): each for each in categories}

    def alike(self, one: str, other: str) -> bool:
        """Whether two cost codes are one by the company's ID format."""
        return self._known.masks.same("cost_code", one, other)

    def _rows(self, name: str, wanted: str, used: AbstractSet[tuple[str, ...]]) -> list[Record]:
        """The clean rows whose first key is ``wanted``, however Sage pads it.

        Raises BadSageData for a row that cannot be read and is, or may be, one of those that are ``used`` (by the rest
        of its key): unreadable is not "not there".
        """
        source = table(name)
        columns = self._known.columns.get(name)
        if columns is None:
            raise BadSageData(f"This Sage company has no table {name} ({source.title}).")
        first = source.key[0]
        spelled = [wanted, wanted.ljust(first.width), wanted.rjust(first.width)]
        names = ", ".join(self._known.expression(source, column.name) for column in columns)
        key = self._known.expression(source, first.name)
        sql = f"SELECT {names} FROM {self._known.source(source)} WHERE {key} IN (?, ?, ?)"
        cleaner = Cleaner(source, columns)
        fields = [column.field for column in source.columns]
        found: list[Record] = []
        cursor = self._session.select(sql, spelled, table=name)
        try:
            while rows := self._session.fetch(cursor, _SIZE, table=name):
                batch = cleaner.batch(rows)
                for aside in batch.set_aside:
                    if aside.key is None or aside.key[1:] in used:
                        raise _unreadable(source, wanted, aside)
                found += [dict(zip(fields, row, strict=False)) for row in batch.rows]
        finally:
            cursor.close()
        return found


def _unreadable(source: Table, wanted: str, aside: SetAside) -> BadSageData:
    key = " ".join(str(part) for part in aside.key if part) if aside.key else wanted
    return BadSageData(
        f"Sage holds {source.title} {key}, but erpdesk cannot read its row in {source.name}: {aside.reason}",
        kept="Nothing was sent.",
        next_step="Correct it in Sage; erpdesk tries again by itself.",
    )


def _vendor(found: _Found, snapshot: CommitmentSnapshot) -> Iterator[str]:
    if not found.vendors:
        yield f"Sage has no vendor {snapshot.vendor} any more. Ask accounting, or choose another company."
    elif _is(found.vendors[0].get("status"), "inactive"):
        yield f"Vendor {snapshot.vendor} is inactive in Sage. Make it active there, or choose another company."


def _job(found: _Found, snapshot: CommitmentSnapshot) -> Iterator[str]:
    job = snapshot.job
    if not found.jobs:
        yield f"Sage has no job {job} any more. Ask accounting."
        return
    if _is(found.jobs[0].get("status"), "closed"):
        yield f"Job {job} is closed in Sage. Open it there, or leave the commitment out of Sage."
    uses_extras = (found.jobs[0].get("extras") or "").strip().lower() not in _NO_EXTRAS
    for line in snapshot.lines:
        where, extra = f"Line {line.number}: ", line.extra
        if extra and not uses_extras:
            yield f"{where}job {job} does not use extras in Sage. Take the extra {extra} off the line."
            continue
        if extra and extra not in found.extras:
            yield f"{where}Sage has no extra {extra} in job {job}. Choose another, or ask accounting to add it."
            continue
        if extra and _is(found.extras[extra].get("status"), "closed"):
            yield f"{where}extra {extra} of job {job} is closed in Sage. Choose another, or open it there."
        yield from _code(found, job, where, (extra, line.cost_code, line.category))


def _code(found: _Found, job: str, where: str, key: tuple[str, str, str]) -> Iterator[str]:
    extra, code, category = key
    named = f"{code} {category}" + (f" of extra {extra}" if extra else "")
    held, cost_code = found.categories.get(key), found.codes.get((extra, code))
    if held is None or cost_code is None:
        # The same code with or without its separators is another code to Sage.
        like = next((each for of, each in found.codes if of == extra and each != code and found.alike(each, code)), "")
        hint = f" Sage writes this cost code {like}." if like else ""
        yield f"{where}job {job} has no {named} in Sage.{hint} Choose another, or ask accounting to add it."
    elif cost_code.get("group_cost_code"):
        yield f"{where}{code} is a group cost code in Sage, which cannot carry cost. Choose one below it."
    elif _is(held.get("status"), "closed") or _is(cost_code.get("status"), "closed"):
        yield f"{where}{named} is closed in Sage. Choose another cost code, or ask accounting to open it."


def _is(status: Any, word: str) -> bool:
    return str(status or "").strip().lower() == word
