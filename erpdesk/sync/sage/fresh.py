"""Commitments as Sage holds them this moment: the evidence on which "synced" or "not there" rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.fresh_rows import Held, Key, count, held, rows_of
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import table
from erpdesk.workflows.ports import SageCommitment

HEADERS, ITEMS = "JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"


@dataclass
class Commitments:
    """Commitments with their lines, by ID, and why some of them could not be read."""

    found: dict[Key, SageCommitment] = field(default_factory=dict)
    problems: dict[Key, BadSageData] = field(default_factory=dict)


def commitment_ids(session: Session, known: Capabilities) -> Held:
    """The ID of every commitment."""
    return held(session, known, HEADERS, ("Commitment",))


def read_commitments(session: Session, known: Capabilities, wanted: Iterable[Key], ids: Held) -> Commitments:
    """These commitments with their lines, all in one read; those that are not among ``ids`` are left out.

    Raises BadSageData when Sage shows lines of none and no lines at all: a lost permission reads as an empty table.
    """
    keys = [key for key in dict.fromkeys(wanted) if key in ids.written]
    headers = rows_of(session, known, HEADERS, "Commitment", keys, ids)
    lines = rows_of(session, known, ITEMS, "Commitment", keys, ids)
    made = Commitments()
    for key in keys:
        rows = headers.rows.get(key, [])
        why = headers.problems.get(key) or lines.problems.get(key)
        if why:
            made.problems[key] = unreadable(f"commitment {key[0]}", why)
        elif rows:
            made.found[key] = shapes.commitment(
                _whole(HEADERS, rows[0]), [_whole(ITEMS, row) for row in lines.rows.get(key, [])]
            )
        else:
            made.problems[key] = not_shown(f"commitment {key[0]}")
    if any(not each.items for each in made.found.values()) and not count(session, known, ITEMS):
        raise no_lines("commitment")
    return made


def same_commitment(session: Session, known: Capabilities, commitment: str) -> list[Any]:
    """The ID of every commitment in Sage under this one, padding and left-over characters aside."""
    return commitment_ids(session, known).like((commitment,))


def read_commitment(session: Session, known: Capabilities, commitment: str) -> SageCommitment | None:
    """The commitment with its lines, or None; raises BadSageData when it is there but cannot be read."""
    ids = commitment_ids(session, known)
    key = (commitment.strip(" "),)
    read = read_commitments(session, known, [key], ids)
    if key in read.problems:
        raise read.problems[key]
    return read.found.get(key)


def unreadable(what: str, why: str) -> BadSageData:
    """Sage holds it, but a row of it cannot be read."""
    return BadSageData(
        f"Sage holds {what}, but erpdesk cannot read it: {why}",
        kept="Nothing was changed.",
        next_step="Correct it in Sage, then read it again.",
    )


def not_shown(what: str) -> BadSageData:
    """Sage holds it, but asked for it by its ID shows nothing."""
    return BadSageData(
        f"Sage holds {what}, but does not show it when asked for it.",
        kept="Nothing was changed.",
        next_step="Look at it in Sage; its ID may hold characters that cannot be seen.",
    )


def no_lines(what: str) -> BadSageData:
    """Sage shows a record of this kind without its lines, and no line of any other."""
    return BadSageData(
        f"Sage shows no lines of any {what}.",
        kept="Nothing was changed.",
        next_step="Check the permissions of the Sage user.",
    )


def _whole(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with nothing in the columns that this Sage lacks."""
    return dict.fromkeys(column.field for column in table(name).columns) | dict(row)
