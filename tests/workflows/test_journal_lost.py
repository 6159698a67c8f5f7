"""Accepting once more what a restored database has forgotten, under the ID that it has in Sage (5.10)."""

from __future__ import annotations

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import Refused
from erpdesk.workflows import audit
from erpdesk.workflows.journal_rows import JOURNAL, RECONCILE
from tests.town import Town


def unlocked(town: Town, sage_id: str, compared: str) -> None:
    """The exports were unlocked with this item in question."""
    item = {"kind": "commitment", "sage_id": sage_id, "compared": compared}
    with town.store.sessions.begin() as session:
        audit.append(
            session,
            at=CLOCK.now(),
            who=town.approver,
            act=RECONCILE,
            kind=JOURNAL,
            ref="",
            body={},
            evidence={"why": "A backup was put back.", "items": [item]},
        )


def test_the_id_of_a_lost_sending_may_be_accepted_and_any_other_taken_one_may_not(town: Town) -> None:
    with town.sage.connect() as door:
        found = door.execute("SELECT Commitment FROM JCM_MASTER__COMMITMENT ORDER BY Commitment")
        own, foreign = [row[0].strip() for row in found][:2]
    _, one = town.sent()
    unlocked(town, foreign, "not in Sage")
    unlocked(town, own, "in Sage")
    with pytest.raises(Refused, match=f"already has a commitment {foreign}"):
        town.accept(one, foreign)
    town.accept(one, own)
    _, two = town.sent()
    with pytest.raises(Refused, match=f"Another accepted commitment already goes to Sage as {own}"):
        town.accept(two, own)
