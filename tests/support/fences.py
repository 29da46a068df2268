"""The fences of the documents: each program with the output shown beneath it, run and compared.

In a document a fence of `python` or `bash` is followed by a fence of `text`: what it prints. `…` there stands
for anything, and a number for any number, since times and counts differ from run to run.
`python -m support.fences FILE...` fills in outputs that say `@@`, at the server's own pace.
"""

from __future__ import annotations

import codeop
import io
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

from anthropic import AsyncAnthropic

from stream_core.streaming import event_loop

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_BENEATH = re.compile(r"\n```text\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
_UNFILLED = "@@\n"
_SHOWN = 8  # lines of an output that is filled in; of a longer one the ends


class FenceError(AssertionError):
    """A fence that does not run as it stands, or that prints something else."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence of a document.

    Attributes:
        line: the line of its first statement.
        language: what it is written in.
        code: its text.
        output: what is shown beneath it; None where nothing is.
    """

    line: int
    language: str
    code: str
    output: str | None


def fences(text: str, language: str = "") -> list[Fence]:
    """Return the fences of a document, or those in one language, in their order."""
    found = []
    for match in _FENCE.finditer(text):
        beneath = _BENEATH.match(text, match.end())
        line = text.count("\n", 0, match.start(2)) + 1
        found.append(Fence(line, match[1], match[2], beneath[1] if beneath else None))
    return [fence for fence in found if language in ("", fence.language)]


def typed(code: str, line: int = 1) -> Iterator[CodeType]:
    """The statements as the prompt of `python` makes them of pasted lines: each as soon as it is complete.

    A block is complete at a blank line and not before: none may stand inside it, and one has to end it.

    Raises:
        FenceError: the lines cannot be pasted.
    """
    pending: list[str] = []
    for number, text in enumerate([*code.splitlines(), ""], line):
        pending.append(text)
        first = number - len(pending) + 1
        try:
            statement = codeop.compile_command("\n".join(pending), f"the fence from line {first}", "single")
        except SyntaxError as error:
            raise FenceError(f"line {number} cannot be pasted into a prompt: {error.msg}: {text!r}") from None
        if statement is not None:
            yield statement
            pending.clear()
    if pending:
        raise FenceError(f"the fence of line {line} does not end: {pending}")


def run(fence: Fence, **names: Any) -> str:
    """Run a Python fence in a namespace of its own; return what it printed."""
    space: dict[str, Any] = {"__name__": "__main__", **names}
    printed = io.StringIO()
    try:
        with (
            redirect_stdout(printed),
            mock.patch.object(sys, "displayhook", _refuse),
            mock.patch("rich._console", None),  # the one that rich shares knows the window of an earlier user
        ):
            for statement in typed(fence.code, fence.line):
                exec(statement, space)
    finally:
        client = space.get("client")
        if isinstance(client, AsyncAnthropic) and not client.is_closed():
            event_loop.submit(client.close()).result(timeout=10)
    return printed.getvalue()


def _refuse(value: object) -> None:
    """Have the prompt show no value that nobody asked for."""
    if value is not None:
        raise FenceError(f"a statement whose value the prompt would show: {value!r:.200}")


def same(expected: str, printed: str) -> bool:
    """Whether an output is the one that a document shows."""
    wanted = re.escape(_plain(expected).strip())
    wanted = wanted.replace(re.escape("\n…\n"), r"\n(?:.*?\n)?").replace("…", ".*?")
    return re.fullmatch(wanted, _plain(printed).strip(), re.DOTALL) is not None


def _plain(text: str) -> str:
    """A text without what differs from run to run: numbers, and blanks that make room for them."""
    numbered = _NUMBER.sub("#", text)
    return re.sub(r" *\n", "\n", re.sub(r" +|─+|━+", lambda run: run.group()[0], numbered))


def filled(text: str) -> str:
    """A document with the outputs of its Python fences where it says `@@`."""
    for fence in fences(text, "python"):
        if fence.output == _UNFILLED:
            lines = run(fence, input=scripted()).strip("\n").splitlines()
            if len(lines) > _SHOWN:
                lines = [*lines[: _SHOWN - 3], "…", *lines[-2:]]
            shown = "\n".join(line.rstrip() for line in lines)
            beneath = f"{fence.code}```\n\n```text\n"
            text = text.replace(beneath + _UNFILLED, f"{beneath}{shown}\n", 1)
    return text


def scripted(*lines: str) -> Any:
    """An `input` that gets these lines, and then the end of the file; it echoes as a terminal does."""
    answers = iter(lines or ("Hola, me llamo Ada",))

    def typed_answer(prompt: str = "") -> str:
        print(prompt, end="")  # noqa: T201 -- into the output of the fence
        try:
            answer = next(answers)
        except StopIteration:
            raise EOFError from None
        print(answer)  # noqa: T201
        return answer

    return typed_answer


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(filled(file.read_text("utf-8")), "utf-8")
