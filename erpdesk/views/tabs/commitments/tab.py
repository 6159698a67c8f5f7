"""The Commitments tab: the list, and beside it the page of what is chosen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QSplitter, QVBoxLayout, QWidget

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.missing import why_no_project
from erpdesk.views.scoped import scope
from erpdesk.views.session import LayoutStore, Session, new_press
from erpdesk.views.tabs.commitments.actions import SPECS
from erpdesk.views.tabs.commitments.bulk import BulkPanel
from erpdesk.views.tabs.commitments.columns import CHIPS, COLUMNS, differs
from erpdesk.views.tabs.commitments.editor import CommitmentEditor
from erpdesk.views.tabs.commitments.enter import is_enter, press
from erpdesk.views.tabs.commitments.page import CommitmentPage, Place
from erpdesk.views.tabs.commitments.side import CommitmentSide
from erpdesk.views.tabs.commitments.walk import Walk
from erpdesk.views.undo_menu import UndoMenu
from erpdesk.workflows.rows import CommitmentRow

TOUCHED = frozenset({"commitment", "submission", "sage"})
CHOOSE_PROJECT = "Choose a project at the top left first; a commitment belongs to one."
HOW_TO_START = "Press Ctrl+N for a subcontract or Ctrl+Shift+N for a purchase order."
SAGE_ID_SHOWN = "commitments/sage id shown"
EVERYWHERE = ("commitment.new", "edit.")
"""Acts whose keys work in the whole window."""
SUBCONTRACT, PURCHASE_ORDER = "Subcontract", "Purchase order"


class CommitmentsTab(QWidget):
    """Lists commitments and opens them.

    ``summary_changed`` carries what is selected for the status bar, ``front_asked`` that this tab wants to be seen.
    """

    summary_changed = Signal(str)
    front_asked = Signal()

    def __init__(
        self, session: Session, registry: ActionRegistry, store: LayoutStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._registry = registry
        self._store = store
        self.table = RecordTable("commitments", COLUMNS, store=store, noun=("commitment", "commitments"))
        self.filter = ListBar(
            self.table,
            [chip for chip, _ in CHIPS],
            "Filter commitments",
            title="Commitments",
            heading=self._project_line,
        )
        self._made: CommitmentSide | None = None
        self._no_right = ""
        self.undo = UndoMenu(session, registry, self)
        self.walk = Walk(self, session, registry)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(10)
        self._split.addWidget(self._list())
        self._split.setStretchFactor(0, 2)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(self._split)
        self.setFocusProxy(self.table)
        self._connect()
        self._on_project()
        QTimer.singleShot(0, self, self._prepare)

    def _prepare(self) -> None:
        """Makes the page before somebody asks for it, so that opening the first commitment is quick."""
        assert self.side is not None

    @property
    def side(self) -> CommitmentSide:
        """What stands beside the list."""
        if self._made is None:
            side = self._made = CommitmentSide(self._session, self._registry)
            self._split.addWidget(side)
            self._split.setStretchFactor(1, 3)
            side.editor.opened.connect(self._on_opened)
            side.editor.closed.connect(self._on_closed)
            side.editor.focus_given_up.connect(self.table.setFocus)
            side.editor.set_right(self._no_right)
            side.editor.done.connect(self.undo.toast)
            side.editor.offers_changed.connect(self.undo.show_offers)
            self.undo.add_typing(side.typing())
            self._session.person_changed.connect(self.walk.look_for_kept)
            self.walk.look_for_kept()
            side.bulk.send_asked.connect(partial(self._hand_over, "Sent"))
            side.bulk.retrieve_asked.connect(partial(self._hand_over, "Retrieved"))
            self._session.person_changed.connect(side.editor.reload)
            self._read_companies()
        return self._made

    @property
    def page(self) -> CommitmentPage:
        """The page of one commitment."""
        return self.side.page

    @property
    def bulk(self) -> BulkPanel:
        """The panel for several commitments."""
        return self.side.bulk

    @property
    def editor(self) -> CommitmentEditor:
        """What opens and saves the commitment on the page."""
        return self.side.editor

    @property
    def _has_open(self) -> bool:
        return self._made is not None and self._made.editor.is_open

    def _list(self) -> QWidget:
        card = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(9)
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(self._registry.button("commitment.new_subcontract", primary=True))
        buttons.addWidget(self._registry.button("commitment.new_order"))
        top.addLayout(buttons)
        top.addWidget(self.filter)
        card.body.addLayout(top)
        card.add(self.table, 1)
        card.setMinimumWidth(330)
        return card

    def _project_line(self) -> str:
        project = self._session.project
        return f"{project.number} · {project.name}" if project else "All projects"

    def _connect(self) -> None:
        scope(self._registry, (spec.key for spec in SPECS if not spec.key.startswith(EVERYWHERE)), self)
        self._registry.on("commitment.new_subcontract", partial(self.start_new, SUBCONTRACT))
        self._registry.on("commitment.new_order", partial(self.start_new, PURCHASE_ORDER))
        self.filter.chip_changed.connect(self._on_chip)
        self.table.selection_changed.connect(self._on_selected)
        self.table.opened.connect(lambda row: self.open(row.id))
        self.table.summary_changed.connect(self.summary_changed)
        self._session.changed.connect(self._on_changes)
        self._session.project_changed.connect(self._on_project)
        self._session.person_changed.connect(self._read_right)
        self._session.person_changed.connect(self.reload)
        self._session.projects_changed.connect(self._read_right)
        self._session.projects_changed.connect(self._explain_empty)
        self._read_right()

    def _read_right(self) -> None:
        desk, actor = self._session.desk, self._session.actor
        if actor:
            self._session.read(
                lambda: desk.queries.may(actor, "commitment.save"), self._take_right, key="commitment right"
            )

    def _take_right(self, reasons: tuple[str, ...]) -> None:
        self._no_right = " ".join(reasons)
        self._offer_new(reasons)
        if self._made is not None:
            self._made.editor.set_right(self._no_right)

    def _offer_new(self, reasons: tuple[str, ...]) -> None:
        missing = why_no_project(self._session)[1]
        reasons = (*reasons, *[missing] * bool(missing))
        for key in ("commitment.new_subcontract", "commitment.new_order"):
            self._registry.set_offer(key, not reasons, reasons)

    # What is shown

    def reload(self) -> None:
        """Reads the list again."""
        desk, project, actor = self._session.desk, self._session.project_id, self._session.actor
        if actor:
            self._session.read(lambda: desk.queries.commitments(project, actor), self._take_rows, key="commitments")

    def forget(self) -> None:
        """Whoever acted is gone: their page is closed, what they had typed is kept for them, and no row stays."""
        self._session.jobs.forget("commitments")
        if self._made is not None:
            self.editor.forget()
            self._made.attachments.show_record("", "")
            self._made.bulk.show_rows(())
        self._no_right = ""
        self.filter.clear()
        self.table.set_rows(())
        self.filter.set_counts({chip.key: 0 for chip, _ in CHIPS})

    def open(self, commitment_id: str, focus: Place | None = None) -> None:
        """Opens the page of a commitment, after asking about changes that are not saved; ``focus`` is a field of it."""
        if self._has_open and self.page.commitment_id == commitment_id and self.side.isVisible():
            self.page.focus_field(*(focus or ("number", 0)))
            return
        self.editor.leave(partial(self.editor.open, commitment_id, focus))

    def start_new(self, kind: str) -> None:
        """Starts a commitment on the chosen project."""
        project = self._session.project
        if project is None:
            self._session.messages.warning(why_no_project(self._session)[1] or CHOOSE_PROJECT)
            return
        self.front_asked.emit()
        self.editor.leave(partial(self.editor.start_new, kind, project))

    def leave(self, then: object) -> None:
        """Asks about changes that are not saved, then goes on."""
        assert callable(then)
        self.editor.leave(then)

    def close_page(self) -> None:
        """Closes the page or the panel beside the list, after asking about changes that are not saved."""
        if self._has_open:
            self.editor.leave(self.editor.close)
        else:
            self._on_closed()

    @property
    def dirty(self) -> bool:
        """Whether the page holds something that is not saved, be it in a cell that is still open."""
        return self._has_open and self.page.dirty

    def _take_rows(self, rows: tuple[CommitmentRow, ...]) -> None:
        self.table.set_rows(rows)
        if any(map(differs, rows)) and not self._store.value(SAGE_ID_SHOWN):
            # Once: a person who hides the column again wants it hidden.
            self._store.setValue(SAGE_ID_SHOWN, "yes")
            self.table.show_column("sage_id", True)
        self.filter.set_counts({chip.key: sum(map(test, rows)) for chip, test in CHIPS})
        if self._has_open and self.page.commitment_id:
            self.table.select_ids((self.page.commitment_id,))

    def _on_chip(self, key: str) -> None:
        test = next(test for chip, test in CHIPS if chip.key == key)
        self.table.set_where(None if key == "all" else test)

    def _explain_empty(self) -> None:
        title, why = why_no_project(self._session)
        where = f" on {self._session.project.name}" if self._session.project else ""
        self.table.set_empty(title or f"No commitments{where}", why or HOW_TO_START)

    def _on_project(self) -> None:
        self._explain_empty()
        if self._has_open and not self.page.dirty:
            self.editor.close()
        self.reload()

    def _read_companies(self) -> None:
        page = self.page
        self._session.read(self._session.desk.queries.companies, page.set_companies, key="companies")

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & TOUCHED:
            self.reload()
        if self._made is None:
            return
        if changes.kinds & TOUCHED:
            self.editor.reload()
        if "sage" in changes.kinds:
            self.editor.forget_codes()
        if changes.kinds & {"company", "vendor", "sage"}:
            self._read_companies()

    # The page beside the list

    def _on_selected(self, ids: tuple[str, ...]) -> None:
        if len(ids) == 1 and not (self._has_open and ids[0] == self.page.commitment_id):
            self._go_to(partial(self.editor.open, ids[0]), ids)
        elif len(ids) == 1:
            self.side.setCurrentWidget(self.page)
        elif len(ids) > 1:
            self._go_to(partial(self._show_bulk, ids), ids)

    def _go_to(self, then: object, ids: tuple[str, ...]) -> None:
        """Leaves the page if the person agrees; the list shows what is open until then."""
        assert callable(then)
        if not self.dirty:
            then()
            return
        self.table.select_ids((self.page.commitment_id,) if self.page.commitment_id else ())
        self.editor.leave(partial(self.table.select_ids, ids))

    def _show_bulk(self, ids: tuple[str, ...]) -> None:
        if self._has_open:
            self.editor.close()
        rows = self.table.selected_rows()
        self.bulk.show_rows([row for row in rows if row.id in ids])
        self._show_side(self.bulk)

    def _on_opened(self, commitment_id: str) -> None:
        self.table.select_ids((commitment_id,) if commitment_id else ())
        self._show_side(self.page)

    def _on_closed(self) -> None:
        self.side.hide()
        self.table.setFocus()

    def _show_side(self, widget: QWidget) -> None:
        self.side.setCurrentWidget(widget)
        if self.side.isHidden():
            self.side.show()
            whole = self._split.width()
            left = max(330, round(whole * 0.33))
            self._split.setSizes([left, whole - left])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the page; Enter presses the button that has the keyboard."""
        if event.key() == Qt.Key.Key_Escape and self.side.isVisible():
            self.close_page()
        elif is_enter(event) and isinstance(focus := self.focusWidget(), QAbstractButton):
            press(focus, event)
        else:
            super().keyPressEvent(event)

    def _hand_over(self, word: str, ids: tuple[str, ...]) -> None:
        desk, actor, press = self._session.desk, self._session.actor, new_press()
        act = desk.erp.send if word == "Sent" else desk.erp.retrieve
        self.bulk.set_running(True)

        def done(result: BulkResult) -> None:
            self.bulk.show_result(word, result)
            if word == "Sent" and result.done:
                self.undo.toast(f"Sent {len(result.done)} to ERP Integrations.")

        self._session.act(lambda: act(actor, ids, press), done, None, lambda: self.bulk.set_running(False))
