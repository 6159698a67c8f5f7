"""One running erpdesk per company and person: a second start asks the first to come to the front."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 2000
log = logging.getLogger(__name__)


class OnlyInstance(QObject):
    """Holds the lock of a company folder while the program runs, and hears second starts."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(folder / "erpdesk.lock"))
        self._lock.setStaleLockTime(0)
        self._name = "erpdesk-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]
        self._server: QLocalServer | None = None

    def take(self) -> bool:
        """True when this is the only one; a lock left by a killed program is taken over."""
        return self._lock.tryLock(0)

    def listen(self, on_second_start: Callable[[], object]) -> None:
        """Hears second starts from now on."""
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
            log.info("second starts can not be heard: %s", server.errorString())
        self._server = server

    def call_first(self) -> bool:
        """Asks the running program to come to the front; False when it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        answered = socket.waitForConnected(WAIT_MS)
        socket.abort()
        return answered

    def release(self) -> None:
        """Lets go of the lock."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()
