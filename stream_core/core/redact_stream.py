"""Redaction of credentials in a stream of chunks; everything else stays in its chunk. Pure: no I/O.

A credential may be cut by the chunks, and a reply that quotes one spells it in several deltas. So a chunk is
held back until its line has ended, and while the last word of the content is not complete: no credential
contains white space.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from .errors import ReplyTooLarge
from .wire_json import WireJson

Timed: TypeAlias = tuple[bytes, float]
"""A chunk, and when it came."""

_MOST_OPEN = 256 * 1024  # bytes without a line feed that are held back
_MOST_WORD = 4096  # characters of content without white space that are held back
_PIECES = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


@dataclass(slots=True)
class _Group:
    """Chunks whose lines are complete."""

    lines: list[bytes]
    sizes: list[int]
    times: list[float]

    def chunks(self) -> list[Timed]:
        """The chunks again, cut where they were cut."""
        data, start, found = b"".join(self.lines), 0, []
        for number, (size, at) in enumerate(zip(self.sizes, self.times, strict=True), 1):
            end = len(data) if number == len(self.sizes) else start + size
            found.append((data[start:end], at))
            start = end
        return found


@dataclass(slots=True)
class _Piece:
    """A piece of content, and the line that it is in."""

    group: _Group
    line: int
    event: dict[str, Any]
    field: str

    @property
    def text(self) -> str:
        """The piece itself."""
        text: str = self.event["delta"][self.field]
        return text

    def set(self, text: str) -> None:
        """Write another text in its place."""
        self.event["delta"][self.field] = text
        self.group.lines[self.line] = b"data: %s\n" % _json(self.event).encode("utf-8", "backslashreplace")

    def rest(self) -> str:
        """The event without the piece."""
        return _json({**self.event, "delta": {**self.event["delta"], self.field: ""}})

    def set_rest(self, redacted: str) -> None:
        """Write another event around it."""
        text, self.event = self.text, json.loads(redacted)
        self.set(text)


def _piece(group: _Group, number: int) -> _Piece | None:
    """The piece of content in a line, or None."""
    try:
        event = WireJson().load(group.lines[number][5:].decode("utf-8-sig", "surrogatepass"))
        field = _PIECES[event["delta"]["type"]]
        return _Piece(group, number, event, field) if isinstance(event["delta"][field], str) else None
    except (ValueError, LookupError, TypeError, ReplyTooLarge):
        return None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class StreamRedactor:
    """The chunks of one body without credentials.

    Args:
        redact: takes them out of a text that is whole.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._open: list[Timed] = []  # whose last line has not ended
        self._open_size = 0
        self._held: deque[_Group] = deque()
        self._word: list[_Piece] = []  # the pieces that the last word of the content is in
        self._kind = ""  # of these pieces
        self._length = 0  # characters of the word so far

    def feed(self, data: bytes, at: float) -> list[Timed]:
        """Take the next chunk; return the chunks that are settled."""
        self._open.append((data, at))
        self._open_size += len(data)
        if not data.endswith(b"\n") and self._open_size < _MOST_OPEN:
            return []
        self._close_lines()
        return self._settled()

    def finish(self) -> list[Timed]:
        """The body has ended: return the rest."""
        self._close_lines()
        self._end_word()
        self._word = []
        return self._settled()

    def _close_lines(self) -> None:
        if not self._open:
            return
        data = b"".join(data for data, _ in self._open)
        sizes, times = [len(each) for each, _ in self._open], [at for _, at in self._open]
        self._open, self._open_size = [], 0
        group = _Group(data.splitlines(keepends=True), sizes, times)
        self._held.append(group)
        for number, line in enumerate(group.lines):
            piece = _piece(group, number) if line.startswith(b"data:") and b"_delta" in line else None
            if piece is None:
                group.lines[number] = self._plain(line)
            else:
                self._read(piece)

    def _plain(self, line: bytes) -> bytes:
        """A line that holds no piece of content."""
        text = line.decode("utf-8", "surrogateescape")
        redacted = self._redact(text)
        return line if redacted == text else redacted.encode("utf-8", "surrogateescape")

    def _read(self, piece: _Piece) -> None:
        """Take the next piece of content; a word that it completes is settled."""
        if piece.field != self._kind:
            self._end_word()
            self._word, self._kind, self._length = [], piece.field, 0
        rest = piece.rest()
        if (redacted := self._redact(rest)) != rest:
            piece.set_rest(redacted)
        text = piece.text
        self._word.append(piece)
        self._length += len(text)
        tail = "" if text[-1:].isspace() else (text.split() or [""])[-1]
        if tail != text or self._length > _MOST_WORD:
            changed = self._end_word("" if tail == text else tail)
            if not changed:
                self._word = self._word[-1:] if tail else []
            self._length = len(tail)

    def _end_word(self, tail: str = "") -> bool:
        """Redact the pieces together, but for a word at their end that goes on.

        What was spelt in several pieces is in the first one afterwards.
        """
        text = "".join(piece.text for piece in self._word).removesuffix(tail)
        redacted = self._redact(text)
        if redacted == text:
            return False
        first, *others = self._word
        first.set(redacted + tail)
        for piece in others:
            piece.set("")
        self._word = [first]
        return True

    def _settled(self) -> list[Timed]:
        until = self._word[0].group if self._word else None
        found: list[Timed] = []
        while self._held and self._held[0] is not until:
            found += self._held.popleft().chunks()
        return found
