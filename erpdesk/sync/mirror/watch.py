"""Which commitments each synced job had when erpdesk first looked at it, and when later ones turned up.

The mirror can not tell for long: it may be built again at any time, and then every row looks new. So the first look at
a synced job is kept in a small file of its own beside the mirror, ``commitments-watched.json``. IDs that the job had
then were made before and are never reported; an ID that turns up later is kept with the time of the reading that first
showed it. The look is taken after each reading of Sage, so a job is watched from the first reading after its project
was linked. Without the file (somebody deleted it) the watch begins anew; the page shows since when it runs.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from erpdesk.core.clock import from_iso
from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore

FILE = "commitments-watched.json"
LAST_READ = (
    'SELECT read_began FROM run WHERE ok AND "table" = ? ORDER BY id DESC LIMIT 1',
    ("JCM_MASTER__COMMITMENT",),
)
"""When the last good reading of the commitments began."""

_PRESENT = """
    SELECT c.job, c.commitment, r.read_began FROM commitment c LEFT JOIN run r ON r.id = c.run_first
    WHERE c.gone_run IS NULL AND c.job IN (SELECT value FROM json_each(?1))
    UNION
    SELECT i.job, c.commitment, r.read_began FROM commitment_item i JOIN commitment c USING (commitment)
    LEFT JOIN run r ON r.id = c.run_first
    WHERE c.gone_run IS NULL AND i.gone_run IS NULL AND i.job IN (SELECT value FROM json_each(?1))"""


@dataclass
class _Job:
    since: str
    before: set[str]
    later: dict[str, str] = field(default_factory=dict)


class Watch:
    """The file and the looks that fill it; every method may be called from any thread."""

    def __init__(self, mirrors: MirrorStore) -> None:
        self._facts = MirrorFacts(mirrors)
        self._path = mirrors.folder / FILE
        self._lock = threading.Lock()

    def look(self, jobs: Collection[str]) -> None:
        """Takes note of the commitments on these synced jobs as they were read last; after each reading of Sage.

        A commitment belongs to the job of its header and to those of its lines. A job that is no longer synced is
        forgotten. Raises ForPeople when the file can not be written.
        """
        with self._lock:
            read, rows = self._facts.select_all(LAST_READ, (_PRESENT, (json.dumps(list(jobs)),)))
            if not read:
                return
            now = str(read[0]["read_began"])
            watched = self._load()
            found = {job: watched[job] for job in jobs if job in watched}
            present: dict[str, dict[str, str]] = {job: {} for job in jobs}
            for row in rows:
                present[row["job"]][row["commitment"]] = row["read_began"] or now
            for job, commitments in present.items():
                if job not in found:
                    found[job] = _Job(now, set(commitments))
                    continue
                for commitment, began in commitments.items():
                    if commitment not in found[job].before:
                        # The first time stays: once the mirror was built again, its own would be too late.
                        found[job].later.setdefault(commitment, began)
            if (text := _to_text(found)) != self._text():
                _write(self._path, text)

    def since(self) -> Mapping[str, datetime]:
        """Since when each synced job is watched."""
        return {job: from_iso(each.since) for job, each in self._load().items()}

    def later(self) -> Mapping[str, Mapping[str, datetime]]:
        """For each watched job the commitments that turned up after the first look, with the time."""
        return {
            job: {commitment: from_iso(at) for commitment, at in each.later.items()}
            for job, each in self._load().items()
        }

    def _text(self) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return self._path.read_text(encoding="utf-8")
        return ""

    def _load(self) -> dict[str, _Job]:
        # A file that cannot be understood is as good as none: the watch begins anew.
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            body: dict[str, Any] = json.loads(self._text() or "{}")
            found = {job: _Job(each["since"], set(each["before"]), dict(each["later"])) for job, each in body.items()}
            for each in found.values():
                for at in (each.since, *each.later.values()):
                    from_iso(at)
            return found
        return {}


def _to_text(jobs: Mapping[str, _Job]) -> str:
    body = {
        job: {"since": each.since, "before": sorted(each.before), "later": each.later} for job, each in jobs.items()
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, indent=1)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: half a file would forget what was there before."""
    part = path.with_suffix(".part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ForPeople(
            f"What Sage held could not be noted in {path.name} ({error}).",
            kept="Sage was read and the mirror is up to date.",
            next_step="Check that the disk has room and that erpdesk may write in its folder.",
        ) from error
