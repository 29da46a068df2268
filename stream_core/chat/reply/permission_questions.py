"""Yes-or-no questions to the user. No answer counts as no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.options.values import fold, yes_or_no

if TYPE_CHECKING:
    from stream_core.core.deltas import ToolAsked
    from stream_core.terminal.reply.protocol import View

_YES, _NO, _ALWAYS = "sí", "no", "siempre"


def _no_answer(question: str) -> str:
    raise EOFError


def _nothing() -> None:
    pass


class Decisions:
    """Asks, and remembers which tools may run without a question.

    Attributes:
        read_answer: asks a question and reads a line.
        read_decision: the same, without taking type-ahead as the answer.
        is_marked: whether a tool runs with a permission only.
        read_permission: asks for a permission and reads one of these words, or what else was typed.
    """

    def __init__(self, interrupts: Interrupts, suspension: Suspension) -> None:
        self.read_answer: Callable[[str], str] = _no_answer
        self.read_decision: Callable[[str], str] = _no_answer
        self.read_permission: Callable[[str, Sequence[str]], str] = lambda question, words: _no_answer(
            question
        )
        self.is_marked: Callable[[str], bool] = lambda name: False
        self._interrupts, self._suspension = interrupts, suspension
        self._always: set[str] = set()  # tools that may run without a question

    def confirm(self, question: str, *, unasked: bool = False) -> bool:
        """Ask for confirmation; Ctrl+C and Ctrl+D count as no.

        Args:
            question: the question in Spanish.
            unasked: whether the question is unexpected, so that type-ahead is not its answer.
        """
        read = self.read_decision if unasked else self.read_answer
        try:
            return self._answer(read, question) == _YES
        except (EOFError, KeyboardInterrupt):
            return False

    def may_run(
        self,
        asked: ToolAsked,
        view: View,
        cancel: Callable[[], None],
        who: str = "Claude",
    ) -> bool:
        """Ask during a reply whether a tool may run; Ctrl+C cancels the whole reply.

        Args:
            asked: the call.
            view: shows the reply.
            cancel: cancels the reply.
            who: who wants to run it; of several that answer, one.
        """
        from stream_core.tools.files import describe

        if asked.name in self._always:
            return True
        from stream_core.core.tool_call import ToolCall

        what = describe(ToolCall(asked.tool_id, asked.name, asked.input))
        answer = self._meanwhile(f"{who} quiere {what}. ¿Lo permites?", view, cancel, self._permission)
        if answer == _ALWAYS:
            self._always.add(asked.name)
        return answer in (_YES, _ALWAYS)

    def may_go_on(self, question: str, view: View, cancel: Callable[[], None]) -> bool:
        """Ask during a reply whether it may go on; Ctrl+C cancels it."""
        return self._meanwhile(question, view, cancel, self._decision) == _YES

    def asks(self, name: str) -> bool:
        """Whether the person is asked before a tool runs."""
        return name not in self._always and self.is_marked(name)

    def _meanwhile(
        self,
        question: str,
        view: View,
        cancel: Callable[[], None],
        ask: Callable[[str], str],
    ) -> str:
        """Ask while a reply is shown; Ctrl+C cancels it, and is a no. Returns what `ask` does."""
        self._suspension.need_terminal()
        try:
            with self._interrupts.raising():
                with self._suspension.holding():
                    view.suspend(patiently=True)  # a question within a frame would be no question
                # After a stop the view comes back as well, and leaves again: the terminal is the question's.
                with self._suspension.taking_part(_nothing, view.suspend):
                    return ask(question)
        except (EOFError, KeyboardInterrupt):
            cancel()
            return _NO
        finally:
            view.resume()

    def _decision(self, question: str) -> str:
        return self._answer(self.read_decision, question)

    def _permission(self, question: str) -> str:
        """Ask until the answer is one; nothing is a no. Raises as `read_permission`."""
        words = (_YES, _NO, _ALWAYS)
        while True:
            typed = fold(self.read_permission(question, words).strip())
            if typed == _ALWAYS:
                return typed
            if not typed or (decided := yes_or_no(typed)) is not None:
                return _YES if typed and decided else _NO
            question = "No es una de las respuestas."

    def _answer(self, read: Callable[[str], str], question: str, *others: str) -> str:
        """Ask until the answer is one; nothing is a no. Raises as `read`."""
        words = [_YES, _NO, *others]
        asking = f"{question} ({'/'.join(words)}) "
        while True:
            typed = fold(read(asking).strip())
            if typed in others:
                return typed
            if not typed or (decided := yes_or_no(typed)) is not None:
                return _YES if typed and decided else _NO
            asking = f"Responde {', '.join(words[:-1])} o {words[-1]}: "
