"""Whether two texts look alike to a person, however a keyboard or a paste composed them."""

from __future__ import annotations

import unicodedata

from erpdesk.core.said import FILLERS


def folded(text: str) -> str:
    """The text as a person reads it: one form for each sign, nothing invisible, single blanks, no capitals."""
    seen = (each for each in unicodedata.normalize("NFKC", text) if _visible(each))
    return unicodedata.normalize("NFKC", " ".join("".join(seen).split()).casefold())


def _visible(sign: str) -> bool:
    return sign not in FILLERS and unicodedata.category(sign) != "Cf"
