"""Types into the window of a new company and waits to be killed: ``python -m …typing_child <folder> <sample>``.

Says ``kept`` and the id of the commitment once what was typed, into an edit and into a new one, is in the database.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from erpdesk import database
from erpdesk.views.kit.theme import Theme
from erpdesk.views.tabs.commitments.typed import FORM
from tests.town import settle
from tests.views.house import open_house, type_into, wait_until


def main(folder: Path, sample: Path) -> None:
    app = QApplication([])
    store = database.open_store(folder / "erpdesk.db", backups=folder / "backups")
    town = settle(folder, sample, store.engine)
    drafts = town.desk.drafts
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-41"))
    with open_house(town, Theme(app, "light")) as house:
        house.window.show_tab("commitments")
        house.commitments.open(made)
        house.settle()
        type_into(house.commitments.page.header_form.title, "Typed and not saved")
        wait_until(lambda: drafts.found(town.manager, FORM, made) is not None, "it is kept", 20_000)
        print(f"kept {made}", flush=True)
        app.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
