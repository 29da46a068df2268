"""Tools of the user's own in practice mode: which question calls which, and with what input."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from anthropic import Anthropic

from stream_core.practice.arguments import tool_fit, tool_input
from stream_core.practice.scenarios import choose, load
from stream_core.practice.server import PracticeServer
from stream_core.sdk.tools import tool_schema


def tirar_dados(cantidad: int = 1, caras: int = 6) -> str:
    """Tira unos dados."""
    return ""


def tiempo(ciudad: str, unidad: Literal["celsius", "fahrenheit"] = "celsius", detallado: bool = False) -> str:
    """El tiempo que hace en una ciudad."""
    return ""


def get_weather(city: str) -> str:
    """Weather of a city."""
    return ""


def translate(text: str, language: str) -> str:
    """Translate a text."""
    return ""


def sumar(numeros: list[float]) -> str:
    """Suma una lista de números."""
    return ""


def contar_tokens(texto: str) -> str:
    """Cuenta los tokens de un texto."""
    return ""


def enviar_correo(email: str, asunto: str, urgente: bool = False) -> str:
    """Envía un correo."""
    return ""


def saludar(nombre: str, veces: int | None = None) -> str:
    """Saluda a alguien."""
    return ""


TOOLS = {
    tool.__name__: dict(tool_schema(tool))
    for tool in (tirar_dados, tiempo, get_weather, translate, sumar, contar_tokens, enviar_correo, saludar)
}


def called(question: str, **more: Any) -> list[str]:
    """The names of the tools that a question calls."""
    body = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1000,
        "tools": list(TOOLS.values()),
        "messages": [{"role": "user", "content": question}],
        **more,
    }
    with PracticeServer(pace=0) as server, Anthropic(base_url=server.base_url, api_key="x") as client:
        message = client.messages.create(**body)
    return [block.name for block in message.content if block.type == "tool_use"]


@pytest.mark.parametrize(
    ("question", "name", "given"),
    [
        ("Tira 3 dados de 20 caras", "tirar_dados", {"cantidad": 3, "caras": 20}),
        ("lanza de 20 caras 3 dados", "tirar_dados", {"cantidad": 3, "caras": 20}),
        ("tira dos dados", "tirar_dados", {"cantidad": 2}),
        ("¿Qué tiempo hace en Madrid?", "tiempo", {"ciudad": "Madrid"}),
        (
            "El tiempo detallado en Nueva York, en fahrenheit",
            "tiempo",
            {"ciudad": "Nueva York", "unidad": "fahrenheit", "detallado": True},
        ),
        ("What is the weather in Paris?", "get_weather", {"city": "Paris"}),
        ("translate «hola» al inglés", "translate", {"text": "hola", "language": "inglés"}),
        ("suma 3, 4 y 5.5", "sumar", {"numeros": [3, 4, 5.5]}),
        ("¿Cuántos tokens tiene «hola mundo»?", "contar_tokens", {"texto": "hola mundo"}),
        (
            "envía un correo urgente a ana@x.com con asunto «Cita»",
            "enviar_correo",
            {"email": "ana@x.com", "asunto": "Cita", "urgente": True},
        ),
        ("saluda a Ada", "saludar", {"nombre": "Ada"}),
        ("saludar", "saludar", {"nombre": "Modo práctica"}),
    ],
)
def test_a_question_gives_the_input(question: str, name: str, given: dict[str, Any]) -> None:
    assert tool_fit(TOOLS[name], question) >= 2
    assert tool_input(TOOLS[name], question) == given
    body = {
        "model": "claude-sonnet-5-5",
        "tools": [TOOLS[name]],
        "messages": [{"role": "user", "content": question}],
    }
    chosen = choose(load(), body)
    assert chosen is not None and chosen.name == "tools"


@pytest.mark.parametrize(
    "question",
    ["Hola", "¿Qué es un token?", "¿Qué es una herramienta?", "Escribe una historia corta sobre un robot"],
)
def test_another_question_calls_none(question: str) -> None:
    assert called(question) == []


def test_the_best_tool_is_called_and_only_an_allowed_one() -> None:
    assert called("¿Qué tiempo hace en Madrid?") == ["tiempo"]
    assert called("¿Qué tiempo hace en Madrid?", tool_choice={"type": "none"}) == []
    forced = {"model": "claude-haiku-5-5", "tool_choice": {"type": "tool", "name": "saludar"}}
    assert called("¿Qué tiempo hace en Madrid?", **forced) == ["saludar"]
    assert called("Hola", **{**forced, "tool_choice": {"type": "any"}}) == ["tirar_dados"]


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        {"properties": None},
        {
            "type": "object",
            "properties": {"a": 3, "b": {"type": []}, "c": {"anyOf": None}},
            "required": ["a", "b"],
        },
        {"properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"], "$defs": {"A": {"type": "integer"}}},
        {
            "properties": {"a": {"type": "array"}, "b": {"type": "object", "properties": {}}},
            "required": ["a", "b"],
        },
    ],
)
def test_schemas_of_a_strange_form_do_no_harm(schema: Any) -> None:
    tool = {"name": "rara", "input_schema": schema}
    assert isinstance(tool_fit(tool, "usa rara con 3 y «x»"), float)
    assert isinstance(tool_input(tool, "usa rara con 3 y «x»"), dict)
