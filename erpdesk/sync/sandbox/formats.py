"""The formats of ids as Sage's control record holds them: one row a section, with length and separator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

GL_ACCOUNT, JOB, COST_CODE, COMMITMENT, EQUIPMENT, EQ_COST_CODE = 9, 16, 18, 20, 69, 187
VENDOR_TYPES = {50: "Subcontractor", 51: "Supplier", 52: "Consultant", 500: "Other"}
"""The captions of the four types of vendors; Sage keeps them among the formats."""

# An account has no prefix here: sections 1 to 3 would be prefixes, the base is always the fourth, the suffix the fifth.
_ACCOUNT = ((4, 4, "-", "Base account"), (5, 2, "", "Suffix"))
_EQUIPMENT_MASK, _EQ_COST_CODE_MASK = "99-9999", "999-99"

Row = dict[str, object]


class Chosen(Protocol):
    """What a site chose for its ids (9 is one character)."""

    @property
    def job_mask(self) -> str:
        """Such as 99-9999."""

    @property
    def cost_code_mask(self) -> str:
        """Such as 99-9999."""

    @property
    def commitment_length(self) -> int:
        """Characters of a commitment id."""

    @property
    def commitment_capitals(self) -> bool:
        """Whether commitment ids are in capitals."""


def format_rows(chosen: Chosen) -> list[Row]:
    """The rows of TS_CTL_RECORD_3: accounts, jobs, cost codes, commitments, vendor types, equipment."""
    rows = [_row(GL_ACCOUNT, *section) for section in _ACCOUNT]
    rows += _masked(JOB, "Job", chosen.job_mask)
    rows += _masked(COST_CODE, "Cost code", chosen.cost_code_mask)
    rows.append(_row(COMMITMENT, 1, chosen.commitment_length, "", "Commitment", chosen.commitment_capitals))
    rows += [_row(code, 1, 0, "", caption) for code, caption in VENDOR_TYPES.items()]
    rows += _masked(EQUIPMENT, "Equipment", _EQUIPMENT_MASK)
    rows += _masked(EQ_COST_CODE, "EQ cost code", _EQ_COST_CODE_MASK)
    return rows


def _masked(code: int, caption: str, mask: str) -> Iterator[Row]:
    for section, (digits, separator) in enumerate(re.findall(r"(9+)([^9]?)", mask), 1):
        yield _row(code, section, len(digits), separator, caption if section == 1 else "")


def _row(code: int, section: int, length: int, separator: str, caption: str, capitals: bool = False) -> Row:
    names = ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP")
    return dict(zip(names, (code, section, length, separator, caption, int(capitals)), strict=True))
