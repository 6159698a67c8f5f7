"""One running erpdesk per company and person: a second start asks the first to come to the front."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QThread

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

WAIT_MS = 2000
PAUSE_MS = 100
TRIES = 30


class OnlyInstance(QObject):
    """Holds the lock of a company folder while the program runs, and hears second starts."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(folder / "erpdesk.lock"))
        self._lock.setStaleLockTime(0)
        self._name = f"erpdesk-{zlib.crc32(str(folder.resolve()).encode()):08x}"
        self._server: QLocalServer | None = None

    def take(self) -> bool:
        """True when this is the only one; a lock left by a killed program is taken over."""
        return self._lock.tryLock(0)

    def listen(self, on_second_start: Callable[[], object]) -> None:
        """Hears second starts from now on."""
        # Qt's network module is loaded when it is needed: the lock alone decides before the window stands.
        from PySide6.QtNetwork import QLocalServer

        QLocalServer.removeServer(self._name)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

        def arrived() -> None:
            while (peer := server.nextPendingConnection()) is not None:
                peer.disconnected.connect(peer.deleteLater)
                peer.disconnectFromServer()
                on_second_start()

        server.newConnection.connect(arrived)
        if not server.listen(self._name):
            logging.getLogger(__name__).info("second starts can not be heard: %s", server.errorString())
        self._server = server

    def call_first(self) -> bool:
        """Asks the running program to come to the front; False when it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        # The first one may have taken its lock a moment ago and not listen yet.
        for _ in range(TRIES):
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            answered = socket.waitForConnected(WAIT_MS)
            socket.abort()
            if answered:
                return True
            QThread.msleep(PAUSE_MS)
        return False

    def release(self) -> None:
        """Lets go of the lock."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()
