"""What the screens of doubt say: titles, statements, questions."""

from __future__ import annotations

from erpdesk.views.erp_words import day_and_time
from erpdesk.workflows.doubt_rows import DoubtPage, Shape, Statement

STATEMENT_WORDS = {
    "STATED": "waits for a second person",
    "CONFIRMED": "confirmed",
    "REFUSED": "refused",
    "WITHDRAWN": "withdrawn",
    "OVERTAKEN": "overtaken by what Sage shows",
}
UNKNOWN_FIELD = (
    "Sage’s reason does not name a field that erpdesk knows. Read the reason above, and the rejected record below."
)
NO_DIFFERENCES = "The read that found the difference is not kept field by field. Press Look again now."
NOTHING_SEEN = "Nothing was seen of it in Sage yet."


def statement_words(statement: Statement) -> str:
    """A statement in one line: who saw what, when, and what became of it."""
    told = f"{statement.stated_by}, {day_and_time(statement.stated_at)}: {statement.words}."
    became = STATEMENT_WORDS[statement.state.value]
    by = f" by {statement.answered_by}, {day_and_time(statement.answered_at)}" if statement.answered_by else ""
    why = f" “{statement.answer}”" if statement.answer and statement.answered_by else ""
    return f"{told} “{statement.note}” – {became}{by}.{why}"


def hint_words(page: DoubtPage) -> str:
    """The field that a rejection means, and where it is put right."""
    if page.shape is not Shape.REJECTED:
        return ""
    if page.hint is None:
        return UNKNOWN_FIELD
    if not page.hint.fixable:
        return f"It is about: {page.hint.words}. {page.hint.elsewhere}"
    return f"Field to correct: {page.hint.place}."


def why_no_fix(page: DoubtPage | None) -> tuple[str, ...]:
    """Why there is no field to jump to; empty when there is one."""
    if page is None or page.hint is None:
        return (UNKNOWN_FIELD,)
    return () if page.hint.fixable else (f"It is about: {page.hint.words}. {page.hint.elsewhere}",)


def acknowledged_words(page: DoubtPage) -> str:
    """Who has seen an alarm; '' while nobody has."""
    if page.shape is not Shape.TWICE:
        return ""
    if not page.acknowledged_by:
        return "Exports of this company have stopped until somebody acknowledges it."
    when = day_and_time(page.acknowledged_at)
    return f"Acknowledged by {page.acknowledged_by}, {when}: exports go on. It stays here until Sage shows it once."


def confirm_question(page: DoubtPage, statement: Statement) -> str:
    """What is asked before a doubt is closed."""
    after = (
        "It counts as in Sage, closed by hand."
        if statement.saw.value == "IN_SAGE"
        else "It counts as not in Sage: it can be rejected, corrected and sent again. If it is in Sage after "
        "all, it would be there twice then."
    )
    return (
        f"{statement.stated_by} stated: {statement.words}.\n“{statement.note}”\n\n"
        f"Look in Sage yourself first, at {page.noun} {page.sage_id}. {after} Both names and the note stay in the "
        "history, and nobody can take it back."
    )
