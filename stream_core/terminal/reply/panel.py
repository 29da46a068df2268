"""The frame around a reply: its opening edge, and the closing one with the state and the figures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.console import ConsoleDimensions
from rich.segment import Segment

from stream_core.terminal.markdown.wrapping import most_cells
from stream_core.terminal.rows.styles import RIGHT_BAR, Row, Styles, row_text

TITLE = "🤖 Claude"
OPENING = f"╭─ {TITLE}"

_CORNER = 3  # cells of a closed edge that are not for words


def edge_width(size: ConsoleDimensions) -> int:
    """Cells of an edge: the last one of the window stays free, where terminals differ."""
    return max(8, size.width - 1)


def opening_edge(width: int, *, closed: bool) -> str:
    """The opening edge, of so many cells where the frame is closed."""
    return closed_off(OPENING, "╮", width) if closed else OPENING


def framed(row: Row, styles: Styles, width: int) -> Row:
    """A row of a reply with what stands on its left and right, in a window of this width."""
    if not styles.closed:
        return [*styles.bar, *row]
    # What terminals do not agree on has room for the widest: there the border stands a little further left.
    padding = " " * (styles.room(width) - most_cells(row_text(row)))
    return [*styles.bar, *row, Segment(padding), Segment(RIGHT_BAR, styles.border)]


def closed_off(edge: str, corner: str, width: int) -> str:
    """An edge that goes on to its corner on the right."""
    return f"{edge} {'─' * (width - cell_len(edge) - 2)}{corner}"


def closing_edge(
    state: str, labels: Sequence[str], figures: Sequence[str], width: int, *, closed: bool = False
) -> list[str]:
    """The closing edge; where it is too long for a row, the figures go below the state.

    Args:
        state: in which state the reply is.
        labels: what always belongs beside the state.
        figures: the figures of the reply.
        width: cells of a row.
        closed: whether the edge has a corner on its right.
    """
    if not closed:
        return _lines(state, labels, figures, width)
    first, *below = _lines(state, labels, figures, width - _CORNER)
    return [closed_off(first, "╯", width), *below]


def _lines(state: str, labels: Sequence[str], figures: Sequence[str], width: int) -> list[str]:
    heads = (f"╰─ {TITLE} ({state})", f"╰─ ({state})", state)
    head = next((head for head in heads if cell_len(head) <= width), state[:width])
    whole = " · ".join([head, *labels, *figures])
    if cell_len(whole) <= width:
        return [whole]
    lines = [head]
    for number, figure in enumerate([*labels, *figures]):
        longer = f"{lines[-1]} · {figure}"
        below = number == len(labels)  # the first of the figures begins a row
        if cell_len(longer) <= width and not below:
            lines[-1] = longer
        else:
            lines += chop_cells(f"   {figure}", width)
    return lines
