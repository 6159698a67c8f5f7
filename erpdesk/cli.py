"""The command line: ``erpdesk [--demo] | sync | doctor | verify-audit | selftest | shots DIR``."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Runs the window, or one of the commands; returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words in ([], ["--demo"]):
        # The window's own road: nothing is imported that it does not need.
        from erpdesk.app import main as window

        return window(demo=bool(words))
    from erpdesk.commands import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
