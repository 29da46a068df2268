"""Text from outside -> text that is safe to print on a terminal.

Everything that did not come from this program (replies, thinking, tool data, API messages, model and file
names, pasted input) is hostile until it went through here: an escape sequence in a reply could retitle the
window, write to the clipboard or hide what was said.

What goes: C0 controls except newline and tab, DEL, C1 controls, whole escape sequences (ECMA-48: CSI, OSC,
DCS, APC, PM, SOS, two-character ones; also cut over pieces and unterminated), bidirectional controls, and
what shows nothing (`invisible.py` says where it is needed and stays), combining marks beyond what any script
stacks (`mark_stacks.py`). What changes: U+2028 and U+2029 become
newlines, a surrogate pair its character, a lone surrogate U+FFFD. What stays: all else.
"""

from __future__ import annotations

import re
from typing import Literal

from .invisible import INVISIBLE, InvisibleFilter
from .mark_stacks import MarkStacks

_State = Literal["ground", "escape", "csi", "string"]

# Nothing to do for a text without any of these (the fast path of nearly every delta).
_SUSPECT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff{INVISIBLE}]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
_LINE_SEPARATOR = re.compile("[\u2028\u2029]")
_DROPPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f]")

# A form feed on a line of its own is no break more than the newline beside it.
_LINE_BREAK = re.compile("\r\n?|(?<!\n)[\x0b\x0c](?!\n)")
_UNSEEN = re.compile(f"([{INVISIBLE}\u2028\u2029]+)")  # and harmless to whoever does not show it
_TAGS = re.compile("[\U000e0000-\U000e007f]")
# ESC and the C1 controls that open a sequence by themselves: DCS, SOS, CSI, OSC, PM, APC.
_OPENERS = re.compile("[\x1b\x90\x98\x9b\x9d-\x9f]")
_CSI_BODY = re.compile("[\x20-\x3f]*")
_ESCAPE_BODY = re.compile("[\x20-\x2f]*")
# A string sequence ends at BEL, ST, CAN or SUB, or where another sequence begins. It also ends at a newline:
# an opener that is never closed must not swallow the rest of a reply.
_STRING_END = re.compile("[\x07\x18\x1a\x1b\x90\x98\x9b-\x9f\n\u2028\u2029]")
_STRING_OPENERS = "PX]^_"


class Sanitizer:
    """A stateful sanitiser: the output does not depend on how the text was cut into pieces.

    One per stream of text: feed the pieces in order, then `flush()` at the end.
    """

    __slots__ = ("_high", "_invisible", "_stacks", "_state")

    def __init__(self) -> None:
        self._state: _State = "ground"
        self._high = ""  # a high surrogate that waits for its other half
        self._invisible = InvisibleFilter()
        self._stacks = MarkStacks()

    def feed(self, piece: str) -> str:
        """Return the safe part of `piece`; an incomplete sequence is kept for the next call."""
        if self._state == "ground" and not self._high and not _SUSPECT.search(piece):
            return self._stacks.feed(self._invisible.feed_visible(piece))
        return self._stacks.feed(self._invisible.feed(self.without_controls(piece)))

    def without_controls(self, piece: str) -> str:
        """As `feed`, but what is only hard to see stays."""
        text = self._high + piece
        self._high = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._high, text = text[-1], text[:-1]
        return "".join(map(_clean, self._printable(text)))

    def flush(self) -> str:
        """End the text: return what was held back and start anew."""
        self._invisible, self._stacks = InvisibleFilter(), MarkStacks()
        rest, self._high = self._high, ""
        in_ground, self._state = self._state == "ground", "ground"
        return "\ufffd" if rest and in_ground else ""

    def _printable(self, text: str) -> list[str]:
        """The parts of `text` that lie outside escape sequences."""
        parts: list[str] = []
        at, end = 0, len(text)
        while at < end:
            if self._state == "ground":
                opener = _OPENERS.search(text, at)
                parts.append(text[at : opener.start() if opener else end])
                if opener is None:
                    break
                self._open(opener.group())
                at = opener.end()
            elif self._state == "string":
                at = self._skip_string(text, at)
            else:
                at = self._skip_sequence(text, at)
        return parts

    def _open(self, control: str) -> None:
        self._state = {"\x1b": "escape", "\x9b": "csi"}.get(control, "string")  # type: ignore[assignment]

    def _skip_string(self, text: str, at: int) -> int:
        found = _STRING_END.search(text, at)
        if found is None:
            return len(text)
        if found.group() in "\n\u2028\u2029":
            self._state = "ground"
            return found.start()  # the line break itself is shown
        if found.group() in "\x07\x18\x1a\x9c":
            self._state = "ground"
        else:
            self._open(found.group())  # ESC \ is ST: an escape of two characters like any other
        return found.end()

    def _skip_sequence(self, text: str, at: int) -> int:
        body = _CSI_BODY if self._state == "csi" else _ESCAPE_BODY
        at = _end_of(body, text, at)
        if at == len(text):
            return at
        final = text[at]
        if self._state == "escape" and final == "[":
            self._state = "csi"
        elif self._state == "escape" and final in _STRING_OPENERS:
            self._state = "string"
        else:
            self._state = "ground"
            if not "\x30" <= final <= "\x7e":
                return at  # not a sequence after all: this character is looked at again
        return at + 1


def sanitize(text: str) -> str:
    """Make one whole text safe for a terminal; see the module for what goes and what stays."""
    sanitizer = Sanitizer()
    return sanitizer.feed(text) + sanitizer.flush()


def sanitize_message(text: str) -> str:
    """Make safe what a person sends: without controls and escape sequences, and otherwise as it came.

    What shows nothing stays (U+200B, U+00AD, U+FEFF, bidirectional controls, tags), and so do U+2028 and
    U+2029: a server gets them as JSON, and whoever shows the text uses `sanitize`. Every line break of a
    terminal or a file becomes a newline.
    """
    controls = Sanitizer()
    parts = _UNSEEN.split(_LINE_BREAK.sub("\n", text))
    kept = [part if number % 2 else controls.without_controls(part) for number, part in enumerate(parts)]
    return "".join(kept) + controls.flush()


def tags_in(text: str) -> int:
    """Count the tag characters in a text that are not of a flag: nobody sees them, and a model reads them."""
    return len(_TAGS.findall(text)) - len(_TAGS.findall(sanitize(text))) if _TAGS.search(text) else 0


def one_line(text: str, limit: int = 200) -> str:
    """Make a text safe and fit for a line: white space collapsed, at most `limit` characters."""
    line = " ".join(sanitize(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def repair_surrogates(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates by U+FFFD, so that the text can be encoded."""
    if text.isascii() or not _LONE.search(text):
        return text
    joined = _PAIR.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _LONE.sub("\ufffd", joined)


def _clean(text: str) -> str:
    return _DROPPED.sub("", _LINE_SEPARATOR.sub("\n", repair_surrogates(text)))


def _end_of(body: re.Pattern[str], text: str, at: int) -> int:
    found = body.match(text, at)
    return found.end() if found else at
