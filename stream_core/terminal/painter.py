"""Rows onto the terminal, append-only: what is final is written once, and only a short tail is drawn again.

Between frames the cursor waits, hidden, at the start of the tail. So a resize that moves or wraps what is on
screen leaves nothing behind: from the cursor down everything is erased and drawn anew, and above it nothing
is ever touched. A frame is one write, and of the tail only the rows that changed are sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
# A row of the tail is one row of the screen, also where the terminal takes an emoji for wider than Rich does.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
# Synchronised output: a terminal that knows it shows whole frames only.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"


class Painter:
    """Draws on a terminal through `write`, which gets whole frames. Rows are text with their escapes."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._tail: list[str] = []
        self._size: tuple[int, int] | None = None
        self._hidden = False

    def paint(self, final: Sequence[str], tail: Sequence[str], size: tuple[int, int]) -> None:
        """Write the rows that are final and draw the tail below them; `size` is the terminal's now."""
        out: list[str] = []
        if not self._hidden:
            out.append(_HIDE)
            self._hidden = True
        if self._tail and (size != self._size or final):
            out.append("\r\x1b[J")
            self._tail = []
        self._size = size
        for row in final:
            out.append(f"\r{row}\x1b[K\r\n")
        out += self._redraw(self._tail, tail)
        self._tail = list(tail)
        frame = "".join(out)
        if frame:
            self._write(f"{_BEGIN}{frame}{_END}")

    def close(self) -> None:
        """Leave the cursor visible, below everything that is final; the tail is erased."""
        out = "\r\x1b[J" if self._tail else ""
        if self._hidden:
            out += f"{_WRAP}{_END}{_SHOW}"  # also when a frame was interrupted half-way
        self._tail, self._hidden = [], False
        if out:
            self._write(out)

    @staticmethod
    def _redraw(shown: Sequence[str], tail: Sequence[str]) -> list[str]:
        """From the rows that are on screen to the new ones; the cursor begins and ends at the first."""
        out: list[str] = []
        at = 0  # the row the cursor is in

        def go_to(row: int) -> None:
            nonlocal at
            down = min(row, max(len(shown), 1) - 1) - at
            if down > 0:
                out.append(f"\x1b[{down}B")
                at += down
            while at < row:  # below what is on screen: make the rows
                out.append("\r\n")
                at += 1

        for number, row in enumerate(tail):
            if number >= len(shown) or shown[number] != row:
                go_to(number)
                out.append(f"\r{_NO_WRAP}{row}\x1b[K{_WRAP}")
        if len(shown) > len(tail):
            go_to(len(tail))
            out.append("\r\x1b[J")
        if at:
            out.append(f"\x1b[{at}A")
        if out:
            out.append("\r")
        return out
