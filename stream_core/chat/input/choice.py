"""A question that one key answers, in the line editor: the most visible thing on the screen.

It stands in reverse video, which no text of a reply has there. Keys that were meant for something else are no
answer: what is pasted, what is typed before the question has stood for a moment, and the letters of a word.
They wait for the prompt.
"""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import Callable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.utils import get_cwidth

from stream_core.chat.signals.suspension import Suspension
from stream_core.config.options.values import fold

from .bindings import answer_bindings

SETTLE_SECONDS = 0.3
"""For so long after the question came, or after a key that was no answer, keys are none either."""

_ALONE_SECONDS = 0.2
"""A key answers once nothing followed it for so long, or with Enter: a word's first letter is no answer."""

_MARK = "Permiso"


class Choice:
    """One question and the words that answer it, each by its key; Enter stands for the second one, the no.

    Attributes:
        early: keys that were no answer.

    Args:
        question: what is asked.
        words: the answers, each with the key that gives it.
        clock: seconds.
    """

    def __init__(
        self,
        question: str,
        words: Sequence[tuple[str, str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.early: list[KeyPress] = []
        self._question, self._words, self._clock = question, words, clock
        self._since: float | None = None  # when it was drawn, or when the newest early key came
        self._answered = ""
        self._held: list[KeyPress] = []  # a key that answers, while a word could follow

    def session(self, keyboard: Input, output: Output, jobs: Suspension) -> PromptSession[str]:
        """Make the line editor that asks it."""
        session: PromptSession[str] = PromptSession(
            lambda: self.drawn(output.get_size().columns),
            input=keyboard,
            output=output,
            key_bindings=self._bindings(jobs),
        )
        session.app.ttimeoutlen = session.app.timeoutlen = 0.1
        session.app.after_render += lambda app: self._begin()
        return session

    def take(self, key: str) -> str | None:
        """Return the word that a key answers with; None if it is none, or part of what is being typed."""
        now = self._clock()
        if self._since is not None and now - self._since >= SETTLE_SECONDS:
            if key in ("\r", "\n"):
                return self._words[1][1]
            for letter, word in self._words:
                if fold(key) == letter:
                    return word
        self._since = now
        return None

    def drawn(self, columns: int) -> StyleAndTextTuples:
        """The question as it stands on a screen of this width, with its keys or the answer below."""
        width = max(20, columns - 3)
        lines = _at_words(f"{_MARK}: {self._question}", width)
        most = max(map(get_cwidth, lines))
        block: StyleAndTextTuples = []
        for line in lines:
            block += [("reverse bold", f" {line}{' ' * (most - get_cwidth(line))} "), ("", "\n")]
        if self._answered:
            return [*block, ("", f"→ {self._answered} ")]
        for letter, word in self._words:
            block += [("reverse", f" {letter} "), ("", f" {word}  ")]
        return [*block[:-1], ("", block[-1][1].rstrip() + " ")]

    def _begin(self) -> None:
        if self._since is None:
            self._since = self._clock()

    def _bindings(self, jobs: Suspension) -> KeyBindings:
        keys = answer_bindings(jobs)

        def answer(event: KeyPressEvent, word: str) -> None:
            self._answered = word
            event.app.exit(result=word)

        async def answer_if_alone(event: KeyPressEvent, word: str, held: list[KeyPress]) -> None:
            await sleep(_ALONE_SECONDS)
            if self._held is held:
                answer(event, word)

        @keys.add(Keys.BracketedPaste)
        def keep(event: KeyPressEvent) -> None:
            self.early += [*self._held, *event.key_sequence]
            self._held, self._since = [], self._clock()

        @keys.add(Keys.Any)
        @keys.add("enter")
        @keys.add("c-j")
        def key(event: KeyPressEvent) -> None:
            enter = event.data in ("\r", "\n")
            word = self.take(self._held[0].data if self._held and enter else event.data)
            if word is None or (self._held and not enter):
                keep(event)
            elif enter:
                answer(event, word)
            else:
                self._held = [*event.key_sequence]
                event.app.create_background_task(answer_if_alone(event, word, self._held))

        return keys


def _at_words(text: str, width: int) -> list[str]:
    """Wrap a text between words; a word that is longer than a row is cut, so that none of it is lost."""
    lines = [""]
    for word in text.split(" "):
        while get_cwidth(word) > width:
            if lines[-1]:
                lines.append("")
            lines[-1], word = word[: width // 2], word[width // 2 :]
            lines.append("")
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if get_cwidth(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line] or [""]
