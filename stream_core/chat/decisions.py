"""What the person is asked and decides with a yes or a no. What is not a yes is a no."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stream_core.deltas import ToolAsked
from stream_core.toolcall import ToolCall
from stream_core.values import fold, yes_or_no

from .interrupts import Interrupts

if TYPE_CHECKING:
    from stream_core.terminal.protocol import ReplyView


def _no_answer(question: str) -> str:
    raise EOFError


class Decisions:
    """Asks, and remembers which tools may run without a question.

    Attributes:
        read_answer: asks the person something and reads a line.
        read_decision: the same; what was typed before the question is no answer to it.
    """

    def __init__(self, interrupts: Interrupts) -> None:
        self.read_answer: Callable[[str], str] = _no_answer
        self.read_decision: Callable[[str], str] = _no_answer
        self._interrupts = interrupts
        self._always: set[str] = set()  # tools that may run without a question

    def confirm(self, question: str, *, unasked: bool = False) -> bool:
        """Ask whether to do something; Ctrl+C and Ctrl+D are a no.

        Args:
            unasked: whether the question comes of itself: what was typed before it is no answer.
        """
        read = self.read_decision if unasked else self.read_answer
        try:
            return yes_or_no(read(f"{question} (sí/no) ").strip()) is True
        except (EOFError, KeyboardInterrupt):
            return False

    def may_run(self, asked: ToolAsked, view: ReplyView, cancel: Callable[[], None]) -> bool:
        """Ask whether a tool may run, while a reply is shown; Ctrl+C cancels the whole reply."""
        from stream_core.tools.files import describe

        if asked.name in self._always:
            return True
        what = describe(ToolCall(asked.tool_id, asked.name, asked.input))
        view.leave()
        try:
            with self._interrupts.raising():
                answer = fold(
                    self.read_decision(f"Claude quiere {what}. ¿Lo permites? (sí/no/siempre) ").strip()
                )
        except (EOFError, KeyboardInterrupt):
            cancel()
            return False
        finally:
            view.come_back()
        if answer == "siempre":
            self._always.add(asked.name)
        return answer == "siempre" or yes_or_no(answer) is True
