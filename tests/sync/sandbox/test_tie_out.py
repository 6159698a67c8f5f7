"""Whatever is imported, posted, paid and closed in any order: the books tie, and the sums are those of the files."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from erpdesk.core.errors import Refused
from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import (
    PROGRAMS,
    close_month,
    delete_commitment,
    pay_invoices,
    post_entries,
    post_invoices,
    run_import,
)
from erpdesk.sync.sandbox.spec import create_from_spec
from tests.sync.sandbox.conftest import SPEC

Place = tuple[str, str, str]
# Extra, cost code, category of job J1; 05-300 is made by the first estimate on it.
PLACES: list[Place] = [("", "05-100", "S"), ("X1", "05-100", "S"), ("", "05-300", "M"), ("X1", "05-300", "S")]
cents = st.integers(-9_999_999, 9_999_999).map(lambda whole: Decimal(whole) / 100)
positive = st.integers(1, 9_999_999).map(lambda whole: Decimal(whole) / 100)
quarters = st.integers(-400, 400).map(lambda whole: Decimal(whole) / 4)
days = st.sampled_from(["09/30/2026", "10/15/2026", "11/02/2026", "11/20/2026", "12/05/2026"])
places = st.sampled_from(PLACES)
FIGURES = ("estimate", "change", "estimate units", "change units", "commitment", "cost")


class Books(RuleBasedStateMachine):
    """A company, and beside it a plain account of what every category must come to."""

    @initialize()
    def start(self) -> None:
        """The small company of the tests."""
        self.folder = tempfile.TemporaryDirectory()
        self.company: SandboxCompany = create_from_spec(Path(self.folder.name) / "sage", SPEC)
        self.company.choose(books_date="2026-11-18", commitment_capitals=False)
        self.made = set(PLACES[:2])
        self.held: dict[str, dict[Place, Decimal]] = {name: defaultdict(Decimal) for name in FIGURES}
        self.held["estimate"]["", "05-100", "S"] = Decimal("5000.00")
        self.held["commitment"]["X1", "05-100", "S"] = Decimal("250.00")
        self.waiting: list[tuple[str, Place, Decimal]] = []
        self.bills: list[tuple[Place, Decimal]] = []
        self.documents = 0

    def teardown(self) -> None:
        """The folder goes."""
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def imported(self, program: str, *lines: str, **options: bool) -> None:
        """Runs an import in which every record is sound."""
        data = "".join(f"{line}\r\n" for line in lines).encode("cp1252")
        (self.company.imports / PROGRAMS[program].file).write_bytes(data)
        result = run_import(self.company, program, options=options)
        assert not result.stopped and all(verdict.accepted for verdict in result.verdicts), result

    @rule(lines=st.lists(st.tuples(places, cents, quarters), min_size=1, max_size=4), change=st.booleans())
    def estimate(self, lines: list[tuple[Place, Decimal, Decimal]], change: bool) -> None:
        """An estimate or an approved change; it makes what is missing and waits."""
        name = "change" if change else "estimate"
        text = ['"*","J1","One"']
        for (extra, code, category), amount, units in lines:
            text.append(f'"C","{code}","Text","{category}",11022026,{units:.2f},"ea",{amount:.2f},,,"","","{extra}"')
            place = (extra, code, category)
            self.made.add(place)
            self.waiting += [(name, place, amount), (f"{name} units", place, units)]
        self.imported("import_estimates", *text, approved_estimate_change=change)

    @rule(lines=st.lists(st.tuples(places, cents, days), min_size=1, max_size=4))
    def costs(self, lines: list[tuple[Place, Decimal, str]]) -> None:
        """Direct costs on places that are there; those in a closed month are not sent."""
        text = []
        for place, amount, day in lines:
            if place in self.made and not self.closed(day, "JC"):
                extra, code, category = place
                text.append(f'"DC","J1","{extra}","{code}","{category}",2,"{day}","{day}","Text",,,{amount:.2f},"",""')
                self.waiting.append(("cost", place, amount))
        if text:
            self.imported("import_direct_costs", *text)

    def closed(self, day: str, *modules: str) -> bool:
        """Whether a day of a file lies in a closed month."""
        month, of_month, year = day.split("/")
        chosen = self.company.settings
        ends = [getattr(chosen, f"{module.lower()}_closed_through") for module in modules]
        return any(f"{year}-{month}-{of_month}" <= end for end in ends if end)

    @rule(place=places, amount=positive, changed=cents, status=st.sampled_from([1, 5]))
    def commitment(self, place: Place, amount: Decimal, changed: Decimal, status: int) -> None:
        """A commitment with a change order, approved or not."""
        if place not in self.made:
            return
        self.documents += 1
        name = f"C-{self.documents}"
        extra, code, category = place
        self.imported(
            "import_commitments",
            f'"C","{name}",1,"Text","STEEL",01/02/2026,10,1,0,0',
            f'"CI","{name}",1,"Text",,,,"J1","{extra}","{code}","{category}","",,,,"",{amount:.2f}',
            f'"CCO","{name}","1","Text",,01/02/2026,,,{status}',
            f'"CCOI","{name}","1",1,"Text",,{changed:.2f}',
        )
        self.held["commitment"][place] += amount + (changed if status == 5 else 0)

    @rule(place=places, amount=positive, office=positive, day=days, share=st.integers(0, 100))
    def invoice(self, place: Place, amount: Decimal, office: Decimal, day: str, share: int) -> None:
        """An invoice with a line on a job (on the open commitment where it stands there) and one for the office."""
        if place not in self.made or self.closed(day, "AP", "JC"):
            return
        self.documents += 1
        extra, code, category = place
        on = '"OPEN",1' if place == PLACES[1] and self.commitment_is_there() else ","
        retainage = (amount * share / 100).quantize(Decimal("0.01"))
        line = f'"APDF",{on},,,"J1","{extra}","{code}","{category}",,,"",,,,,,{amount:.2f},,,,{retainage:.2f}'
        self.imported(
            "import_ap",
            f'"APIF","STEEL","I-{self.documents}","Text",{amount + office:.2f},,,,{day},,,,{day},,,,,,,,',
            f'{line},,,,,,,,,,"Text",,',
            f'"APDF",,,,,,,,,,,"6100",,,,,,{office:.2f},,,,,,,,,,,,,,"Text",,',
        )
        self.bills.append((place, amount))

    def commitment_is_there(self) -> bool:
        """Whether nobody deleted it."""
        with closing(self.company.connect()) as door:
            return door.execute("SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'OPEN'").fetchone() is not None

    @rule()
    def entries_are_posted(self) -> None:
        """Everything that waits in new.jct."""
        assert not post_entries(self.company).left
        for name, place, amount in self.waiting:
            self.held[name][place] += amount
        self.waiting.clear()

    @rule()
    def invoices_are_posted(self) -> None:
        """Everything that waits in new.api."""
        assert not post_invoices(self.company).left
        for place, amount in self.bills:
            self.held["cost"][place] += amount
        self.bills.clear()

    @rule()
    def bills_are_paid(self) -> None:
        """What is posted and open, unless the month is closed."""
        try:
            pay_invoices(self.company)
        except Refused as refused:
            assert "closed period" in str(refused)

    @rule()
    def the_open_commitment_is_deleted(self) -> None:
        """Where nothing stands against it."""
        try:
            delete_commitment(self.company, "OPEN")
        except Refused:
            return
        self.held["commitment"][PLACES[1]] -= Decimal("125.00")

    @rule(module=st.sampled_from(["AP", "JC"]))
    def a_month_is_closed(self, module: str) -> None:
        """Only when nothing waits, as Sage's order for the end of a month says; and once."""
        if (
            not self.waiting
            and not self.bills
            and not getattr(self.company.settings, f"{module.lower()}_closed_through")
        ):
            close_month(self.company, module)

    @invariant()
    def the_books_tie(self) -> None:
        """The audit finds nothing, and every category comes to what was sent and posted."""
        if not hasattr(self, "company"):
            return
        sql = (
            "SELECT Extra, Cost_Code, Category, Original_Estimate, Approved_Estimate_Changes, Original_Estimate_Units, "
            "Approved_Est_Unit_Changes, Revised_Commitment, JTD_Cost FROM JCM_MASTER__CATEGORY WHERE Job = 'J1'"
        )
        with closing(self.company.connect()) as door:
            assert ties(door) == []
            rows = door.execute(sql).fetchall()
        for extra, code, category, *figures in rows:
            for name, stored in zip(FIGURES, figures, strict=True):
                assert Decimal(str(stored)) == self.held[name][extra, code, category], (extra, code, category, name)


TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
