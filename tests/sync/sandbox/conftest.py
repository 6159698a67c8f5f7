"""A small company for the tests of the stand-in Sage, and a way to lay an import file into its mailbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import FILE
from erpdesk.sync.sandbox.programs import PROGRAMS
from erpdesk.sync.sandbox.spec import create_from_spec

SPEC: dict[str, Any] = {
    "name": "Small & Sons",
    "settings": {"date_format": "mm/dd/yyyy", "commitment_length": 10, "commitment_capitals": True},
    "standard_category": [
        {"id": "S", "description": "Subcontract", "accumulate_as": "Subcontract"},
        {"id": "M", "description": "Material", "accumulate_as": "Material"},
    ],
    "standard_cost_code": [
        {"id": "05-000", "description": "Metals", "group": True},
        {"id": "05-100", "description": "Structural steel", "group": False},
        {"id": "05-300", "description": "Stairs", "group": False},
    ],
    "job": [
        {
            "id": "J1",
            "description": "One",
            "status": "In progress",
            "uses_extras": True,
            "use_pj_change_management": False,
        },
        {"id": "J2", "description": "Two", "status": "Closed", "uses_extras": False, "use_pj_change_management": False},
    ],
    "extra": [
        {"job": "J1", "id": "X1", "description": "Open", "status": "In progress"},
        {"job": "J1", "id": "X2", "description": "Done", "status": "Closed"},
    ],
    "cost_code": [
        {"job": job, "extra": extra, "id": code, "description": code, "group": False, "status": status}
        for job, extra, code, status in (
            ("J1", "", "05-100", "In progress"),
            ("J1", "", "05-200", "Closed"),
            ("J1", "X1", "05-100", "In progress"),
            ("J2", "", "05-100", "In progress"),
        )
    ],
    "category": [
        {"job": "J1", "extra": "", "cost_code": "05-100", "id": "S", "original_estimate": "5000.00"},
        {"job": "J1", "extra": "", "cost_code": "05-100", "id": "M", "status": "Closed"},
        {"job": "J1", "extra": "X1", "cost_code": "05-100", "id": "S"},
        {"job": "J1", "extra": "", "cost_code": "05-200", "id": "S"},
        {"job": "J2", "extra": "", "cost_code": "05-100", "id": "S"},
    ],
    "vendor": [{"id": "STEEL", "name": "Steel & Co"}],
    "commitment": [
        {
            "id": name,
            "type": 1,
            "description": name,
            "vendor": "STEEL",
            "date": "2026-01-15",
            "closed": name == "SHUT",
            "item": [
                {
                    "number": 1,
                    "description": "By unit",
                    "job": "J1",
                    "extra": "X1",
                    "cost_code": "05-100",
                    "category": "S",
                    "units": "10",
                    "unit_cost": "12.50",
                    "unit": "ea",
                    "amount": "125.00",
                }
            ],
        }
        for name in ("OPEN", "SHUT")
    ],
}
SPEC["category"][2]["original_commitment"] = "250.00"

Deliver = Callable[..., None]
Lay = Callable[..., None]


@pytest.fixture
def company(tmp_path: Path) -> SandboxCompany:
    """A company with one job, one closed job, extras, closed codes and two commitments of 125.00."""
    return create_from_spec(tmp_path / "sage", SPEC)


@pytest.fixture
def deliver(company: SandboxCompany) -> Deliver:
    """Lays lines into the mailbox as an import file."""

    def lay(*lines: str, data: bytes = b"") -> None:
        """Lines of text, or the bytes of a whole file."""
        data = data or "".join(line + "\r\n" for line in lines).encode("cp1252")
        (company.imports / FILE).write_bytes(data)

    return lay


@pytest.fixture
def lay(company: SandboxCompany) -> Lay:
    """Lays lines into the mailbox as the file of a program."""

    def put(program: str, *lines: str) -> None:
        """``program`` is a name in ``PROGRAMS``."""
        data = "".join(line + "\r\n" for line in lines).encode("cp1252")
        (company.imports / PROGRAMS[program].file).write_bytes(data)

    return put
