"""Macro mode: a real launcher process that accepts, rejects, hangs, waits, prints nothing or is not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.macro import MACRO_POINTS, NOT_STARTED, STARTING, Macro, alive, warning
from tests.sync.export.yard import ALONE, Hands, Yard, other

LONG = 30.0
WAITING: list[Macro] = []


@pytest.fixture(autouse=True)
def nobody_waits_for_ever() -> Iterator[None]:
    """Launchers that wait for an answer end with their test, also when it failed."""
    yield
    while WAITING:
        if (macro := WAITING.pop()).process_id is not None:
            end(macro)


def through(exporter: Exporter) -> None:
    """Rounds of erpdesk alone; between them the launcher comes to its end. Nobody in Sage does anything."""
    exporter.recover()
    quiet = 0
    while quiet < 3:
        report = exporter.step()
        assert started_by(exporter).ended(LONG)
        quiet = 0 if report.progress else quiet + 1


def started_by(exporter: Exporter) -> Macro:
    macro = exporter.macro_of(COMMITMENT)
    assert macro is not None
    return macro


def starts(exporter: Exporter) -> int:
    return sum(entry.what == STARTING for entry in exporter.journal.entries)


def test_a_commitment_goes_in_without_anybody_at_sage(yard: Yard) -> None:
    items = [yard.accept(other(1)), yard.accept(other(2))]
    exporter = yard.exporter(timing=ALONE, macro=yard.macro())
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
    assert started_by(exporter).ended(LONG)
    yard.sage.set_faults(no_licence=False)
    through(exporter)
    assert yard.state(item) is ExportState.POSTED
    assert yard.in_sage() == 1
    assert starts(exporter) == 2


def waiting(yard: Yard, hands: Hands) -> tuple[Exporter, Macro]:
    """An exporter whose launcher waits for an answer that nobody gives."""
    forever = f'"{sys.executable}" -c "import threading; threading.Event().wait()"'
    macro = yard.macro(clock=hands.clock, command=forever)
    WAITING.append(macro)
    return yard.exporter(timing=ALONE, macro=macro, clock=hands.clock), macro


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
    assert started_by(exporter).ended(LONG)
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


def test_a_launcher_that_is_not_there_leaves_the_file_to_a_person_for_good(yard: Yard, tmp_path: Path) -> None:
    """A person may have begun when the launcher's drive comes back: the same file is never started after that."""
    started, tool = tmp_path / "started", tmp_path / "launcher"
    first = yard.accept()
    exporter = yard.exporter(macro=yard.macro(command=str(tool)))
    exporter.recover()
    for _ in range(20):
        exporter.step()
    assert yard.state(first) is ExportState.DELIVERED
    message = yard.row(first).message
    assert "was not started: No such file or directory. Correct the macro command" in message
    assert "run Job Cost > Tools > Import POs/Commitments" in message
    noted = [entry.what for entry in exporter.journal.entries if entry.what != "head"]
    assert noted == ["armed", STARTING, NOT_STARTED], "noted once, not at each look"
    yard.sage_imports()
    (yard.imports / "commitments.prn").unlink()
    tool.write_text(f"#!/bin/sh\necho x >> {started}\n")
    tool.chmod(0o755)
    exporter.step()
    assert started_by(exporter).ended(LONG)
    assert not started.exists()
    assert yard.in_sage() == 1


def test_when_the_command_is_corrected_the_next_file_is_started(yard: Yard) -> None:
    first, second = yard.accept(other(1)), yard.accept(other(2))
    exporter = yard.exporter(timing=ALONE, macro=yard.macro(command=str(yard.folder / "nowhere.exe")))
    exporter.recover()
    for _ in range(3):
        exporter.step()
    exporter = yard.exporter(timing=ALONE, macro=yard.macro())
    yard.sage_imports()
    through(exporter)
    assert [yard.state(item) for item in (first, second)] == [ExportState.POSTED] * 2
    assert starts(exporter) == 2, "the failed try and the second file"


def test_a_file_that_went_out_for_a_person_is_not_started_when_macro_mode_is_chosen(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    exporter = yard.exporter(macro=yard.macro())
    exporter.recover()
    for _ in range(3):
        exporter.step()
    assert starts(exporter) == 0
    assert "run Job Cost > Tools > Import POs/Commitments" in yard.row(item).message


def test_two_programs_on_one_mailbox_start_a_file_once(yard: Yard, tmp_path: Path) -> None:
    started = tmp_path / "started"
    command = f'"{sys.executable}" -c "import sys; open(sys.argv[1], \'a\').write(\'x\')" "{started}"'
    yard.accept()
    one, two = (yard.exporter(macro=yard.macro(command=command), worker=name) for name in ("one", "two"))
    one.recover()
    one.step()
    two.recover()
    # Both know the delivered file, and neither knows of the other's start.
    for each in (one, two, one, two):
        each.step()
    for each in (one, two):
        assert started_by(each).ended(LONG)
    assert started.read_text() == "x"


def test_while_an_earlier_launcher_lives_after_a_restart_nothing_else_is_started(yard: Yard) -> None:
    """Whoever answers its question lets it import whatever lies in the mailbox by then."""
    hands = Hands()
    first, second = yard.accept(other(1)), yard.accept(other(2))
    before, macro = waiting(yard, hands)
    before.recover()
    before.step()
    before.step()
    after, later = waiting(yard, hands)
    hands.move(minutes=11)
    after.recover()
    for _ in range(4):
        after.step()
    assert yard.state(first) is ExportState.DELIVERED
    assert yard.state(second) is ExportState.INTENT
    assert later.process_id is None and starts(after) == 1
    end(macro)
    after.step()
    assert yard.state(first) is ExportState.IN_DOUBT


def test_while_nobody_can_tell_whether_an_earlier_import_is_over_the_next_file_is_a_persons(yard: Yard) -> None:
    """erpdesk was killed between writing the start down and starting."""
    hands = Hands()
    first, second = yard.accept(other(1)), yard.accept(other(2))

    def at(point: str) -> None:
        if point == "macro_written":
            raise KeyboardInterrupt

    exporter = yard.exporter(timing=ALONE, macro=yard.macro(clock=hands.clock, at=at), clock=hands.clock)
    exporter.recover()
    exporter.step()
    with pytest.raises(KeyboardInterrupt):
        exporter.step()
    after = yard.exporter(timing=ALONE, macro=yard.macro(clock=hands.clock), clock=hands.clock)
    hands.move(minutes=11)
    after.recover()
    for _ in range(4):
        after.step()
    assert yard.state(first) is ExportState.IN_DOUBT
    assert yard.state(second) is ExportState.DELIVERED
    assert "may still wait for an answer in Sage" in yard.row(second).message
    assert starts(after) == 1


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
    assert started_by(exporter).process_id is None
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
    assert heard.read_text() == repr(
        ["EXPORTS", "correct horse; 'battery' {login}", str(exporter.mailbox(COMMITMENT).file)]
    )
    written = b"".join(path.read_bytes() for path in yard.folder.rglob("*") if path.is_file())
    assert b"correct horse" not in written, "the password is written down nowhere"


def test_places_are_filled_also_inside_a_word_and_once_only(yard: Yard) -> None:
    macro = Macro("launcher /U:{login} /P:{password}", yard.folder, minutes=1, login="{folder}", password=lambda: "{x}")
    assert macro.words(yard.imports) == ["launcher", "/U:{folder}", "/P:{x}"]


def test_a_password_on_the_command_line_is_warned_of() -> None:
    assert "other users" in warning('tsobject.exe "import.mac" {login} {password}')
    assert warning('start-import "import.mac"') == ""


def test_a_command_that_cannot_be_read_is_refused(yard: Yard) -> None:
    with pytest.raises(ForPeople, match="without its partner"):
        yard.macro(command='tsobject.exe "import').words(yard.imports)


def test_a_launcher_that_another_macro_started_is_seen_to_end() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as launcher:
        assert alive(launcher.pid)
        launcher.kill()
        os.waitid(os.P_PID, launcher.pid, os.WEXITED | os.WNOWAIT)
        assert not alive(launcher.pid), "whoever started it has not asked yet"
    assert not alive(launcher.pid)
