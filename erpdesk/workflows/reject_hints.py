"""Which field Sage means when it rejects an item: its sentence in, the field and the line out; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from erpdesk.workflows.ports import LineSnapshot

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Hint:
    """The field that a reason means: its key on the form, what people call it, its line (0 = the header, or not said).

    ``field`` is '' for what is not on the form but set up in Sage; ``words`` then says what, and ``elsewhere`` where.
    """

    field: str
    words: str
    line: int = 0
    of_line: bool = False
    elsewhere: str = ""

    @property
    def fixable(self) -> bool:
        return bool(self.field)

    @property
    def place(self) -> str:
        """The field in words: ``Line 2, cost code``."""
        if not self.of_line:
            return self.words
        where = f"Line {self.line}" if self.line else "A line of the schedule of values"
        return f"{where}, {self.words.lower()}"


@dataclass(frozen=True)
class _Row:
    """One reason: the pattern, the field of the form, its words; ``of_line`` for a field of a line.

    ``elsewhere`` is where it is put right when the form has no such field.
    """

    pattern: re.Pattern[str]
    field: str
    words: str
    of_line: bool = False
    elsewhere: str = ""


def _row(pattern: str, field: str, words: str, *, of_line: bool = False, elsewhere: str = "") -> _Row:
    return _Row(re.compile(pattern, re.IGNORECASE), field, words, of_line, elsewhere)


_JOB = "The job belongs to the project; it is opened or set up in Sage under Job Cost > Setup > Jobs."
_LAYOUT = "The order of fields of the import file is set under Menu > Sage > Import layouts."

ROWS: tuple[_Row, ...] = (
    # More special ones first: a sentence about a cost code names its job as well.
    _row(r"\bunits times unit cost\b|× .* is .*, but the amount is", "amount", "Amount", of_line=True),
    _row(r"\bunit cost .* cannot be changed by a change order", "quantity", "Quantity", of_line=True),
    _row(r"\bthe unit cost\b|\bunit cost is missing", "unit_cost", "Unit cost", of_line=True),
    _row(r"\bthe unit description\b", "unit", "Unit", of_line=True),
    _row(r"\bhas a unit but no quantity|\bthe units\b", "quantity", "Quantity", of_line=True),
    _row(r"\bcategory \S* ?(?:of|does not exist|is closed)|\bthe category\b", "category", "Category", of_line=True),
    _row(
        r"\bcost code \S+ (?:does not exist|is a group|of .* is closed)|\bthe cost code\b",
        "cost_code",
        "Cost code",
        of_line=True,
    ),
    _row(
        r"^Line \d+: job \S+ has no .* in Sage|^Line \d+: .* is (?:a group cost code|closed) in Sage",
        "cost_code",
        "Cost code",
        of_line=True,
    ),
    _row(
        r"\bextra \S+ (?:does not exist|of job)|\bdoes not use extras|\bhas no extra\b|\bthe extra\b",
        "extra",
        "Extra",
        of_line=True,
    ),
    _row(r"\bthe tax\b|\btax group\b", "amount", "Amount", of_line=True),
    _row(r"\bthe amount\b", "amount", "Amount", of_line=True),
    _row(
        r"\bcommitment id\b.*\b(?:characters wide|capital letters)|\bcommitment \S+ already exists"
        r"|\bhas a commitment \S+|\bid \S+ was taken\b|\bcommitment id is missing",
        "number",
        "Number, which is proposed as the Sage commitment ID",
    ),
    _row(r"\bvendor \S+ (?:does not exist|is inactive)|\bthe vendor\b|\bhas no vendor\b", "vendor", "Vendor"),
    _row(r"\bthe retainage percent\b", "retainage", "Retainage"),
    _row(r"\bthe date\b", "date", "Date"),
    _row(r"\bthe description\b", "title", "Title, or the description of a line"),
    _row(r"\bjob \S+ (?:does not exist|is closed)|\bhas no job\b|\bthe job is missing", "", "Job", elsewhere=_JOB),
    _row(r"\bid mask\b|\bmust be in capital letters", "number", "Number, which is proposed as the Sage commitment ID"),
    _row(r"\bfield \d+ and later\b|\brecord letters\b|\bthe record has \d+", "", "Order of fields", elsewhere=_LAYOUT),
)
"""Each reason that Sage is known to give, and erpdesk's own when a fresh look at Sage speaks against an item."""

_LINE = re.compile(r"\b(?:Line|item) (\d+)\b", re.IGNORECASE)
_OWN_LINE = re.compile(r"^Line (\d+):")
_NAMED = {
    "cost_code": re.compile(r"\bcost code (\S+)", re.IGNORECASE),
    "category": re.compile(r"\bcategory (\S+)", re.IGNORECASE),
    "extra": re.compile(r"\bextra (\S+)", re.IGNORECASE),
}
_WORTH = re.compile(r"come to (-?[\d,]+\.\d\d)")
_COST = re.compile(r"the unit cost (-?\d+(?:\.\d+)?)", re.IGNORECASE)
_FIRST = re.compile(r"^(?:Sage rejected it:|Sage stopped the import:)\s*", re.IGNORECASE)


def hint_of(reason: str, lines: Sequence[LineSnapshot] = ()) -> Hint | None:
    """The field that a reason means, with its line among ``lines`` where the sentence tells; None when it is unknown.

    Of several sentences the first that is understood counts.
    """
    for sentence in _sentences(reason):
        row = next((each for each in ROWS if each.pattern.search(sentence)), None)
        if row is not None:
            line = _line_of(sentence, row.field, lines) if row.of_line else 0
            return Hint(row.field, row.words, line, row.of_line, row.elsewhere)
    return None


def _sentences(reason: str) -> Iterator[str]:
    told = _FIRST.sub("", reason.strip())
    for each in re.split(r"(?<=[.!?])\s+(?=[A-Z])", told):
        if each.strip():
            yield each.strip()


def _line_of(sentence: str, field: str, lines: Sequence[LineSnapshot]) -> int:
    """The number of the line that a sentence means; 0 when it names none, or more than one could be meant."""
    if own := _OWN_LINE.match(sentence):
        return int(own[1])
    fits = list(_tests(sentence, field))
    found = [line.number for line in lines if all(fit(line) for fit in fits)] if fits else []
    if len(found) == 1:
        return found[0]
    said = _LINE.search(sentence)
    if said and not found and sentence[said.start() : said.start() + 4].lower() == "item":
        return int(said[1])
    return lines[0].number if len(lines) == 1 else 0


Test = Callable[[LineSnapshot], bool]


def _tests(sentence: str, field: str) -> Iterator[Test]:
    """What the line has to be, by what the sentence names of it."""
    for name, pattern in _NAMED.items():
        if named := pattern.search(sentence):
            yield _has(name, named[1].rstrip(".,;"))
    if field == "amount" and (worth := _WORTH.search(sentence)):
        yield _comes_to(Decimal(worth[1].replace(",", "")))
    if field == "unit_cost" and (cost := _COST.search(sentence)):
        yield _costs(Decimal(cost[1]))


def _has(name: str, value: str) -> Test:
    return lambda line: getattr(line, name) == value


def _costs(cost: Decimal) -> Test:
    return lambda line: line.unit_cost is not None and line.unit_cost == cost


def _comes_to(worth: Decimal) -> Test:
    def fits(line: LineSnapshot) -> bool:
        if line.quantity is None or line.unit_cost is None:
            return False
        return (line.quantity * line.unit_cost).quantize(CENT, ROUND_HALF_UP) == worth

    return fits
