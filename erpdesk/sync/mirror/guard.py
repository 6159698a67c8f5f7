"""Stops a reading that lost too much to be true: a switched folder or a lost permission looks like an empty table."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.sync.sage.tables import Table


@dataclass(frozen=True)
class Guard:
    """How much of a table may vanish between two readings: ``share`` of its rows, or ``small`` if that is more.

    The same holds for jobs (or commitments) that lose every row in it. Unreadable rows are tolerated up to the same
    share, or ``few`` of them. A table never becomes empty.
    """

    share: float = 0.10
    small: int = 3
    few: int = 20

    def verdict(
        self, table: Table, before: int, lost: int, read: int, unreadable: int, groups: tuple[int, int] = (0, 0)
    ) -> str:
        """A sentence when the earlier rows must be kept, else "".

        ``before`` rows stood in the mirror, ``lost`` of them are no longer in Sage; ``read`` rows came, of which
        ``unreadable`` were set aside. ``groups`` says of how many jobs (or commitments) in all how many lose every row.
        """
        kept = "The earlier rows are kept."
        asked = "Look in Sage whether that is right, and check the permissions of the Sage user."
        groups_before, groups_lost = groups
        if before and not read:
            return (
                f"{table.title}: Sage shows no rows at all, where there were {before:,}. {kept} "
                "Check the data folder and the permissions of the Sage user."
            )
        if lost > max(self.small, before * self.share):
            return f"{table.title}: {lost:,} of {before:,} rows are no longer in Sage. {kept} {asked}"
        if groups_lost > max(self.small, groups_before * self.share):
            what = group(table).lower().replace("_", " ")
            return (
                f"{table.title}: {groups_lost:,} of {groups_before:,} values of {what} are no longer in Sage. "
                f"{kept} {asked}"
            )
        if unreadable > max(self.few, read * self.share):
            return (
                f"{table.title}: {unreadable:,} of {read:,} rows cannot be read. {kept} "
                "Look at the rows set aside; if Sage was updated, erpdesk may need an update too."
            )
        return ""


def group(table: Table) -> str:
    """The column that says what the rows of a table belong to; "" where each row stands for itself."""
    if len(table.key) < 2:
        return ""
    return next((column.name for column in table.columns if column.name == "Job"), table.key[0].name)
