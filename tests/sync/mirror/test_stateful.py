"""Whatever happens in Sage between readings: a clean run makes the mirror equal, any other leaves it alone (P12)."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.sage.tables import catalogue, table
from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.tables import insert
from tests.sync.mirror.kit import DOORS, Desk, alter, ask, differences, door, open_mirror

IDS = st.sampled_from([f"V{number:02}" for number in range(30)])
NAMES = st.text(st.sampled_from("ABC é&'\"–€"), max_size=12)
FIRST_DAY = date(2026, 9, 1)
CENTS = st.integers(-10_000_000, 10_000_000)


class SageAndMirror(RuleBasedStateMachine):
    """Vendors and transactions are added, edited, deleted, renumbered, spoilt; now and then the mirror is refreshed.

    Sage stamps transactions when they are saved, and vendors not at all; so the one is read by stamps where that is
    asked for, the other by hashes. Amounts that change behind their stamp only grow, so that totals must show it.
    """

    @initialize()
    def company(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="erpdesk-"))
        self.sage = self.folder / "sage"
        company = SandboxCompany.create(self.sage, "Stateful & Co", Settings())
        with company.changing() as connection:
            insert(connection, "JCM_MASTER__JOB", [{"Job": "J1", "Description": "One"}])
            insert(connection, "APM_MASTER__VENDOR", [{"Vendor": f"V{at:02}", "Name": "Old"} for at in range(20)])
            insert(
                connection,
                "JCT_CURRENT__TRANSACTION",
                [
                    {"Run": 1, "Sequence": at, "Job": "J1", "Amount": at + 0.1}
                    | {"Date_Stamp": str(FIRST_DAY + timedelta(days=at)), "Time_Stamp": "12:00:00"}
                    for at in range(40)
                ],
            )
        self.desk = Desk(self.folder / "mirror", guard=Guard(few=3))
        self.day = FIRST_DAY + timedelta(days=40)

    @rule(days=st.integers(0, 4))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule(vendor=IDS, name=NAMES)
    def save_vendor(self, vendor: str, name: str) -> None:
        alter(self.sage, ("INSERT OR REPLACE INTO APM_MASTER__VENDOR (Vendor, Name) VALUES (?, ?)", (vendor, name)))

    @rule(vendor=IDS)
    def delete_vendor(self, vendor: str) -> None:
        alter(self.sage, ("DELETE FROM APM_MASTER__VENDOR WHERE Vendor = ?", (vendor,)))

    @rule()
    def lose_all_vendors(self) -> None:
        alter(self.sage, "DELETE FROM APM_MASTER__VENDOR")

    @rule(old=IDS, new=IDS)
    def renumber_vendor(self, old: str, new: str) -> None:
        alter(self.sage, ("UPDATE OR IGNORE APM_MASTER__VENDOR SET Vendor = ? WHERE Vendor = ?", (new, old)))

    @rule(sequence=st.integers(0, 60), cents=CENTS, stamped=st.integers(0, 4))
    def save_transaction(self, sequence: int, cents: int, stamped: int) -> None:
        sql = "INSERT OR REPLACE INTO JCT_CURRENT__TRANSACTION (Run, Sequence, Job, Amount, Date_Stamp, Time_Stamp) "
        day = str(self.day) if stamped else None
        alter(self.sage, (sql + "VALUES (1, ?, 'J1', ?, ?, '09:30:00')", (sequence, cents / 100, day)))

    @rule(sequence=st.integers(0, 60), cents=st.integers(1, 1000))
    def change_amount_behind_its_stamp(self, sequence: int, cents: int) -> None:
        sql = "UPDATE JCT_CURRENT__TRANSACTION SET Amount = round(Amount + ?, 2) WHERE Sequence = ? AND Amount <> '?'"
        alter(self.sage, (sql, (cents / 100, sequence)))

    @rule(old=st.integers(0, 60), new=st.integers(0, 60))
    def renumber_transaction(self, old: int, new: int) -> None:
        sql = "UPDATE OR IGNORE JCT_CURRENT__TRANSACTION SET Sequence = ? WHERE Sequence = ?"
        alter(self.sage, (sql, (new, old)))

    @rule(sequence=st.integers(0, 60))
    def delete_transaction(self, sequence: int) -> None:
        alter(self.sage, ("DELETE FROM JCT_CURRENT__TRANSACTION WHERE Sequence = ?", (sequence,)))

    @rule(sequence=st.integers(0, 60))
    def spoil_transaction(self, sequence: int) -> None:
        alter(self.sage, ("UPDATE JCT_CURRENT__TRANSACTION SET Amount = '?' WHERE Sequence = ?", (sequence,)))

    @rule(kind=st.sampled_from(DOORS), force=st.booleans(), full=st.booleans())
    def refresh(self, kind: str, force: bool, full: bool) -> None:
        spoilt = ask(self.sage, "SELECT 1 FROM JCT_CURRENT__TRANSACTION WHERE typeof(Amount) = 'text'")
        if spoilt:
            # The SQLite ODBC driver turns a text in a number column into nothing; the file's own door shows it.
            kind = "file"
        first = self.desk.number is None
        before = {} if first else self.desk.all_rows()
        asked = {} if first or not force else self.desk.asked()
        report = self.desk.refresh(door(kind, self.sage), force=asked, full=full)
        wrong = {line.split(":")[0] for line in differences(self.desk, self.sage)} if not spoilt else set()
        for each in report.tables:
            if each.ok:
                assert each.title not in wrong
                rows = len(before.get(each.table, []))
                assert each.gone <= max(3, rows / 10, asked[each.title].lost if each.title in asked else 0)
            else:
                assert self.desk.rows(table(each.table)) == before.get(each.table, [])

    @rule()
    def refresh_after_an_upgrade(self) -> None:
        """The mirror is built again: what the guard does not believe stays as it was, and a person is asked."""
        if self.desk.number is None:
            return
        before = self.desk.all_rows()
        db = open_mirror(self.desk.store.path(self.desk.number))
        db.pragma("user_version", 1)
        db.close()
        report = self.desk.refresh(door("file", self.sage))
        assert report.first_load
        for each in report.tables:
            assert each.ok or self.desk.rows(table(each.table)) == before[each.table]
            assert each.ok or each.loss == self.desk.asked()[each.title]
        assert all(self.desk.rows(table(each.table)) or not before[each.table] for each in report.tables if not each.ok)

    @rule(looks=st.integers(0, 40), full=st.booleans())
    def stopped_refresh(self, looks: int, full: bool) -> None:
        if self.desk.number is None:
            return
        before = self.desk.all_rows()
        left = [looks]

        def stop() -> bool:
            left[0] -= 1
            return left[0] < 0

        report = self.desk.refresh(door("file", self.sage), stop=stop, full=full)
        done = {each.title for each in report.tables if each.ok}
        after = self.desk.all_rows()
        assert all(each.title in done or after[each.name] == before[each.name] for each in catalogue())

    @invariant()
    def no_key_stands_twice(self) -> None:
        if getattr(self, "desk", None) is None or self.desk.number is None:
            return
        with self.desk.store.at_once():
            for each in catalogue():
                keys = ", ".join(f'"{column.field}"' for column in each.key)
                assert not self.desk.select(f"SELECT 1 FROM {each.mirror} GROUP BY {keys} HAVING COUNT(*) > 1")

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestSageAndMirror = SageAndMirror.TestCase
TestSageAndMirror.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
