"""The page with everything that can go wrong at a site, each as a switch with what it does in plain words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from erpdesk.sync.sandbox.faults import Faults
from erpdesk.sync.sandbox.office import Office, plainly
from erpdesk.views.kit.card import Muted
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage.standin_page import StandInDesk, StandInPage, Tick, counted, row_of

REJECTION = "Vendor requires a certificate of insurance before a commitment can be entered."

INDENT = 24


@dataclass(frozen=True)
class Switch:
    """One switch: the field it turns, its words, what it does, and the values that can be chosen when it is on."""

    key: str
    words: str
    hint: str
    values: tuple[tuple[Any, str], ...] = ((True, ""),)

    @property
    def off(self) -> Any:
        """The value of a healthy company."""
        return next(field.default for field in fields(Faults) if field.name == self.key)


GROUPS: tuple[tuple[str, tuple[Switch, ...]], ...] = (
    (
        "When erpdesk reads Sage",
        (
            Switch("wrong_password", "The login is refused", "Sage says that the account name is invalid."),
            Switch(
                "slow",
                "Sage is slow",
                "Each question waits before it is answered.",
                ((0.5, "Half a second"), (3.0, "Three seconds"), (20.0, "Twenty seconds")),
            ),
            Switch(
                "hang",
                "Sage does not answer",
                "A question hangs until erpdesk gives up on it.",
                (("*", "Any question"), ("JCT_CURRENT__TRANSACTION", "Job-cost transactions only")),
            ),
            Switch(
                "drop_after",
                "The connection breaks in the middle",
                "An answer ends after some rows, as when the network drops.",
                ((10, "After 10 rows"), (500, "After 500 rows")),
            ),
            Switch(
                "missing_table",
                "A module is not installed",
                "Questions about its table are an error, not an empty list.",
                (
                    ("JCT_CURRENT__TRANSACTION", "Job-cost transactions"),
                    ("APM_MASTER__INVOICE_PAYMENT", "Invoice payments"),
                    ("TXM_MASTER__TAX_GROUP", "Tax groups"),
                    ("API_NEW__INVOICE", "Unposted invoices"),
                ),
            ),
            Switch("backup_window", "A backup is running", "Everybody is kept out until it is over; imports stop too."),
            Switch(
                "btrieve_status",
                "The files are locked",
                "Questions are refused with the status of the data engine; imports stop too.",
                ((84, "84, a record is in use"), (85, "85, a file is locked"), (88, "88, opened by a file tool")),
            ),
        ),
    ),
    (
        "When an import runs",
        (
            Switch(
                "reject_next",
                "The next commitment is rejected",
                "Sage gives this reason once, then the switch goes off by itself.",
                ((REJECTION, "Insurance certificate missing"),),
            ),
            Switch("lock", "The import file is in use", "The import stops and imports nothing."),
            Switch("no_licence", "No licence is free", "The import stops and imports nothing."),
            Switch("prompt_hang", "Sage asks something on its screen", "The import waits until this is switched off."),
            Switch("import_timeout", "No journal is printed", "The import runs to its end, and nobody hears of it."),
            Switch("disk_full", "The disk is full", "Journal and rejects cannot be written, so nothing is imported."),
        ),
    ),
)
SWITCHES = tuple(switch for _, group in GROUPS for switch in group)


class FaultsPage(StandInPage):
    """Each fault on and off, at once, and one button that makes all well again."""

    def __init__(self, desk: StandInDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.boxes: dict[str, Tick] = {}
        self.choices: dict[str, ChoiceCombo] = {}
        self.well = ReasonButton("&All is well again", primary=True)
        self.well.pressed_ok.connect(self.make_well)
        top = self.card(
            "What can go wrong",
            "Switch a trouble on, go back to erpdesk, and see what it does about it. It lasts until you switch it off.",
        )
        self.told = QLabel()
        top.add(row_of(self.well, self.told))
        for title, switches in GROUPS:
            card = self.card(title)
            for switch in switches:
                card.add(self._line(switch))
        self.cards.addStretch(1)
        self.show_faults(desk.company.faults)

    def show_office(self, office: Office) -> None:
        """Shows which switches are on now; Sage turns some off by itself."""
        self.desk.jobs.read(
            lambda: plainly(lambda: self.desk.company.faults), self.show_faults, key=(id(self.desk), "faults")
        )

    def show_faults(self, faults: Faults) -> None:
        """Shows the switches as they are."""
        on = 0
        for switch in SWITCHES:
            value = getattr(faults, switch.key)
            box, choice = self.boxes[switch.key], self.choices.get(switch.key)
            on += value != switch.off
            with QSignalBlocker(box):
                box.setChecked(value != switch.off)
            if choice is not None:
                if str(value) in [str(each) for each, _ in switch.values]:
                    choice.set_value(str(value))
                choice.setEnabled(value != switch.off)
        self.told.setText(f"{counted(on, 'trouble is', 'troubles are')} switched on." if on else "All is well.")
        self.well.set_offer(on > 0, () if on else ("Nothing is switched on.",))

    def make_well(self) -> None:
        """Switches everything off."""
        self._set(**{switch.key: switch.off for switch in SWITCHES})

    def _line(self, switch: Switch) -> QWidget:
        box = Tick(switch.words)
        box.setAccessibleDescription(switch.hint)
        box.toggled.connect(lambda _on: self._turn(switch))
        self.boxes[switch.key] = box
        line = QWidget()
        down = QVBoxLayout(line)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(1)
        down.addWidget(box)
        hint = Muted(switch.hint)
        hint.setContentsMargins(INDENT, 0, 0, 0)
        down.addWidget(hint)
        if len(switch.values) > 1:
            choice = ChoiceCombo([(str(value), words) for value, words in switch.values])
            choice.setAccessibleName(f"{switch.words}: how")
            choice.value_changed.connect(lambda _value: self._turn(switch))
            self.choices[switch.key] = choice
            below = row_of(choice)
            below.setContentsMargins(INDENT, 3, 0, 4)
            down.addWidget(below)
        return line

    def _turn(self, switch: Switch) -> None:
        value = switch.off
        if self.boxes[switch.key].isChecked():
            choice = self.choices.get(switch.key)
            wanted = choice.value() if choice is not None else str(switch.values[0][0])
            value = next(each for each, _ in switch.values if str(each) == wanted)
        self._set(**{switch.key: value})

    def _set(self, **changes: Any) -> None:
        # On the writer: one that hangs shall not keep its own switch from being turned off.
        company = self.desk.company
        self.desk.jobs.write(lambda: plainly(lambda: company.set_faults(**changes)), self.show_faults)
