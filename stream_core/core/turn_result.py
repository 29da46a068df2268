"""Accumulates the deltas of a turn with tools, as `Reply` does for a single reply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .api_messages import Message, as_sent, is_thinking, result_block, to_messages, without_blanks
from .citations import end_of_piece
from .deltas import (
    Block,
    Delta,
    Ending,
    Finished,
    RoundDone,
    ToolAsked,
    ToolDone,
    ToolStarted,
    TurnDelta,
    Usage,
)
from .errors import StreamCoreError
from .reply import Outcome, Parse, Reply
from .stats import ReplyStats


@dataclass(slots=True)
class Round:
    """One request of a turn: its reply, its figures, and the results of the tools it called.

    Attributes:
        reply: the reply of this round.
        stats: its figures; they begin when its request was sent.
        results: the tools that have run, by the id of the call.
        done: whether every tool has answered and the next request went out.
    """

    reply: Reply
    stats: ReplyStats
    results: dict[str, ToolDone] = field(default_factory=dict)
    done: bool = False


class TurnResult:
    """A turn as far as it has arrived.

    Attributes:
        started: when the turn began, in seconds on the monotonic clock.
        rounds: its rounds; the last one is under way until `ending` is there.
        ending: how the turn ended, or None.
    """

    __slots__ = ("_parse", "ending", "rounds", "started")

    def __init__(self, started: float, parse: Parse | None = None) -> None:
        self.started, self._parse = started, parse
        self.rounds = [Round(Reply(parse), ReplyStats(started))]
        self.ending: Ending | None = None

    def __repr__(self) -> str:
        state = self.outcome or "streaming"
        return f"<TurnResult {state}, {len(self.rounds)} rounds, {len(self.arrived)} characters>"

    def begin(self, now: float) -> None:
        """The first request is sent now."""
        self.started = self.rounds[0].stats.started = now

    def feed(self, delta: TurnDelta) -> None:
        """Take in the next delta."""
        current = self.rounds[-1]
        if isinstance(delta, ToolDone):
            current.results[delta.tool_id] = delta
        elif isinstance(delta, RoundDone):
            _feed(current, Finished(delta.stop_reason, delta.usage, delta.at, deviations=delta.deviations))
            current.done = True
            self.rounds.append(Round(Reply(self._parse), ReplyStats(delta.at)))
        elif not isinstance(delta, (ToolAsked, ToolStarted)):
            _feed(current, delta)
            self.ending = current.reply.ending

    @property
    def reply(self) -> Reply:
        """The reply of the newest round."""
        return self.rounds[-1].reply

    @property
    def parsed(self) -> Any:
        """The last reply as parsed JSON, see `Reply.parsed`."""
        return self.reply.parsed

    @property
    def text(self) -> str:
        """The text of all rounds, as it came (not sanitised), with a blank line between one and the next."""
        return "\n\n".join(part for part in (entry.reply.text.strip("\n") for entry in self.rounds) if part)

    @property
    def arrived(self) -> str:
        """The text of all rounds as it came, with nothing between."""
        return "".join(entry.reply.arrived for entry in self.rounds)

    @property
    def blocks(self) -> list[Block]:
        """The content blocks of all rounds; of a last one that was cut, what it thought, said and called.

        The results of tools stand behind the calls of their round, also those that no answer came to.
        `messages` gives what of them can be sent.
        """
        if self.outcome == "refused":
            return []
        return [block for entry in self.rounds for block in _blocks_of(entry)]

    @property
    def stats(self) -> ReplyStats:
        """The figures of all rounds together."""
        return ReplyStats.of_rounds([entry.stats for entry in self.rounds])

    @property
    def attempts(self) -> int:
        """Attempts of the last request."""
        return self.reply.attempts

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped (the API's value), or None when the turn is not `Finished`."""
        return self.reply.stop_reason

    @property
    def stop_details(self) -> Mapping[str, Any] | None:
        """The API's explanation of a refusal as plain JSON, or None."""
        return self.reply.stop_details

    @property
    def deviations(self) -> tuple[str, ...]:
        """The deviations from the protocol in any of its rounds: codes of `deviations.DEVIATIONS`."""
        return tuple(dict.fromkeys(code for entry in self.rounds for code in entry.reply.deviations))

    @property
    def error(self) -> StreamCoreError | None:
        """The error that ended the turn, or None."""
        return self.reply.error

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, or None while the turn runs."""
        if self.ending is None:
            return None
        outcome = self.reply.outcome
        return "interrupted" if outcome == "error" and len(self.rounds) > 1 else outcome

    @property
    def usage(self) -> Usage:
        """Tokens of all rounds together; each request is counted, also what they repeat."""
        return sum((entry.reply.usage for entry in self.rounds), Usage())

    def raise_for_failure(self) -> None:
        """Raise the error that ended the turn, if one did.

        Raises:
            StreamCoreError: the one that `Failed` carried.
        """
        self.reply.raise_for_failure()

    def messages(self) -> list[Message]:
        """Return the messages that the turn adds after its question; empty if it is not sent.

        It always ends with the assistant, so that a next question can follow: where a turn was cut between a
        tool's result and the answer to it, the round of that tool contributes its text only. A refused turn
        contributes nothing: sent again, it would be refused again.
        """
        return to_messages(self.blocks, whole=self.outcome == "complete")


def _blocks_of(entry: Round) -> list[Block]:
    """The blocks of a round, and the results that its tools gave."""
    reply = entry.reply
    blocks: Iterable[Block] = reply.blocks
    if reply.outcome != "complete":  # the text that was cut is in no block
        thought = filter(is_thinking, reply.blocks)
        calls = (block for block in reply.blocks if block.get("type") == "tool_use")
        blocks = [*thought, *_texts_of(reply), *calls]
    sent = [as_sent(block) for block in without_blanks(blocks)]
    answers = (entry.results.get(str(block.get("id"))) for block in sent if block.get("type") == "tool_use")
    return [*sent, *(result_block(answer) for answer in answers if answer is not None)]


def _texts_of(reply: Reply) -> list[Block]:
    """The text of a reply that was cut: one block, or several where some of it cites sources."""
    texts, begin, at = list[Block](), 0, 0
    for block in reply.blocks:
        end = (
            end_of_piece(str(block.get("text") or ""), reply.text, at) if block.get("type") == "text" else at
        )
        if end is None:
            break
        at = end
        if block.get("citations"):
            texts.append({"type": "text", "text": reply.text[begin:at], "citations": block["citations"]})
            begin = at
    return [*texts, {"type": "text", "text": reply.text[begin:]}]


def _feed(entry: Round, delta: Delta) -> None:
    entry.reply.feed(delta)
    entry.stats.feed(delta)
