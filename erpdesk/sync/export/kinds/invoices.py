"""Invoices of vendors: an import leaves them waiting in Sage, and they are final once somebody posts them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from erpdesk.core.errors import BadSageData
from erpdesk.sync.export.kinds.kind import ExportKind, Place, Wanted
from erpdesk.sync.export.kinds.natural import NaturalKey, Read, Seen
from erpdesk.sync.sage.fresh import no_lines, not_shown, unreadable
from erpdesk.sync.sage.fresh_rows import Held, Key, bare, count, held, lacking, rows_of
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing_items import invoice_reasons
from erpdesk.sync.sage.verify_invoices import another_invoice, compare_invoice
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import Document, InvoiceFile

POSTED, POSTED_LINES = "APM_MASTER__INVOICE", "APM_MASTER__DISTRIBUTION"
WAITING, WAITING_LINES = "API_NEW__INVOICE", "API_NEW__DISTRIBUTION"
_KEY = ("Vendor", "Invoice")
_HEAD = ("Description", "Amount", "Retainage", "Invoice_Date", "Accounting_Date")
_LINE = ("Job", "Extra", "Cost_Code", "Category", "Commitment", "Commitment_Line_Item", "Amount", "Retainage")
_HIDDEN = (
    "This Sage company does not show invoices that wait to be posted, so erpdesk can tell only after posting whether "
    "{named} is there. Post the invoices in Sage (Accounts Payable > Tasks > Post Invoices)."
)


class InvoiceReadBack(NaturalKey):
    """Finds an invoice by vendor and number among those that wait to be posted and those that are posted."""

    plural: ClassVar[str] = "invoices"

    def key(self, document: Document) -> Key:
        """Vendor and invoice number."""
        invoice = invoice_of(document)
        return bare((invoice.vendor, invoice.invoice))

    def named(self, document: Document) -> str:
        """The number and the vendor, in words."""
        invoice = invoice_of(document)
        return f"invoice {invoice.invoice} of {invoice.vendor}"

    def held(self, session: Session, known: Capabilities) -> tuple[Held, ...]:
        """The ID of every invoice, waiting or posted."""
        waiting, posted = _ids(session, known)
        return (posted,) if waiting is None else (waiting, posted)

    def counted(self, session: Session, known: Capabilities) -> dict[str, Any]:
        """How many invoices Sage shows, and how many of them wait to be posted (None = it does not show those)."""
        waiting = count(session, known, WAITING) if known.unposted_invoices else None
        return {"count": count(session, known, POSTED) + (waiting or 0), "new": waiting}

    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """Vendor, commitments with their lines, jobs and codes as Sage holds them now."""
        return invoice_reasons(session, known, invoice_of(document))

    def read(self, session: Session, known: Capabilities, wanted: Sequence[Wanted]) -> Read:
        """What Sage shows of each invoice, waiting or posted."""
        lacks = (*lacking(known, POSTED, _HEAD), *lacking(known, POSTED_LINES, _LINE))
        if lacks:
            raise BadSageData(
                f"This Sage company does not show {', '.join(lacks)}, so erpdesk cannot tell which invoices it has.",
                next_step="Check the permissions of the Sage user.",
            )
        waiting, posted = _ids(session, known)
        shown = waiting is not None and not (*lacking(known, WAITING, _HEAD), *lacking(known, WAITING_LINES, _LINE))
        total = posted.count + (waiting.count if waiting else 0)
        news = [self.found(known, waiting, each) if waiting else [] for each in wanted]
        olds = [self.found(known, posted, each) for each in wanted]
        single = [(*new, *old) for new, old in zip(news, olds, strict=True)]
        new_keys = [new[0] for new, both in zip(news, single, strict=True) if new and len(both) == 1]
        old_keys = [old[0] for old, both in zip(olds, single, strict=True) if old and len(both) == 1]
        new = _Rows(session, known, (WAITING, WAITING_LINES), waiting, new_keys) if waiting and shown else None
        old = _Rows(session, known, (POSTED, POSTED_LINES), posted, old_keys)
        seen = []
        for each, waits, both in zip(wanted, news, single, strict=True):
            invoice = invoice_of(each.document)
            if len(both) > 1:
                seen.append(Seen(len(both)))
            elif not both:
                seen.append(
                    Seen(
                        problem=self._untold(each, waiting, total),
                        undecidable=waiting is None and each.baseline is not None,
                    )
                )
            elif waits and new is None:
                seen.append(Seen(1, problem=_HIDDEN.format(named=self.named(invoice)), undecidable=True))
            elif waits and new is not None:
                seen.append(replace(new.seen(invoice, both[0]), unposted=True))
            else:
                seen.append(old.seen(invoice, both[0]))
        return Read(seen, total, {"new": waiting.count if waiting else None})

    def _untold(self, each: Wanted, waiting: Held | None, total: int) -> str:
        """Why it cannot be told that an invoice is absent, once its file could reach Sage; '' when it is."""
        if each.baseline is None:
            return ""
        named = self.named(each.document)
        if waiting is None:
            return _HIDDEN.format(named=named)
        before = each.baseline.get("new") or 0
        if before and not waiting.count and total < each.baseline.get("count", 0):
            # What was posted shows among the posted ones; what was not is hidden.
            return (
                f"Sage shows no invoice that waits to be posted, but showed {before} before, and they were not posted, "
                f"so it cannot be told whether {named} is there. Check the permissions of the Sage user."
            )
        return ""


class _Rows:
    """The invoices of one place with their lines."""

    def __init__(
        self, session: Session, known: Capabilities, names: tuple[str, str], ids: Held, keys: Sequence[Key]
    ) -> None:
        # Lines first: a posting in between takes the invoice away too, and never leaves it without its lines.
        self._lines = rows_of(session, known, names[1], "Invoice", keys, ids)
        self._heads = rows_of(session, known, names[0], "Invoice", keys, ids)
        bare_one = any(key in self._heads.rows and key not in self._lines.rows for key in keys)
        if bare_one and not count(session, known, names[1]):
            raise no_lines("invoice")

    def seen(self, invoice: InvoiceFile, key: Key) -> Seen:
        """What differs of an invoice that is there once."""
        named = f"invoice {key[1]} of vendor {key[0]}"
        why = self._heads.problems.get(key) or self._lines.problems.get(key)
        if why or not self._heads.rows.get(key):
            return Seen(1, problem=str(unreadable(named, why) if why else not_shown(named)))
        head, lines = self._heads.rows[key][0], self._lines.rows.get(key, [])
        differences = compare_invoice(invoice, head, lines)
        return Seen(1, differences, bool(differences) and another_invoice(invoice, head, lines))


def invoice_of(document: Document) -> InvoiceFile:
    """The document as the invoice that it is; raises TypeError for another kind."""
    if not isinstance(document, InvoiceFile):
        raise TypeError(f"{type(document).__name__} is not an invoice")
    return document


def _ids(session: Session, known: Capabilities) -> tuple[Held | None, Held]:
    """The IDs of the invoices that wait to be posted (None where Sage does not show them), and of the posted ones.

    Those that wait are read first: what is posted meanwhile is then seen in both places, and never in none.
    """
    waiting = held(session, known, WAITING, _KEY) if known.unposted_invoices else None
    posted = held(session, known, POSTED, _KEY)
    both = waiting.written.keys() & posted.written.keys() if waiting else set()
    if waiting and both:
        still = held(session, known, WAITING, _KEY).written.keys()
        waiting = waiting.without(both - still)
    return waiting, posted


def _document(payload: str, sage_id: str) -> Document:
    """The invoice of a payload. ``sage_id`` is the natural key: the vendor, a blank, and the number decided."""
    invoice = invoice_of(document_text.from_text(payload))
    vendor, _, number = sage_id.partition(f"{invoice.vendor} ")
    if vendor or not number:
        raise ValueError(f"{sage_id!r} is no invoice of vendor {invoice.vendor}")
    return replace(invoice, invoice=number)


def _number(document: Document) -> str:
    return invoice_of(document).invoice


INVOICE = ExportKind(
    layout="ap_fixed",
    name="invoice",
    noun="invoice",
    place=Place.named("invoices", "txt"),
    record_type="invoice",
    letters="APIF",
    document=_document,
    printed=_number,
    part=_number,
    read_back=InvoiceReadBack(),
    look_at="Accounts Payable > Inquiry > Invoices",
    posting="Accounts Payable > Tasks > Post Invoices",
)
