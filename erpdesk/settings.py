"""The settings of one company, each declared once; they live in ``settings.toml`` and hold no secrets."""

from __future__ import annotations

import os
import tomllib
from dataclasses import Field, dataclass, fields, replace
from pathlib import Path
from typing import Any

from erpdesk.core.declared import (
    AMOUNT,
    COST_TYPE,
    HOST,
    JOB_FORMAT,
    LINE,
    NAME,
    SENDER,
    TIME,
    About,
    Group,
    Rule,
    Who,
    setting,
    within,
)
from erpdesk.core.errors import ForPeople


@dataclass(frozen=True)
class CompanySettings:
    """How erpdesk works with one company's Sage."""

    # Connection: entered by the set-up, together with what proves them.
    company: str = setting(
        "", "Company", "The company’s name as Sage holds it.", NAME, group=Group.CONNECTION, who=Who.SET_UP
    )
    sage_folder: str = setting(
        "",
        "Sage data folder",
        "The company’s data folder; the import mailbox lies in it.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )
    odbc: str = setting(
        "",
        "ODBC connection",
        "Connection string without a password; empty reads the stand-in company directly.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )
    stand_in: bool = setting(
        False,
        "Stand-in Sage",
        "The data folder is the sample company, not a real Sage.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )
    test_company: bool = setting(
        False,
        "Test company",
        "The data folder is a company made for trying things; layouts not proven may go to it.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )
    date_format: str = setting(
        "mm/dd/yyyy",
        "Date format of Sage",
        "Must be the one under Tools > Options > Date Format in Sage.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )
    odbc_process: str = setting(
        "auto",
        "Where the ODBC driver runs",
        "By itself, erpdesk keeps the driver apart when it is 32-bit or the helper program is named.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
        choices=(("auto", "As the driver needs it"), ("inside", "Inside erpdesk"), ("apart", "In a helper program")),
    )
    odbc_program: str = setting(
        "",
        "ODBC helper program",
        "The 32-bit helper program that loads Sage’s driver; empty = the one installed.",
        group=Group.CONNECTION,
        who=Who.SET_UP,
    )

    # Approval
    reject_reason_required: bool = setting(
        False, "Reject only with a comment", "Accounting has to say why an item is rejected.", group=Group.APPROVAL
    )
    stale_hours: int = setting(
        24,
        "Oldest usable read",
        "Accepting on older data asks for a reason; everything is checked again before it is written.",
        within(1, 8760),
        group=Group.APPROVAL,
        unit="hours",
    )
    lock_minutes: int = setting(
        15,
        "Lock after",
        "Minutes without a key or click until the window locks; 0 = never.",
        within(0, 480),
        group=Group.APPROVAL,
        unit="minutes",
    )
    sign_in_at_accept: bool = setting(
        False,
        "Sign in again at accept",
        "An approver signs in once more before items are accepted for export.",
        group=Group.APPROVAL,
    )

    # Items and IDs
    commitment_id_mask: str = setting(
        "",
        "Commitment ID format",
        "9 = digit, A = letter, X = either, other characters stand for themselves; empty = any ID that fits.",
        LINE,
        group=Group.ITEMS,
    )
    number_is_sage_id: bool = setting(
        True,
        "Propose the contract number",
        "The Sage commitment ID is filled with the contract number; the approver can change it at accept.",
        group=Group.ITEMS,
    )
    line_amount_limit: str = setting(
        "999999.99",
        "Largest line amount",
        "A larger line amount is pointed out before export. Unverified: two sources disagree on what Sage limits.",
        AMOUNT,
        group=Group.ITEMS,
        next_start=True,
    )
    change_order_number_is_sage_id: bool = setting(
        True,
        "Propose the change order number",
        "The Sage change order ID is filled with the number of the change order; the approver can change it.",
        group=Group.ITEMS,
        needs="change_order",
    )
    custom_change_order_text: bool = setting(
        False,
        "Change order title and description at accept",
        "The approver gives a change order the ID, title and description that Sage gets.",
        group=Group.ITEMS,
        needs="change_order",
    )
    subcontract_cost_type: str = setting(
        "",
        "Category of a subcontract made from a bid",
        "The category that lines of a subcontract get when a bid is converted; empty = none.",
        COST_TYPE,
        group=Group.ITEMS,
        needs="bid",
    )
    order_cost_type: str = setting(
        "",
        "Category of a purchase order made from a bid",
        "The category that lines of a purchase order get when a bid is converted; empty = none.",
        COST_TYPE,
        group=Group.ITEMS,
        needs="bid",
    )

    # Projects and budgets
    job_id_format: str = setting(
        "",
        "Job ID format",
        "How the IDs of new jobs are written, as Sage was read to say it.",
        JOB_FORMAT,
        group=Group.PROJECTS,
        who=Who.SAGE,
        needs="project",
    )
    project_template: str = setting(
        "",
        "Default project template",
        "The template that a Sage job gets when it is added as a project; empty = none.",
        LINE,
        group=Group.PROJECTS,
        needs="project",
    )
    add_pairs_to_budgets: bool = setting(
        False,
        "Add new code and category pairs to budgets",
        "An unlocked budget takes Sage’s estimate as original budget; a locked one gets the line with 0.",
        group=Group.PROJECTS,
        needs="budget",
    )
    edit_synced_costs: bool = setting(
        False,
        "Edit synced direct costs",
        "Edits stay in erpdesk, are kept in the history, and the next sync of the cost overwrites them.",
        group=Group.PROJECTS,
        needs="job_cost",
    )

    # Vendors and invoices
    update_vendors: bool = setting(
        True,
        "Update companies on refresh",
        "Name, address and telephone of a linked company follow its Sage vendor at each refresh.",
        group=Group.VENDORS,
        needs="vendor",
    )
    vendor_types: str = setting(
        "",
        "Vendor types to import",
        "The Sage vendor types that are offered for import, with commas between; empty = all.",
        LINE,
        group=Group.VENDORS,
        needs="vendor",
    )
    sync_insurance: bool = setting(
        False,
        "Insurance from Sage",
        "Insurance policies of a linked company follow its Sage vendor.",
        group=Group.VENDORS,
        needs="vendor",
    )
    override_invoice_number: bool = setting(
        False,
        "Change invoice numbers at accept",
        "The approver may give an invoice another number than the subcontractor’s own.",
        group=Group.VENDORS,
        needs="invoice",
    )

    # Reading Sage
    sync_minutes: int = setting(
        5, "Read Sage every", "How often the mirror is refreshed.", within(1, 1440), group=Group.READING, unit="minutes"
    )
    full_read_hours: int = setting(
        24,
        "Compare everything every",
        "In between, only what Sage stamped as changed is read.",
        within(1, 168),
        group=Group.READING,
        unit="hours",
        next_start=True,
    )
    guard_percent: int = setting(
        10,
        "Largest loss",
        "A reading that loses more rows than this asks a person first.",
        within(1, 100),
        group=Group.READING,
        unit="percent",
        next_start=True,
    )
    query_seconds: int = setting(
        300,
        "Longest query",
        "A query that Sage does not answer in this time is ended.",
        within(10, 3600),
        group=Group.READING,
        unit="seconds",
        next_start=True,
    )

    # Import into Sage
    batch_minutes: int = setting(
        2,
        "An accepted item waits for others",
        "So that several go to Sage in one file; “Send now” in Exporting closes the file at once. 0 = none waits.",
        within(0, 480),
        group=Group.IMPORT,
        unit="minutes",
    )
    batch_items: int = setting(
        100, "Most items of one file", "More go in the next one.", within(1, 1000), group=Group.IMPORT, unit="items"
    )
    import_mode: str = setting(
        "assisted",
        "How import files are run",
        "Either a person runs the import in Sage, or Sage’s launcher runs a recorded macro.",
        group=Group.IMPORT,
        who=Who.FILE,
        choices=(("assisted", "A person runs it in Sage"), ("macro", "Sage’s launcher runs a macro")),
        next_start=True,
    )
    macro_command: str = setting(
        "",
        "Macro command",
        "The launcher with its macro, as it is called in the data folder; only where a macro runs the import.",
        LINE,
        group=Group.IMPORT,
        who=Who.FILE,
        next_start=True,
    )
    macro_minutes: int = setting(
        10,
        "Longest import",
        "After this time an import that Sage runs is in doubt.",
        within(1, 240),
        group=Group.IMPORT,
        unit="minutes",
        next_start=True,
    )

    # Mail
    mail_host: str = setting(
        "",
        "Mail server",
        "The company’s server for outgoing mail; empty = erpdesk sends no mail.",
        HOST,
        group=Group.MAIL,
    )
    mail_port: int = setting(
        587, "Port", "Usually 587 with STARTTLS, 465 with TLS.", within(1, 65535), group=Group.MAIL
    )
    mail_tls: str = setting(
        "starttls",
        "Encryption",
        "Mail never leaves unencrypted, and the server has to prove its name.",
        group=Group.MAIL,
        choices=(("starttls", "STARTTLS"), ("tls", "TLS from the start")),
    )
    mail_user: str = setting(
        "", "User", "The login at the mail server; empty where it asks for none.", LINE, group=Group.MAIL
    )
    mail_from: str = setting("", "From", "The address that mails come from.", SENDER, group=Group.MAIL)
    mail_ca_file: str = setting(
        "",
        "Certificate authority",
        "A file with the certificate of the company’s own authority; empty = those that this computer trusts.",
        LINE,
        group=Group.MAIL,
    )
    summary_time: str = setting(
        "07:00",
        "Daily summary from",
        "The first chance after this time of day, each approver gets the summary of what waits.",
        TIME,
        group=Group.MAIL,
    )

    # Confirmations, each of which counts once; they are no settings to choose from.
    sage_moved_from: str = setting(
        "",
        "Sage data folder before",
        "Confirms once that the same company was moved: the folder it lay in before; emptied when it was used.",
        group=None,
        who=Who.FILE,
    )
    company_kind_before: str = setting(
        "",
        "Kind of company before",
        "live = confirms once that a live company is made a test company or stand-in; emptied when it was used.",
        Rule(lambda word: word in ("", "live"), "live, or empty"),
        group=None,
        who=Who.FILE,
    )

    @classmethod
    def load(cls, path: Path) -> CompanySettings:
        """The settings in ``path``; defaults when it is not there; raises ForPeople when it can not be understood."""
        if not path.exists():
            return cls()
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
            raise ForPeople(
                f"The settings file {path} can not be read: {problem}.",
                kept="Nothing was changed.",
                next_step="Correct the line it names, or restore the file from a backup.",
            ) from problem
        known = declared()
        for name, value in held.items():
            if name in known and (why := why_not(name, value)):
                raise ForPeople(
                    f"The setting {name} in {path} can not be {value!r}: {why}",
                    kept="Nothing was changed.",
                    next_step="Correct it in the file.",
                )
        return cls(**{name: value for name, value in held.items() if name in known})

    def save(self, path: Path) -> None:
        """Writes the settings as a whole: the old file stays until the new one is complete.

        What the file holds beside them, such as settings of a newer erpdesk, stays in it.
        """
        import tomli_w

        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        known = declared()
        others = {name: value for name, value in _held(path).items() if name not in known}
        with fresh.open("wb") as out:
            tomli_w.dump({**{name: getattr(self, name) for name in known}, **others}, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)

    def changed(self, **values: Any) -> CompanySettings:
        """The same settings with some values changed."""
        return replace(self, **values)

    @property
    def mails(self) -> bool:
        """Whether erpdesk sends mail for this company: a server and a sender are set up, and it is no sample."""
        return bool(self.mail_host and self.mail_from) and not self.stand_in


def _held(path: Path) -> dict[str, Any]:
    """What a settings file holds now; nothing when there is none, or none that can be understood."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return {}


def declared() -> dict[str, Field[Any]]:
    """Every setting by name, in the order in which it is declared."""
    return {each.name: each for each in fields(CompanySettings)}


def about(name: str) -> About:
    """What is known of a setting; raises KeyError for an unknown one."""
    known: About = declared()[name].metadata["about"]
    return known


def why_not(name: str, value: object) -> str:
    """Why a setting can not have this value, as a sentence; '' when it can."""
    known = declared()[name]
    told: About = known.metadata["about"]
    if type(value) is type(known.default) and told.rule(value):
        return ""
    words = told.rule.words or {bool: "yes or no", int: "a whole number"}.get(type(known.default), "text")
    return f"“{told.title}” has to be {words}."
