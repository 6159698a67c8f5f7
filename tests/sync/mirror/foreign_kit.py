"""Somebody who types commitments into Sage behind erpdesk's back."""

from __future__ import annotations

from tests.sync.mirror.kit import alter, ask
from tests.town import Town

COPY_HEADER = "INSERT INTO JCM_MASTER__COMMITMENT ({0}) SELECT {1} FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?"
COPY_LINES = (
    "INSERT INTO JCM_MASTER__COMMITMENT_ITEM ({0}) SELECT {1} FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ?"
)


def on_job(town: Town, job: str) -> str:
    """A commitment that Sage has on this job."""
    rows = ask(town.sage.folder, "SELECT Commitment FROM JCM_MASTER__COMMITMENT_ITEM WHERE Job = ?", job)
    return str(rows[0][0])


def make_in_sage(town: Town, like: str, commitment: str) -> None:
    """Somebody types a commitment into Sage: like one that is there."""
    for table, sql in (("JCM_MASTER__COMMITMENT", COPY_HEADER), ("JCM_MASTER__COMMITMENT_ITEM", COPY_LINES)):
        names = [row[1] for row in ask(town.sage.folder, f"PRAGMA table_info('{table}')")]
        chosen = ", ".join("?" if name == "Commitment" else f'"{name}"' for name in names)
        alter(town.sage.folder, (sql.format(", ".join(f'"{name}"' for name in names), chosen), (commitment, like)))
