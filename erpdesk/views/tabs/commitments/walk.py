"""From one commitment to the next without the mouse, and back to what was typed before the program ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.session import Session
from erpdesk.views.tabs.commitments.on_paper import Head, commitment_sheet
from erpdesk.views.tabs.commitments.typed import from_body

if TYPE_CHECKING:
    from erpdesk.views.tabs.commitments.tab import CommitmentsTab
    from erpdesk.workflows.drafts_kept import Kept

KEYS = (
    ("Ctrl+Return", "commitment.save_next"),
    ("Ctrl+Enter", "commitment.save_next"),
    ("Alt+Down", "commitment.next"),
    ("Alt+Up", "commitment.previous"),
)
"""Keys that ERP Integrations uses for its own list, too: they count inside the tab."""
LAST, FIRST = "This is the last one of the list.", "This is the first one of the list."


class Walk(QObject):
    """Ties the keys of the tab to what is shown in its list."""

    def __init__(self, tab: CommitmentsTab, session: Session, registry: ActionRegistry) -> None:
        super().__init__(tab)
        self._tab = tab
        self._session = session
        for keys, key in KEYS:
            shortcut = QShortcut(QKeySequence(keys), tab)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(registry.trigger, key))
        registry.on("commitment.save_next", self.save_and_next)
        registry.on("commitment.next", partial(self.step, 1))
        registry.on("commitment.previous", partial(self.step, -1))
        registry.on("commitment.print", self.show_paper)

    def step(self, by: int) -> None:
        """Opens the next or the previous commitment of the list as it is filtered and sorted."""
        tab = self._tab
        ids = [row.id for row in tab.table.shown_rows()]
        here = tab.page.commitment_id if tab.editor.is_open else ""
        place = ids.index(here) + by if here in ids else (0 if by > 0 else len(ids) - 1)
        if 0 <= place < len(ids):
            tab.editor.leave(partial(tab.editor.open, ids[place]))
        else:
            self._session.messages.info(LAST if by > 0 else FIRST)

    def save_and_next(self) -> None:
        """Saves what is on the page and opens the next one; after a new one, another new one."""
        tab = self._tab
        new = tab.editor.is_open and not tab.page.commitment_id
        if new:
            tab.editor.save(partial(tab.start_new, tab.page.kind))
        elif tab.dirty:
            tab.editor.save(partial(self.step, 1))
        else:
            self.step(1)

    def show_paper(self) -> None:
        """Shows the commitment on paper, as it is saved."""
        tab, desk = self._tab, self._session.desk
        detail = tab.page.detail
        if detail is None:
            return
        project = next((each for each in self._session.projects if each.id == detail.project_id), None)
        name = f"{project.number} {project.name}" if project else detail.row.project
        printed = desk.office.clock.now()

        def show(head: Head) -> None:
            from erpdesk.views.kit.paper_preview import PaperPreview

            sheet = commitment_sheet(detail, name, printed, head)
            PaperPreview(sheet, sheet.take(), tab).open()

        self._session.read(desk.trail.head, show, key="commitment on paper")

    def look_for_kept(self) -> None:
        """Tells what was typed and not saved before the program ended."""
        self._tab.editor.keeper.look(self.go_on_with)

    def go_on_with(self, kept: Kept) -> None:
        """Leads to what was typed; it is offered there."""
        tab = self._tab
        tab.front_asked.emit()
        typed = from_body(kept.body)
        project = next((each for each in self._session.projects if each.id == typed.mine.project_id), None)
        if kept.ref:
            tab.open(kept.ref)
        elif project is not None:
            tab.editor.leave(partial(tab.editor.start_new, typed.mine.type, project))
