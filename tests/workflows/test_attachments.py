"""Attachments with real files: kept once, whole or not at all, never run, and nothing lost by removing them."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpdesk import sample
from erpdesk.core.errors import ForPeople, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person, ProjectMember, Right, Tool
from erpdesk.workflows import attachment_files
from erpdesk.workflows.attachment_files import LONGEST_NAME, is_program, safe_name, size_words
from erpdesk.workflows.attachments import Attachments
from tests.town import Town


def shelf(town: Town) -> Attachments:
    copies = town.folder / "temporary"
    copies.mkdir(exist_ok=True)
    return Attachments(town.desk.office, town.folder / "attachments", copies)


def paper(town: Town, name: str = "contract.pdf", data: bytes = b"%PDF-1.7 signed") -> Path:
    folder = town.folder / "downloads"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def kept_files(town: Town) -> list[Path]:
    return sorted(path for path in (town.folder / "attachments").rglob("*") if path.is_file())


def draft(town: Town) -> str:
    return town.desk.commitments.save(town.manager, town.draft())[0]


def test_a_file_is_kept_by_its_hash_and_handed_out_as_a_copy(town: Town) -> None:
    town, made = town, draft(town)
    held, changes = shelf(town).add(town.manager, "commitment", made, paper(town))
    assert {("attachment", made), ("commitment", made)} <= changes.touched
    (row,) = shelf(town).listed(town.manager, "commitment", made)
    assert (row.id, row.name, row.bytes, row.added_by) == (held, "contract.pdf", 15, sample.MANAGER)
    (file,) = kept_files(town)
    assert file.parts[-2:] == (row.sha256[:2], row.sha256)
    paper(town).unlink()
    copy = shelf(town).open_copy(town.manager, held)
    assert copy.name == "contract.pdf" and copy.read_bytes() == b"%PDF-1.7 signed"
    assert not copy.is_relative_to(town.folder / "attachments")
    assert not stat.S_IMODE(copy.stat().st_mode) & (stat.S_IWUSR | stat.S_IXUSR | stat.S_IWGRP | stat.S_IXGRP)
    assert shelf(town).counts(town.manager, "commitment") == {made: 1}


def test_the_same_bytes_are_one_file(town: Town) -> None:
    town, first, second = town, draft(town), draft(town)
    shelf(town).add(town.manager, "commitment", first, paper(town))
    shelf(town).add(town.manager, "commitment", second, paper(town, "copy of it.pdf"))
    assert len(kept_files(town)) == 1
    with pytest.raises(Refused, match=r"named contract\.pdf, is attached already"):
        shelf(town).add(town.manager, "commitment", first, paper(town, "again.pdf"))
    assert len(shelf(town).listed(town.manager, "commitment", first)) == 1


def test_removing_keeps_the_bytes_and_the_reason(town: Town) -> None:
    town, made = town, draft(town)
    held, _ = shelf(town).add(town.manager, "commitment", made, paper(town))
    with pytest.raises(Refused, match="Say why"):
        shelf(town).remove(town.manager, held, "  ")
    shelf(town).remove(town.manager, held, "Wrong vendor")
    assert shelf(town).listed(town.manager, "commitment", made) == ()
    (gone,) = shelf(town).listed(town.manager, "commitment", made, removed=True)
    assert gone.reason == "Wrong vendor" and gone.removed_by
    assert len(kept_files(town)) == 1
    with pytest.raises(Refused, match="removed already"):
        shelf(town).remove(town.manager, held, "Again")
    shelf(town).add(town.manager, "commitment", made, paper(town))
    with town.store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.ref == made).order_by(AuditEntry.seq)).all()
        assert [entry.act for entry in entries] == ["create", "attach", "detach", "attach"]
        assert entries[2].reason == "Wrong vendor" and gone.sha256 in entries[2].evidence


def test_who_may_attach(town: Town) -> None:
    """Also while it is locked: what is with accounting may get its papers from either side."""
    made, _ = town.sent()
    shelf(town).add(town.manager, "commitment", made, paper(town))
    shelf(town).add(town.approver, "commitment", made, paper(town, "w9.pdf", b"w9"))
    with town.store.writing() as session:
        for given in session.get_one(Person, town.viewer).rights:
            given.right = Right.READ_ONLY
    with pytest.raises(Refused, match="Standard in Commitments"):
        shelf(town).add(town.viewer, "commitment", made, paper(town, "x.pdf", b"x"))
    (first, _) = shelf(town).listed(town.manager, "commitment", made)
    with pytest.raises(NotAllowed):
        shelf(town).remove(town.viewer, first.id, "Mine")
    assert shelf(town).may_add(town.viewer, "commitment", made)
    assert shelf(town).may_add(town.manager, "commitment", made) == ()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.symlink_to(path.parent / "elsewhere"), "is a link"),
        (lambda path: os.mkfifo(path), "is no file"),
        (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 100 * 1024**2 + 1), "at most 100 MB"),
    ],
)
def test_what_is_no_plain_file_is_refused(town: Town, make: Callable[[Path], object], words: str) -> None:
    made = draft(town)
    (town.folder / "downloads").mkdir()
    (town.folder / "downloads" / "elsewhere").write_bytes(b"secret")
    path = town.folder / "downloads" / "paper.pdf"
    make(path)
    with pytest.raises(Refused, match=words):
        shelf(town).add(town.manager, "commitment", made, path)
    assert kept_files(town) == [] and shelf(town).listed(town.manager, "commitment", made) == ()


@pytest.mark.parametrize("name", ["setup.exe", "invoice.pdf.LNK", "run.js", "x.scr ."])
def test_programs_are_neither_attached_nor_opened(town: Town, name: str) -> None:
    with pytest.raises(Refused, match="is a program"):
        shelf(town).add_bytes(town.manager, "commitment", draft(town), name, b"MZ")
    assert kept_files(town) == []


DANGEROUS = (
    "ps1xml pyz pyzw img iso vhd vhdx rdp wsc msix msixbundle appx appinstaller website url xbap mst msu msp slk iqy "
    "accde mde ade one chm cpl jar hta lnk scf settingcontent-ms library-ms search-ms xll xlam"
)


def test_what_runs_mounts_or_leads_elsewhere_counts_as_a_program_and_workbooks_with_macros_do_not() -> None:
    assert [ending for ending in DANGEROUS.split() if not is_program(f"Invoice.pdf.{ending.upper()}")] == []
    assert not any(map(is_program, ("cost.xlsm", "letter.docm", "drawing.dwg", "photo.jpg", "mail.msg", "plan.zip")))


def test_only_who_may_see_the_record_sees_or_opens_its_files(town: Town) -> None:
    made = draft(town)
    held, _ = shelf(town).add(town.manager, "commitment", made, paper(town))
    with town.store.writing() as session:
        sam = session.get_one(Person, town.viewer)
        sam.all_projects, sam.projects = False, [ProjectMember(project_id=town.project(1).id)]
    for look in (
        lambda: shelf(town).listed(town.viewer, "commitment", made),
        lambda: shelf(town).open_copy(town.viewer, held),
    ):
        with pytest.raises(NotAllowed, match="does not belong to this project"):
            look()
    assert shelf(town).counts(town.viewer, "commitment") == {}
    with town.store.writing() as session:
        session.get_one(Person, town.viewer).projects = [ProjectMember(project_id=town.project(0).id)]
    assert shelf(town).counts(town.viewer, "commitment") == {made: 1}
    assert shelf(town).open_copy(town.viewer, held).read_bytes() == b"%PDF-1.7 signed"
    with town.store.writing() as session:
        session.get_one(Person, town.viewer).rights = []
    assert shelf(town).counts(town.viewer, "commitment") == {}
    with pytest.raises(NotAllowed):
        shelf(town).open_copy(town.viewer, held)


def test_a_removed_file_is_opened_only_by_who_may_look_at_the_audit_trail(town: Town) -> None:
    held, _ = shelf(town).add(town.manager, "commitment", draft(town), paper(town))
    shelf(town).remove(town.manager, held, "Wrong vendor")
    with town.store.writing() as session:
        given = {each.tool: each for each in session.get_one(Person, town.manager).rights}
        given[Tool.DIRECTORY].right = given[Tool.ERP_INTEGRATIONS].right = Right.NONE
    with pytest.raises(NotAllowed, match="was removed from its record"):
        shelf(town).open_copy(town.manager, held)
    assert shelf(town).open_copy(town.approver, held).read_bytes() == b"%PDF-1.7 signed"


def test_a_pipe_or_a_device_in_the_place_of_the_bytes_holds_nothing_up(town: Town) -> None:
    held, _ = shelf(town).add(town.manager, "commitment", draft(town), paper(town))
    (file,) = kept_files(town)
    for put in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()):
        file.unlink(missing_ok=True)
        put(file)
        with pytest.raises(ForPeople, match="can not be opened"):
            shelf(town).open_copy(town.manager, held)


def test_a_program_that_was_attached_once_is_not_opened(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr("erpdesk.workflows.attachments.is_program", lambda _name: False)
        held, _ = shelf(town).add_bytes(town.manager, "commitment", draft(town), "setup.exe", b"MZ")
    with pytest.raises(Refused, match="does not start programs"):
        shelf(town).open_copy(town.manager, held)


def test_a_file_that_vanishes_or_a_full_disk_leaves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft(town)
    with pytest.raises(ForPeople, match="can not be attached"):
        shelf(town).add(town.manager, "commitment", made, town.folder / "gone.pdf")
    real = Path.open

    class Full:
        """A disk that takes one block and then is full."""

        def __init__(self, file: IO[Any]) -> None:
            self._file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, part: bytes) -> int:
            self._file.write(part[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opened(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = real(self, mode, *more, **named)
        return Full(file) if mode == "xb" else file

    with monkeypatch.context() as full:
        full.setattr(Path, "open", opened)
        with pytest.raises(ForPeople, match="No space left") as told:
            shelf(town).add(town.manager, "commitment", made, paper(town))
    assert "Nothing was attached" in str(told.value) and "disk has room" in str(told.value)
    assert kept_files(town) == [] and shelf(town).listed(town.manager, "commitment", made) == ()


def test_a_file_cut_while_it_is_copied_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    path = paper(town, data=b"x" * (3 << 20))
    made, read = draft(town), 0

    def cut(source: Any) -> int | None:
        nonlocal read
        read += 1
        size = os.fstat(source.fileno()).st_size
        os.truncate(path, 1 << 20)
        return size

    monkeypatch.setattr(attachment_files, "_size", cut)
    with pytest.raises(ForPeople, match="can not be attached"):
        shelf(town).add(town.manager, "commitment", made, path)
    assert read == 1 and kept_files(town) == []


def test_bytes_that_changed_are_not_handed_out_and_put_right_by_the_next_one(town: Town) -> None:
    made = draft(town)
    held, _ = shelf(town).add(town.manager, "commitment", made, paper(town))
    (file,) = kept_files(town)
    file.chmod(0o640)
    file.write_bytes(b"%PDF-1.7 forged")
    with pytest.raises(ForPeople, match="not those that were attached"):
        shelf(town).open_copy(town.manager, held)
    shelf(town).add(town.manager, "commitment", draft(town), paper(town))
    assert shelf(town).open_copy(town.manager, held).read_bytes() == b"%PDF-1.7 signed"
    shutil.rmtree(town.folder / "attachments")
    with pytest.raises(ForPeople, match="restored without its files"):
        shelf(town).open_copy(town.manager, held)


def test_old_copies_are_cleared_away_and_new_ones_stay(town: Town) -> None:
    held, _ = shelf(town).add(town.manager, "commitment", draft(town), paper(town))
    old, new = shelf(town).open_copy(town.manager, held), shelf(town).open_copy(town.manager, held)
    os.utime(old.parent, (1_000_000, 1_000_000))
    shelf(town).open_copy(town.manager, held)
    assert not old.exists() and new.exists()


def test_half_a_copy_of_a_killed_program_is_cleared_away(town: Town) -> None:
    incoming = town.folder / "attachments" / "incoming"
    incoming.mkdir(parents=True)
    for name, at in (("old.part", 1_000_000), ("of-now.part", None)):
        (incoming / name).write_bytes(b"half")
        os.utime(incoming / name, (at, at) if at else None)
    shelf(town).add(town.manager, "commitment", draft(town), paper(town))
    assert [path.name for path in incoming.iterdir()] == ["of-now.part"]


def test_a_record_that_is_gone_gets_no_papers(town: Town) -> None:
    made = draft(town)
    town.desk.commitments.delete(town.manager, made)
    with pytest.raises(Refused, match="no longer there"):
        shelf(town).add(town.manager, "commitment", made, paper(town))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\x", "x"),
        ("../../etc/passwd", "passwd"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("LPT1.txt.pdf", "_LPT1.txt.pdf"),
        ("a:b", "a_b"),
        ("report.pdf. . .", "report.pdf"),
        ("tab\there\nnow.pdf", "tabherenow.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...", "attachment"),
        ("", "attachment"),
        ("\udcff.pdf", "?.pdf".replace("?", "_")),
        ("Übersicht  Q3.pdf", "Übersicht  Q3.pdf"),
    ],
)
def test_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=400))
def test_any_name_becomes_one_plain_file_name(name: str) -> None:
    safe = safe_name(name)
    assert safe and safe == safe_name(safe)
    assert not set(safe) & set('<>:"/\\|?*\0') and safe not in (".", "..")
    assert safe == safe.strip() and not safe.endswith(".")
    assert len(safe) <= LONGEST_NAME and len(safe.encode()) <= 255


def test_long_names_keep_their_ending() -> None:
    assert safe_name("a" * 300 + ".pdf") == "a" * 116 + ".pdf"
    assert len(safe_name("ä" * 300 + ".pdf").encode()) <= 204


def test_sizes_are_said_as_people_read_them() -> None:
    assert [size_words(size) for size in (0, 999, 1536, 100 * 1024**2, 1_500_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.5 KB",
        "100 MB",
        "1.4 GB",
    ]
    assert is_program("A.EXE") and not is_program("a.pdf")
