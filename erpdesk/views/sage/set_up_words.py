"""How the set-up of a Sage company speaks, and what can be chosen in it."""

from __future__ import annotations

from collections.abc import Sequence

from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.views.kit.card import Check

BY_DRIVER, BY_SOURCE = "driver", "dsn"
WAYS = ((BY_DRIVER, "ODBC driver"), (BY_SOURCE, "Data source (DSN)"))
LIVE, TEST = "live", "test"
KINDS = ((LIVE, "Live company"), (TEST, "Test company"))
DATE_FORMATS = ("mm/dd/yyyy", "dd/mm/yyyy", "yyyy/mm/dd", "mmddyyyy", "mm/dd/yy", "dd/mm/yy")
INSIDE = "inside"
PLACES = (
    ("auto", "Where the driver fits"),
    ("apart", "In the helper program (32-bit driver)"),
    (INSIDE, "In erpdesk itself"),
)
EXPLAIN = (
    "erpdesk reads this company over ODBC with a Sage operator's login, and lays import files into the folder Imports "
    "of the data folder. Nothing is written by ODBC."
)
SAVED = "Kept. Close erpdesk and start it again: it then opens {company}."
BY_DRIVER_ONLY = "Not used: the company is found by its data source."
BY_SOURCE_ONLY = "Not used: the company is found by the driver."
INSIDE_ONLY = "Not used: the driver runs in erpdesk itself."
BUSY = ("The connection is being tried out just now.",)
KEEPING = ("It is being kept just now.",)
ENDING = "The look before is just ending. Try again in a moment."
LOOKING = "Looking…"
RIGHT_READING = ("Your right to keep a connection is being read just now.",)
KEEP_TITLE = "Keep this connection as it is?"
NO_PASSWORD = (
    "No password is entered, and this machine's vault holds none for Sage operator {login}. erpdesk cannot read Sage "
    "without it."
)
FAILED_TRY = "The last try found something to put right."
KEEP_ANYWAY = "erpdesk opens this company from the next start on; what is wrong then can be put right here."
_STATES = {Verdict.LOOK: "warning", Verdict.FAIL: "error"}


def outcome(found: Sequence[Finding], ended: bool) -> list[Check]:
    """What asks for something, each in a line, and in one line how much passed."""
    lines = [
        Check(f"{each.title}: {each.text} {each.next_step}".strip(), _STATES[each.verdict])
        for each in found
        if each.verdict in _STATES
    ]
    passed = sum(each.verdict is Verdict.PASS for each in found)
    if not ended:
        lines.append(Check(LOOKING))
    elif passed:
        lines.append(Check("1 check passed." if passed == 1 else f"{passed} checks passed."))
    return lines
