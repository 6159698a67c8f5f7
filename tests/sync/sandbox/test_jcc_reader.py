"""The stand-in's reader of commitment import files: what it takes and what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sandbox.jcc_reader import Record, parse_date, read

C = '"C","SC-1",1,"Steel","STEEL",01/02/2026,10,1,0,0'
CI = '"CI","SC-1",1,"Line",,,,"J1","","05-100","S","",,2,3.5,"ea",7.00'
CCO = '"CCO","SC-1","1","More",,01/02/2026,,,5'
CCOI = '"CCOI","SC-1","1",1,"More",-2,-7.00'


def one(line: str | bytes, date_format: str = "mm/dd/yyyy") -> Record:
    """The record of a file with one line."""
    raw = line if isinstance(line, bytes) else line.encode("cp1252")
    (record,) = read(raw + b"\r\n", date_format)
    return record


@pytest.mark.parametrize("line", [C, CI, CCO, CCOI])
def test_sound_lines(line: str) -> None:
    """Each record as the documents show it."""
    record = one(line)
    assert record.refusal is None
    assert record.text("commitment") == "SC-1"


def test_values() -> None:
    """Texts, numbers and dates of a header and an item; what is left off is blank or zero."""
    header, item = one(C), one(CI)
    assert (header.text("vendor"), header.day("date"), header.text("fob")) == ("STEEL", date(2026, 1, 2), "")
    assert [header.number(name) for name in ("type", "retainage_percent", "committed", "closed")] == [1, 10, 1, 0]
    assert [item.number(name) for name in ("units", "unit_cost", "amount", "tax")] == [2, Decimal("3.5"), 7, 0]
    assert (item.text("extra"), item.day("delivery_date")) == ("", None)
    assert one("CI,SC-1,1,Line,,,,J1,,05-100,S,,,,,,7.00").refusal is None


@pytest.mark.parametrize(
    ("line", "reason", "words"),
    [
        ('"X","SC-1"', "layout_mismatch", "record letters X are not known"),
        ("", "layout_mismatch", "no record letters"),
        ('"c","SC-1",1', "layout_mismatch", "record letters c"),
        (C.replace('"SC-1"', '"SC-1'), "layout_mismatch", "quotation mark"),
        (C.replace("Steel", 'St"eel'), "layout_mismatch", "quotation mark"),
        (C.replace("Steel", 'St""eel'), "layout_mismatch", "quotation mark"),
        (C.replace('"Steel"', 'St"eel'), "layout_mismatch", "quotation mark"),
        (C.replace("Steel", "St\teel"), "layout_mismatch", "control character"),
        (C.replace("Steel", "St\neel"), "layout_mismatch", "control character"),
        (C.replace("Steel", "S" * 31), "width", "the description is 31 characters wide; 30 fit"),
        (C.replace("SC-1", "SC-1234567890"), "width", "commitment id is 13 characters wide; 12 fit"),
        (C.replace("STEEL", "STEEL678901"), "width", "vendor is 11 characters"),
        (C.replace('"SC-1"', '" SC-1"'), "id_mask", "blank"),
        (C.replace('"SC-1"', '""'), "layout_mismatch", "commitment id is missing"),
        (C.replace(",1,", ",3,", 1), "number_range", "commitment type 3 is none of 1, 2"),
        (C.replace(",1,", ",,", 1), "layout_mismatch", "commitment type is missing"),
        (C.replace(",1,", ',"1",', 1), "layout_mismatch", "stands in quotation marks"),
        (C.replace("01/02", "13/02"), "bad_date", "13/02/2026 is not a date of the form mm/dd/yyyy"),
        (C.replace("01/02/2026", "1/2/2026"), "bad_date", "not a date"),
        (C.replace("01/02/2026", "02/29/2026"), "bad_date", "not a date"),
        (C.replace("01/02/2026", "01022026"), "bad_date", "not a date"),
        (C.replace(",10,", ",101,"), "number_range", "retainage percent 101 is not between 0 and 100"),
        (C.replace(",10,", ",-1,"), "number_range", "not between"),
        (C.replace(",10,", ",10%,"), "layout_mismatch", "10% is not a number"),
        (C[:-1] + "2", "number_range", "printed flag 2 is none of 0, 1"),
        (C + "," * 13 + ",,x", "layout_mismatch", "field 25 and later are not known"),
        (C + "," * 136, "layout_mismatch", "146 fields; the record has 145"),
        (CI.replace("7.00", "7.005"), "number_range", "amount 7.005 is too long"),
        (CI.replace("7.00", "1234567890.00"), "number_range", "too long"),
        (CI.replace("7.00", "1e3"), "layout_mismatch", "1e3 is not a number"),
        (CI.replace("7.00", "$7.00"), "layout_mismatch", "not a number"),
        (CI.replace("7.00", "1_000"), "layout_mismatch", "not a number"),
        (CI.replace("7.00", "+7.00"), "layout_mismatch", "not a number"),
        (CI.replace(",7.00", ""), "layout_mismatch", "amount is missing"),
        (CI.replace("3.5", "999999.01"), "number_range", "unit cost 999999.01 is over 999,999"),
        (CI.replace("3.5", "1.00001"), "number_range", "too long"),
        (CI.replace('"ea"', '"bundles"'), "width", "unit description is 7 characters"),
        (CI.replace('"SC-1",1', '"SC-1",0'), "number_range", "item number 0"),
        (CI.replace('"SC-1",1', '"SC-1",1.5'), "number_range", "item number 1.5"),
        (CI.replace('"S"', '"SUBC"'), "width", "category is 4 characters"),
        (CCO[:-1] + "6", "number_range", "status 6"),
        (CCO.replace('"1"', '""'), "layout_mismatch", "change order id is missing"),
        (CCOI + ',"J1"', "layout_mismatch", "field 8 and later"),
    ],
)
def test_refused_lines(line: str, reason: str, words: str) -> None:
    """Each rule has its reason and a sentence that names what is wrong."""
    refusal = one(line).refusal
    assert refusal is not None
    assert (refusal.reason, words in refusal.sentence) == (reason, True), refusal.sentence
    assert refusal.sentence.endswith(".")


def test_bytes_outside_the_code_page() -> None:
    """The five bytes that code page 1252 leaves open are refused; the record keeps its bytes."""
    for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
        raw = C.encode("cp1252").replace(b"Steel", bytes([byte]))
        record = one(raw)
        assert record.refusal and "code page 1252" in record.refusal.sentence
        assert record.raw == raw


def test_line_ends() -> None:
    """Lines end with CR LF; a last line that does not is incomplete, lines that end otherwise run together."""
    sound, cut = read(f"{C}\r\n{CI}".encode("cp1252"), "mm/dd/yyyy")
    assert sound.refusal is None
    assert cut.refusal and "not complete" in cut.refusal.sentence and cut.line == 2
    (together,) = read(f"{C}\n{CI}\r\n".encode("cp1252"), "mm/dd/yyyy")
    assert together.refusal and "CR LF" in together.refusal.sentence
    bom = read(b"\xef\xbb\xbf" + C.encode("cp1252") + b"\r\n", "mm/dd/yyyy")[0]
    assert bom.refusal is not None
    assert read(b"", "mm/dd/yyyy") == []


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("03/04/2026", "mm/dd/yyyy", date(2026, 3, 4)),
        ("03/04/2026", "dd/mm/yyyy", date(2026, 4, 3)),
        ("2026-04-03", "yyyy-mm-dd", date(2026, 4, 3)),
        ("03.04.2026", "dd.mm.yyyy", date(2026, 4, 3)),
        ("03x04x2026", "dd.mm.yyyy", None),
        ("31/12/2026", "mm/dd/yyyy", None),
        ("00/00/0000", "mm/dd/yyyy", None),
    ],
)
def test_dates_follow_the_option(text: str, date_format: str, day: date | None) -> None:
    """A date is read in the company's order and never guessed."""
    assert parse_date(text, date_format) == day


@given(st.binary(max_size=300))
def test_any_bytes_become_records(data: bytes) -> None:
    """Whatever the file holds, each line is a record with its own bytes, sound or refused."""
    records = read(data, "mm/dd/yyyy")
    joined = b"\r\n".join(record.raw for record in records)
    assert joined in (data, data[:-2])
    assert [record.line for record in records] == list(range(1, len(records) + 1))
