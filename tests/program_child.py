"""Runs the window program for a test, and tells on its output what happens.

front                 says "open" when the company is open and "front" when a second start calls
close-while-reading   closes the window while a read of Sage hangs; says "closing"
until-synced          says "synced" with the Sage IDs once every accepted item is in Sage, and closes
"""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QTimer

from erpdesk import app, paths, sample
from erpdesk.views.instance import OnlyInstance
from erpdesk.workflows.rows import ErpState


def say(word: str) -> None:
    print(word, flush=True)


def main(wanted: str) -> int:
    qt = app.application()
    only = OnlyInstance(paths.demo_company().root)
    if not only.take():
        say("locked")
        return 3
    program = app.Program(paths.demo_company(), demo=True)
    only.listen(lambda: say("front"))
    told: set[str] = set()
    watched: list[bool] = []

    def once(word: str) -> None:
        if word not in told:
            told.add(word)
            say(word)

    def close() -> None:
        once("closing")
        program.frame.close()

    def look() -> None:
        if program.company is None:
            return
        if wanted == "close-while-reading":
            # A reading is watched for as long as it lasts; one that is still there after two seconds hangs.
            watched.append(any(thread.name == "sage-watch" for thread in threading.enumerate()))
            if watched[-40:] == [True] * 40:
                close()
            return
        if not program.alive:
            return
        once("open")
        if wanted != "until-synced":
            return
        rows = program.company.desk.queries.commitments()
        busy = any(row.erp_state is ErpState.EXPORTING for row in rows)
        if program.settled and program.jobs.idle and len(rows) >= len(sample.PLANS) and not busy:
            once(" ".join(["synced", *(row.sage_id for row in rows if row.erp_state is ErpState.SYNCED)]))
            program.frame.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    program.frame.show()
    code = qt.exec()
    only.release()
    if program.hung:
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
