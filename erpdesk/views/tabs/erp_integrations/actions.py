"""What a person can do in ERP Integrations: words, keys and icons of each act."""

from __future__ import annotations

from erpdesk.views.kit.actions import ActionSpec

GROUP = "ERP Integrations"
SPECS = (
    ActionSpec(
        "erp.accept",
        "&Accept and export",
        "Ctrl+Return",
        "accept",
        "Write exactly these lines into Sage's import file",
        GROUP,
    ),
    ActionSpec("erp.reject", "&Reject…", "Ctrl+R", "reject", "Give it back to the project side with a comment", GROUP),
    ActionSpec("erp.next", "&Next", "Alt+Down", "", "Go to the next item of the list", GROUP),
    ActionSpec("erp.previous", "&Previous", "Alt+Up", "", "Go to the item before", GROUP),
    ActionSpec("erp.archive", "Arc&hive", "Ctrl+Shift+A", "history", "Put it aside: it stays in its history", GROUP),
    ActionSpec(
        "erp.unarchive", "&Take back from archive", "Ctrl+Shift+B", "retrieve", "Put it back on the list", GROUP
    ),
    ActionSpec(
        "erp.look_again", "&Look again now", "Ctrl+I", "refresh", "Read Sage now, and settle it if it can be", GROUP
    ),
    ActionSpec("erp.close", "&Close by hand…", "Ctrl+Shift+O", "person", "State what you saw in Sage", GROUP),
    ActionSpec(
        "erp.acknowledge",
        "Ac&knowledge…",
        "Ctrl+Shift+K",
        "check",
        "Let exports go on, because somebody sees to what is in Sage twice",
        GROUP,
    ),
    ActionSpec(
        "erp.try_again", "&Try again", "Ctrl+Shift+Y", "refresh", "Send it once more, as it was accepted", GROUP
    ),
    ActionSpec(
        "erp.send_now",
        "&Send now",
        "Ctrl+Shift+G",
        "send",
        "Close the file that this item waits for: all that wait go to Sage in it",
        GROUP,
    ),
    ActionSpec("erp.fix", "&Fix", "Ctrl+Shift+F", "edit", "Go to the field that Sage’s reason means", GROUP),
    ActionSpec("erp.go_to", "&Go to the item", "Ctrl+G", "commitments", "Open it in its own tool", GROUP),
    ActionSpec("erp.next_view", "Next &view", "Ctrl+Right", "", "Go to the next view of the list", GROUP),
    ActionSpec("erp.previous_view", "Previous v&iew", "Ctrl+Left", "", "Go to the view before", GROUP),
    ActionSpec("erp.list", "Go to the &list", "Alt+L", "", "Put the keyboard into the list", GROUP),
)
