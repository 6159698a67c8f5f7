"""The least that a Qt program can do: a window with an empty table; the peer of `startup.py`.

Like erpdesk it writes the moment after its first paint to the file named in ERPDESK_STARTUP_MARK, and ends.
"""

from __future__ import annotations

import os
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView


class Window(QMainWindow):
    """A main window that tells when it was painted."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, painted)


def painted() -> None:
    """The paint event is over: write the moment and end."""
    moment = time.monotonic()
    with open(os.environ["ERPDESK_STARTUP_MARK"], "w", encoding="utf-8") as file:
        file.write(repr(moment))
    QApplication.quit()


def main() -> int:
    """Show the window, wait for its first paint."""
    app = QApplication(sys.argv)
    window = Window()
    window.setCentralWidget(QTableView())
    window.resize(1280, 800)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
