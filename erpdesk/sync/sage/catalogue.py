"""Which of Sage's tables and columns erpdesk keeps, as plain lists: add a name here and reader and mirror follow.

Nothing about a person is kept: no employee, pay or payee columns, and no bank or tax number of a vendor.
"""

from __future__ import annotations

from dataclasses import dataclass

JOB_STATES = ("Unstarted", "In progress", "Closed")
STAMPS = ("Operator_Stamp", "Date_Stamp", "Time_Stamp")
"""Who changed a row last, and when."""


@dataclass(frozen=True)
class Wanted:
    """One table: its Sage name, its name in the mirror, and its name for people.

    The workflow relies on ``columns``: a site must have those of them that real companies have (mark P). ``more`` is
    kept where Sage has it. ``sums`` are the amounts whose total is compared with Sage's. Without ``required`` a site
    may lack the table. ``also`` are other names that the table may have, where its name is inferred. Rows of a
    ``passing`` table leave it when they are posted, many at a time, so that is no loss.
    """

    name: str
    mirror: str
    title: str
    columns: tuple[str, ...]
    sums: tuple[str, ...] = ()
    required: bool = False
    more: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    passing: bool = False


PRIVATE = frozenset(
    (
        *("Employee", "Period_End_Date", "Check_Sequence", "Pay_ID", "Tax_ID", "Fringe_ID", "Joint_Payee"),
        *("Bank_ID", "Default_Payment_Type", "Federal_ID", "SSN", "Form_Type_1099", "PM_Tenant"),
        *("Smry_Payee_Name", "Smry_Payee_Address_1", "Smry_Payee_Address_2", "Smry_Payee_City", "Smry_Payee_State"),
        *("Smry_Payee_ZIP", "Work_State", "Work_Local", "Workers_Comp_Group", "Use_Empl_Work_StateLocal"),
    ),
)
"""Columns that never leave Sage, in whatever table they stand (payroll, payees, tax and bank data)."""

PRIVATE_HERE = frozenset((("APM_MASTER__VENDOR", "Bank_Account"), ("APM_MASTER__VENDOR", "Account_Type")))
"""Columns that are private in one table only: elsewhere a bank account is one of the company's own."""

CHOICES = {
    ("JCM_MASTER__JOB", "Status"): JOB_STATES,
    ("JCM_MASTER__EXTRA", "Status"): JOB_STATES,
}
"""The words that can stand in a column, where all of them are known."""

_COMMITTED = ("Original_Commitment", "Pending_Commitment_Changes", "Approved_Commitment_Changes", "Revised_Commitment")
_PLANNED = ("Estimated_Start_Date", "Estimated_Comp_Date", "Revised_Start_Date", "Revised_Comp_Date")
_ACTUAL = ("Actual_Start_Date", "Actual_Complete_Date", "Last_Cost_Update")
_ESTIMATE = ("Original_Estimate", "Pending_Estimate_Changes")
_UNITS = ("Original_Estimate_Units", "Pending_Est_Unit_Changes", "Approved_Est_Unit_Changes", "Total_Estimate_Units")
_KINDS = ("Gen_Liab_Ins_Proof_Req", "Work_Comp_Ins_Proof_Req", "Umbrella_Ins_Proof_Req", "Auto_Ins_Proof_Req")
_INSURANCE = (
    *_KINDS,
    *("GL_Ins_Company", "Work_Comp_Ins_Cmpany", "Umbrella_Ins_Company", "Auto_Ins_Company"),
    *("GL_Ins_Policy_Number", "Work_Comp_Policy_Num", "Umb_Ins_Policy_Num", "Auto_Ins_Policy_Num"),
    *("GL_Ins_Expiration_Dt", "Work_Comp_Expir_Dt", "Umb_Ins_Expir_Dt", "Auto_Ins_Expir_Dt"),
)
_COSTS = (
    *("Run", "Sequence", "Job", "Extra", "Cost_Code", "Category", "Transaction_Type", "Transaction_Date"),
    *("Accounting_Date", "Description", "Units", "Unit_Cost", "Amount", "Retainage", "Application_of_Origin"),
    *("Batch", "Vendor", "Invoice", "Commitment", "Commitment_Line_Item", "Check", "Ref_1"),
)
_COSTS_MORE = ("Dist_Sequence", "Commitment_CO", "Change_Order", "Ref_2", "Draw", "Transaction_Status", *STAMPS)
_INVOICE = (
    *("Vendor", "Invoice", "Description", "Status", "Amount", "Tax", "Discount_Offered", "Retainage"),
    *("Misc_Deduction", "Amount_Paid", "Tax_Paid", "Discount_Taken", "Retainage_Held", "Retainage_Paid"),
    *("Invoice_Date", "Date_Received", "Discount_Date", "Payment_Date", "Accounting_Date", "Appl_of_Origin"),
    *("Batch", "Batch_Source", "Pending_Invoice", "Invoice_Code_1", "Invoice_Code_2", "Onhold_Status", *STAMPS),
)
_DISTRIBUTION = (
    *("Vendor", "Invoice", "Dist_Seq", "Description", "Status", "Amount", "Tax_Group", "Tax", "Discount_Offered"),
    *("Retainage", "Misc_Deduction", "Amount_Paid", "Tax_Paid", "Retainage_Held", "Retainage_Paid", "Authorization"),
    *("Dist_Code", "Expense_Account", "Accounts_Payable_Account", "Job", "Extra", "Cost_Code", "Category"),
    *("Commitment", "Commitment_Line_Item", "Units", "Unit_Cost", "Draw", "Onhold_Status", *STAMPS),
)
_STANDARD_CATEGORIES = tuple(
    each for number in range(1, 13) for each in (f"Category_{number}", f"Unit_Description_{number}")
)
_TAX_RATES = tuple(each for number in range(1, 10) for each in (f"Tax_{number}_Type", f"Tax_{number}_Rate"))

WANTED = (
    Wanted(
        "JCM_MASTER__JOB",
        "job",
        "Jobs",
        ("Job", "Description", "Status", "Extras", *_COMMITTED, "Commitment_Invoiced", "JTD_Cost", "Total_Estimate"),
        ("Revised_Commitment", "JTD_Cost"),
        required=True,
        more=(
            *("Use_PJ_Change_Management", "AR_Customer", "Customer", "Customer_Name", "Type", "Job_Tax_Group"),
            *(*_PLANNED, *_ACTUAL, "Retainage_Percent", "Cost_Account_Group", "Cost_Account_Prefix", "On_Hold"),
            *("Orig_Estimate_Finalized", *_ESTIMATE, "JTD_Aprvd_Estimate_Chgs"),
            *("Extras_Original_Estimate", "Extras_Total_Estimate", "Extra_Original_Commitment"),
            *("Extra_Revised_Commitment", "Extra_Commitment_Invoiced", "Extras_JTD_Cost", *STAMPS),
        ),
    ),
    Wanted(
        "JCM_MASTER__EXTRA",
        "extra",
        "Extras",
        ("Job", "Extra", "Description", "Status"),
        required=True,
        more=(
            *("Last_Cost_Update", *_ESTIMATE, "JTD_Aprvd_Estimate_Chgs", "Total_Estimate", *_COMMITTED),
            *("Commitment_Invoiced", "JTD_Cost", *STAMPS),
        ),
    ),
    Wanted(
        "JCM_MASTER__COST_CODE",
        "cost_code",
        "Cost codes",
        ("Job", "Extra", "Cost_Code", "Description", "Group_Cost_Code", "Status", "Accumulate_As"),
        required=True,
        more=(
            *("Cost_Unit_Description", "Cost_Account", "Contract", "Item", "Last_Cost_Update", *_ESTIMATE),
            *("JTD_Aprvd_Estimate_Chgs", "Total_Estimate", *_UNITS, *STAMPS),
        ),
    ),
    Wanted(
        "JCM_MASTER__CATEGORY",
        "category",
        "Categories",
        (
            *("Job", "Extra", "Cost_Code", "Category", "Description", "Status", "Accumulate_As", "Total_Estimate"),
            *(*_COMMITTED, "Commitment_Invoiced", "JTD_Cost"),
        ),
        ("Revised_Commitment", "JTD_Cost", "Total_Estimate"),
        required=True,
        more=(
            *(*_ESTIMATE, "Approved_Estimate_Changes", *_UNITS, "JTD_Units", "Cost_Unit_Description"),
            *("Cost_Account", "Last_Cost_Update", *STAMPS),
        ),
    ),
    Wanted(
        "JCM_MASTER__STANDARD_COST_CODE",
        "standard_cost_code",
        "Standard cost codes",
        ("Cost_Code",),
        more=(
            *("Description", "Group_Cost_Code", "Accumulate_As", "Cost_Account_A", "Cost_Account_B", "Cost_Account_C"),
            *("Production_Unit_Desc", "Cost_Unit_Description", *_STANDARD_CATEGORIES, *STAMPS),
        ),
    ),
    Wanted(
        "JCM_MASTER__STANDARD_CATEGORY",
        "standard_category",
        "Standard categories",
        ("Category",),
        more=(
            *("Description", "Accumulate_As", "Cost_Account_A", "Cost_Account_B", "Cost_Account_C"),
            *("Unit_Description", *STAMPS),
        ),
    ),
    Wanted(
        "APM_MASTER__VENDOR",
        "vendor",
        "Vendors",
        ("Vendor", "Name", "Type", "Address_1", "Address_2", "City", "State", "ZIP", "Telephone", "Status"),
        required=True,
        more=(*(*_INSURANCE, "Fax_Number", "Payment_Terms", "Default_Expense_Account", "Dist_Code", *STAMPS),),
    ),
    Wanted(
        "JCM_MASTER__COMMITMENT",
        "commitment",
        "Commitments",
        (
            *("Commitment", "Commitment_Type", "Description", "Vendor", "Job", "Date", "Retainage_Percent"),
            *("Committed", "Closed", "Amount", "Approved_Commitment_CO_Amount", "Amount_Invoiced"),
        ),
        ("Amount", "Amount_Invoiced"),
        required=True,
        more=("Printed", "Actual_Start_Date", "Actual_Complete_Date", *STAMPS),
    ),
    Wanted(
        "JCM_MASTER__COMMITMENT_ITEM",
        "commitment_item",
        "Commitment lines",
        (
            *("Commitment", "Item_Number", "Description", "Job", "Extra", "Cost_Code", "Category"),
            *("Units", "Unit_Description", "Unit_Cost", "Amount", "Tax_Group", "Tax", "Amount_Invoiced"),
            *("Approved_Commitment_CO_Amount", "Approved_Commitment_CO_Tax_Amount", "Retainage_Percent"),
            "Delivery_Date",
        ),
        ("Amount", "Amount_Invoiced"),
        required=True,
        more=("Units_Invoiced", "Approved_Commitment_CO_Units", *STAMPS),
    ),
    Wanted(
        "JCM_MASTER__COMMITMENT_CO",
        "commitment_co",
        "Commitment change orders",
        ("Commitment", "Commitment_CO", "Description", "Date", "Status", "Amount", "Tax"),
        ("Amount",),
        more=("Type", "Release_to_Accounting", "Printed", *STAMPS),
    ),
    Wanted(
        "JCM_MASTER__COMMITMENT_CO_ITEM",
        "commitment_co_item",
        "Commitment change order lines",
        (
            *("Commitment", "Commitment_CO", "Item_Number", "Description", "Job", "Extra", "Cost_Code", "Category"),
            *("Units", "Unit_Description", "Unit_Cost", "Amount", "Tax"),
        ),
        ("Amount",),
        more=("Tax_Group", *STAMPS),
        also=("JCM_MASTER__COMMITMENT_CO_DETAIL",),
    ),
    Wanted(
        "JCT_CURRENT__TRANSACTION",
        "job_cost",
        "Job-cost transactions",
        _COSTS,
        ("Amount",),
        required=True,
        more=_COSTS_MORE,
    ),
    Wanted(
        "JCT_NEW__TRANSACTION",
        "new_job_cost",
        "Unposted job-cost entries",
        _COSTS,
        ("Amount",),
        more=_COSTS_MORE,
        passing=True,
    ),
    Wanted("APM_MASTER__INVOICE", "ap_invoice", "AP invoices", _INVOICE, ("Amount", "Amount_Paid")),
    Wanted("APM_MASTER__DISTRIBUTION", "ap_distribution", "AP distributions", _DISTRIBUTION, ("Amount", "Amount_Paid")),
    Wanted(
        "APM_MASTER__INVOICE_PAYMENT",
        "ap_payment",
        "AP payments",
        (
            *("Vendor", "Invoice", "Payment_ID", "Payment_Type", "Bank_Account", "Check", "Amount_Paid", "Tax_Paid"),
            *("Discount_Taken", "Retainage_Held", "Retainage_Paid", *STAMPS),
        ),
        ("Amount_Paid",),
    ),
    Wanted(
        "APT_CURRENT__TRANSACTION",
        "ap_transaction",
        "AP transactions",
        (
            *("Run", "Sequence", "Vendor", "Invoice", "Dist_Sequence", "Transaction_Type", "Transaction_Date"),
            *("Accounting_Date", "Amount", "Payment_ID", "Payment_Type", "Bank_Account", "Check", "Check_Date"),
            *("Job", "Extra", "Cost_Code", "Category", "Commitment", "Commitment_Line_Item", *STAMPS),
        ),
        ("Amount",),
    ),
    Wanted("API_NEW__INVOICE", "new_ap_invoice", "Unposted AP invoices", _INVOICE, ("Amount",), passing=True),
    Wanted(
        "API_NEW__DISTRIBUTION",
        "new_ap_distribution",
        "Unposted AP distributions",
        _DISTRIBUTION,
        ("Amount",),
        passing=True,
    ),
    Wanted("TXM_MASTER__TAX_GROUP", "tax_group", "Tax groups", ("Tax_Group", "Description", "Rate"), more=_TAX_RATES),
    Wanted("GLM_MASTER__ACCOUNT", "gl_account", "GL accounts", ("Account", "Account_Title", "Account_Type")),
    Wanted("CMM_MASTER__BANK_ACCOUNT", "bank_account", "Bank accounts", ("Bank_Account", "Description")),
    Wanted(
        "CNM_MASTER__CONTRACT",
        "contract",
        "Contracts",
        (
            *("Contract", "Description", "Customer", "Job", "Status", "Contract_Date", "Original_Contract_Amount"),
            *("Approved_Contract_Changes", "Revised_Contract_Amount", *STAMPS),
        ),
    ),
    Wanted(
        "CNM_MASTER__CONTRACT_ITEM",
        "contract_item",
        "Contract items",
        ("Contract", "Item", "Description", "Job", "Orig_Scheduled_Value", "Revised_Scheduled_Value", *STAMPS),
    ),
    Wanted(
        "TS_CTL_RECORD_3",
        "id_format",
        "ID formats",
        ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP"),
    ),
)
"""Every table that is mirrored, in the order in which it is read."""
