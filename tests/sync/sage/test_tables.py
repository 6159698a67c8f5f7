"""What erpdesk mirrors of Sage: every table of the connector, with stamps where Sage has them, and nothing private."""

from __future__ import annotations

import pytest

from erpdesk.sync.sage.catalogue import PRIVATE, PRIVATE_HERE, STAMPS, WANTED
from erpdesk.sync.sage.tables import Naming, catalogue, table, written
from erpdesk.sync.sandbox.tables import tables as described

EXPECTED = (
    *("JCM_MASTER__JOB", "JCM_MASTER__EXTRA", "JCM_MASTER__COST_CODE", "JCM_MASTER__CATEGORY"),
    *("JCM_MASTER__STANDARD_COST_CODE", "JCM_MASTER__STANDARD_CATEGORY", "APM_MASTER__VENDOR"),
    *("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM", "JCM_MASTER__COMMITMENT_CO"),
    *("JCM_MASTER__COMMITMENT_CO_ITEM", "JCT_CURRENT__TRANSACTION", "JCT_NEW__TRANSACTION", "APM_MASTER__INVOICE"),
    *("APM_MASTER__DISTRIBUTION", "APM_MASTER__INVOICE_PAYMENT", "APT_CURRENT__TRANSACTION", "API_NEW__INVOICE"),
    *("API_NEW__DISTRIBUTION", "TXM_MASTER__TAX_GROUP", "GLM_MASTER__ACCOUNT", "CMM_MASTER__BANK_ACCOUNT"),
    *("CNM_MASTER__CONTRACT", "CNM_MASTER__CONTRACT_ITEM", "TS_CTL_RECORD_3"),
)


def test_every_table_of_the_connector_is_mirrored() -> None:
    """Each of them once, under names of its own, with its whole key."""
    assert sorted(each.name for each in catalogue()) == sorted(EXPECTED)
    assert len({each.mirror for each in catalogue()}) == len({each.title for each in catalogue()}) == len(EXPECTED)
    for each in catalogue():
        names = [column.name for column in each.columns]
        assert len(set(names)) == len(names) and [column.name for column in each.key]
        assert {column.name for column in each.key} == set(described()[each.name].key)
        assert set(each.sums) <= {column.name for column in each.columns if column.scale == 2}


def test_no_column_about_a_person_leaves_sage() -> None:
    """Neither payroll columns nor a vendor's bank and tax data are on the list, wherever Sage has them."""
    mirrored = {(each.name, column.name) for each in catalogue() for column in each.columns}
    assert not {name for _, name in mirrored} & PRIVATE and not mirrored & PRIVATE_HERE
    personal = ("employee", "pay_id", "fringe", "payee", "ssn", "social", "1099", "bank_id", "birth")
    assert not [pair for pair in mirrored if any(word in pair[1].lower() for word in personal)]
    assert not [pair for pair in mirrored if pair[0] == "APM_MASTER__VENDOR" and "bank" in pair[1].lower()]
    # Sage has such columns in these very tables: the list leaves them out, it does not merely miss them.
    held = {
        column.name
        for name in ("JCT_CURRENT__TRANSACTION", "APM_MASTER__VENDOR")
        for column in described()[name].columns
    }
    assert {"Employee", "Pay_ID", "Tax_ID", "Bank_ID", "Bank_Account"} <= held
    assert not any("CUSTOM_FIELDS" in each.name for each in catalogue())


def test_stamps_are_mirrored_wherever_sage_has_them() -> None:
    """Operator, date and time of the last change: all three or none."""
    for each in catalogue():
        held = {column.name for column in described()[each.name].columns} & set(STAMPS)
        assert {column.name for column in each.columns} & set(STAMPS) == held
        assert each.stamps == (held == set(STAMPS))
    assert not table("TS_CTL_RECORD_3").stamps and table("JCM_MASTER__JOB").stamps


def test_only_what_was_seen_at_real_companies_is_insisted_on() -> None:
    """A name that was inferred or guessed is never required, a key apart; nor is what the workflow can do without."""
    wanted = {each.name: each for each in WANTED}
    for each in catalogue():
        for column in each.columns:
            assert not column.required or column.key or column.certainty == "P", column.name
            assert column.key or not column.required or column.name in wanted[each.name].columns
    required = {each.name for each in catalogue() if each.required}
    assert required < set(EXPECTED) and "JCT_NEW__TRANSACTION" not in required
    assert all(column.certainty != "M" for each in catalogue() if each.required for column in each.columns)


def test_insurance_and_estimates_are_there() -> None:
    """The columns that budgets and compliance need."""
    vendor = {column.name: column.kind for column in table("APM_MASTER__VENDOR").columns}
    assert [
        vendor[name] for name in ("GL_Ins_Expiration_Dt", "Work_Comp_Expir_Dt", "Umb_Ins_Expir_Dt", "Auto_Ins_Expir_Dt")
    ] == ["date"] * 4
    category = {column.name for column in table("JCM_MASTER__CATEGORY").columns}
    assert {
        "Original_Estimate",
        "Approved_Estimate_Changes",
        "Original_Estimate_Units",
        "Approved_Est_Unit_Changes",
    } <= category
    job = {column.name for column in table("JCM_MASTER__JOB").columns}
    assert {
        "Use_PJ_Change_Management",
        "Orig_Estimate_Finalized",
        "Customer",
        "Job_Tax_Group",
        "Last_Cost_Update",
    } <= job


@pytest.mark.parametrize(
    ("naming", "job", "entries"),
    [
        (Naming.STANDARD, "JCM_MASTER__JOB", "JCT_NEW__TRANSACTION"),
        (Naming.CUSTOM, "MASTER_JCM_JOB", "NEW_JCT_TRANSACTION"),
        (Naming.DICTIONARY, "MASTER_JCM_RECORD_1", ""),
    ],
)
def test_names_by_mode(naming: Naming, job: str, entries: str) -> None:
    """A table under its name in each of the three modes; the dictionary name of some is not known."""
    assert table("JCM_MASTER__JOB").named(naming) == job
    assert table("JCT_NEW__TRANSACTION").named(naming) == entries
    assert table("JCM_MASTER__COMMITMENT").named(Naming.DICTIONARY) == "MASTER_JCM_RECORD_12"
    key = table("TXM_MASTER__TAX_GROUP").key[0]
    assert written(key.named(Naming.DICTIONARY)) == '"GROUP"' and written("Check", "T") == 'T."Check"'
    assert written("Job") == "Job" and written("Job", "T") == "T.Job"
