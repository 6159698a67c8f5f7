"""The page of one commitment: where it stands, its header, its schedule of values, its figures, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QScrollArea, QTabWidget, QToolButton, QVBoxLayout, QWidget

from erpdesk.core.clock import CLOCK
from erpdesk.core.money import ZERO
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import erp_pill, map_steps
from erpdesk.views.history import HistoryView
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import Card, Divider
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.kit.workflow_map import WorkflowMap
from erpdesk.views.tabs.commitments import lines as schedule
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.figures import Figures, FiguresPanel
from erpdesk.views.tabs.commitments.header import Header, HeaderValues, header_of, header_of_draft
from erpdesk.views.tabs.commitments.kept_strip import KeptStrip
from erpdesk.views.tabs.commitments.more_button import more_button
from erpdesk.views.tabs.commitments.rejected import RejectedStrip
from erpdesk.views.tabs.commitments.schedule_panel import SchedulePanel
from erpdesk.views.tabs.commitments.standing import where_it_stands
from erpdesk.views.tabs.commitments.status_button import StatusButton
from erpdesk.workflows.rows import (
    CommitmentDetail,
    CommitmentDraft,
    CompanyRow,
    ErpState,
    LineDraft,
    ProjectRow,
)

Place = tuple[str, int]
"""A field of the page by its key, and the line it is in (0 = the header)."""


class CommitmentPage(Card):
    """Shows and edits one commitment; it only tells what the person wants, the editor carries it out.

    ``dirty_changed`` tells whether there are changes that are not saved.
    """

    dirty_changed = Signal(bool)
    status_chosen = Signal(str)
    close_asked = Signal()
    focus_given_up = Signal()
    """A button that had the keyboard goes away."""

    def __init__(self, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__("Commitment", parent=parent)
        self._detail: CommitmentDetail | None = None
        self._project: ProjectRow | None = None
        self._type = ""
        self._no_right = ""
        self._held = ""
        self._committed: Decimal | None = None
        self._saved: tuple[HeaderValues, tuple[LineDraft, ...]] = (HeaderValues(), ())
        self._dirty = False
        self._pill = PillLabel()
        self.status = StatusButton()
        close = QToolButton()
        set_icon(close, "close")
        close.setToolTip("Close this page (Esc)")
        close.setAccessibleName("Close this page")
        close.clicked.connect(self.close_asked)
        self.add_to_header(self._pill)
        self.add_to_header(self.status, right=True)
        self.add_to_header(more_button(registry), right=True)
        self.add_to_header(close, right=True)
        self.map = WorkflowMap()
        self.banner = Banner()
        self.rejected = RejectedStrip()
        self.kept = KeptStrip()
        self.header_form = Header()
        self.schedule = SchedulePanel(registry)
        self.figures = FiguresPanel()
        self.history = HistoryView()
        self.parts = QTabWidget()
        self.parts.setDocumentMode(True)
        self.parts.setAccessibleName("Parts of the commitment")
        self.parts.addTab(self._contract(), "Contract")
        self.parts.addTab(self.history, "History")
        self.buttons = {
            verb: registry.button(f"commitment.{verb}", primary=verb in ("send", "resend"))
            for verb in ("save", "revert", "send", "resend", "retrieve", "delete")
        }
        self.add(self.map)
        self.add(self.banner)
        self.add(self.rejected)
        self.add(self.kept)
        self.add(self.parts, 1)
        self.add(Divider())
        self.body.addLayout(self._actions())
        self.header_form.changed.connect(self._on_edited)
        self.header_form.method_chosen.connect(self.schedule.set_method)
        self.schedule.changed.connect(self._on_edited)
        self.schedule.grid.typing_changed.connect(self._judge)
        self.status.chosen.connect(self.status_chosen)
        self.rejected.fix_asked.connect(self.focus_field)
        self.schedule.grid.selectionModel().currentChanged.connect(lambda *_cells: self._show_cell())

    def _contract(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("page", True)
        down = QVBoxLayout(inside)
        down.setContentsMargins(0, 10, 6, 2)
        down.setSpacing(10)
        down.addWidget(self.header_form)
        down.addWidget(self.schedule, 1)
        down.addWidget(self.figures)
        scroll = self._scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        return scroll

    def _show_cell(self) -> None:
        """Brings the cell with the cursor into sight when the page is scrolled."""
        grid, inside = self.schedule.grid, self._scroll.widget()
        if inside is not None and grid.hasFocus() and grid.currentIndex().isValid():
            cell = grid.visualRect(grid.currentIndex())
            place = grid.viewport().mapTo(inside, cell.center())
            self._scroll.ensureVisible(place.x(), place.y(), 0, cell.height())

    def _actions(self) -> QHBoxLayout:
        across = QHBoxLayout()
        across.setSpacing(8)
        for verb in ("send", "resend", "save", "revert"):
            across.addWidget(self.buttons[verb])
        across.addStretch(1)
        # Far from Send, so that a second click on Send can not take the commitment back.
        across.addWidget(self.buttons["retrieve"])
        across.addWidget(self.buttons["delete"])
        return across

    # What is open

    @property
    def detail(self) -> CommitmentDetail | None:
        """The saved commitment that is shown, or None for a new one."""
        return self._detail

    @property
    def commitment_id(self) -> str:
        """Its id; '' while it was never saved."""
        return self._detail.row.id if self._detail else ""

    @property
    def project_id(self) -> str:
        """The project it belongs to."""
        if self._detail:
            return self._detail.project_id
        return self._project.id if self._project else ""

    @property
    def kind(self) -> str:
        """Subcontract or purchase order."""
        return self._type

    @property
    def dirty(self) -> bool:
        """Whether something was changed and not saved."""
        return self._dirty

    def set_companies(self, companies: Sequence[CompanyRow]) -> None:
        """The companies to choose the vendor from."""
        self.header_form.set_companies(companies)

    def set_book(self, book: CodeBook) -> None:
        """The codes of its job, which are read after the page is shown."""
        self.schedule.set_book(book)

    @property
    def editing(self) -> bool:
        """Whether somebody is typing here: a cell is open, or something is not saved."""
        return self._dirty or self.schedule.grid.state() == QAbstractItemView.State.EditingState

    def focus_field(self, name: str, line: int = 0) -> None:
        """Puts the cursor into a field of the header, or into a cell of a line (0 = the first one), and shows it."""
        self.parts.setCurrentIndex(0)
        field = self.header_form.field(name)
        if line == 0 and field is not None:
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._scroll.ensureWidgetVisible(field)
        else:
            self.schedule.grid.go_to_cell(max(line, 1) - 1, name)
            self._show_cell()

    def finish_typing(self) -> bool:
        """Takes what is in an open cell; False when it can not be taken, which is then said above the lines."""
        return self.schedule.grid.finish_typing()

    @property
    def no_right(self) -> str:
        """Why the acting person may not edit; '' when they may."""
        return self._no_right

    def set_right(self, no_right: str) -> None:
        """Opens or closes the form for the acting person; what was typed stays."""
        if no_right == self._no_right:
            return
        self._no_right = no_right
        self._say_where_it_stands()
        self._close()

    def start_new(self, kind: str, project: ProjectRow, number: str, committed: Decimal | None) -> None:
        """Shows an empty commitment with the next number; ``committed`` is the committed cost of its job in Sage."""
        self._detail, self._project, self._type, self._committed = None, project, kind, committed
        self.set_title(f"New {kind.lower()}")
        self._pill.set_pill(None)
        self.status.set_statuses("Draft", ())
        self.map.set_steps(())
        set_shown(self.map, False)
        self._say_where_it_stands()
        self.history.set_rows(())
        self._allow_parts(False)
        method = "unit" if kind == "Purchase order" else "amount"
        self._load(HeaderValues(number=number, date=CLOCK.today(), method=method), ())
        self.parts.setCurrentIndex(0)
        self.header_form.start()

    def show_detail(self, detail: CommitmentDetail) -> None:
        """Shows a saved commitment; whatever was typed and not saved is gone."""
        row = detail.row
        another = self._detail is None or self._detail.row.id != row.id
        self._detail, self._project, self._type = detail, None, row.type
        self.set_title(" ".join(part for part in (row.number or row.type, row.title) if part))
        self._pill.set_pill(erp_pill(row.erp_state, row.erp_text))
        self.status.set_statuses(row.status, detail.statuses)
        self.map.set_steps(map_steps(detail.map, row.erp_text))
        set_shown(self.map, bool(detail.map))
        self._say_where_it_stands()
        self.history.set_rows(detail.history)
        self._allow_parts(True)
        lines = tuple(schedule.draft_of(line) for line in detail.lines)
        self._load(header_of(detail), lines)
        if another:
            self.parts.setCurrentIndex(0)

    def _allow_parts(self, saved: bool) -> None:
        """History and attachments belong to what was saved once."""
        for place in range(1, self.parts.count()):
            self.parts.setTabEnabled(place, saved)
            self.parts.setTabToolTip(place, "" if saved else "Save it first.")

    def _say_where_it_stands(self) -> None:
        kind, sentences = where_it_stands(self._detail, self._no_right)
        self.banner.show_words(kind, *sentences)

    @property
    def held(self) -> str:
        """Why the form waits for an answer; '' when it does not."""
        return self._held

    def hold(self, reason: str) -> None:
        """Closes the form until a question above it is answered; '' opens it and takes the question away."""
        self._held = reason
        if not reason:
            self.kept.clear()
        self._close()

    def add_part(self, title: str, part: QWidget) -> int:
        """Puts another part beside the contract, before the history; answers its place."""
        return self.parts.insertTab(1, part, title)

    def _load(self, header: HeaderValues, lines: tuple[LineDraft, ...]) -> None:
        book = self.schedule.grid.lines.book
        self.header_form.set_values(header)
        locked, lines_locked = self._locks()
        self.schedule.load(lines, header.method, book, lines_locked, said_above=bool(locked))
        self._close()
        self._saved = (self.header_form.values(), lines)
        self._judge()
        self._show_figures()

    def _locks(self) -> tuple[str, str]:
        """Why the header and why the schedule are closed."""
        detail = self._detail
        locked = (detail.locked if detail else "") or self._no_right or self._held
        return locked, locked or (detail.lines_locked if detail else "")

    def _close(self) -> None:
        locked, lines_locked = self._locks()
        self.header_form.set_locked(locked)
        self.schedule.set_closed(lines_locked, said_above=bool(locked))
        if not locked:
            self.header_form.set_method_fixed(bool(self.schedule.lines()))

    # What was typed

    def draft(self) -> CommitmentDraft:
        """What is on screen, as it would be saved."""
        values = self.header_form.values()
        return CommitmentDraft(
            type=self._type,
            project_id=self.project_id,
            number=values.number,
            title=values.title,
            company_id=values.company_id,
            description=values.description,
            date=values.date,
            retainage_percent=values.retainage_percent,
            method=values.method,
            lines=self.schedule.lines(),
            id=self.commitment_id,
            version=self._detail.version if self._detail else 0,
        )

    def draft_as_typed(self) -> CommitmentDraft:
        """What is on screen, with what stands in a cell that is still open, as far as it can be taken."""
        return replace(self.draft(), lines=self.schedule.lines_as_typed())

    def revert(self) -> None:
        """Goes back to what was saved last."""
        if self._detail:
            self.show_detail(self._detail)
        else:
            header, lines = self._saved
            self._load(header, lines)

    def mark_saved(self) -> None:
        """Takes what is on screen for saved."""
        self._saved = (self.header_form.values(), self.schedule.lines())
        self._judge()

    def put_draft(self, draft: CommitmentDraft) -> None:
        """Puts typed values back over what is shown now; they still have to be saved."""
        if draft.id != self.commitment_id or self._locks()[0]:
            return
        self.header_form.set_values(header_of_draft(draft))
        if not self._locks()[1]:
            self.schedule.set_method(draft.method)
            self.schedule.grid.lines.commit(draft.lines)
        self._on_edited()

    def _on_edited(self) -> None:
        lines = self.schedule.lines()
        if not self._locks()[0]:
            self.header_form.set_method_fixed(bool(lines))
        self._judge()
        self._show_figures()

    def _judge(self) -> None:
        now = (self.header_form.values(), self.schedule.lines())
        dirty = now != self._saved or self.schedule.grid.holds_typing()
        self._dirty = dirty
        self.dirty_changed.emit(dirty)

    def _show_figures(self) -> None:
        total = schedule.total(self.schedule.lines())
        if self._detail:
            self.figures.show_figures(Figures.of(self._detail.row, self._detail.committed_cost, total))
        else:
            job = self._project.sage_job if self._project else ""
            nothing = (None, None, None, None)
            self.figures.show_figures(Figures(total or ZERO, nothing, ErpState.NOT_SENT, self._committed, job))
