"""The stage of a lesson: a practice server, a client for it, the screen, and a way to check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from stream_core.core.sanitize import Sanitizer
from stream_core.models.lines import DEFAULT_MODEL
from stream_core.practice.lab import parse
from stream_core.practice.server import PracticeServer
from stream_core.terminal.pages.code_listing import listing
from stream_core.terminal.rows.word_wrap import WordWrap

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from rich.console import Console

    from stream_core.streaming.compare import Comparison
    from stream_core.streaming.reply import ReplyStream
    from stream_core.streaming.turn import TurnStream

    Watching = Callable[[ReplyStream | TurnStream | Comparison], AbstractContextManager[None]]

MODEL = DEFAULT_MODEL
"""The model of the lessons: that of the settings may be one which the practice server does not know."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        holds: whether it is so.
        hint: what to do if it is not.
    """

    holds: bool
    hint: str


@dataclass(slots=True)
class Stage:
    """The surroundings of a lesson.

    Attributes:
        console: the screen.
        server: the practice server; it remembers the requests.
        client: a client for it.
        interactive: whether somebody can press keys.
        watching: a context in which Ctrl+C and Esc cancel a stream.
        checks: what was checked so far.
    """

    console: Console
    server: PracticeServer
    client: AsyncAnthropic
    interactive: bool
    watching: Watching
    checks: list[Check] = field(default_factory=list)

    # -- the screen ----------------------------------------------------------------------------

    def say(self, text: str = "", style: str = "") -> None:
        """Print a line of the lesson."""
        self.console.print(text, style=style or None)

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, str], None]]:
        """Return a writer for text from a model, in pieces and with a style; ends at the begin of a line."""
        sanitizer, wrap, last = Sanitizer(), WordWrap(lambda: self.console.width), "\n"
        style_of_last = ""

        def put(text: str, style: str, end: str = "") -> None:
            nonlocal last
            last = (text + end)[-1:] or last
            self.console.out(text, end=end, highlight=False, style=style or None)

        def write(piece: str, style: str = "") -> None:
            nonlocal style_of_last
            if style != style_of_last:
                put(wrap.flush(), style_of_last)
                style_of_last = style
            put(wrap.feed(sanitizer.feed(piece)), style)

        try:
            yield write
        finally:
            put(wrap.feed(sanitizer.flush()) + wrap.flush(), style_of_last)
            if last != "\n":
                put("", "", end="\n")

    def code(self, source: str) -> None:
        """Print a program of Python."""
        self.console.print(listing(source))

    def pause(self, prompt: str) -> None:
        """Wait for Enter if there is somebody who can press it."""
        if self.interactive:
            try:
                input(prompt)
            except EOFError:
                self.say()

    # -- the server ----------------------------------------------------------------------------

    def arm(self, fault: str) -> None:
        """Let the server play a fault, such as `corte:12`, in the next reply."""
        self.server.lab.arm(parse(fault))

    def seen(self) -> int:
        """The number of requests that the server has seen so far."""
        return len(self.server.requests)

    # -- checks --------------------------------------------------------------------------------

    def check(self, holds: bool, what: str, hint: str) -> bool:
        """Tell whether something is so, and return it.

        Args:
            holds: whether it is.
            what: the fact, shown if it holds.
            hint: why it does not hold and what to do, shown instead of the fact.
        """
        self.checks.append(Check(holds, hint))
        self.say(f"✓ {what}" if holds else f"✗ {hint[0].upper()}{hint[1:]}", "green" if holds else "bold red")
        return holds


def request(question: str, **more: Any) -> dict[str, Any]:
    """The arguments of a request with one question."""
    return {
        "model": MODEL,
        "max_tokens": 2048,
        "messages": [{"role": "user", "content": question}],
        **more,
    }


class Whole(NamedTuple):
    """A complete reply: its text, and in how many deltas it came."""

    text: str
    deltas: int


def whole_reply(question: str, **more: Any) -> Whole:
    """The complete reply to a question, from a server without waits, to compare with."""
    from stream_core.sdk.client import open_client
    from stream_core.streaming.reply import close_client, stream_reply

    with PracticeServer(place="demos", pace=0) as server:
        client = open_client(base_url=server.base_url)
        try:
            with stream_reply(client, **request(question, **more)) as stream:
                for _ in stream:
                    pass
            return Whole(stream.reply.text, stream.stats.deltas)
        finally:
            close_client(client)
