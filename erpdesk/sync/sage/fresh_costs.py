"""Direct costs as Sage holds them this moment: the accounts of entries, and whether a batch may go in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erpdesk.sync.sage.fresh_entries import POSTED, WAITING, Entry
from erpdesk.sync.sage.fresh_rows import held
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.problems import Trouble, is_driver_error, sentence, trouble
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import Standing
from erpdesk.sync.sage.tables import table
from erpdesk.workflows.documents import DirectCost, DirectCosts

ACCOUNTS = "GLM_MASTER__ACCOUNT"
_SIZE = 500
_MOST_VALUES = 100
_NOT_SHOWN = (Trouble.NO_COLUMN, Trouble.NO_RIGHT, Trouble.OTHER)

Accounts = tuple[str, str]
"""The debit account and the credit account of an entry."""


def entry_accounts(session: Session, known: Capabilities, entries: Iterable[Entry]) -> dict[Entry, Accounts] | None:
    """The accounts of these entries; None where this Sage does not show them."""
    wanted = tuple(entries)
    found: dict[Entry, Accounts] = {}
    for name, posted in ((POSTED, True), (WAITING, False)):
        some = {entry.at: entry for entry in wanted if entry.posted is posted}
        if not some:
            continue
        read = _accounts(session, known, name, sorted({run for run, _ in some}))
        if read is None:
            return None
        found |= {entry: read[at] for at, entry in some.items() if at in read}
    return found


def _accounts(
    session: Session, known: Capabilities, name: str, runs: list[int]
) -> Mapping[tuple[int, int], Accounts] | None:
    source = table(name)
    run, sequence = (known.expression(source, each) for each in ("Run", "Sequence"))
    # The mirror does not keep these columns, so nobody has looked yet whether this Sage has them.
    sql = f"SELECT {run}, {sequence}, Debit_Account, Credit_Account FROM {known.source(source)} WHERE {run} IN ({{}})"
    found: dict[tuple[int, int], Accounts] = {}
    for at in range(0, len(runs), _MOST_VALUES):
        some = runs[at : at + _MOST_VALUES]
        try:
            cursor = session.try_select(sql.format(", ".join("?" * len(some))), some)
        except Exception as error:
            if not is_driver_error(error):
                raise
            if trouble(error) in _NOT_SHOWN:
                return None
            raise sentence(error, name) from error
        try:
            while rows := session.fetch(cursor, _SIZE, table=name):
                for number, place, debit, credit in rows:
                    found[int(number), int(place)] = _text(debit), _text(credit)
        finally:
            cursor.close()
    return found


def same_account(known: Capabilities, approved: str, in_sage: str) -> bool:
    """Whether Sage's account is the one that was approved; Sage may put the prefix of the job before it."""
    if not approved or known.masks.same("gl_account", approved, in_sage):
        return True
    return in_sage.endswith(approved)


def cost_reasons(session: Session, known: Capabilities, document: DirectCosts) -> tuple[str, ...]:
    """Every reason why this batch may not go in now; one sentence each, empty when none."""
    reasons: list[str] = []
    if document.ledger:
        reasons.append(
            "Sage does not show erpdesk what became of a general ledger line once it is posted, so erpdesk sends none. "
            "Take the ledger lines out of the batch, and enter them in General Ledger."
        )
    standing = Standing(session, known)
    ledger = _ledger_accounts(session, known)
    for job in dict.fromkeys(cost.job for cost in document.costs):
        reasons += standing.job(job, "batch of direct costs")
    for at, cost in enumerate(document.costs, 1):
        where = f"Line {at}: "
        reasons += standing.place(where, cost.job, (cost.extra, cost.cost_code, cost.category))
        reasons += [f"{where}{each}" for each in _unknown_accounts(known, ledger, cost)]
    return tuple(dict.fromkeys(reasons))


def _unknown_accounts(known: Capabilities, ledger: frozenset[str], cost: DirectCost) -> Iterable[str]:
    for account in (cost.debit_account, cost.credit_account):
        if ledger and account and not any(same_account(known, account, each) for each in ledger):
            yield f"Sage has no account {account} in General Ledger. Choose another, or ask accounting to add it."


def _ledger_accounts(session: Session, known: Capabilities) -> frozenset[str]:
    """Empty where the company has no General Ledger, or does not show it: Sage then takes any account."""
    if not known.has(table(ACCOUNTS)):
        return frozenset()
    names = held(session, known, ACCOUNTS, ("Account",))
    return frozenset(key[0] for key in names.written)


def _text(value: object) -> str:
    return value.partition("\0")[0].strip(" ") if isinstance(value, str) else ""
