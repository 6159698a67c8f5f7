"""What Sage asks of an estimate file: known categories first of all, then job, extra and cost code line by line."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.places import Places, fits_mask
from erpdesk.sync.sandbox.reader import Record, Refusal

ALLOW_CODES = "allow_nonstandard_cost_codes"
AS_CHANGE = "approved_estimate_change"


@dataclass(frozen=True)
class Standing:
    """Where a line stands: under which job and which extra (blank for the base), or under a rejected one."""

    job: str = ""
    extra: str = ""
    refused_by: int = 0
    """The number of a rejected job or extra line above (0 = none); what follows it falls with it."""


class EstimateRules:
    """The checks of one estimate import, against the company as it is inside the import's own transaction."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings, options: Mapping[str, bool]) -> None:
        self._places = Places(connection)
        self._settings = settings
        self._allow = settings.categories_used and options.get(ALLOW_CODES, False)
        rows = connection.execute("SELECT Category FROM JCM_MASTER__STANDARD_CATEGORY")
        self._categories = {row[0] for row in rows}

    def not_standard(self, record: Record) -> Refusal | None:
        """A category that is not standard: it stops the whole import."""
        category = record.text("category")
        width_fits = record.refusal is None or record.refusal.reason != "width"
        if record.letters != "C" or not category or category in self._categories or not width_fits:
            return None
        return Refusal("category_not_standard", f"category {category} is not a standard category.")

    def is_new_job(self, job: str) -> bool:
        """Whether the import has to create the job."""
        return self._places.row("SELECT 1 FROM JCM_MASTER__JOB WHERE Job = ?", job) is None

    def job(self, record: Record) -> Refusal | None:
        """A job line: the job is open, or is new and has an id of the company's form."""
        job = record.text("job")
        if self.is_new_job(job):
            if fits_mask(job, self._settings.job_mask):
                return None
            return Refusal(
                "id_mask", f"job {job} does not exist, and its id is not of the form {self._settings.job_mask}."
            )
        found = self._places.job(job)
        return found if isinstance(found, Refusal) else None

    def is_new_extra(self, job: str, extra: str) -> bool:
        """Whether the import has to create the extra."""
        sql = "SELECT 1 FROM JCM_MASTER__EXTRA WHERE Job = ? AND Extra = ?"
        return self._places.row(sql, job, extra) is None

    def extra(self, record: Record, job: str, made: set[str]) -> Refusal | None:
        """An extra line under a job line; only a job that uses extras, or one this import made, gets new ones."""
        extra = record.text("extra")
        if not job:
            return Refusal("layout_mismatch", "the extra does not follow a job line.")
        uses = self._places.row("SELECT Extras FROM JCM_MASTER__JOB WHERE Job = ?", job)
        if self.is_new_extra(job, extra):
            if job in made or (uses and uses[0] == "Yes"):
                return None
            return Refusal("extra_not_used", f"job {job} does not use extras.")
        return self._places.extra(job, extra, uses[0] if uses else "")

    def line(self, record: Record, standing: Standing) -> Refusal | None:
        """A category line: extra, cost code and category may take an estimate, or can be created."""
        if not standing.job:
            return Refusal("layout_mismatch", "the line does not follow a job line.")
        named = record.text("extra")
        if named and standing.extra and named != standing.extra:
            what = f"the line names extra {named} and stands under extra {standing.extra}."
            return Refusal("layout_mismatch", what)
        extra = named or standing.extra
        if named and not standing.extra:
            uses = self._places.row("SELECT Extras FROM JCM_MASTER__JOB WHERE Job = ?", standing.job)
            refusal = self._places.extra(standing.job, extra, uses[0] if uses else "")
            if refusal:
                return refusal
        return self._code(record.text("cost_code"), standing.job, extra) or self._category(record, standing.job, extra)

    def _code(self, code: str, job: str, extra: str) -> Refusal | None:
        mask = self._settings.cost_code_mask
        if not fits_mask(code, mask):
            return Refusal("id_mask", f"cost code {code} is not of the form {mask}.")
        refusal = self._places.code(job, extra, code)
        if refusal is None or refusal.reason != "unknown_cost_code":
            return refusal
        standard = self.standard(code)
        if standard and standard[1]:
            return Refusal("group_cost_code", f"cost code {code} is a group cost code; costs cannot go to it.")
        if standard or self._allow:
            return None
        return Refusal("cost_code_not_standard", f"cost code {code} is not on the list of standard cost codes.")

    def standard(self, code: str) -> tuple[str, bool] | None:
        """Description and group flag of a standard cost code; None when it is not on the list."""
        sql = "SELECT Description, Group_Cost_Code FROM JCM_MASTER__STANDARD_COST_CODE WHERE Cost_Code = ?"
        row = self._places.row(sql, code)
        return (str(row[0]), bool(row[1])) if row else None

    def _category(self, record: Record, job: str, extra: str) -> Refusal | None:
        refusal = self._places.category(job, extra, record.text("cost_code"), record.text("category"))
        return refusal if refusal and refusal.reason == "closed_category" else None
