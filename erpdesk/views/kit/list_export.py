"""A list on its way out of the program: a file is asked for, written off the GUI thread, and told of."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from erpdesk.core.clock import CLOCK
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.filter_bar import nearest_bar
from erpdesk.views.kit.list_sheet import Progress, Sheet, Stopped, Taken
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.table_files import write_csv

if TYPE_CHECKING:
    from erpdesk.views.kit.list_bar import ListBar

FOLDER = "export/folder"
SHOWN_FROM = 2000
"""Below so many rows a file is there before anybody could read how far it is."""
SUFFIXES = {"excel": ".xlsx", "csv": ".csv", "pdf": ".pdf"}
FILTERS = {"excel": "Excel workbooks (*.xlsx)", "csv": "CSV files (*.csv)", "pdf": "PDF files (*.pdf)"}
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


def sheet_of(bar: ListBar) -> Sheet:
    """The list of a bar as it is on screen now."""
    table = bar.table
    columns = tuple(table.visible_columns())
    titles = {column.key: column.title for column in table.records.columns}
    order = ", ".join(f"{titles[key]}{' (descending)' if down else ''}" for key, down in table.sorts())
    take, foot = table.taking(), bar.foot
    locked = len([column for column in columns if column.key in table.locked()])
    return Sheet(
        title=bar.title,
        heading=bar.heading(),
        narrowed=tuple(bar.words_of_filter()),
        sorted_by=order,
        printed=CLOCK.now(),
        columns=columns,
        widths=tuple(table.columnWidth(table.place_of(column.key)) for column in columns),
        locked=locked,
        noun=table.noun,
        take=lambda: replace(take(), foot=foot()),
    )


def export_list(bar: ListBar, kind: str) -> None:
    """Asks where a file shall go and writes it; ``print`` opens the preview instead."""
    if kind == "print":
        _preview(bar)
        return
    folder = str(bar.table.store.value(FOLDER, "") or "")
    name = file_name(bar.title, SUFFIXES[kind])
    dialog = QFileDialog(bar, f"Export {bar.title} as shown", folder, FILTERS[kind])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(SUFFIXES[kind][1:])
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: write_list(bar, kind, Path(path)))
    dialog.open()


def write_list(bar: ListBar, kind: str, path: Path) -> ExportWork:
    """Writes the list as it is now to a file, off the GUI thread; the bar shows how far it is and how it ended."""
    sheet = sheet_of(bar)
    bar.table.store.setValue(FOLDER, str(path.parent))
    notice = _notice(bar)

    def work(progress: Progress) -> int:
        if kind == "excel":
            from erpdesk.views.kit.list_xlsx import write_xlsx

            return write_xlsx(path, sheet, progress)
        if kind == "pdf":
            from erpdesk.views.kit.paper import write_pdf

            return write_pdf(path, sheet, progress)
        taken = sheet.take()
        return write_csv(path, sheet.columns, taken.rows, progress, taken.count)

    def done(count: int) -> None:
        one, many = sheet.noun
        notice.say(f"{count:,} {one if count == 1 else many} written to {path.name}.", ("Open", lambda: _open(path)))

    return notice.start(ExportWork(work), f"Writing {path.name}", done)


def export_focused(window: QWidget, kind: str) -> bool:
    """Exports the list that has the keyboard, else the only one in sight; False when there is none.

    ``kind`` is ``excel``, ``csv``, ``pdf`` or ``print``.
    """
    bar = focused_bar(window)
    if bar is None:
        return False
    bar.export(kind)
    return True


def focused_bar(window: QWidget) -> ListBar | None:
    """The bar of the list that has the keyboard; without one, the first that is in sight."""
    from erpdesk.views.kit.list_bar import ListBar

    bars = [bar for bar in window.window().findChildren(ListBar) if bar.isVisible()]
    focus = QApplication.focusWidget()
    for bar in bars:
        if focus is not None and (bar.table is focus or bar.table.isAncestorOf(focus)):
            return bar
    found = nearest_bar(window.window(), bars) if bars else None
    return found if isinstance(found, ListBar) else None


def file_name(title: str, suffix: str) -> str:
    """A name that every system takes: ``Commitments 2026-11-24.xlsx``."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:80].strip(" .") or "List"
    return f"{plain} {CLOCK.today():%Y-%m-%d}{suffix}"


class ExportWork(QObject):
    """One file being written by a thread of its own, so that no read of a list waits for it.

    ``stop`` lets it end at the next thousand rows. The thread does not keep the program from ending: what it wrote by
    then is not a file yet.
    """

    told = Signal(int, int)
    ended = Signal(object)

    def __init__(self, work: Callable[[Progress], object]) -> None:
        super().__init__()
        self._work = work
        self._bridge = Bridge(self)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="erpdesk-export", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end without a file."""
        self._stop.set()

    def wait(self) -> None:
        """Returns when the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        try:
            answer = self._work(self._progress)
        except Exception as error:
            answer = error
        self._bridge.call(self.ended.emit, answer)

    def _progress(self, done: int, of: int) -> bool:
        self._bridge.call(self.told.emit, done, of)
        return not self._stop.is_set()


class ExportNotice(QWidget):
    """Below a bar: how far a file is, with a button to stop it, then how it ended."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.line = QProgressBar()
        self.line.setTextVisible(False)
        self.line.setMaximumHeight(8)
        self.cancel = QPushButton("Stop")
        self.cancel.setAutoDefault(False)
        self.messages = Messages()
        self._row = QWidget()
        across = QHBoxLayout(self._row)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.words)
        across.addWidget(self.line, 1)
        across.addWidget(self.cancel)
        self._row.hide()
        self.work: ExportWork | None = None
        down = QHBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.addWidget(self._row, 1)
        down.addWidget(self.messages, 1)
        self.cancel.clicked.connect(self._on_stop)

    def start(self, work: ExportWork, words: str, done: Callable[[int], object]) -> ExportWork:
        """Begins the work and shows how far it is; one at a time, the last one asked for is shown."""
        self.work = work
        self.messages.clear()
        self.words.setText(f"{words}…")
        self.line.setRange(0, 0)
        work.told.connect(self._on_told)
        work.ended.connect(lambda answer: self._on_ended(work, answer, done))
        work.start()
        return work

    def say(self, words: str, action: tuple[str, Callable[[], object]] | None) -> None:
        """Tells how it ended."""
        self.messages.success(words, action)

    def _on_stop(self) -> None:
        if self.work is not None:
            self.work.stop()

    def _on_told(self, done: int, of: int) -> None:
        if self.sender() is self.work and of > SHOWN_FROM:
            self._row.show()
            self.line.setRange(0, of)
            self.line.setValue(done)

    def _on_ended(self, work: ExportWork, answer: object, done: Callable[[int], object]) -> None:
        work.wait()
        if not shiboken6.isValid(self):
            return
        if work is self.work:
            self.work = None
            self._row.hide()
        if isinstance(answer, Stopped):
            self.messages.info(str(answer))
        elif isinstance(answer, BaseException):
            self.messages.report(answer)
        elif isinstance(answer, int):
            done(answer)


def _notice(bar: ListBar) -> ExportNotice:
    found = bar.findChild(ExportNotice)
    if found is None:
        found = ExportNotice(bar)
        bar.add_below(found)
    return found


def _preview(bar: ListBar) -> None:
    from erpdesk.views.kit.paper_preview import PaperPreview

    sheet = sheet_of(bar)
    notice = _notice(bar)
    held: list[Taken] = []

    def work(_progress: Progress) -> int:
        taken = sheet.take()
        held.append(sheet.gathered(taken))
        return held[0].count

    def done(_count: int) -> None:
        PaperPreview(sheet, held[0], bar).show()

    notice.start(ExportWork(work), "Laying out the pages", done)


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
