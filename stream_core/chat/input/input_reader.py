"""What asks the person, as the look of the moment wants it: the line editor, or the plain prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead

from stream_core.chat.signals.suspension import Suspension
from stream_core.config.settings import Settings
from stream_core.terminal.keyboard import QuietKeyboard
from stream_core.terminal.screen import Screen

from .history import open_history
from .keys import KeyWatch, open_keyboard, typed_ahead
from .plain_prompt import PlainPrompt
from .prompt import CommandCompleter, Prompt


class InputReader:
    """Asks for messages and answers, and watches the keyboard while a reply streams.

    Args:
        settings: where the history is kept, if it is.
        screen: whose look decides.
        keyboard: the terminal, kept quiet between the questions.
        jobs: stops the program and lets it go on.
        begin: called once, when the person has been asked for the first time.
        commands: what completes the first word: each command with its summary.
        next_words: given a line, gives what may stand in place of its last word.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        keyboard: QuietKeyboard,
        jobs: Suspension,
        begin: Callable[[], None],
        commands: Sequence[tuple[str, str]],
        next_words: Callable[[str], Iterable[tuple[str, str]]],
    ) -> None:
        self._screen, self._jobs, self._begin = screen, jobs, begin
        self._commands, self._next_words = commands, next_words
        self._history = open_history(settings.paths.data_dir if settings.invocation.save else None)
        self._keyboard = open_keyboard()
        self._plain = PlainPrompt(keyboard, jobs, self._history, begin, lambda: typed_ahead(self._keyboard))

    @cached_property  # not made before it is wanted: it takes the terminal for one that understands escapes
    def _editor(self) -> Prompt:
        completer = CommandCompleter(self._commands, self._next_words)
        return Prompt(
            completer,
            self._history,
            self._begin,
            lambda: self._screen.look.colours.you,
            self._jobs,
            self._keyboard,
        )

    def message(self) -> str:
        """Read a message.

        Raises:
            EOFError: Ctrl+D on an empty line, or the terminal is gone.
            KeyboardInterrupt: Ctrl+C.
        """
        return self._plain.ask() if self._screen.look.plain else self._editor.ask()

    def answer(self, question: str) -> str:
        """Read the answer to a question of the program. Raises as `message`; nothing of it is remembered."""
        if self._screen.look.plain:
            return self._plain.answer(question)
        return self._editor.answer(question)

    def decision(self, question: str) -> str:
        """The same, for a question that comes of itself: what was typed before it waits for the prompt."""
        if self._screen.look.plain:
            return self._plain.decide(question)
        typed = get_typeahead(self._keyboard)
        try:
            return self._editor.answer(question)
        finally:
            store_typeahead(self._keyboard, typed)

    def interject(self, show: Callable[[], None]) -> None:
        """Have something shown above the prompt, from any thread. The plain prompt cannot: it comes later."""
        if not self._screen.look.plain:
            self._editor.interject(show)

    @contextmanager
    def watch(self, cancel: Callable[[], None], hurry: Callable[[], None]) -> Iterator[None]:
        """Watch for the keys that mean something while a reply streams; the others wait for the prompt."""
        # The plain prompt reads lines, not keys: what is typed ahead is left to the terminal.
        if self._screen.look.plain:
            with self._jobs.taking_part(self._plain.keep, lambda: None):
                yield
            return
        with (
            KeyWatch(self._keyboard, cancel, hurry) as keys,
            self._jobs.taking_part(keys.catch_up, lambda: None),
        ):
            yield
