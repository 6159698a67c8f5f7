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
    ActionSpec("erp.previous", "Previous", "Alt+Up", "", "Go to the item before", GROUP),
    ActionSpec("erp.go_to", "&Go to commitment", "Ctrl+G", "commitments", "Open it in Commitments", GROUP),
)
