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
from typing import Any, Literal
from zlib import crc32

from .parts import GROWS, Part, cut, output, with_ids
from .pieces import seeded

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
    """Close the connection here, without the end of the body.

    Attributes:
        within: bytes that are announced as one chunk, of which half is sent; without a `Head` nothing is.
    """

    within: bytes = b""


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
    """A delta of any kind, such as `{"type": "thinking_delta", "thinking": "Mmm"}`."""
    return event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})


def text_delta(text: str, index: int = 0) -> bytes:
    return block_delta({"type": "text_delta", "text": text}, index)


def input_delta(partial_json: str, index: int = 0) -> bytes:
    """A piece of the JSON that a tool is called with."""
    return block_delta({"type": "input_json_delta", "partial_json": partial_json}, index)


def block_stop(index: int = 0) -> bytes:
    return event("content_block_stop", {"type": "content_block_stop", "index": index})


def message_delta(stop_reason: str | None, usage: Mapping[str, Any], **delta: Any) -> bytes:
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


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a reply calls, and what it gives it."""

    name: str
    input: Mapping[str, Any]


def text_reply(
    text: str,
    calls: Sequence[Call] = (),
    *,
    model: str,
    input_tokens: int,
    max_tokens: int | None = None,
    pace: float = 1.0,
) -> Iterator[Step]:
    """A lifelike reply of `text` and `calls`: see `parts_reply`."""
    parts = [Part({"type": "text", "text": ""}, text)] if text else []
    parts += [call_part(call) for call in calls]
    return parts_reply(parts, model=model, input_tokens=input_tokens, max_tokens=max_tokens, pace=pace)


def call_part(call: Call, kind: str = "tool_use") -> Part:
    """A call as a part: of a tool of the client's, or of the server's own (`server_tool_use`)."""
    return Part({"type": kind, "id": "", "name": call.name, "input": {}}, to_json(call.input).decode())


def parts_reply(
    parts: Sequence[Part],
    *,
    model: str,
    input_tokens: int,
    max_tokens: int | None = None,
    pace: float = 1.0,
    stop_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Iterator[Step]:
    """A lifelike reply: a moment of thought, then the parts at 60 to 90 deltas a second.

    After `max_tokens` output tokens it stops short, with the stop reason `max_tokens`. It is the same every
    time. `pace` stretches this one reply's waits, on top of the server's pace; `usage` is told at the end.
    """
    played = cut(parts, max_tokens)
    sent = [piece for _, taken, _ in played for piece in taken]
    text = "".join(part.text for part in parts)
    random = seeded(text)
    first = random.uniform(0.5, 1.1)
    rhythm = [random.uniform(0.3, 1.4) * (2.5 if piece.endswith((".", ":", "\n")) else 1) for piece in sent]
    beat = len(sent) / (sum(rhythm) * random.uniform(65, 85)) if sent else 0.0
    shares = iter(rhythm)
    suffix = f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}{input_tokens:06x}"
    named = with_ids([part.start for part in parts], suffix)

    yield Wait(pace * first * 0.6)
    yield Head()
    yield Send(message_start(model, input_tokens, f"msg_practice_{suffix}"))
    yield Send(ping())
    yield Wait(pace * first * 0.4)
    for index, (part, taken, whole) in enumerate(played):
        kind, field = GROWS.get(part.start["type"], ("", ""))
        # A call's input comes with a first piece that is empty.
        opening = input_delta("", index) if kind == "input_json_delta" else b""
        yield Send(block_start(index, named[index]) + opening)
        for piece in taken:
            yield Send(block_delta({"type": kind, field: piece}, index))
            yield Wait(pace * beat * next(shares))
        if part.silence:
            yield Wait(pace * part.silence / 2)
            yield Send(ping())
            yield Wait(pace * part.silence / 2)
        yield from (Send(block_delta(delta, index)) for delta in part.after if whole)
        yield Send(block_stop(index))
    short = len(played) < len(parts) or any(not whole for _, _, whole in played)
    calls = any(part.start["type"] == "tool_use" for part in parts)
    reason = "max_tokens" if short else stop_reason or ("tool_use" if calls else "end_turn")
    yield Send(message_delta(reason, {**output(played, max_tokens), **(usage or {})}))
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
