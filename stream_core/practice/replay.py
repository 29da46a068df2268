"""Plays recordings in place of prepared replies: the n-th request gets the n-th recorded answer, in its time.

A request that is sent again as it was gets the next attempt at the same recorded request; any other goes on
to the next recorded request; after the last one the first comes again. Results of tools are answered by what
answered such results, a question never is: a turn that was not recorded to its end ends there, too. While an
answer is played its lines are read from the file one by one.
"""

# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from stream_core.core import recording
from stream_core.core.recording import Attempt, Chunk, End, Response

from .recordings import Place, contents, lines_of, shown_name
from .script import At, Cut, Gate, Head, Script, Send, Step, error_reply
from .stepper import Stepper

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LONGEST_END = 4
_NO_MORE = "La grabación acaba aquí: no tiene la respuesta a lo que dieron estas herramientas."
_OF_THE_CONNECTION = (
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
)
_WITHOUT_BODY = (204, 304)  # statuses that say so (RFC 9110, 6.4.1)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.1)
_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")


class Answers(Protocol):
    """Answers every question, whatever it asks."""

    def answer(self, body: bytes) -> Script:
        """The answer to the next request, which has this body; called in the server's thread."""


class Replay:
    """The recordings that a server plays, in turn. Thread-safe.

    Args:
        paths: the files.
        cut: the number of events after which the first answer is cut; None for the whole answer.
        stepper: lets each event through when a person says so; None for the recorded times.

    Attributes:
        contents: the overview of each file.

    Raises:
        BadRecording: a file is no recording, or has no answer.
        OSError: from the system.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        cut: int | None = None,
        stepper: Stepper | None = None,
    ) -> None:
        self.contents = [contents(Path(path)) for path in paths]
        self._places = [place for each in self.contents for place in each.places]
        self._cut, self._stepper = cut, stepper
        self._lock = threading.Lock()
        self._last = -1  # the index of the place that was played last
        self._asked = b""  # the digest of the request that it answered

    @property
    def last(self) -> Place | None:
        """The attempt that was played last, or None."""
        with self._lock:
            return self._places[self._last] if self._last >= 0 else None

    def answer(self, body: bytes) -> Script:
        """The answer to the next request, which has this body."""
        with self._lock:
            digest = hashlib.sha256(body).digest()
            again, self._asked = digest == self._asked, digest
            found = self._after(self._last, again=again, results=_brings_results(body))
            if found is None:
                return error_reply(400, "invalid_request_error", _NO_MORE)
            self._last, place = found, self._places[found]
            cut, self._cut = self._cut, None
        return self._script(place, cut)

    def _after(self, last: int, *, again: bool, results: bool) -> int | None:
        """The index of the attempt that follows; None where nothing answered results of tools."""
        places, following = self._places, last + 1
        if last >= 0 and not again:
            while following < len(places) and places[following].request == places[last].request:
                following += 1
        elif 0 < following < len(places) and places[following].request == places[last].request:
            return following
        if results:
            return following if following < len(places) and not places[following].asks else None
        order: list[int] = [*range(following, len(places)), *range(following)]
        return next((each for each in order if not places[each].brings_results), order[0])

    def _script(self, place: Place, cut: int | None) -> Iterator[Step]:
        """The steps of a recorded attempt."""
        began, begun, ended, events = place.attempt.at, False, False, _Events()
        bodiless = False
        for line in _rest(place):
            at = line.at - began
            match line:
                case Response(status=status, headers=headers) if not begun:
                    begun = True
                    yield At(at)
                    yield Head(status, _headers(headers))
                    bodiless = status in _WITHOUT_BODY
                case Chunk(data=data) if begun and data and not bodiless:
                    for step in self._chunk(at, data, events, cut):
                        yield step
                        if isinstance(step, Cut):
                            return
                case End(how=how):
                    yield At(at)
                    ended = how == "end"
                    break
                case _:
                    pass
        if not (begun and ended):
            yield Cut()

    def _chunk(self, at: float, data: bytes, events: _Events, cut: int | None) -> Iterator[Step]:
        if self._stepper is None and cut is None:
            yield At(at)
            yield Send(data)
            return
        for piece in events.pieces(data):
            if cut is not None and events.before >= cut:
                yield Cut()
                return
            yield At(at) if self._stepper is None else Gate(self._stepper, at)
            yield Send(piece)


def _brings_results(body: bytes) -> bool:
    """Whether a request brings results of tools."""
    try:
        content: Any = json.loads(body)["messages"][-1]["content"]
        return any(block["type"] == "tool_result" for block in content)
    except (ValueError, RecursionError, LookupError, TypeError):
        return False


def _rest(place: Place) -> Iterator[Attempt | Response | Chunk | End]:
    """The lines of an attempt after its first."""
    with place.path.open("rb") as file:
        file.seek(place.offset)
        lines = recording.read(
            lines_of(file), shown_name(place.path), first=place.line, damaged=lambda problem: None
        )
        for at, line in enumerate(lines):
            if isinstance(line, recording.Head):
                continue
            if at and isinstance(line, Attempt):
                return
            yield line


class _Events:
    """Cuts chunks behind each event.

    Attributes:
        before: the events that ended before the piece that was given last.
    """

    def __init__(self) -> None:
        self.before = 0
        self._tail = b""  # the last bytes, in which an event's end may have begun

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """The chunk, cut."""
        known, whole, start = len(self._tail), self._tail + data, 0
        ends = [found.end() for found in _EVENT_END.finditer(whole) if found.end() > known]
        for end in ends:
            yield whole[max(start, known) : end]
            self.before += 1
            start = end
        self._tail = whole[max(start, len(whole) - _LONGEST_END + 1) :]
        if rest := whole[max(start, known) :]:
            yield rest


def _headers(recorded: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The headers that can be sent again: those of the connection are this server's own."""
    return [
        (name, value)
        for name, value in recorded.items()
        if name not in _OF_THE_CONNECTION and _NAME.fullmatch(name) and _VALUE.fullmatch(value)
    ]
