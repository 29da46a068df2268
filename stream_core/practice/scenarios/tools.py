"""A turn with tools: calls to the tools known here, then an answer that quotes their results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from stream_core.practice.request import Body, blocks_of, text_of, tool_names, words
from stream_core.practice.script import Call, Script

from . import Scenario, reply
from .general import quote

_EXAMPLE = "1250 * 1.21"
_HOME = "Europe/Madrid"
_LONGEST_READ = 1_000  # characters of a question
_LONGEST_EXPRESSION = 200
_LONGEST_RESULT = 160
_LONGEST_INPUT = 80


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences about the result of one tool.

    Attributes:
        field: the field of its input that the sentence quotes.
        done: the sentence about a result.
        failed: the sentence about an error.
    """

    field: str
    done: str
    failed: str


_SENTENCES = {
    "calculate": _Sentences(
        "expression",
        "- **La cuenta:** {asked} da {answer}.",
        "- **La cuenta:** no ha salido. Con {asked}, `calculate` respondió con un error: {answer}.",
    ),
    "current_time": _Sentences(
        "zone",
        "- **La hora:** en {asked}, el reloj marca {answer}.",
        "- **La hora:** no la sé. Con {asked}, `current_time` respondió con un error: {answer}.",
    ),
    "read_file": _Sentences(
        "path",
        "- **El archivo:** {asked} empieza por {answer}.",
        "- **El archivo:** no he podido leerlo. Con {asked}, `read_file` respondió con un error: {answer}.",
    ),
}
_OTHER = _Sentences(
    "",
    "- **Otra herramienta** respondió {answer}.",
    "- **Otra herramienta** respondió con un error: {answer}.",
)

_ANSWER = """\
Esto es lo que han respondido las herramientas:

{results}

**Modo práctica.** Mis frases estaban escritas de antemano: aquí no hay ninguna IA. Las herramientas, en \
cambio, son de verdad: las ejecuta tu propio programa, y de ahí vienen estas respuestas."""


def _matches(body: Body) -> bool:
    return bool(_known(body) and (_results(body) or _named(body, _question(body))))


def _script(body: Body) -> Script:
    text = _question(body)
    one_by_one = _choice(body).get("disable_parallel_tool_use") is True
    calls = _named(body, text)
    if _results(body):
        done = [str(call.get("name")) for call in _calls_before(body).values()]
        calls = [name for name in calls if one_by_one and name not in done]
        if not calls:
            return reply(body, answer(body))
    calls = calls[:1] if one_by_one else calls
    found = expression(text)
    inputs: dict[str, dict[str, Any]] = {
        "calculate": {"expression": found or _EXAMPLE},
        "current_time": {"zone": zone(text)},
        "read_file": {"path": path(text)},
    }
    return reply(body, _intention(calls, found is None), [Call(name, inputs[name]) for name in calls])


def _question(body: Body) -> str:
    """The question of this turn: the last user text."""
    asked = [text_of(message) for message in body["messages"] if message.get("role") == "user"]
    return next((text for text in reversed(asked) if text), "")[:_LONGEST_READ]


def _named(body: Body, text: str) -> list[str]:
    """The tools that the question names; with a `tool_choice` that forces a call, any that may be called."""
    calls = _callable(body)
    wanted = {
        "calculate": expression(text) is not None,
        "current_time": not {"hora", "horas", "fecha", "time"}.isdisjoint(words(text))
        or _IANA.search(text) is not None,
        "read_file": path(text) is not None,
    }
    named = [name for name in calls if wanted[name]]
    if named or _choice(body).get("type") not in ("tool", "any"):
        return named
    return [name for name in calls if name != "read_file"]


def _known(body: Body) -> list[str]:
    offered = tool_names(body)
    return [name for name in _SENTENCES if name in offered]


def _callable(body: Body) -> list[str]:
    """The known tools that `tool_choice` allows."""
    match _choice(body):
        case {"type": "none"}:
            return []
        case {"type": "tool", "name": wanted}:
            return [name for name in _known(body) if name == wanted]
        case _:
            return _known(body)


def _choice(body: Body) -> Mapping[str, Any]:
    choice = body.get("tool_choice")
    return choice if isinstance(choice, Mapping) else {}


def _intention(calls: list[str], example: bool) -> str:
    tasks = {
        "calculate": "hacer una cuenta de ejemplo" if example else "hacer la cuenta",
        "current_time": "mirar la hora",
        "read_file": "leer el archivo",
    }
    going = " y a ".join(tasks[name] for name in calls)
    missing = "No veo ninguna cuenta en tu mensaje. " if example and "calculate" in calls else ""
    return f"{missing}Voy a {going}…"


# -- the answer to results ---------------------------------------------------------------------


def answer(body: Body) -> str:
    """The text about the results of this turn, with one line for each."""
    calls = _calls_before(body)
    results = [result for message in _turn(body) for result in blocks_of(message, "tool_result")]
    lines = (_result_line(calls.get(str(result.get("tool_use_id")), {}), result) for result in results)
    return _ANSWER.format(results="\n".join(lines))


def _results(body: Body) -> list[Mapping[str, Any]]:
    return blocks_of(body["messages"][-1], "tool_result")


def _calls_before(body: Body) -> dict[str, Mapping[str, Any]]:
    """The calls of this turn, by their ids."""
    said = [message for message in _turn(body) if message.get("role") == "assistant"]
    return {str(call.get("id")): call for message in said for call in blocks_of(message, "tool_use")}


def _turn(body: Body) -> list[Mapping[str, Any]]:
    """The messages since the last question."""

    def asks(message: Mapping[str, Any]) -> bool:
        return message.get("role") == "user" and not blocks_of(message, "tool_result")

    return list(takewhile(lambda message: not asks(message), reversed(body["messages"])))[::-1]


def _result_line(call: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """One line about a result. Both result and input are untrusted: the input came back from the client."""
    sentences = _SENTENCES.get(str(call.get("name")), _OTHER)
    given = call.get("input")
    asked = given.get(sentences.field, "") if isinstance(given, Mapping) else ""
    sentence = sentences.failed if result.get("is_error") is True else sentences.done
    return sentence.format(
        asked=quote(str(asked), _LONGEST_INPUT) or "lo pedido",
        answer=quote(text_of(result), _LONGEST_RESULT) or "un texto vacío",
    )


# -- what the question names -------------------------------------------------------------------

_NUMBER = r"\d+(?:[.,]\d+)*(?![\d_]|[^\W\d_x])"
_OPERATOR = r"(?:\*\*|//|[-+*/%×÷−^x])"
_DEEPEST = 4  # parentheses in one another


def _operations(operand: str, least: int) -> str:
    """A pattern for an operand and at least so many more, each behind an operator."""
    return rf"{operand}(?:\s*{_OPERATOR}\s*{operand}){{{least},}}"


def _pattern() -> re.Pattern[str]:
    operand = rf"[-+−]?{_NUMBER}"
    for _ in range(_DEEPEST):
        group = rf"\(\s*{_operations(operand, 0)}\s*\)"
        operand = rf"[-+−]?(?:{_NUMBER}|{group})"
    unsigned = operand.removeprefix("[-+−]?")
    # A sign that begins is one only where a word could begin: `3 -4` is a subtraction.
    first = rf"(?:(?<![^\s(¿:=])[-−]|(?<![\w.])){unsigned}"
    more = rf"(?:\s*{_OPERATOR}\s*{operand})+"
    grouped = rf"(?<![\w.])\(\s*{_operations(operand, 1)}\s*\)"
    return re.compile(f"{first}{more}|{grouped}", re.IGNORECASE)


_EXPRESSION = _pattern()
_SIGNS = {"×": "*", "x": "*", "X": "*", "÷": "/", "−": "-", "^": "**"}


def expression(text: str) -> str | None:
    """The longest arithmetic expression in `text`, as the calculator takes it, or None.

    A regular expression finds it; only the tool calculates. It has at least one operation. A decimal
    comma becomes a point; `×`, `x`, `÷` and `^` become Python's.
    """
    found = (_in_python(match[0]) for match in _EXPRESSION.finditer(text))
    return max((each for each in found if len(each) <= _LONGEST_EXPRESSION), key=len, default=None)


def _in_python(found: str) -> str:
    spaced = re.sub(r"\s+", " ", found)
    signed = re.sub("[×xX÷−^]", lambda sign: _SIGNS[sign[0]], spaced)
    return re.sub(r"\d+(?:[.,]\d+)*", lambda number: _number(number[0]), signed)


def _number(written: str) -> str:
    """A number in Python's notation: `1.250,5` and `1,250.5` are 1250.5, and `1,21` is 1.21."""
    marks = [char for char in written if char in ".,"]
    if len(marks) > 1 and marks[-1] in marks[:-1]:  # they all separate thousands
        marks = []
    whole, mark, rest = written.rpartition(marks[-1]) if marks else (written, "", "")
    digits = re.sub("[.,]", "", whole).lstrip("0") or "0"
    return f"{digits}.{rest}" if mark else digits


_PATH = re.compile(r"(?<![\w/.])(?:[\w-]+/)*[\w-]+\.[a-z]{1,4}\b(?!/)")


def path(text: str) -> str | None:
    """The first file name in `text`, such as `notas/lunes.txt`."""
    named = _PATH.search(text)
    return named[0] if named else None


_IANA = re.compile(
    r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]{2,40}\b"
)
_ZONES = {
    "madrid": _HOME,
    "españa": _HOME,
    "santiago de compostela": _HOME,
    "canarias": "Atlantic/Canary",
    "méxico": "America/Mexico_City",
    "cdmx": "America/Mexico_City",
    "bogotá": "America/Bogota",
    "colombia": "America/Bogota",
    "lima": "America/Lima",
    "perú": "America/Lima",
    "santiago": "America/Santiago",
    "chile": "America/Santiago",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "argentina": "America/Argentina/Buenos_Aires",
    "tokio": "Asia/Tokyo",
    "tokyo": "Asia/Tokyo",
    "japón": "Asia/Tokyo",
    "nueva york": "America/New_York",
    "new york": "America/New_York",
    "londres": "Europe/London",
    "utc": "UTC",
}


def zone(text: str) -> str:
    """The IANA time zone of the first place named in `text`; Madrid's if none is."""
    if written := _IANA.search(text):
        return written[0]
    said = f" {' '.join(words(text))} "
    places = {f" {' '.join(words(place))} ": name for place, name in _ZONES.items()}
    named = [(said.index(place), -len(place), name) for place, name in places.items() if place in said]
    return min(named)[2] if named else _HOME


SCENARIO = Scenario(
    name="tools",
    summary="Un turno con la calculadora, el reloj o un archivo",
    match=_matches,
    script=_script,
)
