"""Keys of the line editor that act on single characters, here on whole graphemes: Ctrl+T, and those of vi."""

from __future__ import annotations

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import (
    emacs_insert_mode,
    is_searching,
    vi_navigation_mode,
    vi_replace_mode,
)
from prompt_toolkit.filters.app import vi_replace_single_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.vi import TextObject, create_text_object_decorator
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.keys import Keys
from prompt_toolkit.selection import PasteMode, SelectionType

from .graphemes import graphemes


def add_grapheme_keys(keys: KeyBindings) -> None:
    """Add what goes before the line editor's own keys, which would cut graphemes into pieces."""

    @keys.add("c-t", filter=emacs_insert_mode & ~is_searching)
    def transpose(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        before, after = _around(buffer)
        # At the end of a line the last two change places, elsewhere those on both sides of the cursor.
        pair = [before[-1], after[0]] if before and after else before[-2:]
        if len(pair) == 2:
            buffer.cursor_position += len(after[0]) if after else 0
            buffer.delete_before_cursor(len("".join(pair)))
            buffer.insert_text(pair[1] + pair[0])

    _add_vi_keys(keys)
    _add_vi_replacing(keys)
    _add_vi_motions(keys)


def _add_vi_keys(keys: KeyBindings) -> None:
    @keys.add("x", filter=vi_navigation_mode)
    def delete(event: KeyPressEvent) -> None:
        if count := _after(event):
            event.app.clipboard.set_text(event.current_buffer.delete(count))

    @keys.add("X", filter=vi_navigation_mode)
    def delete_before(event: KeyPressEvent) -> None:
        if count := _before(event):
            event.app.clipboard.set_text(event.current_buffer.delete_before_cursor(count))

    @keys.add("s", filter=vi_navigation_mode)
    def substitute(event: KeyPressEvent) -> None:
        event.app.clipboard.set_text(event.current_buffer.delete(_after(event)))
        event.app.vi_state.input_mode = InputMode.INSERT

    @keys.add("p", filter=vi_navigation_mode)
    def paste(event: KeyPressEvent) -> None:
        buffer, data = event.current_buffer, event.app.clipboard.get_data()
        mode = PasteMode.VI_AFTER
        if data.type == SelectionType.CHARACTERS:
            buffer.cursor_position += len("".join(_around(buffer)[1][:1]))
            mode = PasteMode.VI_BEFORE
        buffer.paste_clipboard_data(data, count=event.arg, paste_mode=mode)


def _add_vi_replacing(keys: KeyBindings) -> None:
    @keys.add(Keys.Any, filter=vi_replace_single_mode)
    def replace_one(event: KeyPressEvent) -> None:
        replace(event)
        event.current_buffer.cursor_position -= len(event.data)
        event.app.vi_state.input_mode = InputMode.NAVIGATION

    @keys.add(Keys.Any, filter=vi_replace_mode)
    def replace(event: KeyPressEvent) -> None:
        event.current_buffer.delete(_after(event))
        event.current_buffer.insert_text(event.data)


def _add_vi_motions(keys: KeyBindings) -> None:
    """Left and right, also where they say what an operator such as `d` acts on."""
    text_object = create_text_object_decorator(keys)

    @text_object("h")
    @text_object("left")
    def left(event: KeyPressEvent) -> TextObject:
        return TextObject(-_before(event))

    @text_object("l")
    @text_object(" ")
    @text_object("right")
    def right(event: KeyPressEvent) -> TextObject:
        return TextObject(_after(event))


def _around(buffer: Buffer) -> tuple[list[str], list[str]]:
    """The graphemes of the line before and after the cursor."""
    document = buffer.document
    return graphemes(document.current_line_before_cursor), graphemes(document.current_line_after_cursor)


def _after(event: KeyPressEvent) -> int:
    return len("".join(_around(event.current_buffer)[1][: event.arg]))


def _before(event: KeyPressEvent) -> int:
    return len("".join(_around(event.current_buffer)[0][-event.arg :]))
