"""What a person can do in Commitments: words, keys and icons of each act."""

from __future__ import annotations

from erpdesk.views.kit.actions import ActionSpec
from erpdesk.views.undo_menu import SPECS as UNDO_SPECS

GROUP = "Commitments"
SPECS = (
    ActionSpec(
        "commitment.new_subcontract",
        "New &subcontract",
        "Ctrl+N",
        "add",
        "Start a subcontract on the chosen project",
        GROUP,
    ),
    ActionSpec(
        "commitment.new_order",
        "New &purchase order",
        "Ctrl+Shift+N",
        "add",
        "Start a purchase order on the chosen project",
        GROUP,
    ),
    ActionSpec("commitment.save", "&Save", "Ctrl+S", "", "Save the commitment", GROUP),
    ActionSpec("commitment.revert", "Re&vert", "", "", "Go back to what was saved last", GROUP),
    ActionSpec(
        "commitment.send",
        "Send to &ERP",
        "Ctrl+E",
        "send",
        "Lock it and hand it to accounting, who accept or reject it",
        GROUP,
    ),
    ActionSpec(
        "commitment.resend", "&Re-send to ERP", "Ctrl+Shift+R", "send", "Hand the corrected item to accounting", GROUP
    ),
    ActionSpec(
        "commitment.retrieve",
        "Re&trieve from ERP",
        "Ctrl+Shift+T",
        "retrieve",
        "Take it back before accounting decides; it can be edited again",
        GROUP,
    ),
    ActionSpec("commitment.delete", "&Delete", "", "delete", "Delete this commitment for good", GROUP),
    ActionSpec(
        "commitment.duplicate",
        "D&uplicate",
        "Ctrl+D",
        "copy",
        "Start a draft like this one under a new number; in the schedule of values the same key fills down",
        GROUP,
        where="outside the schedule of values",
    ),
    ActionSpec("commitment.save_next", "Save and ne&xt", "", "", "Save it and open the next one", GROUP, "Ctrl+Return"),
    ActionSpec("commitment.next", "Next", "", "", "Open the next commitment of the list", GROUP, "Alt+Down"),
    ActionSpec("commitment.previous", "Previous", "", "", "Open the commitment before", GROUP, "Alt+Up"),
    ActionSpec(
        "commitment.print", "&Print preview…", "Ctrl+Alt+P", "", "Look at the commitment on paper, print it", GROUP
    ),
    ActionSpec("line.add", "&Add line", "Ctrl+Shift+L", "add", "Add a line to the schedule of values", GROUP),
    ActionSpec(
        "line.duplicate", "Du&plicate", "Ctrl+Shift+D", "copy", "Copy the selected lines below themselves", GROUP
    ),
    ActionSpec("line.delete", "De&lete line", "Ctrl+Del", "delete", "Take the selected lines out", GROUP),
    ActionSpec(
        "line.fill",
        "&Fill down",
        "",
        "",
        "Copy the first selected cell into those below; outside the schedule of values the same key duplicates",
        GROUP,
        "Ctrl+D",
        "in the schedule of values",
    ),
    ActionSpec("line.undo", "&Undo in the lines", "", "", "Take back the last change to the lines", GROUP, "Ctrl+Z"),
    ActionSpec("line.redo", "Red&o in the lines", "", "", "Do again what was taken back in the lines", GROUP, "Ctrl+Y"),
    *UNDO_SPECS,
)
OF_LINES = ("line.add", "line.duplicate", "line.delete", "line.fill", "line.undo", "line.redo")
"""Acts on the schedule of values, possible while it is open."""
MORE = (
    *("commitment.save_next", "commitment.previous", "commitment.next"),
    *("", "commitment.duplicate", "commitment.print"),
)
"""What stands behind the page's button “More”."""
OF_DETAIL = ("send", "resend", "retrieve", "delete")
"""Verbs whose offers come with the commitment."""
DONE_WORDS = {
    "send": "Sent to ERP Integrations. Accounting decides on it next.",
    "resend": "Sent again to ERP Integrations. Accounting decides on it next.",
    "retrieve": "Retrieved. It can be edited again.",
}
"""What is said when an act is done."""
