"""The windows beside the tabs: each is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.session import LayoutStore, Session

if TYPE_CHECKING:
    from erpdesk.views.sage.tools import SageTools
    from erpdesk.views.settings.tools import SettingsTools

OF_COMPANY = (
    *("audit.show", "settings.show", "palette.show", "costs.show", "tie_out.show"),
    *("list.excel", "list.print"),
)
"""What can be asked for while a company is open."""
NO_LIST = "No list is in sight here. Click into one first."


class SideWindows(QObject):
    """Opens the windows and dialogs of the program over ``window``; those of a company only while one is open.

    ``found`` carries a record that was chosen in the search, to be shown in its tool.
    """

    found = Signal(object)

    def __init__(self, registry: ActionRegistry, store: LayoutStore, window: QWidget) -> None:
        super().__init__(window)
        self._registry = registry
        self._store = store
        self._window = window
        self._session: Session | None = None
        self._sage: SageTools | None = None
        self._settings: SettingsTools | None = None
        self._facts: tuple[tuple[str, str], ...] = ()
        for key, opener in (
            ("help.shortcuts", lambda: registry.show_shortcuts(window)),
            ("help.about", self.show_about),
            ("costs.show", self.show_job_costs),
            ("sage.show", self.show_sage),
            ("sage.stand_in", self.show_stand_in),
            ("palette.show", self.show_palette),
            ("people.show", self.show_people),
            ("entry.own", self.show_own_page),
            ("audit.show", self.show_audit),
            ("tie_out.show", self.show_tie_out),
            ("settings.show", self.show_settings),
            ("list.excel", partial(self._export, "excel")),
            ("list.print", partial(self._export, "print")),
        ):
            registry.on(key, opener)

    def attach(
        self,
        session: Session,
        about: Sequence[tuple[str, str]],
        sage: SageTools | None,
        settings: SettingsTools | None,
    ) -> None:
        """A company is open: ``about`` are facts for the About dialog; the others are what these windows work with."""
        self._session, self._facts = session, tuple(about)
        self._sage, self._settings = sage, settings
        for key in OF_COMPANY:
            self._registry.set_offer(key, True)

        from erpdesk.views.kit.list_sheet import print_at_foot

        print_at_foot(partial(_head, session))
        # What outlives the window must not ask a company that is closed.
        session.destroyed.connect(partial(print_at_foot, None))

    def show_about(self) -> QWidget:
        """Opens the About dialog."""
        from erpdesk.views.dialogs.about import AboutDialog

        dialog = AboutDialog(self._facts, self._window)
        dialog.open()
        return dialog

    def show_job_costs(self) -> QWidget | None:
        """Opens the window with the job-cost transactions of the chosen project."""
        from erpdesk.views.dialogs.job_costs import show_job_costs

        return show_job_costs(self._session, self._store, self._window) if self._session is not None else None

    def show_sage(self, page: str = "") -> QWidget | None:
        """Opens the window about Sage."""
        from erpdesk.views.sage.tools import show_sage

        if self._session is None or self._sage is None:
            return None
        return show_sage(self._session, self._sage, self._store, self._window, page)

    def show_stand_in(self) -> QWidget | None:
        """Opens the stand-in Sage of the sample company; None where there is none."""
        from erpdesk.views.sage.tools import show_stand_in

        if self._session is None or self._sage is None:
            return None
        return show_stand_in(self._session, self._sage, self._store, self._window)

    def show_people(self) -> QWidget | None:
        """Opens the window about people and their rights."""
        from erpdesk.views.people.tools import show_people

        return show_people(self._session, self._store, self._window) if self._session is not None else None

    def show_own_page(self) -> QWidget | None:
        """Opens the window about people on the page of whoever is signed in."""
        from erpdesk.views.people.tools import show_people

        if self._session is None:
            return None
        window = show_people(self._session, self._store, self._window)
        window.show_own()
        return window

    def show_audit(self) -> QWidget | None:
        """Opens the audit trail."""
        from erpdesk.views.audit.window import show_audit

        session = self._session
        return show_audit(session, session.desk.trail, self._store, self._window) if session is not None else None

    def show_tie_out(self) -> QWidget | None:
        """Opens the tie-out report; an item that is chosen in it is shown in its tool."""
        from erpdesk.views.tie_out.window import show_tie_out

        if self._session is None:
            return None
        return show_tie_out(self._session, self._store, self._window, self._go_to)

    def _go_to(self, record: object) -> None:
        self._window.raise_()
        self._window.activateWindow()
        self.found.emit(record)

    def show_settings(self, page: str = "") -> QWidget | None:
        """Opens the settings."""
        from erpdesk.views.settings.tools import show_settings

        if self._session is None or self._settings is None:
            return None
        return show_settings(self._session, self._settings, self._store, self._window, page)

    def _export(self, kind: str) -> None:
        from erpdesk.views.kit.list_export import export_focused

        if not export_focused(QApplication.activeWindow() or self._window, kind) and self._session is not None:
            self._session.messages.info(NO_LIST, topic="refusal")

    def show_palette(self) -> QWidget | None:
        """Opens the search over everything."""
        from erpdesk.views.palette.palette import show_palette

        if self._session is None:
            return None
        palette = show_palette(self._session, self._registry, self._window)
        palette.found.connect(self.found)
        return palette


def _head(session: Session) -> str:
    """The newest entry of the audit trail, for the foot of what is printed; asked off the GUI thread."""
    from erpdesk.workflows.trail_rows import head_words

    return head_words(*session.desk.trail.head())
