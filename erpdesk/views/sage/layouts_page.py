"""The page about import files: how sure each field is, what may go to a live company, and how to settle the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QSplitter, QTabWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople, NotAllowed
from erpdesk.views.banner import Banner
from erpdesk.views.columns_button import columns_button
from erpdesk.views.kit.card import Card, Muted, Title
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.sage.layouts_choice import FieldsDialog
from erpdesk.views.sage.layouts_paste import PasteDialog, read_pasted
from erpdesk.views.sage.layouts_words import (
    BACK_WORDS,
    BUSY,
    CONFIRM_WORDS,
    FIELD_COLUMNS,
    LAYOUT_COLUMNS,
    READING,
    WITHDRAW_WORDS,
    about,
    field_note,
    layout_pill,
    standing,
)
from erpdesk.views.session import LayoutStore
from erpdesk.views.tabs.erp_integrations.file_block import FileBlock
from erpdesk.workflows.layout_acts import LayoutActs
from erpdesk.workflows.layout_rows import LayoutDetail, LayoutFieldRow, LayoutRow

LIST_HEIGHT = 212
LIST_SHARE = 0.28
NOTE_LINES = 2


@dataclass(frozen=True)
class _Answer:
    rows: tuple[LayoutRow, ...]
    detail: LayoutDetail | None
    refusals: tuple[str, ...]


class LayoutsPage(QWidget):
    """Lists the import files above, and the fields of the chosen one below.

    ``acting`` tells the id of the acting person. ``changed`` carries the Changes of an act. Call ``reload`` when
    layouts changed or another person acts.
    """

    changed = Signal(object)

    def __init__(
        self,
        acts: LayoutActs,
        jobs: Jobs,
        acting: Callable[[], str],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._acts, self._jobs, self._acting = acts, jobs, acting
        self._detail: LayoutDetail | None = None
        self._refusals: tuple[str, ...] = READING
        self._chosen = ""
        self._busy = False
        self._moved = False
        self.messages = Messages()
        self.layouts = RecordTable(
            "layouts",
            LAYOUT_COLUMNS,
            store=store,
            empty_title="No import files",
            empty_hint="This company was opened without layouts. Install erpdesk again.",
            noun=("import file", "import files"),
            totals=False,
        )
        self.fields = RecordTable(
            "layout-fields",
            FIELD_COLUMNS,
            store=store,
            empty_title="No field order is known",
            empty_hint="Paste Sage’s own order below to use this file.",
            noun=("field", "fields"),
            totals=False,
        )
        self.pill = PillLabel()
        self.about = Muted()
        self.problem = Banner()
        self.note = Muted()
        self.sample = FileBlock()
        self.sample.setAccessibleName("A made-up document as it would be written")
        self.confirm = ReasonButton("&Confirm fields…", primary=True)
        self.withdraw = ReasonButton("&Withdraw…")
        self.paste = ReasonButton("Paste Sage’s own &order…")
        self.back = ReasonButton("&Back to the shipped order…")
        self._build()
        self._connect()
        self._show_detail(None)
        self.reload()

    def reload(self) -> None:
        """Reads the layouts again, off the GUI thread."""
        acts, actor, chosen = self._acts, self._acting(), self._chosen

        def read() -> _Answer:
            rows = acts.layouts()
            known = {each.id: each for each in rows}
            row = known.get(chosen) or (rows[0] if rows else None)
            detail = None
            if row is not None:
                detail = LayoutDetail(row, (), (), "", 0) if row.problem else acts.layout(row.id)
            try:
                refusals = acts.may(actor)
            except NotAllowed as problem:
                refusals = problem.reasons
            return _Answer(rows, detail, refusals)

        with suppress(JobsClosed):
            self._jobs.read(read, self._take, self._failed, key=(id(self), "layouts"))

    def show_layout(self, name: str) -> None:
        """Chooses an import file."""
        if name != self._chosen:
            self._chosen = name
            self.reload()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows every import file where there is room, and never takes more than a share of the page for them."""
        super().resizeEvent(event)
        if not self._moved:
            above = min(LIST_HEIGHT, round(self.height() * LIST_SHARE))
            self.sides.setSizes([above, self.height() - above])

    def _build(self) -> None:
        above = Card(margins=False)
        above.add(self.layouts, 1)
        self.card = Card("Import files")
        self.card.add_to_header(self.pill)
        self.card.add_to_header(columns_button(self.fields), right=True)
        listed = QWidget()
        down = QVBoxLayout(listed)
        down.setContentsMargins(0, 2, 0, 0)
        down.setSpacing(4)
        down.addWidget(self.fields, 1)
        down.addWidget(self.note)
        # Room for its longest words, so that the list above does not move under the pointer.
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setMinimumHeight(NOTE_LINES * self.note.fontMetrics().lineSpacing())
        written = QWidget()
        shown = QVBoxLayout(written)
        shown.setContentsMargins(0, 10, 0, 0)
        shown.addWidget(Muted("One line of each record with made-up values, exactly as a file would hold it."))
        shown.addWidget(self.sample)
        shown.addStretch(1)
        self.parts = QTabWidget()
        self.parts.setDocumentMode(True)
        self.parts.setAccessibleName("Parts of the import file")
        self.parts.addTab(listed, "Fields")
        self.parts.addTab(written, "Sample document")
        self.card.add(self.about)
        self.card.add(self.problem)
        self.card.add(self.parts, 1)
        buttons = FlowLayout(spacing=8)
        for button in (self.confirm, self.withdraw, self.paste, self.back):
            buttons.addWidget(button)
        self.card.body.addLayout(buttons)
        self.sides = QSplitter(Qt.Orientation.Vertical)
        self.sides.setChildrenCollapsible(False)
        self.sides.addWidget(above)
        self.sides.addWidget(self.card)
        self.sides.setStretchFactor(0, 0)
        self.sides.setStretchFactor(1, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(10)
        around.addWidget(Title("Import layouts"))
        around.addWidget(self.messages)
        around.addWidget(self.sides, 1)
        self.setFocusProxy(self.layouts)

    def _connect(self) -> None:
        self.sides.splitterMoved.connect(self._on_moved)
        self.layouts.current_changed.connect(self._on_layout)
        self.fields.current_changed.connect(self._on_field)
        self.confirm.pressed_ok.connect(self._ask_confirm)
        self.withdraw.pressed_ok.connect(self._ask_withdraw)
        self.paste.pressed_ok.connect(self._ask_paste)
        self.back.pressed_ok.connect(self._ask_back)

    def _take(self, answer: _Answer) -> None:
        if not shiboken6.isValid(self):
            return
        self._refusals = answer.refusals
        self._chosen = answer.detail.row.id if answer.detail else ""
        self.layouts.set_rows(answer.rows)
        if self._chosen:
            self.layouts.set_current_id(self._chosen)
        self._show_detail(answer.detail)

    def _show_detail(self, detail: LayoutDetail | None) -> None:
        self._detail = detail
        self.card.set_title(detail.row.title if detail else "No import file chosen")
        self.pill.set_pill(layout_pill(detail.row) if detail else None)
        problem = detail.row.problem if detail else ""
        self.about.setText(f"{about(detail)} {standing(detail)}" if detail and not problem else "")
        self.about.setVisible(bool(self.about.text()))
        self.problem.show_words("error", problem)
        self.fields.set_rows(detail.fields if detail else ())
        self.sample.set_lines(detail.sample if detail else ())
        self._on_field()
        self._offer()

    def _offer(self) -> None:
        detail = self._detail
        common = BUSY if self._busy else self._refusals if detail else ("Choose an import file.",)
        is_open = detail is not None and any(each.open for each in detail.fields)
        held = detail is not None and any(each.confirmed_by for each in detail.fields)
        own = detail is not None and detail.row.own_order
        for button, possible, why in (
            (self.confirm, is_open, "Every field that erpdesk fills is settled; nothing waits for confirmation."),
            (self.withdraw, held, "Nobody has confirmed a field of this file at this site."),
            (self.paste, True, ""),
            (self.back, own, "The shipped order is in use already."),
        ):
            reasons = common or (() if possible else (why,))
            button.set_offer(not reasons, reasons)

    def _on_moved(self, *_: object) -> None:
        self._moved = True

    def _on_layout(self, name: object) -> None:
        if isinstance(name, str):
            self.show_layout(name)

    def _on_field(self, *_: object) -> None:
        current = self.fields.current_id()
        row = self.fields.row(current) if current is not None else None
        self.note.setText(field_note(row) if self._detail and self._detail.fields else "")

    def _ask_confirm(self) -> None:
        rows = [each for each in self._rows() if each.open]
        dialog = FieldsDialog(
            "Confirm fields",
            CONFIRM_WORDS,
            "How &settled, such as the printout you compared it with",
            "&Confirm",
            rows,
            {str(each) for each in self.fields.selected_ids()},
            self,
        )
        self._choose(dialog, self._acts.confirm, "confirmed")

    def _ask_withdraw(self) -> None:
        rows = [each for each in self._rows() if each.confirmed_by]
        dialog = FieldsDialog(
            "Withdraw confirmations",
            WITHDRAW_WORDS,
            "&Why they are withdrawn",
            "&Withdraw",
            rows,
            {str(each) for each in self.fields.selected_ids()},
            self,
        )
        self._choose(dialog, self._acts.withdraw, "open again")

    def _choose(self, dialog: FieldsDialog, act: Callable[..., Changes], outcome: str) -> None:
        layout, actor = self._chosen, self._acting()

        def agreed(rows: Sequence[LayoutFieldRow], how: str) -> None:
            groups = [(key, [each.position for each in some]) for key, some in groupby(rows, lambda each: each.record)]

            def run() -> Changes:
                changes = Changes()
                for record, positions in groups:
                    changes |= act(actor, layout, record, positions, how)
                return changes

            count = "One field is" if len(rows) == 1 else f"{len(rows)} fields are"
            self._act(run, f"{count} {outcome}.", dialog)

        dialog.agreed.connect(agreed)
        dialog.open()

    def _ask_paste(self) -> None:
        if self._detail is None:
            return
        acts, layout, actor = self._acts, self._chosen, self._acting()
        others = [(each.id, each.title) for each in self.layouts.all_rows() if each.id != layout]
        dialog = PasteDialog(self._detail, lambda text: read_pasted(acts, layout, others, text), self._jobs, self)
        dialog.agreed.connect(
            lambda text: self._act(
                lambda: acts.use_site_layout(actor, layout, text), "This site’s own field order is in use.", dialog
            )
        )
        dialog.open()

    def _ask_back(self) -> None:
        acts, layout, actor = self._acts, self._chosen, self._acting()
        confirm(
            self,
            "Back to the shipped order",
            BACK_WORDS,
            "Use the shipped order",
            lambda: self._act(lambda: acts.standard_layout(actor, layout), "The shipped field order is in use.", None),
        )

    def _act(self, run: Callable[[], Changes], said: str, dialog: FieldsDialog | PasteDialog | None) -> None:
        self._busy = True
        self._offer()

        def done(changes: Changes) -> None:
            if not shiboken6.isValid(self):
                return
            self._busy = False
            if dialog is not None and shiboken6.isValid(dialog):
                dialog.done(QDialog.DialogCode.Accepted)
            self.messages.success(said)
            self.reload()
            self.changed.emit(changes)

        def failed(error: BaseException) -> None:
            if not shiboken6.isValid(self):
                return
            self._busy = False
            self.reload()
            if isinstance(error, ForPeople):
                if dialog is not None and shiboken6.isValid(dialog):
                    dialog.say(str(error))
                else:
                    self.messages.report(error)

        try:
            self._jobs.write(run, done, failed)
        except JobsClosed:
            self._busy = False

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self) and isinstance(error, ForPeople):
            self.messages.report(error)

    def _rows(self) -> tuple[LayoutFieldRow, ...]:
        return self._detail.fields if self._detail else ()
