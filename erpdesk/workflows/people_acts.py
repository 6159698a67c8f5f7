"""Acts on people: who they are, what they may do, how they sign in, and who may push to accounting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.people import GranularRight, KindRight, Person, ProjectMember, Right, Tool, ToolRight
from erpdesk.workflows import passwords, push_right, rights, sign_in_hands
from erpdesk.workflows.approvers import approver_rows
from erpdesk.workflows.history import history
from erpdesk.workflows.operation import (
    Office,
    Operation,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    check_text,
    operation,
    person,
)
from erpdesk.workflows.people_checks import PERSON, alone, check_administrator, check_draft, found
from erpdesk.workflows.people_rows import ApproverRow, GrantRow, PersonDetail, PersonDraft
from erpdesk.workflows.rows import HistoryRow
from erpdesk.workflows.sign_in_waits import AGAIN, check_wait, next_wait, note

Accounts = Callable[[tuple[str, ...], tuple[str, ...]], None]
"""Called after an act with the Windows accounts that were added and those that were taken away."""


OLD_WRONG = "The current password is not right."
NO_PROOF = (
    "You have no password yet, and the Windows account that is logged in here is not yours. Set the password at your "
    "own computer, or ask an administrator to set a first one."
)


def nothing(added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """For a company whose folder needs no rights, such as the sample company."""


class PeopleActs:
    """Reading and changing people; each act is audited, and the right to it is read at that very moment."""

    def __init__(self, office: Office, accounts: Accounts = nothing) -> None:
        self._office = office
        self._accounts = accounts

    def may(self, actor: str) -> tuple[str, ...]:
        """Why the acting person can not change people; () when they can."""
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), "person.save")
        return (why,) if why else ()

    def everybody(self, actor: str) -> tuple[PersonDetail, ...]:
        """Everybody by name, those who left last; only oneself without Read Only in Directory."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if rights.why_not(acting, "person.read"):
                return (detail(acting),)
            people = session.scalars(select(Person).order_by(Person.active.desc(), Person.name))
            return tuple(detail(each) for each in people)

    def grants(self, actor: str) -> tuple[GrantRow, ...]:
        """Requests for the push right, open ones first, then the newest; () for who may neither read nor answer."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if rights.why_not(acting, "person.read") and rights.why_not(acting, "push.confirm"):
                return ()
            return push_right.grant_rows(session, acting)

    def history(self, actor: str, person_id: str) -> tuple[HistoryRow, ...]:
        """Everything that happened to a person: rights, requests, sign-ins; newest first.

        Raises NotAllowed without the right to look at people; everybody may look at their own.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            why = None if acting.id == person_id else rights.why_not(acting, "person.read")
            if why:
                raise NotAllowed([why])
            return history(session, PERSON, person_id)

    def warnings(self, actor: str, losing: str = "") -> tuple[str, ...]:
        """What the people window warns of: too few approvers, now or once the person ``losing`` has lost the right."""
        with self._office.store.reading() as session:
            person(session, actor)
            warning = push_right.approver_warning(session, losing)
        return (warning,) if warning else ()

    def approvers(self, actor: str) -> tuple[ApproverRow, ...]:
        """Everybody who may push to accounting, since when and by whom; raises NotAllowed (rule J2, approvers.read)."""
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), "approvers.read")
            if why:
                raise NotAllowed([why])
            return approver_rows(session)

    def may_list_approvers(self, actor: str) -> tuple[str, ...]:
        """Why the acting person can not list the approvers; () when they can."""
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), "approvers.read")
        return (why,) if why else ()

    def set_digest(self, actor: str, on: bool) -> Changes:
        """Subscribes oneself to the daily summary by e-mail, or takes it back; nobody needs a right for their own."""
        with operation(self._office, actor) as running:
            alone(running.session)
            target = found(running.session, actor)
            if target.digest == on:
                return running.changes
            target.digest = on
            target.version = target.version + 1
            running.record("set_digest", PERSON, target.id, before={"digest": not on}, after={"digest": on})
        return running.changes

    def save(self, actor: str, draft: PersonDraft) -> tuple[str, Changes]:
        """Saves a person, and answers their id; “Can push to accounting” and the password have acts of their own.

        Raises Refused with every reason, ChangedMeanwhile when somebody else saved the person first.
        """
        with operation(self._office, actor) as running:
            session = running.session
            alone(session)
            running.demand("person.save")
            before = found(session, draft.id, draft.version) if draft.id else None
            check_draft(session, draft)
            old = facts(before) if before else {}
            target = before or Person(name=draft.name.strip(), can_push=False)
            account = target.windows_account or ""
            left = before is not None and before.active and not draft.active
            put(target, draft)
            other_account = before is not None and account.casefold() != draft.windows_account.strip().casefold()
            if before is None:
                session.add(target)
                session.flush()
            else:
                # The version also rises when only rights changed, so that a stale form is noticed.
                target.version = target.version + 1
            if before is None or other_account:
                sign_in_hands.set_by(target, actor)
            check_administrator(session, target)
            new = facts(target)
            changed = {key for key in new if new[key] != old.get(key)}
            running.record(
                "save",
                PERSON,
                target.id,
                before={key: old[key] for key in sorted(changed & set(old))},
                after={key: new[key] for key in sorted(changed)},
                sign_in_set_by=sorted(sign_in_hands.setters(target)),
            )
            if left:
                push_right.lose(running, target, push_right.LEFT.format(name=target.name))
            elif other_account:
                push_right.sign_in_changed(running, target)
            target_id = target.id
        self._tell_accounts(account if before and before.active else "", target.windows_account if draft.active else "")
        return target_id, running.changes

    def set_active(self, actor: str, person_id: str, active: bool, reason: str) -> Changes:
        """Lets a person act no longer, or again; whoever left has lost the push right and needs it granted anew."""
        check_text("The reason", reason)
        with operation(self._office, actor) as running:
            alone(running.session)
            running.demand("person.set_active")
            target = found(running.session, person_id)
            if target.active == active:
                raise ChangedMeanwhile([f"{target.name} is {'active' if active else 'inactive'} already."])
            target.active = active
            check_administrator(running.session, target)
            running.record(
                "set_active", PERSON, target.id, before={"active": not active}, after={"active": active}, reason=reason
            )
            if not active:
                push_right.lose(running, target, push_right.LEFT.format(name=target.name))
            account = target.windows_account or ""
        self._tell_accounts("" if active else account, account if active else "")
        return running.changes

    def set_password(self, actor: str, person_id: str, password: str, old: str = "") -> Changes:
        """Sets one's own password, or as an Admin of Directory somebody else's.

        One's own takes proof: ``old``, the password so far, or without one the own Windows account at this computer. An
        approver whose password somebody else set needs the push right confirmed anew: otherwise one person could sign
        in as another and decide twice. Raises Refused with every reason why the password is too weak, NotAllowed
        without proof, and after several wrong ones with the seconds to wait.
        """
        own = actor == person_id
        with self._office.store.reading() as session:
            target = found(session, person_id)
            before = target.password
            weak = passwords.problems(password, target.name, target.windows_account or "", target.email)
        if weak:
            raise Refused(weak)
        if own:
            self._prove(person_id, old)
        text = passwords.kept(password)
        with operation(self._office, actor) as running:
            alone(running.session)
            if not own:
                running.demand("person.set_password")
            target = found(running.session, person_id)
            if own and target.password != before:
                raise ChangedMeanwhile(["Your password was changed a moment ago by somebody else. Nothing was kept."])
            target.password = text
            if own:
                sign_in_hands.becomes_own(running.session, target, self._office.station)
            else:
                sign_in_hands.set_by(target, actor)
            hands = sorted(sign_in_hands.setters(target))
            running.record("set_password", PERSON, target.id, own=own, had_one=bool(before), sign_in_set_by=hands)
            if not own:
                push_right.sign_in_changed(running, target)
        return running.changes

    def _prove(self, person_id: str, old: str) -> None:
        """Raises NotAllowed unless whoever is signed in is still at the screen; a wrong password is counted."""
        office = self._office
        with office.store.reading() as session:
            target = person(session, person_id)
            kept, account = target.password, target.windows_account or ""
            check_wait(session, office, AGAIN, person_id)
        if not kept:
            if not account or account.casefold() != office.station.login.casefold():
                raise NotAllowed([NO_PROOF])
            return
        if passwords.fits(old, kept):
            return
        with office.store.writing() as session:
            alone(session)
            check_wait(session, office, AGAIN, person_id)
            note(session, office, AGAIN.failed, person_id, "password")
            why = (OLD_WRONG, *next_wait(session, office, AGAIN, person_id))
        raise NotAllowed(why)

    def request_push(self, actor: str, person_id: str, reason: str, op_id: str) -> Changes:
        """Asks that somebody gets “Can push to accounting”; a second person has to confirm."""
        press = Press.of(op_id, "push_request", person_id, reason)
        return self._press(actor, press, reason, lambda running: push_right.ask(running, person_id, reason))

    def answer_push(self, actor: str, grant_id: str, confirm: bool, reason: str, op_id: str) -> Changes:
        """Confirms or refuses a request as its second person, who neither asked nor gets the right."""
        press = Press.of(op_id, "push_answer", grant_id, confirm, reason)
        return self._press(actor, press, reason, lambda running: push_right.decide(running, grant_id, confirm, reason))

    def withdraw_push(self, actor: str, person_id: str, reason: str, op_id: str) -> Changes:
        """Takes the push right from somebody, or gives up one's own; a request that waits is withdrawn with it."""
        press = Press.of(op_id, "push_withdraw", person_id, reason)
        return self._press(actor, press, reason, lambda running: push_right.take(running, person_id, reason))

    def _press(self, actor: str, press: Press, reason: str, act: Callable[[Operation], None]) -> Changes:
        check_text("The reason", reason)
        with operation(self._office, actor) as running:
            alone(running.session)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            act(running)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        return running.changes

    def _tell_accounts(self, before: str | None, after: str | None) -> None:
        before, after = before or "", after or ""
        if before.casefold() != after.casefold():
            self._accounts(tuple(filter(None, [after])), tuple(filter(None, [before])))


def detail(person: Person) -> PersonDetail:
    """A person as the views hold them."""
    return PersonDetail(
        id=person.id,
        name=person.name,
        title=person.title,
        windows_account=person.windows_account or "",
        email=person.email,
        has_password=bool(person.password),
        digest=person.digest,
        can_push=person.can_push,
        all_projects=person.all_projects,
        invoice_administrator=person.invoice_administrator,
        active=person.active,
        rights={tool: person.right(tool) for tool in Tool},
        projects=frozenset(each.project_id for each in person.projects),
        kinds={each.kind: (each.can_import, each.can_export) for each in person.kinds},
        granular=frozenset(each.name for each in person.granted),
        version=person.version,
    )


def facts(person: Person) -> dict[str, Any]:
    """A person as the audit trail keeps them: every field that a form can change, and nothing of the password."""
    shown = detail(person)
    return {
        "name": shown.name,
        "title": shown.title,
        "windows_account": shown.windows_account,
        "email": shown.email,
        "digest": shown.digest,
        "all_projects": shown.all_projects,
        "invoice_administrator": shown.invoice_administrator,
        "active": shown.active,
        "rights": {tool.value: right.value for tool, right in shown.rights.items() if right is not Right.NONE},
        "projects": sorted(shown.projects),
        "kinds": {kind: list(given) for kind, given in sorted(shown.kinds.items())},
        "granular": sorted(shown.granular),
    }


def put(person: Person, draft: PersonDraft) -> None:
    """Writes what was typed into the record; a tool that is not named gets None."""
    person.name, person.title, person.email = draft.name.strip(), draft.title.strip(), draft.email.strip()
    person.windows_account = draft.windows_account.strip() or None
    person.digest, person.active = draft.digest, draft.active
    person.all_projects, person.invoice_administrator = draft.all_projects, draft.invoice_administrator
    given = {tool: right for tool, right in draft.rights.items() if right is not Right.NONE}
    person.rights = [each for each in person.rights if each.tool in given]
    for each in person.rights:
        each.right = given.pop(each.tool)
    person.rights += [ToolRight(tool=tool, right=right) for tool, right in given.items()]
    kinds = dict(draft.kinds)
    person.kinds = [each for each in person.kinds if each.kind in kinds]
    for kept in person.kinds:
        kept.can_import, kept.can_export = kinds.pop(kept.kind)
    person.kinds += [KindRight(kind=kind, can_import=both[0], can_export=both[1]) for kind, both in kinds.items()]
    person.projects = [each for each in person.projects if each.project_id in draft.projects]
    new = draft.projects - {each.project_id for each in person.projects}
    person.projects += [ProjectMember(project_id=each) for each in sorted(new)]
    person.granted = [each for each in person.granted if each.name in draft.granular]
    missing = draft.granular - {each.name for each in person.granted}
    person.granted += [GranularRight(name=name) for name in sorted(missing)]
