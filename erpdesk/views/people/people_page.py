"""Everybody in a list with what they may do, and beside it the page of the chosen person."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from erpdesk.views.banner import Banner
from erpdesk.views.dialogs.unsaved import UnsavedDialog
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.people import words
from erpdesk.views.people.person_page import PersonPage
from erpdesk.views.session import LayoutStore
from erpdesk.workflows.people_rows import GrantRow, PersonDetail

COLUMNS = (
    Column("name", "Name", width=150, bold=True, value=lambda row: row.name),
    Column(
        *("approver", "Approver", "status"),
        width=130,
        value=lambda row: words.APPROVER if row.can_push else (None if row.active else words.LEFT),
    ),
    Column("title", "Title", width=140, value=lambda row: row.title),
    Column("may", "May do", width=180, stretch=True, value=words.may_do),
    Column("projects", "Projects", width=80, show=False, value=words.where),
    Column("signs_in", "Signs in by", width=150, show=False, value=words.signs_in),
    Column("email", "E-mail", width=180, show=False, value=lambda row: row.email),
)
CHIPS = (ChipSpec("active", "Active"), ChipSpec("approvers", "Approvers"), ChipSpec("left", "Not active"))
TESTS: dict[str, Callable[[PersonDetail], bool]] = {
    "active": lambda row: row.active,
    "approvers": lambda row: row.active and row.can_push,
    "left": lambda row: not row.active,
}


class PeoplePage(QWidget):
    """The list and the page. ``chosen`` carries the id of the person on the page, '' for a new one."""

    chosen = Signal(str)
    save_asked = Signal()

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._no_right: tuple[str, ...] = ()
        self._actor = ""
        self._grants: Sequence[GrantRow] = ()
        self._shown: str | None = None
        """Who is on the page: an id, '' for a new person, None before anybody was read."""
        self._following = False
        self.table = RecordTable(
            "people",
            COLUMNS,
            store=store,
            noun=("person", "people"),
            empty_title="Nobody fits",
            empty_hint="Clear the filter to see everybody.",
            totals=False,
        )
        self.bar = ListBar(self.table, CHIPS, "Filter people", store=store, title="People")
        self.new = ReasonButton("&New person")
        self.new.set_icon_name("add")
        self.new.set_help("Starts an empty page (Ctrl+N)")
        self.bar.add_widget(self.new)
        self.banner = Banner()
        self.page = PersonPage()
        self._build()
        self.bar.chip_changed.connect(self._on_chip)
        self.table.current_changed.connect(self._on_current)
        self.new.pressed_ok.connect(self.start_new)
        self.page.save_asked.connect(self.save_asked)
        self._on_chip(self.bar.chip())

    def _build(self) -> None:
        left = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addWidget(self.banner)
        top.addWidget(self.bar)
        left.body.addLayout(top)
        left.add(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(10)
        split.addWidget(left)
        split.addWidget(self.page)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([520, 560])
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(split)
        self.setFocusProxy(self.table)

    def show_people(
        self,
        actor: str,
        rows: Sequence[PersonDetail],
        grants: Sequence[GrantRow],
        no_right: tuple[str, ...],
        warnings: tuple[str, ...],
    ) -> None:
        """Shows people as read now; a page with something typed on it stays as it is."""
        again = actor != self._actor
        self._actor, self._grants, self._no_right = actor, grants, no_right
        self.new.set_offer(not no_right, no_right)
        self.banner.show_words("warning", *warnings)
        self._following = True
        self.table.set_rows(rows)
        self._following = False
        self.bar.set_counts({key: sum(map(test, rows)) for key, test in TESTS.items()})
        known = {row.id: row for row in rows}
        if self.page.dirty and not again and self._shown is not None:
            return
        if self._shown == "" and not no_right and not again:
            return
        wanted = self._shown if self._shown in known else (actor if actor in known else next(iter(known), None))
        if wanted is not None:
            self.show_person(known[wanted])

    def show_person(self, row: PersonDetail) -> None:
        """Shows one person on the page and in the list."""
        self._shown = row.id
        self._mark(row.id)
        grant = words.open_grant(self._grants, row.id)
        self.page.show_person(row, grant, self._no_right, oneself=row.id == self._actor)
        self.chosen.emit(row.id)

    def show_own(self) -> None:
        """Shows the page of the reader, once what is typed on another one is saved or dropped."""
        row = self.table.row(self._actor)
        if row is None:
            # Nobody was read yet: the reader comes first then.
            return
        if self._shown != self._actor:
            self.leave(lambda: self.show_person(row))

    def show_saved(self, person_id: str) -> None:
        """The person on the page was saved under this id: it is shown when people are read next."""
        self._shown = person_id
        self.page.forget()

    def start_new(self) -> None:
        """An empty page for a new person, once what is typed is saved or dropped."""

        def go() -> None:
            self._shown = ""
            self._mark(None)
            self.page.show_person(None, None, self._no_right, oneself=False)
            self.chosen.emit("")
            self.page.form.row("name").widget.setFocus(Qt.FocusReason.OtherFocusReason)

        self.leave(go)

    def leave(self, then: Callable[[], object]) -> None:
        """Asks about changes that are not saved, then goes on."""
        if not self.page.dirty:
            then()
            return
        dialog = UnsavedDialog(self.page.title.text(), self)
        dialog.discard_asked.connect(self.page.show_again)
        dialog.discard_asked.connect(then)
        dialog.save_asked.connect(self.save_asked)
        dialog.open()

    def _on_chip(self, key: str) -> None:
        self._following = True
        self.table.set_where(TESTS[key])
        self._following = False

    def _on_current(self, id_: Hashable | None) -> None:
        row = self.table.row(id_) if id_ is not None else None
        if self._following or row is None or row.id == self._shown:
            return
        if self.page.dirty:
            # The list is still in the middle of its own change.
            QTimer.singleShot(0, self, lambda: self._mark(self._shown or None))
        self.leave(lambda: self.show_person(row))

    def _mark(self, id_: str | None) -> None:
        """Marks a row of the list without a change of the page."""
        self._following = True
        if id_ is None:
            self.table.select_ids(())
        elif self.table.current_id() != id_ or self.table.selected_ids() != (id_,):
            self.table.set_current_id(id_)
        self._following = False
