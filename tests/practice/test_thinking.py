"""The thinking of the practice server: when there is any, what is seen of it, and how it goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from stream_core.practice.scenarios import THOUGHT, choose, load, robot
from stream_core.practice.scenarios import hidden_thinking as reservado
from stream_core.practice.script import Send, Wait
from stream_core.practice.server import PracticeServer
from stream_core.sdk.tools import tool_schema
from stream_core.tools.calculator import calculate

SONNET, OPUS, HAIKU, OLD = "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5"
PROMPT = "Escribe una historia corta sobre un robot"
SUMMARIZED = {"type": "adaptive", "display": "summarized"}
BUDGET = {"type": "enabled", "budget_tokens": 1024}

pytestmark = pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(pace=0) as running:
        yield running


def body(model: str = SONNET, thinking: Any = None, prompt: str = PROMPT, **more: Any) -> dict[str, Any]:
    asked = {"thinking": thinking} if thinking else {}
    messages = [{"role": "user", "content": prompt}]
    return {"model": model, "max_tokens": 3000, "messages": messages, **asked, **more}


def ask(server: PracticeServer, request: dict[str, Any]) -> dict[str, Any]:
    """The reply, which must be the same streamed and not."""

    async def both() -> tuple[Any, Any]:
        async with AsyncAnthropic(base_url=server.base_url, api_key="practice", max_retries=0) as client:
            async with client.messages.stream(**request) as stream:
                streamed = await stream.get_final_message()
            return streamed, await client.messages.create(**request)

    streamed, plain = asyncio.run(both())
    assert streamed.to_dict() == plain.to_dict()
    reply: dict[str, Any] = plain.to_dict()
    return reply


def kinds(reply: dict[str, Any]) -> list[str]:
    return [block["type"] for block in reply["content"]]


def after(request: dict[str, Any], reply: dict[str, Any], then: Any = "Sigue") -> dict[str, Any]:
    """The next request of the same conversation."""
    said = {"role": "assistant", "content": reply["content"]}
    return {**request, "messages": [*request["messages"], said, {"role": "user", "content": then}]}


@pytest.mark.parametrize(
    ("model", "thinking", "seen"),
    [
        (SONNET, SUMMARIZED, THOUGHT),
        (SONNET, {"type": "adaptive"}, ""),
        (HAIKU, {"type": "adaptive", "display": "omitted"}, ""),
        (OPUS, None, ""),
        (OPUS, SUMMARIZED, THOUGHT),
        (OLD, BUDGET, THOUGHT),
        (OLD, {**BUDGET, "display": "omitted"}, ""),
    ],
)
def test_it_thinks_first_when_it_is_asked_to(
    server: PracticeServer, model: str, thinking: Any, seen: str
) -> None:
    reply = ask(server, body(model, thinking))
    assert kinds(reply) == ["thinking", "text"]
    assert reply["content"][0]["thinking"] == seen
    assert reply["content"][0]["signature"]
    assert reply["content"][1]["text"] == robot.TEXT
    thought = reply["usage"]["output_tokens_details"]["thinking_tokens"]
    assert 20 < thought < reply["usage"]["output_tokens"]


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        (SONNET, None),
        (HAIKU, None),
        (OLD, None),
        (SONNET, {"type": "between_tools"}),
        (HAIKU, {"type": "disabled"}),
    ],
)
def test_it_does_not_think_otherwise(server: PracticeServer, model: str, thinking: Any) -> None:
    reply = ask(server, body(model, thinking))
    assert kinds(reply) == ["text"]
    assert "output_tokens_details" not in reply["usage"]


def test_what_is_omitted_is_a_long_silence_that_grows_with_the_effort() -> None:
    def silence(effort: str) -> float:
        request = body(OPUS, output_config={"effort": effort})
        chosen = choose(load(), request)
        assert chosen is not None
        script = chosen.script(request)
        waited = 0.0
        for step in script:
            waited += step.seconds if isinstance(step, Wait) else 0
            if isinstance(step, Send) and b"signature_delta" in step.data:
                return waited
        raise AssertionError("no signature came")

    low, high, most = silence("low"), silence("high"), silence("max")
    assert 1.5 < low < high < most


def test_a_thought_that_nobody_may_read(server: PracticeServer) -> None:
    request = body(thinking=SUMMARIZED, prompt=reservado.PROMPT)
    reply = ask(server, request)
    assert kinds(reply) == ["thinking", "redacted_thinking", "text"]
    assert kinds(ask(server, after(request, reply))) == ["thinking", "text"]
    assert kinds(ask(server, body(prompt=reservado.PROMPT))) == ["text"]


@pytest.mark.parametrize("thinking", [SUMMARIZED, {"type": "adaptive"}, {"type": "between_tools"}])
def test_what_is_said_before_a_tool_call_is_thinking(server: PracticeServer, thinking: Any) -> None:
    request = body(thinking=thinking, prompt="¿Cuánto es 3 * 4?", tools=[tool_schema(calculate)])
    reply = ask(server, request)
    assert kinds(reply) == ["thinking", "tool_use"]
    assert ("Voy a hacer la cuenta" in reply["content"][0]["thinking"]) == (thinking != {"type": "adaptive"})
    result = {"type": "tool_result", "tool_use_id": reply["content"][1]["id"], "content": "12"}
    second = ask(server, after(request, reply, [result]))
    assert kinds(second)[-1] == "text" and second["stop_reason"] == "end_turn"
    third = after(after(request, reply, [result]), second, "¿Y 5 * 6?")
    assert ask(server, third)["stop_reason"] == "tool_use"


def test_a_conversation_goes_on_with_its_thinking_also_in_other_words(server: PracticeServer) -> None:
    request = body(thinking=SUMMARIZED, system="Sé breve")
    going_on = after(request, ask(server, request))
    going_on = after(going_on, ask(server, going_on))
    assert kinds(ask(server, going_on)) == ["thinking", "text"]
    first = [{"type": "text", "text": PROMPT, "cache_control": {"type": "ephemeral"}}]
    same = {**going_on, "messages": [{"role": "user", "content": first}, *going_on["messages"][1:]]}
    system = [{"type": "text", "text": "Sé breve"}]
    assert kinds(ask(server, {**same, "system": system})) == ["thinking", "text"]


def refused(server: PracticeServer, request: dict[str, Any]) -> str:
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(server, request)
    assert caught.value.type == "invalid_request_error"
    return caught.value.message


def test_thinking_of_another_model_is_refused(server: PracticeServer) -> None:
    request = body(thinking=SUMMARIZED)
    going_on = after(request, ask(server, request))
    told = refused(server, {**going_on, "model": HAIKU})
    assert "messages.1.content.0: Invalid `signature` in `thinking` block" in told


@pytest.mark.parametrize("display", ["summarized", "omitted"])
def test_thinking_that_was_changed_is_refused(server: PracticeServer, display: str) -> None:
    request = body(thinking={"type": "adaptive", "display": display})
    reply = ask(server, request)
    reply["content"][0]["thinking"] += "."
    assert "messages.1.content.0: Invalid `signature`" in refused(server, after(request, reply))


CHANGES: dict[str, dict[str, Any]] = {
    "system": {"system": "Sé largo"},
    "tools": {"tools": [tool_schema(calculate)]},
    "messages": {"messages": [{"role": "user", "content": "Otra cosa"}]},
}


@pytest.mark.parametrize("changed", CHANGES)
def test_thinking_is_bound_to_what_came_before_it(server: PracticeServer, changed: str) -> None:
    request = body(thinking=SUMMARIZED)
    reply = ask(server, request)
    told = refused(server, after({**request, **CHANGES[changed]}, reply))
    assert "The block is bound to a different conversation." in told
    assert f"`{changed}`" in told or f"The {changed} before this block" in told
    without = {"content": [block for block in reply["content"] if block["type"] == "text"]}
    assert kinds(ask(server, after({**request, **CHANGES[changed]}, without)))[0] == "thinking"


def test_thinking_of_an_old_model_is_bound_to_the_model_only(server: PracticeServer) -> None:
    request = body(OLD, BUDGET)
    reply = ask(server, request)
    assert kinds(ask(server, after({**request, "system": "Sé largo"}, reply))) == ["thinking", "text"]


def test_max_tokens_can_end_a_reply_in_its_thinking(server: PracticeServer) -> None:
    for thinking in (SUMMARIZED, {"type": "adaptive"}):
        reply = ask(server, {**body(thinking=thinking), "max_tokens": 7})
        assert (kinds(reply), reply["stop_reason"]) == (["thinking"], "max_tokens")
        assert reply["content"][0]["signature"] == ""
        assert reply["usage"]["output_tokens"] == 7
