"""What the first-run page says, and what it finds wrong before it asks."""

from __future__ import annotations

from collections.abc import Mapping

from erpdesk.workflows import passwords

TITLE = "Who works with erpdesk here?"
EXPLAIN = (
    "Two people always decide: nobody accepts what they sent themselves, and nobody gives the privilege "
    "“Can push to accounting” alone. Name yourself as the first administrator and two approvers of accounting; "
    "everybody else is added later under People and rights."
)
SIGN_IN_HINT = "As Windows knows it, such as COMPANY\\name; signs in by itself"
PASSWORD_HINT = "At least {least} characters; needed only without a Windows account"
PARTS = (
    ("administrator", "You, the first administrator", "Adds people and gives rights. Does not accept exports."),
    ("first", "First approver", "Accepts or rejects what is sent to Sage."),
    ("second", "Second approver", "Stands in for the first, and confirms new approvers."),
)
NO_NAME = "Enter a name."
SAME_NAME = "This name is used twice. Name three different people."
SAME_ACCOUNT = "This Windows account is used twice. Each person needs their own."
NO_WAY_IN = "Enter a Windows account or a password: one of them is needed to sign in."
NOT_AGAIN = "The two passwords differ. Type both anew."
NO_MAIL = "This is not an e-mail address."
BEGIN = "&Begin"
BUSY = ("The people are being entered.",)


def problems(parts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What is wrong with the three people as typed, by part and field; empty when nothing is."""
    found: dict[str, dict[str, str]] = {key: _of_one(values) for key, values in parts.items()}
    for field, words in (("name", SAME_NAME), ("windows_account", SAME_ACCOUNT)):
        seen: set[str] = set()
        for key, values in parts.items():
            given = values[field].casefold()
            if given and given in seen:
                found[key].setdefault(field, words)
            seen.add(given)
    return {key: wrong for key, wrong in found.items() if wrong}


def _of_one(values: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not values["name"]:
        wrong["name"] = NO_NAME
    if not values["windows_account"] and not values["password"]:
        wrong["windows_account"] = NO_WAY_IN
    known = (values["name"], values["windows_account"], values["email"])
    if values["password"] and (weak := passwords.problems(values["password"], *known)):
        wrong["password"] = " ".join(weak)
    elif values["password"] != values["again"]:
        wrong["again"] = NOT_AGAIN
    if values["email"] and not _looks_like_mail(values["email"]):
        wrong["email"] = NO_MAIL
    return wrong


def _looks_like_mail(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and host) and "@" not in host and not any(each.isspace() for each in text)
