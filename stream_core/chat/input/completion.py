"""Completion of commands and of what they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from stream_core.config.options.values import fold


class CommandCompleter(Completer):
    """Completes the name of a command, and then its arguments.

    `next_words` yields completions of the last word of a line.
    """

    def __init__(
        self,
        names: Iterable[tuple[str, str]],
        next_words: Callable[[str], Iterable[tuple[str, str]]] = lambda line: (),
    ) -> None:
        self._names = tuple(names)
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
