"""The audit trail for whoever may look at it: lists of any length, one entry whole, its check."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.errors import ForPeople, NotAllowed
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.models.people import Person
from erpdesk.workflows import audit, rights
from erpdesk.workflows.audit_check import Anchors, Tell, Verdict, verify
from erpdesk.workflows.field_changes import said
from erpdesk.workflows.history import ACT_WORDS, act_words, changed, known_names, told
from erpdesk.workflows.operation import Office, person
from erpdesk.workflows.trail_rows import (
    SYSTEM_NAME,
    TrailChange,
    TrailChoices,
    TrailDetail,
    TrailFilter,
    TrailRow,
    kind_words,
)
from erpdesk.workflows.trail_source import TrailSource

LOG = logging.getLogger(__name__)
READ = "audit.read"
NOT_ALL = "The audit trail tells of every project; {} does not belong to all of them. Ask an administrator."
"""An entry does not say of which project it is, and its record may be gone: nothing less keeps a project to itself."""
RECENT = 5_000
"""So many of the newest entries are looked through for acts that have no words of their own."""


class AuditTrail:
    """Reads of the audit trail; ``anchors`` reads what the export journal says about it."""

    def __init__(self, office: Office, anchors: Callable[[], Anchors] = Anchors) -> None:
        self._office = office
        self._anchors = anchors
        self._checked: date | None = None

    def refusal(self, actor: str) -> str:
        """Why this person may not look at the trail, as a sentence; '' when they may."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if why := rights.why_not(acting, READ):
                return why
            return "" if acting.all_projects else NOT_ALL.format(acting.name)

    def source(self, actor: str, wanted: TrailFilter = TrailFilter()) -> TrailSource:  # noqa: B008  # frozen
        """The entries that are wanted, for a windowed list; raises NotAllowed."""
        self._demand(actor)
        return TrailSource(self._office.store, wanted, trail_rows)

    def choices(self, actor: str) -> TrailChoices:
        """What the trail can be narrowed to; raises NotAllowed."""
        self._demand(actor)
        with self._office.store.reading() as session:
            people = session.execute(select(Person.id, Person.name).order_by(Person.name)).all()
            newest = session.scalar(select(func.max(AuditEntry.seq))) or 0
            acts = set(session.scalars(select(AuditEntry.act).where(AuditEntry.seq > newest - RECENT).distinct()))
            kinds = tuple(_kinds(session))
        named = {act: act_words(act) for act in (*ACT_WORDS, *acts)}
        return TrailChoices(
            people=(*((key, name) for key, name in people), (audit.SYSTEM, f"{SYSTEM_NAME} itself")),
            acts=tuple(sorted(named.items(), key=lambda pair: pair[1])),
            kinds=tuple(sorted(((kind, kind_words(kind)) for kind in kinds), key=lambda pair: pair[1])),
        )

    def detail(self, actor: str, seq: int) -> TrailDetail | None:
        """One entry with everything in it, None when there is none of this number; raises NotAllowed."""
        self._demand(actor)
        with self._office.store.reading() as session:
            entry = session.get(AuditEntry, seq)
            return None if entry is None else _detail(session, entry)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry, as reports print them."""
        with self._office.store.reading() as session:
            return audit.head(session)

    def check(
        self,
        actor: str,
        tell: Tell = lambda done, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Verdict:
        """Checks the whole trail against its anchors while work goes on; raises NotAllowed, ForPeople."""
        self._demand(actor)
        return self._verdict(tell, stop)

    def daily(self, stop: Callable[[], bool] = lambda: False) -> str:
        """Checks the whole trail at the first chance after the start and of each day; answers what is wrong, or ''.

        What can not be read now is looked at the next time.
        """
        today = self._office.clock.today()
        if self._checked == today:
            return ""
        try:
            verdict = self._verdict(lambda done, total: None, stop)
        except ForPeople as problem:
            LOG.info("the audit trail could not be checked: %s", problem.what)
            return ""
        if verdict.broken is None:
            self._checked = today if verdict.ended else None
            return ""
        self._checked = today
        return f"The audit trail does not hold: {verdict.broken.text} Open Menu > Audit trail and check it."

    def _verdict(self, tell: Tell, stop: Callable[[], bool]) -> Verdict:
        url = self._office.store.engine.url
        if url.get_backend_name() == "sqlite":
            if not url.database:
                raise ForPeople("A trail that is kept in memory only can not be checked.")
            where: Path | str = Path(url.database)
        else:
            where = url.render_as_string(hide_password=False)
        # The journal first: whatever it names was in the trail by then.
        anchors = self._anchors()
        return verify(where, anchors, tell=tell, stop=stop)

    def _demand(self, actor: str) -> None:
        if why := self.refusal(actor):
            raise NotAllowed([why])


def _kinds(session: Session) -> list[str]:
    """Every kind that occurs, each found by one step through the index."""
    found: list[str] = []
    last = ""
    while (last := session.scalar(select(func.min(AuditEntry.kind)).where(AuditEntry.kind > last)) or "") != "":
        found.append(last)
    return found


def trail_rows(session: Session, entries: Sequence[AuditEntry]) -> tuple[TrailRow, ...]:
    """Entries as the list shows them, each record under the name that people know it by."""
    names = known_names(session)
    labels = _labels(session, entries, names)
    return tuple(map(partial(_row, names=names, labels=labels), entries))


def _row(entry: AuditEntry, names: Mapping[str, str], labels: Mapping[tuple[str, str], str]) -> TrailRow:
    fields = changed(entry, names)
    body = told(entry)
    return TrailRow(
        id=entry.seq,
        at=entry.at,
        who=names.get(entry.who, entry.who),
        act=act_words(entry.act),
        kind=kind_words(entry.kind),
        record=labels.get((entry.kind, entry.ref), entry.ref),
        what="; ".join(each.words() for each in fields[:4]) + (" …" if len(fields) > 4 else ""),
        why=str(body.get("reason") or ""),
        login=entry.login,
        machine=entry.machine,
        version=entry.version,
        hash=entry.hash,
    )


def _labels(session: Session, entries: Sequence[AuditEntry], names: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What people call the records of these entries; a deleted one by what its entry remembers."""
    refs = {entry.ref for entry in entries if entry.kind == "commitment"}
    numbers = session.execute(select(Commitment.id, Commitment.number).where(Commitment.id.in_(refs))).all()
    known = {("commitment", key): number for key, number in numbers if number}
    for entry in entries:
        place = (entry.kind, entry.ref)
        if place in known:
            continue
        if entry.ref in names:
            known[place] = names[entry.ref]
        elif entry.kind == "company":
            known[place] = "This company"
        elif number := _remembered(entry):
            known[place] = number
    return known


def _remembered(entry: AuditEntry) -> str:
    body = told(entry)
    for side in (body.get("after"), body.get("before")):
        if isinstance(side, dict) and (found := side.get("number") or side.get("name")):
            return str(found)
    return ""


def _detail(session: Session, entry: AuditEntry) -> TrailDetail:
    names = known_names(session)
    body = told(entry)
    known = ("before", "after", "reason", "evidence")
    evidence: Any = json.loads(entry.evidence) if entry.evidence else body.get("evidence")
    return TrailDetail(
        row=trail_rows(session, [entry])[0],
        changes=tuple(
            TrailChange(place, f"{each.field[:1].upper()}{each.field[1:]}", each.before, each.after)
            for place, each in enumerate(changed(entry, names))
        ),
        evidence=_pairs(evidence, names),
        # A whole record that is kept for taking an act back is the program's; its fields stand in before and after.
        facts=_pairs(
            {key: value for key, value in body.items() if key not in known and not isinstance(value, dict)}, names
        ),
        prev=entry.prev,
        form=entry.form,
        fits=_fits(entry),
    )


def _fits(entry: AuditEntry) -> bool:
    try:
        return audit.entry_hash(entry) == entry.hash
    except KeyError:
        return False


def _pairs(held: object, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if held is None or held == "":
        return ()
    if not isinstance(held, dict):
        return (("Evidence", said(held, names)),)
    told_of = ((key.replace("_", " ").capitalize(), said(value, names)) for key, value in held.items())
    return tuple((key, value) for key, value in told_of if value)
