"""Whether a text says anything to a person who reads it."""

from __future__ import annotations

FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their class that nobody sees."""


def says_something(text: str) -> bool:
    """Whether there is a letter or digit to read: blanks, signs and invisible characters alone are no reason."""
    return any(each.isalnum() and each not in FILLERS for each in text)
