"""A sample of the look."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.terminal.reply.panel import TITLE, closing_edge, framed, opening_edge
from stream_core.terminal.rows.styles import Styles

_SAMPLE_WIDTH = 60


def sample(look: Look, width: int) -> Text:
    """Make a few lines that look as a reply would while it arrives, in a window of this width."""
    words = "Así se verán las respuestas."
    if look.plain:
        return Text(f"{TITLE}\n{words}")
    styles = Styles(look)
    edge = max(8, min(width, _SAMPLE_WIDTH) - 1)
    cursor = Segment(look.cursor, styles.border + Style(blink=True) if look.blink else styles.border)
    rows = [
        Segment("Así", styles.heading),
        Segment(" se verán "),
        Segment("las respuestas", styles.code),
        Segment("."),
        cursor,
    ]
    text = Text(no_wrap=True)
    text.append(f"{opening_edge(edge, closed=styles.closed)}\n", styles.border)
    for segment in framed(rows, styles, edge + 1):
        text.append(segment.text, segment.style)
    (end, *_) = closing_edge("Streaming", (), (), edge, closed=styles.closed)
    return text.append(f"\n{end}", styles.border)
