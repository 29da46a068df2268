"""Escape sequences that come from a keyboard, told apart from text, and what the keys in them mean.

A terminal sends more than keys: answers to questions that another program asked (colours, attributes,
modes, versions), focus and theme changes, reports of the kitty keyboard protocol. None of it is text. The
splitter knows the framing of ECMA-48, so that a sequence it has never heard of is still one whole sequence.

Sources: ECMA-48 5.4 and 5.6 (framing), xterm's "ctlseqs" and "modified keys", kitty's "keyboard protocol".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

ESC = "\x1b"
NEWLINE = "\n"
"""The key that begins a new line in a message: Ctrl+J."""

_State = Literal["ground", "escape", "csi", "ss3", "string", "rest"]

_STRINGS = "P]X^_"  # after ESC: DCS, OSC, SOS, PM, APC
_C1 = {"\x8f": f"{ESC}O", "\x90": f"{ESC}P", "\x98": f"{ESC}X", "\x9b": f"{ESC}[", "\x9d": f"{ESC}]"}
_C1 |= {"\x9e": f"{ESC}^", "\x9f": f"{ESC}_"}
_OPENS = re.compile("[\x1b\x80-\x9f]")
_LONGEST = 256  # characters of a sequence that are remembered: none that is known has more
_MOUSE_BYTES = 3  # after CSI M: the X10 mouse report
# How a sequence goes on whose first two characters came long before: anything else was Alt with that key.
_PLAUSIBLE = {
    "[": "[0-9?<>=A-Z\\[]",
    "]": "[0-9lLI]",
    "P": "[0-9>!|+$=?]",
    "_": "G",
    "X": "[^ ]",
    "^": "[^ ]",
}


class SequenceSplitter:
    """Splits what a keyboard sends into runs of text and whole sequences, however it is cut into reads.

    Strings (OSC, DCS, APC, PM, SOS) are no pieces; `on_string` gets each that is complete. A control
    character such as Enter ends a sequence that is not complete: no answer of a terminal contains one.
    """

    def __init__(self, on_string: Callable[[str], None] = lambda string: None) -> None:
        self._on_string = on_string
        self._open_string = ""  # the string that an ESC may end
        self._state: _State = "ground"
        self._sequence = ""
        self._left = 0  # characters of an X10 mouse report that are still to come
        self._late = False  # nothing came for a while after the opener
        self._ends_string = False  # an ESC within a string may be half of its terminator
        self._alt = ""  # an ESC before the one that waits, which makes Alt of the key in a sequence

    @property
    def escape_waits(self) -> bool:
        """Whether the last character was an ESC, which is a key if nothing follows."""
        return self._state == "escape" and not self._ends_string

    def feed(self, data: str) -> list[str]:
        """Return the complete pieces: text, or a sequence that begins with ESC.

        A lone ESC is the key, and one more ESC before a sequence is Alt with its key.
        """
        if self._state == "ground" and not _OPENS.search(data):
            return [data] if data else []
        pieces: list[str] = []
        for char in data:
            self._take(char, pieces)
        return pieces

    def flush(self) -> list[str]:
        """Mark that nothing more came for a while: an ESC that waits is the key, `ESC O` was Alt+O."""
        waits = f"{self._alt}{ESC}" if self.escape_waits else ""
        self._alt = ""
        if waits or self._sequence == f"{ESC}O":
            self._state = "ground"
        self._late = self._state not in ("ground", "rest")
        return list(waits)

    def _take(self, char: str, pieces: list[str]) -> None:
        late, self._late = self._late, False
        if late and len(self._sequence) == 2 and not re.match(_PLAUSIBLE[self._sequence[1]], char):
            self._state = "ground"
        if char == ESC:
            self._begin_escape(pieces)
        elif self._state == "ground":
            self._ground(char, pieces)
        elif self._state == "escape":
            self._escape(char, pieces)
        elif self._state == "rest":
            self._left -= 1
            self._state = "rest" if self._left else "ground"
        elif char < " ":
            self._state = "ground"
            if not (self._sequence[1] in _STRINGS and char == "\x07"):
                pieces.append(char)
            else:
                self._on_string(self._sequence)
        elif self._state == "string":
            self._string(char)
        else:
            self._body(char, pieces)

    def _begin_escape(self, pieces: list[str]) -> None:
        if self._alt:
            pieces.append(ESC)
        self._alt = ESC if self.escape_waits else ""
        self._ends_string = self._state == "string"
        self._open_string = self._sequence
        self._state, self._sequence = "escape", ESC

    def _ground(self, char: str, pieces: list[str]) -> None:
        if char in _C1:
            self._open(_C1[char])
        elif not "\x80" <= char <= "\x9f":
            pieces.append(char)

    def _escape(self, char: str, pieces: list[str]) -> None:
        ended, self._ends_string = self._ends_string, False
        if char in "[O" or char in _STRINGS:
            self._open(ESC + char)
        else:
            self._state = "ground"
            pieces += self._alt  # it stood alone
            self._alt = ""
            if not (ended and char == "\\"):
                pieces.append(ESC + char)
            else:
                self._on_string(self._open_string)

    def _open(self, opener: str) -> None:
        self._sequence = opener
        states: dict[str, _State] = {"[": "csi", "O": "ss3"}
        self._state = states.get(opener[1], "string")

    def _string(self, char: str) -> None:
        if char == "\x9c":
            self._state = "ground"
            self._on_string(self._sequence)
        elif len(self._sequence) < _LONGEST:
            self._sequence += char

    def _body(self, char: str, pieces: list[str]) -> None:
        opener, self._sequence = self._sequence, self._sequence + char
        if opener == f"{ESC}[" and char == "[":  # the Linux console's F1 to F5
            return
        if opener == f"{ESC}[" and char == "M":
            self._state, self._left = "rest", _MOUSE_BYTES
        elif self._state == "csi" and " " <= char <= "?":
            self._sequence = self._sequence[:_LONGEST]
        elif not (self._state == "ss3" and char in "0123456789;"):
            self._state = "ground"
            pieces.append(self._alt + self._sequence if "@" <= char <= "~" else char)
            self._alt = ""


# -- what the keys mean ------------------------------------------------------------------------

_SHIFT, _ALT, _CTRL, _SUPER, _HYPER, _META = 1, 2, 4, 8, 16, 32
_HELD = _SHIFT | _ALT | _CTRL | _SUPER | _HYPER | _META  # the locks count for nothing
_RELEASE = "3"

_UNICODE = re.compile(r"\x1b\[(\d+)(?::(\d*))?(?::\d*)?(?:;(\d*)(?::(\d))?)?(?:;([\d:]*))?u")
_OTHER_KEY = re.compile(r"\x1b\[27;(\d+);(\d+)~")
_MODIFIED = re.compile(r"\x1b\[(\d+);(\d+)(?::(\d))?([~A-HPQRS])")

# Keys that have a sequence of their own: kitty sends these numbers with the keypad.
_KEYPAD = dict(zip(range(57399, 57417), "0123456789./*-+\r=,", strict=True))
_KEYPAD_MOVES = dict(
    zip(
        range(57417, 57427),
        ("D", "C", "A", "B", "5~", "6~", "H", "F", "2~", "3~"),
        strict=True,
    )
)
# The keypad in application mode (VT100): SS3 and a letter.
_KEYPAD_SS3 = dict(zip("MIXjklmnopqrstuvwxy", "\r\t=*+,-./0123456789", strict=True))

_DELETE_WORD, _DELETE_LINE, _BACKSPACE = f"{ESC}\x7f", "\x15", "\x7f"


def as_typed(sequence: str) -> str:
    """Return what a plain terminal would send for the key in a sequence; "" for what is no key.

    A key that a plain terminal has a sequence for (arrows, Delete…) stays one, without the locks and without
    the kind of event. Shift+Enter and Ctrl+Enter are `NEWLINE`.
    """
    if found := _UNICODE.fullmatch(sequence):
        code, shifted, held, event, text = found.groups()
        return "" if event == _RELEASE else _key(int(code), int(shifted or 0), _modifiers(held), text or "")
    if found := _OTHER_KEY.fullmatch(sequence):
        return _key(int(found[2]), int(found[2]), _modifiers(found[1]), "")
    if found := _MODIFIED.fullmatch(sequence):
        number, held, event, final = found.groups()
        return "" if event == _RELEASE else _moving(number, _modifiers(held), final)
    if sequence.startswith(f"{ESC}O") and sequence[2:] in _KEYPAD_SS3:
        return _KEYPAD_SS3[sequence[2:]]
    return sequence


def _modifiers(number: str | None) -> int:
    return (int(number or 1) - 1) & _HELD


def _moving(number: str, held: int, final: str) -> str:
    if held:
        return f"{ESC}[{number};{held + 1}{final}"
    return f"{ESC}[{'' if number == '1' and final != '~' else number}{final}"


def _key(code: int, shifted: int, held: int, text: str) -> str:
    if code in _KEYPAD_MOVES:
        move = _KEYPAD_MOVES[code]
        return _moving(move[:-1] or "1", held, move[-1])
    if code in _KEYPAD and not held & ~_SHIFT:
        code, held = ord(_KEYPAD[code]), held if _KEYPAD[code] == "\r" else 0
    if held & (_SUPER | _HYPER | _META):
        return _DELETE_LINE if code == 127 and held == _SUPER else ""
    if code in (9, 13, 27, 127, 8):
        return _named(code, held)
    if text and not held & (_ALT | _CTRL):
        return "".join(chr(int(part)) for part in text.split(":") if _is_text(int(part or 0)))
    return _letter(code, shifted, held) if _is_text(code) else ""


def _named(code: int, held: int) -> str:
    if code == 13:
        return NEWLINE if held else "\r"
    if code == 9:
        return f"{ESC}[Z" if held & _SHIFT else "" if held else "\t"
    if code == 27:
        return ESC
    return _DELETE_WORD if held & (_CTRL | _ALT) else _BACKSPACE


def _letter(code: int, shifted: int, held: int) -> str:
    char = chr(code)
    if held & _SHIFT and not held & _CTRL:
        char = chr(shifted) if _is_text(shifted) else char.upper()
    if held & _CTRL:
        control = char.upper() if held & _SHIFT == 0 else ""
        if control not in tuple("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_/ "):
            return ""
        char = {"/": "\x1f", " ": "\x00"}.get(control) or chr(ord(control) & 0x1F)
    return f"{ESC}{char}" if held & _ALT else char


def _is_text(code: int) -> bool:
    # No controls, no surrogates, no private use: kitty numbers its functional keys there.
    return 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xF900 <= code < 0xF0000


def typed_text(data: str) -> str:
    """Return the text in what a keyboard sent, for a prompt that knows no keys but the erasing ones.

    Sequences are dropped; of Alt with a key the key stays. What a sequence says that is text is text.
    """
    splitter = SequenceSplitter()
    pieces = map(_text_of, splitter.feed(data))
    return "".join(pieces)


def _text_of(piece: str) -> str:
    typed = as_typed(piece)
    if not typed.startswith(ESC):
        return typed
    return typed[1:] if len(typed) == 2 and typed[1] != "\x7f" else ""
