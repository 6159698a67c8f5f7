"""The files of a record: dropped, pasted or chosen, opened in their own program, removed with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.kit.shown import set_look
from erpdesk.views.session import Session

if TYPE_CHECKING:
    from erpdesk.workflows.attachments import AttachmentRow, Attachments

NONE_CHOSEN = ("Choose a file in the list first.",)
NO_RECORD = ("Save it first; files belong to what was saved.",)
WORKING = ("This is being done just now.",)
HINT = "Drag files here, paste them with Ctrl+V, or press Add file."


def _words(size: int) -> str:
    from erpdesk.workflows.attachment_files import size_words

    return size_words(size)


COLUMNS = (
    Column("name", "File", width=260, stretch=True, bold=True, value=lambda row: row.name),
    Column("size", "Size", kind="number", width=90, value=lambda row: row.bytes, text=_words),
    Column("added_by", "Attached by", width=150, value=lambda row: row.added_by),
    Column("added_at", "When", kind="date", width=130, value=lambda row: row.added_at, text=day_and_time),
)


class AttachmentsPanel(QWidget):
    """Lists the attachments of one record; everything is read and written off the GUI thread.

    ``counted`` carries how many there are, for the title of the part.
    """

    counted = Signal(int)

    def __init__(
        self,
        session: Session,
        opener: Callable[[QUrl], object] = QDesktopServices.openUrl,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._opener = opener
        self._kind, self._ref = "", ""
        self._why_add: tuple[str, ...] = NO_RECORD
        self._why_remove: tuple[str, ...] = NO_RECORD
        self._running = False
        self.said = Banner()
        self.table = RecordTable(
            "attachments",
            COLUMNS,
            empty_title="No attachments yet",
            empty_hint=HINT,
            noun=("file", "files"),
            totals=False,
        )
        self.bar = ListBar(self.table, placeholder="Filter attachments", title="Attachments")
        self.add_button = ReasonButton("Add file…")
        self.add_button.set_icon_name("add")
        self.open_button = ReasonButton("Open")
        self.remove_button = ReasonButton("Remove…")
        self.remove_button.set_icon_name("delete")
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addWidget(self.add_button)
        across.addWidget(self.open_button)
        across.addStretch(1)
        across.addWidget(self.remove_button)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 8, 0, 0)
        down.setSpacing(8)
        down.addLayout(across)
        down.addWidget(self.said)
        down.addWidget(self.bar)
        down.addWidget(self.table, 1)
        self.setAcceptDrops(True)
        self.setFocusProxy(self.table)
        self.add_button.pressed_ok.connect(self.choose)
        self.open_button.pressed_ok.connect(self.open_chosen)
        self.remove_button.pressed_ok.connect(self._ask_remove)
        self.table.opened.connect(lambda row: self._open(row.id))
        self.table.selection_changed.connect(lambda _ids: self._show_offers())
        session.changed.connect(self._on_changes)
        session.person_changed.connect(self._read)
        self._show_offers()

    @property
    def attachments(self) -> Attachments:
        """Where they are kept."""
        return self._session.desk.attachments

    def show_record(self, kind: str, ref: str) -> None:
        """Shows the files of a record ('' = one that was never saved)."""
        if (kind, ref) != (self._kind, self._ref):
            self._kind, self._ref = kind, ref
            self._why_add = self._why_remove = NO_RECORD
            self.said.clear()
            self.table.set_rows(())
            self.counted.emit(0)
        self._read()

    def _read(self) -> None:
        shelf, kind, ref, actor = self.attachments, self._kind, self._ref, self._session.actor
        self._show_offers()
        if not (ref and actor):
            return

        def read() -> tuple[str, tuple[AttachmentRow, ...], tuple[str, ...], tuple[str, ...]]:
            try:
                rows = shelf.listed(actor, kind, ref)
                return ref, rows, shelf.may_add(actor, kind, ref), shelf.may_remove(actor, kind, ref)
            except ForPeople as error:
                # The record was deleted a moment ago: its page says so.
                return ref, (), (str(error),), (str(error),)

        self._session.read(read, lambda answer: self._take(*answer), key=("attachments", id(self)))

    def _take(
        self, ref: str, rows: tuple[AttachmentRow, ...], why_add: tuple[str, ...], why_remove: tuple[str, ...]
    ) -> None:
        if ref != self._ref:
            return
        self._why_add, self._why_remove = why_add, why_remove
        self.table.set_rows(rows)
        self.counted.emit(len(rows))
        self._show_offers()

    def _on_changes(self, changes: Changes) -> None:
        if ("attachment", self._ref) in changes.touched or "person" in changes.kinds:
            self._read()

    def _show_offers(self) -> None:
        chosen = len(self.table.selected_ids()) == 1
        working = WORKING if self._running else ()
        why_add = working or self._why_add
        why_open = working or (() if chosen else NONE_CHOSEN)
        why_remove = working or self._why_remove or (() if chosen else NONE_CHOSEN)
        self.add_button.set_offer(not why_add, why_add)
        self.open_button.set_offer(not why_open, why_open)
        self.remove_button.set_offer(not why_remove, why_remove)

    # Adding

    def choose(self) -> None:
        """Asks for files on the disk."""
        from PySide6.QtWidgets import QFileDialog

        self.said.clear()
        if self._why_add:
            self.said.show_words("error", *self._why_add)
            return
        dialog = QFileDialog(self.window(), "Attach files")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attaches files, one after the other; each that can not be attached says why, the others stay attached."""
        shelf, actor, kind, ref = self.attachments, self._session.actor, self._kind, self._ref
        self._add([partial(shelf.add, actor, kind, ref, path) for path in dict.fromkeys(paths)])

    def paste(self) -> None:
        """Attaches what lies on the clipboard: files, or a picture."""
        self._take_data(QGuiApplication.clipboard().mimeData())

    def _take_data(self, data: QMimeData | None) -> None:
        shelf, actor, kind, ref = self.attachments, self._session.actor, self._kind, self._ref
        paths = _local_files(data)
        if paths:
            self.add_files(paths)
            return
        image = data.imageData() if data is not None and data.hasImage() else None
        if not isinstance(image, QImage) or image.isNull():
            self.said.show_words("warning", "There is no file and no picture to paste. Copy one first.")
            return
        name = f"Picture {self._session.desk.office.clock.now().astimezone():%Y-%m-%d %H.%M.%S}.png"
        self._add([lambda: shelf.add_bytes(actor, kind, ref, name, _png(image))])

    def _add(self, adds: Sequence[Callable[[], tuple[str, Changes]]]) -> None:
        if self._why_add or self._running or not adds:
            if self._why_add:
                self.said.show_words("error", *self._why_add)
            return

        def work() -> tuple[int, tuple[str, ...], Changes]:
            changes, refused, done = Changes(), [], 0
            for add in adds:
                try:
                    changes |= add()[1]
                    done += 1
                except ForPeople as error:
                    refused.append(str(error))
            return done, tuple(refused), changes

        def told(answer: tuple[int, tuple[str, ...], Changes]) -> None:
            done, refused, _changes = answer
            some = f"{done} {'file' if done == 1 else 'files'} attached." if done else ""
            if refused:
                self.said.show_words("error", some, *refused)
            else:
                self.said.show_words("success", some)

        self._run(work, told)

    # Opening and removing

    def open_chosen(self) -> None:
        """Opens the chosen file in the program that the system uses for it."""
        for row in self.table.selected_rows():
            self._open(row.id)

    def _open(self, attachment_id: str) -> None:
        shelf, actor = self.attachments, self._session.actor

        def show(copy: Path) -> None:
            self.said.clear()
            if not self._opener(QUrl.fromLocalFile(str(copy))):
                self.said.show_words(
                    "warning", f"The system knows no program for {copy.name}.", "Ask IT to install one that opens it."
                )

        self._run(lambda: shelf.open_copy(actor, attachment_id), show)

    def _ask_remove(self) -> None:
        from erpdesk.views.kit.dialogs import ask_comment

        self.said.clear()
        rows = self.table.selected_rows()
        if rows:
            ask_comment(
                self.window(),
                f"Remove {rows[0].name}?",
                "Why? The reason stands in the history; the file itself is kept there too.",
                "Remove",
                then=lambda reason: self.remove(rows[0].id, reason),
                required=True,
            )

    def remove(self, attachment_id: str, reason: str) -> None:
        """Takes a file off the record."""
        shelf, actor = self.attachments, self._session.actor
        self._run(
            lambda: shelf.remove(actor, attachment_id, reason),
            lambda _changes: self.said.show_words("success", "Removed. The file and the reason are kept."),
        )

    def _run(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        if self._running:
            return
        self._running = True
        # What was said about the act before is over.
        self.said.clear()
        self._show_offers()
        self._session.act(work, done, lambda error: self.said.show_words("error", str(error)), self._ended)

    def _ended(self) -> None:
        self._running = False
        self._show_offers()

    # Drag and drop, keys

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes files that are dragged over it."""
        if _local_files(event.mimeData()) and not self._why_add:
            event.acceptProposedAction()
            set_look(self.table, "dropping", True)
        elif self._why_add:
            self.said.show_words("error", *self._why_add)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The files went elsewhere."""
        set_look(self.table, "dropping", False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attaches copies of the dropped files; the files themselves stay where they are."""
        set_look(self.table, "dropping", False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take_data(event.mimeData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+V pastes, Delete removes."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_Delete and self.table.selected_ids():
            self.remove_button.click()
        else:
            super().keyPressEvent(event)


def _local_files(data: QMimeData | None) -> list[Path]:
    urls = data.urls() if data is not None and data.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
