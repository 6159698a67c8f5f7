"""The header of a commitment: number, title, vendor, dates and terms, as a form in two columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from erpdesk.views.kit.forms import (
    ChoiceCombo,
    DateEdit,
    Form,
    NotesEdit,
    PercentEdit,
    SearchCombo,
    TextEdit,
)
from erpdesk.views.kit.search_combo import Choice
from erpdesk.workflows.rows import CommitmentDetail, CommitmentDraft, CompanyRow

LONGEST_NUMBER = 12
LONGEST_TITLE = 30
METHODS = [("amount", "Amount based"), ("unit", "Unit/quantity based")]
METHOD_FIXED = "Fixed by the first line; take all lines out to change it."


@dataclass(frozen=True)
class HeaderValues:
    """What the header holds."""

    number: str = ""
    title: str = ""
    company_id: str = ""
    date: Date | None = None
    retainage_percent: Decimal = Decimal("0")
    method: str = "amount"
    description: str = ""


def header_of(detail: CommitmentDetail) -> HeaderValues:
    """The header of a saved commitment."""
    row = detail.row
    return HeaderValues(
        row.number, row.title, detail.company_id, row.date, row.retainage_percent, detail.method, detail.description
    )


def header_of_draft(draft: CommitmentDraft) -> HeaderValues:
    """The header of a typed commitment."""
    return HeaderValues(
        draft.number,
        draft.title,
        draft.company_id,
        draft.date,
        draft.retainage_percent,
        draft.method,
        draft.description,
    )


class Header(QWidget):
    """The form. Longer numbers and titles than Sage takes can be typed; the counter turns red and says so."""

    changed = Signal()
    method_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._companies: dict[str, str] = {}
        self.left, self.right, self.terms, self.below = Form(self), Form(self), Form(self), Form(self)
        self.number = TextEdit(limit=LONGEST_NUMBER)
        self.title = TextEdit(limit=LONGEST_TITLE)
        self.vendor = SearchCombo("Type a name or a vendor number")
        self.date = DateEdit()
        self.retainage = PercentEdit()
        self.method = ChoiceCombo(METHODS)
        self.description = NotesEdit()
        self.left.add_row("number", "N&umber", self.number)
        self.left.add_row("title", "T&itle", self.title)
        self.left.add_row("vendor", "&Vendor", self.vendor)
        self.right.add_row("date", "Da&te", self.date)
        self.right.add_row("retainage", "Retaina&ge", self.retainage, unit="%")
        self.terms.add_row("method", "Acco&unting", self.method)
        self.below.add_row("description", "Descri&ption", self.description)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(26)
        grid.setVerticalSpacing(6)
        grid.addWidget(self.left, 0, 0, 2, 1)
        grid.addWidget(self.right, 0, 1)
        grid.addWidget(self.terms, 1, 1)
        grid.addWidget(self.below, 2, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self._fit()
        for form in self._forms():
            form.changed.connect(self._on_changed)

    def _forms(self) -> tuple[Form, ...]:
        return (self.left, self.right, self.terms, self.below)

    def changeEvent(self, event: QEvent) -> None:
        """Keeps the description at two lines in another text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        if hasattr(self, "description"):
            self.description.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 18)

    def field(self, key: str) -> QWidget | None:
        """The field with this key; None when the header has none."""
        found = {
            "number": self.number,
            "title": self.title,
            "vendor": self.vendor,
            "date": self.date,
            "retainage": self.retainage,
            "description": self.description,
        }
        return found.get(key)

    def company_names(self) -> dict[str, str]:
        """The companies to choose from, by id."""
        return dict(self._companies)

    def set_companies(self, companies: Sequence[CompanyRow]) -> None:
        """The companies to choose the vendor from; the hint names the Sage vendor."""
        self._companies = {each.id: each.name for each in companies}
        self.vendor.set_choices(
            [Choice(each.id, each.name, each.sage_vendor or "not linked to a Sage vendor") for each in companies]
        )

    def values(self) -> HeaderValues:
        """What the form holds now."""
        retainage, date, company = self.retainage.value(), self.date.value(), self.vendor.value()
        return HeaderValues(
            number=self.number.value().strip(),
            title=self.title.value().strip(),
            company_id=company or "",
            date=date,
            retainage_percent=retainage if retainage is not None else Decimal("0"),
            method=self.method.value(),
            description=self.description.value().strip(),
        )

    def set_values(self, values: HeaderValues) -> None:
        """Shows other values, without a signal."""
        self.number.set_value(values.number)
        self.title.set_value(values.title)
        self.vendor.set_value(values.company_id or None)
        self.date.set_value(values.date)
        self.retainage.set_value(values.retainage_percent)
        self.method.set_value(values.method)
        self.description.set_value(values.description)
        for form in self._forms():
            form.clear_errors()

    def set_locked(self, reason: str) -> None:
        """Closes every field and says why; '' opens them."""
        for form in self._forms():
            if reason:
                form.lock(reason)
            else:
                form.unlock()

    def set_method_fixed(self, fixed: bool) -> None:
        """Closes the accounting method once the schedule has a line (C2)."""
        if fixed:
            self.terms.lock(METHOD_FIXED, ("method",))
        else:
            self.terms.unlock()

    def check(self) -> bool:
        """Whether every field holds something that can be read; marks those that do not."""
        return all([form.check() for form in self._forms()])

    def start(self) -> None:
        """Puts the cursor into the first field that a person fills."""
        self.title.setFocus()

    def _on_changed(self, key: str) -> None:
        if key == "method":
            self.method_chosen.emit(self.method.value())
        self.changed.emit()
