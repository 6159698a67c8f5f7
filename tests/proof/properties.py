"""The properties of section 7 as functions over what stands on paper; each answers what is broken, in sentences."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from erpdesk.core.clock import from_iso
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import ExportState
from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows import audit
from tests.proof.books import Books, Line, Place, Sent

DONE = frozenset(("POSTED", "IN_SAGE"))
"""Shown as exported."""
BY_HAND = frozenset(("CLOSED_IN_SAGE", "CLOSED_ABSENT"))
EDITABLE = frozenset(("REFUSED", "SAGE_REJECTED"))
"""The approver may give it back, and then the sender may edit it."""
SHOWN = frozenset(("IN_DOUBT", "CONFLICT", "DUPLICATE_ALARM"))
MOVING = frozenset(("INTENT", "STAGED", "ARMED", "DELIVERED", "IN_SAGE"))


@dataclass(frozen=True)
class Violation:
    """A property that does not hold, and how."""

    property: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.property}: {self.sentence}"


def p1_at_most_one_effect(books: Books) -> Iterator[Violation]:
    """For each accepted item Sage holds one record set at most; the alarm does not excuse a second one."""
    for line in books.lines:
        seen = books.witness.get(line.id)
        if seen and books.holding(seen).times > 1:
            yield Violation("P1", f"{line.kind} {line.key} is in Sage {books.holding(seen).times} times ({line.state})")


def p2_no_loss(books: Books) -> Iterator[Violation]:
    """Every accepted item is in Sage with exactly its amounts, or stands where people see it."""
    known = {line.id: line for line in books.lines}
    for seen in books.witness.values():
        line = known.get(seen.outbox)
        if line is None:
            yield Violation("P2", f"{seen.kind} {seen.key} was accepted and is not in the store")
        elif line.state in DONE and books.holding(seen).times == 0:
            yield Violation("P2", f"{line.kind} {line.key} is shown as {line.state}, and Sage has nothing of it")
        elif line.state not in {each.value for each in ExportState}:
            yield Violation("P2", f"{line.kind} {line.key} is in no state that a screen knows ({line.state})")


def p3_honesty(books: Books) -> Iterator[Violation]:
    """Exported means present and equal; what may be given back is absent, and no file of it can reach Sage."""
    live = set(books.live())
    tries = _tries(books)
    for line in books.lines:
        seen = books.witness.get(line.id)
        if seen is None:
            continue
        held = books.holding(seen)
        if line.state in DONE and held.times:
            if held.rows != seen.rows or held.vendor != seen.vendor:
                yield Violation("P3", f"{line.kind} {line.key} is shown as {line.state}, but Sage holds other amounts")
            if line.state == "POSTED" and not held.posted:
                yield Violation("P3", f"{line.kind} {line.key} is shown as posted, but waits in Sage to be posted")
        if line.state in EDITABLE:
            mine = held.times and held.rows == seen.rows and not _another_has(books, line)
            if mine and any(each.armed for each in tries[line.id]):
                yield Violation("P3", f"{line.kind} {line.key} is shown as {line.state}, but is in Sage")
            if any(each.file in live for each in tries[line.id]):
                yield Violation("P3", f"{line.kind} {line.key} is {line.state}, and a file of it can still reach Sage")


def _another_has(books: Books, line: Line) -> bool:
    """Whether another revision of the same record may be what is there."""
    return any(
        each.id != line.id and each.kind == line.kind and (each.key == line.key or each.record == line.record)
        for each in books.lines
    )


def p4_authority(books: Books) -> Iterator[Violation]:
    """Every item has one accept, by somebody who had not sent it."""
    accepts = Counter((each["ref"], each["who"]) for each in books.audit if each["act"] == "accept")
    for line in books.lines:
        by = sum(count for (ref, _), count in accepts.items() if ref in (line.submission_id, line.record))
        mine = accepts[(line.submission_id, line.decided_by)] + accepts[(line.record, line.decided_by)]
        if not line.decided_by or line.decided_by == line.sent_by or not mine or by < 1:
            yield Violation("P4", f"{line.kind} {line.key} goes to Sage without an accept by a second person")


def p5_what_was_approved_is_sent(books: Books) -> Iterator[Violation]:
    """The approved hash, the hash of the item's part of the file, and the bytes on disk are one."""
    lines = {line.id: line for line in books.lines}
    for each in books.sent:
        line = lines[each.outbox]
        if each.part_sha != line.approved:
            yield Violation("P5", f"try {each.n} of {line.key} holds another text than was approved")
        data = books.files.get(each.sha)
        if data is not None and line.approved not in _parts(data, each.line_map):
            yield Violation("P5", f"file {each.file} has no part that is what was approved for {line.key}")


def p5_what_was_sent_is_kept(books: Books) -> Iterator[Violation]:
    """What was sent is still on disk, byte for byte; not asked where a person takes files or edits them."""
    for each in books.sent:
        if each.armed and each.sha not in books.files:
            yield Violation("P5", f"no file on disk is what was sent as {each.file}")


def p5_sage_read_what_was_sent(books: Books) -> Iterator[Violation]:
    """Sage read no file but those that erpdesk had armed; not asked where a person edits files."""
    known = {each.sha for each in books.sent if each.armed}
    for sha in books.read_by_sage:
        if sha not in known:
            yield Violation("P5", f"Sage read a file that erpdesk never armed ({sha[:12]})")


def _parts(data: bytes, line_map: str) -> set[str]:
    """The hash of each document's own lines in a file."""
    parts: dict[tuple[str, str], bytes] = defaultdict(bytes)
    for mapped, raw in zip(json.loads(line_map), data.splitlines(keepends=True), strict=True):
        parts[(mapped["sage_id"], mapped.get("part", ""))] += raw
    return {hashlib.sha256(part).hexdigest() for part in parts.values()}


def p6_immutable(books: Books) -> Iterator[Violation]:
    """What was sent stays as it was when it was accepted."""
    for line in books.lines:
        seen = books.witness.get(line.id)
        now = hashlib.sha256(line.payload.encode()).hexdigest()
        if now != line.payload_sha:
            yield Violation("P6", f"the text of {line.key} is not the one that its hash was made of")
        if seen and (seen.payload_sha, seen.approved, seen.key) != (line.payload_sha, line.approved, line.key):
            yield Violation("P6", f"{line.kind} {line.key} is not what was accepted as {seen.key}")


def p7_conservation(books: Books) -> Iterator[Violation]:
    """By kind and place: accepted = in Sage from erpdesk + on its way + failed + in doubt."""
    balance: Counter[tuple[str, Place]] = Counter()
    for line in books.lines:
        seen = books.witness.get(line.id)
        if seen is None or line.state not in DONE:
            continue
        for (place, cents), count in seen.rows.items():
            balance[(line.kind, place)] += cents * count
        for (place, cents), count in books.holding(seen).rows.items():
            balance[(line.kind, place)] -= cents * count
    for (kind, place), cents in balance.items():
        if cents:
            yield Violation("P7", f"{kind} on {'/'.join(place)}: Sage holds {-cents / 100:+.2f} against what is shown")


def p8_audit(books: Books) -> Iterator[Violation]:
    """Each change of state has one entry, the chain holds, and each anchor of the journals lies on it."""
    yield from _chain(books)
    owners: dict[str, str] = {line.submission_id: line.id for line in books.lines}
    at: dict[str, str] = {line.id: ExportState.INTENT.value for line in books.lines}
    for entry in books.audit:
        before, after = _export(entry["before"]), _export(entry["after"])
        if not before or not after:
            continue
        owner = owners.get(json.loads(entry["evidence"] or "{}").get("submission", ""))
        if owner is None:
            continue
        if at[owner] != before:
            yield Violation("P8", f"entry {entry['seq']} says {before} to {after}, but the state was {at[owner]}")
        at[owner] = after
    for line in books.lines:
        if at[line.id] != line.state:
            yield Violation("P8", f"{line.key} is {line.state}, and its trail ends with {at[line.id]}")


def _export(text: str) -> str:
    if not text:
        return ""
    value = json.loads(text)
    return str(value.get("export", "")) if isinstance(value, dict) else ""


def _chain(books: Books) -> Iterator[Violation]:
    prev, hashes = audit.START, {0: audit.START}
    for number, row in enumerate(books.audit, 1):
        entry = AuditEntry(**(row | {"at": from_iso(row["at"])}))
        if row["seq"] != number or row["prev"] != prev or audit.entry_hash(entry) != row["hash"]:
            yield Violation("P8", f"the audit trail is broken at entry {row['seq']}")
            return
        prev = hashes[number] = row["hash"]
    for copy in books.journals():
        for line in copy:
            seq = line["body"].get("audit_seq")
            if seq and hashes.get(seq) != line["body"].get("audit_hash"):
                yield Violation("P8", f"the anchor in line {line['seq']} of the journal is not on the audit trail")


def p9_progress(books: Books) -> Iterator[Violation]:
    """Once all is quiet, every item has ended, or is shown to a person with what to do, or waits behind one that is."""
    shown = [line.key for line in books.lines if line.state in SHOWN]
    for line in books.lines:
        behind = line.state == "INTENT" and any(f" {key} is settled" in line.message for key in shown)
        if line.state in MOVING and not behind:
            yield Violation("P9", f"{line.kind} {line.key} is still {line.state}: {line.message}")
        elif line.state in SHOWN and not line.message:
            yield Violation("P9", f"{line.kind} {line.key} is {line.state} without a word")


def no_state_without_exit() -> Iterator[Violation]:
    """Each state that is not final has a step out of it."""
    out = {state for step in EXPORT_STEPS.steps for state in step.sources}
    for state in ExportState:
        if state.value in MOVING | SHOWN and state not in out:
            yield Violation("P9", f"{state.value} has no way out")


def p11_one_live_token(books: Books) -> Iterator[Violation]:
    """No item has two files that can still reach Sage, in staging and in the place together."""
    keys: dict[str, set[str]] = defaultdict(set)
    for each in books.sent:
        keys[each.file].add(each.outbox)
    held = Counter(outbox for name in books.live() for outbox in keys.get(name, ()))
    names = {line.id: line.key for line in books.lines}
    for outbox, count in held.items():
        if count > 1:
            yield Violation("P11", f"{names[outbox]} has {count} files that can reach Sage")
    state = {line.id: line.state for line in books.lines}
    for name in books.live():
        owners = keys.get(name, set())
        if owners and not any(state[outbox] in MOVING | SHOWN for outbox in owners):
            yield Violation("P11", f"{name} can still reach Sage, though everything in it is over")


def p13_money(books: Books) -> Iterator[Violation]:
    """What Sage holds of an item sums to the item, to the cent."""
    for line in books.lines:
        seen = books.witness.get(line.id)
        if seen and line.state in DONE:
            wanted = sum(cents * count for (_, cents), count in seen.rows.items())
            held = sum(cents * count for (_, cents), count in books.holding(seen).rows.items())
            if wanted != held:
                yield Violation("P13", f"{line.key} is {wanted / 100:.2f}, in Sage {held / 100:.2f}")


def p17_no_secret(books: Books, canaries: tuple[str, ...]) -> Iterator[Violation]:
    """No secret stands in a log, a backup, the journal or an import file; each canary is one."""
    places = [
        books.imports / "journal.jsonl",
        books.folder / "journal",
        books.folder / "logs",
        books.folder / "backups",
    ]
    paths = [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*")))]
    paths += [path for path in books.imports.rglob("*") if path.is_file()]
    for path in paths:
        data = path.read_bytes() if path.is_file() else b""
        for canary in canaries:
            if canary.encode() in data:
                yield Violation("P17", f"a secret stands in {path.name}")


ALWAYS: tuple[Callable[[Books], Iterator[Violation]], ...] = (
    p1_at_most_one_effect,
    p3_honesty,
    p4_authority,
    p5_what_was_approved_is_sent,
    p6_immutable,
    p8_audit,
    p11_one_live_token,
)
"""What holds at any moment, also in the middle of everything."""

AT_REST: tuple[Callable[[Books], Iterator[Violation]], ...] = (
    *ALWAYS,
    p2_no_loss,
    p7_conservation,
    p9_progress,
    p13_money,
)
"""What holds besides when all is quiet."""

UNTOUCHED: tuple[Callable[[Books], Iterator[Violation]], ...] = (p5_what_was_sent_is_kept, p5_sage_read_what_was_sent)
"""What holds as long as no person touches a file in the mailbox."""


def broken(books: Books, properties: tuple[Callable[[Books], Iterator[Violation]], ...]) -> list[Violation]:
    """Everything that does not hold."""
    return [violation for each in properties for violation in each(books)]


def _tries(books: Books) -> Mapping[str, list[Sent]]:
    found: dict[str, list[Sent]] = defaultdict(list)
    for each in books.sent:
        found[each.outbox].append(each)
    return found
