"""A reply in a column: its final rows wait for slower replies, and are laid out anew in another width."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.rows.styles import Row, Styles, row_text

from .delta_queue import DeltaQueue
from .document import ReplyDocument


@dataclass(slots=True)
class _Laid:
    """The rows of one part, and what it takes to make them again without those that are taken.

    Attributes:
        before: the layout as it was before the part.
        part: the part; None for the end of a text that waited to go on.
        above: characters of its text that were taken before, without spaces.
        done: of a block, groups of rows that were taken before: lines of a table, else all of it.
        torn: rows of a group that was begun above; they stay as they are.
        rows: a blank row where one belongs, `torn`, and the others.
        blank: number of blank rows at their beginning.
        groups: of a block, the rows of each group after `torn`.
        taken: how many of `rows` are taken.
    """

    before: Layout
    part: Part | None
    above: int = 0
    done: int = 0
    torn: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank: int = 0
    groups: list[int] = field(default_factory=list)
    taken: int = 0

    def lay(self, layout: Layout, room: int) -> None:
        """Make the rows with a layout as it is before the part."""
        part = self.part
        if part is None or part.kind == "text":
            self.blank = part is not None and part.gap and layout.waiting is None
            if self.above:
                self.rows = layout.after(part, self.above, room)
            else:
                self.rows = layout.finish(room) if part is None else layout.rows(part, room)
            return
        made = layout.rows(part, room)
        self.blank = part.gap
        if part.kind == "table" and not layout.hurried:
            self.groups = [len(group) for group in layout.table_groups(part, room)]
        else:
            self.groups = [len(made) - self.blank]
        gone = sum(self.groups[: self.done])
        self.groups = self.groups[self.done :]
        self.rows = [*made[: self.blank], *self.torn, *made[self.blank + gone :]]

    def note_taken(self) -> None:
        """Turn what is taken into what is left out of the rows when they are made again."""
        taken, self.taken = self.taken, 0
        if not taken or self.part is None or self.part.kind == "text":
            self.above += sum(map(self._characters, self.rows[self.blank : taken]))
        else:
            self._note_groups(self.rows[self.blank :], taken - self.blank)
        if taken and self.blank and self.part is not None:
            self.part = self.part._replace(gap=False)

    def _note_groups(self, rows: list[Row], taken: int) -> None:
        at = len(self.torn)
        self.torn = self.torn[taken:]
        for size in self.groups:
            if at >= taken:
                return
            self.done += 1
            self.torn = rows[taken : at + size]
            at += size

    def _characters(self, row: Row) -> int:
        """Characters of its text without spaces, and without what its containers put before it."""
        part = self.part or self.before.waiting
        hung = part is not None and bool(part.lead or part.hang or part.is_thinking)
        return sum(not sign.isspace() for sign in row_text(row[hung:]))


class ColumnDocument(ReplyDocument):
    """A `ReplyDocument` that knows which of its final rows are taken, and lays out the others anew."""

    def __init__(self, queue: DeltaQueue, styles: Styles) -> None:
        super().__init__(queue, styles)
        self._laid: deque[_Laid] = deque()  # of which not all rows are taken

    def _lay(self, part: Part | None, room: int) -> list[Row]:
        rows: list[Row] = []
        if part is not None and part.kind != "text":
            rows = self._lay(None, room)  # what waits is another text
        if part is not None or self._layout.waiting is not None:
            laid = _Laid(self._layout.fork(), part)
            laid.lay(self._layout, room)
            self._add(laid)
            rows += laid.rows
        return rows

    def _add(self, laid: _Laid) -> None:
        if laid.rows or self._laid:  # else its text is in the layout that the next one begins with
            self._laid.append(laid)

    def took(self) -> None:
        """Note that the next final row is taken."""
        self._laid[0].taken += 1
        while self._laid and self._laid[0].taken == len(self._laid[0].rows):
            self._laid.popleft()

    def laid_anew(self, room: int) -> list[Row]:
        """The final rows that are not taken, for another width."""
        if not self._laid:
            return []
        layout, hurried = self._laid[0].before.fork(), self._layout.hurried
        laid_before, self._laid = self._laid, deque()
        for laid in laid_before:
            laid.note_taken()
            layout.hurried, laid.before = hurried, layout.fork()
            laid.lay(layout, room)
            self._add(laid)
        self._layout = layout
        return [row for laid in self._laid for row in laid.rows]
