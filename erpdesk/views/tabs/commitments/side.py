"""What stands beside the list of commitments: the page of one, or a panel for several."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from erpdesk.views.attachments_panel import AttachmentsPanel
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.session import Session
from erpdesk.views.tabs.commitments.bulk import BulkPanel
from erpdesk.views.tabs.commitments.editor import CommitmentEditor
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.views.undo_menu import Typing


class CommitmentSide(QStackedWidget):
    """Holds both, hidden until something is chosen; made after the list is on screen, because it is the larger part."""

    def __init__(self, session: Session, registry: ActionRegistry) -> None:
        super().__init__()
        self.hide()
        self.page = CommitmentPage(registry)
        self.bulk = BulkPanel()
        self.editor = CommitmentEditor(self.page, session, registry)
        self.attachments = AttachmentsPanel(session)
        self._place = self.page.add_part("Attachments", self.attachments)
        self.attachments.counted.connect(self._on_counted)
        self.editor.opened.connect(lambda ref: self.attachments.show_record("commitment", ref))
        self.editor.act_begun.connect(self.attachments.said.clear)
        self.page.parts.currentChanged.connect(lambda _place: self.attachments.said.clear())
        self.addWidget(self.page)
        self.addWidget(self.bulk)

    def typing(self) -> Typing:
        """What is typed into the lines and not saved, for Ctrl+Z."""
        grid = self.page.schedule.grid
        return Typing(
            lambda: grid.isVisible() and grid.lines.can_undo,
            lambda: grid.isVisible() and grid.lines.can_redo,
            grid.undo,
            grid.redo,
        )

    def _on_counted(self, count: int) -> None:
        self.page.parts.setTabText(self._place, f"Attachments ({count})" if count else "Attachments")
