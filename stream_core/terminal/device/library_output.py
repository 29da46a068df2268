"""Output of libraries on their own account (warnings, log records), kept off the screen.

The SDK warns of two credentials, pydantic of values it does not know, with what they hold: on stderr that
would stand in the middle of a reply. Tracebacks of defects are Python's own and stay, asyncio's included.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeAlias

Note: TypeAlias = Callable[[str, str], None]
"""Is given who said something (never with content) and the words; runs on any thread."""

_PYTHON = ("asyncio", "concurrent")  # loggers that report defects, with a traceback


def _drop(source: str, words: str) -> None:
    """Note nothing."""


@contextmanager
def quiet_libraries(note: Note = _drop) -> Iterator[None]:
    """Pass what libraries say to `note` instead of stderr while the context is open.

    Where stderr is no terminal, log records that `ANTHROPIC_LOG` asks for go there as before.
    """
    show, last, root = warnings.showwarning, logging.lastResort, logging.getLogger()
    handler = _Handler(note, last)

    def show_quietly(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        note(f"{category.__name__} {Path(filename).name}:{lineno}", str(message))

    warnings.showwarning, logging.lastResort = show_quietly, handler
    on_screen = sys.stderr is not None and sys.stderr.isatty()
    if on_screen:  # then a handler that the SDK would add to the root has no place
        root.addHandler(handler)
    try:
        yield
    finally:
        warnings.showwarning, logging.lastResort = show, last
        if on_screen:
            root.removeHandler(handler)


class _Handler(logging.Handler):
    """Notes records, but for those that report defects."""

    def __init__(self, note: Note, otherwise: logging.Handler | None) -> None:
        super().__init__()
        self._note, self._otherwise = note, otherwise

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in _PYTHON:
            if self._otherwise is not None and record.levelno >= self._otherwise.level:
                self._otherwise.handle(record)
            return
        try:
            words = record.getMessage()
        except Exception:  # noqa: BLE001 -- a record that cannot be formatted is the library's mistake
            words = ""
        self._note(f"{record.levelname} {record.name}:{record.lineno}", words)
