"""A reply as plain lines: for screen readers, logs, and terminals that can do nothing but print.

What was written is never touched again, and nothing is written that is not text: no escapes, no frames, no
figures that run. The Markdown stays as its source, which a screen reader reads well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import TextIO

from typing_extensions import Self

from stream_core.core.deltas import Text, Thinking, TurnDelta, Waiting
from stream_core.core.frame_stats import FrameStats
from stream_core.core.reply import ReplyLike
from stream_core.core.sanitize import one_line
from stream_core.core.stats import ReplyStats
from stream_core.terminal.rows.figures import OUTCOMES, labels_of, reply_figures, took
from stream_core.terminal.rows.word_wrap import wrap_for
from stream_core.texts.errors_es import quarter_sent, retry_note, upload_note
from stream_core.texts.sources_es import SOURCES, source_words

from .content import Called, ContentReader, Kind, Piece, Result, TextOver, ThinkingOver, Words
from .line_buffer import LineBuffer
from .protocol import WrittenOnce, left_out

_PATIENCE_SECONDS = 1.5  # what is held back is written when nothing more has come for so long
_SILENCE_SECONDS = 3.0  # a shorter wait is not worth a line
_SLICE = 4_096  # characters that are read and written before a look whether the person has had enough
_STUCK_SECONDS = 1.0  # for a terminal that does not read


class PlainView(WrittenOnce):
    """Whole lines as they complete, and sentences of long ones. A thread writes what is held back too long.

    A terminal that cannot be written to takes nothing away: the reply is in the conversation all the same.

    Args:
        file: where it is written.
        practice: whether the reply is a prepared one.
        recorded: whether it is that of a recording.
        lead: text of an earlier reply that this one goes on from.
        tell_wire: writes what has come over the wire, called between two lines; None for a reply alone.

    Attributes:
        frames: how the deltas came onto the screen; a frame is what is written at once.
    """

    def __init__(
        self,
        file: TextIO,
        *,
        practice: bool,
        recorded: bool = False,
        lead: str = "",
        tell_wire: Callable[[], None] | None = None,
    ) -> None:
        self._tell_wire = tell_wire
        self.frames = FrameStats()
        self._file = file
        self._label = labels_of(practice=practice, recorded=recorded)
        self._lead = lead
        self._content = ContentReader()
        self._voice: Kind | None = None  # the kind of block that is written
        self._begun = False  # the voice has its label
        self._buffer = LineBuffer()  # of the voice, not written yet
        self._heard = time.monotonic()
        self._characters = 0  # of the text as it came
        self._left_out = 0  # characters of what is not written, as nobody waits for it any more
        self._announced: set[tuple[str, int, int]] = set()
        self._written = False
        self._at_start = True  # of a line
        self._wrap = wrap_for(file)
        self._broken = self._stopping = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_late, name="plain lines", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_STUCK_SECONDS)
        if self._lock.acquire(timeout=_STUCK_SECONDS):
            try:
                self._end_line()
            finally:
                self._lock.release()

    def feed(self, delta: TurnDelta) -> None:
        """Write what this delta completes."""
        with self._lock:
            self._heard = time.monotonic()
            self._take(delta)
            self._tell()

    def stop_soon(self) -> None:
        """Write no more of a text that is being written."""
        self._stopping = True

    def suspend(self, *, patiently: bool = False) -> None:
        """Nothing that was written is touched again."""

    def resume(self) -> None:
        """Continue below the output of the other program."""

    def finish(self, reply: ReplyLike, stats: ReplyStats, price: str = "") -> None:
        """Write what is not written yet, then the state and the figures on a line."""
        with self._lock:
            if rest := reply.arrived[self._characters :]:  # a cancel left it in the mailbox
                self._read(Text(rest, -1, 0.0))
            self._write_pieces(self._content.finish())
            self._end_line()
            if self._left_out:
                self._put(left_out(self._left_out) + "\n")
            self._tell()
            if reply.text.strip():
                self._list_sources()
                head = f"Claude ({OUTCOMES[reply.outcome or 'cancelled']})"
                self._put(", ".join([head, *self._label, *reply_figures(stats, price)]) + "\n")

    def _take(self, delta: TurnDelta) -> None:
        if isinstance(delta, Text):
            self._characters += len(delta.text)
            lead, self._lead = self._lead, ""
            delta = replace(delta, text=lead + delta.text)
        self._read(delta)
        if isinstance(delta, Waiting):
            self._wait(delta)

    def _read(self, delta: TurnDelta) -> None:
        """Write a delta; of a long one no more than the beginning, once the person has had enough."""
        if not isinstance(delta, (Text, Thinking)):
            self._write_pieces(self._content.feed(delta))
            return
        for at in range(0, max(1, len(delta.text)), _SLICE):
            if self._left_out or (self._stopping and at):
                self._left_out += len(delta.text) - at
                return
            piece = delta if len(delta.text) <= _SLICE else replace(delta, text=delta.text[at : at + _SLICE])
            self._write_pieces(self._content.feed(piece))

    def _write_pieces(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            match piece:
                case Words(kind=kind, text=text):
                    self._hold(kind, text)
                case TextOver(rest=rest):
                    self._hold("text", rest)
                case ThinkingOver(rest=rest, thought=thought):
                    self._hold("thinking", rest)
                    self._whole_line(f"({thought.words()})")
                case Called(complete=True):
                    called = one_line(piece.input) or "{}"
                    self._whole_line(f"Herramienta {_name(piece.name)}: {called}")
                case Result():
                    self._whole_line(_result_line(piece))
                case _:
                    pass  # it begins, or is not complete

    def _list_sources(self) -> None:
        if self._content.sources:
            self._put(f"\n{SOURCES}:\n")
        for source in self._content.sources:
            self._put(f"[{source.number}] {source_words(source)}\n")

    # -- voices -------------------------------------------------------------------------------

    def _hold(self, voice: Kind, safe: str) -> None:
        if not safe:
            return
        if voice != self._voice:
            self._change_voice(voice)
        self._buffer.add(safe, self._heard)
        if self._begun or safe.strip():  # blanks alone are no reason for a label
            self._write(self._buffer.ready)

    def _change_voice(self, voice: Kind | None) -> None:
        self._end_line()
        self._voice, self._begun = voice, False
        self._buffer.clear()

    def _whole_line(self, line: str) -> None:
        self._change_voice(None)
        self._put(line + "\n")

    def _wait(self, waiting: Waiting) -> None:
        """Announce a wait once, and an upload by quarters: nobody wants to hear a countdown."""
        self._write(len(self._buffer.held))
        which = (waiting.reason, waiting.attempt, quarter_sent(waiting))
        silent = waiting.reason in ("first_byte", "idle")
        if which in self._announced or (silent and waiting.seconds < _SILENCE_SECONDS):
            return
        self._announced.add(which)
        self._end_line()
        self._put(_waiting(waiting, writing=bool(self._characters)) + "\n")

    # -- writing ------------------------------------------------------------------------------

    def _write_late(self) -> None:
        while not self._stop.wait(_PATIENCE_SECONDS / 3):
            with self._lock:
                if self._buffer.held and time.monotonic() - self._heard > _PATIENCE_SECONDS:
                    self._write(len(self._buffer.held))
                self._tell()

    def _tell(self) -> None:
        if self._tell_wire is not None and self._at_start:
            self._tell_wire()

    def _write(self, end: int) -> None:
        """Write what is held back up to `end`, after the label of its voice."""
        if not self._begun:
            if not self._buffer.held[:end].strip():
                return
            self._begin()
            part = self._buffer.take(end)
            self._put(part.lstrip() if self._voice == "thinking" else part)
        else:
            self._put(self._buffer.take(end))
        self.frames.drawn(self._buffer.arrivals(), time.monotonic())

    def _begin(self) -> None:
        self._begun = True
        blank = "\n" if self._written else ""  # a paragraph of its own
        self._put(f"{blank}Claude piensa: " if self._voice == "thinking" else f"{blank}Claude:\n")

    def _end_line(self) -> None:
        self._write(len(self._buffer.held))
        if not self._at_start:
            self._put("\n")

    def _put(self, text: str) -> None:
        if not text or self._broken:
            return
        try:
            self._file.write(self._wrap.feed(text) + self._wrap.flush())
            self._file.flush()
        except (OSError, ValueError):  # the terminal is gone, or the disk that a log is on is full
            self._broken = True
        self._written, self._at_start = True, text.endswith("\n")


def _name(name: str) -> str:
    return one_line(name or "sin nombre", 60)


def _result_line(result: Result) -> str:
    word = "Error" if result.is_error else "Resultado"
    if not result.name:
        return f"{word}: {one_line(result.words) or 'sin texto'}"
    return f"{word} de {_name(result.name)} ({took(result.seconds)}): {one_line(result.words)}"


def _waiting(waiting: Waiting, *, writing: bool) -> str:
    if waiting.reason == "retry":
        return retry_note(waiting)
    if waiting.reason == "upload":
        return f"{upload_note(waiting)} (Ctrl+C cancela)"
    if waiting.reason == "first_byte":
        return "Esperando a que Claude empiece…"
    if not writing:
        return "Claude piensa… (Ctrl+C cancela)"
    return "Sin texto nuevo por ahora… (Ctrl+C cancela)"
