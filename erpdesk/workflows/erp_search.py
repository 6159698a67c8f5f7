"""How the search of the company finds the items of a kind: by the same declaration with which it joins the console."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.workflows.search_rows import Found
from erpdesk.workflows.search_sources import SEARCHED, Searched, join

if TYPE_CHECKING:
    from erpdesk.workflows.erp_item import Kind


def join_search(kind: Kind) -> None:
    """Lets a kind be found, unless it declares for itself by which words."""
    if kind.name in SEARCHED:
        return
    title = kind.noun[0].capitalize()

    def read(session: Session, refs: Collection[str] | None) -> Iterator[Found]:
        listed = kind.listed()
        asked = select(
            listed.id, listed.number, listed.title, listed.vendor_name, listed.job, listed.project_id
        ).select_from(listed.source)
        if refs is not None:
            asked = asked.where(listed.id.in_(refs))
        for ref, number, name, vendor, job, project in session.execute(asked.order_by(listed.number, listed.id)):
            yield Found(kind.name, title, ref, number, name, " · ".join(filter(None, (vendor, job))), project or "")

    join(Searched(kind.name, title, read))
