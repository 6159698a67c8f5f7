"""Every check of the accept made again on a fresh read, the moment before a file may reach Sage (5.5 step 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from erpdesk.core.errors import BadSageData
from erpdesk.models.erp import Source
from erpdesk.sync.export.decide import Token, decide
from erpdesk.sync.export.items import Item, Load, Observation
from erpdesk.sync.export.kinds.kind import BASELINE, ExportKind, Look, Presence, Wanted, baseline_text
from erpdesk.sync.export.reconcile import day_of
from erpdesk.workflows.layout_gate import why_not_live

if TYPE_CHECKING:
    from erpdesk.sync.export.exporter import Exporter, Report


@dataclass(frozen=True)
class Leaving:
    """An item that may not go with its file: the step it takes, why, and what was seen; '' = it stays and waits."""

    item: Item
    verb: str
    why: str
    seen: tuple[Observation, ...] = ()


class Checker:
    """Checks staged files of one kind, and takes apart those of which an item may not go."""

    def __init__(self, exporter: Exporter, kind: ExportKind) -> None:
        self._x, self._kind = exporter, kind

    def check(self, load: Load, leaving: list[Leaving], report: Report) -> Mapping[str, tuple[Observation, ...]] | None:
        """What was seen before the file may go, by item; None when it waits. Who may not go is added to ``leaving``."""
        x, kind = self._x, self._kind
        token = x.mailbox(kind).locate(load.file.file_name, load.file.sha256)
        documents = [x.document(each) for each in load.items]
        most = x.most_shown(kind)
        looks = kind.read_back.look(x.reader, x.clock, [Wanted(each, at_least=most) for each in documents])
        for look in looks:
            if look.unavailable:
                raise look.unavailable
        if all(look.presence is Presence.UNREAD for look in looks):
            for item, look in zip(load.items, looks, strict=True):
                x.set_aside(item, look.problem, report)
            return None
        for item, look in zip(load.items, looks, strict=True):
            found: Leaving | None = Leaving(item, "", "")
            with x.apart((item,), report):
                found = self._leaves(item, look, token)
            if found is not None:
                leaving.append(found if found.verb or found.why else replace(found, why=x.troubled.get(item.id, "")))
        if leaving:
            return None
        baseline = kind.read_back.baseline(x.reader, x.clock, documents)
        now, began = x.clock.now(), looks[0].began
        before = Observation(Source.ODBC_MASTER, began, now, BASELINE, baseline_text(baseline))
        listing = Observation(Source.LISTING, began, now, token.value)
        return {item.id: (listing, before) for item in load.items}

    def _leaves(self, item: Item, look: Look, token: Token) -> Leaving | None:
        x, kind = self._x, self._kind
        decision = decide(x.facts(kind, item, look, token))
        if decision.verb not in ("stay", "burn"):
            return Leaving(item, decision.verb, decision.sentence, (look.observation(),))
        if decision.verb == "burn":
            return Leaving(item, "burn", decision.sentence)
        if look.presence is not Presence.ABSENT:
            return Leaving(item, "", decision.sentence)
        reasons = tuple(self._reasons(item))
        if reasons:
            return Leaving(item, "refuse", " ".join((*dict.fromkeys(reasons), "Nothing was sent.")))
        return None

    def _reasons(self, item: Item) -> Iterator[str]:
        x, kind = self._x, self._kind
        document = x.document(item)
        yield from kind.read_back.why_not(x.reader, document)
        yield from x.id_problems(kind.name, item.sage_id)
        yield from self._sent_as_another(item)
        yield from x.unknown_sendings(kind, item)
        made = x.writer(kind).preview(document)
        if made.sha256 != item.approved_sha256:
            yield "The layout of the import file changed since approval. Reject the item and have it sent again."
        yield from why_not_live(x.live, made)

    def _sent_as_another(self, item: Item) -> Iterator[str]:
        """Why a record may not go once more under a new ID: what was sent under an earlier one is in Sage after all."""
        x, kind = self._x, self._kind
        if not kind.keyed:
            return
        earlier = {each.sage_id: x.document(each) for each in x.overview.earlier(item)}
        for sent in x.journalled(item.export_key):
            sage_id = str(sent["sage_id"])
            earlier.setdefault(sage_id, kind.document(item.payload, sage_id))
        lost = {each.sage_id: each for each in x.lost(item) if each.sage_id not in earlier}
        earlier.update({sage_id: kind.document(item.payload, sage_id) for sage_id in lost})
        earlier.pop(item.sage_id, None)
        if not earlier:
            return
        wanted = [Wanted(each, at_least=x.most_shown(kind)) for each in earlier.values()]
        for sage_id, seen in zip(earlier, kind.read_back.look(x.reader, x.clock, wanted), strict=True):
            if seen.unavailable:
                raise seen.unavailable
            if seen.presence is Presence.UNREAD:
                raise BadSageData(seen.problem, kept="Nothing was sent.")
            if seen.presence is Presence.ABSENT or seen.another:
                continue
            if sage_id in lost:
                yield (
                    f"This {kind.noun} is in Sage already as {sage_id}: it went there on {day_of(lost[sage_id])}, "
                    f"which this database lost with a restored backup. Do not accept it under another ID; if this one "
                    f"shall take its place, delete {sage_id} in Sage first."
                )
            else:
                yield (
                    f"This {kind.noun} is in Sage already as {sage_id}, from an earlier sending that had failed. "
                    f"Delete {sage_id} in Sage if this one shall take its place, then have it sent again."
                )

    def split(self, load: Load, leaving: list[Leaving], report: Report) -> None:
        """Takes a staged file apart: the token goes first, then each item that leaves; the others are written again."""
        x = self._x
        x.mailbox(self._kind).burn(load.file.file_name)
        x.at("burned")
        gone = {each.item.id for each in leaving if each.verb not in ("", "burn")}
        back = [each for each in load.items if each.id not in gone]
        if back:
            x.store.advance_all(back, "burn", "The file is written again without an item that may not go.")
            report.touch(*(x.store.item(each.id) for each in back))
        for each in leaving:
            if each.verb == "refuse":
                self.refuse(each.item, each.why, report, seen=each.seen)
            elif each.item.id in gone:
                report.touch(x.store.advance(each.item, each.verb, each.why, seen=each.seen))
            elif not each.verb:
                x.set_aside(x.store.item(each.item.id), each.why, report)

    def refuse(self, item: Item, message: str, report: Report, *, seen: tuple[Observation, ...] = ()) -> None:
        """Refuses an item before anything of it was sent; its file, if it had one, is burned already."""
        x = self._x
        item = x.store.advance(item, "refuse", message, seen=seen)
        x.at("refused")
        report.touch(item)
