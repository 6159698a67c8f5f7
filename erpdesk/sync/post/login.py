"""The password of the login at the mail server: in the operating system's vault and nowhere else."""

from __future__ import annotations

from erpdesk.core.errors import ForPeople
from erpdesk.vault import NO_VAULT_NEXT

SERVICE = "erpdesk mail login"


def password(company: str, user: str) -> str:
    """The password kept for a login at the mail server; raises ForPeople when the vault holds none or is closed."""
    import keyring
    import keyring.errors

    try:
        kept = keyring.get_password(SERVICE, f"{company}/{user}")
    except keyring.errors.KeyringError as problem:
        raise _closed("Nothing was sent.") from problem
    if kept is None:
        raise ForPeople(
            f"No password is kept for the mail login {user}.",
            kept="The mail is kept.",
            next_step="Enter it under Settings > Mail.",
        )
    return kept


def holds(company: str, user: str) -> bool:
    """Whether a password is kept for a login; False too when the vault can not be asked."""
    try:
        return bool(password(company, user))
    except ForPeople:
        return False


def keep(company: str, user: str, secret: str) -> None:
    """Keeps the password of a login; raises ForPeople when the vault refuses, and then it is kept nowhere."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, f"{company}/{user}", secret)
        held = keyring.get_password(SERVICE, f"{company}/{user}")
    except keyring.errors.KeyringError as problem:
        raise _closed("The password was written down nowhere.") from problem
    if held != secret:
        raise ForPeople(
            f"This computer's password vault did not keep the password of {user} as it was given.",
            kept="The password was written down nowhere else.",
            next_step="Try a shorter password.",
        )


def _closed(kept: str) -> ForPeople:
    return ForPeople(
        "This computer's password vault can not be used.",
        kept=kept,
        next_step=NO_VAULT_NEXT,
    )
