"""The keys while a reply streams: Esc cancels it, some act on its view, every other one waits for the prompt.

Bytes are parsed by the line editor's own parser, which the prompt continues to use. So whatever is incomplete
when the reply ends (a character, a paste, an arrow key) is completed at the prompt.
"""
# See docs/adr/0009-one-parser-for-keys.md

from __future__ import annotations

import os
import select
import sys
import threading
import time
from array import array
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from stream_core.terminal.device.keyboard import in_foreground

from .draft import Draft
from .sequences import ESC, SequenceSplitter, as_typed

if TYPE_CHECKING:
    from typing_extensions import Self  # takes longer to load than this file

try:
    import fcntl
    import termios
except ImportError:  # a system without POSIX terminals
    termios = None  # type: ignore[assignment]

_PASTE_END_OF_OPENER = "~"
_ESC_SECONDS = 0.15  # Esc is the key when nothing follows for so long, else the beginning of a sequence
_BACKGROUND_SECONDS = 0.25  # between two looks whether the program is in the foreground again
_STUCK_SECONDS = 1.0
_CATCH_UP_SECONDS = 0.1
_ESCAPE_KEY = KeyPress(Keys.Escape, "")  # Esc alone; that of Alt with a key has its data


class _Parser(Vt100Parser):
    """Gets whole sequences only, and none that is no key: what a terminal says by itself is a report."""

    def __init__(
        self,
        feed_key_callback: Callable[[KeyPress], None],
        on_report: Callable[[str], None] = lambda report: None,
    ) -> None:
        self._splitter = SequenceSplitter(on_report)
        self._on_report = on_report
        super().__init__(feed_key_callback)

    @property
    def escape_waits(self) -> bool:
        """Whether an Esc waits for what may follow it."""
        return self._splitter.escape_waits

    def feed(self, data: str) -> None:
        if self._in_bracketed_paste:
            super().feed(data)  # which gives what follows the paste to this method again
            return
        start = 0
        # A paste is not for the splitter: what is in it is content.
        while (at := data.find(_PASTE_END_OF_OPENER, start)) >= 0:
            self._feed_pieces(data[start : at + 1])
            start = at + 1
            if self._in_bracketed_paste:
                super().feed(data[start:])
                return
        self._feed_pieces(data[start:])

    def flush(self) -> None:
        for piece in self._splitter.flush():
            self._give(piece)

    def _feed_pieces(self, data: str) -> None:
        for piece in self._splitter.feed(data):
            self._give(piece)

    def _give(self, piece: str) -> None:
        alt = ESC if piece.startswith(ESC * 2) else ""
        typed = as_typed(piece[len(alt) :])
        if typed == ESC:
            self.feed_key_callback(_ESCAPE_KEY)
        elif alt and _is_key(typed):
            super().feed(alt + typed)
        elif not typed.startswith((f"{ESC}[", f"{ESC}O")) or _is_key(typed):
            super().feed(typed)
        else:
            self._on_report(typed)


def _is_key(sequence: str) -> bool:
    return ANSI_SEQUENCES.get(sequence, Keys.Ignore) is not Keys.Ignore


def open_keyboard(on_report: Callable[[str], None] = lambda report: None) -> Input:
    """Open the keyboard for the prompt and for a `KeyWatch`.

    Args:
        on_report: called with each sequence that is no key, on the thread that reads.
    """
    keyboard = create_input()
    if hasattr(keyboard, "vt100_parser"):
        keyboard.vt100_parser = _Parser(keyboard.vt100_parser.feed_key_callback, on_report)
    return keyboard


def type_ahead(keyboard: Input, before: bytes, since: bytes = b"") -> None:
    """Take what has been typed so far.

    Args:
        keyboard: from `open_keyboard`.
        before: what was typed before the terminal was ours, when it turned Enter into a newline.
        since: what came afterwards; a sequence that is not complete goes on with the next key.
    """
    parser = getattr(keyboard, "vt100_parser", None)
    if not isinstance(parser, _Parser):
        return
    encoding = sys.stdin.encoding or "utf-8"
    keys: list[KeyPress] = []
    typed = _Parser(keys.append)
    typed.feed(before.decode(encoding, "replace").replace("\n", "\r"))
    typed.flush()
    own, parser.feed_key_callback = parser.feed_key_callback, keys.append
    parser.feed(since.decode(encoding, "replace"))
    parser.feed_key_callback = own
    store_typeahead(keyboard, keys)


def typed_ahead(keyboard: Input) -> str:
    """Take the type-ahead as text, for a prompt that reads no keys."""
    return "".join(key.data for key in get_typeahead(keyboard))


def _nothing() -> None:
    pass


def _unseen(before: str, after: str) -> None:
    pass


class KeyWatch:
    """Reads the keys on a thread of its own while entered.

    An error of the terminal only ends the watch. Without a POSIX terminal there is no watch, and bytes stay
    in the terminal until the prompt reads them.

    Args:
        keyboard: from `open_keyboard`.
        on_escape: called on the thread for each Esc.
        on_key: called on the thread when any other key was pressed.
        actions: keys that do something now, called on the thread; they do not wait for the prompt.
        show: called with the text before and after the cursor of what waits for the prompt, at first for
            what waited before the watch, then on the thread.
    """

    def __init__(
        self,
        keyboard: Input,
        on_escape: Callable[[], None],
        on_key: Callable[[], None] = _nothing,
        actions: Mapping[Keys | str, Callable[[], None]] | None = None,
        show: Callable[[str, str], None] = _unseen,
    ) -> None:
        self._keyboard = keyboard
        self._on_escape, self._on_key, self._actions = on_escape, on_key, actions or {}
        self._draft, self._show = Draft(), show
        self._keys: list[KeyPress] = []
        self._thread: threading.Thread | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        parser = getattr(self._keyboard, "vt100_parser", None)
        if termios is None or not isinstance(parser, _Parser) or not os.isatty(self._keyboard.fileno()):
            return self
        self._parser, self._descriptor = parser, self._keyboard.fileno()
        try:
            self._wakes, self._wake = os.pipe()
        except OSError:  # too many files are open
            return self
        self._keep(get_typeahead(self._keyboard))  # of a reply before this one
        thread = threading.Thread(target=self._watch, name="keys", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._close()
            store_typeahead(self._keyboard, self._keys)
        else:
            self._thread = thread
        return self

    def __exit__(self, *exception: object) -> None:
        if self._thread is None:
            return
        os.write(self._wake, b"\0")
        self._thread.join(_STUCK_SECONDS)
        if not self._thread.is_alive():
            self._close()
        store_typeahead(self._keyboard, self._keys)

    def _close(self) -> None:
        os.close(self._wakes)
        os.close(self._wake)

    def catch_up(self) -> None:
        """Wait until everything typed is read; after a stop the shell would read it."""
        until = time.monotonic() + _CATCH_UP_SECONDS
        while (
            self._thread is not None
            and self._thread.is_alive()
            and self._waiting()
            and time.monotonic() < until
        ):
            time.sleep(0.001)

    def _waiting(self) -> int:
        count = array("i", [0])
        fcntl.ioctl(self._descriptor, termios.FIONREAD, count)
        return count[0]

    # -- on the thread ------------------------------------------------------------------------

    def _watch(self) -> None:
        try:
            while self._step():
                pass
        except Exception:  # noqa: BLE001, S110 -- the last resort: keys must not end a conversation
            pass

    def _step(self) -> bool:
        """Wait for one event and handle it; return whether to continue."""
        sources = [self._descriptor] if self._stopping else [self._descriptor, self._wakes]
        found = select.select(sources, [], [], _ESC_SECONDS if self._pending() else None)[0]
        if self._descriptor in found:
            # Reading in the background would stop the program, and the keys are not for it.
            if not in_foreground(self._descriptor):
                return not select.select([self._wakes], [], [], _BACKGROUND_SECONDS)[0]
            if not self._read():
                return False
        elif not found:
            self._sort(self._keyboard.flush_keys())
        self._stopping = self._stopping or self._wakes in found
        # A pending Esc is not left to the prompt, which would take it with the next key for Alt+letter.
        return not self._stopping or self._pending()

    def _read(self) -> bool:
        if not self._waiting():
            return False  # the end of the terminal, which the prompt will find
        self._sort(self._keyboard.read_keys())
        return True

    def _sort(self, keys: list[KeyPress]) -> None:
        """Keep all but each Esc that stands alone, and Ctrl+C of a terminal that sends it as a sequence."""
        kept = [key for key in keys if key is not _ESCAPE_KEY and key.key != Keys.ControlC]
        if len(kept) < len(keys):
            self._on_escape()
        waiting: list[KeyPress] = []
        for key in kept:  # what a key does may depend on the one before it
            action = self._actions.get(key.key)
            if action is None:
                waiting.append(key)
            else:
                action()
        self._keep(waiting)
        if waiting:
            self._on_key()

    def _keep(self, keys: list[KeyPress]) -> None:
        self._keys += keys
        if keys:
            self._draft.feed(keys)
            self._show(self._draft.before, self._draft.after)

    def _pending(self) -> bool:
        return self._parser.escape_waits
