"""Reading input with the line editor or the plain prompt, as the look requires."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from stream_core.chat.signals.suspension import Suspension
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.numbers import number
from stream_core.terminal.device.background import background_in, is_answered
from stream_core.terminal.device.keyboard import QuietKeyboard
from stream_core.terminal.device.rewrapping import rewraps
from stream_core.terminal.screen import Screen

from .choice import Choice
from .comparison_keys import ComparisonKeys
from .completion import CommandCompleter
from .draft import Draft
from .external_editor import ExternalEditor
from .history import open_history
from .keys_while_streaming import KeyWatch, open_keyboard, type_ahead, typed_ahead
from .plain_prompt import PlainPrompt
from .prompt import Prompt

if TYPE_CHECKING:
    from stream_core.practice.stepper import Stepper
    from stream_core.terminal.reply.protocol import ReplyView, View
    from stream_core.terminal.reply.several_replies import SeveralReplies

_MARK = "Pregunta:"
_KEYS = {"sí": "s", "no": "n", "siempre": "t"}  # t as in «todas», for two begin with s
_WORDS = (
    "abeto", "acacia", "álamo", "almendro", "arce", "avellano", "castaño", "cedro", "cerezo", "ciprés",
    "ciruelo", "encina", "enebro", "espino", "fresno", "granado", "haya", "higuera", "laurel", "limonero",
    "manzano", "mimosa", "morera", "naranjo", "nogal", "olivo", "olmo", "palmera", "peral", "pino",
    "roble", "sauce", "tejo", "tilo",
)  # fmt: skip
"""One of them marks a question in plain mode."""


def _without_rest_of(word: str, keys: list[KeyPress]) -> list[KeyPress]:
    """Drop the rest of an answer that was sent as a whole word, as a habit or a script does."""
    sent = fold("".join(key.data for key in keys)).rstrip("\r\n")
    return [] if sent in ("", fold(word)[1:]) and word else keys


class InputReader:
    """Asks for messages and answers, and watches the keyboard while a reply streams.

    Args:
        settings: say whether and where the history is saved.
        screen: its look decides between the two.
        keyboard: the terminal, quiet between questions.
        jobs: stops and continues the program.
        begin: called once, when the first prompt is on screen.
        commands: returns completions of the first word, each with its summary; called when one is completed.
        aliases: returns others, offered only once a part of them is typed.
        next_words: yields completions of the last word of a line.
        typed: what came before the terminal was quiet, and since.
        paths: yields completions of a path that follows an `@`.

    Attributes:
        stepper: lets the events of a recording through at the space bar, and the rest at Enter; or None.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        keyboard: QuietKeyboard,
        jobs: Suspension,
        begin: Callable[[], None],
        commands: Callable[[], Iterable[tuple[str, str]]],
        aliases: Callable[[], Iterable[tuple[str, str]]],
        next_words: Callable[[str], Iterable[tuple[str, str]]],
        *,
        typed: tuple[bytes, bytes] = (b"", b""),
        paths: Callable[[str], Iterable[tuple[str, str]]] = lambda word: (),
    ) -> None:
        self._screen, self._jobs, self._begin = screen, jobs, begin
        self._commands, self._aliases, self._next_words = commands, aliases, next_words
        self._paths = paths
        self.stepper: Stepper | None = None
        self._rewraps = rewraps(settings.invocation.terminal)
        self._edited = ExternalEditor(settings.invocation.terminal, screen.warning)
        self._word = ""  # of the last question in plain mode
        self._held = False  # a reply was cancelled, and what waits behind it is not to be sent by itself
        self._history = open_history(settings.paths.data_dir if settings.invocation.save else None)
        self._quiet = keyboard
        self._keyboard = open_keyboard(self._take_report)
        type_ahead(self._keyboard, *typed)
        self._plain = PlainPrompt(keyboard, jobs, self._history, begin, lambda: typed_ahead(self._keyboard))

    @cached_property  # created on demand: it assumes a terminal that understands escapes
    def _editor(self) -> Prompt:
        completer = CommandCompleter(self._commands, self._next_words, self._aliases, self._paths)
        return Prompt(
            completer,
            self._history,
            self._begin,
            lambda: self._screen.shown.colours,
            self._jobs,
            self._keyboard,
            lambda: self._screen.look.keys == "vi",
            rewraps=self._rewraps,
            edited=self._edited,
        )

    def _take_report(self, report: str) -> None:
        """Heed what the terminal says by itself. Called on whichever thread reads."""
        if is_answered(report.encode()):
            self._quiet.answered()
        elif (background := background_in(report)) is not None:
            self._screen.background_is(background)
        else:
            self._screen.attention.take(report)

    def hold(self) -> None:
        """Let the next `message` begin with what waits, where that is several messages, not send them.

        For a reply that the person has cancelled: a paste of several lines, on a terminal that does not mark
        pastes, looks like as many messages.
        """
        self._held = True

    def _return_queue(self) -> None:
        self._held = False
        keys, draft = get_typeahead(self._keyboard), Draft()
        draft.feed(keys)
        if len(draft.queued) < 2:
            store_typeahead(self._keyboard, keys)
            return
        store_typeahead(self._keyboard, [KeyPress(Keys.BracketedPaste, draft.text)])
        self._screen.note(
            f"Los {number(len(draft.queued))} mensajes que esperaban no se enviaron: Enter los manda juntos; "
            "Ctrl+C los quita."
        )

    def message(self) -> str:
        """Read a message.

        Raises:
            EOFError: Ctrl+D on an empty line, or the terminal is gone.
            KeyboardInterrupt: Ctrl+C.
        """
        if self._screen.look.plain:
            return self._plain.ask()
        if self._held:
            self._return_queue()
        return self._editor.ask()

    def text(self, draft: str) -> str:
        """Read a text as a message is read, beginning with a draft. Raises the same as `message`."""
        return self._plain.ask() if self._screen.look.plain else self._editor.ask(draft)

    def answer(self, question: str) -> str:
        """Read the answer to a question of the program, without history. Raises the same as `message`."""
        if self._screen.look.plain:
            return self._plain.answer(question)
        return self._editor.answer(question)

    def decision(self, question: str) -> str:
        """Read the answer to a question the user did not prompt for; type-ahead is kept for the next prompt.

        The question bears a mark that a reply cannot imitate: reverse video, and in plain mode, where there
        are no colours, a word that changes each time.
        """
        if self._screen.look.plain:
            import secrets  # the chat of most people asks without words

            self._word = secrets.choice([word for word in _WORDS if word != self._word])
            return self._plain.decide(f"[Pregunta {self._word}] {question}")
        typed = get_typeahead(self._keyboard)
        self._screen.attention.call("Claude espera tu respuesta.")
        try:
            return self._editor.answer(question, _MARK)
        finally:
            store_typeahead(self._keyboard, typed)

    def permission(self, question: str, words: Sequence[str]) -> str:
        """Read the answer to a request for permission: one key, in plain mode a word. Raises as `message`.

        Args:
            question: what is asked.
            words: those of `_KEYS` that answer it; the second is the no.
        """
        if self._screen.look.plain:
            return self.decision(f"{question} ({'/'.join(words)}) ")
        choice = Choice(question, [(_KEYS[word], word) for word in words])
        typed = get_typeahead(self._keyboard)
        self._screen.attention.call("Claude espera tu respuesta.")
        answered = ""
        try:
            answered = self._editor.choose(choice)
            return answered
        finally:
            rest = [*choice.early, *get_typeahead(self._keyboard)]
            store_typeahead(self._keyboard, [*typed, *_without_rest_of(answered, rest)])

    def interject(self, show: Callable[[], None]) -> None:
        """Show something above the prompt, from any thread; with the plain prompt it is shown later."""
        if not self._screen.look.plain:
            self._editor.interject(show)

    @contextmanager
    def watch(self, cancel: Callable[[], None], view: ReplyView) -> Iterator[None]:
        """Watch the keys while a reply streams; others are kept for the prompt, and shown."""
        # The plain prompt reads lines, not keys: type-ahead stays in the terminal.
        if self._screen.look.plain:
            with self._jobs.taking_part(self._plain.keep, lambda: None):
                yield
            return

        def escape() -> None:
            self.hold()
            cancel()

        actions = _actions_of(view)
        if self.stepper is not None and not self.stepper.open:
            actions |= {" ": self.stepper.step, Keys.ControlM: self.stepper.release}
        with (
            KeyWatch(self._keyboard, escape, view.skip_typing_delay, actions, view.show_draft) as keys,
            self._jobs.taking_part(keys.catch_up, lambda: None),
        ):
            yield

    @contextmanager
    def watch_waiting(self) -> Iterator[None]:
        """Watch the keys while the program gets ready: Esc is Ctrl+C, others are kept for the prompt."""
        if self._screen.look.plain or self.stepper is not None:  # whose keys are for the events to come
            yield
            return
        escape = _OneInterrupt()
        with (
            KeyWatch(self._keyboard, escape) as keys,
            self._jobs.taking_part(keys.catch_up, lambda: None),
        ):
            yield

    @contextmanager
    def watch_several(
        self, cancel: Callable[[int | None], None], count: int, view: SeveralReplies
    ) -> Iterator[None]:
        """Watch the keys while several replies stream: a number stops one of them, from 1."""
        if self._screen.look.plain:
            with self._jobs.taking_part(self._plain.keep, lambda: None):
                yield
            return
        stops = ComparisonKeys(count, cancel, view.arm, lambda: view.drafting, _actions_of(view))
        with (
            KeyWatch(self._keyboard, stops.escape, view.skip_typing_delay, stops, view.show_draft) as keys,
            self._jobs.taking_part(keys.catch_up, lambda: None),
        ):
            yield


class _OneInterrupt:
    """Raises `KeyboardInterrupt` in the main thread, the first time it is called."""

    def __init__(self) -> None:
        self._done = False

    def __call__(self) -> None:
        main = threading.main_thread().ident
        if not self._done and main is not None:
            self._done = True
            signal.pthread_kill(main, signal.SIGINT)  # it waits in a lock: only a signal of its own wakes it


def _actions_of(view: View) -> dict[Keys | str, Callable[[], None]]:
    return {
        Keys.ControlS: view.pause,
        Keys.ControlQ: view.unpause,
        Keys.ControlL: view.clear_screen,
    }
