"""What stands beside the list of commitments: the page of one, or a panel for several."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.session import Session
from erpdesk.views.tabs.commitments.bulk import BulkPanel
from erpdesk.views.tabs.commitments.editor import CommitmentEditor
from erpdesk.views.tabs.commitments.page import CommitmentPage


class CommitmentSide(QStackedWidget):
    """Holds both, hidden until something is chosen; made after the list is on screen, because it is the larger part."""

    def __init__(self, session: Session, registry: ActionRegistry) -> None:
        super().__init__()
        self.hide()
        self.page = CommitmentPage(registry)
        self.bulk = BulkPanel()
        self.editor = CommitmentEditor(self.page, session, registry)
        self.addWidget(self.page)
        self.addWidget(self.bulk)
