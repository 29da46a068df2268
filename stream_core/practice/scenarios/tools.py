"""A turn with tools: calls to those that the question is for, then an answer that quotes their results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from stream_core.practice.arguments import LEAST_FIT, tool_fit, tool_input
from stream_core.practice.attached import asking_line
from stream_core.practice.events import to_json
from stream_core.practice.named import IANA_ZONE, expression, folder, path, zone
from stream_core.practice.request import Body, blocks_of, text_of, tool_names, words
from stream_core.practice.script import Call, Script

from . import Scenario, reply
from .general import quote

_CALLED = 0.95
_NAME = re.compile(r"[\w-]{1,64}")
_MOST_CALLS = 3  # of the user's own tools, at once
_DEFINITION = re.compile(
    r"(?:que (?:es|son|significa)|what (?:is|are))(?: (?:una?|el|la|los|las|an?|the))? \w+"
)
_ANY_TOOL = re.compile(
    r"(?i:\b(?:usa|utiliza|prueba|pru[eé]bame|llama a|use|try)\b.{0,12}\b(?:herramientas?|tools?)\b"
    r"|\bp[ií]de?(?:me|le)? permiso|\bpregunta de permiso|\bask (?:me )?(?:for )?permission)"
)
"""Asks for a tool, or for the question of permission, and not for a certain tool."""
_DEFINITION_FIT = 4.0  # of a tool called for a question that seems to ask what a thing is
_EXAMPLE = "1250 * 1.21"
_LONGEST_READ = 1_000  # characters of a question
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
        "- **La cuenta:** no salió. Con {asked}, `calculate` respondió con un error: {answer}.",
    ),
    "current_time": _Sentences(
        "zone",
        "- **La hora:** en {asked}, el reloj marca {answer}.",
        "- **La hora:** no la sé. Con {asked}, `current_time` respondió con un error: {answer}.",
    ),
    "read_file": _Sentences(
        "path",
        "- **El archivo:** {asked} empieza por {answer}.",
        "- **El archivo:** no pude leerlo. Con {asked}, `read_file` respondió con un error: {answer}.",
    ),
    "list_files": _Sentences(
        "path",
        "- **La carpeta:** en {asked} hay {answer}.",
        "- **La carpeta:** no pude verla. Con {asked}, `list_files` respondió con un error: {answer}.",
    ),
}
_OWN = _Sentences(
    "",
    "- **Tu herramienta** {name}: con {asked} respondió {answer}.",
    "- **Tu herramienta** {name}: con {asked} respondió con un error: {answer}.",
)
_OTHER = _Sentences(
    "",
    "- **Otra herramienta** respondió {answer}.",
    "- **Otra herramienta** respondió con un error: {answer}.",
)

_ANSWER = """\
Esto es lo que respondieron las herramientas:

{results}

Las herramientas son de verdad: las ejecutó tu propio programa, y de ahí salen estos resultados."""


def _matches(body: Body) -> float:
    if not tool_names(body):
        return 0
    if _results(body):
        return 1
    text = _question(body)
    if _named(body, text):
        return 1
    return _CALLED if _own(body, text) else 0


def _script(body: Body) -> Script:
    text = _question(body)
    one_by_one = _choice(body).get("disable_parallel_tool_use") is True
    calls = _named(body, text) + [str(tool["name"]) for tool in _own(body, text)]
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
        "list_files": {"path": folder(text) or "."},
    }
    own = {str(tool["name"]): tool for tool in _own(body, text)}
    made = [Call(name, inputs[name] if name in inputs else tool_input(own[name], text)) for name in calls]
    return reply(body, _intention(calls, found is None), made)


def _question(body: Body) -> str:
    """The question of this turn: the last user text, without a text that it is about."""
    asked = [text_of(message) for message in body["messages"] if message.get("role") == "user"]
    text = next((text for text in reversed(asked) if text), "")
    line, attached = asking_line(text)
    return (line if attached else text)[:_LONGEST_READ]


def _named(body: Body, text: str) -> list[str]:
    """The known tools that the question names; with a forced call, any of them that may be called."""
    calls = _allowed(body, _known(body))
    wanted = {
        "calculate": expression(text) is not None,
        "current_time": not {"hora", "horas", "fecha", "time"}.isdisjoint(words(text))
        or IANA_ZONE.search(text) is not None,
        "read_file": path(text) is not None,
        "list_files": folder(text) is not None or _ANY_TOOL.search(text) is not None,
    }
    named = [name for name in calls if wanted[name]]
    if named or not _must_call(body) or _own(body, text):
        return named
    return [name for name in calls if name not in ("read_file", "list_files")]


def _own(body: Body, text: str) -> list[Mapping[str, Any]]:
    """The user's own tools that the question is for, best first; with a forced call, one at least."""
    tools = {str(tool.get("name")): tool for tool in _schemas(body) if tool.get("name") not in _SENTENCES}
    allowed = [tools[name] for name in _allowed(body, list(tools))]
    least = _DEFINITION_FIT if _DEFINITION.fullmatch(" ".join(words(text))) else LEAST_FIT
    fits = sorted(((tool_fit(tool, text), tool) for tool in allowed), key=lambda pair: -pair[0])
    best = max((fit for fit, _ in fits), default=0.0)
    fitting = [tool for fit, tool in fits if fit >= max(least, best / 2)]
    if fitting or not _must_call(body) or _allowed(body, _known(body)):
        return fitting[:_MOST_CALLS]
    return allowed[:1]


def _schemas(body: Body) -> list[Mapping[str, Any]]:
    """The tools of a request that have a schema; those of the server have none."""
    tools = body.get("tools")
    offered = tools if isinstance(tools, list) else ()
    return [
        tool
        for tool in offered
        if isinstance(tool, Mapping)
        and isinstance(tool.get("name"), str)
        and isinstance(tool.get("input_schema"), Mapping)
    ]


def _known(body: Body) -> list[str]:
    offered = tool_names(body)
    return [name for name in _SENTENCES if name in offered]


def _allowed(body: Body, names: list[str]) -> list[str]:
    """Those of the tools that `tool_choice` allows."""
    match _choice(body):
        case {"type": "none"}:
            return []
        case {"type": "tool", "name": wanted}:
            return [name for name in names if name == wanted]
        case _:
            return names


def _must_call(body: Body) -> bool:
    return _choice(body).get("type") in ("tool", "any")


def _choice(body: Body) -> Mapping[str, Any]:
    choice = body.get("tool_choice")
    return choice if isinstance(choice, Mapping) else {}


def _intention(calls: list[str], example: bool) -> str:
    tasks = {
        "calculate": "hacer un cálculo de ejemplo" if example else "hacer la cuenta",
        "current_time": "mirar la hora",
        "read_file": "leer el archivo",
        "list_files": "mirar la carpeta",
    }
    going = " y a ".join(tasks.get(name, f"usar `{name}`") for name in calls)
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
    answers = [message for message in _turn(body) if message.get("role") == "assistant"]
    return {str(call.get("id")): call for message in answers for call in blocks_of(message, "tool_use")}


def _turn(body: Body) -> list[Mapping[str, Any]]:
    """The messages since the last question."""

    def asks(message: Mapping[str, Any]) -> bool:
        return message.get("role") == "user" and not blocks_of(message, "tool_result")

    return list(takewhile(lambda message: not asks(message), reversed(body["messages"])))[::-1]


def _result_line(call: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """One line about a result. Both result and input are untrusted: the input came back from the client."""
    name, given = str(call.get("name", "")), call.get("input")
    sentences = _SENTENCES.get(name, _OWN if name else _OTHER)
    asked = given.get(sentences.field, "") if isinstance(given, Mapping) else ""
    if sentences is _OWN:
        asked = to_json(given).decode() if given else ""
    done, nothing = text_of(result), "nada" if sentences is _OWN else "lo pedido"
    if name == "list_files":
        asked, nothing = "" if str(asked).strip("./") == "" else asked, "la tuya"
        done = ", ".join(done.splitlines())
    sentence = sentences.failed if result.get("is_error") is True else sentences.done
    return sentence.format(
        name=f"`{name}`" if _NAME.fullmatch(name) else quote(name, _LONGEST_INPUT),
        asked=quote(str(asked), _LONGEST_INPUT) or nothing,
        answer=quote(done, _LONGEST_RESULT) or "un texto vacío",
    )


SCENARIO = Scenario(
    name="tools",
    summary="Un turno con la calculadora, el reloj o un archivo",
    match=_matches,
    script=_script,
)
