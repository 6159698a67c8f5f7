"""What the tie-out report says above its lines, on screen, in files and on paper."""

from __future__ import annotations

import textwrap
from datetime import date, datetime

from erpdesk.workflows.tie_out_rows import Place, TieAsk, TieSummary

PERIOD = "accounting date of invoices and costs, transaction date of all else"
NEVER = "never"
STALE = "Items or Sage's figures have changed since this was added up. Press Refresh."
ONLY_IN_SAGE = "{0} is only in Sage, not in erpdesk. Look there under Job Cost > Inquiry."
EMPTY = ("Nothing to tie out", "No item was accepted and Sage holds nothing here. Choose a wider period or scope.")
NONE_OFF = ("Everything ties out here", "Choose “All” to see every line.")
LETTERS_ON_PAPER = 100
BACK = "One place up (Alt+Left)"
NO_BACK = "This is the whole report: there is nothing above it."
WORKING = ("Adding up…", "")


def moment(at: datetime | None) -> str:
    """A moment to the second, in the time of this workstation."""
    return f"{at.astimezone():%m/%d/%Y %I:%M:%S %p}" if at else NEVER


def period(ask: TieAsk) -> str:
    """The period in words."""
    if ask.since is None and ask.until is None:
        return "Period: everything"
    return f"Period: {_day(ask.since, 'the beginning')} to {_day(ask.until, 'today')} ({PERIOD})"


def path(scope: Place, titles: dict[str, str]) -> list[str]:
    """The steps from the whole report to a place, in words."""
    steps = ["All kinds"]
    for at, part in enumerate(scope):
        if at == 0:
            steps.append(titles.get(part, part))
        elif at == 2:
            extra, _, code = part.partition("\t")
            steps.append(f"{extra} {code}".strip() or "No cost code")
        else:
            steps.append(part or ("No job", "", "No category")[at - 1])
    return steps


def lines_above(summary: TieSummary, company: str, place: str, person: str) -> list[str]:
    """What every file and page says before its lines, in lines that fit on an upright page."""
    said = [
        f"{company} · {place}",
        period(summary.ask),
        f"Accepted up to {moment(summary.cut_off)} · Sage's figures as read from {moment(summary.read_began)}",
        summary.verdict(),
        *summary.equations(),
        *(f"Caution: {text}" for text in (*summary.broken, *summary.warnings)),
        *summary.notes,
        f"By {person}",
    ]
    return [line for text in said for line in textwrap.wrap(text, LETTERS_ON_PAPER)]


def _day(day: date | None, otherwise: str) -> str:
    return f"{day:%m/%d/%Y}" if day else otherwise
