"""What goes into an import file, as the writer is asked for it: frozen documents of plain values, nothing looked up.

Amounts are Decimals in cents, quantities and unit costs have four decimals, dates are dates; '' and None are blank. The
commitment itself is ``workflows.ports.CommitmentSnapshot``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from erpdesk.workflows.ports import CommitmentSnapshot

ZERO = Decimal("0.00")
SELF_TEST = "erpdesk self-test"
"""The description of every record that the self-test of record types leaves in a test company."""


@dataclass(frozen=True)
class EstimateLine:
    """One amount of a budget or budget change: a category of a cost code, of the base job (extra '') or of an extra."""

    cost_code: str
    category: str
    date: date
    amount: Decimal
    quantity: Decimal = ZERO
    unit: str = ""
    description: str = ""
    extra: str = ""


@dataclass(frozen=True)
class EstimateFile:
    """The budget of one job, or an approved change of it; Sage adds every line each time it is imported.

    ``extras`` gives the description of each extra that a line names. ``approved_change`` decides what a person ticks in
    Sage; the file is the same.
    """

    job: str
    description: str
    lines: tuple[EstimateLine, ...]
    extras: Mapping[str, str] = field(default_factory=dict)
    approved_change: bool = False

    @property
    def amount(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True)
class Address:
    """Where a commitment goes, or its goods."""

    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


@dataclass(frozen=True)
class LineTerms:
    """What a line of a commitment may carry beyond its schedule of values. Its amount holds the tax."""

    retainage_percent: Decimal | None = None
    delivery_date: date | None = None
    tax_group: str = ""
    tax: Decimal | None = None


@dataclass(frozen=True)
class Terms:
    """What a commitment may carry beyond its snapshot: addresses, a purchase order's terms, its lines' by number."""

    to: Address = Address()
    ship_to: Address = Address()
    ordered_by: str = ""
    terms: str = ""
    ship_via: str = ""
    fob: str = ""
    lines: Mapping[int, LineTerms] = field(default_factory=dict)


@dataclass(frozen=True)
class Commitment:
    """A commitment with its terms."""

    snapshot: CommitmentSnapshot
    terms: Terms = Terms()

    @property
    def amount(self) -> Decimal:
        """The sum of the lines."""
        return self.snapshot.amount


@dataclass(frozen=True)
class ChangeLine:
    """The change of one line of a commitment, with the unit cost that Sage holds for it (None = a lump sum).

    ``new`` is set for a line that the commitment does not have yet: it names its job, extra, cost code and category.
    """

    number: int
    description: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_cost: Decimal | None = None
    new: bool = False
    job: str = ""
    extra: str = ""
    cost_code: str = ""
    category: str = ""


@dataclass(frozen=True)
class CommitmentChange:
    """A commitment change order; its ID is unique within the commitment and each line is changed once."""

    sage_id: str
    change_order: str
    description: str
    date: date
    lines: tuple[ChangeLine, ...]
    status: str = "Approved"

    @property
    def amount(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True)
class DirectCost:
    """A cost charged to a job without a vendor; ``amount`` is debit less credit."""

    job: str
    cost_code: str
    category: str
    transaction_date: date
    accounting_date: date
    amount: Decimal
    debit_account: str
    extra: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit_cost: Decimal | None = None
    credit_account: str = ""
    type: str = "JC cost"


@dataclass(frozen=True)
class LedgerLine:
    """An amount from one general ledger account to another, no job involved."""

    transaction_date: date
    accounting_date: date
    amount: Decimal
    debit_account: str
    credit_account: str
    description: str = ""


@dataclass(frozen=True)
class DirectCosts:
    """One batch of direct costs and general ledger lines under a name of its own; Sage adds it each time."""

    name: str
    costs: tuple[DirectCost, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()

    @property
    def amount(self) -> Decimal:
        """The sum of the job cost lines."""
        return sum((line.amount for line in self.costs), ZERO)


@dataclass(frozen=True)
class Distribution:
    """One line of an invoice: where its cost goes. ``amount`` is gross, ``retainage`` the part of it that is held."""

    amount: Decimal
    commitment: str = ""
    commitment_line: int | None = None
    job: str = ""
    extra: str = ""
    cost_code: str = ""
    category: str = ""
    expense_account: str = ""
    payable_account: str = ""
    description: str = ""
    retainage: Decimal | None = None
    quantity: Decimal | None = None
    unit_cost: Decimal | None = None
    tax_group: str = ""
    tax: Decimal | None = None
    discount: Decimal | None = None
    misc_deduction: Decimal | None = None
    exempt_1099: bool | None = None
    equipment: str = ""
    equipment_cost_code: str = ""
    distribution_code: str = ""
    authorization: str = ""
    joint_payee: str = ""


@dataclass(frozen=True)
class TaxLine:
    """The tax of one group on an invoice, as a record of its own."""

    tax_group: str
    tax: Decimal
    taxable_amount: Decimal | None = None


@dataclass(frozen=True)
class InvoiceFile:
    """An invoice of a vendor. ``amount`` is gross, retainage included; it is the sum of its distributions.

    A blank tax is the sum of the distributions' taxes; a blank discount or deduction is what Sage works out by vendor.
    """

    vendor: str
    invoice: str
    amount: Decimal
    invoice_date: date
    accounting_date: date
    distributions: tuple[Distribution, ...]
    description: str = ""
    tax: Decimal | None = None
    discount: Decimal | None = None
    misc_deduction: Decimal | None = None
    date_received: date | None = None
    discount_date: date | None = None
    payment_date: date | None = None
    invoice_code_1: str = ""
    invoice_code_2: str = ""
    payee_name: str = ""
    payee_address_1: str = ""
    payee_address_2: str = ""
    payee_city: str = ""
    payee_state: str = ""
    payee_zip: str = ""
    taxes: tuple[TaxLine, ...] = ()

    @property
    def retainage(self) -> Decimal:
        """What is held back over all lines."""
        return sum((line.retainage for line in self.distributions if line.retainage is not None), ZERO)


Document = CommitmentSnapshot | Commitment | CommitmentChange | EstimateFile | DirectCosts | InvoiceFile
