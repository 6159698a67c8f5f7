"""Fields for amounts, quantities and percentages: typed as people write them, kept as exact decimals."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from erpdesk.core.money import cents, fourths, parse_amount, parse_quantity, show_amount, show_quantity
from erpdesk.views.kit.arithmetic import evaluate
from erpdesk.views.kit.fields import LineField
from erpdesk.views.kit.shown import set_look

__all__ = ["MoneyEdit", "PercentEdit", "QuantityEdit", "evaluate"]

HUNDRED = Decimal(100)
NO_PERCENTAGE = "Type a percentage from 0 to 100, such as 10 or 2.5."


class NumberField(LineField):
    """A number at the right edge; ``=`` begins a sum, which is worked out and rounded when the field is left."""

    SHOWN_DIGITS = 16

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: Decimal | None = None
        self._problem: str | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def value(self) -> Decimal | None:
        """The number; None when the field is empty or its text can not be read (see ``problem``)."""
        return self._value

    def set_value(self, value: Decimal | None) -> None:
        """Shows another number, without a signal; raises ValueError when it has more decimals than the field."""
        if value is not None and self._rounded(value) != value:
            raise ValueError(f"{value} has more decimals than this field keeps")
        self._value = None if value is None else self._rounded(value)
        self._problem = None if self._value is None else self._out_of_range(self._value)
        self._write("" if self._value is None else self._shown(self._value))
        self._colour()

    def problem(self) -> str | None:
        """A sentence when the text is no number this field can hold, else None."""
        return self._problem

    def sizeHint(self) -> QSize:
        """Wide enough for the longest usual number."""
        return QSize(self.fontMetrics().horizontalAdvance("0") * self.SHOWN_DIGITS + 24, super().sizeHint().height())

    def _rounded(self, value: Decimal) -> Decimal:
        raise NotImplementedError

    def _parsed(self, text: str) -> Decimal:
        raise NotImplementedError

    def _shown(self, value: Decimal) -> str:
        raise NotImplementedError

    def _out_of_range(self, _value: Decimal) -> str | None:
        return None

    def _read_typed(self) -> None:
        self._value, self._problem = None, None
        text = self.text().strip()
        if text:
            try:
                value = self._rounded(evaluate(text)) if text.startswith("=") else self._parsed(_minus_first(text))
            except ValueError as error:
                self._problem = str(error)
            else:
                self._problem = self._out_of_range(value)
                self._value = value if self._problem is None else None
        self._colour()

    def _tidy(self) -> None:
        if self._value is not None and self._problem is None:
            self._write(self._shown(self._value))

    def _colour(self) -> None:
        set_look(self, "negative", self._value is not None and self._value < 0)


class MoneyEdit(NumberField):
    """An amount in whole cents: ``1,234.56``, ``(12.00)``, ``99-`` or a sum such as ``=1200*3``."""

    def _rounded(self, value: Decimal) -> Decimal:
        return cents(value)

    def _parsed(self, text: str) -> Decimal:
        return parse_amount(text)

    def _shown(self, value: Decimal) -> str:
        return show_amount(value)


class QuantityEdit(NumberField):
    """A quantity or unit cost of at most four decimals."""

    def _rounded(self, value: Decimal) -> Decimal:
        return fourths(value)

    def _parsed(self, text: str) -> Decimal:
        return parse_quantity(text)

    def _shown(self, value: Decimal) -> str:
        return show_quantity(value)


class PercentEdit(NumberField):
    """A percentage from 0 to 100 with at most two decimals; ``10`` and ``10 %`` are the same."""

    SHOWN_DIGITS = 8

    def _rounded(self, value: Decimal) -> Decimal:
        return cents(value)

    def _parsed(self, text: str) -> Decimal:
        try:
            number = parse_quantity(text.removesuffix("%"))
        except ValueError:
            raise ValueError(NO_PERCENTAGE) from None
        if cents(number) != number:
            raise ValueError("A percentage has at most two decimals.")
        return cents(number)

    def _shown(self, value: Decimal) -> str:
        return f"{value:.2f}"

    def _out_of_range(self, value: Decimal) -> str | None:
        return None if 0 <= value <= HUNDRED else NO_PERCENTAGE


def _minus_first(text: str) -> str:
    """Adding machines write the minus behind: ``99-``."""
    return f"-{text[:-1].strip()}" if text.endswith("-") and len(text) > 1 else text
