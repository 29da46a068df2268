"""The next message as the keys pressed during a reply will make it at the prompt.

The prompt reads the same keys later and decides. So only keys whose effect is certain without it are followed
here: text, pastes, moving and erasing within the line. Others (history, completion) change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from stream_core.core.numbers import number

from .bindings import ends_in_continuation
from .graphemes import length_after, length_before

SENT = "⏎ "
"""Stands after a message that will be sent."""

_BESIDE_COUNT = 16  # code points before the cursor that stand beside the number of messages that wait
_NEAR = 64  # code points in which a grapheme ends
_CONTROL_BACKSPACE = "\x08"


class Draft:
    """Follows the keys: the text before and after the cursor, with `SENT` after a message that waits.

    Attributes:
        queued: the messages that wait; of several only their number is shown.
    """

    def __init__(self) -> None:
        self.queued: list[str] = []
        self._left: list[str] = []  # code points before the cursor
        self._right: list[str] = []  # and after it, the nearest one last
        self._alt = False  # the last key was an Esc that makes Alt of the next one
        erase: dict[str, Callable[[], object]] = {
            Keys.ControlW: self._erase_word,
            Keys.ControlU: self._erase_to_start,
            Keys.ControlK: lambda: self._forward_to_end(self._drop_right),
            Keys.Delete: self._drop_right,
            Keys.ControlD: self._drop_right,
        }
        self._actions: dict[str, Callable[[], object]] = {
            **erase,
            Keys.ControlM: self._enter,
            Keys.ControlJ: lambda: self._insert("\n"),
            Keys.Left: self._go_left,
            Keys.ControlB: self._go_left,
            Keys.Right: self._go_right,
            Keys.ControlF: self._go_right,
            Keys.Home: self._go_to_start,
            Keys.ControlA: self._go_to_start,
            Keys.End: lambda: self._forward_to_end(self._go_right),
            Keys.ControlE: lambda: self._forward_to_end(self._go_right),
        }

    def feed(self, keys: Iterable[KeyPress]) -> None:
        """Take in the next keys."""
        for key in keys:
            self._take(key)

    @property
    def before(self) -> str:
        """The text before the cursor."""
        if len(self.queued) > 1:
            typed = "".join(self._left)
            typed = typed if len(typed) <= _BESIDE_COUNT else f"…{typed[-_BESIDE_COUNT:]}"
            return f"{number(len(self.queued))} en espera; Ctrl+C los devuelve {SENT}{typed}"
        return "".join([*(f"{message}{SENT}" for message in self.queued), *self._left])

    @property
    def after(self) -> str:
        """The text after the cursor."""
        return "".join(reversed(self._right))

    @property
    def text(self) -> str:
        """All of it as one text: each message, and what is typed after them, on a line of its own."""
        return "\n".join([*self.queued, "".join([*self._left, *reversed(self._right)])]).rstrip("\n")

    def _take(self, key: KeyPress) -> None:
        alt, self._alt = self._alt, key.key == Keys.Escape
        if alt:
            if key.key == Keys.ControlM:
                self._insert("\n")
            elif key.key == Keys.ControlH:
                self._erase_word()
        elif key.key == Keys.BracketedPaste:
            self._insert(key.data.replace("\r\n", "\n").replace("\r", "\n"))
        elif key.key == Keys.ControlH:
            (self._erase_word if key.data == _CONTROL_BACKSPACE else self._drop_left)()
        elif isinstance(key.key, Keys):
            self._actions.get(key.key, lambda: None)()
        else:
            self._insert(key.key)

    def _insert(self, text: str) -> None:
        self._left += text

    def _enter(self) -> None:
        if not (self._right and self._right[-1] != "\n") and ends_in_continuation(self._line()):
            self._left[-1] = "\n"
            return
        message = "".join([*self._left, *reversed(self._right)])
        if message.strip():  # an empty one is not sent
            self.queued.append(message)
        self._left, self._right = [], []

    def _line(self) -> str:
        return "".join(self._left).rpartition("\n")[2]

    def _drop_left(self) -> list[str]:
        count = length_before("".join(self._left[-_NEAR:]))
        gone = self._left[len(self._left) - count :]
        del self._left[len(self._left) - count :]
        return gone

    def _drop_right(self) -> list[str]:
        count = length_after("".join(reversed(self._right[-_NEAR:])))
        gone = self._right[len(self._right) - count :]
        del self._right[len(self._right) - count :]
        return gone

    def _erase_word(self) -> None:
        for blank in (True, False):
            while self._left and self._left[-1].isspace() is blank:
                self._left.pop()

    def _erase_to_start(self) -> None:
        if self._left and self._left[-1] == "\n":
            self._left.pop()
        while self._left and self._left[-1] != "\n":
            self._left.pop()

    def _go_left(self) -> None:
        if self._left and self._left[-1] != "\n":
            self._right += reversed(self._drop_left())

    def _go_right(self) -> None:
        if self._right and self._right[-1] != "\n":
            self._left += reversed(self._drop_right())

    def _go_to_start(self) -> None:
        while self._left and self._left[-1] != "\n":
            self._right.append(self._left.pop())

    def _forward_to_end(self, step: Callable[[], object]) -> None:
        while self._right and self._right[-1] != "\n":
            step()
