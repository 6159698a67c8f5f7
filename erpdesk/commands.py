"""The commands beside the window: ``sync``, ``doctor``, ``backup``, ``restore``, ``verify-audit`` and two more."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from erpdesk import __version__, paths
from erpdesk.core.errors import ForPeople

if TYPE_CHECKING:
    from erpdesk.checkup import Checkup
    from erpdesk.paths import CompanyPaths


def run(words: list[str]) -> int:
    """Runs one command; returns the exit code: 0 done, 1 refused with a printed reason, 2 not understood."""
    parser = _parser()
    asked = parser.parse_args(words)
    try:
        if asked.command == "sync":
            return _sync(demo=asked.demo)
        if asked.command == "doctor":
            return _doctor(demo=asked.demo, records=asked.record_types)
        if asked.command == "backup":
            return _backup(demo=asked.demo, to=asked.to)
        if asked.command == "restore":
            return _restore(Path(asked.file), demo=asked.demo)
        if asked.command == "verify-audit":
            from erpdesk.auditing import verify_audit

            return verify_audit(demo=asked.demo, database=asked.database, journals=asked.journal)
        if asked.command == "selftest":
            from erpdesk.selftest import selftest

            return selftest()
        if asked.command == "shots":
            from erpdesk.selftest import shots

            return shots(Path(asked.folder))
    except ForPeople as refusal:
        print(refusal, file=sys.stderr)
        return 1
    from erpdesk.app import main as window

    return window(demo=asked.demo)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="erpdesk", description="Accounting's desk between projects and Sage 300 CRE.")
    parser.add_argument("--version", action="version", version=f"erpdesk {__version__}")
    parser.add_argument("--demo", action="store_true", help="open the sample company")
    commands = parser.add_subparsers(dest="command", metavar="command")
    sync = commands.add_parser("sync", help="read Sage once, and bring accepted items on their way")
    sync.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help="use the sample company")
    doctor = commands.add_parser("doctor", help="look at everything between erpdesk and Sage, and say what to do")
    doctor.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help="look at the sample company")
    doctor.add_argument(
        *("--record-types",),
        action="store_true",
        help="in a test company: import an item of each record type, again, and altered",
    )
    _backup_parsers(commands)
    audit = commands.add_parser("verify-audit", help="check that the audit trail is whole; changes nothing")
    audit.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help="check the sample company")
    audit.add_argument("--database", default="", metavar="PATH", help="another company's erpdesk.db, or a database URL")
    audit.add_argument("--journal", action="append", default=[], metavar="PATH", help="a copy of its export journal")
    commands.add_parser("selftest", help="open every tab and bring a commitment into a fresh sample company's Sage")
    shots = commands.add_parser("shots", help="pictures of each tab and dialog, light and dark")
    shots.add_argument("folder", metavar="DIR")
    return parser


def _backup_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    team = "A company on PostgreSQL is backed up with pg_dump and restored with pg_restore instead."
    backup = commands.add_parser(
        "backup", help="put the company's decisions into one file; erpdesk may be open", epilog=team
    )
    backup.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help="back up the sample company")
    backup.add_argument("--to", default="", metavar="FILE", help="the file or folder; otherwise the backups folder")
    restore = commands.add_parser("restore", help="put a backup back; erpdesk must be closed", epilog=team)
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--demo", action="store_true", default=argparse.SUPPRESS, help="restore the sample company")


def _backup(*, demo: bool, to: str) -> int:
    from erpdesk import backups
    from erpdesk.auditing import journal_copies
    from erpdesk.backup_file import verify_file

    folder = paths.demo_company() if demo else paths.site_company()
    made = backups.make(folder, Path(to) if to else None, journals=backups.named(journal_copies(folder)))
    held = verify_file(made)
    attached = sum("/" in name for name in held.files)
    print(f"Backed up “{held.company}” with {attached:,} attachments, audit trail up to entry {held.audit[0]:,}.")
    print(f"Checked by opening it again: {made}")
    return 0


def _restore(file: Path, *, demo: bool) -> int:
    from erpdesk.auditing import journal_copies
    from erpdesk.backups import named
    from erpdesk.restoring import restore
    from erpdesk.views.instance import OnlyInstance

    folder = paths.demo_company() if demo else paths.site_company()
    only = OnlyInstance(folder.root)
    if not only.take():
        raise ForPeople(
            "erpdesk is open for this company; a backup cannot be put back under it.",
            kept="Nothing was changed.",
            next_step="Close its window, and try again.",
        )
    try:
        done = restore(folder, file, journals=named(journal_copies(folder)))
    finally:
        only.release()
    held = done.manifest
    print(f"Put back “{held.company}” as of {held.made_at}, audit trail up to entry {held.audit[0]:,}.")
    if done.aside is not None:
        print(f"The former database lies in {done.aside}.")
    if done.settings_put_back:
        print("The settings were put back as well; passwords are not in a backup and have to be entered again.")
    print("Exports are locked until somebody has compared with Sage: open erpdesk, Sage > Export journal.")
    return 0


def _sync(*, demo: bool) -> int:
    from erpdesk import demo as sample_company
    from erpdesk import sample
    from erpdesk.company import open_company
    from erpdesk.views.instance import OnlyInstance

    folder = paths.demo_company() if demo else paths.site_company()
    if not demo and not folder.settings.exists():
        raise ForPeople("No company is set up on this workstation.", next_step="Use --demo for the sample company.")
    only = OnlyInstance(folder.root)
    if not only.take():
        raise ForPeople(
            "erpdesk is open for this company, and one program at a time may write to it.",
            kept="Nothing was changed.",
            next_step="Press Sync now in its window, or close it and try again.",
        )
    try:
        if demo:
            sample_company.prepare()
        company = open_company(folder, lambda event: None)
        try:
            if demo:
                sample.add_people(company.store)
            report = company.read_once()
            if demo:
                sample_company.settle(company.store, company.facts, company.desk)
            for table in report.tables:
                print(f"{table.title:<34}{table.rows:>12,} rows   {table.problem or 'as in Sage'}")
            return 0 if report.ok else 1
        finally:
            company.close()
    finally:
        only.release()


def _doctor(*, demo: bool, records: bool) -> int:
    from erpdesk import demo as sample_company
    from erpdesk.checkup import Checkup
    from erpdesk.settings import CompanySettings
    from erpdesk.sync.doctor.checks import healthy

    folder = paths.demo_company() if demo else paths.site_company()
    if demo:
        sample_company.prepare()
    elif not folder.settings.exists():
        raise ForPeople("No company is set up on this workstation.", next_step="Use --demo for the sample company.")
    checkup = Checkup(folder, CompanySettings.load(folder.settings))
    found = checkup.examine(lambda finding: print(finding.line(), flush=True))
    good = healthy(found)
    return 0 if (good and (not records or _record_types(folder, checkup))) else 1


def _record_types(folder: CompanyPaths, checkup: Checkup) -> bool:
    """Tests every record type and prints each verdict; nothing else may write into the mailbox meanwhile."""
    from erpdesk.views.instance import OnlyInstance

    only = OnlyInstance(folder.root)
    if not only.take():
        raise ForPeople(
            "erpdesk is open for this company, and the test of record types needs Sage's mailbox for itself.",
            kept="Nothing was imported.",
            next_step="Test them in its window (Sage > Connection), or close it and try again.",
        )
    try:
        tested = checkup.test_records(
            tell=lambda words: print(words, flush=True),
            told=lambda each: print(f"{each.name}: {each.proof.idempotency}. {each.proof.evidence}", flush=True),
            word=checkup.site_word,
        )
    finally:
        only.release()
    print("This list is not kept. To have exports go by it, test the record types in the window (Sage > Connection).")
    return all(each.proof.proven for each in tested)
