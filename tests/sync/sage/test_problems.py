"""What a driver says is shown without names and passwords, however they are written."""

from __future__ import annotations

import sqlite3

import pytest

from erpdesk.sync.sage.problems import sentence


@pytest.mark.parametrize(
    "secret", ["canary", "{canary one}", "{can;ary}", "{can}};ary}", '"can;ary"', "'can ary'", "{can ary", "can ary"]
)
@pytest.mark.parametrize("key", ["PWD", "password", "Pwd ", "UID", "User ID"])
def test_a_secret_is_taken_out_whole(key: str, secret: str) -> None:
    said = str(sentence(sqlite3.OperationalError(f"cannot parse DSN=x;{key}={secret};SERVERNAME=y")))
    assert "can" not in said.replace("cannot parse", "") and "ary" not in said
    assert "cannot parse DSN=x" in said
