"""Opens one company: its settings, its two stores, its Sage, its desk and its worker, in this order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.database import Store, open_store
from erpdesk.models.erp import MirrorFile
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.doors import Connect, open_odbc, open_standin
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.render import JccPreview
from erpdesk.sync.worker import Worker
from erpdesk.workflows.desk import Desk, open_desk
from erpdesk.workflows.operation import Office

VAULT = "erpdesk Sage login"
"""The name under which the Sage operator's password lies in the operating system's vault."""


@dataclass(frozen=True)
class Company:
    """An opened company; ``worker`` is not started yet."""

    paths: CompanyPaths
    settings: CompanySettings
    store: Store
    facts: MirrorFacts
    desk: Desk
    worker: Worker

    def close(self, timeout: float = 3.0) -> bool:
        """Stops the worker and closes the stores; False when a read hangs and its thread was left behind."""
        stopped = self.worker.stop(timeout)
        if stopped:
            self.store.close()
        return stopped
