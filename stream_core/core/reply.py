"""The reply: a pure reducer. Feed it the deltas of one reply; read its text, blocks, usage and outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from typing_extensions import assert_never

from .block_text import Separation, join_texts
from .deltas import (
    CUT_SHORT,
    Block,
    BlockDone,
    Cancelled,
    Citation,
    Delta,
    Ending,
    Failed,
    Finished,
    Opened,
    Text,
    Thinking,
    ToolInput,
    Unknown,
    Usage,
    Waiting,
)
from .errors import ProtocolError, StreamCoreError, UsageError

Outcome: TypeAlias = Literal["complete", "cancelled", "interrupted", "max_tokens", "refused", "error"]
"""How a reply ended: `interrupted` is a failure after the model had begun, `error` one before."""


Parse: TypeAlias = Callable[[str], Any]


class ReplyLike(Protocol):
    """The read-only view that a reply and a turn share."""

    @property
    def text(self) -> str: ...
    @property
    def arrived(self) -> str: ...
    @property
    def blocks(self) -> Sequence[Block]: ...
    @property
    def usage(self) -> Usage: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def ending(self) -> Ending | None: ...
    @property
    def error(self) -> StreamCoreError | None: ...
    @property
    def stop_reason(self) -> str | None: ...
    @property
    def stop_details(self) -> Mapping[str, Any] | None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def deviations(self) -> tuple[str, ...]: ...


class Reply:
    """One reply as far as it has arrived. Each `feed` costs the same, however long the reply grows.

    Args:
        parse: makes a value of the whole text, for `parsed`; raises ValueError if the text does not fit.

    Attributes:
        message_id: the API's id of the message, or "" before `Opened`.
        model: the model that answers, as the API names it (untrusted text), or "".
        request_id: the API's id of the request, or None.
        rate_limits: the response's headers about limits, by their names in lower case (untrusted text).
        usage: tokens; until the ending only the input counts are known.
        blocks: the content blocks that are complete, as plain JSON.
        attempts: how often the request was sent, as far as it is known.
        ending: the delta that ended the reply, or None while it is under way.
    """

    __slots__ = (
        "_opened",
        "_parse",
        "_separation",
        "_texts",
        "_thinking",
        "_thought",
        "_written",
        "attempts",
        "blocks",
        "ending",
        "message_id",
        "model",
        "rate_limits",
        "request_id",
        "usage",
    )

    def __init__(self, parse: Parse | None = None) -> None:
        self._parse = parse
        self.message_id = ""
        self.model = ""
        self.request_id: str | None = None
        self.rate_limits: Mapping[str, str] = {}
        self.usage = Usage()
        self.blocks: list[Block] = []
        self.attempts = 1
        self.ending: Ending | None = None
        self._opened = False
        self._texts: list[list[str]] = [[]]  # the pieces of each text that stands apart
        self._separation = Separation()
        self._thinking: list[str] = []
        self._written = self._thought = 0  # characters of the newest text, and of all thinking

    def __repr__(self) -> str:
        state, model = self.outcome or "streaming", self.model or "no model yet"
        return f"<Reply {state}, {len(self.text)} characters, {model!r}>"

    def feed(self, delta: Delta) -> None:
        """Take in the next delta.

        Raises:
            UsageError: the reply had already ended.
        """
        if self.ending is not None:
            raise UsageError("a delta was fed after the ending of the reply")
        apart = self._separation.feed(delta)
        match delta:
            case Text(text=text):
                self._add_text(text, apart)
            case Thinking(text=text):
                self._thinking.append(text)
                self._thought += len(text)
            case BlockDone(block=block):
                self._add(block)
            case Opened():
                self._open(delta)
            case Finished(usage=usage):
                self.usage = usage
                self.ending = delta
            case Cancelled(usage=usage) | Failed(usage=usage):
                self.usage = self.usage if usage is None else usage
                self.ending = delta
            case Waiting(attempt=attempt):
                self.attempts = attempt
            case ToolInput() | Citation() | Unknown():
                pass
            case _:
                assert_never(delta)

    @property
    def parsed(self) -> Any:
        """The text as an object of the request's `output_format`; None without one, or if it is not complete.

        Raises:
            ProtocolError: the text is complete and does not fit the format.
        """
        if self._parse is None or self.outcome != "complete":
            return None
        try:
            return self._parse(self.text)
        except ValueError as error:
            raise ProtocolError(f"the reply does not fit the output format: {error}") from error

    def _open(self, opened: Opened) -> None:
        """Begin, or begin again: an attempt before this one that opened and failed leaves nothing behind."""
        self._opened = True
        self.message_id, self.model = opened.message_id, opened.model
        self.request_id, self.usage, self.rate_limits = opened.request_id, opened.usage, opened.rate_limits
        self.blocks, self._texts, self._thinking = [], [[]], []
        self._written = self._thought = 0
        self._separation = Separation()

    def _add_text(self, text: str, apart: bool) -> None:
        if apart and self._texts[-1]:
            self._texts.append([])
            self._written = 0
        self._texts[-1].append(text)
        self._written += len(text)

    def _add(self, block: Block) -> None:
        self.blocks.append(block)
        _share(self._texts[-1], self._written, block.get("text"))
        _share(self._thinking, self._thought, block.get("thinking"))
        if block.get("type") == "fallback" and isinstance(heir := block.get("to"), Mapping):
            self.model = str(heir.get("model") or self.model)  # it is another model that answers from here on

    @property
    def text(self) -> str:
        """The text of the answer so far (not sanitised); a blank line stands where a tool came between."""
        if len(self._texts) == 1:
            return _joined(self._texts[0])
        return join_texts(map(_joined, self._texts))

    @property
    def arrived(self) -> str:
        """The text of the answer as it came, with nothing between its blocks."""
        return "".join(map(_joined, self._texts))

    @property
    def thinking(self) -> str:
        """The model's thinking so far, as it came (not sanitised)."""
        return _joined(self._thinking)

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped (the API's value), or None when the reply is not `Finished`."""
        return self.ending.stop_reason if isinstance(self.ending, Finished) else None

    @property
    def stop_details(self) -> Mapping[str, Any] | None:
        """The API's explanation of a refusal as plain JSON, or None."""
        return self.ending.stop_details if isinstance(self.ending, Finished) else None

    @property
    def stop_sequence(self) -> str | None:
        """The stop sequence that matched (untrusted text), or None."""
        return self.ending.stop_sequence if isinstance(self.ending, Finished) else None

    @property
    def container(self) -> Mapping[str, Any] | None:
        """The container that code ran in, as plain JSON, or None."""
        return self.ending.container if isinstance(self.ending, Finished) else None

    @property
    def deviations(self) -> tuple[str, ...]:
        """The deviations from the protocol that cost nothing: codes of `deviations.DEVIATIONS`."""
        return self.ending.deviations if isinstance(self.ending, Finished) else ()

    @property
    def error(self) -> StreamCoreError | None:
        """The error that ended the reply, or None."""
        return self.ending.error if isinstance(self.ending, Failed) else None

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, or None while the reply runs."""
        match self.ending:
            case None:
                return None
            case Cancelled():
                return "cancelled"
            case Failed():
                return "interrupted" if self._opened else "error"
            case Finished(stop_reason=reason):
                if reason == "refusal":
                    return "refused"
                return "max_tokens" if reason in CUT_SHORT else "complete"
            case _:
                assert_never(self.ending)

    def raise_for_failure(self) -> None:
        """Raise the error that ended the reply, if one did; for programs that prefer exceptions.

        Raises:
            StreamCoreError: the one that `Failed` carried.
        """
        if self.error is not None:
            raise self.error


def _share(pieces: list[str], characters: int, whole: object) -> None:
    """Keep the text of a block in place of the pieces that it consists of: a long reply is then held once."""
    if not isinstance(whole, str) or len(whole) != characters:
        return
    at = 0
    for piece in pieces:
        if not whole.startswith(piece, at):
            return
        at += len(piece)
    pieces[:] = [whole]


def _joined(pieces: list[str]) -> str:
    """Join on read and keep the join, so that reading often costs no more than reading once."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
