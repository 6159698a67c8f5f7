"""The faults of Sage, of its driver, and of clocks."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta

from erpdesk.sync.sandbox.programs import post_entries, run_import
from tests.proof.doors import MODES
from tests.proof.site import Site
from tests.proof.strikes import Strike, fault, once, require, unsafe


@fault("11 a person imports it twice", "sage:printed")
def twice(site: Site, point: str) -> None:
    """Sage adds a budget each time: the alarm is there with the next read."""
    (item,) = site.accept(0, 1)
    file, kept = site.yard.imports / "estimates.jce", site.ground.folder / "kept.jce"
    once(site, "delivered", lambda: kept.write_bytes(file.read_bytes()))
    site.rounds(12)
    require(site, site.states() == ["POSTED"], "the first import was not taken in")
    run_import(site.yard.sage, "import_estimates", file=kept)
    post_entries(site.yard.sage)
    (site.yard.imports / "estimates.prn").unlink()
    site.exporter.recover()
    require(site, site.yard.state(item).value == "DUPLICATE_ALARM", "the second one was not seen")


@fault("12 Sage takes some of a file", "rendered")
def some(site: Site, point: str) -> None:
    """One record is rejected, the others go in: each item says its own."""
    site.accept(3, 0)
    site.struck = True
    site.yard.sage.set_faults(reject_next="vendor insurance has expired.")
    site.exporter.recover()
    site.exporter.step()
    run_import(site.yard.sage, "import_commitments")
    site.sage = site.person()
    site.rounds(8)
    require(site, sorted(site.states()) == ["POSTED", "POSTED", "SAGE_REJECTED"], "the states are not the records'")


@fault("13 no journal", "sage:printed")
def no_journal(site: Site, point: str) -> None:
    """The import went in, and its journal is missing."""
    site.accept()
    once(site, point, lambda: (site.yard.imports / "commitments.prn").unlink(missing_ok=True))
    site.rounds()


@fault("13 garbled journal", "sage:printed")
def garbled(site: Site, point: str) -> None:
    """The import went in, and its journal cannot be read."""
    site.accept()
    once(site, point, lambda: (site.yard.imports / "commitments.prn").write_bytes(b"\x00\x12page 3\r\n"))
    site.rounds()


@fault("14 accepted, never shown", "sage:printed")
def never_shown(site: Site, point: str) -> None:
    """The journal says accepted, and Sage never shows it."""
    site.accept(1, 0)

    def lose() -> None:
        for table in ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"):
            site.yard.alter(f"DELETE FROM {table}")

    once(site, point, lose)
    site.rounds(10)
    require(site, site.states() == ["IN_DOUBT"], "it is not in doubt")


@fault("15 recovery while an import runs", "sage:read")
def import_runs(site: Site, point: str) -> None:
    """Sage has read the file and entered nothing yet: nobody may conclude that it is not there."""
    site.accept()
    imports = site.yard.imports

    def look() -> None:
        # A person even takes the file away meanwhile, and erpdesk looks for as long as an import may take.
        for name in ("commitments.jcc", "estimates.jce"):
            with suppress(FileNotFoundError):
                os.rename(imports / name, imports / f"{name}.aside")
        after = site.another("after a start")
        after.recover()
        for _ in range(4):
            site.hands.move(minutes=2)
            after.step()
        require(site, not {"SAGE_REJECTED", "REFUSED"} & set(site.states()), "absence was concluded")
        require(site, "INTENT" not in {line.state for line in site.lines() if line.attempt}, "it is sent once more")

    once(site, point, look)
    site.rounds()


def _odbc(mode: str) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        numbers = iter(range(1, 1000))

        def change() -> None:
            site.yard.alter("UPDATE APM_MASTER__VENDOR SET Name = ? WHERE Vendor = 'DOORPRO'", f"Door {next(numbers)}")

        site.door.change = change

        def begin() -> None:
            site.door.mode = mode

        once(site, point, begin)
        site.rounds(4 if mode == "hangs" else 8)
        site.door.mode = ""
        site.struck = site.struck and site.door.struck > 0
        require(site, not {"POSTED", "IN_SAGE"} & unsafe(site), "something is called done that Sage does not hold")

    return strike


for _mode in MODES:
    number = 17 if _mode == "changes" else 16
    fault(f"{number} ODBC {_mode}", "delivered")(_odbc(_mode))


def _clock(apart: timedelta) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        once(site, point, lambda: site.hands.set(seconds=apart.total_seconds()))
        site.rounds(8)

    return strike


for _words, _apart in (
    ("a day ahead", timedelta(days=1)),
    ("a day back", timedelta(days=-1)),
    ("an hour back", timedelta(hours=-1)),
):
    fault(f"21 clock {_words}", "armed")(_clock(_apart))
