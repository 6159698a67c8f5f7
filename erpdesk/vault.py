"""The Sage operator's password: in the operating system's vault and nowhere else."""

from __future__ import annotations

from erpdesk.core.connection_text import SECRETS, pairs
from erpdesk.core.errors import ForPeople

SERVICE = "erpdesk Sage login"
NO_VAULT_NEXT = (
    "On Windows, sign in with your own account and let erpdesk use Credential Manager. On Linux, install a Secret "
    "Service, such as GNOME Keyring or KWallet, and unlock it. Then start erpdesk again."
)


def password(company: str, login: str) -> str:
    """The password kept for a Sage login; raises ForPeople when the vault can not be opened or holds none."""
    import keyring
    import keyring.errors

    try:
        kept = keyring.get_password(SERVICE, f"{company}/{login}")
    except keyring.errors.NoKeyringError as problem:
        raise _no_vault("Nothing was changed.") from problem
    except keyring.errors.KeyringError as problem:
        raise ForPeople(
            f"The password of Sage login {login} can not be read: this machine's password vault answers “{problem}”.",
            kept="Nothing was changed.",
            next_step="Unlock the vault (on Windows: Credential Manager) and start again.",
        ) from problem
    if kept is None:
        raise ForPeople(
            f"No password is kept for Sage login {login}.",
            kept="Nothing was changed.",
            next_step=f"Keep it in this machine's password vault under “{SERVICE}”, user “{company}/{login}”.",
        )
    return kept


def holds(company: str, login: str) -> bool:
    """Whether a password is kept for a Sage login; False too when the vault cannot be asked."""
    try:
        return bool(password(company, login))
    except ForPeople:
        return False


def keep(company: str, login: str, password: str) -> None:
    """Keeps the password of a Sage login; raises ForPeople when the vault refuses, and then it is kept nowhere."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, f"{company}/{login}", password)
        held = keyring.get_password(SERVICE, f"{company}/{login}")
    except keyring.errors.NoKeyringError as problem:
        raise _no_vault("The password was written down nowhere.") from problem
    except keyring.errors.KeyringError as problem:
        raise ForPeople(
            f"The password of Sage login {login} cannot be kept: this machine's password vault answers “{problem}”.",
            kept="The password was written down nowhere.",
            next_step="Unlock the vault (on Windows: Credential Manager) and try again.",
        ) from problem
    if held != password:
        raise ForPeople(
            f"This machine's password vault did not keep the password of Sage login {login} as it was given.",
            kept="The password was written down nowhere else.",
            next_step="Try a shorter password of letters and digits, which Sage's own service login needs as well.",
        )


def _no_vault(kept: str) -> ForPeople:
    return ForPeople(
        "This computer has no password vault that erpdesk can use.",
        kept=kept,
        next_step=NO_VAULT_NEXT,
    )


def back_end() -> str:
    """The name of the vault that would be used; tells a build whether one is inside."""
    import keyring

    used = type(keyring.get_keyring())
    return f"{used.__module__}.{used.__name__}"


def with_password(connection: str, company: str) -> str:
    """The connection string completed with the password of its UID; unchanged when it names no UID.

    Raises ForPeople when it holds a password itself, or leaves a brace or a quotation mark open.
    """
    held = pairs(connection)
    if any(key.upper() in SECRETS for key, _ in held):
        raise ForPeople(
            "The ODBC connection setting holds a password.",
            kept="Nothing was changed.",
            next_step=f"Take the password out of it and keep the password in the vault under “{SERVICE}”.",
        )
    login = next((value for key, value in held if key.upper() == "UID" and value), "")
    if not login:
        return connection
    secret = password(company, login)
    whole = f"{connection.rstrip('; ')};PWD={{{secret.replace('}', '}}')}}}"
    if pairs(whole) != [*held, ("PWD", secret)]:
        # The password would become a part of the value that is left open, and be shown wherever that is shown.
        raise ForPeople(
            "A brace or a quotation mark in the ODBC connection setting is not closed.",
            kept="The password was put nowhere.",
            next_step="Close it in settings.toml, or enter the connection anew under Sage > Connection.",
        )
    return whole
