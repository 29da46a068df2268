"""Dark or light: what a terminal answers, what `COLORFGBG` tells, and what is assumed without either."""

from __future__ import annotations

import pytest

from stream_core.config.options.appearance import Look
from stream_core.terminal.device.background import background_in, background_of, is_answered, may_be_asked
from stream_core.terminal.screen import Screen


@pytest.mark.parametrize(
    ("report", "found"),
    [
        ("\x1b]11;rgb:0000/0000/0000", "oscuro"),
        ("\x1b]11;rgb:ffff/ffff/ffff", "claro"),
        ("\x1b]11;rgb:fdfd/f6f6/e3e3", "claro"),
        ("\x1b]11;rgb:2e2e/3434/4040", "oscuro"),
        ("\x1b]11;rgb:ff/ff/ff", "claro"),
        ("\x1b]11;rgb:f/f/f", "claro"),
        ("\x1b]11;rgba:1e1e/1e1e/2e2e/ffff", "oscuro"),
        ("\x1b]11;RGB:FFFF/FFFF/FFFF", "claro"),
        ("\x1b]11;#ffffff", "claro"),
        ("\x1b]11;#0c0c0c", "oscuro"),
        ("\x1b]11;#fffffffff", "claro"),
        ("\x1b]10;rgb:ffff/ffff/ffff", None),  # the colour of the text
        ("\x1b]11;?", None),
        ("\x1b]11;rgb:no/sé/cuál", None),
        ("\x1b[?62;22c", None),
        ("", None),
    ],
)
def test_what_an_answer_says(report: str, found: str | None) -> None:
    assert background_in(report) == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("15;0", "oscuro"),
        ("0;15", "claro"),
        ("0;default;15", "claro"),
        ("12;7", "claro"),
        ("7;8", "oscuro"),
        ("0;6", "oscuro"),
        ("default;default", "oscuro"),
        ("", "oscuro"),
        ("15;999", "oscuro"),
        ("ñ", "oscuro"),
    ],
)
def test_what_the_variable_says(told: str, found: str) -> None:
    assert background_of({"COLORFGBG": told}) == found


def test_without_either_it_is_dark() -> None:
    assert background_of({}) == "oscuro"


@pytest.mark.parametrize("term", ["dumb", "linux", "", "unknown"])
def test_what_would_show_the_question_is_not_asked(term: str) -> None:
    assert not may_be_asked({"TERM": term})
    assert may_be_asked({"TERM": "xterm-256color"}) and may_be_asked({"TERM": "tmux-256color"})


def test_the_last_answer_ends_the_waiting() -> None:
    assert is_answered(b"hola\x1b]11;rgb:0/0/0\x07\x1b[?1;2c")
    assert not is_answered(b"hola\x1b]11;rgb:0/0/0\x07\x1b[?1;2")
    assert not is_answered(b"\x1b[>0;276;0c")  # another question's


def test_auto_follows_the_background_and_a_theme_that_was_chosen_does_not() -> None:
    screen = Screen(look=Look(), background="claro")
    assert screen.shown.theme == "claro" and screen.look.theme == "auto"
    screen.background_is("oscuro")
    assert screen.shown.theme == "oscuro"
    screen.use(Look("contraste"))
    screen.background_is("claro")
    assert screen.shown.theme == "contraste"
    screen.use(Look("auto"))
    assert screen.shown.theme == "claro"
