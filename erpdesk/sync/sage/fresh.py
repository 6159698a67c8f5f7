"""One commitment as Sage holds it this moment: the evidence on which "synced" or "not there" rests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.clean import Cleaner, Row
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Column, Table, table
from erpdesk.sync.sage.values import slow
from erpdesk.workflows.ports import SageCommitment

_SIZE = 500


def same_commitment(session: Session, known: Capabilities, commitment: str) -> list[Any]:
    """The key of every commitment in Sage that has this ID, as Sage wrote it: padding and left-over characters aside.

    All IDs are looked at, since a query for one spelling would overlook the others, and "not there" must be certain.
    """
    header = table("JCM_MASTER__COMMITMENT")
    key = header.key[0]
    wanted = commitment.strip(" ")
    if not wanted:
        return []
    sql = f"SELECT {known.expression(header, key.name)} FROM {known.source(header)}"
    cursor = session.select(sql, table=header.name)
    found: list[Any] = []
    try:
        while rows := session.fetch(cursor, _SIZE, table=header.name):
            found += [raw for (raw,) in rows if slow(key, raw).value == wanted]
    finally:
        cursor.close()
    return found


def read_commitment(session: Session, known: Capabilities, commitment: str) -> SageCommitment | None:
    """The commitment with its lines, or None; raises BadSageData when it is there but cannot be read."""
    spellings = same_commitment(session, known, commitment)
    if not spellings:
        return None
    wanted = commitment.strip(" ")
    header, items = table("JCM_MASTER__COMMITMENT"), table("JCM_MASTER__COMMITMENT_ITEM")
    keys = _spellings(wanted, header.key[0], spellings)
    headers = _read(session, known, header, keys, wanted)
    if not headers:
        raise BadSageData(
            f"Sage holds commitment {wanted}, but does not show it when asked for it.",
            kept="Nothing was changed.",
            next_step="Look at this commitment in Sage; its ID may hold characters that cannot be seen.",
        )
    lines = _read(session, known, items, keys, wanted)
    return shapes.commitment(_fields(header, headers[0]), [_fields(items, line) for line in lines])


def _spellings(wanted: str, key: Column, found: Sequence[Any]) -> list[Any]:
    """The ways in which lines may spell the ID: as in the header, plain, or padded to either side."""
    return list(dict.fromkeys([*found, wanted, wanted.ljust(key.width), wanted.rjust(key.width)]))


def _read(session: Session, known: Capabilities, source: Table, keys: Sequence[Any], wanted: str) -> list[Row]:
    columns = known.columns[source.name]
    names = ", ".join(known.expression(source, column.name) for column in columns)
    order = ", ".join(known.expression(source, column.name) for column in source.key)
    marks = ", ".join("?" * len(keys))
    wanted_key = known.expression(source, source.key[0].name)
    sql = f"SELECT {names} FROM {known.source(source)} WHERE {wanted_key} IN ({marks}) ORDER BY {order}"
    cleaner = Cleaner(source, columns)
    found: list[Row] = []
    cursor = session.select(sql, keys, table=source.name)
    try:
        while rows := session.fetch(cursor, _SIZE, table=source.name):
            batch = cleaner.batch(rows)
            if batch.set_aside:
                raise BadSageData(
                    f"Sage holds commitment {wanted}, but erpdesk cannot read it: {batch.set_aside[0].reason}",
                    kept="Nothing was changed.",
                    next_step="Correct the commitment in Sage, then read it again.",
                )
            found += batch.rows
    finally:
        cursor.close()
    return found


def _fields(source: Table, row: Row) -> dict[str, Any]:
    return dict(zip((column.field for column in source.columns), row, strict=False))
