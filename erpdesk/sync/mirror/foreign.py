"""What was done to commitments in Sage itself on synced jobs, where the workflow wants them made in erpdesk only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from erpdesk.core.clock import from_iso
from erpdesk.core.money import show_amount
from erpdesk.sync.mirror.facts import MirrorFacts, Record
from erpdesk.sync.mirror.watch import LAST_READ, Watch
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.verify import compare
from erpdesk.workflows.documents import SELF_TEST
from erpdesk.workflows.ports import SageCommitment
from erpdesk.workflows.sage_acts import KnownCommitment

USUAL = frozenset({"Closed"})
"""Differences that come with the normal life of a commitment in Sage."""

# CROSS JOIN: from the few wanted IDs to their rows, never through all lines of the company.
_WANTED = "FROM json_each(?) wanted CROSS JOIN commitment c ON c.commitment = wanted.value COLLATE NOCASE"
_HEADERS = (
    f"SELECT c.*, changed.read_began AS changed_at, gone.read_began AS gone_at {_WANTED} "
    "LEFT JOIN run changed ON changed.id = c.run_changed LEFT JOIN run gone ON gone.id = c.gone_run"
)
_LINES = (
    f"SELECT i.*, changed.read_began AS changed_at {_WANTED} "
    "CROSS JOIN commitment_item i ON i.commitment = c.commitment LEFT JOIN run changed ON changed.id = i.run_changed"
)
_CHANGE_ORDERS = (
    f"SELECT o.*, first.read_began AS first_at {_WANTED} "
    "CROSS JOIN commitment_co o ON o.commitment = c.commitment LEFT JOIN run first ON first.id = o.run_first "
    "WHERE o.gone_run IS NULL ORDER BY o.commitment, o.commitment_co"
)
_ASIDE = 'SELECT "key" FROM set_aside WHERE "table" = \'JCM_MASTER__COMMITMENT\' AND "key" IS NOT NULL'


class ForeignKind(StrEnum):
    """What happened in Sage without erpdesk."""

    NEW = "New in Sage"
    CHANGED = "Changed in Sage"
    GONE = "Gone from Sage"


@dataclass(frozen=True)
class ForeignRow:
    """A commitment, or a change order of one, that somebody made, changed or deleted in Sage on a synced job.

    ``change_order`` is "" for the commitment itself. ``amount`` is what Sage holds, None when it is gone. ``seen`` is
    when the reading began that first showed it. ``operator`` is who Sage says touched it last, "" where it does not.
    """

    id: str
    kind: ForeignKind
    job: str
    commitment: str
    change_order: str
    title: str
    vendor: str
    amount: Decimal | None
    seen: datetime | None
    operator: str
    what: str


@dataclass(frozen=True)
class _Stored:
    """A commitment as the mirror keeps it, also when it is gone; ``held`` None then."""

    header: Record
    held: SageCommitment | None
    changed: datetime | None
    gone: datetime | None


@dataclass(frozen=True)
class _Looked:
    """All that is needed of the mirror, as it was at one moment; IDs in small letters."""

    read: datetime
    stored: Mapping[str, _Stored]
    change_orders: Mapping[str, Sequence[Record]]
    unreadable: frozenset[str]


def foreign_rows(
    facts: MirrorFacts, watch: Watch, known: Sequence[KnownCommitment], jobs: Collection[str]
) -> tuple[ForeignRow, ...]:
    """What differs between Sage and what erpdesk had done there, newest first; only on these synced jobs.

    New are commitments that turned up after the first look at their job (see ``watch``) and that no submission
    accounts for. Ours count as changed or gone once they were read back equal and Sage was read after that. No export
    of erpdesk makes change orders, so those on ours were made in Sage. Capitals in IDs do not count.
    """
    ours = {each.snapshot.sage_id.casefold(): each for each in known if each.snapshot.job in jobs}
    sent = {each.snapshot.sage_id.casefold() for each in known}
    later = [
        (job, commitment, seen)
        for job, found in watch.later().items()
        if job in jobs
        for commitment, seen in found.items()
        if commitment.casefold() not in sent
    ]
    looked = _look(facts, sorted({*ours, *(commitment for _, commitment, _ in later)}))
    if looked is None:
        return ()
    rows = [*_new(later, looked), *_ours(ours, looked, facts.commitment_id_format().capitals)]
    rows.sort(key=lambda row: (row.seen is not None, row.seen, row.commitment), reverse=True)
    return tuple(rows)


def _look(facts: MirrorFacts, ids: Sequence[str]) -> _Looked | None:
    wanted = (json.dumps(ids, ensure_ascii=False),)
    read, headers, lines, orders, aside = facts.select_all(
        LAST_READ, (_HEADERS, wanted), (_LINES, wanted), (_CHANGE_ORDERS, wanted), (_ASIDE, ())
    )
    if not read:
        return None
    lines_of: defaultdict[str, list[Record]] = defaultdict(list)
    for line in lines:
        lines_of[line["commitment"].casefold()].append(line)
    stored: dict[str, _Stored] = {}
    for header in headers:
        key = header["commitment"].casefold()
        mine = lines_of[key]
        held = None
        if header["gone_run"] is None:
            held = shapes.commitment(header, [line for line in mine if line["gone_run"] is None])
        elif key in stored and stored[key].held is not None:
            # The same ID in other letters is still there.
            continue
        changes = [each["changed_at"] for each in (header, *mine) if each["changed_at"]]
        stored[key] = _Stored(header, held, _time(max(changes, default="")), _time(header["gone_at"]))
    orders_of: defaultdict[str, list[Record]] = defaultdict(list)
    for order in orders:
        orders_of[order["commitment"].casefold()].append(order)
    unreadable = frozenset(str(json.loads(row["key"])[0]).casefold() for row in aside)
    return _Looked(from_iso(read[0]["read_began"]), stored, orders_of, unreadable)


def _new(later: Sequence[tuple[str, str, datetime]], looked: _Looked) -> Iterator[ForeignRow]:
    for job, commitment, seen in later:
        found = looked.stored.get(commitment.casefold())
        if found is None or found.held is None or found.held.description == SELF_TEST:
            continue
        held = found.held
        yield ForeignRow(
            id=f"new|{job}|{commitment}",
            kind=ForeignKind.NEW,
            job=job,
            commitment=held.commitment,
            change_order="",
            title=held.description,
            vendor=held.vendor,
            amount=held.amount,
            seen=seen,
            operator=_operator(found.header),
            what="Made in Sage, not in erpdesk.",
        )


def _ours(ours: Mapping[str, KnownCommitment], looked: _Looked, capitals: bool) -> Iterator[ForeignRow]:
    for key, mine in ours.items():
        if not mine.synced:
            continue
        found, snapshot = looked.stored.get(key), mine.snapshot
        row = ForeignRow(
            id=f"ours|{key}",
            kind=ForeignKind.CHANGED,
            job=snapshot.job,
            commitment=snapshot.sage_id,
            change_order="",
            title=snapshot.title,
            vendor=snapshot.vendor,
            amount=None,
            seen=looked.read,
            operator=_operator(found.header) if found else "",
            what="",
        )
        later = looked.read > mine.at
        if found is None or found.held is None:
            if later and key not in looked.unreadable:
                what = f"Deleted in Sage, or given another ID there; accepted for {show_amount(snapshot.amount)}."
                gone = found.gone if found else None
                yield replace(row, kind=ForeignKind.GONE, seen=gone or looked.read, what=what)
            continue
        odd = [each for each in compare(snapshot, found.held, capitals=capitals) if each.field not in USUAL]
        if odd and later:
            what = "; ".join(map(str, odd)) + "."
            yield replace(row, vendor=found.held.vendor, amount=found.held.amount, seen=found.changed, what=what)
        for order in looked.change_orders.get(key, ()):
            yield _change_order(row, order)


def _change_order(row: ForeignRow, order: Record) -> ForeignRow:
    status = order["status"] or ""
    return replace(
        row,
        id=f"{row.id}|{order['commitment_co']}",
        kind=ForeignKind.NEW,
        change_order=order["commitment_co"],
        title=order["description"] or "",
        amount=shapes.money(order["amount"]),
        seen=_time(order["first_at"]),
        operator=_operator(order),
        what=f"Change order made in Sage, not in erpdesk{f'; its status is {status}' if status else ''}.",
    )


def _operator(row: Record) -> str:
    return str(row.get("operator_stamp") or "").strip()


def _time(text: str | None) -> datetime | None:
    return from_iso(text) if text else None
