"""The pages on which a trainee works in the stand-in Sage's books: posting, paying, vendors, commitments, months."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from operator import attrgetter

from PySide6.QtWidgets import QWidget

from erpdesk.core.money import show_amount
from erpdesk.sync.sandbox import programs
from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.office import Office, VendorCard
from erpdesk.sync.sandbox.programs import PaymentResult, PostResult
from erpdesk.views.kit.card import Check, CheckList, KeyValue, KeyValueGrid
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.date_field import show_date
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.kit.forms import Choice, ChoiceCombo, DateEdit, Form, SearchCombo, TextEdit
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.sage.standin_page import StandInDesk, StandInPage, counted, row_of

_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
VENDOR_FIELDS = ("name", "status", "insurer", "policy", "expires")
MODULES = {"JC": "Job Cost", "AP": "Accounts Payable"}
MONTH_WORDS = {
    "JC": "Post everything first. Month to date becomes last month, and costs dated in the closed month are refused.",
    "AP": "Post everything first. Invoices dated in the closed month are refused.",
}

COMMITMENT_COLUMNS = (
    Column("id", "Commitment", width=120, bold=True, value=attrgetter("id")),
    Column("description", "Description", width=150, stretch=True, value=attrgetter("description")),
    Column("vendor", "Vendor", width=90, value=attrgetter("vendor")),
    Column("amount", "Amount", "money", 120, value=attrgetter("amount")),
    Column("changes", "Approved COs", "money", 116, value=attrgetter("changes")),
    Column("invoiced", "Invoiced", "money", 116, value=attrgetter("invoiced")),
    Column("closed", "Closed", width=70, value=lambda row: "Closed" if row.closed else ""),
)
INVOICE_COLUMNS = (
    Column("vendor", "Vendor", width=100, bold=True, value=attrgetter("vendor")),
    Column("invoice", "Invoice", width=130, value=attrgetter("invoice")),
    Column("day", "Invoice date", "date", 110, value=attrgetter("day")),
    Column("description", "Description", width=200, stretch=True, value=attrgetter("description")),
    Column("amount", "Amount", "money", 120, value=attrgetter("amount")),
    Column("due", "Due", "money", 120, value=attrgetter("due")),
)


class PostPage(StandInPage):
    """Post Entries and Post Invoices: only what is posted moves the figures of a job."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.entries, self.invoices = KeyValueGrid(columns=1), KeyValueGrid(columns=1)
        self.post_entries = ReasonButton("Post &entries", primary=True)
        self.post_invoices = ReasonButton("Post &invoices", primary=True)
        entries = self.card(
            "Job Cost > Tasks > Post Entries",
            "Imported estimates and direct costs lie among the new entries. Until they are posted, no job total moves.",
        )
        entries.add(self.entries)
        entries.add(row_of(self.post_entries))
        invoices = self.card(
            "Accounts Payable > Tasks > Post Invoices",
            "Imported invoices lie among the new ones. Posting gives them to the vendor and their cost to the job.",
        )
        invoices.add(self.invoices)
        invoices.add(row_of(self.post_invoices))
        self.said = CheckList()
        self.said_card = self.card("What Sage remarked when it posted last")
        self.said_card.add(self.said)
        self.said_card.hide()
        self.cards.addStretch(1)
        self.post_entries.pressed_ok.connect(self._post_entries)
        self.post_invoices.pressed_ok.connect(self._post_invoices)

    def show_office(self, office: Office) -> None:
        """Shows what waits to be posted."""
        wait = office.waiting
        self.entries.set_values(
            [
                KeyValue("Not posted", counted(wait.entries, "entry", "entries")),
                KeyValue("Amount", show_amount(wait.entries_amount)),
            ]
        )
        self.invoices.set_values(
            [
                KeyValue("Not posted", counted(wait.invoices, "invoice", "invoices")),
                KeyValue("Amount", show_amount(wait.invoices_amount)),
            ]
        )
        self.post_entries.set_offer(wait.entries > 0, ("There is nothing to post.",))
        self.post_invoices.set_offer(wait.invoices > 0, ("There is nothing to post.",))

    def _post_entries(self) -> None:
        company = self.desk.company
        self.desk.act(lambda: programs.post_entries(company), self._said("entry", "entries"))

    def _post_invoices(self) -> None:
        company = self.desk.company
        self.desk.act(lambda: programs.post_invoices(company), self._said("invoice", "invoices"))

    def _said(self, one: str, many: str) -> Callable[[PostResult], None]:
        def say(result: PostResult) -> None:
            self.said.set_checks([Check(plain_days(each), "warning") for each in result.warnings])
            self.said_card.setVisible(bool(result.warnings))
            if result.stopped:
                self.desk.messages.error(f"Sage stopped: {plain_days(result.stopped)}", topic="post")
                return
            posted = f"{counted(result.posted, one, many)} posted, {show_amount(result.amount)}."
            if result.warnings:
                stay = f" {counted(result.left, one, many)} not posted." if result.left else ""
                self.desk.messages.warning(f"{posted}{stay} The reasons are listed on the page Post.", topic="post")
            else:
                self.desk.messages.success(posted, topic="post")

        return say


class PayPage(StandInPage):
    """Pays posted invoices by check, all but their retainage."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.table = RecordTable(
            "standin-unpaid",
            INVOICE_COLUMNS,
            store=desk.store,
            checkboxes=True,
            noun=("invoice", "invoices"),
            empty_title="Nothing is due",
            empty_hint="Posted invoices stand here until they are paid. Imported ones are posted first.",
        )
        self.pay = ReasonButton("&Pay the ticked invoices", primary=True)
        card = self.card(
            "Accounts Payable > Tasks > Pay Invoices", "Tick the invoices, then pay them. Retainage stays held.", 1
        )
        self.filter = ListBar(self.table, placeholder="Filter invoices", title="Invoices to pay")
        card.add(self.filter)
        card.add(self.table, 1)
        card.add(row_of(self.pay))
        self.table.selection_changed.connect(lambda _ids: self._offer())
        self.pay.pressed_ok.connect(self._pay)
        self._offer()

    def show_office(self, office: Office) -> None:
        """Shows what is due now."""
        self.table.set_rows(office.unpaid)
        self._offer()

    def _offer(self) -> None:
        chosen = self.table.selected_ids()
        self.pay.set_offer(bool(chosen), ("Tick an invoice first.",))

    def _pay(self) -> None:
        company, chosen = self.desk.company, [(row.vendor, row.invoice) for row in self.table.selected_rows()]
        self.desk.act(lambda: programs.pay_invoices(company, chosen), self._told)

    def _told(self, result: PaymentResult) -> None:
        paid = counted(result.invoices, "invoice", "invoices")
        checks = counted(len(result.checks), "check", "checks")
        self.desk.messages.success(f"{paid} paid with {checks}, {show_amount(result.amount)}.")
        self.table.select_ids(())


class VendorPage(StandInPage):
    """Changes a vendor's name, status and general liability insurance, as Accounts Payable does."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.vendors: dict[str, VendorCard] = {}
        self.vendor = SearchCombo("Type a vendor's id or name")
        self.form = Form()
        self.form.add_row("vendor", "&Vendor", self.vendor)
        self.form.add_row("name", "&Name", TextEdit(30))
        self.form.add_row("status", "Stat&us", ChoiceCombo([("Active", "Active"), ("Inactive", "Inactive")]))
        self.form.add_section("General liability insurance")
        self.form.add_row("insurer", "Co&mpany", TextEdit(30))
        self.form.add_row("policy", "&Policy number", TextEdit(25))
        self.form.add_row("expires", "&Expires", DateEdit())
        self.save = ReasonButton("&Save vendor", primary=True)
        card = self.card(
            "Accounts Payable > Setup > Vendors", "What changes here is new to erpdesk until it reads Sage."
        )
        card.add(self.form)
        card.add(row_of(self.save))
        self.cards.addStretch(1)
        self.vendor.value_changed.connect(lambda _value: self._show())
        self.form.submitted.connect(self.save.click)
        self.form.changed.connect(lambda _key: self._offer())
        self.save.pressed_ok.connect(self._save)
        self._show()

    def show_office(self, office: Office) -> None:
        """Offers the vendors; what is being typed stays."""
        before = self.vendors.get(self.vendor.value() or "")
        known = {each.id: each for each in office.vendors}
        if known != self.vendors:
            # Other entries close an open list; the same ones leave it alone.
            self.vendors = known
            self.vendor.set_choices([Choice(each.id, f"{each.id} {each.name}", _hint(each)) for each in office.vendors])
        if self.vendors.get(self.vendor.value() or "") != before:
            self._show()

    def _show(self) -> None:
        shown = self.vendors.get(self.vendor.value() or "")
        if shown is None:
            self.form.set_values({"name": "", "insurer": "", "policy": "", "expires": None})
        else:
            self.form.set_values({key: getattr(shown, key) for key in VENDOR_FIELDS})
        for key in VENDOR_FIELDS:
            self.form.field(key).set_read_only(shown is None)
        self._offer()

    def _offer(self) -> None:
        shown = self.vendors.get(self.vendor.value() or "")
        if shown is None:
            self.save.set_offer(False, ("Choose a vendor first.",))
            return
        same = all(getattr(shown, key) == self.form.value(key) for key in VENDOR_FIELDS)
        self.save.set_offer(not same, ("Nothing is changed.",))

    def _save(self) -> None:
        shown = self.vendors.get(self.vendor.value() or "")
        if shown is None or not self.form.check():
            return
        company, values = self.desk.company, self.form.values()
        expires = values["expires"]
        columns = {
            "Name": values["name"],
            "Status": values["status"],
            "GL_Ins_Company": values["insurer"],
            "GL_Ins_Policy_Number": values["policy"],
            "GL_Ins_Expiration_Dt": expires.isoformat() if expires else None,
        }
        self.desk.act(
            lambda: programs.edit_vendor(company, shown.id, **columns),
            lambda _nothing: self.desk.messages.success(f"Vendor {shown.id} is saved in Sage."),
        )


def plain_days(sentence: str) -> str:
    """A sentence of Sage's with its dates as accountants write them."""
    return _DAY.sub(r"\2/\3/\1", sentence)


def _hint(vendor: VendorCard) -> str:
    return "" if vendor.status == "Active" else vendor.status


class CommitmentsPage(StandInPage):
    """Lists Sage's commitments and deletes one, which erpdesk then finds gone."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.table = RecordTable(
            "standin-commitments",
            COMMITMENT_COLUMNS,
            store=desk.store,
            noun=("commitment", "commitments"),
            empty_title="Sage holds no commitments",
            empty_hint="Import a commitment file, and they appear here.",
        )
        self.delete = ReasonButton("&Delete commitment…", danger=True)
        card = self.card(
            "Job Cost > Setup > Commitments", "Sage lets a commitment be deleted while nothing is invoiced on it.", 1
        )
        self.filter = ListBar(self.table, placeholder="Filter commitments", title="Commitments in Sage")
        card.add(self.filter)
        card.add(self.table, 1)
        card.add(row_of(self.delete))
        self.table.current_changed.connect(lambda _id: self._offer())
        self.table.selection_changed.connect(lambda _ids: self._offer())
        self.delete.pressed_ok.connect(self._ask)
        self._offer()

    def show_office(self, office: Office) -> None:
        """Shows the commitments as they are now."""
        self.table.set_rows(office.commitments)
        self._offer()

    def _offer(self) -> None:
        reasons = []
        rows = self.table.selected_rows()
        if len(rows) != 1:
            reasons.append("Choose one commitment first.")
        elif rows[0].invoiced:
            reasons.append(f"{rows[0].id} is invoiced with {show_amount(rows[0].invoiced)}; Sage keeps it.")
        self.delete.set_offer(not reasons, reasons)

    def _ask(self) -> None:
        row = self.table.selected_rows()[0]
        company = self.desk.company

        def go() -> None:
            self.desk.act(
                lambda: programs.delete_commitment(company, row.id),
                lambda _nothing: self.desk.messages.success(f"Commitment {row.id} is deleted in Sage."),
            )

        text = f"{row.id} {row.description}, {show_amount(row.amount)}, leaves Sage with its items and change orders."
        confirm(self, "Delete the commitment in Sage?", text, "Delete commitment", go, danger=True)


class MonthPage(StandInPage):
    """Closes the month of Job Cost or Accounts Payable: nothing may be dated in it any more."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.facts: dict[str, KeyValueGrid] = {}
        self.buttons: dict[str, ReasonButton] = {}
        for module, name in MODULES.items():
            card = self.card(f"{name} > Tasks > Close Month", MONTH_WORDS[module])
            facts, button = KeyValueGrid(columns=1), ReasonButton(f"Close the month of {name}", primary=True)
            card.add(facts)
            card.add(row_of(button))
            button.pressed_ok.connect(partial(self._ask, module))
            self.facts[module], self.buttons[module] = facts, button
        self.cards.addStretch(1)

    def show_office(self, office: Office) -> None:
        """Shows through which day each module is closed."""
        for module, closed in (("JC", office.jc_closed), ("AP", office.ap_closed)):
            self.facts[module].set_values([KeyValue("Closed through", show_date(closed) if closed else "Nothing yet")])

    def _ask(self, module: str) -> None:
        company, name = self.desk.company, MODULES[module]

        def go() -> None:
            self.desk.act(
                lambda: programs.close_month(company, module),
                lambda day: self.desk.messages.success(f"{name} is closed through {show_date(day)}."),
            )

        month = f"{month_to_close(company.settings, module):%B %Y}"
        text = f"Nothing can be dated in this month of {name} any more. Closing a month cannot be undone."
        confirm(self, f"Close {month} of {name}?", text, f"Close {month}", go, danger=True)


def month_to_close(settings: Settings, module: str) -> date:
    """A day of the month that Sage closes next: the one after the closed period, else that of the books."""
    if module == "AP" and settings.ap_closed_through:
        return date.fromisoformat(settings.ap_closed_through) + timedelta(days=1)
    return settings.books_day
