"""The wire beside a reply while it arrives: a column on its right in a wide window, else a strip below it.

A final row gets the events that came since the final row before it, which are about those that brought its
text; like the row itself, that is never touched again. The open rows stand beside the newest events.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from rich.cells import set_cell_size
from rich.console import ConsoleDimensions
from rich.segment import Segment

from stream_core.core.numbers import counted, number
from stream_core.core.trace import Entry, Trace, name_of
from stream_core.terminal.rows.styles import Row, Styles, cells_of, segment
from stream_core.terminal.rows.xray import rows, scale_of, shown_name, sparkline

from .panel import framed

_COLUMNS = 120  # of a window, from which there are two
_LEAST_TEXT = 64  # cells that the reply keeps
_SIDE, _WIDEST = 52, 76  # cells of the wire
_RULE = " ┊ "
_CHANGES_A_SECOND = 2
_STRIP, _LOW_STRIP = 5, 3  # rows of the strip, its heading included; the second in a low window
_LIVE = 3  # newest events beside the open rows
_LOW, _LOWEST = 24, 12  # rows of a window; in one below the second there is no strip
_SPARKS = 14  # cells of a sparkline
_MOST_OF_A_ROW = 400  # entries that are looked at for one final row


class WireView:
    """The column or the strip of one reply.

    Args:
        trace: what comes over the wire.
        styles: what it is drawn with.
        pen: turns a row into text with escapes.
        redact: takes credentials out of a text.
        refresh: ticks a second.
    """

    def __init__(
        self,
        trace: Trace,
        styles: Styles,
        pen: Callable[[Sequence[Segment]], str],
        redact: Callable[[str], str],
        refresh: int = 10,
    ) -> None:
        self._trace, self._styles, self._pen, self._redact = trace, styles, pen, redact
        self._every, self._ticks = max(1, refresh // _CHANGES_A_SECOND), 0
        self._strip: list[str] = []
        self._side: list[str] = []
        self._drawn_for: ConsoleDimensions | None = None  # the size that these two are for
        self._width = self._text = 0  # columns of the window, and of the reply in it
        # The open rows as drawn last, by the identity that they keep in here and what stood beside them.
        self._drawn: dict[tuple[int, str | None, int], tuple[Row, str]] = {}
        self._seen = 0  # entries that final rows have
        self._last = 0.0  # the time of the newest of them

    def move_on(self, size: ConsoleDimensions, *, tick: bool) -> None:
        """Take in what is new, a few times a second: nobody reads it faster, and each change is drawn."""
        self._ticks += tick
        if size == self._drawn_for and not (tick and self._ticks % self._every == 0):
            return
        self._drawn_for, text_width = size, self.text_width(size.width)
        if text_width == size.width:
            self._strip = self._strip_rows(size)
            return
        lines = self._rows(_LIVE, size.width - text_width - len(_RULE) - 1)
        self._strip, self._side = [], lines

    def text_width(self, width: int) -> int:
        """Columns that are left for the reply, in a window of this width."""
        if width != self._width:
            side = max(_SIDE, min(_WIDEST, width * 45 // 100))
            self._width, self._text = width, width if width < _COLUMNS else max(_LEAST_TEXT, width - side)
        return self._text

    def final(self, rows: Sequence[Row], width: int) -> list[str]:
        """Rows that have become final in their frame, with the wire beside them in a wide window."""
        text_width = self.text_width(width)
        if text_width == width:
            return [self._row(row, text_width) for row in rows]
        side, found = width - text_width - len(_RULE) - 1, list[str]()
        filled = [_has_text(row) for row in rows]  # the events of a blank row are those of the next one
        count, place = sum(filled), 0
        entries: list[Entry] = []
        if count:
            entries, self._seen = self._trace.since(self._seen)
        for row, has_text in zip(rows, filled, strict=True):
            words = ""
            if has_text:
                group = entries[len(entries) * place // count : len(entries) * (place + 1) // count]
                place += 1
                words = self._summary(group, side, shared=count > 1)
            found.append(self._row(row, text_width, words))
        return found

    def live(self, rows: Sequence[Row], width: int) -> list[str]:
        """The open rows in their frame, with the newest events beside them in a wide window."""
        # The last row changes with each delta: what stood on its right would be sent again with each frame.
        free = 1 if len(rows) > 1 else 0
        count = min(len(rows) - free, len(self._side))
        bare = [None] * (len(rows) - free - count)
        beside = [*bare, *self._side[len(self._side) - count :], *[None] * free]
        before, self._drawn = self._drawn, {}
        drawn = []
        for row, words in zip(rows, beside, strict=True):
            key = (id(row), words, width)
            known = before.get(key) or (row, self._row(row, self.text_width(width), words))
            self._drawn[key] = known
            drawn.append(known[1])
        return drawn

    @property
    def strip(self) -> list[str]:
        """The rows below the open ones in a window that is not wide; none in a very low one."""
        return self._strip

    def _strip_rows(self, size: ConsoleDimensions) -> list[str]:
        if size.height < _LOWEST:
            return []
        count, trace = _STRIP if size.height >= _LOW else _LOW_STRIP, self._trace
        head = f"cable · {counted(trace.events, 'evento', 'eventos')} · {number(trace.size / 1000, 1)} kB"
        lines = self._rows(count - 1, self._styles.room(size.width))
        lines = [head, *lines, *[""] * (count - 1 - len(lines))]
        rows = ([Segment(words, self._styles.quiet)] for words in lines)
        return [self._pen(framed(row, self._styles, size.width)) for row in rows]

    def _row(self, row: Row, text_width: int, beside: str | None = None) -> str:
        """A row in its frame, alone or with words beside it."""
        whole = framed(row, self._styles, text_width)
        if beside is None:
            return self._pen(whole)
        words = f"{_RULE}{beside}" if beside else _RULE.rstrip()
        words = words.rjust(len(words) + text_width - cells_of(whole))
        return self._pen([*whole, segment((words, self._styles.quiet, None))])

    def _rows(self, count: int, width: int) -> list[str]:
        entries = self._trace.newest(count + 1)
        before = {id(after): earlier.at for earlier, after in itertools.pairwise(entries)}
        shown = entries[-count:] if count else []
        return [row.text for row in rows(shown, before, scale_of(entries), width, self._redact)]

    def _summary(self, group: Sequence[Entry], width: int, *, shared: bool) -> str:
        """The events of a row in a few words: their numbers, when, their gaps, and what they were.

        Rows that became final at once share their events evenly: which brought which is not known.
        """
        events = [entry for entry in group if entry.number]
        if not events:
            return ""
        times = [entry.at for entry in events]
        gaps = [after - earlier for earlier, after in zip([self._last, *times], times, strict=False)]
        self._last = events[-1].at
        names: dict[str, int] = {}
        for entry in events[:_MOST_OF_A_ROW]:
            name = name_of(entry.data)
            names[name] = names.get(name, 0) + 1
        shown = ((shown_name(name, self._redact), count) for name, count in names.items())
        kinds = ", ".join(name if count == 1 else f"{count} {name}" for name, count in shown)
        first, last = events[0].number, events[-1].number
        where = f"{'≈' * shared}{first}-{last}" if last > first else f"{'≈' * shared}{first}"
        size = number(sum([entry.size for entry in events]))
        at = number(events[-1].at, 2)
        words = f"{where:>9} {at:>7} s {sparkline(_squeezed(gaps)):<{_SPARKS}} {size:>6} B {kinds}"
        # The bars take one cell each; to measure a text that is not ASCII takes long.
        return words[:width] if kinds.isascii() else set_cell_size(words, width).rstrip()


def _has_text(row: Row) -> bool:
    """Whether a row holds more than blanks and bars."""
    return any(any(map(str.isalnum, text)) for text, _, _ in row)


def _squeezed(gaps: Sequence[float]) -> list[float]:
    """At most as many gaps as there are cells: the longest of those that share one."""
    if len(gaps) <= _SPARKS:
        return list(gaps)
    cuts = [len(gaps) * place // _SPARKS for place in range(_SPARKS + 1)]
    return [max(gaps[start:end]) for start, end in itertools.pairwise(cuts)]
