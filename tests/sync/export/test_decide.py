"""The decision table of 5.7: each row, every combination of facts, and a world in which it must never lie."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.decide import ACTS, OUT_OF_REACH, Decision, Facts, Said, Token, decide
from erpdesk.sync.export.kinds.kind import Presence
from erpdesk.sync.export.states import DOUBTFUL, EXPORT_STEPS, FAILED

ID = "SC-1"


def facts(
    state: S,
    token: Token,
    presence: Presence,
    said: Said = Said.NOTHING,
    *,
    gave_back: bool = False,
    fenced: bool = False,
    overdue: bool = False,
    sent_before: bool = False,
    another: bool = False,
    undecidable: bool = False,
) -> Facts:
    return Facts(
        state,
        token,
        presence,
        said,
        gave_back,
        fenced,
        overdue,
        sent_before,
        name=f"commitment {ID}",
        reason="Vendor is closed.",
        how_to_import="Import it.",
        another=another,
        undecidable=undecidable,
    )


@pytest.mark.parametrize(
    ("known", "verb"),
    [
        # Token in staging.
        (facts(S.STAGED, Token.STAGING, Presence.ABSENT), "stay"),
        (facts(S.ARMED, Token.STAGING, Presence.ABSENT), "send"),
        (facts(S.DELIVERED, Token.STAGING, Presence.ABSENT), "doubt"),
        (facts(S.STAGED, Token.STAGING, Presence.EQUAL), "refuse"),
        (facts(S.STAGED, Token.STAGING, Presence.DIFFERENT, sent_before=True), "conflict"),
        (facts(S.STAGED, Token.STAGING, Presence.EQUAL, sent_before=True), "post"),
        (facts(S.STAGED, Token.MISSING, Presence.ABSENT), "burn"),
        # In the mailbox, and Sage silent: it waits for its import.
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.STOPPED), "withdraw"),
        # Withdrawn: absence is proof only behind the fence.
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.ABSENT), "stay"),
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.ABSENT, fenced=True), "release"),
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.ABSENT, Said.STOPPED, fenced=True), "release"),
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.ABSENT, Said.ACCEPTED, fenced=True), "doubt"),
        # Present.
        (facts(S.ARMED, Token.MISSING, Presence.EQUAL), "post"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.EQUAL, Said.ACCEPTED), "post"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.EQUAL, Said.EXISTS, gave_back=True), "post"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.EQUAL), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.EQUAL, overdue=True), "post"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.DIFFERENT, Said.ACCEPTED), "conflict"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.SEVERAL), "duplicate"),
        (facts(S.POSTED, Token.ARCHIVED, Presence.SEVERAL), "duplicate"),
        # Rejected, proven by both sources: the file goes away, and only a look after that makes it failed.
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.REJECTED, gave_back=True), "put_away"),
        (facts(S.DELIVERED, Token.ARCHIVED, Presence.ABSENT, Said.REJECTED, gave_back=True), "stay"),
        (
            facts(S.DELIVERED, Token.ARCHIVED, Presence.ABSENT, Said.REJECTED, gave_back=True, fenced=True),
            "sage_reject",
        ),
        (facts(S.DELIVERED, Token.MISSING, Presence.ABSENT, Said.REJECTED, gave_back=True), "stay"),
        (facts(S.DELIVERED, Token.ARCHIVED, Presence.EQUAL, Said.REJECTED, gave_back=True, fenced=True), "post"),
        # The ID went to somebody else, and Sage gave ours back.
        (facts(S.DELIVERED, Token.MAILBOX, Presence.DIFFERENT, Said.EXISTS, gave_back=True, another=True), "put_away"),
        (
            facts(
                S.DELIVERED, Token.ARCHIVED, Presence.DIFFERENT, Said.EXISTS, gave_back=True, another=True, fenced=True
            ),
            "sage_reject",
        ),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.DIFFERENT, Said.EXISTS, gave_back=True), "conflict"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.DIFFERENT, Said.EXISTS, another=True), "conflict"),
        (
            facts(
                S.DELIVERED,
                Token.MAILBOX,
                Presence.DIFFERENT,
                Said.EXISTS,
                gave_back=True,
                another=True,
                sent_before=True,
            ),
            "conflict",
        ),
        (facts(S.STAGED, Token.STAGING, Presence.DIFFERENT, sent_before=True, another=True), "refuse"),
        # Failed, and in Sage after all.
        (facts(S.SAGE_REJECTED, Token.ARCHIVED, Presence.EQUAL, sent_before=True), "post"),
        (facts(S.REFUSED, Token.ARCHIVED, Presence.DIFFERENT, sent_before=True), "conflict"),
        (facts(S.SAGE_REJECTED, Token.ARCHIVED, Presence.SEVERAL, sent_before=True), "duplicate"),
        (facts(S.SAGE_REJECTED, Token.ARCHIVED, Presence.DIFFERENT, sent_before=True, another=True), "stay"),
        (facts(S.REFUSED, Token.ARCHIVED, Presence.EQUAL), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.REJECTED), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.REJECTED, overdue=True), "doubt"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.EXISTS, gave_back=True, overdue=True), "doubt"),
        # Gone, contradicted, unclear.
        (facts(S.DELIVERED, Token.MISSING, Presence.ABSENT), "doubt"),
        (facts(S.DELIVERED, Token.MISSING, Presence.ABSENT, Said.STOPPED), "doubt"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.ACCEPTED), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.ACCEPTED, overdue=True), "doubt"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.UNCLEAR), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.UNCLEAR, overdue=True), "stay"),
        (facts(S.DELIVERED, Token.ARCHIVED, Presence.ABSENT, Said.UNCLEAR, overdue=True), "doubt"),
        # A journal about something else says nothing.
        (facts(S.DELIVERED, Token.MAILBOX, Presence.ABSENT, Said.FOREIGN, overdue=True), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.EQUAL, Said.FOREIGN), "stay"),
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.ABSENT, Said.FOREIGN, fenced=True), "release"),
        (facts(S.DELIVERED, Token.MISSING, Presence.ABSENT, Said.FOREIGN), "doubt"),
        # A read that failed decides nothing.
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.UNREAD, fenced=True), "stay"),
        # Doubt moves on by Sage alone.
        (facts(S.IN_DOUBT, Token.ARCHIVED, Presence.ABSENT, fenced=True), "stay"),
        (facts(S.IN_DOUBT, Token.ARCHIVED, Presence.EQUAL), "post"),
        (facts(S.CONFLICT, Token.ARCHIVED, Presence.EQUAL), "post"),
        (facts(S.CONFLICT, Token.ARCHIVED, Presence.ABSENT), "doubt"),
        (facts(S.DUPLICATE_ALARM, Token.ARCHIVED, Presence.ABSENT), "doubt"),
        (facts(S.DUPLICATE_ALARM, Token.ARCHIVED, Presence.DIFFERENT), "conflict"),
        # What Sage posts in a step of its own.
        (facts(S.DELIVERED, Token.MAILBOX, Presence.UNPOSTED, Said.ACCEPTED), "import"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.UNPOSTED), "stay"),
        (facts(S.IN_SAGE, Token.ARCHIVED, Presence.UNPOSTED), "stay"),
        (facts(S.IN_SAGE, Token.ARCHIVED, Presence.EQUAL), "post"),
        (facts(S.IN_SAGE, Token.ARCHIVED, Presence.ABSENT), "doubt"),
        (facts(S.IN_SAGE, Token.ARCHIVED, Presence.SEVERAL), "duplicate"),
        (facts(S.IN_DOUBT, Token.ARCHIVED, Presence.UNPOSTED), "import"),
        # Where only a posting can show it, silence ends in doubt and never in another try.
        (facts(S.ARMED, Token.STAGING, Presence.UNREAD, undecidable=True), "send"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.UNREAD, undecidable=True), "stay"),
        (facts(S.DELIVERED, Token.MAILBOX, Presence.UNREAD, Said.ACCEPTED, undecidable=True), "doubt"),
        (facts(S.DELIVERED, Token.WITHDRAWN, Presence.UNREAD, fenced=True, undecidable=True), "doubt"),
        # Closed by two people; Sage may still show otherwise.
        (facts(S.CLOSED_IN_SAGE, Token.ARCHIVED, Presence.ABSENT, fenced=True), "stay"),
        (facts(S.CLOSED_IN_SAGE, Token.ARCHIVED, Presence.EQUAL), "post"),
        (facts(S.CLOSED_IN_SAGE, Token.ARCHIVED, Presence.SEVERAL), "duplicate"),
        (facts(S.CLOSED_ABSENT, Token.ARCHIVED, Presence.EQUAL, sent_before=True), "post"),
        # A file of several that Sage stopped after some of them: those that are not there are tried again.
        (facts(S.DELIVERED, Token.ARCHIVED, Presence.ABSENT, Said.STOPPED, fenced=True), "release"),
    ],
)
def test_each_row_of_the_table(known: Facts, verb: str) -> None:
    assert decide(known).verb == verb


def every() -> st.SearchStrategy[Facts]:
    return st.builds(
        Facts,
        state=st.sampled_from(S),
        token=st.sampled_from(Token),
        presence=st.sampled_from(Presence),
        said=st.sampled_from(Said),
        gave_back=st.booleans(),
        fenced=st.booleans(),
        overdue=st.booleans(),
        sent_before=st.booleans(),
        idempotency=st.sampled_from("AB"),
        name=st.just(f"commitment {ID}"),
        undecidable=st.booleans(),
        reason=st.text(max_size=20),
        differences=st.lists(st.text(max_size=10), max_size=12).map(tuple),
        another=st.booleans(),
    )


def holds(known: Facts, decision: Decision) -> None:
    """What must be true of every decision, whatever is known."""
    target = decision.leads_to(known.state)
    assert isinstance(decision.sentence, str)
    if decision.verb not in ACTS:
        assert decision.sentence.strip()
        assert EXPORT_STEPS.find(decision.verb, known.state).target is target
    moved = target is not known.state
    if moved and target is S.POSTED:
        assert known.presence is Presence.EQUAL
    taken = known.presence is Presence.DIFFERENT and known.another and known.said is Said.EXISTS
    if target in (S.SAGE_REJECTED, S.INTENT) and moved:
        assert known.presence is Presence.ABSENT or taken
    if target is S.SAGE_REJECTED and moved:
        assert known.fenced and known.gave_back and known.token is not Token.MAILBOX
    if decision.verb == "release":
        stopped = known.token is Token.ARCHIVED and known.said is Said.STOPPED
        assert known.fenced and (known.token is Token.WITHDRAWN or stopped)
        assert known.said in (Said.NOTHING, Said.STOPPED, Said.FOREIGN)
    if known.presence is Presence.UNREAD:
        assert decision.verb == "stay" or (known.undecidable and decision.verb in ("send", "doubt"))
    if moved and target is S.IN_SAGE:
        assert known.presence is Presence.UNPOSTED
    if known.presence is Presence.SEVERAL and known.state not in (S.INTENT, *FAILED):
        assert target is S.DUPLICATE_ALARM
    if decision.verb == "send":
        assert (known.state, known.token) == (S.ARMED, Token.STAGING)
        assert known.presence is Presence.ABSENT or (known.presence is Presence.UNREAD and known.undecidable)
    if known.state in DOUBTFUL:
        assert target in (S.POSTED, S.IN_SAGE, *DOUBTFUL)
    if known.state in FAILED:
        assert target is known.state or (known.sent_before and known.presence is not Presence.ABSENT)
    if known.token is Token.MAILBOX and known.said in (Said.UNCLEAR, Said.FOREIGN) and known.state is S.DELIVERED:
        assert known.presence is not Presence.ABSENT or known.gave_back or not moved


@given(every())
@settings(max_examples=300, deadline=None)
def test_every_combination_has_an_answer_that_never_lies(known: Facts) -> None:
    holds(known, decide(known))


def test_every_combination_of_the_closed_facts() -> None:
    flags = list(itertools.product((False, True), repeat=5))
    for state, token, presence, said in itertools.product(S, Token, Presence, Said):
        for gave_back, fenced, overdue, sent_before, another in flags:
            known = facts(
                state,
                token,
                presence,
                said,
                gave_back=gave_back,
                fenced=fenced,
                overdue=overdue,
                sent_before=sent_before,
                another=another,
            )
            holds(known, decide(known))


class World(RuleBasedStateMachine):
    """Sage, the mailbox and a person's hands, in any order; the worker does what the table says."""

    @initialize(meddled=st.booleans())
    def begin(self, meddled: bool) -> None:
        self.meddled = meddled
        self.state = S.ARMED
        self.token = Token.STAGING
        self.in_sage = 0
        self.importing = False
        self.said = Said.NOTHING
        self.gave_back = False
        self.fenced = self.overdue = False
        self.sent = 0

    @rule(readable=st.booleans())
    def worker_looks(self, readable: bool) -> None:
        seen = (
            (Presence.ABSENT, Presence.EQUAL, Presence.SEVERAL)[min(self.in_sage, 2)] if readable else Presence.UNREAD
        )
        known = facts(
            self.state,
            self.token,
            seen,
            self.said,
            gave_back=self.gave_back,
            fenced=self.fenced and self.token in OUT_OF_REACH,
            overdue=self.overdue,
        )
        decision = decide(known)
        holds(known, decision)
        if decision.verb == "send":
            self.token, self.state = Token.MAILBOX, S.DELIVERED
            self.sent += 1
        elif decision.verb == "withdraw":
            self.token = Token.WITHDRAWN
        elif decision.verb == "put_away":
            self.token = Token.ARCHIVED
        elif decision.verb == "release":
            # The next try begins at once, with a new file.
            self.token, self.state = Token.STAGING, S.ARMED
            self.said, self.gave_back, self.fenced, self.overdue = Said.NOTHING, False, False, False
        elif decision.verb not in ACTS:
            self.state = decision.leads_to(self.state)
            if self.token is Token.MAILBOX:
                self.token = Token.ARCHIVED

    @precondition(lambda self: self.token is Token.MAILBOX and not self.importing)
    @precondition(lambda self: self.said in (Said.NOTHING, Said.STOPPED, Said.REJECTED))
    @rule()
    def sage_reads(self) -> None:
        # Also after a stop or a reject: whoever sits at Sage may mend the cause and try again before the file is away.
        self.importing = True

    @precondition(lambda self: self.importing)
    @rule(takes=st.booleans(), prints=st.booleans())
    def sage_ends(self, takes: bool, prints: bool) -> None:
        self.importing = False
        exists = self.in_sage > 0
        if takes and not exists:
            self.in_sage += 1
        else:
            self.gave_back = True
        if prints:
            self.said = Said.EXISTS if exists else Said.ACCEPTED if takes else Said.REJECTED

    @precondition(lambda self: self.token is Token.MAILBOX and not self.importing and self.said is Said.NOTHING)
    @rule()
    def sage_stops(self) -> None:
        self.said = Said.STOPPED

    @precondition(lambda self: self.state in (S.POSTED, S.SAGE_REJECTED, *DOUBTFUL) and not self.importing)
    @rule(meddled=st.booleans())
    def another_item(self, meddled: bool) -> None:
        self.begin(meddled)

    @precondition(lambda self: self.meddled and self.token is Token.MAILBOX)
    @rule()
    def a_person_moves_the_file(self) -> None:
        self.token = Token.MISSING

    @precondition(lambda self: not self.importing)
    @rule()
    def time_passes(self) -> None:
        # Settling is longer than any import: an import that reads the file ends before the fence counts.
        self.fenced = self.token in OUT_OF_REACH
        self.overdue = self.said is not Said.NOTHING or self.gave_back or self.in_sage > 0

    @invariant()
    def never_twice_and_never_a_lie(self) -> None:
        assert self.in_sage <= 1
        if self.state is S.POSTED:
            assert self.in_sage == 1
        if self.state is S.SAGE_REJECTED:
            assert self.in_sage == 0 and self.token is not Token.MAILBOX


World.TestCase.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
TestWorld = World.TestCase
