"""Thinking, a tool and text in one turn, in the order in which they come."""

from __future__ import annotations

import json
from typing import Any

from stream_core.core.deltas import Text, Thinking, ToolDone, ToolInput, TurnDelta
from stream_core.core.numbers import counted
from stream_core.tools.calculator import calculate

from . import Lesson
from .stage import Stage, request

_QUESTION = "¿Cuánto es (1250 * 1.21) / 3?"
_THINKING = {"type": "adaptive", "display": "summarized"}
_AGAIN = "repite la lección sin cancelar nada"


def _run(stage: Stage) -> None:
    from stream_core.streaming.turn import stream_turn

    came: list[TurnDelta] = []
    with (
        stage.writing() as write,
        stream_turn(stage.client, tools=[calculate], **request(_QUESTION, thinking=_THINKING)) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            _heading(came, delta, write)
            came.append(delta)
            match delta:
                case Thinking(text=piece):
                    write(piece, "dim italic")
                case ToolInput(partial_json=piece):
                    write(piece, "yellow")
                case ToolDone(content=content):
                    write(content, "green")
                case Text(text=piece):
                    write(piece, "")
    stage.say()
    _check_order(stage, came)
    _check_requests(stage, came)


def _heading(came: list[TurnDelta], delta: TurnDelta, write: Any) -> None:
    """Write what begins now, where the kind of delta changes."""
    titles = {
        Thinking: "💭 Piensa",
        ToolInput: "🔧 Pide",
        ToolDone: "✓ Tu programa calcula",
        Text: "🤖 Contesta",
    }
    kinds = [type(each) for each in came if type(each) in titles]
    kind = type(delta)
    if kind in titles and (not kinds or kinds[-1] is not kind):
        name = f" {delta.name}" if isinstance(delta, ToolInput) else ""
        write("\n" * (2 if kinds else 0) + f"{titles[kind]}{name}: ", "bold")


def _check_order(stage: Stage, came: list[TurnDelta]) -> None:
    kinds = [type(delta) for delta in came]
    order = [kinds.index(kind) for kind in (Thinking, ToolInput, ToolDone) if kind in kinds]
    last_text = max((at for at, kind in enumerate(kinds) if kind is Text), default=-1)
    stage.check(
        len(order) == 3 and sorted(order) == order and last_text > order[-1],
        "El orden fue: pensar, pedir la herramienta, su resultado y, al final, el texto.",
        f"faltó alguna parte: {_AGAIN}.",
    )
    pieces = [delta.partial_json for delta in came if isinstance(delta, ToolInput)]
    done = [delta.content for delta in came if isinstance(delta, ToolDone)]
    stage.check(
        len(pieces) > 1 and _calculated("".join(pieces)) in done,
        f"La entrada llegó en {counted(len(pieces), 'delta', 'deltas')}, y solo entera es JSON; el resultado "
        "es el de tu programa.",
        f"la herramienta no llegó a usarse: {_AGAIN}.",
    )


def _calculated(arguments: str) -> str:
    """The result of the tool for the input that came; "" if that is no JSON."""
    try:
        return calculate(**json.loads(arguments))
    except (ValueError, TypeError):
        return ""


def _check_requests(stage: Stage, came: list[TurnDelta]) -> None:
    bodies = [each.json() for each in stage.server.requests]
    stage.check(
        len(bodies) == 2,
        "El servidor vio dos peticiones: la pregunta, y el resultado de la herramienta.",
        f"el servidor vio {counted(len(bodies), 'petición', 'peticiones')}, y tenían que ser dos: {_AGAIN}.",
    )
    sent = bodies[-1]["messages"]
    blocks = [block for message in sent if message["role"] == "assistant" for block in message["content"]]
    thoughts = [block for block in blocks if block["type"] == "thinking"]
    thought = "".join(delta.text for delta in came if isinstance(delta, Thinking))
    stage.check(
        bool(thoughts) and thought.startswith(thoughts[0]["thinking"]) and bool(thoughts[0]["signature"]),
        "Lo pensado volvió al servidor tal cual, con su firma: sin ella la segunda petición se rechaza.",
        f"el pensamiento no volvió: {_AGAIN}.",
    )


LESSON = Lesson(
    number=11,
    title="Pensar y herramientas",
    look=(
        "en gris, lo que piensa; en amarillo, lo que pide, trozo a trozo; en verde, lo que da tu programa.",
        "son dos peticiones, y un solo turno.",
    ),
    do="nada: basta con mirar.",
    run=_run,
)
