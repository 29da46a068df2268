"""A calculator without `eval`: it walks the syntax tree and knows only numbers and a few operators."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import TypeAlias

from stream_core.core.numbers import counted, plain
from stream_core.texts.tool_errors_es import ToolError

Number: TypeAlias = int | float

_LONGEST = 300
"""Characters of an expression; its depth is bounded by this too."""
_MOST_BITS = 10_000
"""Bits of a whole number (about 3,000 digits): `9**9**9` must not keep a machine busy."""

# Numbers, names, operators and nothing else. A number that runs into a word (`1or 2`) is none: Python warns
# of it, and the warning would land on the screen.
# Each token ends where it must, so that there is one way to read a text and the time is linear.
_TOKENS = re.compile(
    r"(\s"
    r"|0([xX][\da-fA-F_]+|[bB][01_]+|[oO][0-7_]+)(?!\w)"
    r"|(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)([eE][-+]?\d+)?(?![\w.])"
    r"|[A-Za-z]\w*(?!\w)"
    r"|[-+*/%(),])*",
    re.ASCII,
)

_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Number], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[..., Number]] = {"sqrt": math.sqrt, "abs": abs, "round": round}
_CONSTANTS = {"pi": math.pi, "e": math.e}


def calculate(expression: str) -> str:
    """Calculate an arithmetic expression exactly as written.

    Args:
        expression: numbers, + - * / // % ** and parentheses; also sqrt(x), abs(x), round(x, n), pi and e.
            For example: (12.5 + 3) * 2 ** 10
    """
    return plain(evaluate(expression))


def evaluate(expression: str) -> Number:
    """Return the value of an expression by Python's arithmetic.

    Raises:
        ToolError: it is not arithmetic, divides by zero, or its value is too large.
    """
    if len(expression) > _LONGEST:
        raise ToolError(f"la expresión tiene más de {counted(_LONGEST, 'carácter', 'caracteres')}")
    if not _TOKENS.fullmatch(expression):
        raise ToolError("esto no es una expresión aritmética")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ToolError("esto no es una expresión aritmética") from None
    try:
        return _value(tree.body)
    except ZeroDivisionError:
        raise ToolError("no se puede dividir entre cero") from None
    except OverflowError:
        raise ToolError("el resultado es demasiado grande") from None
    except RecursionError:
        raise ToolError("la expresión está demasiado anidada") from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _bounded(_BINARY[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _called(name, [_value(argument) for argument in args])
        case _:
            raise ToolError("solo valen números, + - * / // % **, paréntesis, sqrt, abs, round, pi y e")


def _power(base: Number, exponent: Number) -> Number:
    """Python's power, refused before it is computed when the result would be too large."""
    if isinstance(base, int) and isinstance(exponent, int):
        if abs(base) > 1 and exponent > 0 and math.log2(abs(base)) * exponent > _MOST_BITS:
            raise ToolError("el resultado es demasiado grande")
    result = base**exponent
    if isinstance(result, complex):
        raise ToolError("el resultado no es un número real")
    return _bounded(result)


def _called(name: str, arguments: list[Number]) -> Number:
    if len(arguments) == 2 and name == "round" and abs(arguments[1]) > _LONGEST:
        raise ToolError("round() no llega a tantas cifras")
    try:
        result = _FUNCTIONS[name](*arguments)
    except (TypeError, ValueError):
        raise ToolError(f"{name}() no se puede calcular con esos argumentos") from None
    return _bounded(result)


def _bounded(number: Number) -> Number:
    if isinstance(number, int) and number.bit_length() > _MOST_BITS:
        raise ToolError("el resultado es demasiado grande")
    return number
