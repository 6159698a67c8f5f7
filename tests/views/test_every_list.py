"""Every list of the program stands under a bar with filters, views and ways out, or is declared an inner one."""

from __future__ import annotations

import ast
from pathlib import Path

from erpdesk import views

HERE = Path(views.__file__).parent
TABLES = ("RecordTable", "WindowedTable")
INNER = {
    "sage/layouts_page.py:layouts": "eight import files, which choose what stands below",
    "sage/layouts_page.py:fields": "the fields of the chosen file, in their order in it",
    "audit/entry_detail.py:changes": "the fields that one entry of the audit trail changed",
    "settings/group_page.py:history": "the changes of one setting, below it",
    "sage/layouts_choice.py:table": "boxes to tick inside a question",
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
