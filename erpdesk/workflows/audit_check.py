"""The check of the audit trail: is the chain whole, and does it end where its anchors say? Reads only.

Entries are read in pieces, so that the check holds up nobody who writes meanwhile; each piece is joined by the database
itself, and hashed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from erpdesk.workflows.audit import START
from erpdesk.workflows.audit_reader import Piece, TrailReader, open_trail

PIECE = 10_000


class Fault(StrEnum):
    """What is wrong with the first link that does not hold."""

    CHANGED = "changed"
    MISSING = "missing"
    ORDER = "order"
    REDONE = "redone"
    CUT = "cut"
    JOURNAL = "journal"


@dataclass(frozen=True)
class Anchor:
    """Number and hash of the newest entry as they were noted outside of the database, when, and where that stands."""

    seq: int
    hash: str
    at: str
    where: str


@dataclass(frozen=True)
class SetAside:
    """A person said that a backup was restored: anchors noted before then, above ``seq``, belong to what was lost."""

    seq: int
    at: str
    who: str


@dataclass(frozen=True)
class Anchors:
    """Everything that the copies of the export journal say about the trail; ``problem`` says why they are not sound."""

    notes: tuple[Anchor, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    copies: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Link:
    """The first link that does not hold, in words for an auditor."""

    seq: int
    fault: Fault
    text: str


@dataclass(frozen=True)
class Verdict:
    """What the check found. ``entries`` counts those that were looked at; not ``ended`` = somebody stopped it."""

    entries: int = 0
    first_at: str = ""
    last_at: str = ""
    head: tuple[int, str] = (0, START)
    anchors: int = 0
    """How many anchors agree with the trail."""
    notes: tuple[str, ...] = ()
    broken: Link | None = None
    ended: bool = True

    @property
    def whole(self) -> bool:
        """Whether every entry was looked at and every link and anchor holds."""
        return self.ended and self.broken is None


Tell = Callable[[int, int], object]


def verify(
    source: Path | str,
    anchors: Anchors | None = None,
    *,
    tell: Tell = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Checks the trail in a SQLite file, or in a PostgreSQL database by URL, against ``anchors`` read beforehand.

    ``tell`` hears how many entries of how many are done, ``stop`` ends the check early. Works while others write, and
    where nothing may be written. Raises ForPeople when the trail can not be read.
    """
    with open_trail(source) as reader:
        return _Walk(reader, anchors or Anchors(), tell, stop).verdict()


@dataclass
class _Walk:
    """One check on its way through the trail."""

    reader: TrailReader
    anchors: Anchors
    tell: Tell
    stop: Callable[[], bool]
    agreed: int = 0
    notes: list[str] = field(default_factory=list)

    def verdict(self) -> Verdict:
        top, total = self.reader.extent()
        last_seq, last_hash, done = 0, START.encode(), 0
        wanted = self._wanted()
        broken: Link | None = None
        for piece in self._pieces(top):
            place, ahead = self._link(piece, last_seq, last_hash, wanted)
            done += place if ahead else len(piece)
            if ahead:
                broken = ahead
                break
            last_seq, _, last_hash, _ = piece[-1]
            self.tell(done, total)
            if self.stop():
                return Verdict(entries=done, ended=False)
        if broken is None:
            broken = self._tail(last_seq, wanted)
        if broken is None and self.anchors.problem:
            broken = Link(last_seq, Fault.JOURNAL, self.anchors.problem)
        first_at, last_at = self.reader.times()
        head = self.reader.head()
        return Verdict(done, first_at, last_at, head, self.agreed, tuple(self.notes), broken)

    def _pieces(self, top: int) -> Iterator[Piece]:
        """The entries up to the one that was the newest at the start."""
        after: int | None = None
        while piece := self.reader.piece(after, top, PIECE):
            yield piece
            after = piece[-1][0]

    def _link(self, piece: Piece, last_seq: int, last_hash: bytes, wanted: list[Anchor]) -> tuple[int, Link | None]:
        """The place in the piece of the first link that does not hold, and that link."""
        next_anchor = wanted[-1].seq if wanted else -1
        place = 0
        for seq, prev, kept, joined in piece:
            last_seq += 1
            if seq != last_seq or prev != last_hash or joined is None or sha256(joined).hexdigest().encode() != kept:
                return place, self._explain(seq, prev, kept, joined, last_seq - 1)
            last_hash = kept
            if seq == next_anchor:
                if link := self._compare(seq, kept.decode(), wanted):
                    return place, link
                next_anchor = wanted[-1].seq if wanted else -1
            place += 1
        return place, None

    # Anchors

    def _wanted(self) -> list[Anchor]:
        """The anchors to check, the first one last."""
        return sorted((each for each in self.anchors.notes if each.seq > 0), key=lambda each: -each.seq)

    def _lost(self, anchor: Anchor) -> SetAside | None:
        """The word of a person that what this anchor names went away with a restored backup."""
        return next((each for each in self.anchors.set_aside if each.at >= anchor.at and anchor.seq > each.seq), None)

    def _compare(self, seq: int, found: str, wanted: list[Anchor]) -> Link | None:
        while wanted and wanted[-1].seq == seq:
            anchor = wanted.pop()
            if anchor.hash == found:
                self.agreed += 1
            elif word := self._lost(anchor):
                self._note_lost(word)
            else:
                return Link(
                    seq,
                    Fault.REDONE,
                    f"Entry {seq:,} is not the one that the export journal noted on {_day(anchor.at)} "
                    f"({anchor.where}). The entries fit together, but somebody made the chain anew after that day, "
                    f"from some entry up to {seq:,}{self._agreed_words()}; or an older backup was put back and work "
                    f"went on from it. Compare with a backup made before {_day(anchor.at)}.",
                )
        return None

    def _tail(self, last_seq: int, wanted: list[Anchor]) -> Link | None:
        """What the anchors above the newest entry say."""
        beyond = [each for each in reversed(wanted) if not self._lost(each)]
        for anchor in wanted:
            if word := self._lost(anchor):
                self._note_lost(word)
        if not beyond:
            return None
        far = beyond[-1]
        gone = far.seq - last_seq
        return Link(
            last_seq,
            Fault.CUT,
            f"The end of the trail is gone: the export journal noted entry {far.seq:,} on {_day(far.at)} "
            f"({far.where}), and the trail ends with entry {last_seq:,}. At least {_entries(gone)} cut off; or an "
            f"older backup was put back. What is left is as it was written{self._agreed_words()}.",
        )

    def _agreed_words(self) -> str:
        return f"; {self.agreed:,} earlier anchors agree" if self.agreed > 1 else ""

    def _note_lost(self, word: SetAside) -> None:
        note = (
            f"Anchors noted before {_day(word.at)} above entry {word.seq:,} were set aside: {word.who} said then that "
            "a backup had been put back."
        )
        if note not in self.notes:
            self.notes.append(note)

    # Why a link does not hold

    def _explain(self, seq: int, prev: bytes, kept: bytes, joined: bytes | None, last: int) -> Link:
        sound = joined is not None and sha256(joined).hexdigest().encode() == kept
        due = last + 1
        before = f"Entries 1 to {last:,} hold." if last > 1 else "Entry 1 holds." if last else "No entry before holds."
        if seq < 1:
            return Link(seq, Fault.CHANGED, f"An entry with the number {seq} was put in; the first has the number 1.")
        if seq > due:
            gone = f"Entry {due:,} is" if seq == due + 1 else f"Entries {due:,} to {seq - 1:,} are"
            tail = f"after entry {last:,} comes entry {seq:,}" if last else f"the trail begins with entry {seq:,}"
            return Link(due, Fault.MISSING, f"{gone} missing: {tail}. {before}")
        what = self.reader.describe(seq)
        stands = self.reader.place_of(prev)
        if not sound and stands is not None and stands != last:
            return Link(
                seq,
                Fault.ORDER,
                f"The order was changed: what stands as entry {seq:,}{what} follows by its own words on the entry that "
                f"stands as {stands:,}, not on entry {last:,}. {before}",
            )
        if not sound:
            return Link(
                seq,
                Fault.CHANGED,
                f"Entry {seq:,}{what} was changed after it was written: what it says and its hash do not fit. {before}",
            )
        if last == 0:
            return Link(
                seq,
                Fault.MISSING,
                f"Entry 1{what} names an entry before it, and there is none: the true beginning of the trail is gone.",
            )
        return Link(
            last,
            Fault.CHANGED,
            f"Entry {last:,}{self.reader.describe(last)} was written anew together with its hash: entry {seq:,} still "
            f"names the hash that stood there before.{f' Entries 1 to {last - 1:,} hold.' if last > 2 else ''}",
        )


def _entries(count: int) -> str:
    return "one entry was" if count == 1 else f"{count:,} entries were"


def _day(at: str) -> str:
    """A time of the journal as an auditor reads it, in UTC: ``11/24/2026 08:15 UTC``."""
    return f"{at[5:7]}/{at[8:10]}/{at[:4]} {at[11:16]} UTC"


__all__: Sequence[str] = ("Anchor", "Anchors", "Fault", "Link", "SetAside", "Verdict", "verify")
