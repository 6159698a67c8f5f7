"""Where a cost may go: the checks of job, extra, cost code and category that every import of Sage makes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from erpdesk.sync.sandbox.reader import Record, Refusal

PLACE = ("job", "extra", "cost_code", "category")


class Places:
    """Looks places up in the company as it is inside the import's own transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def row(self, sql: str, *values: object) -> Sequence[object] | None:
        """The first row of a query, or None."""
        found: Sequence[object] | None = self._connection.execute(sql, values).fetchone()
        return found

    def job(self, job: str) -> Refusal | Sequence[object]:
        """Status and use of extras of an open job, or why nothing may go to it."""
        row = self.row("SELECT Status, Extras FROM JCM_MASTER__JOB WHERE Job = ?", job)
        if row is None:
            return Refusal("unknown_job", f"job {job} does not exist." if job else "the job is missing.")
        if row[0] == "Closed":
            return Refusal("closed_job", f"job {job} is closed.")
        return row

    def extra(self, job: str, extra: str, uses_extras: object) -> Refusal | None:
        """Why nothing may go to an extra of a job; None when it may."""
        if uses_extras != "Yes":
            return Refusal("extra_not_used", f"job {job} does not use extras.")
        row = self.row("SELECT Status FROM JCM_MASTER__EXTRA WHERE Job = ? AND Extra = ?", job, extra)
        if row is None:
            return Refusal("extra_unknown", f"extra {extra} does not exist in job {job}.")
        if row[0] == "Closed":
            return Refusal("closed_extra", f"extra {extra} of job {job} is closed.")
        return None

    def code(self, job: str, extra: str, code: str) -> Refusal | None:
        """Why nothing may go to a cost code; None when it may."""
        where = f"job {job} extra {extra}" if extra else f"job {job}"
        row = self.row(
            "SELECT Group_Cost_Code, Status FROM JCM_MASTER__COST_CODE WHERE Job = ? AND Extra = ? AND Cost_Code = ?",
            *(job, extra, code),
        )
        if row is None:
            return Refusal("unknown_cost_code", f"cost code {code} does not exist in {where}.")
        if row[0]:
            return Refusal("group_cost_code", f"cost code {code} is a group cost code; costs cannot go to it.")
        if row[1] == "Closed":
            return Refusal("closed_cost_code", f"cost code {code} of {where} is closed.")
        return None

    def category(self, job: str, extra: str, code: str, category: str) -> Refusal | None:
        """Why nothing may go to a category; None when it may."""
        where = f"job {job} extra {extra}" if extra else f"job {job}"
        row = self.row(
            "SELECT Status FROM JCM_MASTER__CATEGORY WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?",
            *(job, extra, code, category),
        )
        if row is None:
            return Refusal("unknown_category", f"category {category} does not exist in {where} cost code {code}.")
        if row[0] == "Closed":
            return Refusal("closed_category", f"category {category} of {where} cost code {code} is closed.")
        return None

    def refusal(self, record: Record) -> Refusal | None:
        """Why the place that a record names cannot take a cost; None when it can."""
        job, extra, code, category = (record.text(name) for name in PLACE)
        row = self.job(job)
        if isinstance(row, Refusal):
            return row
        refusal = self.extra(job, extra, row[1]) if extra else None
        return refusal or self.code(job, extra, code) or self.category(job, extra, code, category)

    def account(self, account: str) -> Refusal | None:
        """Why a ledger account cannot be used; companies without a General Ledger take any."""
        if not account or not self.row("SELECT 1 FROM GLM_MASTER__ACCOUNT LIMIT 1"):
            return None
        if self.row("SELECT 1 FROM GLM_MASTER__ACCOUNT WHERE Account = ?", account):
            return None
        return Refusal("unknown_account", f"account {account} does not exist in General Ledger.")


def fits_mask(text: str, mask: str) -> bool:
    """Whether an id has exactly the sections and separators of a mask such as ``99-999`` (9 = a letter or digit)."""
    pattern = "".join("[0-9A-Za-z]" if sign == "9" else re.escape(sign) for sign in mask)
    return not mask or re.fullmatch(pattern, text) is not None
