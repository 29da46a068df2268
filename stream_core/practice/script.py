"""HTTP responses as data: a script is an iterable of steps, played as one response.

    Head        status line and headers            Cut     close the connection, the body is unfinished
    Send        bytes of the body, one write       Reset   the same, with a TCP reset
    Wait, Hang  silence, for a time or for ever            At      silence until a time of the script
    Gate        silence until a person lets it go on

The end of the script ends the body cleanly and keeps the connection open for the next request.
`Wait`, `At`, `Hang`, `Cut` and `Reset` may come before the `Head`: slow headers, or no answer at all. This
module does no I/O. A script may be a generator, also an endless one; it must not block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zlib import crc32

from .events import (
    block_delta,
    block_start,
    block_stop,
    input_delta,
    message_delta,
    message_start,
    message_stop,
    ping,
    to_json,
)
from .parts import GROWS, Part, PartCut, cut, output_usage, with_ids
from .pieces import seeded
from .stepper import Stepper

Headers = Sequence[tuple[str, str]]

SSE: Headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
JSON: Headers = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Head:
    """The status line and the headers. The server adds `request-id` if it is missing.

    Attributes:
        framing: what ends the body: `chunked`; `close` (the end of the connection); or a number, the content
            length. A script that sends fewer bytes must end in `Cut` or `Reset`.
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
    """Silence for a while.

    Attributes:
        seconds: multiplied by the server's pace, so that a pace of 0 skips it.
        fixed: whether the pace does not apply, as for a fault that is a silence.
    """

    seconds: float
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Silence until the client hangs up or the server stops."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without ending the body.

    Attributes:
        within: one chunk of which only the first half is sent; ignored before the `Head`.
    """

    within: bytes = b""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a TCP reset (RST)."""


@dataclass(frozen=True, slots=True)
class At:
    """Silence until so many seconds after the script began, times the server's pace: waits do not add up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Silence until a person lets the script go on. The times of `At` count on from there.

    Attributes:
        stepper: lets it go on; where it lets everything through, this is an `At`.
        seconds: the time of the script at this step.
    """

    stepper: Stepper
    seconds: float


Step = Head | Send | Wait | At | Gate | Hang | Cut | Reset
Script = Iterable[Step]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call: the tool's name and its input."""

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
    """A lifelike reply of one text and then tool calls; see `parts_reply`."""
    parts = [Part({"type": "text", "text": ""}, text)] if text else []
    parts += [call_part(call) for call in calls]
    return parts_reply(parts, model=model, input_tokens=input_tokens, max_tokens=max_tokens, pace=pace)


def call_part(call: Call, kind: str = "tool_use") -> Part:
    """The content block of a call: `tool_use`, or `server_tool_use` for a tool of the server."""
    return Part({"type": kind, "id": "", "name": call.name, "input": {}}, to_json(call.input).decode())


def parts_reply(
    parts: Sequence[Part],
    *,
    model: str,
    input_tokens: int,
    max_tokens: int | None = None,
    pace: float = 1.0,
    stop_reason: str | None = None,
    stop_sequence: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Iterator[Step]:
    """A lifelike reply: a pause, then the parts at 60 to 90 deltas a second; the same input, the same reply.

    Args:
        parts: the content blocks.
        model: its name in `message_start`.
        input_tokens: the usage of the input.
        max_tokens: output tokens after which it stops, with that stop reason; None for no limit.
        pace: factor of this reply's waits, on top of the server's pace.
        stop_reason: instead of `end_turn` or `tool_use`.
        stop_sequence: the sequence that stopped it.
        usage: further fields of the usage in `message_delta`.
    """
    cuts = cut(parts, max_tokens)
    text = "".join(part.text for part in parts)
    first, waits = _tempo(text, [piece for each in cuts for piece in each.pieces])
    suffix = f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}{input_tokens:06x}"

    yield Wait(pace * first * 0.6)
    yield Head()
    yield Send(message_start(model, input_tokens, f"msg_practice_{suffix}"))
    yield Send(ping())
    yield Wait(pace * first * 0.4)
    starts = with_ids([part.start for part in parts], suffix)
    for index, each in enumerate(cuts):
        yield from _block(index, starts[index], each, waits, pace)
    if _is_short(parts, cuts):
        stop_reason, stop_sequence = "max_tokens", None
    reason, tokens = stop_reason or _natural_end(parts), output_usage(cuts, max_tokens)
    yield Send(message_delta(reason, {**tokens, **(usage or {})}, stop_sequence=stop_sequence))
    yield Send(message_stop())


def _tempo(text: str, sent: Sequence[str]) -> tuple[float, Iterator[float]]:
    """Seconds before the first piece, and after each one; longer after the end of a sentence."""
    random = seeded(text)
    first = random.uniform(0.5, 1.1)
    rhythm = [random.uniform(0.3, 1.4) * (2.5 if piece.endswith((".", ":", "\n")) else 1) for piece in sent]
    beat = len(sent) / (sum(rhythm) * random.uniform(65, 85)) if sent else 0.0
    return first, iter([beat * share for share in rhythm])


def _block(
    index: int, start: Mapping[str, Any], each: PartCut, waits: Iterator[float], pace: float
) -> Iterator[Step]:
    kind, field = GROWS.get(start["type"], ("", ""))
    # The API begins the input of a call with an empty piece.
    opening = input_delta("", index) if kind == "input_json_delta" else b""
    yield Send(block_start(index, start) + opening)
    for piece in each.pieces:
        yield Send(block_delta({"type": kind, field: piece}, index))
        yield Wait(pace * each.part.tempo * next(waits))
    if each.part.silence:
        yield Wait(pace * each.part.silence / 2)
        yield Send(ping())
        yield Wait(pace * each.part.silence / 2)
    if each.complete:
        yield from (Send(block_delta(delta, index)) for delta in each.part.after)
    yield Send(block_stop(index))


def _is_short(parts: Sequence[Part], cuts: Sequence[PartCut]) -> bool:
    return len(cuts) < len(parts) or not all(each.complete for each in cuts)


def _natural_end(parts: Sequence[Part]) -> str:
    return "tool_use" if any(part.start["type"] == "tool_use" for part in parts) else "end_turn"


def json_reply(payload: object, status: int = 200, headers: Headers = ()) -> Iterator[Step]:
    """A response of JSON."""
    body = to_json(payload)
    yield Head(status, (*JSON, *headers), framing=len(body))
    yield Send(body)


def error_reply(
    status: int,
    api_type: str,
    message: str,
    headers: Headers = (),
    *,
    request_id: str = "req_practice",
    details: Mapping[str, Any] | None = None,
) -> Iterator[Step]:
    """An error response of the API, such as `error_reply(529, "overloaded_error", "Overloaded")`."""
    problem = {"type": api_type, "message": message, **({} if details is None else {"details": details})}
    payload = {"type": "error", "error": problem, "request_id": request_id}
    return json_reply(payload, status, (("request-id", request_id), *headers))
