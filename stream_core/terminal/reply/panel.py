"""The frame around a reply: its opening edge, and the closing one with the state and the figures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells

TITLE = "🤖 Claude"
OPENING = f"╭─ {TITLE}"


def closing_edge(state: str, labels: Sequence[str], figures: Sequence[str], width: int) -> list[str]:
    """The closing edge; where it is too long for a row, the figures go below the state.

    Args:
        state: in which state the reply is.
        labels: what always belongs beside the state.
        figures: what there is to tell.
        width: cells of a row.
    """
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
