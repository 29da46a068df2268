"""The practice server's own web search: a turn with it, and one that pauses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic

from stream_core.practice.scenarios import web_search as busqueda
from stream_core.practice.server import PracticeServer

VERSIONS = ("web_search_20250305", "web_search_20260209", "web_search_20260318")
ADAPTIVE = {"type": "adaptive", "display": "summarized"}


@pytest.fixture
def client() -> Iterator[Anthropic]:
    with (
        PracticeServer(pace=0) as server,
        Anthropic(base_url=server.base_url, api_key="practice", max_retries=0) as running,
    ):
        yield running


def body(prompt: str, version: str = VERSIONS[0], **more: Any) -> dict[str, Any]:
    tools = [{"type": version, "name": "web_search"}]
    messages = [{"role": "user", "content": prompt}]
    return {"model": "claude-sonnet-5-5", "max_tokens": 2000, "tools": tools, "messages": messages, **more}


def ask(client: Anthropic, request: dict[str, Any]) -> dict[str, Any]:
    """The reply, which must be the same streamed and not."""
    with client.messages.stream(**request) as stream:
        streamed = stream.get_final_message().to_dict()
    plain: dict[str, Any] = client.messages.create(**request).to_dict()
    assert streamed == plain
    return plain


def kinds(reply: dict[str, Any]) -> list[str]:
    return [block["type"] for block in reply["content"]]


def after(request: dict[str, Any], *messages: dict[str, Any]) -> dict[str, Any]:
    return {**request, "messages": [*request["messages"], *messages]}


def said(reply: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": reply["content"]}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_search_comes_with_its_results_and_is_cited(client: Anthropic, version: str) -> None:
    reply = ask(client, body(busqueda.PROMPT, version))
    assert kinds(reply) == ["text", "server_tool_use", "web_search_tool_result", *["text"] * 5]
    search, found = reply["content"][1:3]
    assert search["name"] == "web_search" and search["input"]["query"]
    assert search["id"].startswith("srvtoolu_") and found["tool_use_id"] == search["id"]
    cited = [cite for block in reply["content"][3:] for cite in block.get("citations") or ()]
    assert [cite["url"] for cite in cited] == [each["url"] for each in found["content"]]
    assert reply["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert reply["stop_reason"] == "end_turn"


@pytest.mark.parametrize("thinking", [None, ADAPTIVE, {"type": "between_tools"}])
def test_a_pause_goes_on_when_it_comes_back(client: Anthropic, thinking: Any) -> None:
    request = body(busqueda.SLOW_PROMPT, **({"thinking": thinking} if thinking else {}))
    paused = ask(client, request)
    assert (kinds(paused)[-1], paused["stop_reason"]) == ("server_tool_use", "pause_turn")
    assert kinds(paused)[0] == ("thinking" if thinking else "text")
    rest = ask(client, after(request, said(paused)))
    assert kinds(rest) == ["web_search_tool_result", *["text"] * 5]
    assert rest["content"][0]["tool_use_id"] == paused["content"][-1]["id"]
    assert rest["stop_reason"] == "end_turn"
    thanks = after(request, said(paused), said(rest), {"role": "user", "content": "Gracias"})
    assert ask(client, thanks)["stop_reason"] == "end_turn"


def test_without_the_tool_nothing_is_searched(client: Anthropic) -> None:
    assert kinds(ask(client, body(busqueda.PROMPT, tools=[]))) == ["text"]
    assert kinds(ask(client, body("Hola"))) == ["text"]
