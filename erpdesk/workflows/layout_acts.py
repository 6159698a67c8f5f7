"""What a site settles about import files: confirming fields, taking that back, using Sage's own field order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.database import Store
from erpdesk.models.sage import LayoutConfirmation, SiteLayout
from erpdesk.workflows import rights
from erpdesk.workflows.history import names_of
from erpdesk.workflows.layout_gate import KNOWN, SURE_WORDS
from erpdesk.workflows.layout_ports import (
    FormField,
    FormRecord,
    LayoutForm,
    LayoutShelf,
    PastedOrder,
    SiteWord,
)
from erpdesk.workflows.layout_rows import LayoutDetail, LayoutFieldRow, LayoutRow
from erpdesk.workflows.operation import LONGEST_FILE, Office, Operation, check_text, operation, person

KIND = "layout"
LONGEST_COMMENT = 2000
CONFIRM, WITHDRAW, OWN_ORDER, STANDARD = "layout.confirm", "layout.withdraw", "layout.use_site", "layout.standard"


def site_word(session: Session, layout: str) -> SiteWord:
    """What this site said of a layout until now; two short reads."""
    own = select(SiteLayout.text).where(SiteLayout.layout == layout).order_by(SiteLayout.version.desc()).limit(1)
    said = LayoutConfirmation
    asked = select(said.record, said.position, said.order_sha, said.confirmed).where(said.layout == layout)
    # Of each field and order the last row counts.
    standing = {(row[0], row[1], row[2]): row[3] for row in session.execute(asked.order_by(said.id))}
    kept = frozenset(place for place, confirmed in standing.items() if confirmed)
    return SiteWord(session.scalar(own) or "", kept)


def site_words(store: Store) -> Callable[[str], SiteWord]:
    """Asks the store what the site says of a layout at that moment; the preview does so each time."""

    def word(layout: str) -> SiteWord:
        with store.reading() as session:
            return site_word(session, layout)

    return word


class LayoutActs:
    """Confirming, withdrawing and changing the field order of import files; each act is audited."""

    def __init__(self, office: Office, shelf: LayoutShelf) -> None:
        self._office = office
        self._shelf = shelf

    def layouts(self) -> tuple[LayoutRow, ...]:
        """Every import file that erpdesk can write, and whether it may go to a live company."""
        with self._office.store.reading() as session:
            return tuple(self._row(session, name) for name in self._shelf.names())

    def layout(self, name: str) -> LayoutDetail:
        """One import file with its fields in order; raises ForPeople when its data can not be read."""
        with self._office.store.reading() as session:
            form = self._form(session, name)
            current, names = _current(session, name), names_of(session)
            standing = {(each.record, each.position, each.order_sha): each for each in _standing(session, name)}
            fields = tuple(
                _field_row(record, field, standing.get((record.letters, field.position, record.order_sha)), names)
                for record in form.records
                for field in record.fields
            )
            row = LayoutRow(
                id=name,
                title=form.title,
                menu=form.menu,
                open_fields=sum(each.open for each in fields),
                own_order=bool(current and current.text),
                open_required=sum(each.open and each.required for each in fields),
            )
            return LayoutDetail(
                row=row,
                fields=fields,
                sample=form.sample,
                text=current.text if current else "",
                version=current.version if current else 0,
                changed_by=names.get(current.by, "") if current else "",
                changed_at=current.at if current else None,
            )

    def pasted(self, layout: str, text: str) -> PastedOrder:
        """What erpdesk understands of a pasted field order, before it is used."""
        return self._shelf.pasted(layout, text)

    def may(self, actor: str) -> tuple[str, ...]:
        """Why this person may not change layouts; empty when the right is there."""
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), CONFIRM)
        return (why,) if why else ()

    def confirm(self, actor: str, layout: str, record: str, positions: Sequence[int], how: str) -> Changes:
        """Confirms open fields of a record for this site; ``how`` says how each was settled and is required.

        Raises Refused when a field is not there or needs no confirmation.
        """
        return self._settle(actor, layout, record, positions, how, CONFIRM)

    def withdraw(self, actor: str, layout: str, record: str, positions: Sequence[int], how: str) -> Changes:
        """Takes confirmations back, with the reason; the fields are open again from now on."""
        return self._settle(actor, layout, record, positions, how, WITHDRAW)

    def use_site_layout(self, actor: str, layout: str, text: str) -> Changes:
        """Uses the field order that the site pasted; raises Refused with every reason why it can not be used."""
        check_text("The field order", text, LONGEST_FILE)
        read = self._shelf.pasted(layout, text)
        with operation(self._office, actor) as running:
            running.demand(OWN_ORDER)
            if read.refusals or read.form is None:
                raise Refused(read.refusals or ("Nothing in this text is a field order.",))
            self._use(running, layout, read.text, "own_order")
        return running.changes

    def standard_layout(self, actor: str, layout: str) -> Changes:
        """Goes back to the field order that erpdesk ships."""
        with operation(self._office, actor) as running:
            running.demand(STANDARD)
            self._use(running, layout, "", "shipped_order")
        return running.changes

    def _settle(self, actor: str, layout: str, record: str, positions: Sequence[int], how: str, act: str) -> Changes:
        confirmed = act == CONFIRM
        check_text("The comment", how)
        with operation(self._office, actor) as running:
            running.demand(act)
            form = self._form(running.session, layout)
            found = next((each for each in form.records if each.letters == record), None)
            if found is None:
                raise ChangedMeanwhile([f"This file has no {record} record any more. The layout has been read again."])
            held = site_word(running.session, layout).holds({record: found.order_sha})
            reasons = [*_comment_problems(how, confirmed), *_problems(found, positions, held, confirmed)]
            if reasons:
                raise Refused(reasons)
            chosen = [each for each in found.fields if each.position in positions]
            for field in chosen:
                running.session.add(
                    LayoutConfirmation(
                        layout=layout,
                        order_sha=found.order_sha,
                        record=record,
                        position=field.position,
                        label=field.label[:80],
                        confirmed=confirmed,
                        how=how.strip(),
                        by=running.person.id,
                        at=running.at,
                    )
                )
            running.record(
                "confirm_fields" if confirmed else "withdraw_fields",
                KIND,
                layout,
                before={"settled": not confirmed},
                after={"settled": confirmed},
                reason=how.strip(),
                evidence={
                    "record": record,
                    "fields": [[each.position, each.label] for each in chosen],
                    "order_sha": found.order_sha,
                },
            )
        return running.changes

    def _use(self, running: Operation, layout: str, text: str, act: str) -> None:
        if layout not in self._shelf.names():
            raise Refused(["There is no such layout."])
        current = _current(running.session, layout)
        if text == (current.text if current else ""):
            raise Refused(["This field order is already in use."])
        version = current.version + 1 if current else 1
        running.session.add(SiteLayout(layout=layout, version=version, text=text, by=running.person.id, at=running.at))
        running.record(act, KIND, layout, version=version, before=current.text if current else "", after=text)

    def _form(self, session: Session, name: str) -> LayoutForm:
        if name not in self._shelf.names():
            raise ChangedMeanwhile(["There is no such layout any more. The list has been read again."])
        current = _current(session, name)
        return self._shelf.form(name, current.text if current else "")

    def _title(self, name: str) -> str:
        """The title of a layout whose own order of this site is of no use; its name when even that is unreadable."""
        try:
            return self._shelf.form(name).title
        except ForPeople:
            return name

    def _row(self, session: Session, name: str) -> LayoutRow:
        current = _current(session, name)
        own = bool(current and current.text)
        try:
            form = self._form(session, name)
        except ForPeople as problem:
            return LayoutRow(name, self._title(name), "", 0, own, problem.what)
        held = site_word(session, name).holds({each.letters: each.order_sha for each in form.records})
        left = [
            field
            for record in form.records
            for field in record.fields
            if is_open(field, (record.letters, field.position) in held)
        ]
        required = sum(each.required for each in left)
        return LayoutRow(name, form.title, form.menu, len(left), own, open_required=required)


def is_open(field: FormField, confirmed: bool) -> bool:
    """Whether a field keeps its file from a live company: used, not known for certain, not confirmed here."""
    return field.used and not field.certain and not confirmed


def _sure(field: FormField) -> str:
    if not field.used:
        return "Left blank"
    words = SURE_WORDS.get(field.mark, SURE_WORDS["M"])
    return words if field.certain or field.mark not in KNOWN else f"{words}, differs by site"


def _current(session: Session, layout: str) -> SiteLayout | None:
    asked = select(SiteLayout).where(SiteLayout.layout == layout).order_by(SiteLayout.version.desc()).limit(1)
    return session.scalar(asked)


def _standing(session: Session, layout: str) -> Iterable[LayoutConfirmation]:
    """The last row of each field and order."""
    asked = select(LayoutConfirmation).where(LayoutConfirmation.layout == layout).order_by(LayoutConfirmation.id)
    last = {(each.record, each.position, each.order_sha): each for each in session.scalars(asked)}
    return last.values()


def _comment_problems(how: str, confirmed: bool) -> list[str]:
    if not how.strip():
        what = "how it was settled, such as the printout you compared it with" if confirmed else "why"
        return [f"Write {what}."]
    if len(how.strip()) > LONGEST_COMMENT:
        return [f"The comment has {len(how.strip()):,} characters; at most {LONGEST_COMMENT:,} are kept. Shorten it."]
    return []


def _problems(
    record: FormRecord, positions: Sequence[int], held: frozenset[tuple[str, int]], confirmed: bool
) -> list[str]:
    fields = {each.position: each for each in record.fields}
    reasons = [] if positions else ["Choose at least one field."]
    for position in sorted(set(positions)):
        field, done = fields.get(position), (record.letters, position) in held
        if field is None:
            reasons.append(f"The {record.letters} record has no field {position}.")
        elif confirmed and done:
            reasons.append(f"Field {position} ({field.label}) is confirmed already.")
        elif confirmed and not is_open(field, done):
            reasons.append(f"Field {position} ({field.label}) needs no confirmation.")
        elif not confirmed and not done:
            reasons.append(f"Field {position} ({field.label}) is not confirmed, so there is nothing to withdraw.")
    return reasons


def _field_row(
    record: FormRecord, field: FormField, last: LayoutConfirmation | None, names: dict[str, str]
) -> LayoutFieldRow:
    confirmed = last is not None and last.confirmed
    row = LayoutFieldRow(
        id=f"{record.letters}/{field.position}",
        record=record.letters,
        position=field.position,
        label=field.label,
        width=field.width,
        required=field.required,
        source=field.source,
        used=field.used,
        mark=field.mark,
        sure=_sure(field),
        settle=field.settle,
        open=is_open(field, confirmed),
    )
    if last is None or not confirmed:
        return row
    return replace(row, confirmed_by=names.get(last.by, last.by), confirmed_at=last.at, how=last.how)
