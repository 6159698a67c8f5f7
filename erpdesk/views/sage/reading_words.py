"""The lists of the reading page: their columns, and the sentences that say what a row means and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpdesk.core.clock import CLOCK, ago
from erpdesk.core.money import show_amount
from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill

if TYPE_CHECKING:
    from erpdesk.sync.mirror.book import RunRow, TableRow
    from erpdesk.sync.mirror.facts import OddRow
    from erpdesk.sync.mirror.foreign import ForeignRow

STATE_LOOKS = {
    "As in Sage": ("green", "check"),
    "Older rows kept": ("yellow", "warning"),
    "Waits for a decision": ("red", "warning"),
    "Never read": ("grey", "clock"),
    "Not in this company": ("grey", "info"),
}
NEXT_STEP = {
    "As in Sage": "",
    "Older rows kept": "Read again",
    "Waits for a decision": "Decide",
    "Never read": "Read now",
    "Not in this company": "",
}
FOREIGN_LOOKS = {
    "New in Sage": ("yellow", "add"),
    "Changed in Sage": ("yellow", "edit"),
    "Gone from Sage": ("red", "delete"),
}
FOREIGN_NEXT = {
    "New in Sage": (
        "On a synced job commitments and their change orders are made in erpdesk. Ask who made this one; it is in the "
        "committed cost of the job as long as it stands in Sage. erpdesk changes nothing there."
    ),
    "Changed in Sage": (
        "Sage does not agree any more with what was accepted here. Put it right in Sage, or note why it differs. "
        "erpdesk changes nothing there."
    ),
    "Gone from Sage": (
        "What was accepted here is no longer in Sage. Ask who deleted it, and look at invoices that name it. "
        "erpdesk sends nothing again by itself."
    ),
}
NEVER = "Sage has not been read yet."
NOT_READ = ("Sage has not been read yet", "Press Read now.")
NOTHING_ODD = ("Nothing was set aside", "Every row of the last reading could be used as it stands.")
NOTHING_FOREIGN = (
    "Nothing was done in Sage without erpdesk",
    "Commitments that somebody makes, changes or deletes in Sage on a synced job are listed here.",
)
NOT_WATCHED = ("No job is watched yet", "A job is watched from the first reading after its project was linked with it.")
NO_LOSS = ("Choose a table that waits for a decision. No other has a loss to accept.",)
WORKING = ("This is being noted just now.",)
PROMPT = (
    "{problem}\n\nAccepting takes over this loss at the next reading, once. If more is gone by then, the earlier rows "
    "stay and you are asked again. Your name and reason are kept in the audit trail."
)
WHOLE_ROW = "Whole row"
MOST_PROBLEMS = 2


def came_out(rows: Sequence[RunRow]) -> tuple[bool, str]:
    """Whether a reading (its runs, at least one) went well, and what came of it: ``Read 14:03: 3 rows changed.``"""
    at = f"Read {max(row.ended for row in rows).astimezone():%H:%M}"
    problems = list(dict.fromkeys(row.problem for row in rows if row.problem))
    if problems:
        more = f" {len(problems) - MOST_PROBLEMS} more: see Runs." if len(problems) > MOST_PROBLEMS else ""
        return False, f"{at}: {' '.join(problems[:MOST_PROBLEMS])}{more}"
    counts = sum(row.came for row in rows), sum(row.changed for row in rows), sum(row.gone for row in rows)
    parts = [
        f"{count:,} {'row' if count == 1 else 'rows'} {word}"
        for count, word in zip(counts, ("new", "changed", "gone"), strict=True)
        if count
    ]
    return True, f"{at}: {', '.join(parts) or 'nothing changed'}."


def _with_age(at: datetime) -> str:
    return f"{day_and_time(at)} · {ago(at, CLOCK.now())}"


def _took(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _run_pill(row: RunRow) -> Pill:
    return Pill("Taken over", "green", "check") if row.ok else Pill("Older rows kept", "yellow", "warning")


TABLES = (
    Column("title", "Table", width=180, bold=True, stretch=True, value=lambda row: row.title),
    Column("state", "State", "status", 166, value=lambda row: Pill(row.state.value, *STATE_LOOKS[row.state])),
    Column("next", "What to do", width=96, whole=True, value=lambda row: NEXT_STEP[row.state]),
    Column(
        "as_of",
        "As of",
        "date",
        172,
        value=lambda row: row.as_of,
        text=_with_age,
        tooltip="When the reading began; what was entered in Sage later is not in it",
    ),
    Column("rows", "Rows", "number", 78, value=lambda row: row.rows if row.as_of else None),
    Column("odd", "Set aside", "number", 80, value=lambda row: row.set_aside or None),
    Column("sage", "Name in Sage", width=230, show=False, value=lambda row: row.id),
)
RUNS = (
    Column("began", "Began", "date", 132, value=lambda row: row.began, text=day_and_time),
    Column("table", "Table", width=170, bold=True, stretch=True, value=lambda row: row.table),
    Column("outcome", "Outcome", "status", 140, value=_run_pill),
    Column("rows", "Rows", "number", 80, value=lambda row: row.rows, tooltip="What the mirror held afterwards"),
    Column("came", "Came", "number", 68, value=lambda row: row.came or None),
    Column("changed", "Changed", "number", 78, value=lambda row: row.changed or None),
    Column("gone", "Gone", "number", 68, value=lambda row: row.gone or None),
    Column("odd", "Set aside", "number", 84, value=lambda row: row.set_aside or None),
    Column("notes", "Notes", "number", 66, show=False, value=lambda row: row.notes or None),
    Column("kind", "Compared", width=110, show=False, value=lambda row: row.kind),
    Column("took", "Took", width=78, align="right", value=lambda row: _took(row.ended - row.began)),
    Column("problem", "Problem", width=240, value=lambda row: row.problem),
)
ODD = (
    Column("table", "Table", width=160, bold=True, value=lambda row: row.table),
    Column("key", "Row", width=190, value=lambda row: row.key or "(its key is unreadable)"),
    Column("column", "Column", width=130, value=lambda row: row.column or WHOLE_ROW),
    Column("reason", "Why", width=260, stretch=True, value=lambda row: row.reason),
    Column("raw", "As it stands in Sage", width=220, show=False, value=lambda row: row.raw),
)
FOREIGN = (
    Column("kind", "What happened", "status", 150, value=lambda row: Pill(row.kind.value, *FOREIGN_LOOKS[row.kind])),
    Column("commitment", "Commitment", width=112, bold=True, value=lambda row: row.commitment),
    Column("change_order", "CO", width=50, whole=True, value=lambda row: row.change_order, tooltip="Change order"),
    Column("job", "Job", width=80, whole=True, value=lambda row: row.job),
    Column("vendor", "Vendor", width=84, whole=True, value=lambda row: row.vendor),
    # Commitments, change orders and changed amounts are different things: a sum of them means nothing.
    Column("amount", "Amount", "money", 108, total=False, value=lambda row: row.amount),
    Column("seen", "First seen", "date", 104, value=lambda row: row.seen, text=day_and_time),
    Column("title", "Title", width=110, stretch=True, value=lambda row: row.title),
    Column("operator", "Operator", width=84, value=lambda row: row.operator, tooltip="Who touched it last in Sage"),
)


def about_table(row: TableRow) -> str:
    """What the state of a table means."""
    state = row.state.value
    if state == "As in Sage":
        kept = f"{row.rows:,} rows, as Sage held them when the reading began. What was entered later is not among them."
        return f"{kept} {_odd_words(row)}".strip()
    if state == "Waits for a decision":
        return (
            f"{row.problem} Until then nothing of this table is taken over. If the rows are rightly gone, accept the "
            "loss; it is noted with your name and reason, and the next reading takes it over once."
        )
    if state == "Not in this company":
        return (
            f"Sage shows no table {row.id} here: the module is not installed, or this Sage user may not read it. "
            "erpdesk works without it."
        )
    if row.problem:
        return row.problem
    return "Sage has not been read yet. Press Read now."


def _odd_words(row: TableRow) -> str:
    parts = []
    if row.set_aside:
        parts.append(f"{row.set_aside:,} set aside")
    if row.notes:
        parts.append(f"{row.notes:,} values not taken as they stand")
    return f"{' and '.join(parts).capitalize()}: see Set aside." if parts else ""


def about_run(row: RunRow) -> str:
    """How one reading went."""
    counts = (
        f"{row.rows:,} rows afterwards: {row.came:,} came, {row.changed:,} changed, {row.gone:,} gone, "
        f"{row.set_aside:,} set aside, {row.notes:,} notes."
    )
    return f"{row.problem} {counts}" if row.problem else f"Agrees with what Sage itself counts. {counts}"


def about_odd(row: OddRow) -> str:
    """Why a row or a value was not taken, and what follows."""
    if row.column:
        return f"{row.reason} The rest of the row was taken. Below is the value as it stands in Sage."
    return (
        f"{row.reason} The row is not used until it is corrected in Sage; everything else was taken. "
        "Below is the row as it stands in Sage."
    )


def about_foreign(row: ForeignRow, jobs: Mapping[str, str], since: Mapping[str, datetime]) -> str:
    """What was done in Sage, on which project, and what to do."""
    project = f" Project {jobs[row.job]}." if row.job in jobs else ""
    watched = f" Job {row.job} has been watched since {day_and_time(since[row.job])}." if row.job in since else ""
    amount = f" In Sage: {show_amount(row.amount)}." if row.amount is not None else ""
    return f"{row.what}{amount}{project}{watched}\n{FOREIGN_NEXT[row.kind]}"
