"""Column types and the base of every record: money in whole cents, times in UTC, names for every constraint."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

from erpdesk.core.clock import from_iso, iso
from erpdesk.core.money import from_fourths, from_whole_cents, to_fourths, to_whole_cents

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every record of erpdesk's own database."""

    metadata = MetaData(naming_convention=NAMES)


def new_id() -> str:
    """A new record's id: never reused, never a number that people could take for one of theirs."""
    return uuid.uuid4().hex


_SCALING = {"mul", "truediv", "floordiv", "div", "mod"}


class _Scaled(TypeDecorator[Decimal]):
    """A Decimal kept as a whole number; adding, subtracting and SUM stay exact, scaling is refused."""

    impl = BigInteger
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Decimal]):
        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
            if getattr(op, "__name__", "") in _SCALING:
                raise TypeError("Money and quantities are multiplied and divided in Python, never in SQL.")
            return super().operate(op, *other, **kwargs)

        def reverse_operate(self, op: OperatorType, other: Any, **kwargs: Any) -> Any:
            if getattr(op, "__name__", "") in _SCALING:
                raise TypeError("Money and quantities are multiplied and divided in Python, never in SQL.")
            return super().reverse_operate(op, other, **kwargs)

    comparator_factory = Comparator


class Cents(_Scaled):
    """Money: a Decimal in Python, whole cents in the database; raises ValueError for a part of a cent (P13)."""

    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_whole_cents(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_whole_cents(int(value))


class Fourths(_Scaled):
    """A quantity, unit cost or percentage: a Decimal in Python, ten-thousandths in the database."""

    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_fourths(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_fourths(int(value))


class Word(TypeDecorator[Any]):
    """One of the words of an enumeration, kept as that word; an unknown word is refused on the way in."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words = words

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, kept as text that sorts in both databases."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else iso(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_iso(value)


__all__ = ["Base", "Cents", "Fourths", "UtcTime", "Word", "new_id"]
