"""What speaks against sending a commitment, or accepting it under a Sage ID: each check is one sentence (C4, J4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.commitments import Commitment
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import Outbox, Submission
from erpdesk.models.jobs import Project
from erpdesk.workflows.commitment_status import SENDABLE
from erpdesk.workflows.erp_item import FAILED
from erpdesk.workflows.journal_lost import lost_to_a_restore
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import CommitmentSnapshot, IdFormat, SageCategory, SageJob, SageVendor

NUMBER_WIDTH = 12
TITLE_WIDTH = 30
LINE_WIDTH = 30
UNIT_WIDTH = 6
UNIT_COST_LIMIT = Decimal("999999")


@dataclass(frozen=True)
class Case:
    """A commitment beside what the mirror knows of its job, vendor and codes."""

    commitment: Commitment
    project: Project
    company: DirectoryCompany | None
    job: SageJob | None
    vendor: SageVendor | None
    codes: dict[tuple[str, str, str], SageCategory]


def case_of(office: Office, session: Session, commitment: Commitment) -> Case:
    """Reads what the checks look at."""
    project = session.get_one(Project, commitment.project_id)
    company = session.get(DirectoryCompany, commitment.company_id) if commitment.company_id else None
    job = office.facts.job(project.sage_job) if project.sage_job else None
    vendor = office.facts.vendor(company.sage_vendor) if company and company.sage_vendor else None
    named = {(line.extra, line.cost_code, line.category) for line in commitment.lines}
    held = office.facts.categories(job.job, named) if job else ()
    codes = {(each.extra, each.cost_code, each.category): each for each in held}
    return Case(commitment, project, company, job, vendor, codes)


def _number(case: Case) -> list[str]:
    number = case.commitment.number
    if not number:
        return ["Give the commitment a number: Sage needs one of at most 12 characters."]
    if len(number) > NUMBER_WIDTH:
        return [f"The number {number} has {len(number)} characters; Sage takes 12. Shorten it."]
    return []


def _title(case: Case) -> list[str]:
    title = case.commitment.title
    if not title:
        return ["Give the commitment a title: Sage shows it as the description."]
    if len(title) > TITLE_WIDTH:
        return [f"The title has {len(title)} characters; Sage takes 30. Shorten it; the description may be longer."]
    return []


def _vendor(case: Case) -> list[str]:
    if case.company is None:
        return ["Choose the contract company."]
    if not case.company.sage_vendor:
        return [f"{case.company.name} is not linked to a Sage vendor. Ask accounting, or choose another company."]
    if case.vendor is None:
        return [f"{case.company.name} is linked to vendor {case.company.sage_vendor}, which Sage does not have."]
    if case.vendor.inactive:
        return [f"Vendor {case.vendor.vendor} is inactive in Sage. Make it active there, or choose another company."]
    return []


def _status(case: Case) -> list[str]:
    allowed = SENDABLE[case.commitment.type]
    if case.commitment.status in {each.value for each in allowed}:
        return []
    words = " or ".join(each.value for each in allowed)
    return [f"The status is {case.commitment.status}. Set it to {words} before sending."]


def _job(case: Case) -> list[str]:
    if not case.project.sage_job:
        return [f"Project {case.project.number} is not synced with a Sage job. Sync the project first."]
    if case.job is None:
        return [f"Sage does not have job {case.project.sage_job}. Read Sage again, or ask accounting."]
    if case.job.status == "Closed":
        return [f"Job {case.job.job} is closed in Sage. Open it there before sending."]
    return []


def _lines(case: Case) -> list[str]:
    lines = case.commitment.lines
    if not lines:
        return ["Add at least one line to the schedule of values."]
    reasons: list[str] = []
    for line in lines:
        where = f"Line {line.position}"
        if case.job is not None:
            reasons += code_problems(where, case.codes, (line.extra, line.cost_code, line.category), case.job)
        if len(line.description) > LINE_WIDTH:
            reasons.append(
                f"{where}: the description has {len(line.description)} characters; Sage takes 30. Shorten it."
            )
        if len(line.unit) > UNIT_WIDTH:
            reasons.append(f"{where}: the unit {line.unit} has {len(line.unit)} characters; Sage takes 6. Shorten it.")
        if line.unit_cost is not None and abs(line.unit_cost) > UNIT_COST_LIMIT:
            reasons.append(f"{where}: the unit cost is over 999,999, which Sage does not take. Use a larger unit.")
    return reasons


def code_problems(
    where: str, codes: dict[tuple[str, str, str], SageCategory], key: tuple[str, str, str], job: SageJob
) -> list[str]:
    """What speaks against a line on this extra, cost code and category of the job (C3)."""
    extra, cost_code, category = key
    named = f"{cost_code} {category}" + (f" of extra {extra}" if extra else "")
    if not cost_code:
        return [f"{where}: choose a cost code."]
    if not category:
        return [f"{where}: choose a category of {cost_code}."]
    found = codes.get(key)
    if found is None:
        return [f"{where}: job {job.job} has no {named} in Sage. Choose another, or ask accounting to add it."]
    if found.group:
        return [f"{where}: {cost_code} is a group cost code, which can not carry cost. Choose one below it."]
    if found.closed:
        return [f"{where}: {named} is closed in Sage. Choose another cost code, or ask accounting to open it."]
    return []


SEND_CHECKS: tuple[Callable[[Case], list[str]], ...] = (_job, _number, _title, _vendor, _status, _lines)
"""Checks 1 to 6 before sending; each answers sentences."""


def send_problems(office: Office, session: Session, commitment: Commitment) -> tuple[str, ...]:
    """Every reason why this commitment can not be sent now (C4)."""
    case = case_of(office, session, commitment)
    return tuple(reason for check in SEND_CHECKS for reason in check(case))


def fits_mask(sage_id: str, mask: str) -> bool:
    """Whether an ID looks like the company's format: 9 = digit, A = letter, X = either, the rest stands for itself."""
    if len(sage_id) != len(mask):
        return False
    for letter, wanted in zip(sage_id, mask, strict=True):
        plain = letter.isascii()
        if wanted == "9":
            fits = plain and letter.isdigit()
        elif wanted == "A":
            fits = plain and letter.isalpha()
        elif wanted == "X":
            fits = plain and letter.isalnum()
        else:
            fits = letter == wanted
        if not fits:
            return False
    return True


def example(mask: str) -> str:
    """An ID that looks as the format wants it."""
    return "".join({"9": "1", "A": "A", "X": "A"}.get(letter, letter) for letter in mask)


def form_problems(sage_id: str, site: IdFormat, mask: str) -> tuple[str, ...]:
    """What speaks against how a Sage commitment ID is written: its width, the company's format, its capitals."""
    if not sage_id:
        return ("Type the Sage commitment ID.",)
    width = min(site.width or NUMBER_WIDTH, NUMBER_WIDTH)
    if len(sage_id) > width:
        return (f"The Sage commitment ID {sage_id} has {len(sage_id)} characters; this company's Sage takes {width}.",)
    if mask and not fits_mask(sage_id, mask):
        return (
            f"The Sage commitment ID {sage_id} does not match this company's format. Type it like {example(mask)}.",
        )
    if site.capitals and sage_id != sage_id.upper():
        return (f"This company's Sage writes commitment IDs in capitals: type {sage_id.upper()}.",)
    return ()


def id_problems(office: Office, session: Session, sage_id: str, submission_id: str) -> list[str]:
    """What speaks against a Sage commitment ID: its width, its format, and who has it already (checks 7 and 8)."""
    form = form_problems(sage_id, office.facts.commitment_id_format(), office.settings().commitment_id_mask)
    if form:
        return list(form)
    if office.facts.commitment_id_taken(sage_id) and not lost_to_a_restore(session, "commitment", sage_id):
        return [f"Sage already has a commitment {sage_id}. Type an ID that is free; an ID is used once in the company."]
    other = session.scalar(
        select(Outbox.id)
        .where(
            Outbox.natural_key == sage_id,
            Outbox.kind == "commitment",
            Outbox.submission_id != submission_id,
            Outbox.state.not_in(FAILED),
        )
        .limit(1)
    )
    if other is not None:
        return [f"Another accepted commitment already goes to Sage as {sage_id}. Type an ID that is free."]
    return []


def accept_problems(
    office: Office, session: Session, submission: Submission, snapshot: CommitmentSnapshot
) -> tuple[str, ...]:
    """Every reason why a sent commitment can not be accepted under its ID: the codes, the vendor, the ID."""
    reasons = id_problems(office, session, snapshot.sage_id, submission.id)
    job, vendor = office.facts.job(snapshot.job), office.facts.vendor(snapshot.vendor)
    if job is None:
        reasons.append(f"Sage no longer has job {snapshot.job}. Reject the item.")
    elif job.status == "Closed":
        reasons.append(f"Job {snapshot.job} is closed in Sage. Open it there, or reject the item.")
    else:
        keys = [(line.extra, line.cost_code, line.category) for line in snapshot.lines]
        held = office.facts.categories(job.job, keys)
        codes = {(each.extra, each.cost_code, each.category): each for each in held}
        for line, key in zip(snapshot.lines, keys, strict=True):
            reasons += code_problems(f"Line {line.number}", codes, key, job)
    if vendor is None:
        reasons.append(f"Sage no longer has vendor {snapshot.vendor}. Reject the item.")
    elif vendor.inactive:
        reasons.append(f"Vendor {snapshot.vendor} is inactive in Sage. Make it active there, or reject the item.")
    return tuple(reasons)
