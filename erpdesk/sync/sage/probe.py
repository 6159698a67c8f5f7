"""Asks a Sage company what it has: its tables, their columns and names, and how it uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.capabilities import Capabilities, Part, Place
from erpdesk.sync.sage.discover import installed_version, windows_registry
from erpdesk.sync.sage.masks import CONTROL_COLUMNS, CONTROL_TABLE, Masks
from erpdesk.sync.sage.problems import KEPT, Trouble, is_driver_error, missing, sentence, trouble
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Column, Naming, Table, catalogue, table, written
from erpdesk.sync.sage.values import slow

__all__ = ["Capabilities", "probe"]

# What Sage's own driver says about a name it does not know is not documented, so words that nobody knows count as "no".
_SAYS_NO = (Trouble.NO_TABLE, Trouble.NO_COLUMN, Trouble.NO_RIGHT, Trouble.OTHER)
_SIZE = 500
_MOST_PARTS = 9


def probe(session: Session) -> Capabilities:
    """Looks for every table and column; raises BadSageData naming all required ones that are not there."""
    naming = _naming(session)
    places: dict[str, Place] = {}
    columns: dict[str, tuple[Column, ...]] = {}
    no_tables: list[Table] = []
    no_columns: list[tuple[Table, Column]] = []
    for each in catalogue():
        place = _place(session, each, naming)
        found = {column.name for part in place.parts for column in part.columns} if place else set()
        lacking = [column for column in each.columns if column.name not in found]
        if place is None or (not each.required and any(column.key for column in lacking)):
            no_tables.append(each)
            continue
        places[each.name] = place
        columns[each.name] = tuple(column for column in each.columns if column.name in found)
        no_columns += [(each, column) for column in lacking]
    _insist(no_tables, no_columns, naming)
    known = Capabilities(
        columns,
        tuple(each.name for each in no_tables),
        tuple((each.name, column.name) for each, column in no_columns),
        places=places,
        naming=naming,
        version=installed_version(windows_registry()),
    )
    return replace(
        known, masks=_masks(session, known), extras=_extras(session, known), pj_jobs=_pj_jobs(session, known)
    )


def _naming(session: Session) -> Naming:
    """The mode in which the first of the tables that every company has is found; standard when none is."""
    for each in catalogue():
        for naming in Naming if each.required else ():
            if any(_exist(session, name, each.key[:1], naming) for name in _first_names(each, naming)):
                return naming
    return Naming.STANDARD


def _first_names(table: Table, naming: Naming) -> tuple[str, ...]:
    name = table.named(naming)
    return (name, f"{name}_1") if name and table.key[0].named(naming) else ()


def _place(session: Session, table: Table, naming: Naming) -> Place | None:
    """Where the table stands: whole, or in parts that each repeat its key; None when it is not there."""
    for name in table.names(naming):
        whole = _columns(session, name, table.columns, table.key, naming)
        parts = (Part(name, whole),) if whole else tuple(_parts(session, table, name, naming))
        if parts:
            return Place(naming, table.key, parts)
    return None


def _parts(session: Session, table: Table, name: str, naming: Naming) -> Iterator[Part]:
    rest = table.columns
    for number in range(1, _MOST_PARTS + 1):
        found = _columns(session, f"{name}_{number}", rest, table.key, naming)
        if not found:
            return
        yield Part(f"{name}_{number}", found)
        rest = (*table.key, *(column for column in rest if not column.key and column not in found))


def _columns(
    session: Session, name: str, wanted: Sequence[Column], key: Sequence[Column], naming: Naming
) -> tuple[Column, ...]:
    named = [column for column in wanted if column.named(naming)]
    if _exist(session, name, named, naming):
        return tuple(named)
    if not _exist(session, name, key[:1], naming):
        return ()
    return tuple(_halving(session, name, named, naming))


def _halving(session: Session, name: str, wanted: Sequence[Column], naming: Naming) -> Iterator[Column]:
    """The columns that exist: a half that passes as a whole needs no closer look."""
    half = len(wanted) // 2
    for some in (wanted[:half], wanted[half:]):
        if not some:
            continue
        if _exist(session, name, some, naming):
            yield from some
        elif len(some) > 1:
            yield from _halving(session, name, some, naming)


def _exist(session: Session, name: str, columns: Sequence[Column], naming: Naming) -> bool:
    """Whether a select of these columns passes; its condition is one that no row can meet."""
    # Qualified throughout: an unknown name in quotation marks alone is taken for a text by some drivers.
    names = [written(column.named(naming), name) for column in columns]
    if not names:
        return False
    never = f"{names[0]} = '.~'" if columns[0].kind in ("char", "text") else f"{names[0]} < 0 AND {names[0]} > 0"
    found = _asked(session, f"SELECT {', '.join(names)} FROM {name} WHERE {never}", name)
    if found is None:
        return False
    found.close()
    return True


def _asked(session: Session, sql: str, name: str) -> Any | None:
    """The cursor of a query, or None when Sage does not know what it names; other trouble is raised for people."""
    try:
        return session.try_select(sql)
    except Exception as error:
        if not is_driver_error(error):
            raise
        if trouble(error) not in _SAYS_NO:
            raise sentence(error, name) from error
        return None


def _insist(no_tables: list[Table], no_columns: list[tuple[Table, Column]], naming: Naming) -> None:
    """Raises for what every company must have, as far as its name in this mode is known."""
    needed = [each for each in no_tables if each.required and each.named(naming)]
    if needed and len(needed) == sum(each.required for each in catalogue()):
        raise BadSageData(
            "This is not a Sage 300 company: none of Sage's tables is in it.",
            kept=KEPT,
            next_step="Choose the company's data folder in the settings.",
        )
    if needed:
        raise missing([f"{each.name} ({each.title})" for each in needed])
    insisted = [
        (each, column) for each, column in no_columns if each.required and column.required and column.named(naming)
    ]
    if insisted:
        named = ", ".join(f"{column.name} in {each.name}" for each, column in insisted)
        standard = "" if naming is Naming.STANDARD else " and StandardMode=1"
        raise BadSageData(
            f"Sage lacks columns that erpdesk needs: {named}.",
            kept=KEPT,
            next_step=f"Check the Sage version, and that the connection asks for MaxColSupport=1536{standard}.",
        )


def _masks(session: Session, known: Capabilities) -> Masks:
    """The ID formats of the control records; without any when they are not readable."""
    control = table(CONTROL_TABLE)
    columns = [column for column in known.columns.get(control.name, ()) if column.name in CONTROL_COLUMNS]
    if len(columns) < len(CONTROL_COLUMNS):
        return Masks()
    rows = _read(session, known, control, columns)
    return Masks.from_control([{column.name: value for column, value in row} for row in rows])


def _read(
    session: Session, known: Capabilities, source: Table, columns: Sequence[Column], where: str = "", most: int = 0
) -> list[list[tuple[Column, Any]]]:
    names = ", ".join(known.expression(source, column.name) for column in columns)
    cursor = _asked(session, f"SELECT {names} FROM {known.source(source)}{where}", source.name)
    found: list[list[tuple[Column, Any]]] = []
    if cursor is None:
        return found
    try:
        while rows := session.fetch(cursor, most or _SIZE, table=source.name):
            found += [list(zip(columns, row, strict=True)) for row in rows]
            if most:
                break
    finally:
        cursor.close()
    return found


def _extras(session: Session, known: Capabilities) -> bool:
    """Whether at least one job has an extra."""
    extras = table("JCM_MASTER__EXTRA")
    return known.has(extras) and bool(_read(session, known, extras, extras.key[:1], most=1))


def _pj_jobs(session: Session, known: Capabilities) -> frozenset[str] | None:
    """The jobs whose change orders live in Project Management; None when Sage does not tell."""
    jobs = table("JCM_MASTER__JOB")
    if not known.has_column(jobs, "Use_PJ_Change_Management"):
        return None
    where = f" WHERE {known.expression(jobs, 'Use_PJ_Change_Management')} <> 0"
    rows = _read(session, known, jobs, jobs.key[:1], where)
    readings = [slow(column, value) for row in rows for column, value in row]
    return frozenset(str(reading.value) for reading in readings if not reading.fatal)
