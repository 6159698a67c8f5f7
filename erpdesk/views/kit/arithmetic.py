"""Small sums typed into a number field, such as ``=1200*3``, worked out exactly."""

from __future__ import annotations

import ast
import re
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

LONGEST = 120
DIGITS = 40
TOO_LARGE = Decimal("1e13")
CANNOT = "This sum can not be worked out. Use numbers, + - * / and parentheses, such as =1200*3."
_ALLOWED = re.compile(r"[0-9.+\-*/() ]+")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_SEPARATOR = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_LEADING_ZEROS = re.compile(r"(?<![0-9.])0+(?=[0-9])")
_SIGNS = str.maketrans({"×": "*", "÷": "/", "–": "-", "\u2212": "-", "$": ""})


def evaluate(text: str) -> Decimal:
    """Works out a sum as people type it: ``=1200*3``, ``= (1,250 + 80.5) / 2``; the leading ``=`` may be left out.

    The answer is exact to 40 digits and not rounded to cents. Raises ValueError, with a sentence for people, for
    anything but numbers, ``+ - * /`` and parentheses, for a division by zero and for numbers that are too large.
    """
    plain = text.strip().removeprefix("=").translate(_SIGNS).strip()
    plain = _LEADING_ZEROS.sub("", _SEPARATOR.sub("", plain))
    if len(plain) > LONGEST or not _ALLOWED.fullmatch(plain):
        raise ValueError(CANNOT)
    try:
        tree = ast.parse(plain, mode="eval")
    except SyntaxError:
        raise ValueError(CANNOT) from None
    with localcontext() as context:
        context.prec = DIGITS
        try:
            answer = _value(tree.body, plain)
        except (DivisionByZero, InvalidOperation):
            raise ValueError("A sum can not divide by zero.") from None
    if abs(answer) >= TOO_LARGE:
        raise ValueError("The number is too large.")
    return answer


def _value(node: ast.expr, plain: str) -> Decimal:
    if isinstance(node, ast.Constant):
        # The words themselves: the parser has already made a float of 0.1.
        written = ast.get_source_segment(plain, node) or ""
        if _NUMBER.fullmatch(written):
            return Decimal(written)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        inner = _value(node.operand, plain)
        return -inner if isinstance(node.op, ast.USub) else inner
    elif isinstance(node, ast.BinOp):
        left, right = _value(node.left, plain), _value(node.right, plain)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
    raise ValueError(CANNOT)
