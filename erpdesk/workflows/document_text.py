"""A document as canonical text and back: the same document always gives the same text, in any country (P6, P18).

One codec for every document; a plain commitment keeps the text of ``snapshots``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from erpdesk.core.errors import ForPeople
from erpdesk.workflows.documents import Commitment, CommitmentChange, DirectCosts, Document, EstimateFile, InvoiceFile

FORMAT = 1
KINDS: Mapping[str, type] = {
    each.__name__: each for each in (Commitment, CommitmentChange, EstimateFile, DirectCosts, InvoiceFile)
}
"""Every document that has this form, by the name that stands in its text."""


def to_text(document: Document) -> str:
    """The document as canonical JSON: sorted keys, amounts and dates as text, with its form's number and its name.

    Raises TypeError for a value that is not what the document declares, such as a float.
    """
    name = type(document).__name__
    if KINDS.get(name) is not type(document):
        raise TypeError(f"{name} has no text of this form")
    return _json({"document": name, "format": FORMAT, "body": _write(type(document), document)})


def from_text(text: str) -> Document:
    """The document that ``to_text`` wrote; raises ForPeople for any other text, however little it differs."""
    try:
        held = json.loads(text)
        if not isinstance(held, dict) or set(held) != {"document", "format", "body"}:
            raise ValueError("it has not the parts of an item")
        if held["format"] != FORMAT:
            raise ValueError(f"it has form {held['format']}, and only form {FORMAT} is known")
        kind = KINDS.get(held["document"]) if isinstance(held["document"], str) else None
        if kind is None:
            raise ValueError("its kind is not known")
        document: Document = _read(kind, held["body"])
        if to_text(document) != text:
            raise ValueError("it is not written as erpdesk writes it")
    except (ValueError, TypeError, InvalidOperation, RecursionError) as error:
        raise ForPeople(
            f"erpdesk cannot read an item as it was sent ({str(error)[:200]}).",
            kept="Nothing was changed.",
            next_step="It was written by another version of erpdesk, or damaged. Have it sent again.",
        ) from error
    return document


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@cache
def _shape(kind: Hashable) -> Mapping[str, Any]:
    """The fields of a dataclass with what each of them holds."""
    made: Any = kind
    hints = get_type_hints(made)
    return {each.name: hints[each.name] for each in fields(made)}


def _write(hint: Any, value: Any) -> object:
    many = get_origin(hint)
    if many in (Union, UnionType):
        return None if value is None else _write(_present(hint), value)
    if many is tuple:
        _insist(isinstance(value, tuple), hint, value)
        return [_write(get_args(hint)[0], each) for each in value]
    if many is not None:
        _insist(isinstance(value, Mapping), hint, value)
        key, of = get_args(hint)
        return {str(_exact(key, name)): _write(of, each) for name, each in value.items()}
    _exact(hint, value)
    if hint in _FROM_TEXT:
        _insist(hint is not Decimal or value.is_finite(), hint, value)
        return str(value)
    if is_dataclass(hint):
        return {name: _write(of, getattr(value, name)) for name, of in _shape(cast(Hashable, hint)).items()}
    return value


def _read(hint: Any, held: Any) -> Any:
    many = get_origin(hint)
    if many in (Union, UnionType):
        return None if held is None else _read(_present(hint), held)
    if many is tuple:
        _insist(isinstance(held, list), hint, held)
        return tuple(_read(get_args(hint)[0], each) for each in held)
    if many is not None or is_dataclass(hint):
        _insist(isinstance(held, dict), hint, held)
        if many is None:
            return hint(**_fields(_shape(hint), held))
        key, of = get_args(hint)
        return {key(name): _read(of, each) for name, each in held.items()}
    if hint in _FROM_TEXT:
        return _FROM_TEXT[hint](_exact(str, held))
    return _exact(hint, held)


_FROM_TEXT: Mapping[Any, Callable[[str], Any]] = {Decimal: Decimal, date: date.fromisoformat}


def _fields(shape: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    if lacking := _listed(shape.keys() - held.keys()):
        raise ValueError(f"it lacks {lacking}")
    if more := _listed(held.keys() - shape.keys()):
        raise ValueError(f"it holds {more}, which nobody knows")
    return {name: _read(hint, held[name]) for name, hint in shape.items()}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _present(hint: Any) -> Any:
    """What a field holds that may also be blank."""
    (kind,) = (each for each in get_args(hint) if each is not NoneType)
    return kind


def _exact(kind: Any, value: Any) -> Any:
    # A yes is also a number to Python, and a moment also a date; in a text they would come back as something else.
    _insist(type(value) is kind, kind, value)
    return value


def _insist(right: bool, kind: Any, value: Any) -> None:
    if not right:
        raise TypeError(f"{value!r} is not {getattr(kind, '__name__', kind)}")
