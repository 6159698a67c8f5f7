"""Takes Sage's own field order as it was copied from its printout, and shows what it means before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Check, CheckList, Muted, SectionLabel, Title
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.text_fields import NotesEdit
from erpdesk.views.tabs.erp_integrations.file_block import FileBlock
from erpdesk.workflows.layout_ports import PastedOrder
from erpdesk.workflows.layout_rows import LayoutDetail, LayoutRow

if TYPE_CHECKING:
    from erpdesk.workflows.layout_acts import LayoutActs

PAUSE_MS = 250
MOST_SHOWN = 12
NOTHING = "Paste the list on the left. What erpdesk understands of it appears here."
OTHER_FILE = "This is the order of {title}. Choose that file in the list, then paste it there."
HOW = (
    "Print the order in Sage ({menu}), copy its text and paste it here: numbered lines such as “2  Vendor  Alpha 10” "
    "under the letters of their record, or the names after the letters with commas between them."
)


class PasteDialog(QDialog):
    """A place for the text, and beside it what it means; ``agreed`` carries the text to be used."""

    agreed = Signal(str)

    def __init__(
        self,
        detail: LayoutDetail,
        read: Callable[[str], PastedOrder],
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sage’s own field order")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._read, self._jobs = read, jobs
        self._shown: tuple[str, PastedOrder] | None = None
        self._busy = False
        self.text = NotesEdit()
        self.text.setAccessibleName("Field order as Sage prints it")
        letters = next((each.record for each in detail.fields), "APIF")
        self.text.setPlaceholderText(f"{letters}\n1  Record ID  Alpha {len(letters)}\n2  Vendor  Alpha 10\n…")
        self.hint = Muted(NOTHING)
        self.checks = CheckList()
        self.sample = FileBlock()
        self.sample.setAccessibleName("A made-up document in this order")
        self.problem = Banner()
        self.use = ReasonButton("&Use this order", primary=True)
        self._build(detail.row)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._ask)
        self.text.textChanged.connect(self._on_typed)
        self.use.pressed_ok.connect(self._on_use)
        if detail.text:
            self.text.set_value(detail.text)
            self._ask()
        self._offer()
        self.text.setFocus()

    def say(self, problem: str) -> None:
        """The act was refused: says why, and lets the person correct it."""
        self._busy = False
        self.problem.show_words("error", problem)
        self._offer()

    def done(self, result: int) -> None:
        """An answer that is still under way finds nobody."""
        self._jobs.forget((id(self), "pasted"))
        super().done(result)

    def _build(self, row: LayoutRow) -> None:
        meaning = QWidget()
        meaning.setProperty("page", True)
        down = QVBoxLayout(meaning)
        down.setContentsMargins(10, 0, 4, 0)
        down.setSpacing(8)
        down.addWidget(SectionLabel("What erpdesk understands"))
        down.addWidget(self.hint)
        down.addWidget(self.checks)
        self._sample_title = SectionLabel("A made-up document in this order, as it would be written")
        down.addWidget(self._sample_title)
        down.addWidget(self.sample)
        down.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(meaning)
        left = QWidget()
        typed = QVBoxLayout(left)
        typed.setContentsMargins(0, 0, 0, 0)
        name = QLabel("Field &order as Sage prints it")
        name.setBuddy(self.text)
        typed.addWidget(name)
        typed.addWidget(self.text, 1)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.addWidget(left)
        sides.addWidget(scroll)
        sides.setStretchFactor(0, 2)
        sides.setStretchFactor(1, 3)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.use)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(10)
        around.addWidget(Title(row.title))
        around.addWidget(Muted(HOW.format(menu=_printed_at(row.menu))))
        around.addWidget(sides, 1)
        around.addWidget(self.problem)
        around.addLayout(buttons)
        self.resize(980, 600)
        self._show(None)

    def _on_typed(self) -> None:
        self.problem.clear()
        self._timer.start()
        self._offer()

    def _ask(self) -> None:
        text, read = self.text.value(), self._read
        if not text.strip():
            self._show(None)
            return
        with suppress(JobsClosed):
            self._jobs.read(lambda: (text, read(text)), self._show, self._failed, key=(id(self), "pasted"))

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, ForPeople):
            self.say(str(error))

    def _show(self, answer: tuple[str, PastedOrder] | None) -> None:
        self._shown = answer
        order = answer[1] if answer else None
        self.hint.setVisible(order is None)
        self.checks.set_checks(meaning_of(order) if order else ())
        lines = order.form.sample if order and order.form else ()
        self._sample_title.setVisible(bool(lines))
        self.sample.setVisible(bool(lines))
        self.sample.set_lines(lines)
        self._offer()

    def _offer(self) -> None:
        fresh = self._shown is not None and self._shown[0] == self.text.value()
        reasons: tuple[str, ...] = ()
        if self._busy:
            reasons = ("This order is being noted just now.",)
        elif not self.text.value().strip():
            reasons = ("Paste the field order first.",)
        elif not fresh:
            reasons = ("The text is being read just now.",)
        elif self._shown is not None and self._shown[1].form is None:
            reasons = self._shown[1].refusals[:3]
        self.use.set_offer(not reasons, reasons)

    def _on_use(self) -> None:
        self._busy = True
        self._offer()
        self.agreed.emit(self.text.value())


def read_pasted(acts: LayoutActs, layout: str, others: Iterable[tuple[str, str]], text: str) -> PastedOrder:
    """What a pasted order means; one that fits another file only (id and title) is refused by that file's name."""
    order = acts.pasted(layout, text)
    if order.form is not None:
        return order
    for name, title in others:
        with suppress(ForPeople):
            if acts.pasted(name, text).form is not None:
                return PastedOrder("", None, refusals=(OTHER_FILE.format(title=title),))
    return order


def meaning_of(order: PastedOrder) -> list[Check]:
    """What is wrong with a pasted order, what is doubtful, and what it changes, as sentences."""
    checks = [Check(each, "error") for each in order.refusals[:MOST_SHOWN]]
    doubtful = [*order.unknown, *order.left_out]
    checks += [Check(each, "warning") for each in doubtful[:MOST_SHOWN]]
    hidden = max(len(order.refusals) - MOST_SHOWN, 0) + max(len(doubtful) - MOST_SHOWN, 0)
    if hidden:
        checks.append(Check(f"{hidden} more lines like these.", "warning"))
    if order.form is not None:
        fields = [each for record in order.form.records for each in record.fields if each.used]
        to_settle = sum(not each.certain for each in fields)
        if to_settle:
            sentence = f"{to_settle} of the {len(fields)} fields that erpdesk fills must be confirmed"
            checks.append(Check(f"{sentence} before a file goes to a live company.", "warning"))
        else:
            checks.append(Check(f"The {len(fields)} fields that erpdesk fills have a place."))
    return checks


def _printed_at(menu: str) -> str:
    """Where Sage prints the order: invoices have a menu for it, other imports list it in their help."""
    return f"{menu} > Import Format" if "Import Invoices" in menu else f"{menu}, help (F1)"
