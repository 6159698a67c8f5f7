"""The chips of a workflow: order, rows, tooltips, colours of each state."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.theme import Theme, tokens_for
from erpdesk.views.kit.workflow_map import MapStep, WorkflowMap
from tests.views.kit.lists import shown

STEPS = (
    MapStep("Draft", "done", "Project side", "Commitments"),
    MapStep("Sent", "done", "Project side"),
    MapStep("Review", "current", "Accounting", "ERP Integrations"),
    MapStep("Exported", "failed"),
    MapStep("In Sage", optional=True),
)


@pytest.fixture
def chips(qtbot: QtBot) -> WorkflowMap:
    made = WorkflowMap()
    made.set_steps(STEPS)
    shown(qtbot, made, 600, 60)
    return made


def test_the_way_is_told_to_screen_readers(chips: WorkflowMap) -> None:
    assert chips.accessibleName() == "Workflow"
    assert chips.accessibleDescription() == (
        "Draft: done. Sent: done. Review: it stands here. Exported: failed. In Sage: later"
    )
    assert chips.steps() == STEPS


def test_chips_stand_in_their_order_and_break_when_narrow(chips: WorkflowMap, qtbot: QtBot) -> None:
    rooms = [chips.chip_room(place) for place in range(5)]
    assert all(left.right() < right.left() for left, right in pairwise(rooms))
    assert len({room.top() for room in rooms}) == 1
    chips.resize(rooms[2].right() + 5, 200)
    narrow = [chips.chip_room(place) for place in range(5)]
    assert [room.top() == 0 for room in narrow] == [True, True, True, False, False]
    assert narrow[3].left() == 0
    assert chips.heightForWidth(chips.width()) == narrow[-1].bottom() + 1
    chips.resize(10, 400)
    assert all(chips.chip_room(place).width() == 10 for place in range(5)), "cut, and never outside"


def test_without_steps_it_takes_no_room(chips: WorkflowMap) -> None:
    chips.set_steps(())
    assert chips.heightForWidth(300) == 0 and chips.sizeHint().height() == 0
    assert not chips.grab().isNull()


def test_the_pointer_on_a_chip_says_who_and_where(chips: WorkflowMap, qtbot: QtBot) -> None:
    def ask(at: QPoint) -> str:
        QApplication.sendEvent(chips, QHelpEvent(QEvent.Type.ToolTip, at, chips.mapToGlobal(at)))
        return QToolTip.text()

    assert ask(chips.chip_room(2).center()) == "Review: it stands here\nAccounting\nERP Integrations"
    assert ask(chips.chip_room(4).center()) == "In Sage: later (optional)"
    ask(QPoint(chips.width() - 2, chips.height() - 2))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_state_looks_different(chips: WorkflowMap, theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    tokens = tokens_for(chips.palette())
    image = chips.grab().toImage()

    def ground(place: int) -> str:
        room = chips.chip_room(place)
        return image.pixelColor(room.left() + 5, room.center().y()).name()

    def edge(place: int) -> str:
        room = chips.chip_room(place)
        return image.pixelColor(room.center().x(), room.top()).name()

    assert [ground(place) for place in range(5)] == [
        tokens.card,
        tokens.card,
        tokens.selection,
        tokens.red[0],
        tokens.card,
    ]
    assert [edge(place) for place in range(4)] == [tokens.green[1], tokens.green[1], tokens.accent, tokens.red[1]]
    assert [step.icon for step in STEPS] == ["check", "check", "", "error", ""]


def test_larger_text_makes_larger_chips(chips: WorkflowMap, theme: Theme, qtbot: QtBot) -> None:
    before = chips.sizeHint()
    theme.set_points(16)
    qtbot.waitUntil(lambda: chips.sizeHint().width() > before.width())
    assert chips.chip_room(0).height() > before.height()


def test_an_unknown_state_is_a_bug() -> None:
    with pytest.raises(ValueError, match="never"):
        MapStep("Draft", "never")
