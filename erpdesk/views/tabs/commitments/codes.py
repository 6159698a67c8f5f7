"""The extras, cost codes and categories of a job as a book to look up and to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from erpdesk.core.money import show_amount
from erpdesk.workflows.rows import CodeRow


@dataclass(frozen=True)
class CodeChoice:
    """One entry of a type-ahead list: what is stored, the words shown, and a remark beside them."""

    extra: str
    value: str
    label: str
    hint: str = ""


class CodeBook:
    """Finds codes by number or by words of their description, as a person types them."""

    def __init__(self, rows: Sequence[CodeRow] = ()) -> None:
        self._rows = tuple(rows)
        self._by_key = {row.key: row for row in self._rows}
        self._codes: dict[tuple[str, str], str] = {}
        for row in self._rows:
            self._codes.setdefault((row.extra, row.cost_code), row.description)
        self.has_extras = any(row.extra for row in self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, extra: str, cost_code: str, category: str) -> CodeRow | None:
        """The code and category, or None when the job does not have it."""
        return self._by_key.get((extra, cost_code, category))

    def knows(self, extra: str, cost_code: str) -> bool:
        """Whether the job has this cost code under this extra."""
        return (extra, cost_code) in self._codes

    def describe(self, extra: str, cost_code: str) -> str:
        """The description of a cost code; '' when it is unknown."""
        return self._codes.get((extra, cost_code), "")

    def extras(self) -> tuple[str, ...]:
        """The extras of the job that have codes; '' is the base job."""
        return tuple(sorted({extra for extra, _ in self._codes}))

    def code_choices(self) -> tuple[CodeChoice, ...]:
        """Every cost code, once for each extra that has it."""
        made = []
        for (extra, code), description in self._codes.items():
            where = f"{extra} · " if extra else ""
            made.append(CodeChoice(extra, code, f"{where}{code}  {description}"))
        return tuple(made)

    def category_choices(self, extra: str, cost_code: str) -> tuple[CodeChoice, ...]:
        """The categories of one cost code, each with what its budget has left before this commitment."""
        return tuple(
            CodeChoice(
                row.extra,
                row.category,
                f"{row.category}  {row.category_description}",
                f"budget left {show_amount(row.budget - row.committed)}",
            )
            for row in self._rows
            if row.extra == extra and row.cost_code == cost_code
        )

    def find_code(self, typed: str) -> CodeChoice | None:
        """The one cost code meant by what was typed or pasted; None when none or several are meant."""
        wanted = " ".join(typed.split()).lower()
        if not wanted:
            return None
        choices = self.code_choices()
        tests: tuple[Callable[[CodeChoice], bool], ...] = (
            lambda choice: choice.value.lower() == wanted and not choice.extra,
            lambda choice: choice.value.lower() == wanted,
            lambda choice: " ".join(choice.label.split()).lower() == wanted,
            lambda choice: f"{choice.value} {self.describe(choice.extra, choice.value)}".lower() == wanted,
            lambda choice: all(word in choice.label.lower() for word in wanted.split()),
        )
        for test in tests:
            found = [choice for choice in choices if test(choice)]
            if len(found) == 1:
                return found[0]
        return None

    def find_category(self, extra: str, cost_code: str, typed: str) -> str | None:
        """The one category of a cost code meant by what was typed; None when none or several are meant."""
        wanted = " ".join(typed.split()).lower()
        if not wanted:
            return None
        choices = self.category_choices(extra, cost_code)
        for choice in choices:
            if choice.value.lower() == wanted or " ".join(choice.label.split()).lower() == wanted:
                return choice.value
        found = [choice.value for choice in choices if wanted in choice.label.lower()]
        return found[0] if len(found) == 1 else None

    def only_category(self, extra: str, cost_code: str) -> str:
        """The category of a cost code that has just one; '' otherwise."""
        choices = self.category_choices(extra, cost_code)
        return choices[0].value if len(choices) == 1 else ""
