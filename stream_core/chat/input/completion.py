"""Completion of commands and of what they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from stream_core.config.options.values import fold

_MENTION = re.compile(r"""(?:^|(?<=[\s(«¿¡,;:]))@("[^"\n]*|[^\s"'`<>|]*)$""")


def mentioned_word(typed: str) -> str | None:
    """Return the path that is being typed after an `@` at the end of a text, or None if there is none."""
    found = _MENTION.search(typed[-4096:])
    return found[1] if found is not None else None


class CommandCompleter(Completer):
    """Completes the name of a command, and then its arguments.

    Args:
        names: returns the first words, each with its summary; called when something is first completed, as
            the prompt does not wait for the commands.
        next_words: yields completions of the last word of a line.
        hidden: returns first words that are offered only once a part of them is typed after the `/`.
        paths: yields completions of a path that follows an `@`.
    """

    def __init__(
        self,
        names: Callable[[], Iterable[tuple[str, str]]],
        next_words: Callable[[str], Iterable[tuple[str, str]]] = lambda line: (),
        hidden: Callable[[], Iterable[tuple[str, str]]] = tuple,
        paths: Callable[[str], Iterable[tuple[str, str]]] = lambda word: (),
    ) -> None:
        self._load_names, self._load_hidden = names, hidden
        self._next_words, self._paths = next_words, paths

    @cached_property
    def _names(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._load_names())

    @cached_property
    def _hidden(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._load_hidden())

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield the commands that start with the typed text, with or without `/`, or the words of one."""
        typed = document.text_before_cursor
        if (word := mentioned_word(typed)) is not None:
            yield from self._mentioned(word)
            return
        if not typed.strip() or "\n" in typed:
            return
        if " " in typed:
            word = typed.rpartition(" ")[2]
            for offered, summary in self._next_words(typed):
                if fold(offered).startswith(fold(word)):
                    yield Completion(offered, -len(word), display_meta=summary)
            return
        offered_for = set()  # the whole list holds each once; of other words, one is enough
        for name, summary in self._names:
            offered = name if typed.startswith("/") else name.removeprefix("/")
            if offered.startswith(typed.casefold()) and (typed != "/" or summary not in offered_for):
                offered_for.add(summary)
                yield Completion(offered, -len(typed), display_meta=summary)
        for name, summary in self._hidden if len(typed) > 1 else ():
            if fold(name).startswith(fold(typed)) and summary not in offered_for:
                offered_for.add(summary)
                yield Completion(name, -len(typed), display_meta=summary)

    def _mentioned(self, word: str) -> Iterable[Completion]:
        """The paths that begin as the one after an `@`."""
        for path, summary in self._paths(word):
            yield Completion(path, -len(word), display=path.strip('"'), display_meta=summary)
