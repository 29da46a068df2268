"""Events of the Messages API, as plain JSON -> deltas. Pure: fed with events, asked for deltas.

The protocol is the event flow of https://platform.claude.com/docs/en/build-with-claude/streaming:
`message_start`, then per content block `content_block_start`, its `content_block_delta`s and
`content_block_stop`, then `message_delta` with the stop reason and `message_stop`.

Servers that speak it keep to it more or less. Strict in what is said, lenient in what is taken: what deviates
is noted (`deviations`) and its content kept, once and in order. Blocks are numbered as they begin, whatever
indices the wire gives them. What cannot be told from a reply that was cut is a failure, never a guess.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .block_events import BlockTranslator, Deltas, Event
from .blocks import encodable
from .deltas import CUT_SHORT, Failed, Finished, Opened, Unknown, Usage
from .deviations import Notes
from .errors import ProtocolError, Truncated
from .usage import merged_usage
from .wire_json import WireJson

# What the SDK derives from the events above; a proxy that sends its events on sends them too.
_DERIVED = frozenset({"text", "input_json", "thinking", "citation", "signature"})
# How OpenAI's API says it, which some servers do not translate.
_SAME_REASON = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_CALLS = ("tool_use", "pause_turn", "refusal", *CUT_SHORT)


class ErrorEvent(Exception):
    """The server reports an error in place of the rest of a reply; `body` is what it says, JSON or text."""

    def __init__(self, body: Any) -> None:
        super().__init__("an error event")
        self.body = body


class Translator:
    """The events of one response, translated in their order.

    Args:
        request_id: the API's id of the request, for `Opened`.
        rate_limits: the response's headers about limits, likewise.
        used_ids: ids of the tool calls that the request holds.
        notes: where deviations are noted.
        wire_json: what parses the inputs of calls within a bound.

    Attributes:
        ended: whether the reply is complete; what follows says nothing more.
        opened: whether the model has begun.
        usage: tokens, as far as they are known.
    """

    __slots__ = (
        "_blocks",
        "_container",
        "_counted",
        "_json",
        "_message_id",
        "_notes",
        "_rate_limits",
        "_request_id",
        "_stop_details",
        "_stop_reason",
        "_stop_sequence",
        "ended",
        "opened",
        "usage",
    )

    def __init__(
        self,
        request_id: str | None = None,
        rate_limits: Mapping[str, str] | None = None,
        used_ids: Iterable[str] = (),
        notes: Notes | None = None,
        wire_json: WireJson | None = None,
    ) -> None:
        self._request_id, self._rate_limits = request_id, dict(rate_limits or {})
        self._notes = Notes() if notes is None else notes
        self._json = wire_json or WireJson()
        self._blocks = BlockTranslator(used_ids, self._notes, self._json)
        self._counted = False  # usage has come
        self._message_id = ""
        self._stop_reason: str | None = None
        self._stop_details: dict[str, Any] | None = None
        self._stop_sequence: str | None = None
        self._container: dict[str, Any] | None = None
        self.usage = Usage()
        self.opened = False
        self.ended = False

    def translate(self, event: Event, at: float) -> Deltas:
        """Return the deltas of an event that was read at `at`; it may bring none, or several.

        Raises:
            ErrorEvent: the event reports an error.
            ProtocolError: the event cannot come at this place.
        """
        kind = event["type"]
        if kind == "content_block_delta" and self.opened:
            return self._blocks.content(event, at)
        handler = _HANDLERS.get(kind)
        if handler is not None:
            return handler(self, event, at)
        return () if kind in _DERIVED else (Unknown(encodable(kind), at),)

    def end(self, at: float, *, done: bool = False) -> Deltas:
        """The body ended without `message_stop`: return the deltas that close the reply.

        Args:
            done: whether the server said in another way that it was at its end.
        """
        concluded = done and self._blocks.begun and not self._blocks.unclosed
        if self._stop_reason is None and not concluded:
            return (Failed(Truncated(), at, self.usage if self.opened else None),)
        self._notes.add("no_message_stop")
        return self._finish(at, clean=False)

    # -- the blocks --------------------------------------------------------------------------------

    def _content(self, event: Event, at: float) -> Deltas:
        return (*self._opened_anyway(at), *self._blocks.content(event, at))

    def _begin(self, event: Event, at: float) -> Deltas:
        return (*self._opened_anyway(at), *self._blocks.begin(event, at))

    def _close(self, event: Event, at: float) -> Deltas:
        return self._blocks.close(event, at)

    # -- the message -------------------------------------------------------------------------------

    def _start(self, event: Event, at: float) -> Deltas:
        message = self._mapping(event.get("message"))
        message_id = str(message.get("id") or "")
        again = self.opened and (message_id == self._message_id or not message_id or not self._message_id)
        if self.opened and not again and self._blocks.begun:
            raise ProtocolError("a second message_start")
        self._count(message.get("usage", event.get("usage")))
        self._stop(message)
        if again:
            self._notes.add("message_start_again")
        opened = () if again else self._open(message_id, message.get("model"), at)
        return (*opened, *(() if self._blocks.begun else self._blocks.whole(message.get("content"), at)))

    def _open(self, message_id: str, model: object, at: float) -> Deltas:
        self.opened, self._message_id = True, message_id
        name = encodable(model) if isinstance(model, str) else ""
        self._json.keep([name, message_id])
        return (Opened(encodable(message_id), name, self.usage, self._request_id, at, self._rate_limits),)

    def _opened_anyway(self, at: float) -> Deltas:
        """Content came: if no `message_start` did, the reply begins with it."""
        if self.opened:
            return ()
        self._notes.add("no_message_start")
        return self._open("", None, at)

    def _whole(self, event: Event, at: float) -> Deltas:
        """A whole message in place of its events; where blocks have come, it only sums them up so far."""
        message, begun = event.get("message"), self._blocks.begun
        if not isinstance(message, Mapping) or "content" not in message:
            return (Unknown("message", at),)
        deltas = self._start(event, at)
        return deltas if begun else (*deltas, *self._finish(at, clean=True))

    def _message_delta(self, event: Event, at: float) -> Deltas:
        if event.get("error"):
            raise ErrorEvent(event)
        opened = self._opened_anyway(at)
        delta = self._mapping(event.get("delta"))
        self._count(event.get("usage", delta.get("usage")))
        self._stop({**event, **{key: value for key, value in delta.items() if value is not None}})
        return opened

    def _stop(self, fields: Mapping[str, Any]) -> None:
        """Why the model stopped, as `message_start` or `message_delta` tells it."""
        reason, details, container = (fields.get(key) for key in ("stop_reason", "stop_details", "container"))
        self._json.keep([reason, details, container, fields.get("stop_sequence")])
        if isinstance(container, Mapping):
            self._container = encodable(dict(container))
        if isinstance(reason, str) and reason:
            ours = _SAME_REASON.get(reason.lower())
            if ours is not None:
                self._notes.add("stop_word")
            self._stop_reason = ours or encodable(reason)
            self._stop_details = encodable(dict(details)) if isinstance(details, Mapping) else None
            sequence = fields.get("stop_sequence")
            self._stop_sequence = encodable(sequence) if isinstance(sequence, str) else None

    def _message_stop(self, event: Event, at: float) -> Deltas:
        self._count(event.get("usage"))
        if self._stop_reason is None and (self._blocks.unclosed or not self._blocks.begun):
            raise ProtocolError("message_stop before the reply was complete")
        return self._finish(at, clean=True)

    def _finish(self, at: float, *, clean: bool) -> Deltas:
        opened, blocks = self._opened_anyway(at), self._blocks
        if blocks.open and self._stop_reason not in CUT_SHORT:
            self._notes.add("no_block_stop")
        closed = blocks.close_all(at)
        if self._stop_reason is None:
            self._notes.add("no_stop_reason")
        reason = self._stop_reason or ("tool_use" if blocks.called else "end_turn")
        if blocks.called and reason not in _CALLS:
            self._notes.add("tool_stop")
        if not self._counted:
            self._notes.add("no_usage")
        self.ended = True
        cut = self._stop_reason in CUT_SHORT  # then an input that is not whole is as it should be
        codes = tuple(code for code in self._notes.codes if not (cut and code == "tool_input"))
        ending = Finished(
            reason, self.usage, at, self._stop_details, clean, codes, self._stop_sequence, self._container
        )
        return (*opened, *closed, ending)

    def _count(self, usage: object) -> None:
        if isinstance(usage, Mapping) and usage:
            self._counted = True
            self.usage = merged_usage(self.usage, usage)

    def _error(self, event: Event, at: float) -> Deltas:
        raise ErrorEvent(event.get("body", event))

    def _mapping(self, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self._notes.add("value")
        return {}


_HANDLERS: Mapping[str, Callable[[Translator, Event, float], Deltas]] = {
    "message_start": Translator._start,
    "content_block_start": Translator._begin,
    "content_block_delta": Translator._content,
    "content_block_stop": Translator._close,
    "message_delta": Translator._message_delta,
    "message_stop": Translator._message_stop,
    "message": Translator._whole,
    "error": Translator._error,
}
