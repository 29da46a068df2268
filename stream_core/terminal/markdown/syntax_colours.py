"""The colours of code in fences: one entry for each of our themes that has any."""

from __future__ import annotations

from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax, SyntaxTheme


def _theme(
    *, keyword: str, string: str, number: str, comment: str, function: str, kind: str
) -> dict[_TokenType, str]:
    return {
        Comment: f"italic {comment}",
        Keyword: keyword,
        Operator.Word: keyword,
        String: string,
        Number: number,
        Name.Function: function,
        Name.Decorator: function,
        Name.Tag: function,
        Name.Class: f"bold {kind}",
        Name.Namespace: kind,
        Name.Builtin: kind,
        Name.Exception: kind,
        Name.Attribute: kind,
        Generic.Heading: f"bold {function}",
        Generic.Subheading: f"bold {function}",
        Generic.Inserted: string,
        Generic.Deleted: number,
        Generic.Emph: "italic",
        Generic.Strong: "bold",
    }


SYNTAX: dict[str, dict[_TokenType, str]] = {
    "oscuro": _theme(
        keyword="#d7afff",
        string="#87d787",
        number="#ffd787",
        comment="#a8a8a8",
        function="#87d7ff",
        kind="#5fd7d7",
    ),
    "claro": _theme(
        keyword="#870087",
        string="#005f00",
        number="#875f00",
        comment="#5f5f5f",
        function="#005faf",
        kind="#005f5f",
    ),
}
"""Styles of kinds of token (Pygments), by the names that themes have for them."""

_THEMES = {
    name: ANSISyntaxTheme({tuple(token): Style.parse(style) for token, style in styles.items()})
    for name, styles in SYNTAX.items()
}


def theme(name: str) -> SyntaxTheme:
    """Return the colours of that name: ours, or Rich's."""
    return _THEMES.get(name) or Syntax.get_theme(name)
