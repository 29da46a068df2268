"""Plays recordings in place of prepared replies: the n-th request gets the n-th recorded answer, in its time.

A request that is sent again as it was gets the next attempt at the same recorded request; any other goes on
to the next recorded request; after the last one the first comes again. While an answer is played its lines
are read from the file one by one.
"""

# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import hashlib
import os
import re
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from stream_core.core import recording
from stream_core.core.recording import LONGEST_LINE, Attempt, BadRecording, Chunk, End, Response

from .script import At, Cut, Gate, Head, Script, Send, Step
from .stepper import Stepper

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LONGEST_END = 4
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


@dataclass(frozen=True, slots=True)
class Place:
    """The beginning of a recorded attempt: the file, the byte and the number of its line."""

    path: Path
    offset: int
    line: int
    attempt: Attempt

    @property
    def request(self) -> tuple[Path, int]:
        """The recorded request that this is an attempt at."""
        return self.path, self.attempt.request


@dataclass(frozen=True, slots=True)
class Contents:
    """An overview of a recording.

    Attributes:
        head: its first line.
        places: its attempts, in their order.
        seconds: from its beginning to its last line.
        whole: whether its last answer ends as it did, and no line is damaged.
        damage: a Spanish sentence about lines that are damaged, or "". Their answers are cut there.
    """

    head: recording.Head
    places: tuple[Place, ...]
    seconds: float
    whole: bool = True
    damage: str = ""

    @property
    def model(self) -> str:
        """The first model that was asked for, or ""."""
        return next((place.attempt.model for place in self.places if place.attempt.model), "")

    @property
    def questions(self) -> list[str]:
        """The questions that were asked; each request of a turn with tools has none after the first."""
        first = [place.attempt for place in self.places if place.attempt.attempt == 1]
        return [attempt.question for attempt in first if attempt.question]


def contents(path: Path) -> Contents:
    """Read a whole recording for its overview, in the memory of one line and of the overview.

    Raises:
        BadRecording: it is no recording, is none of this version, or holds no answer.
        OSError: from the system.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe may be silent for ever
        raise BadRecording(f"{_name(path)} no es un archivo: una grabación se lee más de una vez.")
    head, places, last, ended = recording.Head(), list[Place](), 0.0, False
    damage = list[BadRecording]()
    with path.open("rb") as file:
        counted = _Counted(file)
        for line in recording.read(counted, _name(path), damaged=damage.append):
            if isinstance(line, recording.Head):
                head = line
                continue
            last, ended = max(last, line.at), isinstance(line, End)
            if isinstance(line, Attempt):
                places.append(Place(path, counted.offset, counted.number, line))
    if not places:
        raise damage[0] if damage else BadRecording(f"{_name(path)} no tiene ninguna respuesta grabada.")
    return Contents(head, tuple(places), last, ended and not damage, _damage(damage))


def _damage(found: Sequence[BadRecording]) -> str:
    if not found:
        return ""
    more = len(found) - 1
    others = f" Hay {more} más así." if more else ""
    return f"{str(found[0]).removesuffix('.')}: esa respuesta se corta ahí.{others}"


class _Counted:
    """The lines of a file, with the place of the newest one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.offset = self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        self.offset = self._file.tell()
        for raw in _lines(self._file):
            self.number += 1
            yield raw
            self.offset = self._file.tell()


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, its beginning."""
    while raw := file.readline(LONGEST_LINE):
        rest = raw
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        yield raw


def _name(path: Path) -> str:
    return f"«{path.name}»"


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

    def answer(self, body: bytes) -> Script:
        """The answer to the next request, which has this body."""
        with self._lock:
            digest = hashlib.sha256(body).digest()
            again, self._asked = digest == self._asked, digest
            self._last = self._after(self._last, again=again)
            place = self._places[self._last]
            cut, self._cut = self._cut, None
        return self._script(place, cut)

    def _after(self, last: int, *, again: bool) -> int:
        """The index of the attempt that follows."""
        if last >= 0 and not again:
            request = self._places[last].request
            while last + 1 < len(self._places) and self._places[last + 1].request == request:
                last += 1
        return (last + 1) % len(self._places)

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


def _rest(place: Place) -> Iterator[Attempt | Response | Chunk | End]:
    """The lines of an attempt after its first."""
    with place.path.open("rb") as file:
        file.seek(place.offset)
        lines = recording.read(
            _lines(file), _name(place.path), first=place.line, damaged=lambda problem: None
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
