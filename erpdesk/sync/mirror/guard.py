"""Stops a reading that lost too much to be true: a switched folder or a lost permission looks like an empty table."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.sync.sage.tables import Table
from erpdesk.workflows.sage_acts import Loss


@dataclass(frozen=True)
class Guard:
    """How much of a table may vanish between two readings: ``share`` of its rows, or ``small`` if that is more.

    The same holds for jobs (or commitments) that lose every row in it. Unreadable rows are tolerated up to the same
    share, or ``few`` of them. A table never becomes empty, unless its rows leave it by being posted. A person may
    accept a loss, and then no larger one.
    """

    share: float = 0.10
    small: int = 3
    few: int = 20

    def verdict(
        self,
        table: Table,
        loss: Loss,
        read: int,
        groups: tuple[int, int] = (0, 0),
        accepted: Loss | None = None,
    ) -> str:
        """A sentence when the earlier rows must be kept, else "".

        ``loss`` is what this reading would take away, ``read`` the rows that came, unreadable ones included. ``groups``
        says of how many jobs (or commitments) in all how many lose every row. ``accepted`` is what a person agreed to.
        """
        before, lost, unreadable = loss.before, loss.lost, loss.unreadable
        agreed = accepted or Loss(0, 0)
        kept = "The earlier rows are kept."
        asked = "Look in Sage whether that is right, and check the permissions of the Sage user."
        groups_before, groups_lost = groups
        if table.passing:
            # Posting empties such a table at one stroke.
            lost = before = groups_lost = 0
        if before and not read and not (agreed.everything and lost <= agreed.lost):
            return (
                f"{table.title}: Sage shows no rows at all, where there were {before:,}. {kept} "
                "Check the data folder and the permissions of the Sage user."
            )
        if lost > max(self.small, before * self.share, agreed.lost):
            return f"{table.title}: {lost:,} of {before:,} rows are no longer in Sage. {kept} {asked}"
        if groups_lost > max(self.small, groups_before * self.share) and lost > agreed.lost:
            what = group(table).lower().replace("_", " ")
            return (
                f"{table.title}: {groups_lost:,} of {groups_before:,} values of {what} are no longer in Sage. "
                f"{kept} {asked}"
            )
        if unreadable > max(self.few, read * self.share, agreed.unreadable):
            return (
                f"{table.title}: {unreadable:,} of {read:,} rows cannot be read. {kept} "
                "Look at the rows set aside; if Sage was updated, erpdesk may need an update too."
            )
        return ""


def vanished(table: Table) -> str:
    """The sentence for a table that Sage showed before and does not show any more."""
    return (
        f"{table.title}: Sage no longer shows the table {table.name}. The earlier rows are kept. "
        "Check the permissions of the Sage user."
    )


def group(table: Table) -> str:
    """The column that says what the rows of a table belong to; "" where each row stands for itself."""
    if len(table.key) < 2:
        return ""
    return next((column.name for column in table.columns if column.name == "Job"), table.key[0].name)
