"""Every list of the program stands under a bar with filters, views and ways out, and cuts no number."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from erpdesk import views
from erpdesk.views.kit.columns import RIGHT
from erpdesk.views.kit.pills import Pill, pill_size
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.record_model import BOX_ROOM
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.record_view import RecordView
from erpdesk.views.kit.theme import Theme
from erpdesk.views.kit.whole_columns import WIDEST_LETTERS
from erpdesk.views.kit.windowed_table import WindowedTable
from tests.town import Town
from tests.views.house import open_house

HERE = Path(views.__file__).parent
TABLES = ("RecordTable", "WindowedTable")
INNER = {
    "sage/layouts_page.py:layouts": "eight import files, which choose what stands below",
    "sage/layouts_page.py:fields": "the fields of the chosen file, in their order in it",
    "audit/entry_detail.py:changes": "the fields that one entry of the audit trail changed",
    "settings/group_page.py:history": "the changes of one setting, below it",
    "sage/layouts_choice.py:table": "boxes to tick inside a question",
    "tabs/erp_integrations/bulk_items.py:table": "the items of a question, as many as were selected",
    "tabs/erp_integrations/impact.py:table": "a block of a review, as high as its rows",
}
"""Lists that belong to a larger one; they still can be copied, sorted and laid out."""


def made(path: Path) -> tuple[set[str], set[str]]:
    """The names under which a module keeps its lists, and those that its bars are given."""
    lists, barred = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            maker = node.value.func.id if isinstance(node.value.func, ast.Name) else ""
            if maker in TABLES and isinstance(node.targets[0], ast.Attribute):
                lists.add(node.targets[0].attr)
            elif maker in TABLES and isinstance(node.targets[0], ast.Name):
                lists.add(node.targets[0].id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ListBar" and node.args:
            first = node.args[0]
            barred.add(first.attr if isinstance(first, ast.Attribute) else ast.unparse(first))
    return lists, barred


def test_every_list_stands_under_a_bar() -> None:
    bare = []
    for path in sorted(HERE.rglob("*.py")):
        name = path.relative_to(HERE).as_posix()
        if name.startswith("kit/"):
            continue
        lists, barred = made(path)
        bare += [f"{name}:{each}" for each in sorted(lists - barred)]
    # The page that holds these parts gives each of them the bar that its chips stand in.
    shared = [each for each in bare if each == "sage/reading_part.py:table"]
    for page in ("reading_page.py", "connection_page.py"):
        source = (HERE / "sage" / page).read_text(encoding="utf-8")
        assert "ListBar(" in source and "show_table(" in source
    found = sorted(set(bare) - set(shared))
    assert found == sorted(INNER), "put it under a ListBar, or say here why it is an inner list"


def cut(table: RecordView) -> list[str]:
    """The numbers, amounts, dates, pills and names of records of a list that do not fit into their cells."""
    found = []
    bold = QFont(table.font())
    bold.setBold(True)
    strong, usual = QFontMetrics(bold), QFontMetrics(table.font())
    first = next(iter(table.visible_columns()), None)
    for column in table.visible_columns():
        if not column.is_whole:
            continue
        place = table.place_of(column.key)
        room = table.columnWidth(place) - 2 * PAD - (BOX_ROOM if table._checkboxes and column is first else 0)
        metrics = strong if column.bold or column.kind in RIGHT else usual
        most = WIDEST_LETTERS * metrics.averageCharWidth() if column.kind == "text" else room + 10_000
        for row in range(table.records.rowCount()):
            index = table.records.index(row, place)
            record = table.records.row_at(index)
            value = None if record is None else column.value(record)
            if isinstance(value, Pill):
                needed = pill_size(value, usual).width()
            else:
                needed = min(metrics.horizontalAdvance(str(index.data() or "")), most)
            if needed > room:
                found.append(f"{table.name}: {column.title}: {index.data()}: {needed} of {room}")
        if strong.horizontalAdvance(column.title) > room:
            found.append(f"{table.name}: the title {column.title}")
    return found


@pytest.mark.parametrize("points", [9.75, 14])
def test_numbers_amounts_dates_and_states_are_never_cut(town: Town, qtbot: QtBot, theme: Theme, points: float) -> None:
    """In every list of the program, in a window of 1024 pixels, in each text size."""
    made, submission = town.sent(number="SC-14-1024", title="Curtain wall and storefront N")
    town.accept(submission, "SC-14-1024")
    town.sent(number="PO-14-22")
    names: set[str] = set()
    with open_house(town, theme) as house:
        theme.set_points(points)
        house.window.resize(1024, 720)
        house.act_as(town.both)
        house.settle()
        for key in ("home", "commitments", "directory", "erp"):
            house.window.show_tab(key)
            house.settle()
        house.commitments.open(made)
        house.settle()
        side = house.window.beside
        for show in (side.show_job_costs, side.show_sage, side.show_people, side.show_audit, side.show_settings):
            show()
            house.settle()
        views_ = [each for top in QApplication.topLevelWidgets() for each in top.findChildren(RecordView)]
        tables = [each for each in views_ if isinstance(each, RecordTable | WindowedTable)]
        qtbot.waitUntil(lambda: all(table.settled() for table in tables))
        for table in tables:
            if table.records.rowCount():
                names.add(table.name)
                assert not cut(table)
    assert {"commitments", "job-costs", "audit-entries", "erp-commitments", "home-waiting", "vendors"} <= names
