"""Lines of Markdown -> parts that are final: a pure step from state to state, one for each whole line."""

from __future__ import annotations

from re import Match, Pattern

from .block_state import (
    Container,
    CutText,
    IndentedCode,
    OpenFence,
    OpenMaths,
    OpenTable,
    OpenText,
    State,
    content_of,
    hang_of,
    matched,
    opened_by_item,
)
from .parts import Kind, Part
from .scanner import escaped_brackets, formula_open
from .syntax import (
    HEADING,
    ITEM,
    MATHS_BLOCK,
    QUOTE,
    RULE,
    TABLE_RULE,
    UNDERLINE,
    FenceLine,
    fence_line,
    heading_text,
    neutral,
    spaces_at,
    within_fence,
)

LONGEST = 4_000
"""Characters at which a line is cut wherever that is, so that drawing the open one stays cheap."""
TABLE_ROWS = 20
"""Rows of a table that decide the widths of its columns."""
_DEEPEST = 16  # quotes and lists in each other; what is deeper stays text
_READINGS, _READ_AT_LEAST = 6, 500  # how often a text of short lines is read while something is open in it
_TABLE_SIZE = 4_000  # characters, likewise

_APART = frozenset(("heading", "rule", "table", "fence", "maths"))  # a blank row comes before these


def step(state: State, line: str, *, cut: bool = False) -> tuple[State, list[Part]]:
    """Take in a line: the state after it, and the parts it makes final; `cut` says its text goes on."""
    work = _Step(state)
    work.line(line)
    if cut:
        work.cut()
    return work.state(), work.parts


def end(state: State, line: str | None = None) -> list[Part]:
    """The parts that are final when the text ends here, or after one more line."""
    work = _Step(state)
    if line is not None:
        work.line(line)
    work.close(last=True)
    return work.parts


class _Step:
    """One step: begins at a state, gathers parts, and ends at the next state. Lives for one line."""

    __slots__ = ("_any", "_block", "_gap", "_inside", "parts")

    def __init__(self, state: State) -> None:
        self._inside, self._block, self._gap, self._any = state
        self.parts: list[Part] = []

    def state(self) -> State:
        """The state after the step."""
        return State(self._inside, self._block, self._gap, self._any)

    def line(self, line: str) -> None:
        """Take in a whole line."""
        block = self._block
        if isinstance(block, CutText):
            self._block = OpenText(line, hang_of(self._inside), fresh=False)
        elif isinstance(block, OpenFence):
            self._in_fence(line, block)
        elif isinstance(block, OpenMaths):
            self._in_maths(line, block)
        elif not line.strip():
            self.close()
            self._gap = self._any
        elif isinstance(block, OpenText) and formula_open(block.text) and len(block.text) < LONGEST:
            self._block = block._replace(text=f"{block.text}\n{line.strip(' ')}")
        else:
            self._begin(line.expandtabs(4) if "\t" in line else line)

    def cut(self) -> None:
        """Make the open text final, which goes on in its row."""
        if isinstance(self._block, OpenText):
            self._emit("text", self._block.text, self._block.lead, goes_on=True)
            self._block = CutText()

    def close(self, *, last: bool = False) -> None:
        """End what is open; code by its indentation goes on over blank lines, unless that was the `last`."""
        match self._block:
            case OpenText(text=text, lead=lead):
                self._emit("text", text, lead)
            case CutText():
                self._emit("text", "", hang_of(self._inside))
            case OpenTable(lines=lines, lead=lead):
                if lines:
                    self._emit("table", "\n".join(lines), lead)
                self._gap = True
            case OpenMaths(lines=lines, lead=lead):
                self._emit("maths", "\n".join(lines), lead)
            case OpenFence():
                self._emit("fence_end", "", hang_of(self._inside))
            case IndentedCode():
                if not last:
                    return
                self._emit("fence_end", "", "")
        self._block = None

    # -- the beginning of a line ----------------------------------------------------------------

    def _begin(self, line: str) -> None:
        """A line that is not blank: leave the containers it is not in, enter those it begins."""
        inside, at = matched(self._inside, line)
        already = len(inside)
        text = line[at : at + 1].isalpha()  # nothing begins with a letter but text
        while not text and len(inside) < _DEEPEST and not RULE.match(line, at):
            if quote := QUOTE.match(line, at):
                inside, at = (*inside, Container()), quote.end()
            elif item := ITEM.match(line, at):
                inside, at = (*inside, opened_by_item(item, inside)), item.end()
            else:
                break
        if inside != self._inside or already < len(inside):
            self._leave()
            self._inside = inside
        lead = "".join([box.lead if n >= already else box.hang for n, box in enumerate(inside)])
        self._body(line[at:], lead)

    def _leave(self) -> None:
        """End what is open, code by its indentation as well."""
        if isinstance(self._block, IndentedCode):
            self._end_code()
        self.close()

    def _end_code(self) -> None:
        self._emit("fence_end", "", "")
        self._gap, self._block = True, None

    def _body(self, text: str, lead: str) -> None:
        """The content of a line within its containers."""
        if isinstance(self._block, OpenTable) and "|" in text:
            self._table_line(text, self._block)
        elif text[:1].isalpha():  # nothing else begins with a letter
            self._text_line(text, lead)
        elif fence := fence_line(text):
            self._fence(fence, lead)
        elif found := MATHS_BLOCK.match(text):
            self._maths(text.strip(), found, lead)
        elif heading := HEADING.match(text):
            self._leave()
            self._emit("heading", heading_text(text[heading.end() :]), lead, len(heading.group(1)))
        elif (above := self._may_become(text, UNDERLINE)) is not None:
            self._block = None
            self._emit("heading", above.text.strip(), above.lead, 1 if "=" in text else 2)
        elif RULE.match(text):
            self._leave()
            self._emit("rule", "", lead)
        elif (above := self._may_become(text, TABLE_RULE)) is not None and "|" in above.text:
            self._block = OpenTable((above.text, text), above.lead)
        else:
            self._text_line(text, lead)

    def _may_become(self, text: str, shape: Pattern[str]) -> OpenText | None:
        """The line of text before a line that makes something else of it."""
        block = self._block
        if isinstance(block, OpenText) and block.fresh and "\n" not in block.text and shape.match(text):
            return block
        return None

    def _text_line(self, text: str, lead: str) -> None:
        block = self._block
        if isinstance(block, OpenText) and len(block.text) < LONGEST:
            again = block.read <= _READINGS * len(block.text) + _READ_AT_LEAST
            if not again or not neutral(block.text):
                read = block.read + again * len(block.text)
                self._block = OpenText(f"{block.text}\n{text.lstrip(' ')}", block.lead, block.fresh, read)
                return
        if not isinstance(block, OpenText) and not self._inside and text.startswith("    "):
            self.close()
            if not isinstance(self._block, IndentedCode):
                self._emit("fence", "", lead)
                self._block = IndentedCode()
            elif self._gap:
                self._gap = False
                self._emit("code", "", lead)
            self._emit("code", text[4:], lead)
            return
        self._leave()
        self._block = OpenText(text.lstrip(" "), lead)

    # -- fences and formulas --------------------------------------------------------------------

    def _fence(self, fence: FenceLine, lead: str) -> None:
        self._leave()
        if fence.info.lower() == "math":
            self._block = OpenMaths(fence.run, (), lead)
            return
        self._block = OpenFence((fence.run,), fence.indent)
        self._emit("fence", fence.info, lead)

    def _in_fence(self, line: str, block: OpenFence) -> None:
        text = content_of(self._inside, line)
        if text is None:
            self.close()
            self._gap = True
            self.line(line)
            return
        levels = within_fence(block.levels, text)
        if levels:
            if levels != block.levels:
                self._block = block._replace(levels=levels)
            self._emit("code", text[min(spaces_at(text, 0), block.indent) :], hang_of(self._inside))
        else:
            self.close()
            self._gap = True

    def _maths(self, text: str, found: Match[str], lead: str) -> None:
        """A line that begins with a formula: a block of its own, unless words follow on the same line."""
        begin = found.group(1)
        closing = {"$$": "$$", "\\[": "\\]"}.get(begin, f"\\end{{{found.group(2)}}}")
        place = text.find(closing, len(begin))
        if place < 0:
            self._leave()
            self._block = OpenMaths(closing, (text,), lead)
        elif begin == "\\[" and escaped_brackets(text[len(begin) : place]):
            self._text_line(text, lead)
        elif place + len(closing) == len(text.rstrip(".,;: ")):
            self._leave()
            self._emit("maths", text, lead)
        else:
            self._text_line(text, lead)

    def _in_maths(self, line: str, block: OpenMaths) -> None:
        text = content_of(self._inside, line)
        fenced = block.end[0] in "`~"
        if text is None or (not text.strip() and not fenced):
            self.close()  # no formula goes on over a blank line: what opened it was none
            self._gap = True
            self.line(line)
            return
        bare = text.strip()
        if fenced and not bare.strip(block.end[0]) and len(bare) >= len(block.end):
            self.close()
        elif not fenced and block.end in bare:
            self._block = block._replace(lines=(*block.lines, text.rstrip()))
            self.close()
        else:
            self._block = block._replace(lines=(*block.lines, text.rstrip()))
            if sum(map(len, block.lines)) > LONGEST:
                self.close()
                return
            return
        self._gap = True

    # -- tables and parts -------------------------------------------------------------------------

    def _table_line(self, text: str, block: OpenTable) -> None:
        if block.fixed:
            self._emit("row", text, hang_of(self._inside))
            return
        lines = (*block.lines, text)
        self._block = OpenTable(lines, block.lead)
        if len(lines) >= TABLE_ROWS + 2 or sum(map(len, lines)) > _TABLE_SIZE:
            self.close()
            self._block, self._gap = OpenTable((), block.lead, fixed=True), False

    def _emit(self, kind: Kind, text: str, lead: str, level: int = 0, *, goes_on: bool = False) -> None:
        gap = self._any and (self._gap or kind in _APART) and kind != "fence_end"
        self._gap, self._any = kind == "rule", True
        self.parts.append(Part(kind, text, lead, hang_of(self._inside), gap, level, goes_on))
