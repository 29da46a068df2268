"""Rows onto the terminal, append-only: what is final is written once, and only a short tail is drawn again.

Between frames the cursor waits, hidden, at the start of the tail. So a resize that moves or wraps what is on
screen leaves nothing behind: from the cursor down everything is erased and drawn anew, and above it nothing
is ever touched. A frame is one write. Rows that have become final mostly stand on the screen already, as the
beginning of the tail; they and all that has not changed are not sent again, and what stands behind a change
in its row is moved (ICH and DCH, ECMA-48 8.3.64 and 8.3.26).
"""
# See docs/adr/0006-append-only-drawing.md
# See docs/adr/0008-resend-final-rows.md

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

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
_WORTH_IT = 10  # characters at the end of a row; to move fewer costs no less than to send them
_AKIN = 20  # characters at its beginning with which a row counts as the same one with other figures
_MOST_CELLS = 2  # of one character, in any terminal


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
        long = any([len(row) > size[0] and cell_len(_ESCAPES.sub("", row)) > size[0] for row in final])
        resized = self._size is not None and size != self._size
        anew = size != self._size or long or (self._resend_final_rows and bool(final))
        frame = _Frame([] if anew else self._tail, size)
        erase = "\r\x1b[J" if self._tail and anew else ""
        frame.draw([*final, *tail], len(final))
        self._tail, self._size = list(tail), size
        if not (frame.out or erase):
            return
        # Who drags the edge of a window changes its size again, perhaps before this frame gets there.
        if tail and (self._resend_final_rows or frame.may_wrap or resized):
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
        may_wrap: whether one of them may be too long where the terminal takes its characters for wider.
        tail_at: where in `out` the tail begins.
    """

    def __init__(self, shown: Sequence[str], size: tuple[int, int]) -> None:
        self.out: list[str] = []
        self.changes = 0
        self.may_wrap = False
        self.tail_at = 0
        self._shown = shown
        self._width, self._height = size
        self._at = 0  # the row the cursor is in

    def draw(self, rows: Sequence[str], rest_at: int) -> None:
        """Draw them, and leave the cursor in row `rest_at`, which may be the one below them all."""
        pushed_at, pushed = self._make_room(rows)
        shown, count = self._shown, len(self._shown)
        for number, row in enumerate(rows):
            if number == rest_at:
                self.tail_at = len(self.out)
            if number == pushed_at:
                self._go(number)
                self.out.append(_times(pushed, "L"))
                self.changes += 1
            old = shown[number] if number < count else ""
            if row != old or number >= count:
                self._go(number)
                plain, certain = _bare(row)
                self.out.append(_changed(old, row) if old else f"\r{row}")
                self.changes += 1
                if not certain and (_MOST_CELLS * len(plain) > self._width or "\t" in plain):
                    self.may_wrap = True
        if count > len(rows):
            self._go(len(rows))
            self.out.append("\r\x1b[J")
            self.changes += 1
        self._go(rest_at)

    def _make_room(self, rows: Sequence[str]) -> tuple[int, int]:
        """Make room below for rows that come in above others, which move down and are not sent again.

        Returns where they come in, and how many; -1 and 0 for none.
        """
        shown, more = self._shown, len(rows) - len(self._shown)
        if not (shown and 0 < more <= _MOST_PUSHED and len(rows) < self._height):
            return -1, 0
        same = 0
        while same < len(shown) and (
            shown[-1 - same] == rows[-1 - same] or (not same and _same(shown[-1], rows[-1]) >= _AKIN)
        ):
            same += 1
        if not same:
            return -1, 0
        self._go(len(shown) - 1 + more)  # scrolls if there is no room
        self._shown = [*shown[:-same], *[""] * more, *shown[-same:]]
        return len(shown) - same, more

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


def _changed(old: str, new: str) -> str:
    """Return the output that turns one row into another: what differs, between a beginning and an end."""
    plain, certain = _bare(new)
    was, was_certain = _bare(old)
    sure = certain and was_certain
    same = _same(old, new)
    while not sure and same and not _CERTAIN.fullmatch(f"{new[same : same + 1]}{old[same : same + 1]}"):
        same -= 1  # what differs may belong to the character before it
    escape = new.rfind("\x1b", 0, same)
    if escape >= 0 and "m" not in new[escape:same]:
        same = escape  # not in the middle of one
    before = plain[: len(plain) - len(_STYLE.sub("", new[same:]))]
    if not (certain or _CERTAIN.fullmatch(before)):
        return f"\r{new}{_ERASE}"
    style = "" if new.startswith("\x1b", same) else _style_after(new[:same])
    going = f"\x1b[{_cells(before) + 1}G"
    if len(going) + len(style) > same:
        same, going, style = 0, "\r", ""
    kept = _kept(old, new, same) if sure else 0
    middle = style + new[same : len(new) - kept].removeprefix(RESET)
    more = _cells(plain) - _cells(was)
    if not kept:
        return f"{going}{middle}{'' if sure and more >= 0 else _ERASE}"
    shift = (_times(more, "@") if more > 0 else _times(-more, "P")) if more else ""
    return f"{going}{shift}{middle}{RESET if _style_after(middle) else ''}"


def _kept(old: str, new: str, same: int) -> int:
    """Count the characters at the end of a row that need not be sent: they are moved to where they belong.

    They begin with the escape of a style, and so look the same in both rows, whatever stands before it.
    """
    least, begins = max(same, same + len(new) - len(old)), len(new)
    while (escape := new.rfind("\x1b", least, begins)) >= 0 and old.endswith(
        new[escape:begins], 0, len(old) - len(new) + begins
    ):
        begins = escape
    kept = len(new) - begins
    return kept if kept >= _WORTH_IT else 0


def _style_after(text: str) -> str:
    """Return the escape of the style that a text leaves on; "" for none."""
    begins = text.rfind("\x1b")
    style = text[begins : text.index("m", begins) + 1] if begins >= 0 else ""
    return style if style != RESET else ""


@lru_cache(maxsize=128)
def _bare(row: str) -> tuple[str, bool]:
    """Return a row without styles, and whether it is as wide in every terminal as it is here."""
    plain = _STYLE.sub("", row)
    return plain, _CERTAIN.fullmatch(plain) is not None


def _cells(certain: str) -> int:
    return len(certain) + certain.count("🤖")


def _same(old: str, new: str) -> int:
    """Count the characters that the beginnings of two texts share."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    # Mostly something is added before the cursor, which has a style of its own.
    cursor = old.rfind("\x1b", 0, old.rfind("\x1b"))
    if 0 < cursor < high and old[cursor] != new[cursor] and old[:cursor] == new[:cursor]:
        return cursor
    while low < high:
        middle = (low + high + 1) // 2
        if old[:middle] == new[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
