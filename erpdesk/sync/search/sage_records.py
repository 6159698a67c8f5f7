"""What only Sage holds and the search finds: vendors, jobs without a project, commitments that erpdesk did not send."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.erp import Outbox
from erpdesk.models.jobs import Project
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.workflows.search_rows import Found

NO_PROJECT = "*"
"""Stands for the project of a Sage job that has none: only members of every project find what belongs to it."""


class SageRecords:
    """Reads them as the mirror and the decision store have them at this moment."""

    def __init__(self, session: Session, facts: MirrorFacts) -> None:
        self._session, self._facts = session, facts

    @cached_property
    def _linked(self) -> dict[str, str]:
        """The project of each job that has one."""
        asked = select(Project.sage_job, Project.id)
        return {job: ref for job, ref in self._session.execute(asked) if job}

    def read(self, kind: str, refs: Collection[str] | None) -> Iterator[Found]:
        """The records of a kind with these Sage IDs, or all of them for None; nothing of any other kind."""
        if kind == "vendor":
            return self._vendors(refs)
        if kind == "job":
            return self._jobs(refs)
        return self._commitments(refs) if kind == "sage_commitment" else iter(())

    def _vendors(self, refs: Collection[str] | None) -> Iterator[Found]:
        named = self._facts.vendors() if refs is None else filter(None, map(self._facts.vendor, refs))
        for each in named:
            place = ", ".join(filter(None, (each.city, each.state)))
            detail = " · ".join(filter(None, (place, "Inactive" if each.inactive else "")))
            yield Found("vendor", "Vendor", each.vendor, each.vendor, each.name, detail)

    def _jobs(self, refs: Collection[str] | None) -> Iterator[Found]:
        named = self._facts.jobs() if refs is None else filter(None, map(self._facts.job, refs))
        for each in named:
            # A job with a project is found as the project.
            if each.job not in self._linked:
                yield Found("job", "Sage job", each.job, each.job, each.description, each.status, NO_PROJECT)

    def _commitments(self, refs: Collection[str] | None) -> Iterator[Found]:
        columns = "SELECT c.commitment, c.description, c.vendor, c.job FROM "
        there = " WHERE c.gone_run IS NULL ORDER BY c.commitment"
        if refs is None:
            rows = self._facts.select(f"{columns} commitment c{there}")
            ours = set(self._session.scalars(select(Outbox.natural_key)))
        else:
            wanted = f"{columns} json_each(?) w CROSS JOIN commitment c ON c.commitment = w.value{there}"
            rows = self._facts.select(wanted, json.dumps(list(refs)))
            ours = set(self._session.scalars(select(Outbox.natural_key).where(Outbox.natural_key.in_(refs))))
        for row in rows:
            number = str(row["commitment"])
            if number not in ours:
                detail = " · ".join(filter(None, (row["vendor"], row["job"])))
                title, project = row["description"] or "", self._linked.get(str(row["job"] or ""), NO_PROJECT)
                yield Found("sage_commitment", "Sage commitment", number, number, title, detail, project)
