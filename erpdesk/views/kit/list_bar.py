"""What stands above every list: quick filter, chips, filters by column, saved views, columns, and the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.filter_bar import ChipSpec, FilterBar
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.list_chips import RemovableChip
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_sheet import Foot, common_foot
from erpdesk.views.kit.list_views import ListState, SavedViews
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.table_layout import LayoutStore
from erpdesk.views.kit.windowed_table import WindowedTable

_WITH_ARROW = "QPushButton { padding: 4px 22px 4px 10px; }"
_WITHOUT_ARROW = "QPushButton::menu-indicator { image: none; width: 0px; }"

AnyTable = RecordTable | WindowedTable


class ListBar(FilterBar):
    """Belongs to one list: its words narrow the list by themselves, and letters typed into the list come here.

    The owner answers ``chip_changed`` with ``set_where``. ``title`` names files and pages, ``heading`` tells the line
    above them (the project), ``foot`` the line at the foot of each page. ``conditions_changed`` tells that another
    filter by column holds, ``view_changed`` carries the name of the saved view on screen, empty for none.
    """

    conditions_changed = Signal()
    view_changed = Signal(str)

    def __init__(
        self,
        table: AnyTable,
        chips: Sequence[ChipSpec] = (),
        placeholder: str = "Filter this list",
        *,
        store: LayoutStore | None = None,
        title: str = "List",
        heading: Callable[[], str] = lambda: "",
        foot: Foot = common_foot,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(chips, placeholder, parent)
        self.table = table
        self.title = title
        self.heading = heading
        self.foot = foot
        self._store = store or table.store
        self.views = SavedViews(self._store, table.name, table.records.columns)
        self._chips_narrow = True
        self._view_of: dict[str, str] = {}
        """The view on screen of each list, by its name."""
        self._opened: set[str] = set()
        self._heard: list[AnyTable] = []
        self._shown_chips: list[tuple[str, str]] = []
        self.filters_button = self._button("", "Filters", "Narrow the list by what a column holds")
        self.views_button = self._button("", "Views", "Saved views of this list")
        self.columns_button = self._button("columns", "Columns", "Choose the columns of this list")
        self.export_button = self._button("export", "Export", "Excel, CSV, PDF or print preview of what is shown")
        self._menu(self.filters_button, self._fill_filters)
        self._menu(self.views_button, self._fill_views)
        self._menu(self.export_button, self._fill_export)
        self.export_button.setStyleSheet(_WITHOUT_ARROW)
        self.columns_button.clicked.connect(self.choose_columns)
        self._said = FlowLayout(spacing=7)
        self._said_box = QWidget()
        self._said_box.setLayout(self._said)
        self._said_box.hide()
        self._around.addWidget(self._said_box)
        self.text_changed.connect(self._on_text)
        self.chip_changed.connect(self._on_state)
        self._hear(table)

    def show_table(self, table: AnyTable, title: str) -> None:
        """Belongs to another list from now on, whose chip was chosen: the chips choose among lists then."""
        self._chips_narrow = False
        self.table, self.title = table, title
        self.views = SavedViews(self._store, table.name, table.records.columns)
        self._hear(table)
        table.set_filter(self.text())
        self._on_state()
        if self.isVisible():
            self._open_first()

    # Filters by column

    def conditions(self) -> tuple[Condition, ...]:
        """The filters by column that hold now."""
        return self.table.conditions()

    def set_conditions(self, conditions: Sequence[Condition]) -> None:
        """Narrows the list by these conditions and shows each as a chip that can be taken away."""
        self.table.set_conditions(conditions)
        self._on_state()
        self.conditions_changed.emit()

    def put_condition(self, condition: Condition | None, key: str) -> None:
        """Sets the condition on one column, or takes it away."""
        others = [each for each in self.conditions() if each.key != key]
        self.set_conditions([*others, condition] if condition else others)

    def words_of_filter(self) -> list[str]:
        """All that narrows the list, in words, for paper and files; empty when nothing does."""
        chip = self.chip()
        words = [self.chip_words(chip)] if self._chips_narrow and chip != self.first_chip() else []
        words += [condition.said(self._column(condition.key)) for condition in self.conditions()]
        return words + ([f"“{self.text()}”"] if self.text() else [])

    # Saved views

    def view(self) -> str:
        """The name of the saved view on screen; empty for none."""
        return self._view_of.get(self.table.name, "")

    def view_is_changed(self) -> bool:
        """Whether the list no longer stands as its view was saved."""
        saved = self.views.find(self.view())
        return saved is not None and not saved.state.same_as(self.state())

    def state(self) -> ListState:
        """How the list stands now."""
        chip = self.chip() if self._chips_narrow else ""
        return ListState(self.table.layout_now(), self.text(), chip, self.conditions())

    def use_view(self, name: str) -> None:
        """Shows the list as a view was saved."""
        saved = self.views.find(name)
        if saved is not None:
            self._set_view(name)
            self._use(saved.state)

    def leave_view(self) -> None:
        """Shows the list as it was declared, without any filter."""
        self._set_view("")
        self.table.reset_layout()
        self.clear()

    def clear(self) -> None:
        """Shows every row: no words, no chip, no filter by column."""
        self._use(ListState(self.table.layout_now()))

    def save_view(self, name: str) -> None:
        """Keeps the list as it stands under a name; raises Refused for a name that cannot be."""
        self._set_view(self.views.save(name, self.state()).name)
        self._on_state()

    def rename_view(self, name: str) -> None:
        """Gives the view on screen another name; raises Refused when it is taken."""
        self._set_view(self.views.rename(self.view(), name).name)
        self._on_state()

    def delete_view(self) -> None:
        """Forgets the view on screen; the list stays as it is."""
        self.views.delete(self.view())
        self._set_view("")
        self._on_state()

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, the list takes on its default view; by now whoever built it listens to its chips."""
        self._open_first()
        super().showEvent(event)

    # Out of the program

    @Slot()
    def choose_columns(self) -> None:
        """Opens the chooser below its button."""
        from erpdesk.views.kit.list_chooser import ColumnChooser

        ColumnChooser(self.table, self).open_below(self.columns_button)

    def export(self, kind: str) -> None:
        """Writes or prints what is shown: ``excel``, ``csv``, ``pdf`` or ``print``."""
        from erpdesk.views.kit.list_export import export_list

        export_list(self, kind)

    def add_below(self, widget: QWidget) -> None:
        """Puts a part below the field and the chips."""
        self._around.addWidget(widget)

    # Helpers

    def _use(self, state: ListState) -> None:
        self.table.use_layout(state.layout)
        self.table.sort_by_all(state.layout.sorts)
        self.set_conditions(state.conditions)
        self.set_text(state.text)
        chip = state.chip if state.chip in self.chip_keys() else self.first_chip()
        if self._chips_narrow and chip != self.chip():
            self.set_chip(chip)
            self.chip_changed.emit(chip)
        self._on_state()

    def _open_first(self) -> None:
        if self.table.name not in self._opened:
            self._opened.add(self.table.name)
            if self.views.default:
                self.use_view(self.views.default)

    def _hear(self, table: AnyTable) -> None:
        if table not in self._heard:
            self._heard.append(table)
            table.typed.connect(self._on_typed_in_list)
            table.layout_changed.connect(self._on_state)

    def _set_view(self, name: str) -> None:
        self._view_of[self.table.name] = name

    def _column(self, key: str) -> Column:
        return next(column for column in self.table.records.columns if column.key == key)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.table.set_filter(text)
        self._on_state()

    @Slot()
    def _on_state(self) -> None:
        """Shows as chips what narrows the list and which view it is."""
        star = " (changed)" if self.view_is_changed() else ""
        wanted = [("", f"View: {self.view()}{star}")] if self.view() else []
        wanted += [(condition.key, condition.said(self._column(condition.key))) for condition in self.conditions()]
        if wanted != self._shown_chips:
            self._shown_chips = wanted
            self._show_chips()
        self.view_changed.emit(self.view())

    def _show_chips(self) -> None:
        while item := self._said.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for key, words in self._shown_chips:
            chip = RemovableChip(words, "Take this filter away" if key else "Show the whole list again")
            self._said.addWidget(chip)
            chip.show()
            if key:
                chip.pressed.connect(partial(self.edit_condition, key))
                chip.removed.connect(partial(self.put_condition, None, key))
            else:
                chip.pressed.connect(self.views_button.showMenu)
                chip.removed.connect(self.leave_view)
        self._said_box.setVisible(bool(self._shown_chips))

    @Slot(str)
    def _on_typed_in_list(self, letters: str) -> None:
        self.focus_search()
        self.search.setText(letters)

    def _button(self, icon: str, name: str, tip: str) -> QPushButton:
        button = QPushButton()
        button.setAutoDefault(False)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        if icon:
            set_icon(button, icon, "muted")
            self.add_widget(button)
        else:
            button.setText(name)
            button.setStyleSheet(_WITH_ARROW)
            self._chip_row.addWidget(button) if self._chip_row else self.add_widget(button)
        return button

    def _menu(self, button: QPushButton, fill: Callable[[QMenu], None]) -> None:
        menu = QMenu(button)
        menu.setAccessibleName(button.accessibleName())
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: fill(menu))
        button.setMenu(menu)

    def edit_condition(self, key: str) -> None:
        """Opens the filter of a column below the bar."""
        from erpdesk.views.kit.list_filter_editor import FilterEditor

        FilterEditor(self, self._column(key)).open_below(self.filters_button)

    def _fill_filters(self, menu: QMenu) -> None:
        from erpdesk.views.kit.list_menus import fill_filters

        fill_filters(self, menu)

    def _fill_views(self, menu: QMenu) -> None:
        from erpdesk.views.kit.list_menus import fill_views

        fill_views(self, menu)

    def _fill_export(self, menu: QMenu) -> None:
        from erpdesk.views.kit.list_menus import fill_export

        fill_export(self, menu)
