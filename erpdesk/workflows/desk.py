"""Everything that a window or a command line can ask for, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from erpdesk.settings import CompanySettings
from erpdesk.workflows.alarm_acts import AlarmActs
from erpdesk.workflows.attachments import Attachments
from erpdesk.workflows.audit_check import Anchors
from erpdesk.workflows.audit_trail import AuditTrail
from erpdesk.workflows.closing_acts import ClosingActs
from erpdesk.workflows.commitments import CommitmentActs
from erpdesk.workflows.doubt_reads import Doubts
from erpdesk.workflows.drafts_kept import KeptDrafts
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.journal_acts import JournalActs
from erpdesk.workflows.journal_ports import JournalBook, NoJournal
from erpdesk.workflows.layout_acts import LayoutActs
from erpdesk.workflows.layout_ports import EmptyShelf, LayoutShelf
from erpdesk.workflows.notices import Notices
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_acts import Accounts, PeopleActs, nothing
from erpdesk.workflows.queries import Queries
from erpdesk.workflows.record_classes import RecordClasses
from erpdesk.workflows.sage_acts import SageActs
from erpdesk.workflows.search_rows import Finder, NothingFound
from erpdesk.workflows.settings_acts import SettingsActs
from erpdesk.workflows.sign_in import SignIn
from erpdesk.workflows.tie_out import TieOut
from erpdesk.workflows.tie_out_ports import NothingHeld, SageHoldings
from erpdesk.workflows.undo import UndoActs


@dataclass(frozen=True)
class Around:
    """What the acts of a company need from outside: its settings file and attachments, its layouts, search and journal.

    ``apply`` lets the open program work with changed settings, ``accounts`` hears of Windows accounts that came or
    went, ``anchors`` reads what the export journal says about the audit trail, ``journal`` lays it beside
    the database and Sage, ``holdings`` reads what Sage holds of each kind.
    """

    settings_file: Path
    attachments: Path
    apply: Callable[[CompanySettings], object]
    shelf: LayoutShelf = field(default_factory=EmptyShelf)
    finder: Finder = field(default_factory=NothingFound)
    accounts: Accounts = nothing
    anchors: Callable[[], Anchors] = Anchors
    journal: JournalBook = field(default_factory=NoJournal)
    holdings: SageHoldings = field(default_factory=NothingHeld)


@dataclass(frozen=True)
class Desk:
    """The acts and the reads of one company."""

    office: Office
    queries: Queries
    commitments: CommitmentActs
    erp: ErpActs
    console: Console
    doubts: Doubts
    closing: ClosingActs
    alarm: AlarmActs
    sage: SageActs
    layouts: LayoutActs
    classes: RecordClasses
    people: PeopleActs
    sign_in: SignIn
    trail: AuditTrail
    undo: UndoActs
    drafts: KeptDrafts
    attachments: Attachments
    notices: Notices
    settings: SettingsActs
    finder: Finder
    journal: JournalActs
    tie_out: TieOut


def open_desk(office: Office, around: Around) -> Desk:
    """The desk of an opened company."""
    return Desk(
        office=office,
        queries=Queries(office),
        commitments=CommitmentActs(office),
        erp=ErpActs(office),
        console=Console(office),
        doubts=Doubts(office),
        closing=ClosingActs(office),
        alarm=AlarmActs(office),
        sage=SageActs(office),
        layouts=LayoutActs(office, around.shelf),
        classes=RecordClasses(office),
        people=PeopleActs(office, around.accounts),
        sign_in=SignIn(office, around.accounts),
        trail=AuditTrail(office, around.anchors),
        undo=UndoActs(office),
        drafts=KeptDrafts(office),
        attachments=Attachments(office, around.attachments),
        notices=Notices(office),
        settings=SettingsActs(office, around.settings_file, around.apply),
        finder=around.finder,
        journal=JournalActs(office, around.journal),
        tie_out=TieOut(office, around.holdings),
    )
