"""How a reply is shown while it arrives. The chat knows only `ReplyView`; what draws it can be replaced."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from rich import box
from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text as Styled
from typing_extensions import Self

from stream_core.deltas import Delta, Text, Thinking, ToolInput, Waiting
from stream_core.reply import Reply
from stream_core.sanitize import Sanitizer, sanitize
from stream_core.stats import ReplyStats
from stream_core.texts import retry_note

from .figures import STATES, reply_line
from .keyboard import BRACKETED_PASTE_ON

CURSOR = "▊"
TITLE = "🤖 Claude"
_PRACTICE = " · modo práctica"
_FRAMES_PER_SECOND = 12
_TAIL_CHARACTERS = 20_000  # more than any screen shows


class ReplyView(Protocol):
    """A view of one reply: entered before the first delta, fed with each, finished once, left in any case."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def feed(self, delta: Delta) -> None:
        """Show the next delta."""

    def finish(self, reply: Reply, stats: ReplyStats) -> None:
        """Show the whole reply with its outcome and figures."""


class PanelView:
    """A panel whose newest lines are always visible; at the end the whole text stands once in the scrollback.

    While the reply arrives only its tail is drawn, so that a frame costs the same however long it grows.
    """

    def __init__(self, console: Console, *, practice: bool) -> None:
        self._console = console
        self._label = _PRACTICE if practice else ""
        self._sanitizer = Sanitizer()
        self._tail = ""
        self._status = "Conectando…"
        # Not redirecting: nothing else prints while a reply arrives, and what would must not be swallowed.
        self._live = Live(
            console=console,
            get_renderable=self._frame,
            refresh_per_second=_FRAMES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._console.file.write(BRACKETED_PASTE_ON)  # the line editor turns it off each time
        self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def feed(self, delta: Delta) -> None:
        """Show the next delta."""
        match delta:
            case Text(text=text):
                self._tail = (self._tail + self._sanitizer.feed(text))[-_TAIL_CHARACTERS:]
                self._status = ""
            case Thinking():
                self._status = "Claude está pensando…"
            case ToolInput():
                self._status = "Claude prepara una herramienta…"
            case Waiting():
                self._status = _waiting(delta)
            case _:
                if not self._tail:
                    self._status = "Claude está escribiendo…"

    def finish(self, reply: Reply, stats: ReplyStats) -> None:
        """Replace the live tail by the whole reply."""

        from .markdown import finished_markdown

        self._live.stop()
        if not reply.text.strip():
            return
        outcome = reply.outcome or "cancelled"
        title, width = self._title(STATES[outcome]), self._console.width
        figures = reply_line(stats) + self._missing_label(title)
        fits = len(figures) <= width - 6
        self._console.print(
            Panel(
                finished_markdown(sanitize(reply.text), width),
                title=title,
                title_align="left",
                subtitle=Styled(figures) if fits else None,
                subtitle_align="right",
                border_style="green" if outcome == "complete" else "yellow",
                box=box.ROUNDED,
            )
        )
        if not fits:
            self._console.print(Styled(figures, "dim"))

    def _title(self, state: str) -> Styled:
        """The longest title that fits: the state matters more than the name."""
        titles = (f"{TITLE} ({state}){self._label}", f"{TITLE} ({state})", state)
        return next(
            title
            for text in titles
            if (title := Styled(text)).cell_len <= self._console.width - 6 or text == state
        )

    def _missing_label(self, title: Styled) -> str:
        """The label of practice mode where the title had no room for it: it is never left out."""
        return "" if self._label in title.plain else self._label

    def _frame(self) -> RenderableType:
        width, height = self._console.size
        rows = max(1, height - 4)  # the panel's two edges, and two rows to spare
        text = Styled(self._tail[-rows * width :])
        text.append(CURSOR if not self._status else "", "blink")
        title = self._title("Streaming")
        if status := (self._status + self._missing_label(title)).removeprefix(" · "):
            text.append(("\n" if self._tail else "") + status, "dim")
        lines = text.wrap(self._console, max(1, width - 4))[-rows:]
        return Panel(
            Styled("\n").join(lines),
            title=title,
            title_align="left",
            border_style="cyan",
            box=box.ROUNDED,
        )


def _waiting(waiting: Waiting) -> str:
    if waiting.reason == "retry":
        return retry_note(waiting)
    if waiting.reason == "first_byte":
        return f"Esperando a que Claude empiece… {waiting.seconds:.0f} s"
    return f"Claude sigue en ello, sin texto nuevo desde hace {waiting.seconds:.0f} s…"
