"""SSE event types, read from the bytes of a response in chunks of any size. Pure.

See https://html.spec.whatwg.org/multipage/server-sent-events.html: a line ends in CR, LF or
both, an event at an empty line.
"""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 128
"""Bytes of a line that are kept; the type of an event is cut there."""

_BOM = b"\xef\xbb\xbf"


class EventTypes:
    """The events of one response, in constant memory."""

    __slots__ = ("_after_cr", "_begun", "_line", "_name", "_something")

    def __init__(self) -> None:
        self._line = b""
        self._name = b""
        self._something = False  # the event has a field already
        self._begun = False  # the first line is complete
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the type of each event that ends in this chunk; "" for one without a type."""
        for piece in chunk.splitlines(keepends=True):
            half, self._after_cr = self._after_cr and piece == b"\n", piece.endswith(b"\r")
            if half:
                continue  # the second half of a CR LF
            text = piece.rstrip(b"\r\n")
            self._line += text[: LONGEST - len(self._line)]
            if len(text) != len(piece):
                yield from self._end_of_line()

    @property
    def unfinished(self) -> str | None:
        """The type of the event that is not complete, "" while it has none, or None between events."""
        return _text(self._name) if self._something or self._line else None

    def _end_of_line(self) -> Iterator[str]:
        line, self._line = self._line, b""
        if not self._begun:
            self._begun, line = True, line.removeprefix(_BOM)
        if line:
            field, _, value = line.partition(b":")
            self._something = self._something or field in (b"event", b"data")
            if field == b"event":
                self._name = value.removeprefix(b" ")
        elif self._something:
            yield _text(self._name)
            self._name, self._something = b"", False


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
