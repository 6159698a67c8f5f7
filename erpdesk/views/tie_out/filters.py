"""Parts of the filters above the tie-out report."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from erpdesk.views.kit.choice_list import Choice
from erpdesk.views.kit.search_combo import SearchCombo


def end_of(day: date) -> datetime:
    """The last moment of a day, as days are on this workstation."""
    return datetime.combine(day + timedelta(days=1), time()).astimezone() - timedelta(microseconds=1)


def offer(combo: SearchCombo, choices: list[Choice]) -> None:
    """Offers these choices; the chosen one stays chosen where it is among them."""
    chosen = combo.value()
    combo.set_choices(choices)
    combo.set_value(chosen if any(each.id == chosen for each in choices) else None)


def under(name: str, field: QWidget) -> QWidget:
    """A field below its name."""
    label = QLabel(name)
    label.setBuddy(field)
    pair = QWidget()
    down = QVBoxLayout(pair)
    down.setContentsMargins(0, 0, 0, 0)
    down.setSpacing(3)
    down.addWidget(label)
    down.addWidget(field)
    return pair
