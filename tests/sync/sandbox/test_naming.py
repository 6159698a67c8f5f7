"""The three naming modes and split tables, through the door and through a real ODBC driver."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyodbc  # type: ignore[import-not-found]  # it comes without types
import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.naming import MODES, as_seen, seen
from erpdesk.sync.sandbox.problems import DriverRefusal
from erpdesk.sync.sandbox.security import set_caption
from erpdesk.sync.sandbox.tables import tables

COMMITMENTS = {
    "standard": ("JCM_MASTER__COMMITMENT", "Commitment"),
    "custom": ("MASTER_JCM_COMMITMENT", "Commitment"),
    "dictionary": (
        "MASTER_JCM_RECORD_12",
        next(c.dictionary for c in tables()["JCM_MASTER__COMMITMENT"].columns if c.name == "Commitment"),
    ),
}


@pytest.mark.parametrize("naming", MODES)
def test_each_mode_has_its_names_and_no_others(company: SandboxCompany, naming: str) -> None:
    """A table answers under its name of the mode; under the names of the other modes there is no such table."""
    with closing(company.connect(naming=naming)) as door:
        for mode, (table, column) in COMMITMENTS.items():
            sql = f"SELECT {column} FROM {table} ORDER BY 1"
            if mode == naming:
                assert door.execute(sql).fetchall() == [("OPEN",), ("SHUT",)]
            else:
                with pytest.raises(DriverRefusal, match="no such table"):
                    door.execute(sql)
        assert door.execute("SELECT COUNT(*) FROM TS_CTL_RECORD_3").fetchone()[0] > 0


@pytest.mark.parametrize("naming", MODES)
@pytest.mark.parametrize("most", [100, 255, 1536])
def test_parts_hold_every_column_once_and_the_key_each_time(naming: str, most: int) -> None:
    """No part is too wide, all columns are there in Sage's order, later parts begin with the key."""
    by_table: dict[str, list[str]] = {}
    for each in seen(naming, most).values():
        assert len(each.columns) <= most
        assert len({name.upper() for name, _ in each.columns}) == len(each.columns)
        names = [column.name for _, column in each.columns]
        if each.part > 1:
            key = list(each.table.key)
            assert names[: len(key)] == key
            names = names[len(key) :]
        by_table.setdefault(each.table.name, []).extend(names)
    assert by_table == {table.name: [column.name for column in table.columns] for table in tables().values()}


def test_a_wide_table_comes_in_parts_with_the_same_rows(company: SandboxCompany) -> None:
    """Joined on the key, the parts are the whole again; the whole itself is not there."""
    with closing(company.connect(max_columns=255)) as door:
        joined = (
            "SELECT a.Job, a.Description, b.LM_Other_Cost FROM JCM_MASTER__JOB_1 a, JCM_MASTER__JOB_2 b "
            "WHERE a.Job = b.Job ORDER BY 1"
        )
        assert door.execute(joined).fetchall() == [("J1", "One", 0.0), ("J2", "Two", 0.0)]
        with pytest.raises(DriverRefusal, match="no such table"):
            door.execute("SELECT Job FROM JCM_MASTER__JOB")
        assert door.execute("SELECT COUNT(*) FROM JCM_MASTER__JOB_2").fetchone() == (2,)
    assert {"MASTER_JCM_RECORD_1_1", "MASTER_JCM_RECORD_1_2"} <= set(seen("dictionary", 255))


def test_custom_mode_shows_the_companys_captions(company: SandboxCompany) -> None:
    """Standard and custom mode list the columns in one order, so that captions can be learned by position."""
    set_caption(company.folder, "JCM_MASTER__JOB.Misc_Title_1", "Lot number")
    with closing(company.connect(naming="custom")) as custom, closing(company.connect()) as standard:
        shown = [row[0] for row in custom.execute("SELECT * FROM MASTER_JCM_JOB WHERE Job = '.~'").description]
        known = [row[0] for row in standard.execute("SELECT * FROM JCM_MASTER__JOB WHERE Job = '.~'").description]
        assert custom.execute("SELECT Lot_number FROM MASTER_JCM_JOB").fetchall() == [("",), ("",)]
    assert {known[at]: name for at, name in enumerate(shown) if name != known[at]} == {"Misc_Title_1": "Lot_number"}


@pytest.mark.parametrize("naming", MODES)
@pytest.mark.parametrize("most", [255, 1536])
def test_a_real_driver_sees_the_same(company: SandboxCompany, tmp_path: Path, naming: str, most: int) -> None:
    """The copy lists exactly the tables of the mode, with columns, kinds and rows; it is never written over."""
    file = as_seen(company, tmp_path / "seen.db", naming=naming, max_columns=most)
    with closing(pyodbc.connect(f"Driver=SQLite3;Database={file}")) as driver:
        cursor = driver.cursor()
        listed = {row.table_name for row in cursor.tables() if not row.table_name.startswith("sqlite_")}
        assert listed == {each.name for each in seen(naming, most).values()}
        for each in seen(naming, most).values():
            assert [row.column_name for row in cursor.columns(each.name)] == [name for name, _ in each.columns]
        table, column = COMMITMENTS[naming]
        assert [row[0] for row in cursor.execute(f"SELECT {column} FROM {table} ORDER BY 1")] == ["OPEN", "SHUT"]
    with pytest.raises(FileExistsError):
        as_seen(company, file)


@pytest.mark.parametrize(("naming", "most"), [("Standard", 255), ("standard", 3)])
def test_an_impossible_wish_is_refused(company: SandboxCompany, naming: str, most: int) -> None:
    """An unknown mode, and fewer columns than a key needs."""
    with pytest.raises(ValueError, match=r"naming mode|columns"):
        company.connect(naming=naming, max_columns=most)


def test_a_missing_module_is_missing_in_every_mode(company: SandboxCompany) -> None:
    """The switch names Sage's standard table; the table is gone under its other names too."""
    company.set_faults(missing_table="JCM_MASTER__JOB")
    for naming, most, table in (("custom", 1536, "MASTER_JCM_JOB"), ("standard", 255, "JCM_MASTER__JOB_1")):
        with (
            closing(company.connect(naming=naming, max_columns=most)) as door,
            pytest.raises(DriverRefusal, match="no such table"),
        ):
            door.execute(f"SELECT Job FROM {table}")
