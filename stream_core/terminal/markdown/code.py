"""Lines of code with their colours. Each line is read once; what it leaves open holds for the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pygments.lexer import Lexer, LexerContext, RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Error, Text, _TokenType
from pygments.util import ClassNotFound
from rich.style import Style

from .first_characters import RulesByCharacter
from .syntax_colours import theme as syntax_theme
from .wrapping import Span

# Characters of a line that is coloured: for many lexers a line twice as long takes four times as long.
_LONGEST = 400

_DEEPEST = 100  # states that lines leave open; each line costs the time of all of them


class Colours:
    """Colours the lines of one fence, in their order."""

    def __init__(self, language: str, theme: str, plain: Style) -> None:
        """`theme` is one of `syntax_colours`, or "" for no colours; `plain` is for an unknown language."""
        self._lexer = _lexer(language) if theme else None
        self._theme = theme
        self._plain = plain
        self._stack: tuple[str, ...] | None = ("root",) if isinstance(self._lexer, RegexLexer) else None

    def line(self, line: str) -> list[Span]:
        """The coloured pieces of the next line."""
        if self._lexer is None or len(line) > _LONGEST:
            return [(line, self._plain)]
        tokens = self._tokens(self._lexer, line)
        if "".join([text for _, text in tokens]) != line:
            return [(line, self._plain)]  # a lexer that loses or adds something
        return [(text, _style(self._theme, token)) for token, text in tokens if text]

    def fork(self) -> Colours:
        """Colours that go on from here by themselves."""
        ahead = Colours.__new__(Colours)
        ahead.__dict__.update(self.__dict__)
        return ahead

    def _tokens(self, lexer: Lexer, line: str) -> list[tuple[Any, str]]:
        if self._stack is not None:
            # A lexer of this kind works on any text from any state, and leaves the state it ends in.
            try:
                found, stack = _remembered(lexer, line, self._stack)
                self._stack = stack if len(stack) <= _DEEPEST else None
                return found
            except Exception:  # noqa: BLE001 -- one that needs more than that: each line by itself
                self._stack = None
        return _without_newline(
            [(token, text) for _, token, text in lexer.get_tokens_unprocessed(f"{line}\n")]
        )


def lexed(lexer: Any, text: str, stack: Sequence[str]) -> tuple[list[tuple[Any, str]], list[str]]:
    """The tokens of a text from a stack of states on, and the stack it leaves.

    As Pygments' `ExtendedRegexLexer.get_tokens_unprocessed`, which tries all rules of a state for each token,
    and reads the place from an object for each of them: this takes a fraction of the time.

    Args:
        lexer: a `RegexLexer`.
        text: ends with a newline.
        stack: the names of its states, the innermost last.
    """
    rules, context = _rules(lexer), LexerContext(text, 0, stack=list(stack))
    found: list[tuple[Any, str]] = []
    at = 0
    while True:
        match = action = change = None
        for matches, action, change in rules[context.stack[-1], text[at : at + 1]]:  # noqa: B007 -- of the rule that matches
            if match := matches(text, at):
                break
        if match is None:
            if at >= len(text):
                return found, context.stack
            if text[at] == "\n":
                context.stack = ["root"]
            found.append((Text if text[at] == "\n" else Error, text[at]))
            at += 1
        elif type(action) is _TokenType:
            found.append((action, match.group()))
            at = match.end()
        elif action is not None:
            context.pos = at
            found += [(token, piece) for _, token, piece in action(lexer, match, context)]
            at = context.pos
        if match is not None and change is not None:
            _change(context.stack, change)


@lru_cache(maxsize=32)
def _rules(lexer: Any) -> RulesByCharacter:
    return RulesByCharacter(lexer._tokens)


@lru_cache(maxsize=64)
def _remembered(
    lexer: Any, line: str, stack: tuple[str, ...]
) -> tuple[list[tuple[Any, str]], tuple[str, ...]]:
    """The tokens of a line, and the stack it leaves. The open line is read in each frame, and at its end."""
    found, left = lexed(lexer, f"{line}\n", stack)
    return _without_newline(found), tuple(left)


def _change(stack: list[str], change: Any) -> None:
    """Go to other states: a negative number leaves so many, `#push` enters the innermost once more."""
    if isinstance(change, int):
        del stack[max(1, len(stack) + change) :]
        return
    for state in (change,) if isinstance(change, str) else change:
        if state == "#pop":
            del stack[max(1, len(stack) - 1) :]
        else:
            stack.append(stack[-1] if state == "#push" else state)


def _without_newline(tokens: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    while tokens and not tokens[-1][1]:
        tokens.pop()
    if tokens and tokens[-1][1].endswith("\n"):
        tokens[-1] = (tokens[-1][0], tokens[-1][1][:-1])
    return tokens


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1024)
def _style(theme: str, token: Any) -> Style:
    return syntax_theme(theme).get_style_for_token(token)
