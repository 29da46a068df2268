"""The line editor: one message, however many lines it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.output import create_output

LABEL = "Tú: "


class CommandCompleter(Completer):
    """Completes the first word of a line that is nothing but it."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._names = tuple(names)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Give the commands that begin with what is typed, with and without the leading `/`."""
        typed = document.text_before_cursor
        if not typed or " " in typed or "\n" in typed:
            return
        for name, summary in self._names:
            offered = name if typed.startswith("/") else name.removeprefix("/")
            if offered.startswith(typed.casefold()):
                yield Completion(offered, -len(typed), display_meta=summary)


def _bindings() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def newline(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("<vt100-mouse-event>")
    def ignore(event: KeyPressEvent) -> None:
        """Colours in text that is typed or pasted without brackets look like the mouse, which is not used."""

    return keys


def _continuation(width: int, line_number: int, wrap_count: int) -> StyleAndTextTuples:
    return [("", " " * width)]


class Prompt:
    """Asks for a message. `on_first_drawing` is called once the prompt is on screen for the first time."""

    def __init__(
        self,
        names: Iterable[tuple[str, str]],
        history: History,
        on_first_drawing: Callable[[], None],
        keyboard: Input | None = None,
    ) -> None:
        output = create_output()
        # Asking where the cursor is costs a second on a terminal that does not answer, and is not needed.
        output.enable_cpr = False  # type: ignore[attr-defined]
        self._session: PromptSession[str] = PromptSession(
            [("bold ansigreen", LABEL)],
            input=keyboard,
            output=output,
            history=history,
            multiline=True,
            key_bindings=_bindings(),
            prompt_continuation=_continuation,
            completer=CommandCompleter(names),
            complete_while_typing=Condition(lambda: get_app().current_buffer.text.startswith("/")),
            reserve_space_for_menu=4,
            enable_suspend=True,
        )
        self._on_first_drawing: Callable[[], None] | None = on_first_drawing
        self._ahead: list[KeyPress] = []
        self._session.app.after_render += self._drawn

    def ask(self) -> str:
        """Read a message.

        Raises:
            EOFError: Ctrl+D on an empty line, or the terminal is gone.
            KeyboardInterrupt: Ctrl+C.
        """
        # The line editor would take these before it has its history, in which an arrow finds nothing then.
        self._ahead = get_typeahead(self._session.input)
        try:
            return self._session.prompt()
        finally:
            store_typeahead(self._session.input, self._ahead)  # none, but when nothing was drawn

    def _drawn(self, app: object) -> None:
        if self._on_first_drawing is not None:
            begin, self._on_first_drawing = self._on_first_drawing, None
            begin()
        loop = self._session.app.loop
        if self._ahead and loop is not None:
            keys, self._ahead = self._ahead, []
            loop.call_soon(self._type, keys)

    def _type(self, keys: list[KeyPress]) -> None:
        processor = self._session.app.key_processor
        processor.feed_multiple(keys)
        processor.process_keys()
