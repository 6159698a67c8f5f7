"""The Sage password comes from the vault alone and never lies in a settings file."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend

from erpdesk import vault
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


def test_the_back_end_has_a_name() -> None:
    assert vault.back_end().endswith("Memory")
