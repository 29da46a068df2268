"""Every request that the practice server refuses, as the API would, and those near them that it takes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_core.practice.api import respond
from stream_core.practice.caching import Cache
from stream_core.practice.lab import Lab
from stream_core.practice.request import Request
from stream_core.practice.scenarios import load
from stream_core.practice.script import Head
from stream_core.practice.server import PracticeServer

SONNET, OPUS, HAIKU, OLD = "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5"
ASKED = {"role": "user", "content": "Hola"}
TOOL = {"name": "suma", "input_schema": {"type": "object"}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
MARK = {"type": "ephemeral"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "suma", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "3"}
SEARCHED = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with PracticeServer(pace=0) as running:
        yield running


def body(model: str = SONNET, **more: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 2000, "messages": [ASKED], **more}


def said(*blocks: Any, model: str = SONNET, **more: Any) -> dict[str, Any]:
    """A request whose only message has these blocks."""
    return body(model, messages=[{"role": "user", "content": list(blocks)}], **more)


def replied(*blocks: Any, then: Any = "Sigue", model: str = SONNET, **more: Any) -> dict[str, Any]:
    """A request after a reply of these blocks."""
    after = [{"role": "assistant", "content": list(blocks)}, {"role": "user", "content": then}]
    return body(model, messages=[ASKED, *after], **more)


def text(words: str = "Hola", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def post(server: PracticeServer, request: object, path: str = "/v1/messages") -> tuple[int, Any]:
    url = urlsplit(server.base_url)
    with closing(http.client.HTTPConnection(url.netloc, timeout=30)) as connection:
        connection.request("POST", url.path + path, json.dumps(request).encode())
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def image(media_type: str, data: str) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def document(**source: Any) -> dict[str, Any]:
    return {"type": "document", "source": source}


ENDS_IN_REPLY = [ASKED, {"role": "assistant", "content": "Cla"}]
BAD: dict[str, tuple[dict[str, Any], str]] = {
    # form
    "unknown field": (body(seed=3), "seed: Extra inputs are not permitted"),
    "stream": (body(stream="sí"), "stream: Input should be a valid boolean"),
    "field of a message": (body(messages=[{**ASKED, "name": "Ana"}]), "messages.0.name: Extra inputs"),
    "system of another kind": (body(system=3), "system: Input should be a valid string or list"),
    "system block": (body(system=[{"type": "image"}]), "system.0.type: Input should be 'text'"),
    "system text": (body(system=[{"type": "text"}]), "system.0.text: Input should be a valid string"),
    "empty system block": (body(system=[text("")]), "system: text content blocks must be non-empty"),
    # blocks
    "block no object": (said("Hola"), "messages.0.content.0: Input should be an object"),
    "block without type": (said({"text": "a"}), "messages.0.content.0.type: Field required"),
    "unknown block": (said({"type": "holograma"}), "messages.0.content.0: Input tag 'holograma' found using"),
    "empty text": (said(text(), text("")), "text content blocks must be non-empty"),
    "blank text": (said(text(), text(" \n")), "text content blocks must contain non-whitespace text"),
    "text of another kind": (
        said({"type": "text", "text": 3}),
        "content.0.text.text: Input should be a valid string",
    ),
    "no text": (said({"type": "text"}), "messages.0.content.0.text.text: Field required"),
    "extra in a block": (said(text(parsed_output=None)), "content.0.text.parsed_output: Extra inputs"),
    "image of no known kind": (
        said(image("image/bmp", "Qk0=")),
        "base64.media_type: Input should be",
    ),
    "image that is another": (
        said(image("image/png", "R0lGODlhQAHwAA==")),
        "does not match the provided",
    ),
    "image that is none": (said(image("image/png", "SG9sYQ==")), "Could not process image"),
    "image in no Base64": (said(image("image/png", "ñ")), "invalid base64 data"),
    "image that is too large": (said(image("image/gif", "R0lG" * 1_400_000)), "image exceeds 5 MB maximum"),
    "PDF that is none": (
        said(document(type="base64", media_type="application/pdf", data="SG9s")),
        "not valid",
    ),
    "document without text": (
        said(document(media_type="text/plain", data=" ", type="text")),
        "cannot be empty",
    ),
    "source of no known kind": (said(document(type="ftp")), "messages.0.content.0.document.source"),
    "image in a result": (
        body(
            messages=[
                ASKED,
                {"role": "assistant", "content": [CALL]},
                {"role": "user", "content": [{**RESULT, "content": [image("image/png", "SG9sYQ==")]}]},
            ],
            tools=[TOOL],
        ),
        "messages.2.content.0.tool_result.content.0.image.source.base64.data",
    ),
    "image without source": (said({"type": "image"}), "messages.0.content.0.image.source: Field required"),
    "tool use by the person": (said(CALL), "`tool_use` blocks can only be in `assistant` messages"),
    "tool result by the model": (replied(RESULT), "`tool_result` blocks can only be in `user` messages"),
    "id of a call": (
        replied({**CALL, "id": "a b"}, then=[RESULT]),
        "tool_use.id: String should match pattern",
    ),
    "id of a server call": (
        replied({**SEARCHED, "id": "x"}),
        "server_tool_use.id: String should match pattern",
    ),
    "input no object": (
        replied({**CALL, "input": [1]}, then=[RESULT]),
        "input: Input should be a valid dictionary",
    ),
    "is_error": (
        replied(CALL, then=[{**RESULT, "is_error": "no"}]),
        "is_error: Input should be a valid boolean",
    ),
    "result of another kind": (
        replied(CALL, then=[{**RESULT, "content": 3}]),
        "content: Input should be a valid",
    ),
    "block within a result": (
        replied(CALL, then=[{**RESULT, "content": [CALL]}]),
        "content.0: Input tag 'tool_use'",
    ),
    # tools
    "tools no list": (body(tools={}), "tools: Input should be a valid list"),
    "tool no object": (body(tools=[3]), "tools.0: Input should be an object"),
    "tool without name": (body(tools=[{}]), "tools.0.custom.name: Field required"),
    "name of a tool": (body(tools=[{**TOOL, "name": "a b"}]), "tools.0.custom.name: String should match"),
    "tool without schema": (body(tools=[{"name": "a"}]), "tools.0.custom.input_schema: Field required"),
    "schema": (
        body(tools=[{"name": "a", "input_schema": {}}]),
        "input_schema.type: Input should be 'object'",
    ),
    "twice the same tool": (body(tools=[TOOL, TOOL]), "tools: Tool names must be unique."),
    "unknown tool type": (body(tools=[{"type": "vuelo_2"}]), "tools.0: Input tag 'vuelo_2' found using"),
    "name of the search": (body(tools=[{**SEARCH, "name": "busca"}]), "name: Input should be 'web_search'"),
    "domains": (
        body(tools=[{**SEARCH, "allowed_domains": ["a.es"], "blocked_domains": ["b.es"]}]),
        "Cannot specify both allowed_domains and blocked_domains",
    ),
    "no uses": (body(tools=[{**SEARCH, "max_uses": 0}]), "max_uses: Input should be greater than 0"),
    "choice": (body(tools=[TOOL], tool_choice={"type": "quizá"}), "tool_choice: Input tag 'quizá'"),
    "choice of another kind": (body(tools=[TOOL], tool_choice="auto"), "tool_choice: Input tag 'auto'"),
    "choice without tools": (body(tool_choice={"type": "auto"}), "may only be specified when `tools`"),
    "chosen tool": (
        body(HAIKU, tools=[TOOL], tool_choice={"type": "tool", "name": "x"}),
        "Tool 'x' not found",
    ),
    "forced tool": (
        body(tools=[TOOL], tool_choice={"type": "tool", "name": "suma"}),
        '"tool_choice.type.tool" is not supported for this model',
    ),
    "forced tools": (body(OPUS, tools=[TOOL], tool_choice={"type": "any"}), '"tool_choice.type.any" is not'),
    # numbers and choices
    "too many tokens": (
        body(max_tokens=128_001),
        "max_tokens: 128001 > 128000, which is the maximum allowed",
    ),
    "too many for an old one": (body(OLD, max_tokens=64_001), "max_tokens: 64001 > 64000, which is"),
    "temperature": (body(temperature=0.5), "`temperature` is deprecated for this model."),
    "top_p": (body(OPUS, top_p=0.5), "`top_p` is deprecated for this model."),
    "top_k": (body(HAIKU, top_k=5), "`top_k` is deprecated for this model."),
    "hot": (body(OLD, temperature=1.5), "temperature: range: 0..1"),
    "temperature no number": (body(OLD, temperature="1"), "temperature: Input should be a valid number"),
    "both": (body(OLD, temperature=1, top_p=0.9), "`temperature` and `top_p` cannot both be specified"),
    "effort": (body(output_config={"effort": "mucho"}), "output_config.effort: Input should be 'low'"),
    "effort of an old one": (
        body(OLD, output_config={"effort": "low"}),
        "does not support the effort parameter",
    ),
    "output no object": (body(output_config="high"), "output_config: Input should be an object"),
    "in output": (body(output_config={"esfuerzo": 1}), "output_config.esfuerzo: Extra inputs"),
    "format": (body(output_config={"format": {"type": "xml"}}), "format.type: Input should be 'json_schema'"),
    "schema of the format": (body(output_config={"format": {"type": "json_schema"}}), "format.schema: Field"),
    "stops": (body(stop_sequences="."), "stop_sequences: Input should be a valid list of strings"),
    "blank stop": (body(stop_sequences=["\n"]), "each stop sequence must contain non-whitespace"),
    "too long": (
        body(OLD, messages=[{"role": "user", "content": "a" * 800_000}]),
        "prompt is too long: 200004 tokens > 200000 maximum",
    ),
    # thinking
    "thinking no object": (body(thinking=True), "thinking: Input should be an object"),
    "kind of thinking": (body(thinking={"type": "auto"}), "thinking: Input tag 'auto' found using"),
    "disabled on Sonnet": (body(thinking={"type": "disabled"}), 'Use "thinking.type.between_tools" instead.'),
    "disabled on Opus": (
        body(OPUS, thinking={"type": "disabled"}),
        '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive"',
    ),
    "enabled": (
        body(thinking={"type": "enabled", "budget_tokens": 1024}),
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"',
    ),
    "adaptive on an old one": (body(OLD, thinking={"type": "adaptive"}), '"thinking.type.adaptive" is not'),
    "between tools on Haiku": (
        body(HAIKU, thinking={"type": "between_tools"}),
        'between_tools" is not supported',
    ),
    "display": (
        body(thinking={"type": "adaptive", "display": "todo"}),
        "display: Input should be 'summarized'",
    ),
    "display between tools": (
        body(thinking={"type": "between_tools", "display": "omitted"}),
        "display: Extra",
    ),
    "between tools and effort": (
        body(thinking={"type": "between_tools"}, output_config={"effort": "max"}),
        "\"thinking.type.between_tools\" is not supported at effort level 'max'",
    ),
    "no budget": (body(OLD, thinking={"type": "enabled"}), "thinking.enabled.budget_tokens: Field required"),
    "small budget": (
        body(OLD, thinking={"type": "enabled", "budget_tokens": 1000}),
        "budget_tokens: Input should be greater than or equal to 1024",
    ),
    "budget no number": (body(OLD, thinking={"type": "enabled", "budget_tokens": "1"}), "be a valid integer"),
    "budget over max_tokens": (
        body(OLD, thinking={"type": "enabled", "budget_tokens": 2000}),
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    "thinking and a forced tool": (
        body(HAIKU, thinking={"type": "adaptive"}, tools=[TOOL], tool_choice={"type": "any"}),
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    "thinking and temperature": (
        body(OLD, thinking={"type": "enabled", "budget_tokens": 1024}, temperature=0.2),
        "`temperature` may only be set to 1 when thinking is enabled.",
    ),
    "thinking and top_k": (
        body(OLD, thinking={"type": "enabled", "budget_tokens": 1024}, top_k=2),
        "`top_k` must be unset when thinking is enabled.",
    ),
    "tool call not thought about": (
        replied(CALL, then=[RESULT], model=OLD, thinking={"type": "enabled", "budget_tokens": 1024}),
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`",
    ),
    "thinking not signed": (
        replied({"type": "thinking", "thinking": "Mmm"}, text()),
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "signature empty": (
        replied({"type": "thinking", "thinking": "Mmm", "signature": ""}, text()),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "signature of elsewhere": (
        replied({"type": "thinking", "thinking": "Mmm", "signature": "c2ln"}, text()),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "redacted of elsewhere": (
        replied({"type": "redacted_thinking", "data": "ñ"}, text()),
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    ),
    # cache_control
    "mark no object": (body(cache_control=True), "cache_control: Input should be an object"),
    "mark without type": (body(cache_control={}), "cache_control.type: Field required"),
    "kind of mark": (said(text(cache_control={"type": "eterno"})), "text.cache_control: Input tag 'eterno'"),
    "ttl": (
        body(cache_control={**MARK, "ttl": "2h"}),
        "cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
    ),
    "in a mark": (body(cache_control={**MARK, "x": 1}), "cache_control.ephemeral.x: Extra inputs"),
    "five marks": (
        said(*[text(cache_control=MARK)] * 4, cache_control=MARK),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "long after short": (
        said(text(cache_control={**MARK, "ttl": "1h"}), system=[text(cache_control=MARK)]),
        "ttl='1h' cache_control block must not come after a ttl='5m'",
    ),
    "mark on thinking": (
        replied({"type": "thinking", "thinking": "", "signature": "", "cache_control": MARK}, text()),
        "thinking.cache_control: Extra inputs are not permitted",
    ),
    # order
    "prefill": (body(messages=ENDS_IN_REPLY), "does not support assistant message prefill"),
    "prefill with a space": (
        body(OLD, messages=[ASKED, {"role": "assistant", "content": "Cla "}]),
        "final assistant content cannot end with trailing whitespace",
    ),
    "system first": (
        body(messages=[{"role": "system", "content": "Sé breve"}, ASKED]),
        'first message must use the "user" role',
    ),
    "system in the middle of an old one": (
        body(OLD, messages=[ASKED, {"role": "system", "content": "Sé breve"}]),
        "messages.1.role: 'system' messages are not supported for this model",
    ),
    "two systems": (
        body(messages=[ASKED, *[{"role": "system", "content": "Sé breve"}] * 2]),
        "messages.2: two `system` messages cannot follow each other",
    ),
    "call without result": (
        replied(CALL),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.",
    ),
    "call at the end": (
        body(messages=[ASKED, {"role": "assistant", "content": [CALL]}]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.",
    ),
    "result after text": (
        replied(CALL, then=[text(), RESULT]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.",
    ),
    "one result of two": (
        replied(CALL, {**CALL, "id": "toolu_2"}, then=[RESULT]),
        "`tool_result` blocks immediately after: toolu_2.",
    ),
    "result without call": (
        said(RESULT),
        "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.",
    ),
    "result of another call": (
        replied(CALL, then=[RESULT, {**RESULT, "tool_use_id": "toolu_9"}]),
        "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9.",
    ),
    "two results": (
        replied(CALL, then=[RESULT, RESULT]),
        "Found multiple `tool_result` blocks with id: toolu_1",
    ),
    "same id": (replied(CALL, CALL, then=[RESULT]), "messages: `tool_use` ids must be unique"),
    "search without result": (
        replied(SEARCHED, text()),
        "messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding "
        "`web_search_tool_result` block",
    ),
    "search result without search": (
        replied(FOUND, text()),
        "corresponding `server_tool_use` block before it",
    ),
}


@pytest.mark.parametrize(("request_", "message"), BAD.values(), ids=BAD)
def test_it_is_refused(server: PracticeServer, request_: dict[str, Any], message: str) -> None:
    status, answer = post(server, request_)
    assert (status, answer["type"], answer["error"]["type"]) == (400, "error", "invalid_request_error")
    assert message in answer["error"]["message"]
    assert answer["request_id"].startswith("req_")


GOOD = {
    "prefill of an old one": body(OLD, messages=ENDS_IN_REPLY),
    "sampling of an old one": body(OLD, temperature=0.3, top_k=4),
    "budget": body(OLD, thinking={"type": "enabled", "budget_tokens": 1024}, temperature=1),
    "forced tool of an old one": body(OLD, tools=[TOOL], tool_choice={"type": "any"}),
    "disabled on Haiku": body(HAIKU, thinking={"type": "disabled"}),
    "between tools": body(thinking={"type": "between_tools"}, output_config={"effort": "high"}),
    "adaptive": body(thinking={"type": "adaptive", "display": "summarized"}, output_config={"effort": "max"}),
    "call and result": replied(text(), CALL, then=[RESULT, text()], tools=[TOOL]),
    "results in two messages": body(
        messages=[
            ASKED,
            {"role": "assistant", "content": [CALL, {**CALL, "id": "toolu_2"}]},
            {"role": "user", "content": [RESULT]},
            {"role": "user", "content": [{**RESULT, "tool_use_id": "toolu_2"}]},
        ]
    ),
    "search and result": replied(SEARCHED, FOUND, text(), tools=[SEARCH]),
    "paused": body(messages=[ASKED, {"role": "assistant", "content": [SEARCHED]}], tools=[SEARCH]),
    "system in the middle": body(messages=[ASKED, {"role": "system", "content": "Sé breve"}, ASKED]),
    "two turns of the person": body(messages=[ASKED, ASKED]),
    "four marks": said(*[text(cache_control=MARK)] * 3, cache_control={**MARK, "ttl": "5m"}),
    "all it can say": body(max_tokens=128_000, stop_sequences=["FIN"], metadata={"user_id": "x"}),
}


@pytest.mark.parametrize("request_", GOOD.values(), ids=GOOD)
def test_it_is_taken(server: PracticeServer, request_: dict[str, Any]) -> None:
    status, answer = post(server, request_)
    assert (status, answer.get("error")) == (200, None)


def test_a_count_is_as_strict_and_needs_no_length(server: PracticeServer) -> None:
    counted = body()
    del counted["max_tokens"]
    assert post(server, counted, "/v1/messages/count_tokens")[0] == 200
    status, answer = post(server, {**counted, "temperature": 1}, "/v1/messages/count_tokens")
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("model", ["claude-sonnet-4-20250514", "claude-sonnet-4-0", "claude-sonnet-5.5", ""])
def test_a_retired_or_unknown_model_is_not_found(server: PracticeServer, model: str) -> None:
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        status, answer = post(server, body(model), path)
        assert (status, answer["error"]) == (404, {"type": "not_found_error", "message": f"model: {model}"})


# -- requests of any form --------------------------------------------------------------------------

_FIELDS = sorted({name for request, _ in BAD.values() for name in request})
_PIECES = [value for request, _ in BAD.values() for value in request.values()]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(_PIECES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "role", "text", "id", "name", "ttl"]), inner)
    ),
    max_leaves=6,
)


def blocks_of(request: dict[str, Any]) -> list[Any]:
    """All content blocks of a request."""
    contents = (message["content"] for message in request["messages"])
    return [block for content in contents if isinstance(content, list) for block in content]


_BLOCKS = [block for request, _ in BAD.values() for block in blocks_of(request)]


def status_of(request: dict[str, Any]) -> int:
    """The status of the answer, with its whole script played."""
    raw = Request("POST", "/v1/messages", {}, json.dumps(request).encode())
    steps = list(respond(raw, load(), Lab(), Cache(lambda: 0.0), "req_practice"))
    return next(step.status for step in steps if isinstance(step, Head))


@settings(deadline=None)  # some of these are megabytes
@given(st.dictionaries(st.sampled_from(_FIELDS), _ANYTHING, max_size=4), st.sampled_from([SONNET, OPUS, OLD]))
def test_no_request_is_too_strange(changes: dict[str, Any], model: str) -> None:
    assert status_of({**body(model), **changes}) in (200, 400, 404)


@settings(deadline=None)  # some of these are megabytes
@given(st.lists(st.sampled_from(_BLOCKS), max_size=5))
def test_no_order_of_blocks_is_too_strange(blocks: list[Any]) -> None:
    assert status_of(replied(*blocks)) in (200, 400)
    assert status_of(replied(text(), then=blocks)) in (200, 400)


def test_a_body_can_be_nested_deeply() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    assert status_of(replied({**CALL, "input": deep}, then=[RESULT])) in (200, 400)
