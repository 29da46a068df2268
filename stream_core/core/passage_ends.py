"""Where the numbers of sources stand behind a passage of Markdown, so that nothing else changes. Pure.

Behind a fence, a rule or what ends a formula a number would be part of it (the code would never end): there
it stands on a line of its own. Behind the last bar of a table's row it would be a column: it stands before.
An address would go on with it: there is a space between them.
"""

from __future__ import annotations

import re

_PREFIX = r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*"
_FENCE = re.compile(rf"{_PREFIX}(`{{3,}}|~{{3,}})([^`]*)$")
_LANGUAGE = re.compile(r"\s*[\w+#.-]+\s*$")
_ENDS_BLOCK = re.compile(rf"{_PREFIX}(?:\$\$|\\\]|\\end\{{\w+\*?\}}|([-*_])[ \t]*(?:\1[ \t]*){{2,}})\s*")
_ROW = re.compile(rf"{_PREFIX}\|")
_LAST_BAR = re.compile(r"[ \t]*\|[ \t]*\Z")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\"`»]+\Z", re.IGNORECASE)
_LONGEST = 200  # characters of a line that are looked at: what a number changes is shorter


class PassageEnds:
    """Follows a text that is shown, its numbers included, in pieces."""

    def __init__(self) -> None:
        self._line = ""  # the beginning of the last one
        self._rest = ""  # the end of a long one
        self._fences: tuple[str, ...] = ()  # that are open, the outermost first

    def feed(self, text: str) -> None:
        """Take in what follows."""
        if "\n" not in text:
            if len(self._line) < _LONGEST:
                self._line += text
            else:
                self._rest = (self._rest + text)[-_LONGEST:]
            return
        line, *others = text.split("\n")
        self._line, self._rest = self._line + line, ""
        for following in others:
            self._fences, self._line = _fences_after(self._fences, self._line), following

    def marked(self, mark: str) -> str:
        """Return the numbers as they stand behind the text so far; "" for none."""
        if not mark:
            return ""
        closes = bool(self._fences) and not _fences_after(self._fences, self._line)
        ends = not self._fences and _ENDS_BLOCK.fullmatch(self._line) is not None
        if closes or ends:
            return f"\n{mark}"
        return f" {mark}" if _ADDRESS.search(self._line + self._rest) else mark

    def placed(self, piece: str, mark: str) -> str:
        """Take in a whole passage; return it with its numbers."""
        line = piece.rpartition("\n")[2]
        bar = _LAST_BAR.search(line) if mark else None
        row = (
            bar is not None and not self._fences and _ROW.match(line if "\n" in piece else self._line + line)
        )
        body = piece.removesuffix(bar.group()) if bar is not None and row else piece
        self.feed(body)
        rest = f"{self.marked(mark)}{piece[len(body) :]}"
        self.feed(rest)
        return body + rest


def _fences_after(fences: tuple[str, ...], line: str) -> tuple[str, ...]:
    """The fences that are open after a line; one with a language within another opens a level."""
    found = _FENCE.match(line) if "```" in line or "~~~" in line else None
    if found is None:
        return fences
    run, info = found.groups()
    if not fences or (info.strip() and _LANGUAGE.match(info)):
        return (*fences, run)
    fits = [number for number, other in enumerate(fences) if other[0] == run[0] and len(other) <= len(run)]
    return fences if info.strip() or not fits else fences[: fits[-1]]
