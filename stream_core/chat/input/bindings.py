"""The keys of the prompt, beyond those that the line editor has by itself."""

from __future__ import annotations

from typing import Any

from prompt_toolkit.application.current import get_app
from prompt_toolkit.filters import Condition, emacs_insert_mode, is_searching, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.keys import Keys

from stream_core.chat.signals.suspension import Suspension

from .graphemes import length_after, length_before

try:
    import termios
except ImportError:  # a system without POSIX terminals
    termios = None  # type: ignore[assignment]

_DELETE = b"\x7f"


def message_bindings(jobs: Suspension) -> KeyBindings:
    """The keys of a message."""
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

    @keys.add("c-x", "c-e", filter=~is_searching)
    @keys.add("c-g", filter=~is_searching)
    def edit(event: KeyPressEvent) -> None:
        # Back from the editor it is a draft: what is sent is seen before.
        event.current_buffer.open_in_editor(validate_and_handle=False)

    return keys


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
