"""No file with an open field reaches a live company's mailbox, even when it was accepted before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erpdesk.core.clock import Clock
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.mailbox import no_hook
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows.layout_ports import SiteWord
from tests.sync.export.yard import COMPANY, QUICK, Yard
from tests.workflows.layout_town import open_title

TITLE = 4


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard.build(tmp_path)


@pytest.fixture
def shelf(tmp_path: Path) -> SiteShelf:
    return SiteShelf(folder=open_title(tmp_path / "layouts"))


def confirmed(shelf: SiteShelf) -> SiteWord:
    """The site has settled where the title stands."""
    (record,) = (each for each in shelf.form("jcc").records if each.letters == "C")
    return SiteWord("", frozenset({("C", TITLE, record.order_sha)}))


def exporter(
    yard: Yard, shelf: SiteShelf, words: list[SiteWord], *, live: bool, at: Callable[[str], None] = no_hook
) -> Exporter:
    site = SitePreview(shelf, lambda _name: words[0])
    return Exporter(
        yard.store.sessions,
        company=COMPANY,
        imports=yard.imports,
        journal=yard.folder / "journal",
        reader=FreshReader(open_standin(yard.sage.folder)),
        writers=lambda _layout: site,
        clock=Clock(),
        timing=QUICK,
        live=live,
        at=at,
    )


def nothing_was_delivered(yard: Yard) -> bool:
    return not [each for each in yard.imports.iterdir() if each.suffix == ".jcc"]


def test_an_open_field_is_refused_before_anything_is_staged(yard: Yard, shelf: SiteShelf) -> None:
    item, steps = yard.accept(), list[str]()
    yard.run(exporter(yard, shelf, [SiteWord()], live=True, at=steps.append))
    assert yard.state(item) is ExportState.REFUSED
    message = yard.row(item).message
    assert "Field 4 of the C record (title) is inferred" in message
    assert "To settle it: Print the help topic (F1)." in message and message.endswith("Nothing was sent.")
    assert "staged_file" not in steps and nothing_was_delivered(yard)


def test_a_company_that_is_not_live_gets_it(yard: Yard, shelf: SiteShelf) -> None:
    item = yard.accept()
    yard.run(exporter(yard, shelf, [SiteWord()], live=False))
    assert yard.state(item) is ExportState.POSTED, yard.row(item).message


def test_a_confirmed_field_goes_to_a_live_company(yard: Yard, shelf: SiteShelf) -> None:
    item = yard.accept()
    yard.run(exporter(yard, shelf, [confirmed(shelf)], live=True))
    assert yard.state(item) is ExportState.POSTED, yard.row(item).message


def test_another_field_order_after_staging_stops_the_file(yard: Yard, shelf: SiteShelf) -> None:
    words, item = [confirmed(shelf)], yard.accept()
    (record,) = (each for each in shelf.form("jcc").records if each.letters == "CI")
    labels = [each.label if each.used else "" for each in record.fields]
    labels[6:8] = reversed(labels[6:8])
    order = shelf.pasted("jcc", ",".join(("CI", *labels)))

    def swap(step: str) -> None:
        if step == "staged":
            words[0] = SiteWord(order.text, words[0].confirmed)

    yard.run(exporter(yard, shelf, words, live=False, at=swap))
    assert order.refusals == () and yard.state(item) is ExportState.REFUSED
    assert "layout of the import file changed since approval" in yard.row(item).message and nothing_was_delivered(yard)


def test_a_confirmation_withdrawn_after_staging_stops_the_file(yard: Yard, shelf: SiteShelf) -> None:
    words, item = [confirmed(shelf)], yard.accept()

    def withdraw(step: str) -> None:
        if step == "staged":
            words[0] = SiteWord()

    yard.run(exporter(yard, shelf, words, live=True, at=withdraw))
    assert yard.state(item) is ExportState.REFUSED
    assert "nobody confirmed it here" in yard.row(item).message and nothing_was_delivered(yard)
