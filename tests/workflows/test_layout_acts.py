"""Confirming, withdrawing and changing layouts, on both databases: rights, comments, the audit trail, the history."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.sage import LayoutConfirmation, SiteLayout
from erpdesk.workflows.desk import Desk
from erpdesk.workflows.layout_acts import LayoutActs, site_words
from erpdesk.workflows.layout_rows import LayoutFieldRow
from erpdesk.workflows.record_classes import proven_class
from tests.town import Town
from tests.workflows.layout_town import ORDER, admin, with_layouts


def acts_of(town: Town) -> LayoutActs:
    with_layouts(town)
    return town.desk.layouts


def field(acts: LayoutActs, label: str, record: str = "APIF") -> LayoutFieldRow:
    return next(each for each in acts.layout("ap_fixed").fields if (each.record, each.label) == (record, label))


def test_a_confirmed_field_shows_who_when_and_how(town: Town) -> None:
    town, acts = town, acts_of(town)
    before = {each.id: each for each in acts.layouts()}["ap_fixed"]
    assert not before.ready and {each.id: each for each in acts.layouts()}["dc"].open_fields == 1
    assert field(acts, "payment date").sure == "Inferred"
    changes = acts.confirm(admin(town), "ap_fixed", "APIF", [12, 13], "Compared with the Import Format printout.")
    assert ("layout", "ap_fixed") in changes.touched
    row = field(acts, "payment date")
    assert (row.open, row.how) == (False, "Compared with the Import Format printout.")
    assert row.confirmed_by and row.confirmed_at is not None
    assert acts.layout("ap_fixed").row.open_fields == before.open_fields - 2
    assert {each.id: each for each in acts.layouts()}["ap_fixed"].open_fields == before.open_fields - 2


def test_a_withdrawn_confirmation_is_a_row_of_its_own(town: Town) -> None:
    town, acts = town, acts_of(town)
    acts.confirm(admin(town), "ap_fixed", "APIF", [12], "Printout")
    acts.withdraw(admin(town), "ap_fixed", "APIF", [12], "The printout was of another company")
    assert field(acts, "payment date").open
    acts.confirm(admin(town), "ap_fixed", "APIF", [12], "The right printout")
    assert not field(acts, "payment date").open
    with town.store.reading() as session:
        rows = session.scalars(select(LayoutConfirmation).order_by(LayoutConfirmation.id)).all()
        assert [(each.confirmed, each.how) for each in rows] == [
            (True, "Printout"),
            (False, "The printout was of another company"),
            (True, "The right printout"),
        ]
        audited = session.scalars(select(AuditEntry).where(AuditEntry.kind == "layout").order_by(AuditEntry.seq)).all()
        assert [each.act for each in audited] == ["confirm_fields", "withdraw_fields", "confirm_fields"]
        assert json.loads(audited[0].evidence)["fields"] == [[12, "payment date"]]
        assert {each.who for each in audited} == {admin(town)}


@pytest.mark.parametrize(
    ("record", "positions", "how", "why"),
    [
        ("APIF", [12], "  ", "Write how it was settled"),
        ("APIF", [12], "x" * 2001, "2,001 characters"),
        ("APIF", [], "Printout", "Choose at least one"),
        ("APIF", [2], "Printout", "needs no confirmation"),
        ("APIF", [99], "Printout", "has no field 99"),
        ("APDF", [10], "Printout", "needs no confirmation"),
        ("APIF", [12], "\ud800", "can not be kept"),
    ],
)
def test_what_can_not_be_confirmed_is_refused(
    town: Town, record: str, positions: list[int], how: str, why: str
) -> None:
    acts = acts_of(town)
    with pytest.raises(Refused, match=why):
        acts.confirm(admin(town), "ap_fixed", record, positions, how)
    with town.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(LayoutConfirmation)) == 0


def test_confirming_twice_and_withdrawing_nothing_are_refused(town: Town) -> None:
    acts = acts_of(town)
    with pytest.raises(Refused, match="nothing to withdraw"):
        acts.withdraw(admin(town), "ap_fixed", "APIF", [12], "why")
    acts.confirm(admin(town), "ap_fixed", "APIF", [12], "Printout")
    with pytest.raises(Refused, match="confirmed already"):
        acts.confirm(admin(town), "ap_fixed", "APIF", [12], "Printout")
    with pytest.raises(ChangedMeanwhile, match="no XX record"):
        acts.confirm(admin(town), "ap_fixed", "XX", [12], "Printout")
    with pytest.raises(ChangedMeanwhile, match="no such layout"):
        acts.confirm(admin(town), "nothing", "XX", [12], "Printout")


def test_only_an_administrator_of_erp_integrations_may(town: Town) -> None:
    acts = acts_of(town)
    assert acts.may(admin(town)) == ()
    for person in (town.viewer, town.manager):
        assert "Admin in ERP Integrations" in acts.may(person)[0]
        forbidden: tuple[Callable[[str], Changes], ...] = (
            lambda who: acts.confirm(who, "ap_fixed", "APIF", [12], "Printout"),
            lambda who: acts.withdraw(who, "ap_fixed", "APIF", [12], "Printout"),
            lambda who: acts.use_site_layout(who, "ap_fixed", ORDER),
            lambda who: acts.standard_layout(who, "ap_fixed"),
            lambda who: town.desk.classes.prove(who, "commitment", "A", "Rejected"),
        )
        for act in forbidden:
            with pytest.raises(NotAllowed):
                act(person)


def test_another_order_drops_the_confirmations_of_the_records_it_changes(town: Town) -> None:
    town, acts = town, acts_of(town)
    acts.confirm(admin(town), "ap_fixed", "APIF", [12], "Printout")
    acts.confirm(admin(town), "ap_fixed", "APDF", [2], "Printout")
    acts.use_site_layout(admin(town), "ap_fixed", ORDER)
    detail = acts.layout("ap_fixed")
    assert detail.row.own_order and detail.version == 1 and detail.changed_by
    confirmed = {each.id for each in detail.fields if each.confirmed_by}
    assert confirmed == {"APDF/2"}
    assert detail.sample[0].startswith('"APIF","VENDOR1","INV-1001","Furnish and erect",11/24/2026,1250.00')
    acts.standard_layout(admin(town), "ap_fixed")
    detail = acts.layout("ap_fixed")
    assert not detail.row.own_order and detail.version == 2
    assert {each.id for each in detail.fields if each.confirmed_by} == {"APIF/12", "APDF/2"}
    with town.store.reading() as session:
        history = session.scalars(select(SiteLayout).order_by(SiteLayout.version)).all()
        assert [bool(each.text) for each in history] == [True, False]
        acted = session.scalars(select(AuditEntry.act).where(AuditEntry.kind == "layout")).all()
        assert acted[-2:] == ["own_order", "shipped_order"]


def test_an_order_that_can_not_be_used_changes_nothing(town: Town) -> None:
    acts = acts_of(town)
    with pytest.raises(Refused, match="lacks the"):
        acts.use_site_layout(admin(town), "ap_fixed", "APIF, Vendor, Invoice")
    with pytest.raises(Refused, match="already in use"):
        acts.standard_layout(admin(town), "ap_fixed")
    acts.use_site_layout(admin(town), "ap_fixed", ORDER)
    with pytest.raises(Refused, match="already in use"):
        acts.use_site_layout(admin(town), "ap_fixed", ORDER.replace("Vendor", "Vendor ID"))
    assert acts.layout("ap_fixed").version == 1


def test_the_word_of_the_site_is_read_anew_each_time(town: Town) -> None:
    acts, word = acts_of(town), site_words(town.store)
    assert word("ap_fixed").confirmed == frozenset()
    acts.confirm(admin(town), "ap_fixed", "APIF", [12], "Printout")
    ((record, position, _sha),) = word("ap_fixed").confirmed
    assert (record, position) == ("APIF", 12)


def test_a_stored_order_that_no_longer_fits_is_shown_and_can_be_left(town: Town) -> None:
    acts, who = acts_of(town), admin(town)
    with town.store.writing() as session:
        now = town.desk.office.clock.now()
        session.add(SiteLayout(layout="ap_fixed", version=1, text="APIF\n1  Record ID\n2  gone", by=who, at=now))
    row = {each.id: each for each in acts.layouts()}["ap_fixed"]
    assert "cannot be used" in row.problem and not row.ready
    acts.standard_layout(who, "ap_fixed")
    assert not {each.id: each for each in acts.layouts()}["ap_fixed"].problem


def test_a_proven_class_is_kept_and_an_untested_type_counts_as_b(town: Town) -> None:
    town, desk = town, town.desk
    who = admin(town)
    with town.store.reading() as session:
        assert proven_class(session, "commitment") == "B"
    desk.classes.prove(who, "commitment", "A", "Imported twice, the second one was rejected.")
    _prove_wrongly(desk, who)
    with town.store.reading() as session:
        assert proven_class(session, "commitment") == "A"
    desk.classes.prove(who, "commitment", "C", "The second one overwrote the first.")
    (row,) = desk.classes.classes()
    assert (row.idempotency, row.words) == ("C", "Overwrites it")


def _prove_wrongly(desk: Desk, who: str) -> None:
    for name, letter, evidence in (("commitment", "D", "x"), ("commitment", "A", " "), ("", "A", "x")):
        with pytest.raises(Refused):
            desk.classes.prove(who, name, letter, evidence)
