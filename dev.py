"""Every command a developer needs: set up, run, test, measure, build, clean.

Standard library only; Linux and Windows; Python 3.11 or newer; `python3 dev.py --help` lists the commands.
An older Python is told so, and therefore this file keeps to syntax that it can read.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BUILD_VENV = ROOT / ".venv-build"
BUNDLE = ROOT / "dist" / "erpdesk"
SHOTS = ROOT / "shots"
KILLS = "tests/proof/test_kills.py"
MIN_PYTHON = (3, 11)
WINDOWS = sys.platform == "win32"
ROOM_FOR_TESTS = 2 * 1024**3

# Debian packages by what needs them.
XCB = ["libxcb-icccm4", "libxcb-keysyms1", "libxcb-cursor0", "libxkbcommon-x11-0"]
WINDOW = [*XCB, "libegl1", "libgl1", "libdbus-1-3", "libfontconfig1", "fontconfig", "fonts-dejavu-core"]
ODBC = ["unixodbc", "libsqliteodbc"]
TESTS = ["xvfb", "postgresql"]
FREEZE = ["binutils"]

# What the frozen program must carry: (what it is, files inside the bundle that show it).
BUNDLE_FILES = (
    ("migrations", "erpdesk/migrations/versions/*.py"),
    ("Sage import layouts", "resources/sage/layouts/*.toml"),
    ("other names of Sage's fields", "resources/sage/layout_aliases.toml"),
    ("Sage's tables", "resources/sage/tables.toml"),
    ("the ODBC helper's script", "erpdesk/sync/sage/odbc_host.py"),
    ("the file beside that script", "erpdesk/sync/sage/odbc_link.py"),
    ("icons", "resources/icons/*.svg"),
    ("off-screen display", "PySide6/**/*qoffscreen*"),
)
# Beside the program itself: (what it is, its file).
BUNDLE_PROGRAMS = (("ODBC helper program", "erpdesk-odbc.exe" if WINDOWS else "erpdesk-odbc"),)
BUNDLE_MODULES = (("key vault back end", "keyring.backends.Windows" if WINDOWS else "keyring.backends.SecretService"),)

MADE = [".venv", ".venv-build", "build", "dist", "shots", "erpdesk.egg-info", "__pycache__"]
CACHES = [".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"]


def stop(message: str, code: int = 2) -> NoReturn:
    """End with a sentence that says what to do; code 2 means that the machine lacks something."""
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(code)


def say(message: str) -> None:
    """Print at once, so that it stands before the output of the next command."""
    print(message, flush=True)


def call(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> int:
    """Run a command in the project folder with some variables added; give its exit code."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, env={**os.environ, **(env or {})})


def run_beside(command: Sequence[str | Path], env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a command as ``call`` does, without waiting for it; what it prints can be read from it."""
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def venv_program(venv: Path, name: str) -> Path:
    """Path of a program inside a virtual environment on this kind of machine."""
    return venv / "Scripts" / f"{name}.exe" if WINDOWS else venv / "bin" / name


# ---- system packages


def installed_packages(dpkg_lines: Iterable[str]) -> set[str]:
    """Names out of `dpkg-query` lines "name status"; a package that was removed but left its settings is not one."""
    pairs = (line.split() for line in dpkg_lines)
    return {pair[0] for pair in pairs if len(pair) == 2 and pair[1] == "installed"}


def python_packages(version: tuple[int, int], has_ensurepip: bool, freeze: bool, system_python: bool) -> list[str]:
    """Debian packages that the running Python itself lacks: venv support, and its shared library for freezing."""
    name = f"{version[0]}.{version[1]}"
    wanted = [] if has_ensurepip else ["python3-venv" if system_python else f"python{name}-venv"]
    return [*wanted, f"libpython{name}"] if freeze and system_python else wanted


def install_commands(missing: Sequence[str]) -> list[list[str]]:
    """The two apt-get commands that bring the named packages."""
    options = ["-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    return [["apt-get", "update", "-qq"], ["apt-get", "install", *options, *missing]]


def missing_message(missing: Sequence[str]) -> str:
    """What is missing and the exact command that brings it, for somebody who is not root."""
    names = " ".join(missing)
    return (
        f"These system packages are missing: {names}\n"
        f"Install them with:\n  sudo apt-get update && sudo apt-get install --no-install-recommends {names}\n"
        "Then run the same command again."
    )


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Those of the wanted Debian packages that are not installed, in the order given."""
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted]
    found = subprocess.run(query, capture_output=True, text=True, check=False)
    present = installed_packages(found.stdout.splitlines())
    return [name for name in wanted if name not in present]


def ensure_system(wanted: Sequence[str], freeze: bool = False) -> None:
    """Bring the system packages as root on Debian; otherwise name what is missing and stop."""
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if shutil.which("dpkg-query") is None:
        if not has_ensurepip:
            stop("This Python cannot make virtual environments (ensurepip is missing). Install its venv package.")
        if not WINDOWS and sys.platform != "darwin":
            text = f"This is not Debian, so these cannot be checked; the like must be installed: {' '.join(wanted)}"
            if os.environ.get("CI") == "true":
                stop(text)
            say(text)
        return
    system_python = Path(sys.base_prefix) == Path("/usr")
    missing = missing_packages([*python_packages(sys.version_info[:2], has_ensurepip, freeze, system_python), *wanted])
    if not missing:
        return
    if os.geteuid() != 0:
        stop(missing_message(missing))
    say(f"Installing system packages: {' '.join(missing)}")
    for command in install_commands(missing):
        if call(command, {"DEBIAN_FRONTEND": "noninteractive"}) != 0:
            stop(f"This failed, and the lines above say why: {shlex.join(command)}\n{missing_message(missing)}")
    still = missing_packages(missing)
    if still:
        stop(missing_message(still))


# ---- virtual environments


def stamp_of(files: Iterable[Path], *facts: str) -> str:
    """Fingerprint of everything an environment was made from; the same means that nothing needs doing."""
    digest = hashlib.sha256()
    for part in [*(path.read_bytes() for path in files), *(fact.encode() for fact in facts)]:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def usable(venv: Path) -> bool:
    """Whether the environment stands where it was made, by the same Python version, with pip."""
    python = venv_program(venv, "python")
    if not python.exists():
        return False
    probe = f"import pip, sys; print(sys.prefix); print(sys.version_info[:2] == {sys.version_info[:2]!r})"
    answer = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    lines = answer.stdout.splitlines()
    script = venv_program(venv, "pip")
    moved = not WINDOWS and not (script.exists() and str(venv) in script.read_text(errors="replace").split("\n")[0])
    return answer.returncode == 0 and lines == [str(venv), "True"] and not moved


def ensure_venv(venv: Path, lock: str, project: bool) -> None:
    """Make the environment from its lock file, or leave it alone when it was made from the very same."""
    files = [ROOT / "requirements" / lock, ROOT / "pyproject.toml"]
    stamp = stamp_of(files, str(ROOT), sys.version)
    mark = venv / "erpdesk-stamp"
    if mark.exists() and mark.read_text().strip() == stamp and venv_program(venv, "python").exists():
        return
    mark.unlink(missing_ok=True)
    if not usable(venv):
        say(f"Making {venv.name}")
        base = str(getattr(sys, "_base_executable", sys.executable))
        if call([base, "-m", "venv", "--clear", venv]) != 0:
            stop(f"{venv.name} could not be made; the lines above say why.", 1)
    say(f"Installing the packages of requirements/{lock} into {venv.name}")
    pip: list[str | Path] = [
        venv_program(venv, "python"),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
    ]
    if call([*pip, "--require-hashes", "--only-binary", ":all:", "-r", files[0]]) != 0:
        stop("The packages could not be installed; the lines above say why. Run the same command again.", 1)
    if project and call([*pip, "--no-build-isolation", "--no-deps", "--editable", ROOT]) != 0:
        stop("erpdesk itself could not be installed; the lines above say why.", 1)
    mark.write_text(stamp + "\n")


# ---- commands


def setup(wanted: Sequence[str] = (*WINDOW, *ODBC, *TESTS, *FREEZE)) -> None:
    """Make `.venv` with everything that the program and its tests need."""
    ensure_system(wanted)
    ensure_venv(VENV, "dev.lock", project=True)


def has_screen(platform: str, env: Mapping[str, str]) -> bool:
    """Whether a window can be shown: Linux needs a display server, others always have one."""
    return not platform.startswith("linux") or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def run() -> int:
    """Open the program on the sample company; without a screen make pictures of it."""
    setup([*WINDOW, *ODBC])
    program = venv_program(VENV, "erpdesk")
    if has_screen(sys.platform, os.environ):
        say("Opening erpdesk on the sample company; this ends when its window is closed.")
        return call([program, "--demo"])
    say("There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): making pictures of the tabs instead.")
    return call([program, "shots", SHOTS], {"QT_QPA_PLATFORM": "offscreen"})


def quick_place() -> Path | None:
    """Memory that serves as a folder, where this machine has enough of it; tests that keep files are quicker there."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_FOR_TESTS else None


def test() -> int:
    """Run everything that CI runs: every step, also after a failed one; 0 only when all passed."""
    setup()
    # Every process that a test starts would compile the whole program again where bytecode may not be kept.
    surroundings = {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": ""}
    beside: list[tuple[str, list[str | Path]]] = [
        ("ruff check", [venv_program(VENV, "ruff"), "check", "."]),
        ("ruff format", [venv_program(VENV, "ruff"), "format", "--check", "."]),
        ("mypy", [venv_program(VENV, "mypy")]),
        ("lint-imports", [venv_program(VENV, "lint-imports")]),
    ]
    pytest: list[str | Path] = [venv_program(VENV, "pytest"), "-n", "2", "--dist", "worksteal", "--ignore", KILLS]
    # By itself, so that the workers that it kills have the computer, and its figures are seen.
    kills: list[str | Path] = [
        venv_program(VENV, "python"),
        "-m",
        "tests.proof.soak",
        "--kills",
        "150",
        "--seconds",
        "60",
    ]
    say("\n== pytest; what is said beside it follows")
    with ExitStack() as stack:
        running = [stack.enter_context(run_beside(command, surroundings)) for _, command in beside]
        place = stack.enter_context(tempfile.TemporaryDirectory(dir=quick_place(), prefix="erpdesk-tests-"))
        codes = {"pytest": call([*pytest, "--basetemp", Path(place) / "pytest"], surroundings)}
        for (name, _), process in zip(beside, running, strict=True):
            said, _ = process.communicate()
            say(f"\n== {name}\n{said.rstrip()}")
            codes[name] = process.returncode
    say("\n== kills")
    codes["kills"] = call(kills, surroundings)
    failed = [name for name, code in codes.items() if code != 0]
    say(f"\nFailed: {', '.join(failed)}" if failed else f"\nPassed: {', '.join(codes)}")
    return 1 if failed else 0


def bench(name: str | None, rows: int | None) -> int:
    """Measure one family of figures, or all, and print them beside their goals."""
    setup()
    command: list[str | Path] = [venv_program(VENV, "python"), "-m", "bench"]
    return call([*command, *([name] if name else []), *(["--rows", str(rows)] if rows else [])])


def soak(seconds: int) -> int:
    """Break everything at every point, then kill workers for the rest of the time; print the figures."""
    setup([*WINDOW, *ODBC])
    return call([venv_program(VENV, "python"), "-m", "tests.proof.soak", "--seconds", str(seconds)])


def lacking(bundle: Path, modules: Iterable[str]) -> list[str]:
    """What the frozen program should carry and does not; modules are the names in its archive."""
    inside = bundle / "_internal"
    names = set(modules)
    files = [what for what, pattern in BUNDLE_FILES if not any(inside.glob(pattern))]
    programs = [what for what, name in BUNDLE_PROGRAMS if not (bundle / name).is_file()]
    return files + programs + [what for what, module in BUNDLE_MODULES if module not in names]


def build() -> int:
    """Freeze the program into `dist/erpdesk/`, look at what is inside, and let it test itself."""
    ensure_system([*WINDOW, *ODBC, *FREEZE], freeze=True)
    ensure_venv(BUILD_VENV, "build.lock", project=False)
    shutil.rmtree(BUNDLE, ignore_errors=True)
    freeze: list[str | Path] = [
        venv_program(BUILD_VENV, "pyinstaller"),
        "--noconfirm",
        "--clean",
        "--log-level",
        "ERROR",
        "build.spec",
    ]
    if call(freeze) != 0:
        stop("The program could not be frozen; the lines above say why.", 1)
    program = BUNDLE / ("erpdesk.exe" if WINDOWS else "erpdesk")
    viewer: list[str | Path] = [
        venv_program(BUILD_VENV, "pyi-archive_viewer"),
        "--list",
        "--recursive",
        "--brief",
        program,
    ]
    listing = subprocess.run(viewer, capture_output=True, text=True, check=False).stdout
    missing = lacking(BUNDLE, (line.strip(" ',[]") for line in listing.splitlines()))
    if missing:
        stop(f"{BUNDLE} was made, but lacks: {', '.join(missing)}.", 1)
    carried = (*BUNDLE_FILES, *BUNDLE_PROGRAMS, *BUNDLE_MODULES)
    say(f"Frozen into {BUNDLE}; it carries {', '.join(what for what, _ in carried)}.")
    with tempfile.TemporaryDirectory(prefix="erpdesk-build-", ignore_cleanup_errors=True) as home:
        code = call([program, "selftest"], {"QT_QPA_PLATFORM": "offscreen", "ERPDESK_HOME": home})
    say("The frozen program passed its self-test." if code == 0 else f"The self-test failed with exit code {code}.")
    return code


def clean() -> int:
    """Remove all that these commands made: environments, caches, build results, pictures."""
    for name in [*MADE, *CACHES]:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ("erpdesk", "tests", "bench"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and do what it names."""
    if sys.version_info < MIN_PYTHON:
        stop(
            f"erpdesk needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install a newer one and try again."
        )
    parser = argparse.ArgumentParser(prog="dev.py", description="Set up, run, test, measure and build erpdesk.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("setup", help="make .venv and install what is needed (as root on Debian also system packages)")
    commands.add_parser("run", help="open the program on the sample company, or make pictures of it without a screen")
    commands.add_parser("test", help="run everything that CI runs")
    measure = commands.add_parser("bench", help="measure, and show what falls short of its goal")
    measure.add_argument("name", nargs="?", help="one measurement; all when left out")
    measure.add_argument("--rows", type=int, help="how many rows to measure with")
    long = commands.add_parser("soak", help="break and kill the export for half an hour, and see that all holds")
    long.add_argument("--seconds", type=int, default=1800, help="for how long; 1800 when left out")
    commands.add_parser("build", help="freeze the program into dist/erpdesk and run its self-test")
    commands.add_parser("clean", help="remove environments, caches and build results")
    chosen = parser.parse_args(arguments)
    if chosen.command == "setup":
        setup()
        say("Everything is set up.")
        return 0
    if chosen.command == "bench":
        return bench(chosen.name, chosen.rows)
    if chosen.command == "soak":
        return soak(chosen.seconds)
    return {"run": run, "test": test, "build": build, "clean": clean}[chosen.command]()


if __name__ == "__main__":
    raise SystemExit(main())
