"""The menu of completions: descriptions are whole where the window allows it, else cut between words.

The line editor's own menu has one row for each completion and cuts letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from prompt_toolkit.application.current import get_app
from prompt_toolkit.completion import Completion
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import ScrollbarMargin, Window
from prompt_toolkit.layout.containers import WindowRenderInfo
from prompt_toolkit.layout.controls import GetLinePrefixCallable, UIContent, UIControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.utils import get_cwidth

_CUT = "…"
_NARROWEST = 12  # columns of a description; where there is no room for that, there is none


class MenuRow(NamedTuple):
    """A row of the menu: the number of its completion, and the two columns as they are shown."""

    number: int
    name: str
    description: str


def menu_rows(
    items: Sequence[tuple[str, str]], width: int, height: int, selected: int | None = None
) -> list[MenuRow]:
    """Lay out a menu.

    Args:
        items: names with their descriptions.
        width: columns of the menu.
        height: rows that can be seen at once. Where all descriptions are too long for that, each has one row,
            but for the selected one, which is whole.
        selected: the number of the item that is selected; None for none.
    """
    names = max((get_cwidth(name) for name, _ in items), default=0)
    room = width - names - 4  # with a blank on both sides of each column
    whole = [row for number, item in enumerate(items) for row in _whole(number, item, room)]
    if len(whole) <= height or room < _NARROWEST:
        return whole
    rows: list[MenuRow] = []
    for number, (name, description) in enumerate(items):
        if number == selected:
            rows += _whole(number, (name, description), room)
        else:
            rows.append(MenuRow(number, name, shortened(description, room)))
    return rows


def _whole(number: int, item: tuple[str, str], room: int) -> Iterator[MenuRow]:
    name, description = item
    if room < _NARROWEST:
        yield MenuRow(number, name, "")
        return
    for at, line in enumerate(at_words(description, room).split("\n")):
        yield MenuRow(number, "" if at else name, line)


def shortened(text: str, width: int) -> str:
    """Cut a text between words, with an ellipsis, so that it takes at most `width` columns."""
    if get_cwidth(text) <= width:
        return text
    first = at_words(text, width - get_cwidth(_CUT)).partition("\n")[0]
    return f"{first.rstrip(' ,;:')}{_CUT}"


def at_words(text: str, width: int) -> str:
    """Wrap a text between words at `width` columns; a longer word stays whole."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and get_cwidth(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


class CompletionMenu(UIControl):
    """Draws the completions of the current buffer."""

    def has_focus(self) -> bool:
        """Return False: keys are for the message."""
        return False

    def preferred_width(self, max_available_width: int) -> int:
        """Columns for all of it on one row each."""
        items = _items()
        names, descriptions = (max((get_cwidth(item[at]) for item in items), default=0) for at in (0, 1))
        return min(max_available_width, names + descriptions + 4)

    def preferred_height(
        self,
        width: int,
        max_available_height: int,
        wrap_lines: bool,
        get_line_prefix: GetLinePrefixCallable | None,
    ) -> int:
        """Rows for all of it, if they are there."""
        return len(menu_rows(_items(), width, max_available_height, _selected()))

    def create_content(self, width: int, height: int) -> UIContent:
        """Lay it out for a window of this size."""
        items, selected = _items(), _selected()
        rows = menu_rows(items, width, height, selected)
        names = max((get_cwidth(name) for name, _ in items), default=0)

        def line(at: int) -> StyleAndTextTuples:
            row = rows[at]
            current = ".current" if row.number == selected else ""
            name = f" {row.name}{' ' * (names - get_cwidth(row.name))} "
            description = f" {row.description}"
            filled = description + " " * (width - get_cwidth(name) - get_cwidth(description))
            return [
                (f"class:completion-menu.completion{current}", name),
                (f"class:completion-menu.meta.completion{current}", filled),
            ]

        shown = next((at for at, row in enumerate(rows) if row.number == selected), 0)
        return UIContent(line, line_count=len(rows), cursor_position=Point(0, shown))


def show_menu_in(window: Window) -> None:
    """Put the menu into a window: as high as it needs, with a bar where there is more to scroll to."""
    window.content = CompletionMenu()
    window.height = Dimension(min=1)
    window.right_margins = [_Bar()]


class _Bar(ScrollbarMargin):
    def create_margin(self, shown: WindowRenderInfo, width: int, height: int) -> StyleAndTextTuples:
        if shown.content_height <= shown.window_height:
            return []
        return super().create_margin(shown, width, height)


def _completions() -> Sequence[Completion]:
    state = get_app().current_buffer.complete_state
    return state.completions if state is not None else ()


def _items() -> list[tuple[str, str]]:
    return [(found.display_text, found.display_meta_text) for found in _completions()]


def _selected() -> int | None:
    state = get_app().current_buffer.complete_state
    return state.complete_index if state is not None else None
