"""How a setting is declared: its title, its help, what its value must fulfil, who changes it, and when that counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """The groups of the settings window, in its order; each is named as on screen."""

    APPROVAL = "Approval"
    ITEMS = "Items and IDs"
    PROJECTS = "Projects and budgets"
    VENDORS = "Vendors and invoices"
    READING = "Reading Sage"
    IMPORT = "Import into Sage"
    MAIL = "Mail"
    CONNECTION = "Connection"


class Who(StrEnum):
    """Who changes a setting: an Admin of ERP Integrations here, the set-up of the connection, Sage itself, the file."""

    ADMIN = "Admin in ERP Integrations"
    SET_UP = "The set-up of the connection"
    SAGE = "Sage"
    FILE = "Whoever looks after this computer"


@dataclass(frozen=True)
class Rule:
    """What a value must fulfil, as a test and in words that follow “has to be”."""

    holds: Callable[[Any], bool]
    words: str = ""

    def __call__(self, value: Any) -> bool:
        return self.holds(value)


@dataclass(frozen=True)
class About:
    """What is known of a setting: its title and help on screen, its group, who changes it, and when that counts.

    ``choices`` are the words of a setting that is one of a few, ``needs`` the kind of item without whose workflow the
    setting would do nothing: it is not shown before. ``next_start`` says that a change counts from the next start on.
    """

    title: str
    help: str
    rule: Rule
    group: Group | None
    who: Who
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    next_start: bool = False


ANY = Rule(lambda value: True)


def setting(
    default: Any,
    title: str,
    text: str,
    rule: Rule = ANY,
    *,
    group: Group | None,
    who: Who = Who.ADMIN,
    unit: str = "",
    choices: tuple[tuple[str, str], ...] = (),
    needs: str = "",
    next_start: bool = False,
) -> Any:
    """Declares a setting with its default and everything that is known of it (see ``About``)."""
    if choices:
        words = tuple(word for word, _ in choices)
        rule = Rule(lambda value: value in words, "one of " + ", ".join(label for _, label in choices))
    about = About(title, text, rule, group, who, unit, choices, needs, next_start)
    return field(default=default, metadata={"about": about})


def within(least: int, most: int) -> Rule:
    """A whole number between two bounds."""
    return Rule(lambda value: least <= value <= most, f"a whole number from {least:,} to {most:,}")


def _amount(value: str) -> bool:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount > 0


ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""An e-mail address as every mail server takes it: no blanks, no line breaks, no letters beyond ASCII."""


def is_address(text: str) -> bool:
    """Whether a text can be used as an e-mail address."""
    return len(text) <= 200 and ADDRESS.fullmatch(text) is not None


AMOUNT = Rule(_amount, "an amount above zero without thousands separators, such as 999999.99")
NAME = Rule(lambda name: bool(name.strip()), "a name")
TIME = Rule(
    lambda text: re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is not None, "a time of day from 00:00 to 23:59"
)
SENDER = Rule(lambda text: not text or is_address(text), "an e-mail address such as accounting@example.com, or empty")
HOST = Rule(lambda text: re.fullmatch(r"[A-Za-z0-9._:-]{0,253}", text) is not None, "the name of a computer, or empty")
LINE = Rule(lambda text: text.isprintable(), "one line of text")
COST_TYPE = Rule(
    lambda text: re.fullmatch(r"[A-Z0-9]{0,3}", text) is not None, "a category of at most 3 characters, or empty"
)
JOB_FORMAT = Rule(
    lambda text: re.fullmatch(r"[A-Za-z0-9.\-]*", text) is not None, "letters, digits, dashes and periods, or empty"
)
