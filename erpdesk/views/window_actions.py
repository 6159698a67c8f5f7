"""What a person can do anywhere in the window, and the list of all actions."""

from __future__ import annotations

from erpdesk.views.kit.actions import ActionSpec
from erpdesk.views.people.actions import SPECS as PEOPLE_SPECS
from erpdesk.views.tabs.commitments.actions import SPECS as COMMITMENT_SPECS
from erpdesk.views.tabs.erp_integrations.actions import SPECS as ERP_SPECS

WINDOW_SPECS = (
    ActionSpec("tab.home", "&Home", "Ctrl+1", "", "What waits for you, and how fresh Sage's data is"),
    ActionSpec("tab.commitments", "&Commitments", "Ctrl+2", "commitments", "Subcontracts and purchase orders"),
    ActionSpec("tab.directory", "&Directory", "Ctrl+3", "directory", "The vendors as Sage holds them"),
    ActionSpec("tab.erp", "&ERP Integrations", "Ctrl+4", "erp", "What waits for accounting, and what became of it"),
    ActionSpec("palette.show", "Search e&verything…", "Ctrl+K", "search", "Any number, title, vendor, job or act"),
    ActionSpec(
        *("costs.show", "&Job cost transactions…", "Ctrl+J", ""),
        "Every cost that Sage holds for the chosen job: filter, total, export",
    ),
    ActionSpec(
        *("tie_out.show", "Tie-&out report…", "Ctrl+T", ""),
        "What was accepted for Sage beside what Sage holds, to the cent",
    ),
    ActionSpec("sage.show", "&Sage…", "Ctrl+Shift+S", "", "Connection, readings and import layouts"),
    ActionSpec("sage.stand_in", "Stand-&in Sage…", "F4", "", "Play the person at Sage in the sample company"),
    ActionSpec("audit.show", "Audit &trail…", "Ctrl+Shift+H", "history", "Who did what, when and why; check it"),
    ActionSpec("settings.show", "S&ettings…", "Ctrl+,", "", "How erpdesk works with Sage, and its mail"),
    ActionSpec("list.excel", "Export the list to E&xcel…", "Ctrl+Shift+E", "export", "The list as shown", "Lists"),
    ActionSpec("list.print", "Print pre&view of the list…", "Ctrl+P", "", "The list as shown, on paper", "Lists"),
    ActionSpec("sync.now", "Sync &now", "F5", "refresh", "Read Sage now"),
    ActionSpec("sync.pause", "&Pause syncing", "Ctrl+Shift+P", "pause", "Leave Sage alone until you resume"),
    ActionSpec("theme.light", "&Light", "", "sun", "Light colors"),
    ActionSpec("theme.dark", "&Dark", "", "moon", "Dark colors"),
    ActionSpec("theme.system", "As the &system", "", "", "Light or dark, as the system is set"),
    ActionSpec("text.larger", "&Larger text", "Ctrl++", "", "Text one point larger"),
    ActionSpec("text.smaller", "&Smaller text", "Ctrl+-", "", "Text one point smaller"),
    ActionSpec("text.usual", "&Usual text size", "Ctrl+0", "", "Text as it was at first"),
    ActionSpec("help.shortcuts", "&Keyboard shortcuts", "F1", "info", "Every key of the program on one sheet"),
    ActionSpec("help.about", "&About erpdesk", "", "", "Version, licenses and where the data lies"),
    ActionSpec("window.close", "&Quit", "Ctrl+Q", "", "Close erpdesk; work that was saved is safe"),
)
SPECS = (*WINDOW_SPECS, *PEOPLE_SPECS, *COMMITMENT_SPECS, *ERP_SPECS)
ACTS = (
    *("commitment.send", "commitment.resend", "commitment.retrieve", "commitment.delete"),
    *("erp.accept", "erp.reject", "erp.archive", "erp.unarchive", "erp.look_again"),
    *("erp.close", "erp.acknowledge", "erp.try_again"),
)
"""What others notice and no press may do twice."""
STILL_OPENING = ("The company is still being opened.",)
"""Why acts of the tabs are not possible before the company is open."""
