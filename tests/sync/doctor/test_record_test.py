"""The self-test of record types at the stand-in: each class is what it really does, and whatever is not plain is B."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from erpdesk.checkup import ap_layout, patient_wait
from erpdesk.core.errors import ForPeople
from erpdesk.sync.doctor.importing import AtSage, Task, TrialMailbox
from erpdesk.sync.doctor.standin_person import AtStandIn
from erpdesk.sync.doctor.trials import TRIALS, trials
from erpdesk.sync.sage.layouts import NAMES, load_layout
from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.workflows.layout_ports import SiteWord
from tests.sync.doctor.clinic import classes, record_test, trial
from tests.sync.mirror.kit import alter, ask, copied

AT_STAND_IN = {
    "commitment": "A",
    "commitment change order": "A",
    "original estimate": "B",
    "approved estimate change": "B",
    "direct cost": "B",
    "general ledger line": "B",
    "invoice": "A",
}


@pytest.fixture
def company(sample_folder: Path, tmp_path: Path) -> SandboxCompany:
    return SandboxCompany(copied(sample_folder, tmp_path / "sage"))


def waiting(company: SandboxCompany) -> list[str]:
    """What still lies in the mailbox itself."""
    return sorted(each.name for each in company.imports.iterdir() if each.is_file())


def test_every_type_is_what_the_stand_in_really_does(company: SandboxCompany) -> None:
    told: list[str] = []
    found = record_test(company, tell=told.append).run()
    assert classes(found) == {name: (letter, True) for name, letter in AT_STAND_IN.items()}
    assert waiting(company) == [], "everything is put away"
    assert len(told) == 3 * len(TRIALS) and told[0].startswith("Commitment, first (1 of 3)")
    with company.connect() as door:
        assert ties(door) == []


def test_every_type_that_a_layout_knows_has_a_trial() -> None:
    known = {kind.name for name in NAMES for kind in load_layout(name).record_types}
    assert known == {each.name for each in TRIALS}


def test_a_change_is_imported_as_a_change(company: SandboxCompany) -> None:
    """The box that the task names is really ticked: the entries are of the other type."""
    record_test(company).run(trial("approved estimate change"))
    types = ask(
        company.folder, "SELECT DISTINCT Transaction_Type FROM JCT_NEW__TRANSACTION WHERE Description LIKE 'erpdesk%'"
    )
    assert types == [("Aprvd estimate chng",)]


@pytest.mark.parametrize(
    ("unseen", "types", "posted"),
    [("JCT_NEW__TRANSACTION", ("original estimate", "direct cost"), 6), ("API_NEW__INVOICE", ("invoice",), 1)],
)
def test_what_cannot_be_seen_before_posting_is_posted(
    unseen: str, types: tuple[str, ...], posted: int, company: SandboxCompany
) -> None:
    """A company whose unposted entries no driver shows; a refused import leaves nothing to post."""
    company.set_faults(missing_table=unseen)
    told: list[str] = []
    wanted = [each for each in TRIALS if each.name in types]
    found = record_test(company, connect=company.connect, tell=told.append).run(wanted)
    assert classes(found) == {name: (AT_STAND_IN[name], True) for name in types}
    assert sum("only after it is posted" in each for each in told) == posted
    assert waiting(company) == []


def test_a_ledger_line_that_never_shows_counts_as_b(company: SandboxCompany) -> None:
    company.set_faults(missing_table="JCT_NEW__TRANSACTION")
    (found,) = record_test(company, connect=company.connect).run(trial("general ledger line"))
    assert (found.proof.idempotency, found.proof.proven) == ("B", False)
    assert "cannot be read here" in found.proof.evidence and "counts as B" in found.proof.evidence


class Hands:
    """A person at Sage who does what the sentences say; ``leaves`` names what they do not do."""

    def __init__(self, company: SandboxCompany, leaves: str = "") -> None:
        self.company, self.leaves, self.heard = company, leaves, list[str]()
        self._sage = AtStandIn(company, lambda words: None, 5, threading.Event())
        self.task: Task | None = None

    def wait(self, done: Callable[[], bool]) -> bool:
        assert self.task is not None
        posting = "before it is posted" in self.heard[-1]
        if self.leaves == ("posting" if posting else "importing"):
            return False
        return (self._sage.posts if posting else self._sage.imports)(self.task, done)


class Watched(AtSage):
    """The person of a real company, whose hands are the stand-in's."""

    def __init__(self, hands: Hands) -> None:
        super().__init__(hands.heard.append, hands.wait)
        self._hands = hands

    def imports(self, task: Task, done: Callable[[], bool]) -> bool:
        self._hands.task = task
        return super().imports(task, done)


def test_a_person_at_sage_is_told_menu_file_boxes_and_journal(company: SandboxCompany) -> None:
    hands = Hands(company)
    found = record_test(company, person=Watched(hands)).run(trial("approved estimate change"))
    assert classes(found) == {"approved estimate change": ("B", True)}
    first, again, altered = hands.heard
    assert first.startswith(
        "Approved estimate change, first (1 of 3): in Sage, run Job Cost > Tools > Import Estimates"
    )
    assert "tick “Import as an Approved Estimate Change”" in first and "clear “Allow creation" in first
    assert str(company.imports / "estimates.jce") in first and "estimates.prn" in first
    assert "the same file again (2 of 3)" in again and "altered (3 of 3)" in altered


def test_a_person_is_told_to_post_what_does_not_show(company: SandboxCompany) -> None:
    company.set_faults(missing_table="API_NEW__INVOICE")
    hands = Hands(company)
    found = record_test(company, connect=company.connect, person=Watched(hands)).run(trial("invoice"))
    assert classes(found) == {"invoice": ("A", True)}
    posts = [each for each in hands.heard if "before it is posted" in each]
    assert len(posts) == 1 and "Post Invoices" in posts[0]


def test_a_post_that_nobody_does_leaves_the_type_unproven(company: SandboxCompany) -> None:
    company.set_faults(missing_table="API_NEW__INVOICE")
    hands = Hands(company, leaves="posting")
    (found,) = record_test(company, connect=company.connect, person=Watched(hands)).run(trial("invoice"))
    assert (found.proof.idempotency, found.proof.proven) == ("B", False)
    assert "did not show after posting in time" in found.proof.evidence


def test_an_import_that_nobody_runs_times_out_and_leaves_nothing_in_the_mailbox(company: SandboxCompany) -> None:
    told: list[str] = []
    person = AtSage(told.append, patient_wait(0.05, threading.Event()))
    found = record_test(company, person=person).run(trial("commitment change order"))
    assert classes(found) == {"commitment": ("B", False), "commitment change order": ("B", False)}
    assert "printed no journal about commitments.jcc in time" in found[0].proof.evidence
    assert "taken out of the mailbox" in found[0].proof.evidence
    assert found[1].proof.evidence == "It needs a commitment in Sage, and that one was not proven."
    assert len(told) == 1 and waiting(company) == []


@pytest.mark.parametrize("fault", [{"prompt_hang": True}, {"import_timeout": True}, {"disk_full": True}])
def test_a_stand_in_that_hangs_or_prints_nothing(fault: dict[str, bool], company: SandboxCompany) -> None:
    company.set_faults(**fault)
    (found,) = record_test(company, seconds=0.1).run(trial("commitment"))
    assert (found.proof.idempotency, found.proof.proven) == ("B", False)
    assert "no journal" in found.proof.evidence and waiting(company) == []


def test_a_first_record_that_is_rejected_proves_nothing_and_tells_why(company: SandboxCompany) -> None:
    company.set_faults(reject_next="A certificate of insurance is missing.")
    (found,) = record_test(company).run(trial("commitment"))
    assert (found.proof.idempotency, found.proof.proven) == ("B", False)
    assert found.proof.evidence.startswith("Sage did not take the first record in.")
    assert "certificate of insurance" in found.proof.evidence and waiting(company) == []


def test_an_import_that_is_stopped_tells_why(company: SandboxCompany) -> None:
    company.set_faults(no_licence=True)
    (found,) = record_test(company).run(trial("original estimate"))
    assert "Sage stopped the import: all Job Cost licences are in use" in found.proof.evidence


def test_a_file_that_lies_in_the_mailbox_is_left_alone(company: SandboxCompany) -> None:
    theirs = company.imports / "commitments.jcc"
    theirs.write_bytes(b"theirs")
    (found,) = record_test(company).run(trial("commitment"))
    assert not found.proof.proven and "commitments.jcc already" in found.proof.evidence
    assert theirs.read_bytes() == b"theirs"


def test_a_stop_ends_the_test_at_once(company: SandboxCompany) -> None:
    stop = threading.Event()
    heard: list[str] = []

    def hear(sentence: str) -> None:
        heard.append(sentence)
        stop.set()

    person = AtSage(hear, patient_wait(60, stop))
    found = record_test(company, person=person, stop=stop).run()
    assert len(heard) == 1 and [each.proof.proven for each in found] == [False]
    assert waiting(company) == []


def test_a_company_without_an_open_job_is_refused_with_what_to_do(company: SandboxCompany) -> None:
    alter(company.folder, "UPDATE JCM_MASTER__JOB SET Status = 'Closed'")
    with pytest.raises(ForPeople, match="no open job"):
        record_test(company).run()


VARIABLE = "API\n1 Record ID\n2 vendor\n"


def test_invoices_are_tested_in_the_layout_that_the_site_uses(company: SandboxCompany) -> None:
    """The variable form without places for a job: the cost goes to an account alone."""
    assert ap_layout(lambda name: SiteWord()) == "ap_fixed"
    chosen = ap_layout(lambda name: SiteWord(VARIABLE if name == "ap_variable_minimal" else ""))
    assert chosen == "ap_variable_minimal"
    wanted = [each for each in trials(chosen) if each.name == "invoice"]
    assert classes(record_test(company).run(wanted)) == {"invoice": ("A", True)}


def test_a_variable_layout_is_imported_in_the_order_that_sage_was_given(company: SandboxCompany) -> None:
    """The fuller variable form, which the stand-in reads once its own format has the same order."""
    orders = {letters: ["record", *SAGES[letters]] for letters in SAGES}
    options = company.folder / "options.json"
    kept = json.loads(options.read_text("utf-8"))
    options.write_text(json.dumps(kept | {"layouts": {"ap_variable": orders}}), "utf-8")
    wanted = [each for each in trials("ap_variable") if each.name == "invoice"]
    assert classes(record_test(SandboxCompany(company.folder)).run(wanted)) == {"invoice": ("A", True)}


INVOICE = ("vendor", "invoice", "description", "amount", "invoice_date", "payment_date", "accounting_date")
SAGES = {
    "API": (
        *(*INVOICE, "invoice_code_1", "payee_name", "payee_address_1", "payee_address_2"),
        *("payee_city", "payee_state", "payee_zip"),
    ),
    "APD": (
        *("commitment", "commitment_line", "equipment", "eq_cost_code", "job", "expense_account", "extra", "cost_code"),
        *("category", "amount", "ap_account", "exempt_1099", "tax_group", "description", "authorization"),
        "joint_payee",
    ),
}
"""What the format of the stand-in calls the places of erpdesk's fuller variable form."""


class BusyLater(AtStandIn):
    """After the first import all licences are in use: Sage prints a journal that says so, and imports nothing."""

    count = 0

    def imports(self, task: Task, done: Callable[[], bool]) -> bool:
        self.count += 1
        if self.count == 2:
            self._company.set_faults(no_licence=True)
        return super().imports(task, done)


def test_imports_that_were_only_stopped_refused_nothing(company: SandboxCompany) -> None:
    person = BusyLater(company, lambda words: None, 20, threading.Event())
    found = record_test(company, person=person).run(trial("direct cost"))
    assert classes(found)["direct cost"] == ("B", False)
    assert "Sage did not end import 2" in found[0].proof.evidence


def test_only_its_own_file_is_taken_back(tmp_path: Path) -> None:
    """The trial file was moved away, and another one followed: that one may be in the middle of an import."""
    imports = tmp_path / "Imports"
    imports.mkdir()

    class Mover:
        def imports(self, task: Task, done: Callable[[], bool]) -> bool:
            task.file.rename(tmp_path / "moved-away.jcc")
            task.file.write_bytes(b"approved")
            return False

        def posts(self, task: Task, done: Callable[[], bool]) -> bool:
            return False

    layout, mailbox = load_layout("jcc"), TrialMailbox(imports)
    with pytest.raises(ForPeople, match="printed no journal"):
        mailbox.bring_in(mailbox.task(layout, layout.record_types[0]), b"a trial\r\n", Mover())
    assert (imports / layout.mailbox).read_bytes() == b"approved"
