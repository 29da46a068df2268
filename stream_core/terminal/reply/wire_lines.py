"""The wire as lines of text while a reply arrives, one an event: for plain mode, and beside a pipe."""

from __future__ import annotations

from collections.abc import Callable

from stream_core.core.numbers import counted, number
from stream_core.core.trace import Trace
from stream_core.terminal.rows.xray import rows

MOST_LINES = 4000
"""Lines of one reply; more are counted, not written."""
WIDTH = 100
"""Cells of a line where there is no window."""


class WireLines:
    """The lines of one reply.

    Args:
        trace: what comes over the wire.
        redact: takes credentials out of a text.
        width: cells of a line.
    """

    def __init__(self, trace: Trace, redact: Callable[[str], str], width: int = WIDTH) -> None:
        self._trace, self._redact, self._width = trace, redact, max(1, width)
        self._seen = self._written = 0  # entries, and those of them that are lines
        self._last = 0.0  # the time of the newest of them

    def new(self) -> list[str]:
        """The lines of what came since the last call; safe for a terminal."""
        seen = self._seen
        entries, self._seen = self._trace.since(seen)
        missed = self._seen - seen - len(entries)
        lines = [f"      … {counted(missed, 'evento', 'eventos')} sin escribir"] if missed else []
        shown = entries[: max(0, MOST_LINES - self._written)]
        for entry in shown:
            before = {id(entry): self._last}
            lines += [row.text for row in rows([entry], before, 1.0, self._width, self._redact, bars=False)]
            self._last = entry.at
        if len(shown) < len(entries) and self._written <= MOST_LINES:
            lines.append(f"      … ya van {number(MOST_LINES)} líneas: no se escriben más de esta respuesta")
            self._written = MOST_LINES + 1
        else:
            self._written += len(shown)
        return lines
