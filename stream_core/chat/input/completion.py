"""Completion of commands and of what they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from stream_core.config.options.values import fold


class CommandCompleter(Completer):
    """Completes the name of a command, and then its arguments.

    Args:
        names: the first words, each with its summary.
        next_words: yields completions of the last word of a line.
        hidden: first words that are offered only once a part of them is typed after the `/`.
    """

    def __init__(
        self,
        names: Iterable[tuple[str, str]],
        next_words: Callable[[str], Iterable[tuple[str, str]]] = lambda line: (),
        hidden: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._names, self._hidden = tuple(names), tuple(hidden)
        self.most = len(self._names)  # that can be offered at once
        self._next_words = next_words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield the commands that start with the typed text, with or without `/`, or the words of one."""
        typed = document.text_before_cursor
        if not typed.strip() or "\n" in typed:
            return
        if " " in typed:
            word = typed.rpartition(" ")[2]
            for offered, summary in self._next_words(typed):
                if fold(offered).startswith(fold(word)):
                    yield Completion(offered, -len(word), display_meta=summary)
            return
        for name, summary in self._names:
            offered = name if typed.startswith("/") else name.removeprefix("/")
            if offered.startswith(typed.casefold()):
                yield Completion(offered, -len(typed), display_meta=summary)
        offered_for = set()  # one word for each command is enough
        for name, summary in self._hidden if len(typed) > 1 else ():
            if fold(name).startswith(fold(typed)) and summary not in offered_for:
                offered_for.add(summary)
                yield Completion(name, -len(typed), display_meta=summary)
