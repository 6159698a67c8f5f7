"""What the settings window says."""

from __future__ import annotations

from datetime import datetime

from erpdesk.core.declared import About, Group, Who
from erpdesk.models.office import MailState
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill
from erpdesk.workflows.notices import MailRow
from erpdesk.workflows.settings_acts import SettingRow, in_words

ABOUT_GROUP = {
    Group.APPROVAL: (
        "Two people always decide: whoever sent an item can not accept it. Direct export, in which an item goes to "
        "Sage without an approver, is not offered."
    ),
    Group.ITEMS: "What accounting is offered and warned of when an item is accepted.",
    Group.PROJECTS: "What happens between projects, budgets and the jobs of Sage.",
    Group.VENDORS: "What comes from Sage’s vendors, and what an approver may change on an invoice.",
    Group.READING: "How often Sage is read, and when a reading is not believed.",
    Group.IMPORT: "How the import files reach Sage.",
    Group.MAIL: (
        "The daily summary of what waits and the mails about rejections go through the company’s own mail server, "
        "encrypted, and only after it has proved its name."
    ),
    Group.CONNECTION: "Where Sage lies and how it is reached. Entered and tried out under Sage > Connection > Set up.",
}

NEXT_START = "Takes effect at the next start of erpdesk."
UNSAVED = ("There are changes that are not saved.",)
NOTHING = ("Nothing was changed.",)
SAY_WHY = ("Say why first, in the field beside Save: settings of approval change only with a reason.",)
WHY_FREE = "Why, for the audit trail (optional)"
WHY_NEEDED = "Why, for the audit trail (required)"
READING = ("The settings are being read just now.",)
SAVING = ("The changes are being saved just now.",)
SENDING = ("A test mail is on its way.",)
LEAVE_TITLE = "Leave without saving?"
LEAVE = "Settings were changed and not saved. What was entered is lost."
AGAIN_TITLE = "Send it again?"
AGAIN = "The mail may have arrived already. If it did, it arrives a second time."
GIVE_UP = "The mail is not sent any more. Write down why, for the audit trail."

STATES = {
    MailState.WAITING: ("Waits", "blue", "clock"),
    MailState.SENDING: ("Being sent", "blue", "send"),
    MailState.UNSURE: ("Not sure", "yellow", "warning"),
}


def date_and_time(at: datetime | None) -> str:
    """A moment in the time of this workstation: ``11/24/2026 16:05``; '' for none."""
    return f"{at.astimezone():%m/%d/%Y %H:%M}" if at else ""


CHANGES = (
    Column("at", "When", kind="date", value=lambda row: row.at, width=96, text=date_and_time),
    Column("setting", "Setting", value=lambda row: row.setting, width=186, bold=True),
    Column("before", "Before", value=lambda row: row.before, width=110),
    Column("after", "After", value=lambda row: row.after, width=110),
    Column("who", "Who", value=lambda row: row.who, width=110),
    Column("reason", "Reason", value=lambda row: row.reason, width=150, stretch=True),
)


def _state(row: MailRow) -> Pill:
    text, tone, icon = STATES[row.state]
    return Pill(text, tone, icon)


MAILS = (
    Column("state", "State", kind="status", value=_state),
    Column("what", "What", value=lambda row: row.what, width=130, bold=True),
    Column("person", "To", value=lambda row: row.person, width=120),
    Column("address", "Address", value=lambda row: row.address, width=190, show=False),
    Column("tries", "Tries", kind="number", value=lambda row: row.tries),
    Column("next", "Next try", kind="date", value=lambda row: row.next_at, width=130, text=date_and_time),
    Column("problem", "Why it has not gone", value=lambda row: row.problem, stretch=True),
)


def hint(row: SettingRow) -> str:
    """What stands below a setting: its help, its default, when a change counts."""
    parts = [row.about.help, f"Default: {in_words(row.about, row.default)}."]
    return " ".join(parts + [NEXT_START] * row.about.next_start)


def fixed(row: SettingRow) -> str:
    """What stands below a setting that has another place; of a connection the page says once where."""
    return row.about.help if row.about.who is Who.SET_UP else f"{row.about.help} {row.reasons[0]}"


def who(about: About) -> str:
    """Who may change a setting, for its tool tip."""
    return f"Changed by: {about.who.value}."


def saved(rows: list[SettingRow]) -> str:
    """What is said after saving."""
    later = [f"“{row.about.title}”" for row in rows if row.about.next_start]
    if not later:
        return "Saved; in effect now."
    return f"Saved. {', '.join(later)} {'takes' if len(later) == 1 else 'take'} effect at the next start of erpdesk."


def about_mail(row: MailRow) -> str:
    """What stands below the list about its chosen mail."""
    went = f"“{row.subject}” to {row.person} ({row.address}), made on {row.made_at.astimezone():%m/%d/%Y at %H:%M}."
    return f"{went} {row.problem}".strip()
