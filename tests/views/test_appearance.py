"""Theme and text size as a person chose them, in a start of the program after the one in which they were chosen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from erpdesk import app, paths

qt = app.application()
program = app.Program(paths.site_company(), demo=False)

def look():
    if not hasattr(program, "jobs") or not program.jobs.idle:
        return
    timer.stop()
    for key in sys.argv[1:]:
        program.window.registry.trigger(key)
    theme = program.window.appearance._theme
    shown = program.window.palette().window().color().lightness() < 128
    print(theme.mode, "dark" if shown else "light", f"{qt.font().pointSizeF():g}", flush=True)
    program.frame.close()

timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
program.frame.show()
sys.exit(qt.exec())
"""


def start(home: Path, *keys: str) -> list[str]:
    """Runs the program, carries these actions out, and answers mode, what is shown, and the text size."""
    env = {**os.environ, "ERPDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    ran = [sys.executable, "-c", PROGRAM, *keys]
    return subprocess.run(ran, env=env, capture_output=True, text=True, timeout=60, check=True).stdout.split()


def test_what_was_chosen_is_there_at_the_next_start(tmp_path: Path) -> None:
    usual = float(start(tmp_path)[2])
    chosen = start(tmp_path, "theme.dark", "text.larger", "text.larger")
    assert chosen == ["dark", "dark", f"{usual + 2:g}"]
    assert start(tmp_path, "theme.light") == ["light", "light", f"{usual + 2:g}"], "the size stayed as it was"
    assert start(tmp_path, "text.usual") == ["light", "light", f"{usual:g}"], "the usual size is not the chosen one"
    assert start(tmp_path, "theme.dark") == ["dark", "dark", f"{usual:g}"]
    assert start(tmp_path) == ["dark", "dark", f"{usual:g}"]
