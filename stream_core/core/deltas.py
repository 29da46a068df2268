"""The deltas: everything that can happen while a reply arrives, as small frozen values.

An iteration gives any number of deltas and then exactly one ending: `Finished`, `Cancelled` or
`Failed`. Consumers `match` on the class and close with `assert_never`.

Every delta carries `at`: seconds on the monotonic clock, stamped when the event was read from the
wire, not when the consumer came to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .errors import StreamCoreError
from .token_usage import Usage as Usage

Block: TypeAlias = Mapping[str, Any]
"""A content block as plain JSON, in the form the API takes it back (`{"type": "text", ...}`)."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`message_start` arrived: the model has begun. Its usage holds the input tokens only.

    Attributes:
        message_id: the API's id of the message, or "".
        model: the model that answers, as the server names it (untrusted text), or "".
        request_id: the API's id of the request, or None.
        rate_limits: the response's headers about limits, by their names in lower case (untrusted text).
    """

    message_id: str
    model: str
    usage: Usage
    request_id: str | None
    at: float
    rate_limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, untrusted: sanitise it before it reaches a terminal."""

    text: str
    index: int
    at: float


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of the model's thinking, untrusted like `Text`."""

    text: str
    index: int
    at: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of the text block that is arriving; the whole block has it among its `citations`, too.

    Attributes:
        citation: the API's own, as plain JSON: `type`, `cited_text`, and where it stands. Untrusted.
    """

    citation: Mapping[str, Any]
    index: int
    at: float


@dataclass(frozen=True, slots=True)
class ToolInput:
    """A piece of a tool call's JSON input. The first one of a call has an empty `partial_json`."""

    partial_json: str
    index: int
    tool_id: str
    name: str
    at: float


@dataclass(frozen=True, slots=True)
class BlockDone:
    """A content block is complete; `block` is our own plain JSON, with tool input parsed."""

    block: Block
    index: int
    at: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event, block or delta this version does not know; the rest of the reply goes on.

    Several of one type that are read at once, with nothing between them, are told once.
    """

    type: str
    at: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to show yet: a retry counts down, files go out, the first byte is due, or the stream is idle.

    Attributes:
        reason: `retry`, `upload`, `first_byte` or `idle`.
        attempt: the attempt that is awaited (for a retry, the one that comes next), from 1.
        of: attempts there can be in all.
        seconds: `retry`: left until the next attempt; otherwise: waited so far.
        cause: what made the retry necessary, else None.
        sent: `upload`: bytes of the request that the network has taken, else 0.
        size: `upload`: all its bytes, else 0.
    """

    reason: Literal["retry", "upload", "first_byte", "idle"]
    attempt: int
    of: int
    seconds: float
    at: float
    cause: StreamCoreError | None = None
    sent: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """In a turn: somebody is asked whether a tool may run. Name and input come from the model, untrusted."""

    tool_id: str
    name: str
    input: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """In a turn: a tool begins to run. Name and input come from the model, untrusted."""

    tool_id: str
    name: str
    input: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class ToolDone:
    """In a turn: a tool has run, or could not.

    Attributes:
        content: what goes back to the model: the result, or what was wrong; of blocks their text. Untrusted.
        blocks: the content blocks that go back, where the tool returned some (images, documents).
        is_error: whether it is told to the model as an error.
        seconds: how long the tool took.
    """

    tool_id: str
    name: str
    content: str
    is_error: bool
    seconds: float
    at: float
    blocks: tuple[Block, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RoundDone:
    """In a turn: a reply and the tools it called are done, and the next request goes out.

    Attributes:
        number: the round, from 1.
        stop_reason: why the model stopped: `tool_use` or `pause_turn`.
        usage: tokens of this round's reply.
        deviations: of its reply, as in `Finished`.
    """

    number: int
    stop_reason: str
    usage: Usage
    at: float
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is complete as far as the wire goes; `stop_reason` says why the model stopped.

    Attributes:
        stop_reason: the API's value: `end_turn`, `max_tokens`, `stop_sequence`, `tool_use`, `pause_turn`,
            `refusal`, `model_context_window_exceeded`, or one that is newer than this program.
        stop_details: the API's explanation of a refusal as plain JSON, or None.
        clean: False when everything but `message_stop` arrived.
        deviations: what was not as the protocol says and cost nothing: codes of `deviations.DEVIATIONS`.
        stop_sequence: the stop sequence that matched, or None.
        container: the container that code ran in, as plain JSON (`id`, `expires_at`), or None.
    """

    stop_reason: str
    usage: Usage
    at: float
    stop_details: Mapping[str, Any] | None = None
    clean: bool = True
    deviations: tuple[str, ...] = ()
    stop_sequence: str | None = None
    container: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`cancel()` was called, or the `with` was left early. What had arrived is kept.

    Attributes:
        usage: tokens as far as the API had reported them, or None.
    """

    at: float
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The network or the API failed. What had arrived is kept.

    Attributes:
        usage: tokens as far as the API had reported them, or None.
    """

    error: StreamCoreError
    at: float
    usage: Usage | None = None


CUT_SHORT = ("max_tokens", "model_context_window_exceeded")
"""Stop reasons of a reply that was cut where it stood, perhaps inside a tool call."""

Ending: TypeAlias = Finished | Cancelled | Failed
"""How every iteration ends: with exactly one of these."""

Delta: TypeAlias = (
    Opened
    | Text
    | Thinking
    | Citation
    | ToolInput
    | BlockDone
    | Unknown
    | Waiting
    | Finished
    | Cancelled
    | Failed
)
"""All that an iteration over a reply can give."""

TurnDelta: TypeAlias = Delta | ToolAsked | ToolStarted | ToolDone | RoundDone
"""All that an iteration over a turn with tools can give."""
