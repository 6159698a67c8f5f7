"""Whether a change order or an invoice may still go in: vendor, commitments, jobs and codes as Sage holds them now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erpdesk.core.money import fourths
from erpdesk.sync.sage.fresh import commitment_ids, read_commitments
from erpdesk.sync.sage.fresh_rows import Held, bare
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import Standing
from erpdesk.sync.sage.verify import quantity_of
from erpdesk.workflows.documents import ChangeLine, CommitmentChange, Distribution, InvoiceFile
from erpdesk.workflows.ports import SageCommitment, SageItem


def change_reasons(session: Session, known: Capabilities, change: CommitmentChange, orders: Held) -> tuple[str, ...]:
    """Every reason why Sage would not take this change order now; ``orders`` are the IDs of those it has."""
    standing = Standing(session, known)
    commitment = _commitments(session, known, [change.sage_id]).get(change.sage_id)
    reasons = list(_commitment(change.sage_id, commitment, "change order"))
    if commitment is not None:
        if not commitment.committed:
            reasons.append(
                f"Commitment {change.sage_id} is not committed to Job Cost in Sage, so a change of it would not count "
                "there. Commit it in Sage first."
            )
        for line in change.lines:
            reasons += _change_line(standing, change.sage_id, commitment, line)
    key = (change.sage_id, change.change_order)
    if not orders.like(key) and (alike := orders.other_case(key)):
        reasons.append(f"Sage has a change order {alike}, which differs by capital letters only. Use another ID.")
    return tuple(dict.fromkeys(reasons))


def invoice_reasons(session: Session, known: Capabilities, invoice: InvoiceFile) -> tuple[str, ...]:
    """Every reason why Sage would not take this invoice now, its number apart."""
    standing = Standing(session, known)
    reasons = list(standing.vendor(invoice.vendor))
    held = _commitments(session, known, (line.commitment for line in invoice.distributions if line.commitment))
    for name in dict.fromkeys(line.commitment for line in invoice.distributions if line.commitment):
        reasons += _commitment(name, held.get(name), "invoice")
    for at, line in enumerate(invoice.distributions, 1):
        where = f"Line {at}: "
        if line.commitment in held:
            reasons += _billed(where, line, held[line.commitment])
        if line.job:
            reasons += standing.job(line.job, "invoice")
            reasons += standing.place(where, line.job, (line.extra, line.cost_code, line.category))
    return tuple(dict.fromkeys(reasons))


def _commitments(session: Session, known: Capabilities, names: Iterable[str]) -> dict[str, SageCommitment]:
    """The commitments of these IDs that Sage has; raises BadSageData for one that cannot be read."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    read = read_commitments(session, known, map(bare, ([name] for name in wanted)), commitment_ids(session, known))
    for problem in read.problems.values():
        raise problem
    return {name: read.found[bare([name])] for name in wanted if bare([name]) in read.found}


def _commitment(name: str, held: SageCommitment | None, noun: str) -> Iterator[str]:
    if held is None:
        yield f"Sage has no commitment {name}. Send the commitment first, or ask accounting."
    elif held.closed:
        yield f"Commitment {name} is closed in Sage. Open it there, or leave the {noun} out of Sage."


def _change_line(standing: Standing, name: str, held: SageCommitment, line: ChangeLine) -> Iterator[str]:
    where = f"Line {line.number}: "
    item = _item(held, line.number)
    if line.new:
        if item is not None:
            yield f"{where}commitment {name} has a line {line.number} in Sage already. Give the new one another number."
        job, place = line.job, (line.extra, line.cost_code, line.category)
    elif item is None:
        yield f"{where}commitment {name} has no line {line.number} in Sage. Choose another, or add it as a new one."
        return
    else:
        if line.quantity and line.unit_cost is not None and fourths(line.unit_cost) != item.unit_cost:
            yield (
                f"{where}the unit cost in Sage is {quantity_of(item.unit_cost)}, not {quantity_of(line.unit_cost)}; a "
                "change order cannot change it. Correct the line."
            )
        job, place = item.job, (item.extra, item.cost_code, item.category)
    yield from standing.job(job, "change order")
    yield from standing.place(where, job, place)


def _billed(where: str, line: Distribution, held: SageCommitment) -> Iterator[str]:
    item = _item(held, line.commitment_line or 0)
    if item is None:
        number = line.commitment_line or "(blank)"
        yield f"{where}commitment {line.commitment} has no line {number} in Sage. Choose another line."
        return
    wanted = (line.job, line.extra, line.cost_code, line.category)
    there = (item.job, item.extra, item.cost_code, item.category)
    if wanted != there:
        yield (
            f"{where}line {item.number} of commitment {line.commitment} is on {_place(there)} in Sage, not on "
            f"{_place(wanted)}. Correct the line."
        )


def _item(held: SageCommitment, number: int) -> SageItem | None:
    return next((item for item in held.items if item.number == number), None)


def _place(parts: Iterable[str]) -> str:
    return " ".join(filter(None, parts)) or "nothing"
