"""The panel of attachments on the page of a commitment: drop, paste, open, remove; and why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from erpdesk.models.people import Person, Right
from erpdesk.views.attachments_panel import NO_RECORD, AttachmentsPanel
from erpdesk.views.kit.theme import Theme
from tests.town import Town
from tests.views.house import House, open_house

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def house(town: Town, qtbot: QtBot) -> Iterator[House]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with open_house(town, Theme(app, "light")) as made:
        made.window.show_tab("commitments")
        made.settle()
        yield made


@pytest.fixture
def made(house: House) -> str:
    commitment, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-41"))
    house.reload()
    house.commitments.open(commitment)
    house.settle()
    return commitment


def panel(house: House) -> AttachmentsPanel:
    return house.commitments.side.attachments


def paper(house: House, name: str, data: bytes = b"%PDF") -> Path:
    folder = house.town.folder / "downloads"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def drop(house: House, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    panel(house).dropEvent(event)
    house.settle()


def names(house: House) -> list[str]:
    return [row.name for row in panel(house).table.all_rows()]


def test_dropped_files_are_listed_and_counted(house: House, made: str) -> None:
    drop(house, paper(house, "contract.pdf"), paper(house, "drawing.pdf", b"%PDF 2"))
    assert sorted(names(house)) == ["contract.pdf", "drawing.pdf"]
    titles = [house.commitments.page.parts.tabText(place) for place in range(3)]
    assert titles == ["Contract", "Attachments (2)", "History"]
    assert panel(house).said.text() == "2 files attached."
    assert (house.town.folder / "downloads" / "contract.pdf").exists(), "the file itself stays where it was"


def test_each_file_that_is_refused_says_why_and_the_others_are_attached(house: House, made: str) -> None:
    folder = house.town.folder / "a folder"
    folder.mkdir()
    drop(house, folder, paper(house, "empty.pdf", b""), paper(house, "good.pdf"), paper(house, "run.exe"))
    assert names(house) == ["good.pdf"]
    said = panel(house).said.text()
    assert "1 file attached." in said and "is a folder" in said and "is empty" in said and "is a program" in said


def test_a_picture_is_pasted(house: House, made: str) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QGuiApplication.clipboard().setImage(image)
    panel(house).paste()
    house.settle()
    (name,) = names(house)
    assert name.startswith("Picture 20") and name.endswith(".png")
    QGuiApplication.clipboard().setText("only words")
    panel(house).paste()
    assert "no file and no picture" in panel(house).said.text()


def test_opening_hands_a_copy_to_the_system(house: House, made: str) -> None:
    drop(house, paper(house, "contract.pdf"))
    opened: list[QUrl] = []

    def opener(url: QUrl) -> bool:
        opened.append(url)
        return True

    panel(house)._opener = opener
    panel(house).table.select_ids([row.id for row in panel(house).table.all_rows()])
    panel(house).open_button.click()
    house.settle()
    (url,) = opened
    copy = Path(url.toLocalFile())
    assert copy.name == "contract.pdf" and copy.read_bytes() == b"%PDF"
    assert house.town.folder / "attachments" not in copy.parents
    panel(house)._opener = lambda url: False
    panel(house).open_button.click()
    house.settle()
    assert "knows no program" in panel(house).said.text()


def test_removing_asks_for_the_reason(house: House, made: str) -> None:
    drop(house, paper(house, "contract.pdf"))
    (row,) = panel(house).table.all_rows()
    panel(house).remove(row.id, "Wrong vendor")
    house.settle()
    assert names(house) == [] and house.commitments.page.parts.tabText(1) == "Attachments"
    assert (
        house.town.desk.attachments.listed(house.town.manager, "commitment", made, removed=True)[0].reason
        == "Wrong vendor"
    )


def test_a_new_commitment_has_to_be_saved_first(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    assert panel(house).add_button.reasons() == NO_RECORD
    assert not house.commitments.page.parts.isTabEnabled(1)
    drop(house, paper(house, "contract.pdf"))
    assert NO_RECORD[0] in panel(house).said.text()


def test_who_may_not_attach_reads_why(house: House, made: str) -> None:
    with house.town.store.writing() as session:
        for given in session.get_one(Person, house.town.viewer).rights:
            given.right = Right.READ_ONLY
    house.act_as(house.town.viewer)
    assert "Standard in Commitments" in panel(house).add_button.reasons()[0]
    drop(house, paper(house, "contract.pdf"))
    assert names(house) == [] and "Standard in Commitments" in panel(house).said.text()


def test_also_what_is_locked_takes_papers(house: House) -> None:
    made, _ = house.town.sent()
    house.reload()
    house.commitments.open(made)
    house.settle()
    drop(house, paper(house, "contract.pdf"))
    assert names(house) == ["contract.pdf"]
