"""Files that belong to a record: kept once by hash in the company's folder, whoever attached them, and never run.

A file is there whole or not at all: it is copied beside its place, checked, and only then given its name. The entry in
the database follows the bytes, so that nothing ever points at bytes that are not there.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople, NotAllowed, Refused
from erpdesk.models.office import Attachment
from erpdesk.models.people import Person
from erpdesk.workflows import erp_queue, rights
from erpdesk.workflows.attachment_files import (
    LARGEST,
    clear_old_copies,
    copy_whole,
    is_program,
    open_kept,
    open_plain,
    safe_name,
    size_words,
)
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.operation import Office, Operation, check_text, operation, person

COPIES = "erpdesk-attachment-"
KEPT = "Nothing was attached; what was attached before is safe."


@dataclass(frozen=True)
class AttachmentRow:
    """A file of a record; ``removed_by`` is '' while it is attached, and then ``reason`` is ''."""

    id: str
    kind: str
    ref: str
    name: str
    sha256: str
    bytes: int
    added_by: str
    added_at: datetime
    removed_by: str = ""
    removed_at: datetime | None = None
    reason: str = ""


class Attachments:
    """Attaches files to records, lists them, and hands out copies to look at."""

    def __init__(self, office: Office, folder: Path, copies: Path | None = None) -> None:
        self._office = office
        self._folder = folder
        self._copies = copies or Path(tempfile.gettempdir())

    def may_add(self, actor: str, kind: str, ref: str) -> tuple[str, ...]:
        """Why this person can not attach a file to this record; empty when they can, also while it is locked."""
        return self._why_not(actor, kind, ref, "attach")

    def may_remove(self, actor: str, kind: str, ref: str) -> tuple[str, ...]:
        """Why this person can not remove an attachment of this record; empty when they can."""
        return self._why_not(actor, kind, ref, "detach")

    def add(self, actor: str, kind: str, ref: str, path: Path) -> tuple[str, Changes]:
        """Attaches a copy of a file; answers the attachment's id.

        Raises Refused for a folder, a link, a program, an empty or too large file, and for what is attached already;
        ForPeople when the file can not be read to its end or the disk is full. Nothing is attached then.
        """
        name = safe_name(path.name)
        return self._add(actor, kind, ref, name, lambda: open_plain(path, name))

    def add_bytes(self, actor: str, kind: str, ref: str, name: str, data: bytes) -> tuple[str, Changes]:
        """Attaches what was pasted; raises as ``add`` does."""
        return self._add(actor, kind, ref, safe_name(name), lambda: io.BytesIO(data))

    def listed(self, actor: str, kind: str, ref: str, *, removed: bool = False) -> tuple[AttachmentRow, ...]:
        """The files of a record, the oldest first; with ``removed`` also those that were taken off it.

        Raises NotAllowed for a record that this person may not see.
        """
        with self._office.store.reading() as session:
            _demand_sight(session, actor, kind, ref)
            asked = select(Attachment).where(Attachment.kind == kind, Attachment.ref == ref)
            if not removed:
                asked = asked.where(Attachment.removed_at.is_(None))
            names = {each.id: each.name for each in session.scalars(select(Person))}
            found = session.scalars(asked.order_by(Attachment.added_at, Attachment.name))
            return tuple(_row(each, names) for each in found)

    def counts(self, actor: str, kind: str) -> dict[str, int]:
        """How many files each record of a kind has that this person may see; records without one are left out."""
        with self._office.store.reading() as session:
            listed = KINDS[kind].listed()
            may_see = erp_queue.visible(person(session, actor), KINDS[kind], listed, None)
            if may_see is None:
                return {}
            asked = (
                select(Attachment.ref, func.count())
                .join(listed.table, listed.id == Attachment.ref)
                .where(Attachment.kind == kind, Attachment.removed_at.is_(None), *may_see)
                .group_by(Attachment.ref)
            )
            return {ref: count for ref, count in session.execute(asked)}

    def open_copy(self, actor: str, attachment_id: str) -> Path:
        """A read-only copy under the file's own name in a private temporary place, for another program to open.

        Its bytes are those of the hash. A removed file is handed out only to those who may look at the audit trail.
        Raises NotAllowed, Refused for a program, ForPeople when the bytes are gone or changed.
        """
        with self._office.store.reading() as session:
            held = session.get(Attachment, attachment_id)
            if held is None:
                raise Refused(["This attachment is no longer there. The list has been read again."])
            _demand_sight(session, actor, held.kind, held.ref)
            if held.removed_at is not None and (why := rights.why_not(person(session, actor), "audit.read")):
                raise NotAllowed([f"{safe_name(held.name)} was removed from its record.", why])
            name, sha, size = safe_name(held.name), held.sha256, held.bytes
        if is_program(name):
            raise Refused([f"{name} is a program. erpdesk does not start programs that somebody attached."])
        clear_old_copies(self._copies, COPIES)
        folder = Path(tempfile.mkdtemp(prefix=COPIES, dir=self._copies))
        copy = folder / name
        try:
            with open_kept(self._place(sha)) as source:
                told = copy_whole(source, copy, LARGEST)
        except OSError as problem:
            raise ForPeople(
                f"{name} can not be opened: {problem.strerror or problem}.",
                kept="Its entry is still there.",
                next_step="Ask IT whether the company’s folder “attachments” was moved or restored without its files.",
            ) from problem
        if told != (sha, size):
            copy.unlink()
            raise ForPeople(
                f"{name} is not opened: its bytes in the company’s folder are not those that were attached.",
                kept="Its entry is still there.",
                next_step="Restore the folder “attachments” from a backup, or attach the file again.",
            )
        copy.chmod(0o400)
        return copy

    def remove(self, actor: str, attachment_id: str, reason: str) -> Changes:
        """Takes a file off its record, with a reason; its bytes and its history stay."""
        check_text("The reason", reason)
        if not reason.strip():
            raise Refused(["Say why the attachment is removed; the reason stands in the history."])
        with operation(self._office, actor) as running:
            held = running.session.get(Attachment, attachment_id)
            if held is None or held.removed_at is not None:
                raise Refused(["This attachment was removed already. The list has been read again."])
            running.demand(f"{held.kind}.detach", _project(running.session, held.kind, held.ref))
            held.removed_by = running.person.id
            held.removed_at = running.at
            held.reason = reason.strip()
            self._note(running, "detach", held, reason=held.reason)
        return running.changes

    def _add(self, actor: str, kind: str, ref: str, name: str, source: Callable[[], BinaryIO]) -> tuple[str, Changes]:
        reasons = self.may_add(actor, kind, ref)
        if is_program(name):
            reasons = (*reasons, f"{name} is a program. Attach documents and pictures only.")
        if reasons:
            raise Refused(reasons, kept=KEPT)
        sha, size = self._take(name, source)
        with operation(self._office, actor) as running:
            running.demand(f"{kind}.attach", _project(running.session, kind, ref))
            same = running.session.scalar(
                select(Attachment).where(
                    Attachment.kind == kind,
                    Attachment.ref == ref,
                    Attachment.sha256 == sha,
                    Attachment.removed_at.is_(None),
                )
            )
            if same is not None:
                what = "It" if same.name == name else f"The same file, named {same.name},"
                raise Refused([f"{name}: {what} is attached already."], kept=KEPT)
            held = Attachment(
                kind=kind,
                ref=ref,
                name=name,
                sha256=sha,
                bytes=size,
                added_by=running.person.id,
                added_at=running.at,
                reason="",
            )
            running.session.add(held)
            running.session.flush()
            self._note(running, "attach", held)
        return held.id, running.changes

    def _note(self, running: Operation, act: str, held: Attachment, reason: str = "") -> None:
        before, after = ("", held.name) if act == "attach" else (held.name, "")
        told = {"attachment": held.id, "sha256": held.sha256, "bytes": held.bytes}
        running.record(act, held.kind, held.ref, before=before, after=after, reason=reason, evidence=told)
        running.changes |= Changes.of("attachment", held.ref)

    def _take(self, name: str, source: Callable[[], BinaryIO]) -> tuple[str, int]:
        """Brings the bytes into the company's folder, once for each hash; answers hash and size."""
        incoming = self._folder / "incoming"
        part = incoming / f"{os.getpid()}-{time.monotonic_ns()}.part"
        try:
            incoming.mkdir(parents=True, exist_ok=True)
            # What a program that was killed had copied half.
            clear_old_copies(incoming, "")
            try:
                with source() as opened:
                    sha, size = copy_whole(opened, part, LARGEST)
                if size > LARGEST:
                    raise Refused([f"{name} is larger than {size_words(LARGEST)}."], kept=KEPT)
                if not size:
                    raise Refused([f"{name} is empty (0 bytes)."], kept=KEPT)
                self._settle(part, self._place(sha), sha)
            finally:
                part.unlink(missing_ok=True)
        except OSError as problem:
            raise ForPeople(
                f"{name} can not be attached: {problem.strerror or problem}.",
                kept=KEPT,
                next_step="Look whether the file is still there and the disk has room, then try again.",
            ) from problem
        return sha, size

    def _settle(self, part: Path, place: Path, sha: str) -> None:
        """Gives the copied bytes their place; bytes there that are not those of their name are put right."""
        if place.is_file():
            with open_kept(place) as held:
                if hashlib.file_digest(held, "sha256").hexdigest() == sha:
                    return
        place.parent.mkdir(parents=True, exist_ok=True)
        part.chmod(0o440)
        os.replace(part, place)

    def _place(self, sha: str) -> Path:
        return self._folder / sha[:2] / sha

    def _why_not(self, actor: str, kind: str, ref: str, verb: str) -> tuple[str, ...]:
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), f"{kind}.{verb}", _project(session, kind, ref))
        return (why,) if why else ()


def _demand_sight(session: Session, actor: str, kind: str, ref: str) -> None:
    """Raises NotAllowed for a record that a person may not see, Refused when it is gone."""
    why = rights.why_not(person(session, actor), f"{kind}.read", _project(session, kind, ref, kept=""))
    if why:
        raise NotAllowed([why])


def _project(session: Session, kind: str, ref: str, kept: str = KEPT) -> str | None:
    """The project of the record; raises Refused when the record is gone."""
    item = KINDS[kind].load(session, ref) if kind in KINDS else None
    if item is None:
        raise Refused(["This record is no longer there. The list has been read again."], kept=kept)
    project: str | None = getattr(item, "project_id", None)
    return project


def _row(held: Attachment, names: dict[str, str]) -> AttachmentRow:
    return AttachmentRow(
        id=held.id,
        kind=held.kind,
        ref=held.ref,
        name=held.name,
        sha256=held.sha256,
        bytes=held.bytes,
        added_by=names.get(held.added_by, held.added_by),
        added_at=held.added_at,
        removed_by=names.get(held.removed_by, held.removed_by) if held.removed_by else "",
        removed_at=held.removed_at,
        reason=held.reason,
    )
