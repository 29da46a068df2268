"""Figures of one reply and of a session, from the timestamps that ride on the deltas. No clock of its own."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .deltas import (
    BlockDone,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Opened,
    Text,
    Thinking,
    ToolInput,
    Usage,
    Waiting,
)


class ReplyStats:
    """The figures of one reply. Feed it the same deltas as the `Reply`.

    Attributes:
        started: when the request was sent, in seconds on the monotonic clock.
        deltas: pieces of content (text, thinking, tool input) so far.
        characters: characters of text so far.
        gaps: seconds between one piece of content and the next.
        usage: tokens as the API counts them; the output is known only once the reply is complete.
        complete: whether the reply finished, so that `usage.output_tokens` counts all of it.
        counted: output tokens that are counted to their end: those of the rounds that are complete.
        prepared: seconds that the program took to get ready before it sent the request; no other figure
            counts them.
        awaited: seconds that it stood still until a person decided: about a tool, or about going on. Only
            `duration` counts them.
        retries: how often a request was sent again.
    """

    __slots__ = (
        "_ended",
        "_first",
        "_first_text",
        "_generated",
        "_hidden",
        "_last",
        "_opened",
        "awaited",
        "characters",
        "complete",
        "counted",
        "deltas",
        "gaps",
        "prepared",
        "retries",
        "started",
        "usage",
    )

    def __init__(self, started: float) -> None:
        self.started = started
        self.deltas = 0
        self.characters = 0
        self.gaps = array("d")
        self.usage = Usage()
        self.complete = False
        self.counted = 0
        self.prepared = self.awaited = 0.0
        self.retries = 0
        self._opened: float | None = None
        self._hidden = False  # it thought, and nothing of that came
        self._first: float | None = None
        self._first_text: float | None = None
        self._last = started
        self._ended: float | None = None
        self._generated: float | None = None  # of several rounds

    def __repr__(self) -> str:
        seconds = "streaming" if self.duration is None else f"{self.duration:.3f} s"
        return f"<ReplyStats {seconds}, {self.deltas} deltas, {self.characters} characters>"

    @classmethod
    def of_rounds(cls, rounds: Sequence[ReplyStats]) -> ReplyStats:
        """Return the figures of all rounds of a turn together; the tools' time does not count for speed."""
        whole = cls(rounds[0].started)
        times = [stats._generation(stats._last) for stats in rounds[:-1]] + [rounds[-1].generation_time]
        for stats in rounds:
            whole.deltas += stats.deltas
            whole.characters += stats.characters
            whole.gaps.extend(stats.gaps)
            whole.usage += stats.usage
            whole.counted += stats.counted
            whole.retries += stats.retries
            whole.awaited += stats.awaited
            whole._first = stats._first if whole._first is None else whole._first
            whole._first_text = stats._first_text if whole._first_text is None else whole._first_text
            whole._ended = stats._ended
        whole._last, whole.complete = rounds[-1]._last, all(stats.complete for stats in rounds)
        whole._generated = sum(time for time in times if time is not None)
        return whole

    def feed(self, delta: Delta) -> None:
        """Take in the next delta."""
        match delta:
            case Text(text=text, at=at):
                self.characters += len(text)
                if self._first_text is None:
                    self._first_text = at
                self._content(at)
            case Thinking(at=at) | ToolInput(at=at):
                self._content(at)
            case Opened(usage=usage, at=at):
                # A second one is another attempt: what the one before brought (thinking at most) is void.
                self.usage, self.deltas, self._first = usage, 0, None
                self._opened, self._hidden = at, False
                del self.gaps[:]
            case BlockDone(block=block) if self._first is None and "thinking" in str(block.get("type")):
                self._hidden = True
            case Finished(usage=usage, at=at):
                self.usage, self.complete = usage, True
                self.counted, self._ended = usage.output_tokens, at
            case Cancelled(at=at) | Failed(at=at):
                self._ended = at
            case Waiting(attempt=attempt):
                self.retries = max(self.retries, attempt - 1)
            case _:
                pass  # nothing of content: it has no figures

    def _content(self, at: float) -> None:
        if self._first is None:
            self._first = at
        else:
            self.gaps.append(at - self._last)
        self._last = at
        self.deltas += 1

    @property
    def time_to_first_token(self) -> float | None:
        """Seconds from the request to the first piece of content, or None when none came."""
        return None if self._first is None else self._first - self.started

    @property
    def time_to_first_text(self) -> float | None:
        """Seconds from the request to the first text (later than the first token if it thinks first)."""
        return None if self._first_text is None else self._first_text - self.started

    @property
    def duration(self) -> float | None:
        """Seconds from the request to the ending, or None while the reply is under way."""
        return None if self._ended is None else self._ended - self.started

    @property
    def working_time(self) -> float | None:
        """`duration` without what a person took to decide, or None while the reply is under way."""
        return None if self.duration is None else max(0.0, self.duration - self.awaited)

    @property
    def generation_time(self) -> float | None:
        """Seconds from the first piece of content to the ending, or None when one of them is missing.

        In a turn with tools, those of its rounds together, without what lies between. Where the reply thought
        first and nothing of that came, it counts from its opening: the tokens of that thinking count too.
        """
        if self._ended is None or self._first is None:
            return None
        return self._generation(self._ended) if self._generated is None else self._generated

    def _generation(self, until: float) -> float | None:
        if self._first is None:
            return None
        began = self._opened if self._hidden and self._opened is not None else self._first
        return until - began

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens a second once the first had come, or None when the reply is not complete."""
        seconds = self.generation_time
        if not self.complete or not seconds or seconds <= 0:
            return None
        return self.usage.output_tokens / seconds


@dataclass(slots=True)
class SessionStats:
    """The figures of a session: its replies added up.

    Attributes:
        started: when the session began, in seconds on the monotonic clock.
        user_messages: messages that were sent.
        replies: replies that brought text, partial ones included.
        characters: characters of text in all replies.
        first_tokens: time to first token of each reply that had one, in seconds.
        gaps: seconds between one piece of content and the next, over all replies.
        input_tokens: tokens sent, cached ones included.
        cache_read_tokens: those of them that were read from the cache.
        cache_written_tokens: those of them that were written into it.
        output_tokens: tokens of replies, as far as they are counted to their end.
        reported_tokens: tokens of replies as the API reported them, of cut ones only the beginning.
        uncounted: replies whose output the API never counted, because they did not complete.
        retries: further attempts at requests.
        retried: replies that took further attempts.
    """

    started: float
    user_messages: int = 0
    replies: int = 0
    characters: int = 0
    first_tokens: list[float] = field(default_factory=list)
    gaps: array[float] = field(default_factory=lambda: array("d"))
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_written_tokens: int = 0
    output_tokens: int = 0
    reported_tokens: int = 0
    uncounted: int = 0
    retries: int = 0
    retried: int = 0
    _counted: bool = False  # the latest reply is among `replies`
    _timed_tokens: int = 0
    _timed_seconds: float = 0.0

    def add(self, stats: ReplyStats, *, asked: bool = True, characters: int | None = None) -> None:
        """Add one reply that has ended.

        Args:
            asked: whether it answers a message; else it goes on with a reply that was cut, and is part of it.
            characters: of text that it brought; None: all that came.
        """
        self.retries += stats.retries
        self.retried += stats.retries > 0
        self.user_messages += asked
        # A reply whose first part brought no text, or came in another session, counts with the next part.
        counted = self._counted and not asked
        self._counted = counted or stats.characters > 0
        self.replies += self._counted and not counted
        self.characters += stats.characters if characters is None else characters
        if stats.time_to_first_token is not None:
            self.first_tokens.append(stats.time_to_first_token)
        self.gaps.extend(stats.gaps)
        usage = stats.usage
        self.input_tokens += (
            usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
        )
        self.cache_read_tokens += usage.cache_read_input_tokens
        self.cache_written_tokens += usage.cache_creation_input_tokens
        self.output_tokens += stats.counted
        self.reported_tokens += usage.output_tokens
        self.uncounted += not stats.complete and stats.deltas > 0
        if stats.tokens_per_second is not None and stats.generation_time is not None:
            self._timed_tokens += usage.output_tokens
            self._timed_seconds += stats.generation_time

    @property
    def average_characters(self) -> float:
        """Characters of a reply on average; 0.0 when there is none."""
        return self.characters / self.replies if self.replies else 0.0

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens a second over all complete replies, or None when there is none."""
        return self._timed_tokens / self._timed_seconds if self._timed_seconds else None

    def elapsed(self, now: float) -> float:
        """Seconds since the session began, at `now` on the same clock."""
        return now - self.started


def percentile(values: Sequence[float] | Iterable[float], share: float) -> float | None:
    """Return the percentile `share` (0 to 1) by nearest rank; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = -(-len(ordered) * share // 1)  # the ceiling, without importing math for it
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]
