"""Passwords: kept as salted scrypt text, compared as a whole, made anew when the cost was raised."""

from __future__ import annotations

import base64

import pytest

from erpdesk.workflows import passwords
from erpdesk.workflows.passwords import Cost, fits, kept, outdated, problems

CHEAP = Cost(n=16, r=1, p=1)
GOOD = "three blue lanterns"


def test_a_password_fits_its_own_text_and_no_other() -> None:
    text = kept(GOOD, CHEAP)
    assert fits(GOOD, text)
    assert not fits(GOOD + " ", text) and not fits(GOOD.upper(), text) and not fits("", text)
    assert GOOD not in text and len(text) <= 200


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert kept(GOOD, CHEAP) != kept(GOOD, CHEAP)


def test_a_composed_character_is_the_same_as_its_parts() -> None:
    assert fits("cafe\u0301 in the morning", kept("caf\u00e9 in the morning", CHEAP))


def test_the_usual_cost_takes_32_megabytes_and_stands_in_the_text() -> None:
    text = kept(GOOD)
    assert text.startswith("scrypt$32768$8$3$") and fits(GOOD, text)
    assert 128 * 8 * 32768 == 32 * 1024 * 1024


def test_a_text_of_lower_cost_is_outdated_and_one_of_the_usual_cost_is_not() -> None:
    assert outdated(kept(GOOD, CHEAP)) and outdated(kept(GOOD, Cost(2**14, 8, 3)))
    assert not outdated(kept(GOOD)) and not outdated("") and not outdated("scrypt$x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "scrypt$16$1$1$$",
        "scrypt$16$1$1$!!$!!",
        "scrypt$15$1$1$AAAA$" + base64.b64encode(bytes(32)).decode(),
        "scrypt$-16$1$1$AAAA$" + base64.b64encode(bytes(32)).decode(),
        "scrypt$1073741824$8$1$AAAA$" + base64.b64encode(bytes(32)).decode(),
        "scrypt$16$1$99999999$AAAA$" + base64.b64encode(bytes(32)).decode(),
        "bcrypt$16$1$1$AAAA$" + base64.b64encode(bytes(32)).decode(),
        "scrypt$16$1$1$AAAA$AAAA",
    ],
)
def test_a_text_that_makes_no_sense_or_asks_for_too_much_fits_nothing(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COST", CHEAP)
    assert not fits(GOOD, text) and not fits("", text)


def test_half_a_character_fits_nothing_and_is_told() -> None:
    assert not fits("\ud800" * 14, kept(GOOD, CHEAP))
    assert problems("\ud800" * 14)[0].startswith("The password holds a character that can not be kept.")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 12"),
        ("short words", "at least 12"),
        ("x" * 201, "at most 200"),
        ("ababababababab", "too few different"),
        ("1234567890123", "neighbouring"),
        ("abcdefghijklmn", "neighbouring"),
        ("password123456", "everybody tries first"),
        ("Dana Whitfield 1", "made of a name"),
        ("WHITFIELD-dana-77", "made of a name"),
        ("building4455667", "made of a name"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str, words: str) -> None:
    found = problems(password, "Dana Whitfield", "BUILDING\\dana", "dana@example.com")
    assert any(words in each for each in found), found
    assert all(each.endswith(".") for each in found)
    assert not password or all(password not in each for each in found)


@pytest.mark.parametrize("password", [GOOD, "Montageplan 7 blau", "h7!kq_2mZ#vLp9", "Whitfield builds bridges"])
def test_a_password_of_some_length_is_good_enough(password: str) -> None:
    assert problems(password, "Dana Whitfield", "BUILDING\\dana", "dana@example.com") == ()
