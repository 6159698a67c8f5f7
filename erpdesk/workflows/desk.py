"""Everything that a window or a command line can ask for, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.workflows.commitments import CommitmentActs
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.layout_acts import LayoutActs
from erpdesk.workflows.layout_ports import EmptyShelf, LayoutShelf
from erpdesk.workflows.operation import Office
from erpdesk.workflows.queries import Queries
from erpdesk.workflows.record_classes import RecordClasses
from erpdesk.workflows.sage_acts import SageActs
from erpdesk.workflows.search_rows import Finder, NothingFound


@dataclass(frozen=True)
class Desk:
    """The acts and the reads of one company."""

    office: Office
    queries: Queries
    commitments: CommitmentActs
    erp: ErpActs
    sage: SageActs
    layouts: LayoutActs
    classes: RecordClasses
    finder: Finder


def open_desk(office: Office, shelf: LayoutShelf | None = None, finder: Finder | None = None) -> Desk:
    """The desk of an opened company; ``shelf`` holds the layouts of its import files, ``finder`` searches it."""
    return Desk(
        office,
        Queries(office),
        CommitmentActs(office),
        ErpActs(office),
        SageActs(office),
        LayoutActs(office, shelf or EmptyShelf()),
        RecordClasses(office),
        finder or NothingFound(),
    )
