"""Calling somebody who looks at another window: the bell, or a notification of the desktop.

Sources: xterm's "ctlseqs" (mode 1004), iTerm2 (OSC 9), rxvt-unicode (OSC 777).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stream_core.config.options.appearance import Look, Notify

from .clipboard import Multiplexer, passed_on

LONG_SECONDS: Final = 10.0
"""A reply that took so long is worth a call when it ends."""

FOCUS_ON, FOCUS_OFF = "\x1b[?1004h", "\x1b[?1004l"
_GAINED, _LOST = "\x1b[I", "\x1b[O"


class Attention:
    """Knows whether the window is looked at, as far as the terminal reports it, and calls if it is not.

    Args:
        write: writes to the terminal at once.
        wanted: returns how to call; `ninguno` where nothing may be written but text.
        multiplexer: what stands between the program and the terminal.
    """

    def __init__(
        self, write: Callable[[str], None], wanted: Callable[[], Notify], multiplexer: Multiplexer = ""
    ) -> None:
        self._write, self._wanted, self._multiplexer = write, wanted, multiplexer
        self._elsewhere = self._on = False

    def begin(self) -> None:
        """Ask the terminal to report its focus; a person who has just pressed Enter is looking at it."""
        self._elsewhere = False
        if self._wanted() != "ninguno":
            self._on = True
            self._write(FOCUS_ON)

    def resume(self) -> None:
        """Ask for reports again: another program may have turned them off."""
        if self._on:
            self._write(FOCUS_ON)

    def end(self) -> None:
        """Turn the reports off."""
        self.pause()
        self._on = False

    def pause(self) -> None:
        """Leave the terminal to another program."""
        if self._on:
            self._write(FOCUS_OFF)

    def take(self, report: str) -> None:
        """Heed a report of the terminal. Any thread may call this."""
        if report in (_GAINED, _LOST):
            self._elsewhere = report == _LOST

    def call(self, sentence: str) -> None:
        """Call if the window is not looked at, with a sentence where there is room for one."""
        if self._on and self._elsewhere:
            self._write(calling(sentence, self._wanted(), self._multiplexer))


def notify_of(look: Look, *, terminal: bool) -> Notify:
    """Return how to call with a look; `terminal` says whether escapes may be written."""
    return look.notify if terminal and not look.plain else "ninguno"


def calling(sentence: str, how: Notify, multiplexer: Multiplexer = "") -> str:
    """Return what is written to call."""
    match how:
        case "campana":
            return "\x07"  # multiplexers have bells of their own
        case "osc9":
            return passed_on(f"\x1b]9;{sentence}\x07", multiplexer)
        case "osc777":
            return passed_on(f"\x1b]777;notify;Claude;{sentence}\x07", multiplexer)
        case _:
            return ""
