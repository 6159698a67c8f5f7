"""The columns of the tie-out report, of its lines and of its items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import attrgetter

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill
from erpdesk.workflows.tie_out_rows import Level, Origin, Part, TieItemRow, TieRow

BOTH, ACCEPTED, IN_SAGE = "both", "accepted", "in_sage"
SIDES = ((BOTH, "Both sides"), (ACCEPTED, "Accepted in erpdesk"), (IN_SAGE, "In Sage"))

PART_TITLES: dict[Part, str] = {
    Part.EQUAL: "Equal in Sage",
    Part.CHANGED: "Changed or gone",
    Part.UNPOSTED: "Not posted yet",
    Part.EXPORTING: "Exporting",
    Part.FAILED: "Failed",
    Part.IN_DOUBT: "In doubt",
    Part.REJECTED: "Rejected after",
    Part.UNLINKED: "Unlinked",
    Part.BY_HAND: "Closed by hand",
}
PART_TIPS: dict[Part, str] = {
    Part.EQUAL: "Found in Sage, and Sage still shows the same amounts",
    Part.CHANGED: "Found in Sage once; Sage shows another amount, place or date since, or nothing",
    Part.UNPOSTED: "Found in Sage, waiting to be posted there",
    Part.EXPORTING: "On its way at the cut-off",
    Part.FAILED: "Proven not to be in Sage",
    Part.IN_DOUBT: "In doubt, in conflict, or in Sage more than once",
    Part.REJECTED: "Accepted, failed, then rejected back to the sender",
    Part.UNLINKED: "Accepted, then released from its record in Sage",
    Part.BY_HAND: "Two people closed a doubt: it is in Sage",
}
ORIGIN_TITLES: dict[Origin, str] = {
    Origin.MADE: "Made by erpdesk",
    Origin.FOREIGN: "Made or changed there",
    Origin.BEFORE: "Before first sync",
    Origin.LATER: "After the cut-off",
}
ORIGIN_TIPS: dict[Origin, str] = {
    Origin.MADE: "Exactly what was accepted under this Sage ID",
    Origin.FOREIGN: "Made in Sage, or changed there so that it is not what was accepted",
    Origin.BEFORE: "There when erpdesk first looked at the job, or on a job that is not synced",
    Origin.LATER: "Exactly what was accepted after the cut-off",
}
DIFFERS_TIP = "What Sage holds less what it ought to hold"
_TONES: dict[Part, str] = {
    Part.EQUAL: "green",
    Part.CHANGED: "yellow",
    Part.UNPOSTED: "blue",
    Part.EXPORTING: "blue",
    Part.FAILED: "red",
    Part.IN_DOUBT: "yellow",
    Part.REJECTED: "grey",
    Part.UNLINKED: "grey",
    Part.BY_HAND: "green",
}


def _part(part: Part) -> Callable[[TieRow], Decimal | None]:
    # An empty cell is easier on the eye than 0.00; the totals below say 0.00.
    return lambda row: row.parts.get(part) or None


def _origin(origin: Origin) -> Callable[[TieRow], Decimal | None]:
    return lambda row: row.origins.get(origin) or None


def _verdict(row: TieRow) -> Pill:
    if row.gross:
        return Pill("Does not tie", "red", "error")
    return Pill("Differs", "yellow", "warning") if row.differing else Pill("Ties", "green", "check")


def _money(
    key: str, title: str, tip: str, value: Callable[[TieRow], object], group: str, *, bold: bool = False
) -> Column:
    return Column(key, title, "money", 116, tooltip=tip, value=value, group=group, bold=bold)


_WHERE, _LEFT, _RIGHT, _CHECK = "Where", "Accepted in erpdesk", "In Sage", "Check"
GROUPED = (
    Column("kind", "Kind", width=128, stretch=True, group=_WHERE, value=attrgetter("name")),
    Column("job", "Job", width=84, bold=True, group=_WHERE, value=attrgetter("job")),
    Column("name", "Name", width=150, stretch=True, group=_WHERE, value=attrgetter("name")),
    Column("extra", "Extra", width=64, group=_WHERE, value=attrgetter("extra"), tooltip="Empty for the base job"),
    Column("cost_code", "Cost code", width=92, bold=True, group=_WHERE, value=attrgetter("cost_code")),
    Column("category", "Category", width=76, group=_WHERE, value=attrgetter("category")),
    Column("ties", "Result", "status", 110, group=_CHECK, value=_verdict),
    Column("items", "Items", "number", 60, group=_WHERE, value=attrgetter("items")),
    _money(
        *("sage_differs", "Sage differs by", DIFFERS_TIP),
        *(lambda row: row.sage_differs if row.differing else None, _CHECK),
    ),
    _money("accepted", "Accepted", "Everything accepted up to the cut-off", attrgetter("accepted"), _LEFT),
    *(_money(part.name.lower(), PART_TITLES[part], PART_TIPS[part], _part(part), _LEFT) for part in Part),
    _money(
        "off_accepted", "Left over", "Accepted less all its parts; must be 0.00", attrgetter("off_accepted"), _CHECK
    ),
    _money("in_sage", "Sage holds", "Sage's own total, when it was read", attrgetter("in_sage"), _RIGHT),
    *(_money(each.name.lower(), ORIGIN_TITLES[each], ORIGIN_TIPS[each], _origin(each), _RIGHT) for each in Origin),
    _money(
        "off_sage", "Left over in Sage", "Sage's total less all its parts; must be 0.00", attrgetter("off_sage"), _CHECK
    ),
    _money(
        *("off_link", "Left over between", "Made by erpdesk in Sage, less what erpdesk says is there; must be 0.00"),
        *(attrgetter("off_link"), _CHECK),
    ),
)

_AT: dict[Level, tuple[str, ...]] = {
    Level.KIND: ("kind",),
    Level.JOB: ("job", "name"),
    Level.CODE: ("job", "extra", "cost_code"),
    Level.CATEGORY: ("job", "extra", "cost_code", "category"),
    Level.ITEM: (),
}
_ALWAYS = ("ties", "items", "sage_differs")
_PLACES = ("kind", "job", "name", "extra", "cost_code", "category")


def wanted(level: Level, side: str, rows: Sequence[TieRow]) -> frozenset[str]:
    """The columns to show: with both sides only those that hold an amount, with one side all of it."""
    parts = {part for row in rows for part, amount in row.parts.items() if amount}
    origins = {origin for row in rows for origin, amount in row.origins.items() if amount}
    left = {"accepted", *(part.name.lower() for part in Part if side == ACCEPTED or part in parts)}
    right = {"in_sage", *(origin.name.lower() for origin in Origin if side == IN_SAGE or origin in origins)}
    if side == ACCEPTED or any(row.off_accepted for row in rows):
        left.add("off_accepted")
    if side == IN_SAGE or any(row.off_sage for row in rows):
        right.add("off_sage")
    if side == IN_SAGE or any(row.off_link for row in rows):
        right.add("off_link")
    places = set(_AT[level])
    if not any(row.extra for row in rows):
        places.discard("extra")
    sides = left if side == ACCEPTED else right if side == IN_SAGE else left | right
    return frozenset({*places, *_ALWAYS, *sides})


def _part_pill(row: TieItemRow) -> Pill | None:
    part = row.item.part
    if part is not None:
        return Pill(part.value, _TONES[part], "")
    return None if row.accepted is None else Pill("Unknown state", "red", "error")


ITEMS = (
    Column("sage_id", "Sage ID", width=128, bold=True, value=lambda row: row.item.sage_id),
    Column("job", "Job", width=84, value=lambda row: row.item.jobs),
    Column("title", "Title", width=126, stretch=True, value=lambda row: row.item.title),
    Column("kind", "Kind", width=110, show=False, value=attrgetter("kind")),
    Column("day", "Date", "date", 92, value=attrgetter("day"), tooltip="The date that puts it into a period"),
    Column("part", "Part", "status", 150, value=_part_pill),
    Column("accepted", "Accepted", "money", 112, value=attrgetter("accepted")),
    Column("in_sage", "In Sage", "money", 112, value=attrgetter("in_sage")),
    Column(
        *("differs", "Sage differs by", "money", 116),
        value=attrgetter("differs"),
        tooltip=DIFFERS_TIP,
    ),
    Column("origin", "On Sage's side", width=170, whole=True, value=attrgetter("origin")),
    Column(
        *("state", "State now", "text", 130),
        whole=True,
        value=lambda row: row.item.state,
        tooltip="Where it stands now; the part is that of the cut-off",
    ),
    Column("message", "Message", width=150, show=False, value=lambda row: row.item.message),
    Column(
        *("accepted_at", "Accepted at", "date", 116),
        show=False,
        value=lambda row: row.item.accepted_at,
        text=day_and_time,
    ),
)


def differs(row: TieRow | TieItemRow) -> bool:
    """Whether a line does not tie, or Sage differs in it from what was accepted."""
    if isinstance(row, TieRow):
        return not row.ties
    return row.differs is not None or (row.item.part is None and row.accepted is not None)
