"""The chips of a workflow: order, rows, tooltips, colours of each state."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QHelpEvent
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
        "Draft: done, Project side, in Commitments. Sent: done, Project side. Review: it stands here, Accounting, in "
        "ERP Integrations. Exported: failed. In Sage: later (optional). Next: Review, by Accounting in ERP Integrations"
    )
    assert chips.steps() == STEPS


def test_chips_stand_in_their_order_and_break_when_narrow(chips: WorkflowMap, qtbot: QtBot) -> None:
    rooms = [chips.chip_room(place) for place in range(5)]
    assert all(left.right() < right.left() for left, right in pairwise(rooms))
    assert len({room.top() for room in rooms}) == 1
    chips.resize(rooms[3].left(), 200)
    narrow = [chips.chip_room(place) for place in range(5)]
    assert [room.top() == rooms[0].top() for room in narrow] == [True, True, True, False, False]
    assert narrow[3].left() == 0
    assert chips.heightForWidth(chips.width()) > narrow[-1].bottom() + 1, "who acts next stands below"
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
    before, chip = chips.sizeHint(), chips.chip_room(0)
    theme.set_points(16)
    qtbot.waitUntil(lambda: chips.sizeHint().width() > before.width())
    assert chips.chip_room(0).height() > chip.height()


def test_an_unknown_state_is_a_bug() -> None:
    with pytest.raises(ValueError, match="never"):
        MapStep("Draft", "never")


WAY = (
    MapStep("Draft", "done", "Project side", "Commitments", tone="blue"),
    MapStep("Send", "done", "Project side", "Commitments", tone="blue", note="Dana, Nov 21 14:05"),
    MapStep("Review", "current", "Accounting", "ERP Integrations", tone="yellow"),
    MapStep("Import", "later", "Sage", "Sage", tone="green", apart=True),
    MapStep("Post", "later", "Sage", "Sage", optional=True, tone="green", apart=True),
)


def test_the_programs_stand_over_their_chips_and_sage_stands_apart(chips: WorkflowMap) -> None:
    chips.set_steps(WAY)
    chips.resize(900, 120)
    assert chips.captions() == ["Commitments", "ERP Integrations", "Sage"]
    assert chips.next_words() == "Next: Review, by Accounting in ERP Integrations"
    assert [chips.chip_room(place).top() for place in range(3)] == [chips.chip_room(0).top()] * 3
    assert chips.chip_room(3).top() > chips.chip_room(2).bottom(), "a lane of its own"
    palette = chips.palette()
    palette.setColor(palette.ColorRole.Window, QColor("#fffffe"))
    chips.setPalette(palette)
    image, tokens = chips.grab().toImage(), tokens_for(palette)
    right = chips.width() - 3
    assert image.pixelColor(right, chips.chip_room(3).center().y()).name() == tokens.surface
    assert image.pixelColor(right, chips.chip_room(0).center().y()).name() == "#fffffe"


def test_where_there_is_little_room_optional_stations_shrink_to_dots(chips: WorkflowMap) -> None:
    many = tuple(MapStep(f"Station {place}", "later", optional=place % 2 == 1) for place in range(12))
    chips.set_steps(many)
    chips.resize(900, 200)
    whole = chips.chip_room(1).width()
    chips.resize(260, 200)
    assert chips.chip_room(1).width() < whole and chips.chip_room(0).width() > chips.chip_room(1).width()
    assert "Station 1: later (optional)" in chips.accessibleDescription()


def test_after_a_failure_the_next_station_is_the_way_out(chips: WorkflowMap) -> None:
    way = (
        MapStep("Import", "failed", "Sage", "Sage", apart=True),
        MapStep("Reject", "later", "Accounting", "ERP Integrations"),
        MapStep("Post", "later", "Sage", "Sage", apart=True),
    )
    chips.set_steps(way)
    assert chips.next_words() == "Next: Reject, by Accounting in ERP Integrations"
    chips.set_steps((way[0], way[2]))
    assert chips.next_words() == "Next: Import, in Sage"


def test_a_name_that_is_wider_than_its_chips_keeps_its_room(chips: WorkflowMap) -> None:
    chips.set_steps([MapStep("A", "done", "x", "A very long name of a program"), MapStep("B", "later", "x", "Sage")])
    chips.resize(700, 120)
    assert chips.chip_room(1).left() > chips.fontMetrics().horizontalAdvance("A very long name of a") * 0.8


@pytest.mark.parametrize("points", [10, 14])
def test_in_a_narrow_page_nothing_is_cut(chips: WorkflowMap, theme: Theme, qtbot: QtBot, points: int) -> None:
    theme.set_points(points)
    chips.set_steps(WAY)
    for width in (360, 460, 620):
        chips.resize(width, chips.heightForWidth(width))
        rooms = [chips.chip_room(place) for place in range(len(WAY))]
        assert all(room.right() < width for room in rooms)
        assert max(room.bottom() for room in rooms) < chips.heightForWidth(width)
        assert all(left.right() < right.left() or left.bottom() < right.top() for left, right in pairwise(rooms)), (
            "they stand beside or under each other"
        )


def test_when_all_is_done_nobody_acts_next(chips: WorkflowMap) -> None:
    chips.set_steps([MapStep("Draft", "done", "Project side", "Commitments")])
    assert chips.next_words() == "" and "Next" not in chips.accessibleDescription()
