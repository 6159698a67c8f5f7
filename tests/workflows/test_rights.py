"""The whole permission table, against a second copy written by hand, for everybody that could stand before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from erpdesk.models.people import GranularRight, KindRight, Person, ProjectMember, Right, Tool, ToolRight
from erpdesk.workflows import rights

TOOLS = {
    "admin": Tool.ADMIN,
    "budget": Tool.BUDGET,
    "commitments": Tool.COMMITMENTS,
    "changes": Tool.CHANGE_ORDERS,
    "prime": Tool.PRIME_CONTRACTS,
    "directory": Tool.DIRECTORY,
    "invoices": Tool.INVOICES,
    "erp": Tool.ERP_INTEGRATIONS,
}
LEVELS = {"R": Right.READ_ONLY, "S": Right.STANDARD, "A": Right.ADMIN}

APPROVER = "erp:S +push"
INVOICE_ADMINISTRATOR = "invoices:S +invoices"
MATRIX: dict[str, tuple[str, ...]] = {
    # Jobs, sub jobs, cost codes
    **dict.fromkeys(("project.send", "project.resend", "project.retrieve", "project.save"), ("admin:A",)),
    "project.import": ("erp:A",),
    **dict.fromkeys(("sub_job.send", "sub_job.resend", "sub_job.retrieve"), ("admin:A",)),
    "sub_job.import": ("erp:S directory:A", "erp:S +Create New Project"),
    "cost_code.edit": ("admin:A", "admin:R +Manage Cost Codes"),
    "cost_code.update": (APPROVER,),
    # Budgets
    **dict.fromkeys(
        ("budget.send", "budget.resend", "budget.retrieve"),
        ("budget:A", "budget:R +Send and Retrieve Budgets from ERP"),
    ),
    "budget.lock": ("budget:A", "budget:R +Lock Budget"),
    "budget.unlock": ("budget:A",),
    "budget.add_line": ("budget:S",),
    "budget.edit_amount": ("budget:A", "budget:S +Create and Edit Original Amount"),
    "budget.add_partial": ("budget:S",),
    "budget.delete_line": ("budget:S", "budget:R +Delete Budget Line Items"),
    "budget.modify": ("budget:S",),
    "budget.change_settings": ("budget:A",),
    "budget.import_file": ("budget:A", "budget:R +Import Budget File +Create and Edit Original Amount"),
    "budget.import": ("erp:S",),
    # Commitments
    "commitment.save": ("commitments:A", "commitments:S +See SOV Items +On the Private List"),
    "commitment.create_header": ("commitments:A", "commitments:R +Create Commitment Headers"),
    **dict.fromkeys(
        (
            *("commitment.set_status", "commitment.delete", "commitment.send", "commitment.resend"),
            *("commitment.retrieve", "change_order.resend", "change_order.delete"),
        ),
        ("commitments:A",),
    ),
    "commitment.unlink": ("commitments:A erp:S +push",),
    # Change orders
    "change_order.send": ("commitments:A changes:A",),
    "change_order.retrieve": ("commitments:A", "changes:A"),
    "change_order.unlink": ("commitments:A erp:S +push",),
    # Prime contracts
    "prime_contract.import": ("erp:S",),
    **dict.fromkeys(("prime_contract.reimport", "prime_contract.refresh"), ("prime:A erp:A",)),
    **dict.fromkeys(("pcco.send", "pcco.resend", "pcco.retrieve"), ("prime:A",)),
    **dict.fromkeys(("pcco.unlink", "pcco.reset"), ("prime:A erp:S +push",)),
    # Vendors
    **dict.fromkeys(("vendor.send", "vendor.resend", "vendor.link"), ("directory:A",)),
    "vendor.retrieve": ("directory:A", "erp:A"),
    **dict.fromkeys(("vendor.import", "vendor.unlink"), ("erp:S",)),
    # Invoices
    **dict.fromkeys(
        (
            *("invoice.save", "invoice.send", "invoice.resend", "invoice.retrieve", "invoice.change_settings"),
            *("billing_period.save", "invoice_contact.save"),
        ),
        ("commitments:A", INVOICE_ADMINISTRATOR),
    ),
    "invoice.unlink": ("commitments:A erp:S +push",),
    "job_cost.sync": (APPROVER,),
    # Accounting decides
    **{
        f"{kind}.{verb}": (APPROVER,)
        for kind in (
            *("project", "sub_job", "cost_code", "vendor", "budget"),
            *("commitment", "change_order", "pcco", "invoice"),
        )
        for verb in ("accept", "reject", "archive", "unarchive")
    },
    # Looking, and attachments
    **{
        f"{kind}.{verb}": ways
        for kind, tool in (
            *(("project", "admin"), ("sub_job", "admin"), ("budget", "budget"), ("commitment", "commitments")),
            *(("change_order", "changes"), ("prime_contract", "prime"), ("pcco", "prime"), ("invoice", "invoices")),
            ("vendor", "directory"),
        )
        for verb, ways in (
            ("read", (f"{tool}:R", "erp:S")),
            ("attach", (f"{tool}:S", "erp:S")),
            ("detach", (f"{tool}:A",)),
        )
    },
    # The tool itself
    **dict.fromkeys(("console.read", "mail.read"), ("erp:S",)),
    **dict.fromkeys(
        (
            *("settings.read", "settings.change", "schedule.read", "schedule.change", "vendor_type.change"),
            *("approvers.read", "mail.retry", "layout.confirm", "layout.withdraw", "layout.use_site"),
            *("layout.standard", "record_class.prove", "sage.accept_loss"),
        ),
        ("erp:A",),
    ),
    **dict.fromkeys(("audit.read", "audit.export"), ("erp:S", "directory:A")),
    "journal.read": ("erp:S",),
    **dict.fromkeys(("journal.compare", "journal.unlock", "journal.fewer"), (APPROVER,)),
    # Doubts
    **dict.fromkeys(
        ("closing.state", "closing.confirm", "closing.refuse", "closing.withdraw", "alarm.acknowledge"), (APPROVER,)
    ),
    # People
    "person.read": ("directory:R",),
    **dict.fromkeys(
        (
            *("person.save", "person.set_active", "person.set_password", "tax_group.set_up"),
            *("push.request", "push.withdraw"),
        ),
        ("directory:A",),
    ),
    **dict.fromkeys(("push.confirm", "push.refuse"), (APPROVER, "directory:A")),
}


@dataclass(frozen=True)
class Ask:
    """One way of the hand-written copy, read into its parts."""

    levels: dict[Tool, Right]
    extra: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Ask:
        levels, *extra = text.split(" +")
        pairs = (part.split(":") for part in levels.split())
        return cls({TOOLS[tool]: LEVELS[level] for tool, level in pairs}, frozenset(extra))


def somebody(levels: dict[Tool, Right], extra: frozenset[str]) -> Person:
    return Person(
        id="p",
        name="Pat",
        active=True,
        can_push="push" in extra,
        invoice_administrator="invoices" in extra,
        rights=[ToolRight(tool=tool, right=right) for tool, right in levels.items()],
        granted=[GranularRight(name=name) for name in extra if name in rights.GRANULAR],
    )


def everybody(asked: tuple[Ask, ...]) -> Iterator[tuple[dict[Tool, Right], frozenset[str]]]:
    """Every level in each tool that matters, times every set of the other things that matter."""
    tools = sorted({tool for each in asked for tool in each.levels})
    extras = sorted({name for each in asked for name in each.extra} | {"push"})
    for chosen in itertools.product(Right, repeat=len(tools)):
        for count in range(len(extras) + 1):
            for extra in itertools.combinations(extras, count):
                yield dict(zip(tools, chosen, strict=True)), frozenset(extra)


def test_the_table_names_exactly_the_acts_of_the_matrix() -> None:
    assert set(rights.PERMISSIONS) == set(MATRIX)
    assert [each.act for each in rights.TASKS] == list(rights.PERMISSIONS)


@pytest.mark.parametrize("act", sorted(MATRIX))
def test_each_row_opens_to_exactly_whom_the_matrix_names(act: str) -> None:
    asked = tuple(Ask.of(text) for text in MATRIX[act])
    for levels, extra in everybody(asked):
        expected = any(
            all(levels[tool].rank >= least.rank for tool, least in each.levels.items()) and each.extra <= extra
            for each in asked
        )
        why = rights.why_not(somebody(levels, extra), act)
        assert (why is None) is expected, (act, levels, extra, why)
        assert why is None or (why.endswith("Ask an administrator.") and "Pat" in why), why


@pytest.mark.parametrize(
    "act", ["", "commitment", "commitment.burn", "COMMITMENT.SEND", "commitment.send ", "push.grant"]
)
def test_an_unknown_act_is_refused_to_everybody(act: str) -> None:
    person = somebody(dict.fromkeys(Tool, Right.ADMIN), frozenset((*rights.GRANULAR, "push", "invoices")))
    assert rights.why_not(person, act) == f"Nobody has been given the right for “{act}”."


def test_whoever_left_may_do_nothing_at_all() -> None:
    person = somebody(dict.fromkeys(Tool, Right.ADMIN), frozenset((*rights.GRANULAR, "push", "invoices")))
    person.active = False
    assert {rights.why_not(person, act) for act in MATRIX} == {"Pat is no longer active. Ask an administrator."}


def test_acts_of_a_project_are_for_its_members_and_those_of_the_company_are_not() -> None:
    person = somebody(dict.fromkeys(Tool, Right.ADMIN), frozenset((*rights.GRANULAR, "push", "invoices")))
    person.projects = [ProjectMember(project_id="here")]
    of_company = {act for act, row in rights.PERMISSIONS.items() if not row.of_project}
    assert {act for act in MATRIX if rights.why_not(person, act, "there") is None} == of_company
    assert {act for act in MATRIX if rights.why_not(person, act, "") is None} == of_company
    assert {act.partition(".")[0] for act in of_company} == {
        *("vendor", "console", "settings", "schedule", "vendor_type", "approvers", "audit", "mail", "layout"),
        *("record_class", "sage", "journal", "person", "push", "tax_group", "project"),
    }
    assert [act for act in of_company if act.startswith("project.")] == ["project.import"]
    assert all(rights.why_not(person, act, "here") is None for act in MATRIX)
    person.projects, person.all_projects = [], True
    assert all(rights.why_not(person, act, "there") is None for act in MATRIX)


@pytest.mark.parametrize("kind", sorted(rights.KINDS))
def test_the_grid_of_kinds_narrows_import_and_export_each_by_itself(kind: str) -> None:
    person = somebody({**dict.fromkeys(Tool, Right.ADMIN), Tool.DIRECTORY: Right.STANDARD}, frozenset(("push",)))
    person.granted = [GranularRight(name=name) for name in rights.GRANULAR]
    before = {act for act in MATRIX if rights.why_not(person, act) is None}
    imports = {
        *("project.import", "sub_job.import", "budget.import", "prime_contract.import", "prime_contract.reimport"),
        *("prime_contract.refresh", "vendor.import", "job_cost.sync"),
    }
    exports = {act for act in MATRIX if act.endswith((".accept", ".reject"))} | {"cost_code.update"}
    for may_import, may_export in itertools.product((True, False), repeat=2):
        person.kinds = [KindRight(kind=kind, can_import=may_import, can_export=may_export)]
        shut = {act for act in before if rights.why_not(person, act) is not None}
        expected = {
            act
            for narrowed, acts in ((may_import, imports), (may_export, exports))
            if not narrowed
            for act in acts
            if act.startswith(f"{kind}.")
        }
        assert shut == expected
        for act in shut:
            assert rights.KINDS[kind] in (rights.why_not(person, act) or "")
    assert imports | exports <= before | {"sub_job.import"}
    person.can_push = False
    person.kinds = [KindRight(kind=kind, can_import=True, can_export=True)]
    assert all(rights.why_not(person, act) for act in exports), "a tick in the grid is no push right"


def test_the_grid_does_not_bind_an_admin_of_the_directory_who_could_change_it() -> None:
    person = somebody(dict.fromkeys(Tool, Right.ADMIN), frozenset(("push",)))
    person.kinds = [KindRight(kind="commitment", can_import=False, can_export=False)]
    assert rights.why_not(person, "commitment.accept") is None


@pytest.mark.parametrize(
    ("act", "levels", "sentence"),
    [
        (
            "budget.unlock",
            {Tool.BUDGET: Right.STANDARD},
            "This needs Admin in Budget; Pat has Standard. Ask an administrator.",
        ),
        (
            "budget.lock",
            {Tool.BUDGET: Right.STANDARD},
            "This needs Admin in Budget, or Read Only in Budget and the single right “Lock Budget”; "
            "Pat has Standard in Budget. Ask an administrator.",
        ),
        (
            "commitment.accept",
            {Tool.ERP_INTEGRATIONS: Right.ADMIN},
            "This needs the privilege “Can push to accounting”; Pat does not have it. Ask an administrator.",
        ),
        (
            "change_order.send",
            {Tool.COMMITMENTS: Right.ADMIN},
            "This needs Admin in Commitments and Admin in Change Orders; Pat has None in Change Orders. "
            "Ask an administrator.",
        ),
    ],
)
def test_a_refusal_says_what_is_needed_and_what_there_is(act: str, levels: dict[Tool, Right], sentence: str) -> None:
    assert rights.why_not(somebody(levels, frozenset()), act) == sentence


def test_the_listing_for_the_screen_tells_every_way() -> None:
    told = {each.act: each for each in rights.TASKS}
    assert told["sub_job.import"].needs == (
        "Standard in ERP Integrations and Admin in Directory, or Standard in ERP Integrations and the single right "
        "“Create New Project”"
    )
    assert told["invoice.send"].needs == (
        "Admin in Commitments, or Standard in Invoices and being an invoice administrator"
    )
    assert all(each.words and each.needs for each in rights.TASKS)
    assert len({each.words for each in rights.TASKS}) == len(rights.TASKS)
