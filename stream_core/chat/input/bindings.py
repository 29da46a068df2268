"""The keys of the prompt, beyond those that the line editor has by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import get_app
from prompt_toolkit.data_structures import Point
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, emacs_insert_mode, is_searching, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.keys import Keys
from prompt_toolkit.renderer import Renderer

from stream_core.chat.signals.suspension import Suspension

from .grapheme_keys import add_grapheme_keys
from .graphemes import length_after, length_before, move_in_line

try:
    import termios
except ImportError:  # a system without POSIX terminals
    termios = None  # type: ignore[assignment]

_DELETE = b"\x7f"


def message_bindings(jobs: Suspension, lead: int, edited: Callable[[str], str | None]) -> KeyBindings:
    """The keys of a message.

    Args:
        jobs: stops and continues the program.
        lead: how many columns stand before each row of the message.
        edited: returns a draft as an editor leaves it, or None; called on a thread, the terminal being free.
    """
    keys = _job_bindings(jobs)

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        buffer, document = event.current_buffer, event.current_buffer.document
        at_end = not document.current_line_after_cursor
        if at_end and ends_in_continuation(document.current_line_before_cursor):
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def newline(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    add_grapheme_keys(keys)
    _add_moves(keys, lead)

    @keys.add("c-x", "c-e", filter=~is_searching)
    @keys.add("c-g", filter=~is_searching)
    def edit(event: KeyPressEvent) -> None:
        buffer = event.current_buffer

        async def replace() -> None:
            text = await run_in_terminal(lambda: edited(buffer.text), in_executor=True)
            if text is not None:  # it is a draft still: what is sent is seen before
                buffer.document = Document(text, len(text))

        event.app.create_background_task(replace())

    return keys


def _add_moves(keys: KeyBindings, lead: int) -> None:
    """The arrows up and down: within a wrapped line first."""

    @keys.add("up", filter=emacs_insert_mode | vi_insert_mode)
    def up(event: KeyPressEvent) -> None:
        if not _moved_in_line(event, -1, lead):
            event.current_buffer.auto_up(count=event.arg)

    @keys.add("down", filter=emacs_insert_mode | vi_insert_mode)
    def down(event: KeyPressEvent) -> None:
        if not _moved_in_line(event, 1, lead):
            event.current_buffer.auto_down(count=event.arg)


def _moved_in_line(event: KeyPressEvent, rows: int, lead: int) -> bool:
    """Move the cursor within a line that is wrapped; False if it leaves the line."""
    buffer, document = event.current_buffer, event.current_buffer.document
    width = event.app.output.get_size().columns - lead
    if buffer.complete_state is not None or event.arg > 1 or width < 2:
        return False
    column = document.cursor_position_col
    target = move_in_line(document.current_line, column, rows, width)
    if target is not None:
        buffer.cursor_position += target - column
    return target is not None


def answer_bindings(jobs: Suspension) -> KeyBindings:
    """The keys of the answer to a question: Esc gives it up."""
    keys = _job_bindings(jobs)

    @keys.add("escape")
    @keys.add("escape", "escape")
    def give_up(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt(), style="class:aborting")

    @keys.add("escape", Keys.Any)
    def ignore(event: KeyPressEvent) -> None:
        """Alt with a key, and the beginning of one that the line editor does not know."""

    return keys


def _job_bindings(jobs: Suspension) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-z", filter=Condition(lambda: jobs.possible))
    def stop(event: KeyPressEvent) -> None:
        jobs.stop()

    @keys.add("c-l")
    def clear(event: KeyPressEvent) -> None:
        _erase_rows(event.app.renderer)
        event.app.renderer.clear()

    @keys.add("c-h", filter=emacs_insert_mode | vi_insert_mode)
    def erase(event: KeyPressEvent) -> None:
        # Many terminals send ^H for Ctrl+Backspace and DEL for Backspace; stty says which of them erases.
        if event.data == "\x08" and _erase_character(event) == _DELETE:
            get_by_name("backward-kill-word").call(event)
        else:
            for _ in range(event.arg):
                buffer = event.current_buffer
                buffer.delete_before_cursor(length_before(buffer.document.text_before_cursor))

    @keys.add("delete", filter=emacs_insert_mode | vi_insert_mode)
    @keys.add("c-d", filter=emacs_insert_mode & Condition(lambda: bool(get_app().current_buffer.text)))
    def delete(event: KeyPressEvent) -> None:
        for _ in range(event.arg):
            buffer = event.current_buffer
            buffer.delete(length_after(buffer.document.text_after_cursor))

    return keys


def _erase_rows(renderer: Renderer) -> None:
    """Erase what the line editor shows row by row, and go to its beginning.

    tmux keeps in its scrollback what is erased from the first row of the window to its last
    (`screen_write_clearendofscreen`): the draft would stand there once more.
    """
    output, screen, at = renderer.output, renderer.last_rendered_screen, renderer._cursor_pos
    rows = max(1, screen.height if screen is not None else 1)
    output.cursor_backward(at.x)
    output.cursor_up(at.y)
    for row in range(rows):
        if row:
            output.cursor_down(1)
        output.erase_end_of_line()
    output.cursor_up(rows - 1)
    renderer._cursor_pos = Point(0, 0)


def _erase_character(event: KeyPressEvent) -> Any:
    if termios is None:
        return None
    try:
        return termios.tcgetattr(event.app.input.fileno())[6][termios.VERASE]
    except (OSError, termios.error):
        return None  # the terminal is gone


def ends_in_continuation(line: str) -> bool:
    """Whether a line ends in a backslash that stands for itself: two of them are one that is meant."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1
