"""A fresh sample company, opened in the real window: to prove that a program works, and to take its pictures."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from erpdesk import paths, sample, vault
from erpdesk.app import Program, application, breathe
from erpdesk.company import Company
from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.core.money import show_amount
from erpdesk.sync.sage import host_door
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.sample import ties
from erpdesk.views.main_window import TABS
from erpdesk.views.sage.standin_window import StandInWindow
from erpdesk.views.sage.window import SageWindow
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import CommitmentDraft, ErpState, LineDraft

PATIENCE = 90.0
"""Seconds until something that does not come counts as failed."""


class Failed(ForPeople):
    """A check of the self-test did not hold."""


@contextmanager
def rehearsal() -> Iterator[Program]:
    """A sample company in a folder of its own, its window open and at rest."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    before = os.environ.get("ERPDESK_HOME")
    with tempfile.TemporaryDirectory(prefix="erpdesk-", ignore_cleanup_errors=True) as home:
        os.environ["ERPDESK_HOME"] = home
        application()
        program = Program(paths.demo_company(), demo=True)
        program.frame.show()
        try:
            wait_for("the sample company to open", lambda: program.alive)
            wait_for("the sample commitments", lambda: _prepared(program))
            wait_for("the accepted ones to reach Sage", lambda: _at_rest(program))
            _read_anew(opened(program))
            wait_for("the window to come to rest", lambda: _at_rest(program))
            yield program
        finally:
            program.frame.close()
            if before is None:
                del os.environ["ERPDESK_HOME"]
            else:
                os.environ["ERPDESK_HOME"] = before


def wait_for(what: str, there: Callable[[], bool]) -> None:
    """Lets the window work until something is there; raises Failed when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not there():
        breathe()
        if time.monotonic() > deadline:
            raise Failed(f"Waited {PATIENCE:.0f} seconds in vain for {what}.")


def opened(program: Program) -> Company:
    """The company of a rehearsal."""
    assert program.company is not None
    return program.company


def _prepared(program: Program) -> bool:
    made = opened(program).desk.queries.commitments()
    return program.settled and program.jobs.idle and len(made) == len(sample.PLANS)


def _at_rest(program: Program) -> bool:
    """Whether nothing is on its way any more, and the mirror shows everything that arrived."""
    rows = opened(program).desk.queries.commitments()
    waiting = (row for row in rows if row.erp_state is ErpState.EXPORTING)
    unseen = (row for row in rows if row.erp_state is ErpState.SYNCED and row.sage_amount is None)
    return not any(waiting) and not any(unseen) and not program.reading and program.jobs.idle


def _read_anew(company: Company) -> None:
    """Has Sage read from now on, so that every figure is of one moment."""
    asked = CLOCK.now()
    company.worker.sync_now()
    wait_for("a new read of Sage", lambda: company.read_since(asked))


def selftest() -> int:
    """Checks the program piece by piece and prints each check; answers 0, or 1 after naming the one that fails."""
    try:
        with rehearsal() as program:
            for line in _checks(program):
                print(f"ok    {line}", flush=True)
    except ForPeople as failure:
        print(f"FAIL  {failure}", flush=True)
        return 1
    print("erpdesk works on this machine.")
    return 0


def _checks(program: Program) -> Iterator[str]:
    company = opened(program)
    yield f"sample company opened: {company.settings.company}"
    yield f"Sage mirrored: {sum(company.facts.counts().values()):,} rows"
    for key, title in TABS:
        program.window.show_tab(key)
        wait_for(f"the tab {title}", lambda: program.jobs.idle)
        if not program.window.page(key).isVisible():
            raise Failed(f"The tab {title} did not open.")
        yield f"tab opened: {title}"
    yield from _windows(program)
    found = vault.back_end()
    yield "no key vault on this machine; only a Sage login needs one" if ".fail." in found else f"key vault: {found}"
    yield _helper()
    yield from _loop(company)
    with SandboxCompany(Path(company.settings.sage_folder)).connect() as door:
        wrong = ties(door)
    if wrong:
        raise Failed(f"Sage's own books do not tie out: {wrong[0]}.")
    yield "Sage's own books tie out to the cent"


def _helper() -> str:
    """The ODBC helper program answers; an installed erpdesk must have one, a source tree may lack ODBC."""
    try:
        seen = host_door.look()
    except SageUnavailable as trouble:
        if getattr(sys, "frozen", False):
            raise Failed(f"The ODBC helper program does not answer: {trouble}") from trouble
        return "no ODBC on this machine; only a real Sage needs it"
    return f"ODBC helper program answers: {seen.bits}-bit, {len(seen.drivers)} drivers"


def _windows(program: Program) -> Iterator[str]:
    """The window about Sage and the stand-in's: each page opens and comes to rest."""
    sage = program.window.beside.show_sage()
    if not isinstance(sage, SageWindow):
        raise Failed("The window about Sage did not open.")
    for key in sage.page_keys:
        page = sage.show_page(key)
        wait_for(f"the page {key}", lambda: program.jobs.idle)
        if not page.isVisible():
            raise Failed(f"The page {key} about Sage did not open.")
    sage.close()
    played = program.window.beside.show_stand_in()
    if not isinstance(played, StandInWindow):
        raise Failed("The stand-in Sage did not open.")
    for key in played.pages:
        played.show_page(key)
        wait_for(f"the stand-in's page {key}", lambda: program.jobs.idle)
    played.close()
    yield "windows opened: Sage, Stand-in Sage"


def _loop(company: Company) -> Iterator[str]:
    """A commitment from draft into Sage and back."""
    desk = company.desk
    people = {each.name: each.id for each in desk.queries.people()}
    manager, approver = people[sample.MANAGER], people[sample.APPROVER]
    project = desk.queries.projects()[0]
    code = next(each for each in desk.queries.codes(project.id, manager) if each.category == "S")
    vendor = next(each for each in company.facts.vendors() if not each.inactive)
    amount = Decimal("12345.67")
    draft = CommitmentDraft(
        type="Subcontract",
        project_id=project.id,
        number=desk.queries.next_number(project.id, "Subcontract", manager),
        title="Self-test",
        company_id=next(each.id for each in desk.queries.companies() if each.sage_vendor == vendor.vendor),
        retainage_percent=Decimal(10),
        lines=(LineDraft(code.extra, code.cost_code, code.category, "Self-test line", amount=amount),),
    )
    made, _ = desk.commitments.save(manager, draft)
    version = desk.queries.commitment(made, manager).version
    desk.commitments.set_status(manager, made, "Approved", version)
    result = desk.erp.send(manager, [made], uuid.uuid4().hex)
    if result.not_done:
        raise Failed(f"The commitment was not sent: {result.not_done[0].reasons[0]}")
    yield f"commitment {draft.number} sent"
    ready = desk.console.queue(KIND, View.READY_TO_EXPORT, project.id, approver)
    row = next(each for each in ready if each.item_id == made)
    seen = desk.console.review(row.id, None, approver)
    desk.erp.accept(approver, row.id, row.sage_id, seen.sha256, uuid.uuid4().hex)
    yield f"accepted, file of {len(seen.file_lines)} lines"
    wait_for("the commitment to be read back", lambda: _state(company, made, manager) is ErpState.SYNCED)
    _read_anew(company)
    held = desk.queries.commitment(made, manager).row.sage_amount
    after = next(each for each in company.facts.jobs() if each.job == project.sage_job).revised_commitment
    if held != amount or after - seen.job_committed != amount:
        raise Failed(f"Sage holds {held} and committed cost moved by {after - seen.job_committed}, not {amount}.")
    yield f"in Sage and read back; committed cost moved by {show_amount(amount)}"


def _state(company: Company, made: str, manager: str) -> ErpState:
    detail = company.desk.queries.commitment(made, manager)
    if detail.row.erp_state in (ErpState.FAILED, ErpState.IN_DOUBT):
        raise Failed(f"The export ended as {detail.row.erp_text}: {detail.message}")
    return detail.row.erp_state


def shots(folder: Path) -> int:
    """Pictures of each tab and dialog of a fresh sample company; prints the folder."""
    from erpdesk.views.shots import render_shots

    with rehearsal() as program:
        made = render_shots(program.window, folder)
    print(f"{len(made)} pictures in {folder.resolve()}")
    return 0
