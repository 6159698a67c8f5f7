"""How layouts and their fields are said and coloured on screen."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill
from erpdesk.workflows.layout_rows import LayoutDetail, LayoutFieldRow, LayoutRow

READY = "Ready for a live company"
IN_PART = "Ready in part"
TEST_ONLY = "Preview and test only"
UNREADABLE = "Cannot be used"

READING = ("The layouts are being read just now.",)
BUSY = ("This is being noted just now.",)
CONFIRM_WORDS = (
    "Tick only what you have compared with Sage itself. From then on files with these fields may go to the live "
    "company. Your name and comment are kept in the audit trail."
)
WITHDRAW_WORDS = (
    "These fields become open again: files that fill them go to the stand-in or a test company only. "
    "Your name and reason are kept in the audit trail."
)
BACK_WORDS = (
    "Files of this kind are written in the order that erpdesk ships. The order of this site stays in the history, "
    "and confirmations of fields that stand elsewhere no longer count."
)


def layout_pill(row: LayoutRow) -> Pill:
    """Whether an import file may go to a live company."""
    if row.problem:
        return Pill(UNREADABLE, "red", "error")
    if row.ready:
        return Pill(READY, "green", "check")
    return Pill(IN_PART, "blue", "info") if row.ready_in_part else Pill(TEST_ONLY, "yellow", "warning")


def field_pill(row: LayoutFieldRow) -> Pill:
    """How sure the place of a field is."""
    if not row.used:
        return Pill(row.sure, "grey", "")
    if row.open:
        return Pill(row.sure, "yellow", "warning")
    return Pill("Confirmed here", "blue", "check") if row.confirmed_by else Pill(row.sure, "green", "check")


LAYOUT_COLUMNS = (
    Column("title", "Import file", width=270, bold=True, value=attrgetter("title")),
    Column("menu", "Imported in Sage by", width=220, stretch=True, value=attrgetter("menu")),
    Column("order", "Field order", width=125, value=lambda row: "This site’s own" if row.own_order else "As shipped"),
    Column("state", "State", "status", 200, value=layout_pill),
)

FIELD_COLUMNS = (
    Column("record", "Record", width=74, value=attrgetter("record"), tooltip="The letters that the line begins with"),
    Column(
        "position",
        "Field",
        width=60,
        align="right",
        value=attrgetter("position"),
        tooltip="Its place in the line; the record’s letters are field 1",
    ),
    Column("label", "Name", width=158, bold=True, whole=False, value=lambda row: capital(row.label)),
    Column(
        "width",
        "Width",
        width=68,
        align="right",
        value=lambda row: row.width or "",
        tooltip="At most so many characters; longer values are refused, never cut",
    ),
    Column("required", "Required", width=88, value=lambda row: "Required" if row.required else ""),
    Column("source", "Value from", width=150, stretch=True, value=attrgetter("source")),
    Column("sure", "How sure", "status", 220, value=field_pill),
    Column(
        "confirmed",
        "Confirmed",
        width=150,
        show=False,
        value=lambda row: f"{row.confirmed_by}, {day_and_time(row.confirmed_at)}" if row.confirmed_by else "",
    ),
)

CHOICE_COLUMNS = (
    Column("record", "Record", width=74, value=attrgetter("record")),
    Column("position", "Field", width=58, align="right", value=attrgetter("position")),
    Column("label", "Name", width=190, bold=True, value=lambda row: capital(row.label)),
    Column("note", "How to settle", width=300, stretch=True, value=lambda row: row.how or row.settle),
)


def capital(words: str) -> str:
    """Words as they begin a line."""
    return words[:1].upper() + words[1:]


def about(detail: LayoutDetail) -> str:
    """Where Sage imports the file, and whose field order it has."""
    menu = f"In Sage: {detail.row.menu}" if detail.row.menu else ""
    if not detail.changed_by:
        return f"{menu}. Field order as shipped."
    when = day_and_time(detail.changed_at)
    if detail.row.own_order:
        return f"{menu}. This site’s own field order, from {detail.changed_by}, {when}."
    return f"{menu}. Field order as shipped, again since {when} ({detail.changed_by})."


def standing(detail: LayoutDetail) -> str:
    """What may go to a live company and what may not."""
    counted = Counter(each.record for each in detail.fields if each.open)
    if not counted:
        return "Every field that erpdesk fills is settled."
    parts = [f"{record} ({count} {'field' if count == 1 else 'fields'})" for record, count in counted.items()]
    words = f"Not settled: {', '.join(parts)}. A file that fills one goes to the stand-in or a test company only."
    if detail.row.ready_in_part:
        words += " One that leaves them empty may go to a live company."
    return words


def field_note(row: LayoutFieldRow | None) -> str:
    """What is known of the field that the person looks at, and what to do."""
    if row is None:
        return "Choose a field to see how it is settled."
    name = f"{row.record} field {row.position}, {row.label}"
    if not row.used:
        return f"{name}: erpdesk always leaves it blank, so nothing has to be settled."
    if row.confirmed_by:
        return f"{name}: confirmed by {row.confirmed_by}, {day_and_time(row.confirmed_at)}. {row.how}"
    if row.open:
        return f"{name}. To settle it, compare it with Sage: {row.settle.rstrip('.')}. Then press Confirm fields…"
    return f"{name}: {row.sure[:1].lower()}{row.sure[1:]}. Nothing to do."
