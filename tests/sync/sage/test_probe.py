"""What a company is found to have: split tables, three ways of naming, ID formats, extras, taxes, unposted entries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.capabilities import Capabilities
from erpdesk.sync.sage.doors import Connect, open_odbc
from erpdesk.sync.sage.probe import probe
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Naming, catalogue, table
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.naming import as_seen
from erpdesk.sync.sandbox.security import set_caption
from tests.sync.mirror.kit import alter, ask, copied, door, sage_rows

JOBS, EXTRAS = table("JCM_MASTER__JOB"), table("JCM_MASTER__EXTRA")
COSTS = table("JCT_CURRENT__TRANSACTION")
SPLIT = 60


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def through(kind: str, sage: Path, **mode: Any) -> Connect:
    """The stand-in's own door, or a real ODBC driver on a file with the same names and parts."""
    company = SandboxCompany(sage)
    if kind == "file":
        return lambda: company.connect(**mode)
    target = as_seen(company, sage.parent / "seen.db", **mode)
    return open_odbc(f"DRIVER={{SQLite3}};Database=file:{target}?mode=ro;Timeout=1000")


def found(connect: Connect) -> Capabilities:
    session = Session(connect, 60, threading.Event())
    try:
        return probe(session)
    finally:
        session.close()


def rows_of(connect: Connect, name: str) -> list[tuple[Any, ...]]:
    with SageReader(connect) as reader:
        return [row[:-1] for batch in reader.rows(table(name)) for row in batch.rows]


@pytest.mark.parametrize("kind", ["file", "odbc"])
def test_split_tables_are_read_as_one(kind: str, sage: Path) -> None:
    """Wide tables in parts, each of which repeats the key: every row and every amount, as from the whole table."""
    connect = through(kind, sage, max_columns=SPLIT)
    known = found(connect)
    split = {name for name, place in known.places.items() if place.split}
    assert {"JCM_MASTER__JOB", "JCM_MASTER__CATEGORY", "JCT_CURRENT__TRANSACTION"} <= split
    assert "TS_CTL_RECORD_3" not in split and known.sentences() == ()
    assert known.source(JOBS).startswith("JCM_MASTER__JOB_1 LEFT JOIN JCM_MASTER__JOB_2 ON ")
    assert known.expression(JOBS, "Job") == "JCM_MASTER__JOB_1.Job"
    assert known.expression(COSTS, "Check").endswith('."Check"')
    assert any("JCM_MASTER__JOB" in words for words in known.summary())
    for each in catalogue():
        assert known.columns[each.name] == each.columns
        assert rows_of(connect, each.name) == sage_rows(sage, each), each.name


def test_a_part_that_lags_behind_loses_no_row(sage: Path) -> None:
    """A job that is not in the second part yet is read; what only the second part tells stays empty."""
    target = as_seen(SandboxCompany(sage), sage.parent / "tsdata.db", max_columns=SPLIT)
    whole = sage_rows(sage, JOBS)
    alter(target.parent, *(f"DELETE FROM JCM_MASTER__JOB_{part} WHERE Job = '{whole[0][0]}'" for part in range(2, 7)))
    rows = rows_of(door("file", target.parent), "JCM_MASTER__JOB")
    assert [row[:2] for row in rows] == [row[:2] for row in whole] and rows[1:] == whole[1:]
    assert rows[0][-1] is None


@pytest.mark.parametrize("kind", ["file", "odbc"])
@pytest.mark.parametrize("most", [1536, 100])
def test_custom_names(kind: str, most: int, sage: Path) -> None:
    """A connection in custom mode gives the same company, split or not."""
    connect = through(kind, sage, naming="custom", max_columns=most)
    known = found(connect)
    assert known.naming is Naming.CUSTOM and known.missing_tables == () and known.missing_columns == ()
    assert known.source(table("APM_MASTER__INVOICE")) == "MASTER_APM_INVOICE"
    for name in ("JCM_MASTER__JOB", "JCT_CURRENT__TRANSACTION", "JCM_MASTER__COMMITMENT"):
        assert rows_of(connect, name) == sage_rows(sage, table(name))
    one = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")[0][0]
    with SageReader(connect) as reader:
        held = reader.commitment(one)
    assert held and held.items


def test_a_company_with_its_own_captions(sage: Path) -> None:
    """A column that the company calls otherwise is lacking, or missed aloud when erpdesk needs it."""
    set_caption(sage, "JCM_MASTER__JOB.AR_Customer", "Payer")
    known = found(through("file", sage, naming="custom"))
    assert known.missing_columns == (("JCM_MASTER__JOB", "AR_Customer"),)
    set_caption(sage, "JCM_MASTER__JOB.Status", "Stage")
    with pytest.raises(BadSageData, match="Status in JCM_MASTER__JOB") as caught:
        found(through("file", sage, naming="custom"))
    assert "StandardMode=1" in caught.value.next_step


@pytest.mark.parametrize("kind", ["file", "odbc"])
def test_dictionary_names(kind: str, sage: Path) -> None:
    """In dictionary mode what has a known name is read, and the rest is said to be lacking."""
    connect = through(kind, sage, naming="dictionary")
    known = found(connect)
    assert known.naming is Naming.DICTIONARY
    assert known.expression(JOBS, "Status") == "JSTATUS" and known.has(table("API_NEW__INVOICE"))
    assert known.expression(table("TXM_MASTER__TAX_GROUP"), "Tax_Group") == 'MASTER_TXM_RECORD_2."GROUP"'
    assert "JCT_CURRENT__TRANSACTION" in known.missing_tables
    assert any("dictionary name of JCT_CURRENT__TRANSACTION is not known" in words for words in known.sentences())
    jobs = [(row[0], row[1], row[2]) for row in rows_of(connect, "JCM_MASTER__JOB")]
    assert jobs == [row[:3] for row in sage_rows(sage, JOBS)]
    assert len(rows_of(connect, "TXM_MASTER__TAX_GROUP")) == len(sage_rows(sage, table("TXM_MASTER__TAX_GROUP")))


def test_what_a_company_uses(sage: Path) -> None:
    """Extras, change orders in Project Management, taxes, entries that are not posted, contracts."""
    alter(sage, "DELETE FROM JCM_MASTER__EXTRA", "UPDATE JCM_MASTER__JOB SET Use_PJ_Change_Management = 0")
    connect = door("file", sage)
    known = found(connect)
    assert not known.extras and known.pj_jobs == frozenset() and known.taxes and known.contracts
    assert known.unposted == {"JCT_NEW__TRANSACTION", "API_NEW__INVOICE", "API_NEW__DISTRIBUTION"}
    assert known.unposted_costs and known.unposted_invoices and known.stamped(JOBS)
    assert known.masks.from_sage and known.masks.by_field["cost_code"].text == "XX-XXXX"
    one = ask(sage, "SELECT Job FROM JCM_MASTER__JOB")[0][0]
    alter(
        sage,
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra) VALUES ('J', 'E')",
        ("UPDATE JCM_MASTER__JOB SET Use_PJ_Change_Management = -1, Job = '  ' || Job WHERE Job = ?", (one,)),
        *(f"DROP TABLE {name}" for name in ("TXM_MASTER__TAX_GROUP", "JCT_NEW__TRANSACTION", "CNM_MASTER__CONTRACT")),
        *("DROP TABLE API_NEW__INVOICE", "DROP TABLE TS_CTL_RECORD_3"),
        "ALTER TABLE JCM_MASTER__JOB DROP COLUMN Date_Stamp",
    )
    known = found(connect)
    assert known.extras and known.pj_jobs == frozenset((one,)) and not known.taxes and not known.contracts
    assert known.unposted == {"API_NEW__DISTRIBUTION"} and not known.unposted_invoices and not known.unposted_costs
    assert not known.stamped(JOBS) and known.stamped(EXTRAS) and not known.masks.by_field
    words = " ".join(known.summary())
    assert (
        "Taxes are not set up." in words
        and "not yet posted cannot be read" in words
        and "cannot be read from Sage" in words
    )
    alter(sage, "ALTER TABLE JCM_MASTER__JOB DROP COLUMN Use_PJ_Change_Management")
    known = found(connect)
    assert known.pj_jobs is None and any("does not tell which jobs" in words for words in known.summary())


def test_the_sample_company_follows_its_own_masks(sage: Path) -> None:
    """Every job, cost code, commitment and account of it has the form that the control records give."""
    masks = found(door("file", sage)).masks
    for field, name, column in (
        ("job", "JCM_MASTER__JOB", "Job"),
        ("cost_code", "JCM_MASTER__COST_CODE", "Cost_Code"),
        ("commitment", "JCM_MASTER__COMMITMENT", "Commitment"),
        ("gl_account", "GLM_MASTER__ACCOUNT", "Account"),
    ):
        ids = [each for (each,) in ask(sage, f"SELECT {column} FROM {name}")]
        assert [masks.fits(field, each) for each in ids] == [""] * len(ids)
    groups = ask(sage, "SELECT Cost_Code, Group_Cost_Code FROM JCM_MASTER__COST_CODE")
    assert [masks.is_group(code) for code, _ in groups] == [bool(group) for _, group in groups]


def test_a_module_that_was_not_bought_is_normal(sage: Path) -> None:
    """Everything that is not required may be missing at once, and the rest is read."""
    optional = [each for each in catalogue() if not each.required]
    alter(sage, *(f"DROP TABLE {each.name}" for each in optional))
    known = found(door("file", sage))
    assert known.missing_tables == tuple(each.name for each in optional) and len(known.sentences()) == len(optional)
    assert rows_of(door("file", sage), "JCM_MASTER__JOB") == sage_rows(sage, JOBS)


def test_a_table_under_its_other_name(sage: Path) -> None:
    """The name of the change order lines is inferred; the other likely one is found as well."""
    lines = table("JCM_MASTER__COMMITMENT_CO_ITEM")
    whole = sage_rows(sage, lines)
    alter(sage, "ALTER TABLE JCM_MASTER__COMMITMENT_CO_ITEM RENAME TO JCM_MASTER__COMMITMENT_CO_DETAIL")
    known = found(door("file", sage))
    assert known.source(lines) == "JCM_MASTER__COMMITMENT_CO_DETAIL" and known.sentences() == ()
    assert rows_of(door("file", sage), lines.name) == whole


def test_every_column_that_may_be_missing_may_be(sage: Path) -> None:
    """Lacking columns are found one by one, whichever they are; the others stay."""
    loose = [column for column in JOBS.columns if not column.required]
    for column in loose[::2]:
        alter(sage, f'ALTER TABLE JCM_MASTER__JOB DROP COLUMN "{column.name}"')
    known = found(door("odbc", sage))
    assert known.missing_columns == tuple(("JCM_MASTER__JOB", column.name) for column in loose[::2])
    assert [column.name for column in known.columns["JCM_MASTER__JOB"]] == [
        column.name for column in JOBS.columns if column not in loose[::2]
    ]
    with pytest.raises(KeyError, match=loose[0].name):
        known.expression(JOBS, loose[0].name)


@pytest.mark.parametrize(
    "ask_it", [lambda reader: reader.count_and_sum(COSTS), lambda reader: list(reader.rows(COSTS))]
)
def test_a_table_without_a_known_name_cannot_be_read(ask_it: Callable[[SageReader], Any], sage: Path) -> None:
    """Asked for all the same: a sentence."""
    with SageReader(through("file", sage, naming="dictionary")) as reader, pytest.raises(SageUnavailable, match="JCT"):
        ask_it(reader)
