"""A pasted field order is read whole or refused; nothing in it can raise, hang or grow."""

from __future__ import annotations

import random

import pytest

from erpdesk.sync.sage.pasted_order import MOST_CHARACTERS, MOST_FIELDS, PastedField, plain, read_order, split_name

LETTERS = ("APIF", "APDF", "APTXF")


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("Vendor  Alpha 10", PastedField("Vendor", "text", 10)),
        ("Vendor Alpha 10", PastedField("Vendor", "text", 10)),
        ("Invoice Date", PastedField("Invoice Date")),
        ("Invoice Date  Date", PastedField("Invoice Date", "date")),
        ("Amount  Numeric -9.2", PastedField("Amount", "number", 9, 2)),
        ("Amount\tAmount \u22129.2\tRequired", PastedField("Amount", "number", 9, 2, True)),
        ("Misc Deduction 2", PastedField("Misc Deduction 2")),
        ("Misc Units  7.2", PastedField("Misc Units", "", 7, 2)),
        ("Address 1  Alpha(33), required", PastedField("Address 1", "text", 33, None, True)),
        ('"Vendor Alpha"  Alpha  10', PastedField("Vendor Alpha", "text", 10)),
    ],
)
def test_a_printed_field_is_taken_apart(printed: str, wanted: PastedField) -> None:
    assert split_name(printed) == wanted


def test_sages_numbered_list_is_read_record_by_record() -> None:
    read = read_order(
        "AP Import Format    Page 1\n\nInvoice record (APIF)\n1  Record ID  Alpha 4\n2. Vendor  Alpha 10\n"
        "3) Invoice  Alpha 15\nAPDF\n1  Record ID  Alpha 4\n2  Commitment  Alpha 12\n",
        LETTERS,
    )
    assert read.wrong == []
    assert [each.name for each in read.records["APIF"]] == ["Vendor", "Invoice"]
    assert [each.name for each in read.records["APDF"]] == ["Commitment"]
    assert read.odd == [
        "Line 1, “AP Import Format Page 1”, is no field of a record erpdesk writes and was passed over."
    ]


def test_a_list_goes_on_over_a_page_break() -> None:
    read = read_order("11-24-2026 10:00\nAPIF\n1 Record ID\n2 Vendor\nPage two\nAPIF (continued)\n3 Invoice", LETTERS)
    assert read.wrong == []
    assert [each.name for each in read.records["APIF"]] == ["Vendor", "Invoice"]


def test_comma_lists_and_toml_say_the_same() -> None:
    lists = read_order('"APIF", Vendor, Invoice, , Amount', LETTERS)
    toml = read_order('[record.APIF]\nfields = ["Vendor", "Invoice", "", "Amount"]', LETTERS)
    tables = read_order(
        '[record.APIF]\nfield = [{label = "Vendor"}, {label = "Invoice"}, {}, {label = "Amount"}]', LETTERS
    )
    assert lists.wrong == toml.wrong == tables.wrong == []
    assert lists.records == toml.records == tables.records
    assert [each.blank for each in lists.records["APIF"]] == [False, False, True, False]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Nothing in this text"),
        ("Dear colleague, please see below.", "Nothing in this text"),
        ("APIF\n1  Record ID\n2  Vendor\n4  Amount", "goes from field 2 to field 4"),
        ("APIF\n1  Vendor  Alpha 10\n2  Invoice", "begins with its letters"),
        ("1  Record ID  Alpha 4\n2  Vendor", "not clear which record"),
        ("APIF\n1  Record ID\n2  Vendor\nAPIF\n1  Record ID\n2  Vendor", "stands twice"),
        ("APIF\n1 Record ID\n2\n3 Vendor", "has no name"),
        ("APIF\n1 Record ID\n2 Vendor\nAPDF\n3 Invoice", "belongs to no record"),
        ("APIF\n1 Record ID\n2 Vendor\n1 of 3\n3 Invoice", "begins with its letters"),
        ("[record.APIF]\nfields = 7", "needs a list"),
        ("[record.APIF]\nfields = [", "cannot be read"),
        ("[record.APIF]\nfield = [{label = 3}]", "cannot be read"),
        ("APIF," + ",".join(f"f{each}" for each in range(MOST_FIELDS + 5)), "more than"),
        ("x" * (MOST_CHARACTERS + 1), "Paste only that"),
    ],
)
def test_a_doubtful_order_is_refused_with_its_reason(text: str, why: str) -> None:
    read = read_order(text, LETTERS)
    assert any(why in each for each in read.wrong), read.wrong


def test_a_single_letter_names_a_record_only_at_the_beginning_of_a_line() -> None:
    read = read_order("Import of C and E\nC  commitment\n1 Record ID\n2 Commitment", ("C", "CI"))
    assert list(read.records) == ["C"] and not read.wrong


PIECES = (
    "APIF", "APDF", "1  Record ID  Alpha 4", "2  Vendor  Alpha 10", "3 Amount  Numeric 9.2", ",", '"', "[record.APIF]",
    'fields = ["a"]', "[[", "]]", "\x00", "\u2028", "\ud800", "\u202e", "9" * 50, "²", "٣  Vendor", "  ", "\t", "\n",
    "Alpha", "(", ")", "-", "é", "required", "x" * 300, "1" * 5000, "[" * 900, "{" * 50, "=", "Record ID",
)  # fmt: skip


def test_no_text_makes_the_reading_raise() -> None:
    for seed in range(1500):
        chance = random.Random(seed)
        text = "".join(
            chance.choice(PIECES) + chance.choice(("", " ", "\n", "\n")) for _ in range(chance.randrange(1, 40))
        )
        read = read_order(text, LETTERS)
        assert read.records or read.wrong, seed
        assert all(len(fields) <= MOST_FIELDS for fields in read.records.values())
        for sentence in (*read.wrong, *read.odd):
            assert sentence.isprintable(), (seed, sentence)
            assert sentence.encode()


def test_names_are_compared_without_capitals_and_punctuation() -> None:
    assert plain(" Cost-Code  (JC) ") == "cost code jc"
