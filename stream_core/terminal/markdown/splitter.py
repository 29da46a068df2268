"""Markdown as it arrives, cut into parts that can no longer change. Pure: text in, parts out.

Each line is looked at once, so the cost of a line does not grow with the reply, and the parts depend on the
text alone, never on how it was cut into deltas. A line of text is final when the next line begins (only then
it is known to be no heading or table), a long one at a space where no style is open, a line of a fence at its
end, a table after its first rows: from there its columns are fixed and each row is final.

It is a little more generous than CommonMark where models are: a line break is a line break, two spaces nest a
list under `1.`, and a fence in a list may be indented less than its item.
"""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

from .block_state import CutText, OpenFence, OpenMaths, OpenTable, OpenText, State, hang_of, matched
from .blocks import LONGEST, end, step
from .parts import Part
from .syntax import HEADING, MATHS_BLOCK, UNSURE, neutral

PIECE = 40
"""Characters of a text from which on it is cut at the next space where no style is open."""
_STRIDE = 16  # characters between two places that are looked at for a cut, at least
_SHARE = 4  # the part of an open text, as 1 / n, after which it is worth reading all of it again


class Splitter:
    """Cuts a text that arrives in pieces: feed it, take the parts that are final, look at the open ones."""

    def __init__(self) -> None:
        self._state = State()
        self._partial = ""  # the line that has not ended
        self._looked = 0  # characters of it in which there is no place to cut

    def feed(self, piece: str) -> list[Part]:
        """Take in a piece; return the parts it makes final."""
        parts: list[Part] = []
        first, *rest = piece.split("\n")
        self._more(first, parts)
        for following in rest:
            line, self._partial, self._looked = self._partial, "", 0
            self._take(line, parts)
            self._more(following, parts)
        return parts

    def open(self) -> list[Part]:
        """The parts that are open: what would be final if the text ended here."""
        state, line = self._state, self._partial
        if isinstance(state.block, OpenTable) and not state.block.fixed:
            inside, at = matched(state.inside, line)
            if inside == state.inside and "|" in line[at:]:
                # The row that is arriving moves no columns: they would be drawn again with each letter.
                hang = hang_of(inside)
                row = [Part("row", line[at:], hang, hang)] if line[at:].strip(" |") else []
                return [*end(state), *row]
        if line and isinstance(state.block, CutText):
            hang = hang_of(state.inside)
            return [Part("text", line, hang, hang)]
        in_text = isinstance(state.block, (OpenFence, OpenMaths))
        if not line or (not in_text and UNSURE.fullmatch(line)):
            return _shown_open(end(state))
        if isinstance(state.block, OpenFence) and len(line.strip()) < 4 and not line.strip(" `~"):
            return []  # it may close the fence
        return _shown_open(end(state, line))

    def finish(self) -> list[Part]:
        """End the text: what is still open is final."""
        parts: list[Part] = []
        line, self._partial, self._looked = self._partial, "", 0
        if line:
            self._take(line, parts)
        parts += end(self._state)
        self._state = State(any=True)
        return parts

    def _take(self, line: str, parts: list[Part], *, cut: bool = False) -> None:
        self._state, final = step(self._state, line, cut=cut)
        parts += final

    # -- within a line ------------------------------------------------------------------------

    def _more(self, text: str, parts: list[Part]) -> None:
        """Add to the line that has not ended; a long one is cut at the first place that is fit for it."""
        for at in range(0, len(text), LONGEST):  # else each cut would copy all that is left of a long one
            self._partial += text[at : at + LONGEST]
            self._cut(parts)

    def _cut(self, parts: list[Part]) -> None:
        while len(self._partial) > PIECE:
            cut = self._place_to_cut(self._partial)
            if cut is None:
                return
            line, self._partial, self._looked = self._partial[:cut], self._partial[cut:], 0
            self._take(line, parts, cut=True)

    def _place_to_cut(self, line: str) -> int | None:
        """The place to cut; depends on nothing later than the character after it."""
        block = self._state.block
        open_text = block.text if isinstance(block, OpenText) else ""
        space = max(self._looked, PIECE, len(open_text) // _SHARE)
        code = not isinstance(block, (OpenText, CutText)) and line[:4].expandtabs(4).startswith("    ")
        while (
            not (code or isinstance(block, (OpenFence, OpenTable, OpenMaths)))
            and 0 < (space := line.find(" ", space, LONGEST)) < len(line) - 1
        ):
            before = f"{open_text}{line[:space]}"
            marks = "|" in before or "~~~" in before or HEADING.match(line) or MATHS_BLOCK.match(line)
            if not marks and neutral(before):
                return space + 1
            self._looked = space = space + max(_STRIDE, len(before) // _SHARE)
        return LONGEST if len(line) > LONGEST else None


def _shown_open(parts: list[Part]) -> list[Part]:
    """Open parts as they are shown: a fence has no end yet."""
    return parts[:-1] if parts and parts[-1].kind == "fence_end" else parts
