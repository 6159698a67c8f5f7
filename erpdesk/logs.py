"""The log: rotating files in the person's own folder; no amounts, names or secrets are written to it."""

from __future__ import annotations

import logging
import logging.handlers
import sys

from erpdesk import paths

MEGABYTE = 1_000_000


def start() -> None:
    """Starts logging to ``erpdesk.log``; when that can not be written, to the console."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handler: logging.Handler
    try:
        folder = paths.logs()
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "erpdesk.log", maxBytes=MEGABYTE, backupCount=5, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
