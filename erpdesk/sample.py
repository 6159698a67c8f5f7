"""The sample company: its people and projects, and the commitments they have prepared, made through the real acts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import func, select

from erpdesk.core.money import cents
from erpdesk.database import Store
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import Op
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person, Right, Tool, ToolRight
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.desk import Desk
from erpdesk.workflows.ports import SageFacts, SageVendor
from erpdesk.workflows.rows import CodeRow, CommitmentDraft, LineDraft

MANAGER = "Dana Whitfield"
APPROVER = "Morgan Reyes"
SECOND_APPROVER = "Lee Okafor"
VIEWER = "Sam Adeyemi"

UNLINKED = ("Bluebird Signage Co.", "Harbor Lane Landscaping")
"""Companies that Sage does not have as vendors yet."""


@dataclass(frozen=True)
class _Role:
    """One sample person; a tool that ``rights`` does not name gets Read Only."""

    name: str
    title: str
    email: str
    rights: Mapping[Tool, Right]
    push: bool = False
    invoice_administrator: bool = False

    def right(self, tool: Tool) -> Right:
        return self.rights.get(tool, Right.READ_ONLY)


_PROJECT_TOOLS = (Tool.ADMIN, Tool.BUDGET, Tool.COMMITMENTS, Tool.CHANGE_ORDERS, Tool.PRIME_CONTRACTS, Tool.INVOICES)

PEOPLE = (
    _Role(
        MANAGER,
        "Project manager",
        "dana.whitfield@example.com",
        {**dict.fromkeys(_PROJECT_TOOLS, Right.ADMIN), Tool.DIRECTORY: Right.STANDARD},
        invoice_administrator=True,
    ),
    _Role(APPROVER, "Accounting approver", "morgan.reyes@example.com", {Tool.ERP_INTEGRATIONS: Right.ADMIN}, push=True),
    _Role(
        SECOND_APPROVER,
        "Controller, approves and sends",
        "lee.okafor@example.com",
        dict.fromkeys(Tool, Right.ADMIN),
        push=True,
    ),
    _Role(VIEWER, "Auditor, looks only", "sam.adeyemi@example.com", {Tool.ERP_INTEGRATIONS: Right.STANDARD}),
)
"""Everybody of the sample company can be played: nobody has a Windows account or a password."""


def add_people(store: Store) -> None:
    """Adds the sample company's people, once; those of an older erpdesk that nobody changed get what they lack."""
    with store.writing() as session:
        known = {each.name: each for each in session.scalars(select(Person))}
        for role in PEOPLE:
            person = known.get(role.name)
            if person is None and not known:
                person = Person(name=role.name, title=role.title, can_push=role.push, rights=[])
                session.add(person)
            elif person is None or person.version > 1:
                continue
            person.email, person.all_projects = role.email, True
            person.invoice_administrator = role.invoice_administrator
            for given in person.rights:
                given.right = role.right(given.tool)
            missing = [tool for tool in Tool if tool not in {given.tool for given in person.rights}]
            person.rights += [ToolRight(tool=tool, right=role.right(tool)) for tool in missing]


def add_projects(store: Store, facts: SageFacts) -> None:
    """Adds a project for each job and a directory company for each vendor that Sage was read to hold, once."""
    with store.writing() as session:
        known = set(session.scalars(select(Project.sage_job)))
        for job in facts.jobs():
            if job.job not in known:
                session.add(Project(number=job.job, name=job.description, sage_job=job.job))
        if not session.scalar(select(func.count()).select_from(DirectoryCompany)):
            for vendor in facts.vendors():
                session.add(DirectoryCompany(name=vendor.name, sage_vendor=vendor.vendor))
            for name in UNLINKED:
                session.add(DirectoryCompany(name=name, sage_vendor=None))


@dataclass(frozen=True)
class _Plan:
    """One sample commitment: its type, how many lines, and how far it gets."""

    type: str
    lines: int
    share: str
    end: str


PLANS = (
    _Plan("Subcontract", 3, "0.42", "accepted"),
    _Plan("Subcontract", 2, "0.35", "accepted"),
    _Plan("Purchase order", 2, "0.30", "accepted"),
    _Plan("Subcontract", 2, "0.55", "sent"),
    _Plan("Purchase order", 3, "0.25", "sent"),
    _Plan("Subcontract", 1, "0.60", "sent"),
    _Plan("Purchase order", 1, "0.45", "sent"),
    _Plan("Subcontract", 2, "0.20", "rejected"),
    _Plan("Purchase order", 2, "0.15", "retrieved"),
    _Plan("Subcontract", 4, "0.33", "approved"),
    _Plan("Purchase order", 2, "0.28", "draft"),
    _Plan("Subcontract", 1, "0.50", "draft"),
    _Plan("Subcontract", 2, "0.25", "accepted"),
)


MARK = "sample"
"""How the op table remembers which sample commitments were made."""


def fill(desk: Desk) -> None:
    """Prepares the sample commitments through the same acts that people use; each once, also after a kill."""
    with desk.office.store.reading() as session:
        done = set(session.scalars(select(Op.op_id).where(Op.what == MARK)))
    people = {each.name: each.id for each in desk.queries.people()}
    vendors = [each for each in desk.office.facts.vendors() if not each.inactive]
    projects = desk.queries.projects()
    for place, plan in enumerate(PLANS):
        if f"sample {place}" in done:
            continue
        project = projects[place % len(projects)]
        category = "S" if plan.type == "Subcontract" else "M"
        codes = [
            each
            for each in desk.queries.codes(project.id, people[MANAGER])
            if each.category == category and each.budget - each.committed > 2000
        ]
        start = place * 7
        chosen = [codes[(start + step) % len(codes)] for step in range(plan.lines)]
        _make(desk, people, plan, project.id, chosen, vendors[(place * 5 + 3) % len(vendors)])
        with desk.office.store.writing() as session:
            session.add(Op(op_id=f"sample {place}", who=MARK, what=MARK, at=desk.office.clock.now(), result=""))


def _make(
    desk: Desk, people: dict[str, str], plan: _Plan, project_id: str, codes: list[CodeRow], vendor: SageVendor
) -> None:
    manager, approver = people[MANAGER], people[APPROVER]
    company = next(each.id for each in desk.queries.companies() if each.sage_vendor == vendor.vendor)
    number = desk.queries.next_number(project_id, plan.type, manager)
    unit = plan.type == "Purchase order"
    draft = CommitmentDraft(
        type=plan.type,
        project_id=project_id,
        number=number,
        title=codes[0].description[:30],
        company_id=company,
        retainage_percent=Decimal(0) if unit else Decimal(10),
        method="unit" if unit else "amount",
        date=desk.office.clock.today(),
        lines=tuple(_line(code, Decimal(plan.share), unit) for code in codes),
    )
    made, _ = desk.commitments.save(manager, draft)
    if plan.end == "draft":
        return
    version = desk.queries.commitment(made, manager).version
    desk.commitments.set_status(manager, made, "Approved", version)
    if plan.end == "approved":
        return
    desk.erp.send(manager, [made], uuid.uuid4().hex)
    if plan.end == "retrieved":
        desk.erp.retrieve(manager, [made], uuid.uuid4().hex)
    if plan.end in ("accepted", "rejected"):
        ready = desk.console.queue(KIND, View.READY_TO_EXPORT, project_id, approver)
        row = next(each for each in ready if each.item_id == made)
        if plan.end == "rejected":
            comment = "Please split the roof screen into a line of its own."
            desk.erp.reject(approver, row.id, comment, uuid.uuid4().hex)
        else:
            seen = desk.console.review(row.id, None, approver)
            desk.erp.accept(approver, row.id, row.sage_id, seen.sha256, uuid.uuid4().hex)


def _line(code: CodeRow, share: Decimal, unit: bool) -> LineDraft:
    amount = cents((code.budget - code.committed) * share)
    line = LineDraft(code.extra, code.cost_code, code.category, code.description[:30], amount=amount)
    if not unit:
        return line
    quantity = Decimal(25)
    return replace(line, quantity=quantity, unit="each", unit_cost=cents(amount / quantity), amount=Decimal("0.00"))
