"""The Directory tab: Sage's vendors as last read."""

from __future__ import annotations

from tests.views.house import House


def test_vendors_are_listed_active_ones_first(house: House) -> None:
    vendors = house.town.desk.queries.vendors()
    active = [each for each in vendors if each.status == "Active"]
    tab = house.directory
    assert {row.id for row in tab.table.shown_rows()} == {each.id for each in active}
    tab.filter.chip_changed.emit("inactive")
    assert len(tab.table.shown_rows()) == len(vendors) - len(active) > 0
    tab.filter.chip_changed.emit("all")
    assert {each.id for each in vendors} <= {row.id for row in tab.table.shown_rows()}


def test_a_vendor_shows_its_facts_and_its_linked_company(house: House) -> None:
    tab = house.directory
    row = tab.table.shown_rows()[0]
    assert tab.card.title.text() == "No vendor chosen"
    tab.table.select_ids((row.id,))
    assert tab.card.title.text() == row.name
    assert tab.card.facts.values()["Linked company"] == row.company
    assert tab.card.facts.values()["Vendor in Sage"] == row.vendor


def test_an_inactive_vendor_says_what_that_means(house: House) -> None:
    tab = house.directory
    tab.filter.chip_changed.emit("inactive")
    tab.table.select_ids((tab.table.shown_rows()[0].id,))
    assert "can not be exported" in tab.card.banner.text()


def test_a_vendor_set_inactive_in_sage_moves_after_the_next_read(house: House) -> None:
    town, tab = house.town, house.directory
    row = tab.table.shown_rows()[0]
    with town.sage.changing() as connection:
        connection.execute("UPDATE APM_MASTER__VENDOR SET Status = 'Inactive' WHERE Vendor = ?", (row.vendor,))
    town.read_sage()
    house.reload()
    assert row.id not in {each.id for each in tab.table.shown_rows()}


def test_words_narrow_the_list(house: House) -> None:
    tab = house.directory
    wanted = tab.table.shown_rows()[3]
    tab.filter.set_text(wanted.name)
    assert wanted.id in {row.id for row in tab.table.shown_rows()}
    assert all(wanted.name.split()[0] in row.name for row in tab.table.shown_rows())


def test_companies_without_a_vendor_are_listed_and_say_what_to_do(house: House) -> None:
    tab = house.directory
    unlinked = [each.name for each in house.town.desk.queries.companies() if not each.sage_vendor]
    tab.filter.chip_changed.emit("unlinked")
    assert [row.name for row in tab.table.shown_rows()] == unlinked
    tab.table.select_ids((tab.table.shown_rows()[0].id,))
    assert tab.card.title.text() == unlinked[0]
    assert "Linking comes with the vendor workflow; until then choose another company." in tab.card.banner.text()
    assert tab.card.facts.values()["Vendor in Sage"] == "None"
    tab.filter.chip_changed.emit("active")
    assert not set(unlinked) & {row.name for row in tab.table.shown_rows()}
