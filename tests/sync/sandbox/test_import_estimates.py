"""The stand-in's estimate import: what the golden cases leave to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import post_entries, read_journal, run_import
from tests.sync.sandbox.looking import reasons, row, run, value

Lay = Callable[..., None]
JOB = '"*","J1","One"'
NAME = "import_estimates"
CATEGORY = "SELECT * FROM JCM_MASTER__CATEGORY WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?"


def c(code: str = "05-100", category: str = "S", amount: str = "10.00", extra: str = "", units: str = "1.00") -> str:
    """A category line."""
    return f'"C","{code}","Text","{category}",03012026,{units},"ea",{amount},,,"","","{extra}"'


CASES = [
    ([JOB, c("05-200")], "closed_cost_code", "cost code 05-200 of job J1 is closed."),
    ([JOB, c(category="M")], "closed_category", "category M of job J1 cost code 05-100 is closed."),
    (['"*","J2","Two"', c()], "closed_job", "job J2 is closed."),
    (['"*","J9","Typing error"', c()], "id_mask", "job J9 does not exist, and its id is not of the form 99-999."),
    ([JOB, '"E","X2","Done"', c()], "closed_extra", "extra X2 of job J1 is closed."),
    (['"E","X1","Open"'], "layout_mismatch", "the extra does not follow a job line."),
    ([c()], "layout_mismatch", "the line does not follow a job line."),
    ([JOB, '"E","X1","Open"', c(extra="X2")], "layout_mismatch", "names extra X2 and stands under extra X1."),
    ([JOB, c(extra="X9")], "extra_unknown", "extra X9 does not exist in job J1."),
    ([JOB, c("05-000")], "group_cost_code", "cost code 05-000 is a group cost code; costs cannot go to it."),
    ([JOB, c("05-999")], "cost_code_not_standard", "is not on the list of standard cost codes."),
    ([JOB, c("5-100")], "id_mask", "cost code 5-100 is not of the form 99-999."),
    ([JOB, c(amount="1000000.00")], "number_range", "the amount 1000000.00 is too long; 6 digits and 2 decimals fit."),
    ([JOB, c() + ',"x"'], "layout_mismatch", "field 14 and later are not known in a category."),
    ([JOB, c().replace(",,,", ",1,,")], "layout_mismatch", "field 9 (number) is not known and must be blank."),
    ([JOB, c().replace("03012026", '"03012026"')], "layout_mismatch", "stands in quotation marks."),
    ([JOB, c().replace("03012026", "03/01/2026")], "bad_date", "is not a date of the form mmddyyyy."),
]


@pytest.mark.parametrize(("lines", "reason", "sentence"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_refusals(company: SandboxCompany, lay: Lay, lines: list[str], reason: str, sentence: str) -> None:
    """Each rule refuses its line, says why in the journal and hands the line back; nothing waits for posting."""
    lay(NAME, *lines)
    assert reason in run(company, NAME)
    assert any(line.endswith(sentence) for line in read_journal(company, NAME).splitlines()), read_journal(
        company, NAME
    )
    rejected = (company.imports / "estimates.rej").read_bytes().decode("cp1252").split("\r\n")[:-1]
    assert lines[-1] in rejected
    assert value(company, "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION") == 0


def test_what_stands_below_a_refused_job_falls_with_it(company: SandboxCompany, lay: Lay) -> None:
    """Lines below a refused job or extra are not entered anywhere else; the next job line starts afresh."""
    lay(NAME, '"*","J2","Two"', c(), '"E","X1","Open"', c(), JOB, '"E","X2","Done"', c(), '"E","X1","Open"', c())
    below = "with_its_header"
    assert run(company, NAME) == ["closed_job", below, below, below, "", "closed_extra", below, "", ""]
    waiting = row(company, "SELECT Job, Extra, Amount FROM JCT_NEW__TRANSACTION")
    assert waiting == {"Job": "J1", "Extra": "X1", "Amount": 10.0}


def test_a_blank_field_13_below_an_extra_is_that_extra(company: SandboxCompany, lay: Lay) -> None:
    """Records nest by order; the field may repeat the extra or leave it off."""
    lay(NAME, JOB, '"E","X1","Open"', c(), c(extra="X1"))
    assert run(company, NAME) == [""] * 4
    assert value(company, "SELECT SUM(Amount) FROM JCT_NEW__TRANSACTION WHERE Extra = 'X1'") == 20.0


def test_a_new_job_with_a_new_extra_uses_extras(company: SandboxCompany, lay: Lay) -> None:
    """What is made: job, extra, cost code with the standard description, category with the standard kind; stamped."""
    company.choose(pj_installed=True)
    lay(NAME, '"*","26-001","New one"', c("05-300"), '"E","A","First"', c("05-300"))
    assert run(company, NAME) == [""] * 4
    job = row(company, "SELECT * FROM JCM_MASTER__JOB WHERE Job = '26-001'")
    assert (job["Description"], job["Status"], job["Extras"]) == ("New one", "In progress", "Yes")
    assert (job["Use_PJ_Change_Management"], job["Operator_Stamp"]) == (1, "SAGEOPER")
    code = row(company, "SELECT * FROM JCM_MASTER__COST_CODE WHERE Job = '26-001' AND Extra = 'A'")
    assert (code["Description"], code["Accumulate_As"]) == ("Stairs", "Subcontract")
    category = row(company, CATEGORY, "26-001", "A", "05-300", "S")
    assert (category["Description"], category["Cost_Unit_Description"]) == ("Subcontract", "ea")
    assert post_entries(company).posted == 2
    job = row(company, "SELECT * FROM JCM_MASTER__JOB WHERE Job = '26-001'")
    assert (job["Original_Estimate"], job["Extras_Original_Estimate"]) == (10.0, 10.0)


def test_a_code_off_the_list_takes_its_description_from_the_file(company: SandboxCompany, lay: Lay) -> None:
    """With the option; without categories in use the option has no effect."""
    lay(NAME, JOB, c("05-900"))
    company.choose(categories_used=False)
    allow = {"allow_nonstandard_cost_codes": True}
    assert run(company, NAME, options=allow) == ["", "cost_code_not_standard"]
    company.choose(categories_used=True)
    assert run(company, NAME, options=allow) == ["", ""]
    assert value(company, "SELECT Description FROM JCM_MASTER__COST_CODE WHERE Cost_Code = '05-900'") == "Text"


def test_categories_of_a_standard_code_come_along(company: SandboxCompany, lay: Lay) -> None:
    """A standard cost code that names categories brings them, with their units."""
    with company.changing() as connection:
        connection.execute(
            "UPDATE JCM_MASTER__STANDARD_COST_CODE SET Category_1 = 'M', Unit_Description_1 = 'lb', Category_2 = 'Q'"
        )
    lay(NAME, JOB, c("05-300"))
    assert run(company, NAME) == ["", ""]
    assert row(company, CATEGORY, "J1", "", "05-300", "M")["Cost_Unit_Description"] == "lb"
    assert not row(company, CATEGORY, "J1", "", "05-300", "Q")


def test_units_of_an_approved_change(company: SandboxCompany, lay: Lay) -> None:
    """The option puts amount and units on the approved changes, not on the original estimate."""
    lay(NAME, JOB, c(amount="-12.34", units="-2.50"))
    assert run(company, NAME, options={"approved_estimate_change": True}) == ["", ""]
    post_entries(company)
    category = row(company, CATEGORY, "J1", "", "05-100", "S")
    assert (category["Original_Estimate"], category["Approved_Estimate_Changes"]) == (5000.0, -12.34)
    assert (category["Approved_Est_Unit_Changes"], category["Total_Estimate_Units"]) == (-2.5, -2.5)
    assert category["Total_Estimate"] == 4987.66


def test_a_category_that_is_not_standard_makes_nothing(company: SandboxCompany, lay: Lay) -> None:
    """The file is stopped whole: no job, no extra, no code; every line comes back; it is not marked as imported."""
    lay(NAME, '"*","26-002","Never made"', c("05-300"), c(category="Q"))
    result = run_import(company, NAME)
    assert result.stopped == "line 3: category Q is not a standard category. Nothing was imported."
    assert reasons(result) == ["file_stopped", "file_stopped", "category_not_standard"]
    assert not row(company, "SELECT * FROM JCM_MASTER__JOB WHERE Job = '26-002'")
    assert (company.imports / "estimates.rej").read_bytes() == (company.imports / "estimates.jce").read_bytes()
    assert run_import(company, NAME).warned == ()


def test_the_mark_is_by_content(company: SandboxCompany, lay: Lay, tmp_path: Path) -> None:
    """The same bytes under another name warn; other bytes under the same name do not."""
    lay(NAME, JOB, c())
    assert run_import(company, NAME).warned == ()
    copy = tmp_path / "renamed.jce"
    copy.write_bytes((company.imports / "estimates.jce").read_bytes())
    again = run_import(company, NAME, file=copy)
    assert again.warned == ("file_already_imported",)
    assert again.warnings == ("renamed.jce has already been imported. It is imported again.",)
    assert "Warning: renamed.jce has already been imported." in read_journal(company, NAME)
    lay(NAME, JOB, c(amount="11.00"))
    assert run_import(company, NAME).warned == ()


def test_a_corrected_reject_file_goes_in(company: SandboxCompany, lay: Lay) -> None:
    """Rejects are in the import's own form; without the job line a person adds it."""
    lay(NAME, JOB, c(), c("05-200", amount="5.00"))
    assert run(company, NAME) == ["", "", "closed_cost_code"]
    rejected = (company.imports / "estimates.rej").read_text("cp1252").strip()
    lay(NAME, JOB, rejected.replace("05-200", "05-100"))
    assert run(company, NAME) == ["", ""]
    assert not (company.imports / "estimates.rej").exists()
    assert value(company, "SELECT SUM(Amount) FROM JCT_NEW__TRANSACTION") == 15.0
