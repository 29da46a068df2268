"""The practice server, seen by the real SDK, and its scripts, seen as data."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message, MessageParam, TextBlock
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stream_core.practice import events
from stream_core.practice import script as wire
from stream_core.practice.pieces import pieces
from stream_core.practice.plain import plain_reply
from stream_core.practice.request import Body
from stream_core.practice.scenarios import (
    Scenario,
    choose,
    general,
    load,
    robot,
)
from stream_core.practice.scenarios import (
    advantages as ventajas,
)
from stream_core.practice.scenarios import (
    artificial_intelligence as inteligencia,
)
from stream_core.practice.scenarios import (
    tips as consejos,
)
from stream_core.practice.script import Cut, Hang, Head, Reset, Script, Send, Step, Wait, text_reply
from stream_core.practice.server import PracticeServer, practice_server

MODEL = "claude-sonnet-5-5"
PREPARED = {
    "Escribe una historia corta sobre un robot": robot.TEXT,
    "Explica cómo funciona la inteligencia artificial": inteligencia.TEXT,
    "Crea una lista de 10 consejos para programar mejor": consejos.TEXT,
    "Describe las ventajas del streaming en tiempo real": ventajas.TEXT,
}
BROKEN = (httpx2.TransportError, anthropic.APIConnectionError)


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(remember=True, pace=0) as running:
        yield running


def playing(make: Callable[[], Script]) -> PracticeServer:
    """A server that answers every message with this script."""
    scenario = Scenario("test", "", lambda body: True, lambda body: make())
    return PracticeServer(remember=True, scenarios=[scenario], pace=0)


def sdk(server: PracticeServer) -> AsyncAnthropic:
    return AsyncAnthropic(base_url=server.base_url, api_key="practice", max_retries=0)


def sync_sdk(server: PracticeServer) -> Anthropic:
    return Anthropic(base_url=server.base_url, api_key="practice", max_retries=0)


def user(*texts: str) -> list[MessageParam]:
    """A conversation in which the person wrote `texts`, each but the last with an answer."""
    turns: list[MessageParam] = []
    for text in texts:
        turns += [{"role": "user", "content": text}, {"role": "assistant", "content": "Claro."}]
    return turns[:-1]


async def streamed(client: AsyncAnthropic, *texts: str, max_tokens: int = 4000) -> Message:
    """One reply read to the end of its body."""
    async with client.messages.stream(model=MODEL, max_tokens=max_tokens, messages=user(*texts)) as stream:
        async for _ in stream:
            pass
        return await stream.get_final_message()


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


def some_text() -> Iterator[Step]:
    """A reply that has begun and not ended."""
    yield Head()
    yield Send(events.message_start(MODEL, 10) + events.block_start() + events.text_delta("Hola"))


def then(*steps: Step) -> Callable[[], Script]:
    return lambda: itertools.chain(some_text(), steps)


def post(server: PracticeServer, body: bytes, path: str = "/v1/messages", method: str = "POST") -> Any:
    """A request the SDK would not send; gives status, headers and parsed body."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request(method, prefix(server) + path, body)
        response = connection.getresponse()
        return response.status, response.headers, json.loads(response.read())


def prefix(server: PracticeServer) -> str:
    """The path of the server's base URL, with its key."""
    return urlsplit(server.base_url).path


# -- prepared replies ---------------------------------------------------------------------------


@pytest.mark.parametrize(("prompt", "text"), PREPARED.items())
def test_each_sample_prompt_streams_its_prepared_text(server: PracticeServer, prompt: str, text: str) -> None:
    async def main() -> None:
        async with sdk(server) as client:
            message = await streamed(client, prompt)
            assert text_of(message) == text
            assert message.model == MODEL
            assert message.stop_reason == "end_turn"
            assert message.usage.output_tokens == len(pieces(text))
            assert message.usage.input_tokens > 0

    asyncio.run(main())


@pytest.mark.parametrize("prompt", PREPARED)
@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        lambda prompt: f"  ¡{prompt.replace(' ', '   ')}!\n",
        lambda prompt: prompt.replace("ó", "o"),
        lambda prompt: prompt.replace("ó", "o\u0301"),
        lambda prompt: [{"type": "text", "text": prompt}],
    ],
)
def test_a_sample_prompt_is_known_however_it_is_typed(prompt: str, typed: Callable[[str], Any]) -> None:
    body: Body = {"model": MODEL, "messages": [{"role": "user", "content": typed(prompt)}]}
    chosen = choose(load(), body)
    assert chosen is not None
    assert text_in(chosen.script(body)) == PREPARED[prompt]


def test_a_text_of_megabytes_is_no_sample_prompt() -> None:
    body: Body = {"model": MODEL, "messages": user("x" * 8_000_000)}
    chosen = choose(load(), body)
    assert chosen is not None and chosen.name == "general"


def test_the_scenarios_are_found_in_the_order_they_are_tried() -> None:
    names = [scenario.name for scenario in load()]
    assert (*names[:3], names[-1]) == ("continuation", "received", "tools", "general")
    assert names[3:-1] == sorted(names[3:-1])
    assert {"robot", "artificial_intelligence", "tips", "advantages"} < set(names)


def test_max_tokens_stops_the_reply_short(server: PracticeServer) -> None:
    async def main() -> None:
        async with sdk(server) as client:
            message = await streamed(client, "Escribe una historia corta sobre un robot", max_tokens=7)
            assert text_of(message) == "".join(pieces(robot.TEXT)[:7])
            assert message.stop_reason == "max_tokens"
            assert message.usage.output_tokens == 7
            nothing = await streamed(client, "Hola", max_tokens=0)
            assert (nothing.content, nothing.stop_reason) == ([], "max_tokens")

    asyncio.run(main())


def test_without_streaming_the_same_reply_comes_as_one_message(server: PracticeServer) -> None:
    prompt = "Describe las ventajas del streaming en tiempo real"
    with sync_sdk(server) as client:
        plain = client.messages.create(model=MODEL, max_tokens=4000, messages=user(prompt))
        with client.messages.stream(model=MODEL, max_tokens=4000, messages=user(prompt)) as stream:
            assert plain.to_dict() == stream.get_final_message().to_dict()
    assert text_of(plain) == ventajas.TEXT


# -- the general answer -------------------------------------------------------------------------

HOSTILE = [
    "`" * 200,
    "a ``` b\n```\n# título",
    "\\`\\`x\\",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "<script>alert(1)</script> [x](http://x) ![y](http://y) **z** __w__ {turn} %s",
    "\x1b[31mrojo\x1b[0m \x07 \x00 \x9b2J \u202eoirás\u202c \u2028 \ud83d fin",
    "\r\n\r\n- uno\r\n- dos",
    "ñandú " * 1667,
    "x" * 10_000,
    "`" + "y" * 10_000,
    " " * 10_000 + "z",
    "\u200b\u200d",
]


@pytest.mark.parametrize("question", HOSTILE)
def test_a_hostile_question_is_quoted_in_one_harmless_line(question: str) -> None:
    body: Body = {"model": MODEL, "messages": user(question)}
    text = general.text(body)
    quoted = general.quote(question, 80)
    assert quoted in text
    assert len(quoted) <= 84 and quoted.isprintable()

    def spans(markdown: str) -> list[tuple[str, str, str]]:
        tokens = MarkdownIt().parse(markdown)
        inline = [child for token in tokens for child in token.children or ()]
        return [(token.type, token.tag, token.markup) for token in (*tokens, *inline)]

    assert spans(text) == spans(general.text({**body, "messages": user("Hola")})) or not quoted
    assert text_in(text_reply(text, model=MODEL, input_tokens=1)) == text


def test_the_general_answer_says_what_it_is_and_keeps_the_context(server: PracticeServer) -> None:
    async def main() -> None:
        async with sdk(server) as client:
            first = text_of(await streamed(client, "¿Qué es un mutex?"))
            second = text_of(await streamed(client, "¿Qué es un mutex?", "¿Y un semáforo?"))
        for text in (first, second):
            assert 50 <= len(text.split()) <= 130
            for word in ("no sé contestar", "ninguna IA", "**Pruébalo:**", "ANTHROPIC_API_KEY", ".env"):
                assert word in text
        assert "«`¿Qué es un mutex?`»" in first
        assert "mensaje número 2" in second
        assert "«`¿Qué es un mutex?`»" in second and "«`¿Y un semáforo?`»" in second

    asyncio.run(main())


def test_a_message_without_text_gets_an_answer_too() -> None:
    picture = {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "AAAA"}}]}
    assert "no trae texto" in general.text({"messages": [picture]})


# -- scripts as data ----------------------------------------------------------------------------


def text_in(script: Script) -> str:
    """The text deltas of a script, joined."""
    return "".join(
        item["delta"]["text"] for item in events_in(script) if item["type"] == "content_block_delta"
    )


def events_in(script: Script) -> list[dict[str, Any]]:
    body = b"".join(step.data for step in script if isinstance(step, Send)).decode()
    return [json.loads(part.split("\ndata: ")[1]) for part in body.split("\n\n")[:-1]]


def waits_in(script: Script) -> float:
    return sum(step.seconds for step in script if isinstance(step, Wait))


@pytest.mark.parametrize("text", [*PREPARED.values(), general.text({"messages": user("Hola")}), "", "Sí."])
@pytest.mark.parametrize("pace", [0, 0.25, 1, 3])
def test_a_script_says_exactly_its_text_at_every_pace(text: str, pace: float) -> None:
    assert text_in(text_reply(text, model=MODEL, input_tokens=1, pace=pace)) == text


@pytest.mark.parametrize("text", PREPARED.values())
def test_a_script_has_a_lifelike_tempo_and_is_always_the_same(text: str) -> None:
    steps = list(text_reply(text, model=MODEL, input_tokens=1))
    assert steps == list(text_reply(text, model=MODEL, input_tokens=1))
    first_token = next(
        n for n, step in enumerate(steps) if isinstance(step, Send) and b"text_delta" in step.data
    )
    assert 0.5 <= waits_in(steps[:first_token]) <= 1.1
    assert 60 <= len(pieces(text)) / waits_in(steps[first_token:]) <= 90
    assert waits_in(text_reply(text, model=MODEL, input_tokens=1, pace=0)) == 0


def test_the_events_come_in_the_order_of_the_api() -> None:
    types = [item["type"] for item in events_in(text_reply("Hola", model=MODEL, input_tokens=1))]
    assert types == [
        "message_start", "ping", "content_block_start", "content_block_delta",
        "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip


def test_a_lone_surrogate_goes_over_the_wire_as_json_escapes_it() -> None:
    assert b'"text":"a\\ud83db"' in events.text_delta("a\ud83db")
    assert json.loads(events.to_json("ñ 🎬 \ud83d")) == "ñ 🎬 \ud83d"
    assert "ñ 🎬".encode() in events.to_json("ñ 🎬")


@given(st.text(st.characters(exclude_categories=[])))
def test_pieces_join_to_the_text_again(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))


@pytest.mark.parametrize(
    "character", ["👩‍👩‍👧‍👦", "🇪🇸", "👍🏽", "n\u0303", "❤️", "e\u0301\u0302\u0303\u0304", "\ud83d\udc4d", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
)
def test_what_looks_like_one_character_is_never_cut(character: str) -> None:
    for start in range(12):
        for piece in pieces("a" * start + character + "b" * 12):
            assert character in piece or not set(piece) & set(character)


def test_pieces_are_small() -> None:
    sizes = [len(piece) for text in PREPARED.values() for piece in pieces(text)]
    assert max(sizes) <= 8
    assert 3 <= sum(sizes) / len(sizes) <= 6
    assert max(map(len, pieces("x" * 10_000))) <= 8


def test_a_plain_reply_waits_as_long_as_the_stream() -> None:
    def script() -> Script:
        return text_reply(robot.TEXT, model=MODEL, input_tokens=1)

    assert waits_in(plain_reply(script())) == pytest.approx(waits_in(script()))


def test_a_plain_reply_keeps_tools_and_thinking() -> None:
    steps = [
        events.message_start(MODEL, 3),
        events.block_start(0, {"type": "thinking", "thinking": "", "signature": ""}),
        events.block_delta({"type": "thinking_delta", "thinking": "Mmm"}),
        events.block_delta({"type": "signature_delta", "signature": "abc"}),
        events.block_stop(),
        events.block_start(1, {"type": "tool_use", "id": "toolu_1", "name": "hora", "input": {}}),
        events.block_delta({"type": "input_json_delta", "partial_json": '{"zona":'}, 1),
        events.block_delta({"type": "input_json_delta", "partial_json": '"Lima"}'}, 1),
        events.block_stop(1),
        events.message_delta("tool_use", {"output_tokens": 9}),
        events.message_stop(),
    ]
    with playing(lambda: [Head(), *map(Send, steps)]) as server, sync_sdk(server) as client:
        plain = client.messages.create(model=MODEL, max_tokens=10, messages=user("Hola"))
        with client.messages.stream(model=MODEL, max_tokens=10, messages=user("Hola")) as stream:
            assert plain.to_dict() == stream.get_final_message().to_dict()
    assert plain.to_dict()["content"] == [
        {"type": "thinking", "thinking": "Mmm", "signature": "abc"},
        {"type": "tool_use", "id": "toolu_1", "name": "hora", "input": {"zona": "Lima"}},
    ]


# -- the other routes ---------------------------------------------------------------------------


def test_tokens_are_counted(server: PracticeServer) -> None:
    async def main() -> None:
        async with sdk(server) as client:
            short = await client.messages.count_tokens(model=MODEL, messages=user("Hola"))
            long = await client.messages.count_tokens(
                model=MODEL, messages=user("Hola"), system="Sé breve. " * 9
            )
            assert 0 < short.input_tokens < long.input_tokens

    asyncio.run(main())


def test_the_models_are_listed_page_by_page_and_retrieved(server: PracticeServer) -> None:
    with sync_sdk(server) as client:
        page = client.models.list()
        models = list(page)
        assert [model.id for model in models] == [
            "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-2",
            "claude-sonnet-4-5-20250929",
        ]  # fmt: skip
        assert page.has_more is False
        assert (page.first_id, page.last_id) == (models[0].id, models[-1].id)
        paged = client.models.list(limit=3)
        assert paged.has_more is True
        assert list(paged) == models
        assert client.models.list(limit=1, before_id=models[2].id).data == models[1:2]
        for model in models:
            assert client.models.retrieve(model.id) == model
            assert model.capabilities is not None
            type(model).model_validate(model.to_dict(), strict=False)  # every field as the SDK declares it
        sonnet = models[0].capabilities
        assert sonnet is not None and sonnet.thinking.types.between_tools.supported
        assert not sonnet.thinking.types.disabled.supported


def test_the_sdk_sees_an_unknown_model(server: PracticeServer) -> None:
    with sync_sdk(server) as client:
        with pytest.raises(anthropic.NotFoundError) as caught:
            client.messages.create(model="claude-2", max_tokens=9, messages=user("Hola"))
        assert caught.value.type == "not_found_error"
        assert caught.value.request_id is not None
        assert "model: claude-2" in caught.value.message
        with pytest.raises(anthropic.NotFoundError):
            client.models.retrieve("claude-2")
        with pytest.raises(anthropic.BadRequestError, match="max_tokens: 200000 > 128000"):
            with client.messages.stream(model=MODEL, max_tokens=200_000, messages=user("Hola")):
                pass


GOOD = {"model": MODEL, "max_tokens": 9, "messages": user("Hola")}


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("body", "status", "api_type", "message"),
    [
        (b"{", 400, "invalid_request_error", "not valid JSON"),
        (b"", 400, "invalid_request_error", "not valid JSON"),
        (b"\xff\xfe\xff", 400, "invalid_request_error", "not valid JSON"),
        (b"[" * 100_000, 400, "invalid_request_error", "not valid JSON"),
        ([], 400, "invalid_request_error", "not a JSON object"),
        (without("model"), 400, "invalid_request_error", "model: Field required"),
        (without("messages"), 400, "invalid_request_error", "messages: Field required"),
        (without("max_tokens"), 400, "invalid_request_error", "max_tokens: Field required"),
        ({**GOOD, "max_tokens": -1}, 400, "invalid_request_error", "max_tokens: Input should be"),
        ({**GOOD, "max_tokens": True}, 400, "invalid_request_error", "max_tokens: Input should be"),
        ({**GOOD, "messages": []}, 400, "invalid_request_error", "at least one message"),
        ({**GOOD, "messages": user("a", "b")[1:]}, 400, "invalid_request_error", 'must use the "user" role'),
        ({**GOOD, "messages": user("a", "b")[:2]}, 400, "invalid_request_error", "prefill"),
        ({**GOOD, "messages": user(" ")}, 400, "invalid_request_error", "messages.0: all messages must have"),
        ({**GOOD, "messages": ["Hola"]}, 400, "invalid_request_error", "messages.0: Input"),
        ({**GOOD, "messages": [{"role": "bot", "content": "a"}]}, 400, "invalid_request_error", ".role: "),
        ({**GOOD, "messages": [{"role": "user"}]}, 400, "invalid_request_error", "messages.0.content: "),
        ({**GOOD, "model": "gpt"}, 404, "not_found_error", "model: gpt"),
    ],
)
def test_a_bad_request_is_refused_as_the_api_does(
    server: PracticeServer, body: object, status: int, api_type: str, message: str
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    got, headers, answer = post(server, raw)
    assert (got, answer["type"], answer["error"]["type"]) == (status, "error", api_type)
    assert message in answer["error"]["message"]
    assert answer["request_id"] == headers["request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "api_type"),
    [
        ("GET", "/", 404, "not_found_error"),
        ("GET", "//[", 404, "not_found_error"),
        ("POST", "/v1/complete", 404, "not_found_error"),
        ("GET", "/v1/models/gpt", 404, "not_found_error"),
        ("GET", "/v1/messages", 405, "invalid_request_error"),
        ("GET", "/v1/messages/count_tokens", 405, "invalid_request_error"),
        ("POST", "/v1/models", 405, "invalid_request_error"),
        ("DELETE", f"/v1/models/{MODEL}", 405, "invalid_request_error"),
        ("GET", "/v1/models?limit=0", 400, "invalid_request_error"),
        ("GET", "/v1/models?after_id=gpt", 400, "invalid_request_error"),
    ],
)
def test_a_wrong_path_or_method_is_refused(
    server: PracticeServer, method: str, path: str, status: int, api_type: str
) -> None:
    got, headers, answer = post(server, b"", path, method)
    assert (got, answer["error"]["type"]) == (status, api_type)
    assert answer["request_id"] == headers["request-id"]


def test_a_body_over_32_mb_is_refused(server: PracticeServer) -> None:
    with pytest.raises(anthropic.RequestTooLargeError), sync_sdk(server) as client:
        client.messages.create(model=MODEL, max_tokens=9, messages=user("x" * (32 * 1024 * 1024)))
    assert server.requests == []


def test_a_scenario_can_answer_with_an_error() -> None:
    script = list(wire.error_reply(529, "overloaded_error", "Overloaded", [("retry-after", "3")]))
    with playing(lambda: script) as server, sync_sdk(server) as client:
        for streams in (False, True):
            with pytest.raises(anthropic.APIStatusError) as caught:
                client.messages.create(model=MODEL, max_tokens=9, messages=user("Hola"), stream=streams)
            assert (caught.value.status_code, caught.value.type) == (529, "overloaded_error")
            assert caught.value.response.headers["retry-after"] == "3"


def test_an_error_event_ends_a_stream_and_becomes_a_status_without_one() -> None:
    broken = Send(events.error("overloaded_error", "Overloaded"))
    with playing(then(broken)) as server, sync_sdk(server) as client:
        for streams, status in ((True, 200), (False, 529)):
            with pytest.raises(anthropic.APIStatusError) as caught:
                answer = client.messages.create(model=MODEL, max_tokens=9, messages=user("a"), stream=streams)
                list(answer)
            assert (caught.value.status_code, caught.value.type) == (status, "overloaded_error")


# -- connections --------------------------------------------------------------------------------


def test_five_turns_use_one_connection(server: PracticeServer) -> None:
    async def main() -> None:
        async with sdk(server) as client:
            texts: list[str] = []
            for number in range(5):
                texts.append(f"Pregunta {number}")
                await streamed(client, *texts)

    asyncio.run(main())
    assert (server.connections, len(server.requests), server.hangups) == (1, 5, 0)
    first, last = server.requests[0], server.requests[-1]
    assert (first.method, first.path) == ("POST", "/v1/messages")
    assert first.headers["content-type"] == "application/json"
    assert len(first.json()["messages"]) == 1
    assert len(last.json()["messages"]) == 9
    assert server.wait_for(lambda: server.open_connections == 0)


def endless() -> Iterator[Step]:
    yield from some_text()
    while True:
        yield Send(events.text_delta("la "))


@pytest.mark.parametrize(
    "make",
    [endless, then(Wait(3600, fixed=True)), then(Hang()), then(Send(events.ping()), Hang())],
    ids=["flowing", "waiting", "hanging", "pinged"],
)
def test_a_hang_up_is_noticed(make: Callable[[], Script]) -> None:
    async def main(server: PracticeServer) -> None:
        async with sdk(server) as client:
            async with client.messages.stream(model=MODEL, max_tokens=9, messages=user("Hola")) as stream:
                async for text in stream.text_stream:
                    assert text
                    break
            assert await asyncio.to_thread(server.wait_for, lambda: server.hangups == 1)

    with playing(make) as server:
        asyncio.run(main(server))
        assert server.wait_for(lambda: server.open_connections == 0)


@pytest.mark.parametrize("step", [Hang(), Wait(3600, fixed=True)])
def test_a_hang_up_before_the_headers_is_noticed(step: Step) -> None:
    async def main(server: PracticeServer) -> None:
        async with sdk(server) as client:
            task = asyncio.create_task(streamed(client, "Hola"))
            assert await asyncio.to_thread(server.wait_for, lambda: len(server.requests) == 1)
            task.cancel()
            assert await asyncio.to_thread(server.wait_for, lambda: server.hangups == 1)
            with pytest.raises(asyncio.CancelledError):
                await task

    with playing(lambda: [step]) as server:
        asyncio.run(main(server))


def test_a_hang_up_closes_the_script() -> None:
    closed: list[bool] = []

    def script() -> Iterator[Step]:
        try:
            yield from some_text()
            yield Hang()
        finally:
            closed.append(True)

    with playing(script) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(http_request(server))
            assert raw.recv(10)
        assert server.wait_for(lambda: server.hangups == 1 and server.open_connections == 0)
    assert closed == [True]


def http_request(
    server: PracticeServer, body: bytes = json.dumps({**GOOD, "stream": True}).encode(), *headers: str
) -> bytes:
    host = f"host: 127.0.0.1:{server.port}"
    lines = [f"POST {prefix(server)}/v1/messages HTTP/1.1", host, f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(server: PracticeServer, data: bytes) -> bytes:
    """Send raw bytes, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(data)
        return b"".join(iter(lambda: raw.recv(65536), b""))


def test_a_client_that_leaves_within_or_before_its_request_is_no_hang_up(server: PracticeServer) -> None:
    for part in (b"", http_request(server)[:30], http_request(server)[:-5]):
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(part)
    assert server.wait_for(lambda: server.connections == 3 and server.open_connections == 0)
    assert (server.requests, server.hangups) == ([], 0)


def test_requests_in_one_go_are_answered_in_turn(server: PracticeServer) -> None:
    answer = exchange(
        server, http_request(server) * 2 + http_request(server, GOOD_PLAIN, "connection: close")
    )
    assert answer.count(b"HTTP/1.1 200") == 3
    assert (server.connections, len(server.requests)) == (1, 3)


GOOD_PLAIN = json.dumps(GOOD).encode()


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(server: PracticeServer) -> None:
    head, _, body = http_request(server, GOOD_PLAIN, "expect: 100-continue", "connection: close").partition(
        b"\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(head + b"\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 100")
        raw.sendall(body)
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")


def test_what_is_not_http_is_refused(server: PracticeServer) -> None:
    answer = exchange(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400") and b"invalid_request_error" in answer


@pytest.mark.parametrize("step", [Cut(), Reset()])
def test_a_connection_that_breaks_in_the_body_is_a_broken_body(step: Step) -> None:
    async def main(server: PracticeServer) -> list[str]:
        seen = []
        async with sdk(server) as client:
            with pytest.raises(BROKEN):
                async with client.messages.stream(model=MODEL, max_tokens=9, messages=user("a")) as stream:
                    async for text in stream.text_stream:
                        seen.append(text)
        return seen

    with playing(then(step)) as server:
        assert asyncio.run(main(server)) == ["Hola"]
        assert server.hangups == 0


@pytest.mark.parametrize("step", [Cut(), Reset()])
def test_a_connection_can_break_before_the_headers(step: Step) -> None:
    with playing(lambda: [Wait(0.01), step]) as server, sync_sdk(server) as client:
        with pytest.raises(anthropic.APIConnectionError):
            client.messages.create(model=MODEL, max_tokens=9, messages=user("Hola"), stream=True)


def test_a_reset_is_a_reset() -> None:
    with playing(lambda: [Reset()]) as server, pytest.raises(ConnectionResetError):
        exchange(server, http_request(server))


def test_a_body_can_end_with_the_connection_or_before_its_declared_length() -> None:
    with playing(lambda: [Head(framing="close"), Send(b"a"), Send(b"b")]) as server:
        head, _, body = exchange(server, http_request(server)).partition(b"\r\n\r\n")
        assert body == b"ab"
        assert b"transfer-encoding" not in head.lower()
    with playing(lambda: [Head(framing=100), Send(b"a"), Cut()]) as server:
        assert exchange(server, http_request(server)).endswith(b"\r\n\r\na")


def test_headers_may_be_slow() -> None:
    def script() -> Iterator[Step]:
        yield Wait(0.05, fixed=True)
        yield from text_reply("Hola", model=MODEL, input_tokens=1)

    with playing(script) as server:

        async def main() -> None:
            async with sdk(server) as client:
                assert text_of(await streamed(client, "Hola")) == "Hola"

        asyncio.run(main())


def test_fifty_streams_at_once() -> None:
    prompts = list(itertools.islice(itertools.cycle(PREPARED), 50))

    async def main(server: PracticeServer) -> None:
        async with sdk(server) as client:
            messages = await asyncio.gather(*(streamed(client, prompt) for prompt in prompts))
        assert [text_of(message) for message in messages] == [PREPARED[prompt] for prompt in prompts]

    # As many as it serves: of more it closes those that have not asked yet, which is for another test.
    with PracticeServer(remember=True, pace=0, most_connections=50) as server:
        asyncio.run(main(server))
        assert len(server.requests) == 50


# -- life ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [endless, then(Hang()), lambda: [Hang()]], ids=["flowing", "hanging", "silent"]
)
def test_stopping_ends_open_streams(make: Callable[[], Script]) -> None:
    async def main() -> None:
        server = playing(make)
        server.start()
        async with sdk(server) as client:
            tasks = [asyncio.create_task(streamed(client, "Hola")) for _ in range(5)]
            assert await asyncio.to_thread(server.wait_for, lambda: len(server.requests) == 5)
            await asyncio.to_thread(server.stop)
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(result, BROKEN)
        assert (server.hangups, server.open_connections) == (0, 0)

    asyncio.run(main())


def test_stopping_does_not_wait_for_a_client_that_does_not_read() -> None:
    with playing(endless) as server:
        raw = socket.create_connection(("127.0.0.1", server.port))
        raw.sendall(http_request(server))
        assert server.wait_for(lambda: len(server.requests) == 1)
    raw.close()


def test_it_starts_and_stops_again_and_again() -> None:
    server = PracticeServer(remember=True, pace=0)
    with pytest.raises(RuntimeError):
        _ = server.base_url
    server.stop()
    for _ in range(20):
        server.start()
        server.start()
        with socket.create_connection(("127.0.0.1", server.port)):
            server.stop()
        server.stop()


def test_the_context_manager_gives_the_base_url() -> None:
    with practice_server(pace=0) as url:
        assert url.startswith("http://127.0.0.1:")
        with Anthropic(base_url=url, api_key="practice", max_retries=0) as client:
            assert client.models.list().data[0].id == MODEL


def test_a_mistake_in_a_scenario_comes_out_when_the_server_stops() -> None:
    def mistaken() -> Iterable[Step]:
        yield from some_text()
        raise ZeroDivisionError("not in my script")

    with pytest.raises(ZeroDivisionError, match="not in my script"):
        with playing(mistaken) as server:
            assert b"Hola" in exchange(server, http_request(server))


def test_wait_for_says_when_a_thing_did_not_happen(server: PracticeServer) -> None:
    assert server.wait_for(lambda: True)
    assert not server.wait_for(lambda: server.hangups > 0, timeout=0.01)


def test_no_scenario_is_an_error_too() -> None:
    with PracticeServer(remember=True, scenarios=[]) as server:
        status, _, answer = post(server, GOOD_PLAIN)
        assert (status, answer["error"]["type"]) == (500, "api_error")


def test_importing_is_cheap() -> None:
    program = (
        "import sys, stream_core.practice; assert not {'asyncio', 'h11'} & set(sys.modules);"
        "import stream_core.practice.server; assert not {'anthropic', 'httpx2', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
