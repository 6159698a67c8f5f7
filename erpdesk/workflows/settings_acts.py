"""Changing the settings of the company: the file, the audit trail and the open program change together, or not at all.

File and database can not be committed as one. A note of what shall change is laid beside the file first; then the audit
entry is committed, which decides; then the file is written and the note goes. A program that dies in between leaves the
note: the next one finds the entry and finishes, or finds none and drops it.
"""

from __future__ import annotations

import os
import tomllib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.declared import About, Group, Who
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.database import Store
from erpdesk.models.audit import AuditEntry
from erpdesk.settings import CompanySettings, about, declared, why_not
from erpdesk.workflows import rights
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.history import names_of
from erpdesk.workflows.operation import Office, check_text, operation, person

CHANGE, KIND, ACT = "settings.change", "settings", "change"
NOTE = "settings-*.note"
REASON_NEEDED = frozenset({Group.APPROVAL})
"""Groups that decide how two people check each other: a change without a reason is refused."""

WHY_FIXED = {
    Who.SET_UP: "It changes only together with the connection, under Sage > Connection > Set up.",
    Who.SAGE: "It is what Sage was read to say, and changes there.",
    Who.FILE: "It lies in settings.toml and changes there, by whoever looks after this computer: it names a program.",
}

Value = str | int | bool


@dataclass(frozen=True)
class SettingChange:
    """One change of a setting: when, by whom, from what to what, and why; in words as the window shows them."""

    id: str
    at: datetime
    who: str
    setting: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class SettingRow:
    """A setting as the window shows it; ``reasons`` say why the acting person can not change it (() = they can)."""

    name: str
    group: Group
    about: About
    value: Value
    default: Value
    reasons: tuple[str, ...]
    history: tuple[SettingChange, ...]


class SettingsActs:
    """The settings of one company in the file ``path``; ``apply`` lets the open program work with new ones."""

    def __init__(
        self,
        office: Office,
        path: Path,
        apply: Callable[[CompanySettings], object],
        at: Callable[[str], object] = lambda point: None,
    ) -> None:
        self._office, self._path, self._apply = office, path, apply
        self._at = at

    def rows(self, actor: str) -> tuple[SettingRow, ...]:
        """Every setting whose workflow is there, group by group; anybody who signs in may look.

        Raises ForPeople when the file can not be understood.
        """
        held, usual = CompanySettings.load(self._path), CompanySettings()
        with self._office.store.reading() as session:
            denied = rights.why_not(person(session, actor), CHANGE)
            history = _history(session)
        places = list(Group)
        found = [
            SettingRow(
                name,
                told.group,
                told,
                getattr(held, name),
                getattr(usual, name),
                tuple(why for why in (WHY_FIXED.get(told.who), denied) if why)[:1],
                tuple(history.get(name, ())),
            )
            for name in declared()
            if (told := about(name)).group is not None and (not told.needs or told.needs in KINDS)
        ]
        return tuple(sorted(found, key=lambda row: places.index(row.group)))

    def change(self, actor: str, name: str, value: Value, reason: str = "") -> Changes:
        """Changes one setting; see ``change_all``."""
        return self.change_all(actor, {name: value}, reason)

    def change_all(
        self, actor: str, values: Mapping[str, Value], reason: str = "", seen: Mapping[str, Value] | None = None
    ) -> Changes:
        """Changes settings with one entry each in the audit trail, all of them or none.

        Raises NotAllowed without the right at this moment, Refused with a sentence for each value that can not be kept
        and for a change of approval without a reason,
        ChangedMeanwhile when one is not what the person saw (``seen``), ForPeople when the file can not be written.
        """
        office, reason = self._office, reason.strip()
        check_text("The reason", reason)
        note: Path | None = None
        try:
            with operation(office, actor) as running:
                running.demand(CHANGE)
                _alone(running.session)
                finish(running.session, self._path)
                held = CompanySettings.load(self._path)
                wanted = {name: value for name, value in values.items() if getattr(held, name, None) != value}
                _check(wanted)
                _same(held, seen or {}, wanted)
                if not wanted:
                    return Changes()
                _demand_reason(wanted, reason)
                token = uuid.uuid4().hex
                note = _lay_note(self._path, token, wanted)
                self._at("noted")
                for name, value in wanted.items():
                    running.record(ACT, KIND, name, before=getattr(held, name), after=value, reason=reason, note=token)
                self._at("recorded")
        except BaseException:
            # Nothing was committed: the note is void. A program that dies here leaves it, and the next drops it.
            if note is not None:
                note.unlink(missing_ok=True)
            raise
        self._at("committed")
        # The file is read and written while no other change can begin, or one of two would be lost from it.
        with office.store.writing() as session:
            _alone(session)
            finish(session, self._path)
        self._at("written")
        self._apply(CompanySettings.load(self._path))
        return running.changes


def finish_at_start(store: Store, path: Path) -> bool:
    """Finishes or drops what a program that died left of a change; True when the file was changed by that."""
    if not any(path.parent.glob(NOTE)):
        return False
    with store.writing() as session:
        return finish(session, path)


def finish(session: Session, path: Path) -> bool:
    """The same inside a transaction that keeps other programs from changing settings meanwhile."""
    changed = False
    for note in sorted(path.parent.glob(NOTE)):
        if _decided(session, note.stem.removeprefix("settings-")):
            _write(path, note)
            changed = True
        else:
            note.unlink(missing_ok=True)
    return changed


def _decided(session: Session, token: str) -> bool:
    """Whether the entry of this note was committed."""
    found = session.scalar(
        select(AuditEntry.seq)
        .where(AuditEntry.kind == KIND, AuditEntry.act == ACT, AuditEntry.body.contains(token, autoescape=True))
        .limit(1)
    )
    return found is not None


def _alone(session: Session) -> None:
    """One change at a time, also of another program; SQLite's write transaction is alone by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))


def _lay_note(path: Path, token: str, values: Mapping[str, Value]) -> Path:
    import tomli_w

    note = path.with_name(f"settings-{token}.note")
    try:
        with note.open("wb") as out:
            tomli_w.dump(dict(values), out)
            out.flush()
            os.fsync(out.fileno())
    except OSError as problem:
        raise _no_file(path, problem, "Nothing was changed.") from problem
    return note


def _write(path: Path, note: Path | None) -> None:
    """Puts the values of a note into the file as it is now, as a whole; a note that is gone was finished by another."""
    if note is None:
        return
    try:
        values: dict[str, Any] = tomllib.loads(note.read_text(encoding="utf-8"))
        CompanySettings.load(path).changed(**values).save(path)
        note.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise _no_file(
            path, problem, "The change is recorded and is put into the file at the next start of erpdesk."
        ) from problem


def _no_file(path: Path, problem: OSError, kept: str) -> ForPeople:
    return ForPeople(
        f"The settings file {path} can not be written: {problem.strerror}.",
        kept=kept,
        next_step="Make the folder writable and free space on the disk.",
    )


def _check(values: Mapping[str, Value]) -> None:
    known = declared()
    reasons = []
    for name, value in values.items():
        if name not in known:
            reasons.append(f"erpdesk knows no setting “{name}”.")
            continue
        told = about(name)
        if told.who in WHY_FIXED:
            reasons.append(f"“{told.title}” can not be changed here. {WHY_FIXED[told.who]}")
        elif told.needs and told.needs not in KINDS:
            reasons.append(f"“{told.title}” belongs to a workflow that is not here yet.")
        elif why := why_not(name, value):
            reasons.append(why)
    if reasons:
        raise Refused(reasons)


def _demand_reason(wanted: Mapping[str, Value], reason: str) -> None:
    """How two people decide is not changed without saying why."""
    asked = [about(name).title for name in wanted if about(name).group in REASON_NEEDED]
    if asked and not reason:
        titles = ", ".join(f"“{title}”" for title in asked)
        change = "changes" if len(asked) == 1 else "change"
        raise Refused([f"Say why {titles} {change}: settings of approval need a reason."])


def _same(held: CompanySettings, seen: Mapping[str, Value], wanted: Mapping[str, Value]) -> None:
    other = [about(name).title for name in wanted if name in seen and getattr(held, name) != seen[name]]
    if other:
        raise ChangedMeanwhile(
            [f"Somebody else changed {', '.join(f'“{title}”' for title in other)} a moment ago. Look anew."]
        )


def _history(session: Session) -> dict[str, list[SettingChange]]:
    """The changes of each setting, newest first."""
    import json

    names = names_of(session)
    found: dict[str, list[SettingChange]] = {}
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.kind == KIND, AuditEntry.act == ACT).order_by(AuditEntry.seq.desc())
    )
    for entry in entries:
        if entry.ref not in declared():
            continue
        told = about(entry.ref)
        before, after = (in_words(told, json.loads(each)) for each in (entry.before, entry.after))
        found.setdefault(entry.ref, []).append(
            SettingChange(
                str(entry.seq), entry.at, names.get(entry.who, entry.who), told.title, before, after, entry.reason
            )
        )
    return found


def in_words(told: About, value: Value) -> str:
    """A value as people read it: Yes, 5 minutes, STARTTLS, empty."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value in (choices := dict(told.choices)):
        return choices[str(value)]
    shown = f"{value:,}" if isinstance(value, int) and told.unit else str(value)
    return f"{shown} {told.unit}".strip() or "empty"


def of_group(rows: Sequence[SettingRow], group: Group) -> tuple[SettingRow, ...]:
    """The settings of one group, in the order of their declaration."""
    return tuple(row for row in rows if row.group is group)
