"""What Sage's own screens show of a company: vendors, commitments, what waits to be posted or paid, the mailbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.sync.sandbox.company import SandboxCompany

T = TypeVar("T")
CENT = Decimal("0.01")


MAIL = (".jcc", ".jce", ".txt", ".prn", ".rej")
"""The endings of files that Sage imports or prints."""


@dataclass(frozen=True)
class VendorCard:
    """A vendor as Accounts Payable shows it, with its general liability insurance."""

    id: str
    name: str
    status: str
    insurer: str
    policy: str
    expires: date | None


@dataclass(frozen=True)
class CommitmentCard:
    """A commitment with what it comes to, its approved changes and what was invoiced."""

    id: str
    description: str
    vendor: str
    amount: Decimal
    changes: Decimal
    invoiced: Decimal
    closed: bool


@dataclass(frozen=True)
class OpenInvoice:
    """A posted invoice with what is left to pay; retainage that is held is not due."""

    id: tuple[str, str]
    description: str
    amount: Decimal
    due: Decimal
    day: date | None

    @property
    def vendor(self) -> str:
        """The vendor's id."""
        return self.id[0]

    @property
    def invoice(self) -> str:
        """The vendor's invoice number."""
        return self.id[1]


@dataclass(frozen=True)
class Waiting:
    """What was imported and waits to be posted: how many, and the sum of their amounts."""

    entries: int = 0
    entries_amount: Decimal = Decimal("0.00")
    invoices: int = 0
    invoices_amount: Decimal = Decimal("0.00")


@dataclass(frozen=True)
class MailFile:
    """A file in the folder for imports; ``size`` in bytes, ``at`` aware UTC."""

    id: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Office:
    """Everything at one moment."""

    name: str
    vendors: tuple[VendorCard, ...]
    commitments: tuple[CommitmentCard, ...]
    unpaid: tuple[OpenInvoice, ...]
    waiting: Waiting
    mailbox: tuple[MailFile, ...]
    jc_closed: date | None
    ap_closed: date | None


def look(company: SandboxCompany) -> Office:
    """Reads what Sage's screens show, through Sage's own connection: its faults are for other programs.

    Raises SageUnavailable when the company's folder is gone.
    """
    return plainly(lambda: _look(company))


def plainly(act: Callable[[], T]) -> T:
    """Carries out an act of the stand-in; what stops it comes out as SageUnavailable in plain words."""
    try:
        return act()
    except ForPeople:
        raise
    except (OSError, sqlite3.Error) as error:
        words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SageUnavailable(
            f"Sage stopped: {words}.",
            kept="Nothing was changed in Sage.",
            next_step="See whether a switch under What can go wrong is on, then try again.",
        ) from error


def _look(company: SandboxCompany) -> Office:
    settings = company.settings
    with closing(company.writable()) as connection:
        connection.execute("BEGIN")
        return Office(
            company.name,
            tuple(_vendor(*row) for row in connection.execute(_VENDORS)),
            tuple(_commitment(*row) for row in connection.execute(_COMMITMENTS)),
            tuple(
                OpenInvoice((row[0], row[1]), row[2], _money(row[3]), _money(row[4]), _day(row[5]))
                for row in connection.execute(_UNPAID)
            ),
            Waiting(*_sum(connection, "JCT_NEW__TRANSACTION"), *_sum(connection, "API_NEW__INVOICE")),
            mailbox(company),
            _day(settings.jc_closed_through),
            _day(settings.ap_closed_through),
        )


def mailbox(company: SandboxCompany) -> tuple[MailFile, ...]:
    """The files to import, journals and rejected records that lie in the folder for imports, by name."""
    found = []
    for path in sorted(company.imports.iterdir()):
        # What other programs keep there for themselves is none of Sage's business.
        if path.is_file() and path.suffix.lower() in MAIL:
            kept = path.stat()
            found.append(MailFile(path.name, kept.st_size, datetime.fromtimestamp(kept.st_mtime, UTC)))
    return tuple(found)


_VENDORS = """
SELECT Vendor, Name, Status, GL_Ins_Company, GL_Ins_Policy_Number, GL_Ins_Expiration_Dt
FROM APM_MASTER__VENDOR ORDER BY Vendor
"""
_COMMITMENTS = """
SELECT Commitment, Description, Vendor, Amount, Approved_Commitment_CO_Amount, Amount_Invoiced, Closed
FROM JCM_MASTER__COMMITMENT ORDER BY Commitment
"""
_UNPAID = """
SELECT Vendor, Invoice, Description, Amount, Amount - Retainage - Amount_Paid, Invoice_Date
FROM APM_MASTER__INVOICE WHERE Status = 'Not paid' AND ABS(Amount - Retainage - Amount_Paid) >= 0.005
ORDER BY Vendor, Invoice
"""


def _vendor(vendor: str, name: str, status: str, insurer: str, policy: str, expires: Any) -> VendorCard:
    return VendorCard(vendor, name, status, insurer, policy, _day(expires))


def _commitment(
    commitment: str, description: str, vendor: str, amount: Any, changes: Any, invoiced: Any, closed: int
) -> CommitmentCard:
    figures = (_money(amount), _money(changes), _money(invoiced))
    return CommitmentCard(commitment, description, vendor, *figures, bool(closed))


def _sum(connection: sqlite3.Connection, table: str) -> tuple[int, Decimal]:
    count, total = connection.execute(f"SELECT COUNT(*), TOTAL(Amount) FROM {table}").fetchone()
    return int(count), _money(total)


def _money(value: Any) -> Decimal:
    return Decimal(repr(float(value))).quantize(CENT)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


LONGEST_PAPER = 200_000


@dataclass(frozen=True)
class Papers:
    """The texts that belong to an import: what came in, what Sage printed, what it rejected; None = not there."""

    file: str | None
    journal: str | None
    rejects: str | None


def papers(file: Path, journal: Path, rejects: Path) -> Papers:
    """Reads the three papers of an import, in Sage's code page; a very long one ends early and says so."""
    return Papers(_text(file), _text(journal), _text(rejects))


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as opened:
            data = opened.read(LONGEST_PAPER + 1)
    except FileNotFoundError:
        return None
    text = data[:LONGEST_PAPER].decode("cp1252", "replace").replace("\r\n", "\n")
    return text + ("\n… the file goes on." if len(data) > LONGEST_PAPER else "")
