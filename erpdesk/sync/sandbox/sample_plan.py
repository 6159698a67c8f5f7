"""The budget side of the sample company: jobs, cost codes, categories with estimates, vendors."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from erpdesk.paths import resources
from erpdesk.sync.sandbox import books
from erpdesk.sync.sandbox.books import PERIODS, Key

# How a cost code's budget is shared between the categories it has, before chance.
SHARES = {"L": 38, "M": 30, "S": 62, "E": 12, "O": 24}
HOUR_CENTS = 6200


@cache
def told() -> Mapping[str, Any]:
    """The invented names, places and weights of the sample company."""
    return tomllib.loads((resources() / "sage" / "sandbox" / "sample.toml").read_text("utf-8"))


def as_of() -> date:
    """The last day of the sample company's books."""
    return date.fromisoformat(told()["as_of"])


@cache
def periods_of(day: date) -> tuple[str, ...]:
    """Which of Sage's to-date columns a cost of this day belongs to, seen from the last day of the books."""
    return books.periods_of(day, as_of())


@dataclass
class Budget:
    """One category of a job: what is estimated, committed and spent on it; amounts in whole cents."""

    key: Key
    description: str
    family: str
    unit: str
    estimate: int
    change: int
    progress: float
    original: int = 0
    approved: int = 0
    pending: int = 0
    invoiced: int = 0
    paid: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PERIODS, 0))
    cost: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PERIODS, 0))
    hours: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PERIODS, 0))
    last_cost: date | None = None

    def spend(self, cents: int, quarters: int, day: date) -> None:
        """Adds a cost of so many cents and quarter hours on a day."""
        for period in periods_of(day):
            self.cost[period] += cents
            self.hours[period] += quarters
        if self.last_cost is None or day > self.last_cost:
            self.last_cost = day

    def pay(self, cents: int, day: date) -> None:
        """Adds what a check of a day paid."""
        for period in periods_of(day):
            self.paid[period] += cents

    @property
    def division(self) -> str:
        """The first section of the cost code."""
        return self.key[2][:2]


@dataclass(frozen=True)
class Plan:
    """The company before a cent was spent."""

    jobs: tuple[Mapping[str, Any], ...]
    budgets: tuple[Budget, ...]
    extra_divisions: Mapping[tuple[str, str], tuple[str, ...]]


def plan(chance: random.Random) -> Plan:
    """Estimates for every job and extra: weights of the cost codes with some chance, rounded to ten dollars."""
    budgets: list[Budget] = []
    divisions: dict[tuple[str, str], tuple[str, ...]] = {}
    for job in told()["job"]:
        everything = tuple(division["id"] for division in told()["division"])
        budgets += _budgets(chance, job, "", everything, job["contract"] * 90)
        for extra in job.get("extra", ()):
            divisions[job["id"], extra["id"]] = tuple(extra["divisions"])
            budgets += _budgets(chance, job, extra["id"], tuple(extra["divisions"]), extra["contract"] * 90)
    return Plan(tuple(told()["job"]), tuple(budgets), divisions)


def _budgets(
    chance: random.Random, job: Mapping[str, Any], extra: str, divisions: tuple[str, ...], cents: int
) -> list[Budget]:
    codes = [(d["id"], code) for d in told()["division"] if d["id"] in divisions for code in d["code"]]
    weights = [code[3] * chance.uniform(0.55, 1.5) for _, code in codes]
    found: list[Budget] = []
    for (division, code), weight in zip(codes, weights, strict=True):
        whole = cents * weight / sum(weights)
        letters: str = code[2]
        shares = {letter: SHARES[letter] * chance.uniform(0.7, 1.3) for letter in letters}
        # Buying is possible on every code outside general requirements, also where nothing was estimated for it.
        blank = "" if division == "01" else "".join(letter for letter in "MS" if letter not in letters)
        progress = min(1.0, job["progress"] * _stage(division, job["progress"]) * chance.uniform(0.85, 1.1))
        for category in told()["category"]:
            letter = category["id"]
            if letter not in letters + blank:
                continue
            estimate = round(whole * shares.get(letter, 0) / sum(shares.values()) / 1000) * 1000
            change = round(estimate * chance.uniform(-0.04, 0.09) / 5000) * 5000 if chance.random() < 0.12 else 0
            key = (job["id"], extra, f"{division}-{code[0]}", letter)
            found.append(
                Budget(
                    key,
                    category["description"],
                    category["accumulate_as"],
                    category["unit"],
                    estimate,
                    change,
                    progress,
                )
            )
    return found


def _stage(division: str, progress: float) -> float:
    """Early trades run ahead of the job, late ones behind it."""
    early = 1.0 - (int(division) - 2) / 14
    return 1.0 + (early - 0.5) * 1.4 * (1.0 - progress)


def structure_rows(made: Plan) -> dict[str, list[dict[str, object]]]:
    """Rows of the tables that do not depend on costs: standards, jobs, extras, cost codes, vendors."""
    codes = [(division, code) for division in told()["division"] for code in division["code"]]
    families = {category["id"]: category["accumulate_as"] for category in told()["category"]}
    units = {category["id"]: category["unit"] for category in told()["category"]}
    standard = [
        _standard(f"{division['id']}-0000", division["description"], 1, "", families, units)
        for division in told()["division"]
    ] + [_standard(f"{division['id']}-{code[0]}", code[1], 0, code[2], families, units) for division, code in codes]
    return {
        "JCM_MASTER__STANDARD_CATEGORY": [
            {
                "Category": category["id"],
                "Description": category["description"],
                "Accumulate_As": category["accumulate_as"],
                "Unit_Description": category["unit"],
            }
            for category in told()["category"]
        ],
        "JCM_MASTER__STANDARD_COST_CODE": sorted(standard, key=lambda row: str(row["Cost_Code"])),
        "JCM_MASTER__JOB": [_job(job) for job in made.jobs],
        "JCM_MASTER__EXTRA": [_extra(job, extra) for job in made.jobs for extra in job.get("extra", ())],
        "JCM_MASTER__COST_CODE": _cost_codes(made, families),
    }


def _standard(
    code: str, description: str, group: int, letters: str, families: Mapping[str, str], units: Mapping[str, str]
) -> dict[str, object]:
    row: dict[str, object] = {
        "Cost_Code": code,
        "Description": description,
        "Group_Cost_Code": group,
        "Accumulate_As": families[letters[0]] if letters else "",
    }
    for number in range(1, 6):
        letter = letters[number - 1] if number <= len(letters) else ""
        row[f"Category_{number}"] = letter
        row[f"Unit_Description_{number}"] = units.get(letter, "")
    return row


def _job(job: Mapping[str, Any]) -> dict[str, object]:
    return {
        "Job": job["id"],
        "Description": job["description"],
        "Address_1": job["address"],
        "City": job["city"],
        "State": job["state"],
        "ZIP_Code": job["zip"],
        "Type": job["type"],
        "Status": "In progress",
        "Extras": "Yes" if job.get("extra") else "No",
        "Project_Manager": job["manager"],
        "Supervisor": job["supervisor"],
        "AR_Customer": job["customer"],
        "Retainage_Percent": job["retainage"],
        "Original_Contract_Amount": job["contract"],
        "Revised_Contract_Amount": job["contract"],
        "Contract_Retainage_Percent": job["retainage"],
        "Contract_Date": job["begin"],
        "Estimated_Start_Date": job["begin"],
        "Estimated_Comp_Date": job["end"],
        "Actual_Start_Date": job["begin"],
        "Extras_Revised_Contract_Amt": sum(extra["contract"] for extra in job.get("extra", ())),
    }


def _extra(job: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, object]:
    return {
        "Job": job["id"],
        "Extra": extra["id"],
        "Description": extra["description"],
        "Status": "In progress",
        "Original_Contract_Amount": extra["contract"],
        "Revised_Contract_Amount": extra["contract"],
    }


def _cost_codes(made: Plan, families: Mapping[str, str]) -> list[dict[str, object]]:
    everything = tuple(division["id"] for division in told()["division"])
    places = [(job["id"], "", everything) for job in made.jobs]
    places += [(job, extra, divisions) for (job, extra), divisions in made.extra_divisions.items()]
    rows: list[dict[str, object]] = []
    for job, extra, divisions in places:
        for division in told()["division"]:
            if division["id"] not in divisions:
                continue
            codes = [["0000", division["description"], "", 0], *division["code"]]
            rows += [
                {
                    "Job": job,
                    "Extra": extra,
                    "Cost_Code": f"{division['id']}-{code[0]}",
                    "Description": code[1],
                    "Group_Cost_Code": int(code[0] == "0000"),
                    "Status": "In progress",
                    "Accumulate_As": families[code[2][0]] if code[2] else "",
                }
                for code in codes
            ]
    return rows


def vendor_rows(chance: random.Random) -> list[dict[str, object]]:
    """The vendors with invented addresses; every third has a contact, subcontractors have insurance dates."""
    types = {"S": "Subcontractor", "M": "Material supplier", "E": "Equipment rental", "P": "Professional service"}
    rows: list[dict[str, object]] = []
    for number, (vendor, name, kind, _, active) in enumerate(told()["vendors"]["row"]):
        city, state, zip_code = chance.choice(told()["vendors"]["place"])
        contact = chance.choice(told()["vendors"]["contact"]) if number % 3 == 0 else ""
        insured = as_of() + timedelta(days=chance.randrange(-60, 400)) if kind == "S" else None
        rows.append(
            {
                "Vendor": vendor,
                "Name": name,
                "Type": types[kind],
                "Address_1": f"{chance.randrange(10, 9900)} {chance.choice(told()['vendors']['street'])}",
                "Address_2": f"Suite {chance.randrange(100, 480)}" if chance.random() < 0.25 else "",
                "City": city,
                "State": state,
                "ZIP": zip_code,
                "Telephone": f"(555) 555-{100 + number:04d}",
                "Contact_1_Name": contact,
                "Contact_1_Email_Address": f"office@{vendor.lower()}.example" if contact else "",
                "Default_Payment_Type": "Check" if chance.random() < 0.6 else "Electronic",
                "Status": "Active" if active else "Inactive",
                "Payment_Terms": "Net 30",
                "Default_Expense_Account": "6100" if kind == "P" else "",
                "Gen_Liab_Ins_Proof_Req": int(kind == "S"),
                "Work_Comp_Ins_Proof_Req": int(kind == "S"),
                "GL_Ins_Company": told()["insurer"][number % len(told()["insurer"])] if insured else "",
                "GL_Ins_Policy_Number": f"GL-{410_000 + number * 37}" if insured else "",
                "Work_Comp_Ins_Cmpany": told()["insurer"][number % len(told()["insurer"])] if insured else "",
                "Work_Comp_Policy_Num": f"WC-{730_000 + number * 41}" if insured else "",
                "GL_Ins_Expiration_Dt": str(insured) if insured else None,
                "Work_Comp_Expir_Dt": str(insured) if insured else None,
            }
        )
    return rows
