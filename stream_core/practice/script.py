"""What happens on the wire, as data: a script is an iterable of steps, played as one HTTP response.

    Head        status line and headers            Cut     the connection closes, the body is unfinished
    Send        bytes of the body, at once         Reset   the same, with a TCP reset
    Wait, Hang  silence, for a time or for good

A script that just ends has ended its body cleanly, and the connection stays open for the next request.
`Wait`, `Hang`, `Cut` and `Reset` may come before the `Head`: slow headers, or no answer at all. Nothing
here does any input or output, and a script may be a generator, even an endless one; it must not block.

The events are those of https://platform.claude.com/docs/en/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal
from zlib import crc32

from .pieces import pieces, seeded

Headers = Sequence[tuple[str, str]]

SSE: Headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
JSON: Headers = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Head:
    """The status line and the headers. The server adds `request-id` where it is missing.

    Attributes:
        framing: how the client learns where the body ends: `chunked`; `close` (with the connection); or a
            number, the content length. A script that sends less than that must end in `Cut` or `Reset`.
    """

    status: int = 200
    headers: Headers = SSE
    framing: Literal["chunked", "close"] | int = "chunked"


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of the body, written at once: one chunk of a chunked body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for a while.

    Attributes:
        seconds: how long; multiplied by the server's pace, so that a pace of 0 skips it.
        fixed: True where the silence itself is the point (a fault): the pace leaves it alone.
    """

    seconds: float
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more until the client hangs up or the server stops."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection here, without the end of the body."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection here with a TCP reset (RST)."""


Step = Head | Send | Wait | Hang | Cut | Reset
Script = Iterable[Step]


# -- the bytes of events -----------------------------------------------------------------------


def event(type: str, payload: Mapping[str, Any]) -> bytes:
    """One server-sent event. A lone surrogate in the payload becomes JSON's `\\ud8xx`, as it must."""
    return b"event: %s\ndata: %s\n\n" % (type.encode(), to_json(payload))


def to_json(payload: object) -> bytes:
    """Compact JSON in UTF-8, never failing on text: what UTF-8 cannot hold is escaped."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def message_start(model: str, input_tokens: int, message_id: str = "msg_practice") -> bytes:
    message: dict[str, Any] = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        },
    }
    return event("message_start", {"type": "message_start", "message": message})


def block_start(index: int = 0, block: Mapping[str, Any] | None = None) -> bytes:
    """The start of a content block: of text, or of the `block` given (`{"type": "tool_use", ...}`)."""
    content = {"type": "text", "text": ""} if block is None else block
    payload = {"type": "content_block_start", "index": index, "content_block": content}
    return event("content_block_start", payload)


def block_delta(delta: Mapping[str, Any], index: int = 0) -> bytes:
    """A delta of any kind, such as `{"type": "input_json_delta", "partial_json": "{"}`."""
    return event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})


def text_delta(text: str, index: int = 0) -> bytes:
    return block_delta({"type": "text_delta", "text": text}, index)


def block_stop(index: int = 0) -> bytes:
    return event("content_block_stop", {"type": "content_block_stop", "index": index})


def message_delta(stop_reason: str | None, usage: Mapping[str, int], **delta: Any) -> bytes:
    """The end of a message; `delta` takes the rare fields, such as `stop_details` of a refusal."""
    change = {"stop_reason": stop_reason, "stop_sequence": None, "stop_details": None, **delta}
    return event("message_delta", {"type": "message_delta", "delta": change, "usage": usage})


def message_stop() -> bytes:
    return event("message_stop", {"type": "message_stop"})


def ping() -> bytes:
    return event("ping", {"type": "ping"})


def error(api_type: str, message: str) -> bytes:
    """The `error` event, as it comes in the middle of a reply with status 200."""
    return event("error", {"type": "error", "error": {"type": api_type, "message": message}})


# -- whole replies -----------------------------------------------------------------------------


def text_reply(
    text: str, *, model: str, input_tokens: int, max_tokens: int | None = None, pace: float = 1.0
) -> Iterator[Step]:
    """A lifelike reply: a moment of thought, then `text` at 60 to 90 deltas a second, the same every time.

    A piece of text counts as one output token. After `max_tokens` of them the reply stops short, with the
    stop reason `max_tokens`. `pace` stretches this one reply's waits, on top of the server's pace.
    """
    tokens = pieces(text)
    sent = tokens if max_tokens is None else tokens[:max_tokens]
    random = seeded(text)
    first = random.uniform(0.5, 1.1)
    rhythm = [random.uniform(0.3, 1.4) * (2.5 if piece.endswith((".", ":", "\n")) else 1) for piece in sent]
    beat = len(sent) / (sum(rhythm) * random.uniform(65, 85)) if sent else 0.0

    yield Wait(pace * first * 0.6)
    yield Head()
    yield Send(message_start(model, input_tokens, _message_id(text, input_tokens)))
    yield Send(ping())
    yield Wait(pace * first * 0.4)
    if sent:
        yield Send(block_start())
        for piece, share in zip(sent, rhythm, strict=True):
            yield Send(text_delta(piece))
            yield Wait(pace * beat * share)
        yield Send(block_stop())
    stop_reason = "end_turn" if len(sent) == len(tokens) else "max_tokens"
    yield Send(message_delta(stop_reason, {"output_tokens": len(sent)}))
    yield Send(message_stop())


def json_reply(payload: object, status: int = 200, headers: Headers = ()) -> Iterator[Step]:
    """A plain JSON answer."""
    body = to_json(payload)
    yield Head(status, (*JSON, *headers), framing=len(body))
    yield Send(body)


def error_reply(
    status: int, api_type: str, message: str, headers: Headers = (), *, request_id: str = "req_practice"
) -> Iterator[Step]:
    """An error in the API's form, such as `error_reply(529, "overloaded_error", "Overloaded")`."""
    payload = {"type": "error", "error": {"type": api_type, "message": message}, "request_id": request_id}
    return json_reply(payload, status, (("request-id", request_id), *headers))


# -- a streamed reply as a plain one -----------------------------------------------------------

_STATUS = {"invalid_request_error": 400, "rate_limit_error": 429, "overloaded_error": 529}
_GROWS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def plain_reply(script: Script) -> Iterator[Step]:
    """The same reply for a request that did not ask to stream: every wait, then one JSON message.

    A cut comes before the headers then; an `error` event becomes an error status. A script that is not a
    stream of events is played as it is.
    """
    steps = iter(script)
    body = bytearray()
    for step in steps:
        match step:
            case Head(status=200, headers=headers) if headers == SSE:
                pass
            case Head():
                yield from chain([step], steps)
                return
            case Send(data=data):
                body += data
            case _:
                yield step
    yield from _one_message(bytes(body))


def _one_message(body: bytes) -> Script:
    try:
        events = [json.loads(line[5:]) for line in body.split(b"\n") if line.startswith(b"data:")]
        for item in events:
            if item["type"] == "error":
                problem = item["error"]
                return error_reply(_STATUS.get(problem["type"], 500), problem["type"], problem["message"])
        return json_reply(_folded(events))
    except (ValueError, LookupError, TypeError):  # a broken stream on purpose: play it as it is
        return [Head(), Send(body)]


def _folded(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    message: dict[str, Any] = {}
    inputs: dict[int, str] = {}
    for item in events:
        match item["type"]:
            case "message_start":
                message = dict(item["message"])
            case "content_block_start":
                message["content"].append(dict(item["content_block"]))
            case "content_block_delta" if (key := _GROWS.get(item["delta"]["type"])) is not None:
                block = message["content"][item["index"]]
                block[key] = block.get(key, "") + item["delta"][key]
            case "content_block_delta":
                inputs[item["index"]] = inputs.get(item["index"], "") + item["delta"]["partial_json"]
            case "message_delta":
                message = {**message, **item["delta"], "usage": {**message["usage"], **item["usage"]}}
    for index, text in inputs.items():
        message["content"][index]["input"] = json.loads(text or "{}")
    return message


def _message_id(text: str, input_tokens: int) -> str:
    return f"msg_practice_{crc32(text.encode('utf-8', 'surrogatepass')):08x}{input_tokens:06x}"
