"""Styles of a theme in the words of the line editor. Pure."""

from __future__ import annotations

from functools import cache

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style

from stream_core.config.options.themes import Theme
from stream_core.config.options.values import ANSI_COLOURS

from .menu import at_words

_ANSWER = len("siempre") + 1  # columns

# What a style says, in the words of the line editor. Its names of the two whites are its own.
_WORDS = {
    **{word: word for word in ("bold", "italic", "underline", "reverse", "blink")},
    **{colour: f"ansi{colour.replace('_', '')}" for colour in ANSI_COLOURS},
    "white": "ansigray",
    "bright_white": "ansiwhite",
}


def style_of(words: str) -> str:
    """Convert a style of a theme to the line editor's words; what it cannot express is left out."""
    known = (_WORDS.get(word, word if word.startswith("#") else "") for word in words.split())
    return " ".join(filter(None, known))


@cache
def menu_style(colours: Theme) -> Style:
    """The menu of completions in the colours of a theme."""
    mark, quiet = style_of(colours.border), style_of(colours.quiet)
    return Style.from_dict(
        {
            "completion-menu": "bg:default fg:default",
            "completion-menu.completion": "bg:default fg:default",
            "completion-menu.completion.current": f"bg:default fg:default noreverse {mark} reverse",
            "completion-menu.meta.completion": f"bg:default fg:default {quiet}",
            "completion-menu.meta.completion.current": f"bg:default fg:default {mark}",
            "scrollbar.background": "bg:default",
            "scrollbar.button": f"bg:default {mark} reverse",
        }
    )


def asking(question: str, mark: str, columns: int, colours: Theme) -> StyleAndTextTuples:
    """A question in words of the editor; one with a mark is the most visible thing on the screen."""
    text = at_words(f"{mark} {question}" if mark else question, columns - _ANSWER)
    if not mark:
        return [("", text)]
    end = len(mark)
    return [("reverse", text[:end]), ("", text[end : end + 1]), (style_of(colours.ask), text[end + 1 :])]
