"""Every tool reads its list again after Sage was read: the worker and the tabs mean the same kind."""

from __future__ import annotations

import pytest

from erpdesk.core.changes import SAGE
from erpdesk.views.dialogs import job_costs
from erpdesk.views.tabs.commitments import tab as commitments
from erpdesk.views.tabs.directory import tab as directory
from erpdesk.views.tabs.erp_integrations import tab as erp


@pytest.mark.parametrize("tool", [commitments, directory, erp, job_costs])
def test_a_read_of_sage_reaches_every_list(tool: object) -> None:
    touched = getattr(tool, "TOUCHED")  # noqa: B009  # the tools have it in common, without a type of their own
    assert SAGE in touched
