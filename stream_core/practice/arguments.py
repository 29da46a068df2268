"""Whether a question is for a tool of the user's own, and the input that it gives for it. Pure.

Nobody reads the question here: words are compared with the tool's name, parameters and description, and the
input is made of the numbers, quotes and names in the question, as the types of the schema want them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .named import IANA_ZONE, path, zone
from .request import words
from .structured import resolve, sample
from .vocabulary import UNIMPORTANT

LEAST_FIT = 2.0
"""From this `tool_fit` on a question is for the tool."""

_MOST_OF_DESCRIPTION = 2.0
_GENERIC = frozenset(
    """
    get obtener buscar search find leer read list listar make hacer run do set crear create consultar ver
    show mostrar dar mi my tool herramienta herramientas funcion function use usar de en la el los las por
    para con a of in by for with the to from and y o
    """.split()
)
_SAME = (
    "weather tiempo clima", "dice dado", "roll tirar lanzar tira lanza", "send enviar manda envia",
    "translate traducir traduce", "convert convertir convierte pasa", "price precio",
    "currency moneda divisa",
    "email correo", "city ciudad", "order pedido", "user usuario", "date fecha", "name nombre",
    "add sumar suma",
    "random azar aleatorio", "word palabra", "count contar cuenta", "temperature temperatura", "file archivo",
    "stock acciones bolsa", "news noticias", "map mapa", "route ruta", "book libro reserva", "play juega",
    "reverse invertir invierte reves", "password contrasena", "note nota apunta", "reminder recordatorio",
)  # fmt: skip
_SYNONYMS = {word: group.split()[0] for group in _SAME for word in group.split()}

_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:[.,]\d+)?(?![\w])")
_WRITTEN = {
    word: number
    for number, spelled in enumerate(
        "cero un,uno,una dos tres cuatro cinco seis siete ocho nueve diez once doce".split()
    )
    for word in spelled.split(",")
}
_QUOTED = re.compile(r"[«\"“'‘`]([^«»\"“”'‘’`]{1,200})[»\"”'’`]")
_BY_FORMAT = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "uri": re.compile(r"https?://\S+"),
    "date": re.compile(r"\b\d{4}-\d\d-\d\d\b"),
}
_CAPITALISED = re.compile(r"(?<=[\w,] )[A-ZÁÉÍÓÚÑ]\w+(?: (?:de |del |la )?[A-ZÁÉÍÓÚÑ]\w+)*")
_WORD = re.compile(r"\w+")


def tool_fit(tool: Mapping[str, Any], text: str) -> float:
    """Score how well a question fits a tool; 0 for a tool without a schema, such as those of the server."""
    schema, name = tool.get("input_schema"), tool.get("name")
    if not isinstance(schema, Mapping) or not isinstance(name, str):
        return 0.0
    asked = words(text)
    literal = 3.0 if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) else 0.0
    fit = sum(1.0 if word in _GENERIC else 2.0 for word in _parts(name) if _occurs(word, asked))
    properties = _properties(schema)
    fit += sum(
        any(_occurs(word, asked) for word in _parts(each) if word not in _GENERIC) for each in properties
    )
    fit += sum(_enumerated(part, asked) is not None for part in properties.values())
    named = {word for word in words(str(tool.get("description", "")).partition("\n")[0]) if len(word) > 3}
    described = sum(0.7 for word in named - UNIMPORTANT - _GENERIC if _occurs(word, asked))
    return literal + fit + min(described, _MOST_OF_DESCRIPTION)


def tool_input(tool: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The input of a call: what the question names, and samples for what is required besides."""
    schema = tool.get("input_schema")
    if not isinstance(schema, Mapping):
        return {}
    taken = [word for word in _parts(str(tool.get("name"))) if word not in _GENERIC]
    taken += words(str(tool.get("description", "")).partition("\n")[0])
    try:
        return _Reader(text, schema, taken).input(schema)
    except RecursionError:  # the schema contains itself
        return {}


class _Reader:
    """Takes values out of a question; each is taken once.

    Args:
        text: the question.
        root: the schema with the definitions.
        taken: words that belong to the tool itself.
    """

    def __init__(self, text: str, root: Mapping[str, Any], taken: Sequence[str]) -> None:
        self._text, self._root = text, root
        self._names = [word for name in _properties(root) for word in _parts(name)]
        self._words = words(text)
        self._numbers = _numbers(text)
        quoted = [found[1].strip() for found in _QUOTED.finditer(text)]
        names = [found[0] for found in _CAPITALISED.finditer(text)]
        rest = self._left(taken, {word for each in (*quoted, *names) for word in words(each)})
        self._texts, self._rest = (quoted or names), rest

    def input(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        properties = _properties(schema)
        required = schema.get("required")
        needed = required if isinstance(required, list) else []
        given: dict[str, Any] = {}
        for name in sorted(properties, key=lambda name: name not in needed):
            part = self._resolved(properties[name])
            value = self._value(name, part)
            if value is None and name in needed:
                value = part["default"] if "default" in part else sample(part, self._root)
            if value is not None:
                given[name] = value
        return {name: given[name] for name in properties if name in given}

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema itself, for a reference, an optional value or a choice."""
        if "$ref" in part:
            return resolve(part["$ref"], self._root) or {}
        for name in ("anyOf", "allOf", "oneOf"):
            for choice in part.get(name) or ():
                if isinstance(choice, Mapping) and choice.get("type") != "null":
                    return self._resolved(choice)
        return part

    def _value(self, name: str, part: Mapping[str, Any]) -> Any:
        if part.get("enum"):
            return _enumerated(part, self._words)
        kind = part.get("type", "string")
        match kind[0] if isinstance(kind, list) and kind else kind:
            case "integer" | "number":
                return self._number(name, whole=kind == "integer")
            case "boolean":
                return True if any(_occurs(word, self._words) for word in _parts(name)) else None
            case "array":
                return self._list(part)
            case "object":
                return self.input(part) or None
            case "string":
                return self._string(name, part)
        return None

    def _number(self, name: str, *, whole: bool) -> float | None:
        """The number beside the parameter's name, else the next one that is beside no other's."""
        if not self._numbers:
            return None
        named = [any(_similar(word, after) for word in _parts(name)) for _, after in self._numbers]
        free = [not any(_similar(word, after) for word in self._names) for _, after in self._numbers]
        at = next((at for at, fits in enumerate(named) if fits), free.index(True) if any(free) else 0)
        number, _ = self._numbers.pop(at)
        return int(number) if whole or number.is_integer() else number

    def _string(self, name: str, part: Mapping[str, Any]) -> str | None:
        if pattern := _BY_FORMAT.get(str(part.get("format", name))):
            found = pattern.search(self._text)
            return found[0] if found else None
        if not {"zone", "timezone", "zona"}.isdisjoint(_parts(name)) and IANA_ZONE.search(self._text):
            return zone(self._text)
        if not {"path", "file", "archivo", "ruta"}.isdisjoint(_parts(name)) and (
            found_path := path(self._text)
        ):
            return found_path
        texts = self._texts or self._rest
        return texts.pop(0) if texts else None

    def _list(self, part: Mapping[str, Any]) -> list[Any] | None:
        items = part.get("items")
        kind = items.get("type") if isinstance(items, Mapping) else "string"
        if kind in ("integer", "number"):
            numbers, self._numbers = self._numbers, []
            return [int(each) if each.is_integer() else each for each, _ in numbers] or None
        if kind != "string":
            return None
        texts = list(self._texts or self._rest)
        self._texts, self._rest = [], []
        return [item for text in texts for item in re.split(r"\s*,\s*|\s+y\s+", text) if item] or None

    def _left(self, taken: Sequence[str], quoted: Collection[str]) -> list[str]:
        """The words of the question that nothing else explains, neighbours together."""
        spans: list[tuple[int, int]] = []
        known: tuple[Collection[str], ...] = (UNIMPORTANT, _GENERIC, _WRITTEN, quoted)
        for found in _WORD.finditer(self._text):
            bare = " ".join(words(found[0]))
            if not bare or bare.isdigit() or any(bare in each for each in known):
                continue
            if any(_similar(word, bare) for word in taken):
                continue
            if spans and not self._text[spans[-1][1] : found.start()].strip(" "):
                spans[-1] = (spans[-1][0], found.end())
            else:
                spans.append(found.span())
        return [self._text[start:end] for start, end in spans]


def _properties(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    properties = schema.get("properties")
    found = properties if isinstance(properties, Mapping) else {}
    return {str(name): part for name, part in found.items() if isinstance(part, Mapping)}


def _parts(name: str) -> list[str]:
    """The words of an identifier: `tirarDados`, `tirar_dados`."""
    return words(re.sub(r"(?<=[a-zñ\d])(?=[A-ZÑ])", " ", name))


def _enumerated(part: Mapping[str, Any], asked: Sequence[str]) -> Any:
    """The value of an enumeration that the question names, or None."""
    for value in part.get("enum") or ():
        value_words = words(str(value))
        if value_words and all(_occurs(word, asked) for word in value_words):
            return value
    return None


def _occurs(word: str, asked: Sequence[str]) -> bool:
    return any(_similar(word, each) for each in asked)


def _similar(one: str, other: str) -> bool:
    """Whether two words are forms of one: `dado` and `dados`, `tirar` and `tira`, `weather` and `tiempo`."""
    if one == other or _SYNONYMS.get(one, one) == _SYNONYMS.get(other, other):
        return True
    short, long = sorted((one, other), key=len)
    stem = max(4, len(short) - 1)
    return len(short) >= 4 and len(long) - len(short) <= 3 and short[:stem] == long[:stem]


def _numbers(text: str) -> list[tuple[float, str]]:
    """The numbers of a question in digits or words, each with the word after it."""
    found: list[tuple[float, str]] = []
    pieces = text.split()
    for at, piece in enumerate(pieces):
        after = "".join(words(pieces[at + 1])[:1]) if at + 1 < len(pieces) else ""
        bare = piece.strip("¿?¡!.,;:()«»\"'")
        if _NUMBER.fullmatch(bare):
            found.append((float(bare.replace(",", ".")), after))
        elif (spelled := "".join(words(bare))) in _WRITTEN and spelled not in ("un", "una"):
            found.append((float(_WRITTEN[spelled]), after))
    return found
