"""The keyboard between prompts: nothing is echoed into a reply, and what is typed ahead stays as typed.

A terminal in its usual mode echoes keys and `^C` into whatever is on screen, and turns an Enter that is typed
ahead into a newline (ICRNL), which the next prompt would take for Ctrl+J. So one mode holds for the whole
session; the line editor sets its own on top of it and comes back to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias

try:
    import termios
except ImportError:  # a system without POSIX terminals
    termios = None  # type: ignore[assignment]


BRACKETED_PASTE_ON, BRACKETED_PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
"""With it on, a paste is told from typing: also one that comes while a reply streams stays one message."""

UsualKeyboard: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Gives the terminal its usual mode for a while: it echoes, and edits a line before it hands it over."""


@contextmanager
def quiet_keyboard(descriptor: int, escapes: Callable[[], bool] = lambda: True) -> Iterator[UsualKeyboard]:
    """Keep the terminal quiet, then put it back as it was; without effect on what is no terminal.

    Args:
        descriptor: the terminal.
        escapes: whether it may be sent escapes at the end; else there was nothing to turn off with them.
    """
    if termios is None or not os.isatty(descriptor):
        yield nullcontext
        return
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[0] &= ~(termios.ICRNL | termios.IXON)  # Enter stays "\r"; Ctrl+S does not freeze the screen
    quiet[3] &= ~(termios.ECHO | termios.ICANON)  # ISIG stays: Ctrl+C is still a signal
    quiet[3] |= termios.NOFLSH  # and does not throw away what was typed before it
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    try:
        yield lambda: _usual(descriptor, before, quiet)
    finally:
        try:
            if escapes():
                os.write(descriptor, BRACKETED_PASTE_OFF.encode())
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        except (OSError, termios.error):
            pass  # the terminal is gone


@contextmanager
def _usual(descriptor: int, before: list[Any], quiet: list[Any]) -> Iterator[None]:
    usual = before.copy()
    usual[0] |= termios.ICRNL  # what a program before us may have left off, a line cannot be typed without
    usual[3] |= termios.ICANON | termios.ECHO | termios.ISIG
    try:
        _change(descriptor, usual)
        yield
    finally:
        _change(descriptor, quiet)


def _change(descriptor: int, mode: list[Any]) -> None:
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, mode)
    except termios.error:
        pass  # the terminal is gone: who reads from it finds out
