"""A person's own password: kept only as a salted scrypt text that says how it was made, and never shown or logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import secrets
import unicodedata
from dataclasses import dataclass

LEAST = 12
MOST = 200
SALT_BYTES = 16
KEY_BYTES = 32
MOST_MEMORY = 256 * 1024 * 1024
"""A kept text that asks for more was not made here: it is not followed."""


@dataclass(frozen=True)
class Cost:
    """How much work one look at a password is: memory is 128 · n · r bytes, time grows with p."""

    n: int = 2**15
    r: int = 8
    p: int = 3

    @property
    def memory(self) -> int:
        return 128 * self.r * (self.n + self.p + 2)

    def weaker_than(self, other: Cost) -> bool:
        """Whether a text made at this cost should be made anew."""
        return self.n * self.r * self.p < other.n * other.r * other.p or self.n * self.r < other.n * other.r


COST = Cost()
"""What a password costs that is set now; a text made more cheaply is made anew when its person signs in."""

COMMON = ("password", "passwort", "welcome", "letmein", "qwerty", "asdf", "iloveyou", "admin", "sunshine", "changeme")


def kept(password: str, cost: Cost | None = None) -> str:
    """The text to keep for a password: ``scrypt$n$r$p$salt$key``, salt and key in base 64."""
    cost = cost or COST
    salt = secrets.token_bytes(SALT_BYTES)
    key = _key(password, salt, cost)
    return f"scrypt${cost.n}${cost.r}${cost.p}${_text(salt)}${_text(key)}"


def fits(password: str, text: str) -> bool:
    """Whether a password is the one that ``text`` was made of; False for '' and for a text that makes no sense.

    Takes as long for a person without a password as for one with a wrong one.
    """
    parts = _parts(text)
    cost, salt, key = parts or (COST, bytes(SALT_BYTES), bytes(KEY_BYTES))
    try:
        made = _key(password, salt, cost)
    except UnicodeEncodeError:
        return False
    return hmac.compare_digest(made, key) and parts is not None


def outdated(text: str) -> bool:
    """Whether a kept text was made at a lower cost than is usual now."""
    parts = _parts(text)
    return parts is not None and parts[0].weaker_than(COST)


def problems(password: str, *known: str) -> tuple[str, ...]:
    """Why a password is too weak, as sentences; ``known`` are words of the person that it must not be made of."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return ("The password holds a character that can not be kept. Type it anew instead of pasting it.",)
    found: list[str] = []
    plain = _plain(password)
    if len(plain) < LEAST:
        found.append(f"The password needs at least {LEAST} characters. Three or four words in a row are easy to keep.")
    if len(plain) > MOST:
        found.append(f"The password may have at most {MOST} characters.")
    if plain and len(set(plain)) < 5:
        found.append("The password repeats too few different characters.")
    small = plain.casefold()
    bare = "".join(each for each in small if each.isalpha())
    words = {part for text in known for part in text.casefold().replace("\\", " ").replace("@", " ").split()}
    left = bare
    for word in sorted(("".join(filter(str.isalpha, each)) for each in (*words, *COMMON)), key=len, reverse=True):
        left = left.replace(word, "") if len(word) > 2 else left
    if bare and len(left) < 4 and left != bare:
        found.append("The password is made of a name or of a word that everybody tries first.")
    if _in_a_row(small):
        found.append("The password is a row of neighbouring characters.")
    return tuple(found)


def _in_a_row(text: str) -> bool:
    """Whether most characters follow the one before them, as in “123456789012”."""
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(text)]
    return len(steps) > 3 and max(steps.count(1), steps.count(-1), steps.count(0)) > 0.7 * len(steps)


def _plain(password: str) -> str:
    """The same password however a keyboard composed its characters."""
    return unicodedata.normalize("NFKC", password)


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    secret = _plain(password).encode()
    memory = cost.memory + 1024 * 1024
    return hashlib.scrypt(secret, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=KEY_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _parts(text: str) -> tuple[Cost, bytes, bytes] | None:
    """Cost, salt and key of a kept text; None when it is none, or asks for more than this computer should give."""
    try:
        name, n, r, p, salt, key = text.split("$")
        cost = Cost(int(n), int(r), int(p))
        parts = (cost, base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True))
    except ValueError:
        return None
    sound = cost.n > 1 and cost.n & (cost.n - 1) == 0 and 0 < cost.r <= 64 and 0 < cost.p <= 64
    if name != "scrypt" or not sound or cost.memory > MOST_MEMORY or len(parts[2]) != KEY_BYTES:
        return None
    return parts
