"""The manifest beside an import file: what it says, and that every other file is told from the right one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.layouts import NAMES, Site, load_layout
from erpdesk.sync.sage.manifest import Manifest
from erpdesk.sync.sage.render import Renderer
from tests.sync.stand_in_files import DOCUMENTS


def made(name: str, site: Site | None = None) -> tuple[Manifest, bytes]:
    layout = load_layout(name, site=site)
    data = Renderer(layout).preview(*DOCUMENTS[name]).data
    return Manifest.of(layout, DOCUMENTS[name], data), data


def test_what_a_manifest_says() -> None:
    manifest, data = made("jcc")
    assert (manifest.sha256, manifest.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert manifest.records == {"C": 1, "CI": 2, "CCO": 1, "CCOI": 2}
    assert manifest.totals["CI"] == {"amount": "22087.00", "quantity": "10.00", "tax": "87.00"}
    assert manifest.totals["CCOI"] == {"amount": "1750.00", "quantity": "20.00"}
    assert manifest.documents == ("Commitment PO-801", "Change order C1 of S-7001")
    assert (manifest.layout, manifest.code_page, manifest.date_style) == ("jcc", "cp1252", "mm/dd/yyyy")
    invoice, _ = made("ap_fixed")
    assert invoice.totals["APIF"]["amount"] == "8250.50" and invoice.totals["APDF"]["retainage"] == "825.05"


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_same_each_time_and_reads_back(name: str) -> None:
    manifest, data = made(name)
    text = manifest.text()
    assert made(name)[0].text() == text and list(json.loads(text)) == sorted(json.loads(text))
    assert Manifest.read(text) == manifest and Manifest.read(text).check(data) == ()


def test_other_separators_are_summed_too() -> None:
    manifest, data = made("ap_variable_minimal", Site(separator=";", decimal=","))
    assert b"240,10" in data and manifest.totals["APD"]["amount"] == "240.10"


def test_what_differs_is_said() -> None:
    manifest, data = made("ap_fixed")
    found = manifest.check(data.replace(b"8250.50,7.00", b"8250.51,7.00", 1))
    assert any("another one" in each for each in found)
    assert "APIF: the amount sums to 8250.51, not to 8250.50." in found
    cut = manifest.check(data.splitlines(keepends=True)[0])
    assert "The file has 0 APDF records, not 1." in cut
    assert any("is not a number" in each for each in manifest.check(data.replace(b",8250.50,7.00", b",8250x50,7.00")))


def test_a_file_that_does_not_hold_its_documents_gets_no_manifest() -> None:
    layout = load_layout("jcc")
    data = Renderer(layout).preview(*DOCUMENTS["jcc"]).data
    with pytest.raises(ForPeople, match="does not hold what was approved: CI: the amount sums to"):
        Manifest.of(layout, DOCUMENTS["jcc"], data.replace(b"21000.00", b"21000.01"))
    with pytest.raises(ForPeople, match="CCO records"):
        Manifest.of(layout, DOCUMENTS["jcc"][:1], data)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"layout": 1}', '{"documents": 1, "confirmed": []}'])
def test_another_text_is_no_manifest(text: str) -> None:
    with pytest.raises(ValueError, match="not a manifest"):
        Manifest.read(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [("code_page", "cp99"), ("size", "12"), ("separator", ""), ("totals", {"C": {"amount": 1}}), ("records", [1])],
)
def test_a_manifest_that_was_tampered_with_is_none(name: str, value: object) -> None:
    given = json.loads(made("dc")[0].text())
    with pytest.raises(ValueError, match="not a manifest"):
        Manifest.read(json.dumps(given | {name: value}))


@given(st.binary(max_size=300), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_no_bytes_make_the_check_raise(junk: bytes, at: int) -> None:
    manifest, data = made("dc")
    other = data[:at] + junk + data[at:]
    assert (manifest.check(other) == ()) is (other == data)
    assert replace(manifest, size=0).check(data)
