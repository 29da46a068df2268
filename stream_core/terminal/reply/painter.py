"""Rows onto the terminal, append-only: what is final is written once, and only a short tail is drawn again.

Between frames the cursor waits, hidden, at the start of the tail. So a resize that moves or wraps what is on
screen leaves nothing behind: from the cursor down everything is erased and drawn anew, and above it nothing
is ever touched. A frame is one write. Rows that have become final mostly stand on the screen already, as the
beginning of the tail; they and all that has not changed are not sent again.
"""
# See docs/adr/0006-append-only-drawing.md
# See docs/adr/0008-resend-final-rows.md

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rich.cells import cell_len

from stream_core.terminal.rows.styles import RESET

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
# A row of the tail is one row of the screen, also where the terminal takes an emoji for wider than we do.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
# Synchronised output: a terminal that knows it shows whole frames only.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_ERASE = "\x1b[K"  # to the end of the row

_STYLE = re.compile("\x1b\\[[\\d;]*m")
_ESCAPES = re.compile("\x1b\\[[\\d;]*m|\x1b\\]8;[^\x1b]*\x1b\\\\")
# Characters that take one cell in every terminal, and the one wide one that stands in each closing edge.
_CERTAIN = re.compile(
    "[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u203a\u2190-\u2193\u21b5\u2248\u23ce\u2500-\u259f●🤖]*"
)
_MOST_PUSHED = 4  # rows that come in above others at once
_WORTH_IT = 10  # characters; a shorter beginning costs no more than going past it


class Painter:
    """Draws on a terminal through `write`, which gets whole frames. Rows are text with their escapes.

    Args:
        write: writes to the terminal.
        resend_final_rows: whether the window may have changed size without our knowing, as in tmux, which
            wraps rows or cuts them off and tells a quarter of a second later. Then what becomes final is
            sent again, whole, and whatever stood from there down is erased.
    """

    def __init__(self, write: Callable[[str], None], *, resend_final_rows: bool = False) -> None:
        self._write = write
        self._resend_final_rows = resend_final_rows
        self._tail: list[str] = []
        self._size: tuple[int, int] | None = None
        self._hidden = False

    def paint(self, final: Sequence[str], tail: Sequence[str], size: tuple[int, int]) -> None:
        """Write the rows that are final and draw the tail below them; `size` is the terminal's now."""
        long = any(len(row) > size[0] and cell_len(_ESCAPES.sub("", row)) > size[0] for row in final)
        anew = size != self._size or long or (self._resend_final_rows and bool(final))
        frame = _Frame([] if anew else self._tail)
        erase = "\r\x1b[J" if self._tail and anew else ""
        frame.draw([*final, *tail], len(final), size[1])
        self._tail, self._size = list(tail), size
        if not (frame.out or erase):
            return
        if tail and (self._resend_final_rows or not frame.certain):
            # What is final may wrap, it is only gone past; the way back up is as long as the tail has rows.
            frame.out.insert(frame.tail_at, _NO_WRAP)
            frame.out.append(_WRAP)
        text = f"{erase}{''.join(frame.out)}\r"
        if not self._hidden:
            text, self._hidden = f"{_HIDE}{text}", True
        self._write(f"{_BEGIN}{text}{_END}" if frame.changes > 1 or erase else text)

    def forget(self) -> None:
        """Draw anew next time, from the cursor down: another program may have written there."""
        self._size, self._hidden = None, False

    def scroll_away(self, height: int) -> None:
        """Push the whole screen into the scrollback; the tail is drawn anew at the top by the next frame."""
        erase = "\r\x1b[J" if self._tail else ""
        self._tail = []
        # Line feeds at the bottom scroll; erasing the screen would lose what is final on many terminals.
        self._write(f"{erase}\x1b[{height}B{chr(10) * height}\x1b[H")

    def close(self) -> None:
        """Leave the cursor visible, below everything that is final; the tail is erased."""
        out = "\r\x1b[J" if self._tail else ""
        if self._hidden:
            out += f"{_WRAP}{_END}{_SHOW}"  # also when a frame was interrupted half-way
        self._tail, self._hidden = [], False
        if out:
            self._write(out)


class _Frame:
    """Return the output that turns the rows below the cursor, `shown`, into others.

    Attributes:
        out: what to send.
        changes: rows that are drawn.
        certain: whether each of them is as wide in every terminal as it is here.
        tail_at: where in `out` the tail begins.
    """

    def __init__(self, shown: Sequence[str]) -> None:
        self.out: list[str] = []
        self.changes = 0
        self.certain = True
        self.tail_at = 0
        self._shown = list(shown)
        self._at = 0  # the row the cursor is in

    def draw(self, rows: Sequence[str], rest_at: int, height: int) -> None:
        """Draw them, and leave the cursor in row `rest_at`, which may be the one below them all."""
        self._push_down(rows, height)
        for number, row in enumerate(rows):
            if number == rest_at:
                self.tail_at = len(self.out)
            old = self._shown[number] if number < len(self._shown) else ""
            if row != old or number >= len(self._shown):
                self._go(number)
                plain = _STYLE.sub("", row)
                certain = _CERTAIN.fullmatch(plain) is not None
                self.out.append(_changed(old, row, plain, certain=certain))
                self.changes += 1
                self.certain = self.certain and certain
        if len(self._shown) > len(rows):
            self._go(len(rows))
            self.out.append("\r\x1b[J")
            self.changes += 1
        self._go(rest_at)

    def _push_down(self, rows: Sequence[str], height: int) -> None:
        """Insert rows above others that stay (the closing edge) by moving those, not sending them again."""
        shown, more = self._shown, len(rows) - len(self._shown)
        same = 0
        while same < min(len(shown), len(rows)) and shown[-1 - same] == rows[-1 - same]:
            same += 1
        if not (same and 0 < more <= _MOST_PUSHED and len(rows) < height):
            return
        self._go(len(shown) - 1 + more)  # this makes room below, and scrolls if there is none
        self._go(len(shown) - same)
        self.out.append(_times(more, "L"))
        self.changes += 1
        self._shown = [*shown[:-same], *[""] * more, *shown[-same:]]

    def _go(self, row: int) -> None:
        """Move the cursor to a row; those that do not exist yet are made.

        Down by line feeds: they scroll where "cursor down" would stop. A window that has just become lower,
        which we do not know yet (tmux tells a quarter of a second later), would leave the cursor above the
        tail afterwards, and the next frame would erase what is final.
        """
        down = row - self._at
        if down:
            self.out.append("\n" * down if down > 0 else _times(-down, "A"))
        self._at = row


def _times(count: int, control: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{control}"


def _changed(old: str, new: str, plain: str, *, certain: bool) -> str:
    """Return the output that turns one row into another, from the first difference on.

    Args:
        old: the row as it stands.
        new: the other row.
        plain: the other one without styles.
        certain: whether it is as wide in every terminal as it is here.
    """
    if not old:
        return f"\r{new}"
    same = _same(old, new)
    while same and not _CERTAIN.fullmatch(
        f"{new[same : same + 1]}{old[same : same + 1]}".replace("\x1b", "")
    ):
        same -= 1  # what differs may belong to the character before it
    escape = new.rfind("\x1b", 0, same)
    if escape >= 0 and "m" not in new[escape:same]:
        same = escape  # not in the middle of one
    beginning = new[:same]
    before = _STYLE.sub("", beginning)
    if len(before) < _WORTH_IT or not (certain or _CERTAIN.fullmatch(before)):
        return f"\r{new}{_ERASE}"
    marks = _STYLE.findall(beginning)
    style = marks[-1] if marks and marks[-1] != RESET else ""
    was = _STYLE.sub("", old)
    covers = certain and _CERTAIN.fullmatch(was) and _cells(plain) >= _cells(was)
    return f"\x1b[{_cells(before) + 1}G{style}{new[same:]}{'' if covers else _ERASE}"


def _cells(certain: str) -> int:
    return len(certain) + certain.count("🤖")


def _same(old: str, new: str) -> int:
    """Count the characters that the beginnings of two texts share."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if old[:middle] == new[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
