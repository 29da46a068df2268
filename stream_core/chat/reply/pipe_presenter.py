"""The presenter of the one-shot mode: text on stdout as it arrives, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stream_core.chat.process.standard_streams import say
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.core.block_text import TextJoiner
from stream_core.core.citations import cited_passages
from stream_core.core.deltas import BlockDone, ToolAsked, TurnDelta, Waiting
from stream_core.core.sanitize import Sanitizer
from stream_core.terminal.rows.word_wrap import wrap_for
from stream_core.texts.errors_es import quarter_sent, retry_note, upload_note
from stream_core.texts.sources_es import SOURCES, source_words

from .presenter import TurnOutcome

if TYPE_CHECKING:
    from stream_core.terminal.reply.wire_lines import WireLines

    from .wire_taps import WireTaps


class PipePresenter:
    """Writes the text of replies to stdout. Nobody is there to be asked, so every answer is a no.

    Args:
        interrupts: Ctrl+C cancels a reply.
        wire: what comes over the wire, to be told on stderr, a line an event; None for nothing of that.

    Raises:
        OSError: stdout takes nothing any more.
    """

    def __init__(self, interrupts: Interrupts, wire: WireTaps | None = None) -> None:
        self._interrupts = interrupts
        self._wire = wire
        self._wire_lines: WireLines | None = None  # of the reply that arrives
        self._shared = sys.stdout.isatty() and sys.stderr is not None and sys.stderr.isatty()
        self._sanitizer = Sanitizer()
        self._last = ""  # character that was written
        self._wrap = wrap_for(sys.stdout)  # of all replies, too: it knows the column
        self._joiner = TextJoiner()  # of all replies: a continuation goes on with the text before it
        self._retry = 0  # the last attempt that was announced
        self._uploaded = -1  # quarters of a request that were announced
        self._progress = False  # whether the line of an upload stands on the terminal

    @contextmanager
    def showing(
        self, cancel: Callable[[], None], lead: str, outcome: Callable[[], TurnOutcome]
    ) -> Iterator[None]:
        """Begin a reply; the text that it continues is on stdout already."""
        self._sanitizer, self._retry, self._uploaded = Sanitizer(), 0, -1
        self._wire_lines = None if self._wire is None else _lines_of(self._wire)
        with self._interrupts.cancelling(cancel):
            try:
                yield
            finally:
                self._clear_progress()
            self._write(self._sanitizer.flush())
            self._put(self._wrap.flush())
            if self._wire_lines is not None:
                self.end_line()
                self._tell_wire()
        turn = outcome().turn
        if sources := cited_passages(turn.text, turn.blocks)[1]:
            self.notice(f"{SOURCES}:")
            for source in sources:
                say(f"[{source.number}] {source_words(source)}")

    def show(self, delta: TurnDelta) -> None:
        """Write what of a delta is text, and tell of a retry, of an upload and of the wire."""
        self._show(delta)
        self._tell_wire()

    def _tell_wire(self) -> None:
        """Tell what came over the wire; on one terminal with the text, between two of its lines."""
        if self._wire_lines is not None and not (self._shared and self._last not in ("", "\n")):
            say(*self._wire_lines.new())

    def _show(self, delta: TurnDelta) -> None:
        if isinstance(delta, Waiting) and delta.reason == "upload":
            self._tell_upload(delta)
            return
        self._clear_progress()
        if text := self._joiner.feed(delta):
            self._write(self._sanitizer.feed(text))
        elif isinstance(delta, BlockDone):
            self._write(self._sanitizer.flush())  # what this block leaves open hides nothing of the next
        elif isinstance(delta, Waiting) and delta.reason == "retry" and delta.attempt != self._retry:
            self._retry = delta.attempt  # once an attempt: here the seconds need not be counted down
            self.notice(retry_note(delta))

    def _tell_upload(self, waiting: Waiting) -> None:
        """Write how much has been sent: on a terminal on one line, elsewhere a line a quarter."""
        words = f"{upload_note(waiting)} (Ctrl+C cancela)"
        if sys.stderr is not None and sys.stderr.isatty():
            self._progress = True
            with suppress(OSError):
                sys.stderr.write(f"\r{words}\033[K")
                sys.stderr.flush()
        elif (quarter := quarter_sent(waiting)) > self._uploaded:
            self._uploaded = quarter
            say(words)

    def _clear_progress(self) -> None:
        if self._progress:
            self._progress = False
            with suppress(OSError):
                sys.stderr.write("\r\033[K")
                sys.stderr.flush()

    def may_run(self, asked: ToolAsked) -> bool:
        """Refuse a tool that asks first."""
        return False

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Write to stderr why nothing more is sent."""
        self.notice(f"{objection} {'No sigo por mi cuenta' if begun else 'No se envió nada'}.")
        return False

    def notice(self, sentence: str) -> None:
        """Write a notice to stderr, below the text if both are on one terminal."""
        if sys.stderr is not None and sys.stderr.isatty():
            self.end_line()
        say(sentence)

    def end_line(self) -> None:
        """End the last line for a person; a pipe gets the text and nothing else."""
        self._put(self._wrap.flush())
        if sys.stdout.isatty() and self._last not in ("", "\n"):
            self._put(self._wrap.feed("\n"))
        sys.stdout.flush()

    def _write(self, safe: str) -> None:
        self._put(self._wrap.feed(safe))

    def _put(self, text: str) -> None:
        if text:
            self._last = text[-1]
            sys.stdout.write(text)
            sys.stdout.flush()


def _lines_of(wire: WireTaps) -> WireLines:
    from stream_core.terminal.reply.wire_lines import WIDTH, WireLines  # loads Rich

    width = WIDTH
    if sys.stderr is not None and sys.stderr.isatty():
        with suppress(OSError, ValueError):
            width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
    return WireLines(wire.trace, wire.redact, width)
