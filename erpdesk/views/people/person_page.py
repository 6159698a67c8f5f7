"""The page of one person: facts, rights, projects and history; what is typed stays until it is saved or dropped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from erpdesk.models.people import Right, Tool
from erpdesk.views.banner import Banner
from erpdesk.views.history import HistoryView
from erpdesk.views.kit.card import Card, Muted, SectionLabel
from erpdesk.views.kit.forms import Form, TextEdit
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.missing import NO_PROJECTS
from erpdesk.views.people import words
from erpdesk.views.people.levels import KindsGrid, LevelsGrid, SinglesGrid
from erpdesk.views.people.privilege_card import PrivilegeCard
from erpdesk.views.people.ticks import TickBox, TickList
from erpdesk.workflows.people_rows import GrantRow, PersonDetail, PersonDraft
from erpdesk.workflows.rights import GRANULAR, KINDS
from erpdesk.workflows.rows import HistoryRow, ProjectRow

NEW_TITLE = "New person"
LOOK_ONLY = "You can look at this, and not change it."
NOTHING = ("Nothing was changed.",)
SAVE_FIRST = ("Save the person first.",)
BUSY = ("The last act is still being carried out.",)
OWN = "Your password and your daily summary are your own: both can be changed here, at once."
OTHERS_PASSWORD = "Only an Admin of Directory sets the password of somebody else."
EVERYWHERE = "This person works on every project, so there is nothing to tick."


class PersonPage(Card):
    """Shows one person or a new one. The signals carry what was asked; whoever listens carries it out."""

    save_asked = Signal()
    password_asked = Signal()
    active_asked = Signal(bool)
    digest_asked = Signal(bool)
    """One's own subscription, which needs no right and is carried out at once."""
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._detail: PersonDetail | None = None
        self._start = PersonDraft("")
        self._no_right: tuple[str, ...] = ()
        self._oneself = False
        self._busy = False
        self._approver, self._left = PillLabel(words.APPROVER), PillLabel(words.LEFT)
        self.banner = Banner()
        self.form = Form()
        self.signs_in = Muted()
        self.privilege = PrivilegeCard()
        self.levels = LevelsGrid()
        self.kinds = KindsGrid(KINDS)
        self.singles = SinglesGrid(GRANULAR)
        self.all_projects = TickBox("&Member of every project, also of later ones")
        self._everywhere = Muted(EVERYWHERE)
        self.projects = TickList("Projects", "Filter projects")
        self._no_projects = Muted(NO_PROJECTS)
        self.history = HistoryView("person-history")
        self.save = ReasonButton("&Save", primary=True)
        self.revert = ReasonButton("Re&vert")
        self.password = ReasonButton("Set &password…")
        self.active = ReasonButton("&Deactivate…")
        self.tabs = QTabWidget()
        self._build()
        self.show_person(None, None, (), oneself=False)

    def _build(self) -> None:
        for pill in (self._approver, self._left):
            self.add_to_header(pill)
        self.add(self.banner)
        form = self.form
        form.add_row("name", "&Name", TextEdit())
        form.add_row("title", "&Title", TextEdit(), "What they are in the firm, such as Project manager")
        form.add_row("windows_account", "&Windows account", TextEdit(), "Signs in by itself, such as COMPANY\\name")
        form.add_row("email", "&E-mail", TextEdit(), "For the daily summary and for rejections")
        form.add_row("digest", "", TickBox("&Daily summary by e-mail"))
        form.add_row(
            "invoice_administrator",
            "",
            TickBox("&Invoice administrator"),
            "Handles invoices, billing periods and invoice contacts",
        )
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setAccessibleName("Parts of the person’s page")
        self.tabs.addTab(_scrolled(self.form, self.signs_in), "Person")
        self.tabs.addTab(
            _scrolled(
                self.privilege,
                SectionLabel("Level in each tool"),
                self.levels,
                Muted(words.LEVELS_NOTE),
                SectionLabel("Items this person may import and export"),
                self.kinds,
                Muted(words.KINDS_NOTE),
                SectionLabel("Single rights"),
                self.singles,
                Muted(words.SINGLE_NOTE),
            ),
            "Rights",
        )
        projects = QWidget()
        down = QVBoxLayout(projects)
        down.setContentsMargins(0, 10, 0, 0)
        down.addWidget(self.all_projects)
        down.addWidget(self._everywhere)
        down.addWidget(self._no_projects)
        down.addWidget(self.projects, 1)
        down.addStretch(0)
        self.tabs.addTab(projects, "Projects")
        self.tabs.addTab(self.history, "History")
        self.add(self.tabs, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.save, self.revert):
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self.password, self.active):
            foot.addWidget(button)
        self.body.addLayout(foot)
        self.save.set_help("Keeps the person as shown (Ctrl+S)")
        self.revert.set_help("Goes back to what was saved last")
        self.password.set_help("Gives a password for signing in without a Windows account")
        digest = form.row("digest").widget
        assert isinstance(digest, TickBox)
        self.digest = digest
        digest.value_changed.connect(self._on_digest)
        self.form.changed.connect(self._on_changed)
        self.form.submitted.connect(self.save.click)
        for field in (self.levels, self.kinds, self.singles, self.all_projects, self.projects):
            field.value_changed.connect(self._on_changed)
        self.save.pressed_ok.connect(self.save_asked)
        self.revert.pressed_ok.connect(self.show_again)
        self.password.pressed_ok.connect(self.password_asked)
        self.active.pressed_ok.connect(lambda: self.active_asked.emit(self._detail is None or not self._detail.active))

    # What is shown

    @property
    def detail(self) -> PersonDetail | None:
        """The person as last read; None for a new one."""
        return self._detail

    def show_person(
        self, detail: PersonDetail | None, grant: GrantRow | None, no_right: Sequence[str], *, oneself: bool
    ) -> None:
        """Shows another person, or an empty page for a new one; what was typed before is dropped."""
        self._detail, self._no_right, self._oneself = detail, tuple(no_right), oneself
        self._start = detail.draft() if detail is not None else PersonDraft("", rights=dict.fromkeys(Tool, Right.NONE))
        self.set_title(detail.name if detail is not None else NEW_TITLE)
        set_shown(self._approver, detail is not None and detail.can_push)
        set_shown(self._left, detail is not None and not detail.active)
        self.signs_in.setText(self._how(detail))
        self.privilege.show_person(detail, grant, self._no_right, oneself=oneself)
        self.tabs.setTabVisible(3, detail is not None)
        if detail is None:
            self.tabs.setCurrentIndex(0)
        self.show_again()

    def show_again(self) -> None:
        """Shows the person as last read: what was typed is dropped."""
        start = self._start
        self.form.set_values(
            {
                "name": start.name,
                "title": start.title,
                "windows_account": start.windows_account,
                "email": start.email,
                "digest": start.digest,
                "invoice_administrator": start.invoice_administrator,
            }
        )
        self.levels.set_value(start.rights)
        self.kinds.set_value(start.kinds)
        self.singles.set_value(start.granular)
        self.all_projects.set_value(start.all_projects)
        self.projects.set_value(start.projects)
        self._close(self._no_right)
        self._offer()
        self.changed.emit()

    def set_projects(self, rows: Sequence[ProjectRow]) -> None:
        """The projects to tick."""
        self.projects.set_choices([(row.id, f"{row.number}  {row.name}") for row in rows])
        self.projects.set_value(self._start.projects)
        self._close_projects()

    def set_history(self, rows: Sequence[HistoryRow]) -> None:
        """What happened to the person."""
        self.history.set_rows(rows)

    def draft(self) -> PersonDraft:
        """The person as typed."""
        form, start = self.form.values(), self._start
        return PersonDraft(
            name=form["name"].strip(),
            title=form["title"].strip(),
            windows_account=form["windows_account"].strip(),
            email=form["email"].strip(),
            digest=form["digest"],
            all_projects=self.all_projects.value(),
            invoice_administrator=form["invoice_administrator"],
            active=start.active,
            rights=self.levels.value(),
            # Ticks are of the projects that are listed; membership of others stays as it is.
            projects=self.projects.value() | (start.projects - self.projects.choices()),
            kinds=self.kinds.value(),
            granular=self.singles.value(),
            id=start.id,
            version=start.version,
        )

    @property
    def dirty(self) -> bool:
        """Whether something typed is not saved."""
        return not self._no_right and self.draft() != self._start

    def forget(self) -> None:
        """What is on the page was saved: it counts as unchanged until the person is read again."""
        self._start = self.draft()
        self._offer()

    def set_busy(self, busy: bool) -> None:
        """An act is being carried out."""
        self._busy = busy
        self._offer()

    # What can be pressed

    def _close(self, reasons: tuple[str, ...]) -> None:
        self.form.unlock()
        if reasons:
            self.form.lock(" ".join(reasons))
            own = self._oneself and self._detail is not None
            if own:
                self.form.unlock(("digest",))
            self.banner.show_words("lock", LOOK_ONLY, *reasons, *[OWN] * own)
        else:
            self.banner.clear()
        for field in (self.levels, self.kinds, self.singles, self.all_projects):
            field.set_read_only(bool(reasons))
        self._close_projects()

    def _close_projects(self) -> None:
        everywhere = self.all_projects.value()
        self.projects.set_read_only(bool(self._no_right))
        some = bool(self.projects.choices())
        set_shown(self.projects, not everywhere and some)
        set_shown(self._no_projects, not some)
        set_shown(self._everywhere, everywhere and some)

    def _on_digest(self, on: bool) -> None:
        if self._no_right and self._oneself:
            self.digest_asked.emit(on)

    def _on_changed(self, _value: object = None) -> None:
        self._close_projects()
        self._offer()
        self.changed.emit()

    def _offer(self) -> None:
        reasons = self._no_right or (BUSY if self._busy else ())
        quiet = reasons or (() if self.dirty else NOTHING)
        self.save.set_offer(not quiet, quiet)
        self.revert.set_offer(not quiet, quiet)
        if self._detail is None:
            self.password.set_offer(False, SAVE_FIRST)
            self.active.set_offer(False, SAVE_FIRST)
            return
        others = () if self._oneself else ((OTHERS_PASSWORD,) if self._no_right else ())
        self.password.set_offer(not others, others)
        self.active.setText("&Deactivate…" if self._detail.active else "&Reactivate…")
        self.active.set_help(
            "The person can not sign in any more and stays in the history"
            if self._detail.active
            else "The person can sign in again"
        )
        self.active.set_offer(not reasons, reasons)

    @staticmethod
    def _how(detail: PersonDetail | None) -> str:
        if detail is None:
            return "Without a Windows account the person needs a password, which is set after saving."
        if detail.has_password:
            return f"{detail.name} has a password of their own."
        if detail.windows_account:
            return f"{detail.name} has no password and signs in by the Windows account only."
        return f"{detail.name} can not sign in: enter a Windows account or set a password."


class _Tall(QScrollArea):
    """Scrolls up and down only, and so is never narrower than what it holds."""

    def minimumSizeHint(self) -> QSize:
        """The width of the parts and of the scroll bar."""
        inside = self.widget()
        least = inside.minimumSizeHint().width() if inside is not None else 0
        return QSize(least + self.verticalScrollBar().sizeHint().width(), super().minimumSizeHint().height())


def _scrolled(*parts: QWidget) -> QScrollArea:
    """Parts below each other, scrolled when there are more than fit."""
    inside = QWidget()
    inside.setProperty("page", True)
    down = QVBoxLayout(inside)
    down.setContentsMargins(0, 12, 8, 4)
    down.setSpacing(8)
    for part in parts:
        if isinstance(part, SectionLabel):
            part.setContentsMargins(0, 10, 0, 0)
        down.addWidget(part)
    down.addStretch(1)
    area = _Tall()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
