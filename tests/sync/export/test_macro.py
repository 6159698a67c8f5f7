"""Macro mode: a real launcher process that accepts, rejects, hangs, waits, prints nothing or is not there."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.macro import MACRO_POINTS, STARTING, Macro, warning
from tests.sync.export.yard import Hands, Yard, other

LONG = 30.0


def through(exporter: Exporter) -> None:
    """Rounds of erpdesk alone; between them the launcher comes to its end. Nobody in Sage does anything."""
    exporter.recover()
    quiet = 0
    while quiet < 3:
        report = exporter.step()
        assert exporter.macro is not None
        assert exporter.macro.ended(LONG)
        quiet = 0 if report.progress else quiet + 1


def starts(exporter: Exporter) -> int:
    return sum(entry.what == STARTING for entry in exporter.journal.entries)


def test_a_commitment_goes_in_without_anybody_at_sage(yard: Yard) -> None:
    items = [yard.accept(other(1)), yard.accept(other(2))]
    exporter = yard.exporter(macro=yard.macro())
    through(exporter)
    assert [yard.state(item) for item in items] == [ExportState.POSTED] * 2
    assert [yard.in_sage(f"SC-21-00{n}") for n in (1, 2)] == [1, 1]
    assert starts(exporter) == 2, "one start for each file"


def test_a_reject_comes_back_with_sages_reason(yard: Yard) -> None:
    item = yard.accept()
    yard.sage.set_faults(reject_next="vendor insurance has expired.")
    through(yard.exporter(macro=yard.macro()))
    assert yard.state(item) is ExportState.SAGE_REJECTED
    assert yard.row(item).message == "Sage rejected it: Vendor insurance has expired."


def test_an_import_that_stopped_is_started_again_with_a_new_file(yard: Yard) -> None:
    item = yard.accept()
    yard.sage.set_faults(no_licence=True)
    exporter = yard.exporter(macro=yard.macro())
    exporter.recover()
    exporter.step()
    exporter.step()
    assert exporter.macro is not None
    assert exporter.macro.ended(LONG)
    yard.sage.set_faults(no_licence=False)
    through(exporter)
    assert yard.state(item) is ExportState.POSTED
    assert yard.in_sage() == 1
    assert starts(exporter) == 2


def waiting(yard: Yard, hands: Hands) -> tuple[Exporter, Macro]:
    """An exporter whose launcher waits for an answer that nobody gives."""
    forever = f'"{sys.executable}" -c "import threading; threading.Event().wait()"'
    macro = yard.macro(clock=hands.clock, command=forever)
    return yard.exporter(macro=macro, clock=hands.clock), macro


def end(macro: Macro) -> None:
    """Somebody at Sage closes the window that waited."""
    assert macro.process_id is not None
    os.kill(macro.process_id, signal.SIGKILL)
    assert macro.ended(LONG)


def test_an_import_that_hangs_is_in_doubt_when_it_ended_and_never_started_again(yard: Yard) -> None:
    hands = Hands()
    item = yard.accept()
    exporter, macro = waiting(yard, hands)
    exporter.recover()
    exporter.step()
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert "import macro was started" in yard.row(item).message
    assert "at most 10 minutes" in yard.row(item).message
    hands.move(minutes=11)
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED, "it still runs: nothing can be said about absence"
    end(macro)
    exporter.step()
    assert yard.state(item) is ExportState.IN_DOUBT
    assert "printed no journal" in yard.row(item).message
    for _ in range(3):
        hands.move(minutes=11)
        exporter.recover()
        exporter.step()
    assert yard.state(item) is ExportState.IN_DOUBT
    assert starts(exporter) == 1


def test_while_an_import_may_run_a_file_that_was_taken_away_is_not_proof(yard: Yard) -> None:
    """The journal of a stopped import lies there, but the launcher still lives: no new try."""
    hands = Hands()
    item = yard.accept()
    exporter, macro = waiting(yard, hands)
    exporter.recover()
    exporter.step()
    exporter.step()
    (yard.imports / "commitments.prn").write_bytes(b"Import stopped: all licences are in use.\r\n")
    for _ in range(4):
        hands.move(minutes=30)
        exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert len(exporter.store.item(item).tries) == 1
    end(macro)
    exporter.step()
    exporter.step()
    assert len(exporter.store.item(item).tries) == 2
    end(macro)


def test_a_launcher_that_prints_nothing_is_judged_by_what_sage_holds(yard: Yard) -> None:
    """It imported, and its print went elsewhere: the commitment in Sage decides."""
    hands = Hands()
    item = yard.accept()
    exporter = yard.exporter(macro=yard.macro(clock=hands.clock), clock=hands.clock)
    exporter.recover()
    exporter.step()
    exporter.step()
    assert exporter.macro is not None
    assert exporter.macro.ended(LONG)
    (yard.imports / "commitments.prn").unlink()
    for _ in range(3):
        hands.move(minutes=11)
        exporter.step()
    assert yard.state(item) is ExportState.POSTED


def test_a_wrong_login_leaves_no_trace_and_ends_in_doubt(yard: Yard) -> None:
    hands = Hands()
    item = yard.accept()
    yard.sage.set_faults(wrong_password=True)
    exporter = yard.exporter(macro=yard.macro(clock=hands.clock), clock=hands.clock)
    through(exporter)
    assert yard.state(item) is ExportState.DELIVERED, "its import may still be under way"
    hands.move(minutes=11)
    exporter.step()
    assert yard.state(item) is ExportState.IN_DOUBT
    assert yard.in_sage() == 0


def test_a_launcher_that_is_not_there_says_so_and_a_correct_one_goes_on(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter(macro=yard.macro(command=str(yard.folder / "nowhere.exe")))
    exporter.recover()
    for _ in range(3):
        exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert "could not be started (No such file or directory)" in yard.row(item).message
    assert starts(exporter) >= 1
    exporter.macro = yard.macro()
    through(exporter)
    assert yard.state(item) is ExportState.POSTED
    assert yard.in_sage() == 1


@pytest.mark.parametrize("place", MACRO_POINTS)
def test_a_kill_around_the_start_never_starts_the_same_file_twice(yard: Yard, place: str) -> None:
    hands = Hands()
    item = yard.accept()
    child = os.fork()
    if child == 0:

        def at(point: str) -> None:
            if point == place:
                os.kill(os.getpid(), signal.SIGKILL)

        dying = yard.exporter(macro=yard.macro(at=at, minutes=1))
        dying.recover()
        for _ in range(4):
            dying.step()
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    exporter = yard.exporter(macro=yard.macro(clock=hands.clock), clock=hands.clock)
    exporter.recover()
    exporter.step()
    assert starts(exporter) == 1
    assert exporter.macro is not None
    assert exporter.macro.process_id is None
    # The person at Sage sees the file and runs it by hand, unless the launcher of the killed program did.
    yard.sage_imports()
    for _ in range(4):
        hands.move(minutes=20)
        exporter.step()
    assert yard.in_sage() <= 1
    assert yard.state(item) in (ExportState.POSTED, ExportState.IN_DOUBT, ExportState.DELIVERED)
    assert starts(exporter) == 1


def test_the_password_reaches_the_launcher_whole_and_nothing_else(yard: Yard, tmp_path: Path) -> None:
    heard = tmp_path / "heard.txt"
    macro = yard.macro(
        command=f'"{sys.executable}" -c "import sys; open(sys.argv[1], \'w\').write(repr(sys.argv[2:]))" '
        f'"{heard}" {{login}} {{password}} {{file}}'
    )
    yard.accept()
    exporter = yard.exporter(macro=macro)
    exporter.recover()
    for _ in range(3):
        exporter.step()
    assert macro.ended(LONG)
    assert heard.read_text() == repr(["EXPORTS", "correct horse; 'battery' {login}", str(exporter.mailbox.file)])
    written = b"".join(path.read_bytes() for path in yard.folder.rglob("*") if path.is_file())
    assert b"correct horse" not in written, "the password is written down nowhere"


def test_a_password_on_the_command_line_is_warned_of() -> None:
    assert "other users" in warning('tsobject.exe "import.mac" {login} {password}')
    assert warning('start-import "import.mac"') == ""


def test_a_command_that_cannot_be_read_is_refused(yard: Yard) -> None:
    with pytest.raises(ForPeople, match="without its partner"):
        yard.macro(command='tsobject.exe "import').words(yard.imports)
