"""Runs the measurements and prints their figures beside the goals: `python -m bench [name] [--rows N]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.common import Figure, table

HERE = Path(__file__).resolve().parent
HELPERS = {"__main__", "common", "cost_rows", "bare_window", "mirror_ground", "mirror_peers", "mirror_stall"}


def main() -> int:
    """Measure one family of figures, or all of them; 1 when a measurement broke."""
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in HELPERS)
    parser = argparse.ArgumentParser(prog="bench", description="Measure, and show what falls short of its goal.")
    parser.add_argument("name", nargs="?", choices=known, help="one measurement; all when left out")
    parser.add_argument("--rows", type=int, help="how many rows to measure with")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    broken: list[str] = []
    for name in [chosen.name] if chosen.name else known:
        print(f"Measuring {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *(["--rows", str(chosen.rows)] if chosen.rows else [])]
        done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        print(*lines, sep="\n", flush=True)
        figures += [Figure.from_json(line) for line in lines]
        if done.returncode != 0:
            broken.append(name)
    print("\n" + table(figures))
    if broken:
        print(f"Could not be measured: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
