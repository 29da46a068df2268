"""A program that draws a text as a reply, piece by piece: `draw.py JSON`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Delta, Finished, Opened, Text, Usage
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.terminal.device.clipboard import multiplexer_of
from stream_core.terminal.screen import Screen


def main(text: str, size: int, pause: float, look: dict[str, object], breaks: str, fed: str = "") -> None:
    """Draw.

    Args:
        breaks: `layout` or `main` for a defect in the drawing or in what feeds it.
        fed: a file that is made once all of the text has been fed.
    """
    screen = Screen(look=Look(**look), multiplexer=multiplexer_of(os.environ))  # type: ignore[arg-type]
    view = screen.reply_view(practice=False)
    reply, stats = Reply(), ReplyStats(time.monotonic())
    if breaks == "layout":
        from stream_core.terminal.markdown.layout import Layout

        Layout.rows = None  # type: ignore[assignment, method-assign]
    with view:
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        usage, now = Usage(10, 20), time.monotonic
        deltas: list[Delta] = [Opened("m", "x", usage, None, now())]
        deltas += [Text(piece, 0, now()) for piece in pieces]
        for delta in deltas:
            view.feed(delta)
            reply.feed(delta)
            stats.feed(delta)
            time.sleep(pause)
        if fed:
            Path(fed).touch()
        if breaks == "main":
            raise ZeroDivisionError
        end = Finished("end_turn", usage, now())
        reply.feed(end)
        stats.feed(end)
        view.finish(reply, stats)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
