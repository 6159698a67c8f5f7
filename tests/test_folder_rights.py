"""Rights of a company's folder: the commands are the same everywhere, and only Windows runs them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from erpdesk import folder_rights
from erpdesk.folder_rights import account_problem, apply, commands

FOLDER = Path("company data & more")


def test_each_account_gets_modify_rights_by_inheritance_and_each_gone_one_loses_them() -> None:
    assert commands(FOLDER, ["BUILD\\dana", "BUILD\\lee"], ["BUILD\\sam"]) == (
        ("icacls", str(FOLDER), "/grant", "BUILD\\dana:(OI)(CI)M", "/Q"),
        ("icacls", str(FOLDER), "/grant", "BUILD\\lee:(OI)(CI)M", "/Q"),
        ("icacls", str(FOLDER), "/remove:g", "BUILD\\sam", "/Q"),
    )


def test_an_account_that_stays_is_not_taken_away_however_it_is_written() -> None:
    assert [each[2] for each in commands(FOLDER, ["BUILD\\dana", "BUILD\\dana"], ["build\\DANA"])] == ["/grant"]


@pytest.mark.parametrize(
    "account",
    [
        *("", " dana", "dana ", "a" * 121, "/T", "-x", "dana:F", "*S-1-1-0", "dana;calc", "dana|x", 'da"na'),
        *("A\\B\\C", "\\dana", "BUILD\\", "dana\nlee", "dana\x00", "unknown", "Unknown", "a/b"),
    ],
)
def test_a_text_that_icacls_would_read_differently_is_refused(account: str) -> None:
    assert account_problem(account).endswith(".")
    with pytest.raises(ValueError, match=r"Windows account|unknown"):
        commands(FOLDER, [account])


@pytest.mark.parametrize(
    "account", ["dana", "BUILD\\dana", "BUILD\\dana whitfield", "AzureAD\\DanaWhitfield", "d.w-1_x"]
)
def test_a_real_account_is_taken(account: str) -> None:
    assert account_problem(account) == ""


def test_elsewhere_it_says_what_it_would_do() -> None:
    outcome = apply(FOLDER, ["BUILD\\dana"], windows=False)
    assert not outcome.ran and not outcome.problems
    assert outcome.words == (
        "This computer does not run Windows. There, erpdesk would run: "
        'icacls "company data & more" /grant BUILD\\dana:(OI)(CI)M /Q'
    )
    assert apply(FOLDER, [], windows=False).words.startswith("No Windows account is named")


def stand_in(folder: Path, answer: str) -> str:
    """A real program in the place of icacls that writes down how it was called."""
    script = folder / "icacls.py"
    script.write_text(
        "import pathlib, sys\n"
        f"pathlib.Path({str(folder / 'calls')!r}).open('a').write(repr(sys.argv[1:]) + '\\n')\n{answer}\n"
    )
    if sys.platform == "win32":
        program = folder / "icacls.cmd"
        program.write_text(f'@"{sys.executable}" "{script}" %*\n')
    else:
        program = folder / "icacls"
        program.write_text(f"#!{sys.executable}\n{script.read_text()}")
        program.chmod(0o755)
    return str(program)


def test_the_commands_are_run_one_by_one_without_a_shell(tmp_path: Path) -> None:
    outcome = apply(tmp_path / "a b", ["BUILD\\$HOME"], ["BUILD\\sam"], program=stand_in(tmp_path, ""), windows=True)
    assert outcome.ran and outcome.words == "The named Windows users may change the files of the company's folder."
    assert (tmp_path / "calls").read_text().splitlines() == [
        repr([str(tmp_path / "a b"), "/grant", "BUILD\\$HOME:(OI)(CI)M", "/Q"]),
        repr([str(tmp_path / "a b"), "/remove:g", "BUILD\\sam", "/Q"]),
    ]


def test_a_failure_is_told_and_never_raised(tmp_path: Path) -> None:
    program = stand_in(tmp_path, "print('No mapping between names and IDs.', file=sys.stderr); sys.exit(1332)")
    said = apply(tmp_path, ["BUILD\\gone"], program=program, windows=True).words
    assert said == (
        "Windows did not change the folder's rights for BUILD\\gone: No mapping between names and IDs. "
        "Ask IT to set them."
    )
    outcome = apply(tmp_path, ["/T"], program=program, windows=True)
    assert not outcome.ran and outcome.words.startswith("The folder's rights were not changed. A Windows account")
    missing = apply(tmp_path, ["BUILD\\dana"], program=str(tmp_path / "nothing"), windows=True)
    assert "BUILD\\dana could not be changed" in missing.words


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_rights, "SECONDS", 0.2)
    program = stand_in(tmp_path, "import threading; threading.Event().wait(3)")
    assert "timed out" in apply(tmp_path, ["BUILD\\dana"], program=program, windows=True).words
