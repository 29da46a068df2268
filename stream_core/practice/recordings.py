"""Overviews of recordings: which attempts a file has, where each begins, and whether it is whole."""

# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from stream_core.core import recording
from stream_core.core.recording import LONGEST_LINE, Attempt, BadRecording, End


@dataclass(frozen=True, slots=True)
class Place:
    """The beginning of a recorded attempt: the file, the byte and the number of its line.

    Attributes:
        how: how the attempt ended (`wire.How`), or "" where the file does not say.
    """

    path: Path
    offset: int
    line: int
    attempt: Attempt
    how: str = ""

    @property
    def request(self) -> tuple[Path, int]:
        """The recorded request that this is an attempt at."""
        return self.path, self.attempt.request

    @property
    def asks(self) -> bool:
        """Whether it asked a question, or for the rest of a reply; False where that is not known."""
        return bool(self.attempt.question) or self.attempt.continues

    @property
    def brings_results(self) -> bool:
        """Whether it brought the results of tools, and no question; False where that is not known."""
        return bool(self.attempt.asked.get("messages")) and not self.asks


@dataclass(frozen=True, slots=True)
class Contents:
    """An overview of a recording.

    Attributes:
        head: its first line.
        places: its attempts, in their order.
        seconds: from its beginning to its last line.
        whole: whether its last answer ends as it did, and no line is damaged.
        damage: a Spanish sentence about lines that are damaged or missing, or "": answers are cut there.
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
        """The questions that were asked; what goes on with a turn has none."""
        first = [place.attempt for place in self.places if place.attempt.attempt == 1]
        return [attempt.question for attempt in first if attempt.question and not attempt.continues]


def contents(path: Path) -> Contents:
    """Read a whole recording for its overview, in the memory of one line and of the overview.

    Raises:
        BadRecording: it is no recording, is none of this version, or holds no answer.
        OSError: from the system.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe may be silent for ever
        raise BadRecording(f"{shown_name(path)} no es un archivo: una grabación se lee más de una vez.")
    head, places, last, ended = recording.Head(), list[Place](), 0.0, False
    damage = list[BadRecording]()
    with path.open("rb") as file:
        counted = _Counted(file)
        for line in recording.read(counted, shown_name(path), damaged=damage.append):
            if isinstance(line, recording.Head):
                head = line
                continue
            last, ended = max(last, line.at), isinstance(line, End)
            if isinstance(line, Attempt):
                places.append(Place(path, counted.offset, counted.number, line))
            elif isinstance(line, End) and places:
                places[-1] = replace(places[-1], how=line.how)
    if not places:
        raise damage[0] if damage else BadRecording(f"{shown_name(path)} no tiene ninguna respuesta grabada.")
    return Contents(head, tuple(places), last, ended and not damage, _damage(damage, ended=ended))


def _damage(found: Sequence[BadRecording], *, ended: bool) -> str:
    if not found:
        return "" if ended else "Le falta el final: la última respuesta se corta ahí."
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
        for raw in lines_of(self._file):
            self.number += 1
            yield raw
            self.offset = self._file.tell()


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, its beginning."""
    while raw := file.readline(LONGEST_LINE):
        rest = raw
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        yield raw


def shown_name(path: Path) -> str:
    return f"«{path.name}»"
