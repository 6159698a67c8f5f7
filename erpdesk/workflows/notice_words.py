"""What the mails say: plain text, short, and never a bank account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from erpdesk.core.money import ZERO, show_amount
from erpdesk.models.erp import Closing
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.doubt_rows import SAW_WORDS
from erpdesk.workflows.erp_item import Kind
from erpdesk.workflows.rows import QueueRow

SUBJECT = "ERP Integrations Daily Summary"
MOST = 50
"""Items that a summary lists; more of them are counted."""

UNSUBSCRIBE = (
    "This mail comes once a day while something waits. “Subscribe to ERP digest emails” in your record under People "
    "turns it off."
)


@dataclass(frozen=True)
class Waiting:
    """An item that waits for accounting: to be decided on, to be rejected after a failed export, or to be settled."""

    kind: Kind
    view: View
    row: QueueRow
    sent_by_id: str


def summary(company: str, items: Sequence[Waiting], reader: str, day: date, now: datetime) -> tuple[str, str]:
    """Subject and text of the daily summary of the items that ``reader`` may decide on."""
    ready = [each for each in items if each.view is View.READY_TO_EXPORT]
    mine = [each for each in ready if each.sent_by_id != reader]
    lines = [SUBJECT, f"{company}, {_day(day)}", ""]
    if mine:
        total = sum((each.row.amount for each in mine), ZERO)
        oldest = (now - min(each.row.sent_at for each in mine)).days
        age = f" The oldest has waited {_count(oldest, 'day', 'days')}." if oldest else ""
        verb = "waits" if len(mine) == 1 else "wait"
        lines += [f"{_count(len(mine), 'item', 'items')} {verb} for a decision, {_money(total)} in all.{age}", ""]
        lines += _listed(mine)
    lines += _counted(items, len(ready) - len(mine))
    lines += ["Open erpdesk, ERP Integrations, to decide.", "", UNSUBSCRIBE]
    return SUBJECT, "\n".join(lines)


def _listed(items: Sequence[Waiting]) -> Iterator[str]:
    title = ""
    for each in items[:MOST]:
        row = each.row
        if each.kind.title != title:
            title = each.kind.title
            yield title
        yield f"  {row.number}  {row.title}".rstrip()
        facts = (row.vendor_name or row.vendor, f"job {row.job}" if row.job else "", _money(row.amount))
        yield "    " + ", ".join(fact for fact in facts if fact)
        yield f"    sent by {row.sent_by} on {_day(row.sent_at.astimezone().date())}"
    if len(items) > MOST:
        yield f"  and {len(items) - MOST} more"
    yield ""


def _counted(items: Sequence[Waiting], own: int) -> Iterator[str]:
    failed = sum(each.view is View.FAILED_TO_EXPORT for each in items)
    doubt = sum(each.view is View.IN_DOUBT for each in items)
    if failed:
        verb = "has" if failed == 1 else "have"
        yield f"{_count(failed, 'export', 'exports')} failed and {verb} to be rejected, so that it can be corrected."
    if doubt:
        verb = "is" if doubt == 1 else "are"
        yield f"{_count(doubt, 'export', 'exports')} {verb} in doubt: somebody has to look in Sage."
    if own:
        verb = "waits" if own == 1 else "wait"
        yield f"{_count(own, 'item', 'items')} that you sent yourself {verb} for another approver."
    if failed or doubt or own:
        yield ""


def rejected(company: str, kind: Kind, row: QueueRow, who: str, comment: str, at: datetime) -> tuple[str, str]:
    """Subject and text of the mail about a rejection."""
    one = kind.noun[0]
    subject = f"{company}: ERP {one.title()} Rejection Notification"
    lines = [
        f"{who} rejected {one} {row.number} on {_day(at.astimezone().date())}.",
        "",
        f"  {row.number}  {row.title}".rstrip(),
        "    " + ", ".join(fact for fact in (row.vendor_name or row.vendor, _job(row), _money(row.amount)) if fact),
        "",
    ]
    if comment:
        lines += ["Comment:", *(f"  {line}" for line in comment.splitlines()), ""]
    else:
        lines += ["No comment was given.", ""]
    lines.append(f"It can be edited again in {kind.tool}. Correct it and re-send it to ERP, or leave it as it is.")
    return subject, "\n".join(lines)


def closing(company: str, kind: Kind, row: QueueRow, who: str, stated: Closing) -> tuple[str, str]:
    """Subject and text of the mail about a statement on a doubt that waits for a second person."""
    one = kind.noun[0]
    look = f" under {kind.look_at}" if kind.look_at else ""
    lines = [
        f"{who} looked in Sage for {one} {row.sage_id}, which is in doubt, and stated on "
        f"{_day(stated.stated_at.astimezone().date())}:",
        "",
        f"  {SAW_WORDS[stated.saw]}.",
        *(f"  {line}" for line in stated.note.splitlines()),
        "",
        f"  {row.number}  {row.title}".rstrip(),
        "    " + ", ".join(fact for fact in (row.vendor_name or row.vendor, _job(row), _money(row.amount)) if fact),
        "",
        f"A second person has to look in Sage too{look}, and to confirm or refuse it. Open erpdesk, ERP Integrations, "
        "In doubt.",
    ]
    return f"{company}: {row.sage_id} waits for a second person", "\n".join(lines)


def trial(company: str) -> tuple[str, str]:
    """Subject and text of the mail that proves the settings."""
    return (
        f"{company}: test mail from erpdesk",
        "The mail settings work: erpdesk reached the mail server, which proved its name, and it took this mail.",
    )


def _job(row: QueueRow) -> str:
    return f"job {row.job}" if row.job else ""


def _money(amount: Decimal) -> str:
    return f"${show_amount(amount)}" if amount >= 0 else f"(${show_amount(-amount)})"


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
