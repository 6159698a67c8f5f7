"""The Sage password comes from the vault alone and never lies in a settings file."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoVault

from erpdesk import vault
from erpdesk.core.connection_text import SECRETS, pairs, secrets
from erpdesk.core.errors import ForPeople


class Memory(KeyringBackend):
    """A vault that forgets at the end of a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types here
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    before, used = keyring.get_keyring(), Memory()
    keyring.set_keyring(used)
    yield used
    keyring.set_keyring(before)


def test_the_password_is_put_in_at_the_last_moment() -> None:
    keyring.set_password(vault.SERVICE, "Company/reader", "se}cret;")
    assert vault.with_password("DRIVER={X};UID=reader", "Company") == "DRIVER={X};UID=reader;PWD={se}}cret;}"


def test_without_a_login_nothing_is_asked() -> None:
    assert vault.with_password("DRIVER={SQLite3};Database=x", "Company") == "DRIVER={SQLite3};Database=x"


def test_a_missing_password_is_explained() -> None:
    with pytest.raises(ForPeople, match="No password is kept for Sage login reader"):
        vault.with_password("UID=reader", "Company")


def test_a_password_in_the_settings_is_refused() -> None:
    with pytest.raises(ForPeople, match="holds a password") as refusal:
        vault.with_password("UID=reader;pwd=hunter2", "Company")
    assert "hunter2" not in str(refusal.value)


def test_a_blank_hides_neither_password_nor_login() -> None:
    with pytest.raises(ForPeople, match="holds a password"):
        vault.with_password("Driver={Timberline Data}; DBQ=/sage; UID=op; PWD=letmein", "Company")
    keyring.set_password(vault.SERVICE, "Company/op", "secret")
    for text in ("DBQ=/sage; UID=op", "DBQ=/sage; uid = {op} ; ", "\tUID='op'"):
        assert vault.with_password(text, "Company").endswith(";PWD={secret}")


def test_a_value_that_is_left_open_does_not_swallow_the_password() -> None:
    keyring.set_password(vault.SERVICE, "Company/op", "secret")
    for text in ("UID=op;DBQ={/sage", 'UID=op;DBQ="/sage', "UID=op;x='"):
        with pytest.raises(ForPeople, match="is not closed") as refusal:
            vault.with_password(text, "Company")
        assert "secret" not in str(refusal.value)


@given(
    st.lists(
        st.builds(
            "{}{}={}{}".format,
            st.sampled_from(["", " ", "; ", "\t"]),
            st.sampled_from(["UID", "uid ", "PWD", "pwd", "Password", "DBQ", "Driver", "x"]),
            st.sampled_from(["", " ", "{", '"', "'"]),
            st.text("ab;=}{\"' ", max_size=6),
        ),
        max_size=5,
    ).map(";".join),
    st.text("ab;=}{\"' ", max_size=6),
)
def test_the_vault_and_the_driver_read_a_connection_alike(text: str, secret: str) -> None:
    """Whatever is written: a password in it is refused, and the one that is put in is read as exactly that."""
    before, held = keyring.get_keyring(), pairs(text)
    login = next((value for key, value in held if key.upper() == "UID" and value), "")
    used = Memory()
    used.kept[vault.SERVICE, f"Company/{login}"] = secret
    keyring.set_keyring(used)
    try:
        whole = vault.with_password(text, "Company")
    except ForPeople as refusal:
        holds = any(key.upper() in SECRETS for key, _ in held)
        assert ("holds a password" if holds else "is not closed") in refusal.what
    else:
        assert pairs(whole) == ([*held, ("PWD", secret)] if login else held)
        assert secrets(whole) == ([secret] if login and secret else [])
    finally:
        keyring.set_keyring(before)


def test_a_computer_without_a_vault_says_so_plainly() -> None:
    keyring.set_keyring(NoVault())  # type: ignore[no-untyped-call]  # keyring has no types here
    for act in (lambda: vault.password("Company", "reader"), lambda: vault.keep("Company", "reader", "secret")):
        with pytest.raises(ForPeople) as said:
            act()
        words = str(said.value)
        assert "no password vault that erpdesk can use" in words and "Secret Service" in words
        assert "Credential Manager" in words and "backend" not in words
    assert not vault.holds("Company", "reader")


def test_what_the_vault_holds_is_known() -> None:
    assert not vault.holds("Company", "reader")
    vault.keep("Company", "reader", "secret")
    assert vault.holds("Company", "reader")


def test_the_back_end_has_a_name() -> None:
    assert vault.back_end().endswith("Memory")
