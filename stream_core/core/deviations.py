"""The deviations from the protocol that are accepted: one table of short codes.

The policy: strict in what is sent, lenient in what is taken. A deviation that costs nothing is noted and the
reply goes on; text is never dropped while the outcome is `complete`. `Finished.deviations` holds the codes,
the debug log and `contexto` tell them; a person hears of one only when something may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping

DEVIATIONS: Mapping[str, str] = {
    # framing
    "content_type": "an event stream came under another content type",
    "whole_message": "the whole message came as JSON instead of a stream",
    "json_lines": "the events came as lines of JSON, not as an event stream",
    "event_name": "an event has no name, or another than the type in its data; the data decided",
    "joined_events": "events with no blank line between them were parted",
    "unfinished_event": "the last event has no blank line after it; it is whole and was taken",
    "cut_event": "the body ended within an event, which could not be taken",
    "bad_utf8": "bytes that are no UTF-8 were replaced by U+FFFD",
    "loose_json": "an event has control characters within its JSON, or a byte order mark before it",
    "not_json": "an event that is not JSON was passed over",
    "done_marker": "`[DONE]` came, as other APIs end their streams",
    "stray_error": "words that look like an error came, and the reply was whole nevertheless",
    # order
    "no_message_start": "content came before `message_start`",
    "message_start_again": "`message_start` came again for the same message",
    "block_again": "a block was streamed that `message_start` held already",
    "no_block_start": "content came for a block that had not begun",
    "no_block_stop": "a block was not closed",
    "extra_block_stop": "a block was closed that was not open",
    "no_message_stop": "the body ended without `message_stop`",
    "no_stop_reason": "no stop reason came; it was concluded from the content",
    # values
    "stop_word": "the stop reason is OpenAI's word for one of the API's, which was taken",
    "index": "indices of blocks are missing, repeated, skipped or wrong",
    "delta_kind": "a delta came in a block of another kind, or is of a new kind and carries text",
    "bare_delta": "a delta came without the event around it",
    "value": "a value is missing, null or of another type",
    "no_usage": "no usage came",
    "lost_input": "a piece of input belongs to no tool call",
    # tools
    "tool_id": "a tool call has no id, a repeated one, or one that the API refuses; it got one of ours",
    "tool_name": "a tool call has no name",
    "tool_input": "the input of a tool call is not JSON",
    "tool_stop": "a tool was called, and the stop reason does not say so",
}
"""Each code with its meaning."""

MAY_MISS = frozenset({"cut_event", "no_stop_reason", "lost_input"})
"""The deviations after which part of the reply may be missing: the user is warned."""


class Notes:
    """The codes of one reply, each once, in the order in which they were met."""

    __slots__ = ("_codes",)

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def add(self, code: str) -> None:
        """Note a deviation; `code` is a key of `DEVIATIONS`."""
        self._codes[code] = None

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes so far."""
        return tuple(self._codes)
