"""Opens one company: its settings, its two stores, its Sage, its desk and its worker, in this order."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.database import Store
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.worker import Worker
from erpdesk.workflows.desk import Desk

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
