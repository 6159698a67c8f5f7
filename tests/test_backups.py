"""Backup and restore on real files: whole or not at all, never over anything, and suspicious of what it is given."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from erpdesk import backups, database, paths
from erpdesk.backup_file import DATABASE, MANIFEST, SETTINGS, Manifest, check_database, verify_file
from erpdesk.core.clock import Clock
from erpdesk.core.errors import ForPeople
from erpdesk.models.company import CompanyIdentity
from erpdesk.paths import CompanyPaths
from erpdesk.restoring import POINTS, restore
from erpdesk.workflows.audit_check import verify
from tests.workflows.trails import write

ATTACHED = b"a drawing"
SHA = sha256(ATTACHED).hexdigest()


def build(root: Path, name: str = "Harbor Point", entries: int = 5) -> CompanyPaths:
    """A company with a trail, an attachment and settings."""
    folder = CompanyPaths(root)
    store = database.open_store(folder.database, backups=folder.backups)
    with store.sessions.begin() as session:
        session.add(CompanyIdentity(id=1, company=name, sage_folder="S", odbc="", control_name="", kind="stand-in"))
    write(store.engine, entries)
    store.close()
    attach(folder, ATTACHED)
    text = f'company = "{name}"\nsage_folder = "S"\nodbc = "DSN=x;UID=reader;PWD={{top;secret}};Server=y"\n'
    folder.settings.write_text(text, encoding="utf-8")
    (folder.journal).mkdir()
    (folder.journal / "export.jsonl").write_bytes(b"")
    return folder


def attach(folder: CompanyPaths, data: bytes) -> Path:
    sha = sha256(data).hexdigest()
    place = folder.attachments / sha[:2] / sha
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("company") / "c").root


@pytest.fixture
def company(tmp_path: Path, built: Path) -> CompanyPaths:
    import shutil

    shutil.copytree(built, tmp_path / "c")
    return CompanyPaths(tmp_path / "c")


def grow(company: CompanyPaths, count: int = 3) -> None:
    """Work goes on."""
    engine = database.sqlite_engine(company.database)
    write(engine, count, start=entries(company))
    engine.dispose()


def entries(company: CompanyPaths) -> int:
    return verify(company.database).head[0]


def acts(company: CompanyPaths) -> list[str]:
    with closing(sqlite3.connect(company.database)) as connection:
        return [act for (act,) in connection.execute("SELECT act FROM audit ORDER BY seq")]


def everything(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


# Making


def test_a_backup_holds_decisions_attachments_and_settings_without_secrets(company: CompanyPaths) -> None:
    (company.root / "mirror-1.db").write_bytes(b"mirror")
    made = backups.make(company, journals={"at home": company.journal / "export.jsonl"})
    held = verify_file(made)
    assert set(held.files) == {DATABASE, SETTINGS, f"attachments/{SHA[:2]}/{SHA}"}
    assert (held.company, held.schema, held.audit[0]) == ("Harbor Point", database.SCHEMA, 5)
    assert list(held.journals) == ["at home"]
    with zipfile.ZipFile(made) as archive:
        settings = archive.read(SETTINGS).decode()
    assert "secret" not in settings and "UID=reader;Server=y" in settings
    assert everything(company.backups) == {made.name}, "nothing else is left"


def test_it_works_while_the_program_writes(company: CompanyPaths) -> None:
    with closing(sqlite3.connect(company.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE company_identity SET odbc = 'half done'")
        held = verify_file(backups.make(company))
        assert held.audit[0] == 5
        other.execute("ROLLBACK")


def test_it_rolls_back_first_what_a_crash_left_half_done(company: CompanyPaths) -> None:
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size=1'); c.execute('BEGIN IMMEDIATE');"
        'c.execute("UPDATE company_identity SET odbc = hex(zeroblob(200000))"); os.kill(os.getpid(), 9)'
    )
    subprocess.run([sys.executable, "-c", code, str(company.database)], check=False)
    assert company.database.with_name("erpdesk.db-journal").stat().st_size
    assert verify_file(backups.make(company)).audit[0] == 5


def test_nothing_is_ever_overwritten(company: CompanyPaths, tmp_path: Path) -> None:
    place = tmp_path / "mine.zip"
    place.write_bytes(b"mine")
    with pytest.raises(ForPeople, match="is a file"):
        backups.make(company, place)
    with pytest.raises(ForPeople, match="is a file"):
        # Another program was faster, in the last moment.
        backups.make(company, tmp_path / "x.zip", at=lambda point: (tmp_path / "x.zip").write_bytes(b"theirs"))
    assert (place.read_bytes(), (tmp_path / "x.zip").read_bytes()) == (b"mine", b"theirs")
    assert {each.name for each in tmp_path.iterdir()} == {"c", "mine.zip", "x.zip"}


def test_a_full_disk_is_a_sentence_and_leaves_nothing(company: CompanyPaths, tmp_path: Path) -> None:
    attach(company, os.urandom(500_000))
    away = tmp_path / "away"
    code = (
        "import resource, signal, sys; from pathlib import Path; from erpdesk import backups;"
        "from erpdesk.paths import CompanyPaths; from erpdesk.core.errors import ForPeople;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); most = int(sys.argv[3]);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
        "try: backups.make(CompanyPaths(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except ForPeople as told: print(told)"
    )
    size = company.database.stat().st_size
    for most in (size // 2, size + 1):
        away.mkdir(exist_ok=True)
        asked = [sys.executable, "-c", code, str(company.root), str(away), str(most)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert "could not be made" in done.stdout and "no half of a backup was left" in done.stdout, done.stderr
        assert everything(away) == set() and list(away.iterdir()) == []


def test_a_database_that_is_not_sound_is_not_backed_up_as_if_it_were(company: CompanyPaths) -> None:
    with closing(sqlite3.connect(company.database)) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_stays")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE audit SET reason = 'other' WHERE seq = 3")
    with pytest.raises(ForPeople, match="audit trail is broken"):
        backups.make(company)
    assert everything(company.backups) == set()


def test_the_daily_backup_is_made_once_a_day_and_the_newest_are_kept(company: CompanyPaths) -> None:
    day = [datetime(2026, 11, 24, 18, tzinfo=UTC)]
    clock = Clock(lambda: day[0])
    own = backups.make(company, clock=clock)
    for number in range(4):
        made = backups.daily(company, keep=2, clock=clock)
        assert made is not None and backups.daily(company, keep=2, clock=clock) is None
        assert not any("/" in name for name in verify_file(made).files), "attachments are kept once beside it"
        day[0] += timedelta(days=1)
        assert len(list(company.backups.glob("daily-*.zip"))) == min(number + 1, 2)
    assert own.exists()


# Putting back


def test_a_restore_brings_the_former_state_back_and_puts_the_present_one_aside(company: CompanyPaths) -> None:
    made = backups.make(company)
    grow(company)
    (company.attachments / SHA[:2] / SHA).unlink()
    later = attach(company, b"added since")
    company.search.write_bytes(b"index of the later trail")
    before = company.settings.read_text(encoding="utf-8")
    done = restore(company, made)
    assert entries(company) == 6 and acts(company)[-1] == "restore"
    assert done.aside is not None and verify_file(done.aside).audit[0] == 8
    assert (company.attachments / SHA[:2] / SHA).read_bytes() == ATTACHED and later.exists()
    assert company.settings.read_text(encoding="utf-8") == before and not done.settings_put_back
    assert not company.search.exists() and (company.journal / "export.jsonl").exists()
    # What was put aside can be put back in its turn.
    restore(company, done.aside)
    assert entries(company) == 9
    store = database.open_store(company.database, backups=company.backups)
    store.close()


def test_a_restore_onto_a_new_workstation(company: CompanyPaths, tmp_path: Path) -> None:
    made = backups.make(company)
    new = CompanyPaths(tmp_path / "new" / "company")
    done = restore(new, made)
    assert done.aside is None and done.settings_put_back and done.attachments_added == 1
    assert entries(new) == 6 and "secret" not in new.settings.read_text(encoding="utf-8")


def test_a_damaged_database_is_put_aside_as_it_is(company: CompanyPaths) -> None:
    made = backups.make(company)
    company.database.write_bytes(b"ruined" * 1000)
    done = restore(company, made)
    assert done.aside is not None and (done.aside / "erpdesk.db").read_bytes() == b"ruined" * 1000
    assert entries(company) == 6


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A backup that somebody packed anew."""
    with zipfile.ZipFile(backup) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    change(held)
    made = backup.with_name("forged.zip")
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return made


def says(held: dict[str, bytes], **fields: object) -> None:
    held[MANIFEST] = json.dumps({**json.loads(held[MANIFEST]), **fields}).encode()


def with_database(held: dict[str, bytes], sql: str, folder: Path, **fields: object) -> None:
    place = folder / "forged.db"
    place.write_bytes(held[DATABASE])
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.executescript(sql)
    held[DATABASE] = place.read_bytes()
    files = json.loads(held[MANIFEST])["files"]
    files[DATABASE] = [sha256(held[DATABASE]).hexdigest(), len(held[DATABASE])]
    says(held, files=files, **fields)


FORGED: dict[str, tuple[Callable[[dict[str, bytes], Path], object], str]] = {
    "a way out": (lambda held, _: held.update({"../evil": b"x"}), "holds “../evil”"),
    "a whole path": (lambda held, _: held.update({"/etc/evil": b"x"}), "which no backup"),
    "a drive": (lambda held, _: held.update({"C:\\evil": b"x"}), "which no backup"),
    "a way out of the attachments": (
        lambda held, _: held.update({"attachments/../../erpdesk.db": b"x"}),
        "which no backup",
    ),
    "no manifest": (lambda held, _: held.pop(MANIFEST), "manifest or its database is missing"),
    "an odd manifest": (lambda held, _: held.update({MANIFEST: b"[1]"}), "manifest cannot be read"),
    "a file too few": (lambda held, _: held.pop(SETTINGS), "does not hold the files"),
    "other bytes": (lambda held, _: held.update({SETTINGS: held[SETTINGS].upper()}), "is not what was backed up"),
    "another size": (lambda held, _: held.update({SETTINGS: b"x"}), "another size"),
    "a newer form": (lambda held, _: says(held, format=2, erpdesk="9.9"), "newer erpdesk (9.9)"),
    "a newer schema": (
        lambda held, folder: with_database(held, "PRAGMA user_version = 99", folder, schema=99),
        "newer erpdesk (schema 99",
    ),
    "another company": (
        lambda held, folder: with_database(
            held, "UPDATE company_identity SET company = 'Other & Sons'", folder, company="Other & Sons"
        ),
        "backup of “Other & Sons”",
    ),
    "another program's": (
        lambda held, folder: with_database(held, "PRAGMA application_id = 7", folder),
        "not erpdesk's",
    ),
    "words of its own": (lambda held, _: says(held, company="Harbor"), "something else of its database"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_backup_is_refused_and_nothing_is_touched(company: CompanyPaths, tmp_path: Path, name: str) -> None:
    change, why = FORGED[name]
    forged = rewritten(backups.make(company, tmp_path / "good.zip"), lambda held: change(held, tmp_path))
    before = {each: (company.root / each).read_bytes() for each in everything(company.root)}
    with pytest.raises(ForPeople) as refusal:
        restore(company, forged)
    assert why in str(refusal.value)
    assert {each: (company.root / each).read_bytes() for each in everything(company.root)} == before
    assert not (tmp_path / "evil").exists()


def test_a_link_in_a_backup_is_refused(company: CompanyPaths, tmp_path: Path) -> None:
    forged = rewritten(backups.make(company, tmp_path / "good.zip"), lambda held: None)
    with zipfile.ZipFile(forged, "a") as archive:
        entry = zipfile.ZipInfo(f"attachments/ab/ab{'0' * 62}")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(ForPeople, match="which no backup"):
        restore(company, forged)


def test_what_claims_more_than_the_disk_holds_is_refused_before_it_is_unpacked(
    company: CompanyPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backups.make(company, tmp_path / "good.zip")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1000})())
    with pytest.raises(ForPeople, match=r"holds .* KB, and 1 KB are free|holds .*are free"):
        restore(company, made)


def test_a_flipped_byte_and_a_cut_end_are_noticed_wherever_they_are(company: CompanyPaths, tmp_path: Path) -> None:
    data = backups.make(company, tmp_path / "good.zip").read_bytes()
    bad = tmp_path / "bad.zip"
    spots = range(0, len(data), max(1, len(data) // 24))
    for spot in spots:
        bad.write_bytes(data[:spot] + bytes((data[spot] ^ 0x41,)) + data[spot + 1 :])
        try:
            held: Manifest | None = verify_file(bad)
        except ForPeople:
            held = None
        # A byte of a time or a comment is not content; whatever is read is as it was backed up.
        assert held is None or held.audit[0] == 5
    for length in (0, 10, len(data) // 2, len(data) - 1):
        bad.write_bytes(data[:length])
        with pytest.raises(ForPeople, match="not a sound backup"):
            restore(company, bad)
    assert entries(company) == 5


def test_killed_at_any_step_a_restore_leaves_the_former_or_the_restored_database(company: CompanyPaths) -> None:
    made = backups.make(company, company.root.parent / "b.zip")
    grow(company)
    (company.attachments / SHA[:2] / SHA).unlink()
    for point in POINTS:
        assert killed_at(point, lambda at: restore(company, made, at=at)) == signal.SIGKILL
        swapped = point == "swapped"
        assert check_database(company.database).audit[0] == (6 if swapped else 8), point
        database.open_store(company.database, backups=company.backups).close()
    restore(company, made)
    assert not list(company.root.glob("restoring-*")), "the next one takes away what a killed one left"
    assert (company.attachments / SHA[:2] / SHA).read_bytes() == ATTACHED


def killed_at(point: str, work: Callable[[Callable[[str], None]], object]) -> int:
    """Does the work in a process that is killed at a named point; answers the signal that ended it, 0 for none."""

    def at(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            work(at)
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


# The commands


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ERPDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-P", "-m", "erpdesk", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_backup_and_restore_from_the_command_line(
    tmp_path: Path, company: CompanyPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPDESK_HOME", str(tmp_path / "home"))
    site = paths.site_company()
    site.root.parent.mkdir(parents=True)
    company.root.rename(site.root)
    done = run(tmp_path / "home", "backup", "--to", str(tmp_path / "b.zip"))
    assert (done.returncode, done.stderr) == (0, "") and "audit trail up to entry 5" in done.stdout
    from erpdesk.views.instance import OnlyInstance

    only = OnlyInstance(site.root)
    assert only.take()
    done = run(tmp_path / "home", "restore", str(tmp_path / "b.zip"))
    assert done.returncode == 1 and "erpdesk is open for this company" in done.stderr and entries(site) == 5
    only.release()
    done = run(tmp_path / "home", "restore", str(tmp_path / "b.zip"))
    assert (done.returncode, done.stderr) == (0, "") and "Exports are locked until" in done.stdout
    assert entries(site) == 6
