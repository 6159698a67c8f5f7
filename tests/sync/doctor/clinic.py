"""What the tests of the doctor share: a patient of real parts, and a test of record types at the stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from erpdesk.sync.doctor.checks import Patient
from erpdesk.sync.doctor.findings import Finding
from erpdesk.sync.doctor.importing import Person, TrialMailbox
from erpdesk.sync.doctor.record_test import RecordTest, TypeVerdict
from erpdesk.sync.doctor.standin_person import AtStandIn
from erpdesk.sync.doctor.trials import TRIALS, Trial
from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.sync.sage.site_layouts import SiteShelf
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.workflows.layout_ports import SiteWord


def patient(home: Path, **changes: Any) -> Patient:
    """The stand-in's own door on its folder, with few races; whatever is named is different."""
    given: dict[str, Any] = {
        "company": SandboxCompany(home).name,
        "folder": home,
        "connect": open_standin(home),
        "registry": None,
        "races": 3,
        **changes,
    }
    return Patient(**given)


def by_key(found: Sequence[Finding]) -> dict[str, Finding]:
    """The last finding of each key."""
    return {each.key: each for each in found}


def record_test(
    company: SandboxCompany,
    *,
    connect: Connect | None = None,
    person: Person | None = None,
    seconds: float = 20,
    stop: threading.Event | None = None,
    tell: Callable[[str], object] = lambda words: None,
    words: Callable[[str], SiteWord] = lambda layout: SiteWord(),
) -> RecordTest:
    """The self-test through the stand-in's own programs, run by its person unless another one is given."""
    ended = stop or threading.Event()
    shelf = SiteShelf()
    return RecordTest(
        connect or open_standin(company.folder),
        TrialMailbox(company.imports),
        person or AtStandIn(company, tell, seconds, ended),
        lambda name: shelf.layout(name, words(name)),
        stopped=ended.is_set,
    )


def trial(name: str) -> tuple[Trial, ...]:
    """One record type with the types that it needs."""
    found = next(each for each in TRIALS if each.name == name)
    return (*(trial(found.needs) if found.needs else ()), found)


def classes(found: Sequence[TypeVerdict]) -> dict[str, tuple[str, bool]]:
    """Class by type, and whether it was proven."""
    return {each.name: (each.proof.idempotency, each.proof.proven) for each in found}
