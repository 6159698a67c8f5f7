"""A sample company whose layouts are live: the desk has them, and the preview follows what the site says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from erpdesk.models.people import Person, Right, Tool
from erpdesk.paths import resources
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf
from erpdesk.workflows.desk import open_desk
from erpdesk.workflows.layout_acts import site_words
from tests.town import Town, around

ORDER = "APIF, Vendor, Invoice, Description, Invoice Date, Amount, Tax, Accounting Date"
"""An order of the fixed invoice layout that no site has by default."""


def admin(town: Town) -> str:
    """Somebody who may change layouts."""
    with town.store.reading() as session:
        people = session.scalars(select(Person))
        return next(each.id for each in people if each.right(Tool.ERP_INTEGRATIONS) is Right.ADMIN)


def open_title(folder: Path) -> Path:
    """The shipped layouts, but nobody knows for certain where the title of a commitment stands."""
    shutil.copytree(resources() / "sage" / "layouts", folder)
    path = folder / "jcc.toml"
    text = path.read_text("utf-8")
    title = 'label = "title", from = "title"'
    assert text.count(title) == 1
    path.write_text(text.replace(title, f'{title}, mark = "I", settle = "Print the help topic (F1)"'), "utf-8")
    return folder


def with_layouts(town: Town, folder: Path | None = None) -> SitePreview:
    """Gives a company its layouts, from a folder of its own or as shipped; answers with the preview it uses now."""
    shelf = SiteShelf(folder=folder)
    preview = SitePreview(shelf, site_words(town.store))
    town.desk = open_desk(replace(town.desk.office, preview=preview), around(town.folder, town.box, shelf=shelf))
    return preview
