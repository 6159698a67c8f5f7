"""Who may do what: every act of the program is one row here, and an act without a row is refused.

A row names the ways to the right; one way is enough, and everything in a way is needed at once. A person's single
rights (“Lock Budget”) lower the level that a way needs; the kinds that a person may import or export narrow it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.models.people import Person, Right, Tool

IMPORT, EXPORT = "import", "export"

PUSH = "Can push to accounting"
"""The privilege of an accounting approver."""

GRANULAR: dict[str, Tool] = {
    "Send and Retrieve Budgets from ERP": Tool.BUDGET,
    "Lock Budget": Tool.BUDGET,
    "Create and Edit Original Amount": Tool.BUDGET,
    "Delete Budget Line Items": Tool.BUDGET,
    "Import Budget File": Tool.BUDGET,
    "See SOV Items": Tool.COMMITMENTS,
    "On the Private List": Tool.COMMITMENTS,
    "Create Commitment Headers": Tool.COMMITMENTS,
    "Manage Cost Codes": Tool.ADMIN,
    "Create New Project": Tool.DIRECTORY,
}
"""Single rights, and the tool in which each is given to people at Read Only or Standard."""

KINDS: dict[str, str] = {
    "project": "jobs",
    "sub_job": "sub jobs",
    "cost_code": "cost code updates",
    "vendor": "vendors",
    "budget": "budgets",
    "prime_contract": "prime contracts",
    "commitment": "commitments",
    "change_order": "commitment change orders",
    "pcco": "prime contract change orders",
    "invoice": "subcontractor invoices",
    "job_cost": "job costs",
}
"""The kinds of the grid “may import, may export” of a person, and what many of each are called."""


@dataclass(frozen=True)
class Way:
    """One way to a right: the least level in each tool, single rights, the push privilege, invoice administrator."""

    tools: tuple[tuple[Tool, Right], ...]
    granular: tuple[str, ...] = ()
    push: bool = False
    invoices: bool = False

    def open_to(self, person: Person) -> bool:
        """Whether a person has everything of this way."""
        return (
            all(person.right(tool).rank >= least.rank for tool, least in self.tools)
            and set(self.granular) <= {each.name for each in person.granted}
            and (bool(person.can_push) or not self.push)
            and (bool(person.invoice_administrator) or not self.invoices)
        )

    @property
    def words(self) -> str:
        """What this way asks for, as in “Admin in Budget”."""
        parts = [f"{least.value} in {tool.value}" for tool, least in self.tools]
        parts += [f"the single right “{name}”" for name in self.granular]
        parts += ["being an invoice administrator"] * self.invoices
        parts += [f"the privilege “{PUSH}”"] * self.push
        return " and ".join(parts)


@dataclass(frozen=True)
class Permission:
    """A row: the act in words and the ways to it.

    ``direction`` IMPORT or EXPORT: the kind must be one that the person may import or export; ``of_project``: it
    happens in one project, and only its members may do it.
    """

    words: str
    ways: tuple[Way, ...]
    direction: str = ""
    of_project: bool = True

    @property
    def needs(self) -> str:
        """What the act needs, in words."""
        return ", or ".join(way.words for way in self.ways)


@dataclass(frozen=True)
class Task:
    """A row of the table as a screen shows it: the act, what it does, and what it needs."""

    act: str
    words: str
    needs: str


_N, _R, _S, _A = Right.NONE, Right.READ_ONLY, Right.STANDARD, Right.ADMIN
_ADMIN, _DIRECTORY, _ERP = Tool.ADMIN, Tool.DIRECTORY, Tool.ERP_INTEGRATIONS
_BUDGET, _COMMITMENTS, _CHANGES = Tool.BUDGET, Tool.COMMITMENTS, Tool.CHANGE_ORDERS
_PRIME, _INVOICES = Tool.PRIME_CONTRACTS, Tool.INVOICES


def _way(tool: Tool, least: Right, *granular: str) -> Way:
    return Way(((tool, least),), granular)


def _at(words: str, tool: Tool, least: Right, *others: Way) -> Permission:
    return Permission(words, (_way(tool, least), *others))


def _erp(words: str, least: Right) -> Permission:
    return Permission(words, (_way(_ERP, least),), of_project=False)


def _people(words: str, *ways: Way) -> Permission:
    return Permission(words, ways or (_way(_DIRECTORY, _A),), of_project=False)


_APPROVER = Way(((_ERP, _S),), push=True)
_INVOICE_ADMINISTRATOR = Way(((_INVOICES, _S),), invoices=True)
_SEND_BUDGET = _way(_BUDGET, _R, "Send and Retrieve Budgets from ERP")


def _unlink(words: str, tool: Tool) -> Permission:
    return Permission(words, (Way(((tool, _A), (_ERP, _S)), push=True),))


def _deciding() -> dict[str, Permission]:
    """Accept and reject, and putting aside, of each kind that goes to accounting."""
    rows: dict[str, Permission] = {}
    for kind, many in KINDS.items():
        if kind in ("prime_contract", "job_cost"):  # these only ever come from Sage
            continue
        here = kind != "vendor"
        rows[f"{kind}.accept"] = Permission(f"Accept {many}", (_APPROVER,), EXPORT, here)
        rows[f"{kind}.reject"] = Permission(f"Reject {many}", (_APPROVER,), EXPORT, here)
        rows[f"{kind}.archive"] = Permission(f"Put {many} aside", (_APPROVER,), of_project=here)
        rows[f"{kind}.unarchive"] = Permission(f"Take {many} back from the archive", (_APPROVER,), of_project=here)
    return rows


def _papers() -> dict[str, Permission]:
    """Looking at the records of each project tool, and their attachments."""
    rows: dict[str, Permission] = {}
    for kind, tool in (
        *(("project", _ADMIN), ("sub_job", _ADMIN), ("budget", _BUDGET), ("commitment", _COMMITMENTS)),
        *(("change_order", _CHANGES), ("prime_contract", _PRIME), ("pcco", _PRIME), ("invoice", _INVOICES)),
        ("vendor", _DIRECTORY),
    ):
        many, here = KINDS[kind], kind != "vendor"
        others = (_way(_ERP, _S),)
        rows[f"{kind}.read"] = Permission(f"Look at {many}", (_way(tool, _R), *others), of_project=here)
        rows[f"{kind}.attach"] = Permission(f"Attach files to {many}", (_way(tool, _S), *others), of_project=here)
        rows[f"{kind}.detach"] = Permission(f"Remove attachments of {many}", (_way(tool, _A),), of_project=here)
    return rows


PERMISSIONS: dict[str, Permission] = {
    # Jobs, sub jobs, cost codes
    "project.send": _at("Send a project to ERP", _ADMIN, _A),
    "project.resend": _at("Re-send a project to ERP", _ADMIN, _A),
    "project.retrieve": _at("Retrieve a project from ERP", _ADMIN, _A),
    "project.save": _at("Save the project set-up", _ADMIN, _A),
    "project.import": Permission("Add a Sage job as a project", (_way(_ERP, _A),), IMPORT, of_project=False),
    "sub_job.send": _at("Send a sub job to ERP", _ADMIN, _A),
    "sub_job.resend": _at("Re-send a sub job to ERP", _ADMIN, _A),
    "sub_job.retrieve": _at("Retrieve a sub job from ERP", _ADMIN, _A),
    "sub_job.import": Permission(
        "Import an extra as a sub job",
        (Way(((_ERP, _S), (_DIRECTORY, _A))), Way(((_ERP, _S),), ("Create New Project",))),
        IMPORT,
    ),
    "cost_code.edit": _at("Edit the cost codes of a project", _ADMIN, _A, Way(((_ADMIN, _R),), ("Manage Cost Codes",))),
    "cost_code.update": Permission("Update cost codes in Sage", (_APPROVER,), EXPORT),
    # Budgets
    "budget.send": _at("Send a budget to ERP", _BUDGET, _A, _SEND_BUDGET),
    "budget.resend": _at("Re-send a budget to ERP", _BUDGET, _A, _SEND_BUDGET),
    "budget.retrieve": _at("Retrieve a budget from ERP", _BUDGET, _A, _SEND_BUDGET),
    "budget.lock": _at("Lock a budget", _BUDGET, _A, _way(_BUDGET, _R, "Lock Budget")),
    "budget.unlock": _at("Unlock a budget", _BUDGET, _A),
    "budget.add_line": _at("Add a budget line without a value", _BUDGET, _S),
    "budget.edit_amount": _at(
        "Enter or change an original budget amount",
        _BUDGET,
        _A,
        _way(_BUDGET, _S, "Create and Edit Original Amount"),
    ),
    "budget.add_partial": _at("Add partial budget lines", _BUDGET, _S),
    "budget.delete_line": _at("Delete a budget line", _BUDGET, _S, _way(_BUDGET, _R, "Delete Budget Line Items")),
    "budget.modify": _at("Create a budget modification", _BUDGET, _S),
    "budget.change_settings": _at("Change the settings of the Budget tool", _BUDGET, _A),
    "budget.import_file": _at(
        "Import a budget file",
        _BUDGET,
        _A,
        _way(_BUDGET, _R, "Import Budget File", "Create and Edit Original Amount"),
    ),
    "budget.import": Permission("Import a budget from Sage", (_way(_ERP, _S),), IMPORT),
    # Commitments
    "commitment.save": _at(
        "Create or change a commitment with its lines",
        _COMMITMENTS,
        _A,
        _way(_COMMITMENTS, _S, "See SOV Items", "On the Private List"),
    ),
    "commitment.create_header": _at(
        "Create a commitment without lines", _COMMITMENTS, _A, _way(_COMMITMENTS, _R, "Create Commitment Headers")
    ),
    "commitment.set_status": _at("Change the status of a commitment", _COMMITMENTS, _A),
    "commitment.delete": _at("Delete a commitment", _COMMITMENTS, _A),
    "commitment.send": _at("Send a commitment to ERP", _COMMITMENTS, _A),
    "commitment.resend": _at("Re-send a commitment to ERP", _COMMITMENTS, _A),
    "commitment.retrieve": _at("Retrieve a commitment from ERP", _COMMITMENTS, _A),
    "commitment.unlink": _unlink("Unlink a commitment", _COMMITMENTS),
    # Commitment change orders
    "change_order.send": Permission(
        "Send a commitment change order to ERP", (Way(((_COMMITMENTS, _A), (_CHANGES, _A))),)
    ),
    "change_order.resend": _at("Re-send a commitment change order to ERP", _COMMITMENTS, _A),
    "change_order.retrieve": _at("Retrieve a commitment change order from ERP", _COMMITMENTS, _A, _way(_CHANGES, _A)),
    "change_order.delete": _at("Delete a commitment change order", _COMMITMENTS, _A),
    "change_order.unlink": _unlink("Unlink a commitment change order", _COMMITMENTS),
    # Prime contracts and their change orders
    "prime_contract.import": Permission("Import a prime contract from Sage", (_way(_ERP, _S),), IMPORT),
    "prime_contract.reimport": Permission("Import a prime contract again", (Way(((_PRIME, _A), (_ERP, _A))),), IMPORT),
    "prime_contract.refresh": Permission("Refresh a prime contract", (Way(((_PRIME, _A), (_ERP, _A))),), IMPORT),
    "pcco.send": _at("Send a prime contract change order to ERP", _PRIME, _A),
    "pcco.resend": _at("Re-send a prime contract change order to ERP", _PRIME, _A),
    "pcco.retrieve": _at("Retrieve a prime contract change order from ERP", _PRIME, _A),
    "pcco.unlink": _unlink("Unlink a prime contract change order", _PRIME),
    "pcco.reset": _unlink("Reset a prime contract change order", _PRIME),
    # Vendors
    "vendor.send": _people("Send a company to ERP as a vendor"),
    "vendor.resend": _people("Re-send a company to ERP as a vendor"),
    "vendor.retrieve": _people("Retrieve a company from ERP", _way(_DIRECTORY, _A), _way(_ERP, _A)),
    "vendor.link": _people("Link a company to a vendor"),
    "vendor.import": Permission("Import a vendor as a company", (_way(_ERP, _S),), IMPORT, of_project=False),
    "vendor.unlink": _erp("Unlink a company from its vendor", _S),
    # Invoices
    "invoice.save": _at("Create or review a subcontractor invoice", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "invoice.send": _at("Send a subcontractor invoice to ERP", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "invoice.resend": _at("Re-send a subcontractor invoice to ERP", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "invoice.retrieve": _at("Retrieve a subcontractor invoice from ERP", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "invoice.unlink": _unlink("Unlink a subcontractor invoice", _COMMITMENTS),
    "invoice.change_settings": _at("Change the invoice settings", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "billing_period.save": _at("Open and close billing periods", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    "invoice_contact.save": _at("Name invoice contacts", _COMMITMENTS, _A, _INVOICE_ADMINISTRATOR),
    # Job costs
    "job_cost.sync": Permission("Sync job cost detail", (_APPROVER,), IMPORT),
    # The ERP Integrations tool
    "console.read": _erp("Look at ERP Integrations", _S),
    "settings.read": _erp("Look at the settings of ERP Integrations", _A),
    "settings.change": _erp("Change the settings of ERP Integrations", _A),
    "schedule.read": _erp("Look at the sync schedule", _A),
    "schedule.change": _erp("Change the sync schedule", _A),
    "vendor_type.change": _erp("Change which vendor types are imported", _A),
    "approvers.read": _erp("List all accounting approvers", _A),
    "audit.read": _people("Look at the audit trail", _way(_ERP, _S), _way(_DIRECTORY, _A)),
    "audit.export": _people("Export the audit trail", _way(_ERP, _S), _way(_DIRECTORY, _A)),
    "mail.read": _erp("Look at notices that wait", _S),
    "mail.retry": _erp("Send a notice again", _A),
    "layout.confirm": _erp("Confirm an import layout", _A),
    "layout.withdraw": _erp("Withdraw the confirmation of an import layout", _A),
    "layout.use_site": _erp("Use an import layout of one’s own", _A),
    "layout.standard": _erp("Go back to the standard import layout", _A),
    "record_class.prove": _erp("Prove how Sage treats a second record", _A),
    "sage.accept_loss": _erp("Accept that rows are gone from Sage", _A),
    "journal.read": _erp("Look at the export journal", _S),
    "journal.compare": Permission("Compare the export journal with Sage", (_APPROVER,), of_project=False),
    "journal.unlock": Permission("Unlock exports after a restored backup", (_APPROVER,), of_project=False),
    "journal.fewer": Permission("Accept that Sage holds far fewer records", (_APPROVER,), of_project=False),
    # What Sage holds is not certain, or not right
    "closing.state": Permission("State what Sage holds of something in doubt", (_APPROVER,)),
    "closing.confirm": Permission("Confirm what somebody else saw in Sage, which closes a doubt", (_APPROVER,)),
    "closing.refuse": Permission("Refuse what somebody else saw in Sage", (_APPROVER,)),
    "closing.withdraw": Permission("Withdraw what one stated about a doubt", (_APPROVER,)),
    "alarm.acknowledge": Permission("Let exports go on after something was found twice in Sage", (_APPROVER,)),
    # People
    "person.read": _people("Look at people and their rights", _way(_DIRECTORY, _R)),
    "person.save": _people("Add a person or change their rights"),
    "person.set_active": _people("Let a person act again, or no longer"),
    "person.set_password": _people("Set the password of somebody else"),
    "tax_group.set_up": _people("Set up tax groups"),
    "push.request": _people(f"Ask that somebody gets “{PUSH}”"),
    "push.confirm": _people(f"Confirm that somebody gets “{PUSH}”", _APPROVER, _way(_DIRECTORY, _A)),
    "push.refuse": _people(f"Refuse that somebody gets “{PUSH}”", _APPROVER, _way(_DIRECTORY, _A)),
    "push.withdraw": _people(f"Take “{PUSH}” from somebody"),
    **_deciding(),
    **_papers(),
}

TASKS: tuple[Task, ...] = tuple(Task(act, row.words, row.needs) for act, row in PERMISSIONS.items())
"""The whole table for a screen, in the order in which it is written here."""


def decides(person: Person) -> bool:
    """Whether a person sees an approver's buttons: the privilege, and at least Standard in ERP Integrations (J2)."""
    return person.can_push and person.right(Tool.ERP_INTEGRATIONS).rank >= Right.STANDARD.rank


def why_not(person: Person, act: str, project_id: str | None = None) -> str | None:
    """Why this person may not do this act (on this project), as a sentence, or None (J2)."""
    row = PERMISSIONS.get(act)
    if row is None:
        return f"Nobody has been given the right for “{act}”."
    if person.active is False:
        return f"{person.name} is no longer active. Ask an administrator."
    if not any(way.open_to(person) for way in row.ways):
        return _missing(person, row)
    if row.direction and (why := why_not_kind(person, act.partition(".")[0], row.direction)):
        return why
    if row.of_project and project_id is not None and not person.member_of(project_id):
        return f"{person.name} does not belong to this project. Ask an administrator."
    return None


def why_not_kind(person: Person, kind: str, direction: str) -> str | None:
    """Why a person may not import or export a kind at all, as a sentence, or None (H4)."""
    if may_kind(person, kind, direction):
        return None
    return f"{person.name} may not {direction} {KINDS[kind]}. An administrator gives that right under People."


def may_kind(person: Person, kind: str, direction: str) -> bool:
    """What the grid of kinds says; an Admin of Directory could change it for themselves, so it does not bind them."""
    if person.right(_DIRECTORY) is _A:
        return True
    given = next((each for each in person.kinds if each.kind == kind), None)
    return given is None or (given.can_import if direction == IMPORT else given.can_export)


def _missing(person: Person, row: Permission) -> str:
    (way, *others) = row.ways
    short = {tool for each in row.ways for tool, least in each.tools if person.right(tool).rank < least.rank}
    if not others and not short and way.push:
        return f"This needs the privilege “{PUSH}”; {person.name} does not have it. Ask an administrator."
    if not others and len(way.tools) == 1 and short:
        ((tool, least),) = way.tools
        return f"This needs {least.value} in {tool.value}; {person.name} has {person.right(tool).value}. " + _ASK
    held = [f"{person.right(tool).value} in {tool.value}" for tool in Tool if tool in short]
    return f"This needs {row.needs}; {person.name} has " + (" and ".join(held) or "not all of it") + f". {_ASK}"


_ASK = "Ask an administrator."
