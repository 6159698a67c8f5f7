"""Tips hold what people wrote, letter by letter."""

from __future__ import annotations

import html


def tip(text: str) -> str:
    """Words for a tip: Qt takes those that look like markup for rich text, and would load what they name."""
    if "<" not in text:
        return text
    lines = html.escape(text).replace("\n", "<br>")
    return f"<qt>{lines}</qt>"
