"""Where in a test company the self-test puts its records, and what Sage then shows at a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from erpdesk.core.errors import ForPeople
from erpdesk.sync.doctor.classify import Measure
from erpdesk.sync.sage.capabilities import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Table, table

_CLOSED = "Closed"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Ground:
    """Where in the test company the self-test may put its records, and the ID that this run gives them."""

    job: str
    job_description: str
    extra: str
    cost_code: str
    category: str
    vendor: str
    account: str
    other_account: str
    sage_id: str
    day: date


@dataclass(frozen=True)
class Place:
    """Where a record shows in Sage: a table, the columns that name it, and what they hold.

    ``waits``: it stands here only until it is posted.
    """

    table: str
    where: tuple[tuple[str, str], ...]
    waits: bool = False


def find_ground(session: Session, known: Capabilities, now: datetime, today: date) -> Ground:
    """The first open job with a category that may carry cost, the first active vendor, two accounts ('' = none).

    Raises ForPeople when the company has no such job.
    """
    jobs = {row[0]: row for row in _rows(session, known, "JCM_MASTER__JOB", "Job", "Description", "Status")}
    codes = {
        (job, extra, code)
        for job, extra, code, group, status in _rows(
            session, known, "JCM_MASTER__COST_CODE", "Job", "Extra", "Cost_Code", "Group_Cost_Code", "Status"
        )
        if not group and status != _CLOSED
    }
    for job, extra, code, category, status in _rows(
        session, known, "JCM_MASTER__CATEGORY", "Job", "Extra", "Cost_Code", "Category", "Status"
    ):
        held = jobs.get(job)
        if extra or held is None or _CLOSED in (held[2], status) or (job, extra, code) not in codes:
            continue
        vendors = _rows(session, known, "APM_MASTER__VENDOR", "Vendor", "Status")
        vendor = next((name for name, state in vendors if not str(state or "").lower().startswith("inactive")), "")
        accounts = [row[0] for row in _rows(session, known, "GLM_MASTER__ACCOUNT", "Account")][:2]
        account, other = (*accounts, "", "")[:2]
        place = (job, held[1] or "", extra, code, category, vendor, account, other)
        return Ground(*place, sage_id=short_id(now), day=today)
    raise ForPeople(
        "This company has no open job with a category that can carry cost.",
        kept="Nothing was imported.",
        next_step="Make one in Sage, with a vendor, and start the self-test again.",
    )


def short_id(now: datetime) -> str:
    """An ID that no earlier run gave: the seconds of the clock in short letters."""
    seconds, made = int(now.timestamp()), ""
    while seconds:
        seconds, rest = divmod(seconds, len(_ALPHABET))
        made = _ALPHABET[rest] + made
    return f"ZZT-{made}"


def measure(session: Session, known: Capabilities, places: Sequence[Place]) -> Measure:
    """How many records stand at the places that can be read, and what they come to; raises ForPeople when none can."""
    count, amount = 0, Decimal("0.00")
    readable = [(place, table(place.table)) for place in places if _readable(known, table(place.table), place)]
    if not readable:
        source = table(places[0].table)
        raise ForPeople(
            f"{source.title} cannot be read here, so it does not show what Sage did.",
            next_step="Compare in Sage by hand; until it can be read the type counts as B.",
        )
    for place, source in readable:
        where = " AND ".join(f"{known.expression(source, name)} = ?" for name, _ in place.where)
        sql = f"SELECT COUNT(*), SUM({known.expression(source, 'Amount')}) FROM {known.source(source)} WHERE {where}"
        cursor = session.select(sql, [value for _, value in place.where], table=place.table)
        try:
            rows = session.fetch(cursor, 1, table=place.table)
        finally:
            cursor.close()
        count += int(rows[0][0])
        amount += Decimal(repr(float(rows[0][1] or 0))).quantize(Decimal("0.01"))
    return Measure(count, amount)


def unseen_before_posting(known: Capabilities, places: Sequence[Place]) -> bool:
    """Whether a record stands first where erpdesk cannot look, and shows only once it is posted."""
    return any(place.waits and not _readable(known, table(place.table), place) for place in places)


def _readable(known: Capabilities, source: Table, place: Place) -> bool:
    return all(known.has_column(source, name) for name in ("Amount", *(name for name, _ in place.where)))


def _rows(session: Session, known: Capabilities, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
    source = table(name)
    if not all(known.has_column(source, column) for column in columns):
        return
    order = ", ".join(known.expression(source, column.name) for column in source.key)
    names = ", ".join(known.expression(source, column) for column in columns)
    cursor = session.select(f"SELECT {names} FROM {known.source(source)} ORDER BY {order}", table=name)
    try:
        while rows := session.fetch(cursor, 500, table=name):
            for row in rows:
                yield tuple(each.strip() if isinstance(each, str) else each for each in row)
    finally:
        cursor.close()
