"""Failed tool calls in Spanish, for the model and the user alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line

_MAX_REPORTED = 10
"""The maximum number of arguments that are reported."""
_MAX_NAME = 80

_KIND = re.compile(r"(\w+?)_(?:type|parsing\w*|from_\w+)")
_KINDS = {
    "bool": "true o false",
    "bytes": "un texto",
    "date": "una fecha, como 2026-01-31",
    "datetime": "una fecha con hora, como 2026-01-31T12:00:00",
    "decimal": "un número",
    "dict": "un objeto JSON",
    "float": "un número",
    "frozen_set": "una lista",
    "int": "un número entero",
    "list": "una lista",
    "mapping": "un objeto JSON",
    "model": "un objeto JSON",
    "set": "una lista",
    "string": "un texto",
    "time": "una hora, como 12:00:00",
    "tuple": "una lista",
    "url": "una dirección web",
    "uuid": "un UUID",
}
_SENTENCES = {
    "missing": "falta",
    "missing_argument": "falta",
    "missing_keyword_only_argument": "falta",
    "unexpected_keyword_argument": "no existe",
    "extra_forbidden": "no existe",
    "none_required": "tiene que ser null",
    "finite_number": "tiene que ser un número finito",
    "literal_error": "tiene que ser {expected}",
    "enum": "tiene que ser {expected}",
    "greater_than": "tiene que ser mayor que {gt}",
    "greater_than_equal": "tiene que ser {ge} o más",
    "less_than": "tiene que ser menor que {lt}",
    "less_than_equal": "tiene que ser {le} o menos",
    "multiple_of": "tiene que ser múltiplo de {multiple_of}",
    "string_too_short": "es demasiado corto (mínimo: {min_length})",
    "string_too_long": "es demasiado largo (máximo: {max_length})",
    "string_pattern_mismatch": "no sigue el patrón {pattern}",
    "too_short": "tiene muy pocos elementos (mínimo: {min_length})",
    "too_long": "tiene demasiados elementos (máximo: {max_length})",
}
_OR = re.compile(r"(?<=['\"\d]) or (?=['\"\d])")


class ToolError(ValueError):
    """A tool call without a result. Its message is shown as it is, without the name of the exception."""


def wrong_arguments(details: Sequence[Mapping[str, Any]]) -> ToolError:
    """Return the error for invalid arguments: which they are, and what each may be.

    Args:
        details: the result of pydantic's `ValidationError.errors()`.
    """
    problems = [f"«{_where(one['loc'])}» {_what(one)}" for one in details[:_MAX_REPORTED]]
    if len(details) > _MAX_REPORTED:
        problems.append(f"y {number(len(details) - _MAX_REPORTED)} más")
    return ToolError(f"los argumentos no son válidos: {'; '.join(problems)}")


def _where(loc: Sequence[object]) -> str:
    return one_line(".".join(map(str, loc)), _MAX_NAME)


def _what(one: Mapping[str, Any]) -> str:
    name, more = str(one["type"]), one.get("ctx") or {}
    kind = _KIND.fullmatch(name)
    if name in _SENTENCES:
        return _OR.sub(" o ", _SENTENCES[name].format_map(more))
    if kind and kind[1] in _KINDS:
        return f"tiene que ser {_KINDS[kind[1]]}"
    return f"no es válido ({more.get('error', one['msg'])})"  # the validator's own words
