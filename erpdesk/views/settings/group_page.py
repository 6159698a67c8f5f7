"""One group of settings: each with its help, default and history; changed together, with a reason, in one act."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import shiboken6
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.declared import Group, Who
from erpdesk.core.errors import ForPeople
from erpdesk.settings import why_not
from erpdesk.views.kit.card import Card, Muted, SectionLabel, Title
from erpdesk.views.kit.forms import Form, TextEdit
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.views.settings import words
from erpdesk.views.settings.fields import entered, field_of, fit, shown
from erpdesk.workflows.settings_acts import REASON_NEEDED, SettingRow, SettingsActs, Value, of_group

HISTORY_LINES, DATE_PAD = 9, 14


class GroupPage(QWidget):
    """Shows the settings of one group. ``changed`` carries the Changes of a save."""

    changed = Signal(object)

    def __init__(
        self,
        group: Group,
        acts: SettingsActs,
        jobs: Jobs,
        acting: Callable[[], str],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.group = group
        self._acts, self._jobs, self._acting = acts, jobs, acting
        self._rows: dict[str, SettingRow] = {}
        self._seen_by = ""
        self._busy: tuple[str, ...] = words.READING
        self.messages = Messages()
        self.form = Form()
        self.denied = Muted("")
        self.reason = TextEdit(placeholder=words.WHY_NEEDED if group in REASON_NEEDED else words.WHY_FREE)
        self.reason.setAccessibleName("Reason of the changes")
        self.save = ReasonButton("&Save", primary=True)
        self.discard = ReasonButton("&Discard")
        self.history = RecordTable(
            f"settings-history-{group.name.lower()}",
            words.CHANGES,
            store=store,
            noun=("change", "changes"),
            empty_title="Never changed",
            empty_hint="Each change is listed here, with who made it and why.",
            totals=False,
        )
        self.top, self.below = QHBoxLayout(), QVBoxLayout()
        self._build()
        self.form.changed.connect(self._on_edited)
        self.form.submitted.connect(self.save_changes)
        self.save.pressed_ok.connect(self.save_changes)
        self.save.refused.connect(lambda _reasons: self._on_refused())
        self.reason.value_changed.connect(lambda _value: self._show_offers())
        self.discard.pressed_ok.connect(self.drop_changes)
        self._show_offers()
        self.reload()

    def _build(self) -> None:
        self.save.set_icon_name("check")
        self.save.set_help("Save what was changed on this page, with one entry each in the audit trail")
        self.discard.set_help("Show again what is saved")
        self.below.setSpacing(8)
        inside = QWidget()
        inside.setProperty("page", True)
        down = QVBoxLayout(inside)
        down.setContentsMargins(14, 12, 14, 12)
        down.setSpacing(12)
        down.addWidget(self.form)
        down.addLayout(self.below)
        down.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 12)
        foot.setSpacing(8)
        foot.addWidget(self.reason, 1)
        foot.addWidget(self.discard)
        foot.addWidget(self.save)
        card = Card(margins=False)
        card.add(scroll, 1)
        card.body.addLayout(foot)
        changes = Card(margins=False)
        heading = SectionLabel("Changes")
        heading.setContentsMargins(14, 8, 14, 0)
        changes.add(heading)
        changes.add(self.history, 1)
        self._changes = changes
        self._fit()
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(8)
        self.top.addWidget(Title(self.group.value), 1)
        around.addLayout(self.top)
        around.addWidget(Muted(words.ABOUT_GROUP[self.group]))
        around.addWidget(self.denied)
        around.addWidget(self.messages)
        around.addWidget(card, 1)
        around.addWidget(changes)
        self.denied.hide()

    # Reading

    def reload(self) -> None:
        """Reads the settings again; what was entered and not saved stays, unless another person acts."""
        acts, actor, group = self._acts, self._acting(), self.group
        with suppress(JobsClosed):
            self._jobs.read(
                lambda: (actor, of_group(acts.rows(actor), group)), self._show, self._failed, key=(id(self), "rows")
            )

    def _show(self, read: tuple[str, tuple[SettingRow, ...]]) -> None:
        if not shiboken6.isValid(self):
            return
        actor, rows = read
        edited = {} if actor != self._seen_by else self.edited()
        self._seen_by = actor
        if list(self._rows) != [row.name for row in rows]:
            for row in rows:
                made = self.form.add_row(row.name, row.about.title, field_of(row), words.hint(row), row.about.unit)
                made.label.setToolTip(words.who(row.about))
        self._rows = {row.name: row for row in rows}
        self.form.set_values({row.name: shown(row.value) for row in rows if row.name not in edited})
        self._show_locks(rows)
        every = [each for row in rows for each in row.history]
        self.history.set_rows(sorted(every, key=lambda each: -int(each.id)))
        self._busy = ()
        self._show_offers()

    def _show_locks(self, rows: tuple[SettingRow, ...]) -> None:
        denied = next((row.reasons[0] for row in rows if row.about.who is Who.ADMIN and row.reasons), "")
        self.denied.setText(denied)
        self.denied.setVisible(bool(denied))
        for row in rows:
            if row.about.who is not Who.ADMIN:
                self._lock(row, words.fixed(row))
            elif row.reasons:
                self._lock(row, words.hint(row))
            else:
                self.form.unlock([row.name])

    def _lock(self, row: SettingRow, below: str) -> None:
        """Closes a field; its help stays below it, and why it is closed stands at the top and in its tool tip."""
        self.form.lock(below, [row.name])
        self.form.row(row.name).widget.setToolTip(row.reasons[0])

    # Changing

    def edited(self) -> dict[str, Value]:
        """What was entered and is not saved, by name."""
        found: dict[str, Value] = {}
        for name, row in self._rows.items():
            value = entered(row, str(self.form.value(name)))
            if not row.reasons and (value != row.value or type(value) is not type(row.value)):
                found[name] = value
        return found

    @property
    def dirty(self) -> bool:
        """Whether something was entered and is not saved."""
        return bool(self.edited())

    def save_changes(self) -> None:
        """Saves what was changed; what can not be kept is said at its field, and nothing is saved then."""
        if not self.save.allowed:
            self.save.say_why()
            self._on_refused()
            return
        edited, acts, actor, reason = self.edited(), self._acts, self._acting(), self.reason.value()
        wrong = {name: why for name, value in edited.items() if (why := why_not(name, value))}
        self.form.set_errors(wrong)
        if wrong:
            return
        rows = [self._rows[name] for name in edited]
        seen = {row.name: row.value for row in rows}
        self._busy = words.SAVING
        self._show_offers()

        def done(changes: Changes) -> None:
            if shiboken6.isValid(self):
                self._rows = {name: row for name, row in self._rows.items()}
                self._saved(rows, edited)
            self.changed.emit(changes)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._busy = ()
                self._show_offers()
                if isinstance(error, ForPeople):
                    self.messages.report(error)
                self.reload()

        self._jobs.write(lambda: acts.change_all(actor, edited, reason, seen), done, failed)

    def _saved(self, rows: list[SettingRow], edited: dict[str, Value]) -> None:
        from dataclasses import replace

        for row in rows:
            self._rows[row.name] = replace(row, value=edited[row.name])
        self.reason.set_value("")
        self._busy = ()
        self._show_offers()
        self.messages.success(words.saved(rows), topic="settings")
        self.reload()

    def drop_changes(self) -> None:
        """Shows again what is saved."""
        self.form.set_values({name: shown(row.value) for name, row in self._rows.items()})
        self.reason.set_value("")
        self._show_offers()

    def _on_refused(self) -> None:
        """A reason for nothing is not left standing for the next change; a missing one is asked for where it goes."""
        if self.save.reasons() == words.NOTHING:
            self.reason.set_value("")
        elif self.save.reasons() == words.SAY_WHY:
            self.reason.setFocus()

    def _on_edited(self, _key: str) -> None:
        self._show_offers()

    def _show_offers(self) -> None:
        denied = (self.denied.text(),) if self.denied.text() else ()
        if not denied and self._rows and all(row.reasons for row in self._rows.values()):
            denied = (next(iter(self._rows.values())).reasons[0],)
        reasons = self._busy or denied or (() if self.dirty else words.NOTHING)
        self.discard.set_offer(not reasons, reasons)
        if not reasons and self.group in REASON_NEEDED and not self.reason.value().strip():
            reasons = words.SAY_WHY
        self.save.set_offer(not reasons, reasons)
        self.reason.set_read_only(bool(denied))

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.messages.report(error)

    def _fit(self) -> None:
        """Widths and heights that follow the text size."""
        for name in self._rows:
            fit(self.form.row(name).widget)
        width = self.fontMetrics().horizontalAdvance("00/00/0000 00:00") + 2 * DATE_PAD
        self.history.setColumnWidth(0, max(self.history.columnWidth(0), width))
        self._changes.setFixedHeight(self.fontMetrics().lineSpacing() * HISTORY_LINES)

    def changeEvent(self, event: QEvent) -> None:
        """Draws the messages in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "messages"):
            self.messages.retint()
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_changes"):
            # The fields take the new font only after this.
            QTimer.singleShot(0, self, self._fit)


def label(text: str) -> QLabel:
    """A muted name beside a field that is no setting."""
    made = QLabel(text)
    made.setProperty("role", "muted")
    return made
