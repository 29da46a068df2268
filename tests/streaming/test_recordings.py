"""Streams as the API and gateways send them beyond the plain ones: blocks, endings, what goes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from support.replies import Read, read
from support.wire import body, playing, recorded

from stream_core import Turn
from stream_core.core.tool_call import INVALID_JSON

__all__ = ["read"]  # the fixture that gives both shells


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


@dataclass(frozen=True)
class Expected:
    """What a recording comes to."""

    blocks: tuple[dict[str, Any], ...]
    stop_reason: str = "end_turn"
    outcome: str = "complete"
    model: str = "claude-sonnet-5-5"
    codes: tuple[str, ...] = ()
    goes_back: bool = True


RECORDINGS = {
    "programmatic_call": Expected(
        (
            {
                "type": "tool_use",
                "id": "toolu_p",
                "name": "tirar_dado",
                "input": {"caras": 6},
                "caller": {"type": "code_execution_20250825", "tool_id": "srvtoolu_c"},
            },
        ),
        "tool_use",
        goes_back=False,  # a turn with tools answers it first
    ),
    "mcp": Expected(
        (
            {
                "type": "mcp_tool_use",
                "id": "mcptoolu_1",
                "name": "eco",
                "server_name": "ecos",
                "input": {"frase": "¿hay alguien?"},
            },
            {
                "type": "mcp_tool_result",
                "tool_use_id": "mcptoolu_1",
                "is_error": False,
                "content": [said("¿hay alguien?")],
            },
            said("El eco dice: «¿hay alguien?»"),
        )
    ),
    "compaction": Expected(
        (
            {
                "type": "compaction",
                "content": "Resumen: hablaron del mar.",
                "encrypted_content": "b3BhY28=",
            },
            said("Sigamos con el mar."),
        )
    ),
    "start_twice": Expected((said("Una vez."),), codes=("message_start_again",)),
    "fallback": Expected(
        (
            {
                "type": "fallback",
                "from": {"model": "claude-sonnet-5-5"},
                "to": {"model": "claude-opus-5-5"},
            },
            said("Contesta otro."),
        ),
        model="claude-opus-5-5",
    ),
    "cut_in_tool": Expected(
        (
            said("Voy a escribirlo."),
            {
                "type": "tool_use",
                "id": "toolu_w",
                "name": "escribir",
                "input": {INVALID_JSON: '{"lineas": ["uno", '},
            },
        ),
        "max_tokens",
        "max_tokens",
        goes_back=False,  # its text does
    ),
    "stop_sequence": Expected((said("Uno, dos, "),), "stop_sequence"),
    "done_marker": Expected((said("Con marca."),), codes=("done_marker",)),
    "server_tool": Expected(
        (
            said("Voy a buscarlo."),
            {
                "type": "server_tool_use",
                "id": "srvtoolu_b",
                "name": "bash_code_execution",
                "input": {"command": "date"},
            },
            {
                "type": "bash_code_execution_tool_result",
                "tool_use_id": "srvtoolu_b",
                "content": {
                    "type": "bash_code_execution_result",
                    "stdout": "lunes",
                    "stderr": "",
                    "return_code": 0,
                    "content": [],
                },
            },
            said("Es lunes."),
        )
    ),
}


@pytest.mark.parametrize("size", [None, 37, 1], ids=["whole", "37 bytes", "bytewise"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_what_a_recording_comes_to(read: Read, name: str, size: int | None) -> None:
    expected, data = RECORDINGS[name], recorded(name)
    head, *sends = body(data)
    if size is not None:
        sends = [step for at in range(0, len(data), size) for step in body(data[at : at + size])[1:]]
    with playing([head, *sends]) as server:
        reply = read(server.base_url).reply
    assert tuple(reply.blocks) == expected.blocks
    assert (reply.stop_reason, reply.outcome, reply.model) == (
        expected.stop_reason,
        expected.outcome,
        expected.model,
    )
    assert reply.deviations == expected.codes and reply.usage.input_tokens == 20
    turn = Turn.of("¿?", reply, model="m")
    if expected.goes_back:
        assert list(turn.messages("m")[1]["content"]) == list(expected.blocks)


def test_what_stands_beside_the_blocks(read: Read) -> None:
    with playing(body(recorded("programmatic_call")), body(recorded("stop_sequence"))) as server:
        first, second = read(server.base_url).reply, read(server.base_url).reply
    assert first.container == {"id": "container_1", "expires_at": "2026-12-01T00:00:00Z"}
    assert second.stop_sequence == "tres"
