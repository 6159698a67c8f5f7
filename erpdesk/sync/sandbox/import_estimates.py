"""Job Cost > Tools > Import Estimates: makes jobs, extras, codes and categories, and leaves the amounts in new.jct."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from erpdesk.sync.sandbox.estimate_rules import ALLOW_CODES, AS_CHANGE, EstimateRules, Standing
from erpdesk.sync.sandbox.journal import Verdict
from erpdesk.sync.sandbox.newjct import CHANGE_TYPE, ESTIMATE_TYPE, NewEntries
from erpdesk.sync.sandbox.reader import Record, Refusal, layout_file, read_file
from erpdesk.sync.sandbox.running import NOTHING, Importer, Program, Run, Stopped
from erpdesk.sync.sandbox.tables import insert

PROGRAM = Program(
    "import_estimates",
    "Job Cost > Tools > Import Estimates",
    "estimates.jce",
    "estimates.prn",
    "estimates.rej",
    "Job Cost   Import Estimates",
    (AS_CHANGE, ALLOW_CODES),
)


class EstimateImport(Importer):
    """Estimates; totals do not move before Post Entries."""

    marks_files = True

    def read(self, data: bytes, run: Run) -> list[Record]:
        """Cuts the file into records; its dates have one form, whatever the site chose."""
        return read_file(data, layout_file("jce_layout")["record"], "mmddyyyy")

    def enter(self, connection: sqlite3.Connection, records: list[Record], run: Run) -> tuple[Verdict, ...]:
        """Line by line; a category that is not standard stops everything."""
        rules = EstimateRules(connection, run.company.settings, run.options)
        _stop_for_categories(rules, records)
        entering = _Entering(connection, rules, run)
        return tuple(entering.take(record) for record in records)


def _stop_for_categories(rules: EstimateRules, records: list[Record]) -> None:
    bad = {record.line: refusal for record in records if (refusal := rules.not_standard(record))}
    if not bad:
        return
    victims = Refusal("file_stopped", f"line {min(bad)} stopped the import.")
    verdicts = []
    for record in records:
        why = bad.get(record.line, victims)
        verdicts.append(Verdict(record.line, record.letters, record.text("job"), why.reason, why.sentence))
    raise Stopped(f"line {min(bad)}: {bad[min(bad)].sentence} {NOTHING}", tuple(verdicts))


class _Entering:
    """Goes down the file: a job line, its extra lines, their category lines."""

    def __init__(self, connection: sqlite3.Connection, rules: EstimateRules, run: Run) -> None:
        self._connection = connection
        self._rules = rules
        self._settings = run.company.settings
        self._change = run.options.get(AS_CHANGE, False)
        self._stamp = run.company.stamp()
        self._new = NewEntries(connection, "Estimate import", self._stamp)
        self._standing = Standing()
        self._made: set[str] = set()
        self._reject_next = run.company.faults.reject_next

    def take(self, record: Record) -> Verdict:
        """Enters one record, or says why not."""
        refusal = self._refusal(record)
        if refusal:
            self._fall(record)
            return Verdict(record.line, record.letters, self._standing.job, refusal.reason, refusal.sentence)
        if record.letters == "*":
            self._job(record)
        elif record.letters == "E":
            self._extra(record)
        else:
            return self._line(record)
        return Verdict(record.line, record.letters, self._standing.job)

    def _refusal(self, record: Record) -> Refusal | None:
        if record.refusal:
            return record.refusal
        if record.letters == "*":
            return self._rules.job(record)
        above = self._standing.refused_by
        if above and (record.letters == "C" or not self._standing.job):
            return Refusal("with_its_header", f"line {above} above it was rejected.")
        if record.letters == "E":
            return self._rules.extra(record, self._standing.job, self._made)
        refusal = self._rules.line(record, self._standing)
        if refusal is None and self._reject_next:
            refusal, self._reject_next = Refusal("refused_by_sage", self._reject_next), ""
        return refusal

    def _fall(self, record: Record) -> None:
        # What stands below a rejected job or extra has no place to go to. An unreadable line may have been either.
        if record.letters in ("*", ""):
            self._standing = Standing(refused_by=record.line)
        elif record.letters == "E":
            self._standing = replace(self._standing, extra="", refused_by=self._standing.refused_by or record.line)

    def _job(self, record: Record) -> None:
        job = record.text("job")
        self._standing = Standing(job)
        if not self._rules.is_new_job(job):
            return
        self._made.add(job)
        row: dict[str, object] = {
            "Job": job,
            "Description": record.text("description"),
            "Status": "In progress",
            "Extras": "No",
            "Use_PJ_Change_Management": int(self._settings.pj_installed),
        }
        insert(self._connection, "JCM_MASTER__JOB", [row | self._stamp])

    def _extra(self, record: Record) -> None:
        job, extra = self._standing.job, record.text("extra")
        self._standing = Standing(job, extra)
        if not self._rules.is_new_extra(job, extra):
            return
        row: dict[str, object] = {
            "Job": job,
            "Extra": extra,
            "Description": record.text("description"),
            "Status": "In progress",
        }
        insert(self._connection, "JCM_MASTER__EXTRA", [row | self._stamp])
        if job in self._made:
            self._connection.execute("UPDATE JCM_MASTER__JOB SET Extras = 'Yes' WHERE Job = ?", (job,))

    def _line(self, record: Record) -> Verdict:
        job, extra = self._standing.job, record.text("extra") or self._standing.extra
        code, category = record.text("cost_code"), record.text("category")
        self._make_code(job, extra, code, record)
        self._make_category((job, extra, code, category), record.text("unit"))
        amount, units = record.number("amount"), record.number("units")
        # A line of zero makes the code and the category and leaves nothing to post.
        if amount or units:
            day = str(record.day("date"))
            self._new.add(
                (job, extra, code, category),
                Transaction_Type=CHANGE_TYPE if self._change else ESTIMATE_TYPE,
                Transaction_Date=day,
                Accounting_Date=day,
                Description=record.text("description").strip(" "),
                Units=float(units),
                Amount=float(amount),
            )
        return Verdict(record.line, record.letters, job, amount=amount)

    def _make_code(self, job: str, extra: str, code: str, record: Record) -> None:
        sql = "SELECT 1 FROM JCM_MASTER__COST_CODE WHERE Job = ? AND Extra = ? AND Cost_Code = ?"
        if self._connection.execute(sql, (job, extra, code)).fetchone():
            return
        standard = self._rules.standard(code)
        row: dict[str, object] = {
            "Job": job,
            "Extra": extra,
            "Cost_Code": code,
            "Description": standard[0] if standard else record.text("description").strip(" "),
            "Status": "In progress",
            "Accumulate_As": self._accumulates(record.text("category"))[1],
        }
        insert(self._connection, "JCM_MASTER__COST_CODE", [row | self._stamp])
        if standard:
            self._bring_along((job, extra, code))

    def _bring_along(self, place: tuple[str, str, str]) -> None:
        """The categories that a standard cost code names are made with it."""
        names = ", ".join(f"Category_{number}, Unit_Description_{number}" for number in range(1, 13))
        sql = f"SELECT {names} FROM JCM_MASTER__STANDARD_COST_CODE WHERE Cost_Code = ?"
        found = self._connection.execute(sql, place[2:]).fetchone()
        for category, unit in zip(found[::2], found[1::2], strict=True):
            if category and self._accumulates(category)[1]:
                self._make_category((*place, category), unit)

    def _accumulates(self, category: str) -> tuple[str, str, str]:
        """Description, kind of cost and unit of a standard category; blanks when it is not one."""
        sql = "SELECT Description, Accumulate_As, Unit_Description FROM JCM_MASTER__STANDARD_CATEGORY"
        row = self._connection.execute(f"{sql} WHERE Category = ?", (category,)).fetchone()
        return (row[0], row[1], row[2]) if row else ("", "", "")

    def _make_category(self, place: tuple[str, str, str, str], unit: str) -> None:
        where = "WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?"
        if self._connection.execute(f"SELECT 1 FROM JCM_MASTER__CATEGORY {where}", place).fetchone():
            return
        description, kind, usual_unit = self._accumulates(place[3])
        row: dict[str, object] = dict(zip(("Job", "Extra", "Cost_Code", "Category"), place, strict=True))
        row |= {
            "Description": description,
            "Status": "In progress",
            "Accumulate_As": kind,
            "Cost_Unit_Description": usual_unit or unit,
        }
        insert(self._connection, "JCM_MASTER__CATEGORY", [row | self._stamp])
