"""Graphemes in the line editor: what is seen as one character has one place, one width, one deletion.

The line editor draws code point by code point. So each grapheme that has several, or that terminals draw
wider than the editor thinks, is drawn as one stand-in of the right width, and the output puts the grapheme
in its place. The stand-ins are private or unassigned code points; in a text they are replaced as well.

Lines are wrapped between words here too, by blanks that fill up a row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import fragment_list_to_text
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.utils import get_cwidth
from wcwidth import iter_graphemes, wcswidth

from stream_core.core.sanitize import sanitize

_NARROW, _WIDE = 0xF0000, 0x3F000  # the first stand-ins of one and of two columns
_MOST = 0xFD0
_STAND_INS = re.compile(f"[{chr(_NARROW)}-{chr(_NARROW + _MOST)}{chr(_WIDE)}-{chr(_WIDE + _MOST)}]")
_LINE_SEPARATORS = "\u2028\u2029"  # they would break the row
_SAVE, _RESTORE = "\x1b7", "\x1b8"  # of the cursor: DECSC, DECRC
_PLAIN = re.compile("[\x00-\u02ff\u2010-\u2027\u2500-\u259f]*")  # graphemes of one code point, but for CR LF


class StandIns:
    """The stand-ins in use; one table a program is enough, and it begins anew when it is full."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._graphemes: dict[str, str] = {}

    def draw(self, grapheme: str) -> str:
        """Return what the line editor is given in place of a grapheme."""
        if grapheme in _LINE_SEPARATORS:
            return "␤"
        width = max(0, wcswidth(grapheme))
        if len(grapheme) == 1 and get_cwidth(grapheme) == width and not _STAND_INS.match(grapheme):
            return grapheme
        if grapheme not in self._of:
            if len(self._of) >= _MOST:
                self._of.clear()
            stand_in = chr((_WIDE if width > 1 else _NARROW) + len(self._of))
            self._of[grapheme], self._graphemes[stand_in] = stand_in, grapheme
        return self._of[grapheme]

    def write(self, text: str, write: Callable[[str], None], write_raw: Callable[[str], None]) -> None:
        """Write a text with the graphemes in the place of their stand-ins.

        Args:
            text: what the line editor writes.
            write: writes text.
            write_raw: writes escape sequences as well.
        """
        if text.isascii():
            write(text)
            return
        at = 0
        for found in _STAND_INS.finditer(text):
            write(sanitize(text[at : found.start()]))
            write_raw(self._in_its_place(found.group()))
            at = found.end()
        write(sanitize(text[at:]))

    def _in_its_place(self, stand_in: str) -> str:
        """Draw a grapheme and go on where it ends for us, however wide the terminal takes it for."""
        columns = get_cwidth(stand_in)
        shown = sanitize(self._graphemes.get(stand_in, "?"))
        return f"{_SAVE}{' ' * columns}{_RESTORE}{_SAVE}{shown}{_RESTORE}\x1b[{columns}C"


def graphemes(text: str) -> list[str]:
    """Split a text into what is seen as one character each."""
    return list(text) if _PLAIN.fullmatch(text) else list(iter_graphemes(text))


def length_before(text: str) -> int:
    """Code points of the last grapheme of a text; 0 for none."""
    line = text.rpartition("\n")[2]
    return len(graphemes(line)[-1]) if line else min(1, len(text))


def length_after(text: str) -> int:
    """Code points of the first grapheme of a text; 0 for none."""
    line = text.partition("\n")[0]
    return len(graphemes(line[:64])[0]) if line else min(1, len(text))


def keep_whole(buffer: Buffer, stood: int) -> int:
    """Move a cursor that is within a grapheme out of it, in the direction it came from `stood`.

    Returns:
        Where it stands.
    """
    document = buffer.document
    line, column = document.current_line, document.cursor_position_col
    if not _PLAIN.fullmatch(line):
        ends = [0, *accumulate(map(len, graphemes(line)))]
        if column not in ends:
            before = max(end for end in ends if end < column)
            after = min(end for end in ends if end > column)
            start = document.cursor_position - column
            buffer.cursor_position = start + (after if document.cursor_position > stood else before)
    return buffer.cursor_position


class WholeGraphemes(Processor):
    """Draws each grapheme as one, and breaks lines between words.

    Args:
        stand_ins: the table that the output looks into as well.
        lead: columns that stand before each row.
    """

    def __init__(self, stand_ins: StandIns, lead: int) -> None:
        self._stand_ins, self._lead = stand_ins, lead

    def apply_transformation(self, given: TransformationInput) -> Transformation:
        """Transform one line."""
        text = fragment_list_to_text(given.fragments)
        width = given.width - self._lead
        if _PLAIN.fullmatch(text) and (len(text) < width or width < 2):
            return Transformation(given.fragments)
        styles = [fragment[0] for fragment in explode_text_fragments(given.fragments)]
        drawn: StyleAndTextTuples = []
        places: list[int] = []  # of each code point, in what is drawn
        line, breaks = _laid_out(text, width)
        at = 0
        for number, grapheme in enumerate(line):
            style = styles[at] if at < len(styles) else ""
            drawn += [("", " ")] * breaks.get(number, 0)
            places += [len(drawn)] * len(grapheme)
            drawn.append((style, self._stand_ins.draw(grapheme)))
            at += len(grapheme)
        end = len(drawn)

        def to_display(place: int) -> int:
            return places[place] if place < len(places) else end + place - len(places)

        def to_source(place: int) -> int:
            return next((at for at, shown in enumerate(places) if shown >= place), len(places))

        return Transformation(drawn, to_display, to_source)


def move_in_line(text: str, at: int, rows: int, width: int) -> int | None:
    """Return where the cursor goes within a wrapped line; None if the line has no such row.

    Args:
        text: the line.
        at: where the cursor is, in code points.
        rows: -1 for up, 1 for down.
        width: columns of a row.
    """
    starts = _row_starts(text, width)
    row = bisect_right(starts, at) - 1
    if not 0 <= row + rows < len(starts):
        return None
    column, target = max(0, wcswidth(text[starts[row] : at])), starts[row + rows]
    last_row = row + rows + 1 == len(starts)
    in_row = graphemes(text[target:] if last_row else text[target : starts[row + rows + 1]])
    columns = 0
    for grapheme in in_row if last_row else in_row[:-1]:
        if columns >= column:
            break
        columns += max(0, wcswidth(grapheme))
        target += len(grapheme)
    return target


def _row_starts(text: str, width: int) -> list[int]:
    line, fills = _laid_out(text, width)
    starts, column, at = [0], 0, 0
    for number, grapheme in enumerate(line):
        columns = max(0, wcswidth(grapheme))
        if number in fills or column + columns > width:
            starts.append(at)
            column = 0
        column += columns
        at += len(grapheme)
    return starts


@lru_cache(64)  # the lines are the same from key to key, but for one
def _laid_out(text: str, width: int) -> tuple[list[str], dict[int, int]]:
    line = graphemes(text)
    return line, _fill(line, width)


def _fill(line: list[str], width: int) -> dict[int, int]:
    """Blanks before the words that begin a row, by the number of the grapheme; a long word is cut."""
    fills: dict[int, int] = {}
    if width < 2:
        return fills
    column = word = word_at = 0
    for number, grapheme in enumerate(line):
        columns = max(0, wcswidth(grapheme))
        if grapheme == " ":
            word = 0
        elif not word:
            word_at = number
        if column + columns > width:
            if grapheme != " " and 0 < word < width and word < column:
                fills[word_at] = fills.get(word_at, 0) + width - (column - word)
                column = word
            else:
                column = 0
        column += columns
        word = word + columns if grapheme != " " else 0
    return fills
