"""Did the item reach Sage? The decision table of 5.7 as one function: what is known goes in, what to do comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.kinds.kind import Presence
from erpdesk.sync.export.states import DOUBTFUL, EXPORT_STEPS, FAILED


class Token(StrEnum):
    """Where the one live file of an attempt is."""

    STAGING = "staging"
    MAILBOX = "mailbox"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"
    MISSING = "missing"


OUT_OF_REACH = (Token.WITHDRAWN, Token.ARCHIVED, Token.MISSING)
"""Sage's import cannot begin to read the file any more; one that had begun may still be running."""


class Said(StrEnum):
    """What Sage's journal says about the item."""

    NOTHING = "nothing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXISTS = "exists"
    STOPPED = "stopped"
    UNCLEAR = "unclear"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Facts:
    """Everything a decision rests on.

    ``fenced``: the file was out of Sage's reach long enough before the read began, so that "absent" is proof.
    ``overdue``: the first sign of an import is older than the bound for all signs to agree.
    ``sent_before``: an earlier attempt of this item may have reached Sage.
    ``another``: what Sage holds under the ID is plainly another record, of another vendor or on other codes.
    ``undecidable``: Sage was read, but at this site only posting can show whether the item is there.
    ``name`` is what people call the item ("commitment SC-1"), ``posting`` and ``look_at`` are places in Sage's menus.
    ``running``: an import that erpdesk started may be under way; ``late``: it ended, or its time is over, and Sage has
    printed nothing. Neither occurs where a person runs the import.
    """

    state: S
    token: Token
    presence: Presence
    said: Said = Said.NOTHING
    gave_back: bool = False
    fenced: bool = False
    overdue: bool = False
    sent_before: bool = False
    idempotency: str = "B"
    name: str = ""
    posting: str = ""
    look_at: str = ""
    reason: str = ""
    differences: tuple[str, ...] = ()
    read_problem: str = ""
    how_to_import: str = ""
    another: bool = False
    undecidable: bool = False
    running: bool = False
    late: bool = False


@dataclass(frozen=True)
class Decision:
    """What to do: a step of the table, or one of ``ACTS``."""

    verb: str
    sentence: str

    def leads_to(self, state: S) -> S:
        """The state after the decision; the same one where nothing is decided."""
        return state if self.verb in ACTS else EXPORT_STEPS.find(self.verb, state).target


ACTS = ("stay", "send", "withdraw", "put_away")
"""What a decision may be besides a step; none changes the state. ``send`` lays the file into the mailbox, ``withdraw``
takes it back for another try, ``put_away`` takes it out of Sage's reach for good, together with what Sage printed."""


def decide(facts: Facts) -> Decision:
    """The decision for one item; total: it answers for every combination of facts and never guesses absence."""
    if facts.state is S.INTENT:
        return Decision("stay", "")
    if facts.presence is Presence.UNREAD:
        return _unread(facts)
    if facts.state in FAILED:
        return _failed(facts)
    if facts.presence is Presence.SEVERAL:
        return _alarm(facts)
    if facts.state is S.POSTED or (facts.state is S.CLOSED_IN_SAGE and facts.presence is Presence.ABSENT):
        return Decision("stay", "")
    if facts.presence is Presence.ABSENT:
        return _absent(facts)
    if facts.state is S.STAGED and (not facts.sent_before or _another(facts)):
        return _not_its_own(facts)
    if facts.token is Token.MAILBOX and facts.said in _STILL_TO_COME and not facts.overdue:
        # Its journal is still to come; whoever took the file away now would find that journal in the next item's place,
        # and other items of the file may be going in at this moment.
        return Decision("stay", f"{_upper(facts.name)} is in Sage; erpdesk waits for Sage to print its journal.")
    if facts.presence is Presence.UNPOSTED:
        return _unposted(facts)
    return _equal(facts) if facts.presence is Presence.EQUAL else _different(facts)


def _not_its_own(facts: Facts) -> Decision:
    if facts.sent_before:
        return Decision(
            "refuse",
            f"Sage has a {facts.name} already, of another vendor or on other codes, and erpdesk sent one under this ID "
            f"before. Nothing was sent. Look in Sage{_at(facts)} whether it is this one before you send it under "
            "another ID.",
        )
    return Decision(
        "refuse",
        f"Sage has a {facts.name} already, which did not come from this item. Nothing was sent. "
        "Reject the item, or have it sent again and accept it with a free ID.",
    )


_STILL_TO_COME = (Said.NOTHING, Said.FOREIGN, Said.UNCLEAR)


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _unread(facts: Facts) -> Decision:
    problem = facts.read_problem or "Sage could not be read; erpdesk looks again by itself."
    silent = facts.said in (Said.NOTHING, Said.FOREIGN) and facts.token is Token.MAILBOX
    if facts.undecidable and facts.state is S.ARMED and facts.token is Token.STAGING:
        return Decision("send", "")
    if not facts.undecidable or facts.state not in (S.ARMED, S.DELIVERED):
        return Decision("stay", problem)
    if silent and not facts.overdue and not facts.late:
        return Decision("stay", facts.how_to_import)
    return _doubt(facts, problem.rstrip("."))


def _failed(facts: Facts) -> Decision:
    """What was reported as failed stays so, unless Sage shows it after all: its file was imported once more (P3)."""
    if not facts.sent_before or facts.presence is Presence.ABSENT or _another(facts):
        return Decision("stay", "")
    if facts.presence is Presence.SEVERAL:
        return _alarm(facts)
    if facts.presence is Presence.UNPOSTED:
        return _unposted(facts)
    name = _upper(facts.name)
    if facts.presence is Presence.EQUAL:
        return Decision("post", f"{name} had failed, but is in Sage as approved: it was imported again.")
    return _conflict(facts, f"{name} had failed, but is in Sage, and not as approved")


def _another(facts: Facts) -> bool:
    return facts.presence is Presence.DIFFERENT and facts.another


def _alarm(facts: Facts) -> Decision:
    sentence = (
        f"Sage holds {facts.name} more than once. Exports of this company have stopped. "
        f"Delete the wrong one in Sage{_at(facts)}, then sync."
    )
    return Decision("stay" if facts.state is S.DUPLICATE_ALARM else "duplicate", sentence)


def _at(facts: Facts) -> str:
    return f" ({facts.look_at})" if facts.look_at else ""


def _unposted(facts: Facts) -> Decision:
    where = f" Post it in Sage: {facts.posting}." if facts.posting else ""
    sentence = f"{_upper(facts.name)} is in Sage as approved, not posted yet.{where}"
    return Decision("stay" if facts.state is S.IN_SAGE else "import", sentence)


def _equal(facts: Facts) -> Decision:
    name = _upper(facts.name)
    if facts.said is Said.EXISTS and facts.idempotency == "A":
        # A target that refuses a second one proves by its refusal that the first went in.
        return Decision("post", f"{name} was in Sage already from the same file, as approved.")
    return Decision("post", f"{name} is in Sage as approved.")


def _different(facts: Facts) -> Decision:
    in_flight = facts.state in (S.ARMED, S.DELIVERED) and not facts.sent_before
    if in_flight and facts.another and facts.said is Said.EXISTS and facts.gave_back:
        return _taken(facts)
    return _conflict(facts, f"{_upper(facts.name)} in Sage is not what was approved")


def _taken(facts: Facts) -> Decision:
    """Sage refused the ID and gave the record back, and what it holds is of another vendor or on other codes."""
    return _fail(
        facts,
        f"The ID of {facts.name} was taken by another one before Sage imported this one, so Sage took nothing "
        "in. Leave that one in Sage as it is. Reject this item, have it sent again, and accept it with a free ID.",
    )


def _conflict(facts: Facts, what: str) -> Decision:
    listed = "; ".join(facts.differences[:8])
    more = f" (and {len(facts.differences) - 8} more)" if len(facts.differences) > 8 else ""
    printed = f" Sage printed: {facts.reason}" if facts.said is Said.REJECTED and facts.reason else ""
    sentence = f"{what}: {listed}{more}.{printed} Correct it in Sage, then sync: it turns to synced when both agree."
    return Decision("stay" if facts.state is S.CONFLICT else "conflict", sentence)


def _absent(facts: Facts) -> Decision:
    if facts.state is S.IN_DOUBT:
        return Decision("stay", "")
    if facts.state in DOUBTFUL or facts.state is S.IN_SAGE:
        return _doubt(facts, f"Sage does not show {facts.name} any more; it was there before")
    if facts.state is S.STAGED:
        return Decision("stay", "") if facts.token is Token.STAGING else Decision("burn", "The staged file was lost.")
    if facts.token is Token.STAGING:
        if facts.state is S.ARMED:
            return Decision("send", "")
        return _doubt(facts, "The import file was in Sage's mailbox, and somebody laid it back into staging")
    return {
        Said.NOTHING: _silent,
        Said.ACCEPTED: _accepted_but_absent,
        Said.REJECTED: _rejected,
        Said.EXISTS: _exists_but_absent,
        Said.STOPPED: _stopped,
        Said.UNCLEAR: _unclear,
        Said.FOREIGN: _foreign,
    }[facts.said](facts)


def _silent(facts: Facts) -> Decision:
    if facts.token is Token.MAILBOX:
        if facts.gave_back and facts.overdue:
            return _doubt(facts, "Sage gave the record back, but printed no journal that says why")
        if facts.late and not facts.running:
            return _doubt(facts, "Sage's import was started, and printed no journal in the time that it may take")
        return Decision("stay", facts.how_to_import)
    if facts.token is Token.WITHDRAWN:
        return _release(facts, "The import file was taken back before Sage imported it.")
    where = "is not in Sage's mailbox any more" if facts.token is Token.MISSING else "was put away"
    return _doubt(facts, f"The import file {where}, and Sage shows neither {facts.name} nor a journal")


def _accepted_but_absent(facts: Facts) -> Decision:
    if facts.overdue or facts.fenced:
        return _doubt(facts, f"Sage's journal says accepted, but Sage does not show {facts.name}")
    return Decision("stay", f"Sage's journal says accepted; erpdesk waits until Sage shows {facts.name}.")


def _rejected(facts: Facts) -> Decision:
    if facts.gave_back:
        return _fail(facts, f"Sage rejected it: {facts.reason}")
    if facts.overdue:
        return _doubt(facts, f"Sage's journal says rejected ({facts.reason}), but the rejected record is not there")
    return Decision("stay", f"Sage's journal says rejected ({facts.reason}); erpdesk waits for the rejected record.")


def _fail(facts: Facts, sentence: str) -> Decision:
    """Failed only when the file is away, and a read begun after that shows nothing of it: else it may be imported again
    at this very moment."""
    if facts.token is Token.MAILBOX:
        return Decision("put_away", f"{sentence} erpdesk took the file away and looks into Sage once more.")
    if facts.fenced:
        return Decision("sage_reject", sentence)
    return Decision("stay", f"{sentence} erpdesk took the file away and looks into Sage once more.")


def _exists_but_absent(facts: Facts) -> Decision:
    if facts.overdue or facts.fenced:
        return _doubt(facts, f"Sage says that {facts.name} already exists, but does not show it")
    return Decision("stay", f"Sage says that {facts.name} already exists; erpdesk looks for it.")


def _stopped(facts: Facts) -> Decision:
    stopped = f"Sage stopped the import: {facts.reason}"
    if "nothing was imported" not in facts.reason.lower():
        stopped += " Nothing was imported."
    if facts.token is Token.MAILBOX:
        return Decision("withdraw", f"{stopped} erpdesk tries again by itself.")
    if facts.token in (Token.WITHDRAWN, Token.ARCHIVED):
        return _release(facts, stopped)
    return _doubt(facts, f"Sage stopped the import ({facts.reason}), and the import file is gone")


def _unclear(facts: Facts) -> Decision:
    if not facts.overdue:
        return Decision("stay", f"Sage's journal does not speak of {facts.name} yet; erpdesk looks again.")
    if facts.token is Token.MAILBOX:
        # An import may be reading the file now; taking it away for a journal that nobody can read would end in doubt.
        return Decision(
            "stay",
            f"In Sage's mailbox lies a journal that does not say what became of {facts.name}, which Sage does "
            "not show. See in Sage that no import is running, move the journal out of the folder, and import the file.",
        )
    return _doubt(facts, f"Sage printed a journal that does not say what became of {facts.name}")


def _foreign(facts: Facts) -> Decision:
    if facts.token is Token.MAILBOX:
        return Decision(
            "stay",
            f"In Sage's mailbox lies a journal that is not about {facts.name}. Move it out of the "
            f"folder. {facts.how_to_import}",
        )
    return _silent(facts)


def _release(facts: Facts, why: str) -> Decision:
    """Only a file out of Sage's reach, and a read begun long enough after, prove that nothing is there."""
    if facts.fenced:
        return Decision("release", f"{why} erpdesk tries again by itself.")
    return Decision("stay", f"{why} erpdesk makes sure that nothing reaches Sage any more, then tries again by itself.")


def _doubt(facts: Facts, what: str) -> Decision:
    return Decision(
        "stay" if facts.state is S.IN_DOUBT else "doubt",
        f"{what}. It is not sent again by itself. Look in Sage for {facts.name}{_at(facts)}: "
        "if it is there as approved, sync, and it turns to synced.",
    )
