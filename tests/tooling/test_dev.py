"""The developer's commands: what they say is missing, when they skip work, what they check in the frozen program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).resolve().parents[2]


def test_missing_packages_are_named_with_the_command_that_brings_them() -> None:
    text = dev.missing_message(["libegl1", "unixodbc"])
    assert "missing: libegl1 unixodbc" in text
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends libegl1 unixodbc\n" in text
    assert "Then run the same command again." in text


def test_a_removed_package_whose_settings_remain_is_missing() -> None:
    lines = ["unixodbc installed", "xvfb config-files", "postgresql not-installed", ""]
    assert dev.installed_packages(lines) == {"unixodbc"}


def test_root_installs_all_missing_packages_at_once() -> None:
    update, install = dev.install_commands(["xvfb", "binutils"])
    assert update[:2] == ["apt-get", "update"]
    assert install[:2] == ["apt-get", "install"]
    assert install[-2:] == ["xvfb", "binutils"]
    assert "-y" in install


@pytest.mark.parametrize(
    ("has_ensurepip", "freeze", "system_python", "wanted"),
    [
        (True, False, True, []),
        (False, False, True, ["python3-venv"]),
        (False, False, False, ["python3.12-venv"]),
        (True, True, True, ["libpython3.12"]),
        (True, True, False, []),
    ],
)
def test_packages_of_python_itself(has_ensurepip: bool, freeze: bool, system_python: bool, wanted: list[str]) -> None:
    assert dev.python_packages((3, 12), has_ensurepip, freeze, system_python) == wanted


@pytest.mark.parametrize(
    ("platform", "environment", "screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
    ],
)
def test_where_a_window_can_be_shown(platform: str, environment: dict[str, str], screen: bool) -> None:
    assert dev.has_screen(platform, environment) is screen


def test_set_up_is_skipped_only_while_nothing_changed(tmp_path: Path) -> None:
    lock = tmp_path / "dev.lock"
    lock.write_text("alembic==1\n")
    first = dev.stamp_of([lock], "here", "3.11")
    assert dev.stamp_of([lock], "here", "3.11") == first
    assert dev.stamp_of([lock], "elsewhere", "3.11") != first
    assert dev.stamp_of([lock], "her", "e3.11") != first
    lock.write_text("alembic==2\n")
    assert dev.stamp_of([lock], "here", "3.11") != first


def test_an_environment_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    made = tmp_path / "made"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    assert not dev.usable(made)
    assert not dev.usable(tmp_path / "absent")


def test_the_frozen_program_is_checked_for_what_it_must_carry(tmp_path: Path) -> None:
    everything = (*dev.BUNDLE_FILES, *dev.BUNDLE_PROGRAMS, *dev.BUNDLE_MODULES)
    assert dev.lacking(tmp_path, []) == [what for what, _ in everything]
    for name in (
        "erpdesk/migrations/versions/0001_first.py",
        "resources/sage/layouts/commitments.toml",
        "resources/sage/layout_aliases.toml",
        "resources/sage/tables.toml",
        "erpdesk/sync/sage/odbc_host.py",
        "erpdesk/sync/sage/odbc_link.py",
        "resources/icons/send.svg",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
    ):
        path = tmp_path / "_internal" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert dev.lacking(tmp_path, []) == [what for what, _ in (*dev.BUNDLE_PROGRAMS, *dev.BUNDLE_MODULES)]
    for _, name in dev.BUNDLE_PROGRAMS:
        (tmp_path / name).touch()
    modules = [module for _, module in dev.BUNDLE_MODULES]
    assert dev.lacking(tmp_path, modules) == []
    assert dev.lacking(tmp_path, []) == ["key vault back end"]


def test_help_lists_every_command() -> None:
    done = subprocess.run([sys.executable, ROOT / "dev.py", "--help"], capture_output=True, text=True, check=True)
    for command in ("setup", "run", "test", "bench", "soak", "build", "clean"):
        assert f"\n    {command} " in done.stdout
