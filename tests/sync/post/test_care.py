"""The password of the mail login lies in the vault alone, and who kept it is known."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoVault
from sqlalchemy import select

from erpdesk.core.errors import ForPeople, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person
from erpdesk.sync.post import login
from erpdesk.sync.post.care import MailCare
from tests.sync.post.mail_house import SECRET, SENDER, USER, House, authority, mail_server
from tests.town import Town


class Memory(KeyringBackend):
    """A vault that forgets at the end of a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types here
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password[:40]

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    before, used = keyring.get_keyring(), Memory()
    keyring.set_keyring(used)
    yield used
    keyring.set_keyring(before)


def test_the_password_lies_in_the_vault_and_in_no_file(town: Town, memory: Memory) -> None:
    town.change_settings(mail_user=USER)
    care = MailCare(town.desk.office)
    assert not care.holds_password()
    care.keep_password(town.approver, SECRET)
    assert care.holds_password()
    assert memory.kept == {(login.SERVICE, f"{town.settings.company}/{USER}"): SECRET}
    assert login.password(town.settings.company, USER) == SECRET
    with town.store.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.ref == "mail_password"))
        assert (entry.act, entry.who) == ("password", town.approver)
    assert not [each for each in town.folder.rglob("*") if each.is_file() and SECRET.encode() in each.read_bytes()]


def test_only_an_admin_keeps_a_password_and_only_a_whole_one(town: Town, memory: Memory) -> None:
    care = MailCare(town.desk.office)
    with pytest.raises(Refused, match="Enter and save the user first"):
        care.keep_password(town.approver, SECRET)
    town.change_settings(mail_user=USER)
    with pytest.raises(NotAllowed):
        care.keep_password(town.viewer, SECRET)
    with pytest.raises(Refused, match="Enter the password"):
        care.keep_password(town.approver, "")
    assert memory.kept == {}
    with pytest.raises(ForPeople, match="did not keep the password") as cut:
        care.keep_password(town.approver, "x" * 50)
    assert "xxx" not in str(cut.value)
    with town.store.reading() as session:
        assert not session.scalars(select(AuditEntry).where(AuditEntry.ref == "mail_password")).all()


def test_a_computer_without_a_vault_says_so(town: Town) -> None:
    keyring.set_keyring(NoVault())  # type: ignore[no-untyped-call]  # keyring has no types here
    town.change_settings(mail_user=USER)
    with pytest.raises(ForPeople, match="vault can not be used"):
        MailCare(town.desk.office).keep_password(town.approver, SECRET)
    with pytest.raises(ForPeople, match="vault can not be used"):
        login.password("Cascade", USER)
    assert not login.holds("Cascade", USER)


def test_a_test_mail_signs_in_with_what_the_vault_holds(town: Town) -> None:
    house, trust = House(), authority(town.folder)
    with mail_server(house, trust.context(), trust.file, login=True) as server:
        town.change_settings(
            mail_host=server.host, mail_port=server.port, mail_from=SENDER, mail_ca_file=server.ca_file, stand_in=False
        )
        town.change_settings(mail_user=USER)
        with town.store.writing() as session:
            session.get_one(Person, town.approver).email = "morgan@cascade.example"
        care = MailCare(town.desk.office)
        assert care.why_no_test(town.approver) == ()
        with pytest.raises(ForPeople, match="No password is kept for the mail login"):
            care.send_test(town.approver)
        care.keep_password(town.approver, SECRET)
        assert care.send_test(town.approver) == "morgan@cascade.example"
    assert len(house.letters) == 1
