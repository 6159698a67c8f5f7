"""What this program is."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

import erpdesk
from erpdesk.views.kit.card import KeyValue, KeyValueGrid, Muted, Title

LICENCES = (
    "erpdesk uses Qt for Python (LGPL 3), SQLAlchemy and Alembic (MIT), appdirs (MIT), pyodbc (MIT-0), apsw (any OSI "
    "licence), keyring (MIT). Sage is a trademark of its owner; erpdesk is not made or endorsed by them."
)


class AboutDialog(QDialog):
    """Version and facts a helper asks for, with a button that copies them."""

    def __init__(self, facts: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About erpdesk")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._facts = (
            ("Version", getattr(erpdesk, "__version__", "0.1.0")),
            *facts,
            ("Python", platform.python_version()),
            ("Qt", qVersion()),
        )
        grid = KeyValueGrid(columns=1)
        grid.set_values([KeyValue(name, value) for name, value in self._facts])
        words = QLabel("Construction accounting workflows on the desktop, kept in step with Sage 300 CRE.")
        words.setWordWrap(True)
        copy = QPushButton("&Copy")
        copy.setAutoDefault(False)
        copy.setToolTip("Copy these facts for the person who looks after erpdesk")
        close = QPushButton("Close")
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        around = QVBoxLayout(self)
        around.setContentsMargins(22, 20, 22, 16)
        around.setSpacing(12)
        around.addWidget(Title("erpdesk"))
        around.addWidget(words)
        around.addWidget(grid)
        around.addWidget(Muted(LICENCES))
        around.addStretch(1)
        around.addLayout(buttons)
        self.setMinimumWidth(480)
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.accept)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self._facts))
