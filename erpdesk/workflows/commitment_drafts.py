"""What a person typed into a commitment: whether it is sound, and what speaks against keeping it (C2, C3, P13)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.errors import Refused
from erpdesk.core.money import cents, fourths, show_amount
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType, Method
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.jobs import Project
from erpdesk.workflows import commitment_checks
from erpdesk.workflows.operation import Office, check_text
from erpdesk.workflows.rows import CommitmentDraft, LineDraft

MOST = Decimal("1e10")
"""No number that a person types is this large; it keeps products within what a Decimal holds exactly."""
LARGEST = Decimal("999999999.99")
"""The largest amount of a line: nine digits before the point."""
LONGEST = {"number": 60, "title": 255, "extra": 10, "cost_code": 12, "category": 3, "description": 255, "unit": 20}
"""Characters that a column of the commitment or of its line holds."""


def line_amount(method: Method, line: LineDraft) -> Decimal:
    """A line's amount: typed for a lump sum, quantity times unit cost rounded half up to cents otherwise (P13)."""
    if method is Method.UNIT and line.quantity is not None and line.unit_cost is not None:
        return cents(line.quantity * line.unit_cost)
    return line.amount


def line_problems(office: Office, session: Session, project_id: str, draft: CommitmentDraft) -> list[str]:
    """What speaks against the typed lines: codes must exist in the job, amounts must be whole cents (C3, P13)."""
    if not draft.lines:
        return []
    project = session.get_one(Project, project_id)
    job = office.facts.job(project.sage_job) if project.sage_job else None
    if job is None:
        return [
            f"Project {project.number} is not synced with a Sage job, so there are no cost codes for its lines yet."
        ]
    typed = {(line.extra, line.cost_code, line.category) for line in draft.lines}
    codes = {(each.extra, each.cost_code, each.category): each for each in office.facts.categories(job.job, typed)}
    reasons: list[str] = []
    for number, line in enumerate(draft.lines, 1):
        where = f"Line {number}"
        reasons += commitment_checks.code_problems(where, codes, (line.extra, line.cost_code, line.category), job)
        amount = line_amount(Method(draft.method), line)
        if abs(amount) > LARGEST:
            reasons.append(f"{where}: the amount is over {show_amount(LARGEST)}. Split the line.")
        elif amount != cents(amount):
            reasons.append(f"{where}: the amount {amount} is not a sum of money in whole cents.")
        if any(value is not None and value != fourths(value) for value in (line.quantity, line.unit_cost)):
            reasons.append(f"{where}: a quantity or unit cost has at most four decimals.")
        if draft.method == Method.AMOUNT.value and (line.quantity is not None or line.unit_cost is not None):
            reasons.append(f"{where}: quantity and unit cost belong to the unit/quantity method.")
    return reasons


def check_sound(draft: CommitmentDraft) -> None:
    """Raises Refused for what no form lets through: unknown words, numbers without end, text that can not be kept."""
    if draft.type not in set(CommitmentType) or draft.method not in set(Method):
        raise Refused(["Choose a subcontract or a purchase order, and one of the two accounting methods."])
    numbers = [draft.retainage_percent]
    for line in draft.lines:
        numbers += [line.amount, *(each for each in (line.quantity, line.unit_cost) if each is not None)]
    if any(not number.is_finite() or abs(number) >= MOST for number in numbers):
        raise Refused(["A number is too large. Check the amounts, quantities and the retainage."])
    check_text("The number", draft.number, LONGEST["number"])
    check_text("The title", draft.title, LONGEST["title"])
    check_text("The description", draft.description)
    for place, line in enumerate(draft.lines, 1):
        for name in ("extra", "cost_code", "category", "description", "unit"):
            check_text(f"Line {place}: the {name.replace('_', ' ')}", getattr(line, name), LONGEST[name])


def header_problems(session: Session, commitment: Commitment, draft: CommitmentDraft) -> list[str]:
    """What speaks against the typed number, company and retainage."""
    reasons: list[str] = []
    percent = draft.retainage_percent
    if not 0 <= percent <= 100 or percent != fourths(percent):
        reasons.append("Retainage is a percentage between 0 and 100 with at most four decimals.")
    if draft.company_id and session.get(DirectoryCompany, draft.company_id) is None:
        reasons.append("The contract company is no longer in the directory. Choose another.")
    number = draft.number.strip()
    if number:
        with session.no_autoflush:
            other = session.scalar(
                select(func.count()).where(Commitment.number == number, Commitment.id != (commitment.id or ""))
            )
        if other:
            reasons.append(f"The number {number} is already used by another commitment. Type another number.")
    return reasons


def as_kept(method: Method, line: LineDraft) -> LineDraft:
    """A typed line as it would be kept: texts trimmed, the amount computed."""
    amount = line_amount(method, line)
    return replace(line, description=line.description.strip(), unit=line.unit.strip(), amount=amount)


def as_held(line: CommitmentLine) -> LineDraft:
    """A kept line as if it had been typed."""
    return LineDraft(
        extra=line.extra,
        cost_code=line.cost_code,
        category=line.category,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_cost=line.unit_cost,
        amount=line.amount,
        id=line.id,
    )
