"""How the page about the export journal speaks."""

from __future__ import annotations

from operator import attrgetter

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill
from erpdesk.workflows.journal_rows import Compared, JournalRow, JournalState

AGREE = "Export journal and database agree. Nothing is in question."
HELD = "Exports go on. What is listed here is not sent again before somebody says that it is not in Sage."
BARE = "Nothing is in question besides. Write down what you made sure of, and unlock."
READING = ("The export journal is being compared with Sage just now.",)
BUSY = ("This is being noted just now.",)
NO_ROW = ("Choose the items that you have looked up in Sage.",)
NOT_LOCKED = ("Exports are not locked by the export journal.",)
EXPLAIN = (
    "After a backup was put back, Sage may hold more than this database knows. Look up every item in Sage, say here "
    "whether it is there, then unlock the exports. Until then nothing is sent to Sage."
)
UNLOCK_PROMPT = (
    "Exports go on from here. Write down what you compared, and with what. Your name and note are kept in the audit "
    "trail and in the export journal."
)
FEWER_PROMPT = (
    "erpdesk takes a sudden fall in the records that Sage shows as a sign that Sage hides some, and sends nothing that "
    "rests on it. Write down why they became fewer on purpose, such as a purge or a move to an archive company."
)
NOTHING = ("Nothing is in question", "What the export journal knows, this database knows as well.")
HIDDEN = ("What is in question is not shown", "")
WAIT = ("The export journal is being compared with Sage…", "")
COMPARED = {
    None: Pill("To compare", "yellow", "warning"),
    Compared.IN_SAGE: Pill("Seen in Sage", "green", "check"),
    Compared.ABSENT: Pill("Not in Sage", "blue", "check"),
}
COLUMNS = (
    Column("sage_id", "Sage ID", width=120, bold=True, value=attrgetter("sage_id")),
    Column("noun", "Kind", width=110, value=lambda row: row.noun[:1].upper() + row.noun[1:]),
    Column("amount", "Amount", "money", value=attrgetter("amount"), total=False),
    Column("journalled", "Sent", "date", 140, value=attrgetter("journalled_at")),
    Column("database", "Database says", width=150, value=attrgetter("database")),
    Column("sage", "Sage now", width=140, value=attrgetter("sage")),
    Column("compared", "Compared", "status", 130, value=lambda row: COMPARED[row.compared]),
    Column("by", "By", width=120, value=attrgetter("compared_by")),
    Column("file", "File", width=150, stretch=True, value=attrgetter("file")),
)


def about(row: JournalRow | None) -> str:
    """What to do about the chosen item."""
    if row is None:
        return ""
    look = f" In Sage: {row.look_at}." if row.look_at else ""
    when = f" Compared {day_and_time(row.compared_at)} by {row.compared_by}." if row.compared_at else ""
    return f"{row.sage_id}: {row.proposal}{look}{when}"


def not_yet(state: JournalState) -> tuple[str, ...]:
    """Why the exports cannot be unlocked yet, as far as the list tells."""
    if not state.why:
        return NOT_LOCKED
    if count := len(state.open):
        left = "One item was" if count == 1 else f"{count} items were"
        return (f"{left} not compared with Sage yet.",)
    return ()
