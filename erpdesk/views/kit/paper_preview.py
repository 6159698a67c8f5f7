"""The pages of a list before they are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPageLayout, QPainter, QPaintEvent, QPdfWriter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.list_sheet import Sheet, Taken
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.paper import DPI, Paper, paper_for

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

PREVIEW_DPI = 110
KEPT_PAGES = 4
TALL, EDGE = 860, 40


class PaperPreview(QDialog):
    """One page at a time, as the printer and the PDF file show it; Page Up, Page Down, Home and End turn pages."""

    def __init__(self, sheet: Sheet, taken: Taken, parent: QWidget) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Print preview: {sheet.title}")
        self._sheet, self._taken = sheet, taken
        self.page = 0
        # Laid out for a PDF writer that writes nowhere: screen, file and printer break pages alike.
        self._nowhere = QBuffer()
        self._writer = QPdfWriter(self._nowhere)
        self._writer.setResolution(DPI)
        self.paper: Paper = paper_for(sheet, taken, self._writer)
        self.messages = Messages()
        self.view = _PageView(self)
        self._area = QScrollArea()
        self._area.setWidget(self.view)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.where = QLabel()
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        self.back = _button("&Previous page", self.turn_back)
        self.forth = _button("&Next page", self.turn_on)
        self.print = _button("P&rint…", self.ask_printer)
        self.print.setProperty("primary", True)
        close = _button("&Close", self.reject)
        across = QHBoxLayout()
        across.setSpacing(8)
        for part in (self.back, self.forth, self.where):
            across.addWidget(part)
        across.addStretch(1)
        across.addWidget(close)
        across.addWidget(self.print)
        down = QVBoxLayout(self)
        down.setContentsMargins(14, 12, 14, 12)
        down.addWidget(self.messages)
        down.addWidget(self._area, 1)
        down.addLayout(across)
        self.setMinimumSize(560, 420)
        # The whole width of the page is in sight, as far as the screen goes.
        edges = down.contentsMargins()
        bar = self._area.verticalScrollBar().sizeHint().width() + 2 * self._area.frameWidth()
        room = self.screen().availableGeometry().size()
        wide = self.view.width() + bar + edges.left() + edges.right()
        self.resize(min(wide, room.width() - EDGE), min(TALL, room.height() - EDGE))
        self.go_to(0)

    def landscape(self) -> bool:
        """Whether the pages lie on their side."""
        return self._writer.pageLayout().orientation() == QPageLayout.Orientation.Landscape

    def go_to(self, page: int) -> None:
        """Shows a page, the nearest one there is."""
        self.page = max(0, min(page, self.paper.pages - 1))
        self.where.setText(f"Page {self.page + 1:,} of {self.paper.pages:,}")
        self.back.setEnabled(self.page > 0)
        self.forth.setEnabled(self.page < self.paper.pages - 1)
        self.back.setToolTip("" if self.page else "This is the first page.")
        self.forth.setToolTip("" if self.page < self.paper.pages - 1 else "This is the last page.")
        self.view.show_page(self.page)
        self._area.verticalScrollBar().setValue(0)

    @Slot()
    def turn_back(self) -> None:
        """The page before."""
        self.go_to(self.page - 1)

    @Slot()
    def turn_on(self) -> None:
        """The next page."""
        self.go_to(self.page + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turns pages by key."""
        keys = {
            Qt.Key.Key_PageDown: self.page + 1,
            Qt.Key.Key_PageUp: self.page - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.paper.pages - 1,
        }
        target = keys.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
        else:
            self.go_to(target)

    @Slot()
    def ask_printer(self) -> None:
        """Asks for printer and pages, and prints."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._sheet.title)
        printer.setPageLayout(self._writer.pageLayout())
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setMinMax(1, self.paper.pages)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.show()

    def print_on(self, device: QPrinter) -> None:
        """Prints the pages that were asked for, all unless some were named."""
        paper = paper_for(self._sheet, self._taken, device)
        first, last = device.fromPage() or 1, device.toPage() or paper.pages
        painter = QPainter()
        if not painter.begin(device):
            self.messages.report(
                ForPeople(
                    "The printer took nothing.",
                    kept="The list is unchanged.",
                    next_step="Look whether the printer is on, or save the list as PDF and print that.",
                )
            )
            return
        for page in range(first - 1, min(last, paper.pages)):
            if page > first - 1:
                device.newPage()
            paper.paint(painter, page)
        painter.end()
        self.messages.success(f"{self._sheet.title} was handed to the printer.")


class _PageView(QWidget):
    """The picture of one page; some that were looked at are kept."""

    def __init__(self, preview: PaperPreview) -> None:
        super().__init__()
        self._preview = preview
        self._pictures: dict[int, QImage] = {}
        self._number = 0
        layout = preview._writer.pageLayout()
        size = layout.fullRectPixels(PREVIEW_DPI).size()
        self.setFixedSize(size + QSize(2, 2))
        self.setAccessibleName("Page")

    def show_page(self, number: int) -> None:
        """Shows a page."""
        self._number = number
        self.setAccessibleDescription(f"Page {number + 1} of {self._preview.paper.pages}")
        self.update()

    def picture(self, number: int) -> QImage:
        """A page as a picture."""
        found = self._pictures.get(number)
        if found is None:
            layout = self._preview._writer.pageLayout()
            size = layout.fullRectPixels(PREVIEW_DPI).size() * self.devicePixelRatio()
            found = QImage(size, QImage.Format.Format_RGB32)
            found.fill(QColor("white"))
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shrink = PREVIEW_DPI * self.devicePixelRatio() / DPI
            painter.scale(shrink, shrink)
            margin = layout.marginsPixels(DPI)
            painter.translate(margin.left(), margin.top())
            self._preview.paper.paint(painter, number)
            painter.end()
            found.setDevicePixelRatio(self.devicePixelRatio())
            self._pictures[number] = found
            while len(self._pictures) > KEPT_PAGES:
                self._pictures.pop(next(iter(self._pictures)))
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the page with a thin line around it."""
        painter = QPainter(self)
        painter.drawImage(1, 1, self.picture(self._number))
        painter.setPen(QColor("#9aa3ad"))
        painter.drawRect(QRect(0, 0, self.width() - 1, self.height() - 1))
        painter.end()


def _button(words: str, then: Callable[[], object]) -> QPushButton:
    button = QPushButton(words)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: then())
    return button
