"""The colours of code: lines are read as Pygments reads them, from the state that the line before left."""

from __future__ import annotations

import pytest
from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer
from pygments.lexers import get_lexer_by_name

from stream_core.terminal.markdown.code import lexed

LINES = (
    "def f(x: int) -> str:  # ñ",
    '    return f"{x!r:>3} \\n" + """ abre',
    'y cierra""" <a href="q">&amp;</a> $ ?',
    "/* abre `ls ${HOME}` cat <<EOF",
    "*/ const f = async (x) => `${x}`;",
    "EOF",
    "SELECT * FROM t WHERE a = 'x' -- nota",
    "",
    "fn main() -> Result<(), Box<dyn E>> { let x = &mut y; }",
)


@pytest.mark.parametrize(
    "language",
    ["python", "bash", "javascript", "html", "sql", "rust", "c", "markdown", "ruby", "perl"],
)
def test_lines_are_read_as_pygments_reads_them(language: str) -> None:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    assert isinstance(lexer, RegexLexer)
    stack = ["root"]
    for line in LINES * 5:  # the rules of a state are sorted out once they have been asked for often
        context = LexerContext(f"{line}\n", 0, stack=list(stack))
        expected = [
            (token, text)
            for _, token, text in ExtendedRegexLexer.get_tokens_unprocessed(lexer, context=context)
        ]
        assert lexed(lexer, f"{line}\n", stack) == (expected, context.stack)
        stack = context.stack
