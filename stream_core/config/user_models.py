"""The user's own models and prices: a JSON object in the configuration directory.

    {"claude-x": {"input": 2, "output": 10, "context": 1000000}}

It extends the table in `models/catalogue.py` and takes precedence over it. An invalid value is reported and
ignored; the others count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import Catalogue, Model, Thinking
from stream_core.models.rate_types import Prices, Rates

from .json_file import Unusable, read_object

NAME = "models.json"
_MOST_NOTES = 5
_MOST_DOLLARS, _MOST_TOKENS = 10_000, 1_000_000_000
_CACHE = ("cache_write_5m", "cache_write_1h", "cache_read")
_RATES = ("input", "output", *_CACHE)


class _Wrong(Exception):
    """An invalid value. The message says in Spanish what it is and what it can be."""


def load(folder: Path | None, known: Catalogue) -> tuple[Catalogue, list[str]]:
    """Read the file of models in a folder and merge it over the known models.

    Returns:
        The catalogue, and Spanish sentences about invalid values.
    """
    if folder is None:
        return known, []
    try:
        entries = read_object(folder / NAME, Decimal)
    except Unusable as problem:
        return known, [f"{one_line(str(folder / NAME), 200)} {problem}: sigo sin él."]
    models: dict[str, Model] = {}
    notes: list[str] = []
    for name, values in entries.items():
        try:
            facts = _facts(name, values, notes.append)
        except _Wrong as wrong:
            notes.append(str(wrong))
            continue
        if facts:
            base = known.find(name) or Model(name, name)
            models[name] = replace(base, **facts, id=name, checked=None, source=NAME)
    notes = [f"En {NAME}: {note}" for note in notes]
    if len(notes) > _MOST_NOTES:
        left = len(notes) - _MOST_NOTES
        notes[_MOST_NOTES:] = [f"En {NAME} hay {counted(left, 'valor', 'valores')} más sin uso."]
    return known.changed(models), notes


def _facts(name: str, values: Any, note: Callable[[str], None]) -> dict[str, Any]:
    """The valid values of one model, by field of `Model`; `note` receives a sentence for each invalid one."""
    if not re.fullmatch("[!-~]{1,200}", name):
        raise _Wrong(f"«{one_line(name, 60)}» no sirve como nombre de modelo.")
    if not isinstance(values, dict):
        raise _Wrong(f'«{name}» debe ser un objeto, como {{"input": 2, "output": 10}}.')
    fields = dict(_each(name, values, _READERS, note))
    facts = {key: value for key, value in fields.items() if key in _FACTS}
    if any(key in fields for key in (*_RATES, "long")):
        try:
            facts["prices"] = _prices(fields)
        except _Wrong as wrong:
            note(f"«{name}»: {wrong}")
    return facts


def _prices(fields: Mapping[str, Any]) -> Prices:
    long = fields.get("long")
    over, rates = (None, None) if long is None else (long["over"], _rates(long))
    return Prices(_rates(fields), over, rates, own=True)


def _rates(fields: Mapping[str, Any]) -> Rates:
    """The rates of an object; missing cache rates are the usual multiples of `input`."""
    if "input" not in fields or "output" not in fields:
        raise _Wrong("para tener precio necesita «input» y «output».")
    rates = Rates.of(fields["input"], fields["output"])
    return rates._replace(**{key: fields[key] for key in _CACHE if key in fields})


def _each(
    name: str, values: Mapping[str, Any], readers: Mapping[str, _Reader], note: Callable[[str], None]
) -> Iterator[tuple[str, Any]]:
    """The valid values, parsed; `note` receives a sentence for each invalid one."""
    for key, value in values.items():
        reader = readers.get(key)
        if reader is None:
            note(f"«{name}»: no conozco «{one_line(key, 40)}».")
            continue
        try:
            yield key, reader(value)
        except _Wrong as wrong:
            shown = one_line(str(value), 40) if isinstance(value, (str, int, Decimal)) else "[…]"
            note(f"«{name}», {key}: «{shown}» no sirve; {wrong}")


# -- values ------------------------------------------------------------------------------------

_Reader = Callable[[Any], Any]


def _rate(value: Any) -> Decimal:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        dollars = Decimal(value)
        if dollars.is_finite() and 0 <= dollars <= _MOST_DOLLARS and dollars == round(dollars, 6):
            return round(dollars, 6)
    raise _Wrong(
        f"son dólares por millón de tokens, de 0 a {number(_MOST_DOLLARS)}, con seis decimales como mucho."
    )


def _long(value: Any) -> dict[str, Any]:
    """Parse the rates of long prompts. All or nothing: half of them would make a wrong price."""
    readers: dict[str, _Reader] = {**dict.fromkeys(_RATES, _rate), "over": _tokens}
    try:
        fields = {"over": value["over"], **{key: readers[key](inner) for key, inner in value.items()}}
        _rates(fields)
    except (AttributeError, KeyError, TypeError, _Wrong):
        raise _Wrong('es un objeto como {"over": 100000, "input": 4, "output": 20}.') from None
    return fields


def _tokens(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS:
        return value
    raise _Wrong(f"es un número entero de tokens, de 1 a {number(_MOST_TOKENS)}.")


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip() and value == one_line(value, 60):
        return value
    raise _Wrong("es un texto de una línea, de 60 caracteres como mucho.")


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # no such day: reported below
    raise _Wrong("es una fecha como 2027-01-31.")


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong("es true o false.")


def _thinking(value: Any) -> str:
    if isinstance(value, str) and value in get_args(Thinking):
        return value
    raise _Wrong(f"es {', '.join(get_args(Thinking)[:-1])} o {get_args(Thinking)[-1]}.")


_FACTS: dict[str, _Reader] = {
    "name": _text,
    "context": _tokens,
    "max_output": _tokens,
    "retires": _day,
    "thinking": _thinking,
    "prefill": _yes_or_no,
    "forced_tools": _yes_or_no,
    "sampling": _yes_or_no,
}
_READERS: dict[str, _Reader] = {**_FACTS, **dict.fromkeys(_RATES, _rate), "long": _long}

KEYS = frozenset(_READERS)
"""The keys that an entry may have."""
