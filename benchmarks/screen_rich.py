"""The usual ways to show a reply: plain print, and what Rich offers."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel

from .drain import Terminal
from .screen_ours import console, due
from .screen_text import pieces
from .table import Cost, cpu

REFRESH = 12  # frames a second in the guide
_WHOLE = 20_000  # characters; of a longer text not every frame is drawn, that would take minutes
_ONE_IN = 20


def plain_print(text: str) -> Cost:
    """Text as it comes, with nothing around it."""

    def work() -> None:
        for piece in pieces(text):
            print(piece, end="", flush=True, file=terminal.file)

    with Terminal() as terminal:
        seconds = cpu(work)
    return Cost(seconds, terminal.seen.sent)


def one_render(text: str) -> Cost:
    """The whole text at the end, once."""
    with Terminal() as terminal:
        seconds = cpu(lambda: console(terminal).print(Markdown(text)))
    return Cost(seconds, terminal.seen.sent)


def guide_paced(text: str) -> Cost:
    """The first guide's `live.update(Panel(text))`, on a virtual clock."""
    return _live_paced(text, Panel, _ONE_IN if len(text) > _WHOLE else 1)


def guide_at_once(text: str) -> Cost:
    """The same as fast as possible, with the thread of `Live`."""
    return _live_at_once(text, Panel)


def markdown_paced(text: str) -> Cost:
    """`live.update(Panel(Markdown(text)))`, on a virtual clock."""
    return _live_paced(text, _markdown_panel, 1)


def markdown_at_once(text: str) -> Cost:
    """The same as fast as possible, with the thread of `Live`."""
    return _live_at_once(text, _markdown_panel)


def _markdown_panel(text: str) -> RenderableType:
    return Panel(Markdown(text))


def _live_paced(text: str, body: Callable[[str], RenderableType], every: int) -> Cost:
    """`live.update` at each delta, and the frames that `Live` draws by itself, on a virtual clock.

    Of the frames one in `every` is drawn, spread over the whole text, and counts for the others too; what is
    done for each delta is done in full.
    """
    frames, drawn, drawing = 0, 0, 0.0

    def work() -> None:
        nonlocal frames, drawn, drawing
        so_far = ""
        with Live(console=console(terminal), auto_refresh=False) as live:
            for number, piece in enumerate(pieces(text), 1):
                so_far += piece
                live.update(body(so_far))
                if not due(number, REFRESH):
                    continue
                frames += 1
                if frames % every == every // 2:
                    begun = time.process_time()
                    live.refresh()
                    drawing += time.process_time() - begun
                    drawn += 1

    with Terminal() as terminal:
        seconds = cpu(work)
    not_drawn = drawing / drawn * (frames - drawn)
    return Cost(seconds + not_drawn, terminal.seen.sent, sampled=every > 1)


def _live_at_once(text: str, body: Callable[[str], RenderableType]) -> Cost:
    def work() -> None:
        so_far = ""
        with Live(console=console(terminal), refresh_per_second=REFRESH) as live:
            for piece in pieces(text):
                so_far += piece
                live.update(body(so_far))

    with Terminal() as terminal:
        seconds = cpu(work)
    return Cost(seconds, terminal.seen.sent)
