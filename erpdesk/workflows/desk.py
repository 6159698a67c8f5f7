"""Everything that a window or a command line can ask for, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.workflows.commitments import CommitmentActs
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.operation import Office
from erpdesk.workflows.queries import Queries


@dataclass(frozen=True)
class Desk:
    """The acts and the reads of one company."""

    office: Office
    queries: Queries
    commitments: CommitmentActs
    erp: ErpActs


def open_desk(office: Office) -> Desk:
    """The desk of an opened company."""
    return Desk(office, Queries(office), CommitmentActs(office), ErpActs(office))
